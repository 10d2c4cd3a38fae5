/**
 * What an issuer allows a phone for some hours 授权: to show codes of one kind under a pseudonym, until a time and up to
 * a sum while a terminal is cut off. Fetched while the phone is online. Sources: R4, R5, R12, R13, A22, D20.
 *
 * Layout, big-endian: version of the layout (1 byte), kind (1: pay, 2: identity), algorithm (1: Ed25519; 2 is kept for
 * SM2), number of the issuer's key (2), pseudonym (8), class of account (1: regular, 2: temporary), the device's public
 * key (32), from and until in seconds since 1970 (4 each), version of the authorisation (2), offline cap in fen (4),
 * offline uses (1); then the issuer's signature over these 61 bytes (64). Kind and algorithm are thereby under both
 * signatures of a code.
 */
import { bytesToHex, concatBytes, hexToBytes } from "@noble/curves/utils.js"
import { Result, Schema } from "effect"
import * as Base45 from "./Base45.ts"
import { Instant } from "./CivilTime.ts"
import { isSound, Kid, PublicKey, type SecretKey } from "./CodeKeys.ts"
import * as CodeSignature from "./CodeSignature.ts"
import * as Money from "./Money.ts"
import { AccountClass } from "./Person.ts"
import { Pseudonym, Version } from "./Pseudonym.ts"

/** What a code is for. `PAY`: 付款码. `ID`: 身份码, which says who and never pays (R13). */
export const Kind = Schema.Literals(["PAY", "ID"])
export type Kind = typeof Kind.Type

/** A time in whole seconds, which four bytes hold until 2106. */
const Second = Instant.check(
  Schema.isMultipleOf(1_000),
  Schema.isLessThanOrEqualTo(0xffff_ffff * 1_000)
)

/** What an authorisation says. It holds from `notBefore` to `notAfter`, both inclusive. */
export const Claims = Schema.Struct({
  kind: Kind,
  kid: Kid,
  pseudonym: Pseudonym,
  accountClass: AccountClass,
  /** The device that may show codes; whoever has its secret key is the phone. */
  deviceKey: PublicKey,
  notBefore: Second,
  notAfter: Second,
  version: Version,
  /** The most that terminals which are cut off may take in sum, in fen. Each of them knows only its own part. */
  offlineCap: Money.Money.check(Schema.isLessThanOrEqualTo(0xffff_ffff)),
  /** How often terminals which are cut off may take something, 0 to 255. */
  offlineUses: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 0xff }))
}).check(
  Schema.makeFilter(
    ({ notAfter, notBefore }: { readonly notAfter: number; readonly notBefore: number }) => notBefore < notAfter,
    { expected: "notBefore before notAfter" }
  ),
  Schema.makeFilter(
    (claims: { readonly kind: Kind; readonly offlineCap: number; readonly offlineUses: number }) =>
      claims.kind === "PAY" || (claims.offlineCap === 0 && claims.offlineUses === 0),
    { expected: "no offline cap in an authorisation of identity" }
  )
)
export interface Claims extends Schema.Schema.Type<typeof Claims> {}
const isClaims = Schema.is(Claims)
const decodeClaims = Schema.decodeUnknownResult(Claims)

/** Bytes of the claims. */
export const claimsLength = 61
/** Bytes of an authorisation: claims and signature. */
export const length = claimsLength + CodeSignature.length

/** Not an authorisation, or not of this layout. It does not repeat what was read. */
export interface AuthorisationMalformed {
  readonly _tag: "AuthorisationMalformed"
}

/** The device's public key is none that a signature could be relied on under. */
export interface DeviceKeyUnsound {
  readonly _tag: "DeviceKeyUnsound"
}

const kinds = { PAY: 1, ID: 2 } as const
const classes = { regular: 1, temporary: 2 } as const
const kindOf: ReadonlyArray<Kind | undefined> = [undefined, "PAY", "ID"]
const classOf: ReadonlyArray<AccountClass | undefined> = [undefined, "regular", "temporary"]
const layoutVersion = 1
const ed25519 = 1

const malformed: AuthorisationMalformed = { _tag: "AuthorisationMalformed" }

/** The claims in their layout. */
export const write = (claims: Claims): Uint8Array => {
  const bytes = new Uint8Array(claimsLength)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, layoutVersion)
  view.setUint8(1, kinds[claims.kind])
  view.setUint8(2, ed25519)
  view.setUint16(3, claims.kid)
  bytes.set(hexToBytes(claims.pseudonym), 5)
  view.setUint8(13, classes[claims.accountClass])
  bytes.set(hexToBytes(claims.deviceKey), 14)
  view.setUint32(46, claims.notBefore / 1_000)
  view.setUint32(50, claims.notAfter / 1_000)
  view.setUint16(54, claims.version)
  view.setUint32(56, claims.offlineCap)
  view.setUint8(60, claims.offlineUses)
  return bytes
}

/** Reads the claims at the beginning of these bytes; nothing is verified. */
export const parse = (bytes: Uint8Array): Result.Result<Claims, AuthorisationMalformed> => {
  if (bytes.length < length) return Result.fail(malformed)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.getUint8(0) !== layoutVersion || view.getUint8(2) !== ed25519) return Result.fail(malformed)
  return Result.mapError(
    decodeClaims({
      kind: kindOf[view.getUint8(1)],
      kid: view.getUint16(3),
      pseudonym: bytesToHex(bytes.subarray(5, 13)),
      accountClass: classOf[view.getUint8(13)],
      deviceKey: bytesToHex(bytes.subarray(14, 46)),
      notBefore: view.getUint32(46) * 1_000,
      notAfter: view.getUint32(50) * 1_000,
      version: view.getUint16(54),
      offlineCap: view.getUint32(56),
      offlineUses: view.getUint8(60)
    }),
    () => malformed
  )
}

/** Reads an authorisation as it came from the issuer or from the phone's storage; nothing is verified. */
export const open = (
  text: string
): Result.Result<{ readonly claims: Claims; readonly bytes: Uint8Array }, AuthorisationMalformed> => {
  const decoded = Base45.decode(text)
  if (Result.isFailure(decoded) || decoded.success.length !== length) return Result.fail(malformed)
  return Result.map(parse(decoded.success), (claims) => ({ claims, bytes: decoded.success }))
}

/** The 125 bytes in Base45: how an authorisation goes from the issuer to the phone, and stays there. */
export const Authorisation = Schema.String.check(
  Schema.makeFilter((text: string) => Result.isSuccess(open(text)), { expected: "a code authorisation" })
).pipe(Schema.brand("CodeAuthorisation"))
export type Authorisation = typeof Authorisation.Type

/**
 * Signs what a phone may do. The device key comes from the phone and may be anything, so an unsound one is refused;
 * claims that are none throw RangeError. Let `notBefore` lie a minute back: a terminal's clock may be that much behind.
 */
export const authorise = (claims: Claims, issuer: SecretKey): Result.Result<Authorisation, DeviceKeyUnsound> => {
  if (!isClaims(claims)) throw new RangeError("No claims of a code: see CodeAuthorisation.Claims")
  if (!isSound(claims.deviceKey)) return Result.fail({ _tag: "DeviceKeyUnsound" })
  const bytes = write(claims)
  const signed = concatBytes(bytes, CodeSignature.sign("issuer", bytes, issuer))
  return Result.succeed(Authorisation.make(Base45.encode(signed)))
}
