/**
 * What does not agree between a channel's bill, the orders and the books 对账差异, each with its numbers, and what may put it
 * right, as data (D2, I3).
 *
 * What the three sides say is never edited: a correction asks, confirms, sends back, or has a person look 挂账. Amounts in
 * fen; 0 where a side has nothing at all.
 */
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js"
import { Schema } from "effect"
import { BillRow } from "./BillRow.ts"
import { Day, Instant } from "./CivilTime.ts"
import { OrderId, OrderNumber, Words } from "./Id.ts"
import * as Money from "./Money.ts"
import { ReturnReason } from "./PaymentAttempt.ts"

const ours = { number: OrderNumber, order: OrderId }
const billed = { ...ours, row: BillRow }

export const Discrepancy = Schema.TaggedUnion({
  /** 长款: the bill has a payment that was told to nobody here. `state`: of the attempt. */
  Unrecorded: { ...billed, state: Schema.String },
  /** 长款: the bill has money under a number that is none of ours. */
  UnknownNumber: { row: BillRow },
  /** 短款: paid, as the channel once said, and not in its bill. */
  NotInBill: { ...ours, reference: Words, amount: Money.Amount, at: Instant },
  /** 金额不符: the bill has another amount. `recorded`: what was ordered, or paid, as far as we know. */
  AmountDiffers: { ...billed, recorded: Money.Amount },
  /** 重复: the bill has the same transaction once more. `copy`: which of them, the second first. */
  RepeatedRow: { row: BillRow, copy: Schema.Int },
  /** 重复: an order was paid by two transactions. `first`: the one that it was told of before. */
  PaidTwice: { ...ours, reference: Words, amount: Money.Amount, first: Words },
  /** 重复: one number of the channel's under several of ours, or of anybody's. `numbers`: all that claim it, in order. */
  SharedReference: { kind: BillRow.fields.kind, reference: Words, numbers: Schema.Array(Words), amount: Money.Amount },
  /** 跨日: the bill has a payment that is of another day here, and that no comparison before this one waits for. */
  OtherDay: { ...billed, recordedOn: Day },
  /** 记账差异: paid, and neither credited nor on its way back. `state`: of the order. */
  Unfinished: { ...ours, amount: Money.Amount, state: Schema.String },
  /** 记账差异: the books credited another sum than stands with the order. */
  LedgerDiffers: { order: OrderId, reference: Words, recorded: Money.Money, credited: Money.Money },
  /**
   * 退款差异: one side only knows that it is done; 金额不符 where the bill's refunds of a payment are another sum. `recorded`:
   * what goes back as far as we know. `references`: of the refunds that were added up.
   */
  RefundDiffers: {
    ...ours,
    side: Schema.Literals(["bill", "orders", "amount"]),
    billed: Money.Money,
    recorded: Money.Money,
    state: Schema.String,
    reason: Schema.optionalKey(ReturnReason),
    references: Schema.optionalKey(Schema.Array(Words))
  },
  /** 退款差异: a refund that nobody here asked for: made in the channel's back office, in part, or once more. */
  RefundUnasked: { ...billed, state: Schema.String }
})
export type Discrepancy = typeof Discrepancy.Type
export type Of<Tag extends Discrepancy["_tag"]> = Extract<Discrepancy, { readonly _tag: Tag }>

/** What may put it right. None of them happens twice, however often it is asked for. */
export const Correction = Schema.TaggedUnion({
  /** The channel is asked, and if it does not know better, the row of the bill is believed 补单. */
  Confirm: ours,
  /** What the order did not take goes back. */
  GiveBack: ours,
  /** The row of the bill is believed: what goes back is back, and nothing more is sent. */
  ConfirmBack: ours,
  /** The channel is asked what became of a refund, under its own number. */
  AskRefund: ours,
  /** The channel is asked what became of a payment. */
  AskChannel: ours,
  /** The order goes on from where it was cut off. */
  GoOn: { order: OrderId },
  /** A person has to look 挂账. */
  Suspend: {}
})
export type Correction = typeof Correction.Type

/** How people who keep books call it, each group under one name. */
export type Group = "long" | "short" | "amount" | "repeated" | "ledger" | "day" | "refund"
const groups: { readonly [Tag in Discrepancy["_tag"]]: Group } = {
  Unrecorded: "long",
  UnknownNumber: "long",
  NotInBill: "short",
  AmountDiffers: "amount",
  RepeatedRow: "repeated",
  PaidTwice: "repeated",
  SharedReference: "repeated",
  OtherDay: "day",
  Unfinished: "ledger",
  LedgerDiffers: "ledger",
  RefundDiffers: "refund",
  RefundUnasked: "refund"
}
export const groupOf = (it: Discrepancy): Group =>
  it._tag === "RefundDiffers" && it.side === "amount" ? "amount" : groups[it._tag]

/** The channel's number of the transaction, or of the order where there is none. */
export const numberOf = (it: Discrepancy): string =>
  "number" in it
    ? it.number
    : "row" in it
    ? it.row.number
    : it._tag === "SharedReference"
    ? it.numbers.join(" ")
    : it.order

/** What it is about, in fen: what too much or too little stands on one side. */
export const amountOf = (it: Discrepancy): Money.Money => {
  switch (it._tag) {
    case "Unrecorded":
    case "UnknownNumber":
    case "RepeatedRow":
    case "OtherDay":
    case "RefundUnasked":
      return it.row.amount
    case "AmountDiffers":
      return apart(it.row.amount, it.recorded)
    case "LedgerDiffers":
      return apart(it.credited, it.recorded)
    case "RefundDiffers":
      return it.side === "bill" ? it.billed : it.side === "orders" ? it.recorded : apart(it.billed, it.recorded)
    default:
      return it.amount
  }
}
const apart = (one: Money.Money, other: Money.Money): Money.Money =>
  Money.minus(Money.max(one, other), Money.min(one, other))

/**
 * By which the same difference is known when it is found again, whatever else has changed about it since. `account`: of the
 * merchant at the channel, or the channel's name where nobody says.
 */
export const keyOf = (account: string, it: Discrepancy): string =>
  bytesToHex(sha256(utf8ToBytes(JSON.stringify([account, it._tag, ...partsOf(it)])))).slice(0, 20)

const partsOf = (it: Discrepancy): ReadonlyArray<string> => {
  switch (it._tag) {
    case "UnknownNumber":
    case "RefundUnasked":
      return [...rowParts(it.row), ""]
    case "RepeatedRow":
      return [...rowParts(it.row), `${it.copy}`]
    case "OtherDay":
      return [...rowParts(it.row), `${it.row.day}`]
    case "SharedReference":
      return [it.kind, it.reference, ...it.numbers]
    case "RefundDiffers":
      return [it.number, ...it.references ?? []]
    default:
      return [numberOf(it), "reference" in it ? it.reference : "row" in it ? it.row.reference : ""]
  }
}
const rowParts = ({ kind, number, reference, refundNumber = "" }: BillRow): ReadonlyArray<string> => [
  kind,
  number,
  reference,
  refundNumber
]
