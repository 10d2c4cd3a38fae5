/**
 * The deposit that a bank begins 银行发起充值: the holder pays in the bank's app, and the bank asks the school's server. Who
 * is it (lookup), credit it (deposit), take it back (reverse), what became of it (inquiry).
 *
 * No specification of China Construction Bank is public; the messages are those which every bank's gateway for bills
 * has. A dealing is named by bank, day and the bank's serial number: the same once more gets the first answer again,
 * with another amount it is refused (`duplicateMismatch`). A reversal that finds nothing is accepted, and its deposit
 * refused when it comes late (`reversedBefore`). Amounts are fen.
 */
import { CivilTime, Money } from "@yikatong/core"
import { Schema } from "effect"

/** What an answer says 应答码. */
export const DepositCode = Schema.Literals([
  "accepted",
  "notFound",
  "nameMismatch",
  "lost",
  "frozen",
  "closed",
  "overLimit",
  /** The same serial number with another amount. */
  "duplicateMismatch",
  /** A reversal of it came before. */
  "reversedBefore",
  /** Spent, or written to the card: it can not be taken back here, the books of the day settle it. */
  "spent",
  /** Not from the holder's own bank card. */
  "notOwnCard",
  /** The school's side is out of order; the bank asks again. */
  "outOfOrder",
  "malformed"
])
export type DepositCode = typeof DepositCode.Type

const Line = Schema.String.check(Schema.isPattern(/^[^\p{Cc}\p{Cs}]{1,64}$/u))
const Name = Schema.RedactedFromValue(Line)
const IdNumber = Schema.RedactedFromValue(Schema.String.check(Schema.isPattern(/^[0-9A-Za-z()]{5,20}$/)))
const Time = Schema.String.check(Schema.isPattern(/^(?:[01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]$/))

/** What every message bears: the bank's serial number, day and time, and the school's number at the bank. */
const head = { bankSerial: Line, bankDate: CivilTime.Day, bankTime: Time, school: Line }
const original = { originalSerial: Line, originalDate: CivilTime.Day }
const answer = { ...head, code: DepositCode }

/** What a deposit is known as by the school: nothing came, credited, refused, or taken back. */
export const DepositState = Schema.Literals(["none", "credited", "refused", "reversed"])
export type DepositState = typeof DepositState.Type

/** All messages, from either side. */
export const DepositMessage = Schema.TaggedUnion({
  Lookup: { ...head, studentNumber: Line, name: Name, idNumber: Schema.optionalKey(IdNumber) },
  LookupAnswer: {
    ...answer,
    /** As a person may see it on another's screen: 王*. */
    shownName: Schema.optionalKey(Line),
    account: Schema.optionalKey(Line),
    balance: Schema.optionalKey(Money.Money),
    least: Schema.optionalKey(Money.Amount),
    most: Schema.optionalKey(Money.Amount)
  },
  Deposit: {
    ...head,
    studentNumber: Line,
    account: Line,
    amount: Money.Amount,
    /** The last four digits of the card that paid. */
    payerTail: Schema.String.check(Schema.isPattern(/^[0-9]{4}$/)),
    payerNameHash: Schema.String.check(Schema.isPattern(/^[0-9A-Fa-f]{64}$/)),
    /** The bank has made sure that the card is the holder's own 仅本人卡. */
    ownCard: Schema.Boolean
  },
  DepositAnswer: { ...answer, campusSerial: Schema.optionalKey(Line), balance: Schema.optionalKey(Money.Money) },
  Reverse: { ...head, ...original, amount: Money.Amount },
  ReverseAnswer: { ...answer, campusSerial: Schema.optionalKey(Line) },
  Inquiry: { ...head, ...original },
  InquiryAnswer: {
    ...answer,
    state: Schema.optionalKey(DepositState),
    campusSerial: Schema.optionalKey(Line),
    amount: Schema.optionalKey(Money.Amount)
  },
  SignIn: head,
  SignInAnswer: answer,
  SignOut: head,
  SignOutAnswer: answer,
  Heartbeat: head,
  HeartbeatAnswer: answer
})
export type DepositMessage = typeof DepositMessage.Type

/** What the bank sends. */
export type DepositRequest = Exclude<DepositMessage, { readonly _tag: `${string}Answer` }>
/** What the school answers. */
export type DepositAnswer = Extract<DepositMessage, { readonly _tag: `${string}Answer` }>

/** The fields by which an answer is known as that of its request. */
export const same = ["bankSerial", "bankDate", "school"] as const
