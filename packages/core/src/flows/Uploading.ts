/**
 * A terminal is back and uploads what it did while it was cut off 脱机流水上传 (D11, D21): step by step, each step named after
 * the one before, so that whoever is cut off in the middle simply sends the same again.
 *
 * Terminal → purse → account. The terminal's subject says what the numbers of a record are; the chip's chain what the
 * record is beside the others of that card; the account posts it, once. Every record that is taken goes all the way, a
 * second copy too: it may be the one whose first was cut off, and the account knows it by what the card says of it. A
 * decline of the account stops no other record. One that is refused for its number goes no further: it is listed, and its
 * terminal keeps it, until its number can be taken or a person explains it.
 *
 * What the account declines has happened all the same (D11). It is suspended: the terminal's subject lists it with the
 * reason, the terminal keeps it and sends it again, and the account is asked under a new name when the profile is another
 * one or some minutes have passed. So it ends in one of two ways only: it is posted, or a person explains it. The server
 * can not keep it for the terminal, since who paid by Alipay may not stand in a journal (D24).
 *
 * A record is open from its coming to its end: what has one is written down before the terminal is told (I15). A fault
 * ends the batch with what is done. What is not done was not lost: the terminal keeps it until it is told.
 */
import { Array, Effect, Option, Schema, Stream } from "effect"
import type { Answer } from "../Answer.ts"
import { type Instant, minute } from "../CivilTime.ts"
import type { Decline } from "../Decline.ts"
import type { StoreFault } from "../Fault.ts"
import { CallerId, type CardId, CommandId } from "../Id.ts"
import { type CommandIdReused, MalformedCommand } from "../Misuse.ts"
import type { AccountStore, Entry } from "../ports/AccountStore.ts"
import { Profiles } from "../ports/Profiles.ts"
import { SubjectStore } from "../ports/SubjectStore.ts"
import * as PurseChain from "../PurseChain.ts"
import type { Command as PurseCommand, Event as PurseEvent } from "../PurseEvent.ts"
import * as PurseLink from "../PurseLink.ts"
import { inForce } from "../SchoolProfile.ts"
import type * as Sequence from "../Sequence.ts"
import type * as SubjectEntry from "../SubjectEntry.ts"
import * as SuspendedRecord from "../SuspendedRecord.ts"
import * as Terminal from "../Terminal.ts"
import * as TerminalEvent from "../TerminalEvent.ts"
import * as TerminalRecord from "../TerminalRecord.ts"
import * as Submit from "./Submit.ts"
import { ask, caller, isPosted, keyOf, nameOf, write } from "./UploadingSteps.ts"

export { explain, Explained } from "./UploadingExplained.ts"

/**
 * A batch. `caller` and `terminal`: as the host authenticated them; `id`: the same for the same batch; `records`: in the
 * order in which they were written. One whose figures are damaged stands in nobody's way: it is listed as such.
 */
export const Upload = Schema.Struct({
  caller: CallerId,
  id: CommandId,
  terminal: TerminalEvent.TerminalId,
  records: Schema.NonEmptyArray(TerminalRecord.Sent).check(Schema.isMaxLength(TerminalEvent.batch))
})
export interface Upload extends Schema.Schema.Type<typeof Upload> {}

/** What the terminal's subject said of a record. */
export type Verdict = TerminalEvent.Of<
  "RecordAccepted" | "RecordDuplicated" | "RecordConflicting" | "RecordRefused"
>
type Taken = Exclude<Verdict, { readonly _tag: "RecordRefused" }>

/** So long the account is not asked again about a record that it declined, unless the profile is another one. */
export const pause = 10 * minute

/**
 * What became of a record, in the order of the batch; `device` is 0 where it has no usable number. Whether the terminal may
 * forget it says {@link isSafe}.
 */
