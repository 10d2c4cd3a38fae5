/**
 * A difference that waits for a person 挂账 (D21): found when a channel was compared, and nothing that a program may do puts it
 * right. It is opened once, so that the next comparison finds nothing new, and ends with what somebody found out.
 *
 * Its subject is the key of the difference. No money moves here: that stays with the commands for money.
 */
import { Result, Schema } from "effect"
import { Day, Instant } from "./CivilTime.ts"
import type * as Decider from "./Decider.ts"
import { Discrepancy } from "./Discrepancy.ts"
import { OperatorId, Words } from "./Id.ts"

export const kind = "suspense"

const found = { channel: Words, day: Day, difference: Discrepancy }
const ended = { operator: OperatorId, note: Words }

export const Suspense = Schema.TaggedUnion({
  /** `day`: of the bill in which it was found, or missed. */
  Open: { ...found, openedAt: Instant },
  Resolved: { ...found, openedAt: Instant, ...ended, resolvedAt: Instant }
})
export type Suspense = typeof Suspense.Type

export const Command = Schema.TaggedUnion({
  Open: found,
  /** What came of it, in a few words. Who resolves it once more has the last word. */
  Resolve: ended
})
export type Command = typeof Command.Type

export const Event = Schema.TaggedUnion({
  Opened: { at: Instant, ...found },
  Resolved: { at: Instant, ...ended }
})
export type Event = typeof Event.Type

const decide: Decider.Decider<Suspense, Command, Event>["decide"] = (known, command, { now }) => {
  const { _tag, ...body } = command
  if (command._tag === "Open") {
    // Found again: it waits already, or a person has seen it.
    return Result.succeed(known === undefined ? [{ _tag: "Opened", at: now, ...body } as Event] : [])
  }
  if (known === undefined) return Result.fail({ _tag: "UnknownSubject", kind })
  return Result.succeed([{ _tag: "Resolved", at: now, operator: command.operator, note: command.note }])
}

const evolve = (known: Suspense | undefined, event: Event): Suspense => {
  if (event._tag === "Opened") {
    const { at, channel, day, difference } = event
    return { _tag: "Open", channel, day, difference, openedAt: at }
  }
  if (known === undefined) throw new Error("What was suspended begins with Opened")
  const { channel, day, difference, openedAt } = known
  const { at, note, operator } = event
  return { _tag: "Resolved", channel, day, difference, openedAt, operator, note, resolvedAt: at }
}

/** The decider of what is suspended. Its events post nothing. */
export const decider: Decider.Decider<Suspense, Command, Event> = {
  kind,
  state: Suspense,
  command: Command,
  event: Event,
  decide,
  evolve,
  postings: () => []
}
