/**
 * Brings a campus's schema to the shape that this release knows 数据库迁移. Every layer of this package does so when it is
 * built; the owner of the database may also do it beforehand, and run the campus under a role that may not change
 * tables.
 *
 * Any number of processes may start at once: one migrates under an advisory lock, the others wait for it. A database
 * that a newer release has migrated is refused, since this one would not know what it reads.
 */
import { Fault } from "@yikatong/core"
import { Effect } from "effect"
import { Migrator, SqlClient } from "effect/sql"
import { isSqlError } from "effect/sql/SqlError"
import * as CampusSchema from "./CampusSchema.ts"
import * as Faults from "./Faults.ts"
import { campus } from "./migrations/0001_campus.ts"

/** Each migration once and for ever; a change of the tables is a new one. */
const migrations = { "1_campus": campus }

/** The newest migration that this release knows. */
export const latest = Object.keys(migrations).length

/** Creates or completes the tables of one campus. */
export const migrate = Effect.fn("Migrations.migrate")(function*(schema: string = CampusSchema.defaultName) {
  yield* CampusSchema.checkName(schema)
  const sql = (yield* SqlClient.SqlClient).withoutTransforms()
  const refusal = (error: unknown): Fault.StoreFault => {
    const behind = error instanceof Migrator.MigrationError && error.cause !== undefined ? error.cause : error
    return isSqlError(behind)
      ? Faults.fromSqlError(`migrate schema ${schema}`)(behind)
      : new Fault.StoreBroken({ operation: `migrate schema ${schema}`, cause: behind })
  }
  // Without a lock, since all starts but the first find nothing to do; and a server that may only be read can be read.
  const present = yield* Effect.mapError(latestOf(sql, schema), refusal)
  if (present > latest) return yield* newer(schema, present)
  if (present === latest) return
  yield* sql.withTransaction(Effect.gen(function*() {
    yield* sql`SELECT pg_advisory_xact_lock(hashtextextended(${`yikatong migrate ${schema}`}, 0))`
    const [known] = yield* sql`SELECT 1 FROM pg_namespace WHERE nspname = ${schema}`
    // IF NOT EXISTS would ask for the right to create schemas also where there is nothing to create.
    if (known === undefined) yield* sql`CREATE SCHEMA ${sql.literal(`"${schema}"`)}`
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
  const after = yield* Effect.mapError(latestOf(sql, schema), refusal)
  if (after > latest) return yield* newer(schema, after)
})

const table = (schema: string): string => `${schema}.migration`

const newer = (schema: string, present: number) =>
  new Fault.StoreBroken({
    operation: `migrate: schema ${schema} is at migration ${present} and this release knows ${latest}; ` +
      "install the release that migrated it, or a newer one",
    cause: new Error(`migration ${present} is unknown`)
  })

/** The newest migration in the database; 0 where there is none. */
const latestOf = Effect.fnUntraced(function*(sql: SqlClient.SqlClient, schema: string) {
  const [known] = yield* sql`SELECT 1 WHERE to_regclass(${`"${schema}"."migration"`}) IS NOT NULL`
  if (known === undefined) return 0
  const [row] = yield* sql<{ readonly latest: number }>`
    SELECT coalesce(max(migration_id), 0) AS latest FROM ${sql(table(schema))}`
  return row === undefined ? 0 : Number(row.latest)
})
