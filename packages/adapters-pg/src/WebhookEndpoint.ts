/**
 * Where a webhook goes and what it is for 回调地址, looked at before anything is sent.
 */
import { type Duration, Effect, type Redacted, Result, Schema } from "effect"
import * as Lease from "./Lease.ts"
import * as WebhookAddress from "./WebhookAddress.ts"
import type { EventName } from "./WebhookBody.ts"
import * as WebhookOptions from "./WebhookOptions.ts"
import type * as WebhookSignature from "./WebhookSignature.ts"

export interface Endpoint {
  /** The subscriber that it is, see `PgOutbox`: its place and what is held back for it are kept under this name. */
  readonly name: string
  /** `https:`, without user and password. An address instead of a name is one of the public Internet. */
  readonly url: string | Redacted.Redacted<string>
  /**
   * All secrets that are current, the newest first: each message is signed by each of them. To change one, add the new
   * one, let the receiver take it, take the old one away.
   */
  readonly secrets: readonly [WebhookSignature.Secret, ...ReadonlyArray<WebhookSignature.Secret>]
  /** What it is told: keys of `Webhook.fields`. There is no "all": each kind of event must be needed by the other side (PIPL, article 6). */
  readonly events: readonly [EventName, ...ReadonlyArray<EventName>]
  /**
   * Where a new name begins: `first` unless told, which sends **the whole journal from its first line**; `now` sends what is
   * written from now on. A name that was seen goes on where it was.
   */
  readonly from?: Lease.Begin
  /** Certificates of the authorities to believe, in PEM, instead of the usual ones. */
  readonly ca?: string
  /** How long one attempt may take, up to a minute; 10 seconds unless told. */
  readonly timeout?: Duration.Input
  /** How many accounts are delivered at once; 8 unless told. */
  readonly concurrency?: number
  /** After how many failed attempts a message is a dead letter; 16 unless told, which is about a day. */
  readonly attempts?: number
  /** The time after the first failed attempt, up to six hours; 5 seconds unless told. It doubles each time, up to those. */
  readonly pause?: Duration.Input
  /** How many accounts may wait for another attempt before the webhook reads on no more; 1,000 unless told. */
  readonly holds?: number
  /**
   * For a receiver on the developer's own machine: `http:` is allowed, and **no** address but those of this machine, so that
   * nothing in production can be reached with it.
   */
  readonly loopback?: boolean
}

/** An endpoint that is not to be used. The URL and the secrets are never repeated. */
export class EndpointRefused extends Schema.TaggedError<EndpointRefused>()("EndpointRefused", {
  name: Schema.String,
  problem: Schema.String
}) {
  override get message() {
    return `The webhook ${this.name} is refused: ${this.problem}`
  }
}

/** An endpoint that was looked at. Times in milliseconds. */
export interface Checked {
  readonly name: string
  readonly url: URL
  readonly keys: ReadonlyArray<Uint8Array>
  readonly events: ReadonlySet<EventName>
  readonly from: Lease.Begin
  readonly ca: string | undefined
  readonly timeout: number
  readonly concurrency: number
  readonly attempts: number
  readonly pause: number
  readonly holds: number
  readonly loopback: boolean
}

/** What an endpoint says, or why it is refused: it may come from a file or the environment, so it may be anything. */
export const check = (endpoint: Endpoint): Effect.Effect<Checked, EndpointRefused> =>
  Effect.suspend(() => {
    const isRecord = typeof endpoint === "object" && endpoint !== null
    const name = isRecord && typeof endpoint.name === "string" ? endpoint.name : "?"
    const checked = isRecord ? read(endpoint) : Result.fail("it is no endpoint: `name`, `url`, `secrets`, `events`")
    return Effect.mapError(Effect.fromResult(checked), (problem) => new EndpointRefused({ name, problem }))
  })

const read = (endpoint: Endpoint): Result.Result<Checked, string> =>
  Result.gen(function*() {
    const { attempts = 16, concurrency = 8, from = "first", holds = 1_000, loopback = false, name } = endpoint
    if (typeof loopback !== "boolean") return yield* Result.fail("`loopback` is true or false")
    if (!Lease.isBegin(from)) return yield* Result.fail(Lease.beginProblem)
    return {
      name,
      loopback,
      from,
      url: yield* WebhookOptions.url(endpoint.url, WebhookAddress.ruleOf({ loopback })),
      keys: yield* WebhookOptions.keys(endpoint.secrets),
      events: yield* WebhookOptions.events(endpoint.events),
      ca: yield* WebhookOptions.authorities(endpoint.ca),
      attempts: yield* WebhookOptions.number("attempts", attempts),
      concurrency: yield* WebhookOptions.number("concurrency", concurrency),
      holds: yield* WebhookOptions.number("holds", holds),
      timeout: yield* WebhookOptions.time(
        { name: "timeout", most: 60_000, may: "a minute, such as \"10 seconds\"" },
        endpoint.timeout === undefined ? "10 seconds" : endpoint.timeout
      ),
      pause: yield* WebhookOptions.time(
        { name: "pause", most: longest, may: "six hours, such as \"5 seconds\"" },
        endpoint.pause === undefined ? "5 seconds" : endpoint.pause
      )
    }
  })

/** No pause is longer, in milliseconds, unless the endpoint asks for it. */
export const longest = 6 * 3_600_000
/** Nor than this, if it does. */
const longestAsked = 24 * 3_600_000

/**
 * The time until the next attempt after so many that failed, in milliseconds; none where there is to be no other. `chance`: 0
 * to 1, so that a thousand messages do not come back in the same moment.
 */
export const pauseAfter = (
  { attempts, pause }: Pick<Checked, "attempts" | "pause">,
  failed: number,
  retryAfter: number | undefined,
  chance: number
): number | undefined =>
  failed >= attempts
    ? undefined
    : Math.max(
      Math.min(longest, pause * 2 ** Math.min(failed - 1, 40)) * (0.8 + 0.4 * chance),
      Math.min(longestAsked, retryAfter ?? 0)
    )
