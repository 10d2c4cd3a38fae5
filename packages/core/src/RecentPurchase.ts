/**
 * A purchase of the latest day 近期消费, as long as it may still be undone at its terminal (D5); and one that was undone before
 * anybody could know whether its chip had paid it, until a reading and the records of its card can show that no more.
 */
import { Schema } from "effect"
import type { Of } from "./AccountEvent.ts"
import * as Card from "./Card.ts"
import * as Chip from "./Chip.ts"
import { Instant } from "./CivilTime.ts"
import { CardId, PointId, PurchaseId } from "./Id.ts"
import { outOf, Transfer } from "./Ledger.ts"
import * as Money from "./Money.ts"
import { horizon } from "./Posted.ts"
import { Cell } from "./Tally.ts"

/**
 * `chip`: what was read from its card before. `undoneAt`: it was undone then, and the chip may not have paid it. `confirmed`:
 * its record has come as well, so that the chip has.
 */
export const RecentPurchase = Schema.Struct({
  purchase: PurchaseId,
  at: Instant,
  point: PointId,
  card: Schema.optionalKey(CardId),
  chip: Schema.optionalKey(Chip.Reading),
  cell: Cell,
  amount: Money.Amount,
  transfers: Schema.Array(Transfer),
  undoneAt: Schema.optionalKey(Instant),
  confirmed: Schema.optionalKey(Schema.Literal(true))
})
export interface RecentPurchase extends Schema.Schema.Type<typeof RecentPurchase> {}

type All = ReadonlyArray<RecentPurchase>

/** How many fen of it its chip was to pay. */
export const onChip = ({ transfers }: RecentPurchase): Money.Money => outOf("chip", transfers)

/** One more: those of another day go, but what a reading or a record may still show something of. */
export const add = (recent: All, cards: ReadonlyArray<Card.Card>, event: Of<"Purchased">): All => {
  const { at, card, cell, chip } = event
  const read = chip === undefined ? undefined : card
  return [...recent.filter((one) => one.cell.day === cell.day || isOpen(one, cards, at, read)), of(event)]
}

/** A purchase as it is kept here. */
export const of = (
  { amount, at, card, cell, chip, point, purchase, transfers }: Of<"Purchased">
): RecentPurchase => ({
  purchase,
  at,
  point,
  cell,
  amount,
  transfers,
  ...(card === undefined ? {} : { card }),
  ...(chip === undefined ? {} : { chip })
})

/** Whether a reading or a record may still show that its chip never paid. `read`: the card that was read now. */
const isOpen = (
  one: RecentPurchase,
  cards: ReadonlyArray<Card.Card>,
  now: Instant,
  read: CardId | undefined
): boolean =>
  one.undoneAt !== undefined &&
  cards.some((card) => card.id === one.card && Card.isFollowed(card)) &&
  (read !== one.card || now - one.undoneAt <= horizon)

/** It was undone, though its chip may not have paid it. */
export const undo = (recent: All, purchase: PurchaseId, undoneAt: Instant): All =>
  recent.map((one) =>
    one.purchase === purchase && one.chip !== undefined && onChip(one) > 0 ? { ...one, undoneAt } : one
  )

/** Its record has come: the chip has paid it. */
export const confirm = (recent: All, purchase: PurchaseId): All =>
  recent.map((one) => one.purchase === purchase ? { ...one, confirmed: true } : one)

/** Its chip has not paid it, and the books know that by now. */
export const settle = (recent: All, purchase: PurchaseId): All =>
  recent.map((one) => {
    const { undoneAt: _, ...settled } = one
    return one.purchase === purchase ? settled : one
  })
