/**
 * What the sandbox's Alipay answers before it is signed 支付宝沙箱应答: an answer, or an error by its codes.
 */
import { Schema } from "effect"
import type * as AlipayTrade from "../alipay/AlipayTrade.ts"
import type { Refused } from "./House.ts"

const failures = {
  noTrade: "ACQ.TRADE_NOT_EXIST",
  paid: "ACQ.TRADE_HAS_SUCCESS",
  closed: "ACQ.TRADE_HAS_CLOSE",
  state: "ACQ.TRADE_STATUS_ERROR",
  numberUsed: "ACQ.CONTEXT_INCONSISTENT",
  refundDiffers: "ACQ.DISCORDANT_REPEAT_REQUEST",
  tooMuch: "ACQ.REASON_TRADE_REFUND_FEE_ERR",
  stuck: "ACQ.TRADE_NOT_ALLOW_REFUND",
  code: "ACQ.PAYMENT_AUTH_CODE_INVALID",
  poor: "ACQ.BUYER_BALANCE_NOT_ENOUGH",
  late: "ACQ.TRADE_CANCEL_TIME_OUT",
  noBill: "isp.bill_not_exist"
} as const

/** The answer to a call before it is signed. */
export type Body = Readonly<Record<string, unknown>>

export const done = <C, A>({ Answer }: AlipayTrade.Call<C, A>, content: A, code = "10000"): Body => ({
  code,
  msg: code === "10000" ? "Success" : "order success pay inprocess",
  ...Schema.encodeSync(Answer)(content) as object
})
export const fails = (why: keyof typeof failures): Body => ({
  code: "40004",
  msg: "Business Failed",
  sub_code: failures[why],
  sub_msg: failures[why]
})
/** A call that the gateway turns away. */
export const wrong = (detail: string): Body => ({
  code: "40002",
  msg: "Invalid Arguments",
  sub_code: detail,
  sub_msg: detail
})

export const refusedAs = (refused: Refused): Body => {
  switch (refused._tag) {
    case "NotThere":
      return fails("noTrade")
    case "NumberUsed":
      return fails("numberUsed")
    case "AlreadyPaid":
      return fails("paid")
    case "AlreadyClosed":
      return fails("closed")
    case "NotPaid":
      return fails("state")
    case "Declined":
      return fails("poor")
    case "TooMuch":
      return fails("tooMuch")
    case "RefundDiffers":
      return fails("refundDiffers")
  }
}
