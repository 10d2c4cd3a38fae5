/**
 * Reconciliation 对账: the channel's bill of a day, the orders and the books, compared three ways (D2, I3, I13). Pure: what
 * each side says comes in, the differences go out, each with what may put it right.
 *
 * A channel's day ends at its own cut-off 日切, and what was paid close to it may stand in the bill of the next day, or of the
 * one before. So it is carried 跨日 from one comparison to the next, as data, and is no difference before its time is over.
 * Refunds take their time, and are waited for some days longer.
 */
import { Schema } from "effect"
import { beforeCutOff, dayAt, type Terms } from "./BillDay.ts"
import type { BillRow } from "./BillRow.ts"
import { type Totals, totalsOf } from "./BillTotals.ts"
import { type Day, Day as DaySchema, type Instant } from "./CivilTime.ts"
import { type Correction, type Discrepancy, keyOf } from "./Discrepancy.ts"
import { type OrderId, OrderNumber } from "./Id.ts"
import * as Money from "./Money.ts"
import * as PaymentAttempt from "./PaymentAttempt.ts"
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
  readonly day: Day
  readonly rows: ReadonlyArray<BillRow>
  /** The attempts of this channel that were paid or sent back about this day, stand in its bill, or are carried. */
  readonly attempts: ReadonlyArray<PaymentAttempt.Attempt>
  /** The orders of these attempts. */
  readonly orders: ReadonlyMap<OrderId, Order>
  /** The credits of these orders, and those of this day that may be of no order of this channel at all. */
  readonly credits: ReadonlyArray<Credit>
  readonly carried: ReadonlyArray<Carried>
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
}

const suspend: Correction = { _tag: "Suspend" }

/** Compares the three sides. */
export const compare = (sides: Sides): Outcome => {
  const all = new Comparison(sides)
  all.bill()
  all.orders()
  all.ledger()
  return all.outcome
}

type Kind = Carried["kind"]
const nameOf = (kind: Kind, number: string): string => `${kind} ${number}`

/** One comparison under way; each side adds what it finds. */
class Comparison {
  readonly #sides: Sides
  readonly #attempts: ReadonlyMap<string, PaymentAttempt.Attempt>
  readonly #carriedIn: ReadonlyMap<string, Carried>
  /** What of ours the bill has. */
  readonly #seen = new Set<string>()
  readonly #findings = new Map<string, Finding>()
  readonly #carried: Array<Carried> = []
  readonly #suspended = new Set<string>()
  #matched = 0

  constructor(sides: Sides) {
    this.#sides = sides
    this.#attempts = new Map(sides.attempts.map((attempt) => [attempt.number, attempt]))
    this.#carriedIn = new Map(sides.carried.map((one) => [nameOf(one.kind, one.number), one]))
  }

