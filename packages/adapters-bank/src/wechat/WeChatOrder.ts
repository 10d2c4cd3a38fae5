/**
 * What a merchant asks of WeChat Pay, in a body 请求报文: an order in its three kinds, the end of an order, a refund. By
 * the names on the wire, for whoever writes it and for a sandbox that reads it.
 *
 * Amounts are whole fen. Source: WeChat Pay APIv3, Native 下单, JSAPI 下单, 付款码支付, 关闭订单, 撤销订单, 申请退款.
 */
import { CivilTime, Money } from "@yikatong/core"
import { Result, Schema } from "effect"
import * as JsonBody from "../JsonBody.ts"
import * as WeChatRefund from "./WeChatRefund.ts"
import * as WeChatTransaction from "./WeChatTransaction.ts"

const text = (longest: number) =>
  Schema.NonEmptyString.check(Schema.makeFilter((value: string) => Buffer.byteLength(value) <= longest))

/** The address for callbacks takes no query. A sandbox may be called without TLS. */
const Address = Schema.String.check(Schema.isPattern(/^https?:\/\/[^?#\s]{1,240}$/))
const Time = Schema.String.check(
  Schema.makeFilter((value: string) => Result.isSuccess(CivilTime.parse(value)) && /([+-]\d\d:\d\d|Z)$/.test(value))
)

const ordered = {
  appid: text(32),
  mchid: text(32),
  description: text(127),
  out_trade_no: WeChatTransaction.Number,
  attach: Schema.optionalKey(text(128)),
  amount: Schema.Struct({ total: Money.Amount, currency: Schema.optionalKey(Schema.Literal("CNY")) })
} as const

const called = { ...ordered, time_expire: Schema.optionalKey(Time), notify_url: Address } as const

/** An order that the payer scans 主扫. */
export const Native = Schema.Struct(called)
export interface Native extends Schema.Schema.Type<typeof Native> {}

/** An order that is paid in a page or a mini program. */
export const Jsapi = Schema.Struct({ ...called, payer: Schema.Struct({ openid: text(128) }) })
export interface Jsapi extends Schema.Schema.Type<typeof Jsapi> {}

/** A payment by the code that a payer shows 被扫; nobody is called back. */
export const CodePay = Schema.Struct({
  ...ordered,
  payer: Schema.Struct({ auth_code: Schema.String.check(Schema.isPattern(/^1[0-5]\d{16}$/)) }),
  scene_info: Schema.Struct({
    device_id: Schema.optionalKey(text(32)),
    store_info: Schema.optionalKey(Schema.Struct({ id: Schema.optionalKey(text(32)) }))
  })
})
export interface CodePay extends Schema.Schema.Type<typeof CodePay> {}

/** The end of an order: closed, or reversed. `appid`: where it is reversed. */
export const End = Schema.Struct({ mchid: text(32), appid: Schema.optionalKey(text(32)) })
export interface End extends Schema.Schema.Type<typeof End> {}

/** A refund. The same `out_refund_no` again is the same refund. */
export const Refund = Schema.Struct({
  out_trade_no: WeChatTransaction.Number,
  out_refund_no: WeChatRefund.Number,
  reason: Schema.optionalKey(text(80)),
  notify_url: Schema.optionalKey(Address),
  amount: Schema.Struct({ refund: Money.Amount, total: Money.Amount, currency: Schema.Literal("CNY") })
})
export interface Refund extends Schema.Schema.Type<typeof Refund> {}

const reading = <S extends Schema.ConstraintDecoder<unknown>>(schema: S, what: string) => {
  const decode = JsonBody.decode(schema, what)
  return (bytes: Uint8Array): JsonBody.Read<S["Type"]> => Result.flatMap(JsonBody.parse(bytes), decode)
}

/** Readers of the bodies, for a sandbox. */
export const read = {
  native: reading(Native, "the order"),
  jsapi: reading(Jsapi, "the order"),
  codePay: reading(CodePay, "the order"),
  end: reading(End, "the end of an order"),
  refund: reading(Refund, "the refund")
} as const
