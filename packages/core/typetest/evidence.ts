/**
 * Promises that the compiler keeps: each line below `@ts-expect-error` must not compile, and the line before it shows that only that is
 * wrong. Nothing here runs; `tsc -b` is the test.
 */
import type { Result } from "effect"
import {
  type AccountEvent,
  Card,
  CivilTime,
  type Command,
  type Decline,
  type Fault,
  Id,
  type Misuse,
  Money,
  Password,
  Person,
  Recharge,
  type Report,
  type SchoolProfile
} from "../src/index.ts"
import type * as core from "../src/index.ts"
import type { Outcome } from "../src/Setting.ts"

declare const now: CivilTime.Instant
declare const key: symbol
declare const evidence: Recharge.PaidEvidence
declare const proof: Password.Proof
declare const fresh: Password.Fresh
declare const match: Person.Match

const stated = {
  caller: Id.CallerId.make("bank"),
  id: Id.CommandId.make("credit-1"),
  at: now,
  receivedAt: now,
  point: Id.PointId.make("ccb-app"),
  subject: { _tag: "Account", account: Id.AccountId.make("a1") }
} as const
const paid: Recharge.Paid = {
  order: Id.OrderId.make("app:order-1"),
  channel: "ccbApp",
  amount: Money.amount(5_000),
  paidAt: now,
  reference: "bank-1"
}
const credit: Command.Of<"CreditRecharge"> = { _tag: "CreditRecharge", ...paid }
const recharge: Command.Of<"MoveToTransit"> = { _tag: "MoveToTransit", amount: paid.amount }

// D2 A credit is written down with the evidence that it was paid, or not at all.
export const credited: Command.Envelope = { ...stated, body: credit, evidence }
// @ts-expect-error D2 no evidence
export const unpaid: Command.Envelope = { ...stated, body: credit }
// @ts-expect-error D2 evidence that is none
export const undefinedEvidence: Command.Envelope = { ...stated, body: credit, evidence: undefined }
// @ts-expect-error D2 what a channel says is not yet evidence
export const claimed: Command.Envelope = { ...stated, body: credit, evidence: paid }
// @ts-expect-error D2 a body that may be a credit needs it as well
export const perhaps = (body: Command.Command): Command.Envelope => ({ ...stated, body })
export const other: Command.Envelope = { ...stated, body: recharge }
// @ts-expect-error D2 and nothing else comes with evidence
export const otherWithEvidence: Command.Envelope = { ...stated, body: recharge, evidence }

// D2 PaidEvidence cannot be built from plain data: it lacks the private field, and the key has no public name.
// @ts-expect-error D2 plain data
export const plain: Recharge.PaidEvidence = paid
// @ts-expect-error D2 a copy loses what makes it evidence
export const copied: Recharge.PaidEvidence = { ...evidence }
// @ts-expect-error D2 any symbol is not the key
export const built = new Recharge.PaidEvidence(key, paid)
// @ts-expect-error D2 nor is a new one
export const forged = new Recharge.PaidEvidence(Symbol("@yikatong/core/mint"), paid)
// @ts-expect-error D2 there is no key to be had
export type Key = (typeof core)["mintKey"]
// @ts-expect-error D2 and no schema that would read one from a file
export const schema = Recharge.PaidEvidence.fields
// @ts-expect-error D2 what was paid does not change
export const changed = () => (evidence.amount = paid.amount)
// D2 The journal keeps that it was credited, never the evidence.
declare const recorded: Command.Recorded
export const kept: Command.Command = recorded.body
// @ts-expect-error D2
export const keptEvidence = recorded.evidence
// @ts-expect-error D15 nor a proof
export const keptProofs = recorded.proofs

// D15 Nor can the other proofs.
export const proven: Command.Envelope = {
  ...stated,
  body: recharge,
  proofs: { password: proof, fresh, identity: match }
}
// @ts-expect-error D15 a password that somebody says is right
export const saidRight: Password.Proof = { version: 1, ok: true }
// @ts-expect-error D15
export const builtProof = new Password.Proof(key, 1, true)
// @ts-expect-error A14 a new password that somebody says is strong
export const saidStrong: Password.Fresh = { credential: fresh.credential, weakness: undefined, oneTime: false }
// @ts-expect-error A14
export const builtFresh = new Password.Fresh(key, fresh.credential, undefined, false)
// @ts-expect-error R24 an identity that somebody says was checked
export const saidMatching: Person.Match = { ok: true, name: true, document: true }
// @ts-expect-error R24
export const builtMatch = new Person.Match(key, { ok: true, name: true, document: true })
// @ts-expect-error D15 one kind of proof is not another: that a name fitted does not prove a password
export const wrongProof: Command.Proofs = { password: match }
// @ts-expect-error R24 nor that a password fitted a name
export const wrongMatch: Command.Proofs = { identity: proof }

