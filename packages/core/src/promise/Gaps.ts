/**
 * What is open 缺号和待处理流水: numbers that never arrived, records without an end, and chains of cards that do not hold (D11,
 * D21, I15). A person explains each of them, or it stays open.
 */
import { Effect, Schema, Stream } from "effect"
import * as Explanation from "../Explanation.ts"
import * as Submit from "../flows/Submit.ts"
import * as Uploading from "../flows/Uploading.ts"
import * as Id from "../Id.ts"
import { AccountStore } from "../ports/AccountStore.ts"
import { SubjectStore } from "../ports/SubjectStore.ts"
import * as PurseChain from "../PurseChain.ts"
import * as PurseEvent from "../PurseEvent.ts"
import type { SchoolProfile } from "../SchoolProfile.ts"
import type * as SuspendedRecord from "../SuspendedRecord.ts"
import * as Terminal from "../Terminal.ts"
import * as TerminalEvent from "../TerminalEvent.ts"
import type { Host } from "./Host.ts"
import * as Input from "./Input.ts"
import type { Plain } from "./Plain.ts"
import * as Told from "./Told.ts"

/** A record with what is the matter and what the office does. */
type InWords<Record> = Plain<Record> & { readonly words: Explanation.Explanation }

/** What is open: numbers and records of terminals, purchases of cards, and where the chain of a card does not hold. */
export interface OpenGaps {
  readonly terminals: ReadonlyArray<{
    readonly terminal: string
    readonly gaps: ReadonlyArray<Plain<Terminal.OpenGap>>
    /** What came, and nobody knows yet what becomes of it: its upload was cut off, or it waits for room or for its time. */
    readonly taken: ReadonlyArray<InWords<SuspendedRecord.Taken>>
    /** What happened and could not be posted yet, and why (D11). */
    readonly suspended: ReadonlyArray<InWords<SuspendedRecord.Suspended>>
    /** What was refused for its number, and why: its terminal keeps it, and it is not posted. */
    readonly refused: ReadonlyArray<InWords<SuspendedRecord.Refused>>
    /** What came under a number that another record has. It is posted like any other, or listed above as well. */
    readonly conflicts: ReadonlyArray<InWords<SuspendedRecord.Conflict>>
    /** How often one more was refused or conflicted, and found no room on these two lists: see to those, then look again. */
    readonly unlisted: number
  }>
  /** `refused`: the newest purchases for which there is no place in the chain; `unlisted`: how many more there were. */
  readonly cards: ReadonlyArray<{ readonly card: string } & Plain<ReturnType<typeof PurseChain.open>>>
}

/** Why numbers will not come: of a terminal, or one of its stations, or of the purchases of a card. */
export type GapInput =
  & Input.Named
  & { readonly from: number; readonly to: number; readonly reason: string; readonly operator: string }
  & ({ readonly terminal: string; readonly station?: string } | { readonly card: string })

/** What happened where the chain of a card does not hold: all that is open at this purchase. */
export interface BreakInput extends Input.Named {
  readonly card: string
  readonly sequence: number
  readonly reason: string
  readonly operator: string
}

/** Why a record that is open will never be posted, and what was done instead. */
export interface RecordToExplain extends Input.Named {
  readonly terminal: string
  /** Its number at the terminal, and its digest: `openGaps` tells both. */
  readonly device: number
  readonly digest: string
  readonly reason: string
  readonly operator: string
}

/** Why several records of a terminal have one number: all that conflict under it. */
export interface ConflictInput extends Input.Named {
  readonly terminal: string
  readonly device: number
  readonly reason: string
  readonly operator: string
}

/** What was found at a terminal of which more was refused, or conflicted, than there is room for. */
export interface UnlistedInput extends Input.Named {
  readonly terminal: string
  readonly reason: string
  readonly operator: string
}

export interface Gaps {
  /**
   * Tells the chains of the cards what happened online, so that a tap at a till leaves no gap between two records of a
   * cut-off terminal. `after`: the answer of the run before, which says how far the journal was read.
   */
  readonly observe: (after?: number) => Promise<number>
  /** What is open and nobody has explained; run `observe` first. */
  readonly openGaps: () => Promise<OpenGaps>
  /** A person says why numbers will not come. */
  readonly explainGap: (gap: GapInput) => Promise<Told.Done>
  /** A person says what happened where a chain does not hold, or has no place for a purchase. */
  readonly explainBreak: (broken: BreakInput) => Promise<Told.Done>
  /**
   * A person says what was done about a record that has no end; it can never be posted afterwards, and the terminal may forget
   * it. One that was posted meanwhile is declined with `RecordAlreadyPosted`.
   */
  readonly explainRecord: (record: RecordToExplain) => Promise<Told.Done>
  /** A person says why there are several records under one number. It changes nothing about what becomes of them. */
  readonly explainConflict: (conflict: ConflictInput) => Promise<Told.Done>
  /** A person has looked at a terminal with more than could be listed; what comes again is listed or counted anew. */
  readonly explainUnlisted: (unlisted: UnlistedInput) => Promise<Told.Done>
}

