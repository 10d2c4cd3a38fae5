/**
 * The calls that the sandbox's WeChat Pay knows 微信支付沙箱接口: which request is which, and who answers it.
 */
import type { Callback, CivilTime } from "@yikatong/core"
import { Result } from "effect"
import * as JsonBody from "../JsonBody.ts"
import * as WeChatOrder from "../wechat/WeChatOrder.ts"
import * as Counter from "./WeChatCounter.ts"
import { WeChatFiles } from "./WeChatFiles.ts"
import { fails, json, reading, type Said, wrong } from "./WeChatSaid.ts"
import { mchid } from "./WeChatTold.ts"
import type { Here } from "./Wire.ts"

/** One call. `operation`: what it is, for the rules of mischief. */
export type Run = readonly [operation: string, run: (here: Here) => Said]

/** What is no percent-encoding is a number that nobody has. */
const decoded = (text: string): string => Result.getOrElse(Result.try(() => decodeURIComponent(text)), () => text)

const ending = (body: Uint8Array, then: () => Said): Said =>
  reading(WeChatOrder.read.end(body), (end) => end.mchid === mchid ? then() : wrong("/mchid"))

/** The calls of one WeChat Pay; nothing for a request that is none. `certificates`: the list, encrypted for the merchant. */
export const make = (
  certificates: (now: CivilTime.Instant) => Uint8Array
): (request: Callback.Raw) => Run | undefined => {
  const files = new WeChatFiles()
  const recalled = new Set<string>()

  const byNumber = (method: string, number: string, end: string | undefined, body: Uint8Array, url: URL) => {
    if (method === "POST" && end === "/close") {
      return ["close", (here) => ending(body, () => Counter.close(here, number))] satisfies Run
    }
    if (method === "POST" && end === "/reverse") {
      return ["reverse", (here) => ending(body, () => Counter.reverse(here, number, recalled))] satisfies Run
    }
    return method === "GET" && end === undefined
      ? ["query", (here) => Counter.query(here, Counter.find(here, number), url)] satisfies Run
      : undefined
  }

  return ({ body, method, url: target }) => {
    const url = new URL(target, "http://sandbox.test")
    const path = url.pathname
    const ofNumber = /^\/v3\/pay\/transactions\/out-trade-no\/([^/]+)(\/close|\/reverse)?$/.exec(path)
    if (ofNumber !== null) return byNumber(method, decoded(ofNumber[1] ?? ""), ofNumber[2], body, url)
    const reference = /^\/v3\/pay\/transactions\/id\/(\w+)$/.exec(path)?.[1]
    if (method === "GET" && reference !== undefined) {
      return ["query", (here) => Counter.query(here, here.house.byReference("wechat", reference), url)]
    }
    const refundNumber = /^\/v3\/refund\/domestic\/refunds\/([^/]+)$/.exec(path)?.[1]
    if (method === "GET" && refundNumber !== undefined) {
      return ["queryRefund", (here) => Counter.queryRefund(here, decoded(refundNumber))]
    }
    switch (`${method} ${path}`) {
      case "POST /v3/pay/transactions/native":
        return ["create", (here) => reading(WeChatOrder.read.native(body), (order) => Counter.native(here, order))]
      case "POST /v3/pay/transactions/jsapi":
        return ["create", (here) => reading(WeChatOrder.read.jsapi(body), (order) => Counter.jsapi(here, order))]
      case "POST /v3/pay/transactions/codepay":
        return ["create", (here) => reading(WeChatOrder.read.codePay(body), (order) => Counter.codePay(here, order))]
      case "POST /v3/refund/domestic/refunds":
        return ["refund", (here) => reading(WeChatOrder.read.refund(body), (wanted) => Counter.refund(here, wanted))]
      case "GET /v3/bill/tradebill":
        return ["bill", (here) => files.address(here, url)]
      case "GET /v3/bill/fundflowbill":
        return ["fundFlow", (here) => files.address(here, url)]
      case "GET /v3/billdownload/file":
        return ["download", (here) => files.fetch(here, url)]
      case "GET /v3/certificates":
        return ["certificates", (here) => ({ status: 200, body: certificates(here.now) })]
      case "POST /v3/security/echo":
        return ["echo", () => reading(JsonBody.parse(body), (value) => json(value))]
      default:
        // So that whoever mistypes a path reads it in the log.
        return path.startsWith("/v3/") ? ["unknown", () => fails(404, "NOT_FOUND", "没有这个接口")] : undefined
    }
  }
}
