/**
 * What becomes of a call to WeChat Pay: an answer that is believed, or the fault that the core knows 应答的处理. Shared by
 * what a channel asks of orders and of refunds.
 */
import { Fault } from "@yikatong/core"
import { Effect, Result } from "effect"
import type * as JsonBody from "../JsonBody.ts"
import * as WeChatCode from "./WeChatCode.ts"
import type { Failure, Said } from "./WeChatGateway.ts"

/** Nobody knows what became of it. */
export const failed = (operation: string, cause: unknown) => new Fault.ChannelFailed({ operation, cause })

/** The order was not taken, and nothing will be paid under its number. */
export const refused = (code: string, problem: string) =>
  new Fault.ChannelRefused({ operation: "create", code, problem })

export const unanswered = (operation: string) => Effect.mapError((cause: Failure) => failed(operation, cause))

/** What an answer holds, if it is believed. Else its outcome is not known, also of a write. */
export const believed = Effect.fnUntraced(function*<A>(read: JsonBody.Read<A>, operation: string) {
  if (Result.isSuccess(read)) return read.success
  const { reason, what } = read.failure
  yield* Effect.logWarning("An answer of WeChat Pay is not believed", operation, reason, what)
  return yield* failed(operation, `${reason}: ${what}`)
})

/** What an error says and what helps, by its code where that is known here. */
export const problemOf = ({ code, outcome }: Pick<Said, "code" | "outcome">): string =>
  WeChatCode.of(code)?.en ?? outcome.en

/** One line of the log where somebody has to see to it: the code, what helps, and the field that is wrong, if one is named. */
export const alarm = (operation: string, said: Pick<Said, "code" | "field" | "outcome">) =>
  said.outcome.class === "permanent"
    ? Effect.logError(
      "WeChat Pay refuses us",
      operation,
      said.code,
      problemOf(said),
      ...(said.field === undefined ? [] : [`field ${said.field}`])
    )
    : Effect.void

/** An answer that says nothing of what was asked. */
export const unmade = Effect.fnUntraced(function*(operation: string, said: Said) {
  yield* alarm(operation, said)
  return yield* failed(operation, `${said.code}: ${problemOf(said)}`)
})
