/**
 * The calls that the sandbox's Alipay knows 支付宝沙箱接口: which method is which, and who answers it.
 */
import type { CivilTime } from "@yikatong/core"
import { Result } from "effect"
import * as AlipayRefund from "../alipay/AlipayRefund.ts"
import * as AlipayRequest from "../alipay/AlipayRequest.ts"
import * as AlipayTrade from "../alipay/AlipayTrade.ts"
import * as Refunding from "./AlipayRefunding.ts"
import { type Body, done, fails, wrong } from "./AlipaySaid.ts"
import * as Trading from "./AlipayTrading.ts"
import type { Here } from "./Wire.ts"

/** One call. `operation`: what it is, for the rules of mischief. */
export type Run = readonly [operation: string, run: (here: Here, request: AlipayRequest.AlipayRequest) => Body]

/** A call that there is none of. */
export const unknown: Run = ["unknown", () => wrong("isv.invalid-method")]

/** The calls by their names. `billOf`: where the bill of a day lies, once there is one. */
export const answers = (
  billOf: (day: CivilTime.Day, here: Here) => string | undefined
): ReadonlyMap<string, Run> =>
  new Map([
    answering("create", AlipayTrade.precreate, Trading.precreate),
    answering("create", AlipayTrade.pay, Trading.pay),
    answering("query", AlipayTrade.query, Trading.query),
    answering("close", AlipayTrade.cancel, Trading.cancel),
    answering("close", AlipayTrade.close, Trading.close),
    answering("refund", AlipayRefund.send, Refunding.send),
    answering("queryRefund", AlipayRefund.query, Refunding.query),
    answering("bill", AlipayTrade.bill, (here, { day }) => {
      const url = billOf(day, here)
      return url === undefined ? fails("noBill") : done(AlipayTrade.bill, { url })
    })
  ])

const answering = <C, A>(
  operation: string,
  call: AlipayTrade.Call<C, A>,
  run: (here: Here, content: C, notifyTo: string | undefined) => Body
): readonly [string, Run] => [call.method, [
  operation,
  (here, request) =>
    Result.match(AlipayRequest.contentOf(call, request), {
      onFailure: () => ({ code: "40004", msg: "Business Failed", sub_code: "ACQ.INVALID_PARAMETER" }),
      onSuccess: (content) => run(here, content, request.notifyUrl)
    })
]]
