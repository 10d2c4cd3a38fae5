/**
 * A recharge from order to credit 充值流程, step by step: each step is idempotent by the name of the one before, so that
 * whoever is cut off in the middle simply goes on (D2, D21).
 *
 * Place asks the account before any money moves, stores the order, and opens it at the channel. Confirm takes the order as
 * it is stored, asks the channel, and what it confirms is credited under a name made of the order's: twice confirmed is
 * once credited. A channel is asked to open the same order again after a cut, so it must take that as one order.
 *
 * Whoever is cut off after the account's credit leaves an order that is Paid and credited. So what the account has
 * answered is looked at before anything is told of an order that is Paid; and what the bank took back is closed to the
 * credit first, so that of the two exactly one comes through (I3).
 */
import { Effect, Option, Result, Stream } from "effect"
import type { Answer } from "../Answer.ts"
import { type Of, orderOf } from "../Command.ts"
import { ChannelMissing, PaymentUnmatched } from "../Fault.ts"
import { type AccountId, CallerId, CommandId, type OrderId, type PointId } from "../Id.ts"
import { MalformedCommand } from "../Misuse.ts"
import { amount as asAmount } from "../Money.ts"
import { AccountStore } from "../ports/AccountStore.ts"
import { Profiles } from "../ports/Profiles.ts"
import { RechargeChannels } from "../ports/RechargeChannel.ts"
import { SubjectStore } from "../ports/SubjectStore.ts"
import * as Procedure from "../Procedure.ts"
import * as Recharge from "../Recharge.ts"
import * as RechargeOrder from "../RechargeOrder.ts"
import * as SchoolProfile from "../SchoolProfile.ts"
import * as Submit from "./Submit.ts"

/** Whose steps these are. */
const caller = CallerId.make("yikatong:recharging")

/** An order that was placed, or why it was not. */
export type Placed =
  | { readonly _tag: "Placed"; readonly order: Recharge.Order }
  | { readonly _tag: "Refused"; readonly answer: Extract<Answer, { readonly _tag: "Declined" }> }

/** What an order is called; the order itself will do, since only its name is read. */
export interface Named {
  readonly id: OrderId
}

/** Asks the account whether this recharge may be paid, stores its order, and opens it at its channel. */
export const place = Effect.fn("Recharging.place")(function*(
  statement: Submit.Statement<Of<"PlaceRecharge">>,
  secrets: Submit.Secrets = {}
) {
  const answer = yield* Submit.submit(statement, secrets)
  if (answer._tag === "Declined") return { _tag: "Refused", answer } satisfies Placed
  const { amount, channel, source } = statement.body
  const id = orderOf(statement)
  // Before the order is stored: one that nobody can open at its channel would only wait.
  const { create } = yield* channelOf(channel)
  yield* submit(id, { _tag: "Place", account: answer.account, channel, source, amount: asAmount(amount) })
  const order = yield* stored(id)
  if (order._tag !== "Created" && order._tag !== "Unknown") return { _tag: "Placed", order } satisfies Placed
  const sent = yield* Effect.result(create(order))
  const step = Result.isSuccess(sent) ? { _tag: "Sent" } as const : { _tag: "AnswerLost" } as const
  return {
    _tag: "Placed",
    // Whoever confirmed it meanwhile knows more than the one who only sent it.
    order: yield* Effect.catchTag(go(order, step), "PaymentUnmatched", () => stored(id))
  } satisfies Placed
})

/**
 * Asks the channel whether the order was paid, and credits it if so. What counts is the order as it is stored. `point`: on
 * whose behalf the credit is written. `answer`: what the account said; none where nothing was credited now.
 */
export const confirm = Effect.fn("Recharging.confirm")(function*(
  { id }: Named,
  point: PointId
) {
  const order = yield* stored(id)
  const evidence = yield* (yield* channelOf(order.channel)).query(order)
  if (Option.isNone(evidence)) return { order: yield* caughtUp(order), answer: Option.none<Answer>() }
  yield* mayCredit(order, point)
  const paid = yield* pay(order, evidence.value)
  if (paid._tag !== "Paid") return { order: paid, answer: Option.none<Answer>() }
  const credited = yield* credit(evidence.value, order.account, point)
  // The bank took it back, and whoever told so may have been cut off before the order knew.
  if (Option.isNone(credited)) {
    return { order: yield* go(paid, { _tag: "TakenBack" }), answer: Option.none<Answer>() }
  }
  const answer = credited.value
  const step = stepAfter(answer)
  // Paid, and neither credited nor to be sent back: the order stays Paid, and a person has to look.
  if (step === undefined) return yield* new PaymentUnmatched({ order: id, state: "Paid", step: "Credited" })
  return { order: yield* go(paid, step), answer: Option.some(answer) }
})

/** What a channel does on its own, or a tap. */
type News = "Closed" | "RefundSent" | "TakenBack" | "WrittenToCard"

/**
 * Tells what the channel did on its own, or what a tap did to the card; the same again changes nothing, however far the
 * order has come since. What the bank took back after it was credited is `PaymentUnmatched`: the account keeps it until a
 * person has looked.
 */
