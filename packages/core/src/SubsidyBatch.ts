/**
 * A batch of subsidies 补助批次 (D6, D21, R76): drafted by one operator, approved by another, granted row by row, and ended
 * after its last day, when what was not spent goes back to the school's fund.
 *
 * The batch decides nothing about an account: it keeps what each account answered. A row that was declined stands there
 * with its reason. What is told of many rows comes in parts of {@link part} rows, so that a batch of thousands is not
 * written thousands of times. Amounts in fen. The subject is the batch's id.
 */
import { Result, Schema } from "effect"
import { Day, dayOf, Instant, lastDay } from "./CivilTime.ts"
import type * as Decider from "./Decider.ts"
import { Decline } from "./Decline.ts"
import { AccountId, BatchId, OperatorId, PointId } from "./Id.ts"
import * as Money from "./Money.ts"
import { isAttended } from "./Point.ts"
import * as Procedure from "./Procedure.ts"
import { pointOf, type SchoolProfile } from "./SchoolProfile.ts"

export const kind = "subsidyBatch"

/** How many rows are told at once. */
export const part = 500

/** Who is granted how much. */
export const Row = Schema.Struct({ account: AccountId, amount: Money.Amount })
export interface Row extends Schema.Schema.Type<typeof Row> {}

/** What is drafted. `until`: the last day on which it can be spent; `point`: where it is granted, such as the office. */
export const Draft = Schema.Struct({
  rows: Schema.Array(Row).check(Schema.isMinLength(1), Schema.isMaxLength(20_000)),
  until: Day,
  point: PointId
})
export interface Draft extends Schema.Schema.Type<typeof Draft> {}

/** What an account answered to its row: nothing else than a decline is one. */
const Told = Schema.Struct({ account: AccountId, decline: Schema.optionalKey(Decline) })
const Returned = Schema.Struct({ account: AccountId, amount: Money.Money })

/** The operator is authenticated by the host (D24). */
export const Command = Schema.TaggedUnion({
  Draft: { draft: Draft, operator: OperatorId },
  /** By another operator than the one who drafted it. */
  Approve: { operator: OperatorId },
  /** A draft that was not approved is given up. */
  Withdraw: { operator: OperatorId },
  /** Some rows were answered by their accounts. */
  TellGranted: { rows: Schema.Array(Told) },
  /** Some accounts gave back what was left, after the last day. */
  TellReturned: { rows: Schema.Array(Returned) }
})
export type Command = typeof Command.Type

const at = { at: Instant }

export const Event = Schema.TaggedUnion({
  Drafted: { ...at, batch: BatchId, draft: Draft, operator: OperatorId },
  Approved: { ...at, operator: OperatorId },
  Withdrawn: { ...at, operator: OperatorId },
  RowsGranted: { ...at, rows: Schema.Array(Told) },
  RowsReturned: { ...at, rows: Schema.Array(Returned) }
})
export type Event = typeof Event.Type

/** What became of a row. `returned`: what was not spent; the rest was. */
export const Outcome = Schema.TaggedUnion({
  Waiting: {},
  Granted: {},
  Declined: { decline: Decline },
  Ended: { returned: Money.Money }
})
export type Outcome = typeof Outcome.Type

export const State = Schema.Struct({
  batch: BatchId,
  /** `granted`: no row waits any more; `ended`: none can be spent any more. */
  stage: Schema.Literals(["drafted", "withdrawn", "approved", "granted", "ended"]),
  until: Day,
  point: PointId,
  draftedBy: OperatorId,
  approvedBy: Schema.optionalKey(OperatorId),
  rows: Schema.Array(Schema.Struct({ ...Row.fields, outcome: Outcome }))
})
export interface State extends Schema.Schema.Type<typeof State> {}

const isBatchId = Schema.is(BatchId)

const decide: Decider.Decider<State, Command, Event>["decide"] = (batch, command, { now, profile, subject }) => {
  if (command._tag === "Draft") {
    const { draft, operator } = command
    if (batch !== undefined) return Result.fail({ _tag: "SubjectExists", kind })
    if (!isBatchId(subject)) return Result.fail({ _tag: "UnknownSubject", kind })
    const refused = refuse(profile, draft, dayOf(now))
    return refused === undefined
      ? Result.succeed([{ _tag: "Drafted", at: now, batch: subject, draft, operator }])
      : Result.fail(refused)
  }
  if (batch === undefined) return Result.fail({ _tag: "UnknownSubject", kind })
  const { stage, until } = batch
  const step = (fits: boolean, event: Event): Result.Result<ReadonlyArray<Event>, Decline> =>
    fits ? Result.succeed([event]) : Result.fail({ _tag: "BatchStepRefused", batch: stage, step: command._tag })
  switch (command._tag) {
    case "Approve":
      if (stage === "drafted" && command.operator === batch.draftedBy) return Result.fail({ _tag: "SameOperator" })
      if (stage === "drafted" && until < dayOf(now)) return Result.fail(over(until))
      return step(stage === "drafted", { _tag: "Approved", at: now, operator: command.operator })
    case "Withdraw":
      return step(stage === "drafted", { _tag: "Withdrawn", at: now, operator: command.operator })
    case "TellGranted":
      return step(stage === "approved", { _tag: "RowsGranted", at: now, rows: command.rows })
    case "TellReturned":
      if (stage === "granted" && dayOf(now) <= until) return Result.fail({ _tag: "SubsidyNotEnded", until })
      return step(stage === "granted", { _tag: "RowsReturned", at: now, rows: command.rows })
  }
}

