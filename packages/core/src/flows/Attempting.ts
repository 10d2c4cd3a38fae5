/**
 * Payment attempts, between their subject and the channel 支付单流程 (D2, D21): written down before the channel is asked, and
 * led on by what it says.
 *
 * Each step is idempotent by its own name, so whoever is cut off goes on; a step that comes too late, since a callback was
 * faster, is none.
 */
import { Effect, Option, Result } from "effect"
import { type Instant, later } from "../CivilTime.ts"
import { ChannelMissing, PaymentUnmatched } from "../Fault.ts"
import { CommandId, type OrderNumber } from "../Id.ts"
import { MalformedCommand } from "../Misuse.ts"
import * as PaymentAttempt from "../PaymentAttempt.ts"
import { patienceWith, type Payer, type RechargeChannel, RechargeChannels, serving } from "../ports/RechargeChannel.ts"
import { SubjectStore } from "../ports/SubjectStore.ts"
import type { Receipt } from "../Receipt.ts"
import type * as Recharge from "../Recharge.ts"
import { caller } from "./Ordered.ts"
import * as Submit from "./Submit.ts"

/** The attempt of this number, if it is one of ours. */
export const find = Effect.fnUntraced(function*(number: OrderNumber) {
  return yield* (yield* SubjectStore).find(PaymentAttempt.decider, number)
})

const stored = Effect.fnUntraced(function*(number: OrderNumber) {
  return Option.getOrThrow(yield* find(number))
})

/** The attempt of this number. One that is none of ours is the caller's mistake. */
export const known = Effect.fnUntraced(function*(number: OrderNumber) {
  const attempt = yield* find(number)
  return Option.isSome(attempt)
    ? attempt.value
    : yield* new MalformedCommand({
      flaws: [{ path: "number", problem: "Expected the number of an order that was placed here" }]
    })
})

/** All attempts to pay an order, the first first. Their numbers are computed, so none is missed. */
export const ofOrder = Effect.fnUntraced(function*(order: Recharge.Order) {
  const attempts: Array<PaymentAttempt.Attempt> = []
  for (let index = 1;; index++) {
    const attempt = yield* find(PaymentAttempt.numberOf(order, index))
    if (Option.isNone(attempt)) return attempts
    attempts.push(attempt.value)
  }
})

/** The channel that takes this money. */
export const channelOf = Effect.fnUntraced(function*(
  { channel, source }: Pick<Recharge.Order, "channel" | "source">
) {
  const channels = yield* RechargeChannels
  const missing = () => new ChannelMissing({ channel, source, lacks: "adapter", has: channels.map(({ name }) => name) })
  return serving(channels, { channel, source }) ?? (yield* missing())
})

/**
 * Writes down one try more to pay this order: the first, or one by another channel. `index`: the same again is the same
 * attempt. It ends with its order, or earlier where its channel gives a payer less time.
 */
export const open = Effect.fnUntraced(function*(
  order: Recharge.Order,
  index: number,
  source: Recharge.FundingSource,
  channel: RechargeChannel,
  payer: Payer
) {
  const number = PaymentAttempt.numberOf(order, index)
  const known = yield* find(number)
  if (Option.isSome(known)) return known.value
  const now = yield* Submit.arrival
  const { amount, id } = order
  const { life } = patienceWith(channel, payer)
  const expiresAt = life === undefined ? order.expiresAt : Math.min(order.expiresAt, later(now, life)) as Instant
  // Another may have been faster by an instant, which is in the body: what counts is what is stored.
  const body = { _tag: "Open", order: id, index, channel: order.channel, source, amount, expiresAt } as const
  yield* Effect.catchTag(submit(number, body), "CommandIdReused", () => Effect.void)
  return yield* stored(number)
})

/** Opens an attempt at its channel, unless the channel has it. */
export const send = Effect.fnUntraced(function*(
  attempt: PaymentAttempt.Attempt,
  payer: Payer,
  channel: RechargeChannel
) {
  if (attempt._tag !== "Opened" && attempt._tag !== "Unknown") return { attempt, refusal: undefined }
  const sent = yield* Effect.result(channel.create(attempt, payer))
  if (Result.isSuccess(sent)) {
    return { attempt: yield* step(attempt, { _tag: "Sent", instruction: sent.success }), refusal: undefined }
  }
  const refusal = sent.failure
  return refusal._tag === "ChannelFailed"
    ? { attempt: yield* step(attempt, { _tag: "AnswerLost" }), refusal: undefined }
    : { attempt: yield* step(attempt, { _tag: "Closed" }), refusal }
})

/**
 * The attempt a step further; as it is stored, where the step comes too late. It is looked at before it is written down: a
 * refusal under the step's own name would stand in the way for ever.
 */
export const step = Effect.fnUntraced(function*(attempt: PaymentAttempt.Attempt, what: PaymentAttempt.Step) {
  if (PaymentAttempt.weigh(attempt, what._tag) !== "new") return attempt
  // Told by two at once, each with what the channel gave to it: one of them is written.
  yield* Effect.catchTag(submit(attempt.number, what, roundOf(attempt)), "CommandIdReused", () => Effect.void)
  return yield* stored(attempt.number)
})

/** A refund may fail more than once: each round of it has names of its own. */
const roundOf = (attempt: PaymentAttempt.Attempt): string =>
  attempt._tag === "ReturnFailed" || attempt._tag === "Returning" ? `:${attempt.since}` : ""

/**
 * The attempt with what its channel has confirmed. Another payment under the same number is a person's. What an adapter confirms
 * of another number is not written down: that refusal would stand under the name of the true one for ever.
 */
export const confirm = Effect.fnUntraced(function*(
  attempt: PaymentAttempt.Attempt,
  receipt: Receipt,
  order: Recharge.Order
) {
  const isKnown = (now: PaymentAttempt.Attempt) => PaymentAttempt.isPaid(now) && PaymentAttempt.isSame(now, receipt)
  if (isKnown(attempt)) return attempt
  if (!PaymentAttempt.isPaid(attempt) && receipt.number === attempt.number) {
    yield* Effect.catchTag(submit(attempt.number, { _tag: "Confirmed", receipt }), "CommandIdReused", () => Effect.void)
    const after = yield* stored(attempt.number)
    if (isKnown(after)) return after
  }
  return yield* new PaymentUnmatched({ order: order.id, state: order._tag, step: "Confirmed" })
})

/** One step of an attempt, under the name of the step and its number. */
const submit = Effect.fnUntraced(function*(number: OrderNumber, body: PaymentAttempt.Command, round = "") {
  const store = yield* SubjectStore
  return yield* store.transact(PaymentAttempt.decider, {
    caller,
    id: CommandId.make(`${body._tag}:${number}${round}`),
    subject: number,
    receivedAt: yield* Submit.arrival,
    body
  })
})
