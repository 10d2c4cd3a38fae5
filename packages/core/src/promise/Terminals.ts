/**
 * Terminals that can be cut off 终端接入 (R3, R7, D11, D21): they sign in, upload what they did alone, and take the list of
 * blocked cards. The host authenticates each terminal (D24).
 */
import { Effect, Option, Schema } from "effect"
import * as BlockedCards from "../BlockedCards.ts"
import type { StoreFault } from "../Fault.ts"
import * as Projection from "../flows/Projection.ts"
import * as Submit from "../flows/Submit.ts"
import * as Uploading from "../flows/Uploading.ts"
import { SubjectStore } from "../ports/SubjectStore.ts"
import type * as PurseEvent from "../PurseEvent.ts"
import type * as SubjectEntry from "../SubjectEntry.ts"
import * as Terminal from "../Terminal.ts"
import * as TerminalEvent from "../TerminalEvent.ts"
import type { TerminalRecord } from "../TerminalRecord.ts"
import { type Gaps, gaps } from "./Gaps.ts"
import type { Host } from "./Host.ts"
import * as Input from "./Input.ts"
import type { Plain } from "./Plain.ts"
import type * as Told from "./Told.ts"

/**
 * What a terminal says as it signs in. `clock`: what it shows, however wrong; `holds`: the versions that it has; `counters`, of
 * a device that was in use elsewhere: the numbers of the first records that it will upload, or that it gives next.
 */
export interface SignInInput extends Input.Named {
  readonly terminal: string
  readonly clock: number
  readonly holds: { readonly profile: string; readonly list: number }
  readonly firmware?: string
  readonly counters?: {
    readonly device: number
    readonly stations: ReadonlyArray<{ readonly station: string; readonly next: number }>
  }
}

/**
 * What it is told. `offset`: the server's clock minus its own; `current`: the versions that it should have; `settled`: it
 * sends again what it has after this number, and may forget the rest.
 */
export interface SignedIn {
  readonly _tag: "SignedIn"
  readonly at: number
  readonly offset: number
  readonly current: { readonly profile: string; readonly list: number }
  readonly settled: number
}

/** One record of a terminal's memory. */
export type RecordInput = typeof TerminalRecord.Encoded

/** Up to 200 records in the order in which they were written; the same batch has the same id. */
export interface UploadInput extends Input.Named {
  readonly terminal: string
  readonly records: ReadonlyArray<RecordInput>
}

type ToldOutcome = Extract<Uploading.Outcome, { readonly _tag: "Told" }>

/** What became of a record. `safe`: the terminal may forget it. */
export type RecordOutcome =
  & { readonly safe: boolean }
  & (
    | Plain<Exclude<Uploading.Outcome, ToldOutcome>>
    | Plain<Pick<ToldOutcome, "_tag" | "device" | "verdict">> & {
      /** What it is in the chain of its card. */
      readonly purse?: Plain<SubjectEntry.Answer<PurseEvent.Event>>
      readonly answer: Told.Answer
    }
  )

/** What became of a batch. `fault`: why it ended before its last record; the same batch may be sent again. */
export type Uploaded =
  | {
    readonly _tag: "Uploaded"
    readonly outcomes: ReadonlyArray<RecordOutcome>
    readonly fault?: StoreFault["_tag"]
  }
  | Told.Declined

/** What a terminal is told of the cards that may not pay. */
export type BlockedUpdate =
  | { readonly _tag: "Whole"; readonly list: typeof BlockedCards.Listing.Encoded }
  | { readonly _tag: "Changes"; readonly delta: typeof BlockedCards.Delta.Encoded }

export interface Terminals extends Gaps {
  /** A terminal is there. A sign-in without an answer is made anew under another id. */
  readonly signIn: (request: SignInInput) => Promise<SignedIn | Told.Declined>
  /** Takes what a terminal did alone; each record is posted once, however often it comes (D11). */
  readonly upload: (batch: UploadInput) => Promise<Uploaded>
  /** The cards that may not pay: all of them, or what has changed since the version that a terminal has (I9). */
  readonly blockedCards: (since?: number) => Promise<BlockedUpdate>
}

const { newestList: _, ...said } = TerminalEvent.Command.cases.SignIn.fields
const SignIn = Schema.Struct({ ...said, ...Input.named, terminal: TerminalEvent.TerminalId })
// Our own flows name their steps with a colon in the caller: nobody else may.
const Upload = Schema.Struct({ ...Uploading.Upload.fields, ...Input.named })
const Sequence = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

export const terminals = (host: Host): Terminals => {
  // Every sign-in asks for it, so it goes on from the one before.
  const blocked = Projection.make(() => BlockedCards.none, BlockedCards.take)
  return {
    ...gaps(host),
    signIn: (request) =>
      host.run(() => {
        const { caller, id, terminal, ...said } = Input.decode(SignIn, { ...request, _tag: "SignIn" })
        return Effect.gen(function*() {
          const { version: newestList } = yield* blocked.now
          const answer = yield* (yield* SubjectStore).transact(Terminal.decider, {
            caller,
            id,
            subject: terminal,
            receivedAt: yield* Submit.arrival,
            body: { ...said, newestList }
          })
          if (answer._tag === "Declined") return answer
          const signedIn = answer.events.find((event) => event._tag === "SignedIn")
          if (signedIn === undefined) throw new Error("A sign-in says what the terminal should have")
          const { _tag, at, current, offset, settled } = signedIn
          return { _tag, at, current, offset, settled }
        })
      }),
    upload: (batch) => host.run(() => Effect.map(Uploading.upload(Input.decode(Upload, batch)), uploaded)),
    blockedCards: (since = 0) =>
      host.run(() => {
        const from = Input.decode(Sequence, since, "since")
        return Effect.gen(function*() {
          const list = yield* blocked.now
          const now = yield* Submit.arrival
          const delta = from === 0 ? Option.none() : BlockedCards.since(list, from, now)
          return Option.isNone(delta)
            ? { _tag: "Whole", list: BlockedCards.full(list, now) }
            : { _tag: "Changes", delta: delta.value }
        })
      })
  }
}

const uploaded = (answer: Uploading.Uploaded): Uploaded => {
  if (answer._tag === "Declined") return answer
  const { fault, outcomes } = answer
  return {
    _tag: "Uploaded",
    outcomes: outcomes.map((outcome): RecordOutcome => {
      const safe = Uploading.isSafe(outcome)
      if (outcome._tag !== "Told") return { safe, ...outcome }
      const { purse, ...rest } = outcome
      return { safe, ...rest, ...(Option.isSome(purse) ? { purse: purse.value } : {}) }
    }),
    ...(Option.isSome(fault) ? { fault: fault.value._tag } : {})
  }
}
