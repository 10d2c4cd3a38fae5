/**
 * The refunds of a bill, added up under the number of each payment 退款核对: a part of it, a second one, and one that somebody
 * made in the channel's back office must not hide behind another.
 */
import { dayAt, type Terms } from "../BillDay.ts"
import type { BillRow } from "../BillRow.ts"
import type { Day } from "../CivilTime.ts"
import type { Correction, Of } from "../Discrepancy.ts"
import * as Money from "../Money.ts"
import * as PaymentAttempt from "../PaymentAttempt.ts"
import type { Sides } from "../Reconciliation.ts"
import { suspend, type Tally } from "./tally.ts"

type Attempt = PaymentAttempt.Attempt
export type Back = Extract<Attempt, { readonly reason: string }>
export const returning = (attempt: Attempt): Back | undefined => "reason" in attempt ? attempt : undefined

/** Whether the bank took it back, and may leave it out of its bills, or have it twice in them. */
export const isTakenBack = (attempt: Attempt): boolean =>
  attempt._tag === "TakenBack" || returning(attempt)?.reason === "takenBack"

/** What has gone back as far as we know, and no bill so far has it. */
export const missingOf = (attempt: Extract<Attempt, { readonly _tag: "Returned" }>): Of<"RefundDiffers"> => {
  const { _tag: state, number, order, paidAmount: recorded, reason } = attempt
  return { _tag: "RefundDiffers", side: "orders", number, order, billed: Money.zero, recorded, state, reason }
}

const sum = (rows: ReadonlyArray<BillRow>): Money.Money => Money.sum(rows.map(({ amount }) => amount))

/** Compares all refunds of one payment in this bill. */
export const compareRefunds = (
  attempt: Attempt,
  rows: ReadonlyArray<BillRow>,
  { day, terms }: Pick<Sides, "day" | "terms">,
  tally: Tally
): void => {
  const { _tag: state, number, order } = attempt
  const recorded = dueOf(attempt, day, terms, tally)
  const ourNumber = PaymentAttempt.refundNumberOf(number)
  // Whoever sent it: all of it went back, and no more.
  const isWhole = sum(rows) === recorded
  const isOurs = ({ refundNumber = ourNumber }: BillRow): boolean =>
    recorded > 0 && (isWhole || refundNumber === ourNumber)
  for (const row of rows.filter((row) => !isOurs(row))) {
    tally.find({ _tag: "RefundUnasked", number, order, row, state }, unaskedOf(attempt))
  }
  const own = rows.filter(isOurs)
  if (own.length === 0 || !PaymentAttempt.isPaid(attempt)) return
  tally.see("refund", number)
  if (attempt._tag === "Returned") tally.settles(missingOf(attempt))
  const isDone = attempt._tag === "Returned" || attempt._tag === "TakenBack"
  const isLater = attempt._tag !== "Returned" || dayAt(attempt.returnedAt, terms) > day
  if (isLater && attempt._tag !== "TakenBack") {
    tally.carried.push({ _tag: "Ahead", kind: "refund", number, amount: attempt.paidAmount })
  }
  const billed = sum(own)
  if (billed === recorded && isDone) {
    tally.matched += own.length
    return
  }
  const references = own.map(({ reference }) => reference)
  const told = { number, order, billed, recorded, state, references, ...reasonOf(attempt) }
  if (billed !== recorded) tally.find({ _tag: "RefundDiffers", side: "amount", ...told }, suspend)
  else tally.find({ _tag: "RefundDiffers", side: "bill", ...told }, proofOf(attempt, own))
}

/** What this bill may have of money that goes back; nothing where another bill had it before. */
const dueOf = (attempt: Attempt, day: Day, terms: Terms, tally: Tally): Money.Money => {
  if (attempt._tag !== "TakenBack" && returning(attempt) === undefined) return Money.zero
  const { number, paidAmount } = attempt as PaymentAttempt.Paid
  const before = tally.before("refund", number)
  if (before?._tag === "Ahead") return Money.zero
  if (attempt._tag !== "Returned" || isTakenBack(attempt)) return paidAmount
  const isExpected = !tally.isFollowing || before !== undefined || dayAt(attempt.returnedAt, terms) >= day
  return isExpected || tally.settles(missingOf(attempt)) ? paidAmount : Money.zero
}

const reasonOf = (attempt: Attempt): { readonly reason?: PaymentAttempt.ReturnReason } => {
  const back = returning(attempt)
  return back === undefined ? {} : { reason: back.reason }
}

/** A refund that is only under way as the bill says is no proof that it is done. */
const proofOf = ({ number, order }: Attempt, rows: ReadonlyArray<BillRow>): Correction => ({
  _tag: rows.some(({ isUnderWay }) => isUnderWay) ? "AskRefund" : "ConfirmBack",
  number,
  order
})

/** The channel knows of a payment that nobody was credited with that it was given back. */
const unaskedOf = (attempt: Attempt): Correction =>
  !PaymentAttempt.isPaid(attempt) || attempt._tag === "Paid"
    ? { _tag: "AskChannel", number: attempt.number, order: attempt.order }
    : suspend
