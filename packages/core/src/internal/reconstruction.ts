/**
 * What came with a command that now stands in the journal 还原: proofs are not kept (D15), so they are made again from what
 * was answered.
 *
 * An answer later than the password in D14's order shows that the password was right or not asked for; `PasswordWrong`
 * that it was wrong; `PasswordRequired` and `PasswordMissing` that there was none. What of a wrong claim was looked at
 * shows in the tries that were counted. A code that is named was judged and found good, unless the answer is
 * `CodeRequired`. A credit was paid unless it was answered `NotPaid`. This mints evidence, so it is internal: only a replay
 * that writes nothing may do so.
 */
import { Schema } from "effect"
import type { AccountEvent } from "../AccountEvent.ts"
import type { AccountState } from "../AccountState.ts"
import type { Answer } from "../Answer.ts"
import { IdentityMedium, PayMedium } from "../CodeKeys.ts"
import type { Envelope, Of, Proofs, Recorded } from "../Command.ts"
import * as Correction from "../Correction.ts"
import { CredentialId, type Handle, MerchantId } from "../Id.ts"
import { type Book, transfer } from "../Ledger.ts"
import * as Money from "../Money.ts"
import * as Original from "../Original.ts"
import * as Password from "../Password.ts"
import * as Person from "../Person.ts"
import { PaidEvidence } from "../Recharge.ts"
import { type VerifiedCode, VerifiedIdentity, VerifiedPay } from "../VerifiedCode.ts"
import { mintKey } from "./mint.ts"

/** What the journal keeps of a command and of what became of it; `events` also where it was declined (D13). */
export interface Told {
  readonly command: Recorded
  readonly answer: Answer
  readonly events: ReadonlyArray<AccountEvent>
}

/**
 * What was typed. `unsaid`: nothing shows that a password came, and if one did, it made no difference. The holder is
 * taken to know it.
 */
export type Typed = "right" | "wrong" | "stale" | "none" | "unsaid"

/** What was typed, as far as the answer shows. */
export const typed = ({ answer, command, events }: Told): Typed => {
  if (answer._tag === "Declined") {
    switch (answer.decline._tag) {
      case "PasswordRequired":
      case "PasswordMissing":
        return "none"
      // Locked after wrong tries: nobody looked at this one any more.
      case "PasswordWrong":
      case "PasswordLocked":
        return "wrong"
      case "PasswordStale":
        return "stale"
      case "PasswordMustChange":
      case "PasswordTooWeak":
        return "right"
      default:
        return command.retryOf === undefined ? "unsaid" : "right"
    }
  }
  const asked = command.retryOf !== undefined || passedTier({ answer, command, events }) ||
    answer.events.some((event) => event._tag === "PasswordTried" && !isClaimed(event.channel))
  return asked ? "right" : "unsaid"
}

/** Whether an approved purchase lay above a password tier, which only a right password passes. */
const passedTier = ({ answer, command: { body } }: Told): boolean =>
  answer._tag === "Approved" && (body._tag === "PayByCard" || body._tag === "PayByCode") &&
  answer.remaining.some(({ per, threshold, tier, used }) =>
    tier === "password" && (per === "payment" ? body.amount : used) > threshold
  )

/** The envelope of a recorded command for an account as it is then; `password` is what was typed. */
export const envelope = (
  told: Told,
  account: AccountState | undefined,
  password: Exclude<Typed, "unsaid">,
  body: Recorded["body"] = told.command.body
): Envelope => {
  const { body: _, subject, ...stated } = told.command
  const common = {
    ...stated,
    subject: subject._tag === "Nobody" ? { _tag: "Handle", handle: nobody(subject.kind) } as const : subject,
    proofs: proofs(told, account, password, body)
  }
  if (body._tag !== "CreditRecharge") return { ...common, body }
  const { answer } = told
  const paid = !(answer._tag === "Declined" && answer.decline._tag === "NotPaid")
  const { amount, channel, order, paidAt } = body
  // Evidence of another payment is as good as none.
  const reference = paid ? body.reference : `${body.reference === "-" ? "" : "-"}-`
  return { ...common, body, evidence: new PaidEvidence(mintKey, { amount, channel, order, paidAt, reference }) }
}

/** A handle that leads to no account: its value was never kept (D24), and none is needed. */
const nobody = (kind: string): Handle => ({ kind: kind as Handle["kind"], value: "-" })

const proofs = (
  told: Told,
  account: AccountState | undefined,
  password: Exclude<Typed, "unsaid">,
  body: Recorded["body"]
): Proofs => {
  const fresh = freshOf(told)
  const original = account === undefined ? undefined : originalOf(told, account, body)
  const code = codeOf(told, account, body)
  const version = account?.password.version ?? 1
  return {
    identity: new Person.Match(mintKey, comparedOf(told)),
    ...(fresh === undefined ? {} : { fresh }),
    ...(original === undefined ? {} : { original }),
    ...(code === undefined ? {} : { code }),
    ...(password === "none"
      ? {}
      : { password: new Password.Proof(mintKey, password === "stale" ? version - 1 : version, password !== "wrong") })
  }
}

const isClaimed = Schema.is(Password.ClaimChannel)

