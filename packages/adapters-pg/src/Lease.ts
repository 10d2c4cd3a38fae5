/**
 * One reader for each subscriber 租约, however many processes would like to be it: a row with the name of its holder and the
 * time until which it is held.
 *
 * A row, and not an advisory lock: behind PgBouncer in transaction mode a session is another one in each transaction, so a
 * lock of a session would stay with whatever session had it, and outlive its holder. A row needs no session, and every
 * move of the position asks in the same statement whether the lease is still ours: a reader that was stopped for a
 * while and comes back moves nothing any more. What it was doing in that moment the next one does again, as subscribers are told
 * once or more anyway.
 *
 * A row that is gone was forgotten (`PgOutbox.forget`), and is not written anew by whoever reads or waits for its turn: all
 * of them end. Who begins after that begins anew.
 *
 * Times are those of the database's clock; how long we may go on without having heard from it is measured by our own, from
 * before we asked. One that is closed gives its lease back; one that dies is waited for.
 */
import type { Fault } from "@yikatong/core"
import { Duration, Effect } from "effect"
import type { SqlClient } from "effect/sql"
import { randomUUID } from "node:crypto"
import * as Attempts from "./Attempts.ts"
import * as CampusSchema from "./CampusSchema.ts"

/** Where a new subscriber begins: with the first line of the journal, or with those that are written from now on. */
export type Begin = "first" | "now"
const begins: ReadonlyArray<unknown> = ["first", "now"] satisfies ReadonlyArray<Begin>
/** Whether it is one of the two. */
export const isBegin = (value: unknown): value is Begin => begins.includes(value)
/** What else is refused with. */
export const beginProblem = "`from` is \"first\" or \"now\""

export interface Options {
  readonly schema: string
  readonly name: string
  readonly lease: Duration.Duration
}

/** The lease is another's by now. */
export interface Lost {
  readonly _tag: "LeaseLost"
}
export const lost: Lost = { _tag: "LeaseLost" }

/** There is no such subscriber any more. */
export interface Gone {
  readonly _tag: "SubscriberGone"
}
export const gone: Gone = { _tag: "SubscriberGone" }

export interface Held {
  /** The last line that the subscriber is done with, as it stood when the lease was taken. */
  readonly position: bigint
  /** Moves the place on, if the lease is still ours. */
  readonly move: (to: bigint) => Effect.Effect<void, Gone | Lost | Fault.StoreFault>
  /** Whether we may still act: nobody else can have the lease yet. */
  readonly isOurs: () => boolean
}

const exists = (sql: SqlClient.SqlClient, { name, schema }: Pick<Options, "name" | "schema">) =>
  sql`SELECT 1 FROM ${CampusSchema.tables(sql, schema).subscriber} WHERE name = ${name}`.pipe(
    Attempts.repeat("look for a subscriber"),
    Effect.map((rows) => rows.length > 0)
  )

/** Writes a subscriber down that was never seen before, at this place. */
export const begin = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  subscriber: Pick<Options, "name" | "schema">,
  place: Effect.Effect<bigint, Fault.StoreFault>
): Effect.fn.Return<void, Fault.StoreFault> {
  if (yield* exists(sql, subscriber)) return
  const { name, schema } = subscriber
  const position = yield* place
  yield* sql`INSERT INTO ${CampusSchema.tables(sql, schema).subscriber} (name, position) VALUES (${name}, ${position})
    ON CONFLICT DO NOTHING`.pipe(Attempts.repeat(`begin subscriber ${name}`))
})

/**
 * Does something as the only reader of this name, which was begun before; waits for its turn first, and fails where the lease
 * was lost or the subscriber forgotten.
 */
export const hold = <A, E, R>(
  sql: SqlClient.SqlClient,
  { lease, name, schema }: Options,
  body: (held: Held) => Effect.Effect<A, E, R>
): Effect.Effect<A, E | Gone | Lost | Fault.StoreFault, R> =>
  Effect.suspend(() => {
    const { subscriber: table } = CampusSchema.tables(sql, schema)
    const holder = randomUUID()
    const length = Duration.toMillis(lease)
    const interval = sql`${length}::float8 * interval '1 millisecond'`
    let ours = 0

    /** Why no row was ours. */
    const without = Effect.flatMap(exists(sql, { name, schema }), (isThere) => Effect.fail(isThere ? lost : gone))

    /** Asks the database for more time; it counts from before the question. */
    const ask = (question: Effect.Effect<ReadonlyArray<object>, Fault.StoreFault>) =>
      Effect.suspend(() => {
        const asked = performance.now()
        return Effect.flatMap(question, (rows) => {
          if (rows.length === 0) return without
          ours = asked + length
          return Effect.void
        })
      })
    const move = (to: bigint) =>
      ask(
        sql`UPDATE ${table} SET position = ${to}, moved_at = now(), held_until = now() + ${interval}
          WHERE name = ${name} AND holder = ${holder} AND position <= ${to} RETURNING name`.pipe(
          Attempts.repeat(`move subscriber ${name}`)
        )
      )
    const prolong = ask(
      sql`UPDATE ${table} SET held_until = now() + ${interval} WHERE name = ${name} AND holder = ${holder}
        RETURNING name`.pipe(Attempts.repeat(`prolong the lease of subscriber ${name}`))
    )

    const take = Effect.gen(function*() {
      for (;;) {
        const asked = performance.now()
        const [row] = yield* sql<{ readonly position: bigint }>`
          UPDATE ${table} SET holder = ${holder}, held_until = now() + ${interval}
          WHERE name = ${name} AND (held_until IS NULL OR held_until < now()) RETURNING position`.pipe(
          Attempts.repeat(`take the lease of subscriber ${name}`)
        )
        if (row !== undefined) {
          ours = asked + length
          return row.position
        }
        if (!(yield* exists(sql, { name, schema }))) return yield* Effect.fail(gone)
        yield* Effect.sleep(Math.min(length / 4, 1_000))
      }
    })
    const giveBack = sql`UPDATE ${table} SET holder = NULL, held_until = NULL
      WHERE name = ${name} AND holder = ${holder}`.pipe(
      Attempts.repeat(`give back the lease of subscriber ${name}`),
      Effect.ignore
    )

    // A database that does not answer is asked again, until the time that it gave us has run out.
    const keep = prolong.pipe(
      Effect.catchIf(({ _tag }) => _tag !== "LeaseLost" && _tag !== "SubscriberGone" && performance.now() < ours, () =>
        Effect.void),
      Effect.delay(length / 3),
      Effect.forever
    )
    const runOut = Effect.suspend(() =>
      Effect.sleep(Math.max(0, ours - performance.now()))
    ).pipe(
      Effect.repeat({ while: () => performance.now() < ours }),
      Effect.andThen(Effect.fail(lost))
    )
    return Effect.uninterruptibleMask((restore) =>
      restore(take).pipe(
        // Interrupted while the answer was under way: it may be ours all the same.
        Effect.onInterrupt(() => giveBack),
        Effect.flatMap((position) =>
          restore(Effect.raceFirst(
            body({ position, move, isOurs: () => performance.now() < ours }),
            Effect.raceFirst(keep, runOut)
          )).pipe(Effect.ensuring(giveBack))
        )
      )
    )
  })
