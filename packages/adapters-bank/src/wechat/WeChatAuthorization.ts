/**
 * The header by which a merchant signs a request 请求签名 (Authorization), written and verified.
 *
 * Five lines are signed: method, target (path and query as sent), time in seconds, nonce, body. Sign the bytes that are
 * sent: serialise once. Source: WeChat Pay APIv3, 签名生成.
 */
import { Callback, type CivilTime } from "@yikatong/core"
import { Result } from "effect"
import type { KeyObject } from "node:crypto"
import type { Read } from "../JsonBody.ts"
import * as WeChatKeys from "./WeChatKeys.ts"
import * as WeChatSignature from "./WeChatSignature.ts"

/**
 * What is signed of a request. `target`: the path and query, percent-encoded, without the host; `body`: empty for GET.
 */
export interface Request {
  readonly method: string
  readonly target: string
  readonly body: Uint8Array
}

/** A merchant who signs 商户. `serial`: of the merchant's certificate, in hexadecimal. */
export interface Merchant extends WeChatSignature.Signer {
  readonly mchid: string
}

/** What the header says. */
export interface WeChatAuthorization {
  readonly mchid: string
  readonly serial: string
  readonly timestamp: string
  readonly nonce: string
  readonly signature: string
}

/** The bytes that are signed. */
export const message = ({ body, method, target }: Request, timestamp: string, nonce: string): Uint8Array =>
  WeChatSignature.message([method, target, timestamp, nonce], body)

/** The value of the header for a request. */
export const sign = (
  { key, mchid, serial }: Merchant,
  request: Request,
  { nonce, now }: WeChatSignature.Occasion
): string => {
  WeChatSignature.assertNonce(nonce)
  if (!request.target.startsWith("/")) {
    throw new RangeError("The target of a request is its path and query, without a host")
  }
  const timestamp = WeChatSignature.timestamp(now)
  const signature = WeChatSignature.sign(key, message(request, timestamp, nonce))
  return `${WeChatSignature.scheme} mchid="${mchid}",nonce_str="${nonce}",signature="${signature}",` +
    `timestamp="${timestamp}",serial_no="${serial}"`
}

const refused = (reason: Callback.Reason, what: string): Read<never> => Result.fail(Callback.refusal(reason, what))

const names = ["mchid", "serial_no", "timestamp", "nonce_str", "signature"] as const

/** Reads the header: five fields in any order, each once. */
export const parse = (header: string): Read<WeChatAuthorization> => {
  if (header.length > 2_048) return refused("tooLarge", "the authorization")
  const [scheme = "", ...rest] = header.split(" ")
  if (scheme !== WeChatSignature.scheme) return refused("unsupported", "the type of authorization")
  const fields = new Map<string, string>()
  for (const part of rest.join(" ").split(",")) {
    const written = /^ *([a-z_]{1,32})="([^"]*)" *$/.exec(part)
    if (written === null) return refused("malformed", "the authorization")
    const [, name = "", value = ""] = written
    if (fields.has(name)) return refused("duplicateKey", "a field of the authorization")
    fields.set(name, value)
  }
  const [mchid, serial, timestamp, nonce, signature] = names.map((name) => fields.get(name))
  if (
    mchid === undefined || serial === undefined || timestamp === undefined || nonce === undefined ||
    signature === undefined || fields.size !== names.length
  ) return refused("malformed", "the fields of the authorization")
  if (!WeChatSignature.isTimestamp(timestamp) || !/^[0-9A-Za-z]{1,32}$/.test(nonce) || !/^\d{1,32}$/.test(mchid)) {
    return refused("malformed", "a field of the authorization")
  }
  return Result.succeed({ mchid, serial, timestamp, nonce, signature })
}

/** Verifies a request as WeChat Pay does. `keyOf`: the key of a merchant's certificate, by both names. */
export const verify = (
  header: string | undefined,
  request: Request,
  keyOf: (mchid: string, serial: string) => KeyObject | undefined,
  now: CivilTime.Instant
): Read<WeChatAuthorization> =>
  Result.flatMap(
    header === undefined ? refused("malformed", "the authorization is missing") : parse(header),
    (said) => {
      if (!WeChatSignature.isFresh(said.timestamp, now)) return refused("stale", "the time of the authorization")
      const key = keyOf(said.mchid, WeChatKeys.canonical(said.serial))
      if (key === undefined) return refused("unknownKey", "the certificate of the merchant")
      return WeChatSignature.isSigned(key, message(request, said.timestamp, said.nonce), said.signature)
        ? Result.succeed(said)
        : refused("forged", "the signature of the request")
    }
  )
