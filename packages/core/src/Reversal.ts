/**
 * Undoing a purchase 冲正: on the same day, in the same meal, at the same terminal, once (D5).
 *
 * The money goes back where it came from: to the chip while the card is at the terminal, otherwise a card payment goes
 * to transit and a payment by code to the pockets that paid. The purchase no longer counts for limits and dormancy (A5,
 * D17).
 */
import { Result } from "effect"
import type { AccountEvent } from "./AccountEvent.ts"
import type { AccountState, Recent } from "./AccountState.ts"
import type { Instant } from "./CivilTime.ts"
import type * as Decline from "./Decline.ts"
import type { CommandId, PointId } from "./Id.ts"
import type { Book, Transfer } from "./Ledger.ts"
import type { Cell } from "./Tally.ts"

/** Where and when the reversal is asked for. `cardPresent`: the card is at the terminal and can be written. */
export interface Place {
  readonly point: PointId
  readonly cell: Pick<Cell, "day" | "window" | "mealDay">
  readonly cardPresent: boolean
  readonly now: Instant
}

/** The reversal of a purchase of this account, or why it can not be reversed here and now. */
export const decide = (
  account: AccountState,
  purchase: CommandId,
  place: Place
): Result.Result<AccountEvent, Decline.Of<"NotReversible">> => {
  const recent = account.recent.find((one) => one.purchase === purchase)
  const reason = refuse(recent, place)
  if (recent === undefined || reason !== undefined) {
    return Result.fail({ _tag: "NotReversible", purchase, reason: reason ?? "unknown" })
  }
  const { amount, cell, point, transfers } = recent
  return Result.succeed({
    _tag: "PurchaseReversed",
    at: place.now,
    purchase,
    point,
    amount,
    cell,
    transfers: transfers.map((paid): Transfer => ({
      from: paid.to,
      to: backTo(paid.from, place.cardPresent),
      amount: paid.amount
    }))
  })
}

const refuse = (
  recent: Recent | undefined,
  { cell, point }: Place
): Decline.Of<"NotReversible">["reason"] | undefined => {
  if (recent === undefined) return "unknown"
  if (recent.reversed) return "alreadyReversed"
  if (recent.cell.day !== cell.day) return "otherDay"
  if (recent.cell.window !== cell.window || recent.cell.mealDay !== cell.mealDay) return "otherMeal"
  return recent.point === point ? undefined : "otherPoint"
}

const backTo = (from: Book, cardPresent: boolean): Book => from === "chip" && !cardPresent ? "transit" : from
