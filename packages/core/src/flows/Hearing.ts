/**
 * What comes from a channel on its own is taken 支付通知 (D2): verified, believed, credited, and only then answered as taken.
 */
import { Effect, Result } from "effect"
import type * as Callback from "../Callback.ts"
import { CallbackRefused, ChannelMissing, PaymentUnmatched } from "../Fault.ts"
import type { PointId } from "../Id.ts"
import * as PaymentAttempt from "../PaymentAttempt.ts"
import { type Notice, RechargeChannels, serving } from "../ports/RechargeChannel.ts"
import type { Receipt } from "../Receipt.ts"
import { ask } from "./Asking.ts"
import * as Attempting from "./Attempting.ts"
import { conclude, concluded } from "./Concluding.ts"
import * as Ordered from "./Ordered.ts"
import * as Receiving from "./Receiving.ts"
import { tell } from "./Telling.ts"

/**
 * Takes a callback: verified, believed, credited, and only then answered as taken. Never fails: what goes back to the channel
 * says whether it has to come again, and `outcome` says why, for a log.
 */
export const hear = Effect.fn("Recharging.hear")(function*(name: string, raw: Callback.Raw, point: PointId) {
  const channels = yield* RechargeChannels
  const channel = channels.find((channel) => channel.name === name)
  if (channel?.callback === undefined || channel.acknowledge === undefined) {
    const has = channels.flatMap(({ callback, name }) => callback === undefined ? [] : [name])
    return { reply: nobody, outcome: Result.fail(new ChannelMissing({ channel: name, lacks: "callback", has })) }
  }
  const outcome = yield* Effect.result(Effect.flatMap(channel.callback(raw), (notice) => believe(name, notice, point)))
  const taken = Result.isSuccess(outcome) ? "taken" : outcome.failure._tag === "CallbackRefused" ? "refused" : "failed"
  return { reply: channel.acknowledge(taken), outcome: Result.map(outcome, (order) => order) }
})

/** To whoever calls an address under which nobody listens: which channels there are is not theirs to know. */
const nobody: Callback.Reply = {
  status: 404,
  contentType: "text/plain; charset=utf-8",
  body:
    "No recharge channel takes callbacks under this name: check the notify URL. 此地址没有接收支付通知的充值渠道，请核对通知地址"
}

/** What a verified callback changes: the order it speaks of, where it speaks of one. */
const believe = Effect.fnUntraced(function*(name: string, notice: Notice, point: PointId) {
  if (notice._tag === "Other") return undefined
  const number = notice._tag === "Paid"
    ? notice.receipt.number
    : notice._tag === "TakenBack"
    ? notice.number
    : PaymentAttempt.numberOfRefund(notice.refund)
  // A refund that was made elsewhere, such as in the channel's back office: its bill will show it.
  if (number === undefined) return undefined
  const attempt = yield* Attempting.known(number)
  if (serving(yield* RechargeChannels, attempt)?.name !== name) {
    return yield* new CallbackRefused({ channel: name, reason: "otherChannel", what: "the order number" })
  }
  if (notice._tag === "TakenBack") return yield* takenBack(attempt)
  if (notice._tag === "Paid") yield* Receiving.settle(attempt, notice.receipt, point)
  else yield* ask(attempt, point)
  return yield* concluded(attempt.order)
})

/**
 * The bank has taken a payment back. Where it was credited, that is written down for a person, and the channel need not come
 * again.
 */
const takenBack = Effect.fnUntraced(function*(attempt: PaymentAttempt.Attempt) {
  const order = yield* Ordered.caughtUp(yield* Ordered.stored(attempt.order))
  // Of two payments of an order the one that it does not stand by.
  if ("reference" in order && PaymentAttempt.isPaid(attempt) && !PaymentAttempt.isOf(attempt, order)) {
    yield* conclude(attempt, order, true)
    return yield* concluded(order.id)
  }
  if ("reference" in order && !PaymentAttempt.isPaid(attempt)) {
    return yield* new PaymentUnmatched({ order: order.id, state: order._tag, step: "TakenBack" })
  }
  const told = yield* Effect.result(tell(order, "TakenBack"))
  if (Result.isSuccess(told)) return told.success
  const isWritten = "takenBackAt" in (yield* Attempting.known(attempt.number))
  return isWritten ? yield* Ordered.stored(order.id) : yield* told.failure
})

/** Takes a receipt that came with a channel's statement, as a callback is taken that was believed. */
export const settleReceipt = Effect.fn("Recharging.settleReceipt")(function*(receipt: Receipt, point: PointId) {
  const attempt = yield* Attempting.known(receipt.number)
  yield* Receiving.settle(attempt, receipt, point)
  return yield* concluded(attempt.order)
})
