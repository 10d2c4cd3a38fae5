/**
 * A terminal is back and uploads what it did while it was cut off 脱机流水上传 (D11, D21): step by step, each step named after
 * the one before, so that whoever is cut off in the middle simply sends the same again.
 *
 * Terminal → purse → account. The terminal's subject says what the numbers of a record are; the chip's chain what the
 * record is beside the others of that card; the account posts it, once. Every record goes all the way, a second copy
 * too: it may be the one whose first was cut off, and the account knows it by what the card says of it. A decline of the
 * account stops no other record.
 *
 * What the account declines has happened all the same (D11). It is suspended: the terminal's subject lists it with the
 * reason, the terminal keeps it and sends it again, and the account is asked under a new name when the profile is another
 * one or some minutes have passed. So it ends in one of two ways only: it is posted, or a person explains it. The server
 * can not keep it for the terminal, since who paid by Alipay may not stand in a journal (D24).
 *
 * A fault ends the batch with what is done. What is not done was not lost: the terminal keeps it until it is told.
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

/** Who sends what follows from an upload. */
const caller = CallerId.make("yikatong:uploading")

/**
 * A batch. `caller` and `terminal`: as the host authenticated them; `id`: the same for the same batch; `records`: in the
 * order in which they were written.
 */
export const Upload = Schema.Struct({
  caller: CallerId,
  id: CommandId,
  terminal: TerminalEvent.TerminalId,
  records: Schema.NonEmptyArray(TerminalRecord.TerminalRecord).check(Schema.isMaxLength(TerminalEvent.batch))
})
export interface Upload extends Schema.Schema.Type<typeof Upload> {}

/** What the terminal's subject said of a record. */
export type Verdict = TerminalEvent.Of<
  "RecordAccepted" | "RecordDuplicated" | "RecordConflicting" | "RecordRefused"
>
type Taken = Exclude<Verdict, { readonly _tag: "RecordRefused" }>

/** So long the account is not asked again about a record that it declined, unless the profile is another one. */
export const pause = 10 * minute

/** What became of a record. Whether the terminal may forget it says {@link isSafe}. */
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
  /** Its number cannot be right as things stand: the terminal keeps it, and a person looks. */
  | { readonly _tag: "Refused"; readonly device: number; readonly refusal: Sequence.Refusal }
  /** Not asked now, and not posted yet, since then and for this reason: the terminal keeps it and sends it again. */
  | {
    readonly _tag: "Waiting"
    readonly device: number
    readonly verdict: Taken
    readonly decline: Decline
    readonly since: Instant
  }
  /** A person has said why it will never be posted. */
  | { readonly _tag: "Explained"; readonly device: number; readonly verdict: Taken }
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

/** One refusal alone is final: the purchase has been posted already. Any other says that it was not. */
const isPosted = (answer: Answer): boolean =>
  answer._tag === "Approved" || answer.decline._tag === "RecordAlreadyPosted"

/** Takes a batch of records as far as it goes. */
export const upload = Effect.fn("Uploading.upload")(function*(batch: Upload) {
  const outcomes: globalThis.Array<Outcome> = []
  const ended = (fault: StoreFault) =>
    Effect.succeed<Uploaded>({ _tag: "Uploaded", outcomes, fault: Option.some(fault) })
  return yield* Effect.catchTags(take(batch, outcomes), {
    StoreUnavailable: ended,
    StoreFull: ended,
    StoreBroken: ended
  })
})

type Failure = CommandIdReused | StoreFault

/** All steps of all records; each outcome is written down as soon as it is there. */
const take = Effect.fnUntraced(function*(
  { caller, id, records, terminal }: Upload,
  outcomes: globalThis.Array<Outcome>
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
  for (const [record, verdict] of Array.zip(records, verdicts)) {
    const past = Option.flatMap(known, (state) => pastOf(state, verdict))
    outcomes.push(yield* follow(terminal, record, verdict, past))
  }
  return { _tag: "Uploaded", outcomes, fault: Option.none() }
})

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
const numbered = (record: TerminalRecord.TerminalRecord): TerminalEvent.Uploaded => {
  const { device, fact, station, terminal } = record
  const counted = { device, station, terminal, digest: TerminalRecord.digest(record) }
  if (fact._tag !== "CardPurchase") return counted
  const { card, chipAfter: after, chipBefore: before, purchaseSequence: sequence } = fact.purchase
  return { ...counted, purse: { card, sequence, before, after } }
}

