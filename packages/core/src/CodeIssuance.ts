/**
 * Which pseudonyms an account's phones show codes under 发码记录 (R4, R5, D20, D21): drawn anew each day, given back when
 * they have ended, and ended all at once when a phone is lost.
 *
 * A pseudonym belongs to one phone and one medium, since a phone counts its codes by itself. A phone that was ended is
 * not authorised again under the same key, or its app would undo that by itself; whoever signs in again has a new one.
 * A pseudonym that has to go is remembered until it is settled: it stands on the revocation list, and leads nowhere.
 * The subject is the id of the account.
 */
import { Result, Schema } from "effect"
import { Day, dayLength, dayOf, Instant } from "./CivilTime.ts"
import { IdentityMedium, PayMedium, PublicKey } from "./CodeKeys.ts"
import type * as Decider from "./Decider.ts"
import type { Decline } from "./Decline.ts"
import { Pseudonym, Version } from "./Pseudonym.ts"

export const kind = "codeIssuance"

/** How many phones an account has at once. With one more, the one that has not renewed for longest gives way. */
export const phones = 4
/** How many ended phones are remembered. */
const remembered = 32

/** What a phone can be authorised to show. */
export const CodeMedium = Schema.Literals([...PayMedium.literals, ...IdentityMedium.literals])

/** `version`: the latest authorisation under it. `until`: when the last of them ends. */
export const Issued = Schema.Struct({
  pseudonym: Pseudonym,
  medium: CodeMedium,
  deviceKey: PublicKey,
  version: Version,
  drawnOn: Day,
  renewedAt: Instant,
  until: Instant
})
export interface Issued extends Schema.Schema.Type<typeof Issued> {}

/** `leaving`: ended before their time, and not settled yet. `ended`: the keys of ended phones. */
export const State = Schema.Struct({
  issued: Schema.Array(Issued),
  leaving: Schema.Array(Issued),
  ended: Schema.Array(PublicKey)
})
export interface State extends Schema.Schema.Type<typeof State> {}

const none: State = { issued: [], leaving: [], ended: [] }

export const Command = Schema.TaggedUnion({
  /** A phone wants an authorisation until then. `pseudonym`: a fresh one, to be taken if a new one is due. */
  Authorise: { medium: CodeMedium, deviceKey: PublicKey, pseudonym: Pseudonym, until: Instant },
  /** The phone that has this pseudonym is ended, or all of them. */
  Revoke: { pseudonym: Schema.optionalKey(Pseudonym) },
  /** A pseudonym leads nowhere any more. */
  Settle: { pseudonym: Pseudonym }
})
export type Command = typeof Command.Type

export const Event = Schema.TaggedUnion({
  Authorised: {
    at: Instant,
    medium: CodeMedium,
    deviceKey: PublicKey,
    pseudonym: Pseudonym,
    version: Version,
    until: Instant
  },
  /** `revoked`: never again under this key. `displaced`: by a newer phone. */
  PhoneEnded: { at: Instant, deviceKey: PublicKey, reason: Schema.Literals(["revoked", "displaced"]) },
  Settled: { at: Instant, pseudonym: Pseudonym }
})
export type Event = typeof Event.Type

/** What has to lead nowhere now. `revoked`: it has to stand on the revocation list as well. */
export const due = (
  { issued, leaving }: State,
  now: Instant
): ReadonlyArray<Issued & { readonly revoked: boolean }> => [
  ...leaving.map((one) => ({ ...one, revoked: true })),
  ...issued.filter((one) => isOver(one, now)).map((one) => ({ ...one, revoked: false }))
]

/** A day after its end no trusted clock takes it for good any more. */
export const isOver = ({ until }: Issued, now: Instant): boolean => now - until > dayLength

