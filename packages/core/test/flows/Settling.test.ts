import { Effect, Stream } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { addDays, type Day, day, dayLength, dayOf, formatDay, instant, later, startOf } from "../../src/CivilTime.ts"
import { StoreUnavailable } from "../../src/Fault.ts"
import * as Settling from "../../src/flows/Settling.ts"
import { MerchantId } from "../../src/Id.ts"
import * as Ledger from "../../src/Ledger.ts"
import * as Money from "../../src/Money.ts"
import { AccountStore } from "../../src/ports/AccountStore.ts"
import { Profiles } from "../../src/ports/Profiles.ts"
import { SubjectStore } from "../../src/ports/SubjectStore.ts"
import * as Settlement from "../../src/Settlement.ts"
import * as Takings from "../../src/Takings.ts"
import { csmzxy, Life, school } from "../support/Life.ts"
import { lived, wholeStories } from "../support/lives.ts"
import { School } from "./school.ts"

const profile = school({ merchantFee: { "canteen-1": 50, "canteen-2": 38 } })
const canteen = MerchantId.make("canteen-1")

class Bookkeeper extends School {
  constructor() {
    super(profile)
  }
  closes(which: string | Day): Promise<Settling.Closing> {
    return this.run(Settling.close(typeof which === "string" ? day(which) : which))
  }
}

const paid = (closing: Settling.Closing): Record<string, number> =>
  closing._tag === "Refused"
    ? {}
    : Object.fromEntries(closing.settlements.map(({ merchant, paid }) => [merchant, paid]))

const settlementOf = (closing: Settling.Closing, merchant: string): Settlement.DayClosed => {
  const found = closing._tag === "Closed" ? closing.settlements.find((one) => one.merchant === merchant) : undefined
  if (found === undefined) throw new Error(JSON.stringify(closing))
  return found
}

/** Monday: 20.00 at canteen 1 and 10.00 at the shop; 5.00 cut off at canteen 2, which arrives on Tuesday. */
const week = () =>
  Life.of(profile, { chip: "200.00" }).at("2025-11-03 12:00").pay("card", "20.00").expectApproved()
    .later(3_600_000).pay("card", "10.00", { point: "shop-1" }).expectApproved()
    .later(3_600_000).cutOff("late", "5.00").at("2025-11-04 09:00").arrives("late").expectApproved()

