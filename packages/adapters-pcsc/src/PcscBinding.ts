/**
 * What is needed of a PC/SC library 读卡器接口: a dozen functions, so that another library, or readers in the process, can take its
 * place. `PcscMini` (in `@yikatong/adapters-pcsc/node`) is the one for real readers, `VirtualPcsc` the one for none.
 *
 * A binding is simple: it may be awkward (`PcscReader` adds time limits, one operation at a time, and a new client when one is
 * dead), but it must say what happens, and never block the process.
 */
import { Context, type Effect, Schema, type Scope } from "effect"
import type { Bytes } from "./Bytes.ts"
import type { Protocol } from "./CardChannel.ts"

/**
 * Why a call failed, in the words of PC/SC without their prefix. `Busy`: another call of this card is under way.
 * `HandlesExhausted`: the client has no handle left. `Other`: see `detail`.
 */
export const Code = Schema.Literals([
  "NoService",
  "ServiceStopped",
  "AccessDenied",
  "UnknownReader",
  "ReaderUnavailable",
  "NoCard",
  "RemovedCard",
  "ResetCard",
  "SharingViolation",
  "NotTransacted",
  "CommError",
  "UnpoweredCard",
  "UnresponsiveCard",
  "UnsupportedCard",
  "ProtocolMismatch",
  "InvalidHandle",
  "Timeout",
  "Busy",
  "BufferTooSmall",
  "HandlesExhausted",
  "Other"
])
export type Code = typeof Code.Type

/** A call of the binding failed. `detail`: the library's own code; never the data of a command. */
export class PcscError extends Schema.TaggedError<PcscError>()("PcscError", {
  operation: Schema.String,
  code: Code,
  detail: Schema.String
}) {
  override get message() {
    return `${this.operation}: ${this.code} (${this.detail})`
  }
}

/**
 * What a reader says of itself. `present`: a card lies there; `mute`: it does not answer; `exclusive`: somebody has it alone; `inUse`:
 * somebody is connected, perhaps we. `comings`: a number that is another one when a card was taken away and put back between two
 * statuses, where the binding can tell. There is no answer to reset in it: what comes with a change is wrong with some bindings.
 */
export interface ReaderStatus {
  readonly name: string
  readonly attached: boolean
  readonly present: boolean
  readonly mute: boolean
  readonly exclusive: boolean
  readonly inUse: boolean
  readonly comings?: number
}

/** What happened to a card at the end of its use: left as it is, reset, or without power. */
export type Disposition = "leave" | "reset" | "unpower"

/** A card that a client is connected to. One call at a time: `PcscReader` sees to it. */
export interface PcscCard {
  /** The answer to reset of the card as it lies there now. */
  readonly atr: Effect.Effect<Bytes, PcscError>
  /** What `connect` or the last `reconnect` has agreed on with the card. It is known already: nothing is asked. */
  readonly protocol: () => Protocol
  /** Gives what came, which may be nothing at all. It may never end. */
  readonly transmit: (command: Bytes) => Effect.Effect<Bytes, PcscError>
  /** Speaks to the reader itself: SCardControl with this code. */
  readonly control: (code: number, command: Bytes) => Effect.Effect<Bytes, PcscError>
  /** No other program comes in between until `end`. */
  readonly begin: Effect.Effect<void, PcscError>
  readonly end: (then: Disposition) => Effect.Effect<void, PcscError>
  readonly reconnect: (first: Disposition) => Effect.Effect<void, PcscError>
  readonly disconnect: (then: Disposition) => Effect.Effect<void, PcscError>
}

/** One connection to the service. */
export interface PcscClient {
  readonly connect: (reader: string, share: "shared" | "exclusive") => Effect.Effect<PcscCard, PcscError>
}

/** What a client tells while it lives. */
export interface Watch {
  /** A reader came, went, or something about its card has changed. */
  readonly changed: (status: ReaderStatus) => void
  /** The client is dead: it tells nothing any more, and has to be opened anew. */
  readonly died: (error: PcscError) => void
}

export class PcscBinding extends Context.Service<PcscBinding, {
  /** So many readers does it see at most, and so many bytes has a command or an answer at most. */
  readonly most: { readonly readers: number; readonly bytes: number }
  /** Opens a client, which lives as long as the scope. First every reader that is there is told. */
  readonly open: (watch: Watch) => Effect.Effect<PcscClient, PcscError, Scope.Scope>
  /** How many readers the service itself has, where that can be known; they may be more than the binding sees. */
  readonly census: Effect.Effect<number | undefined>
}>()("@yikatong/adapters-pcsc/PcscBinding") {}
