import { Option, Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Calendar } from "../src/Calendar.ts"
import * as CivilTime from "../src/CivilTime.ts"
import * as WeeklySchedule from "../src/WeeklySchedule.ts"

const { day, instant } = CivilTime
const minutes = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3))
const window = (
  weekdays: ReadonlyArray<number>,
  from: string,
  to: string,
  holidays: WeeklySchedule.Window["holidays"] = "closed"
): WeeklySchedule.Window => ({ weekdays, from: minutes(from), to: minutes(to), holidays })

const workdays = [1, 2, 3, 4, 5]
const daily = [1, 2, 3, 4, 5, 6, 7]
const none: Calendar = { holidays: [], workdays: [] }
/** National Day 2025: Wednesday to Wednesday off, a Sunday before and a Saturday after are worked. */
const national: Calendar = {
  holidays: Array.from({ length: 8 }, (_, n) => CivilTime.addDays(day("2025-10-01"), n)),
  workdays: [day("2025-09-28"), day("2025-10-11")]
}

const office = [window(workdays, "09:30", "12:00"), window(workdays, "13:00", "17:30")]
const fridayNight = [window([5], "22:00", "02:00")]
const always = [window(daily, "00:00", "24:00", "open")]
/** A gate that is locked from 23:00 to 06:00, and an hour later before a day off. */
const gate = [window(daily, "06:00", "23:00", "open"), window([5, 6], "23:00", "24:00", "open")]

const written = (at: Option.Option<CivilTime.Instant>): string | undefined =>
  Option.getOrUndefined(Option.map(at, CivilTime.format))