  #find(difference: Discrepancy, correction: Correction) {
    const key = keyOf(this.#sides.channel, difference)
    if (this.#sides.suspended.has(key)) this.#suspended.add(key)
    else this.#findings.set(key, { key, difference, correction })
  }

  /** The bill, row by row. */
  bill() {
    const copies = new Map<string, number>()
    const refunded = new Set(this.#sides.rows.filter(({ kind }) => kind === "refund").map(({ number }) => number))
    for (const row of this.#sides.rows) {
      const name = JSON.stringify([row.kind, row.number, row.reference, row.refundNumber])
      const copy = (copies.get(name) ?? 0) + 1
      copies.set(name, copy)
      const attempt = this.#attempts.get(row.number)
      if (copy > 1) this.#find({ _tag: "RepeatedRow", row, copy }, suspend)
      else if (attempt === undefined) this.#find({ _tag: "UnknownNumber", row }, suspend)
      else if (row.kind === "payment") this.#payment(row, attempt, refunded.has(row.number))
      else this.#refund(row, attempt)
    }
  }

  #payment(row: BillRow, attempt: PaymentAttempt.Attempt, isRefunded: boolean) {
    const { number, order } = attempt
    if (!PaymentAttempt.isPaid(attempt)) {
      // Given back in the channel's back office, maybe: the channel knows.
      const mayConfirm = !isRefunded && this.#sides.isReceipted(row)
      const correction: Correction = { _tag: mayConfirm ? "Confirm" : "AskChannel", number, order }
      if (row.amount === attempt.amount) {
        this.#find({ _tag: "Unrecorded", number, order, row, state: attempt._tag }, correction)
      } else this.#find({ _tag: "AmountDiffers", number, order, row, recorded: attempt.amount }, correction)
      return
    }
    if (row.reference !== attempt.reference) {
      const { amount, reference } = row
      this.#find({ _tag: "PaidTwice", number, order, reference, amount, first: attempt.reference }, suspend)
      return
    }
    this.#seen.add(nameOf("payment", number))
    if (row.amount === attempt.paidAmount) this.#matched++
    else this.#find({ _tag: "AmountDiffers", number, order, row, recorded: attempt.paidAmount }, suspend)
    const day = dayAt(attempt.paidAt, this.#sides.terms)
    if (day > this.#sides.day) this.#carried.push({ _tag: "Ahead", kind: "payment", number, amount: row.amount })
    this.#fate(attempt)
  }

  #refund(row: BillRow, attempt: PaymentAttempt.Attempt) {
    const { number, order } = attempt
    const back = returning(attempt)
    const recorded = back?.paidAmount ?? Money.zero
    const told = { number, order, billed: row.amount, recorded, state: attempt._tag }
    if (back === undefined) {
      const isOpen = !PaymentAttempt.isPaid(attempt)
      this.#find(
        { _tag: "RefundDiffers", side: "bill", ...told },
        isOpen ? { _tag: "AskChannel", number, order } : suspend
      )
      return
    }
    this.#seen.add(nameOf("refund", number))
    const { reason } = back
    if (row.amount !== back.paidAmount) {
      this.#find({ _tag: "RefundDiffers", side: "amount", ...told, reason }, suspend)
    } else if (back._tag === "Returned") this.#matched++
    else this.#find({ _tag: "RefundDiffers", side: "bill", ...told, reason }, { _tag: "AskRefund", number, order })
    const isAhead = back._tag !== "Returned" || dayAt(back.returnedAt, this.#sides.terms) > this.#sides.day
    if (isAhead) this.#carried.push({ _tag: "Ahead", kind: "refund", number, amount: row.amount })
  }

  /** The attempts that should stand in this bill, or in one before. */
  orders() {
    for (const attempt of this.#attempts.values()) {
      if (!PaymentAttempt.isPaid(attempt)) continue
      const { number, paidAmount: amount, paidAt: at } = attempt
      const { day } = this.#sides
      // What the bank took back may stand in its bill as two rows, or as none.
      const isTakenBack = returning(attempt)?.reason === "takenBack"
      const paidOn = dayAt(at, this.#sides.terms)
      if (paidOn === day) this.#fate(attempt)
      const isLate = beforeCutOff(at, this.#sides.terms) <= this.#sides.terms.window
      if (this.#isMissing("payment", number, isTakenBack ? undefined : paidOn)) {
        const since = this.#since("payment", number)
        if (isLate && since === day) this.#carried.push({ _tag: "Awaited", kind: "payment", number, amount, day })
        else this.#missingPayment(attempt)
      }
      if (attempt._tag !== "Returned") continue
      const returnedOn = dayAt(attempt.returnedAt, this.#sides.terms)
      if (!this.#isMissing("refund", number, isTakenBack ? undefined : returnedOn)) continue
      const since = this.#since("refund", number)
      if (day - since < this.#sides.terms.refunds) {
        this.#carried.push({ _tag: "Awaited", kind: "refund", number, amount, day: since })
      } else this.#missingRefund(attempt)
    }
    for (const one of this.#sides.carried) {
      const attempt = this.#attempts.get(one.number)
      if (one._tag === "Ahead" && !this.#isDone(one, attempt)) this.#carried.push(one)
    }
  }

  /** Whether it should stand in this bill, and does not. `day`: its own; none where it is expected nowhere. */
  #isMissing(kind: Kind, number: string, day: Day | undefined): boolean {
    const name = nameOf(kind, number)
    const known = this.#carriedIn.get(name)
    const isExpected = known === undefined ? day === this.#sides.day : known._tag === "Awaited" && day !== undefined
    return isExpected && !this.#seen.has(name)
  }

  #since(kind: Kind, number: string): Day {
    const known = this.#carriedIn.get(nameOf(kind, number))
    return known?._tag === "Awaited" ? known.day : this.#sides.day
  }

  /** Whether the day has come on which we have it, too. */
  #isDone({ kind, number }: Carried, attempt: PaymentAttempt.Attempt | undefined): boolean {
    if (attempt === undefined || !PaymentAttempt.isPaid(attempt)) return false
    if (this.#carried.some((one) => one._tag === "Ahead" && one.kind === kind && one.number === number)) return true
    const at = kind === "payment" ? attempt.paidAt : attempt._tag === "Returned" ? attempt.returnedAt : undefined
    return at !== undefined && dayAt(at, this.#sides.terms) <= this.#sides.day
  }

  #missingPayment({ number, order, paidAmount: amount, paidAt: at, reference }: PaymentAttempt.Paid) {
    this.#find(
      { _tag: "NotInBill", number, order, reference, amount, at },
      { _tag: "AskChannel", number, order }
    )
  }

  #missingRefund(attempt: Extract<PaymentAttempt.Attempt, { readonly _tag: "Returned" }>) {
    const { _tag: state, number, order, paidAmount: recorded, reason } = attempt
    const told = { number, order, billed: Money.zero, recorded, state, reason }
    this.#find({ _tag: "RefundDiffers", side: "orders", ...told }, suspend)
  }

  /** What became of a payment: credited once, or on its way back. */
  #fate(attempt: PaymentAttempt.Paid) {
    const { number, order: id, paidAmount: amount, reference } = attempt
    const order = this.#sides.orders.get(id)
    if (attempt._tag === "Paid") {
      const goOn: Correction = { _tag: "GoOn", order: id }
      const fate = order === undefined ? undefined : PaymentAttempt.fateOf(attempt, order)
      if (fate === "duplicate" && order !== undefined && "reference" in order) {
        const { reference: first } = order
        this.#find(
          { _tag: "PaidTwice", number, order: id, reference, amount, first },
          { _tag: "GiveBack", number, order: id }
        )
      } else this.#find({ _tag: "Unfinished", number, order: id, amount, state: order?._tag ?? "None" }, goOn)
      return
    }
    const credited = this.#credited(id, reference)
    const recorded = attempt._tag === "Kept" ? amount : Money.zero
    if (credited !== recorded) this.#find({ _tag: "LedgerDiffers", order: id, reference, recorded, credited }, suspend)
  }

  #credited(order: OrderId, reference: string): Money.Money {
    const credits = this.#creditsOf.get(order) ?? []
    return Money.sum(credits.filter((one) => one.reference === reference).map(({ amount }) => amount))
  }

