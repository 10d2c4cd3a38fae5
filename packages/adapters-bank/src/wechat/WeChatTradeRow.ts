/**
 * One row of WeChat Pay's trade bill 交易账单明细: a payment, a refund or a revoked payment, read by the names of its
 * columns.
 *
 * Source: WeChat Pay APIv3, 申请交易账单.
 */
import { type BillRow, Callback, CivilTime, Money } from "@yikatong/core"
import { Result } from "effect"
import type { Read } from "../JsonBody.ts"
import * as WeChatBillFile from "./WeChatBillFile.ts"

interface Common {
  /** 交易时间 */
  readonly at: CivilTime.Instant
  readonly appid: string
  readonly mchid: string
  /** 微信订单号 */
  readonly reference: string
  /** 商户订单号 */
  readonly number: string
  /** Of a payment what was ordered 订单金额, of a refund what was asked back 申请退款金额. */
  readonly amount: Money.Amount
  /** 手续费, signed: negative where it is given back. */
  readonly fee: WeChatBillFile.Fine
  readonly fields: WeChatBillFile.Fields
}

/** A row. Revoked 已撤销 are payments by code that were taken back; they too have a refund number. */
export type WeChatTradeRow =
  | Common & { readonly _tag: "Payment" }
  | Common & {
    readonly _tag: "Refund" | "Revoked"
    /** 微信退款单号 */
    readonly refundReference: string
    /** 商户退款单号 */
    readonly refundNumber: string
    /** 退款状态: SUCCESS, PROCESSING and others. */
    readonly refundState: string
  }

const refused = (reason: Callback.Reason, what: string): Read<never> => Result.fail(Callback.refusal(reason, what))

/** Reads a row. `what`: which one. */
export const read = (fields: WeChatBillFile.Fields, what: string): Read<WeChatTradeRow> => {
  const text = (column: string): string => fields.get(column) ?? ""
  if (text("货币种类") !== "CNY") return refused("otherCurrency", what)
  const at = CivilTime.parse(text("交易时间"))
  const fee = WeChatBillFile.parseFine(text("手续费"))
  const state = text("交易状态")
  if (state !== "SUCCESS" && state !== "REFUND" && state !== "REVOKED") {
    return refused("unsupported", `${what}: 交易状态`)
  }
  const amount = amountOf(text(state === "SUCCESS" ? "订单金额" : "申请退款金额"))
  const reference = text("微信订单号")
  const number = text("商户订单号")
  if (Result.isFailure(at) || fee === undefined || amount === undefined || !isNumber(reference) || !isNumber(number)) {
    return refused("malformed", what)
  }
  const common = {
    at: at.success,
    appid: text("公众账号ID"),
    mchid: text("商户号"),
    reference,
    number,
    amount,
    fee,
    fields
  }
  if (state === "SUCCESS") return Result.succeed({ _tag: "Payment", ...common })
  const refundReference = text("微信退款单号")
  if (!isNumber(refundReference) || refundReference === "0") return refused("malformed", `${what}: 微信退款单号`)
  return Result.succeed({
    _tag: state === "REFUND" ? "Refund" : "Revoked",
    ...common,
    refundReference,
    refundNumber: text("商户退款单号"),
    refundState: text("退款状态")
  })
}

const amountOf = (text: string): Money.Amount | undefined => {
  const fen = Money.parse(text)
  return Result.isSuccess(fen) && fen.success >= 1 && fen.success <= Money.largestAmount
    ? fen.success as Money.Amount
    : undefined
}

/** Numbers are for other systems as well: they hold no blanks and nothing that can not be seen. */
const isNumber = (text: string): boolean => /^[!-~]{1,64}$/.test(text)

/** States in which no money goes back. */
const failed = ["FAIL", "FAILED", "CLOSED"]

/** The row in the words of all channels; nothing for a refund that failed. `day`: of the bill. */
export const toBillRow = (row: WeChatTradeRow, day: CivilTime.Day): BillRow.BillRow | undefined => {
  const { amount, at, number } = row
  const common = { day, number, amount, at, fee: WeChatBillFile.toFen(row.fee) }
  if (row._tag === "Payment") return { kind: "payment", reference: row.reference, ...common }
  if (failed.includes(row.refundState)) return undefined
  return {
    kind: "refund",
    reference: row.refundReference,
    ...common,
    ...(isNumber(row.refundNumber) && row.refundNumber !== "0" ? { refundNumber: row.refundNumber } : {}),
    ...(row.refundState === "SUCCESS" ? {} : { isUnderWay: true })
  }
}
