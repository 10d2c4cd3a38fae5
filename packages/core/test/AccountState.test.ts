import { Option, Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { AccountEvent } from "../src/AccountEvent.ts"
import { AccountState, evolve, openLoad, replay } from "../src/AccountState.ts"
import { addDays, dayOf, instant, startOf } from "../src/CivilTime.ts"
import * as Id from "../src/Id.ts"
import * as Money from "../src/Money.ts"
import { csmzxy, Life } from "./support/Life.ts"
import { lived, stories } from "./support/lives.ts"

const readEvent = Schema.decodeUnknownOption(AccountEvent, { onExcessProperty: "error" })
const readState = Schema.decodeUnknownOption(AccountState, { onExcessProperty: "error" })
const throughText = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

describe("the account is what its events add up to (I13, D22)", () => {
  it("I13 nothing happened, nobody is there", () => {
    expect(replay([])).toBeUndefined()
  })

  it("I13 an account begins with its opening, and is opened once", () => {
    const [opened, issued] = Life.of(csmzxy).events
    if (opened === undefined || issued === undefined) throw new Error("A life begins with two events")
    expect(() => replay([issued])).toThrow("An account begins with AccountOpened, not with CardIssued")
    expect(() => replay([opened, opened])).toThrow("An account is opened once")
  })

  it("I13 a store may throw the state away at any time and replay, from the journal's text too", () => {
    fc.assert(
      fc.property(stories(30), fc.nat(), (story, at) => {
        const { events, state } = lived(csmzxy, story)
        const cut = at % events.length
        const early = replay(events.slice(0, cut))
        expect(events.slice(cut).reduce(evolve, early as AccountState)).toStrictEqual(state)
        const read = events.map((event) => Option.getOrThrow(readEvent(throughText(event))))
        expect(replay(read)).toStrictEqual(state)
      }),
      { numRuns: 60 }
    )
  })

  it("I13 the state itself survives its text, with nothing beside what the schema says", () => {
    fc.assert(
      fc.property(stories(30), (story) => {
        const { state } = lived(csmzxy, story)
        expect(readState(throughText(state))).toEqual(Option.some(state))
      }),
      { numRuns: 60 }
    )
  })

  it("D24 neither events nor state know more of a person than an opaque id", () => {
    fc.assert(
      fc.property(stories(15), (story) => {
        const { events, state } = lived(csmzxy, story)
        const [, ...later] = events
        expect(JSON.stringify(later)).not.toContain(state.person)
        expect(JSON.stringify({ ...state, person: "" })).not.toMatch(/name|number|phone|document|pin\b/i)
      }),
      { numRuns: 30 }
    )
  })
})

describe("what is remembered, and for how long (D5, D16)", () => {
  it("D5 the purchases of the latest day only", () => {
    const life = Life.of(csmzxy, { chip: "100.00" })
    life.at("2025-11-03 12:00").pay("card", "1.00").at("2025-11-03 17:00").pay("card", "2.00")
    expect(life.state.recent.map(({ amount }) => amount)).toEqual([100, 200])
    life.at("2025-11-04 00:00").pay("card", "3.00")
    expect(life.state.recent.map(({ amount }) => amount)).toEqual([300])
  })

  it("D16 the counters of seven days back, and the last day before them", () => {
    const life = Life.of(csmzxy, { chip: "100.00" })
    for (let date = 1; date <= 9; date++) life.at(`2025-11-0${date} 12:00`).pay("card", "1.00")
    const { before, cells } = life.state.tallies
    expect(cells.map(({ day }) => day)).toEqual(
      [2, 3, 4, 5, 6, 7, 8, 9].map((n) => dayOf(instant(`2025-11-0${n} 12:00`)))
    )
    expect(before).toBe(dayOf(instant("2025-11-01 12:00")))
  })

  it("D16 a purchase of the same meal, place and medium joins its counter", () => {
    const life = Life.of(csmzxy, { chip: "100.00" }).at("2025-11-03 12:00").pay("card", "1.00").pay("card", "2.00")
    life.pay("card", "4.00", { point: "shop-1" })
    expect(life.state.tallies.cells).toMatchObject([
      { window: "lunch", category: "canteen", sum: 300, count: 2 },
      { window: "lunch", category: "shop", sum: 400, count: 1 }
    ])
  })

  it("D11 D16 a record is known as long as a copy of it would still be taken, and the list does not grow for ever", () => {
    const life = Life.of(csmzxy, { chip: "100.00" })
    for (let n = 0; n < 40; n++) {
      life.atInstant(startOf(addDays(dayOf(instant("2025-11-03 00:00")), n))).record({
        amount: "0.01",
        purchaseSequence: n + 1
      })
      const known = life.state.posted.length
      // The recharge of September goes with the second one: what is dropped is counted from the newest before.
      expect(known).toBe(n === 0 ? 2 : Math.min(n + 1, 10))
    }
  })

  it("D11 D16 a clock that was ahead for a while makes no record forgotten", () => {
    const slip = { amount: "0.01", at: "2025-11-03 12:00", purchaseSequence: 900 }
    const life = Life.of(csmzxy, { chip: "100.00" }).at("2025-11-03 12:00").record(slip).expectApproved()
    life.at("2025-11-20 12:00").record({ amount: "0.02", purchaseSequence: 901 }).expectApproved()
    life.at("2025-11-03 12:05").record({ amount: "0.03", purchaseSequence: 902 }).expectApproved()
    life.record(slip).expectDeclined("RecordAlreadyPosted")
  })
})

describe("what an event does to a card (D8)", () => {
  it("D8 only the card of the event changes, and an open load is found by its card", () => {
    const life = Life.of(csmzxy, { chip: "20.00" }).replace("card-2").recharge("ccbApp", "50.00")
    const before = life.card("card-1")
    life.beginLoad().expectApproved()
    expect(life.card("card-1")).toBe(before)
    expect(openLoad(life.state, Id.CardId.make("card-2"))).toMatchObject({ transit: 5_000, outcome: "writing" })
    expect(openLoad(life.state, Id.CardId.make("card-1"))).toBeUndefined()
    expect(openLoad(life.state, Id.CardId.make("card-9"))).toBeUndefined()
    life.settleLoad({ chip: "unread" })
    expect(openLoad(life.state, Id.CardId.make("card-2"))).toMatchObject({ outcome: "unknown" })
    life.settleLoad()
    expect(life.card("card-2")).not.toHaveProperty("load")
  })

  it("D11 a late purchase takes from the frozen money of its own card, the held part last", () => {
    const life = Life.of(csmzxy, { chip: "20.00" }).at("2025-11-03 12:00").recharge("ccbApp", "50.00").tear(
      "notWritten"
    )
    life.later(60_000).reportLost().expectCard("card-1", "Lost", { frozen: "20.00", held: "50.00", borne: "0.00" })
    // Of before the load, so it proves nothing.
    life.chips.set("card-1", { balance: Money.of(2_000), loadSequence: 1, purchaseSequence: 0 })
    const early = { card: "card-1", at: "2025-11-03 11:59", chipBefore: Money.of(2_000) }
    life.record({ ...early, amount: "15.00", purchaseSequence: 2 })
    life.expectCard("card-1", "Lost", { frozen: "5.00", held: "50.00" })
    life.record({ ...early, amount: "15.00", purchaseSequence: 3 })
    life.expectCard("card-1", "Lost", { frozen: "0.00", held: "40.00" }).expectPockets({ frozen: "40.00" })
  })
})
