/**
 * Where accounts live 账户存储. A store finds the account of a command, lets `Account.decide` decide, and writes state,
 * events, transfers and answer in one transaction. What it promises is the list of laws in `@yikatong/core/testing`,
 * which run against any store.
 *
 * `transact` takes one command and gives one answer, so that a store may collect the commands that wait and write them
 * together: decisions are pure and may run wherever it likes.
 */
import { Context, type Effect, type Option, Schema, type Stream } from "effect"
import { AccountEvent } from "../AccountEvent.ts"
import type { AccountState } from "../AccountState.ts"
import { Answer } from "../Answer.ts"
import { type Envelope, Recorded, type Subject } from "../Command.ts"
import type { StoreFault } from "../Fault.ts"
import { AccountId, type CallerId, type CommandId, type Handle } from "../Id.ts"
import type { Balances } from "../Ledger.ts"
import type { CommandIdReused, HandleTaken } from "../Misuse.ts"

/**
 * One line of the journal 流水: a command, what it made happen, and what its caller was told. Declined commands stand
 * there too (D23). `sequence` grows along each account; `shape`: the version of the events' shape (D22).
 */
export const Entry = Schema.Struct({
  sequence: Schema.Int,
  /** None where no account was found. */
  account: Schema.optionalKey(AccountId),
  command: Recorded,
  /** The version of the profile that decided (D22). */
  profile: Schema.String,
  shape: Schema.Int,
  events: Schema.Array(AccountEvent),
  answer: Answer
})
export interface Entry extends Schema.Schema.Type<typeof Entry> {}

/** By which a command is known for ever (D18, D19). */
export interface Key {
  readonly caller: CallerId
  readonly id: CommandId
}

/** A page of an account's history: so many entries at most, older than the one with this `sequence`. */
export interface Page {
  /** From the newest on, where it is left out. The next page begins before the last entry of this one. */
  readonly before?: number
  /** Brought into 1 to 500: who asks for more gets a full page. */
  readonly limit: number
}

/** A page with bounds that every store can ask for. */
export const bounded = ({ before = Number.MAX_SAFE_INTEGER, limit }: Page): Required<Page> => ({
  before: within(0, Math.ceil(before), Number.MAX_SAFE_INTEGER),
  limit: within(1, Math.floor(limit), 500)
})

/** Lines of the journal: those of one account only, or those after the line with this `sequence` only. */
export interface Which {
  readonly account?: AccountId
  readonly after?: number
}

/** The line after which a journal is read, as a number that every store can ask for; 0 is before all of them. */
export const startOf = ({ after = 0 }: Which): number => within(0, Math.floor(after), Number.MAX_SAFE_INTEGER)

/** What is no number at all counts as the least. */
const within = (least: number, value: number, most: number): number => value > least ? Math.min(value, most) : least

export class AccountStore extends Context.Service<AccountStore, {
  /**
   * Decides a command and writes what it changes, durably before it answers. The same caller, id and body give the
   * first answer again (D18); the same id with another body is `CommandIdReused`. After a fault, send the same command
   * again.
   */
  readonly transact: (envelope: Envelope) => Effect.Effect<Answer, CommandIdReused | StoreFault>
  /** The line of the journal that a key has, if it was answered here; it stays so for ever (D18, D19). A retired key has none. */
  readonly answered: (key: Key) => Effect.Effect<Option.Option<Entry>, StoreFault>
  /**
   * Retires a key 作废, since its answer stands elsewhere: no command of it is decided any more, each is `CommandIdReused`.
   * The same again changes nothing. A key that was answered here is `CommandIdReused` and stays as it is: of a command and
   * a retirement at once exactly one comes through. It is no line of the journal.
   */
  readonly retire: (key: Key) => Effect.Effect<void, CommandIdReused | StoreFault>
  /** The account that a subject stands for, as it is now (D20). */
  readonly find: (subject: Subject) => Effect.Effect<Option.Option<AccountState>, StoreFault>
  /**
   * Lets a handle stand for an account; the same again changes nothing. Cards need none: they are found by their id.
   */
  readonly bind: (handle: Handle, account: AccountId) => Effect.Effect<void, HandleTaken | StoreFault>
  /** Forgets a handle, as when a person is erased (D24). */
  readonly unbind: (handle: Handle) => Effect.Effect<void, StoreFault>
  /**
   * The journal of one account, or of all, in the order in which each account lived it; numbers grow from line to line.
   *
   * Whoever has read up to a line goes on `after` it, and misses nothing: a line that turns up later never has a number at
   * or below the last one read, in whatever order commands were written that were under way together.
   */
  readonly journal: (which?: Which) => Stream.Stream<Entry, StoreFault>
  /** What an account lived through last 交易明细 (R56), newest first, declined commands included: one page of its journal. */
  readonly history: (account: AccountId, page: Page) => Effect.Effect<ReadonlyArray<Entry>, StoreFault>
  /** All accounts as they are now. */
  readonly accounts: Stream.Stream<AccountState, StoreFault>
  /** What every book holds by its transfers alone, own pockets under their absolute names. */
  readonly balances: Effect.Effect<Balances, StoreFault>
}>()("@yikatong/core/ports/AccountStore") {}
