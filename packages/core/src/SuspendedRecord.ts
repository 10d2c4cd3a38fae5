/**
 * A record of a cut-off terminal that has no end yet 待处理流水 (D11, I15): it came, and what becomes of it is not known here;
 * the account declined it, which has happened all the same, so it waits, with the reason; or it was refused, since its
 * number cannot be right. It ends as it is posted, or as a person explains it. Beside these: two records under one
 * number, each with an end of its own, until a person says why there are two.
 *
 * All lists are bounded. What finds no room among those that wait stays with those that came, and with its terminal, which
 * sends it again. What finds none among the refused or the conflicts is counted as unlisted, until a person says that
 * it was looked at. What was closed is known on for a while, so that a copy whose terminal was not told is not taken for
 * new (I3).
 */
import { Schema } from "effect"
import { Instant } from "./CivilTime.ts"
import { Decline } from "./Decline.ts"
import { PointId } from "./Id.ts"
import { OrdinalOrNone, Refusal } from "./Sequence.ts"
import { Digest } from "./TerminalRecord.ts"

/** How many records of a terminal wait at most, are refused, or conflict; and how many that no longer wait are known. */
export const most = 512

/** Which record: its number at the device, 0 where it has none, and its digest, since two may claim one number. */
export const Key = Schema.Struct({ device: OrdinalOrNone, digest: Digest })
export interface Key extends Schema.Schema.Type<typeof Key> {}

/** One that came, `since` then. Nobody has said yet what became of it. */
export const Taken = Schema.Struct({ ...Key.fields, since: Instant })
export interface Taken extends Schema.Schema.Type<typeof Taken> {}

/**
 * What is told of it. `happenedAt`: none where that is damaged; `decline`: what the account said last; `attempts`: how often
 * it said no, none where it was not asked yet; `profile`: the version in force when it happened, since another one may
 * answer otherwise.
 */
export const Told = Schema.Struct({
  ...Key.fields,
  station: PointId,
  happenedAt: Schema.optionalKey(Instant),
  decline: Decline,
  attempts: Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)),
  profile: Schema.String
})
export interface Told extends Schema.Schema.Type<typeof Told> {}

/** One that waits, `since` it was declined first; the last attempt was `triedAt`. */
export const Suspended = Schema.Struct({ ...Told.fields, since: Instant, triedAt: Instant })
export interface Suspended extends Schema.Schema.Type<typeof Suspended> {}

/** One that is not taken as things stand, `since` it came first; `refusal`: why, as it was told last. */
export const Refused = Schema.Struct({ ...Key.fields, since: Instant, refusal: Refusal })
export interface Refused extends Schema.Schema.Type<typeof Refused> {}

/** One under a number that another record has, `since` then. What becomes of itself is told like that of any other. */
export const Conflict = Schema.Struct({ ...Key.fields, since: Instant })
export interface Conflict extends Schema.Schema.Type<typeof Conflict> {}

/** One that was open once. */
export const Closed = Schema.Struct({
  ...Key.fields,
  attempts: Schema.Int,
  how: Schema.Literals(["posted", "explained"])
})
export interface Closed extends Schema.Schema.Type<typeof Closed> {}

/**
 * What a terminal's subject keeps: what came, what waits, what was refused, what conflicts, and what was open once, newest
 * last. `unlisted`: how often a refused or conflicting record found no room, since a person last looked at those.
 */
export const Lists = Schema.Struct({
  taken: Schema.Array(Taken),
  suspended: Schema.Array(Suspended),
  refused: Schema.Array(Refused),
  conflicts: Schema.Array(Conflict),
  unlisted: Schema.Int,
  closed: Schema.Array(Closed)
})
export interface Lists extends Schema.Schema.Type<typeof Lists> {}

/** Nothing came yet. */
export const none: Lists = { taken: [], suspended: [], refused: [], conflicts: [], unlisted: 0, closed: [] }

const isSame = (one: Key) => ({ device, digest }: Key): boolean => one.device === device && one.digest === digest
const isOther = (one: Key) => (other: Key): boolean => !isSame(one)(other)

