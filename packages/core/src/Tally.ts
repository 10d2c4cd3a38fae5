/**
 * What was bought lately 累计: sums and counts by day, meal, kind of place and medium.
 *
 * Limits are folds over these cells, whatever their scope. Cells are kept for seven civil days, as long as a late
 * record may still arrive (D16); of older days only the last one with a purchase is remembered, for dormancy (D17). The
 * same cells stand on the chip, for the latest day only (D12).
 */
import { Option, Schema } from "effect"
import { Day, firstDay } from "./CivilTime.ts"
import { Medium } from "./Medium.ts"
import * as Money from "./Money.ts"
import { Category } from "./Point.ts"

const cell = {
  day: Day,
  window: Schema.String,
  mealDay: Day,
  category: Category,
  medium: Medium
}

/** Where a purchase is counted. `day` is its civil day; `mealDay` the day on which its meal window began (A18). */
export const Cell = Schema.Struct(cell)
export interface Cell extends Schema.Schema.Type<typeof Cell> {}

/** What was bought in one cell: `sum` fen in `count` purchases. */
export const Tally = Schema.Struct({ ...cell, sum: Money.Money, count: Schema.Int })
export interface Tally extends Schema.Schema.Type<typeof Tally> {}

/** The cells of the last seven days, and the last day with a purchase before them. */
export const Tallies = Schema.Struct({ cells: Schema.Array(Tally), before: Schema.optionalKey(Day) })
export interface Tallies extends Schema.Schema.Type<typeof Tallies> {}

/** Nothing bought yet. */
export const none: Tallies = { cells: [] }

/** How many days back a fact may lie, and so how long cells are kept (D16). */
export const daysKept = 7

const isAt = (tally: Tally, cell: Cell): boolean =>
  tally.day === cell.day && tally.window === cell.window && tally.mealDay === cell.mealDay &&
  tally.category === cell.category && tally.medium === cell.medium

/** Adds one purchase of `amount` fen. */
export const add = (tallies: Tallies, cell: Cell, amount: Money.Money): Tallies => change(tallies, cell, amount, 1)

/** Takes one purchase of `amount` fen away again: a reversal restores the purchase date before it (D17). */
export const remove = (tallies: Tallies, cell: Cell, amount: Money.Money): Tallies => change(tallies, cell, amount, -1)

/**
 * Takes `amount` fen of a purchase away, which counts as one all the same; at most what is there, since the purchase may
 * be so old that its cell has been dropped and begun anew.
 */
export const reduce = (tallies: Tallies, cell: Cell, amount: Money.Money): Tallies => ({
  ...tallies,
  cells: tallies.cells.map((tally) =>
    isAt(tally, cell) ? { ...tally, sum: Money.minus(tally.sum, Money.min(tally.sum, amount)) } : tally
  )
})

/** Takes a whole purchase away of which `amount` fen were left, however old it is. */
export const refund = (tallies: Tallies, cell: Cell, amount: Money.Money): Tallies =>
  remove(reduce(tallies, cell, amount), cell, Money.zero)

const change = (tallies: Tallies, cell: Cell, amount: Money.Money, by: 1 | -1): Tallies => {
  const cells: Array<Tally> = []
  let found = false
  for (const tally of tallies.cells) {
    if (!isAt(tally, cell)) {
      cells.push(tally)
      continue
    }
    found = true
    const count = tally.count + by
    const sum = by === 1 ? Money.plus(tally.sum, amount) : Money.minus(tally.sum, amount)
    if (count > 0) cells.push({ ...tally, sum, count })
  }
  if (!found && by === 1) cells.push({ ...cell, sum: amount, count: 1 })
  return prune({ ...tallies, cells }, cell.day)
}

/**
 * Drops the cells that no fact can reach any more, counted back from the newest of them, or from the one that was just
 * changed if that is older: a clock that was ahead for a while must not make today's cell forgotten.
 */
const prune = (tallies: Tallies, changed: Day): Tallies => {
  let newest = -Infinity
  let oldest = Infinity
  for (const { day } of tallies.cells) {
    if (day > newest) newest = day
    if (day < oldest) oldest = day
  }
  if (newest - oldest <= daysKept) return tallies
  const from = newest < changed ? newest : changed
  const horizon = Math.max(firstDay, from - daysKept)
  let before = tallies.before
  const cells = tallies.cells.filter((tally) => {
    if (tally.day >= horizon) return true
    if (before === undefined || tally.day > before) before = tally.day
    return false
  })
  return before === undefined ? { cells } : { cells, before }
}

/** The last civil day with a purchase by any medium (A5, D17). */
export const lastDay = (tallies: Tallies): Option.Option<Day> => {
  let last = tallies.before
  for (const { day } of tallies.cells) if (last === undefined || day > last) last = day
  return Option.fromUndefinedOr(last)
}