export const tell = Effect.fn("Recharging.tell")(function*({ id }: Named, what: News) {
  const known = yield* caughtUp(yield* stored(id))
  const order = what === "TakenBack" && known._tag === "Paid" ? yield* closedToCredit(known) : known
  return yield* Effect.catchTag(go(order, { _tag: what }), "PaymentUnmatched", (fault) => unlessOld(fault, what))
})

/** The order as it is by now, where this happened to it before. */
const unlessOld = Effect.fnUntraced(function*(unmatched: PaymentUnmatched, what: News) {
  const { order } = unmatched
  const entries = yield* Stream.runCollect((yield* SubjectStore).journal(RechargeOrder.decider, order))
  const isOld = entries.some(({ answer }) =>
    answer._tag === "Approved" && answer.events.some(({ _tag }) => _tag === what)
  )
  return isOld ? yield* stored(order) : yield* unmatched
})

/** The orders that are not over yet: those that the channel has to be asked about, and those whose money must go back. */
export const unfinished = Stream.unwrap(
  Effect.map(SubjectStore, (store) =>
    store.all(RechargeOrder.decider).pipe(
      Stream.filter(({ state }) => RechargeOrder.isOpen(state)),
      Stream.map(({ state }) => state)
    ))
)

/**
 * Confirms each order that the channel has to be asked about; what fails of one is told beside it and stops no other. Run
 * it again and again: nothing that was accepted is ever parked.
 */
export const drive = (point: PointId) =>
  // Collected first, since a store may have no second connection while it is still telling.
  Stream.unwrap(Effect.map(Stream.runCollect(unfinished), (orders) => Stream.fromIterable(orders))).pipe(
    Stream.filter(({ _tag }) => _tag !== "RefundDue"),
    Stream.mapEffect((order) =>
      Effect.map(Effect.result(confirm(order, point)), (outcome) => ({ order: order.id, outcome }))
    )
  )

/** The order as it is stored. One that was never placed here is the caller's mistake. */
const stored = Effect.fnUntraced(function*(id: OrderId) {
  const order = yield* (yield* SubjectStore).find(RechargeOrder.decider, id)
  return Option.isSome(order)
    ? order.value
    : yield* new MalformedCommand({ flaws: [{ path: "order", problem: "Expected an order that was placed here" }] })
})

/** One step of an order, under the name of the step and the order: each happens once in its life. */
const submit = Effect.fnUntraced(function*(order: OrderId, body: RechargeOrder.Command) {
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
const go = Effect.fnUntraced(function*(
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
const pay = Effect.fnUntraced(function*(order: Recharge.Order, evidence: Recharge.PaidEvidence) {
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
const mayCredit = Effect.fnUntraced(function*(order: Recharge.Order, point: PointId) {
  const profile = SchoolProfile.inForce(yield* Profiles, yield* Submit.arrival)
  const category = SchoolProfile.pointOf(profile, point)?.category
  if (category === undefined || Procedure.refuse(profile.places, "creditRecharge", category) !== undefined) {
    return yield* new MalformedCommand({
      flaws: [{ path: "point", problem: "Expected a point where recharges are credited" }]
    })
  }
  if (SchoolProfile.channelOf(profile, order.channel) === undefined) {
    return yield* new ChannelMissing({ channel: order.channel, lacks: "profile" })
  }
})

/** By which the credit of an order is known for ever. */
const creditOf = (order: OrderId) => ({ caller, id: CommandId.make(`credit:${order}`) })

/** What the account said to the credit of an order, if it was asked. */
const answered = Effect.fnUntraced(function*(order: OrderId) {
  const line = yield* (yield* AccountStore).answered(creditOf(order))
  return Option.map(line, ({ answer }) => answer)
})

/** The order with what the account has answered already: whoever asked it may have been cut off before the order knew. */
const caughtUp = Effect.fnUntraced(function*(order: Recharge.Order) {
  if (order._tag !== "Paid") return order
  const answer = yield* answered(order.id)
  const step = Option.isSome(answer) ? stepAfter(answer.value) : undefined
  return step === undefined ? order : yield* go(order, step)
})

/** No credit of this order comes through any more; one that was faster stands. */
const closedToCredit = Effect.fnUntraced(function*(order: Recharge.Order) {
  const { retire } = yield* AccountStore
  yield* Effect.catchTag(retire(creditOf(order.id)), "CommandIdReused", () => Effect.void)
  return yield* caughtUp(order)
})

/** Only a closed account cannot take its money, which then goes back (D2); an order that was credited before is credited. */
const stepAfter = (answer: Answer): { readonly _tag: "Credited" | "CreditDeclined" } | undefined => {
  if (answer._tag === "Approved" || answer.decline._tag === "OrderAlreadyCredited") return { _tag: "Credited" }
  return answer.decline._tag === "AccountClosed" ? { _tag: "CreditDeclined" } : undefined
}

/**
 * Credits what a channel has confirmed, once per order: the command is named after the order. Only an order that is Paid
 * comes here, and one that was credited never is again. Nothing where the order was closed to its credit.
 */
const credit = Effect.fnUntraced(function*(evidence: Recharge.PaidEvidence, account: AccountId, point: PointId) {
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

const channelOf = Effect.fnUntraced(function*(name: string) {
  return (yield* RechargeChannels).get(name) ?? (yield* new ChannelMissing({ channel: name, lacks: "adapter" }))
})
