/**
 * One attempt to deliver a message 投递: a POST over TLS that follows nobody's directions. A status of 200 to 299 is success,
 * as soon as it is there; a redirect is a failure. What the endpoint says is read away and looked at by nobody.
 *
 * It uses Node's own client: the address is checked by its hook at the moment of connecting, and no proxy of the
 * environment comes between.
 */
import { Effect, type Scope } from "effect"
import * as Http from "node:http"
import * as Https from "node:https"
import * as WebhookAddress from "./WebhookAddress.ts"

/** Why a message did not arrive: nothing in it comes from the endpoint but a status and how long it wants to be left alone. */
export interface Failure {
  readonly reason: "AddressRefused" | "NameUnknown" | "Unreachable" | "TlsRefused" | "TimedOut" | "StatusRefused"
  readonly status?: number
  /** Node's name of what went wrong with the connection or with TLS, as `CERT_HAS_EXPIRED`; for the log. */
  readonly code?: string
  /** In milliseconds, if it said so (`Retry-After`). */
  readonly retryAfter?: number
}

export interface Options {
  readonly url: URL
  readonly rule: WebhookAddress.Rule
  /** How long an attempt may take until the status is there, in milliseconds. */
  readonly timeout: number
  /** How many attempts are under way at once. */
  readonly connections: number
  /** Certificates of the authorities that are believed, instead of the usual ones. */
  readonly ca?: string
}

/** How many bytes of an answer are read away to keep its connection; with more it is closed. */
const courtesy = 64 * 1024

export type Post = (
  headers: Readonly<Record<string, string>>,
  body: string
) => Effect.Effect<void, Failure>

/** A client for one endpoint, for as long as the scope. */
export const make = Effect.fnUntraced(function*(
  { ca, connections, rule, timeout, url }: Options
): Effect.fn.Return<Post, never, Scope.Scope> {
  const isSecure = url.protocol === "https:"
  const pool = { keepAlive: true, maxSockets: connections, maxFreeSockets: connections, timeout: 60_000 }
  const agent = yield* Effect.acquireRelease(
    Effect.sync(() =>
      isSecure
        ? new Https.Agent({ ...pool, ...(ca === undefined ? {} : { ca }), minVersion: "TLSv1.2" })
        : new Http.Agent(pool)
    ),
    (agent) => Effect.sync(() => agent.destroy())
  )

  /** Connections that have carried an attempt before. */
  const used = new WeakSet<object>()

  const once = (headers: Readonly<Record<string, string>>, body: Buffer): Effect.Effect<void, Failure | "stale"> =>
    Effect.callback((resume) => {
      // An address in the URL itself is looked up by nobody.
      if (WebhookAddress.isRefusedLiteral(rule, url.hostname)) {
        return resume(Effect.fail({ reason: "AddressRefused" }))
      }
      const request = (isSecure ? Https : Http).request(url, {
        method: "POST",
        agent,
        lookup: WebhookAddress.guarded(rule),
        maxHeaderSize: 16 * 1024,
        headers: {
          ...headers,
          "content-type": "application/json",
          "content-length": `${body.length}`,
          "user-agent": "yikatong-webhook"
        }
      })
      let isKept = false
      let isOver = false
      /** The first thing that is known of the attempt is what became of it. */
      const over = (outcome: Effect.Effect<void, Failure | "stale">) => {
        if (isOver) return
        isOver = true
        clearTimeout(timer)
        resume(outcome)
      }
      // It ends the attempt by itself, whatever the connection does: not every one tells of its end.
      const timer = setTimeout(() => {
        over(Effect.fail({ reason: "TimedOut" }))
        request.destroy()
      }, timeout)
      const answered = ({ headers, statusCode: status = 0 }: Http.IncomingMessage) => {
        const retryAfter = durationOf(headers["retry-after"])
        over(
          status >= 200 && status < 300 ? Effect.void : Effect.fail({
            reason: "StatusRefused",
            status,
            ...(retryAfter === undefined ? {} : { retryAfter })
          })
        )
      }
      // Node's own `reusedSocket` knows nothing of a request that has waited for its connection.
      request.on("socket", (socket) => {
        isKept = used.has(socket)
        used.add(socket)
      })
      request.on("response", (response) => {
        answered(response)
        readAway(response)
      })
      // A connection that would become another one (101) is of no use, and Node leaves it to us.
      request.on("upgrade", (response, socket) => {
        answered(response)
        socket.on("error", () => {})
        socket.destroy()
      })
      request.on("error", (error: NodeJS.ErrnoException) => {
        // The endpoint closed a connection that we kept, in the moment in which we used it: it has read nothing.
        const isStale = isKept && /^(ECONNRESET|EPIPE)$/.test(error.code ?? "")
        over(Effect.fail(isStale ? "stale" : failureOf(error)))
      })
      // After all of these: whoever closes without a word has not answered.
      request.on("close", () => over(Effect.fail({ reason: "Unreachable" })))
      request.end(body)
      return Effect.sync(() => {
        isOver = true
        clearTimeout(timer)
        request.destroy()
      })
    })

  return (headers, body) => {
    const bytes = Buffer.from(body)
    const attempt = once(headers, bytes)
    return attempt.pipe(
      Effect.catchIf((failure) => failure === "stale", () => attempt),
      Effect.mapError((failure) => failure === "stale" ? { reason: "Unreachable" } : failure)
    )
  }
})

const readAway = (response: Http.IncomingMessage): void => {
  let read = 0
  const late = setTimeout(() => response.destroy(), 5_000)
  late.unref()
  response.on("data", (chunk: Buffer) => {
    read += chunk.length
    if (read > courtesy) response.destroy()
  })
  // Whatever becomes of it now, its status has been told.
  response.on("error", () => {})
  response.on("close", () => clearTimeout(late))
}

const failureOf = (error: NodeJS.ErrnoException): Failure => {
  const { code = "" } = error
  // Node's own names only, and nothing that somebody else has put together.
  return { reason: reasonOf(error), ...(/^[A-Z][A-Z0-9_]{1,63}$/.test(code) ? { code } : {}) }
}

const reasonOf = ({ code = "" }: NodeJS.ErrnoException): Failure["reason"] => {
  if (code === "AddressRefused") return "AddressRefused"
  if (/^(ENOTFOUND|EAI_AGAIN|ENODATA)$/.test(code)) return "NameUnknown"
  if (/CERT|TLS|SSL|EPROTO|SELF_SIGNED|VERIFY/.test(code)) return "TlsRefused"
  return "Unreachable"
}

/** Seconds, or a date (RFC 9110, 10.2.3), as milliseconds from now; none where it is neither. */
export const durationOf = (header: string | undefined, now = Date.now()): number | undefined => {
  if (header === undefined) return undefined
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000
  const at = Date.parse(header)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}
