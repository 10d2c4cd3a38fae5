/**
 * The signature of a message 报文签名, version 5.1.0: by a certificate (signMethod 01), or by a key that both sides know,
 * with SHA-256 (11) or SM3 (12).
 *
 * Source: 全渠道平台接入接口规范, 5.1.0, 签名机制. What RSA signs is not the text but the hexadecimal digits of its SHA-256,
 * which the signature hashes once more; a signature over the text itself is not UnionPay's. Version 5.0.0, with SHA-1,
 * is not read: whoever forges would ask for it.
 */
import { Callback } from "@yikatong/core"
import { Redacted, Result } from "effect"
import * as Crypto from "node:crypto"
import * as Base64 from "../Base64.ts"
import * as Message from "./UnionPayMessage.ts"

export const version = "5.1.0"
export const encoding = "UTF-8"

export type Method = "01" | "11" | "12"

/** A key that both sides know 密钥, for signMethod 11 and 12. */
export interface Shared {
  readonly method: "11" | "12"
  readonly secureKey: Redacted.Redacted<string>
}

/**
 * Who signs: a merchant, whose certificate UnionPay knows by its number, or UnionPay, who sends the certificate along.
 */
export type Signer =
  | { readonly method: "01"; readonly key: Crypto.KeyObject; readonly certId: string }
  | { readonly method: "01"; readonly key: Crypto.KeyObject; readonly certificate: string }
  | Shared

/** Who verifies. `keyOf`: the public RSA key of whom the message names, if he is to be believed. */
export type Verifier =
  | {
    readonly method: "01"
    readonly keyOf: (message: Message.Message) => Result.Result<Crypto.KeyObject, Callback.Refusal>
  }
  | Shared

/** The number of a certificate as messages have it: its serial, in decimal. */
export const certId = (certificate: Crypto.X509Certificate): string =>
  BigInt(`0x${certificate.serialNumber}`).toString()

/** The keys of those whom `certId` names: UnionPay's side, which knows its merchants' certificates. */
export const registered = (
  certificates: Iterable<Crypto.X509Certificate>
): Extract<Verifier, { readonly method: "01" }> => {
  const keys = new Map(Array.from(certificates, (certificate) => [certId(certificate), certificate.publicKey]))
  return {
    method: "01",
    keyOf: (message) =>
      Result.fromNullishOr(keys.get(message.get("certId") ?? ""), () => Callback.refusal("unknownKey", "the certId"))
  }
}

const digest = (algorithm: "sha256" | "sm3", signed: string | Uint8Array): string =>
  Crypto.hash(algorithm, signed, "hex")

/** The bytes that RSA signs. */
const signed = (message: Message.Message): Buffer =>
  Buffer.from(digest("sha256", Message.canonicalBytes(message)), "latin1")

const sharedDigest = ({ method, secureKey }: Shared, message: Message.Message): string => {
  const algorithm = method === "11" ? "sha256" : "sm3"
  return digest(algorithm, `${Message.canonical(message)}&${digest(algorithm, Redacted.value(secureKey))}`)
}

/** The message with its signature, and with what the other side needs to verify it. */
export const sign = (message: Message.Message, signer: Signer): Message.Message => {
  const own = signer.method !== "01"
    ? {}
    : "certId" in signer
    ? { certId: signer.certId }
    : { signPubKeyCert: signer.certificate }
  const whole = Message.withFields(message, { ...own, signMethod: signer.method, signature: undefined })
  if (!Message.isUnambiguous(whole)) {
    throw new RangeError("A value has an ampersand outside of brackets, or an open bracket")
  }
  const signature = signer.method === "01"
    ? Crypto.sign("sha256", signed(whole), rsa(signer.key)).toString("base64")
    : sharedDigest(signer, whole)
  return Message.withFields(whole, { signature })
}

const rsa = (key: Crypto.KeyObject): Crypto.KeyObject => {
  if (key.asymmetricKeyType !== "rsa") throw new RangeError("signMethod 01 is RSA")
  return key
}

/** 512 bytes, of the largest key in use, in Base64. */
const longest = 684

const hasSigned = (message: Message.Message, signature: string, key: Crypto.KeyObject): boolean => {
  const bytes = Base64.read(signature, longest)
  return bytes !== undefined && Crypto.verify("sha256", signed(message), rsa(key), bytes)
}

const isSame = (a: string, b: string): boolean => {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && Crypto.timingSafeEqual(left, right)
}

const forged = Result.fail(Callback.refusal("forged", "the signature"))

/** The message, if its signature is the one of whom the verifier believes. */
export const verify = (
  message: Message.Message,
  verifier: Verifier
): Result.Result<Message.Message, Callback.Refusal> => {
  if (message.get("version") !== version) return Result.fail(Callback.refusal("unsupported", "the version"))
  if (message.get("encoding")?.toUpperCase() !== encoding) {
    return Result.fail(Callback.refusal("unsupported", "the encoding"))
  }
  // Never the method that the message asks for.
  if (message.get("signMethod") !== verifier.method) {
    return Result.fail(Callback.refusal("unsupported", "the signMethod"))
  }
  const signature = message.get(Message.signature)
  if (signature === undefined) return Result.fail(Callback.refusal("malformed", "the signature"))
  if (!Message.isUnambiguous(message)) return Result.fail(Callback.refusal("malformed", "the border of a field"))
  if (verifier.method !== "01") {
    return isSame(sharedDigest(verifier, message), signature) ? Result.succeed(message) : forged
  }
  const key = verifier.keyOf(message)
  if (Result.isFailure(key)) return Result.fail(key.failure)
  return hasSigned(message, signature, key.success) ? Result.succeed(message) : forged
}
