/**
 * The MAC of an ISO 8583 message 报文鉴别码: field 64, over everything from the type to field 63.
 *
 * It is looked at before anything of the message is read but its bitmap, so that nobody without the key reaches the
 * reader. Source: 银联POS终端规范 (Q/CUP 009), 安全规范.
 */
import { Callback } from "@yikatong/core"
import { Result } from "effect"
import type * as BlockCipher from "../BlockCipher.ts"
import * as BlockMac from "../BlockMac.ts"
import * as IsoMessage from "./IsoMessage.ts"
import type { IsoProfile } from "./IsoProfile.ts"

/** How both sides sign: the method, and the key that the host gave out (MAK). */
export interface Signing {
  readonly method: BlockMac.Method
  readonly key: BlockCipher.Key
}

const macField = 64

/** Writes a message with its MAC. */
export const seal = (
  message: IsoMessage.IsoMessage,
  profile: IsoProfile,
  { key, method }: Signing
): Result.Result<Uint8Array, Callback.Refusal> => {
  if (IsoMessage.present(message).some((at) => at > macField)) {
    return Result.fail(Callback.refusal("unsupported", "fields behind the MAC"))
  }
  const place = IsoMessage.withField(message, macField, "00".repeat(BlockMac.size))
  return Result.map(IsoMessage.pack(place, profile), (bytes) => {
    bytes.set(BlockMac.make(method, key, bytes.subarray(0, -BlockMac.size)), bytes.length - BlockMac.size)
    return bytes
  })
}

/** Reads a message whose MAC is right; one without a MAC, or with another, is forged. */
export const open = (
  bytes: Uint8Array,
  profile: IsoProfile,
  { key, method }: Signing
): Result.Result<IsoMessage.IsoMessage, Callback.Refusal> => {
  const head = IsoMessage.head(bytes, profile)
  if (Result.isFailure(head)) return Result.fail(head.failure)
  // Field 64 is the last of the first bitmap: with a second one the last eight bytes would be another field.
  if (head.success.numbers.at(-1) !== macField || bytes.length < head.success.size + BlockMac.size) {
    return Result.fail(Callback.refusal("forged", "no MAC at the end"))
  }
  return BlockMac.isOf(bytes.subarray(-BlockMac.size), method, key, bytes.subarray(0, -BlockMac.size))
    ? IsoMessage.unpack(bytes, profile)
    : Result.fail(Callback.refusal("forged", "the MAC"))
}
