/**
 * A subsidy batch from draft to end 补助发放: drafted, approved by somebody else, granted row by row, and after its last day
 * taken back where it was not spent (D6, D21, R76).
 *
 * Each row is a command to its account, named after batch and account, so that whoever is cut off does the same again and
 * nobody is granted twice. The batch keeps what the accounts answered, part by part.
 */
import { Effect, Option, Result, Schema, Stream } from "effect"
import { type AccountState, evolve } from "../AccountState.ts"
import { dayOf } from "../CivilTime.ts"
import type { Of } from "../Command.ts"
import type { Decline } from "../Decline.ts"
import * as Flaw from "../Flaw.ts"
import { type AccountId, type BatchId, CallerId, CommandId, type OperatorId } from "../Id.ts"
import { MalformedCommand } from "../Misuse.ts"
import * as Money from "../Money.ts"
import { AccountStore } from "../ports/AccountStore.ts"
import { SubjectStore } from "../ports/SubjectStore.ts"
import * as Subsidy from "../Subsidy.ts"
import * as SubsidyBatch from "../SubsidyBatch.ts"
import * as Submit from "./Submit.ts"

/** Whose rows these are. */
const caller = CallerId.make("yikatong:subsidies")

/** How many accounts are asked at once. */
const concurrency = 16

/** What an operator asks of a batch; caller and operator as the host authenticated them (D24). */
export interface Asked {
  readonly caller: CallerId
  readonly id: CommandId
  readonly batch: BatchId
  readonly operator: OperatorId
}

/** A row that could not be ended, and why: it is asked again on another day. */
export interface Undone {
  readonly account: AccountId
  readonly decline: Decline
}

/** A batch as it stands, or why nothing can be done with it. */
export type Outcome =
  | { readonly _tag: "Done"; readonly batch: SubsidyBatch.State; readonly undone: ReadonlyArray<Undone> }
  | { readonly _tag: "Refused"; readonly decline: Decline }

/** Drafts a batch from rows that come from outside; what is no draft is misuse, and says where. */
export const draft = Effect.fn("Subsidies.draft")(function*(asked: Asked, input: unknown) {
  const read = Schema.decodeUnknownResult(SubsidyBatch.Draft)(input, { errors: "all", onExcessProperty: "error" })
  if (Result.isFailure(read)) return yield* new MalformedCommand({ flaws: Flaw.of(read.failure) })
  return yield* ask(asked, { _tag: "Draft", draft: read.success, operator: asked.operator })
})

/** Approves a draft of somebody else. */
export const approve = (asked: Asked) => ask(asked, { _tag: "Approve", operator: asked.operator })

/** Gives up a draft. */
export const withdraw = (asked: Asked) => ask(asked, { _tag: "Withdraw", operator: asked.operator })

/** Grants what still waits. Again and again is as good as once. */
export const grant = Effect.fn("Subsidies.grant")(function*(id: BatchId) {
  return yield* drive(
    id,
    { from: "approved", to: "granted", step: "TellGranted" },
    (batch) =>
      inParts(
        batch,
        "Waiting",
        Effect.fnUntraced(function*(rows) {
          const told = yield* Effect.forEach(rows, ({ account, amount }) =>
            Effect.map(
              toAccount(batch, account, "grant", { _tag: "GrantSubsidy", amount, batch: id, until: batch.until }),
              (answer) => answer._tag === "Approved" ? { account } : { account, decline: answer.decline }
            ), { concurrency })
          return [{ _tag: "TellGranted", rows: told }, []] as const
        })
      )
  )
})

/** Takes back what was not spent, once the last day is over. Again and again is as good as once. */
export const end = Effect.fn("Subsidies.end")(function*(id: BatchId) {
  const today = dayOf(yield* Submit.arrival)
  return yield* drive(
    id,
    { from: "granted", to: "ended", step: "TellReturned" },
    (batch) =>
      inParts(
        batch,
        "Granted",
        Effect.fnUntraced(function*(rows) {
          const undone: Array<Undone> = []
          const told = yield* Effect.forEach(
            rows,
            Effect.fnUntraced(function*({ account }) {
              const answer = yield* toAccount(batch, account, `expire:${today}`, { _tag: "ExpireSubsidy", batch: id })
              // A closed account gave it back at its closing (D7). Any other no is one of today only.
              if (answer._tag === "Declined" && answer.decline._tag !== "AccountClosed") {
                undone.push({ account, decline: answer.decline })
                return []
              }
              return [{ account, amount: yield* returnedBy(account, id) }]
            }),
            { concurrency }
          )
          return [{ _tag: "TellReturned", rows: told.flat() }, undone] as const
        })
      )
  )
})

/** The batches whose last day is over and that have not been ended. */
export const overdue = Stream.unwrap(Effect.gen(function*() {
  const today = dayOf(yield* Submit.arrival)
  return (yield* SubjectStore).all(SubsidyBatch.decider).pipe(
    Stream.map(({ state }) => state),
    Stream.filter(({ stage, until }) => stage === "granted" && until < today)
  )
}))

/**
 * Sums of a batch by its rows and by the accounts. `left`: still in a pocket; `spent`: the rest of what was granted. What
 * an account gave back as it was closed counts as spent until the batch is ended.
 */
