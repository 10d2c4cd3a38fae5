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
import * as Attendance from "./Attendance.ts"
import * as CardLoad from "./CardLoad.ts"
import * as CashDesk from "./CashDesk.ts"
import { dayOf } from "./CivilTime.ts"
import * as Closure from "./Closure.ts"
import * as CodeUse from "./CodeUse.ts"
import * as Command from "./Command.ts"
import * as Debt from "./Debt.ts"
import type * as Decline from "./Decline.ts"
import * as Enrolment from "./Enrolment.ts"
import * as Funding from "./Funding.ts"
import type { AccountId } from "./Id.ts"
import * as LimitPolicy from "./LimitPolicy.ts"
import * as OfflineRecord from "./OfflineRecord.ts"
import * as Original from "./Original.ts"
import * as Passage from "./Passage.ts"
import * as Password from "./Password.ts"
import { Match } from "./Person.ts"
import { isAttended } from "./Point.ts"
import * as Procedure from "./Procedure.ts"
import * as Refund from "./Refund.ts"
import * as Replacement from "./Replacement.ts"
import * as SchoolProfile from "./SchoolProfile.ts"
import * as ServiceDesk from "./ServiceDesk.ts"
import type { Outcome, Setting } from "./Setting.ts"
import * as Standing from "./Standing.ts"
import * as Tap from "./Tap.ts"
import * as TemporaryCard from "./TemporaryCard.ts"
import * as VerifiedCode from "./VerifiedCode.ts"

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

