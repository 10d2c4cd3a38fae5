/**
 * Where channels tell of payments 支付回调入口: one address a channel, over HTTP. The bytes are handed on as they came, since a
 * signature is made over bytes; what is answered is the channel's word for taken, refused, or send it again.
 *
 * Behind the school's own TLS. Everything that comes in is limited in size, in time and in number: anybody can send to it.
 * Whoever is turned away is told in the log (`DoorLog`), by a line that holds nothing of what he sent.
 *
 * A team with a web framework of its own needs no server of ours: {@link raw} and `Recharging.hear` are all there is to it.
 */
import {
  type AccountStore,
  type Callback,
  type Fault,
  type Id,
  type Profiles,
  type RechargeChannel,
  Recharging,
  type SubjectStore
} from "@yikatong/core"
import { Effect, FiberSet, Result, type Scope } from "effect"
import { createServer, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { PortRefused } from "./BankLine.ts"
import * as CallbackRequest from "./CallbackRequest.ts"
import * as DoorLog from "./DoorLog.ts"

export interface Options {
  /** Where it listens: a port of `host`, 0 for any that is free. */
  readonly port: number
  readonly host?: string
  /** A channel's address is this and its name: `/recharge/weChat`. */
  readonly path?: string
  /** On whose behalf credits are written. */
  readonly point: Id.PointId
  /** The most that a callback may have, in bytes; no channel's is longer than 64 KiB. */
  readonly largest?: number
  /** How long a sender may take, in milliseconds. WeChat gives us five seconds for all of it. */
  readonly patience?: number
  /** How many may be connected at once. */
  readonly most?: number
  /** How often the log tells of one who comes again and again. */
  readonly log?: DoorLog.Options
}

/** A callback that came in over HTTP. Headers that came twice count as one that no signature fits. */
export const raw = (
  method: string,
  url: string,
  headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>,
  body: Uint8Array
): Callback.Raw => ({
  method,
  url,
  headers: Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      typeof value === "string" ? value : value?.join(", ")
    ])
  ),
  body
})

/** What a callback is taken with. */
export type Services =
  | AccountStore.AccountStore
  | Profiles.Profiles
  | RechargeChannel.RechargeChannels
  | SubjectStore.SubjectStore

/** Where it listens. `port`: the one that it got. A channel's address is `origin`, `path` and its name. */
export interface Listening {
  readonly origin: string
  readonly path: string
  readonly port: number
}

/** Why a callback was not taken, as the log tells it. A channel's name is the school's own, unless there is none. */
const refusedAs = (
  failure: { readonly _tag: string } & Partial<Pick<Fault.CallbackRefused, "reason" | "what">>
): Pick<DoorLog.Refused, "reason" | "what"> => {
  if (failure._tag === "ChannelMissing") return { reason: "notFound" }
  return failure._tag === "CallbackRefused" && failure.reason !== undefined
    ? { reason: failure.reason, ...(failure.what === undefined ? {} : { what: failure.what }) }
    // A fault: its name alone, since its cause may hold anything.
    : { reason: "unavailable", what: failure._tag }
}

/** Listens as long as the scope. */
export const listen: (
  options: Options
) => Effect.Effect<Listening, PortRefused, Scope.Scope | Services> = Effect.fn("CallbackServer.listen")(
  function*(options) {
    const { host = "127.0.0.1", largest = 65_536, most = 1_024, path = "/recharge/", patience = 5_000, point } = options
    const run = yield* FiberSet.makeRuntime<Services, void>()
    const log = yield* DoorLog.make("callbacks", options.log)

    const hear = (name: string, request: Callback.Raw, response: ServerResponse, peer: string) =>
      Recharging.hear(name, request, point).pipe(
        Effect.tap(({ outcome }) => {
          if (Result.isSuccess(outcome)) return Effect.void
          const why = refusedAs(outcome.failure)
          return log.refused({ ...why, peer, ...(why.reason === "notFound" ? {} : { channel: name }) })
        }),
        Effect.map(({ reply }) => answer(response, reply)),
        // A defect: the channel sends it again, and whoever reads the log finds where, but not what was sent.
        Effect.catchCause(() =>
          Effect.andThen(
            log.refused({ reason: "unavailable", what: "a defect", peer }),
            Effect.sync(() => answer(response, unavailable))
          )
        )
      )

    const server = createServer({
      headersTimeout: patience,
      requestTimeout: patience,
      // Unless told otherwise Node looks twice a minute who has taken too long.
      connectionsCheckingInterval: Math.min(patience, 1_000),
      maxHeaderSize: 16_384
    })
    server.maxConnections = most
    CallbackRequest.attend(server, largest, {
      refused: (refused) => void run(log.refused(refused)),
      received: (request, response, body, peer) => {
        const url = request.url ?? ""
        const end = url.indexOf("?")
        const place = end < 0 ? url : url.slice(0, end)
        if (!place.startsWith(path)) {
          answer(response, { status: 404, body: "" })
          return void run(log.refused({ reason: "notFound", peer }))
        }
        const heard = raw(request.method ?? "", url, request.headers, body)
        run(hear(place.slice(path.length), heard, response, peer))
      }
    })
    yield* bound(server, options.port, host)
    const { port } = server.address() as AddressInfo
    return { origin: `http://${host.includes(":") ? `[${host}]` : host}:${port}`, path, port }
  }
)

/** Binds a server to its port; at the end of the scope nobody is connected any more. */
const bound = (server: Server, port: number, host: string) =>
  Effect.acquireRelease(
    Effect.callback<void, PortRefused>((resume) => {
      const failed = (error: Error) =>
        resume(Effect.fail(new PortRefused({ code: "code" in error ? String(error.code) : "unknown" })))
      server.once("error", failed)
      server.listen(port, host, () => {
        server.off("error", failed)
        resume(Effect.void)
      })
    }),
    () =>
      Effect.callback<void>((resume) => {
        server.close(() => resume(Effect.void))
        server.closeAllConnections()
      })
  )

const unavailable: Callback.Reply = { status: 503, body: "" }

const answer = (
  response: ServerResponse,
  { body, contentType = "text/plain; charset=utf-8", status }: Callback.Reply
) => {
  if (response.writableEnded || response.destroyed) return
  response.writeHead(status, body === "" ? {} : { "content-type": contentType })
  response.end(body)
}
