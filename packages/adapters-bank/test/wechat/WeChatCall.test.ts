import { CivilTime, Money } from "@yikatong/core"
import { Result } from "effect"
import { describe, expect, it } from "vitest"
import * as JsonBody from "../../src/JsonBody.ts"
import * as WeChatCall from "../../src/wechat/WeChatCall.ts"
import * as WeChatOrder from "../../src/wechat/WeChatOrder.ts"
import { reason } from "./party.ts"

const order: WeChatOrder.Native = {
  appid: "wx8888888888888888",
  mchid: "1900009191",
  description: "一卡通充值",
  out_trade_no: "20260901ABCDEFGHJKMNPQRSTVWX",
  time_expire: "2026-09-01T10:00:00+08:00",
  notify_url: "https://campus.example.cn/wechat",
  amount: { total: Money.amount(5_000), currency: "CNY" }
}
const { notify_url: _, time_expire: __, ...shared } = order
const refund: WeChatOrder.Refund = {
  out_trade_no: order.out_trade_no,
  out_refund_no: `${order.out_trade_no}R`,
  amount: { refund: Money.amount(5_000), total: Money.amount(5_000), currency: "CNY" }
}
const day = CivilTime.day("2026-09-01")
const [tradeBill, fundBill] = [WeChatCall.tradeBill(day, "ALL"), WeChatCall.fundBill(day, "BASIC")]

describe("a call is a method, a target and a body", () => {
  it.each([
    [WeChatCall.native(order), "POST", "/v3/pay/transactions/native", order],
    [WeChatCall.close("1900009191", "A*1|2"), "POST", "/v3/pay/transactions/out-trade-no/A*1%7C2/close", {
      mchid: "1900009191"
    }],
    [WeChatCall.reverse("wx8", "1900009191", "A1"), "POST", "/v3/pay/transactions/out-trade-no/A1/reverse", {
      appid: "wx8",
      mchid: "1900009191"
    }],
    [WeChatCall.refund(refund), "POST", "/v3/refund/domestic/refunds", refund],
    [WeChatCall.query("1900009191", "A1"), "GET", "/v3/pay/transactions/out-trade-no/A1?mchid=1900009191", undefined],
    [WeChatCall.queryRefund("R|1"), "GET", "/v3/refund/domestic/refunds/R%7C1", undefined],
    [tradeBill, "GET", "/v3/bill/tradebill?bill_date=2026-09-01&bill_type=ALL&tar_type=GZIP", undefined],
    [fundBill, "GET", "/v3/bill/fundflowbill?bill_date=2026-09-01&account_type=BASIC&tar_type=GZIP", undefined],
    [WeChatCall.certificates, "GET", "/v3/certificates", undefined]
  ])("%#: %s %s", (call, method, target, body) => {
    expect(call).toMatchObject({ method, target })
    expect(Buffer.from(call.body).toString()).toBe(body === undefined ? "" : JSON.stringify(body))
  })

  it.each([
    ["https://api.mch.weixin.qq.com/v3/billdownload/file?token=6XIv5TUPto7pByrTQKhd6kwv", true],
    ["https://api.mch.weixin.qq.com.example.com/v3/billdownload/file", false],
    ["http://api.mch.weixin.qq.com/v3/billdownload/file", false],
    ["https://api.mch.weixin.qq.com@example.com/", false],
    ["file:///etc/passwd", false],
    ["", false]
  ])("a bill is fetched from the hosts that are known alone: %s", (address, isKnown) => {
    const call = WeChatCall.download(address, ["https://api.mch.weixin.qq.com"])
    expect(call !== undefined).toBe(isKnown)
    if (call !== undefined) expect(address.endsWith(call.target)).toBe(true)
  })
})

describe("a body is read as it was written", () => {
  const jsapi = { ...order, payer: { openid: "oUpF8uMuAJO" } }
  const codePay = { ...shared, payer: { auth_code: "131234567890123456" }, scene_info: { device_id: "POS1" } }

  it("orders of three kinds, the end of one, and a refund", () => {
    const { read } = WeChatOrder
    expect(Result.getOrThrow(read.native(WeChatCall.native(order).body))).toEqual(order)
    expect(Result.getOrThrow(read.jsapi(WeChatCall.jsapi(jsapi).body))).toEqual(jsapi)
    expect(Result.getOrThrow(read.codePay(WeChatCall.codePay(codePay).body))).toEqual(codePay)
    expect(Result.getOrThrow(read.end(WeChatCall.close("1900009191", "A1").body))).toEqual({ mchid: "1900009191" })
    expect(Result.getOrThrow(read.refund(WeChatCall.refund(refund).body))).toEqual(refund)
  })

  it.each([
    ["an amount as a text", { amount: { total: "5000" } }],
    ["a fraction", { amount: { total: 50.5 } }],
    ["a negative amount", { amount: { total: -1 } }],
    ["dollars", { amount: { total: 5_000, currency: "USD" } }],
    ["a number that is too short", { out_trade_no: "A1" }],
    ["a number that is too long", { out_trade_no: "A".repeat(33) }],
    ["a description of more than 127 bytes", { description: "卡".repeat(43) }],
    ["no description", { description: "" }],
    ["an address with a query", { notify_url: "https://campus.example.cn/wechat?a=1" }],
    ["an address that is none", { notify_url: "campus" }],
    ["a time without an offset", { time_expire: "2026-09-01 10:00:00" }],
    ["a time that is none", { time_expire: "2026-09-31T10:00:00+08:00" }],
    ["no merchant", { mchid: undefined }]
  ])("refused: %s", (_, changes) => {
    expect(reason(WeChatOrder.read.native(JsonBody.write(order)))).toBe("believed")
    expect(reason(WeChatOrder.read.native(JsonBody.write({ ...order, ...changes })))).toBe("malformed")
  })

  it("a code of another wallet is no code of WeChat's", () => {
    const other = { ...codePay, payer: { auth_code: "281234567890123456" } }
    expect(reason(WeChatOrder.read.codePay(JsonBody.write(other)))).toBe("malformed")
  })
})
