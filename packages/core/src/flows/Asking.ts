/**
 * Channels are asked what became of an attempt, and what they say is done 查询流程 (D2, D21). Nobody guesses: what nobody knows of
 * is asked about until its channel says what became of it.
 */
import { Effect, Option, Result } from "effect"
import type { Answer } from "../Answer.ts"
import { later } from "../CivilTime.ts"
import type { OrderId, OrderNumber, PointId } from "../Id.ts"
import * as PaymentAttempt from "../PaymentAttempt.ts"
import { patienceOf } from "../ports/RechargeChannel.ts"
import type * as Recharge from "../Recharge.ts"
import * as Attempting from "./Attempting.ts"
import { conclude, concluded } from "./Concluding.ts"
import * as Ordered from "./Ordered.ts"
import * as Receiving from "./Receiving.ts"
import * as Returning from "./Returning.ts"
import * as Submit from "./Submit.ts"

/** What an order is called; the order itself will do, since only its name is read. */
export interface Named {
  readonly id: OrderId
}

/** An order as it stands. `answer`: what the account said; none where nothing was credited now. */
export interface Confirmed {
  readonly order: Recharge.Order
  readonly answer: Option.Option<Answer>
}

/**
 * Asks the channels whether the order was paid, and credits it if so. What counts is the order as it is stored. `point`: on
 * whose behalf the credit is written.
 */
export const confirm = Effect.fn("Recharging.confirm")(function*({ id }: Named, point: PointId) {
  const attempts = yield* Attempting.ofOrder(yield* Ordered.stored(id))
  let answer = Option.none<Answer>()
  for (const attempt of attempts) {
    const told = yield* ask(attempt, point)
    if (Option.isSome(told)) answer = told
  }
  return { order: yield* concluded(id), answer } satisfies Confirmed
})

/** One round for an order: each attempt that is open is asked about, and one that nobody can pay any more is over. */
export const pursue = Effect.fn("Recharging.pursue")(function*(id: OrderId, point: PointId) {
  const order = yield* Ordered.stored(id)
  let answer = Option.none<Answer>()
  let failed: Effect.Error<ReturnType<typeof ask>> | undefined
  for (const attempt of yield* Attempting.ofOrder(order)) {
    if (!PaymentAttempt.isOpen(attempt)) continue
    const told = yield* Effect.result(ask(attempt, point))
    // One channel that does not answer does not keep another from being asked.
    if (Result.isFailure(told)) failed ??= told.failure
    else if (Option.isSome(told.success)) answer = told.success
  }
  if (failed !== undefined) return yield* failed
  return { order: yield* concluded(id), answer } satisfies Confirmed
})

/** One round for an attempt alone, and what follows for its order. The attempt as it is afterwards. */
export const inquire = Effect.fn("Recharging.inquire")(function*(number: OrderNumber, point: PointId) {
  const attempt = yield* Attempting.known(number)
  if (PaymentAttempt.isOpen(attempt)) yield* ask(attempt, point)
  yield* concluded(attempt.order)
  return yield* Attempting.known(number)
})

/** Asks the channel about one attempt, and does what follows. */
export const ask = Effect.fnUntraced(function*(attempt: PaymentAttempt.Attempt, point: PointId) {
  const nothing = Option.none<Answer>()
  const channel = yield* Attempting.channelOf(attempt)
  if (attempt._tag === "Returned") return nothing
  if (attempt._tag === "Returning" || attempt._tag === "ReturnFailed") {
    const now = yield* conclude(attempt, yield* Ordered.stored(attempt.order))
    if (now._tag === "Returning") yield* Returning.giveBack(now, channel)
    return nothing
  }
  const isOver = (yield* Submit.arrival) > later(attempt.expiresAt, patienceOf(channel, attempt).grace)
  let told = yield* channel.query(attempt)
  if (told._tag === "Waiting" && isOver && channel.close !== undefined) {
    yield* channel.close(attempt)
    // It may have been paid before it was closed.
    told = yield* channel.query(attempt)
  }
  switch (told._tag) {
    case "Paid":
      return yield* Receiving.settle(attempt, told.receipt, point)
    case "GivenBack":
      yield* Receiving.takenBack(attempt, told.receipt)
      return nothing
    case "Closed":
      yield* Attempting.step(attempt, { _tag: "Closed" })
      return nothing
    case "NotFound":
      // Before its end it may be on its way.
      if (isOver) yield* Attempting.step(attempt, { _tag: "Closed" })
      return nothing
    case "Waiting":
    case "Unclear":
      return nothing
  }
})