describe("the close of a day (R76, D21, I16)", () => {
  it("I16 one settlement for each merchant; a late record is settled on the day on which it arrived", async () => {
    const here = await new Bookkeeper().lives(week())
    const monday = await here.closes("2025-11-03")
    expect(monday).toMatchObject({ _tag: "Closed", breaks: [] })
    expect(paid(monday)).toEqual({ "canteen-1": 1_990, "canteen-2": 0, "shop-1": 1_000 })
    const tuesday = await here.closes("2025-11-04")
    expect(paid(tuesday)).toEqual({ "canteen-1": 0, "canteen-2": 498, "shop-1": 0 })
    expect(settlementOf(tuesday, "canteen-2").rows).toEqual([{
      point: "canteen-2",
      businessDay: day("2025-11-03"),
      purchases: { count: 1, amount: 500 },
      returns: { count: 0, amount: 0 }
    }])
    expect(Object.fromEntries(await here.books())).toMatchObject({
      "merchant:canteen-1": 0,
      "merchant:canteen-2": 0,
      "merchant:shop-1": 0,
      "fees:merchants": 12,
      "channel:settlement": 3_488
    })
    expect(Ledger.total(await here.books())).toBe(0)
  })

  it("R76 closed again, it gives the same settlements and posts nothing more", async () => {
    const here = await new Bookkeeper().lives(week())
    const first = await here.closes("2025-11-03")
    const books = await here.books()
    here.now = later(here.now, dayLength)
    expect(await here.closes("2025-11-03")).toEqual(first)
    await here.closes("2025-11-04")
    expect(await here.closes("2025-11-03")).toEqual(first)
    expect((await here.books()).get("merchant:canteen-1")).toBe(books.get("merchant:canteen-1"))
  })

  it("R76 refused as a whole: a day that is not over, a day before it open, a day before the first", async () => {
    const here = await new Bookkeeper().lives(week())
    here.now = instant("2025-11-03 23:59")
    expect(await here.closes("2025-11-03")).toEqual({
      _tag: "Refused",
      decline: { _tag: "DayNotOver", day: day("2025-11-03") }
    })
    here.now = instant("2025-11-06 00:30")
    await here.closes("2025-11-03")
    expect(await here.closes("2025-11-05")).toEqual({
      _tag: "Refused",
      decline: { _tag: "DayBeforeOpen", day: day("2025-11-04") }
    })
    expect(await here.closes("2025-11-01")).toMatchObject({
      _tag: "Refused",
      decline: { _tag: "DayAlreadyClosed", closedAt: here.now }
    })
  })

  it("D21 cut off after any merchant, it is done again and ends as if it had not been", async () => {
    const whole = await new Bookkeeper().lives(week())
    const expected = await whole.closes("2025-11-03")
    for (const when of ["before", "after"] as const) {
      for (let at = 1; at <= 3; at++) {
        const here = await new Bookkeeper().lives(week())
        const { subjects } = here
        let calls = 0
        const cut = new StoreUnavailable({ operation: "close", cause: new Error("cut") })
        here.subjects = {
          ...subjects,
          transact: (decider, submitted) =>
            Effect.suspend(() => {
              const answer = subjects.transact(decider, submitted)
              if (++calls !== at) return answer
              return when === "before" ? Effect.fail(cut) : Effect.flatMap(answer, () => Effect.fail(cut))
            })
        }
        await expect(here.closes("2025-11-03")).rejects.toThrow("can not be reached")
        expect(await here.closes("2025-11-03")).toEqual(expected)
        expect(await here.books()).toEqual(await whole.books())
      }
    }
  })

  it("R76 what slipped into a closed day is settled with the next, and the closed day stays", async () => {
    const life = Life.of(profile, { chip: "50.00" }).at("2025-11-03 12:00").pay("card", "20.00").expectApproved()
    const envelopes = [...life.envelopes]
    life.at("2025-11-03 23:59").pay("card", "7.00").expectApproved()
    const here = await new Bookkeeper().lives({ envelopes })
    const first = await here.closes("2025-11-03")
    await here.lives({ envelopes: life.envelopes.slice(envelopes.length) })
    expect(await here.closes("2025-11-03")).toEqual(first)
    const next = settlementOf(await here.closes("2025-11-04"), "canteen-1")
    expect(next).toMatchObject({ rows: [], earlier: { purchases: 700, returns: 0 }, fee: 3, paid: 697 })
  })

  it("D21 two who close at once, of whom one has read less of the journal: the first settlement stands for both", async () => {
    const here = await new Bookkeeper().lives(week())
    const { subjects } = here
    let first = true
    here.subjects = {
      ...subjects,
      transact: (decider, submitted) => {
        if (!first || decider.kind !== Settlement.kind) return subjects.transact(decider, submitted)
        first = false
        const less: Settlement.Command = { _tag: "CloseDay", day: day("2025-11-03"), rows: [], before: Takings.none }
        const other = subjects.transact(Settlement.decider, { ...submitted, body: less })
        return Effect.andThen(other, subjects.transact(decider, submitted))
      }
    }
    const monday = await here.closes("2025-11-03")
    expect(monday).toMatchObject({ breaks: [] })
    expect(settlementOf(monday, "canteen-1")).toMatchObject({ rows: [], paid: 0 })
    // Nothing is lost: what the first one had not read is settled with the next day.
    expect(settlementOf(await here.closes("2025-11-04"), "canteen-1")).toMatchObject({
      earlier: { purchases: 2_000, returns: 0 },
      paid: 1_990
    })
  })

  it("R76 a merchant that opens later begins with the latest day, and the days before stay as they were", async () => {
    const here = await new Bookkeeper().lives(week())
    const first = await here.closes("2025-11-03")
    await here.closes("2025-11-04")
    const other = {
      ...profile,
      points: { ...profile.points, "shop-2": { ...profile.points["shop-1"], merchant: MerchantId.make("shop-2") } }
    }
    const close = (which: string) =>
      here.run(Effect.provideService(Settling.close(day(which)), Profiles, [other as typeof profile]))
    expect(await close("2025-11-03")).toEqual(first)
    expect(Object.keys(paid(await close("2025-11-05")))).toEqual(["canteen-1", "canteen-2", "shop-1", "shop-2"])
  })

  it("the settlements of a merchant are told in their order", async () => {
    const here = await new Bookkeeper().lives(week())
    for (const which of ["2025-11-03", "2025-11-04", "2025-11-05"]) await here.closes(which)
    const told = await here.run(Stream.runCollect(Settling.settlements(canteen)))
    expect(told.map((one) => formatDay(one.day))).toEqual(["2025-11-03", "2025-11-04", "2025-11-05"])
  })
})

