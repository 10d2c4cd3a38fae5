/**
 * Authorisations that were ended before their time 吊销名单: a lost phone, a loss report, an account that was closed.
 *
 * A terminal keeps the list for when it is cut off, and fetches what has changed since its version. A change that does
 * not follow on is refused, so that no step is ever missed unseen; the terminal then fetches the whole list. The list
 * is the school's word and has to come over a connection that proves it. Entries leave it a day after their
 * authorisation has ended anyway.
 */
import { Result, Schema } from "effect"
import { dayLength, Instant } from "./CivilTime.ts"
import { Pseudonym, Version } from "./Pseudonym.ts"

/** Ended: every authorisation under this pseudonym up to this version. `until`: the latest `notAfter` among them. */
export const Revoked = Schema.Struct({ pseudonym: Pseudonym, version: Version, until: Instant })
export interface Revoked extends Schema.Schema.Type<typeof Revoked> {}

const ListVersion = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

/** The list as it stood at an instant of the school's clock. */
export const Revocations = Schema.Struct({ version: ListVersion, at: Instant, revoked: Schema.Array(Revoked) })
export interface Revocations extends Schema.Schema.Type<typeof Revocations> {}

/** What leads from the list of one version to that of a later one. */
export const Delta = Schema.Struct({
  from: ListVersion,
  to: ListVersion,
  at: Instant,
  added: Schema.Array(Revoked)
}).check(
  Schema.makeFilter(({ from, to }: { readonly from: number; readonly to: number }) => from < to, {
    expected: "a later version than the one it follows"
  })
)
export interface Delta extends Schema.Schema.Type<typeof Delta> {}

/** The change begins at version `from` and the list has version `have`: fetch what lies between, or the whole list. */
export interface DeltaDoesNotFollow {
  readonly _tag: "DeltaDoesNotFollow"
  readonly have: number
  readonly from: number
}

/** Nothing revoked yet, as of an instant. */
export const none = (at: Instant): Revocations => ({ version: 0, at, revoked: [] })

/** How long an entry outlives its authorisation, in milliseconds: far more than two trusted clocks can differ. */
const grace = dayLength

/** The list after a change. */
export const apply = (list: Revocations, delta: Delta): Result.Result<Revocations, DeltaDoesNotFollow> => {
  if (delta.from !== list.version) {
    return Result.fail({ _tag: "DeltaDoesNotFollow", have: list.version, from: delta.from })
  }
  // Of two words on one pseudonym the wider holds, whichever came first.
  const merged = new Map<Pseudonym, Revoked>()
  for (const entry of [...list.revoked, ...delta.added]) {
    const before = merged.get(entry.pseudonym) ?? entry
    merged.set(entry.pseudonym, {
      pseudonym: entry.pseudonym,
      version: Math.max(before.version, entry.version),
      until: before.until > entry.until ? before.until : entry.until
    })
  }
  return Result.succeed({
    version: delta.to,
    at: delta.at,
    revoked: [...merged.values()].filter(({ until }) => delta.at - until <= grace)
  })
}

/** Whether this authorisation has been ended. */
export const includes = (list: Revocations, pseudonym: Pseudonym, version: number): boolean =>
  list.revoked.some((entry) => entry.pseudonym === pseudonym && version <= entry.version)

/**
 * How old the list is, in milliseconds; negative when it comes from a clock that is ahead. How old is too old for a
 * terminal that is cut off, the school decides.
 *
 * @example
 * ```ts
 * import { CivilTime, Revocations } from "@yikatong/core"
 *
 * const list = Revocations.none(CivilTime.instant("2025-11-03 06:00"))
 * Revocations.age(list, CivilTime.instant("2025-11-03 12:00")) / CivilTime.hour // => 6
 * ```
 */
export const age = (list: Revocations, now: Instant): number => now - list.at
