/**
 * The certificate inside of a message 签名公钥证书 (signPubKeyCert), by which UnionPay signs since version 5.1.0.
 *
 * Source: 全渠道平台接入接口规范, 5.1.0, 验签; RFC 5280, chapter 6. Anybody can put a certificate into a message and sign with
 * its key. It is believed only if a chain of certificates that stand here leads from it to a root, if all of them are
 * valid now, if its key may sign, and if its subject is UnionPay: the third part of its common name, between "@".
 */
import { Callback, type CivilTime } from "@yikatong/core"
import { Result } from "effect"
import * as Crypto from "node:crypto"
import * as CertificateFields from "./CertificateFields.ts"
import * as Chain from "./UnionPayChain.ts"
import type * as Message from "./UnionPayMessage.ts"
import type * as Signature from "./UnionPaySignature.ts"

/** Whom the subject names: UnionPay, or its test system, which has borne either name. */
export const subjects = { production: "中国银联股份有限公司", test: "00040000:SIGN" } as const
export type Environment = keyof typeof subjects

/** What is pinned, and whose certificates are looked for under it. */
export interface Pinned extends Chain.Anchors {
  readonly environment: Environment
}

/** The key of a certificate that is UnionPay's, and when. */
interface Found {
  readonly key: Crypto.KeyObject
  readonly validities: ReadonlyArray<Chain.Validity>
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

const refused = (what: string) => Result.fail(Callback.refusal("certificate", what))

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

/** Whether a subject is UnionPay's. What pays is believed of UnionPay alone; its test system bears its name as well. */
const isUnionPay = (environment: Environment, leaf: Crypto.X509Certificate): boolean => {
  const named = commonName(leaf)?.split("@")[2]
  return named === subjects.production || (environment === "test" && named === subjects.test)
}

const find = (pinned: Pinned, pem: string): Result.Result<Found, Callback.Refusal> => {
  const parsed = parse(pem)
  if (Result.isFailure(parsed)) return Result.fail(parsed.failure)
  const leaf = parsed.success
  const chains = Chain.validities(pinned, leaf)
  if (Result.isFailure(chains)) return Result.fail(chains.failure)
  if (!isUnionPay(pinned.environment, leaf)) return refused("the subject of the certificate")
  if (CertificateFields.read(leaf)?.signs !== true) return refused("the use of the certificate's key")
  return Result.succeed({ key: leaf.publicKey, validities: chains.success })
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
  const { key, validities } = found.success
  // A date that could not be read is none.
  return validities.some(({ from, to }) => from <= at && at <= to)
    ? Result.succeed(key)
    : refused("the validity of the certificate")
}

/** Who believes UnionPay at this time. */
export const verifier = (trust: Trust, at: CivilTime.Instant): Signature.Verifier => ({
  method: "01",
  keyOf: (message: Message.Message) => check(trust, message.get("signPubKeyCert") ?? "", at)
})
