/**
 * A payment as WeChat Pay tells it 支付订单, in the answer to a query and in a callback alike, by its names on the wire.
 *
 * Amounts are whole fen. `amount.total` is what was ordered, `payer_total` what the payer gave after coupons: an order
 * is compared with the first. Where no currency stands, it is yuan. Source: WeChat Pay APIv3, 查询订单 and 支付成功回调通知.
 */
import { Callback, CivilTime, Money } from "@yikatong/core"
import { Result, Schema } from "effect"
import * as JsonBody from "../JsonBody.ts"

/** Where a payment stands 交易状态. */
export const State = Schema.Literals([
  "SUCCESS",
  /** It was paid, and at least one refund was asked for, of a part or of all: which is not told. */
  "REFUND",
  "NOTPAY",
  "CLOSED",
  /** Reversed: a payment by code only. */
  "REVOKED",
  /** The payer is typing a password: a payment by code only. */
  "USERPAYING",
  "PAYERROR"
])
export type State = typeof State.Type

/** A merchant order number 商户订单号. */
export const Number = Schema.String.check(Schema.isPattern(/^[0-9A-Za-z_\-|*@]{6,32}$/))

export const WeChatTransaction = Schema.Struct({
  appid: Schema.String,
  mchid: Schema.String,
  out_trade_no: Number,
  trade_state: State,
  trade_state_desc: Schema.optionalKey(Schema.String),
  transaction_id: Schema.optionalKey(Schema.String),
  trade_type: Schema.optionalKey(Schema.String),
  bank_type: Schema.optionalKey(Schema.String),
  attach: Schema.optionalKey(Schema.String),
  success_time: Schema.optionalKey(Schema.String),
  payer: Schema.optionalKey(Schema.Struct({ openid: Schema.optionalKey(Schema.String) })),
  amount: Schema.optionalKey(Schema.Struct({
    total: Schema.optionalKey(Money.Amount),
    payer_total: Schema.optionalKey(Money.Money),
    currency: Schema.optionalKey(Schema.String),
    payer_currency: Schema.optionalKey(Schema.String)
  }))
})
export interface WeChatTransaction extends Schema.Schema.Type<typeof WeChatTransaction> {}

/** Whose payments these are. `appids`: the applications in which this merchant takes money. */
export interface Payee {
  readonly mchid: string
  readonly appids: ReadonlyArray<string>
}

/** What was paid. `reference`: WeChat Pay's own number 微信支付订单号. */
export interface Payment {
  readonly number: string
  readonly reference: string
  readonly amount: Money.Amount
  readonly paidAt: CivilTime.Instant
}

/** Reads a value whose sender is known. */
export const decode: (value: unknown) => JsonBody.Read<WeChatTransaction> = JsonBody.decode(
  WeChatTransaction,
  "the transaction"
)

const refused = (reason: Callback.Reason, what: string): JsonBody.Read<never> =>
  Result.fail(Callback.refusal(reason, what))

/** The transaction, if it is this merchant's and in yuan. `number`: of the order that was asked for. */
export const compare = (
  transaction: WeChatTransaction,
  { appids, mchid }: Payee,
  number?: string
): JsonBody.Read<WeChatTransaction> => {
  if (transaction.mchid !== mchid) return refused("otherMerchant", "the merchant of the transaction")
  if (!appids.includes(transaction.appid)) return refused("otherMerchant", "the application of the transaction")
  if (number !== undefined && transaction.out_trade_no !== number) {
    return refused("malformed", "the transaction is of another order than was asked for")
  }
  return (transaction.amount?.currency ?? "CNY") === "CNY"
    ? Result.succeed(transaction)
    : refused("otherCurrency", "the currency of the transaction")
}

/** Whether money came in, refunded later or not. */
export const isPaid = ({ trade_state }: WeChatTransaction): boolean =>
  trade_state === "SUCCESS" || trade_state === "REFUND"

/** Whether nobody can pay it any more: paid, closed or reversed. */
export const isOver = (transaction: WeChatTransaction): boolean =>
  isPaid(transaction) || transaction.trade_state === "CLOSED" || transaction.trade_state === "REVOKED"

/**
 * What was paid, compared with whom it should be for. A transaction that is not paid is refused: look at its state
 * before.
 */
export const payment = (transaction: WeChatTransaction, payee: Payee, number?: string): JsonBody.Read<Payment> =>
  Result.flatMap(
    compare(transaction, payee, number),
    (ours) => isPaid(ours) ? paymentIn(ours) : refused("unsupported", "the transaction is not paid")
  )

/**
 * What was paid before it was reversed 撤销, all of which went back; nothing where the reversal came first, or where it is not
 * told.
 */
export const reversed = (transaction: WeChatTransaction): Payment | undefined =>
  transaction.trade_state === "REVOKED" ? Result.getOrElse(paymentIn(transaction), () => undefined) : undefined

const paymentIn = (ours: WeChatTransaction): JsonBody.Read<Payment> => {
  const reference = ours.transaction_id ?? ""
  if (!/^[0-9A-Za-z]{1,32}$/.test(reference)) return refused("malformed", "the transaction: transaction_id")
  const amount = ours.amount?.total
  if (amount === undefined) return refused("malformed", "the transaction: amount.total")
  const paidAt = CivilTime.parse(ours.success_time ?? "")
  return Result.isFailure(paidAt)
    ? refused("malformed", "the transaction: success_time")
    : Result.succeed({ number: ours.out_trade_no, reference, amount, paidAt: paidAt.success })
}
