/**
 * A meal window 餐次 is a part of the day with a name, by which spending is counted per meal. Sources: R49, R50, A7, A18.
 *
 * Minutes are counted from 00:00 in Shanghai, 0 to 1440, half-open: at the minute `to` the meal is over. A window whose
 * `to` is not after its `from` runs on past midnight and belongs, as a whole, to the day on which it begins: a bowl at
 * 01:00 on Saturday counts to Friday's night meal. What no window covers is one more meal of each civil day, named
 * "other". The manual gives no times, so each school declares its own.
 */
import { Option, Schema } from "effect"
import * as CivilTime from "./CivilTime.ts"
import { Words } from "./Id.ts"

/** The name of the rest of a day; no window may bear it. */
export const other = "other"

/**
 * A named part of the day: from one minute of the day (0-1439) up to, not including, another (1-1440); past midnight if
 * `to <= from`.
 */
export const MealWindow = Schema.Struct({
  name: Words.check(
    Schema.makeFilter((name: string) => name !== other, { expected: `a name other than "${other}"` })
  ),
  from: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1439 })),
  to: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1440 }))
})
/** See the schema of the same name. */
export type MealWindow = typeof MealWindow.Type

/** One meal of one day: the window's name, and the day on which the window begins. */
export interface Meal {
  readonly window: string
  readonly day: CivilTime.Day
}

/**
 * The meal to which an instant belongs; of windows that overlap, which no valid profile has, the first. On 1992-01-01,
 * the first day there is, a window that began the evening before counts to that day itself.
 *
 * @example
 * ```ts
 * import { CivilTime, MealWindow } from "@yikatong/core"
 *
 * const windows = [{ name: "night", from: 22 * 60, to: 2 * 60 }]
 * const meal = MealWindow.mealAt(windows, CivilTime.instant("2025-11-29 01:59"))
 * meal.window // => "night"
 * CivilTime.formatDay(meal.day) // => "2025-11-28"
 * ```
 */
export const mealAt = (windows: ReadonlyArray<MealWindow>, at: CivilTime.Instant): Meal => {
  const day = CivilTime.dayOf(at)
  const minute = CivilTime.minuteOf(at)
  for (const { from, name, to } of windows) {
    if (from < to) {
      if (minute >= from && minute < to) return { window: name, day }
    } else {
      if (minute >= from) return { window: name, day }
      if (minute < to) return { window: name, day: day > CivilTime.firstDay ? CivilTime.addDays(day, -1) : day }
    }
  }
  return { window: other, day }
}

const runsAt = (minute: number, { from, to }: MealWindow): boolean =>
  from < to ? minute >= from && minute < to : minute >= from || minute < to
// On the ring of 1440 minutes two windows meet exactly if one of them begins while the other runs.
const meet = (a: MealWindow, b: MealWindow): boolean => runsAt(b.from, a) || runsAt(a.from, b)

/** The names of the first two windows that share a minute, also across midnight; none if all are apart. */
export const overlap = (windows: ReadonlyArray<MealWindow>): Option.Option<readonly [string, string]> => {
  for (const [i, a] of windows.entries()) {
    for (const b of windows.slice(i + 1)) {
      if (meet(a, b)) return Option.some([a.name, b.name])
    }
  }
  return Option.none()
}

/** The first name that two windows bear; their spending would be counted as one. */
export const repeated = (windows: ReadonlyArray<MealWindow>): Option.Option<string> => {
  const seen = new Set<string>()
  for (const { name } of windows) {
    if (seen.has(name)) return Option.some(name)
    seen.add(name)
  }
  return Option.none()
}

/** Whether a name is that of a window or "other", the rest of a day. */
export const isKnown = (windows: ReadonlyArray<MealWindow>, name: string): boolean =>
  name === other || windows.some((window) => window.name === name)
