/**
 * Where a webhook goes and what it is for 回调地址, looked at before anything is sent.
 */
import { Duration, Effect, Option, Redacted, Schema } from "effect"
import type { Begin } from "./Lease.ts"
import { type EventName, isEventName } from "./WebhookBody.ts"
import * as WebhookSignature from "./WebhookSignature.ts"

export interface Endpoint {
  /** The subscriber that it is, see `PgOutbox`: its place and what is held back for it are kept under this name. */
  readonly name: string
  /** `https:`, without user and password. */
  readonly url: string | Redacted.Redacted<string>
  /**
   * All secrets that are current, the newest first: each message is signed by each of them. To change one, add the new
   * one, let the receiver take it, take the old one away.
   */
  readonly secrets: readonly [WebhookSignature.Secret, ...ReadonlyArray<WebhookSignature.Secret>]
  /** What it is told. There is no "all": each kind of event must be needed by the other side (PIPL, article 6). */
  readonly events: readonly [EventName, ...ReadonlyArray<EventName>]
  /** Where a new name begins in the journal; `first` unless told. */
  readonly from?: Begin
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
  readonly from: Begin
  readonly ca: string | undefined
  readonly timeout: number
  readonly concurrency: number
  readonly attempts: number
  readonly pause: number
  readonly holds: number
  readonly loopback: boolean
}

/** A time in milliseconds; what is no time is none that is allowed. */
const millisOf = (input: Duration.Input): number =>
  Option.match(Duration.fromInput(input), { onNone: () => Number.NaN, onSome: Duration.toMillis })

/** What an endpoint says, or why it is refused. */
export const check = (endpoint: Endpoint): Effect.Effect<Checked, EndpointRefused> =>
  Effect.suspend(() => {
    const { attempts = 16, concurrency = 8, from = "first", holds = 1_000, loopback = false, name } = endpoint
    const timeout = millisOf(endpoint.timeout ?? "10 seconds")
    const pause = millisOf(endpoint.pause ?? "5 seconds")
    const text = Redacted.isRedacted(endpoint.url) ? Redacted.value(endpoint.url) : endpoint.url
    const url = typeof text === "string" && URL.canParse(text) ? new URL(text) : undefined
    const keys = endpoint.secrets.map(WebhookSignature.keyOf)
    const refuse = (problem: string) => Effect.fail(new EndpointRefused({ name, problem }))
    if (url === undefined) return refuse("`url` is no URL")
    if (url.protocol !== "https:" && !(loopback && url.protocol === "http:")) return refuse("`url` is not https:")
    if (url.username !== "" || url.password !== "") {
      return refuse("`url` has a user or a password: the signature proves who sends")
    }
    if (keys.length === 0 || !keys.every((key) => key !== undefined)) {
      return refuse("each of `secrets` is base64 of 24 to 64 bytes, with whsec_ before it or without")
    }
    const events: ReadonlyArray<string> = endpoint.events
    if (events.length === 0 || !events.every(isEventName)) return refuse("`events` names kinds of events, one at least")
    const wrong = Object.entries({ attempts, concurrency, holds }).find(([, number]) =>
      !Number.isSafeInteger(number) || number < 1
    )
    if (wrong !== undefined) return refuse(`\`${wrong[0]}\` is a whole number, 1 or more`)
    if (!(timeout >= 1 && timeout <= 60_000)) {
      return refuse("`timeout` is a time of 1 millisecond to a minute, such as \"10 seconds\"")
    }
    if (!(pause >= 1 && pause <= longest)) {
      return refuse("`pause` is a time of 1 millisecond to six hours, such as \"5 seconds\"")
    }
    return Effect.succeed({
      name,
      url,
      keys,
      events: new Set(events),
      from,
      ca: endpoint.ca,
      timeout,
      concurrency,
      attempts,
      pause,
      holds,
      loopback
    })
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