export type Outcome =
  /** The account was asked, and is asked again later if it declined. `purse`: what it is in the chain of its card. */
  | {
    readonly _tag: "Told"
    readonly device: number
    readonly verdict: Taken
    readonly purse: Option.Option<SubjectEntry.Answer<PurseEvent>>
    readonly answer: Answer
  }
  /** Not a purchase: only its number counts. */
  | { readonly _tag: "Noted"; readonly device: number; readonly verdict: Taken }
  /** Its number cannot be right as things stand: the terminal keeps it, and it is listed for a person. */
  | { readonly _tag: "Refused"; readonly device: number; readonly refusal: Sequence.Refusal }
  /** Not asked now, and not posted yet, since then and for this reason: the terminal keeps it and sends it again. */
  | {
    readonly _tag: "Waiting"
    readonly device: number
    readonly verdict: Verdict
    readonly decline: Decline
    readonly since: Instant
  }
  /** A person has said why it will never be posted. */
  | { readonly _tag: "Explained"; readonly device: number; readonly verdict: Verdict }
  /** Dated a moment ahead of our clock: the terminal keeps it and sends it again. */
  | { readonly _tag: "Early"; readonly device: number; readonly at: Instant }

/** What became of a batch. `fault`: why it ended before its last record; the same batch may be sent again. */
export type Uploaded =
  | { readonly _tag: "Uploaded"; readonly outcomes: ReadonlyArray<Outcome>; readonly fault: Option.Option<StoreFault> }
  | { readonly _tag: "Declined"; readonly decline: Decline }

/** Whether the terminal may forget the record: it is posted, or there is nothing to post, or a person has explained it. */
export const isSafe = (outcome: Outcome): boolean => {
  switch (outcome._tag) {
    case "Told":
      return isPosted(outcome.answer)
    case "Noted":
    case "Explained":
      return true
    case "Waiting":
    case "Refused":
    case "Early":
      return false
  }
}

/** Takes a batch of records as far as it goes. */
export const upload = Effect.fn("Uploading.upload")(function*(batch: Upload) {
  const ended = (fault: StoreFault) =>
    Effect.succeed<Uploaded>({ _tag: "Uploaded", outcomes: [], fault: Option.some(fault) })
  return yield* Effect.catchTags(take(batch), onFault(ended))
})

const onFault = <A>(ended: (fault: StoreFault) => A) => ({
  StoreUnavailable: ended,
  Overloaded: ended,
  StoreFull: ended,
  StoreBroken: ended
})

type Failure = CommandIdReused | StoreFault

/** All steps of all records. Nobody is told of any before what has its end is written down. */
const take = Effect.fnUntraced(function*(
  { caller, id, records, terminal }: Upload
): Effect.fn.Return<Uploaded, Failure | MalformedCommand, AccountStore | Profiles | SubjectStore> {
  if (records.length > TerminalEvent.batch) {
    const problem = `Expected at most ${TerminalEvent.batch} records`
    return yield* new MalformedCommand({ flaws: [{ path: "records", problem }] })
  }
  const store = yield* SubjectStore
  const receivedAt = yield* Submit.arrival
  const body = { _tag: "Upload", records: Array.map(records, numbered) } as const
  const answer = yield* store.transact(Terminal.decider, { caller, id, subject: terminal, receivedAt, body })
  if (answer._tag === "Declined") return answer
  const verdicts = answer.events.filter(isVerdict)
  const known = yield* store.find(Terminal.decider, terminal)
  const outcomes: globalThis.Array<Outcome> = []
  const ended = (fault: StoreFault) => Effect.succeedSome(fault)
  const fault = yield* Effect.forEach(Array.zip(records, verdicts), ([record, verdict]) =>
    Effect.map(
      follow(terminal, record, verdict, Option.flatMap(known, (state) => pastOf(state, verdict))),
      (outcome) => outcomes.push(outcome)
    ), { discard: true }).pipe(
      Effect.as(Option.none<StoreFault>()),
      Effect.catchTags(onFault(ended))
    )
  const over = outcomes.flatMap((one) => endedAtOnce(known, one))
  if (Array.isReadonlyArrayNonEmpty(over)) {
    yield* write(terminal, { _tag: "SettleRecords", records: over }, Option.some({ caller, id }))
  }
  return { _tag: "Uploaded", outcomes, fault }
})

/** The record, if it has its end and the terminal's subject does not know that yet. */
const endedAtOnce = (known: Option.Option<Terminal.State>, outcome: Outcome): ReadonlyArray<SuspendedRecord.Key> => {
  if (!isSafe(outcome) || !("verdict" in outcome)) return []
  const { device, digest } = outcome.verdict
  return Option.exists(known, (state) => SuspendedRecord.findTaken(state, { device, digest }) !== undefined)
    ? [{ device, digest }]
    : []
}

