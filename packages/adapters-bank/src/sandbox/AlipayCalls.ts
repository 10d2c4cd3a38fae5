/**
 * What the sandbox's Alipay answers to each call 支付宝沙箱应答, before it is signed.
 *
 * A code that is shown to be scanned is no trade until somebody has scanned it. Of the codes that payers show, one that ends
 * in 1 asks for a password first, one that ends in 9 has expired, and every other pays at once, out of the purse that is
 * called like the code.
 */
import { CivilTime, Money } from "@yikatong/core"
import { Result, Schema } from "effect"
import * as AlipayRequest from "../alipay/AlipayRequest.ts"
import * as AlipayTrade from "../alipay/AlipayTrade.ts"
import type { Refused } from "./House.ts"
import { returned, type Trade } from "./Trade.ts"
import type { Here } from "./Wire.ts"

/** The merchant's 2088 number. */
export const seller = "2088000000000001"

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

const done = <C, A>({ Answer }: AlipayTrade.Call<C, A>, content: A, code = "10000"): Body => ({
  code,
  msg: code === "10000" ? "Success" : "order success pay inprocess",
  ...Schema.encodeSync(Answer)(content) as object
})
const fails = (why: keyof typeof failures): Body => ({
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

const refusedAs = (refused: Refused): Body => {
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

const key = (number: string) => ({ wire: "alipay", merchant: seller, number })

/** A trade as the gateway knows it: none before somebody has scanned its code. */
const find = ({ house }: Here, { number, reference }: AlipayTrade.Trade): Trade | undefined => {
  const trade = number === undefined ? house.byReference("alipay", reference ?? "") : house.find(key(number))
  const isSeen = trade !== undefined && (
    trade.extra["by"] === "code" || trade.declined !== undefined ||
    (trade.state !== "waiting" && trade.state !== "closed")
  )
  return isSeen ? trade : undefined
}

const statusOf = (trade: Trade, now: CivilTime.Instant): AlipayTrade.Status =>
  trade.state === "paid"
    ? returned(trade) >= trade.amount ? "TRADE_CLOSED" : "TRADE_SUCCESS"
    : trade.state === "closed" || now > trade.expiresAt
    ? "TRADE_CLOSED"
    : "WAIT_BUYER_PAY"

const open = (here: Here, ordered: AlipayTrade.Ordered, notifyTo: string | undefined, by: string) =>
  here.house.open({
    ...key(ordered.number),
    amount: ordered.amount,
    description: ordered.title,
    // Where the merchant says nothing, two hours.
    expiresAt: ordered.expiresAt ?? CivilTime.later(here.now, 2 * CivilTime.hour),
    notifyTo,
    extra: { by }
  }, here.now)

const precreate = (here: Here, ordered: AlipayTrade.Ordered, notifyTo: string | undefined): Body =>
  Result.match(open(here, ordered, notifyTo, "scan"), {
    onFailure: refusedAs,
    onSuccess: ({ number, state, token }) =>
      state === "paid"
        ? fails("paid")
        : state === "closed"
        ? fails("closed")
        : done(AlipayTrade.precreate, { number, code: `${here.origin}/pay/${token}` })
  })

const pay = (
  here: Here,
  ordered: AlipayTrade.Ordered & { readonly code: string },
  notifyTo: string | undefined
): Body => {
  if (ordered.code.endsWith("9")) return fails("code")
  return Result.match(
    Result.flatMap(
      open(here, ordered, notifyTo, "code"),
      ({ state, token }) =>
        state === "asking" || ordered.code.endsWith("1")
          ? here.house.ask(token, here.now)
          : here.house.pay(token, ordered.code, here.now)
    ),
    {
      onFailure: refusedAs,
      onSuccess: ({ amount, number, paidAt, reference }) =>
        paidAt === undefined
          ? done(AlipayTrade.pay, { number, reference }, "10003")
          : done(AlipayTrade.pay, { number, reference, amount, paidAt })
    }
  )
}

const query = (here: Here, asked: AlipayTrade.Trade): Body => {
  const trade = find(here, asked)
  if (trade === undefined) return fails("noTrade")
  const { amount, number, paidAt, reference } = trade
  const status = statusOf(trade, here.now)
  return done(AlipayTrade.query, { number, reference, status, amount, ...(paidAt === undefined ? {} : { paidAt }) })
}

const close = (here: Here, asked: AlipayTrade.Trade): Body => {
  const trade = find(here, asked)
  if (trade === undefined) return fails("noTrade")
  if (statusOf(trade, here.now) === "TRADE_CLOSED") return fails("closed")
  return Result.match(here.house.close(trade, here.now), {
    onFailure: () => fails("state"),
    onSuccess: ({ number, reference }) => done(AlipayTrade.close, { number, reference })
  })
}

const cancel = ({ house, now }: Here, { number = "" }: AlipayTrade.Trade): Body => {
  const trade = house.find(key(number))
  if (trade === undefined) return done(AlipayTrade.cancel, { number, again: "N" })
  const { amount, paidAt, reference, state } = trade
  if (state !== "paid") {
    Result.getOrThrow(house.close(trade, now))
    return done(AlipayTrade.cancel, { number, reference, again: "N", action: "close" })
  }
  if (paidAt === undefined || CivilTime.dayOf(paidAt) !== CivilTime.dayOf(now)) return fails("late")
  const left = amount - returned(trade)
  if (left > 0) house.refund(trade, { number: `${number}CANCEL`, amount: Money.amount(left) }, now)
  return done(AlipayTrade.cancel, { number, reference, again: "N", action: "refund" })
}

const refund = (
  here: Here,
  asked: AlipayTrade.Trade & { readonly refundNumber: string; readonly amount: Money.Amount }
): Body => {
  const trade = find(here, asked)
  if (trade === undefined) return fails("noTrade")
  const { amount, refundNumber } = asked
  const isKnown = trade.refunds.some(({ number, state }) => number === refundNumber && state === "done")
  return Result.match(here.house.refund(trade, { number: refundNumber, amount }, here.now), {
    onFailure: refusedAs,
    onSuccess: ({ refund, trade }) =>
      refund.state === "stuck" ? fails("stuck") : done(AlipayTrade.refund, {
        number: trade.number,
        reference: trade.reference,
        moved: isKnown ? "N" : "Y",
        refunded: Money.of(returned(trade))
      })
  })
}

const queryRefund = (here: Here, asked: AlipayTrade.Trade & { readonly refundNumber: string }): Body => {
  const trade = find(here, asked)
  if (trade === undefined) return fails("noTrade")
  const { amount: total, number, reference, refunds } = trade
  const refund = refunds.find(({ number, state }) => number === asked.refundNumber && state === "done")
  return done(AlipayTrade.refundQuery, {
    number,
    reference,
    ...(refund === undefined ? {} : {
      refundNumber: refund.number,
      status: "REFUND_SUCCESS",
      total,
      amount: refund.amount,
      refundedAt: refund.at
    })
  })
}

/** One call. `operation`: what it is, for the rules of mischief. */
export type Run = readonly [operation: string, run: (here: Here, request: AlipayRequest.AlipayRequest) => Body]

/** A call that there is none of. */
export const unknown: Run = ["unknown", () => wrong("isv.invalid-method")]

/** The calls by their names. `billOf`: where the bill of a day lies, once there is one. */
export const answers = (
  billOf: (day: CivilTime.Day, here: Here) => string | undefined
): ReadonlyMap<string, Run> =>
  new Map([
    answering("create", AlipayTrade.precreate, precreate),
    answering("create", AlipayTrade.pay, pay),
    answering("query", AlipayTrade.query, query),
    answering("close", AlipayTrade.cancel, cancel),
    answering("close", AlipayTrade.close, close),
    answering("refund", AlipayTrade.refund, refund),
    answering("queryRefund", AlipayTrade.refundQuery, queryRefund),
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
