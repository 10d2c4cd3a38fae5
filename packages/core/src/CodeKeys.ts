/**
 * The keys behind signed codes 密钥: those of the issuers 发码方, which every terminal holds, and the secret ones, which no
 * terminal holds. Ed25519, RFC 8032. Sources: R4, R5, R12, R13.
 *
 * A terminal judges codes with public keys alone, so a stolen one gives nothing away. The list is data that the school
 * hands out: decode it with {@link IssuerKeys}. A key that has leaked is taken off the list; one that is due to be
 * replaced stands beside its successor until its `notAfter`.
 */
import { ed25519 } from "@noble/curves/ed25519.js"
import { bytesToHex, hexToBytes } from "@noble/curves/utils.js"
import { Redacted, Schema } from "effect"
import { Instant } from "./CivilTime.ts"
import { Medium } from "./Medium.ts"

/** A public key: 64 small hexadecimal digits. Whether it is one to rely on says {@link isSound}. */
export const PublicKey = Schema.String.check(Schema.isPattern(/^[0-9a-f]{64}$/u)).pipe(Schema.brand("PublicKey"))
export type PublicKey = typeof PublicKey.Type

/** A secret key of 32 bytes, which prints as `<redacted>`. */
export type SecretKey = Redacted.Redacted<Uint8Array>

/** A secret key from 32 random bytes; throws RangeError for any other number of them. */
export const secretKey = (bytes: Uint8Array): SecretKey => {
  if (bytes.length !== 32) throw new RangeError(`A secret key has 32 bytes, not ${bytes.length}`)
  return Redacted.make(Uint8Array.from(bytes))
}

/** The public key that belongs to a secret one. */
export const publicKeyOf = (secret: SecretKey): PublicKey =>
  PublicKey.make(bytesToHex(ed25519.getPublicKey(Redacted.value(secret))))

/**
 * Whether these 32 bytes are the one encoding of a point that generates the group of prime order. Under a key of small
 * order one signature fits many messages; with one that has such a part, libraries disagree on what verifies.
 */
export const isSoundPoint = (bytes: Uint8Array): boolean => {
  try {
    const point = ed25519.Point.fromBytes(bytes, false)
    return !point.is0() && point.isTorsionFree()
  } catch {
    // The library's way to say that no point is written so.
    return false
  }
}

/** Whether signatures under this key prove anything. */
export const isSound = (key: PublicKey): boolean => isSoundPoint(hexToBytes(key))

/** The number of a key 密钥编号 within the school, as two bytes of each code name it. */
export const Kid = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 0xffff })).pipe(Schema.brand("Kid"))
export type Kid = typeof Kid.Type

/** The media that a signed pay code can be. */
export const PayMedium = Medium.pick(["todayCampusCode", "ecodePayCode"])
export type PayMedium = typeof PayMedium.Type

/** The media that a signed identity code can be. */
export const IdentityMedium = Medium.pick(["ecodeIdentityCode"])
export type IdentityMedium = typeof IdentityMedium.Type

/**
 * One issuer's key, and what its codes are: `pay` its pay codes, `identity` its identity codes, if it makes any. What it
 * authorises lies within `notBefore` and `notAfter`, both inclusive.
 */
export const IssuerKey = Schema.Struct({
  kid: Kid,
  publicKey: PublicKey.check(Schema.makeFilter(isSound, { expected: "a point of prime order in its one encoding" })),
  pay: PayMedium,
  identity: Schema.optionalKey(IdentityMedium),
  notBefore: Instant,
  notAfter: Instant
})
export interface IssuerKey extends Schema.Schema.Type<typeof IssuerKey> {}

/** All keys that a terminal trusts; no two have one number, and none is under two numbers. */
export const IssuerKeys = Schema.Array(IssuerKey).check(
  Schema.makeFilter(
    (keys: ReadonlyArray<IssuerKey>) =>
      new Set(keys.map(({ kid }) => kid)).size === keys.length &&
      new Set(keys.map(({ publicKey }) => publicKey)).size === keys.length,
    { expected: "numbers and keys that stand in the list once" }
  )
)
export type IssuerKeys = typeof IssuerKeys.Type
