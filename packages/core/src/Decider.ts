/**
 * A subject of its own beside the accounts 业务主体 (D21): a terminal, a recharge order, a merchant's day, a subsidy batch.
 *
 * Each is a decider like the account: from its state and a command it decides what happens, and its events make the next
 * state. Any store can keep it, since its shapes are data. Dealings that touch two subjects go step by step, each step
 * named after the one before.
 */
import type { Result, Schema } from "effect"
import type { Instant } from "./CivilTime.ts"
import type { Decline } from "./Decline.ts"
import type { CallerId, CommandId } from "./Id.ts"
import type { Posting } from "./Ledger.ts"
import type { SchoolProfile } from "./SchoolProfile.ts"

/** What a decision knows beside state and command. `now`: the arrival of the command; `subject`: whose state it is. */
export interface Setting {
  readonly profile: SchoolProfile
  readonly subject: string
  readonly caller: CallerId
  readonly id: CommandId
  readonly now: Instant
}

/**
 * One kind of subject. `kind` names it in a store and never changes. `decide` is total and pure; `evolve` reads nothing
 * but its arguments; `postings`: what an event moves between books outside the accounts, under absolute names, empty for
 * most. `isOpen`: whether something has still to be done with a subject in this state 未了结, total and pure; a kind without it
 * never ends. A state that has ended may become open again by an event, but not by another `isOpen`: a store keeps what was
 * said when the state was written.
 */
export interface Decider<State, Command, Event> {
  readonly kind: string
  readonly state: Schema.Codec<State, unknown>
  readonly command: Schema.Codec<Command, unknown>
  readonly event: Schema.Codec<Event, unknown>
  readonly decide: (
    state: State | undefined,
    command: Command,
    setting: Setting
  ) => Result.Result<ReadonlyArray<Event>, Decline>
  readonly evolve: (state: State | undefined, event: Event) => State
  readonly postings: (event: Event) => ReadonlyArray<Posting>
  readonly isOpen?: (state: State) => boolean
}

/** The state after a list of events; none for none. */
export const replay = <State, Command, Event>(
  { evolve }: Decider<State, Command, Event>,
  events: Iterable<Event>
): State | undefined => {
  let state: State | undefined
  for (const event of events) state = evolve(state, event)
  return state
}
