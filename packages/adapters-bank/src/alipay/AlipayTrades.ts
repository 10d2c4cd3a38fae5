/**
 * What a channel asks of Alipay's trades 支付宝交易: calls whose answers count, and a fault where nobody knows what they did.
 */
import { Fault } from "@yikatong/core"
import { Effect } from "effect"
import type { AlipayAnswer, Asked } from "./AlipayAnswer.ts"
import type { AlipayGateway } from "./AlipayGateway.ts"
import * as AlipayTrade from "./AlipayTrade.ts"

/** How often is asked to take a payment back, where the gateway wants to be asked again. */
const cancels = 3

/** `name`: of the channel, for its log. */
export const make = (name: string, gateway: AlipayGateway) => {
  /** The outcome of an operation is not known; its reason goes to the log. */
  const failed = (operation: string, cause: unknown): Effect.Effect<never, Fault.ChannelFailed> =>
    Effect.andThen(
      Effect.logWarning(`${name}: ${operation} has no outcome: ${reasonOf(cause)}`),
      Effect.fail(new Fault.ChannelFailed({ operation, cause }))
    )

  /** One call. `asked`: what its answer has to be about. */
  const ask = <C, A extends object>(
    operation: string,
    call: AlipayTrade.Call<C, A>,
    content: C,
    asked: Asked
  ): Effect.Effect<AlipayAnswer<A>, Fault.ChannelFailed> =>
    Effect.catch(gateway.ask(call, content, asked), (cause) => failed(operation, cause))

  /** The trade of an order; nothing where there is none. */
  const find = Effect.fnUntraced(function*(number: string) {
    const { content, outcome } = yield* ask("query", AlipayTrade.query, { number }, { number })
    if (content !== undefined) return content
    return outcome._tag === "Declined" && outcome.reason === "noSuchTrade"
      ? undefined
      : yield* failed("query", outcome)
  })

  /** Takes an order of today back, until that is done: unpaid it is closed, paid it is paid back. */
  const cancel = Effect.fnUntraced(function*(number: string) {
    for (let asked = 0; asked < cancels; asked++) {
      const { content, outcome } = yield* ask("close", AlipayTrade.cancel, { number }, { number })
      if (content?.again === "N") return
      if (content === undefined && outcome._tag !== "Unknown") return yield* failed("close", outcome)
    }
    return yield* failed("close", { _tag: "Unknown", detail: "retry_flag" })
  })

  return { failed, ask, find, cancel }
}

/** The reason of a failure in words without data. */
const reasonOf = (cause: unknown): string => {
  const { _tag = "?", detail = "", reason = "", what = "", why = "" } = cause as Readonly<Record<string, string>>
  return [_tag, why, reason, what, detail].filter((word) => word !== "").join(" ")
}