describe("R15 A19 when it is open, when it opens and when it closes", () => {
  it.each([
    // title, schedule, at, open, next opening, next closing
    ["before office hours", office, "2025-11-28 09:29:59.999", false, "2025-11-28 09:30:00", "2025-11-28 09:29:59"],
    ["as they begin", office, "2025-11-28 09:30", true, "2025-11-28 09:30:00", "2025-11-28 12:00:00"],
    ["as the lunch break begins", office, "2025-11-28 12:00", false, "2025-11-28 13:00:00", "2025-11-28 12:00:00"],
    ["Friday evening", office, "2025-11-28 17:30", false, "2025-12-01 09:30:00", "2025-11-28 17:30:00"],
    ["Sunday", office, "2025-11-30 10:00", false, "2025-12-01 09:30:00", "2025-11-30 10:00:00"],
    ["the day before the holidays", office, "2025-09-30 17:30", false, "2025-10-09 09:30:00", "2025-09-30 17:30:00"],
    ["a holiday on a Monday", office, "2025-10-06 10:00", false, "2025-10-09 09:30:00", "2025-10-06 10:00:00"],
    ["a Sunday on which China works", office, "2025-09-28 10:00", true, "2025-09-28 10:00:00", "2025-09-28 12:00:00"],
    ["Friday before midnight", fridayNight, "2025-11-28 23:59", true, "2025-11-28 23:59:00", "2025-11-29 02:00:00"],
    ["and after it", fridayNight, "2025-11-29 01:59:59.999", true, "2025-11-29 01:59:59", "2025-11-29 02:00:00"],
    ["as that night ends", fridayNight, "2025-11-29 02:00", false, "2025-12-05 22:00:00", "2025-11-29 02:00:00"],
    ["Friday at 01:00", fridayNight, "2025-11-28 01:00", false, "2025-11-28 22:00:00", "2025-11-28 01:00:00"],
    ["Friday night, a holiday", fridayNight, "2025-10-03 23:00", false, "2025-10-10 22:00:00", "2025-10-03 23:00:00"],
    ["at the gate, Friday evening", gate, "2025-11-28 12:00", true, "2025-11-28 12:00:00", "2025-11-29 00:00:00"],
    ["at the gate, Sunday evening", gate, "2025-11-30 12:00", true, "2025-11-30 12:00:00", "2025-11-30 23:00:00"],
    ["at the gate, at night", gate, "2025-12-01 00:30", false, "2025-12-01 06:00:00", "2025-12-01 00:30:00"],
    ["what is always open", always, "2025-12-01 00:30", true, "2025-12-01 00:30:00", undefined],
    ["what has no window", [], "2025-12-01 00:30", false, undefined, "2025-12-01 00:30:00"],
    [
      "a window without a weekday",
      [window([], "08:00", "09:00")],
      "2025-12-01 08:30",
      false,
      undefined,
      "2025-12-01 08:30:00"
    ]
  ])("R15 A19 %s", (_, schedule, at, open, opens, closes) => {
    expect(WeeklySchedule.covers(schedule, national, instant(at))).toBe(open)
    expect(written(WeeklySchedule.opensAt(schedule, national, instant(at)))).toBe(opens)
    expect(written(WeeklySchedule.closesAt(schedule, national, instant(at)))).toBe(closes)
  })

  it("A19 a night belongs to the day on which it begins: its weekday and its holiday", () => {
    const nights = [window([2, 7], "22:00", "02:00")]
    const at = (text: string) => WeeklySchedule.covers(nights, national, instant(text))
    // The Tuesday before the holidays: the night runs on into the first of them.
    expect(at("2025-10-01 01:00")).toBe(true)
    // The Tuesday in the holidays: it does not begin, so it is not open on the next day either.
    expect([at("2025-10-07 23:00"), at("2025-10-08 01:00")]).toEqual([false, false])
    // A Sunday on which China works is no Sunday, and counts as a Tuesday.
    expect([at("2025-09-28 23:00"), at("2025-09-29 01:00")]).toEqual([true, true])
  })

  it("A19 a make-up working day counts as each of Monday to Friday and not as Saturday or Sunday", () => {
    const at = instant("2025-10-11 10:00") // a Saturday
    const open = (weekdays: ReadonlyArray<number>) =>
      WeeklySchedule.covers([window(weekdays, "09:00", "12:00")], national, at)
    expect([[1], [2], [3], [4], [5], [6], [7], [6, 7], daily].map(open))
      .toEqual([true, true, true, true, true, false, false, false, true])
    // A plain Wednesday that a school lists as well stays a Wednesday.
    const listed = { holidays: [], workdays: [day("2025-11-26")] }
    const wednesday = (weekdays: ReadonlyArray<number>) =>
      WeeklySchedule.covers([window(weekdays, "09:00", "12:00")], listed, instant("2025-11-26 10:00"))
    expect([[2], [3], [4]].map(wednesday)).toEqual([false, true, false])
  })

  it("A19 on a holiday a window is open as ever, closed, or open only then", () => {
    const at = (holidays: WeeklySchedule.Window["holidays"], text: string) =>
      WeeklySchedule.covers([window(workdays, "09:00", "12:00", holidays)], national, instant(text))
    const both = (holidays: WeeklySchedule.Window["holidays"]) => [
      at(holidays, "2025-10-02 10:00"),
      at(holidays, "2025-10-09 10:00")
    ]
    expect({ open: both("open"), closed: both("closed"), only: both("only") })
      .toEqual({ open: [true, true], closed: [false, true], only: [true, false] })
    // Only on those of its weekdays that are holidays: the Saturday among them is not one of them.
    expect(at("only", "2025-10-04 10:00")).toBe(false)
  })

  it("A19 a day that stands in both lists by mistake is worked, as the calendar reads it", () => {
    const both = { holidays: [day("2025-10-09")], workdays: [day("2025-10-09")] }
    expect(WeeklySchedule.covers(office, both, instant("2025-10-09 10:00"))).toBe(true)
  })

  it("A19 windows that touch or overlap are one stretch, over midnight and through holidays", () => {
    const joined = [
      window(daily, "06:00", "12:00", "open"),
      window(daily, "12:00", "18:00", "open"),
      window(daily, "17:00", "06:00", "closed")
    ]
    expect(written(WeeklySchedule.closesAt(joined, national, instant("2025-11-26 07:00")))).toBe(undefined)
    // Nobody takes the night shift of a holiday.
    expect(written(WeeklySchedule.closesAt(joined, national, instant("2025-09-20 07:00")))).toBe("2025-10-01 18:00:00")
    expect(written(WeeklySchedule.closesAt(joined, national, instant("2025-10-08 17:59")))).toBe("2025-10-08 18:00:00")
    expect(written(WeeklySchedule.closesAt(joined, national, instant("2025-10-09 07:00")))).toBe(undefined)
    const holidaysOnly = [window(daily, "00:00", "24:00", "only")]
    expect(written(WeeklySchedule.closesAt(holidaysOnly, national, instant("2025-10-02 12:00")))).toBe(
      "2025-10-09 00:00:00"
    )
    expect(WeeklySchedule.opensAt(holidaysOnly, national, instant("2025-10-09 00:00"))).toEqual(Option.none())
  })

  it("A19 what a holiday months away leaves out in its night is not skipped, also where that day itself is open throughout", () => {
    const newYear: Calendar = { holidays: [day("2026-01-01")], workdays: [] }
    const guarded = [
      window(daily, "06:00", "24:00", "open"),
      window(daily, "22:00", "06:00", "closed"),
      window(daily, "00:00", "24:00", "only")
    ]
    const closes = (at: string) => written(WeeklySchedule.closesAt(guarded, newYear, instant(at)))
    expect(closes("2025-11-26 07:00")).toBe("2026-01-02 00:00:00")
    expect(closes("2026-01-01 00:00")).toBe("2026-01-02 00:00:00")
    expect(closes("2026-01-02 06:00")).toBe(undefined)
  })

  it("A19 it ends at the edges of time, also with holidays thousands of years from now", () => {
    const far: Calendar = { holidays: [day("2030-05-01"), day("9999-12-30"), day("9998-07-01")], workdays: [] }
    const closedThen = [window(daily, "00:00", "24:00", "closed")]
    expect(written(WeeklySchedule.closesAt(closedThen, far, instant("1992-01-01 00:00")))).toBe("2030-05-01 00:00:00")
    expect(written(WeeklySchedule.closesAt(closedThen, far, instant("2031-01-01 00:00")))).toBe("9998-07-01 00:00:00")
    expect(written(WeeklySchedule.opensAt(closedThen, far, instant("9999-12-30 12:00")))).toBe("9999-12-31 00:00:00")
    const then = [window([4], "08:00", "10:00", "only")]
    expect(written(WeeklySchedule.opensAt(then, far, CivilTime.firstInstant))).toBe("9999-12-30 08:00:00")
    expect(WeeklySchedule.opensAt(then, far, instant("9999-12-30 10:00"))).toEqual(Option.none())
    const monday = [window([1], "08:00", "10:00")]
    expect(WeeklySchedule.opensAt(monday, none, CivilTime.lastInstant)).toEqual(Option.none())
    const overnight = [window(daily, "23:00", "01:00")]
    expect(WeeklySchedule.closesAt(overnight, none, CivilTime.lastInstant)).toEqual(Option.none())
    // No window began before 1992.
    expect(WeeklySchedule.covers(overnight, none, CivilTime.firstInstant)).toBe(false)
    expect(WeeklySchedule.covers(overnight, none, instant("1992-01-02 00:59"))).toBe(true)
  })
})

