/**
 * Bytes 字节串, as readers and cards exchange them: big-endian numbers, and hexadecimal for people.
 *
 * Every function leaves its arguments as they are.
 */

export type Bytes = Uint8Array<ArrayBufferLike>

const written = /^(?:[0-9a-f]{2})*$/i

/**
 * Bytes from a literal in hexadecimal, blanks allowed; throws RangeError for anything else. What comes from outside goes
 * through `Schema.Uint8ArrayFromHex`.
 *
 * @example
 * ```ts
 * import { Bytes } from "@yikatong/adapters-pcsc"
 *
 * Bytes.hex(Bytes.of("00 A4 04 00")) // => "00A40400"
 * ```
 */
export const of = (text: string): Bytes => {
  const digits = text.replaceAll(" ", "")
  if (!written.test(digits)) throw new RangeError("Bytes are written in pairs of hexadecimal digits")
  const bytes = new Uint8Array(digits.length / 2)
  for (let at = 0; at < bytes.length; at++) bytes[at] = Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16)
  return bytes
}

/** Hexadecimal in capitals, as standards and manuals write it. */
export const hex = (bytes: Bytes): string => {
  let text = ""
  for (const byte of bytes) text += (byte < 16 ? "0" : "") + byte.toString(16).toUpperCase()
  return text
}

/** One after the other; a number is one byte. */
export const join = (...parts: ReadonlyArray<Bytes | number>): Bytes => {
  const length = parts.reduce<number>((sum, part) => sum + (typeof part === "number" ? 1 : part.length), 0)
  const bytes = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    if (typeof part === "number") bytes[at++] = part
    else {
      bytes.set(part, at)
      at += part.length
    }
  }
  return bytes
}

/** A whole number from 0 as `length` bytes (1 to 6), the highest first; throws RangeError where it does not fit. */
export const ofNumber = (value: number, length: number): Bytes => {
  if (!Number.isSafeInteger(value) || value < 0 || value >= 256 ** length) {
    throw new RangeError(`${value} does not fit into ${length} bytes`)
  }
  const bytes = new Uint8Array(length)
  for (let at = length - 1, rest = value; at >= 0; at--, rest = Math.floor(rest / 256)) bytes[at] = rest % 256
  return bytes
}

/** The number that up to six bytes are, the highest first. */
export const toNumber = (bytes: Bytes): number => {
  let value = 0
  for (const byte of bytes) value = value * 256 + byte
  return value
}

/** Whether both are the same, in a time that does not tell where they differ: signatures are compared by it. */
export const equal = (one: Bytes, other: Bytes): boolean => {
  if (one.length !== other.length) return false
  let difference = 0
  for (let at = 0; at < one.length; at++) difference |= (one[at] ?? 0) ^ (other[at] ?? 0)
  return difference === 0
}
