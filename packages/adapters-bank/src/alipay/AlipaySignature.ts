/**
 * Signatures of the Alipay gateway 支付宝签名, RSA2: RSASSA-PKCS1-v1_5 with SHA-256 over `name=value&name=value`.
 *
 * The two texts differ in one name: a request signs its `sign_type`, a notice does not. What a notice says of its own
 * algorithm is therefore nobody's word, and it is refused unless it is RSA2: the older RSA is SHA-1. Source: Alipay
 * open platform, 自行实现签名 and 异步通知验签.
 */
import { Callback, type CivilTime } from "@yikatong/core"
import { Result } from "effect"
import { type KeyObject, sign as signBytes, verify as verifyBytes } from "node:crypto"
import * as Base64 from "../Base64.ts"

/** The algorithm's name on the wire. */
export const algorithm = "RSA2"

/** What a signature covers, or a form holds: values decoded once. */
export type Parameters = ReadonlyMap<string, string>

/**
 * A public key that is believed. `certificate`: the serial of its certificate, as `alipay_cert_sn` names it, where
 * certificates are used 公钥证书模式; `expiresAt`: its last instant.
 */
export interface TrustedKey {
  readonly key: KeyObject
  readonly certificate?: string
  readonly expiresAt?: CivilTime.Instant
}

/** All keys that are believed: more than one while the channel changes its own. */
export type Trust = ReadonlyArray<TrustedKey>

/** The text that a request signs 待签名字符串: everything that has a value, but for the signature. */
export const requestText = (parameters: Parameters): string =>
  joined([...parameters].filter(([name, value]) => name !== "sign" && value !== ""))

/** The text that a notice signs: everything as it was sent, but for the signature and its type. */
export const noticeText = (parameters: Parameters): string =>
  joined([...parameters].filter(([name]) => name !== "sign" && name !== "sign_type"))

const joined = (pairs: Array<readonly [string, string]>): string =>
  pairs.sort(([a], [b]) => a < b ? -1 : 1).map(([name, value]) => `${name}=${value}`).join("&")

/** The signature of a text, in base64. */
export const sign = (text: string, key: KeyObject): string =>
  signBytes("sha256", Buffer.from(text), key).toString("base64")

/** 512 bytes, of the largest key in use, in base64. */
const longest = 684

/**
 * Whether one of the trusted keys made a signature. `certificate`: the serial that the message names, if it names one;
 * then only the key of this certificate counts.
 */
export const verify = (
  text: string,
  signature: string | undefined,
  trust: Trust,
  certificate?: string
): Result.Result<void, Callback.Refusal> => {
  if (signature === undefined || signature === "") return Result.fail(Callback.refusal("forged", "no signature"))
  const made = Base64.read(signature, longest)
  if (made === undefined) return Result.fail(Callback.refusal("forged", "the signature is not base64"))
  const keys = certificate === undefined ? trust : trust.filter((trusted) => trusted.certificate === certificate)
  if (keys.length === 0) return Result.fail(Callback.refusal("unknownKey", "the certificate that it names"))
  const bytes = Buffer.from(text)
  return keys.some(({ key }) => verifyBytes("sha256", bytes, key, made))
    ? Result.void
    : Result.fail(Callback.refusal("forged", "the signature"))
}
