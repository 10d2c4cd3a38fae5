/**
 * Do the books balance 对账: every balance computed again from the transfers, every account replayed from its events (I1,
 * I5, I13).
 *
 * It reads what the stores wrote and believes none of it: balances from the store's own transfer rows, balances from the
 * events, and the pockets in the accounts must be the same three times over, and all books together must hold nothing:
 * those of the accounts and those of the other subjects (D21), where the campus has any. What an answer told its caller to
 * hold must be what the account held then.
 *
 * Journal, accounts and balances are read one after the other. A store on which payments go on meanwhile shows them at
 * three different times, and looks broken; one that can show them at one moment gives that to {@link audit}.
 */
import { Effect, Equal, Option, Stream, Struct } from "effect"
import * as AccountEvent from "../AccountEvent.ts"
import { type AccountState, evolve } from "../AccountState.ts"
import * as CodeIssuance from "../CodeIssuance.ts"
import type { Decider } from "../Decider.ts"
import type { StoreFault } from "../Fault.ts"
import type { AccountId } from "../Id.ts"
import * as Ledger from "../Ledger.ts"
import * as PaymentAttempt from "../PaymentAttempt.ts"
import { AccountStore } from "../ports/AccountStore.ts"
import { SubjectStore } from "../ports/SubjectStore.ts"
import * as PurseChain from "../PurseChain.ts"
import * as RechargeOrder from "../RechargeOrder.ts"
import * as RefusedScan from "../RefusedScan.ts"
import * as RevocationList from "../RevocationList.ts"
import * as Settlement from "../Settlement.ts"
import * as SubsidyBatch from "../SubsidyBatch.ts"
import * as Suspense from "../Suspense.ts"
import * as Terminal from "../Terminal.ts"

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
  /** The first line of an account whose answer told another sum for this book. */
  | {
    readonly _tag: "AnswerDiffers"
    readonly account: AccountId
    readonly sequence: number
    readonly book: string
    readonly told: number
    readonly byEvents: number
  }
  | { readonly _tag: "EventsMissing"; readonly account: AccountId }
  | { readonly _tag: "AccountMissing"; readonly account: AccountId }
  | { readonly _tag: "SubjectDiffers"; readonly kind: string; readonly subject: string }
  | {
    readonly _tag: "SubjectReplayFailed"
    readonly kind: string
    readonly subject: string
    readonly sequence: number
  }
  | { readonly _tag: "SubjectMissing"; readonly kind: string; readonly subject: string }

/** What was looked at, and what did not agree. `balances`: of accounts and other subjects together. */
export interface Report {
  readonly accounts: number
  readonly subjects: number
  readonly commands: number
  readonly events: number
  readonly transfers: number
  readonly balances: Ledger.Balances
  readonly breaks: ReadonlyArray<Break>
}

/** What was found about the subjects of one kind. */
interface Found extends Pick<Report, "subjects" | "commands" | "events" | "breaks"> {
  readonly postings: ReadonlyArray<Ledger.Posting>
}

/** What is read of the accounts. */
export type Accounts = Pick<AccountStore["Service"], "journal" | "accounts" | "balances">
/** What is read of the other subjects. */
export type Subjects = Pick<SubjectStore["Service"], "journal" | "all" | "balances">

/** The subjects of one kind, to be replayed by `check`. */
export type Kind = (store: Subjects) => Effect.Effect<Found, StoreFault>

/** The subjects of this decider. */
export const kind = <State, Command, Event>(decider: Decider<State, Command, Event>): Kind =>
  Effect.fn("Books.kind")(function*(store) {
    const { kind } = decider
    const replayed = new Map<string, State>()
    const broken = new Map<string, Break>()
    const postings: Array<Ledger.Posting> = []
    const count = { subjects: 0, commands: 0, events: 0 }
    yield* Stream.runForEach(store.journal(decider), ({ answer, sequence, subject }) =>
      Effect.sync(() => {
        count.commands++
        for (const event of answer._tag === "Approved" ? answer.events : []) {
          count.events++
          try {
            if (!broken.has(subject)) replayed.set(subject, decider.evolve(replayed.get(subject), event))
          } catch {
            broken.set(subject, { _tag: "SubjectReplayFailed", kind, subject, sequence })
          }
          postings.push(...decider.postings(event))
        }
      }))
    const breaks = [...broken.values()]
    const missing = new Set([...replayed.keys(), ...broken.keys()])
    yield* Stream.runForEach(store.all(decider), ({ state, subject }) =>
      Effect.sync(() => {
        count.subjects++
        missing.delete(subject)
        if (broken.has(subject) || Equal.equals(replayed.get(subject), state)) return
        breaks.push({ _tag: "SubjectDiffers", kind, subject })
      }))
    for (const subject of missing) breaks.push({ _tag: "SubjectMissing", kind, subject })
    return { ...count, postings, breaks }
  })

