/**
 * What a terminal's subject is told, and what happened to it 终端事件 (D21): it signs in, it uploads, a person explains.
 *
 * An upload names each record by its numbers and a digest. What was bought stands in the record itself, which goes on to
 * the account.
 */
import { Schema } from "effect"
import { Instant } from "./CivilTime.ts"
import { CardId, OperatorId, PointId, Words } from "./Id.ts"
import { Money } from "./Money.ts"
import * as Sequence from "./Sequence.ts"
import * as SuspendedRecord from "./SuspendedRecord.ts"
import { Digest } from "./TerminalRecord.ts"

/** One device, as the host authenticates it: the name of its subject. */
export const TerminalId = Schema.String.check(Schema.isPattern(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/)).pipe(
  Schema.brand("TerminalId")
)
export type TerminalId = typeof TerminalId.Type

/** How many records one upload brings at most. */
export const batch = 200

const ListVersion = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
/** The version of the profile, and of the list of blocked cards. */
export const Versions = Schema.Struct({ profile: Words, list: ListVersion })

/**
 * A record as its terminal is asked to account for it. `purse`: what the chip said, if there was one. One without a usable
 * number has a 0 there.
 */
export const Uploaded = Schema.Struct({
  device: Sequence.OrdinalOrNone,
  station: PointId,
  terminal: Sequence.OrdinalOrNone,
  digest: Digest,
  purse: Schema.optionalKey(Schema.Struct({ card: CardId, sequence: Sequence.Ordinal, before: Money, after: Money }))
})
export interface Uploaded extends Schema.Schema.Type<typeof Uploaded> {}

/**
 * Where the counters of a device stand that was in use elsewhere before: the numbers of the first records that it will
 * upload here, or that it gives next where it keeps none. What bears an earlier one is refused.
 */
const Counters = Schema.Struct({
  device: Sequence.Ordinal,
  stations: Schema.Array(Schema.Struct({ station: PointId, next: Sequence.Ordinal }))
})

const record = SuspendedRecord.Key.fields

const explained = { reason: Words, operator: OperatorId }
const part = { from: Schema.Int, to: Schema.Int, station: Schema.optionalKey(PointId) }

/** What somebody tells a terminal's subject. */
export const Command = Schema.TaggedUnion({
  /**
   * The terminal is there 签到. `clock`: what it shows, however wrong, in milliseconds; `holds`: the versions that it has;
   * `newestList`: the newest one there is, from the flow. `counters` are taken where none are known yet. A sign-in
   * without an answer is made anew under another id.
   */
  SignIn: {
    clock: Schema.Int,
    holds: Versions,
    newestList: ListVersion,
    firmware: Schema.optionalKey(Words),
    counters: Schema.optionalKey(Counters)
  },
  /** Records of its memory, in the order in which it wrote them. */
  Upload: { records: Schema.NonEmptyArray(Uploaded).check(Schema.isMaxLength(batch)) },
  /** A person says why numbers will not come: of the device, or of one of its stations. */
  ExplainGap: { ...part, ...explained },
  /** From the flow: a record could not be posted as things stand. */
  SuspendRecord: SuspendedRecord.Told.fields,
  /** From the flow: one that waited, or that somebody wanted to explain, has been posted. */
  ReleaseRecord: record,
  /** From the flow: these were posted at once, or there is nothing to post of them. */
  SettleRecords: { records: Schema.NonEmptyArray(SuspendedRecord.Key).check(Schema.isMaxLength(batch)) },
  /** A person says why an open record will never be posted, and what was done instead. */
  ExplainRecord: { ...record, ...explained },
  /** A person says why there are several records under one number: all that are listed under it. */
  ExplainConflict: { device: Sequence.Ordinal, ...explained },
  /** A person has looked at what found no room on the lists of refused and conflicting records. */
  ExplainUnlisted: explained
})
export type Command = typeof Command.Type

const counted = { at: Instant, device: Sequence.OrdinalOrNone, digest: Digest }

/** What happened. An upload gives exactly one event for each of its records, in their order. */
export const Event = Schema.TaggedUnion({
  /**
   * `offset`: the server's clock minus the terminal's, in milliseconds. `current`: what it should have. `settled`: the
   * last number up to which every record that came has its end, and what did not come is explained; 0 as long as some that
   * came are not listed. It sends again what it has after that.
   */
  SignedIn: {
    at: Instant,
    clock: Schema.Int,
    offset: Schema.Int,
    holds: Versions,
    current: Versions,
    settled: Schema.Int,
    firmware: Schema.optionalKey(Words),
    counters: Schema.optionalKey(Counters)
  },
  /**
   * New. `atStation`: what its other number is to the counter of the station, or why it is nothing to it. None where the
   * profile does not list that point.
   */
  RecordAccepted: {
    ...counted,
    receipt: Sequence.Receipt,
    station: PointId,
    terminal: Sequence.Ordinal,
    atStation: Schema.optionalKey(Schema.Union([Sequence.Receipt, Sequence.Refusal]))
  },
  /** The same again. `compared`: its content is the same too; else it is too old, and only its number is. */
  RecordDuplicated: { ...counted, compared: Schema.Boolean },
  /** Another record under a number that is taken: a counter that was set back, or a damaged memory. A person must look: it is listed. */
  RecordConflicting: {
    ...counted,
    station: PointId,
    terminal: Sequence.Ordinal,
    purse: Uploaded.fields.purse
  },
  /** Its number cannot be right as things stand. The terminal keeps it, and it is listed until it is taken or explained. */
  RecordRefused: { ...counted, refusal: Sequence.Refusal },
  GapExplained: { ...part, at: Instant, ...explained },
  /** It happened, and cannot be posted yet. */
  RecordSuspended: { at: Instant, ...SuspendedRecord.Told.fields },
  /** It was posted after all. */
  RecordReleased: counted,
  /** They need not be sent again. */
  RecordsSettled: { at: Instant, records: Schema.Array(SuspendedRecord.Key) },
  RecordExplained: { ...counted, ...explained },
  ConflictExplained: { at: Instant, device: Sequence.Ordinal, ...explained },
  /** `unlisted`: how often one had found no room. */
  UnlistedExplained: { at: Instant, unlisted: Schema.Int, ...explained }
})
export type Event = typeof Event.Type

/** The event with this tag. */
export type Of<Tag extends Event["_tag"]> = Extract<Event, { readonly _tag: Tag }>
