/**
 * People and programs tell what became of a recharge elsewhere 人工告知 (D2): what a channel did on its own, what a tap wrote, and
 * what a person did by hand.
 */
import { Effect, Stream } from "effect"
import type { PaymentUnmatched } from "../Fault.ts"
import type { OrderNumber, PointId } from "../Id.ts"
import { MalformedCommand } from "../Misuse.ts"
import * as PaymentAttempt from "../PaymentAttempt.ts"
import { RechargeChannels, serving } from "../ports/RechargeChannel.ts"
import { SubjectStore } from "../ports/SubjectStore.ts"
import type * as Recharge from "../Recharge.ts"
import * as RechargeOrder from "../RechargeOrder.ts"
import * as StuckRecharge from "../StuckRecharge.ts"
import { ask, type Named } from "./Asking.ts"
import * as Attempting from "./Attempting.ts"
import { conclude, concluded } from "./Concluding.ts"
import * as Ordered from "./Ordered.ts"
import { keptNoMore } from "./Receiving.ts"
import * as Returning from "./Returning.ts"
import * as Submit from "./Submit.ts"

/** What a channel does on its own, or a tap. */
type News = "Closed" | "RefundSent" | "TakenBack" | "WrittenToCard"

/**
 * Tells what the channel did on its own, or what a tap did to the card; the same again changes nothing, however far the
 * order has come since. What the bank took back after it was credited is `PaymentUnmatched`: the account keeps it, and it
 * stands in `Recharging.stuck` for a person. Money that a person sent back by hand is told by {@link returned}.
 */
export const tell = Effect.fn("Recharging.tell")(function*({ id }: Named, what: News) {
  const known = yield* Ordered.caughtUp(yield* Ordered.stored(id))
  if (what === "RefundSent") yield* sentBack(known)
  const order = what === "TakenBack" && known._tag === "Paid" ? yield* Ordered.closedToCredit(known) : known
  const told = yield* Effect.catchTag(
    Ordered.go(order, { _tag: what }),
    "PaymentUnmatched",
    (fault) => Effect.andThen(what === "TakenBack" ? keptNoMore(id) : Effect.void, unlessOld(fault, what))
  )
  yield* Effect.forEach(
    yield* Attempting.ofOrder(told),
    (attempt) =>
      what === "Closed" && PaymentAttempt.isUnpaid(attempt)
        ? Attempting.step(attempt, { _tag: "Closed" })
        : conclude(attempt, told)
  )
  return told
})

/** Before the order knows: were it the other way round, a cut between the two would have it sent back once more. */
const sentBack = Effect.fnUntraced(function*(order: Recharge.Order) {
  if (order._tag !== "RefundDue") return
  for (const attempt of yield* Attempting.ofOrder(order)) {
    const isIt = PaymentAttempt.isPaid(attempt) && PaymentAttempt.isOf(attempt, order)
    if (isIt) yield* conclude(attempt, order, true)
  }
})

/** The order as it is by now, where this happened to it before. */
const unlessOld = Effect.fnUntraced(function*(unmatched: PaymentUnmatched, what: News) {
  const { order } = unmatched
  const entries = yield* Stream.runCollect((yield* SubjectStore).journal(RechargeOrder.decider, order))
  const isOld = entries.some(({ answer }) =>
    answer._tag === "Approved" && answer.events.some(({ _tag }) => _tag === what)
  )
  return isOld ? yield* Ordered.stored(order) : yield* unmatched
})

/**
 * A person has seen to a refund that its channel could not make, and it is tried again, under its own number. The channel
 * is asked first: one that was made after all is not made again.
 */
export const returnAgain = Effect.fn("Recharging.returnAgain")(function*(number: OrderNumber, point: PointId) {
  const failed = yield* Attempting.known(number)
  if (failed._tag === "ReturnFailed") {
    const { _tag } = yield* Returning.refunding(failed, yield* Attempting.channelOf(failed))
    yield* Attempting.step(failed, { _tag: _tag === "Done" ? "Returned" : "ReturnAgain" })
  }
  yield* ask(yield* Attempting.known(number), point)
  return yield* Attempting.known(number)
})

/**
 * A person has sent money back by hand 人工退款: of a refund that its channel could not make, or whose channel makes none. The
 * order goes on; the same again changes nothing. `point`: on whose behalf.
 */
export const returned = Effect.fn("Recharging.returned")(function*(number: OrderNumber, point: PointId) {
  yield* Ordered.isPlace(point)
  const attempt = yield* Attempting.known(number)
  if (attempt._tag !== "Returned") {
    const canRefund = serving(yield* RechargeChannels, attempt)?.refund !== undefined
    const isByHand = attempt._tag === "ReturnFailed" || (attempt._tag === "Returning" && !canRefund)
    if (!isByHand) return yield* flawed("Expected money that a person has to send back: see Recharging.stuck")
    yield* Attempting.step(attempt, { _tag: "Returned" })
  }
  yield* concluded(attempt.order)
  return yield* Attempting.known(number)
})

/**
 * A person ends an attempt of which its channel says nothing final, a day past its end at the earliest, after a look at the
 * channel's bill: a payment that comes all the same is believed. Or one that the bank took back after it was credited, once
 * the holder has paid it again or never will. `point`: on whose behalf.
 */
export const giveUp = Effect.fn("Recharging.giveUp")(function*(number: OrderNumber, point: PointId) {
  yield* Ordered.isPlace(point)
  const attempt = yield* Attempting.known(number)
  if (attempt._tag === "TakenBack") yield* Attempting.step(attempt, { _tag: "SeenTo" })
  else if (StuckRecharge.isUndecided(attempt, yield* Submit.arrival)) {
    yield* Attempting.step(attempt, { _tag: "Closed" })
  } else if (attempt._tag !== "Closed" && attempt._tag !== "SeenTo") {
    return yield* flawed("Expected an attempt that waits for a person to end it: see Recharging.stuck")
  }
  yield* concluded(attempt.order)
  return yield* Attempting.known(number)
})

const flawed = (problem: string) => new MalformedCommand({ flaws: [{ path: "number", problem }] })
