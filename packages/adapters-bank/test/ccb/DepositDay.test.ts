import { CivilTime, Id, Money } from "@yikatong/core"
import { describe, expect, it } from "vitest"
import type * as BankDeposit from "../../src/ccb/BankDeposit.ts"
import * as DepositDay from "../../src/ccb/DepositDay.ts"
import type * as DepositFile from "../../src/ccb/DepositFile.ts"

const day = CivilTime.day("2026-03-02")
const at = CivilTime.instant("2026-03-02 12:00")
const account = Id.AccountId.make("account-1")
const fifty = Money.amount(5_000)
const came = { account, amount: fifty, paidAt: at, payerTail: "0003", receivedAt: at }
const credited: BankDeposit.BankDeposit = { _tag: "Credited", ...came, creditedAt: at, balance: Money.zero }
const reversed: BankDeposit.BankDeposit = { _tag: "Reversed", ...came, reversedAt: at }
const refused: BankDeposit.BankDeposit = { _tag: "Refused", ...came, code: "lost", refusedAt: at }
const tombstone: BankDeposit.BankDeposit = { _tag: "Tombstone", amount: fifty, reversedAt: at }

const row = (state: "credited" | "reversed", amount = fifty): DepositFile.DepositRow => ({
  bankDate: day,
  bankTime: "115900",
  bankSerial: "D1",
  studentNumber: "20260001",
  amount,
  state
})
const listed = (deposit: BankDeposit.BankDeposit, date = day): DepositDay.Listed => ({
  key: { bank: Id.CallerId.make("ccb"), date, serial: "D1" },
  deposit
})

describe("the bank's list against the deposits on record", () => {
  const unpaid = (why: string) => [{ _tag: "CreditUnpaid", serial: "D1", account, amount: fifty, why }]
  it.each(
    [
      ["both have it", [row("credited")], [credited], []],
      ["the bank has it, here nothing came", [row("credited")], [], [{ _tag: "CreditMissing", row: row("credited") }]],
      ["the bank has it, here it was refused", [row("credited")], [refused], [
        { _tag: "CreditMissing", row: row("credited"), known: "Refused" }
      ]],
      ["the bank has it, here it was reversed", [row("credited")], [reversed], [
        { _tag: "CreditMissing", row: row("credited"), known: "Reversed" }
      ]],
      ["both reversed it", [row("reversed")], [reversed], []],
      ["the bank reversed what never came", [row("reversed")], [tombstone], []],
      ["the bank reversed it, here it is credited", [row("reversed")], [credited], unpaid("reversed")],
      ["the bank does not list it, here it is credited", [], [credited], unpaid("notListed")],
      ["nobody has it", [], [refused], []],
      ["the amounts differ", [row("credited", Money.amount(4_000))], [credited], [
        { _tag: "AmountDiffers", row: row("credited", Money.amount(4_000)), account, ours: fifty }
      ]]
    ] as const
  )("%s", (_, rows, ours, adjustments) => {
    expect(DepositDay.compare({ day, rows }, ours.map((deposit) => listed(deposit)))).toEqual(adjustments)
  })
  it("what is of another day is of another list", () => {
    expect(DepositDay.compare({ day, rows: [] }, [listed(credited, CivilTime.addDays(day, -1))])).toEqual([])
  })
})
