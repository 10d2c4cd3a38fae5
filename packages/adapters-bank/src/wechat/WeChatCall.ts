/**
 * The calls of WeChat Pay 接口: method, target and body of each, as they are signed and sent.
 *
 * Host, signature and time are not here. Source: WeChat Pay APIv3, 接口列表.
 */
import { CivilTime } from "@yikatong/core"
import * as JsonBody from "../JsonBody.ts"
import type { Request } from "./WeChatAuthorization.ts"
import type { Account } from "./WeChatFundBill.ts"
import type * as WeChatOrder from "./WeChatOrder.ts"
import type { Call } from "./WeChatOutcome.ts"
import type { Kind } from "./WeChatTradeBill.ts"

/** A request, and what kind of call it is: by that its answer is judged. */
export interface WeChatCall extends Request {
  readonly call: Call
}

const post = (call: Call, target: string, body: unknown): WeChatCall => ({
  call,
  method: "POST",
  target,
  body: JsonBody.write(body)
})
const get = (call: Call, target: string): WeChatCall => ({ call, method: "GET", target, body: new Uint8Array() })

/** A number may hold characters that mean something in a path. */
const of = (number: string): string => `/v3/pay/transactions/out-trade-no/${encodeURIComponent(number)}`

/** Orders by QR code: answered with `code_url`. */
export const native = (order: WeChatOrder.Native): WeChatCall => post("create", "/v3/pay/transactions/native", order)

/** Orders in a page or a mini program: answered with `prepay_id`. */
export const jsapi = (order: WeChatOrder.Jsapi): WeChatCall => post("create", "/v3/pay/transactions/jsapi", order)

/** Charges by the payer's code: answered with the transaction, or with 202 while a password is typed. */
export const codePay = (order: WeChatOrder.CodePay): WeChatCall => post("create", "/v3/pay/transactions/codepay", order)

/** Asks for an order: answered with the transaction. */
export const query = (mchid: string, number: string): WeChatCall =>
  get("query", `${of(number)}?mchid=${encodeURIComponent(mchid)}`)

/** Closes an order that is not paid: answered with 204. */
export const close = (mchid: string, number: string): WeChatCall => post("close", `${of(number)}/close`, { mchid })

/** Takes a charge by code back, whether it was paid or not. */
export const reverse = (appid: string, mchid: string, number: string): WeChatCall =>
  post("reverse", `${of(number)}/reverse`, { appid, mchid })

/** Sends money back. An answer of 200 says that it was taken, not that the money has arrived. */
export const refund = (refund: WeChatOrder.Refund): WeChatCall => post("refund", "/v3/refund/domestic/refunds", refund)

/** Asks for a refund. */
export const queryRefund = (refundNumber: string): WeChatCall =>
  get("queryRefund", `/v3/refund/domestic/refunds/${encodeURIComponent(refundNumber)}`)

/** Asks where a trade bill can be fetched: `hash_type`, `hash_value`, `download_url`. */
export const tradeBill = (day: CivilTime.Day, kind: Kind): WeChatCall =>
  get("bill", `/v3/bill/tradebill?bill_date=${CivilTime.formatDay(day)}&bill_type=${kind}&tar_type=GZIP`)

/** Asks where a fund-flow bill can be fetched. */
export const fundBill = (day: CivilTime.Day, account: Account): WeChatCall =>
  get("bill", `/v3/bill/fundflowbill?bill_date=${CivilTime.formatDay(day)}&account_type=${account}&tar_type=GZIP`)

/** Fetches a bill. The file is not signed; its sum is. Nothing for an address on another host than WeChat Pay's. */
export const download = (address: string, hosts: ReadonlyArray<string>): WeChatCall | undefined => {
  const url = URL.canParse(address) ? new URL(address) : undefined
  return url !== undefined && hosts.includes(url.origin) ? get("bill", url.pathname + url.search) : undefined
}

/** Asks for the platform certificates. */
export const certificates: WeChatCall = get("query", "/v3/certificates")

/** Tests keys and signatures, without money 自检. `body`: anything; WeChat Pay's documents do not say more. */
export const selfTest = (body: unknown): WeChatCall => post("query", "/v3/security/echo", body)
