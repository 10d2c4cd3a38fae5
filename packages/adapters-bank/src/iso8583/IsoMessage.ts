/**
 * A message of ISO 8583 报文: a type of four digits 消息类型 (MTI), a bitmap that says which fields are there 位图, and the
 * fields in their order.
 *
 * Source: ISO 8583:1987. Every message is written in one way only: what is read back is what was written, and bytes
 * that could mean the same in another way are refused. The fields are `Redacted`, since card numbers are among them.
 */
import { Callback } from "@yikatong/core"
import { Redacted, Result } from "effect"
import * as IsoField from "./IsoField.ts"
import type { IsoProfile } from "./IsoProfile.ts"

/** A message. `fields`: by their numbers, as text; see `IsoField`. */
export interface IsoMessage {
  readonly type: string
  readonly fields: Redacted.Redacted<ReadonlyMap<number, string>>
}

const malformed = (what: string): Result.Result<never, Callback.Refusal> =>
  Result.fail(Callback.refusal("malformed", what))

/** A message of these fields; one that is undefined is left out. */
export const make = (type: string, fields: Readonly<Record<number, string | undefined>>): IsoMessage => {
  const given = new Map<number, string>()
  // Whole numbers come out of an object in their order.
  for (const [at, value] of Object.entries(fields)) if (value !== undefined) given.set(Number(at), value)
  return { type, fields: Redacted.make(given, { label: "fields" }) }
}

/** The value of a field, if it is there. */
export const get = (message: IsoMessage, at: number): string | undefined => Redacted.value(message.fields).get(at)

/** The numbers of the fields that are there, in their order. */
export const present = (message: IsoMessage): ReadonlyArray<number> =>
  [...Redacted.value(message.fields).keys()].sort((one, other) => one - other)

/** The message with another value in one field. */
export const withField = (message: IsoMessage, at: number, value: string): IsoMessage =>
  make(message.type, { ...Object.fromEntries(Redacted.value(message.fields)), [at]: value })

/** What a log may show: each field with its value, and "hidden" for those that no log shows. */
export const shown = (message: IsoMessage, profile: IsoProfile): Readonly<Record<string, string>> =>
  Object.fromEntries([
    ["type", message.type],
    ...present(message).map((at) => [String(at), profile.hidden.includes(at) ? "hidden" : get(message, at) ?? ""])
  ])

const typeField: IsoField.IsoField = { content: "n", size: "fixed", largest: 4 }
/** Bytes of one bitmap; the second follows where the first begins with a one. */
const mapSize = 8

/** Writes a message; a field that the profile lacks, or a value that does not fit, is refused. */
export const pack = (message: IsoMessage, profile: IsoProfile): Result.Result<Uint8Array, Callback.Refusal> => {
  const numbers = present(message)
  const isLong = profile.secondMap === "always" || (numbers.at(-1) ?? 0) > 64
  const map = Buffer.alloc(isLong ? 2 * mapSize : mapSize)
  if (map.length > mapSize) map[0] = 0x80
  const type = IsoField.write(0, typeField, profile.digits, message.type)
  if (Result.isFailure(type)) return Result.fail(type.failure)
  const parts: Array<Uint8Array> = [type.success, map]
  for (const at of numbers) {
    const field = profile.fields[at]
    if (field === undefined || at < 2 || at > 128) {
      return Result.fail(Callback.refusal("unsupported", `field ${at}: not in the profile`))
    }
    const written = IsoField.write(at, field, profile.digits, get(message, at) ?? "")
    if (Result.isFailure(written)) return Result.fail(written.failure)
    const octet = (at - 1) >> 3
    map[octet] = (map[octet] ?? 0) | 0x80 >> (at - 1) % 8
    parts.push(written.success)
  }
  return Result.succeed(Uint8Array.from(Buffer.concat(parts)))
}

/** The numbers of the fields that a bitmap names. */
const named = (map: Uint8Array): ReadonlyArray<number> => {
  const numbers: Array<number> = []
  for (let at = 2; at <= map.length * 8; at++) {
    if (((map[(at - 1) >> 3] ?? 0) & 0x80 >> (at - 1) % 8) !== 0) numbers.push(at)
  }
  return numbers
}

/** Reads the beginning of a message alone: its type, the numbers of its fields, and where the first of them begins. */
export const head = (
  bytes: Uint8Array,
  profile: Pick<IsoProfile, "digits" | "secondMap">
): Result.Result<
  { readonly type: string; readonly numbers: ReadonlyArray<number>; readonly size: number },
  Callback.Refusal
> => {
  const type = IsoField.read(0, typeField, profile.digits, bytes)
  if (Result.isFailure(type)) return malformed("the type of the message")
  const from = type.success.bytes
  const mapped = (bytes[from] ?? 0) >= 0x80 ? 2 * mapSize : mapSize
  if (bytes.length < from + mapped) return malformed("the bitmap: cut off")
  const numbers = named(bytes.subarray(from, from + mapped))
  const isNeeded = profile.secondMap === "always" || (numbers.at(-1) ?? 0) > 64
  if (isNeeded !== mapped > mapSize) return malformed("the second bitmap")
  return Result.succeed({ type: type.success.value, numbers, size: from + mapped })
}

/** Reads a message to its last byte; bytes behind its last field are refused. */
export const unpack = (bytes: Uint8Array, profile: IsoProfile): Result.Result<IsoMessage, Callback.Refusal> => {
  const begun = head(bytes, profile)
  if (Result.isFailure(begun)) return Result.fail(begun.failure)
  const { numbers, size, type } = begun.success
  const fields = new Map<number, string>()
  let from = size
  for (const at of numbers) {
    const field = profile.fields[at]
    if (field === undefined) return Result.fail(Callback.refusal("unsupported", `field ${at}: not in the profile`))
    const taken = IsoField.read(at, field, profile.digits, bytes.subarray(from))
    if (Result.isFailure(taken)) return Result.fail(taken.failure)
    fields.set(at, taken.success.value)
    from += taken.success.bytes
  }
  if (from !== bytes.length) return malformed("bytes behind the last field")
  return Result.succeed({ type, fields: Redacted.make(fields, { label: "fields" }) })
}
