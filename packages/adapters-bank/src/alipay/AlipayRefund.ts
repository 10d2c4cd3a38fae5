/**
 * The calls of the Alipay gateway that send money back 退款: what each asks and what it answers, as in `AlipayTrade`.
 *
 * A trade that is asked about does not tell what was sent back of it: it stays TRADE_SUCCESS until all of it is back, and is
 * TRADE_CLOSED then. A part that somebody sends back in the merchant's back office 商家平台 is in the bill of the day, and
 * nowhere else. Source: Alipay open platform, alipay.trade.refund, alipay.trade.fastpay.refund.query.
 */
import type { CivilTime, Money } from "@yikatong/core"
import { Schema } from "effect"
import * as AlipayText from "./AlipayText.ts"
import * as AlipayTrade from "./AlipayTrade.ts"

const { Amount, Number, Reference, Time, Title, Yuan } = AlipayText
const optional = Schema.optionalKey

/** `moved`: whether this very call moved money, "N" also where an earlier one did. `refunded`: of the trade, in all. */
export interface Sent {
  readonly number: string
  readonly reference: string
  readonly moved: "Y" | "N"
  readonly refunded: Money.Money
}

/** A refund as the gateway has it. Without a `status` it did not happen, or not yet, or was never asked for. */
export interface Found extends AlipayTrade.Trade {
  readonly refundNumber?: string
  readonly status?: "REFUND_SUCCESS"
  readonly total?: Money.Amount
  readonly amount?: Money.Amount
  readonly refundedAt?: CivilTime.Instant
}

/** Pays back, all or a part 退款. `refundNumber`: ours, under which repeating it pays back once. */
export const send: AlipayTrade.Call<
  AlipayTrade.Trade & { readonly refundNumber: string; readonly amount: Money.Amount; readonly reason?: string },
  Sent
> = {
  method: "alipay.trade.refund",
  Content: Schema.Struct({ ...AlipayTrade.trade, refundNumber: Number, amount: Amount, reason: optional(Title) }).check(
    AlipayTrade.oneTrade
  )
    .pipe(
      Schema.encodeKeys({
        ...AlipayTrade.tradeKeys,
        refundNumber: "out_request_no",
        amount: "refund_amount",
        reason: "refund_reason"
      })
    ),
  Answer: Schema.Struct({
    number: Number,
    reference: Reference,
    moved: Schema.Literals(["Y", "N"]),
    refunded: Yuan
  }).pipe(Schema.encodeKeys({ ...AlipayTrade.tradeKeys, moved: "fund_change", refunded: "refund_fee" })),
  isRepeatable: true
}

/** What became of a refund 退款查询. */
export const query: AlipayTrade.Call<AlipayTrade.Trade & { readonly refundNumber: string }, Found> = {
  method: "alipay.trade.fastpay.refund.query",
  Content: Schema.Struct({ ...AlipayTrade.trade, refundNumber: Number }).check(AlipayTrade.oneTrade)
    .pipe(Schema.encodeKeys({ ...AlipayTrade.tradeKeys, refundNumber: "out_request_no" })),
  Answer: Schema.Struct({
    ...AlipayTrade.trade,
    refundNumber: optional(Number),
    status: optional(Schema.Literal("REFUND_SUCCESS")),
    total: optional(Amount),
    amount: optional(Amount),
    refundedAt: optional(Time)
  }).pipe(Schema.encodeKeys({
    ...AlipayTrade.tradeKeys,
    refundNumber: "out_request_no",
    status: "refund_status",
    total: "total_amount",
    amount: "refund_amount",
    refundedAt: "gmt_refund_pay"
  })),
  isRepeatable: true
}
