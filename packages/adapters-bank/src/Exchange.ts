/**
 * One request over HTTP and its answer 一次报文交换, limited in size and in time.
 *
 * What is not answered in time, or with more bytes than such an answer has, is an exchange of which nobody knows what it
 * did: whether it may be sent again is for its caller to say.
 */
import { Effect, Schema, Stream } from "effect"
import type { HttpClient, HttpClientRequest } from "effect/http"

/** What came back, byte for byte. `headers`: by their names in lower case. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Uint8Array
}

/** No answer that counts. `why`: in words without data. `wait`: what the peer asks for, in milliseconds. */
export class Unanswered extends Schema.TaggedError<Unanswered>()("Unanswered", {
  why: Schema.String,
  isTemporary: Schema.Boolean,
  wait: Schema.optionalKey(Schema.Finite)
}) {
  override get message(): string {
    return `No answer that counts: ${this.why}`
  }
}

/** `largest`: bytes of an answer; `timeout`: milliseconds, from the first byte sent to the last that came. */
export interface Limits {
  readonly largest: number
  readonly timeout: number
}

const lost = (why: string) => new Unanswered({ why, isTemporary: true })

/** Sends a request and reads all of its answer. */
export const send = (
  client: HttpClient.HttpClient,
  request: HttpClientRequest.HttpClientRequest,
  { largest, timeout }: Limits
): Effect.Effect<Answer, Unanswered> =>
  Effect.gen(function*() {
    const response = yield* Effect.mapError(client.execute(request), () => lost("the connection failed"))
    const parts: Array<Uint8Array> = []
    let length = 0
    yield* Stream.runForEach(response.stream, (part) => {
      length += part.length
      if (length > largest) {
        return Effect.fail(new Unanswered({ why: "an answer that is too large", isTemporary: false }))
      }
      parts.push(part)
      return Effect.void
    }).pipe(
      // An answer may have no bytes at all.
      Effect.catchIf(
        (error) => error._tag === "HttpClientError" && error.reason._tag === "EmptyBodyError",
        () => Effect.void
      ),
      Effect.mapError((error) => error._tag === "Unanswered" ? error : lost("the connection ended"))
    )
    return { status: response.status, headers: response.headers, body: Buffer.concat(parts) }
  }).pipe(
    Effect.timeoutOrElse({ duration: timeout, orElse: () => Effect.fail(lost("it took too long")) })
  )
