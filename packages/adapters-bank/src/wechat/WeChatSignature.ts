/**
 * The signature of WeChat Pay 微信支付签名, on what it answers and what it calls back, and the rules that requests share.
 *
 * RSASSA-PKCS1-v1_5 with SHA-256 over lines that all end in a line feed, the last as well, also where the body is
 * empty. It is made over the bytes that go over the wire. Whoever verifies looks at the clock: 300 seconds at most, in
 * both directions. Times on the wire are seconds. Source: WeChat Pay APIv3, 签名生成 and 签名验证.
 */
import { Callback, CivilTime } from "@yikatong/core"
import { Result } from "effect"
import { type KeyObject, sign as signBytes, verify as verifyBytes } from "node:crypto"
import * as Base64 from "../Base64.ts"
import type { Read } from "../JsonBody.ts"
import * as WeChatKeys from "./WeChatKeys.ts"

/** The only kind of signature there is. */
export const scheme = "WECHATPAY2-SHA256-RSA2048"

/** How far the clocks of two parties may be apart, in milliseconds. */
export const tolerance = 5 * CivilTime.minute

/** With what a probe of WeChat Pay's begins 探测流量: it is wrongly signed on purpose, to see whether somebody looks. */
export const probeMark = "WECHATPAY/SIGNTEST/"

/** Who signs. `serial`: the name of the key, as it stands in the signature; `key`: its private half. */
export interface Signer {
  readonly serial: string
  readonly key: KeyObject
}

/** What makes each signature another one. `nonce`: up to 32 letters and digits, by chance. */
export interface Occasion {
  readonly now: CivilTime.Instant
  readonly nonce: string
}

/** An answer or a callback, as it came. `headers`: by their names in lower case. */
export interface Answer {
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Uint8Array
}

/** The lines that are signed, and the body: the text before it, the bytes as they are. */
export const message = (lines: ReadonlyArray<string>, body: Uint8Array): Uint8Array => {
  const head = lines.map((line) => `${line}\n`).join("")
  const before = Buffer.byteLength(head)
  const bytes = Buffer.allocUnsafe(before + body.length + 1)
  bytes.write(head)
  bytes.set(body, before)
  bytes[before + body.length] = 0x0a
  return bytes
}

/** Signs; in base64. */
export const sign = (key: KeyObject, message: Uint8Array): string =>
  signBytes("sha256", message, key).toString("base64")

/** Longer than the signature of any key in use, in characters. */
const longest = 1_024

/** Whether it is the signature of this key on this message. */
export const isSigned = (key: KeyObject, message: Uint8Array, signature: string): boolean => {
  const bytes = Base64.read(signature, longest)
  return bytes !== undefined && key.asymmetricKeyType === "rsa" && verifyBytes("sha256", message, key, bytes)
}

/** The time of an occasion, in seconds. */
export const timestamp = (now: CivilTime.Instant): string => String(Math.floor(now / 1_000))

/** Whether a time on the wire is near enough to now. */
export const isFresh = (timestamp: string, now: CivilTime.Instant): boolean =>
  Math.abs(Math.floor(now / 1_000) - Number(timestamp)) <= tolerance / 1_000

/** Whether a time on the wire can be one at all. */
export const isTimestamp = (text: string): boolean => /^[1-9]\d{0,11}$/.test(text)

/** A nonce must not hold a line feed, which would let the body begin elsewhere. */
export const isNonce = (text: string): boolean => /^[!-~]{1,128}$/.test(text)

/** What we draw ourselves. */
export const assertNonce = (nonce: string): void => {
  if (!/^[0-9A-Za-z]{1,32}$/.test(nonce)) throw new RangeError("A nonce is 1 to 32 letters and digits")
}

/** The headers that sign an answer or a callback. An answer of 204 has an empty body. */
export const signAnswer = (
  { key, serial }: Signer,
  body: Uint8Array,
  { nonce, now }: Occasion
): Readonly<Record<string, string>> => {
  assertNonce(nonce)
  const at = timestamp(now)
  return {
    "wechatpay-timestamp": at,
    "wechatpay-nonce": nonce,
    "wechatpay-signature": sign(key, message([at, nonce], body)),
    "wechatpay-signature-type": scheme,
    "wechatpay-serial": serial
  }
}

/** The same headers as a probe: a party that looks must refuse them. */
export const probing = (headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> => ({
  ...headers,
  "wechatpay-signature": probeMark + (headers["wechatpay-signature"] ?? "")
})

const refused = (reason: Callback.Reason, what: string): Read<never> => Result.fail(Callback.refusal(reason, what))

/** Verifies an answer or a callback; tells the name of the key that signed it. Only then may the body be read. */
export const verifyAnswer = (
  { body, headers }: Answer,
  keys: WeChatKeys.WeChatKeys,
  now: CivilTime.Instant
): Read<string> => {
  const at = headers["wechatpay-timestamp"]
  const nonce = headers["wechatpay-nonce"]
  const signature = headers["wechatpay-signature"]
  const serial = headers["wechatpay-serial"]
  if (at === undefined || nonce === undefined || signature === undefined || serial === undefined) {
    return refused("malformed", "a header of the signature is missing")
  }
  if ((headers["wechatpay-signature-type"] ?? scheme) !== scheme) return refused("unsupported", "the type of signature")
  if (signature.startsWith(probeMark)) return refused("probe", "the signature")
  if (!isTimestamp(at) || !isNonce(nonce)) return refused("malformed", "a header of the signature")
  if (!isFresh(at, now)) return refused("stale", "the time of the signature")
  const chosen = WeChatKeys.choose(keys, serial, now)
  if (Result.isFailure(chosen)) return Result.fail(chosen.failure)
  return isSigned(chosen.success.key, message([at, nonce], body), signature)
    ? Result.succeed(chosen.success.serial)
    : refused("forged", "the signature")
}
