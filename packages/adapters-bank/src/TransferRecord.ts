/**
 * One debit of a contracted bank card 圈存扣款, as the school has it on record: a subject of its own, named by the
 * number of its payment attempt.
 *
 * It is written down before the bank is asked, with all that its reversal needs; whoever finds it later and does not
 * know how it ended takes it back. Of the card it knows what the school calls the contract, and the digits that people
 * may see: never the number. Amounts are fen.
 */
import { CivilTime, type Decider, Id, Money } from "@yikatong/core"
import { Result, Schema } from "effect"

export const kind = "bankTransfer"

const Count = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 999_999 }))

const sent = {
  /** Under which the terminal has sent it; a reversal bears the same. */
  terminal: Schema.String,
  batch: Count,
  number: Count,
  account: Id.AccountId,
  amount: Money.Amount,
  /** What the school calls the holder's contract with the bank. */
  contract: Id.Words,
  sentAt: CivilTime.Instant
}

/** Why it is taken back: no answer, an answer that is not the host's, or given up. */
export const Reason = Schema.Literals(["98", "96", "17"])
export type Reason = typeof Reason.Type

export const TransferRecord = Schema.TaggedUnion({
  /** About to be sent, or sent: as long as nothing else is written down, nobody knows. */
  Sent: sent,
  Paid: { ...sent, reference: Id.Words, paidAt: CivilTime.Instant },
  /** Surely not done. */
  Declined: { ...sent, code: Schema.String, endedAt: CivilTime.Instant },
  /** To be taken back, until the bank has answered that. */
  Reversing: { ...sent, reason: Reason, since: CivilTime.Instant },
  Reversed: { ...sent, reason: Reason, endedAt: CivilTime.Instant }
})
export type TransferRecord = typeof TransferRecord.Type
/** What the bank has to be asked for, and to take back. */
export type Sent = Omit<Extract<TransferRecord, { readonly _tag: "Sent" }>, "_tag">

export const Command = Schema.TaggedUnion({
  Send: {
    terminal: Schema.String,
    batch: Count,
    number: Count,
    account: Id.AccountId,
    amount: Money.Amount,
    contract: Id.Words
  },
  Pay: { reference: Id.Words, paidAt: CivilTime.Instant },
  Decline: { code: Schema.String },
  TakeBack: { reason: Reason },
  Reverse: {},
  /** A person has seen in the bank's books how it ended: paid, with the bank's number of it, or taken back. */
  Settle: { paid: Schema.optionalKey(Schema.Struct({ reference: Id.Words, paidAt: CivilTime.Instant })) }
})
export type Command = typeof Command.Type

const at = { at: CivilTime.Instant }

export const Event = Schema.TaggedUnion({
  Sent: { ...at, ...Command.cases.Send.fields, _tag: Schema.tag("Sent") },
  Paid: { ...at, reference: Id.Words, paidAt: CivilTime.Instant },
  Declined: { ...at, code: Schema.String },
  Reversing: { ...at, reason: Reason },
  Reversed: at
})
export type Event = typeof Event.Type

const step = (record: TransferRecord | undefined, command: Command, at: CivilTime.Instant): Event | undefined => {
  if (command._tag === "Send") return record === undefined ? { ...command, _tag: "Sent", at } : undefined
  switch (record?._tag) {
    case "Sent":
      switch (command._tag) {
        case "Pay":
          return { ...command, _tag: "Paid", at }
        case "Decline":
          return { ...command, _tag: "Declined", at }
        case "TakeBack":
          return { ...command, _tag: "Reversing", at }
      }
      return undefined
    case "Reversing":
      if (command._tag === "Settle" && command.paid !== undefined) return { _tag: "Paid", at, ...command.paid }
      return command._tag === "Reverse" || command._tag === "Settle" ? { _tag: "Reversed", at } : undefined
    default:
      return undefined
  }
}

/** Whether a command may be given to the record as it stands: looked at before it is written down for ever. */
export const takes = (record: TransferRecord | undefined, command: Command, now: CivilTime.Instant): boolean =>
  step(record, command, now) !== undefined

const decide: Decider.Decider<TransferRecord, Command, Event>["decide"] = (record, command, { now }) => {
  const event = step(record, command, now)
  if (event !== undefined) return Result.succeed([event])
  return record === undefined
    ? Result.fail({ _tag: "UnknownSubject", kind })
    : Result.fail({ _tag: "OrderStepRefused", order: record._tag, step: command._tag })
}

const evolve = (record: TransferRecord | undefined, event: Event): TransferRecord => {
  if (event._tag === "Sent") {
    const { at, ...rest } = event
    return { ...rest, sentAt: at }
  }
  if (record === undefined) throw new Error(`A transfer begins with Sent, not with ${event._tag}`)
  const { account, amount, batch, contract, number, sentAt, terminal } = record
  const all = { account, amount, batch, contract, number, sentAt, terminal }
  switch (event._tag) {
    case "Paid":
      return { _tag: "Paid", ...all, reference: event.reference, paidAt: event.paidAt }
    case "Declined":
      return { _tag: "Declined", ...all, code: event.code, endedAt: event.at }
    case "Reversing":
      return { _tag: "Reversing", ...all, reason: event.reason, since: event.at }
    case "Reversed":
      if (!("reason" in record)) throw new Error(`A transfer that is ${record._tag} is never reversed`)
      return { _tag: "Reversed", ...all, reason: record.reason, endedAt: event.at }
  }
}

/** The decider of transfers. Its events post nothing: the money moves in the books of the account. */
export const decider: Decider.Decider<TransferRecord, Command, Event> = {
  kind,
  state: TransferRecord,
  command: Command,
  event: Event,
  decide,
  evolve,
  postings: () => []
}
