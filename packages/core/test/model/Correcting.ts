/**
 * What is put right afterwards, as the model tells it: refunds tied to their purchase, debts repaid or given up (R76, D5,
 * D10, I14).
 */
import type * as Command from "../../src/Command.ts"
import { type Expected, no, yes } from "./Expected.ts"
import type { Model, Pockets } from "./Model.ts"

/** The last payer first; what the card paid, or what was owed instead, waits for the next tap. */
export const refund = (model: Model, { amount, purchase }: Command.Of<"RefundPurchase">): Expected => {
  const bought = model.purchases.find(({ id }) => id === purchase)
  if (bought === undefined) return no("NotRefundable", { purchase, reason: "unknown", left: 0 })
  const left = bought.amount - bought.returned
  if (amount > left) {
    return no("NotRefundable", { purchase, reason: left === 0 ? "returned" : "aboveOriginal", left })
  }
  let before = bought.returned
  let rest: number = amount
  for (const [pocket, paid] of [...bought.paid].reverse()) {
    const gone = Math.min(before, paid)
    before -= gone
    const part = Math.min(paid - gone, rest)
    rest -= part
    const to: keyof Pockets = pocket === "wallet" || pocket === "subsidy" ? pocket : "transit"
    if (part > 0) model.receive("in", to, part)
  }
  bought.returned += amount
  if (bought.returned === bought.amount) model.undo(bought)
  return yes
}

export const repay = (model: Model, { amount }: Command.Of<"RepayDebt" | "WriteOffDebt">): Expected => {
  const debt = model.pockets.receivable
  if (amount > debt) return no("DebtSmaller", { amount, debt })
  model.pockets.receivable -= amount
  return yes
}
