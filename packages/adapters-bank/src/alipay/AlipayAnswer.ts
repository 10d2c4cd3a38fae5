/**
 * An answer that is believed, read as what was asked 业务返回参数.
 *
 * A signed answer names no call: it could have been recorded and be played again for another. So the numbers that it
 * tells are compared with those that were asked about.
 */
import { Callback } from "@yikatong/core"
import { Result } from "effect"
import * as JsonBody from "../JsonBody.ts"
import * as AlipayOutcome from "./AlipayOutcome.ts"
import type { AlipayResponse } from "./AlipayResponse.ts"
import type { Call } from "./AlipayTrade.ts"

/** `content`: where the call was done, or the gateway waits for the buyer. */
export interface AlipayAnswer<A> {
  readonly outcome: AlipayOutcome.AlipayOutcome
  readonly content?: A
}

/** By which an answer can be told to be another's. */
export interface Asked {
  readonly number?: string
  readonly reference?: string
  readonly refundNumber?: string
}

const codes = JsonBody.decode(AlipayOutcome.Codes, "the codes of an answer")

/**
 * Reads an answer. One that nobody signed is never an outcome: it is unknown what became of the call, whatever it says,
 * unless it says that the call itself is wrong.
 */
export const read = <C, A extends object>(
  call: Call<C, A>,
  response: AlipayResponse,
  asked: Asked
): Result.Result<AlipayAnswer<A>, Callback.Refusal> =>
  Result.flatMap(codes(response.body), (told): Result.Result<AlipayAnswer<A>, Callback.Refusal> => {
    const outcome = AlipayOutcome.of(told)
    if (response._tag === "Unsigned") {
      const unknown = { _tag: "Unknown", code: told.code, detail: told.detail ?? "" } as const
      return Result.succeed({ outcome: outcome._tag === "Misconfigured" ? outcome : unknown })
    }
    if (outcome._tag !== "Done" && outcome._tag !== "Waiting") return Result.succeed({ outcome })
    return Result.flatMap(
      JsonBody.decode(call.Answer, "an answer")(response.body),
      (content): Result.Result<AlipayAnswer<A>, Callback.Refusal> =>
        isAbout(content, asked)
          ? Result.succeed({ outcome, content })
          : Result.fail(Callback.refusal("forged", "an answer about another order"))
    )
  })

const isAbout = (content: Asked, asked: Asked): boolean =>
  (["number", "reference", "refundNumber"] as const).every((name) =>
    asked[name] === undefined || content[name] === undefined || content[name] === asked[name]
  )
