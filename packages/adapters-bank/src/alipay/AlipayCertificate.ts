/**
 * Certificates of the Alipay gateway 公钥证书模式: the serials by which a request names them, and the way from a
 * certificate up to a root that the school has pinned.
 *
 * A serial is the MD5 of the issuer's name and the certificate's number in decimal; it is a name, not a protection. The
 * name is written from its end (RFC 2253), `CN=…,OU=…,O=…,C=…`. Source: Alipay open platform, 证书 SN.
 */
import { Callback, type CivilTime } from "@yikatong/core"
import { Result } from "effect"
import { createHash, X509Certificate } from "node:crypto"

/** The certificates of a PEM file, in its order. */
export const read = (pem: string): Result.Result<ReadonlyArray<X509Certificate>, Callback.Refusal> => {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  try {
    return blocks.length > 0
      ? Result.succeed(blocks.map((block) => new X509Certificate(block)))
      : Result.fail(Callback.refusal("certificate", "a file without a certificate"))
  } catch {
    return Result.fail(Callback.refusal("certificate", "a certificate that cannot be read"))
  }
}

/** The serial of one certificate 证书序列号: `app_cert_sn`, or the `alipay_cert_sn` of an answer. */
export const serial = ({ issuer, serialNumber }: X509Certificate): string =>
  createHash("md5").update(issuer.split("\n").reverse().join(",") + BigInt(`0x${serialNumber}`).toString()).digest(
    "hex"
  )

/** `alipay_root_cert_sn`: the serials of all that are signed with RSA; the file has others, for SM2. */
export const rootSerial = (roots: ReadonlyArray<X509Certificate>): string =>
  roots.filter((root) => isSignedWithRsa(root.raw)).map(serial).join("_")

/** 1.2.840.113549.1.1, under which PKCS#1 names its algorithms. */
const pkcs1 = Buffer.from("2a864886f70d0101", "hex")

/**
 * Looks up the algorithm in the DER itself: not every version of Node tells it, and the key of a root may be no RSA
 * key.
 */
const isSignedWithRsa = (der: Buffer): boolean => {
  const oid = algorithmOf(der)
  return der.subarray(oid, oid + pkcs1.length).equals(pkcs1)
}

/** Where the name of the algorithm of a certificate's signature begins. */
const algorithmOf = (der: Buffer): number => {
  const [body] = contents(der, 0)
  const [, afterBody] = contents(der, body)
  const [identifier] = contents(der, afterBody)
  const [oid] = contents(der, identifier)
  return oid
}

/** Where the contents of a DER value begin, and where they end. */
const contents = (der: Buffer, at: number): readonly [start: number, end: number] => {
  const first = der[at + 1] ?? 0
  if (first < 0x80) return [at + 2, at + 2 + first]
  const size = first & 0x7f
  return [at + 2 + size, at + 2 + size + der.readUIntBE(at + 2, size)]
}

/** The last arc of the algorithms that are believed: RSA with SHA-256, SHA-384 and SHA-512; SHA-1 has 5. */
const sound: ReadonlyArray<number | undefined> = [11, 12, 13]

/** Whether a certificate was signed with RSA and a hash that nobody finds two texts for. */
const isSoundlySigned = (der: Buffer): boolean => {
  const at = algorithmOf(der)
  return isSignedWithRsa(der) && sound.includes(der[at + pkcs1.length])
}

/** Keys that are shorter can be computed. */
const shortestKey = 2_048

/** Leaf, two authorities, root: no chain in use is longer. */
const longestChain = 4

/**
 * The first certificate of a file, if a chain leads from it to a pinned root, each link valid at `at`. `organisation`:
 * whose it must be. Merchants have theirs from the same authority, so the chain alone does not make it Alipay's.
 */
export const trusted = (
  file: ReadonlyArray<X509Certificate>,
  roots: ReadonlyArray<X509Certificate>,
  organisation: string,
  at: CivilTime.Instant
): Result.Result<X509Certificate, Callback.Refusal> => {
  const [leaf, ...between] = file
  if (leaf === undefined) return refused("a file without a certificate")
  if (!leaf.subject.split("\n").includes(`O=${organisation}`)) return refused("the certificate of another subject")
  const { asymmetricKeyDetails, asymmetricKeyType } = leaf.publicKey
  if (asymmetricKeyType !== "rsa" || (asymmetricKeyDetails?.modulusLength ?? 0) < shortestKey) {
    return refused("a certificate of a key that is not RSA of 2048 bits")
  }
  let current = leaf
  for (let length = 0; length < longestChain; length++) {
    if (at < Date.parse(current.validFrom)) return refused("a certificate that is not valid yet")
    if (at > Date.parse(current.validTo)) return refused("a certificate that is no longer valid")
    if (roots.some((root) => root.fingerprint256 === current.fingerprint256)) return Result.succeed(leaf)
    if (!isSoundlySigned(current.raw)) {
      return refused("a certificate that is signed with another algorithm than SHA256WithRSA")
    }
    const issuer = [...roots, ...between].find((candidate) => issued(candidate, current))
    if (issuer === undefined) break
    current = issuer
  }
  return refused("a certificate of an unknown issuer")
}

const refused = (what: string) => Result.fail(Callback.refusal("certificate", what))

const issued = (issuer: X509Certificate, subject: X509Certificate): boolean => {
  if (!issuer.ca || !subject.checkIssued(issuer)) return false
  try {
    return subject.verify(issuer.publicKey)
  } catch {
    // A key on a curve that this OpenSSL does not know.
    return false
  }
}
