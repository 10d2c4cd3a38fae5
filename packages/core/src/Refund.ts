/**
 * Giving back an older purchase 退款, tied to its original (D5, R76, I14): goods returned, not served, or a wrong charge
 * put right. All that goes back of a purchase, by reversal and refunds together, is never more than was paid.
 *
 * An account remembers what went back, for ever, but not what was bought: the flow finds the purchase in the journal and
 * brings it as evidence. Card payments go back to transit, code payments to the pocket that paid, the last payer first,
 * and a debt is repaid before (D10).
 */
import { Result } from "effect"
import type { AccountState } from "./AccountState.ts"
import type * as Command from "./Command.ts"
import { returned } from "./Correction.ts"
import { type Book, isPocket, type Transfer, transfer } from "./Ledger.ts"
import * as Money from "./Money.ts"
import { type Purchase, purchaseOf } from "./Original.ts"
import type { Outcome, Setting } from "./Setting.ts"
import * as Wallet from "./Wallet.ts"

/** Gives back `amount` fen of a purchase, or says why not. */
export const decide = (account: AccountState, body: Command.Of<"RefundPurchase">, setting: Setting): Outcome => {
  const { amount, purchase, reason } = body
  const { envelope, now } = setting
  const original = purchaseOf(envelope.proofs?.original, account.id, purchase)
  if (original === undefined) {
    return Result.fail({ _tag: "NotRefundable", purchase, reason: "unknown", left: Money.zero })
  }
  const before = returned(account, purchase)
  // More than it was, where its name has meant two purchases: then nothing of it is left.
  const left = Money.minus(original.amount, Money.min(before, original.amount))
  if (amount > left) {
    return Result.fail({ _tag: "NotRefundable", purchase, reason: left === 0 ? "returned" : "aboveOriginal", left })
  }
  return Result.succeed([{
    _tag: "PurchaseRefunded",
    at: now,
    purchase,
    merchant: original.merchant,
    amount,
    reason,
    whole: amount === left,
    ...(original.cell === undefined ? {} : { cell: original.cell }),
    transfers: giveBack(account, original, before, amount)
  }])
}

/** The next `amount` fen of what was paid, counted from its end; `before` of it went back already. */
const giveBack = (
  { pockets }: AccountState,
  { merchant, transfers }: Purchase,
  before: Money.Money,
  amount: Money.Money
): ReadonlyArray<Transfer> => {
  const book: Book = `merchant:${merchant}`
  const back: Array<Transfer> = []
  let debt = pockets.receivable
  let skip = before
  let rest = amount
  for (const paid of transfers.filter(({ to }) => to === book).reverse()) {
    const skipped = Money.min(skip, paid.amount)
    skip = Money.minus(skip, skipped)
    const part = Money.min(Money.minus(paid.amount, skipped), rest)
    rest = Money.minus(rest, part)
    if (part === 0) continue
    const { from } = paid
    if (isPocket(from) || from === "receivable") {
      // What the card paid, or a debt in its place, is on no chip any more that is at hand.
      const to = from === "wallet" || from === "subsidy" ? from : "transit"
      back.push(...Wallet.credit(debt, book, to, part))
      debt = Money.minus(debt, Money.min(debt, part))
    } else back.push(...transfer(book, from, part))
  }
  return back
}
