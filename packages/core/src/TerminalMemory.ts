/**
 * What a terminal remembers while it is cut off 终端存储 (R3, A21): the numbers it gave, when it last signed in, how much of
 * its memory is used, the list of blocked cards, and which cards it took a moment ago.
 *
 * Its own clock may show anything; what counts is how far the server's was ahead of it at the last sign-in.
 */
import { Result, Schema } from "effect"
import { Listing } from "./BlockedCards.ts"
import { type Day, dayOf, Instant, later } from "./CivilTime.ts"
import type * as Decline from "./Decline.ts"
import { CardId, PointId } from "./Id.ts"
import type { SchoolProfile } from "./SchoolProfile.ts"
import type { Fact, TerminalRecord } from "./TerminalRecord.ts"

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

/**
 * `device`, `terminal`: the numbers it gave last. `unsent`: records that were not uploaded. `signedIn`: when, by the server's
 * clock, and how many milliseconds that was ahead of its own. `recent`: cards that it took lately.
 */
export const TerminalMemory = Schema.Struct({
  station: PointId,
  device: Count,
  terminal: Count,
  unsent: Count,
  signedIn: Schema.optionalKey(Schema.Struct({ at: Instant, offset: Schema.Int })),
  list: Listing,
  recent: Schema.Array(Schema.Struct({ card: CardId, at: Instant }))
})
export interface TerminalMemory extends Schema.Schema.Type<typeof TerminalMemory> {}

/** A memory from plain values: what a device kept in a file, and what it was told as it signed in. Throws where one is none. */
export const fromPlain: (plain: typeof TerminalMemory.Encoded) => TerminalMemory = Schema.decodeSync(TerminalMemory)

const isInstant = Schema.is(Instant)

/** The server's time as a terminal knows it, and the day on which it last signed in. */
export interface Time {
  readonly now: Instant
  readonly since: Day
}

/**
 * The time by what the terminal's clock shows. One that shows less than at the last sign-in has been set back or lost its
 * battery: nothing can be judged by it.
 */
export const timeOf = (
  { signedIn }: TerminalMemory,
  clock: number
): Result.Result<Time, Decline.Of<"ClockNotSet">> => {
  const now = signedIn === undefined ? Number.NaN : clock + signedIn.offset
  return signedIn !== undefined && isInstant(now) && now >= signedIn.at
    ? Result.succeed({ now, since: dayOf(signedIn.at) })
    : Result.fail({ _tag: "ClockNotSet" })
}

/** Why a terminal may not go on alone, whoever pays: away for too many civil days, or no room for a record. */
export const refuse = (
  { offline }: SchoolProfile,
  { unsent }: TerminalMemory,
  { now, since }: Time
): Decline.Of<"OfflineTooLong" | "TerminalRecordFull"> | undefined => {
  // Days of the calendar: a formula of 30 days to a month is wrong at the end of every other one.
  const days = dayOf(now) - since
  if (days > offline.days) return { _tag: "OfflineTooLong", days, allowed: offline.days }
  return unsent >= offline.records ? { _tag: "TerminalRecordFull", unsent, allowed: offline.records } : undefined
}

/** Why this card is most likely a second beep, or nothing. */
export const refuseRepeat = (
  { repeatTapWithin }: SchoolProfile,
  { recent }: TerminalMemory,
  card: CardId,
  now: Instant
): Decline.Of<"RepeatTap"> | undefined => {
  const last = recent.filter((one) => one.card === card).at(-1)
  return last === undefined || now < last.at || now - last.at >= repeatTapWithin
    ? undefined
    : { _tag: "RepeatTap", waitUntil: later(last.at, repeatTapWithin) }
}

/** What is written down: the next record, and the memory after it. */
export interface Written {
  readonly record: TerminalRecord
  readonly memory: TerminalMemory
}

/** Writes down what happened, under the next numbers. */
export const write = ({ repeatTapWithin }: SchoolProfile, memory: TerminalMemory, at: Instant, fact: Fact): Written => {
  const numbers = { device: memory.device + 1, terminal: memory.terminal + 1 }
  const recent = memory.recent.filter((one) => at - one.at < repeatTapWithin)
  return {
    record: { ...numbers, station: memory.station, at, fact },
    memory: {
      ...memory,
      ...numbers,
      unsent: memory.unsent + 1,
      recent: fact._tag === "CardPurchase" ? [...recent, { card: fact.purchase.card, at }] : recent
    }
  }
}

/** The memory after a sign-in was answered (`SignedIn` of a terminal), with the list as it is by then. */
export const signedIn = (
  memory: TerminalMemory,
  { at, offset }: { readonly at: Instant; readonly offset: number },
  list: Listing
): TerminalMemory => ({ ...memory, signedIn: { at, offset }, list })

/** The memory after so many of its records are safe at the server. */
export const uploaded = (memory: TerminalMemory, records: number): TerminalMemory => ({
  ...memory,
  unsent: Math.max(0, memory.unsent - records)
})
