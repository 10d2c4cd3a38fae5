/**
 * The transfer that the school begins 圈存 (银校通): a holder has a contract with the bank, and the school's server draws
 * money from the card for the campus account.
 *
 * No specification of China Construction Bank is public, and every branch has another. A transfer is named by the
 * school's day and serial number. An answer that is late, cut off or not of the same dealing is no answer: the transfer
 * is reversed. The bank accepts a reversal of what it does not know, and of what is reversed. Amounts are fen.
 */
import { CivilTime, Money } from "@yikatong/core"
import { Schema } from "effect"
import * as Pan from "../Pan.ts"

/** What the bank says. A code that the layout does not list is refused as a reply, so it ends like no answer. */
export const TransferCode = Schema.Literals([
  "accepted",
  "noContract",
  "notEnoughMoney",
  "overLimit",
  "cardRefused",
  "nameMismatch",
  "contractExists",
  /** The serial number was used before. */
  "duplicate",
  /** A reversal of another day: the books settle it. */
  "tooLate",
  "malformed",
  "outOfOrder"
])
export type TransferCode = typeof TransferCode.Type

const Line = Schema.String.check(Schema.isPattern(/^[^\p{Cc}\p{Cs}]{1,64}$/u))
const Name = Schema.RedactedFromValue(Line)
const IdNumber = Schema.RedactedFromValue(Schema.String.check(Schema.isPattern(/^[0-9A-Za-z()]{5,20}$/)))
const Time = Schema.String.check(Schema.isPattern(/^(?:[01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]$/))

/** What every message bears: the school's day, time and serial number, its channel and its number at the bank. */
const head = { date: CivilTime.Day, time: Time, campusSerial: Line, channel: Line, organisation: Line }
const answer = { ...head, code: TransferCode, bankSerial: Schema.optionalKey(Line), words: Schema.optionalKey(Line) }
const holder = { account: Line, name: Name, idNumber: IdNumber, bankCard: Pan.Pan }

/** All messages, from either side. */
export const TransferMessage = Schema.TaggedUnion({
  SignIn: head,
  SignInAnswer: answer,
  SignOut: head,
  SignOutAnswer: answer,
  /** 签约. */
  Contract: { ...head, ...holder },
  ContractAnswer: answer,
  /** 解约. */
  Terminate: { ...head, account: Line, bankCard: Pan.Pan },
  TerminateAnswer: answer,
  Transfer: { ...head, ...holder, amount: Money.Amount },
  TransferAnswer: { ...answer, settlementDay: Schema.optionalKey(CivilTime.Day) },
  /** 冲正. It names its transfer, and has a serial number of its own. */
  Reversal: { ...head, originalDate: CivilTime.Day, originalSerial: Line, originalAmount: Money.Amount },
  ReversalAnswer: answer,
  /** Asks for the list of a day 明细下载. */
  Download: { ...head, day: CivilTime.Day },
  DownloadAnswer: {
    ...answer,
    file: Schema.optionalKey(Line),
    count: Schema.optionalKey(Schema.String.check(Schema.isPattern(/^[0-9]{1,9}$/))),
    sum: Schema.optionalKey(Money.Money)
  }
})
export type TransferMessage = typeof TransferMessage.Type

/** What the school sends. */
export type TransferRequest = Exclude<TransferMessage, { readonly _tag: `${string}Answer` }>
/** What the bank answers. */
export type TransferAnswer = Extract<TransferMessage, { readonly _tag: `${string}Answer` }>

/** The fields by which an answer is known as that of its request. */
export const same = ["date", "campusSerial", "organisation"] as const

/** The reversal of a transfer, under a number of its own. */
export const reversal = (
  transfer: Extract<TransferMessage, { readonly _tag: "Transfer" }>,
  now: { readonly date: CivilTime.Day; readonly time: string; readonly campusSerial: string }
): Extract<TransferMessage, { readonly _tag: "Reversal" }> => ({
  _tag: "Reversal",
  ...now,
  channel: transfer.channel,
  organisation: transfer.organisation,
  originalDate: transfer.date,
  originalSerial: transfer.campusSerial,
  originalAmount: transfer.amount
})
