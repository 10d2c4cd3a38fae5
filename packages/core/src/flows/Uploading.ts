/**
 * A terminal is back and uploads what it did while it was cut off 脱机流水上传 (D11, D21): step by step, each step named after
 * the one before, so that whoever is cut off in the middle simply sends the same again.
 *
 * Terminal → purse → account. The terminal's subject says what the numbers of a record are; the chip's chain what the
 * record is beside the others of that card; the account posts it, once. Every record goes all the way, a second copy
 * too: it may be the one whose first was cut off, and the account knows it by what the card says of it. A decline of the
 * account stops no other record; it is told, and stays in the journal under the record's name.
 *
 * A fault ends the batch with what is done. What is not done was not lost: the terminal keeps it until it is told.
 */
import { Array, Effect, Option, Schema, Stream } from "effect"
import type { Answer } from "../Answer.ts"
import type { Instant } from "../CivilTime.ts"
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
export type Verdict = Extract<TerminalEvent.Event, { readonly digest: TerminalRecord.Digest }>
type Taken = Exclude<Verdict, { readonly _tag: "RecordRefused" }>

/** What became of a record. The terminal may forget it unless it was kept. */
export type Outcome =
  /** The account was asked. `purse`: what it is in the chain of its card. */
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
  /** Dated a moment ahead of our clock: the terminal keeps it and sends it again. */
  | { readonly _tag: "Early"; readonly device: number; readonly at: Instant }

/** What became of a batch. `fault`: why it ended before its last record; the same batch may be sent again. */
export type Uploaded =
  | { readonly _tag: "Uploaded"; readonly outcomes: ReadonlyArray<Outcome>; readonly fault: Option.Option<StoreFault> }
  | { readonly _tag: "Declined"; readonly decline: Decline }

/** Whether the terminal may forget the record. */
export const isSafe = ({ _tag }: Outcome): boolean => _tag === "Told" || _tag === "Noted"

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
  for (const [record, verdict] of Array.zip(records, verdicts)) outcomes.push(yield* follow(terminal, record, verdict))
  return { _tag: "Uploaded", outcomes, fault: Option.none() }
})

const isVerdict = (event: TerminalEvent.Event): event is Verdict => "digest" in event

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
  verdict: Verdict
): Effect.fn.Return<Outcome, Failure, AccountStore | Profiles | SubjectStore> {
  if (verdict._tag === "RecordRefused") return { _tag: "Refused", device, refusal: verdict.refusal }
  if (fact._tag === "Other") return { _tag: "Noted", device, verdict }
  const now = yield* Submit.arrival
  const { clockTolerance } = inForce(yield* Profiles, now)
  // Told now, it would be declined for ever as one from the future, because a clock was a moment ahead.
  if (at > now && at - now <= clockTolerance) return { _tag: "Early", device, at }
  const name = `${terminal}:${device}:${verdict.digest}`
  const purse = fact._tag === "CardPurchase"
    ? Option.some(yield* tell(fact.purchase.card, `tap:${name}`, { _tag: "Tap", ...tapOf(fact) }))
    : Option.none()
  const answer = yield* Submit.transact({
    caller,
    id: CommandId.make(`record:${name}`),
    at,
    point: station,
    subject: fact._tag === "CardPurchase"
      ? { _tag: "Card", card: fact.purchase.card }
      : { _tag: "Handle", handle: fact.payer },
    body: fact.purchase
  }, {})
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
 * Tells the chain of a card what happened to it online, from the journal of the accounts: a purchase, or one that was
 * reversed; of anything else, nothing. Any entry may be told again. Where online taps are not told, each stays an open
 * gap in the chain of its card.
 */
export const observe = Effect.fn("Uploading.observe")(function*({ command, events }: Entry) {
  const { body, caller, id, subject } = command
  for (const event of events) {
    if (event._tag === "Purchased" && body._tag === "PayByCard") {
      const tap = PurseLink.tapOf(body)
      if (Option.isSome(tap)) yield* tell(body.card, `tap:${caller}:${id}`, { _tag: "Tap", ...tap.value })
    }
    if (event._tag === "PurchaseReversed" && body._tag === "ReversePurchase") {
      const credit = PurseLink.creditOf(body, event)
      // Only where it was asked for by its card is it known which chip took the money back.
      if (Option.isSome(credit) && subject._tag === "Card") {
        yield* tell(subject.card, `credit:${caller}:${id}`, { _tag: "Credit", ...credit.value })
      }
    }
  }
})

/** Every terminal with a gap that nobody has explained. */
export const openTerminals = Stream.unwrap(Effect.map(SubjectStore, ({ all }) =>
  all(Terminal.decider).pipe(
    Stream.map(({ state, subject }) => ({ terminal: subject, gaps: Terminal.open(state) })),
    Stream.filter(({ gaps }) => gaps.length > 0)
  )))

/** Every card whose chain has a gap or does not hold, and nobody has explained why. */
export const openPurses = Stream.unwrap(Effect.map(SubjectStore, ({ all }) =>
  all(PurseChain.decider).pipe(
    Stream.map(({ state, subject }) => ({ card: subject, ...PurseChain.open(state) })),
    Stream.filter(({ breaks, gaps }) => gaps.length + breaks.length > 0)
  )))
