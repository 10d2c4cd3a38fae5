/**
 * One terminal as the server knows it 终端: when it signed in, and which of its records have arrived (D11, D21, I15).
 *
 * A subject of its own, named after the device. It says what a record is to its sequence: new, a second copy, or another
 * record under a number that is taken. Whether it is true and who pays is decided by the account. One that is taken for
 * a copy or for another is passed on all the same: what was bought is posted once by what the card says of it.
 *
 * The state stays small: intervals instead of numbers, and digests of the newest records only. A copy of an older one is
 * known by its number alone, and is told as not compared.
 *
 * A record that came is open until its end is told: posted, or nothing to post. What the account could not post yet waits
 * here, with the reason, until it is posted or a person explains it; so does what is refused for its number. No refusal
 * settles a fact (D11). A conflict is listed until a person explains it, whatever becomes of its records.
 */
import { Option, Result, Schema } from "effect"
import { Instant } from "./CivilTime.ts"
import type * as Decider from "./Decider.ts"
import type { Decline } from "./Decline.ts"
import { PointId, Words } from "./Id.ts"
import { pointOf, type SchoolProfile } from "./SchoolProfile.ts"
import * as Sequence from "./Sequence.ts"
import * as SuspendedRecord from "./SuspendedRecord.ts"
import { Command, Event, type Of, type Uploaded, Versions } from "./TerminalEvent.ts"
import { Digest } from "./TerminalRecord.ts"

export const kind = "terminal"

/** How many digests are kept: more than one upload, so that an upload that is sent again is always compared. */
export const remembered = 512

/**
 * A terminal. `device` and `stations`: its counters. `recent`: digests, newest last. The lists of records: see
 * `SuspendedRecord`.
 */
export const State = Schema.Struct({
  signedIn: Schema.Struct({
    at: Instant,
    offset: Schema.Int,
    holds: Versions,
    firmware: Schema.optionalKey(Words)
  }),
  device: Sequence.Sequence,
  stations: Schema.Array(Schema.Struct({ station: PointId, sequence: Sequence.Sequence })),
  recent: Schema.Array(Schema.Struct({ device: Sequence.Ordinal, digest: Digest })),
  ...SuspendedRecord.Lists.fields
})
export interface State extends Schema.Schema.Type<typeof State> {}

/** No honest terminal is further ahead than the records that it may keep. */
const boundsOf = ({ offline }: SchoolProfile): Sequence.Bounds => ({ jump: offline.records, gaps: 256 })

const stationOf = ({ stations }: State, station: PointId): Sequence.Sequence =>
  stations.find((one) => one.station === station)?.sequence ?? Sequence.begin(1)

const decide: Decider.Decider<State, Command, Event>["decide"] = (state, command, { now, profile }) => {
  if (command._tag === "SignIn") {
    const { clock, counters, firmware, holds, newestList } = command
    const device = state?.device ?? Sequence.begin(counters?.device ?? 1)
    return Result.succeed([{
      _tag: "SignedIn",
      at: now,
      clock,
      offset: now - clock,
      holds,
      current: { profile: profile.version, list: newestList },
      settled: state === undefined ? Sequence.settled(device) : settled(state),
      ...(firmware === undefined ? {} : { firmware }),
      ...(counters === undefined ? {} : { counters })
    }])
  }
  if (state === undefined) return Result.fail({ _tag: "TerminalNotSignedIn" })
  switch (command._tag) {
    case "ExplainGap":
      return explain(state, command, now)
    case "Upload":
      return Result.succeed(upload(profile, state, command, now))
    case "SuspendRecord": {
      const { _tag, ...said } = command
      return Result.succeed(SuspendedRecord.isNews(state, said) ? [{ _tag: "RecordSuspended", at: now, ...said }] : [])
    }
    case "ReleaseRecord": {
      const { _tag, ...record } = command
      const known = SuspendedRecord.findClosed(state, record)
      return Result.succeed(known === undefined ? [{ _tag: "RecordReleased", at: now, ...record }] : [])
    }
    case "SettleRecords": {
      const records = command.records.filter((record) => SuspendedRecord.findTaken(state, record) !== undefined)
      return Result.succeed(records.length > 0 ? [{ _tag: "RecordsSettled", at: now, records }] : [])
    }
    case "ExplainRecord": {
      const { _tag, ...said } = command
      if (SuspendedRecord.isOpen(state, said)) return Result.succeed([{ _tag: "RecordExplained", at: now, ...said }])
      // A conflict that is not open has its end: what is left to explain is that there are two.
      const posted = SuspendedRecord.findClosed(state, said)?.how === "posted" ||
        SuspendedRecord.isConflict(state, said)
      return Result.fail({ _tag: posted ? "RecordAlreadyPosted" : "RecordNotSuspended" })
    }
    case "ExplainConflict": {
      const { _tag, ...said } = command
      return state.conflicts.some(({ device }) => device === said.device)
        ? Result.succeed([{ _tag: "ConflictExplained", at: now, ...said }])
        : Result.fail({ _tag: "RecordNotSuspended" })
    }
    case "ExplainUnlisted": {
      const { _tag, ...said } = command
      const { unlisted } = state
      return unlisted > 0
        ? Result.succeed([{ _tag: "UnlistedExplained", at: now, unlisted, ...said }])
        : Result.fail({ _tag: "RecordNotSuspended" })
    }
  }
}

