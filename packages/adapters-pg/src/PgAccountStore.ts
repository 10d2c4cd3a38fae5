/**
 * Accounts in PostgreSQL 账户存储: the store of a running campus. Any number of processes may share one database.
 *
 * Commands that wait are written together, in one transaction, see `GroupCommit` and `BatchTransaction`; what is
 * promised is the list of laws in `@yikatong/core/testing`. Where another transaction was in the way, or a session was
 * lost, the batch is run again: a command that was written after all is known by its key and gets its first answer.
 *
 * @example
 * ```ts
 * import { PgAccountStore } from "@yikatong/adapters-pg"
 * import * as Embedded from "@yikatong/adapters-pg/embedded"
 * import { AccountStore, Csmzxy, Id, Profiles } from "@yikatong/core"
 * import { Effect, Layer, Option } from "effect"
 *
 * const stranger = Effect.gen(function*() {
 *   const { find } = yield* AccountStore.AccountStore
 *   return Option.isNone(yield* find({ _tag: "Account", account: Id.AccountId.make("nobody") }))
 * })
 * const accounts = PgAccountStore.layer({ schema: "campus", lanes: 1 }).pipe(
 *   Layer.provide([Embedded.layerClient(), Profiles.Profiles.layer([Csmzxy.csmzxy])])
 * )
 * await Effect.runPromise(Effect.provide(stranger, accounts)) // => true
 * ```
 */
import { AccountStore, Fault, Misuse, Profiles } from "@yikatong/core"
import { type Duration, Effect, Layer, type Scope, Struct } from "effect"
import { SqlClient } from "effect/sql"
import * as Attempts from "./Attempts.ts"
import * as Batch from "./Batch.ts"
import * as CampusSchema from "./CampusSchema.ts"
import * as Durability from "./Durability.ts"
import * as Faults from "./Faults.ts"
import * as GroupCommit from "./GroupCommit.ts"
import * as Lane from "./Lane.ts"
import * as Metrics from "./Metrics.ts"
import * as Migrations from "./Migrations.ts"
import * as Partitions from "./Partitions.ts"
import * as Patience from "./Patience.ts"
import * as Reading from "./Reading.ts"
import * as Retirement from "./Retirement.ts"
import * as Sessions from "./Sessions.ts"
import * as Wakeup from "./Wakeup.ts"

/** Which campus the accounts are of, and how its commands are written together. */
export interface Options {
  /** The schema of the campus; `campus` unless told. */
  readonly schema?: string
  /** How many commands share a transaction at most, 1 to 10,000; 128 unless told. */
  readonly batch?: number
  /** How many transactions may be under way at once, each in a session of its own, 1 to 64; 2 unless told. */
  readonly lanes?: number
  /**
   * How many commands may wait for their transaction; 16,384 unless told. Each lane has its share of them, and the next one in it
   * is told `Overloaded`.
   */
  readonly capacity?: number
  /**
   * After how long a batch counts as lost, 1 millisecond to 24 days; 10 seconds unless told. Its callers do not know its
   * outcome then, and may ask again.
   */
  readonly timeout?: Duration.Input
  /**
   * Whether the client speaks to a pooler in transaction mode, such as PgBouncer; no unless told. What the store asks of its
   * sessions it then asks of each transaction. A pooler that knows nothing of prepared statements needs a client with
   * `prepare: false` besides.
   */
  readonly pooled?: boolean
}

/** A store that lives as long as the scope. Its tables are created or completed first. */
export const make: (options?: Options) => Effect.Effect<
  AccountStore.AccountStore["Service"],
  Fault.StoreFault,
  SqlClient.SqlClient | Profiles.Profiles | Scope.Scope
> = Effect.fnUntraced(function*(options = {}) {
  const schema = options.schema ?? CampusSchema.defaultName
  const { batch: limit, capacity, lanes, pooled, timeout } = yield* settingsIn(options)
  yield* Migrations.migrate(schema)
  // Names of columns and fields are ours, whatever the client renames for others.
  const sql = (yield* SqlClient.SqlClient).withoutTransforms()
  yield* Durability.check(sql)
  const tables = CampusSchema.tables(sql, schema)
  const sessions = yield* Sessions.make({ lanes, patience: timeout, pooled })
  yield* Effect.forkScoped(Partitions.keepOn(sql, schema))

  const metrics = yield* Metrics.make(schema)
  const lane = { schema, timeout, metrics, profiles: yield* Profiles.Profiles, ring: yield* Wakeup.bell(schema) }

  const { submit, waiting } = yield* GroupCommit.make({
    lanes: sessions.map((transact, at) => Lane.make(lane, transact, at)),
    keyOf: Batch.subjectOf,
    laneOf: Batch.laneOf,
    limit,
    capacity: Math.ceil(capacity / sessions.length),
    isPoisoned: Faults.mayBeOfOne,
    isHeld: Faults.isHeld,
    closed: () => Faults.closed("transact", "the store"),
    overloaded: (waiting) => {
      metrics.overloaded()
      return new Fault.Overloaded({ operation: "transact", waiting })
    }
  })
  yield* metrics.watch(waiting)

  return {
    ...Reading.make(sql, schema),
    transact: (envelope) => Effect.withFiber(({ cache }) => submit({ ...Batch.item(envelope), span: cache.span })),
    retire: Retirement.make(sql, tables),
    bind: Effect.fnUntraced(function*({ kind, value }, account) {
      // The update changes nothing: it makes the statement wait for whoever binds the same handle, and tell who has it.
      const [row] = yield* sql<{ readonly account: string }>`
        INSERT INTO ${tables.handle} AS handle (kind, value, account) VALUES (${kind}, ${value}, ${account})
        ON CONFLICT (kind, value) DO UPDATE SET account = handle.account RETURNING account`.pipe(
        Attempts.repeat("bind", timeout)
      )
      if (row?.account !== account) return yield* new Misuse.HandleTaken({ kind })
    }),
    unbind: ({ kind, value }) =>
      sql`DELETE FROM ${tables.handle} WHERE kind = ${kind} AND value = ${value}`.pipe(
        Attempts.repeat("unbind", timeout),
        Effect.asVoid
      )
  }
})

const numbers = {
  batch: { otherwise: 128, most: 10_000 },
  lanes: { otherwise: 2, most: 64 },
  capacity: { otherwise: 16_384, most: Number.MAX_SAFE_INTEGER }
} as const

/** The options, or which of them is none that may be. */
const settingsIn = Effect.fnUntraced(function*(options: Options) {
  const timeout = yield* Patience.of("timeout", options.timeout ?? Attempts.patience)
  const pooled = options.pooled ?? false
  if (typeof pooled !== "boolean") return yield* Faults.refused("read the options", "`pooled` is true or false")
  const counts = { batch: 0, lanes: 0, capacity: 0 }
  for (const name of Struct.keys(numbers)) {
    const { most, otherwise } = numbers[name]
    const count = counts[name] = options[name] ?? otherwise
    if (!Number.isSafeInteger(count) || count < 1 || count > most) {
      const limit = most === Number.MAX_SAFE_INTEGER ? "1 or more" : `1 to ${most}`
      return yield* Faults.refused("read the options", `\`${name}\` is a whole number, ${limit}`)
    }
  }
  return { timeout, pooled, ...counts }
})

/** The store over the client and the profiles of the running system. */
export const layer = (options?: Options): Layer.Layer<
  AccountStore.AccountStore,
  Fault.StoreFault,
  SqlClient.SqlClient | Profiles.Profiles
> => Layer.effect(AccountStore.AccountStore, make(options))
