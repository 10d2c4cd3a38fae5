/**
 * A code that was found good 验码: of a known issuer, in force, unrevoked, from the right phone, for this point and this
 * half minute. A terminal that is cut off can say so with public keys alone. Sources: R4, R5, R12, R13, A22, D16.
 *
 * Checks come in this order, and the first that fails is the answer: format, issuer, kind, the issuer's signature, the
 * terminal's clock, the times of the authorisation, revocation, the device's signature, audience, slot. Burning is
 * left, since it changes a state: see `BurnedCodes`. A pay code and an identity code that were verified are two types;
 * the one becomes the other by {@link downgrade} only, and never the other way, so no gate can charge anybody (I10).
 */
import { Result } from "effect"
import type { Instant } from "./CivilTime.ts"
import type * as CodeAuthorisation from "./CodeAuthorisation.ts"
import { type IdentityMedium, isSound, type IssuerKey, type IssuerKeys, type PayMedium } from "./CodeKeys.ts"
import * as CodeSignature from "./CodeSignature.ts"
import type * as Decline from "./Decline.ts"
import type { PointId } from "./Id.ts"
import { assertMinted, type MintKey, mintKey } from "./internal/mint.ts"
import type { Medium } from "./Medium.ts"
import type { Money } from "./Money.ts"
import type { AccountClass } from "./Person.ts"
import * as PresentedCode from "./PresentedCode.ts"
import type { Pseudonym } from "./Pseudonym.ts"
import * as Revocations from "./Revocations.ts"

/** What the terminal brings to a check. Times in milliseconds. */
export interface Setting {
  /** By the terminal's own clock. */
  readonly now: Instant
  /** The server's clock minus the terminal's, measured at sign-in 签到; undefined before it. */
  readonly clockOffset: number | undefined
  /** How large that may be, inclusive (D16). */
  readonly tolerance: number
  /** This point; without it a code that was made for one is refused. */
  readonly point?: PointId | undefined
  readonly revocations: Revocations.Revocations
}

/** What every verified code says. */
interface Facts {
  readonly pseudonym: Pseudonym
  readonly counter: number
  readonly accountClass: AccountClass
  /** When its authorisation ends: so long has it to be remembered as burnt. */
  readonly notAfter: Instant
  /** The middle of the code's slot minus our corrected time, in milliseconds: the phone's clock is ahead by about this. */
  readonly skew: number
}
interface PayFacts extends Facts {
  readonly medium: PayMedium
  readonly offlineCap: Money
  readonly offlineUses: number
}
interface IdentityFacts extends Facts {
  readonly medium: PayMedium | IdentityMedium
}

/** A pay code 付款码 that was found good. */
export class VerifiedPay implements PayFacts {
  static {
    // Nobody redefines what counts as minted.
    Object.freeze(this)
  }
  readonly #minted = true
  readonly kind = "PAY"
  readonly pseudonym: Pseudonym
  readonly counter: number
  readonly accountClass: AccountClass
  readonly notAfter: Instant
  readonly skew: number
  readonly medium: PayMedium
  /** What terminals that are cut off may take under this authorisation in sum, in fen, and how often. */
  readonly offlineCap: Money
  readonly offlineUses: number
  constructor(key: MintKey, facts: PayFacts) {
    assertMinted(key, "VerifiedCode.VerifiedPay")
    this.pseudonym = facts.pseudonym
    this.counter = facts.counter
    this.accountClass = facts.accountClass
    this.notAfter = facts.notAfter
    this.skew = facts.skew
    this.medium = facts.medium
    this.offlineCap = facts.offlineCap
    this.offlineUses = facts.offlineUses
    Object.freeze(this)
  }
  static is(value: unknown): value is VerifiedPay {
    return typeof value === "object" && value !== null && #minted in value
  }
}

/** Who shows a code, and nothing that could move money: an identity code 身份码, or what is left of a pay code. */
export class VerifiedIdentity implements IdentityFacts {
  static {
    // Nobody redefines what counts as minted.
    Object.freeze(this)
  }
  readonly #minted = true
  readonly kind = "ID"
  readonly pseudonym: Pseudonym
  readonly counter: number
  readonly accountClass: AccountClass
  readonly notAfter: Instant
  readonly skew: number
  /** What was shown: a pay medium if a pay code was downgraded. */
  readonly medium: PayMedium | IdentityMedium
  constructor(key: MintKey, facts: IdentityFacts) {
    assertMinted(key, "VerifiedCode.VerifiedIdentity")
    this.pseudonym = facts.pseudonym
    this.counter = facts.counter
    this.accountClass = facts.accountClass
    this.notAfter = facts.notAfter
    this.skew = facts.skew
    this.medium = facts.medium
    Object.freeze(this)
  }
  static is(value: unknown): value is VerifiedIdentity {
    return typeof value === "object" && value !== null && #minted in value
  }
}

/** A code of either kind. */
export type VerifiedCode = VerifiedPay | VerifiedIdentity

/** Judges a code that somebody wants to pay with. An identity code is `WrongCodeKind`. */
export const verifyPay = (
  keys: IssuerKeys,
  text: string,
  setting: Setting
): Result.Result<VerifiedPay, Decline.Decline> =>
  Result.map(
    verify(keys, text, "PAY", setting),
    ({ claims: { offlineCap, offlineUses }, facts, key }) =>
      new VerifiedPay(mintKey, { ...facts, medium: key.pay, offlineCap, offlineUses })
  )

