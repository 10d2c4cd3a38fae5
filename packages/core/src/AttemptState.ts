/**
 * How one try to pay an order stands 支付单状态 (D2, D21): each state with what is known in it.
 */
import { Schema } from "effect"
import { Instant } from "./CivilTime.ts"
import { OrderId, OrderNumber, Words } from "./Id.ts"
import * as Money from "./Money.ts"
import { type Receipt, Witness } from "./Receipt.ts"
import { FundingSource } from "./Recharge.ts"

/** What a payer has to be shown, to pay 支付参数. Data of the channel: an app hands it on as it is. */
export const Instruction = Schema.TaggedUnion({
  /** The text of a QR code that the payer scans. */
  QrCode: { text: Schema.String },
  /** What the channel's own app or mini program is called with. */
  AppParameters: { parameters: Schema.Record(Schema.String, Schema.String) },
  /** A page of the channel to which the payer's browser is sent. `fields`: of a form, for POST. */
  Page: {
    method: Schema.Literals(["GET", "POST"]),
    url: Schema.String,
    fields: Schema.Record(Schema.String, Schema.String)
  },
  /** Nothing to show: the payer does the rest at the channel. */
  Nothing: {}
})
export type Instruction = typeof Instruction.Type

/** Why money goes back: of an order that could not take it, or paid a second time through another channel. */
export const ReturnReason = Schema.Literals(["accountClosed", "duplicate", "late", "mismatch", "takenBack"])
export type ReturnReason = typeof ReturnReason.Type

export const opened = {
  number: OrderNumber,
  order: OrderId,
  /** Which of the order's attempts: 1, 2, 3. */
  index: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1_000 })),
  channel: Words,
  source: FundingSource,
  amount: Money.Amount,
  /** When it was written down; some channels know a transaction by number and time only. */
  openedAt: Instant,
  expiresAt: Instant
}
const paid = { ...opened, paidAt: Instant, paidAmount: Money.Amount, reference: Words, witness: Witness }
const returning = { ...paid, reason: ReturnReason, dueAt: Instant, since: Instant }

/** An attempt in each state of its life. */
export const Attempt = Schema.TaggedUnion({
  /** Written down; the channel may not have been asked yet. */
  Opened: opened,
  /** The channel has it and waits for the payer. */
  Waiting: { ...opened, instruction: Instruction },
  /** The channel did not answer: it may have it. */
  Unknown: { ...opened, since: Instant },
  /** The channel closed it, unpaid, or never had it. A payment that comes all the same is believed. */
  Closed: { ...opened, closedAt: Instant },
  /** Paid; what becomes of the money is being decided. */
  Paid: paid,
  /** Its order was credited with it: done. */
  Kept: { ...paid, keptAt: Instant },
  /** The bank took it back after its order was credited 冲正: the account has the money still, and a person has to see to it. */
  TakenBack: { ...paid, keptAt: Instant, takenBackAt: Instant },
  /** A person has seen to what the bank took back, such as by having the holder pay it again: done. */
  SeenTo: { ...paid, keptAt: Instant, takenBackAt: Instant, seenToAt: Instant },
  /**
   * Its money goes back. `dueAt`: since when, which is also the time of the refund at channels that want one. `since`: from when
   * on the channel is asked. Both begin anew when somebody has seen to it.
   */
  Returning: returning,
  /** The channel has sent it back: done. */
  Returned: { ...returning, returnedAt: Instant },
  /** The channel can not send it back, such as to an account that was closed 退款异常: a person has to. */
  ReturnFailed: { ...returning, failedAt: Instant }
})
export type Attempt = typeof Attempt.Type

/** An attempt of which is known what was paid. */
export type Paid = Extract<Attempt, { readonly paidAmount: number }>

export const isPaid = (attempt: Attempt): attempt is Paid => "paidAmount" in attempt

/** Whether nobody has told of a payment yet, and one may come. */
export const isUnpaid = ({ _tag }: Attempt): boolean => _tag === "Opened" || _tag === "Waiting" || _tag === "Unknown"

/** Whether the channel has still to be asked, or something has to be done with what it said. */
export const isOpen = (attempt: Attempt): boolean =>
  isUnpaid(attempt) || attempt._tag === "Paid" || attempt._tag === "Returning"

/** Whether a person has to see to it. */
export const isStuck = ({ _tag }: Attempt): boolean => _tag === "ReturnFailed" || _tag === "TakenBack"

/** Whether a confirmation speaks of the payment that the attempt knows already. */
export const isSame = (attempt: Paid, { amount, reference }: Pick<Receipt, "amount" | "reference">): boolean =>
  attempt.paidAmount === amount && attempt.reference === reference
