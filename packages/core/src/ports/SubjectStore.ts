/**
 * Where the other subjects live 业务主体存储 (D21): orders, terminals, merchants' days, batches. It promises of each what
 * {@link AccountStore} promises of an account: a command happens once, what is approved is durable before it is
 * answered, a refusal changes nothing. What it promises is the list of laws in `@yikatong/core/testing`.
 *
 * The same caller and id under one kind give the first answer again; the key is (kind, caller, id). A kind and a subject
 * are named by 1 to 260 characters, none of them a control character; other names are refused as `StoreBroken`, since
 * some store could not tell them apart.
 */
import { Context, type Effect, type Option, type Stream } from "effect"
import type { Decider } from "../Decider.ts"
import type { StoreFault } from "../Fault.ts"
import type { Balances } from "../Ledger.ts"
import type { CommandIdReused } from "../Misuse.ts"
import type { Answer, Entry, Submitted } from "../SubjectEntry.ts"

export type { Answer, Entry, Kept, Line, Submitted, Written } from "../SubjectEntry.ts"
/** What any store does with a command, for whoever makes one. */
export { checkNames, decide, fingerprint, isOpen, readEntry, readState } from "../SubjectEntry.ts"

export class SubjectStore extends Context.Service<SubjectStore, {
  /**
   * Decides a command and writes what it changes, durably before it answers. The same kind, caller, id, subject and body
   * give the first answer again (D18); the same id with another body or subject is `CommandIdReused`. After a fault, send
   * the same again.
   */
  readonly transact: <State, Command, Event>(
    decider: Decider<State, Command, Event>,
    submitted: Submitted<Command>
  ) => Effect.Effect<Answer<Event>, CommandIdReused | StoreFault>
  /** One subject as it is now. */
  readonly find: <State, Command, Event>(
    decider: Decider<State, Command, Event>,
    subject: string
  ) => Effect.Effect<Option.Option<State>, StoreFault>
  /** All subjects of a kind as they are now, by their ids in order. */
  readonly all: <State, Command, Event>(
    decider: Decider<State, Command, Event>
  ) => Stream.Stream<{ readonly subject: string; readonly state: State }, StoreFault>
  /**
   * Those of them that are open 未了结 by `Decider.isOpen`, in the same order; all where the kind does not say. Asked again and
   * again, so it should cost by the number of the open ones and not by that of all.
   */
  readonly open: <State, Command, Event>(
    decider: Decider<State, Command, Event>
  ) => Stream.Stream<{ readonly subject: string; readonly state: State }, StoreFault>
  /** The journal of one subject, or of all of its kind, in the order in which each lived it. */
  readonly journal: <State, Command, Event>(
    decider: Decider<State, Command, Event>,
    subject?: string
  ) => Stream.Stream<Entry<Command, Event>, StoreFault>
  /** What the books hold by the postings of all subjects alone. */
  readonly balances: Effect.Effect<Balances, StoreFault>
}>()("@yikatong/core/ports/SubjectStore") {}
