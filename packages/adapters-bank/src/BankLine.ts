/**
 * A line with a bank over TCP 银行专线, as its server: messages behind their lengths (`LengthPrefix`), answered.
 *
 * It lets in so many at once, gives each a while between two messages and a while for each message, and answers them
 * one after the other. What is no message ends its connection, and no other. The other side is `BankClient`. Either
 * speaks over any duplex stream; time is Effect's clock.
 */
import type { Callback } from "@yikatong/core"
import { Clock, Deferred, Effect, FiberSet, Option, Schema } from "effect"
import * as Net from "node:net"
import type { Duplex } from "node:stream"
import * as LengthPrefix from "./LengthPrefix.ts"

/** The port can not be listened on. */
export class PortRefused extends Schema.TaggedError<PortRefused>()("PortRefused", { code: Schema.String }) {}

/** How patient a server is. Milliseconds. */
export interface Manners {
  readonly prefix: LengthPrefix.Prefix
  /** How many may be connected at once. */
  readonly most: number
  /** Between two messages. */
  readonly idle: number
  /** From the first byte of a message to its last, and for an answer to be taken. */
  readonly within: number
  /** How long those who are in the midst of something have at the end. */
  readonly grace: number
}

/** A minute between messages is usual, since banks send heart-beats. */
export const manners = { most: 16, idle: 90_000, within: 10_000, grace: 5_000 } as const

/** What answers one connection's messages, one after the other; nothing where there is no answer. */
export type Answering<R> = (message: Uint8Array) => Effect.Effect<Uint8Array | undefined, never, R>

/** How a connection ended. */
export type End =
  | { readonly _tag: "Closed" | "Idle" | "Slow" | "Ended" | "NotTaken" }
  | { readonly _tag: "Refused"; readonly refusal: Callback.Refusal }

/** Ends a stream for both sides. A stream that is broken anyway has nobody who listens to its error. */
export const drop = (duplex: Duplex): Effect.Effect<void> =>
  Effect.sync(() => {
    duplex.on("error", () => {})
    duplex.destroy()
  })

/**
 * Writes all of it, and waits until it was taken: a peer that does not read holds nobody up for longer than `within`.
 */
const send = (duplex: Duplex, bytes: Uint8Array, within: number): Effect.Effect<boolean> =>
  Effect.callback<boolean>((resume) => {
    duplex.write(bytes, (error) => resume(Effect.succeed(error === null || error === undefined)))
  }).pipe(Effect.timeoutOption(within), Effect.map(Option.getOrElse(() => false)))

/** Serves one connection until one side ends it. `ending`: the server is about to end. */
export const attend = Effect.fnUntraced(function*<R>(
  duplex: Duplex,
  { idle, prefix, within }: Pick<Manners, "idle" | "prefix" | "within">,
  answer: Answering<R>,
  ending: Effect.Effect<unknown> = Effect.never
) {
  const reader = LengthPrefix.reader(prefix)
  const pieces = duplex[Symbol.asyncIterator]()
  const next = Effect.promise(() => pieces.next().catch(() => ({ done: true as const, value: undefined })))
  let begun: number | undefined
  const run = Effect.gen(function*() {
    while (true) {
      const now = yield* Clock.currentTimeMillis
      if (reader.waiting() === 0) begun = undefined
      else begun ??= now
      const left = begun === undefined ? idle : Math.max(0, begun + within - now)
      const read = Effect.timeoutOption(next, left)
      const piece = yield* begun === undefined ? Effect.raceFirst(read, Effect.as(ending, "ending" as const)) : read
      if (piece === "ending") return { _tag: "Ended" } satisfies End
      if (Option.isNone(piece)) return { _tag: begun === undefined ? "Idle" : "Slow" } satisfies End
      if (piece.value.done === true) return { _tag: "Closed" } satisfies End
      const { messages, refusal } = reader.push(piece.value.value as Uint8Array)
      for (const message of messages) {
        const answered = yield* answer(message)
        const isTaken = answered === undefined || (yield* send(duplex, LengthPrefix.write(prefix, answered), within))
        if (!isTaken) return { _tag: "NotTaken" } satisfies End
      }
      // With a whole message in the piece, what is left of it began just now.
      if (messages.length > 0) begun = undefined
      if (refusal !== undefined) return { _tag: "Refused", refusal } satisfies End
    }
  })
  return yield* Effect.ensuring(run as Effect.Effect<End, never, R>, drop(duplex))
})

/** A server that listens. */
export interface Listening {
  readonly port: number
  /** How many are connected now. */
  readonly connected: Effect.Effect<number>
}

/**
 * Listens until its scope ends: then nobody is let in, who is idle is let go, and who is in the midst of a message has
 * a while. `open`: begins a connection.
 */
export const serve = Effect.fnUntraced(function*<R>(
  where: { readonly host: string; readonly port: number },
  manners: Manners,
  open: () => Answering<R>
) {
  const fibers = yield* FiberSet.make<void>()
  const ending = yield* Deferred.make<void>()
  const run = yield* FiberSet.runtime(fibers)<R>()
  const server = Net.createServer({ pauseOnConnect: false }, (socket) => {
    socket.on("error", () => {})
    if (server.listening && connected < manners.most) {
      connected++
      run(
        attend(socket, manners, open(), Deferred.await(ending)).pipe(
          Effect.flatMap((end) =>
            end._tag === "Refused"
              ? Effect.logWarning("A line was lost", end.refusal.reason, end.refusal.what)
              : end._tag === "Closed" || end._tag === "Ended"
              ? Effect.void
              : Effect.logWarning("A connection was ended", end._tag)
          ),
          Effect.catchCause((cause) => Effect.logError("A connection broke", cause)),
          Effect.ensuring(Effect.sync(() => void connected--))
        )
      )
    } else socket.destroy()
  })
  let connected = 0
  yield* Effect.acquireRelease(
    Effect.callback<void, PortRefused>((resume) => {
      server.once(
        "error",
        (error) => resume(Effect.fail(new PortRefused({ code: "code" in error ? String(error.code) : "unknown" })))
      )
      server.listen(where.port, where.host, () => resume(Effect.void))
    }),
    () =>
      Effect.gen(function*() {
        yield* Effect.sync(() => void server.close())
        yield* Deferred.succeed(ending, undefined)
        yield* Effect.ignore(Effect.timeoutOption(FiberSet.awaitEmpty(fibers), manners.grace))
      })
  )
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : where.port
  return { port, connected: Effect.sync(() => connected) } satisfies Listening
})
