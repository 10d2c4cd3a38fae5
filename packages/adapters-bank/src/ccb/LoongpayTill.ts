/**
 * The bank's till for codes that payers show 龙支付被扫: PAY100 to PAY103 over HTTP, with the enciphered parameter.
 *
 * One order gets one PAY100 and never a second; whatever asks or closes may be sent again. Answers bear no signature: TLS
 * alone says that they are the bank's.
 */
import { Clock, Effect, Result } from "effect"
import { type HttpClient, HttpClientRequest } from "effect/http"
import * as Circuit from "../Circuit.ts"
import * as Exchange from "../Exchange.ts"
import * as FormBody from "../FormBody.ts"
import * as CcbParam from "./CcbParam.ts"
import * as CcbPay from "./CcbPay.ts"
import type { LoongpayKey } from "./LoongpayKey.ts"

/** `further`: fields that a branch wants besides. `timeout`: of one sending, in milliseconds. */
export interface Options {
  readonly address: string
  readonly merchant: string
  readonly pos: string
  readonly branch: string
  readonly key: Pick<LoongpayKey, "secret">
  readonly further?: ReadonlyArray<readonly [string, string]>
  readonly timeout: number
  readonly policy: Circuit.Policy
}

/** Nobody knows what became of a request. */
export type Failure = Exchange.Unanswered | Circuit.CircuitOpen | Circuit.DeadlinePassed

export type LoongpayTill = (ask: CcbPay.CcbPay) => Effect.Effect<CcbPay.Answer, Failure>

const largest = 65_536

/** A till with a circuit of its own. */
export const make = Effect.fnUntraced(function*(client: HttpClient.HttpClient, options: Options) {
  const { address, branch, further, key, merchant, policy, pos, timeout } = options
  const circuit = yield* Circuit.make(policy)
  const told = ({ isTemporary, wait }: Exchange.Unanswered): Circuit.Failure => ({
    isTemporary,
    ...(wait === undefined ? {} : { wait })
  })
  const till: LoongpayTill = (ask) =>
    Circuit.call(
      circuit,
      Effect.gen(function*() {
        const text = CcbPay.write(ask, further)
        if (Result.isFailure(text)) {
          return yield* new Exchange.Unanswered({ why: `not sent: ${text.failure.what}`, isTemporary: false })
        }
        const form = FormBody.encode([
          ["MERCHANTID", merchant],
          ["POSID", pos],
          ["BRANCHID", branch],
          ["ccbParam", CcbParam.seal(text.success, key)]
        ])
        const request = HttpClientRequest.post(address).pipe(
          HttpClientRequest.bodyText(form, "application/x-www-form-urlencoded")
        )
        const { body, headers, status } = yield* Exchange.send(client, request, { largest, timeout })
        if (status !== 200) {
          const wait = Circuit.retryAfter(headers["retry-after"], yield* Clock.currentTimeMillis)
          const why = `HTTP ${status}`
          const isTemporary = status === 429 || status >= 500
          return yield* new Exchange.Unanswered({ why, isTemporary, ...(wait === undefined ? {} : { wait }) })
        }
        const answer = CcbPay.readAnswer(body, ask.order)
        if (Result.isSuccess(answer)) return answer.success
        const { reason, what } = answer.failure
        return yield* new Exchange.Unanswered({ why: `${reason}: ${what}`, isTemporary: true })
      }),
      { isRepeatable: ask._tag !== "Pay", told }
    )
  return till
})
