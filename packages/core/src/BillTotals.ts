/**
 * What each side of a reconciliation has of a day 对账合计: looked at first, since equal totals are what everybody hopes for.
 */
import { dayAt, type Terms } from "./BillDay.ts"
import type { BillRow } from "./BillRow.ts"
import type { Day } from "./CivilTime.ts"
import * as Money from "./Money.ts"
import * as PaymentAttempt from "./PaymentAttempt.ts"
import type { Credit } from "./Reconciliation.ts"

/** How many, and how much together, in fen. */
export interface Sum {
  readonly count: number
  readonly amount: Money.Money
}

/** What each side has of the day. `fee`: what the channel keeps, negative where it gives back. */
export interface Totals {
  readonly bill: { readonly payments: Sum; readonly refunds: Sum; readonly fee: number }
  readonly orders: { readonly payments: Sum; readonly refunds: Sum }
  readonly ledger: { readonly credits: Sum }
}

interface Sides {
  readonly day: Day
  readonly rows: ReadonlyArray<BillRow>
  readonly attempts: ReadonlyArray<PaymentAttempt.Attempt>
  readonly credits: ReadonlyArray<Credit>
  readonly terms: Terms
}

/** The totals of a day. */
export const totalsOf = ({ attempts, credits, day, rows, terms }: Sides): Totals => {
  const paid = attempts.filter(PaymentAttempt.isPaid)
  const payments = paid.filter(({ paidAt }) => dayAt(paidAt, terms) === day)
  const refunds = paid.filter((one) => one._tag === "Returned" && dayAt(one.returnedAt, terms) === day)
  const credited = credits.filter(({ paidAt }) => dayAt(paidAt, terms) === day)
  return {
    bill: billTotals(rows),
    orders: {
      payments: sumOf(payments.map(({ paidAmount }) => paidAmount)),
      refunds: sumOf(refunds.map(({ paidAmount }) => paidAmount))
    },
    ledger: { credits: sumOf(credited.map(({ amount }) => amount)) }
  }
}

const sumOf = (amounts: ReadonlyArray<Money.Money>): Sum => ({ count: amounts.length, amount: Money.sum(amounts) })

const billTotals = (rows: ReadonlyArray<BillRow>): Totals["bill"] => {
  const of = (kind: BillRow["kind"]) => sumOf(rows.filter((row) => row.kind === kind).map(({ amount }) => amount))
  return { payments: of("payment"), refunds: of("refund"), fee: rows.reduce((sum, { fee }) => sum + fee, 0) }
}