  get #creditsOf(): ReadonlyMap<OrderId, ReadonlyArray<Credit>> {
    return this.#byOrder ??= grouped(this.#sides.credits)
  }
  #byOrder: ReadonlyMap<OrderId, ReadonlyArray<Credit>> | undefined

  /** The credits of the day: each is of a payment that we know. */
  ledger() {
    const paid = new Set<string>()
    for (const attempt of this.#attempts.values()) {
      if (PaymentAttempt.isPaid(attempt)) paid.add(`${attempt.order} ${attempt.reference}`)
    }
    for (const { order, paidAt, reference } of this.#sides.credits) {
      if (dayAt(paidAt, this.#sides.terms) !== this.#sides.day || paid.has(`${order} ${reference}`)) continue
      const credited = this.#credited(order, reference)
      this.#find({ _tag: "LedgerDiffers", order, reference, recorded: Money.zero, credited }, suspend)
    }
  }

  get outcome(): Outcome {
    const { channel, day } = this.#sides
    return {
      channel,
      day,
      totals: totalsOf(this.#sides),
      matched: this.#matched,
      findings: [...this.#findings.values()],
      carried: this.#carried,
      suspended: this.#suspended.size
    }
  }
}

type Back = Extract<PaymentAttempt.Attempt, { readonly reason: string }>
const returning = (attempt: PaymentAttempt.Attempt): Back | undefined => "reason" in attempt ? attempt : undefined

const grouped = (credits: ReadonlyArray<Credit>): ReadonlyMap<OrderId, ReadonlyArray<Credit>> => {
  const all = new Map<OrderId, Array<Credit>>()
  for (const credit of credits) {
    const list = all.get(credit.order)
    if (list === undefined) all.set(credit.order, [credit])
    else list.push(credit)
  }
  return all
}
