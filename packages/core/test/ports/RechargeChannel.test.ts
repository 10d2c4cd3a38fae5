import { Effect, Redacted } from "effect"
import { describe, expect, it } from "vitest"
import * as CivilTime from "../../src/CivilTime.ts"
import { OrderId, OrderNumber } from "../../src/Id.ts"
import * as Money from "../../src/Money.ts"
import type { Attempt, Instruction } from "../../src/PaymentAttempt.ts"
import {
  capabilities,
  make,
  patience,
  patienceOf,
  patienceWith,
  RechargeChannels,
  serving
} from "../../src/ports/RechargeChannel.ts"
import type { RechargeChannel } from "../../src/ports/RechargeChannel.ts"
import type { FundingSource } from "../../src/Recharge.ts"

const at = CivilTime.instant("2026-03-02 12:00")
const opened = {
  number: OrderNumber.make("2026030200000000000000000001"),
  order: OrderId.make("app:1"),
  index: 1,
  channel: "both",
  source: "weChat",
  amount: Money.amount(5_000),
  openedAt: at,
  expiresAt: CivilTime.later(at, 60_000)
} as const

const adapter = () => ({
  create: () => Effect.succeed({ _tag: "Nothing" } as const),
  query: () => Effect.succeed({ _tag: "Waiting" } as const)
})
const named = (name: string, serves?: RechargeChannel["serves"]) =>
  make(name, () => ({ ...adapter(), ...(serves === undefined ? {} : { serves }) }))

const app = named("todayCampus")
const weChat = named("weChatPay", [{ channel: "todayCampus", source: "weChat" }])

describe("recharge channels", () => {
  it.each<[string, ReadonlyArray<RechargeChannel>, string, FundingSource, string | undefined]>([
    ["by its name", [app], "todayCampus", "unionPayCard", "todayCampus"],
    ["the one that says so before the one of that name", [app, weChat], "todayCampus", "weChat", "weChatPay"],
    ["its name for all other money", [app, weChat], "todayCampus", "unionPayCard", "todayCampus"],
    ["no money but what it serves", [weChat], "todayCampus", "unionPayCard", undefined],
    ["nor by its name, where it says what it serves", [weChat], "weChatPay", "weChat", undefined],
    ["nobody", [], "todayCampus", "weChat", undefined]
  ])("serving: %s", (_, channels, channel, source, name) => {
    expect(serving(channels, { channel, source })?.name).toBe(name)
  })

  it("two of one name, or for the same money, are refused", () => {
    expect(() => RechargeChannels.layer([app, named("todayCampus")])).toThrow(RangeError)
    const other = named("other", [{ channel: "todayCampus", source: "weChat" }])
    expect(() => RechargeChannels.layer([weChat, other])).toThrow("Two recharge channels for todayCampus weChat")
    expect(() => RechargeChannels.layer([app, weChat])).not.toThrow()
  })

  it("what it can do is what it has", () => {
    const payers = ["Scan", "PayCode", "InApp", "Browser"]
    const none = { bill: false, callback: false, close: false, payers, queryRefund: false, refund: false }
    expect(capabilities(app)).toEqual(none)
    expect(capabilities({ ...app, close: () => Effect.void })).toEqual({ ...none, close: true })
    expect(capabilities({ ...app, payers: ["PayCode"] })).toEqual({ ...none, payers: ["PayCode"] })
    expect(capabilities({ ...app, queryRefund: () => Effect.succeed({ _tag: "Done" }) }))
      .toEqual({ ...none, queryRefund: true })
  })

  it("has the patience that is advised, or its own", () => {
    expect(app.patience).toBe(patience)
    const own = { asks: [1], grace: 2, refunds: [3], life: 4 }
    expect(make("slow", () => ({ ...adapter(), patience: own })).patience).toBe(own)
  })

  it("has another with shown codes, where it says so", () => {
    const quick = { asks: [1], grace: 0, refunds: [3], life: 60_000 }
    const both = make("both", () => ({ ...adapter(), codePatience: quick }))
    const shown = { _tag: "PayCode", code: Redacted.make("134567890123456789") } as const
    expect(patienceWith(both, shown)).toBe(quick)
    expect(patienceWith(both, { _tag: "Scan" })).toBe(patience)
    expect(patienceWith(app, shown)).toBe(patience)
    const waiting = (instruction: Instruction): Attempt => ({
      _tag: "Waiting",
      ...opened,
      instruction
    })
    expect(patienceOf(both, waiting({ _tag: "Nothing" }))).toBe(quick)
    expect(patienceOf(both, waiting({ _tag: "QrCode", text: "weixin://" }))).toBe(patience)
    // Nobody knows how its payer stood: its end, which is near, is written down.
    expect(patienceOf(both, { _tag: "Opened", ...opened })).toBe(patience)
    expect(patienceOf(app, waiting({ _tag: "Nothing" }))).toBe(patience)
  })
})
