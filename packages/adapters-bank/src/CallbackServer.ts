/**
 * Where channels tell of payments 支付回调入口: one address a channel, over HTTP. The bytes are handed on as they came, since a
 * signature is made over bytes; what is answered is the channel's word for taken, refused, or send it again.
 *
 * Behind the school's own TLS. Everything that comes in is limited in size and in time: anybody can send to it.
 *
 * A team with a web framework of its own needs no server of ours: {@link raw} and `Recharging.hear` are all there is to it.
 */
import {
  type AccountStore,
  type Callback,
  type Id,
  type Profiles,
  type RechargeChannel,
  Recharging,
  type SubjectStore
} from "@yikatong/core"
import { Effect, FiberSet, Result, type Scope } from "effect"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

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

/** Where it listens. */
export interface Listening {
  readonly origin: string
  readonly path: string
}

/** Listens as long as the scope. */
export const make: (options: Options) => Effect.Effect<Listening, never, Scope.Scope | Services> = Effect.fn(
  "CallbackServer.make"
)(function*(options) {
  const { host = "127.0.0.1", largest = 65_536, path = "/recharge/", patience = 5_000, point, port } = options
  const run = yield* FiberSet.makeRuntime<Services, void>()

  const hear = (name: string, request: Callback.Raw, response: ServerResponse) =>
    Recharging.hear(name, request, point).pipe(
      Effect.tap(({ outcome }) =>
        Result.isFailure(outcome)
          // The faults' words hold no data of the message.
          ? Effect.logWarning(`A callback was not taken: ${outcome.failure.message}`)
          : Effect.void
      ),
      Effect.map(({ reply }) => answer(response, reply)),
      // A defect: the channel sends it again, and whoever reads the log finds it.
      Effect.catchCause((cause) =>
        Effect.andThen(
          Effect.logError("A callback could not be read", cause),
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
  server.on("request", (request, response) => {
    const url = request.url ?? ""
    const end = url.indexOf("?")
    const place = end < 0 ? url : url.slice(0, end)
    if (!place.startsWith(path)) return answer(response, { status: 404, body: "" })
    receive(request, largest, (body) =>
      body === undefined
        ? refuse(request, response)
        : void run(hear(place.slice(path.length), raw(request.method ?? "", url, request.headers, body), response)))
  })
  yield* Effect.acquireRelease(
    Effect.callback<void>((resume) => {
      server.once("error", (cause) => resume(Effect.die(cause)))
      server.listen(port, host, () => resume(Effect.void))
    }),
    () =>
      Effect.callback<void>((resume) => {
        server.close(() => resume(Effect.void))
        server.closeAllConnections()
      })
  )
  const { port: bound } = server.address() as AddressInfo
  return { origin: `http://${host.includes(":") ? `[${host}]` : host}:${bound}`, path }
})

const unavailable: Callback.Reply = { status: 503, body: "" }

const answer = (
  response: ServerResponse,
  { body, contentType = "text/plain; charset=utf-8", status }: Callback.Reply
) => {
  if (response.writableEnded || response.destroyed) return
  response.writeHead(status, body === "" ? {} : { "content-type": contentType })
  response.end(body)
}

/** Too much: what is still to come is thrown away with the connection, once the answer is on its way. */
const refuse = (request: IncomingMessage, response: ServerResponse) => {
  response.writeHead(413, { connection: "close", "content-length": "0" })
  response.end(() => request.destroy())
}

/** Everything that was sent; nothing where that is too much. */
const receive = (request: IncomingMessage, largest: number, then: (body: Uint8Array | undefined) => void): void => {
  const pieces: Array<Buffer> = []
  let size = 0
  let isOver = false
  request.on("error", () => {})
  request.on("data", (piece: Buffer) => {
    size += piece.length
    if (isOver) return
    if (size <= largest) return void pieces.push(piece)
    isOver = true
    then(undefined)
  })
  request.on("end", () => {
    if (!isOver) then(new Uint8Array(Buffer.concat(pieces)))
  })
}
