/**
 * A recharge is placed, and its payer turns to another source 下单流程 (D2, D21): the account is asked before any money moves, the
 * order and an attempt to pay it are stored, and only then is that opened at its channel.
 */
import { Effect, Option } from "effect"
import type { Answer } from "../Answer.ts"
import { type Of, orderOf } from "../Command.ts"
import { MalformedCommand } from "../Misuse.ts"
import { amount as asAmount } from "../Money.ts"
import * as PaymentAttempt from "../PaymentAttempt.ts"
import { type Payer, type RechargeChannel, RechargeChannels, serving } from "../ports/RechargeChannel.ts"
import type * as Recharge from "../Recharge.ts"
import type { Named } from "./Asking.ts"
import * as Attempting from "./Attempting.ts"
import { isOrdered } from "./Concluding.ts"
import * as Ordered from "./Ordered.ts"
import * as Submit from "./Submit.ts"

/** An order that was placed, with what its payer has to be shown, or why it was not. */
export type Placed =
  | { readonly _tag: "Placed"; readonly order: Recharge.Order; readonly attempt: PaymentAttempt.Attempt }
  | { readonly _tag: "Refused"; readonly answer: Extract<Answer, { readonly _tag: "Declined" }> }

/** As {@link Placed}; or the payer came too late: the order is paid, or its time is over. Place another one. */
export type Turned = Placed | { readonly _tag: "Over"; readonly order: Recharge.Order }

type Statement = Submit.Statement<Of<"PlaceRecharge">>

/**
 * Asks the account whether this recharge may be paid, stores its order, and opens it at its channel. `ChannelRefused`: the
 * channel would not have it; the payer may turn to another.
 */
export const place = Effect.fn("Recharging.place")(function*(
  statement: Statement,
  secrets: Submit.Secrets = {},
  payer: Payer = { _tag: "Scan" }
) {
  const answer = yield* Submit.submit(statement, secrets)
  if (answer._tag === "Declined") return { _tag: "Refused", answer } satisfies Placed
  const { amount, channel: name, source } = statement.body
  const id = orderOf(statement)
  // Before the order is stored: one that nobody can open at its channel would only wait.
  const channel = yield* Attempting.channelOf({ channel: name, source })
  yield* Ordered.submit(id, { _tag: "Place", account: answer.account, channel: name, source, amount: asAmount(amount) })
  return yield* begin(yield* Ordered.stored(id), 1, source, payer, channel)
})

/**
 * The payer of an order that is not paid turns to another source of the same channel, or tries the same once more where the
 * first try is over. The account is asked as for a new order. What was opened before is closed where that can be; should
 * both be paid all the same, the order keeps the first and the other goes back.
 */
export const turn = Effect.fn("Recharging.turn")(function*(
  { id }: Named,
  statement: Statement,
  secrets: Submit.Secrets = {},
  payer: Payer = { _tag: "Scan" }
) {
  const order = yield* Ordered.caughtUp(yield* Ordered.stored(id))
  const { amount, channel: name, source } = statement.body
  if (amount !== order.amount) return yield* flawed("amount", "Expected the amount of the order")
  if (name !== order.channel) return yield* flawed("channel", "Expected the channel of the order")
  if (yield* isOver(order)) return { _tag: "Over", order } satisfies Turned
  const answer = yield* Submit.submit({ ...statement, body: { ...statement.body, instead: id } }, secrets)
  if (answer._tag === "Declined") return { _tag: "Refused", answer } satisfies Turned
  if (answer.account !== order.account) return yield* flawed("subject", "Expected the account of the order")
  const channel = yield* Attempting.channelOf({ channel: name, source })
  const attempts = yield* Attempting.ofOrder(order)
  // It may have been paid while the account was asked.
  const now = yield* Ordered.caughtUp(yield* Ordered.stored(id))
  if (yield* isOver(now)) return { _tag: "Over", order: now } satisfies Turned
  const same = attempts.find((attempt) => attempt.source === source && PaymentAttempt.isUnpaid(attempt))
  const index = same?.index ?? attempts.length + 1
  const placed = yield* begin(now, index, source, payer, channel)
  yield* Effect.forEach(attempts, (attempt) => attempt.index === index ? Effect.void : letGo(attempt))
  return placed
})

/** Whether nobody may begin to pay this order any more. */
const isOver = (order: Recharge.Order) =>
  Effect.map(Submit.arrival, (now) => !isOrdered(order) || now > order.expiresAt)

/** Nothing more than politeness: what the channel says of it counts, and is asked for later. */
const letGo = Effect.fnUntraced(function*({ number }: PaymentAttempt.Attempt) {
  // As it is by now: a payment that came meanwhile is closed by nobody.
  const attempt = Option.getOrUndefined(yield* Attempting.find(number))
  if (attempt === undefined || !PaymentAttempt.isUnpaid(attempt)) return
  const channel = serving(yield* RechargeChannels, attempt)
  if (channel?.close !== undefined) yield* Effect.ignore(channel.close(attempt))
})

const begin = Effect.fnUntraced(function*(
  order: Recharge.Order,
  index: number,
  source: Recharge.FundingSource,
  payer: Payer,
  channel: RechargeChannel
) {
  const opened = yield* openFree(order, index, source, channel, payer)
  if (order._tag !== "Created" && order._tag !== "Unknown" && opened._tag !== "Opened") {
    return { _tag: "Placed", order, attempt: opened } satisfies Placed
  }
  const { attempt, refusal } = yield* Attempting.send(opened, payer, channel)
  if (refusal !== undefined) return yield* refusal
  const step = attempt._tag === "Unknown" ? { _tag: "AnswerLost" } as const : { _tag: "Sent" } as const
  return {
    _tag: "Placed",
    attempt,
    // Whoever confirmed it meanwhile knows more than the one who only sent it.
    order: yield* Effect.catchTag(Ordered.go(order, step), "PaymentUnmatched", () => Ordered.stored(order.id))
  } satisfies Placed
})

/** Its attempt of this source; where another was faster to write down one of another source, the next one after it. */
const openFree = Effect.fnUntraced(function*(
  order: Recharge.Order,
  from: number,
  source: Recharge.FundingSource,
  channel: RechargeChannel,
  payer: Payer
) {
  for (let index = from;; index++) {
    const opened = yield* Attempting.open(order, index, source, channel, payer)
    if (opened.source === source) return opened
  }
})

const flawed = (path: string, problem: string) => new MalformedCommand({ flaws: [{ path, problem }] })
