/**
 * Do the books balance 对账: every balance computed again from the transfers, every account replayed from its events (I1,
 * I5, I13).
 *
 * It reads what the store wrote and believes none of it: balances from the store's own transfer rows, balances from the
 * events, and the pockets in the accounts must be the same three times over, and all books together must hold nothing.
 */
import { Effect, Equal, Stream } from "effect"
import * as AccountEvent from "../AccountEvent.ts"
import { type AccountState, evolve } from "../AccountState.ts"
import type { AccountId } from "../Id.ts"
import * as Ledger from "../Ledger.ts"
import { AccountStore } from "../ports/AccountStore.ts"

/** Something that does not agree. Amounts in fen. */
export type Break =
  | { readonly _tag: "MoneyMadeOrLost"; readonly total: number }
  | { readonly _tag: "BookDiffers"; readonly book: string; readonly byTransfers: number; readonly byEvents: number }
  | {
    readonly _tag: "PocketDiffers"
    readonly account: AccountId
    readonly book: string
    readonly state: number
    readonly byEvents: number
  }
  | { readonly _tag: "StateDiffers"; readonly account: AccountId; readonly field: string }
  | { readonly _tag: "ReplayFailed"; readonly account: AccountId; readonly sequence: number }
  | { readonly _tag: "EventsMissing"; readonly account: AccountId }
  | { readonly _tag: "AccountMissing"; readonly account: AccountId }

/** What was looked at, and what did not agree. */
export interface Report {
  readonly accounts: number
  readonly commands: number
  readonly events: number
  readonly transfers: number
  readonly balances: Ledger.Balances
  readonly breaks: ReadonlyArray<Break>
}

/** Reads all of the journal and all accounts. */
export const check = Effect.fn("Books.check")(function*() {
  const store = yield* AccountStore
  const replayed = new Map<AccountId, AccountState>()
  const byEvents = new Map<string, number>()
  const count = { accounts: 0, commands: 0, events: 0, transfers: 0 }
  const broken = new Map<AccountId, Break>()
  yield* Stream.runForEach(store.journal(), ({ account, events, sequence }) =>
    Effect.sync(() => {
      count.commands++
      if (account === undefined) return
      for (const event of events) {
        count.events++
        try {
          if (!broken.has(account)) replayed.set(account, evolve(replayed.get(account), event))
        } catch {
          // An event that cannot follow those before it: one is missing, doubled, or another account's.
          broken.set(account, { _tag: "ReplayFailed", account, sequence })
        }
        const postings = Ledger.postings(account, AccountEvent.transfers(event))
        count.transfers += postings.length
        Ledger.post(byEvents, postings)
      }
    }))
  const byTransfers = yield* store.balances
  const breaks: Array<Break> = [
    ...totalBreaks(byTransfers),
    ...bookBreaks(byTransfers, byEvents),
    ...broken.values()
  ]
  const seen = new Set<AccountId>()
  yield* Stream.runForEach(store.accounts, (account) =>
    Effect.sync(() => {
      count.accounts++
      seen.add(account.id)
      if (!broken.has(account.id)) breaks.push(...accountBreaks(account, replayed.get(account.id), byEvents))
    }))
  for (const account of new Set([...replayed.keys(), ...broken.keys()])) {
    if (!seen.has(account)) breaks.push({ _tag: "AccountMissing", account })
  }
  return { ...count, balances: byTransfers, breaks } satisfies Report
})

const totalBreaks = (balances: Ledger.Balances): ReadonlyArray<Break> => {
  const total = Ledger.total(balances)
  return total === 0 ? [] : [{ _tag: "MoneyMadeOrLost", total }]
}

const bookBreaks = (byTransfers: Ledger.Balances, byEvents: Ledger.Balances): ReadonlyArray<Break> => {
  const books = new Set([...byTransfers.keys(), ...byEvents.keys()])
  return [...books].flatMap((book): ReadonlyArray<Break> => {
    const one = byTransfers.get(book) ?? 0
    const other = byEvents.get(book) ?? 0
    return one === other ? [] : [{ _tag: "BookDiffers", book, byTransfers: one, byEvents: other }]
  })
}

const accountBreaks = (
  account: AccountState,
  replayed: AccountState | undefined,
  byEvents: Ledger.Balances
): ReadonlyArray<Break> => {
  if (replayed === undefined) return [{ _tag: "EventsMissing", account: account.id }]
  const breaks: Array<Break> = []
  for (const [pocket, state] of Object.entries(account.pockets)) {
    const book = Ledger.absolute(account.id, pocket as Ledger.Pocket | "receivable")
    // The book of a debt holds minus the debt (D10).
    const held = (byEvents.get(book) ?? 0) * (pocket === "receivable" ? -1 : 1)
    if (held !== state) breaks.push({ _tag: "PocketDiffers", account: account.id, book, state, byEvents: held })
  }
  for (const field of Object.keys({ ...account, ...replayed }) as ReadonlyArray<keyof AccountState>) {
    if (!Equal.equals(account[field], replayed[field])) {
      breaks.push({ _tag: "StateDiffers", account: account.id, field })
    }
  }
  return breaks
}