describe("the close checks itself (I1, I16)", () => {
  it("I16 no break; and each kind of break is seen", async () => {
    const here = await new Bookkeeper().lives(week())
    await here.closes("2025-11-03")
    expect(await here.run(Settling.check())).toEqual([])
    const { accounts, subjects } = here
    const seen = (other: { accounts?: Partial<typeof accounts>; subjects?: Partial<typeof subjects> }) =>
      here.run(
        Settling.check().pipe(
          Effect.provideService(AccountStore, { ...accounts, ...other.accounts }),
          Effect.provideService(SubjectStore, { ...subjects, ...other.subjects })
        )
      )
    expect(await seen({ accounts: { journal: () => Stream.empty } })).toMatchObject([
      { _tag: "RecordsMissing", merchant: "canteen-1", settled: { purchases: 2_000 } },
      { _tag: "RecordsMissing", merchant: "shop-1" }
    ])
    const balances = Effect.map(subjects.balances, (all) => new Map([...all, ["merchant:canteen-1", -1_999]]))
    expect(await seen({ subjects: { balances } })).toEqual([
      { _tag: "BookDiffers", book: "merchant:canteen-1", byPostings: -1_999, bySettlements: -2_000 }
    ])
    const more: typeof subjects.all = (decider) =>
      Stream.map(
        subjects.all(decider),
        (one) => one.subject === "shop-1" ? { ...one, state: { ...one.state, paid: Money.of(1_001) } } : one
      )
    expect(await seen({ subjects: { all: more } })).toEqual([
      { _tag: "PaidOtherwise", merchant: "shop-1", settled: 1_000, paid: 1_001 },
      { _tag: "BookDiffers", book: "merchant:shop-1", byPostings: -1_000, bySettlements: -1_001 },
      { _tag: "BookDiffers", book: "channel:settlement", byPostings: 2_990, bySettlements: 2_991 }
    ])
  })

  it("I12 I16 a merchant whose records are missing is told and left open, and stops no other; once they are back it follows", async () => {
    const here = await new Bookkeeper().lives(week())
    await here.closes("2025-11-03")
    const { accounts } = here
    // The journal comes from a copy that was made before the lunch at canteen 1.
    const journal: typeof accounts.journal = (which) =>
      Stream.filter(
        accounts.journal(which),
        ({ events }) => !events.some((event) => event._tag === "Purchased" && event.merchant === canteen)
      )
    here.now = instant("2025-11-06 00:30")
    const short = (which: string) =>
      here.run(Effect.provideService(Settling.close(day(which)), AccountStore, { ...accounts, journal }))
    const tuesday = await short("2025-11-04")
    expect(paid(tuesday)).toEqual({ "canteen-2": 498, "shop-1": 0 })
    expect(tuesday).toMatchObject({ breaks: [{ _tag: "RecordsMissing", merchant: "canteen-1" }] })
    const wednesday = await short("2025-11-05")
    expect(paid(wednesday)).toEqual({ "canteen-2": 0, "shop-1": 0 })
    expect(wednesday).toMatchObject({ breaks: [{ _tag: "RecordsMissing", merchant: "canteen-1" }] })
    // With its records it is no exception any more: its own days come first.
    expect(await here.closes("2025-11-05")).toMatchObject({ _tag: "Refused", decline: { _tag: "DayBeforeOpen" } })
    for (const which of ["2025-11-04", "2025-11-05"]) {
      const closing = await here.closes(which)
      expect(closing).toMatchObject({ _tag: "Closed", breaks: [] })
      expect(Object.keys(paid(closing))).toEqual(["canteen-1", "canteen-2", "shop-1"])
    }
  })

  it("I16 I1 for any life, closed day by day: what is paid is what was taken less fees, and all books hold nothing", async () => {
    await fc.assert(
      fc.asyncProperty(wholeStories(20), async (story) => {
        const life = lived(csmzxy, story)
        const here = await new Bookkeeper().lives(life)
        const days = life.envelopes.map(({ receivedAt }) => dayOf(receivedAt)).sort((one, other) => one - other)
        const last = days.at(-1) ?? day("2025-11-03")
        here.now = startOf(addDays(last, 1))
        // The last days one by one; the first close settles all that was before.
        for (let which = addDays(last, -5); which <= last; which = addDays(which, 1)) {
          const closing = await here.closes(which)
          expect(closing).toMatchObject({ _tag: "Closed", breaks: [] })
        }
        const books = await here.books()
        expect(Ledger.total(books)).toBe(0)
        for (const { state, subject } of await carried(here)) {
          // Nothing is left with a merchant but what is carried over.
          expect(books.get(`merchant:${subject}`) ?? 0).toBe(state.carried)
        }
      }),
      { numRuns: 40 }
    )
  })
})

const carried = (here: Bookkeeper) =>
  here.run(Effect.flatMap(SubjectStore, (store) => Stream.runCollect(store.all(Settlement.decider))))
