import { Result, Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { addDays, day, type Instant, instant, later, minute, startOf } from "../src/CivilTime.ts"
import { replay } from "../src/Decider.ts"
import { CallerId, CommandId, PointId } from "../src/Id.ts"
import * as Ledger from "../src/Ledger.ts"
import * as Money from "../src/Money.ts"
import { csmzxy } from "../src/presets/Csmzxy.ts"
import * as Settlement from "../src/Settlement.ts"
import * as Takings from "../src/Takings.ts"

const monday = day("2026-03-02")
const yuan = Money.yuan
const turnover = (purchases: string, returns = "0.00"): Takings.Turnover => ({
  purchases: yuan(purchases),
  returns: yuan(returns)
})
const row = (purchases: string, returns = "0.00"): Takings.Row => ({
  point: PointId.make("canteen-1"),
  businessDay: monday,
  purchases: { count: 1, amount: yuan(purchases) },
  returns: { count: 1, amount: yuan(returns) }
})

/** The next morning. */
const morning = (closing: number): Instant => later(startOf(addDays(closing as typeof monday, 1)), 30 * minute)

const setting = (now: Instant, rate: number, subject = "canteen-1") => ({
  profile: { ...csmzxy, merchantFee: { "canteen-1": rate } },
  subject,
  caller: CallerId.make("yikatong:settling"),
  id: CommandId.make("close"),
  now
})

/** A merchant whose days are closed one after the other, each on the next morning, at a rate in parts of ten thousand. */
class Merchant {
  readonly events: Array<Settlement.DayClosed> = []
  #records = turnover("0.00")
  readonly rate: number
  constructor(rate = 0) {
    this.rate = rate
  }
  get book() {
    return replay(Settlement.decider, this.events)
  }
  /** Closes the next day, on which so much was taken; `late`: came in on days that are closed. */
  closes(purchases: string, returns = "0.00", late = turnover("0.00")): Settlement.DayClosed {
    const book = this.book
    const closing = book === undefined ? monday : Settlement.nextDay(book)
    const rows = [row(purchases, returns)]
    const before = Takings.plus(this.#records, late)
    this.#records = Takings.plus(before, Takings.turnover(rows))
    const command = { _tag: "CloseDay", day: closing, rows, before } as const
    const [event] = Result.getOrThrow(Settlement.decider.decide(book, command, setting(morning(closing), this.rate)))
    if (event === undefined) throw new Error("nothing was closed")
    this.events.push(event)
    return event
  }
  /** Why a day can not be closed. */
  refuses(which: string, now: string) {
    const command = { _tag: "CloseDay", day: day(which), rows: [], before: this.#records } as const
    return Result.getOrThrow(
      Result.flip(Settlement.decider.decide(this.book, command, setting(instant(now), this.rate)))
    )
  }
}

describe("what a merchant is paid (R76, I16)", () => {
  it.each(
    [
      ["no fee", 0, "1234.56", "0.00", "0.00", "1234.56"],
      ["half a per cent", 50, "1234.56", "0.00", "6.17", "1228.39"],
      ["what went back pays no fee", 50, "1234.56", "234.56", "5.00", "995.00"],
      ["nothing sold", 50, "0.00", "0.00", "0.00", "0.00"],
      ["all of it", 10_000, "1234.56", "0.00", "1234.56", "0.00"],
      ["a fee below half a fen is none", 38, "1.31", "0.00", "0.00", "1.31"],
      ["0.6 per cent of 2.50 is 1.5 fen: a half in the merchant's favour", 60, "2.50", "0.00", "0.01", "2.49"],
      ["and above the half against", 60, "2.51", "0.00", "0.02", "2.49"]
    ] as const
  )("I16 %s: at %i of ten thousand, %s less %s pays %s fee and %s", (_, rate, purchases, returns, fee, paid) => {
    expect(new Merchant(rate).closes(purchases, returns)).toMatchObject({
      fee: yuan(fee),
      paid: yuan(paid),
      carriedOut: 0
    })
  })

  it("I16 a day on which more went back than came in pays nothing and is carried over, fee and all", () => {
    const merchant = new Merchant(100)
    expect(merchant.closes("10.00", "60.00")).toMatchObject({ fee: 0, paid: 0, carriedIn: 0, carriedOut: -5_000 })
    expect(merchant.closes("30.00")).toMatchObject({ fee: 0, paid: 0, carriedIn: -5_000, carriedOut: -2_000 })
    expect(merchant.closes("120.00")).toMatchObject({ carriedIn: -2_000, fee: 100, paid: 9_900, carriedOut: 0 })
    expect(merchant.closes("10.00")).toMatchObject({ carriedIn: 0, fee: 10, paid: 990 })
  })

  it("I16 what came in before the first day, or slipped in after a close, is settled with the next", () => {
    const merchant = new Merchant()
    expect(merchant.closes("10.00", "0.00", turnover("500.00", "20.00"))).toMatchObject({
      earlier: turnover("500.00", "20.00"),
      paid: yuan("490.00")
    })
    expect(merchant.closes("10.00")).toMatchObject({ earlier: turnover("0.00"), paid: yuan("10.00") })
    expect(merchant.closes("10.00", "0.00", turnover("3.00"))).toMatchObject({
      earlier: turnover("3.00"),
      paid: yuan("13.00")
    })
  })

  it("I1 the money goes from the merchant to the fees and to the clearing; nothing is posted of nothing", () => {
    const book = "merchant:canteen-1"
    expect(Settlement.decider.postings(new Merchant(100).closes("50.00"))).toEqual([
      { from: book, to: "fees:merchants", amount: 50 },
      { from: book, to: "channel:settlement", amount: 4_950 }
    ])
    expect(Settlement.decider.postings(new Merchant().closes("50.00"))).toEqual([
      { from: book, to: "channel:settlement", amount: 5_000 }
    ])
    expect(Settlement.decider.postings(new Merchant(100).closes("0.00", "9.00"))).toEqual([])
  })

  it("a rate under a name that every object has is none", () => {
    const command = { _tag: "CloseDay", day: monday, rows: [row("10.00")], before: turnover("0.00") } as const
    const decided = Settlement.decider.decide(undefined, command, setting(morning(monday), 100, "constructor"))
    expect(Result.getOrThrow(decided)).toMatchObject([{ merchant: "constructor", rate: 0, paid: 1_000 }])
    expect(Settlement.decider.decide(undefined, command, setting(morning(monday), 100, "no merchant"))).toMatchObject({
      failure: { _tag: "UnknownSubject", kind: "settlement" }
    })
  })
})

describe("when a day can be closed (R76)", () => {
  const merchant = new Merchant()
  merchant.closes("10.00")
  merchant.closes("20.00")
  it.each(
    [
      ["on the same day", "2026-03-04", "2026-03-04 23:59:59.999", { _tag: "DayNotOver" }],
      ["when it is closed", "2026-03-03", "2026-03-05 00:30", {
        _tag: "DayAlreadyClosed",
        closedAt: instant("2026-03-04 00:30")
      }],
      ["when it was closed before the last", "2026-03-02", "2026-03-05 00:30", {
        _tag: "DayAlreadyClosed",
        closedAt: instant("2026-03-03 00:30")
      }],
      ["before the first day, which settled it", "2026-02-27", "2026-03-05 00:30", {
        _tag: "DayAlreadyClosed",
        closedAt: instant("2026-03-03 00:30")
      }],
      ["while a day before it is open", "2026-03-05", "2026-03-06 00:30", {
        _tag: "DayBeforeOpen",
        day: day("2026-03-04")
      }]
    ] as const
  )("not %s: %s at %s", (_, which, now, decline) => {
    expect(merchant.refuses(which, now)).toMatchObject(decline)
  })

  it("from the first instant of the next day on", () => {
    expect(Settlement.refuse(undefined, monday, instant("2026-03-02 23:59:59.999"))?._tag).toBe("DayNotOver")
    expect(Settlement.refuse(undefined, monday, instant("2026-03-03 00:00"))).toBeUndefined()
  })

  it.each(["29.99", "0"])(
    "I16 I12 a journal that has %s, less than was settled, is told as such, and nothing is paid",
    (has) => {
      const command = { _tag: "CloseDay", day: day("2026-03-04"), rows: [], before: turnover(has) } as const
      expect(Settlement.decider.decide(merchant.book, command, setting(instant("2026-03-05 00:30"), 0))).toEqual(
        Result.fail({ _tag: "RecordsMissing" })
      )
    }
  )
})

const fen = fc.integer({ min: 0, max: 300_000 }).map((n) => Money.format(Money.of(n)))
const rates = fc.oneof(fc.constantFrom(0, 1, 38, 60, 5_000, 9_999, 10_000), fc.integer({ min: 0, max: 10_000 }))
const days = fc.array(fc.record({ purchases: fen, returns: fen, late: fen }), { minLength: 1, maxLength: 12 })
const isState = Schema.is(Settlement.State)
const isEvent = Schema.is(Settlement.DayClosed)

describe("any days", () => {
  it("I16 what is paid, with fees and what is carried, is all that was taken; I1 the postings move just that", () => {
    fc.assert(fc.property(days, rates, (days, rate) => {
      const merchant = new Merchant(rate)
      let records = 0
      for (const { late, purchases, returns } of days) {
        const event = merchant.closes(purchases, returns, turnover(late))
        records += yuan(purchases) - yuan(returns) + yuan(late)
        expect(isEvent(event)).toBe(true)
        expect(event.carriedOut).toBeLessThanOrEqual(0)
        expect(event.paid === 0 || event.carriedOut === 0).toBe(true)
      }
      const { book, events } = merchant
      expect(isState(book)).toBe(true)
      if (book === undefined) return
      expect(book.paid + book.fees + book.carried).toBe(records)
      const balances = Ledger.fold(events.flatMap(Settlement.decider.postings))
      expect(Ledger.total(balances)).toBe(0)
      expect(balances.get("fees:merchants") ?? 0).toBe(book.fees)
      expect(balances.get("channel:settlement") ?? 0).toBe(book.paid)
      expect(balances.get("merchant:canteen-1") ?? 0).toBe(0 - book.paid - book.fees)
    }))
  })

  it("I16 a fee is the nearest fen, never more than half a fen against the merchant, also of the largest money", () => {
    const takings = fc.oneof(fc.nat({ max: 20_000 }), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }))
    fc.assert(fc.property(takings, rates, (takings, rate) => {
      const fee = BigInt(Settlement.feeOf(Money.of(takings), rate))
      // In parts of ten thousand of a fen: above the exact fee by less than a half, below it by a half at most.
      const off = fee * 10_000n - BigInt(takings) * BigInt(rate)
      expect(off < 5_000n && off >= -5_000n).toBe(true)
    }))
  })
})