const { ExplainConflict, ExplainGap, ExplainUnlisted } = TerminalEvent.Command.cases
const atTerminal = { ...Input.named, terminal: TerminalEvent.TerminalId }
const TerminalGap = Schema.Struct({ ...ExplainGap.fields, ...atTerminal })
const Conflict = Schema.Struct({ ...ExplainConflict.fields, ...atTerminal })
const Unlisted = Schema.Struct({ ...ExplainUnlisted.fields, ...atTerminal })
const Explained = Schema.Struct({ ...Uploading.Explained.fields, ...Input.named })
const CardGap = Schema.Struct({ ...PurseEvent.Command.cases.ExplainGap.fields, ...Input.named, card: Id.CardId })
const Broken = Schema.Struct({ ...PurseEvent.Command.cases.ExplainBreak.fields, ...Input.named, card: Id.CardId })
const Sequence = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

/** How many lines of the journal are held in memory. */
const atOnce = 1_000

export const gaps = (host: Host): Gaps => ({
  observe: (after = 0) =>
    host.run(() => {
      const from = Input.decode(Sequence, after, "after")
      return Effect.gen(function*() {
        const { journal } = yield* AccountStore
        for (let upTo = from;;) {
          // Collected first: a store may have no second connection while it is still telling.
          const lines = yield* Stream.runCollect(Stream.take(journal({ after: upTo }), atOnce))
          for (const line of lines) {
            if (line.command.body._tag === "PayByCard") yield* Uploading.observe(line)
            upTo = line.sequence
          }
          if (lines.length < atOnce) return upTo
        }
      })
    }),
  openGaps: () =>
    host.run(() =>
      Effect.gen(function*() {
        const profile = host.profileAt(host.now)
        const terminals = yield* Stream.runCollect(Stream.map(Uploading.openTerminals, (one) => inWords(one, profile)))
        const cards = yield* Stream.runCollect(Uploading.openPurses)
        return { terminals, cards }
      })
    ),
  explainGap: (gap) =>
    host.run(() => {
      if ("card" in gap) {
        const { caller, card, id, ...body } = Input.decode(CardGap, { ...gap, _tag: "ExplainGap" })
        return tellChain(caller, id, card, body)
      }
      const { caller, id, terminal, ...body } = Input.decode(TerminalGap, { ...gap, _tag: "ExplainGap" })
      return tellTerminal(caller, id, terminal, body)
    }),
  explainBreak: (broken) =>
    host.run(() => {
      const { caller, card, id, ...body } = Input.decode(Broken, { ...broken, _tag: "ExplainBreak" })
      return tellChain(caller, id, card, body)
    }),
  explainRecord: (record) =>
    host.run(() => {
      const explained = Input.decode(Explained, { ...record, _tag: "ExplainRecord" })
      return Effect.map(Uploading.explain(explained), Told.done)
    }),
  explainConflict: (conflict) =>
    host.run(() => {
      const { caller, id, terminal, ...body } = Input.decode(Conflict, { ...conflict, _tag: "ExplainConflict" })
      return tellTerminal(caller, id, terminal, body)
    }),
  explainUnlisted: (unlisted) =>
    host.run(() => {
      const { caller, id, terminal, ...body } = Input.decode(Unlisted, { ...unlisted, _tag: "ExplainUnlisted" })
      return tellTerminal(caller, id, terminal, body)
    })
})

/** Each record with its words. */
const inWords = (
  { conflicts, refused, suspended, taken, ...rest }: Stream.Success<typeof Uploading.openTerminals>,
  profile: SchoolProfile
) => ({
  ...rest,
  taken: taken.map((one) => ({ ...one, words: Explanation.ofTaken() })),
  suspended: suspended.map((one) => ({ ...one, words: Explanation.ofSuspended(one.decline, profile) })),
  refused: refused.map((one) => ({ ...one, words: Explanation.ofRefused(one.refusal) })),
  conflicts: conflicts.map((one) => ({ ...one, words: Explanation.ofConflict() }))
})

const tellTerminal = Effect.fnUntraced(
  function*(caller: Id.CallerId, id: Id.CommandId, terminal: TerminalEvent.TerminalId, body: TerminalEvent.Command) {
    const receivedAt = yield* Submit.arrival
    return Told.done(
      yield* (yield* SubjectStore).transact(Terminal.decider, { caller, id, subject: terminal, receivedAt, body })
    )
  }
)

const tellChain = Effect.fnUntraced(
  function*(caller: Id.CallerId, id: Id.CommandId, card: Id.CardId, body: PurseEvent.Command) {
    const receivedAt = yield* Submit.arrival
    return Told.done(
      yield* (yield* SubjectStore).transact(PurseChain.decider, { caller, id, subject: card, receivedAt, body })
    )
  }
)
