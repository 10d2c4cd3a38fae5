/**
 * What a channel asks of WeChat Pay's refunds 微信退款: to send money back, and what became of that.
 *
 * A payment of which something was sent back is REFUND from then on, of one fen or of all 部分退款. There is no question that
 * lists the refunds of an order: only one that is known by its number can be asked about. So what others have sent back, in
 * the merchant platform 商户平台, cannot be told, and a person or the bill of the day has to say it. Source: WeChat Pay APIv3,
 * 申请退款, 查询单笔退款, 查询订单.
 */
import { type Fault, PaymentAttempt, type RechargeChannel } from "@yikatong/core"
import { Effect, Result } from "effect"
import * as JsonBody from "../JsonBody.ts"
import * as WeChatCall from "./WeChatCall.ts"
import type { Said, WeChatGateway } from "./WeChatGateway.ts"
import * as WeChatRefund from "./WeChatRefund.ts"
import type { Payment } from "./WeChatTransaction.ts"
import { alarm, believed, unanswered, unmade } from "./WeChatVerdict.ts"

/** `notifyUrl`: where it is told that a refund has ended. */
export interface Source {
  readonly name: string
  readonly gateway: WeChatGateway
  readonly notifyUrl: string
}

export interface WeChatRefunds {
  readonly refund: (wanted: RechargeChannel.Refund) => Effect.Effect<RechargeChannel.Refunding, Fault.ChannelFailed>
  readonly queryRefund: (
    wanted: RechargeChannel.Refund
  ) => Effect.Effect<RechargeChannel.Refunding, Fault.ChannelFailed>
  /**
   * Whether all of a payment has come back that WeChat Pay calls REFUND: only if the refund that we know by its number sent
   * all of it, and has arrived.
   */
  readonly isAllBack: (attempt: PaymentAttempt.Attempt, payment: Payment) => Effect.Effect<boolean, Fault.ChannelFailed>
}

const readOf = (said: Said, operation: string, number: string) =>
  believed(Result.flatMap(JsonBody.parse(said.body), (value) => WeChatRefund.ofAnswer(value, number)), operation)

const refunding = Effect.fnUntraced(function*(
  operation: string,
  said: Said,
  { amount, attempt, number }: RechargeChannel.Refund
) {
  const told = yield* readOf(said, operation, number)
  if (told.amount !== amount || told.number !== attempt.number || told.reference !== attempt.reference) {
    yield* Effect.logError("WeChat Pay tells of another refund under a number of ours", operation)
    return { _tag: "Unclear" } as const
  }
  if (told.state === "SUCCESS") return { _tag: "Done" } as const
  return told.state === "PROCESSING" ? { _tag: "Accepted" } as const : { _tag: "Abnormal", code: told.state } as const
})

/** The refunds of one channel. */
export const make = ({ gateway, name, notifyUrl }: Source): WeChatRefunds => ({
  refund: Effect.fnUntraced(function*(wanted: RechargeChannel.Refund) {
    const { amount, attempt, number } = wanted
    const said = yield* unanswered("refund")(gateway.ask(WeChatCall.refund({
      out_trade_no: attempt.number,
      out_refund_no: number,
      notify_url: notifyUrl,
      amount: { refund: amount, total: attempt.paidAmount, currency: "CNY" }
    })))
    if (said.outcome.class === "done") return yield* refunding("refund", said, wanted)
    // Such as of an order of which everything has gone back: no repetition helps.
    if (said.code === "INVALID_REQUEST" || said.code === "PARAM_ERROR" || said.outcome.class === "notFound") {
      yield* alarm("refund", said)
      return { _tag: "Abnormal", code: said.code } as const
    }
    return yield* unmade("refund", said)
  }),

  queryRefund: Effect.fnUntraced(function*(wanted: RechargeChannel.Refund) {
    const said = yield* unanswered("queryRefund")(gateway.ask(WeChatCall.queryRefund(wanted.number)))
    if (said.outcome.class === "notFound") return { _tag: "NotFound" } as const
    return said.outcome.class === "done"
      ? yield* refunding("queryRefund", said, wanted)
      : yield* unmade("queryRefund", said)
  }),

  isAllBack: Effect.fnUntraced(function*(attempt: PaymentAttempt.Attempt, { amount, number, reference }: Payment) {
    const refundNumber = PaymentAttempt.refundNumberOf(attempt.number)
    const said = yield* unanswered("query")(gateway.ask(WeChatCall.queryRefund(refundNumber)))
    if (said.outcome.class === "done") {
      const told = yield* readOf(said, "query", refundNumber)
      const isSame = told.number === number && told.reference === reference
      if (isSame && told.amount === amount && told.state === "SUCCESS") return true
    } else if (said.outcome.class !== "notFound") return yield* unmade("query", said)
    yield* Effect.logWarning(
      `${name}: something of ${number} was sent back, and not by us: look it up on the merchant platform, or wait for the bill`
    )
    return false
  })
})
