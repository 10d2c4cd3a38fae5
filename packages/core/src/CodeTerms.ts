/**
 * What a school authorises a phone to do 授权条款: by which key, and how long.
 * Sources: R4, R5, R12, R13, R59, A16, A22.
 *
 * An authorisation lives for a day at most, so that a phone which is online once a day always has one, and a lost one
 * ends by itself. It begins a minute back, since a terminal's clock may be that much behind. It never outlives the key
 * that signs it, nor the last day of a temporary account.
 */
import type { AccountState } from "./AccountState.ts"
import { addDays, dayOf, hour, Instant, later, minute, second, startOf } from "./CivilTime.ts"
import type { Claims } from "./CodeAuthorisation.ts"
import type { IdentityMedium, IssuerKey, Kid, PayMedium } from "./CodeKeys.ts"
import * as Money from "./Money.ts"
import type { SchoolProfile } from "./SchoolProfile.ts"

/** What a phone can be authorised to show. */
export type CodeMedium = PayMedium | IdentityMedium

/** How long an authorisation lives at most, in milliseconds. */
export const lifetime = 24 * hour

/** All that an authorisation says beside who holds it. */
export type Terms = Pick<
  Claims,
  "kind" | "kid" | "accountClass" | "notBefore" | "notAfter" | "offlineCap" | "offlineUses"
>

/** Whether codes of this key are of this medium, and for what. */
const kindOf = ({ identity, pay }: IssuerKey, medium: CodeMedium): Claims["kind"] | undefined =>
  pay === medium ? "PAY" : identity === medium ? "ID" : undefined

/**
 * The terms for this account now, or nothing where none of these keys issues codes of this medium. Of several keys the
 * newest signs, so that an older one can run out.
 */
export const of = (
  profile: Pick<SchoolProfile, "codes">,
  { class: accountClass, until }: Pick<AccountState, "class" | "until">,
  medium: CodeMedium,
  kids: ReadonlyArray<Kid>,
  now: Instant
): Terms | undefined => {
  const end = later(now, lifetime)
  const last = until !== undefined && until < dayOf(end) ? later(startOf(addDays(until, 1)), -second) : end
  let newest: IssuerKey | undefined
  for (const key of profile.codes.issuers) {
    const { notAfter, notBefore } = windowOf(key, now, last)
    const isUsable = kids.includes(key.kid) && kindOf(key, medium) !== undefined && key.notBefore <= now &&
      notAfter > now && notBefore < notAfter
    if (isUsable && (newest === undefined || newest.notBefore < key.notBefore)) newest = key
  }
  const kind = newest === undefined ? undefined : kindOf(newest, medium)
  if (newest === undefined || kind === undefined) return undefined
  return {
    kind,
    kid: newest.kid,
    accountClass,
    ...windowOf(newest, now, last),
    // A payment by code needs the server (R59), so no profile takes one from a terminal that is cut off.
    offlineCap: Money.zero,
    offlineUses: 0
  }
}

/** From a minute back until the last second, as far as the key reaches; in whole seconds, which is what a code can say. */
const windowOf = (key: IssuerKey, now: Instant, last: Instant): Pick<Terms, "notBefore" | "notAfter"> => ({
  notBefore: Instant.make(
    Math.max(Math.floor(later(now, -minute) / second), Math.ceil(key.notBefore / second)) * second
  ),
  notAfter: Instant.make(Math.floor(Math.min(last, key.notAfter) / second) * second)
})
