/**
 * Answers of the Alipay gateway 同步返回: `{"alipay_trade_query_response":{…},"sign":"…"}`.
 *
 * The signature is over the text of the inner object exactly as it was sent. So a scanner that knows strings and
 * escapes finds its first and last character before anything is parsed; searching for the name would find it inside a
 * value, and writing the object anew would change it. Source: Alipay open platform, 同步返回参数的验签.
 */
import { Callback } from "@yikatong/core"
import { Result } from "effect"
import type { KeyObject } from "node:crypto"
import * as JsonBody from "../JsonBody.ts"
import * as AlipaySignature from "./AlipaySignature.ts"

/**
 * What came back. `Unsigned`: the gateway knew neither us nor a key, or somebody in between answers; its codes are for
 * the log, and nothing is known of the call.
 */
export type AlipayResponse =
  | { readonly _tag: "Signed"; readonly body: unknown }
  | { readonly _tag: "Unsigned"; readonly body: unknown }

/** Bytes of the largest answer that is read: none of ours comes near. */
export const largest = 65_536

const failure = "error_response"

/** The name of the member that answers a method: `alipay.trade.query` is answered in `alipay_trade_query_response`. */
export const memberOf = (method: string): string => `${method.replaceAll(".", "_")}_response`

/** Believes the answer to a method, or says why not. */
export const read = (
  bytes: Uint8Array,
  method: string,
  trust: AlipaySignature.Trust
): Result.Result<AlipayResponse, Callback.Refusal> => {
  if (bytes.length > largest) return refused("tooLarge", "an answer")
  const text = decode(bytes)
  if (text === undefined) return refused("charset", "an answer that is not UTF-8")
  const scanned = scan(text)
  if (Result.isFailure(scanned)) return Result.fail(scanned.failure)
  const members = scanned.success
  const answer = members.get(memberOf(method))
  const error = members.get(failure)
  if (answer !== undefined && error !== undefined) return refused("malformed", "an answer and an error at once")
  const object = answer ?? error
  if (object === undefined) return refused("malformed", "an answer to another method")
  if (!object.startsWith("{")) return refused("unsupported", "an answer that is no object")
  const signature = members.get("sign")
  if (signature === undefined && error !== undefined) return parsed(error, "Unsigned")
  const certificate = unquoted(members.get("alipay_cert_sn"))
  // Where all that is believed are certificates, an answer says which: so the key of one is never taken for another's.
  const isNamed = trust.length === 0 || trust.some((trusted) => trusted.certificate === undefined)
  if (certificate === undefined && !isNamed) return refused("certificate", "an answer that names no certificate")
  return Result.flatMap(
    AlipaySignature.verify(object, unquoted(signature), trust, certificate),
    () => parsed(object, "Signed")
  )
}

const parsed = (object: string, tag: AlipayResponse["_tag"]): Result.Result<AlipayResponse, Callback.Refusal> =>
  Result.map(JsonBody.parse(Buffer.from(object)), (body) => ({ _tag: tag, body }))

const refused = (reason: Callback.Reason, what: string) => Result.fail(Callback.refusal(reason, what))

const decode = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** A serial or a signature without its quotes. The gateway may write a slash as `\/`; it has no other escape here. */
const unquoted = (token: string | undefined): string | undefined =>
  token === undefined ? undefined : token.replace(/^"|"$/g, "").replaceAll("\\/", "/")

/** The texts of the members of the outermost object, by their names; a name twice is refused. */
const scan = (text: string): Result.Result<ReadonlyMap<string, string>, Callback.Refusal> => {
  const members = new Map<string, string>()
  const malformed = refused("malformed", "an answer that is no JSON object")
  let at = afterBlanks(text, 0)
  if (text[at] !== "{") return malformed
  at = afterBlanks(text, at + 1)
  while (true) {
    const nameEnd = afterString(text, at)
    if (nameEnd === undefined) return malformed
    const name = text.slice(at + 1, nameEnd - 1)
    // A name with an escape would be another name for another reader.
    if (name.includes("\\")) return malformed
    at = afterBlanks(text, nameEnd)
    if (text[at] !== ":") return malformed
    at = afterBlanks(text, at + 1)
    const end = afterValue(text, at)
    if (end === undefined) return malformed
    if (members.has(name)) return refused("duplicateKey", "an answer")
    members.set(name, text.slice(at, end))
    at = afterBlanks(text, end)
    if (text[at] === ",") {
      at = afterBlanks(text, at + 1)
      continue
    }
    return text[at] === "}" && afterBlanks(text, at + 1) === text.length ? Result.succeed(members) : malformed
  }
}

const blanks = " \t\r\n"

const afterBlanks = (text: string, from: number): number => {
  let at = from
  while (at < text.length && blanks.includes(text.charAt(at))) at++
  return at
}

/** The place after the string that begins at `from`, if one does. */
const afterString = (text: string, from: number): number | undefined => {
  if (text[from] !== "\"") return undefined
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === "\\") at++
    else if (text[at] === "\"") return at + 1
  }
  return undefined
}

/** The place after the value that begins at `from`. Whether the inside is JSON is for the parser to say. */
const afterValue = (text: string, from: number): number | undefined => {
  let depth = 0
  let at = from
  while (at < text.length) {
    const character = text.charAt(at)
    if (character === "\"") {
      const end = afterString(text, at)
      if (end === undefined) return undefined
      at = end
    } else if (character === "{" || character === "[") {
      depth++
      at++
    } else if (character === "}" || character === "]") {
      if (depth === 0) break
      depth--
      at++
    } else if (depth === 0 && (character === "," || blanks.includes(character))) {
      break
    } else {
      at++
      continue
    }
    if (depth === 0) break
  }
  return depth === 0 && at > from ? at : undefined
}

/**
 * The other side: an answer to a method, signed. `certificate`: the serial of the gateway's own certificate, if it has
 * one.
 */
export const write = (method: string, body: object, key: KeyObject, certificate?: string): string => {
  const object = JSON.stringify(body)
  const named = certificate === undefined ? "" : `,"alipay_cert_sn":${JSON.stringify(certificate)}`
  return `{"${memberOf(method)}":${object}${named},"sign":"${AlipaySignature.sign(object, key)}"}`
}

/** The other side: an error that the gateway does not sign, since it does not know who asks. */
export const writeUnsigned = (body: object): string => `{"${failure}":${JSON.stringify(body)}}`
