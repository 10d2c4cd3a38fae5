/**
 * The keys with which WeChat Pay signs 微信支付公钥与平台证书: a ring of public keys, each under the name by which a signature
 * calls it.
 *
 * A key is either WeChat Pay's public key (its name is PUB_KEY_ID_ and digits, it does not expire) or that of a
 * platform certificate (its name is the serial in hexadecimal, it has a validity). The key is chosen by its name and
 * never as the newest: while they are changed, old and new ones sign side by side. Source: WeChat Pay APIv3, 如何验证签名,
 * 平台证书, 微信支付公钥.
 */
import { Callback, CivilTime } from "@yikatong/core"
import { Result } from "effect"
import { createPublicKey, type KeyObject, X509Certificate } from "node:crypto"
import type { Read } from "../JsonBody.ts"

/** One key. `serial`: its name; `from`, `until`: when a certificate is valid, both ends included. */
export type VerifyingKey =
  | { readonly _tag: "PublicKey"; readonly serial: string; readonly key: KeyObject }
  | {
    readonly _tag: "Certificate"
    readonly serial: string
    readonly key: KeyObject
    readonly from: CivilTime.Instant
    readonly until: CivilTime.Instant
  }

/** Keys by their names. */
export type WeChatKeys = ReadonlyMap<string, VerifyingKey>

const refused = (reason: Callback.Reason, what: string): Read<never> => Result.fail(Callback.refusal(reason, what))

/** WeChat Pay's public key 微信支付公钥. `serial`: as the merchant platform shows it; `pem`: its file. */
export const publicKey = (serial: string, pem: string | KeyObject): Read<VerifyingKey> => {
  if (!/^PUB_KEY_ID_\w{1,64}$/.test(serial)) return refused("malformed", "the id of a public key")
  let key: KeyObject
  try {
    key = typeof pem === "string" ? createPublicKey(pem) : pem
  } catch {
    return refused("malformed", "the public key")
  }
  return isStrong(key)
    ? Result.succeed({ _tag: "PublicKey", serial, key })
    : refused("unsupported", "the kind of public key")
}

/** A platform certificate 平台证书. `issuer`: where the house pins one, it must have been issued by it. */
export const certificate = (pem: string, issuer?: X509Certificate): Read<VerifyingKey> => {
  let certificate: X509Certificate
  try {
    certificate = new X509Certificate(pem)
  } catch {
    return refused("malformed", "the certificate")
  }
  if (issuer !== undefined && !(certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey))) {
    return refused("certificate", "the certificate is of another issuer")
  }
  const from = instantOf(certificate.validFrom)
  const until = instantOf(certificate.validTo)
  if (from === undefined || until === undefined) return refused("certificate", "the validity of the certificate")
  return isStrong(certificate.publicKey)
    ? Result.succeed({
      _tag: "Certificate",
      serial: canonical(certificate.serialNumber),
      key: certificate.publicKey,
      from,
      until
    })
    : refused("unsupported", "the kind of key in the certificate")
}

const instantOf = (written: string): CivilTime.Instant | undefined => {
  const at = Date.parse(written)
  return at >= CivilTime.firstInstant && at <= CivilTime.lastInstant ? at as CivilTime.Instant : undefined
}

const isStrong = (key: KeyObject): boolean =>
  key.type === "public" && key.asymmetricKeyType === "rsa" && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= 2048

/** A ring of these. The same name with another key is refused: one of them is not WeChat Pay's. */
export const ring = (keys: Iterable<VerifyingKey>): Read<WeChatKeys> => {
  const all = new Map<string, VerifyingKey>()
  for (const key of keys) {
    const known = all.get(key.serial)
    if (known !== undefined && !known.key.equals(key.key)) return refused("duplicateKey", "two keys of one name")
    all.set(key.serial, key)
  }
  return Result.succeed(all)
}

/** The ring with these as well: during a change both are believed 平滑更换. */
export const join = (keys: WeChatKeys, more: Iterable<VerifyingKey>): Read<WeChatKeys> =>
  ring([...keys.values(), ...more])

/** The ring without the certificates that have expired. */
export const live = (keys: WeChatKeys, now: CivilTime.Instant): WeChatKeys =>
  new Map([...keys].filter(([, key]) => key._tag === "PublicKey" || now <= key.until))

/** The key of this name, if it may sign now. */
export const choose = (keys: WeChatKeys, serial: string, now: CivilTime.Instant): Read<VerifyingKey> => {
  const key = keys.get(canonical(serial))
  if (key === undefined) return refused("unknownKey", "the serial of the signature")
  if (key._tag === "PublicKey") return Result.succeed(key)
  if (now < key.from) return refused("certificate", "the certificate is not yet valid")
  return now > key.until ? refused("certificate", "the certificate is expired") : Result.succeed(key)
}

/** A serial is a number: its case and its leading zeros say nothing. The id of a public key is taken as it stands. */
export const canonical = (serial: string): string =>
  /^[0-9A-Fa-f]{1,40}$/.test(serial) ? serial.toUpperCase().replace(/^0+(?=.)/, "") : serial

/** What ends soon. `left`: in milliseconds, negative if it is over. */
export interface Expiry {
  readonly serial: string
  readonly until: CivilTime.Instant
  readonly left: number
}

/** The certificates that expire within this time (in milliseconds) or have expired, the first to end first. */
export const expiring = (keys: WeChatKeys, now: CivilTime.Instant, within: number): ReadonlyArray<Expiry> =>
  [...keys.values()]
    .flatMap((key) =>
      key._tag === "Certificate" ? [{ serial: key.serial, until: key.until, left: key.until - now }] : []
    )
    .filter(({ left }) => left <= within)
    .sort((a, b) => a.left - b.left)
