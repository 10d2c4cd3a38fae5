/**
 * Chains of certificates 证书链: from one that came in a message, over those that are pinned, up to a pinned root.
 *
 * Source: RFC 5280, chapter 6. Each has issued the one before, by its names, by what its key may do, and by its
 * signature; none of the signatures below the root is by a broken digest, and no key is short. A root is believed because
 * it is pinned: nobody has to believe how it signed itself.
 */
import { Callback } from "@yikatong/core"
import { Result } from "effect"
import type * as Crypto from "node:crypto"
import * as CertificateFields from "./CertificateFields.ts"

/** What is pinned. `middles` 中级证书 and `roots` 根证书 stand in the configuration, never in a message. */
export interface Anchors {
  readonly roots: ReadonlyArray<Crypto.X509Certificate>
  readonly middles: ReadonlyArray<Crypto.X509Certificate>
  /**
   * Whether certificates that were signed with SHA-1 are believed; not, unless it is said. UnionPay's test system was
   * still known by such ones in 2024.
   */
  readonly believesSha1?: boolean
}

/** A certificate and those above it, the root last. */
type Chain = ReadonlyArray<Crypto.X509Certificate>

/** From when to when all of a chain is valid, in milliseconds since 1970, both ends included. */
export interface Validity {
  readonly from: number
  readonly to: number
}

/** The shortest key, in bits. */
const shortestKey = 2_048
/** The most certificates of a chain, leaf and root included. */
const longest = 4

/** Whether one has issued the other: by the names, by the key's use, and by the signature. */
const hasIssued = (issuer: Crypto.X509Certificate, issued: Crypto.X509Certificate): boolean => {
  try {
    return issuer.ca && issued.checkIssued(issuer) && issued.verify(issuer.publicKey)
  } catch {
    // A key or an algorithm that OpenSSL does not know has signed nothing.
    return false
  }
}

/** Every chain from a certificate up to a root: while an issuer is renewed, two of one name and one key are pinned. */
function* chainsOf(anchors: Anchors, chain: Chain): Generator<Chain> {
  const last = chain.at(-1)
  if (last === undefined || chain.length >= longest) return
  for (const root of anchors.roots) if (hasIssued(root, last)) yield [...chain, root]
  for (const middle of anchors.middles) {
    if (!chain.includes(middle) && hasIssued(middle, last)) yield* chainsOf(anchors, [...chain, middle])
  }
}

const isStrong = ({ asymmetricKeyDetails, asymmetricKeyType }: Crypto.KeyObject): boolean =>
  asymmetricKeyType === "rsa" && (asymmetricKeyDetails?.modulusLength ?? 0) >= shortestKey

/** Why a chain is not believed, if it is not. */
const flawOf = ({ believesSha1 = false }: Anchors, chain: Chain): string | undefined => {
  for (const [index, certificate] of chain.entries()) {
    const whose = index === 0 ? "the certificate" : "an issuer of the certificate"
    if (!isStrong(certificate.publicKey)) return `the key of ${whose}`
    if (index === chain.length - 1) continue
    const digest = CertificateFields.read(certificate)?.digest
    if (digest === "sha1" && !believesSha1) return `${whose} is signed with SHA-1`
    if (digest !== "sha1" && digest !== "sha2") return `the algorithm that signed ${whose}`
  }
  return undefined
}

const refused = (what: string) => Result.fail(Callback.refusal("certificate", what))

/** When a certificate is believed: by each chain that is good. */
export const validities = (
  anchors: Anchors,
  leaf: Crypto.X509Certificate
): Result.Result<ReadonlyArray<Validity>, Callback.Refusal> => {
  const found: Array<Validity> = []
  let flaw: string | undefined
  for (const chain of chainsOf(anchors, [leaf])) {
    const problem = flawOf(anchors, chain)
    flaw ??= problem
    if (problem !== undefined) continue
    found.push({
      from: Math.max(...chain.map(({ validFrom }) => Date.parse(validFrom))),
      to: Math.min(...chain.map(({ validTo }) => Date.parse(validTo)))
    })
  }
  return found.length > 0 ? Result.succeed(found) : refused(flaw ?? "the issuer of the certificate")
}
