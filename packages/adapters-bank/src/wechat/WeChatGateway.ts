/**
 * The way to WeChat Pay 微信支付网关: one call, signed anew each time it is sent, and its answer believed or not.
 *
 * There are two hosts that know the same: where one does not answer, the other is asked. The keys of WeChat Pay
 * are a ring that grows: a merchant of before 2024 has no public key of WeChat Pay's and fetches its platform
 * certificates, when none is known, when one signs that is not known, and twice a day. Source: WeChat Pay APIv3,
 * 接口规则, 平台证书.
 */
import type { CivilTime } from "@yikatong/core"
import { Clock, Effect, Ref, Result } from "effect"
import { type HttpClient, HttpClientRequest } from "effect/http"
import type { KeyObject, X509Certificate } from "node:crypto"
import * as Circuit from "../Circuit.ts"
import * as Exchange from "../Exchange.ts"
import type * as JsonBody from "../JsonBody.ts"
import * as WeChatAnswer from "./WeChatAnswer.ts"
import * as WeChatAuthorization from "./WeChatAuthorization.ts"
import * as WeChatCall from "./WeChatCall.ts"
import * as WeChatCertificates from "./WeChatCertificates.ts"
import * as WeChatKeys from "./WeChatKeys.ts"
import * as WeChatOutcome from "./WeChatOutcome.ts"
import * as WeChatSignature from "./WeChatSignature.ts"

/** Whom to ask, as whom, and whose answers are believed. `timeout`: of one sending, in milliseconds. */
export interface Options {
  /** Addresses without a path, the first one first. */
  readonly hosts: ReadonlyArray<string>
  readonly merchant: WeChatAuthorization.Merchant
  readonly apiKey: KeyObject
  readonly keys: WeChatKeys.WeChatKeys
  /** Whether platform certificates are fetched 平台证书; `issuer`: see `WeChatKeys.certificate`. */
  readonly certificates?: { readonly issuer?: X509Certificate }
  /** Up to 32 letters and digits, never the same. */
  readonly nonce: () => string
  readonly timeout: number
  readonly policy: Circuit.Policy
}

/** An answer that is believed, or an error of which only the code counts. `field`: which one is wrong, for the log. */
export interface Said {
  readonly outcome: WeChatOutcome.WeChatOutcome
  readonly code: string
  readonly field?: string
  readonly body: Uint8Array
}

/** Nobody knows what became of the call, or, with an open circuit, it was never sent. */
export type Failure = Exchange.Unanswered | Circuit.CircuitOpen | Circuit.DeadlinePassed

export interface WeChatGateway {
  /** `isRepeatable`: where that is not so for every number of ours, as with a code that is good once. */
  readonly ask: (call: WeChatCall.WeChatCall, isRepeatable?: boolean) => Effect.Effect<Said, Failure>
  /** A file whose address stood in an answer. It is not signed: its sum is. */
  readonly download: (call: WeChatCall.WeChatCall, largest: number) => Effect.Effect<Uint8Array, Failure>
  /** Reads what came from outside with the keys as they are known, and once more with those that are fetched. */
  readonly believe: <A>(
    read: (keys: WeChatKeys.WeChatKeys, now: CivilTime.Instant) => JsonBody.Read<A>
  ) => Effect.Effect<JsonBody.Read<A>, Failure>
}

const largest = 1_048_576
/** Certificates are asked for again after this time, as WeChat Pay wants it; and never again within a minute. */
const refreshAfter = 43_200_000
const refreshRest = 60_000

const now = Effect.map(Clock.currentTimeMillis, (at) => at as CivilTime.Instant)
const told = ({ isTemporary, wait }: Exchange.Unanswered): Circuit.Failure => ({
  isTemporary,
  ...(wait === undefined ? {} : { wait })
})
const lost = (why: string, isTemporary = true) => new Exchange.Unanswered({ why, isTemporary })