const explain = (
  state: State,
  { _tag, ...gap }: Extract<Command, { readonly _tag: "ExplainGap" }>,
  at: Instant
): Result.Result<ReadonlyArray<Event>, Decline> => {
  const sequence = gap.station === undefined ? state.device : stationOf(state, gap.station)
  return Option.isNone(Sequence.explain(sequence, gap))
    ? Result.fail({ _tag: "GapNotOpen", from: gap.from, to: gap.to })
    : Result.succeed([{ _tag: "GapExplained", ...gap, at }])
}

const upload = (
  profile: SchoolProfile,
  before: State,
  { records }: Extract<Command, { readonly _tag: "Upload" }>,
  at: Instant
): ReadonlyArray<Event> => {
  let state = before
  return records.map((record) => {
    const event = judge(profile, state, record, at)
    state = evolve(state, event)
    return event
  })
}

const judge = (profile: SchoolProfile, state: State, record: Uploaded, at: Instant): Event => {
  const { device, digest, purse, station, terminal } = record
  const counted = { at, device, digest }
  const isUnnumbered = device === 0 || terminal === 0
  const unnumbered = { _tag: "RecordRefused", ...counted, refusal: { _tag: "Unnumbered" } } as const
  const known = state.recent.filter((one) => one.device === device)
  if (
    known.some((one) => one.digest === digest) || SuspendedRecord.isPending(state, record) ||
    SuspendedRecord.findClosed(state, record) !== undefined
  ) {
    return isUnnumbered ? unnumbered : { _tag: "RecordDuplicated", ...counted, compared: true }
  }
  // No honest terminal has more of them open than it may keep.
  const most = profile.offline.records
  if (state.taken.length >= most) return { _tag: "RecordRefused", ...counted, refusal: { _tag: "TooManyOpen", most } }
  if (isUnnumbered) return unnumbered
  if (known.length > 0) {
    return { _tag: "RecordConflicting", ...counted, station, terminal, ...(purse === undefined ? {} : { purse }) }
  }
  const bounds = boundsOf(profile)
  const refusal = Sequence.refuse(state.device, device, bounds)
  if (refusal !== undefined) return { _tag: "RecordRefused", ...counted, refusal }
  const [, receipt] = Sequence.receive(state.device, device, at)
  if (receipt._tag === "Duplicate") return { _tag: "RecordDuplicated", ...counted, compared: false }
  const accepted = { _tag: "RecordAccepted", ...counted, receipt, station, terminal } as const
  if (pointOf(profile, station) === undefined) return accepted
  const sequence = stationOf(state, station)
  return {
    ...accepted,
    atStation: Sequence.refuse(sequence, terminal, bounds) ?? Sequence.receive(sequence, terminal, at)[1]
  }
}

const isReceipt = Schema.is(Sequence.Receipt)

