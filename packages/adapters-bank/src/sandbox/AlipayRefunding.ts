/**
 * Refunds at the sandbox's Alipay 支付宝沙箱退款.
 */
import { Money } from "@yikatong/core"
import { Result } from "effect"
import * as AlipayRefund from "../alipay/AlipayRefund.ts"
import type * as AlipayTrade from "../alipay/AlipayTrade.ts"
import { type Body, done, fails, refusedAs } from "./AlipaySaid.ts"
import { find } from "./AlipayTrading.ts"
import { returned } from "./Trade.ts"
import type { Here } from "./Wire.ts"

export const send = (
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
      refund.state === "stuck" ? fails("stuck") : done(AlipayRefund.send, {
        number: trade.number,
        reference: trade.reference,
        moved: isKnown ? "N" : "Y",
        refunded: Money.of(returned(trade))
      })
  })
}

export const query = (here: Here, asked: AlipayTrade.Trade & { readonly refundNumber: string }): Body => {
  const trade = find(here, asked)
  if (trade === undefined) return fails("noTrade")
  const { amount: total, number, reference, refunds } = trade
  const refund = refunds.find(({ number, state }) => number === asked.refundNumber && state === "done")
  return done(AlipayRefund.query, {
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
