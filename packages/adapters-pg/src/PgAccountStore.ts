/**
 * Accounts in PostgreSQL 账户存储: the store of a running campus. Any number of processes may share one database.
 *
 * Commands that wait are written together, in one transaction, see `GroupCommit` and `BatchTransaction`; what is
 * promised is the list of laws in `@yikatong/core/testing`. Where another transaction was in the way, or a session was
 * lost, the batch is run again: a command that was written after all is known by its key and gets its first answer.
 */
import { AccountStore, Fault, Misuse, Profiles } from "@yikatong/core"
import { type Duration, Effect, Layer, type Scope } from "effect"
import { SqlClient } from "effect/sql"
import * as Attempts from "./Attempts.ts"
import * as Batch from "./Batch.ts"
import * as BatchTransaction from "./BatchTransaction.ts"
import * as CampusSchema from "./CampusSchema.ts"
import * as GroupCommit from "./GroupCommit.ts"
import * as Migrations from "./Migrations.ts"
import * as Reading from "./Reading.ts"
import * as Retirement from "./Retirement.ts"

export interface Options {
  /** The schema of the campus; `campus` unless told. */
  readonly schema?: string
  /** How many commands share a transaction at most; 256 unless told. */
  readonly batch?: number
  /**
   * After how long a batch counts as lost; 10 seconds unless told. Its callers do not know its outcome then, and may
   * ask again.
   */
  readonly timeout?: Duration.Input
}

/** A store that lives as long as the scope. Its tables are created or completed first. */
export const make: (options?: Options) => Effect.Effect<
  AccountStore.AccountStore["Service"],
  Fault.StoreFault,
  SqlClient.SqlClient | Profiles.Profiles | Scope.Scope
> = Effect.fnUntraced(function*(options = {}) {
  const schema = options.schema ?? CampusSchema.defaultName
  const limit = options.batch ?? 256
  if (!Number.isSafeInteger(limit) || limit < 1) {
    const cause = new Error("`batch` is a whole number of commands, 1 or more")
    return yield* new Fault.StoreBroken({ operation: "read the options", cause })
  }
  yield* Migrations.migrate(schema)
  // Names of columns and fields are ours, whatever the client renames for others.
  const sql = (yield* SqlClient.SqlClient).withoutTransforms()
  const tables = CampusSchema.tables(sql, schema)
  const transaction = BatchTransaction.make(sql, tables, yield* Profiles.Profiles)

  const submit = yield* GroupCommit.make({
    limit,
    commit: (items: ReadonlyArray<Batch.Item>) =>
      transaction(items).pipe(
        Attempts.repeat("transact", options.timeout),
        Effect.catchDefect((cause) => Effect.fail(new Fault.StoreBroken({ operation: "transact", cause })))
      ),
    isPoisoned: ({ _tag }) => _tag === "StoreBroken",
    closed: () => new Fault.StoreUnavailable({ operation: "transact", cause: new Error("the store is closed") })
  })

  return {
    ...Reading.make(sql, tables),
    transact: (envelope) => Effect.suspend(() => submit(Batch.item(envelope))),
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

/** The store over the client and the profiles of the running system. */
export const layer = (options?: Options): Layer.Layer<
  AccountStore.AccountStore,
  Fault.StoreFault,
  SqlClient.SqlClient | Profiles.Profiles
> => Layer.effect(AccountStore.AccountStore, make(options))