const isVerdict = (event: TerminalEvent.Event): event is Verdict => {
  const { _tag } = event
  return _tag === "RecordAccepted" || _tag === "RecordDuplicated" || _tag === "RecordConflicting" ||
    _tag === "RecordRefused"
}

/** What is known of a record that was declined before: it waits, or it did once. */
type Past =
  | { readonly _tag: "Suspended"; readonly attempts: number; readonly suspended: SuspendedRecord.Suspended }
  | { readonly _tag: "Closed"; readonly attempts: number; readonly how: "posted" | "explained" }

const pastOf = (state: Terminal.State, record: Verdict): Option.Option<Past> => {
  const suspended = SuspendedRecord.find(state, record)
  if (suspended !== undefined) return Option.some({ _tag: "Suspended", attempts: suspended.attempts, suspended })
  const closed = SuspendedRecord.findClosed(state, record)
  return closed === undefined ? Option.none() : Option.some({ _tag: "Closed", ...closed })
}

/** What the terminal's subject is told of a record. */
const numbered = (record: TerminalRecord.Sent): TerminalEvent.Uploaded => {
  const { device, station, terminal } = record
  const counted = {
    device: TerminalRecord.ordinal(device),
    station,
    terminal: TerminalRecord.ordinal(terminal),
    digest: TerminalRecord.digest(record)
  }
  if (!TerminalRecord.isWhole(record) || record.fact._tag !== "CardPurchase") return counted
  const { card, chipAfter: after, chipBefore: before, purchaseSequence: sequence } = record.fact.purchase
  return { ...counted, purse: { card, sequence, before, after } }
}

/** The steps of one record after the first. They are named after terminal, number and digest, so a copy is the same. */
const follow = Effect.fnUntraced(function*(
  terminal: TerminalEvent.TerminalId,
  record: TerminalRecord.Sent,
  verdict: Verdict,
  known: Option.Option<Past>
): Effect.fn.Return<Outcome, Failure, AccountStore | Profiles | SubjectStore> {
  const { device, digest } = verdict
  const past = Option.getOrUndefined(known)
  if (past?._tag === "Closed" && past.how === "explained") return { _tag: "Explained", device, verdict }
  if (verdict._tag === "RecordRefused" && verdict.refusal._tag !== "Unnumbered") {
    return { _tag: "Refused", device, refusal: verdict.refusal }
  }
  const now = yield* Submit.arrival
  const profiles = yield* Profiles
  const name = nameOf(terminal, verdict)
  const attempts = past?.attempts ?? 0
  const suspended = past?._tag === "Suspended" ? past.suspended : undefined
  const happenedAt = TerminalRecord.happenedAt(record)
  const { version } = inForce(profiles, happenedAt ?? now)
  const suspend = (decline: Decline, attempts: number) =>
    write(terminal, {
      _tag: "SuspendRecord",
      device,
      digest,
      station: record.station,
      ...(happenedAt === undefined ? {} : { happenedAt }),
      decline,
      attempts,
      profile: version
    })
  const waiting = (decline: Decline): Outcome => ({
    _tag: "Waiting",
    device,
    verdict,
    decline,
    since: suspended?.since ?? now
  })
  if (verdict._tag === "RecordRefused" || !TerminalRecord.isWhole(record)) {
    // Nobody could tell a copy of it from another one, or what was paid: only a person can say what it was.
    const decline: Decline = { _tag: "RecordUnnumbered" }
    if (suspended === undefined) yield* suspend(decline, attempts)
    return waiting(decline)
  }
  const { at, fact, station } = record
  if (fact._tag === "Other") return { _tag: "Noted", device, verdict }
  // A clock that is a moment ahead is no reason to alarm anybody.
  if (at > now && at - now <= inForce(profiles, now).clockTolerance) return { _tag: "Early", device, at }
  const purse = fact._tag === "CardPurchase"
    ? Option.some(yield* tell(fact.purchase.card, `tap:${name}`, { _tag: "Tap", ...tapOf(fact) }))
    : Option.none()
  if (at > now) {
    // The account is not asked before that time has come: it could but say no.
    const decline: Decline = { _tag: "RecordDatedInFuture", at, receivedAt: now }
    if (suspended === undefined) yield* suspend(decline, attempts)
    return waiting(decline)
  }
  if (
    suspended !== undefined && attempts > 0 && suspended.profile === version && now - suspended.triedAt < pause
  ) {
    return waiting(suspended.decline)
  }
  const answered = yield* ask({
    ...keyOf(name, attempts),
    at,
    point: station,
    subject: fact._tag === "CardPurchase"
      ? { _tag: "Card", card: fact.purchase.card }
      : { _tag: "Handle", handle: fact.payer },
    body: fact.purchase
  })
  if (Option.isNone(answered)) {
    const decline: Decline = { _tag: "RecordContested" }
    // Counted on, it would be asked under another name, and be posted beside the one that has this one.
    if (suspended === undefined || !SuspendedRecord.isContested(suspended)) yield* suspend(decline, attempts)
    return waiting(decline)
  }
  const answer = answered.value
  if (answer._tag === "Declined" && !isPosted(answer)) yield* suspend(answer.decline, attempts + 1)
  else if (suspended !== undefined && !SuspendedRecord.isContested(suspended)) {
    yield* write(terminal, { _tag: "ReleaseRecord", device, digest })
  }
  return { _tag: "Told", device, verdict, purse, answer }
})

