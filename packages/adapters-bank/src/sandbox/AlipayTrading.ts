/**
 * Trades at the sandbox's Alipay 支付宝沙箱交易: opened, paid by a shown code, asked about, closed, cancelled.
 *
 * A code that is shown to be scanned is no trade until somebody has scanned it. Of the codes that payers show, one that ends
 * in 1 asks for a password first, one that ends in 9 has expired, and every other pays at once, out of the purse that is
 * called like the code.
 */
import { CivilTime, Money } from "@yikatong/core"
import { Result } from "effect"
import * as AlipayTrade from "../alipay/AlipayTrade.ts"
import { type Body, done, fails, refusedAs } from "./AlipaySaid.ts"
import { returned, type Trade } from "./Trade.ts"
import type { Here } from "./Wire.ts"

/** The merchant's 2088 number. */
export const seller = "2088000000000001"

const key = (number: string) => ({ wire: "alipay", merchant: seller, number })

/** A trade as the gateway knows it: none before somebody has scanned its code. */
export const find = ({ house }: Here, { number, reference }: AlipayTrade.Trade): Trade | undefined => {
  const trade = number === undefined ? house.byReference("alipay", reference ?? "") : house.find(key(number))
  // One that the merchant has closed was scanned before, or the call would not have found it.
  const isSeen = trade !== undefined &&
    (trade.extra["by"] === "code" || trade.declined !== undefined || trade.state !== "waiting")
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

export const precreate = (here: Here, ordered: AlipayTrade.Ordered, notifyTo: string | undefined): Body =>
  Result.match(open(here, ordered, notifyTo, "scan"), {
    onFailure: refusedAs,
    onSuccess: ({ number, state, token }) =>
      state === "paid"
        ? fails("paid")
        : state === "closed"
        ? fails("closed")
        : done(AlipayTrade.precreate, { number, code: `${here.origin}/pay/${token}` })
  })

/** Nobody is notified of it, wherever notices should go. */
export const pay = (here: Here, ordered: AlipayTrade.Ordered & { readonly code: string }): Body => {
  if (ordered.code.endsWith("9")) return fails("code")
  return Result.match(
    Result.flatMap(
      open(here, ordered, undefined, "code"),
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

export const query = (here: Here, asked: AlipayTrade.Trade): Body => {
  const trade = find(here, asked)
  if (trade === undefined) return fails("noTrade")
  const { amount, number, paidAt, reference } = trade
  const status = statusOf(trade, here.now)
  return done(AlipayTrade.query, { number, reference, status, amount, ...(paidAt === undefined ? {} : { paidAt }) })
}

export const close = (here: Here, asked: AlipayTrade.Trade): Body => {
  const trade = find(here, asked)
  if (trade === undefined) return fails("noTrade")
  if (statusOf(trade, here.now) === "TRADE_CLOSED") return fails("closed")
  return Result.match(here.house.close(trade, here.now), {
    onFailure: () => fails("state"),
    onSuccess: ({ number, reference }) => done(AlipayTrade.close, { number, reference })
  })
}

export const cancel = ({ house, now }: Here, { number = "" }: AlipayTrade.Trade): Body => {
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