/** An end in the past; there is no latest one. */
const over = (until: Day): Decline => ({ _tag: "EndDateNotAllowed", until, latest: lastDay })

/** Why this can not be granted as it is drafted, or nothing. */
const refuse = (profile: SchoolProfile, { point, rows, until }: Draft, today: Day): Decline | undefined => {
  if (new Set(rows.map(({ account }) => account)).size < rows.length) return { _tag: "BatchNamesTwice" }
  if (until < today) return over(until)
  const place = pointOf(profile, point)
  if (place === undefined) return { _tag: "UnknownPoint", point }
  // At a counter each row would need somebody who attends to it (R72).
  if (isAttended(place.category)) return { _tag: "OperatorMissing" }
  return Procedure.refuse(profile.places, "grantSubsidy", place.category) ??
    Procedure.refuse(profile.places, "expireSubsidy", place.category)
}

const evolve = (batch: State | undefined, event: Event): State => {
  if (event._tag === "Drafted") {
    const { point, rows, until } = event.draft
    const waiting = rows.map((row) => ({ ...row, outcome: { _tag: "Waiting" } as const }))
    return { batch: event.batch, stage: "drafted", until, point, draftedBy: event.operator, rows: waiting }
  }
  if (batch === undefined) throw new Error(`A batch begins with Drafted, not with ${event._tag}`)
  switch (event._tag) {
    case "Approved":
      return { ...batch, stage: "approved", approvedBy: event.operator }
    case "Withdrawn":
      return { ...batch, stage: "withdrawn" }
    case "RowsGranted": {
      const told = new Map(event.rows.map(({ account, decline }): [AccountId, Outcome] => [
        account,
        decline === undefined ? { _tag: "Granted" } : { _tag: "Declined", decline }
      ]))
      return staged(batch, (row) => row.outcome._tag === "Waiting" ? told.get(row.account) : undefined)
    }
    case "RowsReturned": {
      const returned = new Map(event.rows.map(({ account, amount }) => [account, amount]))
      return staged(batch, ({ account, outcome }) => {
        const amount = returned.get(account)
        return outcome._tag === "Granted" && amount !== undefined ? { _tag: "Ended", returned: amount } : undefined
      })
    }
  }
}

/** The batch with other outcomes, and the stage that follows from them. */
const staged = (batch: State, change: (row: State["rows"][number]) => Outcome | undefined): State => {
  const rows = batch.rows.map((row) => {
    const outcome = change(row)
    return outcome === undefined ? row : { ...row, outcome }
  })
  const has = (tag: Outcome["_tag"]) => rows.some(({ outcome }) => outcome._tag === tag)
  return { ...batch, rows, stage: has("Waiting") ? "approved" : has("Granted") ? "granted" : "ended" }
}

/** The decider of subsidy batches. Its events post nothing: the money moves in the books of the accounts. */
export const decider: Decider.Decider<State, Command, Event> = {
  kind,
  state: State,
  command: Command,
  event: Event,
  decide,
  evolve,
  postings: () => []
}

/** Sums of a batch, in fen. `out`: granted and not returned, so spent, or still to be spent while the batch runs. */
export interface Totals {
  readonly waiting: Money.Money
  readonly granted: Money.Money
  readonly declined: Money.Money
  readonly returned: Money.Money
  readonly out: Money.Money
}

/** What of a batch was granted, declined and returned. */
export const totals = ({ rows }: Pick<State, "rows">): Totals => {
  const sum = (...tags: ReadonlyArray<Outcome["_tag"]>) =>
    Money.sum(rows.filter(({ outcome }) => tags.includes(outcome._tag)).map(({ amount }) => amount))
  const granted = sum("Granted", "Ended")
  const returned = Money.sum(rows.map(({ outcome }) => outcome._tag === "Ended" ? outcome.returned : Money.zero))
  // Whoever grants under a batch's name past the batch gives back more than its rows say; a report says so and goes on.
  const out = returned > granted ? Money.zero : Money.minus(granted, returned)
  return { waiting: sum("Waiting"), granted, declined: sum("Declined"), returned, out }
}
