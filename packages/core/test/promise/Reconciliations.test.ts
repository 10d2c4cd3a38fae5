import { Backend, CivilTime, Fault, Money, RechargeChannel } from "@yikatong/core"
import type { Carried } from "@yikatong/core/promise"
import { day } from "@yikatong/core/promise"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { School } from "./school.ts"

const monday = day("2026-03-02")
const number = "shop-77"

/** A channel whose bill has a payment of 50.00 that nobody here knows of, and no bill of any other day. */
const strange = RechargeChannel.make("weChat", () => ({
  serves: [{ channel: "todayCampus", source: "unionPayCard" }],
  create: () => Effect.succeed({ _tag: "Nothing" }),
  query: () => Effect.succeed({ _tag: "NotFound" }),
  bill: (day) => {
    const row = { kind: "payment", day, reference: "t-1", number, amount: Money.amount(5_000), fee: 30 } as const
    return day === CivilTime.day("2026-03-02")
      ? Effect.succeed({ day, rows: [{ row }] })
      : Effect.fail(new Fault.BillNotReady({ channel: "weChat", day }))
  }
}))

const opened = () => School.open({ channels: [Backend.fromChannel(strange)] })

describe("a channel is reconciled in the office (D2, D21)", () => {
  it("D2 without a point nothing is changed; with one, what nobody knows waits for a person, once", async () => {
    const { campus: { office } } = await opened()
    const looked = await office.reconcile("weChat", monday)
    expect(looked).toMatchObject({
      _tag: "Reconciled",
      corrected: [],
      outcome: { findings: [{ difference: { _tag: "UnknownNumber" }, correction: { _tag: "Suspend" } }], suspended: 0 }
    })
    expect(await office.reconcile("weChat", monday)).toEqual(looked)
    expect(await office.suspended()).toEqual([])
    const corrected = await office.reconcile("weChat", monday, { correctAt: "card-centre" })
    expect(corrected).toMatchObject({ corrected: [{ _tag: "Suspended" }], outcome: { findings: [], suspended: 1 } })
    const again = await office.reconcile("weChat", monday, { correctAt: "card-centre" })
    expect(again).toMatchObject({ corrected: [], outcome: { findings: [], suspended: 1 } })
    const [waiting] = await office.suspended()
    expect(waiting).toMatchObject({ _tag: "Open", channel: "weChat", day: monday, difference: { row: { number } } })
    await office.resolveSuspended(waiting?.key ?? "", "clerk-1", "另一商户的款，已退")
    expect(await office.suspended()).toMatchObject([{
      _tag: "Resolved",
      operator: "clerk-1",
      note: "另一商户的款，已退"
    }])
    // As JSON it is carried to the next day.
    expect(JSON.parse(JSON.stringify(corrected))).toStrictEqual(corrected)
  })

  it("a bill that is not there yet is an answer", async () => {
    const { campus: { office } } = await opened()
    const day = monday + 1
    expect(await office.reconcile("weChat", day)).toEqual({ _tag: "BillNotReady", channel: "weChat", day })
  })

  const bad = { _tag: "Awaited", kind: "payment", number: "x", amount: 1, day: monday } satisfies Carried
  it.each([
    ["a channel that is none", "nobody", monday, {}, { _tag: "ChannelMissing" }],
    ["a channel without bills", "todayCampus", monday, {}, { _tag: "MalformedCommand", flaws: [{ path: "channel" }] }],
    ["half a day", "weChat", 1.5, {}, { _tag: "MalformedCommand", flaws: [{ path: "day" }] }],
    ["a point that is none", "weChat", monday, { correctAt: "" }, { _tag: "MalformedCommand" }],
    ["a number that is none", "weChat", monday, { carried: [bad] }, { flaws: [{ path: "carried.0.number" }] }],
    ["a window of minus one", "weChat", monday, { terms: { cutOff: 0, window: -1, refunds: 0 } }, {
      flaws: [{ path: "terms.window" }]
    }]
  ])("%s is refused", async (_, channel, day, options, expected) => {
    const simulated = (await School.open()).campus
    const { campus } = await opened()
    const { office } = channel === "todayCampus" ? simulated : campus
    await expect(office.reconcile(channel, day, options)).rejects.toMatchObject(expected)
  })

  it("what was never suspended is not resolved", async () => {
    const { campus: { office } } = await opened()
    await expect(office.resolveSuspended("nothing", "clerk-1", "?")).rejects.toMatchObject({ _tag: "MalformedCommand" })
  })
})