// R44 What a card can go through depends on the state that it is in.
declare const issued: Card.Issued
declare const active: Card.Active
declare const lost: Card.Lost
declare const replaced: Card.Replaced
declare const cancelled: Card.Cancelled
declare const returned: Card.Returned
export const found: Card.Active = Card.reportFound(lost, now)
// @ts-expect-error R44 a replaced card is never reported found
export const foundReplaced = Card.reportFound(replaced, now)
// @ts-expect-error D7 nor one that was given back with its account
export const foundReturned = Card.reportFound(returned, now)
// @ts-expect-error R43 nor one that is not lost
export const foundActive = Card.reportFound(active, now)
// @ts-expect-error R44 nor lost again
export const lostReplaced = Card.reportLost(replaced, now, Money.zero, Money.zero)
// @ts-expect-error R44 nor activated
export const activatedReplaced = Card.activate(replaced, now)
// @ts-expect-error R31 nor twice activated
export const activatedTwice = Card.activate(active, now)
// @ts-expect-error R30 nor activated once it was cancelled
export const activatedCancelled = Card.activate(cancelled, now)
export const claimed2: Card.Replaced = Card.claim(replaced, now)
// @ts-expect-error R42 only of a replaced card is there something to claim
export const claimedLost = Card.claim(lost, now)
// @ts-expect-error R41 only a lost card is replaced
export const replacedActive = Card.replace(active, issued.id, now)
// @ts-expect-error R30 a card in use is not cancelled
export const cancelledActive = Card.cancel(active, now)
// @ts-expect-error R31 what was not activated has no time of activation
export const activatedAt = issued.activatedAt

// R70 R71 Numbers say what they count.
export const fen: Money.Money = Money.of(5_000)
export const amount: Money.Money = Money.amount(5_000)
// @ts-expect-error R70 a bare number is not money
export const bareMoney: Money.Money = 5_000
// @ts-expect-error R70 nor an amount
export const bareAmount: Money.Amount = 5_000
// @ts-expect-error R70 money, which may be nothing, is not an amount
export const zeroAmount: Money.Amount = Money.zero
// @ts-expect-error R70 a sum of money is a number until somebody has looked at it
export const sum: Money.Money = fen + fen
// @ts-expect-error R71 a bare number is not an instant
export const bareInstant: CivilTime.Instant = 1_764_302_400_000
// @ts-expect-error R71 nor a day
export const bareDay: CivilTime.Day = 20_420
// @ts-expect-error R71 an instant is not a day
export const instantAsDay: CivilTime.Day = now
// @ts-expect-error R71 a day is not an instant
export const dayAsInstant: CivilTime.Instant = CivilTime.dayOf(now)
// @ts-expect-error R71 money is not time
export const moneyAsInstant: CivilTime.Instant = fen
// @ts-expect-error R70 time is not money
export const instantAsMoney: Money.Money = now
// @ts-expect-error D24 a bare text is no id
export const bareId: Id.AccountId = "a1"
// @ts-expect-error D24 the id of a person is not the id of an account
export const personAsAccount: Id.AccountId = Id.PersonId.make("p1")

// Section 4 of the design: that the campus says no, that the caller contradicts himself, and that something is broken, are three things.
/** Whether any value of the one is one of the other. */
type Mix<One, Other> = true extends (One extends Other ? true : never) ? true : false
export const declineIsDecline: Mix<Decline.Of<"NotPaid">, Decline.Decline> = true
// @ts-expect-error the line above would not compile with false, so that the lines below can fail
export const declineIsNone: Mix<Decline.Of<"NotPaid">, Decline.Decline> = false
export const declineIsMisuse: Mix<Decline.Decline, Misuse.Misuse> = false // I3
export const declineIsFault: Mix<Decline.Decline, Fault.Fault> = false // I3
export const misuseIsDecline: Mix<Misuse.Misuse, Decline.Decline> = false // I3
export const misuseIsFault: Mix<Misuse.Misuse, Fault.Fault> = false // I3
export const faultIsDecline: Mix<Fault.Fault, Decline.Decline> = false // I3: a fault never looks like "insufficient funds"
export const faultIsMisuse: Mix<Fault.Fault, Misuse.Misuse> = false // I3
export const reportIsDecline: Mix<Report.Report, Decline.Decline> = false // D11: what is reported was posted all the same
export const declineIsReport: Mix<Decline.Decline, Report.Report> = false // D11
export const stepIsDecline: Mix<Recharge.StepRefused, Decline.Decline> = false // D21: an order is no account
export const profileIsDecline: Mix<SchoolProfile.ProfileRejected, Decline.Decline> = false // R75
export const tagsMix: Mix<Decline.Decline["_tag"], (Misuse.Misuse | Fault.Fault | Report.Report)["_tag"]> = false // R73
type Events = ReadonlyArray<AccountEvent.AccountEvent>
declare const declining: Result.Result<Events, Decline.Decline>
declare const breaking: Result.Result<Events, Fault.Fault>
export const ruled: Outcome = declining
// @ts-expect-error D13 a rule declines; it cannot break
export const broken: Outcome = breaking
