/**
 * A payment that its channel has confirmed 到账 (D2, I3): credited once to the account of its order, or on its way back.
 */
import { Effect, Option } from "effect"
import type { Answer } from "../Answer.ts"
import { PaymentUnmatched } from "../Fault.ts"
import type { OrderId, PointId } from "../Id.ts"
import { evidence as evidenceOf } from "../internal/evidence.ts"
import * as PaymentAttempt from "../PaymentAttempt.ts"
import type { Receipt } from "../Receipt.ts"
import * as Attempting from "./Attempting.ts"
import { conclude } from "./Concluding.ts"
import * as Ordered from "./Ordered.ts"

/** Takes what a channel has confirmed. The answer is the account's, where it was asked now. */
export const settle = Effect.fnUntraced(function*(attempt: PaymentAttempt.Attempt, receipt: Receipt, point: PointId) {
  const order = yield* Ordered.stored(attempt.order)
  yield* Ordered.mayCredit(order, point)
  const paid = yield* Attempting.confirm(attempt, receipt, order)
  const evidence = evidenceOf(paid, receipt)
  const after = yield* Effect.catchTag(Ordered.pay(order, evidence), "PaymentUnmatched", (fault) =>
    // Another payment of this order was first, and this one goes back.
    Effect.filterOrFail(
      Ordered.stored(order.id),
      (now) => PaymentAttempt.isPaid(paid) && PaymentAttempt.fateOf(paid, now) === "duplicate",
      () => fault
    ))
  if (after._tag !== "Paid" || after.reference !== receipt.reference) {
    yield* conclude(paid, after)
    return Option.none<Answer>()
  }
  const credited = yield* Ordered.credit(evidence, order.account, point)
  // The bank took it back, and whoever told so may have been cut off before the order knew.
  if (Option.isNone(credited)) {
    yield* conclude(paid, yield* Ordered.go(after, { _tag: "TakenBack" }))
    return credited
  }
  const step = Ordered.stepAfter(credited.value)
  // Paid, and neither credited nor to be sent back: the order stays Paid, and a person has to look.
  if (step === undefined) return yield* new PaymentUnmatched({ order: order.id, state: "Paid", step: "Credited" })
  yield* conclude(paid, yield* Ordered.go(after, step))
  return credited
})

/** Somebody gave a payment back in the channel's back office: it must be credited to nobody. */
export const takenBack = Effect.fnUntraced(function*(attempt: PaymentAttempt.Attempt, receipt: Receipt) {
  const order = yield* Ordered.stored(attempt.order)
  const paid = yield* Attempting.confirm(attempt, receipt, order)
  const evidence = evidenceOf(paid, receipt)
  const after = yield* Effect.catchTag(Ordered.pay(order, evidence), "PaymentUnmatched", () => Effect.succeed(order))
  const closed = after._tag === "Paid" ? yield* Ordered.closedToCredit(after) : after
  if (!PaymentAttempt.isPaid(paid) || !PaymentAttempt.isOf(paid, closed)) return yield* conclude(paid, closed, true)
  if (closed._tag === "Credited" || closed._tag === "Written") {
    yield* keptNoMore(order.id)
    return yield* new PaymentUnmatched({ order: order.id, state: closed._tag, step: "TakenBack" })
  }
  const isOpen = closed._tag === "Paid" || closed._tag === "RefundDue"
  return yield* conclude(paid, isOpen ? yield* Ordered.go(closed, { _tag: "TakenBack" }) : closed, true)
})

/**
 * Writes down that the bank took back what an order was credited with: the account has it still, so that no program may
 * do more, and a person finds it in `Recharging.stuck`.
 */
export const keptNoMore = Effect.fnUntraced(function*(id: OrderId) {
  const order = yield* Ordered.caughtUp(yield* Ordered.stored(id))
  if (order._tag !== "Credited" && order._tag !== "Written") return
  for (const attempt of yield* Attempting.ofOrder(order)) {
    const isIt = PaymentAttempt.isPaid(attempt) && PaymentAttempt.isOf(attempt, order)
    if (isIt) yield* Attempting.step(yield* conclude(attempt, order), { _tag: "TakenBack" })
  }
})
