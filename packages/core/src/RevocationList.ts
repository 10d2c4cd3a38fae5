/**
 * The school's own list of ended authorisations 吊销名单, from which terminals fetch what is new (R4, R5, A22, D21).
 *
 * There is one, of the subject `campus`. Its version counts the changes; a terminal says which version it has and is
 * told what to do. An entry leaves a day after its authorisation has ended, see {@link Revocations}, so the list stays
 * as short as a day has lost phones.
 */
import { Option, Result, Schema } from "effect"
import { dayLength, Instant } from "./CivilTime.ts"
import type * as Decider from "./Decider.ts"
import type { Pseudonym } from "./Pseudonym.ts"
import * as Revocations from "./Revocations.ts"

export const kind = "codeRevocations"
/** Whose list it is. */
export const subject = "campus"

export const Command = Schema.TaggedUnion({
  /** These authorisations are ended. */
  Revoke: { revoked: Schema.Array(Revocations.Revoked) }
})
export type Command = typeof Command.Type

/** What was not on the list yet, or only with less. `to`: the version that it makes. */
export const Event = Schema.TaggedUnion({
  Revoked: { at: Instant, to: Schema.Int, added: Schema.Array(Revocations.Revoked) }
})
export type Event = typeof Event.Type

/** `since`: the version in which an entry became what it is. */
export const State = Schema.Struct({
  version: Schema.Int,
  entries: Schema.Array(Schema.Struct({ ...Revocations.Revoked.fields, since: Schema.Int }))
})
export interface State extends Schema.Schema.Type<typeof State> {}
type Entry = State["entries"][number]

const none: State = { version: 0, entries: [] }

/** What a terminal is told: the whole list, what has changed, or that nothing has and when that was so. */
export type Update =
  | { readonly _tag: "Whole"; readonly list: Revocations.Revocations }
  | { readonly _tag: "Changes"; readonly delta: Revocations.Delta }
  | { readonly _tag: "Current"; readonly version: number; readonly at: Instant }

const revokedOf = ({ pseudonym, until, version }: Entry): Revocations.Revoked => ({ pseudonym, version, until })

/** The whole list, as of now. */
export const list = (state: Option.Option<State>, now: Instant): Revocations.Revocations => {
  const { entries, version } = Option.getOrElse(state, () => none)
  return { version, at: now, revoked: entries.map(revokedOf) }
}

/**
 * What leads a terminal from its version to this one. One that says a version which never was gets the whole list.
 *
 * @example
 * ```ts
 * import { CivilTime, RevocationList } from "@yikatong/core"
 * import { Option } from "effect"
 *
 * const now = CivilTime.instant("2025-11-03 12:00")
 * RevocationList.update(Option.none(), 0, now)._tag // => "Current"
 * RevocationList.update(Option.none(), 7, now)._tag // => "Whole"
 * ```
 */
export const update = (state: Option.Option<State>, from: number, now: Instant): Update => {
  const { entries, version } = Option.getOrElse(state, () => none)
  if (from === version) return { _tag: "Current", version, at: now }
  if (!Number.isSafeInteger(from) || from < 0 || from > version) return { _tag: "Whole", list: list(state, now) }
  const added = entries.filter(({ since }) => since > from).map(revokedOf)
  return { _tag: "Changes", delta: { from, to: version, at: now, added } }
}

const find = ({ entries }: State, pseudonym: Pseudonym): Entry | undefined =>
  entries.find((entry) => entry.pseudonym === pseudonym)

const decide: Decider.Decider<State, Command, Event>["decide"] = (before = none, { revoked }, { now }) => {
  const added = revoked.filter(({ pseudonym, until, version }) => {
    const known = find(before, pseudonym)
    const isKnown = known !== undefined && known.version >= version && known.until >= until
    return !isKnown && now - until <= dayLength
  })
  return Result.succeed(added.length === 0 ? [] : [{ _tag: "Revoked", at: now, to: before.version + 1, added }])
}

const evolve = (before: State = none, { added, at, to }: Event): State => {
  const grown = Revocations.apply(list(Option.some(before), at), { from: before.version, to, at, added })
  if (Result.isFailure(grown)) throw new Error("A change of the list begins where the list is")
  const entries = grown.success.revoked.map((entry): Entry => {
    const known = find(before, entry.pseudonym)
    const isSame = known !== undefined && known.version === entry.version && known.until === entry.until
    return { ...entry, since: isSame ? known.since : to }
  })
  return { version: to, entries }
}

/** The decider of the list. It moves no money. */
export const decider: Decider.Decider<State, Command, Event> = {
  kind,
  state: State,
  command: Command,
  event: Event,
  decide,
  evolve,
  postings: () => []
}