/** The kinds of subjects of the house; whoever adds one of their own names it beside them. */
export const house: ReadonlyArray<Kind> = [
  kind(RechargeOrder.decider),
  kind(PaymentAttempt.decider),
  kind(Suspense.decider),
  kind(Settlement.decider),
  kind(SubsidyBatch.decider),
  kind(Terminal.decider),
  kind(PurseChain.decider),
  kind(CodeIssuance.decider),
  kind(RevocationList.decider),
  kind(RefusedScan.decider)
]

/**
 * Reads all of the journal and all accounts. Other subjects have their balances in the report, and are replayed where
 * all `kinds` that post are named: of one alone the books would differ by the others.
 */
export const check = Effect.fn("Books.check")(function*(...kinds: ReadonlyArray<Kind>) {
  const subjects = yield* Effect.serviceOption(SubjectStore)
  return yield* audit(yield* AccountStore, Option.getOrUndefined(subjects), kinds)
})

/** The same of stores that are told, which show one moment where payments go on. */
export const audit = Effect.fn("Books.audit")(function*(
  store: Accounts,
  subjects: Subjects | undefined,
  kinds: ReadonlyArray<Kind>
) {
  const replayed = new Map<AccountId, AccountState>()
  const byEvents = new Map<string, number>()
  const count = { accounts: 0, subjects: 0, commands: 0, events: 0, transfers: 0 }
  const broken = new Map<AccountId, Break>()
  const misled = new Map<AccountId, Break>()
  yield* Stream.runForEach(store.journal(), ({ account, answer, events, sequence }) =>
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
      const after = replayed.get(account)
      if (answer._tag !== "Approved" || after === undefined || broken.has(account) || misled.has(account)) return
      const lie = answerBreak(after, answer.pockets, sequence)
      if (lie !== undefined) misled.set(account, lie)
    }))
  const ofAccounts = yield* store.balances
  const ofSubjects: Ledger.Balances = subjects === undefined ? new Map() : yield* subjects.balances
  const balances = merged(ofAccounts, ofSubjects)
  const found = subjects === undefined ? [] : yield* Effect.forEach(kinds, (look) => look(subjects))
  for (const { commands, events, postings, subjects } of found) {
    count.subjects += subjects
    count.commands += commands
    count.events += events
    count.transfers += postings.length
    Ledger.post(byEvents, postings)
  }
  const breaks: Array<Break> = [
    ...totalBreaks(balances),
    ...bookBreaks(found.length === 0 ? ofAccounts : balances, byEvents),
    ...broken.values(),
    ...misled.values()
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
  for (const { breaks: ofKind } of found) breaks.push(...ofKind)
  return { ...count, balances, breaks } satisfies Report
})

const merged = (one: Ledger.Balances, other: Ledger.Balances): Ledger.Balances => {
  const all = new Map(one)
  for (const [book, fen] of other) all.set(book, (all.get(book) ?? 0) + fen)
  return all
}

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

const answerBreak = (
  { id, pockets }: AccountState,
  said: AccountState["pockets"],
  sequence: number
): Break | undefined => {
  const pocket = Struct.keys(pockets).find((pocket) => pockets[pocket] !== said[pocket])
  return pocket === undefined ? undefined : {
    _tag: "AnswerDiffers",
    account: id,
    sequence,
    book: Ledger.absolute(id, pocket),
    told: said[pocket],
    byEvents: pockets[pocket]
  }
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
