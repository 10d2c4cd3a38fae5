import { Option } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as CivilTime from "../src/CivilTime.ts"
import { csmzxy } from "../src/presets/Csmzxy.ts"
import type { SchoolProfile } from "../src/SchoolProfile.ts"
import * as ServiceDesk from "../src/ServiceDesk.ts"

type Hall = Pick<SchoolProfile, "hours" | "calendar">
const { day, instant } = CivilTime
const clock = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3))
const span = (from: string, to: string) => ({ from: clock(from), to: clock(to) })

/** The preset's hall, with National Day 2025: off from Wednesday to Wednesday, worked on the Sunday before. */
const hall: Hall = {
  hours: csmzxy.hours,
  calendar: {
    holidays: Array.from({ length: 8 }, (_, n) => CivilTime.addDays(day("2025-10-01"), n)),
    workdays: [day("2025-09-28"), day("2025-10-11")]
  }
}
/** In the summer on Wednesday mornings only, and not at all in the winter. */
const withVacations: Hall = {
  ...hall,
  hours: {
    ...hall.hours,
    vacations: [
      { from: day("2025-07-10"), to: day("2025-08-31"), weekdays: [3], spans: [span("09:00", "11:00")] },
      { from: day("2026-01-19"), to: day("2026-02-28"), weekdays: [], spans: [] }
    ]
  }
}

/** As on the sign at the door: "open until ..." or "closed, opens ...". */
const sign = (profile: Hall, at: string): string => {
  const status = ServiceDesk.statusAt(profile, instant(at))
  if (status._tag === "Open") return `open until ${CivilTime.formatMinute(status.until)}`
  return Option.match(status.opensAt, {
    onNone: () => "closed for ever",
    onSome: (opens) => `closed, opens ${CivilTime.format(opens)}`
  })
}

