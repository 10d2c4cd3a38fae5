/**
 * What has happened and happens only once 已入账事实: records that a terminal brought, what cut-off doors told, orders that were
 * credited, and purchases told online whose record may still come (D11, D16).
 *
 * Each is known by a name that its world gives it: the number that a chip counts, that of a door, Alipay's own, the order's.
 * It is known as long as a second copy would still be taken. An order's own life then says that it is done (D21).
 */
import { Schema } from "effect"
import { dayLength, dayOf, Instant, minute, startOf } from "./CivilTime.ts"
import { type CardId, type OrderId, PointId, PurchaseId } from "./Id.ts"
import * as Money from "./Money.ts"
import * as Tally from "./Tally.ts"

/** `amount`, `point`: of a purchase; `purchase`: it was told online, and its record may still come. */
export const Posted = Schema.Struct({
  record: Schema.String,
  at: Instant,
  amount: Schema.optionalKey(Money.Amount),
  point: Schema.optionalKey(PointId),
  purchase: Schema.optionalKey(PurchaseId)
})
export interface Posted extends Schema.Schema.Type<typeof Posted> {}

type All = ReadonlyArray<Posted>
/** What a purchase says of itself. */
interface Sale {
  readonly amount: Money.Amount
  readonly at: Instant
  readonly point: PointId
}

/** The name of a credited order. */
export const ofOrder = (order: OrderId): string => `order:${order}`

/** The name of a purchase that the chip of this card has counted as its `sequence`th. */
export const ofCard = (card: CardId, sequence: number): string => `card:${card}:${sequence}`

/** The name of a purchase by Alipay at a cut-off canteen, by Alipay's own number. */
export const ofAlipay = (reference: string): string => `alipay:${reference}`

/** The name of a passage, by the number that its door gave it. */
export const ofDoor = (door: PointId, sequence: number): string => `door:${door}:${sequence}`

/** Copies of a record are taken for so many days (D16), and known for one more, in milliseconds. */
export const horizon = (Tally.daysKept + 1) * dayLength

/**
 * How far a record may lie from the moment in which its purchase was told online as well, in milliseconds: a clock may be off
 * by one minute (D16), and a terminal waits less than another for an answer that does not come.
 */
const oneTap = 2 * minute

const isSale = (one: Posted, sale: Sale): boolean =>
  one.amount === sale.amount && one.point === sale.point && Math.abs(one.at - sale.at) <= oneTap

/** Whether this record, passage or credit has happened already. */
export const has = (posted: All, record: string): boolean =>
  posted.some((one) => one.record === record && one.purchase === undefined)

/** Whether the record of this very purchase has come already. */
export const hasRecordOf = (posted: All, record: string, sale: Sale): boolean =>
  posted.some((one) => one.record === record && one.purchase === undefined && isSale(one, sale))

/**
 * The purchase of this record, where it was told online already, and stands. That one has the number only if the card was
 * debited: a record that says something else under it is another purchase, and the only one that was (D11). So is one
 * that was undone: its terminal says by the record that the chip has paid after all.
 */
export const toldOnline = (posted: All, record: string, sale: Sale): PurchaseId | undefined =>
  posted.find((one) => one.record === record && one.purchase !== undefined && isSale(one, sale))?.purchase

/** Whether this name belongs to something else than that purchase. */
export const isAnothers = (posted: All, record: string, purchase: PurchaseId): boolean =>
  posted.some((one) => one.record === record && one.purchase !== purchase)

/**
 * One more; what no copy can come of any more is forgotten, with the first fact of a day: for the rest of the day the list only
 * grows at its end, and a store can leave alone what stands before.
 */
export const add = (posted: All, entry: Posted, receivedAt: Instant): All => {
  // A clock that was ahead for a while must not make everything forgotten.
  const newest = posted.reduce((latest, { at }) => Math.max(latest, at), -Infinity)
  const oldest = startOf(dayOf(Math.min(receivedAt, newest) as Instant)) - horizon
  return [...posted.filter((one) => one.at >= oldest), entry]
}

/**
 * A purchase that was told online. A chip that still gives this number did not give it to the one before: that one was never
 * debited (D5).
 */
export const addOnline = (posted: All, record: string, sale: Sale & { readonly purchase: PurchaseId }): All => {
  const { amount, at, point, purchase } = sale
  const others = posted.filter((one) => one.record !== record || one.purchase === undefined)
  return add(others, { record, at, amount, point, purchase }, at)
}

/** A purchase that was told online has its record by now. */
export const confirm = (posted: All, record: string, purchase: PurchaseId): All =>
  posted.map((one) => {
    if (one.record !== record || one.purchase !== purchase) return one
    const { purchase: _, ...confirmed } = one
    return confirmed
  })

/** A purchase that was undone has no number: the chip's next one may have it. */
export const withoutPurchase = (posted: All, undone: PurchaseId): All =>
  posted.filter(({ purchase }) => purchase !== undone)
