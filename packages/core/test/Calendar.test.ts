import { Option, Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Calendar from "../src/Calendar.ts"
import * as CivilTime from "../src/CivilTime.ts"

const { day, formatDay } = CivilTime
const range = (from: string, to: string): ReadonlyArray<CivilTime.Day> =>
  Array.from({ length: day(to) - day(from) + 1 }, (_, i) => CivilTime.addDays(day(from), i))

const none: Calendar.Calendar = { holidays: [], workdays: [] }
/** National Day and Mid-Autumn 2025, as the State Council announced them: a week off, worked in before and after. */
const national: Calendar.Calendar = {
  holidays: range("2025-10-01", "2025-10-08"),
  workdays: [day("2025-09-28"), day("2025-10-11")]
}

const days = fc.integer({ min: day("2025-01-01"), max: day("2026-12-31") }) as fc.Arbitrary<CivilTime.Day>
const instants = fc.integer({
  min: CivilTime.instant("2025-01-01 00:00"),
  max: CivilTime.instant("2026-12-31 23:59")
}) as fc.Arbitrary<CivilTime.Instant>
const calendars = fc.record({
  holidays: fc.array(days, { maxLength: 60 }),
  workdays: fc.array(days, { maxLength: 20 })
}).map(({ holidays, workdays }) => ({ holidays, workdays: workdays.filter((d) => !holidays.includes(d)) }))

describe("A1 working days", () => {
  it.each([
    ["2025-09-26", "a Friday", true],
    ["2025-09-27", "a Saturday", false],
    ["2025-09-28", "a Sunday on which China works", true],
    ["2025-09-30", "a Tuesday", true],
    ["2025-10-01", "a Wednesday, National Day", false],
    ["2025-10-04", "a Saturday in the holidays", false],
    ["2025-10-08", "a Wednesday, the last holiday", false],
    ["2025-10-09", "a Thursday", true],
    ["2025-10-11", "a Saturday on which China works", true],
    ["2025-10-12", "a Sunday", false]
  ])("A1 %s, %s, is worked: %s", (date, _, worked) => {
    expect(Calendar.isWorkingDay(national, day(date))).toBe(worked)
  })

  it.each([
    ["2025-11-28", 0, "2025-11-28"],
    ["2025-11-29", 0, "2025-11-29"],
    ["2025-11-28", 1, "2025-12-01"],
    ["2025-11-28", 3, "2025-12-03"],
    ["2025-11-30", 1, "2025-12-01"],
    ["2025-11-24", 5, "2025-12-01"],
    ["2025-09-26", 1, "2025-09-28"],
    ["2025-09-30", 1, "2025-10-09"],
    ["2025-09-30", 3, "2025-10-11"],
    ["2025-09-30", 4, "2025-10-13"]
  ])("A1 after %s the working day number %i is %s", (from, n, to) => {
    expect(formatDay(Calendar.addWorkingDays(national, day(from), n))).toBe(to)
  })

  it("A1 the n-th working day is worked, and n days were worked up to it", () => {
    fc.assert(fc.property(calendars, days, fc.integer({ min: 1, max: 60 }), (calendar, from, n) => {
      const to = Calendar.addWorkingDays(calendar, from, n)
      const worked = Array.from({ length: to - from }, (_, i) => CivilTime.addDays(from, i + 1))
        .filter((d) => Calendar.isWorkingDay(calendar, d))
      expect(worked.length).toBe(n)
      expect(worked.at(-1)).toBe(to)
    }))
  })

  it("A1 without exceptions a week has five working days", () => {
    fc.assert(fc.property(days, fc.nat(20), (from, weeks) => {
      // From a weekend the count begins with Monday, so it ends on a Friday.
      const weekend = weeks === 0 ? 0 : Math.max(0, CivilTime.weekdayOf(from) - 5)
      expect(Calendar.addWorkingDays(none, from, weeks * 5)).toBe(from + weeks * 7 - weekend)
    }))
  })

  it("A1 it ends, even if every day of two years is a holiday, and at the end of 9999", () => {
    const closed = { holidays: range("2025-01-01", "2026-12-31"), workdays: [] }
    expect(formatDay(Calendar.addWorkingDays(closed, day("2025-01-01"), 1))).toBe("2027-01-01")
    expect(() => Calendar.addWorkingDays(none, CivilTime.lastDay, 1)).toThrow(RangeError)
  })

  it("A1 a thousand may be added", () => {
    expect(Calendar.addWorkingDays(none, day("2025-11-28"), 1_000)).toBe(day("2025-11-28") + 1_400)
  })

  it.each([-1, 0.5, Number.NaN, Infinity, 1_001, 1e21])("A1 %d working days cannot be added", (n) => {
    expect(() => Calendar.addWorkingDays(none, day("2025-11-28"), n)).toThrow(RangeError)
    expect(() => Calendar.addWorkingDays(none, day("2025-11-28"), n)).toThrow(`from 0 to 1000, not ${n}`)
  })
})

describe("A19 a calendar is checked before it is used", () => {
  it("A19 days that are a holiday and worked are named, each once, in order", () => {
    const [a, b, c] = [day("2025-10-01"), day("2025-10-02"), day("2025-10-03")]
    expect(Calendar.contradictions({ holidays: [c, b, a, c, a], workdays: [c, a, c] })).toEqual([a, c])
    expect(Calendar.contradictions(national)).toEqual([])
    expect(Calendar.contradictions(none)).toEqual([])
  })

  it("A19 contradictions are exactly the days in both lists", () => {
    fc.assert(fc.property(fc.array(days), fc.array(days), days, (holidays, workdays, d) => {
      const found = Calendar.contradictions({ holidays: [...holidays, d], workdays: [d, ...workdays] })
      expect(found).toContain(d)
      expect(found.every((x) => [...holidays, d].includes(x) && [d, ...workdays].includes(x))).toBe(true)
    }))
  })

  it("A19 a calendar is a list of days, not of anything else", () => {
    const decode = Schema.decodeUnknownOption(Calendar.Calendar)
    expect(decode(national)).toEqual(Option.some(national))
    for (const bad of [0.5, -1, Number.NaN, "2025-10-01"]) {
      expect(Option.isNone(decode({ holidays: [bad], workdays: [] }))).toBe(true)
      expect(Option.isNone(decode({ holidays: [], workdays: [bad] }))).toBe(true)
    }
  })
})

describe("A1 R42 when the money of a lost card may be claimed", () => {
  it.each(
    [
      ["2025-11-28 15:20:30.500", "elapsed", 3, "2025-12-01 15:20:30.500"],
      ["2025-11-28 15:20:30.500", "calendar", 3, "2025-12-01 00:00"],
      ["2025-11-28 15:20:30.500", "working", 3, "2025-12-03 00:00"],
      ["2025-11-28 15:20:30.500", "elapsed", 0, "2025-11-28 15:20:30.500"],
      ["2025-11-28 15:20:30.500", "calendar", 0, "2025-11-28 00:00"],
      ["2025-11-28 15:20:30.500", "working", 0, "2025-11-28 00:00"],
      ["2025-11-28 00:00", "elapsed", 3, "2025-12-01 00:00"],
      ["2025-11-28 00:00", "calendar", 3, "2025-12-01 00:00"],
      ["2025-11-28 23:59:59.999", "calendar", 1, "2025-11-29 00:00"],
      ["2025-09-30 10:00", "working", 3, "2025-10-11 00:00"],
      ["2025-11-28T17:00:00Z", "calendar", 1, "2025-11-30 00:00"]
    ] as const
  )("A1 R42 from %s, %s, %i: %s", (from, unit, count, ends) => {
    expect(Calendar.holdEnds(national, { count, unit }, CivilTime.instant(from))).toBe(CivilTime.instant(ends))
  })

  it("A1 R42 72 hours are never less than three calendar days, nor three working days", () => {
    fc.assert(fc.property(calendars, instants, fc.nat(60), (calendar, from, count) => {
      const ends = (unit: Calendar.HoldPeriod["unit"]) => Calendar.holdEnds(calendar, { count, unit }, from)
      expect(ends("elapsed")).toBe(from + count * 24 * 3_600_000)
      expect(ends("elapsed")).toBeGreaterThanOrEqual(ends("calendar"))
      expect(ends("working")).toBeGreaterThanOrEqual(ends("calendar"))
    }))
  })

  it("A1 R42 a longer hold never ends sooner", () => {
    const units = fc.constantFrom("elapsed" as const, "calendar" as const, "working" as const)
    fc.assert(fc.property(calendars, instants, units, fc.nat(59), (calendar, from, unit, count) => {
      expect(Calendar.holdEnds(calendar, { count: count + 1, unit }, from))
        .toBeGreaterThan(Calendar.holdEnds(calendar, { count, unit }, from))
    }))
  })

  it.each([
    { count: -1, unit: "elapsed" },
    { count: 61, unit: "elapsed" },
    { count: 0.5, unit: "calendar" },
    { count: Number.NaN, unit: "calendar" },
    { count: 3, unit: "hours" },
    { count: 3 }
  ])("A1 %j is no hold period", (value) => {
    expect(Option.isNone(Schema.decodeUnknownOption(Calendar.HoldPeriod)(value))).toBe(true)
  })

  it("A1 0 and 60 of any unit are", () => {
    for (const unit of ["elapsed", "calendar", "working"]) {
      for (const count of [0, 60]) expect(Schema.is(Calendar.HoldPeriod)({ count, unit })).toBe(true)
    }
  })
})