/**
 * Judges a code that is to say who somebody is. A pay code is `WrongCodeKind`: a gate that takes it all the same judges
 * it with {@link verifyPay} and downgrades it.
 */
export const verifyIdentity = (
  keys: IssuerKeys,
  text: string,
  setting: Setting
): Result.Result<VerifiedIdentity, Decline.Decline> =>
  Result.flatMap(verify(keys, text, "ID", setting), ({ facts, key }) =>
    // Checked with the issuer already; the type does not know it.
    key.identity === undefined
      ? Result.fail({ _tag: "CodeIssuerUnknown" })
      : Result.succeed(new VerifiedIdentity(mintKey, { ...facts, medium: key.identity })))

/**
 * Takes a pay code as proof of identity, where the gate allows pay codes of this medium (R12); others are
 * `WrongCodeKind` (R13). What could pay is gone from the value, and the code is to be burnt as if it had paid (A22).
 */
export const downgrade = (
  code: VerifiedPay,
  allowed: ReadonlyArray<Medium>
): Result.Result<VerifiedIdentity, Decline.Of<"WrongCodeKind">> => {
  if (!VerifiedPay.is(code)) throw new TypeError("Only a verified pay code can be downgraded")
  return allowed.includes(code.medium)
    ? Result.succeed(new VerifiedIdentity(mintKey, code))
    : Result.fail({ _tag: "WrongCodeKind", medium: code.medium })
}

interface Verified {
  readonly key: IssuerKey
  readonly claims: CodeAuthorisation.Claims
  readonly facts: Facts
}

const verify = (
  keys: IssuerKeys,
  text: string,
  kind: CodeAuthorisation.Kind,
  setting: Setting
): Result.Result<Verified, Decline.Decline> => {
  const parsed = PresentedCode.parse(text)
  if (Result.isFailure(parsed)) return decline({ _tag: "CodeMalformed" })
  const { audience, claims, counter, device, issuer, slot } = parsed.success
  const { accountClass, notAfter, notBefore, pseudonym } = claims

  // What is authorised ends with its key at the latest, so the times of the key need no clock of their own.
  const key = keys.find(({ kid }) => kid === claims.kid)
  if (key === undefined || notBefore < key.notBefore || notAfter > key.notAfter) {
    return decline({ _tag: "CodeIssuerUnknown" })
  }
  const medium = claims.kind === "PAY" ? key.pay : key.identity
  if (medium === undefined) return decline({ _tag: "CodeIssuerUnknown" })
  if (claims.kind !== kind) return decline({ _tag: "WrongCodeKind", medium })
  if (!CodeSignature.holds("issuer", issuer.signed, issuer.signature, key.publicKey)) {
    return decline({ _tag: "BadSignature", by: "issuer" })
  }

  const clock = correctedTime(setting)
  if (Result.isFailure(clock)) return decline(clock.failure)
  const now = clock.success
  if (now < notBefore) return decline({ _tag: "CodeAuthorisationNotYetValid", notBefore })
  if (now > notAfter) return decline({ _tag: "CodeAuthorisationExpired", notAfter })
  if (Revocations.includes(setting.revocations, pseudonym, claims.version)) return decline({ _tag: "CodeRevoked" })

  // An issuer that signed an unsound key is no reason to accept what is signed with it.
  if (
    !isSound(claims.deviceKey) || !CodeSignature.holds("device", device.signed, device.signature, claims.deviceKey)
  ) return decline({ _tag: "BadSignature", by: "device" })
  if (audience !== undefined && (setting.point === undefined || audience !== PresentedCode.audienceOf(setting.point))) {
    return decline({ _tag: "CodeForOtherPoint" })
  }
  const outside = refuseSlot(slot, now)
  if (outside !== undefined) return decline(outside)

  const skew = (slot + 0.5) * PresentedCode.slotLength - now
  return Result.succeed({ key, claims, facts: { pseudonym, counter, accountClass, notAfter, skew } })
}

const decline = (why: Decline.Decline): Result.Result<never, Decline.Decline> => Result.fail(why)

/** Our time by the server's clock, if the terminal knows it well enough. */
const correctedTime = ({ clockOffset, now, tolerance }: Setting): Result.Result<number, Decline.Decline> => {
  if (clockOffset === undefined || !Number.isFinite(clockOffset)) return Result.fail({ _tag: "ClockNotSet" })
  const offset = Math.round(clockOffset)
  const skew = Math.abs(offset)
  return skew <= tolerance ? Result.succeed(now + offset) : Result.fail({ _tag: "ClockUntrusted", skew, tolerance })
}

/** The slot before ours, ours and the next are good: a code is read late, and a phone's clock is a little ahead. */
const refuseSlot = (slot: number, now: number): Decline.Decline | undefined => {
  const first = (slot - 1) * PresentedCode.slotLength
  const last = (slot + 2) * PresentedCode.slotLength - 1
  if (now < first) return { _tag: "CodeNotYetValid", by: first - now }
  return now > last ? { _tag: "CodeExpired", by: now - last } : undefined
}
