/**
 * Messages on a stream of bytes 报文长度前缀: each begins with its length, and arrives in pieces of any size.
 *
 * The length is written as big-endian bytes or as ASCII digits, and counts itself or does not. A {@link Reader} copies
 * every byte once, so a peer that sends byte by byte costs no more than another; a length beyond the limit is refused
 * as soon as it is read. After a refusal the stream is lost, for nobody knows where the next message begins.
 */
import { Callback } from "@yikatong/core"
import { Result } from "effect"

/** How the length is written. `size`: bytes that it takes. `largest`: bytes of the longest message, without prefix. */
export interface Prefix {
  readonly form: "binary" | "digits"
  readonly size: number
  readonly countsItself: boolean
  readonly largest: number
}

/** A message behind its length; throws RangeError for one that is too long. */
export const write = (prefix: Prefix, message: Uint8Array): Uint8Array => {
  const told = message.length + (prefix.countsItself ? prefix.size : 0)
  const isWritable = told < (prefix.form === "binary" ? 256 : 10) ** prefix.size
  if (message.length > prefix.largest || !isWritable) throw new RangeError("The message is longer than its wire allows")
  const bytes = new Uint8Array(prefix.size + message.length)
  if (prefix.form === "digits") bytes.set(Buffer.from(String(told).padStart(prefix.size, "0"), "ascii"))
  else for (let at = prefix.size - 1, rest = told; at >= 0; at--, rest = Math.floor(rest / 256)) bytes[at] = rest % 256
  bytes.set(message, prefix.size)
  return bytes
}

/** The length of the message that a prefix announces. */
const announced = (prefix: Prefix, bytes: Uint8Array): Result.Result<number, Callback.Refusal> => {
  let told = 0
  for (const byte of bytes) {
    if (prefix.form === "digits" && (byte < 0x30 || byte > 0x39)) {
      return Result.fail(Callback.refusal("malformed", "the length of a message"))
    }
    told = prefix.form === "digits" ? told * 10 + byte - 0x30 : told * 256 + byte
  }
  const length = told - (prefix.countsItself ? prefix.size : 0)
  if (length < 0) return Result.fail(Callback.refusal("malformed", "the length of a message"))
  return length > prefix.largest
    ? Result.fail(Callback.refusal("tooLarge", "the length of a message"))
    : Result.succeed(length)
}

/** What a piece brought: the messages that are whole by now, and why nothing can follow them, if so. */
export interface Arrived {
  readonly messages: ReadonlyArray<Uint8Array>
  readonly refusal?: Callback.Refusal
}

/** Puts pieces together. It keeps what is not whole yet. */
export interface Reader {
  readonly push: (piece: Uint8Array) => Arrived
  /** Bytes that wait for the rest of their message: none at a clean end of the stream. */
  readonly waiting: () => number
}

/** A reader of one stream. */
export const reader = (prefix: Prefix): Reader => {
  let filling = new Uint8Array(prefix.size)
  let filled = 0
  let isMessage = false
  let lost: { readonly refusal: Callback.Refusal } | undefined
  const begin = (length: number, message: boolean): void => {
    filling = new Uint8Array(length)
    filled = 0
    isMessage = message
  }
  const push: Reader["push"] = (piece) => {
    const messages: Array<Uint8Array> = []
    for (let at = 0; lost === undefined && (at < piece.length || filled === filling.length);) {
      const taken = piece.subarray(at, at + filling.length - filled)
      filling.set(taken, filled)
      filled += taken.length
      at += taken.length
      if (filled < filling.length) break
      if (isMessage) {
        messages.push(filling)
        begin(prefix.size, false)
        continue
      }
      const length = announced(prefix, filling)
      if (Result.isFailure(length)) lost = { refusal: length.failure }
      else begin(length.success, true)
    }
    return { messages, ...lost }
  }
  return { push, waiting: () => filled + (isMessage ? prefix.size : 0) }
}
