/**
 * A calendar says which civil days are working days: Monday to Friday, without the holidays 节假日, and with the make-up
 * working days 调休 on which China works at a weekend. The State Council announces both a year at a time; a school lists
 * them in its profile. Sources: A1, A19.
 *
 * Beside it the hold period: how long the money of a lost card waits (R42 「三天后」), in one of three readings.
 */
import { Schema } from "effect"
import * as CivilTime from "./CivilTime.ts"

/** The exceptions to the rule "Monday to Friday". Days that are in both lists are a mistake, see `contradictions`. */
export const Calendar = Schema.Struct({
  holidays: Schema.Array(CivilTime.Day),
  workdays: Schema.Array(CivilTime.Day)
})
/** See the schema of the same name. */
export type Calendar = typeof Calendar.Type

/** The days that are in both lists, each once, in order; a profile with any does not load. */
export const contradictions = (calendar: Calendar): ReadonlyArray<CivilTime.Day> => {
  const workdays = new Set(calendar.workdays)
  return [...new Set(calendar.holidays)].filter((day) => workdays.has(day)).sort((a, b) => a - b)
}

/**
 * Whether a day is worked: a make-up working day is, a holiday is not, and else Monday to Friday are.
 *
 * @example
 * ```ts
 * import { Calendar, CivilTime } from "@yikatong/core"
 *
 * const calendar = { holidays: [CivilTime.day("2025-10-01")], workdays: [CivilTime.day("2025-09-28")] }
 * Calendar.isWorkingDay(calendar, CivilTime.day("2025-10-01")) // => false
 * Calendar.isWorkingDay(calendar, CivilTime.day("2025-09-28")) // => true
 * ```
 */
export const isWorkingDay = (calendar: Calendar, day: CivilTime.Day): boolean =>
  calendar.workdays.includes(day) || (CivilTime.weekdayOf(day) <= 5 && !calendar.holidays.includes(day))

/**
 * The `n`-th working day after a day; the day itself, worked or not, for 0. Throws RangeError unless `n` is a whole
 * number from 0 to 1000. It always ends: every week has five weekdays and the list of holidays is finite, so it walks
 * at most seven days for every five of `n` plus the holidays; and it throws RangeError at the end of 9999.
 */
export const addWorkingDays = (calendar: Calendar, day: CivilTime.Day, n: number): CivilTime.Day => {
  if (!Number.isSafeInteger(n) || n < 0 || n > 1_000) {
    throw new RangeError(`Working days are counted from 0 to 1000, not ${n}`)
  }
  let reached = day
  for (let left = n; left > 0;) {
    reached = CivilTime.addDays(reached, 1)
    if (isWorkingDay(calendar, reached)) left--
  }
  return reached
}

/** How long money is held: 0 to 60 times 24 hours ("elapsed"), civil days ("calendar") or working days ("working"). */
export const HoldPeriod = Schema.Struct({
  count: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 60 })),
  unit: Schema.Literals(["elapsed", "calendar", "working"])
})
/** See the schema of the same name. */
export type HoldPeriod = typeof HoldPeriod.Type

/**
 * The first instant at which the money may be claimed (A1: the boundary is inclusive): `count` times 24 hours after
 * `from`, or 00:00 of the `count`-th civil or working day after the day of `from`. Throws RangeError at the end of
 * 9999.
 *
 * @example
 * ```ts
 * import { Calendar, CivilTime } from "@yikatong/core"
 *
 * const from = CivilTime.instant("2025-11-28 15:20") // a Friday
 * const none = { holidays: [], workdays: [] }
 * CivilTime.format(Calendar.holdEnds(none, { count: 3, unit: "elapsed" }, from)) // => "2025-12-01 15:20:00"
 * CivilTime.format(Calendar.holdEnds(none, { count: 3, unit: "working" }, from)) // => "2025-12-03 00:00:00"
 * ```
 */
export const holdEnds = (calendar: Calendar, period: HoldPeriod, from: CivilTime.Instant): CivilTime.Instant => {
  switch (period.unit) {
    case "elapsed":
      return CivilTime.later(from, period.count * CivilTime.dayLength)
    case "calendar":
      return CivilTime.startOf(CivilTime.addDays(CivilTime.dayOf(from), period.count))
    case "working":
      return CivilTime.startOf(addWorkingDays(calendar, CivilTime.dayOf(from), period.count))
  }
}
