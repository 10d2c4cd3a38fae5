/**
 * The fields of an ISO 8583 message 报文域, as data: what stands in one, how long it is, and how it is written.
 *
 * Source: ISO 8583:1987, in the form of 银联POS终端规范 (Q/CUP 009): numbers are packed two digits to a byte (BCD), and so
 * are lengths. A value is text here whatever it is on the wire: digits, characters, or hexadecimal in capitals for `b`.
 */
import { Callback } from "@yikatong/core"
import { Result } from "effect"
import * as Gbk from "../Gbk.ts"

/**
 * - `n`: digits; `z`: digits and the "D" or "=" of a magnetic stripe.
 * - `a`, `an`, `ans`: letters, letters and digits, all that ASCII prints.
 * - `gbk`: text for people, its length counted in bytes.
 * - `b`: bytes.
 */
export type Content = "n" | "z" | "a" | "an" | "ans" | "gbk" | "b"

/** One field. `largest`: digits, characters or bytes, as the content counts. */
export interface IsoField {
  readonly content: Content
  /** Always `largest`, or as long as a length of two or three digits before it says. */
  readonly size: "fixed" | "ll" | "lll"
  readonly largest: number
  /** Where the half byte that is left over of an odd number of digits stands. */
  readonly odd?: "filledLeft" | "filledRight"
}

/** How digits and lengths are written: packed, or as ASCII. */
export type Digits = "bcd" | "ascii"

const contents: Readonly<Record<Content, RegExp>> = {
  n: /^[0-9]*$/,
  z: /^[0-9D=]*$/,
  a: /^[A-Za-z]*$/,
  an: /^[A-Za-z0-9 ]*$/,
  ans: /^[\x20-\x7e]*$/,
  gbk: /^[^\p{Cc}]*$/u,
  b: /^(?:[0-9A-F]{2})*$/
}

const malformed = (at: number, what: string): Result.Result<never, Callback.Refusal> =>
  Result.fail(Callback.refusal("malformed", `field ${at}: ${what}`))

const prefixDigits = { fixed: 0, ll: 2, lll: 3 } as const

const isPacked = (field: IsoField, digits: Digits): boolean =>
  digits === "bcd" && (field.content === "n" || field.content === "z")

/** Digits, two to a byte; the sign of a stripe is the half byte D. */
const packed = (text: string, odd: IsoField["odd"]): Buffer => {
  const halves = text.replaceAll("=", "D")
  if (halves.length % 2 === 0) return Buffer.from(halves, "hex")
  return Buffer.from(odd === "filledLeft" ? `0${halves}` : `${halves}0`, "hex")
}

/** The value as bytes, without a length before it. */
const written = (field: IsoField, digits: Digits, value: string): Uint8Array => {
  if (isPacked(field, digits)) return packed(value, field.odd)
  if (field.content === "b") return Buffer.from(value, "hex")
  return field.content === "gbk" ? Gbk.encode(value) : Buffer.from(value, "ascii")
}

/** Writes a value, its length before it where it has one. `at`: the number of the field, for the refusal. */
export const write = (
  at: number,
  field: IsoField,
  digits: Digits,
  value: string
): Result.Result<Uint8Array, Callback.Refusal> => {
  if (!contents[field.content].test(value)) return malformed(at, "a character that it does not have")
  if (field.content === "gbk" && !Gbk.isWritable(value)) return malformed(at, "a character that GBK lacks")
  const bytes = written(field, digits, value)
  const length = isPacked(field, digits) ? value.length : bytes.length
  if (length > field.largest || (field.size === "fixed" && length < field.largest)) return malformed(at, "its length")
  if (field.size === "fixed") return Result.succeed(bytes)
  const told = String(length).padStart(prefixDigits[field.size], "0")
  const before = digits === "ascii" ? Buffer.from(told, "ascii") : packed(told, "filledLeft")
  return Result.succeed(Buffer.concat([before, bytes]))
}

/** A value that was read, and how many bytes it took. */
export interface Taken {
  readonly value: string
  readonly bytes: number
}

const number = (bytes: Uint8Array, digits: Digits): number => {
  const text = Buffer.from(bytes).toString(digits === "bcd" ? "hex" : "latin1")
  return /^[0-9]+$/.test(text) ? Number(text) : -1
}

/** Takes the packed digits apart; what fills the half byte that is left over must be zero. */
const unpacked = (bytes: Uint8Array, length: number, odd: IsoField["odd"]): string | undefined => {
  const halves = Buffer.from(bytes).toString("hex").toUpperCase()
  if (length === halves.length) return halves
  const [fill, text] = odd === "filledLeft" ? [halves[0], halves.slice(1)] : [halves.at(-1), halves.slice(0, -1)]
  return fill === "0" ? text : undefined
}

const textOf = (bytes: Uint8Array, content: Content): Result.Result<string, Callback.Refusal> =>
  content === "gbk"
    ? Gbk.decode(bytes)
    : Result.succeed(content === "b" ? Buffer.from(bytes).toString("hex").toUpperCase() : latin(bytes))

const latin = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1")

/** Reads the value at the beginning of the bytes, and never beyond their end. */
export const read = (
  at: number,
  field: IsoField,
  digits: Digits,
  bytes: Uint8Array
): Result.Result<Taken, Callback.Refusal> => {
  const told = prefixDigits[field.size]
  const before = digits === "bcd" ? Math.ceil(told / 2) : told
  if (bytes.length < before) return malformed(at, "cut off")
  const length = told === 0 ? field.largest : number(bytes.subarray(0, before), digits)
  if (length < 0 || length > field.largest) return malformed(at, "its length")
  const size = isPacked(field, digits) ? Math.ceil(length / 2) : length
  const body = bytes.subarray(before, before + size)
  if (body.length < size) return malformed(at, "cut off")
  if (isPacked(field, digits)) {
    const value = unpacked(body, length, field.odd)
    return value === undefined || !contents[field.content].test(value)
      ? malformed(at, "a half byte that is no digit")
      : Result.succeed({ value, bytes: before + size })
  }
  return Result.flatMap(textOf(body, field.content), (value) =>
    contents[field.content].test(value)
      ? Result.succeed({ value, bytes: before + size })
      : malformed(at, "a character that it does not have"))
}
