/**
 * When something is open, week by week 时段: for doors, grants and the service hall. Sources: R15, R32, A19.
 *
 * A schedule is a list of windows; it is open while one of them is. A window names weekdays (Monday = 1) and a half-open
 * span in minutes of the day, Shanghai time. One whose `to` is not after its `from` runs on past midnight and belongs, as
 * a whole, to the day on which it begins: by the weekday and the holidays of that day it is on or off. Holidays and
 * make-up working days 调休 come from the school's calendar: a make-up working day at a weekend counts as each of Monday
 * to Friday, and no longer as Saturday or Sunday. No window begins before 1992, where civil time begins.
 */
import { Option, Schema } from "effect"
import type { Calendar } from "./Calendar.ts"
import * as CivilTime from "./CivilTime.ts"
import type * as Flaw from "./Flaw.ts"

const Weekday = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 7 }))

/** `holidays`: on a holiday this window is open as on any other day, closed, or open only then. */
export const Window = Schema.Struct({
  weekdays: Schema.Array(Weekday),
  from: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1439 })),
  to: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1440 })),
  holidays: Schema.Literals(["open", "closed", "only"])
})
export interface Window extends Schema.Schema.Type<typeof Window> {}

export const WeeklySchedule = Schema.Array(Window)
export type WeeklySchedule = typeof WeeklySchedule.Type

/** Whether it is open at an instant. */
export const covers = (schedule: WeeklySchedule, calendar: Calendar, at: CivilTime.Instant): boolean =>
  endAt(schedule, calendar, at) !== undefined

/**
 * The first instant from `from` on at which it is open: `from` itself if it is open then; none where it never is again.
 *
 * @example
 * ```ts
 * import { CivilTime, WeeklySchedule } from "@yikatong/core"
 * import { Option } from "effect"
 *
 * const nights = [{ weekdays: [5], from: 22 * 60, to: 2 * 60, holidays: "open" }] as const
 * const calendar = { holidays: [], workdays: [] }
 * const opens = WeeklySchedule.opensAt(nights, calendar, CivilTime.instant("2025-11-29 02:00"))
 * CivilTime.format(Option.getOrThrow(opens)) // => "2025-12-05 22:00:00"
 * ```
 */
export const opensAt = (
  schedule: WeeklySchedule,
  calendar: Calendar,
  from: CivilTime.Instant
): Option.Option<CivilTime.Instant> => {
  if (covers(schedule, calendar, from)) return Option.some(from)
  let first: CivilTime.Instant | undefined
  for (const window of schedule) {
    const begins = nextBeginning(window, calendar, from)
    if (begins !== undefined && (first === undefined || begins < first)) first = begins
  }
  return Option.fromUndefinedOr(first)
}

/**
 * The first instant from `at` on at which it is closed: the end of the open stretch, in which windows that touch or
 * overlap are one; `at` itself if it is closed then; none where it never closes again.
 */
export const closesAt = (
  schedule: WeeklySchedule,
  calendar: Calendar,
  at: CivilTime.Instant
): Option.Option<CivilTime.Instant> => {
  const listed = new Set<number>([...calendar.holidays, ...calendar.workdays])
  let reached = at
  let plainSince = CivilTime.dayOf(at) as number
  for (;;) {
    const end = endAt(schedule, calendar, reached)
    if (end === undefined) return Option.some(reached)
    if (end > CivilTime.lastInstant) return Option.none()
    reached = CivilTime.later(reached, end - reached)
    // No window is longer than a day, so this visits each day. What the calendar does not list repeats every week:
    // whatever was open through eight such days is open until the next day that is listed.
    const day = CivilTime.dayOf(reached)
    if (listed.has(day) || listed.has(day - 1)) {
      plainSince = day + 1
    } else if (day - plainSince >= 8) {
      const next = earliest([...calendar.holidays, ...calendar.workdays], day)
      if (next === undefined) return Option.none()
      reached = CivilTime.startOf(next)
    }
  }
}

/**
 * What cannot be meant, for the check of a profile; the paths are relative to the schedule. A window that ends at the
 * minute at which it begins would be 24 hours long, which is more often a slip: whole days are written 0 to 1440.
 */
export const contradictions = (schedule: WeeklySchedule): ReadonlyArray<Flaw.Flaw> => [
  ...(schedule.length === 0 ? [{ path: "", problem: "没有任何时段，永不开放 / without a window it never opens" }] : []),
  ...schedule.flatMap(({ from, to, weekdays }, index): ReadonlyArray<Flaw.Flaw> => [
    ...(weekdays.length === 0 ? [{ path: `${index}.weekdays`, problem: "没有星期 / it names no weekday" }] : []),
    ...(new Set(weekdays).size < weekdays.length
      ? [{ path: `${index}.weekdays`, problem: "星期重复 / a weekday stands there twice" }]
      : []),
    ...(from === to ? [{ path: `${index}`, problem: "起止时间相同 / it ends at the minute at which it begins" }] : [])
  ])
]

/** Whether the window that would begin on this day does. */
const isOn = ({ holidays, weekdays }: Window, calendar: Calendar, day: CivilTime.Day): boolean => {
  const weekday = CivilTime.weekdayOf(day)
  // As in Calendar, a day that stands in both lists by mistake is worked.
  const worked = calendar.workdays.includes(day)
  const holiday = !worked && calendar.holidays.includes(day)
  if (holidays === (holiday ? "closed" : "only")) return false
  return worked && weekday > 5 ? weekdays.some((one) => one <= 5) : weekdays.includes(weekday)
}

const beginning = ({ from }: Window, day: CivilTime.Day): CivilTime.Instant =>
  CivilTime.later(CivilTime.startOf(day), from * CivilTime.minute)

/** The latest end of the windows that are open at an instant, perhaps after the year 9999; undefined if none is. */
const endAt = (schedule: WeeklySchedule, calendar: Calendar, at: CivilTime.Instant): number | undefined => {
  const today = CivilTime.dayOf(at)
  let latest: number | undefined
  for (const day of today > CivilTime.firstDay ? [CivilTime.addDays(today, -1), today] : [today]) {
    for (const window of schedule) {
      const begins = beginning(window, day)
      const minutes = window.to - window.from + (window.to > window.from ? 0 : 1_440)
      const ends = begins + minutes * CivilTime.minute
      if (begins <= at && at < ends && ends > (latest ?? at) && isOn(window, calendar, day)) latest = ends
    }
  }
  return latest
}

/** When a window begins next, from an instant on; undefined where it never does again. */
const nextBeginning = (
  window: Window,
  calendar: Calendar,
  from: CivilTime.Instant
): CivilTime.Instant | undefined => {
  const begins = (day: CivilTime.Day): boolean => beginning(window, day) >= from && isOn(window, calendar, day)
  if (window.holidays === "only") {
    const day = earliest(calendar.holidays.filter(begins), 0)
    return day === undefined ? undefined : beginning(window, day)
  }
  if (window.weekdays.length === 0) return undefined
  // One of its weekdays comes in every seven days, and only the days that the calendar lists can be left out.
  for (let day = CivilTime.dayOf(from);; day = CivilTime.addDays(day, 1)) {
    if (begins(day)) return beginning(window, day)
    if (day === CivilTime.lastDay) return undefined
  }
}

/** The first of some days that comes after a day. */
const earliest = (days: ReadonlyArray<CivilTime.Day>, after: number): CivilTime.Day | undefined =>
  days.reduce<CivilTime.Day | undefined>(
    (first, day) => day > after && (first === undefined || day < first) ? day : first,
    undefined
  )
