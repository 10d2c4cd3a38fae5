/**
 * Money that goes back to its payer by UnionPay 退货, 消费撤销: under the refund's number and the time since when it is due,
 * which together are one refund for ever.
 */
import type { Fault, RechargeChannel } from "@yikatong/core"
import { Effect } from "effect"
import type { UnionPayCalls } from "./UnionPayCalls.ts"
import * as Code from "./UnionPayCode.ts"
import * as Order from "./UnionPayOrder.ts"

const nameOf = ({ dueAt, number }: RechargeChannel.Refund): Order.Named => ({ orderId: number, txnTime: dueAt })

/** What became of it. Another amount than was asked for is a person's. */
export const query = Effect.fnUntraced(function*(
  { failed, find }: UnionPayCalls,
  refund: RechargeChannel.Refund
): Effect.fn.Return<RechargeChannel.Refunding, Fault.ChannelFailed> {
  const told = yield* find("queryRefund", nameOf(refund), "back")
  switch (told.outcome) {
    case "done":
      return told.done.amount === refund.amount
        ? { _tag: "Done" } as const
        : { _tag: "Abnormal", code: "amount" } as const
    case "declined":
      return { _tag: "Abnormal", code: told.respCode } as const
    case "notFound":
      return { _tag: "NotFound" } as const
    case "misconfigured":
      return yield* failed("queryRefund", told)
    case "tooMany":
    case "unknown":
      return { _tag: "Unclear" } as const
  }
})

/** Gives money back. Sent once more under its number it is found there, and asked about. */
export const give = (calls: UnionPayCalls, operation: "refund" | "void") =>
  Effect.fnUntraced(
    function*(refund: RechargeChannel.Refund): Effect.fn.Return<RechargeChannel.Refunding, Fault.ChannelFailed> {
      const { merchant, settings, submit } = calls
      const back: Order.Back = {
        ...nameOf(refund),
        amount: refund.amount,
        backUrl: settings.notifyUrl,
        origQryId: refund.attempt.reference,
        product: settings.product ?? "000201"
      }
      const message = operation === "refund" ? Order.refund(merchant, back) : Order.reverse(merchant, back)
      const { outcome, respCode } = yield* submit(operation, message)
      switch (outcome) {
        case "accepted":
          return { _tag: "Accepted" }
        case "duplicate":
          return yield* query(calls, refund)
        case "unknown":
          return { _tag: "Unclear" }
        case "declined":
        case "misconfigured":
          yield* Effect.logWarning(
            `${settings.name}: ${operation} is refused: ${respCode}, ${Code.words(respCode, "en")}`
          )
          return { _tag: "Abnormal", code: respCode }
      }
    }
  )
