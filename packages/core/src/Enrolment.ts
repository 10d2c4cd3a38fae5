/**
 * What a holder sets up once 开通与绑定: the password, the e码通 wallet, bank cards, Alipay (R6, R22, R26, R35-R37).
 *
 * Passwords, names and documents are checked outside and come as proofs (D15). A bank card is bound on the word of the kiosk
 * or app, which the host trusts (D24): whose it is, the bank checks. Wrong claims of who somebody is wait longer and
 * longer, as wrong passwords from afar do (R24, R38, A14).
 */
import { Result } from "effect"
import type { AccountEvent } from "./AccountEvent.ts"
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
    // A password is changed with the card at hand (R37): whoever has none may keep the one that was issued (A13).
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

/**
 * Opens the e码通 wallet: number, name and card password belong to one person (R22).
 *
 * The name comes first, and nobody looks at the password before it holds: the answer to a wrong name is the same for
 * every password, and a stranger's guesses do not lock the holder's password. That the name was right shows only in an
 * answer about the password; each name that was not right has been counted by then, so it is found at the pace of those
 * delays, and the password at the pace of its own.
 */
export const openWallet = (account: AccountState, setting: Setting): Outcome => {
  const refusal = refuse(account, setting)
  if (refusal !== undefined) return Result.fail(refusal)
  return Result.flatMap(identify(account, setting, "name"), (claimed) =>
    Result.map(
      prove(account, setting),
      (tried) => [
        ...claimed,
        ...tried,
        ...(account.wallet === "none" ? [{ _tag: "WalletOpened", at: setting.now } as const] : [])
      ]
    ))
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

/**
 * Binds the campus card in Alipay's mini program, for a person whose card authentication 校园卡认证 held (R6). The manual
 * does not say what is typed there. Since no password is asked for, name and document both have to match: a name is no
 * secret, and alone would let anybody pay from another's account.
 */
export const bindAlipay = (account: AccountState, setting: Setting): Outcome => {
  const refusal = refuse(account, setting)
  return refusal === undefined
    ? Result.map(
      identify(account, setting, "name", "document"),
      (claimed) => [...claimed, { _tag: "AlipayBound", at: setting.now }]
    )
    : Result.fail(refusal)
}

/**
 * That all that was claimed belongs to one person, and these parts are among it (R22, R24). While one of the claimed
 * parts waits after wrong ones, whether it fits is not looked at (D15); a right claim forgets the wrong ones of its
 * parts, and of no other: else a known name would pay for any number of guesses at the document.
 */
export const identify = (
  { password }: AccountState,
  { envelope, now, profile }: Setting,
  ...needed: ReadonlyArray<"name" | "document">
): Outcome => {
  const parts = claimed(envelope)
  const until = Password.claimLockedUntil(profile.password, password, parts, now)
  if (until !== undefined) return Result.fail({ _tag: "IdentityLocked", until })
  const match = envelope.proofs?.identity
  if (match?.ok !== true || needed.some((part) => !match[part])) return Result.fail({ _tag: "IdentityNotMatched" })
  return Result.succeed(
    parts.filter((part) => password.tries[part] !== undefined)
      .map((channel) => ({ _tag: "PasswordTried", at: now, channel, right: true }))
  )
}

/**
 * What a refused claim has tried: every part of a wrong one, since nobody is told which of them did not fit. One that
 * was right and only too little counts as no guess.
 */
export const wronglyClaimed = (envelope: Command.Envelope): ReadonlyArray<AccountEvent> =>
  envelope.proofs?.identity?.ok === true
    ? []
    : claimed(envelope).map((channel) => ({ _tag: "PasswordTried", at: envelope.receivedAt, channel, right: false }))

/** The parts that were held against the register. */
const claimed = ({ proofs }: Command.Envelope): ReadonlyArray<Password.ClaimChannel> => [
  ...(proofs?.identity?.name === true ? ["claimedName" as const] : []),
  ...(proofs?.identity?.document === true ? ["claimedDocument" as const] : [])
]

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
