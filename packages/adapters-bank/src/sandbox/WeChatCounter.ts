/**
 * The sandbox's WeChat Pay at its counter 微信支付沙箱柜台: orders in three kinds, questions, ends and refunds.
 *
 * Of the codes that payers show, one that ends in 1 asks for a password first, one that ends in 7 asks for a password and
 * wants to be reversed twice, one that ends in 9 has expired, and every other pays at once, out of the purse that is called
 * like the code.
 */
import { CivilTime } from "@yikatong/core"
import { Result } from "effect"
import * as JsonBody from "../JsonBody.ts"
import * as WeChatClock from "../wechat/WeChatClock.ts"
import type * as WeChatOrder from "../wechat/WeChatOrder.ts"
import { toAnswer } from "../wechat/WeChatRefund.ts"
import type { Forgery } from "./Mischief.ts"
import type { Trade, TradeRefund } from "./Trade.ts"
import { empty, fails, json, refusedAs, type Said, wrong } from "./WeChatSaid.ts"
import { appid, isReversed, mchid, refundOf, transactionOf } from "./WeChatTold.ts"
import type { Here } from "./Wire.ts"

const key = (number: string) => ({ wire: "wechat", merchant: mchid, number })

const told = (trade: Trade, forgery: Forgery | undefined): Said => ({
  ...json(transactionOf(trade, forgery)),
  changed: JsonBody.write(transactionOf(trade, "wrongAmount"))
})

const ordered = (
  here: Here,
  order: WeChatOrder.Native | WeChatOrder.CodePay,
  extra: Readonly<Record<string, string>>
): Result.Result<Trade, Said> => {
  if (order.mchid !== mchid || order.appid !== appid) return Result.fail(fails(400, "APPID_MCHID_NOT_MATCH"))
  const expiry = "time_expire" in order && order.time_expire !== undefined
    ? CivilTime.parse(order.time_expire)
    : Result.succeed(CivilTime.later(here.now, WeChatClock.prepayLife))
  if (Result.isFailure(expiry) || expiry.success <= here.now) return Result.fail(wrong("/time_expire"))
  const opened = here.house.open({
    ...key(order.out_trade_no),
    amount: order.amount.total,
    description: order.description,
    expiresAt: expiry.success,
    notifyTo: "notify_url" in order ? order.notify_url : undefined,
    extra: { appid, ...extra }
  }, here.now)
  if (Result.isFailure(opened)) return Result.fail(refusedAs(opened.failure))
  const trade = opened.success
  const isSame = Object.entries(extra).every(([name, value]) => trade.extra[name] === value)
  return isSame ? Result.succeed(trade) : Result.fail(fails(403, "OUT_TRADE_NO_USED"))
}

const asked = (order: Result.Result<Trade, Said>, answer: (trade: Trade) => unknown): Said =>
  Result.match(order, {
    onFailure: (said) => said,
    onSuccess: (trade) =>
      trade.state === "paid"
        ? fails(400, "ORDER_PAID")
        : trade.state === "closed"
        ? fails(400, "ORDER_CLOSED")
        : json(answer(trade))
  })

export const native = (here: Here, order: WeChatOrder.Native): Said =>
  asked(ordered(here, order, { type: "NATIVE" }), ({ token }) => ({ code_url: `${here.origin}/pay/${token}` }))

export const jsapi = (here: Here, order: WeChatOrder.Jsapi): Said =>
  asked(ordered(here, order, { type: "JSAPI", openid: order.payer.openid }), ({ token }) => ({
    prepay_id: `wx${token}`
  }))

