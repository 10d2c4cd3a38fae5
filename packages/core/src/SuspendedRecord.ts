/**
 * A record of a cut-off terminal that has no end yet 待处理流水 (D11, I15): it came, and what becomes of it is not known here; or
 * the account declined it, which has happened all the same, so it waits, with the reason. It ends as it is posted, or as a
 * person explains it.
 *
 * All lists are bounded. What finds no room among those that wait stays with those that came, and with its terminal, which
 * sends it again. What was closed is known on for a while, so that a copy whose terminal was not told is not taken for new
 * (I3).
 */
import { Schema } from "effect"
import { Instant } from "./CivilTime.ts"
import { Decline } from "./Decline.ts"
import { PointId } from "./Id.ts"
import { OrdinalOrNone } from "./Sequence.ts"
import { Digest } from "./TerminalRecord.ts"

/** How many records of a terminal wait at most, and how many that no longer wait are known. */
export const most = 512

/** Which record: its number at the device, 0 where it has none, and its digest, since two may claim one number. */
export const Key = Schema.Struct({ device: OrdinalOrNone, digest: Digest })
export interface Key extends Schema.Schema.Type<typeof Key> {}

/** One that came, `since` then. Nobody has said yet what became of it. */
export const Taken = Schema.Struct({ ...Key.fields, since: Instant })
export interface Taken extends Schema.Schema.Type<typeof Taken> {}

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

/** What a terminal's subject keeps: what came, what waits, and what waited once, newest last. */
export const Lists = Schema.Struct({
  taken: Schema.Array(Taken),
  suspended: Schema.Array(Suspended),
  closed: Schema.Array(Closed)
})
export interface Lists extends Schema.Schema.Type<typeof Lists> {}

/** Nothing came yet. */
export const none: Lists = { taken: [], suspended: [], closed: [] }

const isSame = (one: Key) => ({ device, digest }: Key): boolean => one.device === device && one.digest === digest

/** The record, if it waits. */
export const find = ({ suspended }: Lists, record: Key): Suspended | undefined => suspended.find(isSame(record))

/** The record, if it waited once and is still known. */
export const findClosed = ({ closed }: Lists, record: Key): Closed | undefined => closed.find(isSame(record))

/** The record, if it came and nothing more is known of it. */
export const findTaken = ({ taken }: Lists, record: Key): Taken | undefined => taken.find(isSame(record))

/** Whether it has no end yet, and a person may explain it. */
export const isOpen = (lists: Lists, record: Key): boolean =>
  findTaken(lists, record) !== undefined || find(lists, record) !== undefined

/** Another record was posted under the name of this one, or nothing will be: only a person can close it. */
export const isContested = ({ decline }: Pick<Told, "decline">): boolean => decline._tag === "RecordContested"

/**
 * Whether this changes anything. What a person has closed does not come back, and what was posted only where another
 * content claims its name. An older word on one that waits is none.
 */
export const isNews = (lists: Lists, told: Told): boolean => {
  const closed = findClosed(lists, told)
  if (closed !== undefined && !(closed.how === "posted" && isContested(told))) return false
  const before = find(lists, told)
  if (before === undefined) return lists.suspended.length < most
  return told.attempts > before.attempts || (isContested(told) && !isContested(before))
}

/** It came, unless something is known of it already. */
export const take = (lists: Lists, { device, digest }: Key, since: Instant): Lists =>
  isOpen(lists, { device, digest }) || findClosed(lists, { device, digest }) !== undefined
    ? lists
    : { ...lists, taken: [...lists.taken, { device, digest, since }] }

/** It waits, or waits on after one more attempt. */
export const add = (lists: Lists, told: Told, at: Instant): Lists => {
  const isOther = (one: Key) => !isSame(told)(one)
  const since = find(lists, told)?.since ?? at
  return {
    taken: lists.taken.filter(isOther),
    suspended: [...lists.suspended.filter(isOther), { ...told, since, triedAt: at }],
    closed: lists.closed.filter(isOther)
  }
}

/** These came to their end at once: no more needs to be known of them than the account knows. */
export const settle = (lists: Lists, records: ReadonlyArray<Key>): Lists => ({
  ...lists,
  taken: lists.taken.filter((one) => !records.some(isSame(one)))
})

/** It is open no longer. */
export const close = (lists: Lists, { device, digest }: Key, how: Closed["how"]): Lists => {
  const record = { device, digest }
  const isOther = (one: Key) => !isSame(record)(one)
  const attempts = find(lists, record)?.attempts ?? 0
  return {
    taken: lists.taken.filter(isOther),
    suspended: lists.suspended.filter(isOther),
    closed: [...lists.closed, { ...record, attempts, how }].slice(-most)
  }
}
