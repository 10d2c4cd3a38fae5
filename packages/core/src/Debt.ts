/**
 * What a holder owes 应收 (D10): repaid by the next credit, at a desk, or given up by the school. Also after the account
 * was closed, since a late record may leave a debt there (D7).
 */
import { Result } from "effect"
import type { AccountState } from "./AccountState.ts"
import type * as Command from "./Command.ts"
import { transfer } from "./Ledger.ts"
import type { Outcome, Setting } from "./Setting.ts"

/** The book of debts that the school has given up. */
export const writtenOff = "school:written-off"

/** The holder pays at a desk: never more than the debt. */
export const repay = (
  { pockets }: AccountState,
  { amount, desk }: Command.Of<"RepayDebt">,
  { now }: Setting
): Outcome =>
  amount > pockets.receivable
    ? Result.fail({ _tag: "DebtSmaller", amount, debt: pockets.receivable })
    : Result.succeed([
      { _tag: "DebtRepaid", at: now, amount, transfers: transfer(`channel:${desk}`, "receivable", amount) }
    ])

/** The school bears it. */
export const writeOff = (
  { pockets }: AccountState,
  { amount, reason }: Command.Of<"WriteOffDebt">,
  { now }: Setting
): Outcome =>
  amount > pockets.receivable
    ? Result.fail({ _tag: "DebtSmaller", amount, debt: pockets.receivable })
    : Result.succeed([
      { _tag: "DebtWrittenOff", at: now, amount, reason, transfers: transfer(writtenOff, "receivable", amount) }
    ])
