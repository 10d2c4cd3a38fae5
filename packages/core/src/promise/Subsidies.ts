/**
 * Subsidies in batches 补助批次 (D6, R76): drafted by one operator, approved by another, granted row by row, and taken back
 * after the last day where they were not spent. Amounts in fen, days counted from 1970-01-01.
 */
import { Effect, Option, Schema, Stream } from "effect"
import * as Flow from "../flows/Subsidies.ts"
import * as Id from "../Id.ts"
import type * as SubsidyBatch from "../SubsidyBatch.ts"
import type { Host } from "./Host.ts"
import * as Input from "./Input.ts"
import * as Told from "./Told.ts"

/** What an operator asks of a batch; caller and operator as the host authenticated them (D24). */
export interface BatchInput extends Input.Named {
  readonly batch: string
  readonly operator: string
}

/** Who is granted how much, until which day, and at which point, such as the office. */
export interface DraftInput extends BatchInput {
  readonly rows: ReadonlyArray<{ readonly account: string; readonly amount: number }>
  readonly until: number
  readonly point: string
}

/** A batch as it stands, with what became of each row. */
export type Batch = typeof SubsidyBatch.State.Encoded

/** A batch as it stands, or why nothing can be done. `undone`: rows that are asked again another day. */
export type BatchOutcome =
  | {
    readonly _tag: "Done"
    readonly batch: Batch
    readonly undone: ReadonlyArray<{ readonly account: string; readonly decline: Told.Decline }>
  }
  | { readonly _tag: "Refused"; readonly decline: Told.Decline }

/** Sums of a batch. `left`: still in a pocket; `spent`: the rest of what was granted. */
export interface BatchReport {
  readonly batch: Batch
  readonly waiting: number
  readonly granted: number
  readonly declined: number
  readonly returned: number
  readonly out: number
  readonly left: number
  readonly spent: number
}

export interface Subsidies {
  /** Drafts a batch; nothing is granted yet. */
  readonly draft: (draft: DraftInput) => Promise<Told.Done>
  /** By another operator than the one who drafted it. */
  readonly approve: (asked: BatchInput) => Promise<Told.Done>
  /** Gives up a draft. */
  readonly withdraw: (asked: BatchInput) => Promise<Told.Done>
  /** Grants what still waits. Again and again is as good as once. */
  readonly grant: (batch: string) => Promise<BatchOutcome>
  /** Takes back what was not spent, once the last day is over. */
  readonly end: (batch: string) => Promise<BatchOutcome>
  /** The batches whose last day is over and that have not been ended. */
  readonly overdue: () => Promise<ReadonlyArray<Batch>>
  /** How a batch stands; nothing where there is no such batch. */
  readonly report: (batch: string) => Promise<BatchReport | undefined>
}

const Asked = Schema.Struct({ ...Input.named, batch: Id.BatchId, operator: Id.OperatorId })

const asked = ({ batch, caller, id, operator }: BatchInput): Flow.Asked =>
  Input.decode(Asked, { batch, caller, id, operator })
const batchId = (batch: string): Id.BatchId => Input.decode(Id.BatchId, batch, "batch")

export const subsidies = (host: Host): Subsidies => ({
  draft: (request) =>
    host.run(() => {
      const { batch, caller, id, operator, ...draft } = request
      return Effect.map(Flow.draft(asked({ batch, caller, id, operator }), draft), Told.done)
    }),
  approve: (request) => host.run(() => Effect.map(Flow.approve(asked(request)), Told.done)),
  withdraw: (request) => host.run(() => Effect.map(Flow.withdraw(asked(request)), Told.done)),
  grant: (batch) => host.run(() => Flow.grant(batchId(batch))),
  end: (batch) => host.run(() => Flow.end(batchId(batch))),
  overdue: () => host.run(() => Stream.runCollect(Flow.overdue)),
  report: (batch) => host.run(() => Effect.map(Flow.report(batchId(batch)), Option.getOrUndefined))
})