describe("R32 A19 A20 the sign at the hall", () => {
  it.each([
    ["Friday, a moment before it opens", "2025-11-28 09:29:59.999", "closed, opens 2025-11-28 09:30:00"],
    ["as it opens", "2025-11-28 09:30", "open until 2025-11-28 12:00"],
    ["a moment before lunch", "2025-11-28 11:59:59.999", "open until 2025-11-28 12:00"],
    ["the lunch break counts as closed", "2025-11-28 12:00", "closed, opens 2025-11-28 13:00:00"],
    ["the end of lunch", "2025-11-28 12:59", "closed, opens 2025-11-28 13:00:00"],
    ["the afternoon", "2025-11-28 13:00", "open until 2025-11-28 17:30"],
    ["the last minute", "2025-11-28 17:29", "open until 2025-11-28 17:30"],
    ["Friday evening", "2025-11-28 17:30", "closed, opens 2025-12-01 09:30:00"],
    ["Saturday", "2025-11-29 10:00", "closed, opens 2025-12-01 09:30:00"],
    ["the day before the holidays", "2025-09-30 17:29", "open until 2025-09-30 17:30"],
    ["and its evening", "2025-09-30 17:30", "closed, opens 2025-10-09 09:30:00"],
    ["National Day, a Wednesday", "2025-10-01 10:00", "closed, opens 2025-10-09 09:30:00"],
    ["a Sunday on which China works", "2025-09-28 10:00", "open until 2025-09-28 12:00"],
    ["the Saturday before it", "2025-09-27 10:00", "closed, opens 2025-09-28 09:30:00"],
    ["the first instant there is, a holiday nowhere", "1992-01-01 00:00", "closed, opens 1992-01-01 09:30:00"],
    ["the last evening there is", "9999-12-31 20:00", "closed for ever"]
  ])("R32 A19 A20 %s", (_, at, expected) => {
    expect(sign(hall, at)).toBe(expected)
  })

  it("R33 a day in July is as a day in March, minute by minute", () => {
    // Two Tuesdays.
    const [july, march] = [day("2025-07-15"), day("2025-03-11")]
    const shift = (july - march) * CivilTime.dayLength
    for (let minute = 0; minute < 24 * 60; minute++) {
      const at = CivilTime.later(CivilTime.startOf(march), minute * CivilTime.minute)
      const inMarch = ServiceDesk.statusAt(csmzxy, at)
      const inJuly = ServiceDesk.statusAt(csmzxy, CivilTime.later(at, shift))
      const next = (status: ServiceDesk.Status) =>
        status._tag === "Open" ? status.until : Option.getOrThrow(status.opensAt)
      expect([inJuly._tag, next(inJuly)]).toEqual([inMarch._tag, next(inMarch) + shift])
    }
    expect(csmzxy.hours.vacations).toEqual([])
  })

  it.each([
    ["the last afternoon of the term", "2025-07-09 13:00", "open until 2025-07-09 17:30"],
    ["its evening", "2025-07-09 17:30", "closed, opens 2025-07-16 09:00:00"],
    ["a Thursday in summer", "2025-07-10 10:00", "closed, opens 2025-07-16 09:00:00"],
    ["a Wednesday in summer", "2025-07-16 09:00", "open until 2025-07-16 11:00"],
    ["the last Wednesday in summer", "2025-08-27 11:00", "closed, opens 2025-09-01 09:30:00"],
    ["before the winter", "2026-01-16 17:30", "closed, opens 2026-03-02 09:30:00"],
    ["in the winter", "2026-02-28 23:59", "closed, opens 2026-03-02 09:30:00"]
  ])("R33 a school with other hours in its vacations: %s", (_, at, expected) => {
    expect(sign(withVacations, at)).toBe(expected)
  })

  it("A20 a hall that never closes, one that never opens, and hours that run over the end of a vacation", () => {
    const whole = { weekdays: [1, 2, 3, 4, 5, 6, 7], spans: [span("00:00", "12:00"), span("12:00", "24:00")] }
    const hours = { ...csmzxy.hours, ...whole }
    const empty = { holidays: [], workdays: [] }
    expect(sign({ calendar: empty, hours }, "2025-11-28 10:00")).toBe("open until 9999-12-31 23:59")
    expect(sign({ calendar: hall.calendar, hours }, "2025-09-20 10:00")).toBe("open until 2025-10-01 00:00")
    expect(sign({ calendar: empty, hours: { ...hours, spans: [] } }, "2025-11-28 10:00")).toBe("closed for ever")
    const summer = { from: day("2025-07-10"), to: day("2025-08-31"), ...whole, spans: [span("00:00", "24:00")] }
    const all = { calendar: empty, hours: { ...hours, vacations: [summer] } }
    expect(sign(all, "2025-07-01 10:00")).toBe("open until 9999-12-31 23:59")
    const mornings = { ...summer, spans: [span("00:00", "08:00")] }
    const short = { calendar: empty, hours: { ...hours, vacations: [mornings] } }
    expect(sign(short, "2025-07-01 10:00")).toBe("open until 2025-07-10 08:00")
    expect(sign(short, "2025-08-31 08:00")).toBe("closed, opens 2025-09-01 00:00:00")
  })

  it("R75 of vacations that overlap the first in the list holds, and a span that ends before it begins is none", () => {
    const [one, other] = withVacations.hours.vacations.map(({ spans, weekdays }, n) => ({
      from: day(n === 0 ? "2025-07-10" : "2025-07-14"),
      to: day("2025-07-20"),
      spans,
      weekdays
    }))
    if (one === undefined || other === undefined) throw new Error("two vacations are needed")
    const both = (vacations: typeof hall.hours.vacations) => ({ ...hall, hours: { ...hall.hours, vacations } })
    expect(sign(both([one, other]), "2025-07-16 09:30")).toBe("open until 2025-07-16 11:00")
    expect(sign(both([other, one]), "2025-07-16 09:30")).toBe("closed, opens 2025-07-21 09:30:00")
    const backwards = { ...hall, hours: { ...hall.hours, spans: [span("10:00", "09:00"), span("10:00", "10:00")] } }
    expect(sign(backwards, "2025-11-28 10:00")).toBe("closed for ever")
  })
})