// The oracle paints the minutes of three weeks, one list of minutes for each day on which a window may begin.
const monday = day("2025-11-24")
const painted = 21
const minutesOf = 24 * 60
const exceptions = fc.uniqueArray(fc.integer({ min: monday - 1, max: monday + painted }), { maxLength: 12 }).chain(
  (days) =>
    fc.nat(days.length).map((cut): Calendar => ({
      holidays: days.slice(0, cut) as Array<CivilTime.Day>,
      workdays: days.slice(cut) as Array<CivilTime.Day>
    }))
)
// Coarse times, so that windows touch and meet.
const windows = fc.record({
  weekdays: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { maxLength: 7 }),
  from: fc.nat(11).map((n) => n * 120),
  to: fc.integer({ min: 1, max: 12 }).map((n) => n * 120),
  holidays: fc.constantFrom("open" as const, "closed" as const, "only" as const)
})
const schedules = fc.array(windows, { maxLength: 5 })

/** Which minutes are open, counted from the day before the Monday. */
const paint = (schedule: WeeklySchedule.WeeklySchedule, calendar: Calendar): ReadonlyArray<boolean> => {
  const open: Array<boolean> = Array.from({ length: (painted + 2) * minutesOf }, () => false)
  for (let n = 0; n < painted + 1; n++) {
    const d = (monday - 1 + n) as CivilTime.Day
    const isHoliday = calendar.holidays.includes(d)
    const weekday = new Date(d * 86_400_000).getUTCDay() || 7
    const counts = weekday > 5 && calendar.workdays.includes(d) ? workdays : [weekday]
    for (const { from, holidays, to, weekdays } of schedule) {
      const wanted = { open: true, closed: !isHoliday, only: isHoliday }[holidays]
      if (!wanted || !weekdays.some((one) => counts.includes(one))) continue
      for (let m = from; m !== (to > from ? to : to + minutesOf); m++) open[n * minutesOf + m] = true
    }
  }
  return open
}
const minuteAt = (n: number): CivilTime.Instant =>
  (CivilTime.startOf((monday - 1) as CivilTime.Day) + n * CivilTime.minute) as CivilTime.Instant