const evolve = (state: State | undefined, event: Event): State => {
  if (event._tag === "SignedIn") return signIn(state, event)
  if (state === undefined) throw new Error(`A terminal begins with SignedIn, not with ${event._tag}`)
  switch (event._tag) {
    case "RecordAccepted": {
      const { at, atStation, device, station, terminal } = event
      return {
        ...remember(state, event),
        device: Sequence.receive(state.device, device, at)[0],
        stations: atStation !== undefined && isReceipt(atStation)
          ? withStation(state, station, Sequence.receive(stationOf(state, station), terminal, at)[0])
          : state.stations
      }
    }
    case "RecordDuplicated":
      // One that was compared came before, and is open as long as its end is not known.
      return event.compared ? state : SuspendedRecord.take(state, event, event.at)
    case "RecordConflicting":
      return SuspendedRecord.conflict(remember(state, event), event, event.at)
    case "RecordRefused":
      // One without a number is nobody's copy. It came all the same, and waits for a person.
      return event.refusal._tag === "Unnumbered"
        ? SuspendedRecord.take(state, event, event.at)
        : SuspendedRecord.refuse(state, event, event.refusal, event.at)
    case "RecordSuspended": {
      const { _tag, at, ...said } = event
      return SuspendedRecord.add(state, said, at)
    }
    case "RecordReleased":
      return SuspendedRecord.close(state, event, "posted")
    case "RecordsSettled":
      return SuspendedRecord.settle(state, event.records)
    case "RecordExplained":
      return SuspendedRecord.close(state, event, "explained")
    case "ConflictExplained":
      return SuspendedRecord.closeConflicts(state, event.device)
    case "UnlistedExplained":
      return { ...state, unlisted: 0 }
    case "GapExplained": {
      const { station } = event
      const before = station === undefined ? state.device : stationOf(state, station)
      const sequence = Option.getOrElse(Sequence.explain(before, event), () => before)
      return station === undefined
        ? { ...state, device: sequence }
        : { ...state, stations: withStation(state, station, sequence) }
    }
  }
}

const signIn = (
  state: State | undefined,
  { at, counters, firmware, holds, offset }: Of<"SignedIn">
): State => {
  const stations = state?.stations ?? []
  // What is known is not set anew, and of two words on one station the first holds.
  const added = (counters?.stations ?? []).filter((one, at, all) =>
    stations.every(({ station }) => station !== one.station) &&
    all.findIndex(({ station }) => station === one.station) === at
  )
  return {
    device: Sequence.begin(counters?.device ?? 1),
    recent: [],
    ...SuspendedRecord.none,
    ...state,
    signedIn: { at, offset, holds, ...(firmware === undefined ? {} : { firmware }) },
    stations: [...stations, ...added.map(({ next, station }) => ({ station, sequence: Sequence.begin(next) }))]
  }
}

/** It came: what it says is kept to compare copies with, and its end is not known yet. */
const remember = (
  state: State,
  { at, device, digest }: Pick<Of<"RecordAccepted" | "RecordConflicting">, "at" | "device" | "digest">
): State => ({
  ...SuspendedRecord.take(state, { device, digest }, at),
  recent: [...state.recent, { device, digest }].slice(-remembered)
})

const withStation = ({ stations }: State, station: PointId, sequence: Sequence.Sequence): State["stations"] =>
  stations.some((one) => one.station === station)
    ? stations.map((one) => one.station === station ? { station, sequence } : one)
    : [...stations, { station, sequence }]

/** A gap that nobody has explained: of the device, or of one of its stations. */
export interface OpenGap extends Sequence.Gap {
  readonly station?: PointId
}

/**
 * The last number up to which nothing is missing and nothing that came is open: whatever bears it may be forgotten. None, as
 * long as something came that is not listed: nobody knows its number.
 */
export const settled = ({ device, refused, suspended, taken, unlisted }: State): number =>
  [...taken, ...suspended, ...refused].reduce(
    (least, one) => one.device === 0 ? least : Math.min(least, one.device - 1),
    unlisted > 0 ? 0 : Sequence.settled(device)
  )

/** All that is missing and not explained: of the device first, then of each station. */
export const open = ({ device, stations }: State): ReadonlyArray<OpenGap> => [
  ...device.open,
  ...stations.flatMap(({ sequence, station }) => sequence.open.map((gap) => ({ ...gap, station })))
]

/** The decider of terminals. It moves no money. */
export const decider: Decider.Decider<State, Command, Event> = {
  kind,
  state: State,
  command: Command,
  event: Event,
  decide,
  evolve,
  postings: () => []
}
