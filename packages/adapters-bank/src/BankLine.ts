/**
 * A line with a bank over TCP 银行专线, as its server: messages behind their lengths (`LengthPrefix`), answered.
 *
 * It lets in so many at once, gives each a while between two messages and a while for each message, and answers them
 * one after the other: while one is answered, nothing more is read. What is no message ends its connection, and no other.
 * Who has not had an answer yet is a stranger (`Strangers`), and has less time and places of his own. The other side is
 * `BankClient`. Either speaks over any duplex stream; time is Effect's clock.
 */
import { Deferred, Effect, FiberSet, Schema } from "effect"
import * as Net from "node:net"
import * as DoorLog from "./DoorLog.ts"
import { type Answering, attend, type End, type Manners, manners } from "./LineSession.ts"
import { allowing, Strangers } from "./Strangers.ts"

/** The port can not be listened on. */
export class PortRefused extends Schema.TaggedError<PortRefused>()("PortRefused", { code: Schema.String }) {}

export { type Answering, attend, drop, type End, type Manners, manners } from "./LineSession.ts"

/** A server that listens. */
export interface Listening {
  readonly port: number
  /** How many are connected now. */
  readonly connected: Effect.Effect<number>
}

/** What the log is told of an end; nothing of one that is in order. */
const refusedAs = (end: End): Pick<DoorLog.Refused, "reason" | "what"> | undefined => {
  switch (end._tag) {
    case "Closed":
    case "Ended":
      return undefined
    case "Refused":
      return { reason: end.refusal.reason, what: end.refusal.what }
    case "Disbelieved":
      return { reason: "disbelieved", what: "too many messages without an answer" }
    case "Full":
      return { reason: "full" }
    case "NotTaken":
      return { reason: "notTaken", what: "an answer" }
    case "Silent":
      return { reason: "silent", what: "no message that counts" }
    case "Idle":
      return { reason: "silent", what: "nothing since the last message" }
    case "Slow":
      return { reason: "slow", what: "a message" }
  }
}

/**
 * Listens until its scope ends: then nobody is let in, who is idle is let go, and who is in the midst of a message has
 * a while. `open`: begins a connection of this peer. `log`: hears of those who are turned away.
 */
export const serve = Effect.fnUntraced(function*<R>(
  where: { readonly host: string; readonly port: number },
  manners_: Manners,
  open: (peer: string) => Answering<R>,
  given?: DoorLog.DoorLog
) {
  const log = given ?? (yield* DoorLog.make("lines"))
  const fibers = yield* FiberSet.make<void>()
  const ending = yield* Deferred.make<void>()
  const run = yield* FiberSet.runtime(fibers)<R>()
  const strangers = new Strangers(manners_.strangers ?? manners.strangers, manners_.most)
  const isAllowed = allowing(manners_.allow)
  const turnAway = (socket: Net.Socket, reason: DoorLog.Reason) => {
    socket.destroy()
    run(log.refused({ reason, peer: DoorLog.peerOf(socket.remoteAddress) }))
  }
  const server = Net.createServer({ pauseOnConnect: false }, (socket) => {
    socket.on("error", () => {})
    const peer = DoorLog.peerOf(socket.remoteAddress)
    if (!server.listening) return void socket.destroy()
    if (!isAllowed(peer)) return turnAway(socket, "notAllowed")
    if (strangers.isFull) return turnAway(socket, "full")
    const stranger = { peer, end: () => void socket.destroy() }
    const ended = strangers.admit(stranger)
    if (ended !== undefined) run(log.refused({ reason: "crowded", peer: ended.peer }))
    run(
      attend(socket, manners_, open(peer), Deferred.await(ending), () => strangers.prove(stranger)).pipe(
        Effect.flatMap((end) => {
          const refused = refusedAs(end)
          return refused === undefined ? Effect.void : log.refused({ ...refused, peer })
        }),
        Effect.catchCause(() => log.refused({ reason: "unavailable", what: "a defect", peer })),
        Effect.ensuring(Effect.sync(() => strangers.leave(stranger)))
      )
    )
  })
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
        yield* Effect.ignore(Effect.timeoutOption(FiberSet.awaitEmpty(fibers), manners_.grace))
      })
  )
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : where.port
  return { port, connected: Effect.sync(() => strangers.size) } satisfies Listening
})
