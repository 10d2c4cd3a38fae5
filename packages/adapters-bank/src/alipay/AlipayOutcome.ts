/**
 * What the codes of the Alipay gateway mean 返回码: whether a call was done, is under way, was declined, or is unknown.
 *
 * `code` tells the class, `sub_code` the reason of a business failure. What is not listed here is unknown and has to be
 * queried: a failure that was guessed might be a payment. Source: Alipay open platform, 公共错误码 and the error codes of
 * alipay.trade.*.
 */
import { Schema } from "effect"

/** Why a call was declined, as far as it makes a difference to what follows. */
export type Reason =
  /** Nobody scanned it yet, or the number was never used here. */
  | "noSuchTrade"
  /** It is paid already, whatever this call wanted: query it. */
  | "paidAlready"
  /** It is closed or finished already. */
  | "closedAlready"
  /** The number was used with other contents: query it, and never take a new number for the same order. */
  | "numberUsed"
  /** The buyer's code has expired, or is no code of a buyer. */
  | "codeInvalid"
  /** The buyer has too little money, or no way of paying. */
  | "buyerCannotPay"
  /** Above a limit of the buyer or of the merchant. */
  | "limitExceeded"
  /** Risk control stopped it. */
  | "risk"
  /** The merchant has too little money to pay back. */
  | "sellerCannotPay"
  /** More than is left of the trade, or it can no longer be paid back. */
  | "refundNotAllowed"
  /** There is no bill for this day, or not yet. */
  | "noBill"

/** What became of a call. `code` and `detail`: as they came, for the log. */
export type AlipayOutcome =
  | { readonly _tag: "Done" }
  | { readonly _tag: "Waiting" }
  | { readonly _tag: "Unknown"; readonly code: string; readonly detail: string }
  | { readonly _tag: "Declined"; readonly reason: Reason; readonly detail: string }
  /** Nothing was done, since too many calls came: wait, and send it again. */
  | { readonly _tag: "Limited"; readonly detail: string }
  /** The call itself is wrong: a key, a right, a parameter. Nothing was done, and repeating does not help. */
  | { readonly _tag: "Misconfigured"; readonly code: string; readonly detail: string }

/** The part that every answer has. Words of the gateway are not read: they hold what was sent. */
export const Codes = Schema.Struct({
  code: Schema.String.check(Schema.isPattern(/^[0-9]{1,8}$/)),
  detail: Schema.optionalKey(Schema.String.check(Schema.isPattern(/^[A-Za-z0-9._-]{0,128}$/)))
}).pipe(Schema.encodeKeys({ detail: "sub_code" }))
export type Codes = typeof Codes.Type

