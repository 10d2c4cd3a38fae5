/**
 * The commands for files and the PIN 文件与密码指令 of ISO/IEC 7816-4, as FMCOS and its like have them: read, write,
 * challenge, PIN.
 *
 * Files are named by their short number (SFI), so none has to be selected first.
 */
import { Effect, Redacted } from "effect"
import type * as Apdu from "./Apdu.ts"
import * as Bytes from "./Bytes.ts"
import type { CardChannel } from "./CardChannel.ts"
import type * as CardProblem from "./CardProblem.ts"
import * as Exchange from "./Exchange.ts"

/** How a file is named in P1. */
const byShortName = (file: number): number => 0x80 | file

/** Reads `length` bytes (1 to 256) from `offset` (0 to 255). A file that is shorter is told as `AnswerMalformed`. */
export const readBinary = (
  channel: CardChannel,
  file: number,
  length: number,
  offset = 0
): Effect.Effect<Bytes.Bytes, Exchange.Failure> =>
  Exchange.data(
    channel,
    "readFile",
    { cla: 0x00, ins: 0xb0, p1: byShortName(file), p2: offset, expected: length },
    length
  )

/** Reads a whole file whose length is not known beforehand, up to 256 bytes. */
export const readWhole = (channel: CardChannel, file: number): Effect.Effect<Bytes.Bytes, Exchange.Failure> =>
  Exchange.data(channel, "readFile", { cla: 0x00, ins: 0xb0, p1: byShortName(file), p2: 0, expected: 0x100 })

/** Reads a record of `length` bytes; 1 is the newest of a cyclic file. */
export const readRecord = (
  channel: CardChannel,
  file: number,
  record: number,
  length: number
): Effect.Effect<Bytes.Bytes, Exchange.Failure> =>
  Exchange.data(
    channel,
    "log",
    { cla: 0x00, ins: 0xb2, p1: record, p2: file << 3 | 0x04, expected: length },
    length
  )

/** Asks the card for random bytes, which the next command must answer. */
export const challenge = (
  channel: CardChannel,
  length: 4 | 8 = 4
): Effect.Effect<Bytes.Bytes, Exchange.Failure> =>
  Exchange.data(channel, "challenge", { cla: 0x00, ins: 0x84, p1: 0, p2: 0, expected: length }, length)

/** What is signed of a protected command, without the signature that its length counts already. */
export type Sign = (signed: {
  readonly challenge: Bytes.Bytes
  readonly command: Bytes.Bytes
}) => Effect.Effect<Bytes.Bytes, Exchange.Failure>

const silent = (
  channel: CardChannel,
  step: CardProblem.Step,
  command: Apdu.Command
): Effect.Effect<void, Exchange.Failure> => Effect.asVoid(Exchange.data(channel, step, command, 0))

/**
 * Writes bytes from `offset` on. `sign`: the signature of line protection 线路保护, where the file needs it (CLA 04). A
 * card locks itself for ever after three wrong signatures, so a refusal is never answered by another attempt.
 */
export const updateBinary = Effect.fnUntraced(function*(
  channel: CardChannel,
  file: number,
  offset: number,
  bytes: Bytes.Bytes,
  sign?: Sign
) {
  const plain = { cla: 0x00, ins: 0xd6, p1: byShortName(file), p2: offset, data: bytes }
  if (sign === undefined) return yield* silent(channel, "writeFile", plain)
  const random = yield* challenge(channel)
  const command = Bytes.join(0x04, plain.ins, plain.p1, plain.p2, bytes.length + 4, bytes)
  const signature = yield* sign({ challenge: random, command })
  return yield* silent(channel, "writeFile", { ...plain, cla: 0x04, data: Bytes.join(bytes, signature) })
})

/** Shows the PIN number `pin` to the card. `digits`: 2 to 6 bytes, as the card compares them. */
export const verifyPin = Effect.fnUntraced(function*(
  channel: CardChannel,
  pin: number,
  digits: Redacted.Redacted<Bytes.Bytes>
) {
  const data = Redacted.value(digits)
  // Sent all the same, it would cost the holder one of the tries.
  if (data.length < 2 || data.length > 6) {
    return yield* Effect.fail<CardProblem.CardProblem>({ _tag: "KeyMissing", key: "PIN" })
  }
  return yield* silent(channel, "verifyPin", { cla: 0x00, ins: 0x20, p1: 0, p2: pin, data })
})
