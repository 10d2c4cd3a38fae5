/**
 * Commands that are decided together 批: all that the database knows about them on one side, all that has to be written
 * on the other, and nothing in between but `Account.decide`, in the order in which they arrived.
 *
 * Here is no database: what a batch decides is what its commands would decide one after the other.
 */
import {
  Account,
  AccountEvent,
  type AccountState,
  Answer,
  Command,
  Fault,
  type Id,
  Ledger,
  Misuse,
  type SchoolProfile
} from "@yikatong/core"
import { Result } from "effect"
import { hash } from "node:crypto"
import * as Stored from "./Stored.ts"

/** A command with what a retry is known by (D18). */
export interface Item {
  readonly envelope: Command.Envelope
  readonly key: string
  readonly fingerprint: Uint8Array
}

/** What the database knows about the commands of a batch. It is read under the locks of the accounts. */
export interface Found {
  /** The answers that were given before. */
  readonly answers: ReadonlyMap<string, Given>
  readonly accounts: ReadonlyMap<Id.AccountId, Stored.Read<AccountState.AccountState>>
  readonly cards: ReadonlyMap<Id.CardId, Id.AccountId>
  readonly handles: ReadonlyMap<string, Id.AccountId>
}

/** An answer that was given, to this fingerprint. */
export interface Given {
  readonly fingerprint: Uint8Array
  readonly answer: Stored.Read<Answer.Answer>
}

/** What one command is told. */
export type Reply = Result.Result<Answer.Answer, Misuse.CommandIdReused | Fault.StoreBroken>

/** A line of the journal to be written. */
export interface Line {
  readonly account: Id.AccountId | null
  readonly item: Item
  readonly command: Command.Recorded
  readonly profile: string
  readonly events: ReadonlyArray<AccountEvent.AccountEvent>
  readonly transfers: ReadonlyArray<Ledger.Posting>
  readonly answer: Answer.Answer
}

/** The state of an account after the batch, and the version that it had before. */
export interface Changed {
  readonly before: number
  readonly account: AccountState.AccountState
}

/** What a batch decided. `replies` stand in the order of the commands. */
export interface Outcome {
  readonly replies: ReadonlyArray<Reply>
  readonly lines: ReadonlyArray<Line>
  readonly opened: ReadonlyArray<AccountState.AccountState>
  readonly changed: ReadonlyArray<Changed>
  readonly cards: ReadonlyMap<Id.CardId, Id.AccountId>
}

/** A command as a batch takes it. */
export const item = (envelope: Command.Envelope): Item => ({
  envelope,
  key: keyOf(envelope.caller, envelope.id),
  fingerprint: hash("sha256", Command.fingerprint(envelope), "buffer")
})

/** The key of a command as one text: no id has a slash. */
export const keyOf = (caller: string, id: string): string => `${caller}/${id}`

/** A handle as one text. */
export const handleOf = ({ kind, value }: Id.Handle): string => `${kind}/${value}`

/** The account that a subject stands for, if it stands for one. */
export const accountOf = (
  subject: Command.Subject,
  cards: Found["cards"],
  handles: Found["handles"]
): Id.AccountId | undefined => {
  switch (subject._tag) {
    case "Account":
      return subject.account
    case "Card":
      return cards.get(subject.card)
    case "Handle":
      return handles.get(handleOf(subject.handle))
  }
}

/** Decides the commands one after the other. */
export const decide = (profiles: SchoolProfile.History, items: ReadonlyArray<Item>, found: Found): Outcome => {
  const answers = new Map(found.answers)
  const accounts = new Map(found.accounts)
  const cards = new Map(found.cards)
  const lines: Array<Line> = []
  const touched = new Map<Id.AccountId, AccountState.AccountState>()
  const issued = new Map<Id.CardId, Id.AccountId>()

  const write = (item: Item, decision: Account.Decision): Stored.Read<Answer.Answer> => {
    const { account, events, profile } = decision
    const answer = Answer.of(decision)
    const command = Command.record(item.envelope, account?.id)
    const writable = Stored.writable(account, { command, events, answer, profile })
    if (Result.isFailure(writable)) return Result.fail(writable.failure)
    const transfers = account === undefined
      ? []
      : events.flatMap((event) => Ledger.postings(account.id, AccountEvent.transfers(event)))
    if (account !== undefined && events.length > 0) {
      accounts.set(account.id, Result.succeed(account))
      touched.set(account.id, account)
      for (const event of events) {
        if (event._tag !== "CardIssued" || cards.get(event.card) === account.id) continue
        cards.set(event.card, account.id)
        issued.set(event.card, account.id)
      }
    }
    lines.push({ account: account?.id ?? null, item, command, profile, events, transfers, answer })
    return Result.succeed(answer)
  }

  const reply = (item: Item): Reply => {
    const { envelope, fingerprint, key } = item
    const given = answers.get(key)
    if (given !== undefined) {
      return Buffer.compare(given.fingerprint, fingerprint) === 0
        ? given.answer
        : Result.fail(new Misuse.CommandIdReused({ caller: envelope.caller, id: envelope.id }))
    }
    const id = accountOf(envelope.subject, cards, found.handles)
    const before = id === undefined ? undefined : accounts.get(id)
    if (before !== undefined && Result.isFailure(before)) return Result.fail(before.failure)
    const { body } = envelope
    const holder = body._tag === "IssueCard" ? cards.get(body.card) : undefined
    const decided = decideOne(profiles, before?.success, envelope, holder)
    if (Result.isFailure(decided)) return Result.fail(decided.failure)
    const answer = write(item, decided.success)
    if (Result.isSuccess(answer)) answers.set(key, { fingerprint, answer })
    return answer
  }

  const replies = items.map(reply)
  const opened: Array<AccountState.AccountState> = []
  const changed: Array<Changed> = []
  for (const [id, account] of touched) {
    const before = found.accounts.get(id)
    if (before === undefined) opened.push(account)
    else changed.push({ before: Result.getOrThrow(before).version, account })
  }
  return { replies, lines, opened, changed, cards: issued }
}

/** A decision is total; should one throw all the same, its own command fails and no other. */
const decideOne = (
  profiles: SchoolProfile.History,
  account: AccountState.AccountState | undefined,
  envelope: Command.Envelope,
  holder: Id.AccountId | undefined
): Stored.Read<Account.Decision> =>
  Result.try({
    try: () => Account.decide(profiles, account, envelope, holder),
    catch: (cause) => new Fault.StoreBroken({ operation: `decide ${envelope.body._tag}`, cause })
  })