const reasons: ReadonlyMap<string, Reason> = new Map<string, Reason>([
  ["ACQ.TRADE_NOT_EXIST", "noSuchTrade"],
  ["ACQ.TRADE_HAS_SUCCESS", "paidAlready"],
  ["ACQ.TRADE_HAS_CLOSE", "closedAlready"],
  ["ACQ.TRADE_HAS_FINISHED", "closedAlready"],
  ["ACQ.TRADE_STATUS_ERROR", "closedAlready"],
  ["ACQ.REASON_TRADE_STATUS_INVALID", "closedAlready"],
  ["ACQ.REASON_ILLEGAL_STATUS", "closedAlready"],
  ["ACQ.CONTEXT_INCONSISTENT", "numberUsed"],
  ["ACQ.DISCORDANT_REPEAT_REQUEST", "numberUsed"],
  ["ACQ.TRADE_BUYER_NOT_MATCH", "numberUsed"],
  ["ACQ.PAYMENT_AUTH_CODE_INVALID", "codeInvalid"],
  ["ACQ.BUYER_BALANCE_NOT_ENOUGH", "buyerCannotPay"],
  ["ACQ.BUYER_BANKCARD_BALANCE_NOT_ENOUGH", "buyerCannotPay"],
  ["ACQ.ERROR_BALANCE_PAYMENT_DISABLE", "buyerCannotPay"],
  ["ACQ.BUYER_SELLER_EQUAL", "buyerCannotPay"],
  ["ACQ.BUYER_ENABLE_STATUS_FORBID", "buyerCannotPay"],
  ["ACQ.PULL_MOBILE_CASHIER_FAIL", "buyerCannotPay"],
  ["ACQ.MOBILE_PAYMENT_SWITCH_OFF", "buyerCannotPay"],
  ["ACQ.PAYMENT_FAIL", "buyerCannotPay"],
  ["ACQ.NO_PAYMENT_INSTRUMENTS_AVAILABLE", "buyerCannotPay"],
  ["ACQ.TOTAL_FEE_EXCEED", "limitExceeded"],
  ["ACQ.BEYOND_PAY_RESTRICTION", "limitExceeded"],
  ["ACQ.BEYOND_PER_RECEIPT_RESTRICTION", "limitExceeded"],
  ["ACQ.SELLER_BEEN_BLOCKED", "risk"],
  ["ACQ.PAYMENT_REQUEST_HAS_RISK", "risk"],
  ["ACQ.REASON_TRADE_BEEN_FREEZEN", "risk"],
  ["ACQ.SELLER_BALANCE_NOT_ENOUGH", "sellerCannotPay"],
  ["ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "refundNotAllowed"],
  ["ACQ.REASON_TRADE_REFUND_FEE_ERR", "refundNotAllowed"],
  ["ACQ.REFUND_FEE_ERROR", "refundNotAllowed"],
  ["ACQ.TRADE_NOT_ALLOW_REFUND", "refundNotAllowed"],
  ["isp.bill_not_exist", "noBill"]
])

const misconfigured: ReadonlySet<string> = new Set([
  "ACQ.INVALID_PARAMETER",
  "ACQ.ACCESS_FORBIDDEN",
  "ACQ.EXIST_FORBIDDEN_WORD",
  "ACQ.PARTNER_ERROR",
  "ACQ.NOT_SUPPORT_PAYMENT_INST"
])

/** What codes mean. */
export const of = ({ code, detail = "" }: Codes): AlipayOutcome => {
  switch (code) {
    case "10000":
      return { _tag: "Done" }
    case "10003":
      return { _tag: "Waiting" }
    case "40004":
      return failed(code, detail)
    // The gateway turned these away before it did anything.
    case "20001":
    case "40001":
    case "40002":
    case "40003":
    case "40006":
      return { _tag: "Misconfigured", code, detail }
    case "40005":
      return { _tag: "Limited", detail }
    default:
      return { _tag: "Unknown", code, detail }
  }
}

const failed = (code: string, detail: string): AlipayOutcome => {
  const reason = reasons.get(detail)
  if (reason !== undefined) return { _tag: "Declined", reason, detail }
  if (misconfigured.has(detail) || detail.startsWith("isv.")) return { _tag: "Misconfigured", code, detail }
  return { _tag: "Unknown", code, detail }
}

/** The code and sub-code of a reason, for the other side; the first of those that mean it. */
export const codesOf = (reason: Reason): Codes => {
  for (const [detail, meant] of reasons) if (meant === reason) return { code: "40004", detail }
  return { code: "40004" }
}

/** What a reason says to people. */
export const words: Readonly<Record<Reason, { readonly zh: string; readonly en: string }>> = {
  noSuchTrade: { zh: "支付宝没有这笔交易", en: "Alipay has no such trade" },
  paidAlready: { zh: "这笔订单已经支付", en: "This order is paid already" },
  closedAlready: { zh: "这笔交易已经关闭或结束", en: "This trade is closed or finished" },
  numberUsed: { zh: "订单号已用于另一笔内容不同的请求", en: "The number was used for a request with other contents" },
  codeInvalid: { zh: "付款码无效或已过期，请刷新后重试", en: "The payment code is not valid any more: show a new one" },
  buyerCannotPay: { zh: "付款方无法完成支付，请换一种付款方式", en: "The buyer cannot pay this way: choose another" },
  limitExceeded: { zh: "金额超过限额", en: "The amount is above a limit" },
  risk: { zh: "支付宝出于风险控制没有受理", en: "Alipay's risk control stopped it" },
  sellerCannotPay: { zh: "商户账户余额不足，无法退款", en: "The merchant's account has too little for this refund" },
  refundNotAllowed: { zh: "这笔交易不能退这个金额", en: "This amount of this trade cannot be paid back" },
  noBill: { zh: "这一天还没有账单", en: "There is no bill for this day yet" }
}
