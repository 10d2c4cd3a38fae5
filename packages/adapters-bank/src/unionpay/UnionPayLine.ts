/**
 * The way to UnionPay's gateway 银联网关: one message, signed and sent, and its answer verified or not believed.
 *
 * An answer that is not believed is none: nobody knows what became of the request. Only questions are sent again; what
 * moves money is sent once, and asked about by its number.
 */
import type { Callback, CivilTime } from "@yikatong/core"
import { Clock, Effect, Result } from "effect"
import { type HttpClient, HttpClientRequest } from "effect/http"
import * as Circuit from "../Circuit.ts"
import * as Exchange from "../Exchange.ts"
import * as Certificate from "./UnionPayCertificate.ts"
import * as Message from "./UnionPayMessage.ts"
import * as Signature from "./UnionPaySignature.ts"

/** As whom to ask, and whose answers are believed. `timeout`: of one sending, in milliseconds. */
export interface Options {
  readonly signer: Signature.Signer
  readonly trust: Certificate.Trust
  readonly timeout: number
  readonly policy: Circuit.Policy
}

/** No answer, or none that is believed; or, with an open circuit, nothing was sent. */
export type Failure = Exchange.Unanswered | Circuit.CircuitOpen | Circuit.DeadlinePassed

/** `read`: what the verified answer says. */
export interface Question<A> {
  readonly url: string
  readonly message: Message.Message
  readonly isRepeatable: boolean
  readonly largest?: number
  readonly read: (answer: Message.Message) => Result.Result<A, Callback.Refusal>
}

export interface UnionPayLine {
  readonly ask: <A>(question: Question<A>) => Effect.Effect<A, Failure>
}

const told = ({ isTemporary, wait }: Exchange.Unanswered): Circuit.Failure => ({
  isTemporary,
  ...(wait === undefined ? {} : { wait })
})

/** A line with a circuit of its own. */
export const make = Effect.fnUntraced(function*(
  client: HttpClient.HttpClient,
  { policy, signer, timeout, trust }: Options
) {
  const circuit = yield* Circuit.make(policy)
  const once = Effect.fnUntraced(function*<A>({ largest = Message.largestMessage, message, read, url }: Question<A>) {
    const body = Buffer.from(Message.writeForm(Signature.sign(message, signer)), "latin1")
    const request = HttpClientRequest.post(url).pipe(HttpClientRequest.bodyUint8Array(body, Message.formType))
    const answer = yield* Exchange.send(client, request, { largest, timeout })
    const now = (yield* Clock.currentTimeMillis) as CivilTime.Instant
    if (answer.status !== 200) {
      const wait = Circuit.retryAfter(answer.headers["retry-after"], now)
      const isTemporary = answer.status === 429 || answer.status >= 500
      const why = `HTTP ${answer.status}`
      return yield* new Exchange.Unanswered({ why, isTemporary, ...(wait === undefined ? {} : { wait }) })
    }
    const said = Message.parse(answer.body, largest).pipe(
      Result.flatMap((message) => Signature.verify(message, Certificate.verifier(trust, now))),
      Result.flatMap(read)
    )
    if (Result.isSuccess(said)) return said.success
    const { reason, what } = said.failure
    // Sent again it may come whole; and whoever forges answers shall not stop us asking.
    return yield* new Exchange.Unanswered({ why: `${reason}: ${what}`, isTemporary: true })
  })
  const line: UnionPayLine = {
    ask: (question) => Circuit.call(circuit, once(question), { isRepeatable: question.isRepeatable, told })
  }
  return line
})
