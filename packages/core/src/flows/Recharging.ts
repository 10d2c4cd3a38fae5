/**
 * A recharge from order to credit 充值流程, step by step: each step is idempotent by the name of the one before, so that
 * whoever is cut off in the middle simply goes on (D2, D21).
 *
 * Place asks the account before any money moves, then opens the order at the channel. Confirm asks the channel, and
 * what it confirms is credited under a name made of the order's: twice confirmed is once credited.
 */
import { Effect, Option, Result } from "effect"
import type { Answer } from "../Answer.ts"
import type { Instant } from "../CivilTime.ts"
import { type Of, orderOf } from "../Command.ts"
import { ChannelFailed, PaymentUnmatched } from "../Fault.ts"
import { type AccountId, CallerId, CommandId, type PointId } from "../Id.ts"
import { MalformedCommand } from "../Misuse.ts"
import { amount as asAmount } from "../Money.ts"
import { AccountStore } from "../ports/AccountStore.ts"
import { Profiles } from "../ports/Profiles.ts"
import { RechargeChannels } from "../ports/RechargeChannel.ts"
import * as Procedure from "../Procedure.ts"
import * as Recharge from "../Recharge.ts"
import * as SchoolProfile from "../SchoolProfile.ts"
import * as Submit from "./Submit.ts"

/** How long a payer has, in milliseconds: two hours, as the channels' own orders live. */
const orderLife = 7_200_000

/** An order that was placed, or why it was not. */
export type Placed =
  | { readonly _tag: "Placed"; readonly order: Recharge.Order }
  | { readonly _tag: "Refused"; readonly answer: Extract<Answer, { readonly _tag: "Declined" }> }

/** Asks the account whether this recharge may be paid, and opens it at its channel. */
export const place = Effect.fn("Recharging.place")(function*(
  statement: Submit.Statement<Of<"PlaceRecharge">>,
  secrets: Submit.Secrets = {}
) {
  const answer = yield* Submit.submit(statement, secrets)
  if (answer._tag === "Declined") return { _tag: "Refused", answer } satisfies Placed
  const { amount, ...request } = statement.body
  const now = statement.at
  const order = Recharge.create(
    { ...request, id: orderOf(statement), account: answer.account, amount: asAmount(amount) },
    now,
    (now + orderLife) as Instant
  )
  const channel = yield* channelOf(request.channel)
  const sent = yield* Effect.result(channel.create(order))
  const step: Recharge.Step = Result.isSuccess(sent)
    ? { _tag: "Sent" }
    : { _tag: "AnswerLost", at: yield* Submit.arrival }
  return {
    _tag: "Placed",
    order: yield* advance(order, step, "credit")
  } satisfies Placed
})

/**
 * Asks the channel whether the order was paid, and credits it if so. `point`: on whose behalf the credit is written.
 */
export const confirm = Effect.fn("Recharging.confirm")(function*(
  order: Recharge.Order,
  point: PointId
) {
  const channel = yield* channelOf(order.channel)
  const evidence = yield* channel.query(order)
  if (Option.isNone(evidence)) return { order, answer: Option.none<Answer>() }
  const profile = SchoolProfile.inForce(yield* Profiles, yield* Submit.arrival)
  // Looked at before it is written down: a refusal under the order's own name would stand in the way for ever.
  const category = SchoolProfile.pointOf(profile, point)?.category
  if (category === undefined || Procedure.refuse(profile.places, "creditRecharge", category) !== undefined) {
    return yield* new MalformedCommand({
      flaws: [{ path: "point", problem: "Expected a point where recharges are credited" }]
    })
  }
  const late = SchoolProfile.channelOf(profile, order.channel)?.latePayment ?? "credit"
  const paid = yield* advance(order, { _tag: "Confirmed", evidence: evidence.value }, late)
  if (paid._tag !== "Paid") return { order: paid, answer: Option.none<Answer>() }
  const answer = yield* credit(evidence.value, order.account, point)
  const step = stepAfter(answer, yield* Submit.arrival)
  // Paid, and neither credited nor to be sent back: the order stays Paid, and a person has to look.
  if (step === undefined) return yield* new PaymentUnmatched({ order: order.id, state: "Paid", step: "Credited" })
  return { order: yield* advance(paid, step, late), answer: Option.some(answer) }
})

/** Only a closed account cannot take its money, which then goes back (D2); an order that was credited before is credited. */
const stepAfter = (answer: Answer, at: Instant): Recharge.Step | undefined => {
  if (answer._tag === "Approved" || answer.decline._tag === "OrderAlreadyCredited") return { _tag: "Credited", at }
  return answer.decline._tag === "AccountClosed" ? { _tag: "CreditDeclined" } : undefined
}

/** Credits what a channel has confirmed, once per order: the command is named after the order. */
export const credit = Effect.fn("Recharging.credit")(function*(
  evidence: Recharge.PaidEvidence,
  account: AccountId,
  point: PointId
) {
  const store = yield* AccountStore
  const { amount, channel, order, paidAt, reference } = evidence
  return yield* store.transact({
    caller: CallerId.make("yikatong:recharging"),
    id: CommandId.make(`credit:${order}`),
    at: paidAt,
    receivedAt: yield* Submit.arrival,
    point,
    subject: { _tag: "Account", account },
    body: { _tag: "CreditRecharge", order, channel, amount, paidAt, reference },
    evidence
  })
})

const channelOf = Effect.fnUntraced(function*(name: string) {
  const channel = (yield* RechargeChannels).get(name)
  return channel === undefined
    ? yield* new ChannelFailed({ operation: `find the channel ${name}`, cause: new Error("It is not connected") })
    : channel
})

/** The order a step further. A payment that fits no order as it stands is nobody's yet: it must not be passed over. */
const advance = (
  order: Recharge.Order,
  step: Recharge.Step,
  latePayment: Recharge.Channel["latePayment"]
): Effect.Effect<Recharge.Order, PaymentUnmatched> =>
  Effect.mapError(
    Effect.fromResult(Recharge.advance(order, step, latePayment)),
    (refused) => new PaymentUnmatched({ order: order.id, state: refused.order, step: refused.step })
  )
