/**
 * Brings a campus's schema to the shape that this release knows 数据库迁移. Every layer of this package does so when it is
 * built; the owner of the database may also do it beforehand, and run the campus under a role that may not change
 * tables.
 *
 * Any number of processes may start at once: one migrates under an advisory lock, the others wait for it. A database
 * that a newer release has migrated is refused, since this one would not know what it reads; so is one with tables of a
 * version that was never released.
 */
import { Fault } from "@yikatong/core"
import { Effect } from "effect"
import { Migrator, SqlClient } from "effect/sql"
import { isSqlError } from "effect/sql/SqlError"
import * as CampusSchema from "./CampusSchema.ts"
import * as Faults from "./Faults.ts"
import { ledger } from "./migrations/0001_ledger.ts"
import { outbox } from "./migrations/0002_outbox.ts"
import { seal } from "./migrations/0003_seal.ts"
import * as Partitions from "./Partitions.ts"

/** Each migration once and for ever; a change of the tables is a new one. */
const migrations = { "1_ledger": ledger, "2_outbox": outbox, "3_seal": seal }

/** The same by number, as the table of migrations has them. */
const names = new Map(Object.keys(migrations).map((key) => [Number.parseInt(key, 10), key.slice(key.indexOf("_") + 1)]))

/** The newest migration that this release knows. */
export const latest = Object.keys(migrations).length

/** Creates or completes the tables of one campus. */
export const migrate = Effect.fn("Migrations.migrate")(function*(schema: string = CampusSchema.defaultName) {
  yield* CampusSchema.checkName(schema)
  const sql = (yield* SqlClient.SqlClient).withoutTransforms()
  const refusal = (error: unknown): Fault.StoreFault => {
    const behind = error instanceof Migrator.MigrationError && error.cause !== undefined ? error.cause : error
    if (behind instanceof Fault.StoreBroken) return behind
    return isSqlError(behind)
      ? Faults.fromSqlError(`migrate schema ${schema}`)(behind)
      : new Fault.StoreBroken({ operation: `migrate schema ${schema}`, cause: behind })
  }
  // Without a lock, since all starts but the first find nothing to do; and a server that may only be read can be read.
  const present = yield* Effect.mapError(known(sql, schema), refusal)
  if (present === latest) return yield* Partitions.lookAfter(sql, schema)
  yield* sql.withTransaction(Effect.gen(function*() {
    yield* sql`SELECT pg_advisory_xact_lock(hashtextextended(${`yikatong migrate ${schema}`}, 0))`
    const [there] = yield* sql`SELECT 1 FROM pg_namespace WHERE nspname = ${schema}`
    // IF NOT EXISTS would ask for the right to create schemas also where there is nothing to create.
    if (there === undefined) yield* sql`CREATE SCHEMA ${sql.literal(`"${schema}"`)}`
    const statements = Object.entries(migrations).map(([name, migration]) => [
      name,
      Effect.forEach(migration(schema), (statement) => sql.unsafe(statement), { discard: true })
    ])
    yield* Migrator.make({})({ loader: Migrator.fromRecord(Object.fromEntries(statements)), table: table(schema) })
  })).pipe(
    Faults.lostSession,
    Effect.mapError(refusal)
  )
  // Another process may have been a newer one.
  yield* Effect.mapError(known(sql, schema), refusal)
  yield* Partitions.lookAfter(sql, schema)
})

const table = (schema: string): string => `${schema}.migration`

const newer = (schema: string, present: number) =>
  new Fault.StoreBroken({
    operation: `migrate: schema ${schema} is at migration ${present} and this release knows ${latest}; ` +
      "install the release that migrated it, or a newer one",
    cause: new Error(`migration ${present} is unknown`)
  })

const unreleased = (schema: string, id: number, name: string) =>
  new Fault.StoreBroken({
    operation: `migrate: the tables in schema ${schema} were made by a version that was never released, and are not ` +
      "carried over; export its journal with that version if you need it, and start with a new schema",
    cause: new Error(`migration ${id} is ${JSON.stringify(name)}, and here it is ${JSON.stringify(names.get(id))}`)
  })

/** The newest migration in the database, if all are known here; 0 where there is none. */
const known = Effect.fnUntraced(function*(sql: SqlClient.SqlClient, schema: string) {
  const [there] = yield* sql`SELECT 1 WHERE to_regclass(${`"${schema}"."migration"`}) IS NOT NULL`
  if (there === undefined) return 0
  const rows = yield* sql<{ readonly id: number; readonly name: string }>`
    SELECT migration_id AS id, name FROM ${sql(table(schema))} ORDER BY migration_id`
  for (const { id, name } of rows) {
    if (names.has(id) && names.get(id) !== name) return yield* unreleased(schema, id, name)
  }
  const present = rows.at(-1)?.id ?? 0
  return present > latest ? yield* newer(schema, present) : present
})
