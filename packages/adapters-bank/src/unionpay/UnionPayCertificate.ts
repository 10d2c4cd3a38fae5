/**
 * The certificate inside of a message 签名公钥证书 (signPubKeyCert), by which UnionPay signs since version 5.1.0.
 *
 * Source: 全渠道平台接入接口规范, 5.1.0, 验签; RFC 5280, chapter 6. Anybody can put a certificate into a message and sign with
 * its key. It is believed only if a chain of certificates that stand here (middle 中级证书, root 根证书) leads from it to a
 * root, if all of them are valid now, and if its subject is UnionPay: the third part of its common name, between "@".
 */
import { Callback, type CivilTime } from "@yikatong/core"
import { Result } from "effect"
import * as Crypto from "node:crypto"
import type * as Message from "./UnionPayMessage.ts"
import type * as Signature from "./UnionPaySignature.ts"

/** Whom the subject names: UnionPay, or its test system. */
export const subjects = { production: "中国银联股份有限公司", test: "00040000:SIGN" } as const
export type Environment = keyof typeof subjects

/** What is pinned. `middles` and `roots`: they stand in the configuration, never in a message. */
export interface Pinned {
  readonly environment: Environment
  readonly roots: ReadonlyArray<Crypto.X509Certificate>
  readonly middles: ReadonlyArray<Crypto.X509Certificate>
}

/** A certificate and those above it, the root last. */
type Chain = ReadonlyArray<Crypto.X509Certificate>

/** The key of a certificate under which a chain was found, and from when to when all of the chain is valid. */
interface Found {
  readonly key: Crypto.KeyObject
  readonly from: number
  readonly to: number
}

/** What is pinned, with what was found under it before: UnionPay sends the same certificate for years. */
export interface Trust extends Pinned {
  readonly found: Map<string, Found>
}

export const trust = (pinned: Pinned): Trust => ({ ...pinned, found: new Map() })

/** As many different certificates of UnionPay's are in use at a time, at most. */
const mostFound = 16
/** The largest certificate, in characters. */
const largest = 16_384
/** The shortest key, in bits. */
const shortestKey = 2_048
/** The most certificates of a chain, leaf and root included. */
const longest = 4

const refused = (what: string) => Result.fail(Callback.refusal("certificate", what))

/** Whether one has issued the other: by the names, by the key's use, and by the signature. */
const hasIssued = (issuer: Crypto.X509Certificate, issued: Crypto.X509Certificate): boolean =>
  issuer.ca && issued.checkIssued(issuer) && issued.verify(issuer.publicKey)

/** The chain from a certificate up to a root. */
const chainOf = (pinned: Pinned, chain: Chain): Chain | undefined => {
  const last = chain.at(-1)
  if (last === undefined || chain.length >= longest) return undefined
  const root = pinned.roots.find((root) => hasIssued(root, last))
  if (root !== undefined) return [...chain, root]
  for (const middle of pinned.middles) {
    if (chain.includes(middle) || !hasIssued(middle, last)) continue
    const found = chainOf(pinned, [...chain, middle])
    if (found !== undefined) return found
  }
  return undefined
}

/**
 * The common name, if there is exactly one. The text of `subject` would have to be taken apart, and could be made to
 * lie.
 */
const commonName = (certificate: Crypto.X509Certificate): string | undefined => {
  const name: unknown = certificate.toLegacyObject().subject.CN
  return typeof name === "string" ? name : undefined
}

const parse = (pem: string): Result.Result<Crypto.X509Certificate, Callback.Refusal> => {
  if (pem.length > largest) return Result.fail(Callback.refusal("tooLarge", "the certificate"))
  // One: of several, the parser reads the first and another reader might read the last.
  if (!/^\s*-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*$/.test(pem)) {
    return Result.fail(Callback.refusal("malformed", "the certificate"))
  }
  return Result.try({
    try: () => new Crypto.X509Certificate(pem),
    catch: () => Callback.refusal("malformed", "the certificate")
  })
}

const find = (pinned: Pinned, pem: string): Result.Result<Found, Callback.Refusal> => {
  const parsed = parse(pem)
  if (Result.isFailure(parsed)) return Result.fail(parsed.failure)
  const leaf = parsed.success
  const chain = Result.getOrUndefined(Result.try({ try: () => chainOf(pinned, [leaf]), catch: () => undefined }))
  if (chain === undefined) return refused("the issuer of the certificate")
  if (commonName(leaf)?.split("@")[2] !== subjects[pinned.environment]) return refused("the subject of the certificate")
  const key = leaf.publicKey
  if (key.asymmetricKeyType !== "rsa" || (key.asymmetricKeyDetails?.modulusLength ?? 0) < shortestKey) {
    return refused("the key of the certificate")
  }
  return Result.succeed({
    key,
    from: Math.max(...chain.map(({ validFrom }) => Date.parse(validFrom))),
    to: Math.min(...chain.map(({ validTo }) => Date.parse(validTo)))
  })
}

/** The key of a certificate that is UnionPay's at this time. */
export const check = (
  trust: Trust,
  pem: string,
  at: CivilTime.Instant
): Result.Result<Crypto.KeyObject, Callback.Refusal> => {
  const known = trust.found.get(pem)
  const found = known === undefined ? find(trust, pem) : Result.succeed(known)
  if (Result.isFailure(found)) return Result.fail(found.failure)
  if (known === undefined) {
    if (trust.found.size >= mostFound) trust.found.clear()
    trust.found.set(pem, found.success)
  }
  const { from, key, to } = found.success
  // A date that could not be read is none.
  return from <= at && at <= to ? Result.succeed(key) : refused("the validity of the certificate")
}

/** Who believes UnionPay at this time. */
export const verifier = (trust: Trust, at: CivilTime.Instant): Signature.Verifier => ({
  method: "01",
  keyOf: (message: Message.Message) => check(trust, message.get("signPubKeyCert") ?? "", at)
})
