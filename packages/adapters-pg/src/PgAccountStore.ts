/**
 * Accounts in PostgreSQL 账户存储: the store of a running campus. Any number of processes may share one database.
 *
 * Commands that wait are written together, in one transaction, see `GroupCommit` and `BatchTransaction`; what is
 * promised is the list of laws in `@yikatong/core/testing`. Where another transaction was in the way, or a session was
 * lost, the batch is run again: a command that was written after all is known by its key and gets its first answer.
 */
import { AccountStore, Fault, Misuse, Profiles } from "@yikatong/core"
import { Duration, Effect, Layer, type Scope } from "effect"
import { SqlClient } from "effect/sql"
import * as Attempts from "./Attempts.ts"
import * as Batch from "./Batch.ts"
import * as CampusSchema from "./CampusSchema.ts"
import * as Faults from "./Faults.ts"
import * as GroupCommit from "./GroupCommit.ts"
import * as Lane from "./Lane.ts"
import * as Metrics from "./Metrics.ts"
import * as Migrations from "./Migrations.ts"
import * as Partitions from "./Partitions.ts"
import * as Reading from "./Reading.ts"
import * as Retirement from "./Retirement.ts"
import * as Sessions from "./Sessions.ts"
import * as Wakeup from "./Wakeup.ts"

export interface Options {
  /** The schema of the campus; `campus` unless told. */
  readonly schema?: string
  /** How many commands share a transaction at most; 128 unless told. */
  readonly batch?: number
  /** How many transactions may be under way at once, each in a session of its own; 2 unless told. */
  readonly lanes?: number
  /** How many commands may wait for their transaction; 16,384 unless told. The next one is told `Overloaded`. */
  readonly capacity?: number
  /**
   * After how long a batch counts as lost; 10 seconds unless told. Its callers do not know its outcome then, and may
   * ask again.
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
  const { batch: limit, capacity, lanes } = yield* numbersIn({ batch: 128, lanes: 2, capacity: 16_384, ...options })
  const timeout = options.timeout ?? Attempts.patience
  yield* Migrations.migrate(schema)
  // Names of columns and fields are ours, whatever the client renames for others.
  const sql = (yield* SqlClient.SqlClient).withoutTransforms()
  const tables = CampusSchema.tables(sql, schema)
  const sessions = yield* Sessions.make({
    lanes,
    patience: Duration.fromInputUnsafe(timeout),
    pooled: options.pooled ?? false
  })
  yield* Effect.forkScoped(Partitions.keepOn(sql, schema))

  const metrics = yield* Metrics.make(schema)
  const lane = { schema, timeout, metrics, profiles: yield* Profiles.Profiles, ring: yield* Wakeup.bell(schema) }

  const { submit, waiting } = yield* GroupCommit.make({
    lanes: sessions.map((transact, at) => Lane.make(lane, transact, at)),
    laneOf: Batch.laneOf,
    limit,
    capacity,
    isPoisoned: Faults.mayBeOfOne,
    closed: () => new Fault.StoreUnavailable({ operation: "transact", cause: new Error("the store is closed") }),
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
        Attempts.repeat("bind")
      )
      if (row?.account !== account) return yield* new Misuse.HandleTaken({ kind })
    }),
    unbind: ({ kind, value }) =>
      sql`DELETE FROM ${tables.handle} WHERE kind = ${kind} AND value = ${value}`.pipe(
        Attempts.repeat("unbind"),
        Effect.asVoid
      )
  }
})

const numbersIn = <Numbers extends Readonly<Record<"batch" | "lanes" | "capacity", number>>>(numbers: Numbers) => {
  const wrong = (["batch", "lanes", "capacity"] as const).find((name) =>
    !Number.isSafeInteger(numbers[name]) || numbers[name] < 1
  )
  if (wrong === undefined) return Effect.succeed(numbers)
  const cause = new Error(`\`${wrong}\` is a whole number, 1 or more`)
  return Effect.fail(new Fault.StoreBroken({ operation: "read the options", cause }))
}

/** The store over the client and the profiles of the running system. */
export const layer = (options?: Options): Layer.Layer<
  AccountStore.AccountStore,
  Fault.StoreFault,
  SqlClient.SqlClient | Profiles.Profiles
> => Layer.effect(AccountStore.AccountStore, make(options))
