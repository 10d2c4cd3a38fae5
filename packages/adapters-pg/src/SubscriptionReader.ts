/**
 * Reading the journal on for one subscriber 订阅: from its place to where the journal is complete, in pages, and its place is
 * moved when what it did with a page has succeeded. So it may be told a page again, and never misses a line: what
 * commits late lies above `Horizon.settled` until it is there.
 *
 * What fails is done again, later and later, for as long as the scope; a lease that was lost is waited for; who was forgotten
 * ends. Each failure is logged by its class, and by the words of the store where that is what failed, and counted.
 */
import { Fault } from "@yikatong/core"
import { Cause, type Duration, Effect, Metric, Result, Schedule, Schema } from "effect"
import { SqlClient } from "effect/sql"
import * as Attempts from "./Attempts.ts"
import * as CampusSchema from "./CampusSchema.ts"
import * as Horizon from "./Horizon.ts"
import * as JournalRow from "./JournalRow.ts"
import * as Lease from "./Lease.ts"
import * as Notice from "./Notice.ts"
import * as Wakeup from "./Wakeup.ts"

/** What a page is done with. It may be given the same page again. */
export type Page<E, R> = (
  notices: readonly [Notice.Notice, ...ReadonlyArray<Notice.Notice>]
) => Effect.Effect<void, E, R>

/**
 * Somebody has forgotten this subscriber while it was reading or waiting for its turn, and it is told nothing more. Whoever
 * begins again under this name begins anew.
 */
export class SubscriberForgotten extends Schema.TaggedError<SubscriberForgotten>()("SubscriberForgotten", {
  name: Schema.String
}) {
  override get message() {
    return `The subscriber ${this.name} was forgotten: it is told nothing more; begin again to be told anew`
  }
}

export interface Options<E, R> {
  readonly schema: string
  readonly name: string
  /** How many lines a page has at most. */
  readonly page: number
  readonly begin: Lease.Begin
  readonly lease: Duration.Duration
  readonly waking: Wakeup.Waking
  /** What runs beside the reading, by the same reader. */
  readonly beside?: (held: Lease.Held) => Effect.Effect<never, E, R>
}

/** Attributes: `schema`, `subscriber`. */
export const told = Metric.counter("yikatong.outbox.notices", {
  description: "Notices that a subscriber is done with",
  attributes: { unit: "{notice}" },
  incremental: true
})
/** Attributes: `schema`, `subscriber`. */
export const failed = Metric.counter("yikatong.outbox.failures", {
  description: "Pages that a subscriber could not be told, and will be told again",
  attributes: { unit: "{page}" },
  incremental: true
})

/** After a failure: 50 ms at first, then twice as long each time, up to half a minute, and not all at once. */
const patiently = Schedule.jittered(Schedule.min([Schedule.exponential("50 millis"), Schedule.spaced("30 seconds")]))

/** The number that was drawn last, which costs less to ask than up to where all is there. */
const drawn = (sql: SqlClient.SqlClient, schema: string) =>
  sql<{ readonly last: bigint }>`SELECT last_value AS last FROM ${sql.literal(`"${schema}".line_number`)}`.pipe(
    Effect.map(([row]) => row?.last ?? 0n),
    Attempts.repeat("look for new lines")
  )

/** The lines of one page, and up to where it reaches. */
const pageOf = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  { page, schema }: { readonly schema: string; readonly page: number },
  after: bigint
): Effect.fn.Return<{ readonly to: bigint; readonly notices: ReadonlyArray<Notice.Notice> }, Fault.StoreFault> {
  if ((yield* drawn(sql, schema)) <= after) return { to: after, notices: [] }
  const settled = yield* Horizon.settled(sql, schema, "journal")
  const tables = CampusSchema.tables(sql, schema)
  const rows = yield* sql<JournalRow.JournalRow>`SELECT ${sql.literal(JournalRow.columns)}
    FROM ${tables.journal} AS line LEFT JOIN ${tables.account} AS account ON account.number = line.account
    WHERE line.sequence > ${after} AND line.sequence <= ${settled} ORDER BY line.sequence LIMIT ${page}`.pipe(
    Attempts.repeat("read new lines")
  )
  const last = rows.length < page ? undefined : rows.at(-1)
  const entries = yield* Effect.fromResult(Result.all(rows.map(JournalRow.entry)))
  return {
    to: last === undefined ? settled > after ? settled : after : BigInt(last.sequence),
    notices: entries.flatMap((entry) => Notice.of(schema, entry) ?? [])
  }
})

const isSome = <A>(all: ReadonlyArray<A>): all is readonly [A, ...ReadonlyArray<A>] => all.length > 0

type Failure<E> = E | Fault.StoreFault | Lease.Gone | Lease.Lost