/**
 * The claim that came. Of one that was refused just the parts that were counted: none, where nothing was held against
 * the register. Of any other, what the command cannot do without and what was forgotten again. One that came behind a
 * lock is taken to be wrong, as a password there is.
 */
const comparedOf = ({ answer, command: { body }, events }: Told): Person.Compared => {
  const tag = answer._tag === "Declined" ? answer.decline._tag : undefined
  const tried = events.flatMap((event) => event._tag === "PasswordTried" ? [event.channel] : [])
  const name = tried.includes("claimedName")
  const document = tried.includes("claimedDocument")
  if (tag === "IdentityNotMatched") return { ok: false, name, document }
  // Which part waits is not told, so all of it was claimed: a part that does not wait changes nothing behind a lock.
  if (tag === "IdentityLocked") return { ok: false, name: true, document: true }
  return { ok: true, name: name || body._tag !== "PlaceRecharge", document: document || body._tag !== "OpenWallet" }
}

/** The code that was judged before the account was asked. Of what it says, only what the command names was kept. */
const codeOf = (
  { answer }: Told,
  account: AccountState | undefined,
  body: Recorded["body"]
): VerifiedCode | undefined => {
  if (answer._tag === "Declined" && answer.decline._tag === "CodeRequired") return undefined
  if ((body._tag !== "PayByCode" && body._tag !== "Identify") || body.code === undefined) return undefined
  const { medium } = body
  const facts = { ...body.code, accountClass: account?.class ?? "regular", skew: 0 } as const
  if (body._tag === "PayByCode") {
    return isPay(medium)
      ? new VerifiedPay(mintKey, { ...facts, medium, offlineCap: Money.zero, offlineUses: 0 })
      : undefined
  }
  return isPay(medium) || isIdentity(medium) ? new VerifiedIdentity(mintKey, { ...facts, medium }) : undefined
}
const isPay = Schema.is(PayMedium)
const isIdentity = Schema.is(IdentityMedium)

/** The purchase that went back, as far as what was answered tells of it. What was refused stays refused. */
const originalOf = (
  { answer }: Told,
  account: AccountState,
  body: Recorded["body"]
): Original.Original | undefined => {
  if (answer._tag === "Declined") return undefined
  if (body._tag === "ReversePurchase") return undebitedOf(answer, account, body)
  return body._tag === "RefundPurchase" ? refundedOf(answer, account, body) : undefined
}

type Approved = Extract<Told["answer"], { readonly _tag: "Approved" }>

/** The purchase that its chip never paid: all of it was to come from the chip. */
const undebitedOf = (
  answer: Approved,
  account: AccountState,
  { purchase }: Of<"ReversePurchase">
): Original.Original | undefined => {
  const reversed = answer.events.find(({ _tag }) => _tag === "PurchaseReversed")
  if (reversed?._tag !== "PurchaseReversed" || reversed.undebited === undefined) return undefined
  const { amount, at, cell, point, transfers: back, undebited: { before: chip, card } } = reversed
  const book = back.map(({ from }) => from).find((from) => from.startsWith("merchant:"))
  if (book === undefined) return undefined
  const transfers = transfer("chip", book, amount)
  return new Original.Original(mintKey, {
    account: account.id,
    purchase,
    merchant: MerchantId.make(book.slice("merchant:".length)),
    amount,
    transfers,
    cell,
    online: { purchase, at, point, card, chip, cell, amount, transfers }
  })
}

/** The purchase behind a refund: it allows that refund, to the pockets to which it went. */
const refundedOf = (
  answer: Approved,
  account: AccountState,
  { purchase }: Of<"RefundPurchase">
): Original.Original | undefined => {
  const refunded = answer.events.find(({ _tag }) => _tag === "PurchaseRefunded")
  if (refunded?._tag !== "PurchaseRefunded") return undefined
  const { amount, cell, merchant, transfers, whole } = refunded
  const before = Correction.returned(account, purchase)
  const book: Book = `merchant:${merchant}`
  const rest = Money.amount(1)
  return new Original.Original(mintKey, {
    account: account.id,
    purchase,
    merchant,
    amount: Money.amount(Money.sum([before, amount, whole ? Money.zero : rest])),
    // The last payer comes first when money goes back, after what went back before.
    transfers: [
      ...(whole ? [] : transfer("transit", book, rest)),
      ...transfers.map(({ amount, to }) => ({ from: to, to: book, amount })).reverse(),
      ...transfer("transit", book, before)
    ],
    cell
  })
}

/** The new password that came with a command which sets one. */
const freshOf = ({ answer, command: { body } }: Told): Password.Fresh | undefined => {
  if (body._tag !== "OpenAccount" && body._tag !== "ChangePassword" && body._tag !== "ResetPassword") return undefined
  if (answer._tag === "Declined") {
    const { decline } = answer
    if (decline._tag === "PasswordMissing") return undefined
    const weakness = decline._tag === "PasswordTooWeak" ? decline.weakness : undefined
    return new Password.Fresh(mintKey, unknown, weakness, false)
  }
  for (const event of answer.events) {
    if (event._tag === "AccountOpened" || event._tag === "PasswordSet") {
      return new Password.Fresh(mintKey, event.credential, undefined, event.mustChange)
    }
  }
  return undefined
}

/** Stands for a password that was refused, and so was never kept. */
const unknown = CredentialId.make("what-if/refused")
