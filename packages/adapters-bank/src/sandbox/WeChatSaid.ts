/**
 * What the sandbox's WeChat Pay answers before it is signed 微信支付沙箱应答: a body, or an error by its code.
 */
import { Result } from "effect"
import * as JsonBody from "../JsonBody.ts"
import type { Refused } from "./House.ts"

/** `unsigned`: a file, or an answer to nobody known. */
export interface Said {
  readonly status: number
  readonly body: Uint8Array
  /** What it would be if one fen more had been paid, for whoever changes it after it was signed. */
  readonly changed?: Uint8Array
  readonly unsigned?: "application/json" | "application/octet-stream"
  /** Of an error. */
  readonly code?: string
}

export const json = (value: unknown, status = 200): Said => ({ status, body: JsonBody.write(value) })

/** Nothing more is said than that it was done. */
export const empty: Said = { status: 204, body: new Uint8Array() }

/** `detail`: of PARAM_ERROR, as WeChat Pay tells which field it is. */
export const fails = (
  status: number,
  code: string,
  message = code,
  detail?: { readonly field: string; readonly issue: string }
): Said => ({ ...json({ code, message, ...(detail === undefined ? {} : { detail }) }, status), code })

/** One parameter is wrong: `field` is its place in the body, `/amount/total`. */
export const wrong = (field: string): Said => fails(400, "PARAM_ERROR", "参数错误", { field, issue: "invalid" })

/** What a body holds, or the error that it is none. */
export const reading = <A>(read: JsonBody.Read<A>, then: (value: A) => Said): Said =>
  Result.match(read, { onFailure: ({ what }) => wrong(fieldIn(what)), onSuccess: then })

/** Where a reader stumbled: its words end with the path, "the order: amount.total". */
const fieldIn = (what: string): string => {
  const path = /: ([\w.[\]"]+)$/.exec(what)?.[1]
  return path === undefined ? "body" : `/${path.replaceAll(/[[\]"]/g, "").replaceAll(".", "/")}`
}

/** What is not possible in the house, in WeChat Pay's words. */
export const refusedAs = (refused: Refused): Said => {
  switch (refused._tag) {
    case "NotThere":
      return fails(404, "ORDER_NOT_EXIST", "订单不存在")
    case "NumberUsed":
      return fails(403, "OUT_TRADE_NO_USED", "商户订单号重复")
    case "AlreadyPaid":
      return fails(400, "ORDER_PAID", "该订单已支付")
    case "AlreadyClosed":
      return fails(400, "ORDER_CLOSED", "该订单已关闭")
    case "Declined":
      return refused.why === "insufficient" ? fails(403, "NOT_ENOUGH", "余额不足") : fails(403, "TRADE_ERROR")
    case "NotPaid":
    case "TooMuch":
    case "RefundDiffers":
      return fails(400, "INVALID_REQUEST", "请求参数符合参数格式，但不符合业务规则")
  }
}
