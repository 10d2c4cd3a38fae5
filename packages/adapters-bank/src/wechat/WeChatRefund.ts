/**
 * A refund 退款 as WeChat Pay tells it: in the answer to 申请退款 and 查询退款, and in a callback, which names some fields
 * otherwise.
 *
 * Amounts are whole fen. Source: WeChat Pay APIv3, 查询单笔退款 and 退款结果通知.
 */
import { Callback, CivilTime, Money } from "@yikatong/core"
import { Result, Schema } from "effect"
import * as JsonBody from "../JsonBody.ts"
import * as WeChatClock from "./WeChatClock.ts"
import * as WeChatTransaction from "./WeChatTransaction.ts"

/** Where a refund stands. ABNORMAL: the payer's account takes no money, a person has to see to it 退款异常. */
export const State = Schema.Literals(["SUCCESS", "CLOSED", "PROCESSING", "ABNORMAL"])
export type State = typeof State.Type

/** A merchant refund number 商户退款单号. */
export const Number = Schema.String.check(Schema.isPattern(/^[0-9A-Za-z_\-|*@]{1,64}$/))

/**
 * A refund. `number`: of the order; `reference`: of its payment; `refundNumber` and `refundReference`: of the refund,
 * ours and WeChat Pay's; `total`: what the order was over; `at`: when the money went, if it did.
 */
export interface WeChatRefund {
  readonly number: string
  readonly reference: string
  readonly refundNumber: string
  readonly refundReference: string
  readonly state: State
  readonly amount: Money.Amount
  readonly total: Money.Amount
  readonly at?: CivilTime.Instant
}

const shared = {
  transaction_id: Schema.String.check(Schema.isPattern(/^[0-9A-Za-z]{1,32}$/)),
  out_trade_no: WeChatTransaction.Number,
  refund_id: Schema.String.check(Schema.isPattern(/^[0-9A-Za-z]{1,32}$/)),
  out_refund_no: Number,
  success_time: Schema.optionalKey(Schema.NullOr(Schema.String)),
  user_received_account: Schema.optionalKey(Schema.String)
} as const

const amount = Schema.Struct({
  total: Money.Amount,
  refund: Money.Amount,
  payer_total: Schema.optionalKey(Money.Money),
  payer_refund: Schema.optionalKey(Money.Money),
  currency: Schema.optionalKey(Schema.String)
})

/** The answer, by its names on the wire. It tells no merchant: it was asked for in one's own name. */
export const Answer = Schema.Struct({
  ...shared,
  status: State,
  create_time: Schema.optionalKey(Schema.String),
  channel: Schema.optionalKey(Schema.String),
  funds_account: Schema.optionalKey(Schema.String),
  amount
})
export interface Answer extends Schema.Schema.Type<typeof Answer> {}

/** What a callback holds, by its names on the wire. */
export const Notice = Schema.Struct({ ...shared, mchid: Schema.String, refund_status: State, amount })
export interface Notice extends Schema.Schema.Type<typeof Notice> {}

const refused = (reason: Callback.Reason, what: string): JsonBody.Read<never> =>
  Result.fail(Callback.refusal(reason, what))

const decodeAnswer = JsonBody.decode(Answer, "the refund")
const decodeNotice = JsonBody.decode(Notice, "the refund")

/** Reads an answer. `refundNumber`: which was asked for. */
export const ofAnswer = (value: unknown, refundNumber: string): JsonBody.Read<WeChatRefund> =>
  Result.flatMap(decodeAnswer(value), (answer) =>
    answer.out_refund_no === refundNumber
      ? told(answer, answer.status)
      : refused("malformed", "the refund is another one than was asked for"))

/** Reads what a callback holds. */
export const ofNotice = (value: unknown, mchid: string): JsonBody.Read<WeChatRefund> =>
  Result.flatMap(decodeNotice(value), (notice) =>
    notice.mchid === mchid
      ? told(notice, notice.refund_status)
      : refused("otherMerchant", "the merchant of the refund"))

const told = (said: Omit<Answer, "status">, state: State): JsonBody.Read<WeChatRefund> => {
  if ((said.amount.currency ?? "CNY") !== "CNY") return refused("otherCurrency", "the currency of the refund")
  if (said.amount.refund > said.amount.total) return refused("malformed", "the refund: amount.refund")
  const at = state === "SUCCESS" ? CivilTime.parse(said.success_time ?? "") : undefined
  if (at !== undefined && Result.isFailure(at)) return refused("malformed", "the refund: success_time")
  return Result.succeed({
    number: said.out_trade_no,
    reference: said.transaction_id,
    refundNumber: said.out_refund_no,
    refundReference: said.refund_id,
    state,
    amount: said.amount.refund,
    total: said.amount.total,
    ...(at === undefined ? {} : { at: at.success })
  })
}

const written = (refund: WeChatRefund): Pick<Answer, keyof typeof shared> => ({
  transaction_id: refund.reference,
  out_trade_no: refund.number,
  refund_id: refund.refundReference,
  out_refund_no: refund.refundNumber,
  user_received_account: "支付用户零钱",
  ...(refund.at === undefined ? {} : { success_time: WeChatClock.format(refund.at) })
})

const amounts = ({ amount, total }: WeChatRefund): Notice["amount"] => ({
  total,
  refund: amount,
  payer_total: total,
  payer_refund: amount
})

/** Writes the answer. */
export const toAnswer = (refund: WeChatRefund, createdAt: CivilTime.Instant): Answer => ({
  ...written(refund),
  channel: "ORIGINAL",
  create_time: WeChatClock.format(createdAt),
  status: refund.state,
  funds_account: "AVAILABLE",
  amount: { ...amounts(refund), currency: "CNY" }
})

/** Writes what a callback holds. */
export const toNotice = (refund: WeChatRefund, mchid: string): Notice => ({
  mchid,
  ...written(refund),
  refund_status: refund.state,
  amount: amounts(refund)
})
