/**
 * What a holder sets up once 开通与绑定: the password, the e码通 wallet, bank cards, Alipay (R6, R22, R26, R35-R37).
 *
 * Secrets are checked outside and come as proofs (D15); without one nothing is set up.
 */
import { Result } from "effect"
import type { AccountState } from "./AccountState.ts"
import { dayOf } from "./CivilTime.ts"
import type * as Command from "./Command.ts"
import type { Decline } from "./Decline.ts"
import * as Money from "./Money.ts"
import * as Password from "./Password.ts"
import { mayHold } from "./Person.ts"
import type { Outcome, Setting } from "./Setting.ts"
import * as Spending from "./Spending.ts"
import * as Standing from "./Standing.ts"
import * as TemporaryCard from "./TemporaryCard.ts"

/** Opens the account of a person who may hold one of this class, with its first password (R35, R51-R54, R74). */
export const open = (
  account: AccountState | undefined,
  { application, class: accountClass, kind, person }: Command.Of<"OpenAccount">,
  { envelope, now, profile }: Setting
): Outcome => {
  if (account !== undefined) return Result.fail({ _tag: "AccountExists" })
  const { subject } = envelope
  if (subject._tag !== "Account") return Result.fail({ _tag: "UnknownAccount" })
  if (!mayHold(kind).includes(accountClass)) {
    return Result.fail({ _tag: accountClass === "temporary" ? "NotEligibleForTempCard" : "NotEligibleForRegularCard" })
  }
  const unfit = accountClass === "temporary"
    ? TemporaryCard.refuse(profile.temporary, application, dayOf(now))
    : undefined
  if (unfit !== undefined) return Result.fail(unfit)
  // A regular account costs nothing: money that is taken for it at a desk would stand in no book.
  if (accountClass === "regular" && (application?.fee?.amount ?? Money.zero) > 0) {
    return Result.fail({ _tag: "FeeUnpaid", fee: Money.zero })
  }
  const fresh = envelope.proofs?.fresh
  if (fresh === undefined) return Result.fail({ _tag: "PasswordMissing" })
  return Result.succeed([{
    _tag: "AccountOpened",
    at: now,
    account: subject.account,
    person,
    kind,
    class: accountClass,
    credential: fresh.credential,
    // A password is changed with the card at hand (R37): whoever has none keeps the one that was issued.
    mustChange: fresh.oneTime && TemporaryCard.hasPlastic(profile.temporary, { class: accountClass, kind }),
    ...(accountClass === "temporary" && application !== undefined
      ? {
        until: application.until,
        application: { applicant: application.applicant, unit: application.unit },
        transfers: TemporaryCard.feeTransfers(application)
      }
      : { transfers: [] })
  }])
}

/**
 * Changes the password with the card at hand: at a kiosk with the old one, at the counter with the identity card instead
 * (R37, R66, A14). The card is looked at before any try is counted.
 */
export const changePassword = (
  account: AccountState,
  { card }: Command.Of<"ChangePassword">,
  setting: Setting
): Outcome => {
  const refusal = Standing.ofPresented(setting.profile, account, card)
  if (refusal !== undefined) return Result.fail(refusal)
  const { fresh } = setting.envelope.proofs ?? {}
  const proven: Outcome = setting.point.category === "counter" ? Result.succeed([]) : prove(account, setting)
  if (Result.isFailure(proven) && proven.failure._tag !== "PasswordMustChange") return proven
  if (fresh === undefined) return Result.fail({ _tag: "PasswordMissing" })
  if (fresh.weakness !== undefined) return Result.fail({ _tag: "PasswordTooWeak", weakness: fresh.weakness })
  const { credential } = fresh
  return Result.succeed([{ _tag: "PasswordSet", at: setting.now, by: "change", credential, mustChange: false }])
}

/** Resets it to the initial one, with the card at hand; its holder must change it at the first use (R36, A12). */
export const resetPassword = (
  account: AccountState,
  { card }: Command.Of<"ResetPassword">,
  { envelope, now, profile }: Setting
): Outcome => {
  const refusal = Standing.ofPresented(profile, account, card)
  if (refusal !== undefined) return Result.fail(refusal)
  const fresh = envelope.proofs?.fresh
  if (fresh === undefined) return Result.fail({ _tag: "PasswordMissing" })
  return Result.succeed([
    { _tag: "PasswordSet", at: now, by: "reset", credential: fresh.credential, mustChange: true }
  ])
}

/** Opens the e码通 wallet: number, name and card password belong to one person (R22). */
export const openWallet = (account: AccountState, setting: Setting): Outcome => {
  const refusal = refuse(account, setting) ?? unidentified(setting, "name")
  if (refusal !== undefined) return Result.fail(refusal)
  return Result.map(
    prove(account, setting),
    (tried) => account.wallet === "none" ? [...tried, { _tag: "WalletOpened", at: setting.now }] : tried
  )
}

/** Binds a bank card: to the wallet once that is open (R22), or at the kiosk for transfers (R26). */
export const bindBankCard = (
  account: AccountState,
  { purpose }: Command.Of<"BindBankCard">,
  setting: Setting
): Outcome => {
  const refusal = refuse(account, setting)
  if (refusal !== undefined) return Result.fail(refusal)
  if (purpose === "wallet" && account.wallet === "none") return Result.fail({ _tag: "EWalletNotOpened" })
  return Result.succeed([{ _tag: "BankCardBound", at: setting.now, purpose }])
}

/** Binds the campus card in Alipay's mini program, for a person whose card authentication held (R6). */
export const bindAlipay = (account: AccountState, setting: Setting): Outcome => {
  const refusal = refuse(account, setting) ?? unidentified(setting, "name", "document")
  return refusal === undefined
    ? Result.succeed([{ _tag: "AlipayBound", at: setting.now }])
    : Result.fail(refusal)
}

/**
 * That the number and one of these were held against the register, and that all that was claimed belongs to one person
 * (R22, R24).
 */
export const unidentified = (
  { envelope }: Setting,
  ...by: ReadonlyArray<"name" | "document">
): Decline | undefined => {
  const match = envelope.proofs?.identity
  return match?.ok === true && by.some((part) => match[part]) ? undefined : { _tag: "IdentityNotMatched" }
}

const refuse = (account: AccountState, { now, profile }: Setting): Decline | undefined =>
  Spending.refuseCode(profile, account, "todayCampusCode", dayOf(now))

/** That the password came and is right; a right one after wrong ones forgets those. */
const prove = (account: AccountState, { envelope, now, point, profile }: Setting): Outcome => {
  const proof = envelope.proofs?.password
  if (proof === undefined) return Result.fail({ _tag: "PasswordMissing" })
  const channel = Password.channelAt(point.category)
  const wrong = Password.judge(profile.password, account.password, proof, channel, now)
  if (wrong !== undefined) return Result.fail(wrong)
  return Result.succeed(
    account.password.tries[channel] === undefined ? [] : [{ _tag: "PasswordTried", at: now, channel, right: true }]
  )
}
