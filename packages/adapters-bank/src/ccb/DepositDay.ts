/**
 * The bank's list of a day held against the deposits on record 对账: for what the bank began the bank's list is right,
 * so every difference is an adjustment of ours 调账, as data for a person and for the books of the day. Nothing is
 * changed here. Amounts are fen.
 */
import { type CivilTime, type Fault, type Id, type Money, SubjectStore } from "@yikatong/core"
import { Effect, Stream } from "effect"
import * as BankDeposit from "./BankDeposit.ts"
import type { DepositFile, DepositRow } from "./DepositFile.ts"
import * as DepositRecord from "./DepositRecord.ts"

/** One difference, and what the books have to do. `amount`: how much. */
export type Adjustment =
  /** The bank has it, we have not credited it: the holder has it coming. `known`: what we told the bank, if it came. */
  | { readonly _tag: "CreditMissing"; readonly row: DepositRow; readonly known?: BankDeposit.BankDeposit["_tag"] }
  /** We have credited it, and the bank has taken it back, or never had it: the school is owed it by the holder. */
  | {
    readonly _tag: "CreditUnpaid"
    readonly serial: string
    readonly account: Id.AccountId
    readonly amount: Money.Amount
    readonly why: "notListed" | "reversed"
  }
  /** Both have it, with other amounts. `ours`: what was credited. */
  | {
    readonly _tag: "AmountDiffers"
    readonly row: DepositRow
    readonly account: Id.AccountId
    readonly ours: Money.Amount
  }

/** A deposit on record with its key. */
export interface Listed {
  readonly key: BankDeposit.Key
  readonly deposit: BankDeposit.BankDeposit
}

/** The differences, the bank's rows first in their order, then what it does not list. */
export const compare = (file: DepositFile, ours: ReadonlyArray<Listed>): ReadonlyArray<Adjustment> => {
  const left = new Map(ours.filter(({ key }) => key.date === file.day).map((one) => [one.key.serial, one.deposit]))
  const adjustments: Array<Adjustment> = []
  for (const row of file.rows) {
    const deposit = left.get(row.bankSerial)
    left.delete(row.bankSerial)
    if (deposit?._tag !== "Credited") {
      const known = deposit === undefined ? {} : { known: deposit._tag }
      if (row.state === "credited") adjustments.push({ _tag: "CreditMissing", row, ...known })
      continue
    }
    const { account, amount } = deposit
    if (row.state === "reversed") {
      adjustments.push({ _tag: "CreditUnpaid", serial: row.bankSerial, account, amount, why: "reversed" })
    } else if (row.amount !== amount) {
      adjustments.push({ _tag: "AmountDiffers", row, account, ours: amount })
    }
  }
  for (const [serial, deposit] of left) {
    if (deposit._tag !== "Credited") continue
    const { account, amount } = deposit
    adjustments.push({ _tag: "CreditUnpaid", serial, account, amount, why: "notListed" })
  }
  return adjustments
}

/**
 * A bank's deposits of a day. Whoever was cut off from one has to be caught up with before (`DepositDealing.caughtUp`).
 */
export const ofDay = Effect.fnUntraced(function*(
  bank: Id.CallerId,
  day: CivilTime.Day
): Effect.fn.Return<ReadonlyArray<Listed>, Fault.StoreFault, SubjectStore.SubjectStore> {
  const store = yield* SubjectStore.SubjectStore
  return yield* store.all(BankDeposit.decider).pipe(
    Stream.map(({ state, subject }) => ({ key: DepositRecord.keyOf(bank, subject as Id.OrderId), deposit: state })),
    Stream.filter((one): one is Listed => one.key?.date === day),
    Stream.runCollect
  )
})
