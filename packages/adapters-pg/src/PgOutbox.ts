/**
 * What happened to the accounts, told to whoever asks 发件箱: other systems of the school, reports, caches, webhooks.
 *
 * The journal itself is the outbox: a payment writes nothing for it, and a subscriber is no more than a name with a place in
 * the journal. It is told every line with events **once or more**, the lines of an account in the order in which it lived
 * them, and none is skipped that committed late. Its place is moved in the database after what it did has succeeded; so
 * whoever must not do a thing twice keeps the `sequence` of each account that he has seen last, in one transaction with
 * what he does.
 *
 * Any number of processes may consume under one name: one does, the others wait, and the next takes over when it dies (after
 * `lease` at the latest, at once where it was closed).
 *
 * It reads from the server that writes: on a standby nobody is seen to write, and a late line could be missed. A transaction
 * that writes to the journal and never ends holds everybody up: give the server `idle_in_transaction_session_timeout`.
 *
 * @example
 * ```ts
 * import { PgOutbox } from "@yikatong/adapters-pg"
 * import * as Embedded from "@yikatong/adapters-pg/embedded"
 * import { Effect, Layer } from "effect"
 *
 * const seen = Effect.gen(function*() {
 *   const { consume, subscribers } = yield* PgOutbox.PgOutbox
 *   yield* Effect.forkScoped(consume({
 *     name: "cards",
 *     handler: (notices) => Effect.log(`${notices.length} lines`)
 *   }))
 *   while ((yield* subscribers).length === 0) yield* Effect.sleep("5 millis")
 *   return (yield* subscribers).map(({ behind, name }) => ({ behind, name }))
 * })
 * const outbox = PgOutbox.layer().pipe(Layer.provide(Embedded.layerClient()))
 * await Effect.runPromise(Effect.scoped(Effect.provide(seen, outbox))) // => [{ behind: 0, name: "cards" }]
 * ```
 */
