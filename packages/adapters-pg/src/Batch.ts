/**
 * Commands that are decided together 批: all that the database knows about them on one side, all that has to be written
 * on the other, and nothing in between but `Account.decide`, in the order in which they arrived.
 *
 * Here is no database: what a batch decides is what its commands would decide one after the other.
 */
import { Account, type AccountState, Answer, Command, Fault, type Id, Misuse, type SchoolProfile } from "@yikatong/core"
import { Result } from "effect"
import { hash } from "node:crypto"
import type { Read } from "./AccountRow.ts"
import * as JournalRow from "./JournalRow.ts"

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
  readonly accounts: ReadonlyMap<Id.AccountId, Read<AccountState.AccountState>>
  readonly cards: ReadonlyMap<Id.CardId, Id.AccountId>
  readonly handles: ReadonlyMap<string, Id.AccountId>
}

/** An answer that was given, to this fingerprint. */
export interface Given {
  readonly fingerprint: Uint8Array
  readonly answer: Read<Answer.Answer>
}

/** An answer that stands elsewhere: no command has its fingerprint. */
export const elsewhere: Given = {
  fingerprint: new Uint8Array(),
  answer: Result.fail(new Fault.StoreBroken({ operation: "answer", cause: new Error("the answer stands elsewhere") }))
}

/** What one command is told. */
export type Reply = Result.Result<Answer.Answer, Misuse.CommandIdReused | Fault.StoreBroken>

/** An account after the batch, and as it was before. */
export interface Changed {
  readonly before: AccountState.AccountState | undefined
  readonly account: AccountState.AccountState
}

/** What a batch decided. `replies` stand in the order of the commands. */
export interface Outcome {
  readonly replies: ReadonlyArray<Reply>
  readonly lines: ReadonlyArray<JournalRow.Written>
  readonly changed: ReadonlyArray<Changed>
  readonly cards: ReadonlyMap<Id.CardId, Id.AccountId>
}

/** A command as a batch takes it. */
export const item = (envelope: Command.Envelope): Item => ({
  envelope,
  key: keyOf(envelope.caller, envelope.id),
  // 128 bits: it only has to tell a caller's own commands apart that bear one id.
  fingerprint: hash("sha256", Command.fingerprint(envelope), "buffer").subarray(0, 16)
})

/** The key of a command as one text: no id has a slash. */
export const keyOf = (caller: string, id: string): string => `${caller}/${id}`

/** What commands to one account share, if they name it in the same way. */
export const subjectOf = ({ envelope: { subject } }: Item): string => {
  switch (subject._tag) {
    case "Account":
      return subject.account
    case "Card":
      return subject.card
    case "Handle":
      return subject.handle.value
  }
}

/** A number that they share too. */
export const laneOf = (item: Item): number => sumOf(subjectOf(item))

/** The last characters are those in which ids differ. */
const sumOf = (text: string): number => {
  let sum = 0
  for (let at = Math.max(0, text.length - 8); at < text.length; at++) sum += text.charCodeAt(at)
  return sum
}

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
  const lines: Array<JournalRow.Written> = []
  const touched = new Map<Id.AccountId, AccountState.AccountState>()
  const issued = new Map<Id.CardId, Id.AccountId>()

  const write = (item: Item, decision: Account.Decision): Read<Answer.Answer> => {
    const { account, events, profile } = decision
    const answer = Answer.of(decision)
    const command = Command.record(item.envelope, account?.id)
    const line = JournalRow.write({
      account: account?.id,
      fingerprint: item.fingerprint,
      profile,
      command,
      events,
      answer
    })
    if (Result.isFailure(line)) return Result.fail(line.failure)
    if (account !== undefined && events.length > 0) {
      accounts.set(account.id, Result.succeed(account))
      touched.set(account.id, account)
      for (const event of events) {
        if (event._tag !== "CardIssued" || cards.get(event.card) === account.id) continue
        cards.set(event.card, account.id)
        issued.set(event.card, account.id)
      }
    }
    lines.push(line.success)
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
  const changed = [...touched].map(([id, account]) => {
    const before = found.accounts.get(id)
    return { before: before === undefined ? undefined : Result.getOrThrow(before), account }
  })
  return { replies, lines, changed, cards: issued }
}

/** A decision is total; should one throw all the same, its own command fails and no other. */
const decideOne = (
  profiles: SchoolProfile.History,
  account: AccountState.AccountState | undefined,
  envelope: Command.Envelope,
  holder: Id.AccountId | undefined
): Read<Account.Decision> =>
  Result.try({
    try: () => Account.decide(profiles, account, envelope, holder),
    catch: (cause) => new Fault.StoreBroken({ operation: `decide ${envelope.body._tag}`, cause })
  })
