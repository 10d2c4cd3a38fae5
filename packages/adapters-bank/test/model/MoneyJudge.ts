/**
 * Judges the money of a life that is over (invariants 1 to 4 and 9): each payment that the bank confirmed was credited once
 * or sent back once, and what the bank holds for the school is what the school's ledger says.
 *
 * What somebody gave back in the channel's back office is nothing that we could prevent: after the credit the account has
 * the money, and a person has to be told; before it, nothing is credited.
 */
import { Effect } from "effect"
import { books } from "../support/campus.ts"
import { attempts, cameIn, credits } from "./Books.ts"
import type { Looks } from "./Broken.ts"
import { backOf, type Ledger, sidesOf } from "./Ledger.ts"

/** What a life ended with, in payments. `told`: given back by others than us. */
export interface Ends {
  readonly kept: number
  readonly back: number
  readonly told: number
}

export const judgeMoney = Effect.fnUntraced(function*(ledger: Ledger, looks: Looks) {
  const all = yield* attempts
  const written = yield* credits
  const byNumber = new Map(all.map((attempt) => [attempt.number as string, attempt]))
  const ends = { kept: 0, back: 0, told: 0 }
  let [sum, given] = [0, 0]
  for (const payment of ledger.payments) {
    const { amount, number, reference } = payment
    // Some channels shorten their number in what they tell the merchant.
    const own = written.filter((credit) =>
      credit.reference === number || reference === credit.reference || reference.endsWith(credit.reference)
    )
    const attempt = byNumber.get(number)
    const { others, ours } = sidesOf(payment)
    const back = backOf(payment)
    const seen = { payment, end: attempt, credits: own.length }
    looks.holds(1, own.length <= 1, "a payment was credited more than once", seen)
    looks.holds(4, back <= amount && ours.length <= 1, "more went back than was paid, or twice", seen)
    for (const credit of own) {
      looks.holds(2, credit.amount === amount, "another amount was credited than was paid", seen)
      sum += credit.amount
    }
    if (others.length > 0) {
      // Neither credited nor back is what a person was given to see to.
      ends.told++
      const isTold = own.length === 1 || back === amount || attempt?._tag === "ReturnFailed"
      looks.holds(3, isTold, "a payment that was given back in part is nowhere", seen)
      given += own.length * back
      continue
    }
    const isKept = attempt?._tag === "Kept" && own.length === 1 && back === 0
    const isBack = attempt?._tag === "Returned" && own.length === 0 && back === amount
    looks.holds(3, isKept || isBack, "a payment was neither credited once nor sent back once", seen)
    ends[isKept ? "kept" : "back"]++
  }
  const references = ledger.payments.flatMap(({ number, reference }) => [number, reference])
  for (const credit of written) {
    const isPaid = references.some((reference) =>
      reference === credit.reference || reference.endsWith(credit.reference)
    )
    looks.holds(2, isPaid, "a credit is of no payment", credit)
    looks.holds(9, Number.isSafeInteger(credit.amount) && credit.amount > 0, "a credit is no whole amount", credit)
  }
  const came = yield* cameIn
  const { held, purses } = ledger
  const sums = { came, credited: sum, given, held, purses }
  looks.holds(3, held === purses, "the bank's purses and its happenings differ", sums)
  looks.holds(9, [came, sum, held, purses].every(Number.isSafeInteger), "a sum is no whole amount", sums)
  // What was given back after its credit may be taken from the account again, or not yet.
  const isOne = came - given <= held && held <= came && came <= sum
  looks.holds(3, isOne, "the bank's ledger and the school's differ", sums)
  if (given === 0) looks.holds(3, came === held && sum === held, "the bank's ledger and the school's differ", sums)
  yield* books
  return ends
})
