/**
 * Money on its way back 退款流程 (D2): asked for under one number for ever, so that it goes back once.
 *
 * A bank may take a payment back itself, or somebody may give it back in the channel's own office, while a refund is due. So
 * the channel is asked before each refund is sent: money must never go back twice.
 */
import { Effect } from "effect"
import { type Instant, later } from "../CivilTime.ts"
import * as PaymentAttempt from "../PaymentAttempt.ts"
import type { RechargeChannel, Refund, Refunding } from "../ports/RechargeChannel.ts"
import * as Attempting from "./Attempting.ts"
import * as Ordered from "./Ordered.ts"
import * as Submit from "./Submit.ts"

type Back = Extract<PaymentAttempt.Attempt, { readonly reason: string }>

/** Sends the money of an attempt back, or asks what became of that; once it is back, or never will be, that is written down. */
export const giveBack = Effect.fnUntraced(function*(
  attempt: Extract<PaymentAttempt.Attempt, { readonly _tag: "Returning" }>,
  channel: RechargeChannel
) {
  const { patience, query, refund } = channel
  if (refund === undefined) return attempt
  const isAsked = isDue(attempt.since, patience.refunds[0], yield* Submit.arrival)
  let told: Refunding = isAsked ? yield* refunding(attempt, channel) : { _tag: "NotFound" }
  if (told._tag === "NotFound") {
    const isBack = (yield* query(attempt))._tag === "GivenBack"
    // It may be by our own refund, whose answer was lost.
    if (isBack && !isAsked) told = yield* refunding(attempt, channel)
    if (isBack && told._tag === "NotFound") return yield* elsewhere(attempt)
  }
  // The same number again is one refund: so what the channel does not know is sent, however often.
  const { _tag } = told._tag === "NotFound" ? yield* refund(requestOf(attempt)) : told
  return _tag === "Done"
    ? yield* Attempting.step(attempt, { _tag: "Returned" })
    : _tag === "Abnormal"
    ? yield* Attempting.step(attempt, { _tag: "ReturnFailed" })
    : attempt
})

/** What the channel knows of this refund. */
export const refunding = Effect.fnUntraced(function*(attempt: Back, { queryRefund }: RechargeChannel) {
  const unknown: Refunding = { _tag: "NotFound" }
  return queryRefund === undefined ? unknown : yield* queryRefund(requestOf(attempt))
})

const requestOf = (attempt: Back): Refund => ({
  attempt,
  number: PaymentAttempt.refundNumberOf(attempt.number),
  amount: attempt.paidAmount,
  dueAt: attempt.dueAt
})

const isDue = (since: Instant, wait: number | undefined, now: Instant): boolean => now >= later(since, wait ?? 0)

/** Given back by somebody else than us: the order that stands by it is over, and no refund is sent. */
const elsewhere = Effect.fnUntraced(function*(attempt: Back) {
  const order = yield* Ordered.stored(attempt.order)
  if (order._tag === "RefundDue" && PaymentAttempt.isOf(attempt, order)) {
    yield* Effect.catchTag(Ordered.go(order, { _tag: "TakenBack" }), "PaymentUnmatched", () => Effect.void)
  }
  return yield* Attempting.step(attempt, { _tag: "Returned" })
})
