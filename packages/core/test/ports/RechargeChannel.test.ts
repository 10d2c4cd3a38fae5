import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { capabilities, make, patience, RechargeChannels, serving } from "../../src/ports/RechargeChannel.ts"
import type { RechargeChannel } from "../../src/ports/RechargeChannel.ts"
import type { FundingSource } from "../../src/Recharge.ts"

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
    const none = { bill: false, callback: false, close: false, refund: false }
    expect(capabilities(app)).toEqual(none)
    expect(capabilities({ ...app, close: () => Effect.void })).toEqual({ ...none, close: true })
  })

  it("has the patience that is advised, or its own", () => {
    expect(app.patience).toBe(patience)
    const own = { asks: [1], grace: 2, refunds: [3], life: 4 }
    expect(make("slow", () => ({ ...adapter(), patience: own })).patience).toBe(own)
  })
})
