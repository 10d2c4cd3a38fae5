/**
 * The sandbox's door 沙箱服务器: HTTP at the loopback address and nowhere else, limited in size and in time, since a sandbox is
 * there to be sent rubbish.
 */
import type { Callback } from "@yikatong/core"
import { Effect, FiberSet, type Scope } from "effect"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import type { Outcome } from "./WireDesk.ts"

/** The most that a request may have, in bytes. */
export const largest = 1_048_576

/** How long a sender may take, in milliseconds, for its headers and for all. */
const patience = { headers: 5_000, all: 15_000, check: 1_000 }

/** It can not listen: the port is taken, or not allowed. `code`: the system's word for it. */
export interface PortTaken {
  readonly _tag: "PortTaken"
  readonly port: number
  readonly code: string
}

export interface Options {
  /** 0: any that is free. */
  readonly port: number
  readonly handle: (request: Callback.Raw) => Effect.Effect<Outcome>
  /** How long a sender may take; for tests. */
  readonly patience?: typeof patience
}

/** Listens as long as the scope; the origin is where. */
export const make = Effect.fnUntraced(function*(options: Options): Effect.fn.Return<string, PortTaken, Scope.Scope> {
  const { handle, port } = options
  const { all, check, headers } = options.patience ?? patience
  const run = yield* FiberSet.makeRuntime<never, void>()
  const server = createServer({
    headersTimeout: headers,
    requestTimeout: all,
    connectionsCheckingInterval: check,
    keepAliveTimeout: all,
    maxHeaderSize: 16_384
  })
  server.maxConnections = 256
  server.on("request", (request, response) => {
    const refusal = misplaced(request, (server.address() as AddressInfo).port)
    if (refusal !== undefined) return refuse(request, response, refusal)
    receive(request, response, (body) => {
      const { method = "", url = "" } = request
      run(
        Effect.suspend(() => handle({ method, url, headers: headersOf(request), body })).pipe(
          Effect.catchDefect((cause) => Effect.as(Effect.logError("The sandbox failed", cause), failed)),
          Effect.map((outcome) => send(response, outcome))
        )
      )
    })
  })
  yield* Effect.acquireRelease(
    Effect.callback<void, PortTaken>((resume) => {
      server.once(
        "error",
        (cause: NodeJS.ErrnoException) => resume(Effect.fail({ _tag: "PortTaken", port, code: cause.code ?? "?" }))
      )
      server.listen(port, "127.0.0.1", () => resume(Effect.void))
    }),
    () =>
      Effect.callback<void>((resume) => {
        server.close(() => resume(Effect.void))
        server.closeAllConnections()
      })
  )
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

const failed: Outcome = { _tag: "Answer", answer: { status: 500, headers: {}, body: new Uint8Array() } }

/**
 * A path that two programs would read in two ways is nobody's; and a page in a browser that took over a name to reach
 * this machine (DNS rebinding) asks under that name.
 */
const misplaced = ({ headers, method, url = "" }: IncomingMessage, port: number): number | undefined => {
  const names = [`127.0.0.1:${port}`, `localhost:${port}`, ...(port === 80 ? ["127.0.0.1", "localhost"] : [])]
  if (!names.includes((headers.host ?? "").toLowerCase())) return 421
  if (method !== "GET" && method !== "POST" && method !== "PUT" && method !== "DELETE" && method !== "HEAD") return 405
  const [path = ""] = url.split("?")
  const isPlain = path.startsWith("/") && !/\/\/|\\|[^\x21-\x7e]|%(?:00|2e|2f|5c|25)/i.test(path)
  return isPlain && !path.split("/").some((part) => part === "." || part === "..") ? undefined : 404
}

const headersOf = ({ headers }: IncomingMessage): Callback.Raw["headers"] =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, typeof value === "string" ? value : value?.join(", ")])
  )

/** What is still to come is thrown away with the connection. */
const refuse = (request: IncomingMessage, response: ServerResponse, status: number): void => {
  response.writeHead(status, { connection: "close", "content-length": "0" })
  response.end(() => request.destroy())
}

const receive = (request: IncomingMessage, response: ServerResponse, then: (body: Uint8Array) => void): void => {
  const pieces: Array<Buffer> = []
  let size = 0
  let isOver = false
  const refuseIt = () => {
    isOver = true
    refuse(request, response, 413)
  }
  request.on("error", () => {})
  if (Number(request.headers["content-length"] ?? 0) > largest) return refuseIt()
  request.on("data", (piece: Buffer) => {
    if (isOver) return
    size += piece.length
    if (size > largest) return refuseIt()
    pieces.push(piece)
  })
  request.on("end", () => {
    if (!isOver) then(new Uint8Array(Buffer.concat(pieces)))
  })
}

const send = (response: ServerResponse, outcome: Outcome): void => {
  if (response.destroyed || response.writableEnded) return
  if (outcome._tag === "Nothing") return void response.destroy()
  const { body, headers, status } = outcome.answer
  if (outcome._tag === "Answer") {
    response.writeHead(status, { ...headers, "content-length": String(body.length) })
    return void response.end(body)
  }
  const sent = body.subarray(0, outcome.bytes)
  response.writeHead(status, { ...headers, "content-length": String(Math.max(body.length, sent.length + 1)) })
  response.flushHeaders()
  // Empty too: the headers are on their way before it ends.
  response.write(sent, () => response.destroy())
  if (sent.length === 0) setImmediate(() => response.destroy())
}
