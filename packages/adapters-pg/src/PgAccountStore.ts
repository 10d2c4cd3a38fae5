/**
 * Accounts in PostgreSQL 账户存储: the store of a running campus. Any number of processes may share a database.
 *
 * Commands that wait are written together, in one transaction, see {@link GroupCommit} and {@link BatchTransaction}; what is promised is the list of laws in
 * `@yikatong/core/testing`. Where another transaction was in the way, or a session was lost, the batch is run again: a command that was
 * written after all is known by its key and gets its first answer.
 */
import { AccountStore, Fault, type Id, Misuse, Profiles } from "@yikatong/core"
import { type Duration, Effect, Layer, Option, Result, Schedule, type Scope, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { isSqlError, type SqlError } from "effect/sql/SqlError"
import * as Batch from "./Batch.ts"
import * as BatchTransaction from "./BatchTransaction.ts"
import * as CampusSchema from "./CampusSchema.ts"
import * as Faults from "./Faults.ts"
import * as GroupCommit from "./GroupCommit.ts"
import * as Migrations from "./Migrations.ts"
import * as Stored from "./Stored.ts"

export interface Options {
  /** The schema of the campus; `campus` unless told. */
  readonly schema?: string
  /** How many commands share a transaction at most; 256 unless told. */
  readonly batch?: number
  /** After how long a batch counts as lost; 10 seconds unless told. Its callers do not know its outcome then, and may ask again. */
  readonly timeout?: Duration.Input
}

/** Another transaction that was in the way is soon over; a database that stays away is reported after about half a second. */
const again = Schedule.jittered(Schedule.exponential("10 millis"))
const attempts = 5

/** How many rows a stream reads at a time. */
const page = 500

/** A store that lives as long as the scope. The tables are created or completed first. */
export const make = Effect.fnUntraced(function*(
  options: Options = {}
): Effect.fn.Return<
  AccountStore.AccountStore["Service"],
  CampusSchema.SchemaNameRefused | Fault.StoreFault,
  SqlClient.SqlClient | Profiles.Profiles | Scope.Scope
> {
  const schema = yield* CampusSchema.checkName(options.schema ?? CampusSchema.defaultName)
  yield* Migrations.migrate(schema)
  // Names of columns and fields are ours: a client may be set to rename them for others.
  const sql = (yield* SqlClient.SqlClient).withoutTransforms()
  const tables = CampusSchema.tables(sql, schema)
  const transaction = BatchTransaction.make(sql, tables, yield* Profiles.Profiles)

  const commit = (items: ReadonlyArray<Batch.Item>) =>
    transaction(items).pipe(
      Faults.lostSession,
      Effect.retry({
        schedule: again,
        times: attempts,
        while: (error) => isSqlError(error) && Faults.isTransient(error)
      }),
      Effect.timeoutOrElse({
        duration: options.timeout ?? "10 seconds",
        orElse: () => Effect.fail(late("transact"))
      }),
      Effect.catchDefect((defect) => Effect.fail(new Fault.StoreBroken({ operation: "transact", cause: defect }))),
      Effect.mapError(faultOf("transact"))
    )

  const submit = yield* GroupCommit.make({
    limit: options.batch ?? 256,
    commit,
    isPoisoned: (fault: Fault.StoreFault) => fault._tag === "StoreBroken",
    closed: () => new Fault.StoreUnavailable({ operation: "transact", cause: new Error("the store is closed") })
  })

  const account = (where: ReturnType<SqlClient.SqlClient["literal"]> | Statement) => where

  return {
    transact: (envelope) => Effect.suspend(() => submit(Batch.item(envelope)))
  }
})
