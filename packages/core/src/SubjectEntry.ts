/**
 * One line in the life of a subject 业务流水 (D21): a command, which version of the profile decided it, and what its caller
 * was told. Declined commands stand there too (D23).
 *
 * What any store of subjects does with a command is here, as data: decide it and turn it into JSON by the schemas of its
 * decider, or read it again. A decision that could not be read again is refused before it is written, and what is read
 * is what the first caller is told, so that one command has one answer (D18).
 */
import { identity, Result, Schema } from "effect"
import { Instant } from "./CivilTime.ts"
import type { Decider, Setting } from "./Decider.ts"
import { Decline } from "./Decline.ts"
import { StoreBroken } from "./Fault.ts"
import { canonical } from "./Fingerprint.ts"
import * as Flaw from "./Flaw.ts"
import { CallerId, CommandId } from "./Id.ts"
import type { Posting } from "./Ledger.ts"
import { type History, inForce } from "./SchoolProfile.ts"

/** A command on its way to a subject. `subject`: which one of its kind; an id as in `Id`, up to 260 characters. */
export interface Submitted<Command> {
  readonly caller: CallerId
  readonly id: CommandId
  readonly subject: string
  readonly receivedAt: Instant
  readonly body: Command
}

/** What its caller is told: what happened, or why not. */
export type Answer<Event> =
  | { readonly _tag: "Approved"; readonly events: ReadonlyArray<Event> }
  | { readonly _tag: "Declined"; readonly decline: Decline }

/** One line of a subject's journal, declined commands included. `sequence` grows along each subject. */
export interface Entry<Command, Event> extends Submitted<Command> {
  readonly sequence: number
  /** The version of the profile that decided (D22). */
  readonly profile: string
  readonly answer: Answer<Event>
}

/** A line as a store keeps it: `body` and `answer` are JSON. */
export type Line = Omit<Entry<unknown, unknown>, "answer" | "sequence"> & { readonly answer: unknown }

/** The same as it comes out of a store, before it is believed. */
export interface Kept {
  readonly sequence: number
  readonly subject: string
  readonly caller: string
  readonly id: string
  readonly receivedAt: number
  readonly profile: string
  readonly body: unknown
  readonly answer: unknown
}

/**
 * What a store writes of one command, and tells. `state`: the subject afterwards, as JSON, and whether it has `ended` with
 * this; none where nothing happened.
 */
export interface Written<Event> {
  readonly line: Line
  readonly state: { readonly json: unknown; readonly ended: boolean } | undefined
  readonly events: number
  readonly postings: ReadonlyArray<Posting>
  readonly answer: Answer<Event>
}

/** Something read, or why it cannot be. */
type Read<A> = Result.Result<A, StoreBroken>

const stateOf = <State, Command, Event>({ state }: Decider<State, Command, Event>) => Schema.toCodecJson(state)
const bodyOf = <State, Command, Event>({ command }: Decider<State, Command, Event>) => Schema.toCodecJson(command)
const answerOf = <State, Command, Event>({ event }: Decider<State, Command, Event>) =>
  Schema.toCodecJson(Schema.TaggedUnion({
    Approved: { events: Schema.Array(event) },
    Declined: { decline: Decline }
  }))
const entryOf = <State, Command, Event>(decider: Decider<State, Command, Event>) =>
  Schema.Struct({
    sequence: Schema.Int,
    subject: Schema.String,
    caller: CallerId,
    id: CommandId,
    receivedAt: Instant,
    profile: Schema.String,
    body: bodyOf(decider),
    answer: answerOf(decider)
  })

/** Names the places that do not fit, never their values. */
const broken = (operation: string) => (error: Schema.SchemaError): StoreBroken =>
  new StoreBroken({ operation, cause: new Error(Flaw.told(Flaw.of(error))) })

/** Names that every store can hold and tell apart: well-formed, without control characters. */
const isName = Schema.is(Schema.String.check(Schema.isPattern(/^[^\p{Cc}\p{Cs}]{1,260}$/u)))

/** A kind and a subject by which something can be kept. */
export const checkNames = (kind: string, subject = kind): Read<void> =>
  isName(kind) && isName(subject)
    ? Result.void
    : Result.fail(new StoreBroken({ operation: "name a subject", cause: new Error("not 1 to 260 plain characters") }))

