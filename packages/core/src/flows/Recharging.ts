/**
 * A recharge from order to credit 充值流程, step by step: each step is idempotent by the name of the one before, so that
 * whoever is cut off in the middle simply goes on (D2, D21).
 *
 * Place asks the account before any money moves, stores the order and an attempt to pay it, and opens that at its channel. A
 * callback tells of a payment, or the channel is asked; what it confirms is credited under a name made of the order's: twice
 * confirmed is once credited. Whatever else was paid goes back, under one number each. Nobody guesses: an attempt that
 * nobody knows about is asked about until its channel says what became of it.
 */
import { Effect, Stream } from "effect"
import type { PointId } from "../Id.ts"
import * as PaymentAttempt from "../PaymentAttempt.ts"
import { RechargeChannels, serving } from "../ports/RechargeChannel.ts"
import { SubjectStore } from "../ports/SubjectStore.ts"
import type * as Recharge from "../Recharge.ts"
import * as RechargeOrder from "../RechargeOrder.ts"
import { pursue } from "./Asking.ts"
import * as Attempting from "./Attempting.ts"
import { bears, isReversed } from "./Concluding.ts"

export { confirm, type Confirmed, inquire, type Named, pursue } from "./Asking.ts"
export { hear, settleReceipt } from "./Hearing.ts"
export { place, type Placed, turn, type Turned } from "./Placing.ts"
export { stuck } from "./Stranded.ts"
export { giveUp, returnAgain, returned, tell } from "./Telling.ts"

/** The orders that are not over yet: those that the channel has to be asked about, and those whose money must go back. */
export const unfinished = Stream.unwrap(
  Effect.map(SubjectStore, (store) => Stream.map(store.open(RechargeOrder.decider), ({ state }) => state))
)

/** The attempts that are not over yet. */
export const openAttempts = Stream.unwrap(
  Effect.map(SubjectStore, (store) =>
    store.open(PaymentAttempt.decider).pipe(
      Stream.map(({ state }) => state),
      // What waits for a person is open as well.
      Stream.filter(PaymentAttempt.isOpen)
    ))
)

/**
 * What can be led on now: the orders that are not over, and the attempts of which a channel has still to be asked. What waits
 * for a person is not among them.
 */
export const open = Effect.gen(function*() {
  const channels = yield* RechargeChannels
  const orders = yield* Stream.runCollect(unfinished)
  const attempts = yield* Stream.runCollect(openAttempts)
  return {
    orders: yield* Effect.filter(orders, (order) => order._tag === "RefundDue" ? isBack(order) : Effect.succeed(true)),
    // What its channel can not send back is waited for: a person tells, unless the bank has told.
    attempts: yield* Effect.filter(
      attempts,
      (attempt) =>
        attempt._tag !== "Returning" || serving(channels, attempt)?.refund !== undefined
          ? Effect.succeed(true)
          : isReversed(attempt)
    )
  }
})

/** Whether the money of this order is back, and whoever sent it was cut off before the order knew. */
const isBack = (order: Recharge.Order) =>
  Effect.map(Attempting.ofOrder(order), (attempts) => attempts.some((attempt) => bears(attempt, order)))

/**
 * Confirms each order of which a channel has to be asked, and sends back what has to go back; what fails of one is told
 * beside it and stops no other. Run it again and again: nothing that was accepted is ever parked.
 */
export const drive = (point: PointId) =>
  // Collected first, since a store may have no second connection while it is still telling.
  Stream.unwrap(Effect.map(toDrive, (orders) => Stream.fromIterable(orders))).pipe(
    Stream.mapEffect((order) => Effect.map(Effect.result(pursue(order, point)), (outcome) => ({ order, outcome })))
  )

const toDrive = Effect.map(
  open,
  ({ attempts, orders }) => new Set([...orders.map(({ id }) => id), ...attempts.map(({ order }) => order)])
)
