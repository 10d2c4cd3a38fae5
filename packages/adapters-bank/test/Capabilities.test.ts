// What each channel can do, as the table of the README has it.
import { CivilTime, Csmzxy, Id, Profiles, RechargeChannel } from "@yikatong/core"
import { MemoryPorts } from "@yikatong/core/testing"
import { Effect, Layer } from "effect"
import { FetchHttpClient } from "effect/http"
import { readFileSync } from "node:fs"
import { beforeAll, describe, expect, it } from "vitest"
import * as Alipay from "../src/alipay/Alipay.ts"
import * as CcbApp from "../src/ccb/CcbApp.ts"
import * as DepositFile from "../src/ccb/DepositFile.ts"
import * as DepositLayout from "../src/ccb/DepositLayout.ts"
import * as Loongpay from "../src/ccb/Loongpay.ts"
import * as AlipayWire from "../src/sandbox/AlipayWire.ts"
import * as CcbWire from "../src/sandbox/CcbWire.ts"
import * as Sandbox from "../src/sandbox/Sandbox.ts"
import * as UnionPayWire from "../src/sandbox/UnionPayWire.ts"
import * as WeChatWire from "../src/sandbox/WeChatWire.ts"
import * as TransferChannel from "../src/TransferChannel.ts"
import * as UnionPay from "../src/unionpay/UnionPay.ts"
import * as WeChatPay from "../src/wechat/WeChatPay.ts"

/** The channels by the first words of their rows. */
const made = Effect.gen(function*() {
  const box = yield* Sandbox.start({ now: CivilTime.instant("2026-03-02 12:00"), payers: {} })
  const { alipay = {}, ccb = {}, unionpay = {}, wechat = {} } = box.terms()
  const common = { name: "one", notifyUrl: "http://127.0.0.1:1/recharge/one" }
  const title = "校园卡充值"
  const weChat = (scene: "order" | "payCode") =>
    WeChatPay.make(WeChatWire.settingsOf(wechat, { ...common, scene, description: title }))
  const app = { name: "app", bank: Id.CallerId.make("ccb"), link: DepositLayout.proposal }
  const nothing = { ready: () => Effect.undefined, debit: () => Effect.never, takeBack: () => Effect.never }
  const terminal = {
    name: "transfer",
    caller: Id.CallerId.make("transfer"),
    terminal: "S01",
    contractOf: () => Effect.undefined
  }
  return {
    "`WeChatPay`, scene `order`": yield* weChat("order"),
    "`WeChatPay`, scene `payCode`": yield* weChat("payCode"),
    "`UnionPay`": yield* UnionPay.make(UnionPayWire.settingsOf(unionpay, common)),
    "`Alipay`": yield* Alipay.make(AlipayWire.settingsOf(alipay, { ...common, title })),
    "`Loongpay` 龙支付": yield* Loongpay.make(CcbWire.settingsOf(ccb, { name: "ccb", title })),
    "`CcbApp`": yield* CcbApp.make(app),
    "`CcbApp` with its list": yield* CcbApp.make({
      ...app,
      list: { layout: DepositFile.proposal, of: () => Effect.undefined }
    }),
    "`TransferChannel`": yield* TransferChannel.make(terminal, nothing)
  } satisfies Record<string, RechargeChannel.RechargeChannel>
}).pipe(
  Effect.scoped,
  Effect.provide([
    FetchHttpClient.layer,
    Layer.provideMerge(MemoryPorts.layer, Profiles.Profiles.layer([Csmzxy.csmzxy]))
  ])
)

type Name = Effect.Success<typeof made> extends infer All ? keyof All : never
let channels: Record<Name, RechargeChannel.RechargeChannel>
beforeAll(async () => void (channels = await Effect.runPromise(made)))

const table: ReadonlyArray<
  readonly [Name, close: boolean, refund: boolean, callback: boolean, bill: boolean]
> = [
  ["`WeChatPay`, scene `order`", true, true, true, true],
  ["`WeChatPay`, scene `payCode`", true, true, true, true],
  ["`UnionPay`", false, true, true, true],
  ["`Alipay`", true, true, true, true],
  ["`Loongpay` 龙支付", false, false, true, false],
  ["`CcbApp`", false, true, true, false],
  ["`CcbApp` with its list", false, true, true, true],
  ["`TransferChannel`", false, false, false, false]
]

describe("what a channel can do", () => {
  it.each(table)("%s: closes %s, sends back %s, is told %s, has a bill %s", (name, close, refund, callback, bill) => {
    expect(RechargeChannel.capabilities(channels[name])).toEqual({ close, refund, callback, bill })
  })

  /** Whether a cell says that it can; what it says beside that is for people. */
  const says = (cell: string | undefined): boolean => cell !== undefined && !/^no(?:$|[:,; ])/.test(cell.trim())
  it.each(["README.md"])("stands so in the table of %s", (file) => {
    const rows = readFileSync(new URL(`../${file}`, import.meta.url), "utf8").split("\n")
      .filter((line) => line.startsWith("| `")).map((line) => line.split("|").slice(1, -1))
    const listed = rows.filter((cells) => cells.length === 7)
    const read = table.filter(([name]) => name !== "`CcbApp`").map(([name, ...can]) => {
      const first = name.replace(" with its list", "")
      const row = listed.find(([cell]) => cell?.trim().startsWith(first))
      const [, , , close, refund, callback, bill] = row ?? []
      return [name, [close, refund, callback, bill].map(says), can] as const
    })
    expect(listed).toHaveLength(7)
    expect(read.map(([name, said]) => [name, said])).toEqual(read.map(([name, , can]) => [name, can]))
  })
})