/** Reads on for ever, or until the subscriber is forgotten. */
export const run = <E, R>(
  options: Options<E, R>,
  handler: Page<E, R>
): Effect.Effect<never, SubscriberForgotten, R | SqlClient.SqlClient> =>
  Effect.scoped(Effect.gen(function*() {
    const { beside, lease, name, schema } = options
    const sql = (yield* SqlClient.SqlClient).withoutTransforms()
    const wakeup = yield* Wakeup.make(schema, options.waking)
    const labelled = { schema, subscriber: name }
    const alarm = (cause: Cause.Cause<Failure<E>>) =>
      Effect.andThen(
        Metric.update(Metric.withAttributes(failed, labelled), 1),
        Effect.logWarning("A subscriber was not told; it will be told again", {
          subscriber: name,
          class: classOf(cause),
          ...wordsOf(cause)
        })
      )

    /** Again and again until it succeeds, or `isOver`. */
    const stubbornly = <A, S>(
      effect: Effect.Effect<A, Failure<E>, S>,
      isOver: (cause: Cause.Cause<Failure<E>>) => boolean
    ) =>
      effect.pipe(
        Effect.sandbox,
        // A handler may fail by the interruption of somebody whom it waits for; when we are interrupted, nothing here runs.
        Effect.tapError((cause) => isUnheld(cause) ? Effect.void : alarm(cause)),
        Effect.retry({ schedule: patiently, while: (cause) => !isOver(cause) }),
        Effect.catch(Effect.failCause)
      )

    const read = (held: Lease.Held) =>
      Effect.gen(function*() {
        let at = held.position
        let idle = 0
        const once = Effect.gen(function*() {
          const { notices, to } = yield* pageOf(sql, options, at)
          if (to === at) return yield* wakeup.wait(idle++)
          idle = 0
          if (!held.isOurs()) return yield* Effect.fail(Lease.lost)
          if (isSome(notices)) yield* handler(notices)
          yield* held.move(to)
          at = to
          yield* Metric.update(Metric.withAttributes(told, labelled), notices.length)
        })
        // Each line is told stubbornly for itself; without the lease it is no matter of trying.
        return yield* Effect.forever(stubbornly(once, isUnheld))
      })

    const place = options.begin === "first" ? Effect.succeed(0n) : Horizon.settled(sql, schema, "journal")
    /** As the only reader, until the lease is lost. What is tried after that is a new trial, with short pauses again. */
    const reading = Effect.suspend(() => {
      let wasHeld = false
      return Lease.hold(sql, { schema, name, lease }, (held) => {
        wasHeld = true
        return beside === undefined ? read(held) : Effect.raceFirst(read(held), stubbornly(beside(held), isUnheld))
      }).pipe(
        Effect.catchCause((cause) =>
          !wasHeld || isGone(cause) ? Effect.failCause(cause) : isLost(cause) ? Effect.void : alarm(cause)
        )
      )
    })
    // Begun once: what is tried again after that finds the subscriber, or finds that it was forgotten.
    const begun = Effect.andThen(
      stubbornly(Lease.begin(sql, options, place), () => false),
      Effect.forever(stubbornly(reading, isGone))
    )
    return yield* Effect.catchCause(begun, (cause) =>
      isGone(cause)
        ? Effect.andThen(
          Effect.logWarning("A subscriber was forgotten, and is told nothing more", { subscriber: name }),
          Effect.fail(new SubscriberForgotten({ name }))
        )
        // Else it ends only by interruption: what else may stand in the cause is overcome.
        : Effect.interrupt)
  }))

const failsWith = (error: Lease.Gone | Lease.Lost) => (cause: Cause.Cause<unknown>): boolean =>
  cause.reasons.some((reason) => Cause.isFailReason(reason) && reason.error === error)
const isGone = failsWith(Lease.gone)
const isLost = failsWith(Lease.lost)
const isUnheld = (cause: Cause.Cause<unknown>): boolean => isGone(cause) || isLost(cause)

const isStoreFault = Schema.is(
  Schema.Union([Fault.StoreUnavailable, Fault.Overloaded, Fault.StoreFull, Fault.StoreBroken])
)

/**
 * Where a store is stuck, and what helps, in its own words: a line that can not be read says which, and nothing of what stands
 * in it.
 */
const wordsOf = (cause: Cause.Cause<unknown>): { readonly operation?: string; readonly problem?: string } => {
  const failure = cause.reasons.find(Cause.isFailReason)?.error
  if (!isStoreFault(failure)) return {}
  const { operation } = failure
  return "problem" in failure && failure.problem !== undefined ? { operation, problem: failure.problem } : { operation }
}

/** The name of what went wrong, and nothing that it says: a handler's error may quote anything. */
const classOf = (cause: Cause.Cause<unknown>): string => {
  const error = Cause.squash(cause)
  if (typeof error !== "object" || error === null) return typeof error
  return "_tag" in error && typeof error._tag === "string" ? error._tag : error.constructor.name
}
