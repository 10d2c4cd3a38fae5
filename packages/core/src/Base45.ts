/**
 * Base45: bytes written with the 45 characters that a QR code packs into five and a half bits each. Source: RFC 9285.
 *
 * Two bytes become three characters, a last single byte two. Every sequence of bytes has exactly one text and every
 * other text is refused, so a signed text cannot be written in two ways.
 */
import { Result } from "effect"

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

/** A text that no bytes have: of such a length, with such a character, or too large a group. It does not repeat the text. */
export interface Base45Malformed {
  readonly _tag: "Base45Malformed"
  readonly problem: "Length" | "Characters" | "TooLarge"
}

const malformed = (problem: Base45Malformed["problem"]): Result.Result<never, Base45Malformed> =>
  Result.fail({ _tag: "Base45Malformed", problem })

/**
 * Writes bytes.
 *
 * @example
 * ```ts
 * import { Base45 } from "@yikatong/core"
 *
 * Base45.encode(Uint8Array.of(65, 66)) // => "BB8"
 * ```
 */
export const encode = (bytes: Uint8Array): string => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let text = ""
  for (let i = 0; i < bytes.length; i += 2) {
    const pair = i + 1 < bytes.length
    const n = pair ? view.getUint16(i) : view.getUint8(i)
    text += alphabet.charAt(n % 45) + alphabet.charAt(Math.floor(n / 45) % 45)
    if (pair) text += alphabet.charAt(Math.floor(n / 2_025))
  }
  return text
}

/**
 * Reads what `encode` writes and nothing else: no small letters, no blanks at the ends, no group above its bytes.
 *
 * @example
 * ```ts
 * import { Base45 } from "@yikatong/core"
 * import { Result } from "effect"
 *
 * Result.getOrThrow(Base45.decode("QED8WEX0")) // => new Uint8Array([105, 101, 116, 102, 33])
 * Result.isFailure(Base45.decode("GGW")) // => true
 * ```
 */
export const decode = (text: string): Result.Result<Uint8Array, Base45Malformed> => {
  const rest = text.length % 3
  if (rest === 1) return malformed("Length")
  const bytes = new Uint8Array((text.length - rest) / 3 * 2 + (rest === 2 ? 1 : 0))
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < text.length; i += 3) {
    const low = alphabet.indexOf(text.charAt(i))
    const middle = alphabet.indexOf(text.charAt(i + 1))
    const pair = i + 2 < text.length
    const high = pair ? alphabet.indexOf(text.charAt(i + 2)) : 0
    if (low < 0 || middle < 0 || high < 0) return malformed("Characters")
    const n = low + middle * 45 + high * 2_025
    if (n > (pair ? 0xffff : 0xff)) return malformed("TooLarge")
    if (pair) view.setUint16(i / 3 * 2, n)
    else view.setUint8(i / 3 * 2, n)
  }
  return Result.succeed(bytes)
}
