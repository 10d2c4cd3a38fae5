/**
 * A line with a bank over TCP 银行专线, as its client: one question after the other, behind their lengths
 * (`LengthPrefix`).
 *
 * An answer that does not come, or comes when nobody asked, ends the connection, so that no answer is taken for that of
 * another question. What was sent and not answered may have been done: nobody guesses here. The other side is
 * `BankLine`.
 */
import { Clock, Effect, Option, Schema, Semaphore } from "effect"
import * as Net from "node:net"
import type { Duplex } from "node:stream"
import * as LengthPrefix from "./LengthPrefix.ts"
import { drop } from "./LineSession.ts"

/**
 * Why a question has no answer. `isSent`: whether the other side may have got it, and done it; where it is false, it
 * surely has not.
 */
export class LineLost extends Schema.TaggedError<LineLost>()("LineLost", {
  why: Schema.Literals(["notConnected", "timeout", "closed", "framing"]),
  isSent: Schema.Boolean
}) {
  override get message() {
    return this.isSent
      ? `The line was lost after a message was sent (${this.why}); what became of it is unknown`
      : `The line is not there (${this.why}); nothing was sent`
  }
}

/** How patient a client is. Milliseconds. */
export interface Patience {
  readonly prefix: LengthPrefix.Prefix
  /** For a connection to come about. */
  readonly connect: number
  /** For an answer. */
  readonly answer: number
  /**
   * After a connection failed: the first wait, doubled each time, up to the last. Who asks meanwhile is told at once.
   */
  readonly firstWait: number
  readonly longestWait: number
}

export const patience = { connect: 5_000, answer: 30_000, firstWait: 500, longestWait: 30_000 } as const

/** The other side, which is asked. */
export interface Client {
  /** One question after the other. */
  readonly ask: (message: Uint8Array) => Effect.Effect<Uint8Array, LineLost>
  /** Lets go of the connection; the next question opens another. */
  readonly hangUp: Effect.Effect<void>
}

/** A connection of a client: who waits for its answer, and whether it is lost. */
class Wire {
  readonly #reader: LengthPrefix.Reader
  readonly duplex: Duplex
  #waiting: ((got: Uint8Array | LineLost["why"]) => void) | undefined
  lost: LineLost["why"] | undefined

  constructor(duplex: Duplex, prefix: LengthPrefix.Prefix) {
    this.duplex = duplex
    this.#reader = LengthPrefix.reader(prefix)
    duplex.on("data", (piece: Uint8Array) => this.#take(piece))
    for (const event of ["end", "close", "error"]) duplex.on(event, () => this.end("closed"))
  }

  #take(piece: Uint8Array): void {
    const { messages, refusal } = this.#reader.push(piece)
    const [first, ...others] = messages
    const waiting = this.#waiting
    if (first !== undefined) this.#waiting = undefined
    // What nobody asked for would be taken for the answer to the next question, which may come at once.
    const isUnasked = others.length > 0 || (first !== undefined && waiting === undefined)
    if (isUnasked || refusal !== undefined) this.end("framing")
    if (first !== undefined) waiting?.(first)
  }

  end(why: LineLost["why"]): void {
    if (this.lost !== undefined) return
    this.lost = why
    this.duplex.destroy()
    this.#waiting?.(why)
    this.#waiting = undefined
  }

  wait(waiting: (got: Uint8Array | LineLost["why"]) => void): void {
    this.#waiting = waiting
  }
}

const asked = (wire: Wire, bytes: Uint8Array, within: number): Effect.Effect<Uint8Array, LineLost> =>
  Effect.callback<Uint8Array, LineLost>((resume) => {
    wire.wait((got) =>
      resume(typeof got === "string" ? Effect.fail(new LineLost({ why: got, isSent: true })) : Effect.succeed(got))
    )
    wire.duplex.write(bytes)
    // Whoever gives up leaves no answer behind that another could take.
    return Effect.sync(() => wire.end("timeout"))
  }).pipe(
    Effect.timeoutOrElse({
      duration: within,
      orElse: () => Effect.fail(new LineLost({ why: "timeout", isSent: true }))
    })
  )

/** A client over connections that `open` makes, as soon as there is something to ask. */
export const client = Effect.fnUntraced(function*<E>(
  open: Effect.Effect<Duplex, E>,
  { answer, connect, firstWait, longestWait, prefix }: Patience
) {
  const one = yield* Semaphore.make(1)
  let wire: Wire | undefined
  let closedUntil = 0
  let wait = firstWait
  const hangUp = Effect.sync(() => {
    wire?.end("closed")
    wire = undefined
  })
  yield* Effect.addFinalizer(() => hangUp)

  const connected = Effect.gen(function*() {
    if (wire !== undefined && wire.lost === undefined) return wire
    wire = undefined
    const notConnected = new LineLost({ why: "notConnected", isSent: false })
    if ((yield* Clock.currentTimeMillis) < closedUntil) return yield* notConnected
    const duplex = yield* Effect.option(Effect.timeout(open, connect))
    if (Option.isNone(duplex)) {
      closedUntil = (yield* Clock.currentTimeMillis) + wait
      wait = Math.min(2 * wait, longestWait)
      return yield* notConnected
    }
    wait = firstWait
    wire = new Wire(duplex.value, prefix)
    return wire
  })

  const ask: Client["ask"] = (message) => {
    const bytes = LengthPrefix.write(prefix, message)
    return Semaphore.withPermit(one)(Effect.flatMap(connected, (wire) => asked(wire, bytes, answer)))
  }
  return { ask, hangUp } satisfies Client
})

/** A connection over TCP. */
export const dial = (
  { host, port }: { readonly host: string; readonly port: number }
): Effect.Effect<Duplex, LineLost> =>
  Effect.callback((resume) => {
    const socket = Net.connect({ host, port, noDelay: true })
    const failed = () => resume(Effect.fail(new LineLost({ why: "notConnected", isSent: false })))
    socket.once("error", failed)
    socket.once("connect", () => {
      socket.off("error", failed)
      resume(Effect.succeed(socket))
    })
    return drop(socket)
  })
