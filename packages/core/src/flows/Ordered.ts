/**
 * A recharge order's own steps, between its subject and the account that it is for (D2, D21): what {@link Recharging} is made of.
 *
 * Whoever is cut off after the account's credit leaves an order that is Paid and credited. So what the account has
 * answered is looked at before anything is told of an order that is Paid; and what the bank took back is closed to the
 * credit first, so that of the two exactly one comes through (I3).
 */
import { Effect, Option } from "effect"
import type { Answer } from "../Answer.ts"
import { ChannelMissing, PaymentUnmatched } from "../Fault.ts"
import { type AccountId, CallerId, CommandId, type OrderId, type PointId } from "../Id.ts"
import { MalformedCommand } from "../Misuse.ts"
import { AccountStore } from "../ports/AccountStore.ts"
import { Profiles } from "../ports/Profiles.ts"
import { SubjectStore } from "../ports/SubjectStore.ts"
import * as Procedure from "../Procedure.ts"
import * as Recharge from "../Recharge.ts"
import * as RechargeOrder from "../RechargeOrder.ts"
import * as SchoolProfile from "../SchoolProfile.ts"
import * as Submit from "./Submit.ts"

/** Whose steps these are. */
export const caller = CallerId.make("yikatong:recharging")

/** The order as it is stored. One that was never placed here is the caller's mistake. */
export const stored = Effect.fnUntraced(function*(id: OrderId) {
  const order = yield* (yield* SubjectStore).find(RechargeOrder.decider, id)
  return Option.isSome(order)
    ? order.value
    : yield* new MalformedCommand({ flaws: [{ path: "order", problem: "Expected an order that was placed here" }] })
})

/** One step of an order, under the name of the step and the order: each happens once in its life. */
export const submit = Effect.fnUntraced(function*(order: OrderId, body: RechargeOrder.Command) {
  const store = yield* SubjectStore
  return yield* store.transact(RechargeOrder.decider, {
    caller,
    id: CommandId.make(`${body._tag}:${order}`),
    subject: order,
    receivedAt: yield* Submit.arrival,
    body
  })
})

/**
 * The order a step further. What does not fit the order as it stands is looked at before it is written down: a refusal
 * under the step's own name would stand in the way for ever.
 */
export const go = Effect.fnUntraced(function*(
  order: Recharge.Order,
  step: Exclude<RechargeOrder.Command, { readonly _tag: "Place" | "Confirmed" }>
) {
  const timed = { ...step, at: yield* Submit.arrival }
  const next = yield* fitting(order, timed)
  if (next === order) return order
  const answer = yield* submit(order.id, step)
  const after = yield* stored(order.id)
  return answer._tag === "Approved"
    ? after
    : yield* new PaymentUnmatched({ order: order.id, state: after._tag, step: step._tag })
})

/** The order with this payment. Another teller of the same payment may have been faster, and another payment may not. */
export const pay = Effect.fnUntraced(function*(order: Recharge.Order, evidence: Recharge.PaidEvidence) {
  const confirmed = { _tag: "Confirmed", evidence } as const
  if ((yield* fitting(order, confirmed)) === order) return order
  yield* Effect.catchTag(submit(order.id, { _tag: "Confirmed", paid: evidence }), "CommandIdReused", () => Effect.void)
  const after = yield* stored(order.id)
  return (yield* fitting(after, confirmed)) === after
    ? after
    : yield* new PaymentUnmatched({ order: order.id, state: after._tag, step: "Confirmed" })
})

/** What a step would make of the order. A payment that fits no order as it stands is nobody's yet: it must not be passed over. */
const fitting = (order: Recharge.Order, step: Recharge.Step): Effect.Effect<Recharge.Order, PaymentUnmatched> =>
  Effect.mapError(
    Effect.fromResult(Recharge.advance(order, step, "credit")),
    (refused) => new PaymentUnmatched({ order: order.id, state: refused.order, step: refused.step })
  )

/** Looked at before it is written down, for the same reason: the credit has one name for ever. */
export const mayCredit = Effect.fnUntraced(function*(order: Recharge.Order, point: PointId) {
  const profile = yield* isPlace(point)
  if (SchoolProfile.channelOf(profile, order.channel) === undefined) {
    return yield* new ChannelMissing({ channel: order.channel, lacks: "profile" })
  }
})

/** The profile in force, where this is a point of it at which recharges are credited. */
export const isPlace = Effect.fnUntraced(function*(point: PointId) {
  const profile = SchoolProfile.inForce(yield* Profiles, yield* Submit.arrival)
  const category = SchoolProfile.pointOf(profile, point)?.category
  return category === undefined || Procedure.refuse(profile.places, "creditRecharge", category) !== undefined
    ? yield* new MalformedCommand({
      flaws: [{ path: "point", problem: "Expected a point where recharges are credited" }]
    })
    : profile
})

/** By which the credit of an order is known for ever. */
const creditOf = (order: OrderId) => ({ caller, id: CommandId.make(`credit:${order}`) })

/** What the account said to the credit of an order, if it was asked. */
const answered = Effect.fnUntraced(function*(order: OrderId) {
  const line = yield* (yield* AccountStore).answered(creditOf(order))
  return Option.map(line, ({ answer }) => answer)
})

/** Whether the account was asked to take the money of an order, and would not, for a reason by which nothing goes back. */
export const isUnwelcome = (order: OrderId) =>
  Effect.map(answered(order), (answer) => Option.isSome(answer) && stepAfter(answer.value) === undefined)

/** The order with what the account has answered already: whoever asked it may have been cut off before the order knew. */
export const caughtUp = Effect.fnUntraced(function*(order: Recharge.Order) {
  if (order._tag !== "Paid") return order
  const answer = yield* answered(order.id)
  const step = Option.isSome(answer) ? stepAfter(answer.value) : undefined
  return step === undefined ? order : yield* go(order, step)
})

/** No credit of this order comes through any more; one that was faster stands. */
export const closedToCredit = Effect.fnUntraced(function*(order: Recharge.Order) {
  const { retire } = yield* AccountStore
  yield* Effect.catchTag(retire(creditOf(order.id)), "CommandIdReused", () => Effect.void)
  return yield* caughtUp(order)
})

/** Only a closed account cannot take its money, which then goes back (D2); an order that was credited before is credited. */
export const stepAfter = (answer: Answer): { readonly _tag: "Credited" | "CreditDeclined" } | undefined => {
  if (answer._tag === "Approved" || answer.decline._tag === "OrderAlreadyCredited") return { _tag: "Credited" }
  return answer.decline._tag === "AccountClosed" ? { _tag: "CreditDeclined" } : undefined
}

/**
 * Credits what a channel has confirmed, once per order: the command is named after the order. Only an order that is Paid
 * comes here, and one that was credited never is again. Nothing where the order was closed to its credit.
 */
export const credit = Effect.fnUntraced(function*(evidence: Recharge.PaidEvidence, account: AccountId, point: PointId) {
  const store = yield* AccountStore
  const { amount, channel, order, paidAt, reference } = evidence
  const credited = store.transact({
    ...creditOf(order),
    at: paidAt,
    receivedAt: yield* Submit.arrival,
    point,
    subject: { _tag: "Account", account },
    body: { _tag: "CreditRecharge", order, channel, amount, paidAt, reference },
    evidence
  })
  return yield* Effect.catchTag(Effect.asSome(credited), "CommandIdReused", () => answered(order))
})
