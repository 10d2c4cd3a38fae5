/**
 * What of a purchase went back 已退金额, by reversal and refunds together (D5, I14). An account remembers it for ever: it
 * grows with mistakes, not with meals.
 */
import { Schema } from "effect"
import { PurchaseId } from "./Id.ts"
import * as Money from "./Money.ts"

/** `amount`: fen. */
export const Correction = Schema.Struct({ purchase: PurchaseId, amount: Money.Money })
export interface Correction extends Schema.Schema.Type<typeof Correction> {}

/** What went back of a purchase so far, in fen. */
export const returned = (
  { corrected }: { readonly corrected: ReadonlyArray<Correction> },
  purchase: PurchaseId
): Money.Money => corrected.find((one) => one.purchase === purchase)?.amount ?? Money.zero

/** Remembers that so much of a purchase went back. */
export const remember = (
  corrected: ReadonlyArray<Correction>,
  purchase: PurchaseId,
  amount: Money.Money
): ReadonlyArray<Correction> => {
  const before = corrected.find((one) => one.purchase === purchase)
  return before === undefined
    ? [...corrected, { purchase, amount }]
    : corrected.map((one) => one === before ? { purchase, amount: Money.plus(one.amount, amount) } : one)
}
