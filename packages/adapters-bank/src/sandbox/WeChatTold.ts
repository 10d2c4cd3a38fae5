/**
 * What WeChat Pay tells of a transaction in the sandbox 交易与退款报文, rightly or falsified: in answers and in notices alike.
 */
import { Money } from "@yikatong/core"
import * as WeChatClock from "../wechat/WeChatClock.ts"
import type * as WeChatRefund from "../wechat/WeChatRefund.ts"
import type * as WeChatTransaction from "../wechat/WeChatTransaction.ts"
import type { Forgery } from "./Mischief.ts"
import { returned, type Trade, type TradeRefund } from "./Trade.ts"

/** The merchant of the sandbox, and its application. */
export const mchid = "1900000001"
export const appid = "wxSANDBOX000000001"
/** Whose payments are none of ours. */
export const otherMerchant = "1900000002"

/** Whether a payment by code was taken back 撤销. */
export const isReversed = ({ refunds }: Trade): boolean => refunds.some(({ extra }) => extra["by"] === "reverse")

const stateOf = (trade: Trade): WeChatTransaction.State => {
  const isCode = trade.extra["type"] === "MICROPAY"
  if (isReversed(trade)) return "REVOKED"
  if (trade.state === "paid") return returned(trade) > 0 || trade.refunds.length > 0 ? "REFUND" : "SUCCESS"
  if (trade.state === "closed") return isCode ? "REVOKED" : "CLOSED"
  if (trade.state === "asking") return "USERPAYING"
  return isCode && trade.declined !== undefined ? "PAYERROR" : "NOTPAY"
}

/** A transaction, in whatever state. */
export const transactionOf = (trade: Trade, forgery: Forgery | undefined): WeChatTransaction.WeChatTransaction => {
  const total = forgery === "wrongAmount" ? Money.amount(trade.amount + 1) : trade.amount
  const state = stateOf(trade)
  return {
    appid: trade.extra["appid"] ?? appid,
    mchid: forgery === "otherMerchant" ? otherMerchant : mchid,
    out_trade_no: trade.number,
    trade_state: state,
    trade_state_desc: state,
    trade_type: trade.extra["type"] ?? "NATIVE",
    amount: {
      total,
      currency: "CNY",
      ...(trade.paidAt === undefined ? {} : { payer_total: total, payer_currency: "CNY" })
    },
    ...(trade.paidAt === undefined ? {} : {
      transaction_id: trade.reference,
      bank_type: "OTHERS",
      success_time: WeChatClock.format(trade.paidAt),
      payer: { openid: `o${trade.payer ?? ""}` }
    })
  }
}

/** A refund. `isNew`: it was taken just now, and nobody knows more. */
export const refundOf = (
  trade: Trade,
  refund: TradeRefund,
  forgery: Forgery | undefined,
  isNew = false
): WeChatRefund.WeChatRefund => {
  const state = refund.state === "stuck" ? "ABNORMAL" : "SUCCESS"
  // One fen less: of one fen more it could be told that it is more than was paid.
  const amount = forgery === "wrongAmount" ? Money.amount(Math.max(1, refund.amount - 1)) : refund.amount
  return {
    number: trade.number,
    reference: trade.reference,
    refundNumber: refund.number,
    refundReference: refund.reference,
    state: isNew ? "PROCESSING" : state,
    amount,
    total: trade.amount,
    ...(state === "SUCCESS" && !isNew ? { at: refund.at } : {})
  }
}