const decide: Decider.Decider<State, Command, Event>["decide"] = (before = none, command, { now }) => {
  switch (command._tag) {
    case "Authorise":
      return before.ended.includes(command.deviceKey)
        ? Result.fail({ _tag: "CodeRevoked" })
        : Result.succeed(authorise(before, command, now))
    case "Revoke":
      return Result.map(
        affected(before, command.pseudonym),
        (keys) => keys.map((deviceKey) => ({ _tag: "PhoneEnded", at: now, deviceKey, reason: "revoked" }))
      )
    case "Settle": {
      const { pseudonym } = command
      const isDue = due(before, now).some((one) => one.pseudonym === pseudonym)
      return Result.succeed(isDue ? [{ _tag: "Settled", at: now, pseudonym }] : [])
    }
  }
}

const authorise = (
  { issued }: State,
  { deviceKey, medium, pseudonym, until }: Extract<Command, { readonly _tag: "Authorise" }>,
  now: Instant
): ReadonlyArray<Event> => {
  const today = issued.find((one) =>
    one.deviceKey === deviceKey && one.medium === medium && one.drawnOn === dayOf(now) && one.version < 0xffff
  )
  const others = byRenewal(issued.filter((one) => one.deviceKey !== deviceKey))
  return [
    ...others.slice(0, Math.max(0, others.length + 1 - phones)).map((key): Event => ({
      _tag: "PhoneEnded",
      at: now,
      deviceKey: key,
      reason: "displaced"
    })),
    {
      _tag: "Authorised",
      at: now,
      medium,
      deviceKey,
      pseudonym: today?.pseudonym ?? pseudonym,
      version: today === undefined ? 1 : today.version + 1,
      until
    }
  ]
}

/** The keys of these phones, the one that has not renewed for longest first. */
const byRenewal = (issued: ReadonlyArray<Issued>): ReadonlyArray<PublicKey> => {
  const latest = new Map<PublicKey, number>()
  for (const { deviceKey, renewedAt } of issued) {
    latest.set(deviceKey, Math.max(renewedAt, latest.get(deviceKey) ?? renewedAt))
  }
  return [...latest].sort(([, one], [, other]) => one - other).map(([key]) => key)
}

/** The phones that a revocation ends. One that is ended already is no mistake. */
const affected = (
  { issued, leaving }: State,
  pseudonym: Pseudonym | undefined
): Result.Result<ReadonlyArray<PublicKey>, Decline> => {
  if (pseudonym === undefined) return Result.succeed(byRenewal(issued))
  const meant = issued.find((one) => one.pseudonym === pseudonym)
  if (meant !== undefined) return Result.succeed([meant.deviceKey])
  return leaving.some((one) => one.pseudonym === pseudonym)
    ? Result.succeed([])
    : Result.fail({ _tag: "UnknownHandle", kind: "code" })
}

const evolve = (before: State = none, event: Event): State => {
  switch (event._tag) {
    case "Authorised": {
      const { at, deviceKey, medium, pseudonym, until, version } = event
      const known = before.issued.find((one) => one.pseudonym === pseudonym)
      const last = known !== undefined && known.until > until ? known.until : until
      return {
        ...before,
        issued: [
          ...before.issued.filter((one) => one !== known),
          { pseudonym, medium, deviceKey, version, drawnOn: dayOf(at), renewedAt: at, until: last }
        ]
      }
    }
    case "PhoneEnded": {
      const isOf = ({ deviceKey }: Issued) => deviceKey === event.deviceKey
      return {
        issued: before.issued.filter((one) => !isOf(one)),
        leaving: [...before.leaving, ...before.issued.filter(isOf)],
        ended: event.reason === "revoked" ? [...before.ended, event.deviceKey].slice(-remembered) : before.ended
      }
    }
    case "Settled": {
      const isOther = ({ pseudonym }: Issued) => pseudonym !== event.pseudonym
      return { ...before, issued: before.issued.filter(isOther), leaving: before.leaving.filter(isOther) }
    }
  }
}

/** The decider of an account's phones. It moves no money. */
export const decider: Decider.Decider<State, Command, Event> = {
  kind,
  state: State,
  command: Command,
  event: Event,
  decide,
  evolve,
  postings: () => []
}
