/**
 * What follows for the attempts of an order from how it stands, and for the order from its attempts (D2, D21): those who were
 * cut off left some of it to whoever comes next.
 */
import { Effect } from "effect"
import type { OrderId } from "../Id.ts"
import * as PaymentAttempt from "../PaymentAttempt.ts"
import { RechargeChannels, serving } from "../ports/RechargeChannel.ts"
import type * as Recharge from "../Recharge.ts"
import * as Attempting from "./Attempting.ts"
import * as Ordered from "./Ordered.ts"
import * as Returning from "./Returning.ts"
import * as Submit from "./Submit.ts"

/**
 * What becomes of a paid attempt, by its order: kept, or sent back. `isBack`: its money is back already, by whoever sent it.
 */
export const conclude = Effect.fnUntraced(function*(
  attempt: PaymentAttempt.Attempt,
  order: Recharge.Order,
  isBack = false
) {
  if (!PaymentAttempt.isPaid(attempt)) return attempt
  const fate = PaymentAttempt.fateOf(attempt, order)
  if (attempt._tag === "Returning" || attempt._tag === "ReturnFailed") {
    // The bank was faster than our refund: it must not go back twice.
    return isBack || fate === "takenBack" ? yield* Attempting.step(attempt, { _tag: "Returned" }) : attempt
  }
  if (attempt._tag !== "Paid" || fate === undefined) return attempt
  if (fate === "kept") return yield* Attempting.step(attempt, { _tag: "Kept" })
  const due = yield* Attempting.step(attempt, { _tag: "ReturnDue", reason: fate })
  if (isBack || fate === "takenBack") return yield* Attempting.step(due, { _tag: "Returned" })
  const channel = serving(yield* RechargeChannels, attempt)
  if (due._tag !== "Returning" || channel === undefined) return due
  // It is written down and asked for again: a channel that does not answer now is no fault of this step.
  return yield* Effect.catchTag(Returning.giveBack(due, channel), "ChannelFailed", () => Effect.succeed(due))
})

/** The order with all that follows from its attempts. */
export const concluded = Effect.fnUntraced(function*(id: OrderId) {
  let order = yield* Ordered.caughtUp(yield* Ordered.stored(id))
  const attempts = yield* Attempting.ofOrder(order)
  for (const attempt of attempts) {
    const now = yield* conclude(attempt, order)
    if (order._tag !== "RefundDue" || !bears(now, order)) continue
    // Whoever found it given back elsewhere may have told the order.
    const told = yield* Ordered.stored(id)
    order = told._tag === "RefundDue" ? yield* Ordered.go(told, { _tag: "RefundSent" }) : told
  }
  // One that was cut off before its first attempt ends like one whose attempts have.
  const ends = attempts.every(({ _tag }) => _tag === "Closed")
  // Until then its payer may turn to another source.
  return isOrdered(order) && ends && (yield* Submit.arrival) > order.expiresAt
    ? yield* Ordered.go(order, { _tag: "Closed" })
    : order
})

/** Whether the bank has taken this payment back itself, and whoever told so was cut off before the attempt knew. */
export const isReversed = Effect.fnUntraced(function*(attempt: PaymentAttempt.Attempt) {
  if (attempt._tag !== "Returning" && attempt._tag !== "ReturnFailed") return false
  return PaymentAttempt.fateOf(attempt, yield* Ordered.stored(attempt.order)) === "takenBack"
})

/** Whether the money of this order is back, as this attempt says. */
export const bears = (attempt: PaymentAttempt.Attempt, order: Recharge.Order): boolean =>
  attempt._tag === "Returned" && PaymentAttempt.isOf(attempt, order)

/** Whether nobody has told of a payment of this order, and it may still be paid. */
export const isOrdered = ({ _tag }: Recharge.Order): boolean =>
  _tag === "Created" || _tag === "Paying" || _tag === "Unknown"
