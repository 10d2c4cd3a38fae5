/**
 * A comparison of the three sides, step by step 对账比对: the bill row by row, then the orders that it should have, then the
 * credits of which nobody knows a payment.
 */
import { beforeCutOff, dayAt } from "../BillDay.ts"
import type { BillRow } from "../BillRow.ts"
import { totalsOf } from "../BillTotals.ts"
import { addDays } from "../CivilTime.ts"
import type { Correction, Of } from "../Discrepancy.ts"
import * as Money from "../Money.ts"
import * as PaymentAttempt from "../PaymentAttempt.ts"
import type { Carried, Outcome, Sides } from "../Reconciliation.ts"
import { compareRefunds, isTakenBack, missingOf } from "./billedRefunds.ts"
import { Booked } from "./booked.ts"
import { claimOf, sharedReferences } from "./sharedReferences.ts"
import { suspend, Tally } from "./tally.ts"

export class Comparison {
  readonly #sides: Sides
  readonly #attempts: ReadonlyMap<string, PaymentAttempt.Attempt>
  readonly #shared: ReturnType<typeof sharedReferences>
  readonly #booked: Booked
  readonly #tally: Tally

  constructor(sides: Sides) {
    this.#sides = sides
    this.#attempts = new Map(sides.attempts.map((attempt) => [attempt.number, attempt]))
    this.#shared = sharedReferences(sides)
    this.#booked = new Booked(sides.credits)
    this.#tally = new Tally(sides)
    for (const { difference, isOfDay } of this.#shared.values()) if (isOfDay) this.#tally.find(difference, suspend)
    this.#bill()
    this.#orders()
    this.#ledger()
  }

  get outcome(): Outcome {
    const { channel, day } = this.#sides
    const { carried, findings, matched, settled, suspended } = this.#tally
    const totals = totalsOf(this.#sides)
    return {
      channel,
      day,
      totals,
      matched,
      findings: [...findings.values()],
      carried,
      suspended,
      settled: [...settled]
    }
  }

  /** The bill, row by row; the refunds of a payment together. */
  #bill() {
    const copies = new Map<string, number>()
    const refunds = new Map<string, Array<BillRow>>()
    for (const row of this.#sides.rows) if (row.kind === "refund") refunds.set(row.number, [])
    for (const row of this.#sides.rows) {
      const name = JSON.stringify([row.kind, row.number, row.reference, row.refundNumber])
      const copy = (copies.get(name) ?? 0) + 1
      copies.set(name, copy)
      const attempt = this.#attempts.get(row.number)
      if (copy > 1) this.#tally.find({ _tag: "RepeatedRow", row, copy }, suspend)
      else if (row.kind === "payment" && this.#shared.has(claimOf(row.kind, row.reference))) {
        this.#tally.see("payment", row.number)
      } else if (attempt === undefined) this.#tally.find({ _tag: "UnknownNumber", row }, suspend)
      else if (row.kind === "payment") this.#payment(row, attempt, refunds.has(row.number))
      else refunds.get(row.number)?.push(row)
    }
    for (const [number, rows] of refunds) {
      const attempt = this.#attempts.get(number)
      if (attempt === undefined) continue
      compareRefunds(attempt, rows, this.#sides, this.#tally)
      if (attempt._tag === "TakenBack") this.#fate(attempt)
    }
  }

  #payment(row: BillRow, attempt: PaymentAttempt.Attempt, isRefunded: boolean) {
    const { number, order } = attempt
    if (!PaymentAttempt.isPaid(attempt)) {
      // Given back in the channel's back office, maybe: the channel knows.
      const mayConfirm = !isRefunded && this.#sides.isReceipted(row)
      const correction: Correction = { _tag: mayConfirm ? "Confirm" : "AskChannel", number, order }
      if (row.amount === attempt.amount) {
        this.#tally.find({ _tag: "Unrecorded", number, order, row, state: attempt._tag }, correction)
      } else this.#tally.find({ _tag: "AmountDiffers", number, order, row, recorded: attempt.amount }, correction)
      return
    }
    if (row.reference !== attempt.reference) {
      const { amount, reference } = row
      this.#tally.find({ _tag: "PaidTwice", number, order, reference, amount, first: attempt.reference }, suspend)
      return
    }
    this.#tally.see("payment", number)
    const isOfDay = this.#isOfDay(row, attempt)
    const recorded = attempt.paidAmount
    if (row.amount !== recorded) this.#tally.find({ _tag: "AmountDiffers", number, order, row, recorded }, suspend)
    else if (isOfDay) this.#tally.matched++
    this.#fate(attempt)
  }

  /** Whether this payment may stand in this bill: it is of its day, or of one beside it and waited for. */
  #isOfDay(row: BillRow, attempt: PaymentAttempt.Paid): boolean {
    const { number, order } = attempt
    const { day, terms } = this.#sides
    const recordedOn = dayAt(attempt.paidAt, terms)
    const isSettled = this.#tally.settles(this.#missing(attempt))
    const before = this.#tally.before("payment", number)?._tag
    if (recordedOn > day) {
      this.#tally.carried.push({ _tag: "Ahead", kind: "payment", number, amount: row.amount })
    }
    const isFine = before === "Ahead"
      ? false
      : recordedOn >= day
      ? recordedOn <= addDays(day, 1)
      : !this.#tally.isFollowing || before === "Awaited" || isSettled || isTakenBack(attempt)
    if (!isFine) this.#tally.find({ _tag: "OtherDay", number, order, row, recordedOn }, suspend)
    return isFine
  }

  /** The attempts that should stand in this bill, or in one before. */
  #orders() {
    const { carried, day, terms } = this.#sides
    for (const attempt of this.#attempts.values()) {
      if (!PaymentAttempt.isPaid(attempt)) continue
      const { number, paidAmount: amount, paidAt, reference } = attempt
      const paidOn = dayAt(paidAt, terms)
      if (paidOn === day) this.#fate(attempt)
      // What the bank took back may stand in its bill as two rows, or as none.
      const isLeftOut = isTakenBack(attempt)
      const isShared = this.#shared.has(claimOf("payment", reference))
      if (!isShared && this.#tally.isMissing("payment", number, isLeftOut ? undefined : paidOn)) {
        const isLate = beforeCutOff(paidAt, terms) <= terms.window
        if (isLate && this.#tally.since("payment", number) === day) {
          this.#tally.carried.push({ _tag: "Awaited", kind: "payment", number, amount, day })
        } else this.#tally.find(this.#missing(attempt), { _tag: "AskChannel", number, order: attempt.order })
      }
      if (attempt._tag !== "Returned") continue
      const returnedOn = dayAt(attempt.returnedAt, terms)
      if (!this.#tally.isMissing("refund", number, isLeftOut ? undefined : returnedOn)) continue
      const since = this.#tally.since("refund", number)
      if (day - since < terms.refunds) {
        this.#tally.carried.push({ _tag: "Awaited", kind: "refund", number, amount, day: since })
      } else this.#tally.find(missingOf(attempt), suspend)
    }
    for (const one of carried ?? []) {
      if (one._tag === "Ahead" && !this.#isDone(one, this.#attempts.get(one.number))) this.#tally.carried.push(one)
    }
  }

  /** Whether the day has come on which we have it, too. */
  #isDone({ kind, number }: Carried, attempt: PaymentAttempt.Attempt | undefined): boolean {
    if (attempt === undefined || !PaymentAttempt.isPaid(attempt)) return false
    const { carried } = this.#tally
    if (carried.some((one) => one._tag === "Ahead" && one.kind === kind && one.number === number)) return true
    const at = kind === "payment" ? attempt.paidAt : attempt._tag === "Returned" ? attempt.returnedAt : undefined
    return at !== undefined && dayAt(at, this.#sides.terms) <= this.#sides.day
  }

  #missing({ number, order, paidAmount: amount, paidAt: at, reference }: PaymentAttempt.Paid): Of<"NotInBill"> {
    return { _tag: "NotInBill", number, order, reference, amount, at }
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
        const difference = { _tag: "PaidTwice", number, order: id, reference, amount, first } as const
        this.#tally.find(difference, { _tag: "GiveBack", number, order: id })
      } else {
        const state = order?._tag ?? "None"
        this.#tally.find({ _tag: "Unfinished", number, order: id, amount, state }, goOn)
      }
      return
    }
    const credited = this.#booked.of(id, reference)
    const recorded = attempt._tag === "Kept" ? amount : Money.zero
    if (credited === recorded) return
    this.#tally.find({ _tag: "LedgerDiffers", order: id, reference, recorded, credited }, suspend)
  }

  /** The credits of the day: each is of a payment that we know. */
  #ledger() {
    const { credits, day, terms } = this.#sides
    const paid = new Set<string>()
    for (const attempt of this.#attempts.values()) {
      if (PaymentAttempt.isPaid(attempt)) paid.add(`${attempt.order} ${attempt.reference}`)
    }
    for (const { order, paidAt, reference } of credits) {
      if (dayAt(paidAt, terms) !== day || paid.has(`${order} ${reference}`)) continue
      const credited = this.#booked.of(order, reference)
      this.#tally.find({ _tag: "LedgerDiffers", order, reference, recorded: Money.zero, credited }, suspend)
    }
  }
}
