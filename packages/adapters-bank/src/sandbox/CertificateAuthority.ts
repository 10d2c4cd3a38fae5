/**
 * Certificates 证书签发: a root, those below it, and those who sign with them, as the sandbox's channels have them.
 *
 * Source: RFC 5280, X.509 version 3, in DER. Node reads certificates and does not write them; no more is written here than
 * a channel's certificates have. Keys are RSA, signatures RSA with SHA-256. Serial numbers and times are given, so that
 * whoever makes the keys decides the rest as well.
 */
import { CivilTime } from "@yikatong/core"
import * as Crypto from "node:crypto"

/** Whom a certificate names. */
export interface Subject {
  readonly commonName: string
  readonly organization?: string
}

/** What is to be certified. `serial`: a positive number that its issuer gives once; `from`, `to`: whole seconds of it. */
export interface Wanted {
  readonly subject: Subject
  readonly serial: bigint
  readonly from: CivilTime.Instant
  readonly to: CivilTime.Instant
}

/** One who signs: with a certificate. */
export interface Certified {
  readonly subject: Subject
  readonly certificate: Crypto.X509Certificate
  readonly pem: string
  readonly key: Crypto.KeyObject
}

/** A pair of RSA keys. */
export interface Keys {
  readonly publicKey: Crypto.KeyObject
  readonly privateKey: Crypto.KeyObject
}

/** One element of DER: its tag, its length in as few bytes as can be, its content. */
const element = (tag: number, ...contents: ReadonlyArray<Uint8Array>): Uint8Array => {
  const content = Buffer.concat(contents)
  if (content.length < 0x80) return Buffer.concat([Uint8Array.of(tag, content.length), content])
  const length = bytesOf(BigInt(content.length))
  return Buffer.concat([Uint8Array.of(tag, 0x80 | length.length), length, content])
}

/** A number's bytes, the highest first. */
const bytesOf = (number: bigint): Uint8Array => {
  const digits = number.toString(16)
  return Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, "hex")
}

const sequence = (...parts: ReadonlyArray<Uint8Array>) => element(0x30, ...parts)
const set = (...parts: ReadonlyArray<Uint8Array>) => element(0x31, ...parts)
const octets = (content: Uint8Array) => element(0x04, content)
/** A text of bits without a rest. */
const bits = (content: Uint8Array) => element(0x03, Uint8Array.of(0), content)
const yes = element(0x01, Uint8Array.of(0xff))
const nothing = element(0x05)
const utf8 = (text: string) => element(0x0c, Buffer.from(text, "utf8"))
const ascii = (tag: number, text: string) => element(tag, Buffer.from(text, "latin1"))

/** A number that is not negative: a leading one would be a sign. */
const integer = (number: bigint): Uint8Array => {
  const bytes = bytesOf(number)
  return element(0x02, (bytes[0] ?? 0) & 0x80 ? Uint8Array.of(0) : new Uint8Array(), bytes)
}

/** An object identifier, from its arcs. */
const identifier = (dotted: string): Uint8Array => {
  const [first = 0, second = 0, ...others] = dotted.split(".").map(Number)
  const bytes = [first * 40 + second, ...others].flatMap((arc) => {
    const groups = [arc & 0x7f]
    for (let rest = arc >>> 7; rest > 0; rest >>>= 7) groups.unshift(0x80 | (rest & 0x7f))
    return groups
  })
  return element(0x06, Uint8Array.from(bytes))
}

const ids = {
  sha256WithRsa: identifier("1.2.840.113549.1.1.11"),
  commonName: identifier("2.5.4.3"),
  country: identifier("2.5.4.6"),
  organization: identifier("2.5.4.10"),
  subjectKey: identifier("2.5.29.14"),
  keyUsage: identifier("2.5.29.15"),
  basicConstraints: identifier("2.5.29.19"),
  issuerKey: identifier("2.5.29.35")
}
const algorithm = sequence(ids.sha256WithRsa, nothing)

