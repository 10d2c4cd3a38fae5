/** Codes to test with: the frozen vectors, and a phone and an issuer with the vectors' keys. */
import { Result, Schema } from "effect"
import { readFileSync } from "node:fs"
import * as Base45 from "../../src/Base45.ts"
import { Instant } from "../../src/CivilTime.ts"
import * as CodeAuthorisation from "../../src/CodeAuthorisation.ts"
import * as CodeKeys from "../../src/CodeKeys.ts"
import * as Decline from "../../src/Decline.ts"
import { PointId } from "../../src/Id.ts"
import * as PresentedCode from "../../src/PresentedCode.ts"
import { Counter } from "../../src/Pseudonym.ts"
import * as Revocations from "../../src/Revocations.ts"
import * as VerifiedCode from "../../src/VerifiedCode.ts"

const As = Schema.Literals(["pay", "identity"])
const Vectors = Schema.Struct({
  about: Schema.String,
  secretKeys: Schema.Struct({
    issuer: Schema.String,
    otherIssuer: Schema.String,
    device: Schema.String,
    otherDevice: Schema.String
  }),
  issuerKeys: CodeKeys.IssuerKeys,
  revocations: Revocations.Revocations,
  settings: Schema.Struct({ now: Instant, clockOffset: Schema.Int, tolerance: Schema.Int }),
  accepted: Schema.Array(Schema.Struct({
    title: Schema.String,
    as: As,
    claims: CodeAuthorisation.Claims,
    slot: Schema.Int,
    counter: Counter,
    point: Schema.NullOr(PointId),
    hex: Schema.Struct({
      claims: Schema.String,
      issuerMessage: Schema.String,
      issuerSignature: Schema.String,
      audience: Schema.String,
      signed: Schema.String,
      deviceMessage: Schema.String,
      deviceSignature: Schema.String,
      code: Schema.String
    }),
    authorisation: CodeAuthorisation.Authorisation,
    text: Schema.String
  })),
  refused: Schema.Array(Schema.Struct({
    title: Schema.String,
    as: As,
    now: Instant,
    clockOffset: Schema.NullOr(Schema.Int),
    tolerance: Schema.Int,
    point: Schema.optionalKey(PointId),
    text: Schema.String,
    decline: Decline.Decline
  }))
})

export const vectors = Schema.decodeUnknownSync(Vectors, { onExcessProperty: "error" })(
  JSON.parse(readFileSync(new URL("../vectors/codes.json", import.meta.url), "utf8"))
)

export const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"))
export const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex")

const secret = (hex: string): CodeKeys.SecretKey => CodeKeys.secretKey(bytesOf(hex))
export const secrets = {
  issuer: secret(vectors.secretKeys.issuer),
  otherIssuer: secret(vectors.secretKeys.otherIssuer),
  device: secret(vectors.secretKeys.device),
  otherDevice: secret(vectors.secretKeys.otherDevice)
}

export const { now } = vectors.settings
export const keys = vectors.issuerKeys
export const setting: VerifiedCode.Setting = { ...vectors.settings, revocations: vectors.revocations }

/** A vector by its title. */
export const accepted = (title: string): (typeof vectors.accepted)[number] => {
  const found = vectors.accepted.find((vector) => vector.title === title)
  if (found === undefined) throw new Error(`No vector: ${title}`)
  return found
}
export const payClaims = accepted("a pay code, good at any point").claims
export const identityClaims = accepted("an identity code").claims

/** The code that the phone shows under these claims. */
export const show = (
  claims: CodeAuthorisation.Claims,
  { at = now, counter = 1, point }: { at?: Instant; counter?: number; point?: PointId | undefined } = {}
): string =>
  Result.getOrThrow(PresentedCode.present(
    Result.getOrThrow(CodeAuthorisation.authorise(claims, claims.kid === 2 ? secrets.otherIssuer : secrets.issuer)),
    secrets.device,
    { now: at, counter, point }
  ))

/** What a checker says of a text. */
export const judge = (
  as: "pay" | "identity",
  text: string,
  change: Partial<VerifiedCode.Setting> = {}
): VerifiedCode.VerifiedCode | Decline.Decline =>
  Result.merge<VerifiedCode.VerifiedCode, Decline.Decline>(
    (as === "pay" ? VerifiedCode.verifyPay : VerifiedCode.verifyIdentity)(keys, text, { ...setting, ...change })
  )

/** Whether that is a verified code. */
export const isVerified = (answer: unknown): answer is VerifiedCode.VerifiedCode =>
  VerifiedCode.VerifiedPay.is(answer) || VerifiedCode.VerifiedIdentity.is(answer)

/** Bytes as the text of a code. */
export const written = (bytes: Uint8Array): string => PresentedCode.prefix + Base45.encode(bytes)