export const codePay = (here: Here, order: WeChatOrder.CodePay): Said => {
  const code = order.payer.auth_code
  const known = here.house.find(key(order.out_trade_no))
  if (code.endsWith("9")) return fails(400, "AUTH_CODE_EXPIRED", "付款码已过期")
  if (known === undefined && here.house.all.some(({ extra }) => extra["code"] === code)) {
    return fails(400, "AUTH_CODE_INVALID", "付款码已使用")
  }
  return Result.match(ordered(here, order, { type: "MICROPAY", code }), {
    onFailure: (said) => said,
    onSuccess: (trade) => {
      if (trade.state === "paid") return told(trade, here.forgery)
      if (trade.state === "closed") return fails(400, "ORDER_REVERSED")
      const isAsked = code.endsWith("1") || code.endsWith("7")
      const paid = isAsked ? here.house.ask(trade.token, here.now) : here.house.pay(trade.token, code, here.now)
      if (Result.isFailure(paid)) return refusedAs(paid.failure)
      return isAsked ? fails(202, "USERPAYING", "需要用户输入支付密码") : told(paid.success, here.forgery)
    }
  })
}

/** By number, or by WeChat Pay's own. */
export const query = (here: Here, trade: Trade | undefined, url: URL): Said =>
  url.searchParams.get("mchid") !== mchid
    ? wrong("mchid")
    : trade === undefined
    ? fails(404, "ORDER_NOT_EXIST", "订单不存在")
    : told(trade, here.forgery)

export const find = ({ house }: Here, number: string): Trade | undefined => house.find(key(number))

export const close = (here: Here, number: string): Said => {
  if (find(here, number)?.state === "asking") return fails(429, "FREQUENCY_LIMITED", "频率超限")
  const closed = here.house.close(key(number), here.now)
  return Result.isSuccess(closed) ? empty : refusedAs(closed.failure)
}

/** Reversals; `recalled`: the numbers whose merchants were told to ask again. */
export const reverse = (here: Here, number: string, recalled: Set<string>): Said => {
  const trade = find(here, number)
  if (trade === undefined) return fails(404, "ORDER_NOT_EXIST")
  if (trade.extra["type"] !== "MICROPAY" || here.now < trade.createdAt + WeChatClock.codePay.reverseFrom) {
    return fails(400, "INVALID_REQUEST", "该订单暂不可撤销")
  }
  if (trade.extra["code"]?.endsWith("7") === true && !recalled.has(number)) {
    recalled.add(number)
    return json({ appid, mchid, out_trade_no: number, recall: "Y" })
  }
  if (trade.state === "paid" && !isReversed(trade)) {
    const back = { number: `${number}V`, amount: trade.amount, extra: { by: "reverse" } }
    Result.getOrThrow(here.house.refund(key(number), back, here.now))
  } else here.house.close(key(number), here.now)
  return json({ appid, mchid, out_trade_no: number, recall: "N" })
}

export const refund = (here: Here, wanted: WeChatOrder.Refund): Said => {
  const trade = find(here, wanted.out_trade_no)
  if (trade === undefined) return fails(404, "RESOURCE_NOT_EXISTS", "订单不存在")
  if (wanted.amount.total !== trade.amount) return fails(400, "INVALID_REQUEST", "订单金额不一致")
  const number = wanted.out_refund_no
  const isNew = !trade.refunds.some((refund) => refund.number === number)
  const extra: Record<string, string> = wanted.notify_url === undefined ? {} : { notify_url: wanted.notify_url }
  const done = here.house.refund(key(wanted.out_trade_no), { number, amount: wanted.amount.refund, extra }, here.now)
  return Result.isFailure(done)
    ? refusedAs(done.failure)
    : refundSaid(done.success.trade, done.success.refund, here.forgery, isNew)
}

const refundSaid = (trade: Trade, refund: TradeRefund, forgery: Forgery | undefined, isNew = false): Said => ({
  ...json(toAnswer(refundOf(trade, refund, forgery, isNew), refund.at)),
  changed: JsonBody.write(toAnswer(refundOf(trade, refund, "wrongAmount", isNew), refund.at))
})

export const queryRefund = (here: Here, number: string): Said => {
  for (const trade of here.house.all) {
    if (trade.wire !== "wechat") continue
    const found = trade.refunds.find((refund) => refund.number === number)
    if (found !== undefined) return refundSaid(trade, found, here.forgery)
  }
  return fails(404, "RESOURCE_NOT_EXISTS", "退款单不存在")
}
