/**
 * The lots of a subsidy 补助份额 (D6): what each batch granted, what is left of it, and until when.
 *
 * Together the lots hold what the pocket holds. What ends first is spent first; what comes back goes where it was spent
 * last. A lot that was spent is remembered for a while, so that a reversal finds it.
 */
import { Schema } from "effect"
import { Day } from "./CivilTime.ts"
import { BatchId } from "./Id.ts"
import * as Money from "./Money.ts"

/** `until`: the last day of it; without one it does not end. `granted`, `left`: fen. */
export const Lot = Schema.Struct({
  batch: Schema.optionalKey(BatchId),
  until: Schema.optionalKey(Day),
  granted: Money.Money,
  left: Money.Money
})
export interface Lot extends Schema.Schema.Type<typeof Lot> {}

/** In the order in which they are spent. */
export const Lots = Schema.Array(Lot)
export type Lots = typeof Lots.Type

/** How many spent lots are remembered. */
const spentKept = 8

/** Adds a lot: before those that end later, after those that end on the same day. */
export const grant = (lots: Lots, { batch, until }: Pick<Lot, "batch" | "until">, amount: Money.Money): Lots => {
  if (amount === 0) return lots
  const lot: Lot = {
    ...(batch === undefined ? {} : { batch }),
    ...(until === undefined ? {} : { until }),
    granted: amount,
    left: amount
  }
  const later = lots.findIndex((one) => (one.until ?? Infinity) > (until ?? Infinity))
  const at = later === -1 ? lots.length : later
  return [...lots.slice(0, at), lot, ...lots.slice(at)]
}

/** Whether a lot's last day is over: what is left of it is not spent any more, and goes back to the school (D6). */
const isOver = ({ until }: Lot, today: Day): boolean => until !== undefined && until < today

/** What of a subsidy's pocket may be spent today, in fen: a sweep that has not come yet makes no difference. */
export const usable = (lots: Lots, today: Day): Money.Money => {
  let sum = Money.zero
  for (const lot of lots) if (!isOver(lot, today)) sum = Money.plus(sum, lot.left)
  return sum
}

/**
 * Takes `amount` fen, from what ends first among what may be spent on this day. Only where all of a pocket is taken, as at
 * a closing, what is over goes too.
 */
export const spend = (lots: Lots, amount: Money.Money, today: Day): Lots => {
  let missing = amount
  const take = (lot: Lot): Lot => {
    const part = Money.min(lot.left, missing)
    missing = Money.minus(missing, part)
    return part === 0 ? lot : { ...lot, left: Money.minus(lot.left, part) }
  }
  const running = lots.map((lot) => isOver(lot, today) ? lot : take(lot))
  return forget(missing === 0 ? running : running.map(take))
}

/** Puts `amount` fen back, where they were spent last; what no lot has room for is a lot that does not end. */
export const giveBack = (lots: Lots, amount: Money.Money): Lots => {
  let rest = amount
  const after = [...lots].reverse().map((lot) => {
    const part = Money.min(Money.minus(lot.granted, lot.left), rest)
    rest = Money.minus(rest, part)
    return part === 0 ? lot : { ...lot, left: Money.plus(lot.left, part) }
  }).reverse()
  return grant(after, {}, rest)
}

/** Without the lots of a batch, or without any. */
export const end = (lots: Lots, batch: BatchId | undefined): Lots =>
  batch === undefined ? [] : lots.filter((lot) => lot.batch !== batch)

/** The last day of a batch: of its lots that hold something, the latest. None where they do not end. */
export const lastDay = (lots: Lots, batch: BatchId): Day | undefined =>
  lots.filter((lot) => lot.batch === batch && lot.left > 0 && lot.until !== undefined).at(-1)?.until

/** What is left of one batch, or of all, in fen. */
export const left = (lots: Lots, batch: BatchId | undefined): Money.Money =>
  Money.sum(lots.filter((lot) => batch === undefined || lot.batch === batch).map((lot) => lot.left))

const forget = (lots: Lots): Lots => {
  const spent = lots.filter((lot) => lot.left === 0)
  if (spent.length <= spentKept) return lots
  const dropped = new Set(spent.slice(0, spent.length - spentKept))
  return lots.filter((lot) => !dropped.has(lot))
}