const nameOf = ({ commonName, organization }: Subject): Uint8Array =>
  sequence(
    set(sequence(ids.country, ascii(0x13, "CN"))),
    ...(organization === undefined ? [] : [set(sequence(ids.organization, utf8(organization)))]),
    set(sequence(ids.commonName, utf8(commonName)))
  )

/** Two digits of a year until 2049, four from then on. */
const time = (at: CivilTime.Instant): Uint8Array => {
  // Written in Beijing's hours elsewhere, and in Greenwich's here.
  const digits = CivilTime.format(CivilTime.later(at, -8 * CivilTime.hour)).replaceAll(/[^0-9]/g, "")
  return digits < "2050" ? ascii(0x17, `${digits.slice(2)}Z`) : ascii(0x18, `${digits}Z`)
}

const spkiOf = (key: Crypto.KeyObject): Uint8Array => {
  if (key.asymmetricKeyType !== "rsa") throw new RangeError("Certificates here are of RSA keys")
  return key.export({ type: "spki", format: "der" })
}

/** What a key is known by: any number that is its own. */
const keyId = (key: Crypto.KeyObject): Uint8Array => Crypto.createHash("sha1").update(spkiOf(key)).digest()

const extension = (id: Uint8Array, content: Uint8Array, isCritical = false): Uint8Array =>
  sequence(id, ...(isCritical ? [yes] : []), octets(content))

/** keyCertSign and cRLSign of an authority; digitalSignature of one who signs messages. */
const usage = (isAuthority: boolean): Uint8Array =>
  isAuthority ? element(0x03, Uint8Array.of(1, 0x06)) : element(0x03, Uint8Array.of(7, 0x80))

const certify = (
  { from, serial, subject, to }: Wanted,
  keys: Keys,
  issuer: { readonly subject: Subject; readonly publicKey: Crypto.KeyObject; readonly key: Crypto.KeyObject },
  isAuthority: boolean
): Certified => {
  if (serial <= 0n || bytesOf(serial).length > 20) {
    throw new RangeError("A serial number is positive, of 20 bytes at most")
  }
  const extensions = sequence(
    extension(ids.basicConstraints, sequence(...(isAuthority ? [yes] : [])), true),
    extension(ids.keyUsage, usage(isAuthority), true),
    extension(ids.subjectKey, octets(keyId(keys.publicKey))),
    extension(ids.issuerKey, sequence(element(0x80, keyId(issuer.publicKey))))
  )
  const body = sequence(
    // Version 3, which is called 2.
    element(0xa0, integer(2n)),
    integer(serial),
    algorithm,
    nameOf(issuer.subject),
    sequence(time(from), time(to)),
    nameOf(subject),
    spkiOf(keys.publicKey),
    element(0xa3, extensions)
  )
  const certificate = new Crypto.X509Certificate(
    sequence(body, algorithm, bits(Crypto.sign("sha256", body, issuer.key)))
  )
  return { subject, certificate, pem: certificate.toString(), key: keys.privateKey }
}

/** A root 根证书, which certifies itself. */
export const root = (wanted: Wanted, keys: Keys): Certified =>
  certify(wanted, keys, { subject: wanted.subject, publicKey: keys.publicKey, key: keys.privateKey }, true)

const below = (issuer: Certified, wanted: Wanted, keys: Keys, isAuthority: boolean): Certified =>
  certify(wanted, keys, { ...issuer, publicKey: issuer.certificate.publicKey }, isAuthority)

/** One who may certify others, below a root 中级证书. */
export const middle = (issuer: Certified, wanted: Wanted, keys: Keys): Certified => below(issuer, wanted, keys, true)

/** One who signs messages and certifies nobody. */
export const leaf = (issuer: Certified, wanted: Wanted, keys: Keys): Certified => below(issuer, wanted, keys, false)
