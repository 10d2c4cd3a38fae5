/**
 * The campus account decides 账户决策: given the school's profiles, the state of the account and a command, what happens.
 *
 * A decider: `decide` is total, pure and deterministic (I12); what it approves becomes events, and `evolve` makes the
 * next state of them. A refusal leaves money, counters and cards as they were (D13). Each rule lives with its noun;
 * here they are only put in order.
 */
import { Result } from "effect"
import type { AccountEvent } from "./AccountEvent.ts"
import { type AccountState, evolve } from "./AccountState.ts"
import * as CardLoad from "./CardLoad.ts"
import { dayOf } from "./CivilTime.ts"
import * as Closure from "./Closure.ts"
import * as Command from "./Command.ts"
import type * as Decline from "./Decline.ts"
import * as Enrolment from "./Enrolment.ts"
import * as Funding from "./Funding.ts"
import type { AccountId } from "./Id.ts"
import * as LimitPolicy from "./LimitPolicy.ts"
import * as OfflineRecord from "./OfflineRecord.ts"
import * as Password from "./Password.ts"
import { Match } from "./Person.ts"
import * as Procedure from "./Procedure.ts"
import * as Replacement from "./Replacement.ts"
import * as SchoolProfile from "./SchoolProfile.ts"
import type { Outcome, Setting } from "./Setting.ts"
import * as Spending from "./Spending.ts"
import * as Tap from "./Tap.ts"

export { type AccountState, evolve, replay } from "./AccountState.ts"

/** What was decided. `account`: the state afterwards. `profile`: the version that decided (D22). */
export type Decision = Approved | Declined

/** It happens. `remaining`: what is left of the limits that count there, after a purchase. */
export interface Approved {
  readonly _tag: "Approved"
  readonly profile: string
  readonly events: ReadonlyArray<AccountEvent>
  readonly account: AccountState
  readonly remaining: ReadonlyArray<LimitPolicy.Quota>
}

/** It does not. `events`: at most that a password was tried (D13). `account`: none when there is no such account. */
export interface Declined {
  readonly _tag: "Declined"
  readonly profile: string
  readonly decline: Decline.Decline
  readonly events: ReadonlyArray<AccountEvent>
  readonly account: AccountState | undefined
}

/**
 * Decides a command. `account` is the one that the store found for the command's subject, if there is one; `holder` the
 * account that has the card which the command would hand out, which only the store can know (D20).
 */
export const decide = (
  profiles: SchoolProfile.History,
  account: AccountState | undefined,
  envelope: Command.Envelope,
  holder?: AccountId
): Decision => {
  const now = Command.isFactual(envelope.body) ? envelope.at : envelope.receivedAt
  const profile = SchoolProfile.inForce(profiles, now)
  const decided = outcomeOf(profile, account, envelope, now)
  const outcome: Outcome = Result.isSuccess(decided) && holder !== undefined && holder !== account?.id
    ? Result.fail({ _tag: "CardTaken" })
    : decided
  if (Result.isFailure(outcome)) return declined(profile, account, envelope, outcome.failure)
  const events = outcome.success
  let after = account
  for (const event of events) after = evolve(after, event)
  return after === undefined
    ? declined(profile, account, envelope, unknown(envelope.subject))
    : { _tag: "Approved", profile: profile.version, events, account: after, remaining: left(profile, after, events) }
}

/** What is left of the limits after a purchase. */
const left = (
  profile: SchoolProfile.SchoolProfile,
  { tallies }: AccountState,
  events: ReadonlyArray<AccountEvent>
): ReadonlyArray<LimitPolicy.Quota> => {
  const last = events.at(-1)
  return last?._tag === "Purchased" || last?._tag === "OfflinePurchaseRecorded"
    ? LimitPolicy.remaining(profile.limits, tallies, last.cell)
    : []
}

/** A refusal writes nothing, except that a wrong password was tried (D13, D15). */
const declined = (
  profile: SchoolProfile.SchoolProfile,
  account: AccountState | undefined,
  { point, receivedAt }: Command.Envelope,
  decline: Decline.Decline
): Declined => {
  const { version } = profile
  const category = SchoolProfile.pointOf(profile, point)?.category
  if (decline._tag !== "PasswordWrong" || account === undefined || category === undefined) {
    return { _tag: "Declined", profile: version, decline, events: [], account }
  }
  const tried: AccountEvent = {
    _tag: "PasswordTried",
    at: receivedAt,
    channel: Password.channelAt(category),
    right: false
  }
  return { _tag: "Declined", profile: version, decline, events: [tried], account: evolve(account, tried) }
}

/** What every command needs: a known point, a trusted clock (D16), an account (D20). Then its own rule decides. */
const outcomeOf = (
  profile: SchoolProfile.SchoolProfile,
  account: AccountState | undefined,
  envelope: Command.Envelope,
  now: Setting["now"]
): Outcome => {
  const { at, body, receivedAt } = envelope
  const point = SchoolProfile.pointOf(profile, envelope.point)
  if (point === undefined) return Result.fail({ _tag: "UnknownPoint", point: envelope.point })
  const skew = Math.abs(at - receivedAt)
  if (skew > profile.clockTolerance && !Command.isToldLater(body)) {
    return Result.fail({ _tag: "ClockUntrusted", skew, tolerance: profile.clockTolerance })
  }
  const procedure = procedureOf(body)
  const elsewhere = procedure === undefined
    ? undefined
    : Procedure.refuse(profile.places, procedure, point.category)
  if (elsewhere !== undefined) return Result.fail(elsewhere)
  const setting: Setting = { profile, envelope: checked(envelope), point, now }
  if (body._tag === "OpenAccount") return Enrolment.open(account, body, setting)
  if (account === undefined) return Result.fail(unknown(envelope.subject))
  const closed = isOfClosing(body) ? undefined : Closure.refuse(account)
  return closed === undefined ? rule(account, body, setting) : Result.fail(closed)
}

