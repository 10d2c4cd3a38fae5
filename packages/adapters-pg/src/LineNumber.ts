/**
 * The number of a line of the journal 流水序号: year and month, then ten digits that grow, 2026110000000042. So the order of the
 * numbers is the order of the months, and whoever knows a number knows its month, and the partition in which it lies.
 *
 * @example
 * ```ts
 * import { LineNumber } from "@yikatong/adapters-pg"
 *
 * const month = LineNumber.monthOf(2_026_110_000_000_042)
 * LineNumber.baseOf(month) // => 2_026_110_000_000_000
 * LineNumber.baseOf(month + 2) // => 2_027_010_000_000_000
 * ```
 */

/** Months since January of the year 0. */
export type Month = number

/** How many numbers a month has: ten digits, after the six of year and month. */
const numbers = 10_000_000_000

/** Year and month as one number: 202611. */
const written = (month: Month): number => Math.floor(month / 12) * 100 + month % 12 + 1

/** What the numbers of a month begin with: 2026110000000000. They are whole and safe until the year 9007. */
export const baseOf = (month: Month): number => written(month) * numbers

/** The month of a line by its number. */
export const monthOf = (sequence: number): Month => {
  const yearAndMonth = Math.floor(sequence / numbers)
  return Math.floor(yearAndMonth / 100) * 12 + yearAndMonth % 100 - 1
}

/** For people: 2026-11. */
export const toldOf = (month: Month): string => {
  const digits = String(written(month)).padStart(6, "0")
  return `${digits.slice(0, 4)}-${digits.slice(4)}`
}
