/**
 * Notices of the Alipay gateway 异步通知: a signed form, sent again for a day until the answer is `success` and nothing
 * else.
 *
 * A refund sends one as well, and it still says TRADE_SUCCESS: what tells them apart is that it names a refund. Taken
 * for a payment it would credit what was just paid back. Amounts are in yuan, times Beijing's. Source: Alipay open
 * platform, 异步通知说明.
 */
import { Callback, CivilTime, type Money } from "@yikatong/core"
import { Result, Schema } from "effect"
import type { KeyObject } from "node:crypto"
import * as FormBody from "../FormBody.ts"
import * as JsonBody from "../JsonBody.ts"
import * as AlipaySignature from "./AlipaySignature.ts"
import * as AlipayText from "./AlipayText.ts"
import * as AlipayTrade from "./AlipayTrade.ts"

/** For whom a notice has to be. */
export interface Receiver {
  readonly application: string
  readonly seller: string
}

/** What every notice tells. `id`: the same for each time that it is sent; `reference`: Alipay's number of the trade. */
export interface Told {
  readonly id: string
  readonly sentAt: CivilTime.Instant
  readonly number: string
  readonly reference: string
  /** Of the trade, also where a part of it was paid back. */
  readonly amount: Money.Amount
}

/**
 * One notice. `Paid`: `isFinished` once it can no longer be paid back; the same payment is told before and after.
 * `Refunded`: `refunded` is all that was paid back so far, `refundNumber` the refund that this notice is about.
 */
export type AlipayNotice =
  | Told & { readonly _tag: "Paid"; readonly paidAt: CivilTime.Instant; readonly isFinished: boolean }
  | Told & {
    readonly _tag: "Refunded"
    readonly refunded?: Money.Money
    readonly refundNumber?: string
    readonly refundedAt?: CivilTime.Instant
  }
  | Told & { readonly _tag: "Waiting" }
  | Told & { readonly _tag: "Closed" }

/**
 * How old a notice may be, and how far ahead, in milliseconds. It is sent for 25 hours, by a clock that is not ours.
 */
export const window = { past: 26 * CivilTime.hour, future: 5 * CivilTime.minute } as const

/** Our names, and those on the wire. */
const names = {
  id: "notify_id",
  sentAt: "notify_time",
  number: "out_trade_no",
  reference: "trade_no",
  status: "trade_status",
  amount: "total_amount",
  paidAt: "gmt_payment",
  refunded: "refund_fee",
  refundNumber: "out_biz_no",
  refundedAt: "gmt_refund"
} as const
const wireNames = Object.values(names)

const optional = Schema.optionalKey
const Wire = Schema.Struct({
  id: Schema.NonEmptyString,
  sentAt: AlipayText.Time,
  number: AlipayText.Number,
  reference: AlipayText.Reference,
  status: AlipayTrade.Status,
  amount: AlipayText.Amount,
  paidAt: optional(AlipayText.Time),
  refunded: optional(AlipayText.Yuan),
  refundNumber: optional(Schema.NonEmptyString),
  refundedAt: optional(AlipayText.Time)
}).pipe(Schema.encodeKeys(names))
type Wire = typeof Wire.Type
const decode = JsonBody.decode(Wire, "a notice")

const kind = "trade_status_sync"
const charset = "utf-8"