import type { Fault } from "@yikatong/core"
import { Context, Duration, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import * as Attempts from "./Attempts.ts"
import * as CampusSchema from "./CampusSchema.ts"
import * as Faults from "./Faults.ts"
import * as Lease from "./Lease.ts"
import * as Migrations from "./Migrations.ts"
import * as Patience from "./Patience.ts"
import * as Reader from "./SubscriptionReader.ts"
import type * as Wakeup from "./Wakeup.ts"

export { SubscriberForgotten } from "./SubscriptionReader.ts"

/** Which campus is told of, and how its subscribers wait. */
export interface Options {
  /** The schema of the campus; `campus` unless told. */
  readonly schema?: string
  /**
   * How subscribers hear of what is new: `poll` unless told, which looks after 5 to 250 milliseconds; `listen` takes a
   * connection of its own for each of them and works neither behind PgBouncer in transaction mode nor embedded.
   */
  readonly waking?: Wakeup.Waking
  /** How long a reader that has died is waited for, 100 milliseconds to 24 days; 15 seconds unless told. */
  readonly lease?: Duration.Input
}

/** Who is told, from where on, and what he does with it. */
export interface Subscription<E, R> {
  /** Under which its place is kept: 1 to 63 of a-z, 0-9, `_`, `-` and `.`, beginning with a letter. */
  readonly name: string
  /**
   * Where a name that was never seen before begins: `first`, which is the whole journal from its first line, unless told; or
   * `now`. A name that was seen goes on where it was.
   */
  readonly from?: Lease.Begin
  /** How many lines are told at once at most, 1 to 1,000; 100 unless told. */
  readonly page?: number
  /** What it does with them. Where it fails, it is given the same again, after 50 milliseconds to half a minute. */
  readonly handler: Reader.Page<E, R>
}

/** How far a subscriber has come. */
export interface Standing {
  readonly name: string
  /** The last line of the journal that it is done with. */
  readonly position: number
  /** How many lines wait for it: counted up to 10,000. */
  readonly behind: number
  /** When the first of these arrived, in milliseconds since 1970 UTC; none where nothing waits. */
  readonly since: number | undefined
  /** Whether a process reads for it now. */
  readonly active: boolean
}

/** The outbox of one campus. */
export class PgOutbox extends Context.Service<PgOutbox, {
  /**
   * Tells a subscriber of everything, for as long as it is run. Faults of the database and failures of the handler are
   * logged, counted and overcome. It fails at once as `StoreBroken` where the name or a number is refused, and as
   * `SubscriberForgotten` where somebody forgets the subscriber meanwhile.
   */
  readonly consume: <E, R>(
    subscription: Subscription<E, R>
  ) => Effect.Effect<never, Fault.StoreBroken | Reader.SubscriberForgotten, R>
  /** All subscribers and how far they have come. One that nobody reads for is not `active`. */
  readonly subscribers: Effect.Effect<ReadonlyArray<Standing>, Fault.StoreFault>
  /**
   * Forgets a subscriber, with all that was held back for it. Whoever reads under this name in any process, or waits for his
   * turn, ends as `SubscriberForgotten` after a third of the `lease` at the latest; until then he may be told one more page.
   * Nobody begins anew by himself: only who consumes or delivers under this name again does, with his `from`.
   */
  readonly forget: (name: string) => Effect.Effect<void, Fault.StoreFault>
}>()("@yikatong/adapters-pg/PgOutbox") {}

/** An outbox over the client. Its tables are created or completed first. An option that is refused is `StoreBroken`. */
export const make: (
  options?: Options
) => Effect.Effect<PgOutbox["Service"], Fault.StoreFault, SqlClient.SqlClient> = Effect.fnUntraced(
  function*(options = {}) {
    const { lease, schema, waking } = yield* settings(options)
    yield* Migrations.migrate(schema)
    const client = yield* Effect.context<SqlClient.SqlClient>()
    const sql = Context.get(client, SqlClient.SqlClient).withoutTransforms()
    const { journal, subscriber: table } = CampusSchema.tables(sql, schema)
    return {
      consume: Effect.fnUntraced(function*({ from = "first", handler, name, page = 100 }) {
        yield* checkName(name)
        if (!Number.isSafeInteger(page) || page < 1 || page > 1_000) {
          return yield* refused("`page` is a whole number, 1 to 1,000")
        }
        if (!Lease.isBegin(from)) return yield* refused(Lease.beginProblem)
        if (typeof handler !== "function") return yield* refused("`handler` is a function")
        return yield* Reader.run({ schema, name, page, begin: from, lease, waking }, handler).pipe(
          Effect.provideContext(client)
        )
      }),
      subscribers: sql<
        Row
      >`SELECT name, position, behind, since, held_until IS NOT NULL AND held_until > now() AS active
        FROM ${table} AS subscriber, LATERAL (
          SELECT count(*)::integer AS behind, min(received_at) AS since FROM (
            SELECT received_at FROM ${journal} WHERE sequence > subscriber.position ORDER BY sequence LIMIT 10000
          ) AS line
        ) AS waiting ORDER BY name`.pipe(
        Attempts.repeat("look at the subscribers"),
        Effect.map((rows) =>
          rows.map(({ active, behind, name, position, since }) => ({
            name,
            position: Number(position),
            behind,
            since: since === null ? undefined : Number(since),
            active
          }))
        )
      ),
      forget: (name) =>
        sql`DELETE FROM ${table} WHERE name = ${name}`.pipe(Attempts.repeat(`forget subscriber ${name}`), Effect.asVoid)
    }
  }
)

interface Row {
  readonly name: string
  readonly position: bigint
  readonly behind: number
  readonly since: bigint | null
  readonly active: boolean
}

const refused = (problem: string) => Faults.refused("read the options", problem)

/**
 * What the options say, or why they are refused.
 * @internal
 */
export const settings = Effect.fnUntraced(function*(
  { lease = "15 seconds", schema = CampusSchema.defaultName, waking = "poll" }: Options
) {
  yield* CampusSchema.checkName(schema)
  if (!Patience.isGood(lease) || Duration.toMillis(lease) < 100) {
    return yield* refused("`lease` is a time of 100 milliseconds to 24 days, such as \"15 seconds\"")
  }
  if (waking !== "poll" && waking !== "listen") return yield* refused("`waking` is \"poll\" or \"listen\"")
  return { schema, lease: Duration.fromInputUnsafe(lease), waking }
})

/**
 * The name of a subscriber, or why it is refused.
 * @internal
 */
export const checkName = (name: string): Effect.Effect<void, Fault.StoreBroken> =>
  typeof name === "string" && /^[a-z][a-z0-9_.-]{0,62}$/.test(name)
    ? Effect.void
    : refused("`name` is 1 to 63 of a-z, 0-9, _, - and ., and begins with a letter")

/** The outbox over the client of the running system. */
export const layer = (options?: Options): Layer.Layer<PgOutbox, Fault.StoreFault, SqlClient.SqlClient> =>
  Layer.effect(PgOutbox, make(options))
