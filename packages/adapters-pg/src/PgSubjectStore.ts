/**
 * The other subjects in PostgreSQL 业务主体存储 (D21): orders, terminals, merchants' days, batches. Any number of processes
 * may share one database.
 *
 * Each command has a transaction of its own, for such subjects are changed seldom; `SubjectTransaction` tells why two
 * processes never decide on the same state. Where another transaction was in the way, or a session was lost, it is run
 * again: a command that was written after all is known by its key and gets its first answer.
 */
import { Fault, Profiles, SubjectStore } from "@yikatong/core"
import { Context, type Duration, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import * as Attempts from "./Attempts.ts"
import * as CampusSchema from "./CampusSchema.ts"
import * as Durability from "./Durability.ts"
import * as Migrations from "./Migrations.ts"
import * as Patience from "./Patience.ts"
import * as SubjectReading from "./SubjectReading.ts"
import * as SubjectTransaction from "./SubjectTransaction.ts"

/** Which campus the other subjects are of, and how long one of their commands may take. */
export interface Options {
  /** The schema of the campus; `campus` unless told. */
  readonly schema?: string
  /**
   * After how long a command counts as lost, 1 millisecond to 24 days; 10 seconds unless told. Its caller does not know its outcome then, and may
   * ask again.
   */
  readonly timeout?: Duration.Input
}

/** A store over the client of the running system. Its tables are created or completed first. */
export const make: (options?: Options) => Effect.Effect<
  SubjectStore.SubjectStore["Service"],
  Fault.StoreFault,
  SqlClient.SqlClient | Profiles.Profiles
> = Effect.fnUntraced(function*(options = {}) {
  const schema = options.schema ?? CampusSchema.defaultName
  const timeout = yield* Patience.of("timeout", options.timeout ?? Attempts.patience)
  yield* Migrations.migrate(schema)
  // Names of columns and fields are ours, whatever the client renames for others.
  const sql = (yield* SqlClient.SqlClient).withoutTransforms()
  yield* Durability.check(sql)
  const transaction = SubjectTransaction.make(sql, schema, yield* Profiles.Profiles)
  return {
    ...SubjectReading.make(sql, schema),
    transact: (decider, submitted) =>
      Effect.flatMap(
        Effect.fromResult(SubjectStore.fingerprint(decider, submitted)),
        (fingerprint) =>
          transaction(decider, submitted, fingerprint).pipe(
            // What is answered is durable, also where the caller has a transaction of its own and rolls it back.
            Effect.updateContext((context: Context.Context<never>) => Context.omit(sql.transactionService)(context)),
            Attempts.repeat("transact", timeout),
            Effect.catchDefect((cause) => Effect.fail(new Fault.StoreBroken({ operation: "transact", cause })))
          )
      )
  }
})

/** The store over the client and the profiles of the running system. */
export const layer = (options?: Options): Layer.Layer<
  SubjectStore.SubjectStore,
  Fault.StoreFault,
  SqlClient.SqlClient | Profiles.Profiles
> => Layer.effect(SubjectStore.SubjectStore, make(options))
