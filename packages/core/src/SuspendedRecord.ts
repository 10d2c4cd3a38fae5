/**
 * A record of a cut-off terminal that could not be posted yet 待处理流水 (D11): what the account declined has happened all the
 * same, so it waits, with the reason, until it is posted or a person explains it.
 *
 * Both lists are bounded. What finds no room stays with its terminal, which sends it again. What was closed is known on
 * for a while, so that a copy whose terminal was not told is not taken for new (I3).
 */
import { Schema } from "effect"
import { Instant } from "./CivilTime.ts"
import { Decline } from "./Decline.ts"
import { PointId } from "./Id.ts"
import { Ordinal } from "./Sequence.ts"
import { Digest } from "./TerminalRecord.ts"

/** How many records of a terminal wait at most, and how many that no longer wait are known. */
export const most = 512

/** Which record: its number at the device, and its digest, since two may claim one number. */
export const Key = Schema.Struct({ device: Ordinal, digest: Digest })
export interface Key extends Schema.Schema.Type<typeof Key> {}

/**
 * What is told of it. `decline`: what the account said last; `attempts`: how often it said no, none where it was not asked
 * yet; `profile`: the version in force when it happened, since another one may answer otherwise.
 */
export const Told = Schema.Struct({
  ...Key.fields,
  station: PointId,
  happenedAt: Instant,
  decline: Decline,
  attempts: Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)),
  profile: Schema.String
})
export interface Told extends Schema.Schema.Type<typeof Told> {}

/** One that waits, `since` it was declined first; the last attempt was `triedAt`. */
export const Suspended = Schema.Struct({ ...Told.fields, since: Instant, triedAt: Instant })
export interface Suspended extends Schema.Schema.Type<typeof Suspended> {}

/** One that waited once. */
export const Closed = Schema.Struct({
  ...Key.fields,
  attempts: Schema.Int,
  how: Schema.Literals(["posted", "explained"])
})
export interface Closed extends Schema.Schema.Type<typeof Closed> {}

/** What a terminal's subject keeps: what waits, and what did, newest last. */
export const Lists = Schema.Struct({ suspended: Schema.Array(Suspended), closed: Schema.Array(Closed) })
export interface Lists extends Schema.Schema.Type<typeof Lists> {}

/** Nothing waits. */
export const none: Lists = { suspended: [], closed: [] }

const isSame = (one: Key) => ({ device, digest }: Key): boolean => one.device === device && one.digest === digest

/** The record, if it waits. */
export const find = ({ suspended }: Lists, record: Key): Suspended | undefined => suspended.find(isSame(record))

/** The record, if it waited once and is still known. */
export const findClosed = ({ closed }: Lists, record: Key): Closed | undefined => closed.find(isSame(record))

/** Whether this changes anything: one that was closed does not come back, and an older word on one that waits is none. */
export const isNews = (lists: Lists, told: Told): boolean => {
  if (findClosed(lists, told) !== undefined) return false
  const before = find(lists, told)
  return before === undefined ? lists.suspended.length < most : told.attempts > before.attempts
}

/** It waits, or waits on after one more attempt. */
export const add = (lists: Lists, told: Told, at: Instant): Lists => {
  const others = lists.suspended.filter((one) => !isSame(told)(one))
  const since = find(lists, told)?.since ?? at
  return { suspended: [...others, { ...told, since, triedAt: at }], closed: lists.closed }
}

/** It waits no longer. */
export const close = (lists: Lists, { device, digest }: Key, how: Closed["how"]): Lists => {
  const record = { device, digest }
  const attempts = find(lists, record)?.attempts ?? 0
  return {
    suspended: lists.suspended.filter((one) => !isSame(record)(one)),
    closed: [...lists.closed, { ...record, attempts, how }].slice(-most)
  }
}