describe("A19 what is bound to the hours", () => {
  const bound: Hall = { ...hall, hours: { ...hall.hours, binds: ["openTemporary"] } }
  it.each(
    [
      ["in the preset hours advise only", hall, "openTemporary", "2025-11-28 12:30", undefined],
      ["bound, and open", bound, "openTemporary", "2025-11-28 11:59:59.999", undefined],
      ["bound, and closed", bound, "openTemporary", "2025-11-28 12:00", "2025-11-28 13:00:00"],
      ["bound, in the holidays", bound, "openTemporary", "2025-10-01 10:00", "2025-10-09 09:30:00"],
      ["something else is not", bound, "reportFound", "2025-11-28 12:30", undefined]
    ] as const
  )("R55 A19 %s", (_, profile, procedure, at, opens) => {
    expect(ServiceDesk.refuse(profile, procedure, instant(at))).toEqual(
      opens === undefined ? undefined : { _tag: "OutsideServiceHours", nextOpening: instant(opens) }
    )
  })

  it("A19 where it never opens again, no time is promised", () => {
    expect(ServiceDesk.refuse(bound, "openTemporary", CivilTime.lastInstant)).toEqual({ _tag: "OutsideServiceHours" })
  })
})

// The oracle asks the wall calendar, minute by minute.
const start = day("2025-09-22")
const weeks = 3 * 7
const days = fc.integer({ min: start, max: start + weeks }) as fc.Arbitrary<CivilTime.Day>
const spans = fc.array(
  fc.tuple(fc.nat(24), fc.nat(24)).map(([a, b]) => ({ from: Math.min(a, b) * 60, to: Math.max(a, b) * 60 })),
  { maxLength: 3 }
)
const weekdays = fc.subarray([1, 2, 3, 4, 5, 6, 7])
const vacations = fc.array(
  fc.record({ from: days, to: days, weekdays, spans }),
  { maxLength: 2 }
)
const halls: fc.Arbitrary<Hall> = fc.record({
  hours: fc.record({ weekdays, spans, binds: fc.constant([]), vacations }),
  calendar: fc.uniqueArray(days, { maxLength: 9 }).map((all) => ({ holidays: all.slice(0, 6), workdays: all.slice(6) }))
})
const isOpen = ({ calendar, hours }: Hall, at: CivilTime.Instant): boolean => {
  const local = new Date(at + 8 * 3_600_000)
  const today = Math.floor(local.getTime() / 86_400_000) as CivilTime.Day
  const minute = local.getUTCHours() * 60 + local.getUTCMinutes()
  const { spans, weekdays } = hours.vacations.find(({ from, to }) => today >= from && today <= to) ?? hours
  const weekday = local.getUTCDay() === 0 ? 7 : local.getUTCDay()
  const madeUp = calendar.workdays.includes(today) && weekday >= 6
  const worked = madeUp ? weekdays.some((one) => one < 6) : weekdays.includes(weekday)
  return worked && !calendar.holidays.includes(today) && spans.some(({ from, to }) => minute >= from && minute < to)
}
const times = fc.integer({
  min: CivilTime.startOf(start),
  max: CivilTime.startOf(CivilTime.addDays(start, weeks)) - 1
}) as fc.Arbitrary<CivilTime.Instant>
const week = 7 * 24 * 60

describe("R32 A20 against the wall calendar, minute by minute", () => {
  it("A20 it says open exactly when it is, and until the first minute in which it is not", () => {
    fc.assert(fc.property(halls, times, (profile, at) => {
      const status = ServiceDesk.statusAt(profile, at)
      const open = isOpen(profile, at)
      expect(status._tag).toBe(open ? "Open" : "Closed")
      const next = status._tag === "Open" ? status.until : Option.getOrUndefined(status.opensAt)
      // What is announced is so, and between now and then nothing changes, nor within a week if nothing is announced.
      let then = CivilTime.later(at, CivilTime.minute - (at % CivilTime.minute))
      for (let n = 0; n < week && (next === undefined || then < next); n++) {
        expect(isOpen(profile, then)).toBe(open)
        then = CivilTime.later(then, CivilTime.minute)
      }
      if (next !== undefined) {
        expect(isOpen(profile, next)).toBe(!open)
        expect(ServiceDesk.statusAt(profile, next)._tag).toBe(open ? "Closed" : "Open")
        expect(next).toBeGreaterThan(at)
      }
    }))
  })
})
