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
import { AccountStore, bounded, type Entry } from "../ports/AccountStore.ts"
import { Profiles } from "../ports/Profiles.ts"
import type { History } from "../SchoolProfile.ts"

const keyOf = (handle: Handle): string => `${handle.kind}/${handle.value}`

/** A new store for these profiles, empty or with accounts whose history is elsewhere. */
export const make = (profiles: History, known: ReadonlyArray<AccountState> = []): AccountStore["Service"] => {
  const accounts = new Map<AccountId, AccountState>(known.map((account) => [account.id, account]))
  const cards = new Map<CardId, AccountId>(
    known.flatMap((account) => account.cards.map((card) => [card.id, account.id] as const))
  )
  const handles = new Map<string, AccountId>()
  const answers = new Map<string, { readonly fingerprint: string; readonly answer: Answer.Answer }>()
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
        const account = handles.get(keyOf(subject.handle))
        return account === undefined ? undefined : accounts.get(account)
      }
    }
  }

  const write = (envelope: Command.Envelope): Answer.Answer => {
    const before = find(envelope.subject)
    const { body } = envelope
    const holder = body._tag === "IssueCard" ? cards.get(body.card) : undefined
    const decision = Account.decide(profiles, before, envelope, holder)
    const { account, events, profile } = decision
    const answer = Answer.of(decision)
    if (account !== undefined && events.length > 0) {
      accounts.set(account.id, account)
      for (const event of events) {
        if (event._tag === "CardIssued") cards.set(event.card, account.id)
        for (const posting of Ledger.postings(account.id, AccountEvent.transfers(event))) postings.push(posting)
      }
    }
    journal.push({
      sequence: journal.length + 1,
      ...(account === undefined ? {} : { account: account.id }),
      command: Command.record(envelope, account?.id),
      profile,
      shape: AccountEvent.shape,
      events,
      answer
    })
    return answer
  }

  return {
    transact: (envelope) =>
      Effect.suspend(() => {
        const key = `${envelope.caller}/${envelope.id}`
        const fingerprint = Command.fingerprint(envelope)
        const known = answers.get(key)
        if (known !== undefined) {
          return known.fingerprint === fingerprint
            ? Effect.succeed(known.answer)
            : Effect.fail(new CommandIdReused({ caller: envelope.caller, id: envelope.id }))
        }
        const answer = write(envelope)
        answers.set(key, { fingerprint, answer })
        return Effect.succeed(answer)
      }),
    find: (subject) => Effect.sync(() => Option.fromUndefinedOr(find(subject))),
    bind: (handle, account) =>
      Effect.suspend(() => {
        const holder = handles.get(keyOf(handle))
        if (holder !== undefined && holder !== account) return Effect.fail(new HandleTaken({ kind: handle.kind }))
        handles.set(keyOf(handle), account)
        return Effect.void
      }),
    unbind: (handle) => Effect.sync(() => void handles.delete(keyOf(handle))),
    journal: (account) =>
      Stream.suspend(() =>
        Stream.fromIterable(account === undefined ? [...journal] : journal.filter((entry) => entry.account === account))
      ),
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
