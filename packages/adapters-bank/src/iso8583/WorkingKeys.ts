/**
 * The keys of one day 工作密钥, which a terminal gets when it signs in: one for PINs (PIK) and one for MACs (MAK),
 * enciphered under the terminal's master key 终端主密钥 (TMK), each with its check value behind it.
 *
 * Source: 银联POS终端规范 (Q/CUP 009), field 62 of message 0810. How long they are, and whether the MAK is filled up with
 * zeros to the length of the PIK, differs from host to host: a {@link Layout} says it.
 */
import { Callback } from "@yikatong/core"
import { Result } from "effect"
import { timingSafeEqual } from "node:crypto"
import * as BlockCipher from "../BlockCipher.ts"

/** How the keys stand in field 62; lengths in bytes. */
export interface Layout {
  readonly algorithm: BlockCipher.Algorithm
  readonly pik: number
  readonly mak: number
  /** Zeros between the enciphered MAK and its check value. */
  readonly makFill: number
  readonly checkValue: number
}

/** The keys of one day. */
export interface WorkingKeys {
  readonly pik: BlockCipher.Key
  readonly mak: BlockCipher.Key
}

/** Single DES for both, 24 bytes. */
export const singleLength: Layout = { algorithm: "des", pik: 8, mak: 8, makFill: 0, checkValue: 4 }
/** A PIK of 16 bytes; the MAK of eight is filled up with zeros: 40 bytes. */
export const doubleLength: Layout = { algorithm: "des", pik: 16, mak: 8, makFill: 8, checkValue: 4 }
/** Both of 16 bytes, for MACs after X9.19: 40 bytes. */
export const doubleBoth: Layout = { algorithm: "des", pik: 16, mak: 16, makFill: 0, checkValue: 4 }
/** SM4 for both: 40 bytes. */
export const sm4: Layout = { algorithm: "sm4", pik: 16, mak: 16, makFill: 0, checkValue: 4 }

const size = (layout: Layout): number => layout.pik + layout.mak + layout.makFill + 2 * layout.checkValue

/** Field 62, in hexadecimal, as a host sends it; throws RangeError for keys that are not as the layout says. */
export const make = ({ mak, pik }: WorkingKeys, master: BlockCipher.Key, layout: Layout): string => {
  if (BlockCipher.length(pik) !== layout.pik || BlockCipher.length(mak) !== layout.mak) {
    throw new RangeError("The working keys are not as long as the layout says")
  }
  return Buffer.concat([
    BlockCipher.encrypt(master, BlockCipher.bytes(pik)),
    BlockCipher.checkValue(pik, layout.checkValue),
    BlockCipher.encrypt(master, BlockCipher.bytes(mak)),
    new Uint8Array(layout.makFill),
    BlockCipher.checkValue(mak, layout.checkValue)
  ]).toString("hex").toUpperCase()
}

/** Reads field 62, in hexadecimal; keys whose check value is another are refused, for they would sign nothing. */
export const open = (
  field: string,
  master: BlockCipher.Key,
  layout: Layout
): Result.Result<WorkingKeys, Callback.Refusal> => {
  const bytes = Buffer.from(field, "hex")
  if (field.length !== 2 * size(layout) || bytes.length !== size(layout)) {
    return Result.fail(Callback.refusal("malformed", "the length of the working keys"))
  }
  const read = (from: number, length: number, fill: number): BlockCipher.Key | undefined => {
    const check = bytes.subarray(from + length + fill, from + length + fill + layout.checkValue)
    const key = BlockCipher.key(layout.algorithm, BlockCipher.decrypt(master, bytes.subarray(from, from + length)))
    return timingSafeEqual(check, BlockCipher.checkValue(key, layout.checkValue)) ? key : undefined
  }
  const pik = read(0, layout.pik, 0)
  if (pik === undefined) return Result.fail(Callback.refusal("forged", "the check value of the PIN key"))
  const mak = read(layout.pik + layout.checkValue, layout.mak, layout.makFill)
  if (mak === undefined) return Result.fail(Callback.refusal("forged", "the check value of the MAC key"))
  return Result.succeed({ pik, mak })
}
