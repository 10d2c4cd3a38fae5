/**
 * Sums of answers 合计: how many commands were approved and declined, and how much money they were about, in fen.
 */
import type { Verdict } from "./hindsight.ts"

/** How many commands, and how much money they were about, in fen. */
export interface Sum {
  readonly count: number
  readonly fen: number
}

/** The answers to commands of one kind. A `PasswordRequired` is a question, and so neither approved nor declined. */
export interface Sums {
  readonly approved: Sum
  readonly declined: Sum
}

/** Nothing so far. */
export const none: Sums = { approved: { count: 0, fen: 0 }, declined: { count: 0, fen: 0 } }
const add = (sum: Sum, fen: number): Sum => ({ count: sum.count + 1, fen: sum.fen + fen })

/** One more answer, about so much money. */
export const counted = (sums: Sums, verdict: Verdict, fen: number): Sums => {
  if (verdict === "NotSent" || verdict === "PasswordRequired") return sums
  return verdict === "Approved"
    ? { ...sums, approved: add(sums.approved, fen) }
    : { ...sums, declined: add(sums.declined, fen) }
}
