/**
 * A payment attempt 支付单: one try to pay a recharge order through one channel, under one merchant order number 商户订单号
 * (D2, D21).
 *
 * An order is the campus's, an attempt is the channel's: it says what the channel knows, and it is written down before the
 * channel is asked, so that whatever becomes of the caller, the number is known and can be asked about. An order whose payer
 * turns to another channel has several; of those that are paid one is kept and every other one goes back.
 *
 * Its subject is its number. As with orders, only evidence moves it to Paid, and what is read back from a journal is none.
 */
import { Result } from "effect"
import { numberIn } from "./AttemptNumber.ts"
import { Attempt, isOpen, isPaid, isSame, isStuck, type Paid, type ReturnReason } from "./AttemptState.ts"
import { Command, Event, weigh } from "./AttemptStep.ts"
import type { Instant } from "./CivilTime.ts"
import type * as Decider from "./Decider.ts"
import { is as isReceipt } from "./Receipt.ts"
import type { Order } from "./Recharge.ts"

export { numberIn, numberOf, numberOfRefund, refundNumberOf } from "./AttemptNumber.ts"
export {
  Attempt,
  Instruction,
  isOpen,
  isPaid,
  isSame,
  isStuck,
  isUnpaid,
  type Paid,
  ReturnReason
} from "./AttemptState.ts"
export { Command, Event, type Step, weigh } from "./AttemptStep.ts"

export const kind = "paymentAttempt"

const decide: Decider.Decider<Attempt, Command, Event>["decide"] = (attempt, command, { now, subject }) => {
  if (command._tag === "Open") {
    if (attempt !== undefined) return Result.fail({ _tag: "SubjectExists", kind })
    const number = numberIn(subject)
    if (number === undefined) return Result.fail({ _tag: "UnknownSubject", kind })
    const { _tag: _, ...body } = command
    return Result.succeed([{ _tag: "Opened", at: now, number, openedAt: now, ...body }])
  }
  if (attempt === undefined) return Result.fail({ _tag: "UnknownSubject", kind })
  if (command._tag === "Confirmed") {
    const { receipt } = command
    if (!isReceipt(receipt) || receipt.number !== attempt.number) return Result.fail({ _tag: "NotPaid" })
    if (isPaid(attempt)) return isSame(attempt, receipt) ? Result.succeed([]) : refused(attempt, command)
    const { amount: paidAmount, paidAt, reference, witness } = receipt
    return Result.succeed([{ _tag: "Paid", at: now, paidAt, paidAmount, reference, witness }])
  }
  const weighed = weigh(attempt, command._tag)
  if (weighed !== "new") return weighed === "known" ? Result.succeed([]) : refused(attempt, command)
  const { _tag, ...body } = command
  return Result.succeed([{ _tag, at: now, ...body } as Event])
}

const refused = (attempt: Attempt, command: Command) =>
  Result.fail({ _tag: "OrderStepRefused", order: attempt._tag, step: command._tag } as const)

const evolve = (attempt: Attempt | undefined, event: Event): Attempt => {
  if (event._tag === "Opened") {
    const { at: _, ...all } = event
    return { ...all, _tag: "Opened" }
  }
  if (attempt === undefined) throw new Error(`An attempt begins with Opened, not with ${event._tag}`)
  const { amount, channel, expiresAt, index, number, openedAt, order, source } = attempt
  const ordered = { amount, channel, expiresAt, index, number, openedAt, order, source }
  switch (event._tag) {
    case "Sent":
      return { _tag: "Waiting", ...ordered, instruction: event.instruction }
    case "AnswerLost":
      return { _tag: "Unknown", ...ordered, since: event.at }
    case "Closed":
      return { _tag: "Closed", ...ordered, closedAt: event.at }
    case "Paid": {
      const { paidAmount, paidAt, reference, witness } = event
      return { _tag: "Paid", ...ordered, paidAmount, paidAt, reference, witness }
    }
  }
  if (!isPaid(attempt)) throw new Error(`An attempt that is ${attempt._tag} is never ${event._tag}`)
  const { paidAmount, paidAt, reference, witness } = attempt
  const payment = { ...ordered, paidAmount, paidAt, reference, witness }
  if (event._tag === "Kept") return { _tag: "Kept", ...payment, keptAt: event.at }
  if (event._tag === "TakenBack" && attempt._tag === "Kept") {
    return { _tag: "TakenBack", ...payment, keptAt: attempt.keptAt, takenBackAt: event.at }
  }
  if (event._tag === "SeenTo" && attempt._tag === "TakenBack") return { ...attempt, _tag: "SeenTo", seenToAt: event.at }
  if (event._tag === "ReturnDue") {
    return { _tag: "Returning", ...payment, reason: event.reason, dueAt: event.at, since: event.at }
  }
  if (!("reason" in attempt)) throw new Error(`An attempt that is ${attempt._tag} is never ${event._tag}`)
  const back = { ...payment, reason: attempt.reason, dueAt: attempt.dueAt, since: attempt.since }
  switch (event._tag) {
    case "Returned":
      return { _tag: "Returned", ...back, returnedAt: event.at }
    case "ReturnFailed":
      return { _tag: "ReturnFailed", ...back, failedAt: event.at }
    case "ReturnAgain":
      // Each round is known by when it began: two in one millisecond are two all the same.
      return { _tag: "Returning", ...back, dueAt: event.at, since: Math.max(event.at, attempt.since + 1) as Instant }
    default:
      throw new Error(`An attempt that is ${attempt._tag} is never ${event._tag}`)
  }
}

/** The decider of attempts. Its events post nothing: the money moves in the books of the account. */
export const decider: Decider.Decider<Attempt, Command, Event> = {
  kind,
  state: Attempt,
  command: Command,
  event: Event,
  decide,
  evolve,
  postings: () => [],
  // A store tells both, so that neither the driver nor a person has to look at all that there ever was.
  isOpen: (attempt) => isOpen(attempt) || isStuck(attempt)
}

/** Whether an order stands by this payment, and not by another one. */
export const isOf = (attempt: Paid, order: Order): boolean =>
  "reference" in order && order.reference === attempt.reference && order.channel === attempt.channel

/**
 * What becomes of the money of a paid attempt, by its order: `kept` where the order was credited with it, a reason where it
 * has to go back, nothing while that is open.
 */
export const fateOf = (attempt: Paid, order: Order): ReturnReason | "kept" | undefined => {
  if (!("reference" in order)) return undefined
  // The order stands by another payment than this one.
  if (!isOf(attempt, order)) return "duplicate"
  switch (order._tag) {
    case "Credited":
    case "Written":
      return "kept"
    case "RefundDue":
      return order.reason
    case "Reversed":
      return "takenBack"
    // Sent back already: nobody may send it back once more.
    case "Refunded":
    case "Paid":
      return undefined
  }
}
