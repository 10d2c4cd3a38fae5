/**
 * The way to the Alipay gateway 支付宝网关: one call, signed, sent, and its answer believed or not.
 *
 * What does one thing however often it is sent is sent again while the gateway does not answer; a payment by the buyer's
 * code never is. An answer that is not believed is none: nobody knows what became of the call.
 */
import type { CivilTime } from "@yikatong/core"
import { Clock, Effect, Result } from "effect"
import { type HttpClient, HttpClientRequest } from "effect/http"
import * as Circuit from "../Circuit.ts"
import * as Exchange from "../Exchange.ts"
import * as AlipayAnswer from "./AlipayAnswer.ts"
import * as AlipayCertificates from "./AlipayCertificates.ts"
import * as AlipayRequest from "./AlipayRequest.ts"
import * as AlipayResponse from "./AlipayResponse.ts"
import type * as AlipaySignature from "./AlipaySignature.ts"
import type { Call } from "./AlipayTrade.ts"

/** Whom to ask, as whom, and whose answers are believed. `timeout`: of one sending, in milliseconds. */
export interface Options {
  readonly address: string
  readonly application: AlipayRequest.Application
  readonly trust: AlipaySignature.Trust
  readonly timeout: number
  readonly policy: Circuit.Policy
}

/** What a call may fail with: nobody knows what became of it, or, with an open circuit, it was never sent. */
export type Failure = Exchange.Unanswered | Circuit.CircuitOpen | Circuit.DeadlinePassed

export interface AlipayGateway {
  /** `asked`: the numbers that the answer has to be about. */
  readonly ask: <C, A extends object>(
    call: Call<C, A>,
    content: C,
    asked: AlipayAnswer.Asked
  ) => Effect.Effect<AlipayAnswer.AlipayAnswer<A>, Failure>
  /** A file that an answer named. */
  readonly download: (url: string, largest: number) => Effect.Effect<Uint8Array, Failure>
}

const newCertificate =
  "Alipay signs with a certificate that is not known here: take it from its console 支付宝公钥证书 and give it to AlipayCertificates beside the old one"

/** A gateway with a circuit of its own. */
export const make = Effect.fnUntraced(function*(client: HttpClient.HttpClient, options: Options) {
  const { address, application, policy, timeout, trust } = options
  const circuit = yield* Circuit.make(policy)
  const told = ({ isTemporary, wait }: Exchange.Unanswered): Circuit.Failure => ({
    isTemporary,
    ...(wait === undefined ? {} : { wait })
  })
  const exchange = (request: HttpClientRequest.HttpClientRequest, largest: number) =>
    Effect.flatMap(Exchange.send(client, request, { largest, timeout }), (answer) => {
      if (answer.status === 200) return Effect.succeed(answer.body)
      return Effect.flatMap(Clock.currentTimeMillis, (now) => {
        const wait = Circuit.retryAfter(answer.headers["retry-after"], now)
        const isTemporary = answer.status === 429 || answer.status >= 500
        const why = `HTTP ${answer.status}`
        return Effect.fail(new Exchange.Unanswered({ why, isTemporary, ...(wait === undefined ? {} : { wait }) }))
      })
    })
  const gateway: AlipayGateway = {
    ask: (call, content, asked) =>
      Circuit.call(
        circuit,
        Effect.gen(function*() {
          const now = (yield* Clock.currentTimeMillis) as CivilTime.Instant
          const { body, contentType, query } = AlipayRequest.write(application, call, content, now)
          const request = HttpClientRequest.post(`${address}?${query}`).pipe(
            HttpClientRequest.bodyText(body, contentType)
          )
          const bytes = yield* exchange(request, AlipayResponse.largest)
          const answer = AlipayCertificates.validAt(trust, now).pipe(
            Result.flatMap((valid) => AlipayResponse.read(bytes, call.method, valid)),
            Result.flatMap((response) => AlipayAnswer.read(call, response, asked))
          )
          if (Result.isSuccess(answer)) return answer.success
          const { reason, what } = answer.failure
          if (reason === "unknownKey") yield* Effect.logError(newCertificate)
          // Sent again it may come whole; and whoever forges answers shall not stop us asking.
          return yield* new Exchange.Unanswered({ why: `${reason}: ${what}`, isTemporary: true })
        }),
        { isRepeatable: call.isRepeatable, told }
      ),
    download: (url, largest) =>
      Circuit.call(circuit, exchange(HttpClientRequest.get(url), largest), { isRepeatable: true, told })
  }
  return gateway
})