const tapOf = ({ loadSequence, purchase }: Extract<TerminalRecord.Fact, { readonly _tag: "CardPurchase" }>) => ({
  sequence: purchase.purchaseSequence,
  before: purchase.chipBefore,
  after: purchase.chipAfter,
  ...(loadSequence === undefined ? {} : { loads: loadSequence })
})

/** Tells the chain of a card. */
const tell = Effect.fnUntraced(function*(card: CardId, id: string, body: PurseCommand) {
  const store = yield* SubjectStore
  const receivedAt = yield* Submit.arrival
  return yield* store.transact(PurseChain.decider, { caller, id: CommandId.make(id), subject: card, receivedAt, body })
})

/**
 * Tells the chain of a card what happened to it online, from the journal of the accounts: a purchase; of anything else,
 * nothing. Loads, and reversals that are loads (D5), the chip counts itself. Any entry may be told again. Where online
 * taps are not told, each stays an open gap in the chain of its card.
 */
export const observe = Effect.fn("Uploading.observe")(function*({ command, events }: Entry) {
  const { body, caller, id } = command
  for (const event of events) {
    if (event._tag === "Purchased" && body._tag === "PayByCard") {
      const tap = PurseLink.tapOf(body)
      if (Option.isSome(tap)) yield* tell(body.card, `tap:${caller}:${id}`, { _tag: "Tap", ...tap.value })
    }
  }
})

/**
 * Every terminal with a gap that nobody has explained, or with records that have no end yet: `taken`, those that came, and
 * nobody knows what becomes of them; `suspended`, those that could not be posted, and why; `refused`, those whose number
 * cannot be right, and why. `conflicts`: those under a number that another has. `unlisted`: how often one more was refused,
 * or conflicted, and found no room on its list.
 */
export const openTerminals = Stream.unwrap(Effect.map(SubjectStore, ({ all }) =>
  all(Terminal.decider).pipe(
    Stream.map(({ state, subject }) => {
      const { conflicts, refused, suspended, taken, unlisted } = state
      return { terminal: subject, gaps: Terminal.open(state), taken, suspended, refused, conflicts, unlisted }
    }),
    Stream.filter(({ conflicts, gaps, refused, suspended, taken, unlisted }) =>
      [gaps, taken, suspended, refused, conflicts].some((list) => list.length > 0) || unlisted > 0
    )
  )))

/** Every card whose chain has a gap, does not hold, or has no place for a purchase, and nobody has explained why. */
export const openPurses = Stream.unwrap(Effect.map(SubjectStore, ({ all }) =>
  all(PurseChain.decider).pipe(
    Stream.map(({ state, subject }) => ({ card: subject, ...PurseChain.open(state) })),
    Stream.filter(({ breaks, gaps, refused }) => [gaps, breaks, refused].some((list) => list.length > 0))
  )))
