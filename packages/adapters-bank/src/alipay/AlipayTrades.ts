/**
 * What a channel asks of Alipay's trades 支付宝交易: calls whose answers count, and a fault where nobody knows what they did.
 *
 * Two calls end a trade. 关闭 (close) ends one that its buyer has not paid, and moves nothing. 撤销 (cancel) sends back what
 * was paid: it is kept for a payment by a shown code of which the gateway knows nothing yet, and no other trade is ever
 * cancelled. Either is asked about before and after, so that whoever pays in between is found. Source: Alipay open platform,
 * alipay.trade.query, alipay.trade.close, alipay.trade.cancel.
 */
import { Fault } from "@yikatong/core"
import { Effect } from "effect"
import type { AlipayAnswer, Asked } from "./AlipayAnswer.ts"
import type { AlipayGateway } from "./AlipayGateway.ts"
import * as AlipayTrade from "./AlipayTrade.ts"

type Failed = Fault.ChannelFailed

export interface AlipayTrades {
  /** The outcome of an operation is not known; its reason goes to the log. */
  readonly failed: (operation: string, cause: unknown) => Effect.Effect<never, Failed>
  /** One call. `asked`: what its answer has to be about. */
  readonly ask: <C, A extends object>(
    operation: string,
    call: AlipayTrade.Call<C, A>,
    content: C,
    asked: Asked
  ) => Effect.Effect<AlipayAnswer<A>, Failed>
  /** The trade of an order; nothing where there is none. */
  readonly find: (number: string) => Effect.Effect<AlipayTrade.Found | undefined, Failed>
  /** Closes a trade whose buyer has not paid, and no other. The trade as it is then; nothing where there is none. */
  readonly letGo: (number: string) => Effect.Effect<AlipayTrade.Found | undefined, Failed>
  /** The same for a payment by a shown code; one that the gateway does not know is cancelled, lest it comes later. */
  readonly takeBack: (number: string) => Effect.Effect<AlipayTrade.Found | undefined, Failed>
}

/** How often is asked to cancel, where the gateway wants to be asked again. */
const cancels = 3

/** Whether it was paid, whatever became of it since. */
export const isPaid = ({ paidAt, status }: AlipayTrade.Found): boolean =>
  paidAt !== undefined || status === "TRADE_SUCCESS" || status === "TRADE_FINISHED"

/** `name`: of the channel, for its log. */
export const make = (name: string, gateway: AlipayGateway): AlipayTrades => {
  const failed = (operation: string, cause: unknown) =>
    Effect.andThen(
      Effect.logWarning(`${name}: ${operation} has no outcome: ${reasonOf(cause)}`),
      Effect.fail(new Fault.ChannelFailed({ operation, cause }))
    )

  const ask: AlipayTrades["ask"] = (operation, call, content, asked) =>
    Effect.catch(gateway.ask(call, content, asked), (cause) => failed(operation, cause))

  const find = Effect.fnUntraced(function*(number: string) {
    const { content, outcome } = yield* ask("query", AlipayTrade.query, { number }, { number })
    if (content !== undefined) return content
    return outcome._tag === "Declined" && outcome.reason === "noSuchTrade"
      ? undefined
      : yield* failed("query", outcome)
  })

  const letGo = Effect.fnUntraced(function*(number: string) {
    const before = yield* find(number)
    if (before?.status !== "WAIT_BUYER_PAY") return before
    const { outcome } = yield* ask("close", AlipayTrade.close, { number }, { number })
    // Declined: paid, or closed by its time. The question that follows tells which.
    if (outcome._tag !== "Done" && outcome._tag !== "Declined") return yield* failed("close", outcome)
    const after = yield* find(number)
    return after?.status === "WAIT_BUYER_PAY" ? yield* failed("close", unchanged) : after
  })

  const cancel = Effect.fnUntraced(function*(number: string) {
    for (let asked = 0; asked < cancels; asked++) {
      const { content, outcome } = yield* ask("close", AlipayTrade.cancel, { number }, { number })
      if (content?.again === "N") return
      if (content === undefined && outcome._tag !== "Unknown") return yield* failed("close", outcome)
    }
    return yield* failed("close", { _tag: "Unknown", detail: "retry_flag" })
  })

  const takeBack = Effect.fnUntraced(function*(number: string) {
    const there = yield* letGo(number)
    if (there !== undefined) return there
    yield* cancel(number)
    return yield* find(number)
  })

  return { failed, ask, find, letGo, takeBack }
}

const unchanged = { _tag: "Unknown", detail: "WAIT_BUYER_PAY" } as const

/** The reason of a failure in words without data. */
const reasonOf = (cause: unknown): string => {
  const { _tag = "?", detail = "", reason = "", what = "", why = "" } = cause as Readonly<Record<string, string>>
  return [_tag, why, reason, what, detail].filter((word) => word !== "").join(" ")
}
