// What each channel can do, as the table of the README has it.
import { CivilTime, Csmzxy, Id, Money, type PaymentAttempt, Profiles, RechargeChannel } from "@yikatong/core"
import { MemoryPorts } from "@yikatong/core/testing"
import { Effect, Layer, Redacted } from "effect"
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

const order = ["Scan", "PayCode", "InApp", "Browser"]
const inOrder = (one: string, other: string) => order.indexOf(one) - order.indexOf(other)

/** The channels by the first words of their rows. */
const made = Effect.gen(function*() {
  const box = yield* Sandbox.start({ now: CivilTime.instant("2026-03-02 12:00"), payers: {} })
  const { alipay = {}, ccb = {}, unionpay = {}, wechat = {} } = box.terms()
  const common = { name: "one", notifyUrl: "http://127.0.0.1:1/recharge/one" }
  const title = "校园卡充值"
  const weChat = (scene: "order" | "payCode") =>
    WeChatPay.make(WeChatWire.settingsOf(wechat, { ...common, scene, description: title }))
  const loongpay = CcbWire.settingsOf(ccb, { name: "ccb", title })
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
    "`UnionPay` without `termId`": yield* UnionPay.make(
      (({ termId: _, ...others }) => others)(UnionPayWire.settingsOf(unionpay, common))
    ),
    "`Alipay`": yield* Alipay.make(AlipayWire.settingsOf(alipay, { ...common, title })),
    "`Loongpay` 龙支付": yield* Loongpay.make({ ...loongpay, shownCodes: { address: loongpay.bank ?? "" } }),
    "`Loongpay` 龙支付 without `shownCodes`": yield* Loongpay.make(loongpay),
    "`CcbApp`": yield* CcbApp.make(app),
    "`CcbApp` with its list": yield* CcbApp.make({
      ...app,
      list: { layout: DepositFile.proposal, of: () => Effect.undefined }
    }),
    "`TransferChannel`": yield* TransferChannel.make(terminal, nothing),
    "`TransferChannel` with its list": yield* TransferChannel.make(
      { ...terminal, list: () => Effect.undefined },
      nothing
    )
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

type Payer = RechargeChannel.Payer["_tag"]

const table: ReadonlyArray<
  readonly [
    Name,
    payers: ReadonlyArray<Payer>,
    close: boolean,
    refund: boolean,
    queryRefund: boolean,
    callback: boolean,
    bill: boolean
  ]
> = [
  ["`WeChatPay`, scene `order`", ["Scan", "InApp"], true, true, true, true, true],
  ["`WeChatPay`, scene `payCode`", ["PayCode"], true, true, true, true, true],
  ["`UnionPay`", ["Browser", "Scan", "PayCode"], false, true, true, true, true],
  ["`UnionPay` without `termId`", ["Browser", "Scan"], false, true, true, true, true],
  ["`Alipay`", ["Scan", "PayCode"], true, true, true, true, true],
  ["`Loongpay` 龙支付", ["Scan", "Browser", "PayCode"], false, false, false, true, false],
  ["`Loongpay` 龙支付 without `shownCodes`", ["Scan", "Browser"], false, false, false, true, false],
  ["`CcbApp`", [], false, true, false, true, false],
  ["`CcbApp` with its list", [], false, true, false, true, true],
  ["`TransferChannel`", [], false, false, false, false, false],
  ["`TransferChannel` with its list", [], false, false, false, false, true]
]

const payersOf: ReadonlyArray<RechargeChannel.Payer> = [
  { _tag: "Scan" },
  // No wallet begins its codes so: nobody is asked.
  { _tag: "PayCode", code: Redacted.make("000000000000000000") },
  { _tag: "InApp", openId: Redacted.make("o-1") },
  { _tag: "Browser", returnTo: "https://school.example/back" }
]
const others = (payers: ReadonlyArray<Payer>) => payersOf.filter(({ _tag }) => !payers.includes(_tag))

const at = CivilTime.instant("2026-03-02 12:00")
const attempt: PaymentAttempt.Attempt = {
  _tag: "Opened",
  number: Id.OrderNumber.make("2026030200000000000000000001"),
  order: Id.OrderId.make("app:1"),
  index: 1,
  channel: "one",
  source: "weChat",
  amount: Money.amount(5_000),
  openedAt: at,
  expiresAt: CivilTime.later(at, 7_200_000)
}

/** What the README says of a payer, where it may stand so. */
const stands: Readonly<Record<Payer, RegExp>> = {
  Scan: /\bscan\b/,
  PayCode: /show a code/,
  InApp: /JSAPI/,
  Browser: /from a browser/
}

describe("what a channel can do", () => {
  it.each(table)("%s: payers %j, closes %s, sends back %s, asks about it %s, is told %s, has a bill %s", (
    name,
    payers,
    close,
    refund,
    queryRefund,
    callback,
    bill
  ) => {
    expect(RechargeChannel.capabilities(channels[name]))
      .toEqual({ payers, close, refund, queryRefund, callback, bill })
  })

  it.each(table)(
    "%s: refuses a payer who stands otherwise",
    (name, payers) =>
      Effect.runPromise(Effect.forEach(others(payers), (payer) =>
        Effect.gen(function*() {
          const refusal = yield* Effect.flip(channels[name].create(attempt, payer))
          expect(refusal._tag).toBe("ChannelRefused")
        }), { discard: true }))
  )

  /** Whether a cell says that it can; what it says beside that is for people. */
  const says = (cell: string | undefined): boolean => cell !== undefined && !/^no(?:$|[:,; ])/.test(cell.trim())
  it.each(["README.md"])("stands so in the table of %s", (file) => {
    const rows = readFileSync(new URL(`../${file}`, import.meta.url), "utf8").split("\n")
      .filter((line) => line.startsWith("| `")).map((line) => line.split("|").slice(1, -1))
    const listed = rows.filter((cells) => cells.length === 7)
    const whole = table.filter(([name]) =>
      name !== "`CcbApp`" && name !== "`TransferChannel`" && !name.includes("without")
    )
    const read = whole.map(([name, payers, close, refund, queryRefund, callback, bill]) => {
      const first = name.replace(" with its list", "")
      const row = listed.find(([cell]) => cell?.trim().startsWith(first)) ?? []
      const said = Object.entries(stands).flatMap(([payer, words]) => words.test(row[1] ?? "") ? [payer] : [])
      const asks = /ask about it/.test(row[4] ?? "")
      const rest = [row[3], row[4], row[5], row[6]].map(says)
      return [name, [said, asks, ...rest], [
        payers.toSorted(inOrder),
        queryRefund,
        close,
        refund,
        callback,
        bill
      ]] as const
    })
    expect(listed).toHaveLength(7)
    expect(read.map(([name, said]) => [name, said])).toEqual(read.map(([name, , can]) => [name, can]))
  })
})
