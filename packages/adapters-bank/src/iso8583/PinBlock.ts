/**
 * A PIN on its way to the bank 个人密码块: bound to its card number and enciphered, so that it never stands anywhere in
 * clear.
 *
 * Format 0 of ISO 9564-1 (ANSI X9.8): the length and the digits of the PIN, filled up with F, added (XOR) to the twelve
 * digits left of the check digit of the card number. With DES it has eight bytes; with SM4 both parts are filled up to
 * sixteen, the PIN on the right with F and the card number on the left with zeros.
 */
import { Callback } from "@yikatong/core"
import { Redacted, Result } from "effect"
import * as BlockCipher from "../BlockCipher.ts"
import * as Pan from "../Pan.ts"

const nibbles = (key: BlockCipher.Key): number => 2 * BlockCipher.blockSize(key.algorithm)

/** The twelve digits of the card number, on the right of a block. */
const account = (pan: Pan.Pan, key: BlockCipher.Key): Buffer =>
  Buffer.from(Pan.digits(pan).slice(0, -1).slice(-12).padStart(nibbles(key), "0"), "hex")

const added = (one: Uint8Array, other: Uint8Array): Uint8Array => one.map((byte, at) => byte ^ (other[at] ?? 0))

const refused = Callback.refusal("malformed", "the PIN block")

/** Enciphers a PIN of 4 to 12 digits. `key`: the PIK that the host gave out. */
export const make = (
  pin: Redacted.Redacted<string>,
  pan: Pan.Pan,
  key: BlockCipher.Key
): Result.Result<Uint8Array, Callback.Refusal> => {
  const digits = Redacted.value(pin)
  if (!/^[0-9]{4,12}$/.test(digits)) return Result.fail(Callback.refusal("malformed", "the PIN"))
  const clear = Buffer.from(`0${digits.length.toString(16)}${digits}`.padEnd(nibbles(key), "F"), "hex")
  return Result.succeed(BlockCipher.encrypt(key, added(clear, account(pan, key))))
}

/** The way back, as the bank goes it: another card number or key gives no PIN, or now and then another one. */
export const open = (
  block: Uint8Array,
  pan: Pan.Pan,
  key: BlockCipher.Key
): Result.Result<Redacted.Redacted<string>, Callback.Refusal> => {
  if (block.length !== BlockCipher.blockSize(key.algorithm)) return Result.fail(refused)
  const clear = Buffer.from(added(BlockCipher.decrypt(key, block), account(pan, key))).toString("hex")
  const [, length = "", rest = ""] = /^0([4-9a-c])(.*)$/.exec(clear) ?? []
  const digits = rest.slice(0, Number.parseInt(length, 16) || 0)
  return /^[0-9]{4,12}$/.test(digits) && /^f*$/.test(rest.slice(digits.length))
    ? Result.succeed(Redacted.make(digits, { label: "Pin" }))
    : Result.fail(refused)
}
