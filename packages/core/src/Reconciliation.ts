/**
 * Reconciliation 对账: the channel's bill of a day, the orders and the books, compared three ways (D2, I3, I13). Pure: what
 * each side says comes in, the differences go out, each with what may put it right.
 *
 * A channel's day ends at its own cut-off 日切, and what was paid close to it may stand in the bill of the next day, or of the
 * one before. So it is carried 跨日 from one comparison to the next, as data, and is no difference before its time is over.
 * Refunds take their time, and are waited for some days longer.
 */
import { Schema } from "effect"
import type { Terms } from "./BillDay.ts"
import type { BillRow } from "./BillRow.ts"
import type { Totals } from "./BillTotals.ts"
import { type Day, Day as DaySchema, type Instant } from "./CivilTime.ts"
import type { Correction, Discrepancy } from "./Discrepancy.ts"
import { type OrderId, OrderNumber } from "./Id.ts"
import { Comparison } from "./internal/comparison.ts"
import * as Money from "./Money.ts"
import type * as PaymentAttempt from "./PaymentAttempt.ts"
import type { Order } from "./Recharge.ts"

export { dayAt, Terms, terms } from "./BillDay.ts"
export type { Sum, Totals } from "./BillTotals.ts"

const carriedKind = { kind: Schema.Literals(["payment", "refund"]), number: OrderNumber }

/** What goes over into the next day. */
export const Carried = Schema.TaggedUnion({
  /** Ours, and the bill lacks it; it may come with the next. `day`: on which we would have it. */
  Awaited: { ...carriedKind, amount: Money.Amount, day: DaySchema },
  /** The bill had it before its day had come for us. */
  Ahead: { ...carriedKind, amount: Money.Amount }
})
export type Carried = typeof Carried.Type

/** A credit in the books. */
export interface Credit {
  readonly order: OrderId
  readonly amount: Money.Amount
  readonly reference: string
  readonly paidAt: Instant
}

/** What the three sides say. */
export interface Sides {
  readonly channel: string
  /** Whose bill it is, where that is known: channels of one merchant have one bill, and find the same in it. */
  readonly merchant?: string | undefined
  readonly day: Day
  readonly rows: ReadonlyArray<BillRow>
  /**
   * The attempts of this merchant that were paid or sent back about this day, are carried, or stand in its bill: by their
   * number, or by the reference of their payment.
   */
  readonly attempts: ReadonlyArray<PaymentAttempt.Attempt>
  /** The orders of these attempts. */
  readonly orders: ReadonlyMap<OrderId, Order>
  /** The credits of these orders, and those of this day that may be of no order of this channel at all. */
  readonly credits: ReadonlyArray<Credit>
  /** As the comparison of the day before told. None: there was none, and nobody knows what its bill had. */
  readonly carried?: ReadonlyArray<Carried> | undefined
  /** The keys of what is suspended: a person has it, and it is not found again. */
  readonly suspended: ReadonlySet<string>
  /** Whether a row of the bill comes with its receipt. */
  readonly isReceipted: (row: BillRow) => boolean
  readonly terms: Terms
}

/** A difference and what is proposed. */
export interface Finding {
  readonly key: string
  readonly difference: Discrepancy
  readonly correction: Correction
}

export interface Outcome {
  readonly channel: string
  readonly day: Day
  readonly totals: Totals
  /** How many rows of the bill agree with their orders. */
  readonly matched: number
  readonly findings: ReadonlyArray<Finding>
  /** For the comparison of the next day. */
  readonly carried: ReadonlyArray<Carried>
  /** How many differences a person has already. */
  readonly suspended: number
  /** The keys of what was missing and suspended, and is in this bill: nobody has to look for it any more. */
  readonly settled: ReadonlyArray<string>
}

/** Compares the three sides. Nothing that a bill holds makes it fail. */
export const compare = (sides: Sides): Outcome => new Comparison(sides).outcome