/** The steps of one record after the first. They are named after terminal, number and digest, so a copy is the same. */
const follow = Effect.fnUntraced(function*(
  terminal: TerminalEvent.TerminalId,
  { at, device, fact, station }: TerminalRecord.TerminalRecord,
  verdict: Verdict,
  known: Option.Option<Past>
): Effect.fn.Return<Outcome, Failure, AccountStore | Profiles | SubjectStore> {
  if (verdict._tag === "RecordRefused") return { _tag: "Refused", device, refusal: verdict.refusal }
  if (fact._tag === "Other") return { _tag: "Noted", device, verdict }
  const past = Option.getOrUndefined(known)
  if (past?._tag === "Closed" && past.how === "explained") return { _tag: "Explained", device, verdict }
  const now = yield* Submit.arrival
  const profiles = yield* Profiles
  // A clock that is a moment ahead is no reason to alarm anybody.
  if (at > now && at - now <= inForce(profiles, now).clockTolerance) return { _tag: "Early", device, at }
  const name = `${terminal}:${device}:${verdict.digest}`
  const attempts = past?.attempts ?? 0
  const suspended = past?._tag === "Suspended" ? past.suspended : undefined
  const { version } = inForce(profiles, at)
  const suspend = (decline: Decline, attempts: number) =>
    settle(terminal, `suspend:${name}:${attempts}:${now}`, {
      _tag: "SuspendRecord",
      device,
      digest: verdict.digest,
      station,
      happenedAt: at,
      decline,
      attempts,
      profile: version
    })
  const purse = fact._tag === "CardPurchase"
    ? Option.some(yield* tell(fact.purchase.card, `tap:${name}`, { _tag: "Tap", ...tapOf(fact) }))
    : Option.none()
  if (at > now) {
    // The account is not asked before that time has come: it could but say no.
    const decline: Decline = { _tag: "RecordDatedInFuture", at, receivedAt: now }
    if (suspended === undefined) yield* suspend(decline, attempts)
    return { _tag: "Waiting", device, verdict, decline, since: suspended?.since ?? now }
  }
  if (
    suspended !== undefined && attempts > 0 && suspended.profile === version && now - suspended.triedAt < pause
  ) {
    const { decline, since } = suspended
    return { _tag: "Waiting", device, verdict, decline, since }
  }
  const answer = yield* Submit.transact({
    caller,
    // An answer is for ever (D18), so each attempt has a name of its own. It is counted on by its decline, not by asking.
    id: CommandId.make(attempts === 0 ? `record:${name}` : `record:${name}:${attempts}`),
    at,
    point: station,
    subject: fact._tag === "CardPurchase"
      ? { _tag: "Card", card: fact.purchase.card }
      : { _tag: "Handle", handle: fact.payer },
    body: fact.purchase
  }, {})
  if (answer._tag === "Declined" && !isPosted(answer)) yield* suspend(answer.decline, attempts + 1)
  else if (suspended !== undefined) {
    yield* settle(terminal, `release:${name}:${attempts}:${now}`, {
      _tag: "ReleaseRecord",
      device,
      digest: verdict.digest
    })
  }
  return { _tag: "Told", device, verdict, purse, answer }
})

/** Tells the terminal's subject what became of a record at the account. */
const settle = Effect.fnUntraced(function*(
  terminal: TerminalEvent.TerminalId,
  id: string,
  body: Extract<TerminalEvent.Command, { readonly _tag: "SuspendRecord" | "ReleaseRecord" }>
) {
  const store = yield* SubjectStore
  const receivedAt = yield* Submit.arrival
  yield* store.transact(Terminal.decider, { caller, id: CommandId.make(id), subject: terminal, receivedAt, body })
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

/** Every terminal with a gap that nobody has explained, or with records that could not be posted yet, and why. */
export const openTerminals = Stream.unwrap(Effect.map(SubjectStore, ({ all }) =>
  all(Terminal.decider).pipe(
    Stream.map(({ state, subject }) => ({ terminal: subject, gaps: Terminal.open(state), suspended: state.suspended })),
    Stream.filter(({ gaps, suspended }) => gaps.length + suspended.length > 0)
  )))

/** Every card whose chain has a gap or does not hold, and nobody has explained why. */
export const openPurses = Stream.unwrap(Effect.map(SubjectStore, ({ all }) =>
  all(PurseChain.decider).pipe(
    Stream.map(({ state, subject }) => ({ card: subject, ...PurseChain.open(state) })),
    Stream.filter(({ breaks, gaps }) => gaps.length + breaks.length > 0)
  )))
