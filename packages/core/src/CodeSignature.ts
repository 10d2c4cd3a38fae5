/**
 * A signature 签名 under a code: the issuer's under an authorisation, or the phone's under the whole code. Ed25519, RFC
 * 8032.
 *
 * What is signed begins with a line that says who signs, so neither signature can stand for the other, nor for one that
 * the same key gave in another protocol.
 */
import { ed25519 } from "@noble/curves/ed25519.js"
import { asciiToBytes, concatBytes, hexToBytes } from "@noble/curves/utils.js"
import { Redacted } from "effect"
import { isSoundPoint, type PublicKey, type SecretKey } from "./CodeKeys.ts"

/** Who signs: the issuer of the authorisation, or the device that shows the code. */
export type Signer = "issuer" | "device"

/** Bytes of a signature. */
export const length = 64

const openings = {
  issuer: asciiToBytes("yikatong code v1 issuer\n"),
  device: asciiToBytes("yikatong code v1 device\n")
} as const

/** Exactly the bytes that this signer signs. */
export const message = (by: Signer, bytes: Uint8Array): Uint8Array => concatBytes(openings[by], bytes)

/** Signs; the same bytes and key always give the same signature. */
export const sign = (by: Signer, bytes: Uint8Array, key: SecretKey): Uint8Array =>
  ed25519.sign(message(by, bytes), Redacted.value(key))

/**
 * Whether a signature of {@link length} bytes holds under a sound key.
 *
 * `zip215: false`: the library's default is made for consensus and takes encodings that RFC 8032 forbids, under which
 * one signature has several texts, and keys of small order, under which it fits other messages too. The point R is
 * looked at as well: with a part of small order in it this library would say yes where OpenSSL or Go say no, and a code
 * must not be good at the till and bad at the server.
 */
export const holds = (by: Signer, bytes: Uint8Array, signature: Uint8Array, key: PublicKey): boolean =>
  ed25519.verify(signature, message(by, bytes), hexToBytes(key), { zip215: false }) &&
  isSoundPoint(signature.subarray(0, 32))