/** Facts post and money is paid out after the closing as well (D7); at a till, acceptance is looked at first (D14). */
const isOfClosing = (body: Command.Command): boolean =>
  Command.isFactual(body) || body._tag === "PayOut" || body._tag === "PayByCard" || body._tag === "PayByCode"

/** Only proofs that a flow of ours made count; a look-alike is as good as none. */
const checked = (envelope: Command.Envelope): Command.Envelope => {
  if (envelope.proofs === undefined) return envelope
  const { fresh, identity, password } = envelope.proofs
  return {
    ...envelope,
    proofs: {
      ...(Password.Proof.is(password) ? { password } : {}),
      ...(Password.Fresh.is(fresh) ? { fresh } : {}),
      ...(Match.is(identity) ? { identity } : {})
    }
  }
}

const unknown = (subject: Command.Subject): Decline.Decline => {
  switch (subject._tag) {
    case "Account":
      return { _tag: "UnknownAccount" }
    case "Card":
      return { _tag: "UnknownCard" }
    case "Handle":
      return { _tag: "UnknownHandle", kind: subject.handle.kind }
  }
}

/**
 * The procedure whose places a command is bound to. At a till, acceptance and the terminal's abilities decide instead.
 */
const procedureOf = (body: Command.Command): Procedure.Procedure | undefined => {
  switch (body._tag) {
    case "PayByCard":
    case "PayByCode":
    case "RecordCardPurchase":
    case "RecordAlipayPurchase":
    case "BeginLoad":
    case "SettleLoad":
      return undefined
    case "BindBankCard":
      return body.purpose === "wallet" ? "bindWallet" : "bindTransfer"
    default:
      return procedures[body._tag]
  }
}

const procedures = {
  OpenAccount: "openAccount",
  IssueCard: "issueCard",
  ActivateCard: "activateCard",
  CancelCard: "cancelCard",
  ReportLost: "reportLost",
  ReportFound: "reportFound",
  ReportBankSideLost: "reportBankSideLost",
  ExtendValidity: "extendValidity",
  ChangePassword: "changePassword",
  ResetPassword: "resetPassword",
  OpenWallet: "openWallet",
  BindAlipay: "bindAlipay",
  ReversePurchase: "reversePurchase",
  PlaceRecharge: "placeRecharge",
  CreditRecharge: "creditRecharge",
  MoveToTransit: "moveToTransit",
  GrantSubsidy: "grantSubsidy",
  ExpireSubsidy: "expireSubsidy",
  ClaimFrozen: "claimFrozen",
  CloseAccount: "closeAccount",
  PayOut: "payOut"
} as const

/** The rule for each command. */
const rule = (
  account: AccountState,
  body: Exclude<Command.Command, Command.Of<"OpenAccount">>,
  setting: Setting
): Outcome => {
  const { now, profile } = setting
  switch (body._tag) {
    case "PayByCard":
      return Tap.payByCard(account, body, setting)
    case "PayByCode":
      return Tap.payByCode(account, body, setting)
    case "RecordCardPurchase":
    case "RecordAlipayPurchase":
      return OfflineRecord.decide(account, body, setting)
    case "BeginLoad":
      return Tap.beginLoad(account, body, setting)
    case "SettleLoad":
      return CardLoad.settle(account, body, now)
    case "ReversePurchase":
      return Tap.reverse(account, body, setting)
    case "IssueCard":
      return Replacement.issue(profile, account, body, now)
    case "ActivateCard":
      return Replacement.activate(account, body.card, now)
    case "CancelCard":
      return Replacement.cancel(account, body.card, now)
    case "ReportLost":
      return Replacement.reportLost(account, body.reason, now)
    case "ReportFound":
      return Replacement.reportFound(account, body.card, now)
    case "ReportBankSideLost":
      return Replacement.reportBankSideLost(account, body.card, now)
    case "ClaimFrozen":
      return Replacement.claim(profile, account, body.card, now)
    case "CloseAccount":
      return Closure.close(account, now)
    case "PayOut":
      return Closure.payOut(profile, account, body, now)
    case "ExtendValidity":
      return extendValidity(account, body, setting)
    case "ChangePassword":
      return Enrolment.changePassword(account, body, setting)
    case "ResetPassword":
      return Enrolment.resetPassword(account, body, setting)
    case "OpenWallet":
      return Enrolment.openWallet(account, setting)
    case "BindBankCard":
      return Enrolment.bindBankCard(account, body, setting)
    case "BindAlipay":
      return Enrolment.bindAlipay(account, setting)
    case "PlaceRecharge":
      return Funding.placeRecharge(account, body, setting)
    case "CreditRecharge":
      return Funding.credit(account, body, setting)
    case "MoveToTransit":
      return Funding.moveToTransit(account, body, setting)
    case "GrantSubsidy":
      return Funding.grantSubsidy(account, body, setting)
    case "ExpireSubsidy":
      return Funding.expireSubsidy(account, setting)
  }
}

/** Extends the validity of the active card's account, dormant or not: three new months begin today (R47, A4). */
const extendValidity = (
  account: AccountState,
  { card }: Command.Of<"ExtendValidity">,
  { now }: Setting
): Outcome => {
  const refusal = Spending.refuseShown(account, card)
  return refusal === undefined
    ? Result.succeed([{ _tag: "ValidityExtended", at: now, day: dayOf(now) }])
    : Result.fail(refusal)
}