/** Believes a notice, or says why not. `now`: when it came in. */
export const read = (
  body: Uint8Array,
  trust: AlipaySignature.Trust,
  receiver: Receiver,
  now: CivilTime.Instant,
  { future, past }: { readonly past: number; readonly future: number } = window
): Result.Result<AlipayNotice, Callback.Refusal> =>
  Result.flatMap(FormBody.parse(body), (form) => {
    // Not signed itself, so nobody may choose a weaker one by it.
    if (form.get("sign_type") !== AlipaySignature.algorithm) return refused("unsupported", "the kind of signature")
    const verified = AlipaySignature.verify(
      AlipaySignature.noticeText(form),
      form.get("sign"),
      trust,
      form.get("alipay_cert_sn")
    )
    if (Result.isFailure(verified)) return Result.fail(verified.failure)
    if ((form.get("charset") ?? charset).toLowerCase() !== charset) return refused("charset", "a notice")
    if (form.get("notify_type") !== kind) return refused("unsupported", "the kind of notice")
    if (form.get("app_id") !== receiver.application) return refused("otherMerchant", "the application")
    if (form.get("seller_id") !== receiver.seller) return refused("otherMerchant", "the seller")
    if ((form.get("trans_currency") ?? "CNY") !== "CNY") return refused("otherCurrency", "a notice")
    return Result.flatMap(decode(told(form)), (wire) => {
      if (now - wire.sentAt > past) return refused("stale", "a notice of long ago")
      if (wire.sentAt - now > future) return refused("stale", "a notice from the future")
      return meant(wire)
    })
  })

/** What is read of a form. An empty value is none. */
const told = (form: AlipaySignature.Parameters): Readonly<Record<string, string>> => {
  const fields: Record<string, string> = {}
  for (const name of wireNames) {
    const value = form.get(name)
    if (value !== undefined && value !== "") fields[name] = value
  }
  return fields
}

const meant = (wire: Wire): Result.Result<AlipayNotice, Callback.Refusal> => {
  const { amount, id, number, paidAt, reference, refundNumber, refunded, refundedAt, sentAt, status } = wire
  const told: Told = { id, sentAt, number, reference, amount }
  if (refunded !== undefined || refundNumber !== undefined || refundedAt !== undefined) {
    return Result.succeed({
      ...told,
      _tag: "Refunded",
      ...(refunded === undefined ? {} : { refunded }),
      ...(refundNumber === undefined ? {} : { refundNumber }),
      ...(refundedAt === undefined ? {} : { refundedAt })
    })
  }
  if (status === "WAIT_BUYER_PAY") return Result.succeed({ ...told, _tag: "Waiting" })
  if (status === "TRADE_CLOSED") return Result.succeed({ ...told, _tag: "Closed" })
  return paidAt === undefined
    ? refused("malformed", "a payment without its time")
    : Result.succeed({ ...told, _tag: "Paid", paidAt, isFinished: status === "TRADE_FINISHED" })
}

const refused = (reason: Callback.Reason, what: string): Result.Result<never, Callback.Refusal> =>
  Result.fail(Callback.refusal(reason, what))

/** What goes back. Everything but `success` makes the gateway send it again. */
export const reply = (isTaken: boolean): Callback.Reply =>
  isTaken
    ? { status: 200, contentType: "text/plain", body: "success" }
    : { status: 400, contentType: "text/plain", body: "fail" }

/** The other side: a notice as a form, signed. */
export const write = (notice: AlipayNotice, receiver: Receiver, key: KeyObject): string => {
  const form = new Map(Object.entries({
    ...Schema.encodeSync(Wire)(wireOf(notice)),
    notify_type: kind,
    app_id: receiver.application,
    seller_id: receiver.seller,
    charset,
    version: "1.0"
  }))
  const signature = AlipaySignature.sign(AlipaySignature.noticeText(form), key)
  return FormBody.encode([...form, ["sign_type", AlipaySignature.algorithm], ["sign", signature]])
}

const wireOf = (notice: AlipayNotice): Wire => {
  switch (notice._tag) {
    case "Paid":
      return { ...notice, status: notice.isFinished ? "TRADE_FINISHED" : "TRADE_SUCCESS" }
    case "Refunded":
      return { ...notice, status: notice.refunded === notice.amount ? "TRADE_CLOSED" : "TRADE_SUCCESS" }
    case "Waiting":
      return { ...notice, status: "WAIT_BUYER_PAY" }
    case "Closed":
      return { ...notice, status: "TRADE_CLOSED" }
  }
}
