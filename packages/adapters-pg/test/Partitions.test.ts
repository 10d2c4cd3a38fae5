// In which month lines are numbered, whatever the database's clock says: without a clock and without a database.
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Partitions from "../src/Partitions.ts"

/** Months since January of the year 0. */
const of = (year: number, month: number): Partitions.Month => year * 12 + month - 1
/** That of the first number of all, before any page was turned. */
const none = Partitions.monthOf(1)
const march = of(2026, 3)
const namesOf = (...months: ReadonlyArray<Partitions.Month>) => new Set(months.map(Partitions.nameOf))
const running = (today: Partitions.Month): Partitions.Present => ({
  numbered: march,
  today,
  names: namesOf(...Array.from({ length: 7 }, (_, at) => march + at))
})

describe("the month of new lines", () => {
  const cases: ReadonlyArray<readonly [what: string, present: Partitions.Present, due: string]> = [
    ["a new campus begins with its month", { numbered: none, today: march, names: new Set() }, "journal_2026_03"],
    [
      "also where the clock is years behind or ahead",
      { numbered: none, today: of(2050, 1), names: new Set() },
      "journal_2050_01"
    ],
    ["within a month nothing changes", running(march), "journal_2026_03"],
    ["the page is turned with the month", running(of(2026, 4)), "journal_2026_04"],
    ["and with the year", running(of(2027, 1)), "journal_2027_01"],
    ["a campus that slept for a year goes on in the month in which it wakes", running(of(2027, 3)), "journal_2027_03"],
    ["a clock that goes back by an hour or a month turns no page back", running(of(2026, 2)), "journal_2026_03"],
    ["nor one that goes back to the beginning of time", running(of(1970, 1)), "journal_2026_03"],
    ["a clock that leaps two years ahead is believed", running(of(2028, 3)), "journal_2028_03"],
    ["one that leaps further is not", running(of(2028, 4)), "journal_2026_03"]
  ]
  for (const [what, present, due] of cases) {
    it(what, () => expect(Partitions.nameOf(Partitions.due(present))).toBe(due))
  }

  it("is never an earlier one, however the clock jumps, and each line has a partition of its month", () =>
    fc.assert(fc.property(fc.array(fc.integer({ min: -600, max: 600 }), { minLength: 1, maxLength: 30 }), (jumps) => {
      const names = new Set<string>()
      let numbered = none
      let today = march
      for (const jump of jumps) {
        const present = { numbered, today, names }
        const due = Partitions.due(present)
        expect(due).toBeGreaterThanOrEqual(numbered)
        for (const month of Partitions.missing(present)) names.add(Partitions.nameOf(month))
        numbered = due
        expect(names.has(Partitions.nameOf(numbered))).toBe(true)
        expect(Partitions.missing({ numbered, today, names })).toEqual([])
        today = Math.max(0, march + jump)
      }
    })))

  it("the number of a line tells its month, and months do not overlap", () =>
    fc.assert(fc.property(fc.integer({ min: 0, max: 108_000 }), fc.nat(9_999_999_999), (month, line) => {
      expect(Partitions.monthOf(Partitions.baseOf(month) + line)).toBe(month)
      expect(Partitions.monthOf(Partitions.baseOf(month + 1) - 1)).toBe(month)
      expect(Number.isSafeInteger(Partitions.baseOf(month + 1))).toBe(true)
    })))

  it("a number begins with year and month, for people", () => {
    expect(Partitions.baseOf(of(2026, 11)) + 42).toBe(2_026_110_000_000_042)
    expect(Partitions.nameOf(Partitions.monthOf(2_026_110_000_000_042))).toBe("journal_2026_11")
  })

  it("the next months have their partition before they begin", () =>
    expect(Partitions.missing({ numbered: none, today: of(2026, 11), names: new Set() }).map(Partitions.nameOf))
      .toEqual([
        "journal_2026_11",
        "journal_2026_12",
        "journal_2027_01",
        "journal_2027_02",
        "journal_2027_03",
        "journal_2027_04",
        "journal_2027_05"
      ]))
})
