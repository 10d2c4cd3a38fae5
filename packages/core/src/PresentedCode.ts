/**
 * The code that a phone shows to a camera: pay code 付款码 or identity code 身份码. It is signed, pseudonymous, good for
 * seconds, good once, and can be judged offline. Sources: R4, R5, R12, R13, A22.
 *
 * Layout, big-endian, 205 bytes: the authorisation as {@link CodeAuthorisation} lays it out (125), the slot of 30
 * seconds since 1970 in which the code was made (4), the device's counter (4), the audience (8; all zero: any point),
 * and the device's signature over all bytes before it (64). As text `YK:` and Base45: 311 characters of a QR code's
 * alphanumeric mode, just what version 10 holds at level M. The making is here; the judging is in `VerifiedCode`.
 */
import { asciiToBytes, bytesToHex, concatBytes, hexToBytes } from "@noble/curves/utils.js"
import { sha256 } from "@noble/hashes/sha2.js"
import { Result, Schema } from "effect"
import * as Base45 from "./Base45.ts"
import { type Instant, second } from "./CivilTime.ts"
import * as CodeAuthorisation from "./CodeAuthorisation.ts"
import { publicKeyOf, type SecretKey } from "./CodeKeys.ts"
import * as CodeSignature from "./CodeSignature.ts"
import type { PointId } from "./Id.ts"
import { Counter } from "./Pseudonym.ts"

/** How our codes begin, so that a camera can tell them from foreign ones. */
export const prefix = "YK:"

/** How long a slot 时间片 is, in milliseconds. */
export const slotLength = 30 * second

/** Bytes that the device signs. */
export const signedLength = CodeAuthorisation.length + 4 + 4 + 8
/** Bytes of a code. */
export const length = signedLength + CodeSignature.length
/** Characters of a code. Every code has this length. */
export const textLength = prefix.length + Math.ceil(length * 3 / 2)

/** The slot in which an instant falls. */
export const slotOf = (instant: number): number => Math.floor(instant / slotLength)

/** Eight bytes, in hexadecimal digits, that stand for a point: the code is good there only. */
export const audienceOf = (point: PointId): string =>
  bytesToHex(sha256(asciiToBytes(`yikatong code v1 point\n${point}`)).subarray(0, 8))

/** A code that was read, not judged. */
export interface PresentedCode {
  readonly claims: CodeAuthorisation.Claims
  readonly slot: number
  readonly counter: number
  /** For which point, as {@link audienceOf} says; without it for any. */
  readonly audience?: string
  /** What was signed and by which signature. */
  readonly issuer: { readonly signed: Uint8Array; readonly signature: Uint8Array }
  readonly device: { readonly signed: Uint8Array; readonly signature: Uint8Array }
}

/** Not a code of this layout. It does not repeat the text. */
export interface CodeMalformed {
  readonly _tag: "CodeMalformed"
}

/** The secret key is not that of the device which the authorisation names. */
export interface DeviceKeyDiffers {
  readonly _tag: "DeviceKeyDiffers"
}

/**
 * The code to show now. `point`: where the holder is about to pay, if the phone knows it; a code that is caught on the
 * way is then worth nothing elsewhere. Throws RangeError for a counter that is none.
 *
 * @example
 * ```ts
 * import { CivilTime, CodeAuthorisation, CodeKeys, Money, PresentedCode, Pseudonym } from "@yikatong/core"
 * import { Result } from "effect"
 *
 * const issuer = CodeKeys.secretKey(new Uint8Array(32).fill(1)) // random in earnest
 * const device = CodeKeys.secretKey(new Uint8Array(32).fill(2))
 * const authorisation = Result.getOrThrow(CodeAuthorisation.authorise({
 *   kind: "PAY",
 *   kid: CodeKeys.Kid.make(7),
 *   pseudonym: Pseudonym.Pseudonym.make("00112233aabbccdd"),
 *   accountClass: "regular",
 *   deviceKey: CodeKeys.publicKeyOf(device),
 *   notBefore: CivilTime.instant("2025-11-03 06:00"),
 *   notAfter: CivilTime.instant("2025-11-04 06:00"),
 *   version: 1,
 *   offlineCap: Money.yuan("30.00"),
 *   offlineUses: 2
 * }, issuer))
 * const shown = PresentedCode.present(authorisation, device, { now: CivilTime.instant("2025-11-03 12:00"), counter: 1 })
 * Result.getOrThrow(shown).length // => 311
 * ```
 */
export const present = (
  authorisation: CodeAuthorisation.Authorisation,
  device: SecretKey,
  { counter, now, point }: { readonly now: Instant; readonly counter: number; readonly point?: PointId | undefined }
): Result.Result<string, CodeAuthorisation.AuthorisationMalformed | DeviceKeyDiffers> => {
  if (!isCounter(counter)) throw new RangeError("A device counts its codes from 1 to 4294967295")
  const opened = CodeAuthorisation.open(authorisation)
  if (Result.isFailure(opened)) return Result.fail(opened.failure)
  const { bytes, claims } = opened.success
  if (claims.deviceKey !== publicKeyOf(device)) return Result.fail({ _tag: "DeviceKeyDiffers" })
  const proof = new DataView(new ArrayBuffer(8))
  proof.setUint32(0, slotOf(now))
  proof.setUint32(4, counter)
  const audience = hexToBytes(point === undefined ? anywhere : audienceOf(point))
  const signed = concatBytes(bytes, new Uint8Array(proof.buffer), audience)
  return Result.succeed(prefix + Base45.encode(concatBytes(signed, CodeSignature.sign("device", signed, device))))
}

const isCounter = Schema.is(Counter)
const anywhere = "0000000000000000"

/** Reads a code; nothing is verified, so nothing in it may be relied on. */
export const parse = (text: string): Result.Result<PresentedCode, CodeMalformed> => {
  if (text.length !== textLength || !text.startsWith(prefix)) return malformed
  const decoded = Base45.decode(text.slice(prefix.length))
  if (Result.isFailure(decoded)) return malformed
  const bytes = decoded.success
  const claims = CodeAuthorisation.parse(bytes)
  if (Result.isFailure(claims)) return malformed
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const counter = view.getUint32(CodeAuthorisation.length + 4)
  if (!isCounter(counter)) return malformed
  const audience = bytesToHex(bytes.subarray(CodeAuthorisation.length + 8, signedLength))
  return Result.succeed({
    claims: claims.success,
    slot: view.getUint32(CodeAuthorisation.length),
    counter,
    ...(audience === anywhere ? {} : { audience }),
    issuer: {
      signed: bytes.subarray(0, CodeAuthorisation.claimsLength),
      signature: bytes.subarray(CodeAuthorisation.claimsLength, CodeAuthorisation.length)
    },
    device: { signed: bytes.subarray(0, signedLength), signature: bytes.subarray(signedLength) }
  })
}

const malformed: Result.Result<never, CodeMalformed> = Result.fail({ _tag: "CodeMalformed" })
