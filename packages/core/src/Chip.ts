/**
 * What stands on the card itself 卡片芯片: the purse, and what a terminal that is cut off needs to decide (D12).
 *
 * How it is laid out in files and blocks belongs to the reader adapter; this is its meaning. Money in fen; sequences
 * count up by one and are never reused (PBOC: online and offline transaction counters).
 */
import { Schema } from "effect"
import { addMonths, Day, lastDay } from "./CivilTime.ts"
import { CardId } from "./Id.ts"
import * as Money from "./Money.ts"
import * as Tally from "./Tally.ts"

/** Of four bytes; all ones is what a chip says that counts nothing, and has no next. */
const Sequence = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 0xffff_fffe }))

/** What a reader reads at a tap. `loadSequence`: loads written so far; `purchaseSequence`: purchases made so far. */
export const Reading = Schema.Struct({
  balance: Money.Money,
  loadSequence: Sequence,
  purchaseSequence: Sequence
})
export interface Reading extends Schema.Schema.Type<typeof Reading> {}

/**
 * The whole card as a terminal sees it. `validUntil`: the first day on which it is dormant, kept there by terminals
 * (R46, A6).
 */
export const Chip = Schema.Struct({
  card: CardId,
  standing: Schema.Literals(["notActivated", "active", "blocked"]),
  purse: Reading,
  tallies: Tally.Tallies,
  validUntil: Day,
  /** The last day of a temporary card (A16). */
  endsOn: Schema.optionalKey(Day)
})
export interface Chip extends Schema.Schema.Type<typeof Chip> {}

/** The chip after a purchase of `amount` fen. The counters of older days make room: a chip is small. */
export const debit = (chip: Chip, cell: Tally.Cell, amount: Money.Money, dormantAfterMonths: number): Chip => ({
  ...chip,
  purse: {
    ...chip.purse,
    balance: Money.minus(chip.purse.balance, amount),
    purchaseSequence: chip.purse.purchaseSequence + 1
  },
  tallies: latest(Tally.add(chip.tallies, cell, amount)),
  // At the end of time a card stays awake until its last day.
  validUntil: cell.day > addMonths(lastDay, -dormantAfterMonths) ? lastDay : addMonths(cell.day, dormantAfterMonths)
})

/** The chip after a load of `amount` fen has been written. */
export const load = (chip: Chip, amount: Money.Money): Chip => ({
  ...chip,
  purse: {
    ...chip.purse,
    balance: Money.plus(chip.purse.balance, amount),
    loadSequence: chip.purse.loadSequence + 1
  }
})

/** The counters that a chip has room for: those of the latest day and of the latest meal. */
export const latest = ({ cells }: Tally.Tallies): Tally.Tallies => {
  const day = Math.max(...cells.map((cell) => cell.day))
  const meal = Math.max(...cells.map((cell) => cell.mealDay))
  return { cells: cells.filter((cell) => cell.day === day || cell.mealDay === meal) }
}