export interface Report extends SubsidyBatch.Totals {
  readonly batch: SubsidyBatch.State
  readonly left: Money.Money
  readonly spent: Money.Money
}

/** How a batch stands: none where there is no such batch. */
export const report = Effect.fn("Subsidies.report")(function*(id: BatchId) {
  const found = yield* (yield* SubjectStore).find(SubsidyBatch.decider, id)
  if (Option.isNone(found)) return Option.none<Report>()
  const batch = found.value
  const running = batch.rows.filter(({ outcome }) => outcome._tag === "Granted")
  const accounts = yield* AccountStore
  const lots = yield* Effect.forEach(running, ({ account }) =>
    Effect.map(
      accounts.find({ _tag: "Account", account }),
      Option.match({ onNone: () => Money.zero, onSome: (found) => Subsidy.left(found.lots, id) })
    ), { concurrency })
  const sums = SubsidyBatch.totals(batch)
  const left = Money.sum(lots)
  return Option.some<Report>({ ...sums, batch, left, spent: Money.minus(sums.out, left) })
})

/** What an operator asks, under the name that the operator's caller gave it. */
const ask = Effect.fnUntraced(function*({ batch, caller, id }: Omit<Asked, "operator">, body: SubsidyBatch.Command) {
  return yield* (yield* SubjectStore).transact(SubsidyBatch.decider, {
    caller,
    id,
    subject: batch,
    receivedAt: yield* Submit.arrival,
    body
  })
})

/** Does something with a batch that stands where it should; one that is past it is told again as it is. */
const drive = Effect.fnUntraced(function*<E, R>(
  id: BatchId,
  { from, step, to }: Record<"from" | "to", SubsidyBatch.State["stage"]> & {
    readonly step: SubsidyBatch.Command["_tag"]
  },
  work: (batch: SubsidyBatch.State) => Effect.Effect<ReadonlyArray<Undone>, E, R>
) {
  const subjects = yield* SubjectStore
  const found = yield* subjects.find(SubsidyBatch.decider, id)
  if (Option.isNone(found)) return refused({ _tag: "UnknownSubject", kind: SubsidyBatch.kind })
  const batch = found.value
  const { stage, until } = batch
  if (stage === to) return { _tag: "Done", batch, undone: [] } satisfies Outcome
  if (stage !== from) return refused({ _tag: "BatchStepRefused", batch: stage, step })
  if (to === "ended" && dayOf(yield* Submit.arrival) <= until) return refused({ _tag: "SubsidyNotEnded", until })
  const undone = yield* work(batch)
  const after = yield* subjects.find(SubsidyBatch.decider, id)
  return { _tag: "Done", batch: Option.getOrElse(after, () => batch), undone } satisfies Outcome
})

const refused = (decline: Decline): Outcome => ({ _tag: "Refused", decline })

type Row = SubsidyBatch.State["rows"][number]

/**
 * Asks the accounts of a batch part by part and tells the batch. A part is named after its first row and how many of its
 * rows are open, so that one that was told and one that is told anew never bear one name.
 */
const inParts = Effect.fnUntraced(function*<E, R>(
  batch: SubsidyBatch.State,
  open: Row["outcome"]["_tag"],
  askAccounts: (
    rows: ReadonlyArray<Row>
  ) => Effect.Effect<
    readonly [Extract<SubsidyBatch.Command, { readonly rows: unknown }>, ReadonlyArray<Undone>],
    E,
    R
  >
) {
  const all: Array<Undone> = []
  for (let from = 0; from < batch.rows.length; from += SubsidyBatch.part) {
    const rows = batch.rows.slice(from, from + SubsidyBatch.part).filter(({ outcome }) => outcome._tag === open)
    if (rows.length === 0) continue
    const [body, undone] = yield* askAccounts(rows)
    all.push(...undone)
    if (body.rows.length === 0) continue
    const id = CommandId.make(`${body._tag}:${from}:${rows.length}:${batch.batch}`)
    yield* ask({ caller, id, batch: batch.batch }, body)
  }
  return all
})

/** A command to the account of a row. The length tells where the batch ends and the account begins: both may hold colons. */
const toAccount = Effect.fnUntraced(function*(
  { batch, point }: SubsidyBatch.State,
  account: AccountId,
  what: "grant" | `expire:${number}`,
  body: Of<"GrantSubsidy" | "ExpireSubsidy">
) {
  const id = CommandId.make(`${what}:${batch.length}:${batch}:${account}`)
  const at = yield* Submit.arrival
  return yield* Submit.transact({ caller, id, at, point, subject: { _tag: "Account", account }, body }, {})
})

/** What an account gave back of a batch by its journal, whether the batch ended, all subsidies did, or the account closed. */
const returnedBy = Effect.fnUntraced(function*(account: AccountId, batch: BatchId) {
  let state: AccountState | undefined
  let returned = Money.zero
  yield* Stream.runForEach((yield* AccountStore).journal({ account }), ({ events }) =>
    Effect.sync(() => {
      for (const event of events) {
        const before = state
        state = evolve(before, event)
        if (before === undefined || (event._tag !== "SubsidyExpired" && event._tag !== "AccountClosing")) continue
        const gone = Money.minus(Subsidy.left(before.lots, batch), Subsidy.left(state.lots, batch))
        returned = Money.plus(returned, gone)
      }
    }))
  return returned
})
