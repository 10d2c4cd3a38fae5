/**
 * What a channel asks of Alipay's refunds 支付宝退款: to send money back, and what became of that.
 */
import type { Fault, RechargeChannel } from "@yikatong/core"
import { Effect } from "effect"
import * as AlipayRefund from "./AlipayRefund.ts"
import type { AlipayTrades } from "./AlipayTrades.ts"

type Refunding = (request: RechargeChannel.Refund) => Effect.Effect<RechargeChannel.Refunding, Fault.ChannelFailed>

export interface AlipayRefunds {
  readonly refund: Refunding
  readonly queryRefund: Refunding
}

/** The refunds of one channel. */
export const make = ({ ask, failed }: AlipayTrades): AlipayRefunds => {
  const queryRefund: Refunding = Effect.fnUntraced(function*({ amount, attempt, number }) {
    const asked = { number: attempt.number, refundNumber: number }
    const { content, outcome } = yield* ask("queryRefund", AlipayRefund.query, asked, asked)
    if (content === undefined) {
      return outcome._tag === "Declined" && outcome.reason === "noSuchTrade"
        ? { _tag: "NotFound" } as const
        : yield* failed("queryRefund", outcome)
    }
    if (content.status === undefined) return { _tag: "NotFound" } as const
    return content.amount === amount
      ? { _tag: "Done" } as const
      : { _tag: "Abnormal", code: "refund_amount" } as const
  })

  const refund: Refunding = Effect.fnUntraced(function*(request) {
    const { amount, attempt, number } = request
    const asked = { number: attempt.number, refundNumber: number, amount }
    const { content, outcome } = yield* ask("refund", AlipayRefund.send, asked, { number: attempt.number })
    if (content?.moved === "Y" && content.refunded >= amount) return { _tag: "Done" }
    // Nothing moved by this call: by an earlier one, then, or by none.
    if (content !== undefined) return yield* queryRefund(request)
    if (outcome._tag === "Declined") {
      const known = outcome.reason === "closedAlready" ? yield* queryRefund(request) : undefined
      return known?._tag === "Done" ? known : { _tag: "Abnormal", code: outcome.detail }
    }
    return outcome._tag === "Unknown" ? { _tag: "Unclear" } : yield* failed("refund", outcome)
  })

  return { refund, queryRefund }
}