/** The record, if it waits. */
export const find = ({ suspended }: Lists, record: Key): Suspended | undefined => suspended.find(isSame(record))

/** The record, if it is refused. */
export const findRefused = ({ refused }: Lists, record: Key): Refused | undefined => refused.find(isSame(record))

/** Whether it stands beside another one under its number, and nobody has explained that. */
export const isConflict = ({ conflicts }: Lists, record: Key): boolean => conflicts.some(isSame(record))

/** The record, if it was open once and is still known. */
export const findClosed = ({ closed }: Lists, record: Key): Closed | undefined => closed.find(isSame(record))

/** The record, if it came and nothing more is known of it. */
export const findTaken = ({ taken }: Lists, record: Key): Taken | undefined => taken.find(isSame(record))

/** Whether it was taken and has no end yet. */
export const isPending = (lists: Lists, record: Key): boolean =>
  findTaken(lists, record) !== undefined || find(lists, record) !== undefined

/** Whether it has no end yet, and a person may explain it. */
export const isOpen = (lists: Lists, record: Key): boolean =>
  isPending(lists, record) || findRefused(lists, record) !== undefined

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

/** It came, unless something is known of it already. One that was refused before is so no longer. */
export const take = <L extends Lists>(lists: L, { device, digest }: Key, at: Instant): L => {
  const record = { device, digest }
  if (isPending(lists, record) || findClosed(lists, record) !== undefined) return lists
  const since = findRefused(lists, record)?.since ?? at
  return {
    ...lists,
    taken: [...lists.taken, { ...record, since }],
    refused: lists.refused.filter(isOther(record))
  }
}

/** It is not taken, for this reason. */
export const refuse = <L extends Lists>(lists: L, { device, digest }: Key, refusal: Refusal, at: Instant): L => {
  const record = { device, digest }
  const before = findRefused(lists, record)
  if (before === undefined && lists.refused.length >= most) return { ...lists, unlisted: lists.unlisted + 1 }
  const since = before?.since ?? at
  return { ...lists, refused: [...lists.refused.filter(isOther(record)), { ...record, since, refusal }] }
}

/** It stands beside another one under its number. */
export const conflict = <L extends Lists>(lists: L, { device, digest }: Key, since: Instant): L => {
  if (isConflict(lists, { device, digest })) return lists
  if (lists.conflicts.length >= most) return { ...lists, unlisted: lists.unlisted + 1 }
  return { ...lists, conflicts: [...lists.conflicts, { device, digest, since }] }
}

/** A person has said why there are several records under this number. */
export const closeConflicts = <L extends Lists>(lists: L, device: number): L => ({
  ...lists,
  conflicts: lists.conflicts.filter((one) => one.device !== device)
})

/** It waits, or waits on after one more attempt. */
export const add = <L extends Lists>(lists: L, told: Told, at: Instant): L => {
  const since = find(lists, told)?.since ?? at
  return {
    ...lists,
    taken: lists.taken.filter(isOther(told)),
    suspended: [...lists.suspended.filter(isOther(told)), { ...told, since, triedAt: at }],
    refused: lists.refused.filter(isOther(told)),
    closed: lists.closed.filter(isOther(told))
  }
}

/** These came to their end at once: no more needs to be known of them than the account knows. */
export const settle = <L extends Lists>(lists: L, records: ReadonlyArray<Key>): L => ({
  ...lists,
  taken: lists.taken.filter((one) => !records.some(isSame(one)))
})

/** It is open no longer. A person who explained it has seen that it conflicts. */
export const close = <L extends Lists>(lists: L, { device, digest }: Key, how: Closed["how"]): L => {
  const record = { device, digest }
  const attempts = find(lists, record)?.attempts ?? 0
  return {
    ...lists,
    taken: lists.taken.filter(isOther(record)),
    suspended: lists.suspended.filter(isOther(record)),
    refused: lists.refused.filter(isOther(record)),
    conflicts: how === "explained" ? lists.conflicts.filter(isOther(record)) : lists.conflicts,
    closed: [...lists.closed, { ...record, attempts, how }].slice(-most)
  }
}
