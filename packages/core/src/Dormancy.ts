/**
 * Dormancy 过期: no purchase for three months in a row freezes the validity until the counter extends it (R46-R48, A3,
 * A4).
 *
 * It is derived whenever somebody asks, from the days of purchases and the day of activation or extension; nothing is
 * stored and no clock runs. The nightly sweep only tells who has become dormant, and so can never disagree with the
 * till (D17, I11).
 */
import { Option } from "effect"
import type { AccountState } from "./AccountState.ts"
import { addMonths, type Day, lastDay } from "./CivilTime.ts"
import type * as Decline from "./Decline.ts"
import type { SchoolProfile } from "./SchoolProfile.ts"
import * as Tally from "./Tally.ts"

/**
 * The first day on which the account is dormant if nothing more is bought: the profile's months after the later of its
 * last purchase (A5) and its activation or extension (A4), clamped to the end of the month (A3). None before
 * activation.
 */
export const dormantFrom = (profile: SchoolProfile, account: AccountState): Option.Option<Day> => {
  if (account.validFrom === undefined) return Option.none()
  const bought = Option.getOrElse(Tally.lastDay(account.tallies), () => account.validFrom as Day)
  const from = bought > account.validFrom ? bought : account.validFrom
  // Whoever buys at the end of time stays awake until its last day.
  const { months } = profile.dormancy
  return Option.some(from > addMonths(lastDay, -months) ? lastDay : addMonths(from, months))
}

/** Why a dormant account may not be used today; nothing when it is not dormant. */
export const refuse = (
  profile: SchoolProfile,
  account: AccountState,
  today: Day
): Decline.Of<"CardFrozenDormant"> | undefined => {
  const from = Option.getOrUndefined(dormantFrom(profile, account))
  return from !== undefined && today >= from
    ? { _tag: "CardFrozenDormant", since: from, months: profile.dormancy.months }
    : undefined
}

/**
 * The accounts among these that are dormant today 夜间扫描: the nightly sweep, which notifies and changes nothing (D17).
 */
export const sweep = (
  profile: SchoolProfile,
  accounts: Iterable<AccountState>,
  today: Day
): ReadonlyArray<{ readonly account: AccountState["id"]; readonly since: Day }> => {
  const dormant: Array<{ readonly account: AccountState["id"]; readonly since: Day }> = []
  for (const account of accounts) {
    // A closed account is closed, and its holder is told nothing else.
    const refusal = account.closing === undefined ? refuse(profile, account, today) : undefined
    if (refusal !== undefined) dormant.push({ account: account.id, since: refusal.since })
  }
  return dormant
}
