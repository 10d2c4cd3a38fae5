/** A school in memory and the other side of four channels, in one process and without a socket: where a life is lived. */
import { CivilTime, Money, type Recharge, type RechargeChannel } from "@yikatong/core"
import { Effect } from "effect"
import { HttpClientRequest } from "effect/http"
import { randomBytes } from "node:crypto"
import * as Alipay from "../../src/alipay/Alipay.ts"
import * as Loongpay from "../../src/ccb/Loongpay.ts"
import * as Circuit from "../../src/Circuit.ts"
import * as AlipayWire from "../../src/sandbox/AlipayWire.ts"
import * as CcbWire from "../../src/sandbox/CcbWire.ts"
import * as UnionPayWire from "../../src/sandbox/UnionPayWire.ts"
import * as WeChatWire from "../../src/sandbox/WeChatWire.ts"
import type { Wire } from "../../src/sandbox/Wire.ts"
import * as UnionPay from "../../src/unionpay/UnionPay.ts"
import * as WeChatPay from "../../src/wechat/WeChatPay.ts"
import { Campus, profile, serves } from "../support/campus.ts"
import { InProcess } from "../support/inProcess.ts"
import { type Name, sourceOf } from "./Acts.ts"
import { Confidences, secretsOf } from "./Confidences.ts"
import { Ledger } from "./Ledger.ts"

const start = CivilTime.instant("2026-03-02 12:00")
/** Nobody waits: what fails is asked about when it is driven again. */
const policy: Circuit.Policy = { ...Circuit.policy, attempts: 1, failures: 1_000_000 }
const month = 31 * CivilTime.dayLength
const toldAt = (name: Name): string => `https://school.test/${name}`

/** Towns that there were: each has days of its own, since wires remember the bills that they have written. */
let towns = 0
/** Their keys take a moment, and their certificates last for more than a year. */
let wires: ReadonlyArray<Wire> = []

type Terms = Readonly<Record<string, string>>

const channelsOf = ([wechat, unionpay, alipay, ccb]: readonly [Terms, Terms, Terms, Terms], net: InProcess) => {
  const shared = (name: Name) => ({ name, notifyUrl: toldAt(name), serves: serves(sourceOf[name]), policy })
  const { notifyUrl: _, ...ofCcb } = shared("ccb")
  const title = "校园卡充值"
  return Effect.runSync(
    Effect.all([
      WeChatPay.make(WeChatWire.settingsOf(wechat, { ...shared("wechat"), scene: "order", description: title })),
      UnionPay.make(UnionPayWire.settingsOf(unionpay, shared("unionpay"))),
      Alipay.make(AlipayWire.settingsOf(alipay, { ...shared("alipay"), title })),
      Loongpay.make(CcbWire.settingsOf(ccb, { ...ofCcb, title }))
    ]).pipe(Effect.provide(net.layer))
  )
}

export class Town {
  readonly began: CivilTime.Instant
  readonly net: InProcess
  readonly campus: Campus
  readonly ledger: Ledger
  readonly confidences: Confidences

  constructor(latePayment: Recharge.Channel["latePayment"]) {
    this.began = CivilTime.later(start, month * (towns % 12))
    if (towns++ % 12 === 0) {
      wires = [
        WeChatWire.make(this.began),
        UnionPayWire.make((size) => new Uint8Array(randomBytes(size)), this.began),
        AlipayWire.make(),
        CcbWire.make({ noticesTo: toldAt("ccb") })
      ]
    }
    this.net = new InProcess(...wires)
    this.net.house.purses.put("alice", Money.of(400_000))
    const terms = wires.map((wire) => wire.terms(this.net.origin))
    const channels: ReadonlyArray<RechargeChannel.RechargeChannel> = channelsOf(terms as never, this.net)
    this.campus = new Campus(channels, profile(latePayment))
    this.campus.now = this.began
    this.ledger = new Ledger(this.net.house)
    this.confidences = new Confidences([...terms.flatMap(secretsOf), "李华", "43010219990101125X"])
  }

  /** The payer opens what is shown: some banks hear of an order by that alone. */
  opens(url: string) {
    return Effect.ignore(this.net.client.execute(HttpClientRequest.get(url)))
  }
}
