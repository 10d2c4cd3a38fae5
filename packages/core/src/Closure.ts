/**
 * An account is closed 销户: its money is held as after a loss, so that late records can still arrive; then its debt is
 * repaid and the rest is paid out to its owner's bank account (D7, R76).
 *
 * From the closing on nothing can be paid or credited, and money that a channel takes all the same goes back (D2).
 * Facts post as ever: from the frozen money while it is there, as a debt afterwards.
 */
import { Result } from "effect"
import type { AccountState } from "./AccountState.ts"
import { holdEnds } from "./Calendar.ts"
import type { Instant } from "./CivilTime.ts"
import type * as Command from "./Command.ts"
import type * as Decline from "./Decline.ts"
import { type Transfer, transfer } from "./Ledger.ts"
import * as Money from "./Money.ts"
import type { SchoolProfile } from "./SchoolProfile.ts"
import type { Outcome } from "./Setting.ts"
import * as Wallet from "./Wallet.ts"

/** Why a closing or closed account does nothing any more; nothing for an open one. */
export const refuse = (account: AccountState): Decline.Of<"AccountClosed"> | undefined =>
  account.closing === undefined ? undefined : { _tag: "AccountClosed", since: account.closing.since }

/** Freezes all that the account holds; what is left of a subsidy goes back to the school (D6). */
export const close = ({ pockets }: AccountState, now: Instant): Outcome =>
  Result.succeed([{
    _tag: "AccountClosing",
    at: now,
    transfers: [
      ...transfer("chip", "frozen", pockets.chip),
      ...transfer("transit", "frozen", pockets.transit),
      ...transfer("wallet", "frozen", pockets.wallet),
      ...transfer("held", "frozen", pockets.held),
      ...transfer("subsidy", Wallet.subsidyFund, pockets.subsidy)
    ]
  }])

/** Repays the debt and pays out the rest, from the end of the hold on and once. */
export const payOut = (
  { calendar, replacement }: SchoolProfile,
  { closing, pockets }: AccountState,
  { desk }: Command.Of<"PayOut">,
  now: Instant
): Outcome => {
  if (closing === undefined) return Result.fail({ _tag: "AccountNotClosing" })
  if (closing.paidOutAt !== undefined) return Result.fail({ _tag: "AlreadyPaidOut", paidOutAt: closing.paidOutAt })
  const availableAt = holdEnds(calendar, replacement.hold, closing.since)
  if (now < availableAt) return Result.fail({ _tag: "PayOutTooEarly", availableAt })
  const repaid = Money.min(pockets.receivable, pockets.frozen)
  const amount = Money.minus(pockets.frozen, repaid)
  const transfers: ReadonlyArray<Transfer> = [
    ...transfer("frozen", "receivable", repaid),
    ...transfer("frozen", `channel:${desk}`, amount)
  ]
  return Result.succeed([{ _tag: "AccountPaidOut", at: now, amount, transfers }])
}
