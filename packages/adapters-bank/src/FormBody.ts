/**
 * A body of the kind that HTML forms send 表单报文, `application/x-www-form-urlencoded`: names and values, escaped with
 * percent signs and joined by "&".
 *
 * Source: WHATWG URL Standard, chapter 5, read more strictly than there: a broken escape, bytes that are no text of the
 * agreed charset and a name that comes twice are refused, since what was signed must be read in one way only. Values
 * keep every character, a leading byte order mark too.
 */
import { Callback } from "@yikatong/core"
import { Result } from "effect"
import { isAscii as areAscii } from "node:buffer"
import * as Gbk from "./Gbk.ts"

/** The charset of names and values, under the escapes. */
export type Charset = "utf-8" | "gbk"

/** The largest body that is read, in bytes, unless told otherwise. */
export const largestBody = 65_536

/** The most fields that are read. */
const mostFields = 256

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

const decode = (bytes: Uint8Array, charset: Charset): Result.Result<string, Callback.Refusal> =>
  charset === "gbk"
    ? Gbk.decode(bytes)
    : Result.try({ try: () => utf8.decode(bytes), catch: () => Callback.refusal("charset", "the form's text") })

/** The value of a hexadecimal digit; less than zero for any other character, and past the end. */
const digit = (byte: number): number => {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const lower = byte | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}

const plus = 0x2b
const percent = 0x25
const blank = 0x20

/** The quick way for the usual text. What it does not read, the careful way looks at, which can tell what is wrong. */
const unescapeQuickly = (written: string): string | undefined => {
  try {
    return decodeURIComponent(written.replaceAll("+", " "))
  } catch {
    return undefined
  }
}

const unescape = (written: string, charset: Charset): Result.Result<string, Callback.Refusal> => {
  // Out of Node's pool: of its own, each value would be one more block for the collector.
  const bytes = Buffer.allocUnsafe(written.length)
  let length = 0
  let isAscii = true
  for (let at = 0; at < written.length; at++) {
    let byte = written.charCodeAt(at)
    if (byte === percent) {
      const high = digit(written.charCodeAt(at + 1))
      const low = digit(written.charCodeAt(at + 2))
      if (high < 0 || low < 0) return Result.fail(Callback.refusal("malformed", "an escape of the form"))
      byte = high * 16 + low
      at += 2
    } else if (byte === plus) byte = blank
    if (byte > 0x7f) isAscii = false
    bytes[length++] = byte
  }
  return isAscii ? Result.succeed(bytes.toString("latin1", 0, length)) : decode(bytes.subarray(0, length), charset)
}

/** How long a value is that is worth remembering, in characters: a certificate, which every message repeats. */
const long = 512
/** The last such value, and what it was read as. */
let before: { readonly written: string; readonly charset: Charset; readonly text: string } | undefined

/** What is ASCII and has no escape is its own text in both charsets. `isAscii`: whether the whole form is. */
const read = (written: string, charset: Charset, isAscii: boolean): Result.Result<string, Callback.Refusal> => {
  if (written.length >= long && before?.written === written && before.charset === charset) {
    return Result.succeed(before.text)
  }
  if (isAscii && !written.includes("%") && !written.includes("+")) return Result.succeed(written)
  const quick = isAscii && charset === "utf-8" ? unescapeQuickly(written) : undefined
  const text = quick === undefined ? unescape(written, charset) : Result.succeed(quick)
  if (written.length >= long && Result.isSuccess(text)) before = { written, charset, text: text.success }
  return text
}

/** Reads names and values in their order. `largest`: in bytes. */
export const parse = (
  bytes: Uint8Array,
  charset: Charset = "utf-8",
  largest: number = largestBody
): Result.Result<ReadonlyMap<string, string>, Callback.Refusal> => {
  if (bytes.length > largest) return Result.fail(Callback.refusal("tooLarge", "the form"))
  // A character for each byte: borders and escapes are ASCII, and no byte of a GBK character is one of them.
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1")
  const isAscii = areAscii(bytes)
  const fields = new Map<string, string>()
  for (let from = 0, to = 0; from < text.length; from = to + 1) {
    const next = text.indexOf("&", from)
    to = next < 0 ? text.length : next
    if (to === from) continue
    const equals = text.indexOf("=", from)
    const middle = equals < 0 || equals > to ? to : equals
    const name = read(text.slice(from, middle), charset, isAscii)
    if (Result.isFailure(name)) return Result.fail(name.failure)
    const value = read(text.slice(middle + 1, to), charset, isAscii)
    if (Result.isFailure(value)) return Result.fail(value.failure)
    if (name.success === "") return Result.fail(Callback.refusal("malformed", "a name of the form"))
    if (fields.has(name.success)) return Result.fail(Callback.refusal("duplicateKey", "a name of the form"))
    if (fields.size === mostFields) return Result.fail(Callback.refusal("tooLarge", "the number of the form's fields"))
    fields.set(name.success, value.success)
  }
  return Result.succeed(fields)
}

const utf8Bytes = new TextEncoder()

const isPlain = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a) ||
  byte === 0x2a || byte === 0x2d || byte === 0x2e || byte === 0x5f

const escape = (text: string, charset: Charset): string => {
  let written = ""
  for (const byte of charset === "gbk" ? Gbk.encode(text) : utf8Bytes.encode(text)) {
    if (isPlain(byte)) written += String.fromCharCode(byte)
    else if (byte === blank) written += "+"
    else written += `%${byte.toString(16).toUpperCase().padStart(2, "0")}`
  }
  return written
}

/** Writes names and values, in their order; the text is ASCII. Throws RangeError for what the charset lacks. */
export const encode = (pairs: Iterable<readonly [string, string]>, charset: Charset = "utf-8"): string =>
  Array.from(pairs, ([name, value]) => `${escape(name, charset)}=${escape(value, charset)}`).join("&")
