/**
 * The model's own calendar: days, meals and months of Shanghai out of the machine's `Date`, which knows nothing of
 * `CivilTime`.
 *
 * Only the units are the core's: an instant is milliseconds since 1970, a day is civil days since 1970-01-01.
 */
export const minute = 60_000
export const hour = 60 * minute
export const dayMs = 24 * hour

/** A `Date` whose UTC fields show what a clock in Shanghai shows. */
const shown = (at: number): Date => new Date(at + 8 * hour)

/** The civil day. */
export const dayAt = (at: number): number => Math.floor((at + 8 * hour) / dayMs)

/** 00:00 of a civil day. */
export const startOfDay = (day: number): number => day * dayMs - 8 * hour

/** Minutes since midnight at which some meal begins or ends, midnight itself included (A18). */
export const mealEdges: ReadonlyArray<number> = [0, 6 * 60, 9.5 * 60, 10.5 * 60, 13.5 * 60, 16.5 * 60, 19.5 * 60]

/** The meal: [06:00, 09:30) breakfast, [10:30, 13:30) lunch, [16:30, 19:30) dinner, else other (A18). */
export const mealAt = (at: number): string => {
  const clock = shown(at).getUTCHours() * 100 + shown(at).getUTCMinutes()
  if (clock >= 600 && clock < 930) return "breakfast"
  if (clock >= 1030 && clock < 1330) return "lunch"
  return clock >= 1630 && clock < 1930 ? "dinner" : "other"
}

/** The same date so many months on, or the last day of that month where it has no such date (A3). */
export const monthsAfter = (day: number, months: number): number => {
  const date = new Date(day * dayMs)
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + months]
  const last = new Date(Date.UTC(year, month + 1, 0)).getUTCDate()
  return Date.UTC(year, month, Math.min(date.getUTCDate(), last)) / dayMs
}

/** The last day of the month of a day. */
export const monthEnd = (day: number): number => {
  const date = new Date(day * dayMs)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0) / dayMs
}

/** For people: "2027-02-28 13:29:59.999". */
export const written = (at: number): string => shown(at).toISOString().replace("T", " ").slice(0, 23)