/** A state as it is kept, read. */
export const readState = <State, Command, Event>(
  decider: Decider<State, Command, Event>,
  subject: string,
  json: unknown
): Read<State> =>
  Result.mapError(
    Schema.decodeUnknownResult(stateOf(decider))(json),
    broken(`read ${decider.kind} ${subject}`)
  )

/** Whether something has still to be done with a subject; a kind that does not say so never ends. */
export const isOpen = <State, Command, Event>(decider: Decider<State, Command, Event>, state: State): boolean =>
  decider.isOpen?.(state) ?? true

/** A line as it is kept, read. */
export const readEntry = <State, Command, Event>(
  decider: Decider<State, Command, Event>,
  line: Kept
): Read<Entry<Command, Event>> =>
  Result.mapError(
    Schema.decodeUnknownResult(entryOf(decider))(line),
    broken(`read line ${line.sequence} of the journal of ${decider.kind}`)
  )

/**
 * The text by which a retry is known (D18): kind, subject and body. When it arrives does not matter (D16). It fails for a
 * body that the decider's own schema refuses.
 */
export const fingerprint = <State, Command, Event>(
  decider: Decider<State, Command, Event>,
  { body, subject }: Submitted<Command>
): Read<string> =>
  Result.flatMap(checkNames(decider.kind, subject), () =>
    Result.mapBoth(Schema.encodeResult(bodyOf(decider))(body), {
      onFailure: broken(`write a command to ${decider.kind}`),
      onSuccess: (body) => canonical({ body, subject })
    }))

/**
 * Decides a command, by the profile in force when it arrived (D22). `before`: the subject as it is kept, if there is one.
 *
 * Deciders are total; should one throw all the same, or make what cannot be kept, its command fails and nothing is
 * written.
 */
export const decide = <State, Command, Event>(
  profiles: History,
  decider: Decider<State, Command, Event>,
  before: { readonly json: unknown } | undefined,
  submitted: Submitted<Command>
): Read<Written<Event>> =>
  Result.flatMap(
    Result.try({
      try: () => {
        const { caller, id, receivedAt: now, subject } = submitted
        const setting: Setting = { profile: inForce(profiles, now), subject, caller, id, now }
        const state: Read<State | undefined> = before === undefined
          ? Result.succeed(undefined)
          : readState(decider, subject, before.json)
        return Result.flatMap(state, (state) => write(decider, state, submitted, setting))
      },
      catch: (cause) => new StoreBroken({ operation: `decide a command to ${decider.kind}`, cause })
    }),
    identity
  )

const write = <State, Command, Event>(
  decider: Decider<State, Command, Event>,
  before: State | undefined,
  { body, caller, id, receivedAt, subject }: Submitted<Command>,
  setting: Setting
): Read<Written<Event>> => {
  const decided = decider.decide(before, body, setting)
  const events = Result.isSuccess(decided) ? decided.success : []
  const postings = events.flatMap((event) => decider.postings(event))
  if (!postings.every(isPosting)) {
    const cause = new Error("a posting moves fen, above zero, between two books outside the accounts")
    return Result.fail(new StoreBroken({ operation: `post for ${decider.kind}`, cause }))
  }
  let after = before
  for (const event of events) after = decider.evolve(after, event)
  const answer: Answer<Event> = Result.isSuccess(decided)
    ? { _tag: "Approved", events }
    : { _tag: "Declined", decline: decided.failure }
  return Result.gen(function*() {
    const failed = broken(`write what ${decider.kind} decided`)
    const line: Line = {
      subject,
      caller,
      id,
      receivedAt,
      profile: setting.profile.version,
      body: yield* Result.mapError(Schema.encodeResult(bodyOf(decider))(body), failed),
      answer: yield* Result.mapError(Schema.encodeResult(answerOf(decider))(answer), failed)
    }
    const entry = yield* readEntry(decider, { ...line, sequence: 0 })
    if (after === undefined || events.length === 0) {
      return { line, state: undefined, events: 0, postings: [], answer: entry.answer }
    }
    const json = yield* Result.mapError(Schema.encodeResult(stateOf(decider))(after), failed)
    yield* readState(decider, subject, json)
    return {
      line,
      state: { json, ended: !isOpen(decider, after) },
      events: events.length,
      postings,
      answer: entry.answer
    }
  })
}

/** No posting reaches into an account: only what an account decides moves its pockets, whose books carry a slash. */
const isPosting = ({ amount, from, to }: Posting): boolean =>
  Number.isSafeInteger(amount) && amount > 0 && from !== to &&
  [from, to].every((book) => isName(book) && !book.includes("/"))
