/**
 * The part of an account's state that each payment changes 计数, packed: the sums of seven days, the purchases of today, and
 * the records that are known. It is written and read at every payment.
 *
 * It is a text of lines: a head, a line of numbers for each purchase, sum and record, and the words (JSON), which stand in the
 * other lines by their place. Days and times count from the day of the head. The newest stands first, so that two versions
 * of a row are the same from somewhere near their beginning to their end, which PostgreSQL then does not log again. What
 * goes in and what comes back is looked at value by value, as its schema would.
 */
import type { AccountState, Chip, Ledger, Posted, RecentPurchase, Tally } from "@yikatong/core"
import type { Words } from "./Words.ts"

/** What is packed. */
export type Counters = Pick<AccountState.AccountState, "tallies" | "recent" | "posted">

/** Compiles as long as every field of what is packed is named here: a new one must not be lost silently. */
type Named<Type, Fields extends keyof Type> = [Exclude<keyof Type, Fields>] extends [never] ? true : never
const named: {
  readonly tally: Named<Tally.Tally, keyof Tally.Cell | "sum" | "count">
  readonly cell: Named<Tally.Cell, "day" | "window" | "mealDay" | "category" | "medium">
  readonly tallies: Named<Tally.Tallies, "cells" | "before">
  readonly recent: Named<
    RecentPurchase.RecentPurchase,
    | "purchase"
    | "at"
    | "point"
    | "card"
    | "chip"
    | "cell"
    | "amount"
    | "transfers"
    | "undoneAt"
    | "confirmed"
  >
  readonly chip: Named<Chip.Reading, "balance" | "loadSequence" | "purchaseSequence">
  readonly transfer: Named<Ledger.Transfer, "from" | "to" | "amount">
  readonly posted: Named<Posted.Posted, "record" | "at" | "amount" | "point" | "purchase">
} = { tally: true, cell: true, tallies: true, recent: true, chip: true, transfer: true, posted: true }
void named

/** What the line of a purchase has of what it may have. */
export const hasCard = 1
export const hasChip = 2
export const isUndone = 4
export const isConfirmed = 8
/** What that of a record has. */
export const isTap = 1
export const hasAmount = 2
export const hasPoint = 4
export const hasPurchase = 8

/** Counters as a row holds them: with their text, and where in it each of their lines ends. */
export interface Held extends Counters {
  readonly text: string
  readonly words: Words
  readonly since: number
  /** How many of the sums, from the last one back, stand before the records: those of the latest day. */
  readonly latest: number
  /** The head's first, then those of all lines of numbers, in the order of the text. */
  readonly ends: ReadonlyArray<number>
}

/** The record of a tap is named after its card and what the chip has counted, both of which say themselves shorter. */
export const tapOf = (card: string): string => `card:${card}:`