describe("A19 against minutes painted one by one", () => {
  it("A19 it is open exactly in the painted minutes, from their first millisecond to their last", () => {
    fc.assert(fc.property(schedules, exceptions, fc.nat(painted * minutesOf - 1), (schedule, calendar, n) => {
      const open = paint(schedule, calendar)
      const start = minuteAt(minutesOf + n)
      for (const at of [start, CivilTime.later(start, 59_999)]) {
        expect(WeeklySchedule.covers(schedule, calendar, at)).toBe(open[minutesOf + n])
      }
    }))
  })

  it("A19 it opens and closes next exactly where the colour of the minutes changes", () => {
    fc.assert(fc.property(schedules, exceptions, fc.nat(7 * minutesOf), fc.nat(59_999), (schedule, calendar, n, ms) => {
      const open = paint(schedule, calendar)
      const from = CivilTime.later(minuteAt(minutesOf + n), ms)
      for (const colour of [true, false]) {
        const ask = colour ? WeeklySchedule.opensAt : WeeklySchedule.closesAt
        const found = Option.getOrUndefined(ask(schedule, calendar, from))
        const next = open.indexOf(colour, minutesOf + n)
        const inSight = next !== -1 && next < (painted + 1) * minutesOf
        if (inSight) expect(found).toBe(next === minutesOf + n ? from : minuteAt(next))
        // Beyond the painted weeks it may change later, or never.
        else if (found !== undefined) expect(found).toBeGreaterThanOrEqual(minuteAt((painted + 1) * minutesOf))
      }
    }))
  })

  it("A19 total over all time: always an answer, not before it was asked, open then, and closed before", () => {
    const edges = fc.constantFrom(CivilTime.firstInstant, CivilTime.lastInstant, instant("2025-10-01 00:00"))
    const instants = fc.oneof(
      fc.integer({ min: CivilTime.firstInstant, max: CivilTime.lastInstant }) as fc.Arbitrary<CivilTime.Instant>,
      edges
    )
    const anyDay = fc.integer({ min: CivilTime.firstDay, max: CivilTime.lastDay }) as fc.Arbitrary<CivilTime.Day>
    const calendars = fc.record({ holidays: fc.array(anyDay), workdays: fc.array(anyDay) })
    fc.assert(fc.property(schedules, calendars, instants, (schedule, calendar, at) => {
      const opens = Option.getOrUndefined(WeeklySchedule.opensAt(schedule, calendar, at))
      const closes = Option.getOrUndefined(WeeklySchedule.closesAt(schedule, calendar, at))
      const open = WeeklySchedule.covers(schedule, calendar, at)
      expect([opens === at, closes === at]).toEqual([open, !open])
      if (opens !== undefined) {
        expect(opens).toBeGreaterThanOrEqual(at)
        expect(WeeklySchedule.covers(schedule, calendar, opens)).toBe(true)
        if (opens > at) expect(WeeklySchedule.covers(schedule, calendar, CivilTime.later(opens, -1))).toBe(false)
      }
      if (closes !== undefined) {
        expect(closes).toBeGreaterThanOrEqual(at)
        expect(WeeklySchedule.covers(schedule, calendar, closes)).toBe(false)
        if (closes > at) expect(WeeklySchedule.covers(schedule, calendar, CivilTime.later(closes, -1))).toBe(true)
      }
    }))
  })
})

describe("R75 a schedule is checked before it is used", () => {
  it.each([
    ["office hours", office, []],
    ["a night and whole days", [...fridayNight, ...always], []],
    ["nothing at all", [], [""]],
    ["a window without a weekday", [...office, window([], "08:00", "09:00")], ["2.weekdays"]],
    ["a weekday twice", [window([1, 2, 1], "08:00", "09:00")], ["0.weekdays"]],
    ["an end at the minute of the beginning", [window([1], "08:00", "08:00")], ["0"]],
    ["everything at once", [window([], "08:00", "08:00"), window([7, 7], "08:00", "09:00")], [
      "0.weekdays",
      "0",
      "1.weekdays"
    ]]
  ])("R75 %s", (_, schedule, paths) => {
    const found = WeeklySchedule.contradictions(schedule)
    expect(found.map(({ path }) => path)).toEqual(paths)
    expect(found.every(({ problem }) => /^\p{Script=Han}.* \/ [a-z]/u.test(problem))).toBe(true)
  })

  it.each([
    { weekdays: [0], from: 0, to: 60, holidays: "open" },
    { weekdays: [8], from: 0, to: 60, holidays: "open" },
    { weekdays: [1], from: 1_440, to: 60, holidays: "open" },
    { weekdays: [1], from: -1, to: 60, holidays: "open" },
    { weekdays: [1], from: 0, to: 0, holidays: "open" },
    { weekdays: [1], from: 0, to: 1_441, holidays: "open" },
    { weekdays: [1], from: 0.5, to: 60, holidays: "open" },
    { weekdays: [1], from: 0, to: 60, holidays: "maybe" },
    { weekdays: [1], from: 0, to: 60 }
  ])("R75 %j is no window", (value) => {
    expect(Option.isNone(Schema.decodeUnknownOption(WeeklySchedule.Window)(value))).toBe(true)
  })
})
