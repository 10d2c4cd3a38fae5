/**
 * Who owes the school how much, and since when 应收账款 (D10, R76): from the accounts that owe and their journals.
 *
 * What is repaid, at a desk, by a credit or because the school gave it up, repays the oldest part of a debt first. A debt
 * is as old as its posting: it began on the day on which its record arrived. Amounts in fen.
 */
import { Effect, Stream } from "effect"
import { transfers } from "../AccountEvent.ts"
import { dayOf, type Instant } from "../CivilTime.ts"
import type { AccountId } from "../Id.ts"
import type { Transfer } from "../Ledger.ts"
import * as Money from "../Money.ts"
import { AccountStore } from "../ports/AccountStore.ts"
import * as Submit from "./Submit.ts"

/** A part of a debt. */
export interface Part {
  readonly since: Instant
  readonly amount: Money.Money
}

/** What one account owes, its parts oldest first; there is at least one. */
export interface Owed {
  readonly account: AccountId
  readonly debt: Money.Money
  readonly since: Instant
  readonly parts: ReadonlyArray<Part>
}

/** Debts of one age 账龄: at least `days` days old, and younger than the next age. */
export interface Age {
  readonly days: number
  readonly accounts: number
  readonly amount: Money.Money
}

/** All that is owed. An account with parts of several ages counts in each of them. */
export interface Report {
  readonly debt: Money.Money
  readonly owed: ReadonlyArray<Owed>
  readonly ages: ReadonlyArray<Age>
}

/** The accounts that owe something. */
export const owed = Stream.unwrap(Effect.gen(function*() {
  const store = yield* AccountStore
  // Collected first: a store may have no second connection while it is still telling.
  const debtors = yield* Stream.runCollect(Stream.filter(store.accounts, ({ pockets }) => pockets.receivable > 0))
  return Stream.flattenIterable(
    Stream.mapEffect(
      Stream.fromIterable(debtors),
      ({ id: account }) =>
        Effect.map(partsOf(account), (parts): ReadonlyArray<Owed> => {
          const [oldest] = parts
          if (oldest === undefined) {
            return []
          }
          return [{ account, debt: Money.sum(parts.map(({ amount }) => amount)), since: oldest.since, parts }]
        })
    )
  )
}))

/** All that is owed, summed by age in days; the ages begin at 0. */
export const report = Effect.fn("Receivables.report")(function*(ages: ReadonlyArray<number> = [0, 30, 90, 365]) {
  const today = dayOf(yield* Submit.arrival)
  const all = yield* Stream.runCollect(owed)
  const from = [...new Set([0, ...ages])].sort((one, other) => one - other)
  return {
    debt: Money.sum(all.map(({ debt }) => debt)),
    owed: all,
    ages: from.map((days, at): Age => {
      const until = from[at + 1] ?? Infinity
      const within = all
        .map(({ parts }) => parts.filter(({ since }) => today - dayOf(since) >= days && today - dayOf(since) < until))
        .filter((parts) => parts.length > 0)
      return { days, accounts: within.length, amount: Money.sum(within.flat().map(({ amount }) => amount)) }
    })
  } satisfies Report
})

const partsOf = Effect.fnUntraced(function*(account: AccountId) {
  const store = yield* AccountStore
  return yield* Stream.runFold(
    store.journal({ account }),
    (): ReadonlyArray<Part> => [],
    (parts, { command, events }) => after(parts, command.receivedAt, events.flatMap(transfers))
  )
})

/** The parts of a debt after some transfers: what is lent is a new part, what is repaid repays the oldest. */
const after = (parts: ReadonlyArray<Part>, at: Instant, moved: ReadonlyArray<Transfer>): ReadonlyArray<Part> => {
  let left = parts
  for (const { amount, from, to } of moved) {
    if (from === "receivable") left = [...left, { since: at, amount }]
    if (to === "receivable") left = repay(left, amount)
  }
  return left
}

const repay = (parts: ReadonlyArray<Part>, amount: Money.Money): ReadonlyArray<Part> => {
  let rest = amount
  return parts.flatMap((part) => {
    const paid = Money.min(part.amount, rest)
    rest = Money.minus(rest, paid)
    return paid === part.amount ? [] : [{ ...part, amount: Money.minus(part.amount, paid) }]
  })
}
