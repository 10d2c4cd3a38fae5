/**
 * The calls of the Alipay gateway that a recharge needs 统一收单交易: what each asks (`biz_content`) and what it answers.
 *
 * Each is data: its name on the wire, the two schemas, and whether it may be sent again when its answer was lost. All
 * are told apart by the merchant's own numbers, so that sending them twice does one thing; only a payment by the
 * buyer's code is never repeated, since the code may belong to the next in the queue by then. Refunds have a file of their
 * own. Source: Alipay open platform, alipay.trade.*.
 */
import type { CivilTime, Money } from "@yikatong/core"
import { Schema } from "effect"
import * as AlipayText from "./AlipayText.ts"

/** One call. */
export interface Call<Content, Answer> {
  readonly method: string
  readonly Content: Schema.Codec<Content, unknown>
  readonly Answer: Schema.Codec<Answer, unknown>
  readonly isRepeatable: boolean
  /** Whether what becomes of it is told by a notice 异步通知: only then an address for notices goes along. */
  readonly isNotified?: boolean
}

/** What became of a trade 交易状态. `TRADE_CLOSED`: never paid in time, or paid back as a whole. */
export const Status = Schema.Literals(["WAIT_BUYER_PAY", "TRADE_SUCCESS", "TRADE_FINISHED", "TRADE_CLOSED"])
export type Status = typeof Status.Type

const { Amount, Day, Number, Reference, Time, Title } = AlipayText
const optional = Schema.optionalKey

/** Which trade is meant: by our number, or by Alipay's; by one of them at least. */
export interface Trade {
  readonly number?: string
  readonly reference?: string
}

/**
 * What is ordered. `expiresAt`: until when it can be paid; `seller`: into which account, if not the application's own.
 */
export interface Ordered {
  readonly number: string
  readonly amount: Money.Amount
  readonly title: string
  readonly expiresAt?: CivilTime.Instant
  readonly seller?: string
}

/** A trade as the gateway has it. `paidAt`: once it is paid. */
export interface Found {
  readonly number: string
  readonly reference: string
  readonly status: Status
  readonly amount: Money.Amount
  readonly paidAt?: CivilTime.Instant
  readonly currency?: "CNY"
}

/** How a trade is named on the wire. */
export const trade = { number: optional(Number), reference: optional(Reference) } as const
export const tradeKeys = { number: "out_trade_no", reference: "trade_no" } as const
export const oneTrade = Schema.makeFilter(
  (asked: Trade) => asked.number !== undefined || asked.reference !== undefined,
  { expected: "a number or a reference" }
)

const ordered = {
  number: Number,
  amount: Amount,
  title: Title,
  expiresAt: optional(Time),
  seller: optional(Reference)
} as const
const orderedKeys = {
  number: "out_trade_no",
  amount: "total_amount",
  title: "subject",
  expiresAt: "time_expire",
  seller: "seller_id"
} as const

/** A code that the buyer scans 当面付 扫码支付; there is no trade until somebody does. */
export const precreate: Call<Ordered, { readonly number: string; readonly code: string }> = {
  method: "alipay.trade.precreate",
  Content: Schema.Struct(ordered).pipe(Schema.encodeKeys(orderedKeys)),
  Answer: Schema.Struct({ number: Number, code: Schema.String.check(Schema.isPattern(/^https?:\/\/\S{1,1024}$/)) })
    .pipe(Schema.encodeKeys({ number: "out_trade_no", code: "qr_code" })),
  isRepeatable: true,
  isNotified: true
}

/** A payment by the code that the buyer shows 当面付 付款码支付. */
export const pay: Call<
  Ordered & { readonly scene: "bar_code"; readonly code: string },
  Trade & { readonly number: string; readonly amount?: Money.Amount; readonly paidAt?: CivilTime.Instant }
> = {
  method: "alipay.trade.pay",
  Content: Schema.Struct({
    ...ordered,
    scene: Schema.Literal("bar_code"),
    code: Schema.String.check(Schema.isPattern(/^(2[5-9]|30)[0-9]{14,22}$/, { expected: "a payment code of Alipay" }))
  }).pipe(Schema.encodeKeys({ ...orderedKeys, code: "auth_code" })),
  Answer: Schema.Struct({
    number: Number,
    reference: optional(Reference),
    amount: optional(Amount),
    paidAt: optional(Time)
  }).pipe(Schema.encodeKeys({ ...tradeKeys, amount: "total_amount", paidAt: "gmt_payment" })),
  isRepeatable: false
}

/** What became of an order 交易查询. */
export const query: Call<Trade, Found> = {
  method: "alipay.trade.query",
  Content: Schema.Struct(trade).check(oneTrade).pipe(Schema.encodeKeys(tradeKeys)),
  Answer: Schema.Struct({
    number: Number,
    reference: Reference,
    status: Status,
    amount: Amount,
    paidAt: optional(Time),
    currency: optional(Schema.Literal("CNY"))
  }).pipe(Schema.encodeKeys({
    ...tradeKeys,
    status: "trade_status",
    amount: "total_amount",
    paidAt: "send_pay_date",
    currency: "trans_currency"
  })),
  isRepeatable: true
}

/**
 * Takes an order back whose outcome is unknown, on the same day 撤销. `again`: it has to be sent again. `action`: what it
 * did to the trade, if there was one; an order that Alipay never saw is taken back as well.
 */
export const cancel: Call<Trade, Trade & { readonly again: "Y" | "N"; readonly action?: "close" | "refund" }> = {
  method: "alipay.trade.cancel",
  Content: Schema.Struct(trade).check(oneTrade).pipe(Schema.encodeKeys(tradeKeys)),
  Answer: Schema.Struct({
    number: optional(Number),
    reference: optional(Reference),
    again: Schema.Literals(["Y", "N"]),
    action: optional(Schema.Literals(["close", "refund"]))
  }).pipe(Schema.encodeKeys({ ...tradeKeys, again: "retry_flag" })),
  isRepeatable: true
}

/** Closes an order that was scanned and not paid 关闭. */
export const close: Call<Trade, Trade> = {
  method: "alipay.trade.close",
  Content: Schema.Struct(trade).check(oneTrade).pipe(Schema.encodeKeys(tradeKeys)),
  Answer: Schema.Struct(trade).pipe(Schema.encodeKeys(tradeKeys)),
  isRepeatable: true
}

/**
 * Where the bill of a day lies 账单下载地址, for half a minute. `trade`: payments; `signcustomer`: movements of the balance.
 */
export const bill: Call<
  { readonly kind: "trade" | "signcustomer"; readonly day: CivilTime.Day },
  { readonly url: string }
> = {
  method: "alipay.data.dataservice.bill.downloadurl.query",
  Content: Schema.Struct({ kind: Schema.Literals(["trade", "signcustomer"]), day: Day })
    .pipe(Schema.encodeKeys({ kind: "bill_type", day: "bill_date" })),
  Answer: Schema.Struct({ url: Schema.String.check(Schema.isPattern(/^https?:\/\/\S{1,2048}$/)) })
    .pipe(Schema.encodeKeys({ url: "bill_download_url" })),
  isRepeatable: true
}