/** It does not. `events`: at most that something was tried or shown (D13). `account`: none when there is no such account. */
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
  stated: Command.Envelope,
  holder?: AccountId
): Decision => {
  const envelope = checked(stated)
  const now = Command.isFactual(envelope.body) ? envelope.at : envelope.receivedAt
  const profile = SchoolProfile.inForce(profiles, now)
  const outcome = outcomeOf(profile, account, envelope, now, holder)
  if (Result.isFailure(outcome)) return declined(profile, account, envelope, outcome.failure)
  const burnt = CodeUse.burn(account, envelope)
  const events = burnt.length === 0 ? outcome.success : [...burnt, ...outcome.success]
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

/** A refusal writes nothing, except that a password or a claim was wrong or a code was shown (D13, D15, A22). */
const declined = (
  profile: SchoolProfile.SchoolProfile,
  account: AccountState | undefined,
  envelope: Command.Envelope,
  decline: Decline.Decline
): Declined => {
  const { version } = profile
  const events: ReadonlyArray<AccountEvent> = [
    ...CodeUse.burn(account, envelope),
    ...(decline._tag === "PasswordWrong" ? tried(profile, envelope) : []),
    ...(decline._tag === "IdentityNotMatched" ? Enrolment.wronglyClaimed(envelope) : [])
  ]
  return account === undefined || events.length === 0
    ? { _tag: "Declined", profile: version, decline, events: [], account }
    : { _tag: "Declined", profile: version, decline, events, account: events.reduce(evolve, account) }
}

const tried = (
  profile: SchoolProfile.SchoolProfile,
  { point, receivedAt }: Command.Envelope
): ReadonlyArray<AccountEvent> => {
  const category = SchoolProfile.pointOf(profile, point)?.category
  return category === undefined
    ? []
    : [{ _tag: "PasswordTried", at: receivedAt, channel: Password.channelAt(category), right: false }]
}

/** What every command needs: a known point, a trusted clock (D16), a known desk, an account (D20). Then its own rule decides. */
const outcomeOf = (
  profile: SchoolProfile.SchoolProfile,
  account: AccountState | undefined,
  envelope: Command.Envelope,
  now: Setting["now"],
  holder: AccountId | undefined
): Outcome => {
  const { at, body, receivedAt } = envelope
  const point = SchoolProfile.pointOf(profile, envelope.point)
  if (point === undefined) return Result.fail({ _tag: "UnknownPoint", point: envelope.point })
  const skew = Math.abs(at - receivedAt)
  if (skew > profile.clockTolerance && !Command.isToldLater(body)) {
    return Result.fail({ _tag: "ClockUntrusted", skew, tolerance: profile.clockTolerance })
  }
  const procedure = procedureOf(account, body)
  const refused = (procedure === undefined
    ? undefined
    : refuseProcedure(profile, procedure, { account, envelope, now, point })) ?? CashDesk.refuse(profile, body)
  if (refused !== undefined) return Result.fail(refused)
  const setting: Setting = { profile, envelope, point, now, holder }
  if (body._tag === "OpenAccount") return Enrolment.open(account, body, setting)
  if (account === undefined) return Result.fail(unknown(envelope.subject))
  const refusal = (isOfClosing(body) ? undefined : Closure.refuse(account)) ?? CodeUse.refuse(account, setting)
  return refusal === undefined ? rule(account, body, setting) : Result.fail(refusal)
}

/** Is this done here, by whoever attends, with what was presented, at this hour (R72, A19). */
const refuseProcedure = (
  profile: SchoolProfile.SchoolProfile,
  procedure: Procedure.Procedure,
  { account, envelope: { attendance }, now, point }: Pick<Setting, "envelope" | "now" | "point"> & {
    readonly account: AccountState | undefined
  }
): Decline.Decline | undefined =>
  Procedure.refuse(profile.places, procedure, point.category) ??
    Attendance.refuse(profile, procedure, point, attendance, {
      plastic: account === undefined || TemporaryCard.hasPlastic(profile.temporary, account)
    }) ??
    (isAttended(point.category) ? ServiceDesk.refuse(profile, procedure, now) : undefined)

/**
 * Facts post, a debt is repaid and money is paid out after the closing as well (D7); at a till and at a door, acceptance is
 * looked at first (D14).
 */
const isOfClosing = ({ _tag }: Command.Command): boolean => afterClosing.has(_tag)
const afterClosing: ReadonlySet<Command.Command["_tag"]> = new Set([
  "RecordCardPurchase",
  "RecordAlipayPurchase",
  "RecordPassage",
  "PayByCard",
  "PayByCode",
  "Identify",
  "OpenByKeyRing",
  "RepayDebt",
  "WriteOffDebt",
  "PayOut"
])

/** Only proofs that a flow of ours made count; a look-alike is as good as none. */
const checked = (envelope: Command.Envelope): Command.Envelope => {
  if (envelope.proofs === undefined) return envelope
  const { code, fresh, identity, original, password } = envelope.proofs
  return {
    ...envelope,
    proofs: {
      ...(Password.Proof.is(password) ? { password } : {}),
      ...(Password.Fresh.is(fresh) ? { fresh } : {}),
      ...(Match.is(identity) ? { identity } : {}),
      ...(VerifiedCode.VerifiedPay.is(code) || VerifiedCode.VerifiedIdentity.is(code) ? { code } : {}),
      ...(Original.Original.is(original) ? { original } : {})
    }
  }
}

/** Why nobody is found by this subject (D20). */
export const unknown = (subject: Command.Subject): Decline.Decline => {
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
export const procedureOf = (
  account: AccountState | undefined,
  body: Command.Command
): Procedure.Procedure | undefined => {
  switch (body._tag) {
    case "OpenAccount":
      return body.class === "temporary" ? "openTemporary" : "openAccount"
    case "IssueCard":
      return account?.class === "temporary" ? "issueTemporary" : "issueCard"
    case "PayByCard":
    case "PayByCode":
    case "RecordCardPurchase":
    case "RecordAlipayPurchase":
    case "RecordPassage":
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
  PayOut: "payOut",
  RefundPurchase: "refundPurchase",
  RepayDebt: "repayDebt",
  WriteOffDebt: "writeOffDebt",
  GrantAccess: "grantAccess",
  RevokeAccess: "revokeAccess",
  Identify: "identify",
  OpenByKeyRing: "openByKeyRing"
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
    case "RecordPassage":
      return Passage.record(account, body, setting)
    case "BeginLoad":
      return Tap.beginLoad(account, body, setting)
    case "SettleLoad":
      return CardLoad.settle(account, body, setting)
    case "ReversePurchase":
      return Tap.reverse(account, body, setting)
    case "IssueCard":
      return Replacement.issue(account, body, setting)
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
      return Funding.expireSubsidy(account, body, setting)
    case "RefundPurchase":
      return Refund.decide(account, body, setting)
    case "RepayDebt":
      return Debt.repay(account, body, setting)
    case "WriteOffDebt":
      return Debt.writeOff(account, body, setting)
    case "GrantAccess":
      return Passage.grant(account, body, setting)
    case "RevokeAccess":
      return Passage.revoke(account, body, setting)
    case "Identify":
      return Passage.identify(account, body, setting)
    case "OpenByKeyRing":
      return Passage.openByKeyRing(account, body, setting)
  }
}

/** Extends the validity of the active card's account, dormant or not: three new months begin today (R47, A4). */
const extendValidity = (
  account: AccountState,
  { card }: Command.Of<"ExtendValidity">,
  { now, profile }: Setting
): Outcome => {
  const refusal = Standing.ofPresented(profile, account, card) ?? Standing.ofEnded(account, dayOf(now))
  return refusal === undefined
    ? Result.succeed([{ _tag: "ValidityExtended", at: now, day: dayOf(now) }])
    : Result.fail(refusal)
}