/** A gateway with a circuit and a ring of its own. */
export const make = Effect.fnUntraced(function*(client: HttpClient.HttpClient, options: Options) {
  const { apiKey, certificates, hosts, merchant, nonce, policy, timeout } = options
  const circuit = yield* Circuit.make(policy)
  const ring = yield* Ref.make(options.keys)
  const host = yield* Ref.make(0)
  const refreshed = yield* Ref.make(Number.NEGATIVE_INFINITY)
  // It selects the key of the answers while a merchant goes over from certificates.
  const named = [...options.keys.values()].find(({ _tag }) => _tag === "PublicKey")?.serial

  const send = Effect.fnUntraced(function*(call: WeChatCall.WeChatCall, limit: number) {
    const at = yield* Ref.get(host)
    const request = HttpClientRequest.make(call.method as "GET" | "POST")(`${hosts[at % hosts.length]}${call.target}`)
      .pipe(
        HttpClientRequest.setHeaders({
          authorization: WeChatAuthorization.sign(merchant, call, { now: yield* now, nonce: nonce() }),
          accept: "application/json",
          "user-agent": "yikatong",
          ...(named === undefined ? {} : { "wechatpay-serial": named })
        }),
        call.body.length === 0 ? (same) => same : HttpClientRequest.bodyUint8Array(call.body, "application/json")
      )
    const answer = yield* Exchange.send(client, request, { largest: limit, timeout }).pipe(
      Effect.tapError(() => Ref.set(host, at + 1))
    )
    if (answer.status !== 429 && answer.status < 500) return answer
    // So is told that somebody pays what should be closed: an answer, and no reason to ask once more.
    if (call.call === "close" && WeChatAnswer.problem(answer.body).code === "FREQUENCY_LIMITED") return answer
    if (answer.status !== 429) yield* Ref.set(host, at + 1)
    const wait = Circuit.retryAfter(answer.headers["retry-after"], yield* now)
    return yield* new Exchange.Unanswered({
      why: `HTTP ${answer.status}`,
      isTemporary: true,
      ...(wait === undefined ? {} : { wait })
    })
  })

  /** One that is under way at a time would be enough; two do no harm. */
  const refresh = Effect.fnUntraced(function*() {
    yield* Ref.set(refreshed, yield* now)
    const answer = yield* send(WeChatCall.certificates, largest)
    if (answer.status !== 200) return yield* lost(`HTTP ${answer.status} for the certificates`, false)
    const known = yield* Ref.get(ring)
    const more = WeChatCertificates.read(answer, { apiKey, known, ...certificates }, yield* now)
    // The list itself may be the first thing that a new key signs: its tags are then the proof.
    const read = Result.isFailure(more) && more.failure.reason === "unknownKey"
      ? Result.flatMap(
        WeChatCertificates.read(answer, { apiKey, known: new Map(), ...certificates }, yield* now),
        (fresh) => WeChatKeys.join(known, fresh.values())
      )
      : more
    if (Result.isSuccess(read)) return yield* Ref.set(ring, read.success)
    yield* Effect.logWarning("WeChat Pay's certificates are not believed", read.failure.reason, read.failure.what)
    return yield* lost("certificates that are not believed", false)
  })
  const isRested = (rest: number) =>
    Effect.gen(function*() {
      return certificates !== undefined && (yield* now) >= (yield* Ref.get(refreshed)) + rest
    })

  const believe = Effect.fnUntraced(
    function*<A>(read: (keys: WeChatKeys.WeChatKeys, now: CivilTime.Instant) => JsonBody.Read<A>) {
      const first = read(yield* Ref.get(ring), yield* now)
      const mayBeNew = Result.isFailure(first) &&
        (first.failure.reason === "unknownKey" || first.failure.reason === "certificate")
      if (!mayBeNew || !(yield* isRested(refreshRest))) return first
      yield* refresh()
      return read(yield* Ref.get(ring), yield* now)
    }
  )

  const sayOf = Effect.fnUntraced(function*(call: WeChatCall.WeChatCall) {
    const answer = yield* send(call, largest)
    const problem = answer.status < 300 && answer.status !== 202 ? {} : WeChatAnswer.problem(answer.body)
    const { code = "" } = problem
    const outcome = WeChatOutcome.of(call.call, answer.status, problem)
    if (answer.status >= 300) {
      const field = WeChatAnswer.fieldOf(problem)
      return { outcome, code, body: new Uint8Array(), ...(field === undefined ? {} : { field }) } satisfies Said
    }
    const verified = yield* believe((keys, at) => WeChatSignature.verifyAnswer(answer, keys, at))
    if (Result.isSuccess(verified)) return { outcome, code, body: answer.body } satisfies Said
    const { reason, what } = verified.failure
    yield* Effect.logWarning("An answer of WeChat Pay is not believed", call.call, reason, what)
    // A probe, or a line that somebody sits on: the same asked again is answered by whom it should be.
    return yield* lost(`an answer that is not believed: ${reason}, ${what}`)
  })

  const gateway: WeChatGateway = {
    believe,
    ask: Effect.fnUntraced(function*(call, isRepeatable = true) {
      if (yield* isRested(refreshAfter)) {
        // Those that are known may do as well; where none is, the answer says so.
        yield* Effect.ignore(Circuit.call(circuit, refresh(), { isRepeatable: true, told }))
      }
      return yield* Circuit.call(circuit, sayOf(call), { isRepeatable, told })
    }),
    download: (call, limit) =>
      Circuit.call(
        circuit,
        Effect.flatMap(send(call, limit), ({ body, status }) =>
          status === 200 ? Effect.succeed(body) : Effect.fail(lost(`HTTP ${status}`, false))),
        { isRepeatable: true, told }
      )
  }
  return gateway
})
