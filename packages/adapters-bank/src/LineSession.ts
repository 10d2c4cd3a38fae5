/**
 * One connection of a bank, served 银行连接: its messages are answered one after the other, each within its time. While one is
 * answered nothing more is read, and who does not take his answers is let go. What is no message ends the connection.
 *
 * Over any duplex stream; time is Effect's clock. Who connects, and how many, is `BankLine`'s business.
 */
import { Callback } from "@yikatong/core"
import { Clock, Effect, Option } from "effect"
import type { Duplex } from "node:stream"
import * as LengthPrefix from "./LengthPrefix.ts"

/** How patient a server is. Milliseconds. */
export interface Manners {
  readonly prefix: LengthPrefix.Prefix
  /** How many may be connected at once who have shown who they are: by a first message that was answered. */
  readonly most: number
  /** Between two messages. */
  readonly idle: number
  /** From the first byte of a message to its last, and for an answer to be taken. */
  readonly within: number
  /** How long those who are in the midst of something have at the end. */
  readonly grace: number
  /** How long one has who has not shown who he is. */
  readonly first?: number
  /** How many of those there are at once: for one more, the one who has waited longest is ended (`Strangers`). */
  readonly strangers?: number
  /** How many messages in a row may have no answer: then their line is ended. */
  readonly unanswered?: number
  /** The addresses and networks of the bank, such as `10.1.0.0/16`; anybody may connect where there are none. */
  readonly allow?: ReadonlyArray<string>
}

/** A minute between messages is usual, since banks send heart-beats. */
export const manners = {
  most: 16,
  idle: 90_000,
  within: 10_000,
  grace: 5_000,
  first: 10_000,
  strangers: 64,
  unanswered: 5
} as const

/** What answers one connection's messages, one after the other; nothing where there is no answer. */
export type Answering<R> = (message: Uint8Array) => Effect.Effect<Uint8Array | undefined, never, R>

/** How a connection ended. */
export type End =
  | { readonly _tag: "Closed" | "Disbelieved" | "Ended" | "Full" | "Idle" | "NotTaken" | "Silent" | "Slow" }
  | { readonly _tag: "Refused"; readonly refusal: Callback.Refusal }

/** Ends a stream for both sides. A stream that is broken anyway has nobody who listens to its error. */
export const drop = (duplex: Duplex): Effect.Effect<void> =>
  Effect.sync(() => {
    duplex.on("error", () => {})
    duplex.destroy()
  })

const empty = Callback.refusal("malformed", "an empty message")

/**
 * Writes all of it, and waits until it was taken: a peer that does not read holds nobody up for longer than `within`.
 */
const send = (duplex: Duplex, bytes: Uint8Array, within: number): Effect.Effect<boolean> =>
  Effect.callback<boolean>((resume) => {
    duplex.write(bytes, (error) => resume(Effect.succeed(error === null || error === undefined)))
  }).pipe(Effect.timeoutOption(within), Effect.map(Option.getOrElse(() => false)))

/**
 * Serves one connection until one side ends it. `ending`: the server is about to end. `prove`: the other side has shown who it
 * is; whether there is a place for it.
 */
export const attend = Effect.fnUntraced(function*<R>(
  duplex: Duplex,
  manners_: Pick<Manners, "first" | "idle" | "prefix" | "unanswered" | "within">,
  answer: Answering<R>,
  ending: Effect.Effect<unknown> = Effect.never,
  prove: () => boolean = () => true
) {
  const { first = manners.first, idle, prefix, unanswered = manners.unanswered, within } = manners_
  const reader = LengthPrefix.reader(prefix)
  const pieces = duplex[Symbol.asyncIterator]()
  const next = Effect.promise(() => pieces.next().catch(() => ({ done: true as const, value: undefined })))
  const opened = yield* Clock.currentTimeMillis
  let begun: number | undefined
  let isProven = false
  let silences = 0
  const run = Effect.gen(function*() {
    while (true) {
      const now = yield* Clock.currentTimeMillis
      if (reader.waiting() === 0) begun = undefined
      else begun ??= now
      const left = begun === undefined ? idle : Math.max(0, begun + within - now)
      const stranger = isProven ? Infinity : Math.max(0, opened + first - now)
      const read = Effect.timeoutOption(next, Math.min(left, stranger))
      const piece = yield* begun === undefined ? Effect.raceFirst(read, Effect.as(ending, "ending" as const)) : read
      if (piece === "ending") return { _tag: "Ended" } satisfies End
      if (Option.isNone(piece)) {
        const why = begun === undefined ? "Idle" : "Slow"
        return { _tag: stranger < left ? "Silent" : why } satisfies End
      }
      if (piece.value.done === true) return { _tag: "Closed" } satisfies End
      const { messages, refusal } = reader.push(piece.value.value as Uint8Array)
      for (const message of messages) {
        // No message is empty, and an answer to nothing would prove nothing.
        if (message.length === 0) return { _tag: "Refused", refusal: empty } satisfies End
        const answered = yield* answer(message)
        silences = answered === undefined ? silences + 1 : 0
        if (silences >= unanswered) return { _tag: "Disbelieved" } satisfies End
        if (answered === undefined) continue
        isProven ||= prove()
        if (!isProven) return { _tag: "Full" } satisfies End
        if (!(yield* send(duplex, LengthPrefix.write(prefix, answered), within))) {
          return { _tag: "NotTaken" } satisfies End
        }
      }
      // With a whole message in the piece, what is left of it began just now.
      if (messages.length > 0) begun = undefined
      if (refusal !== undefined) return { _tag: "Refused", refusal } satisfies End
    }
  })
  return yield* Effect.ensuring(run as Effect.Effect<End, never, R>, drop(duplex))
})
