/**
 * An account store in memory: the shortest store that keeps the laws, for tests, examples and browsers. It forgets
 * everything when its scope ends.
 *
 * A command is decided and written in one synchronous step, which no other fiber can come between.
 */
import { Effect, Layer, Option, Stream } from "effect"
import * as Account from "../Account.ts"
import * as AccountEvent from "../AccountEvent.ts"
import type { AccountState } from "../AccountState.ts"
import * as Answer from "../Answer.ts"
import * as Command from "../Command.ts"
import type { AccountId, CardId, Handle } from "../Id.ts"
import * as Ledger from "../Ledger.ts"
import { CommandIdReused, HandleTaken } from "../Misuse.ts"
import { AccountStore, bounded, type Entry, type Key, startOf } from "../ports/AccountStore.ts"
import { Profiles } from "../ports/Profiles.ts"
import type { History } from "../SchoolProfile.ts"

const nameOf = (handle: Handle): string => `${handle.kind}/${handle.value}`
const keyOf = ({ caller, id }: Key): string => `${caller}/${id}`

/** A new store for these profiles, empty or with accounts whose history is elsewhere. */
export const make = (profiles: History, known: ReadonlyArray<AccountState> = []): AccountStore["Service"] => {
  const accounts = new Map<AccountId, AccountState>(known.map((account) => [account.id, account]))
  const cards = new Map<CardId, AccountId>(
    known.flatMap((account) => account.cards.map((card) => [card.id, account.id] as const))
  )
  const handles = new Map<string, AccountId>()
  const answers = new Map<string, { readonly fingerprint: string; readonly entry: Entry }>()
  const retired = new Set<string>()
  const journal: Array<Entry> = []
  const postings: Array<Ledger.Posting> = []

  const find = (subject: Command.Subject): AccountState | undefined => {
    switch (subject._tag) {
      case "Account":
        return accounts.get(subject.account)
      case "Card": {
        const account = cards.get(subject.card)
        return account === undefined ? undefined : accounts.get(account)
      }
      case "Handle": {
        const account = handles.get(nameOf(subject.handle))
        return account === undefined ? undefined : accounts.get(account)
      }
    }
  }

  const write = (envelope: Command.Envelope): Entry => {
    const before = find(envelope.subject)
    const { body } = envelope
    const holder = body._tag === "IssueCard" ? cards.get(body.card) : undefined
    const decision = Account.decide(profiles, before, envelope, holder)
    const { account, events, profile } = decision
    if (account !== undefined && events.length > 0) {
      accounts.set(account.id, account)
      for (const event of events) {
        if (event._tag === "CardIssued") cards.set(event.card, account.id)
        for (const posting of Ledger.postings(account.id, AccountEvent.transfers(event))) postings.push(posting)
      }
    }
    const entry: Entry = {
      sequence: journal.length + 1,
      ...(account === undefined ? {} : { account: account.id }),
      command: Command.record(envelope, account?.id),
      profile,
      shape: AccountEvent.shape,
      events,
      answer: Answer.of(decision)
    }
    journal.push(entry)
    return entry
  }

  return {
    transact: (envelope) =>
      Effect.suspend(() => {
        const key = keyOf(envelope)
        const fingerprint = Command.fingerprint(envelope)
        const known = answers.get(key)
        if (retired.has(key) || (known !== undefined && known.fingerprint !== fingerprint)) {
          return Effect.fail(new CommandIdReused({ caller: envelope.caller, id: envelope.id }))
        }
        if (known !== undefined) return Effect.succeed(known.entry.answer)
        const entry = write(envelope)
        answers.set(key, { fingerprint, entry })
        return Effect.succeed(entry.answer)
      }),
    answered: (key) => Effect.sync(() => Option.fromUndefinedOr(answers.get(keyOf(key))?.entry)),
    retire: ({ caller, id }) =>
      Effect.suspend(() => {
        const key = keyOf({ caller, id })
        if (answers.has(key)) return Effect.fail(new CommandIdReused({ caller, id }))
        retired.add(key)
        return Effect.void
      }),
    find: (subject) => Effect.sync(() => Option.fromUndefinedOr(find(subject))),
    bind: (handle, account) =>
      Effect.suspend(() => {
        const holder = handles.get(nameOf(handle))
        if (holder !== undefined && holder !== account) return Effect.fail(new HandleTaken({ kind: handle.kind }))
        handles.set(nameOf(handle), account)
        return Effect.void
      }),
    unbind: (handle) => Effect.sync(() => void handles.delete(nameOf(handle))),
    journal: (which = {}) =>
      Stream.suspend(() => {
        // A line has the number of its place.
        const lines = journal.slice(startOf(which))
        const { account } = which
        return Stream.fromIterable(account === undefined ? lines : lines.filter((entry) => entry.account === account))
      }),
    history: (account, page) =>
      Effect.sync(() => {
        const { before, limit } = bounded(page)
        const own = journal.filter((entry) => entry.account === account && entry.sequence < before)
        return own.slice(-limit).reverse()
      }),
    accounts: Stream.suspend(() => Stream.fromIterable([...accounts.values()])),
    balances: Effect.sync(() => Ledger.fold(postings))
  }
}

/** A store of its own for each build of the layer. */
export const layer: Layer.Layer<AccountStore, never, Profiles> = Layer.effect(
  AccountStore,
  Effect.map(Profiles, (profiles) => make(profiles))
)
