/**
 * What of all recharges waits for a person 待人工处理 (D2): the list that an office looks at each morning.
 */
import { Effect, Option, Stream } from "effect"
import * as PaymentAttempt from "../PaymentAttempt.ts"
import { RechargeChannels, serving } from "../ports/RechargeChannel.ts"
import { SubjectStore } from "../ports/SubjectStore.ts"
import * as RechargeOrder from "../RechargeOrder.ts"
import * as StuckRecharge from "../StuckRecharge.ts"
import { isReversed } from "./Concluding.ts"
import * as Ordered from "./Ordered.ts"
import * as Submit from "./Submit.ts"

/** What waits for somebody, what has waited longest first. */
export const stuck = Effect.gen(function*() {
  const channels = yield* RechargeChannels
  const now = yield* Submit.arrival
  // Collected first, since a store may have no second connection while it is still telling.
  const attempts = yield* Stream.runCollect(perhaps)
  const found: Array<StuckRecharge.Stuck> = []
  for (const attempt of attempts) {
    if (yield* isReversed(attempt)) continue
    const canRefund = serving(channels, attempt)?.refund !== undefined
    const one = StuckRecharge.of(attempt, { now, canRefund, isNotCredited: yield* isNotCredited(attempt) })
    if (one !== undefined) found.push(one)
  }
  return found.sort((a, b) => a.since - b.since)
})

/** The attempts that may wait for a person: all but those that are over for good. */
const perhaps = Stream.unwrap(
  Effect.map(SubjectStore, (store) => Stream.map(store.open(PaymentAttempt.decider), ({ state }) => state))
)

const isNotCredited = Effect.fnUntraced(function*(attempt: PaymentAttempt.Attempt) {
  if (attempt._tag !== "Paid") return false
  const order = Option.getOrUndefined(yield* (yield* SubjectStore).find(RechargeOrder.decider, attempt.order))
  return order?._tag === "Paid" && PaymentAttempt.isOf(attempt, order) && (yield* Ordered.isUnwelcome(order.id))
})
