/**
 * Brings a campus's schema to the shape that this release knows 数据库迁移. Every layer of this package does so when it is
 * built; the owner of the database may also do it beforehand, and run the campus under a role that may not change
 * tables.
 *
 * Any number of processes may start at once: one migrates under an advisory lock, the others wait for it. A database
 * that a newer release has migrated is refused, since this one would not know what it reads; so is one with tables of a
 * version that was never released.
 *
 * @example
 * ```ts
 * import { Migrations } from "@yikatong/adapters-pg"
 * import * as Embedded from "@yikatong/adapters-pg/embedded"
 * import { Effect } from "effect"
 *
 * const started = Effect.gen(function*() {
 *   const before = yield* Migrations.standing("campus")
 *   yield* Migrations.migrate("campus")
 *   return [before._tag, (yield* Migrations.standing("campus"))._tag]
 * })
 * await Effect.runPromise(Effect.provide(started, Embedded.layerClient())) // => ["Missing", "Current"]
 * ```
 */
import { Fault } from "@yikatong/core"
import { Effect } from "effect"
import { Migrator, SqlClient } from "effect/sql"
import { isSqlError, type SqlError } from "effect/sql/SqlError"
import * as CampusSchema from "./CampusSchema.ts"
import * as Faults from "./Faults.ts"
import { ledger } from "./migrations/0001_ledger.ts"
import { outbox } from "./migrations/0002_outbox.ts"
import { seal } from "./migrations/0003_seal.ts"
import { open } from "./migrations/0004_open.ts"
import * as Partitions from "./Partitions.ts"
import * as ReadCommitted from "./ReadCommitted.ts"

/** Each migration once and for ever; a change of the tables is a new one. */
const migrations = { "1_ledger": ledger, "2_outbox": outbox, "3_seal": seal, "4_open": open }

/** The same by number, as the table of migrations has them. */
const names = new Map(Object.keys(migrations).map((key) => [Number.parseInt(key, 10), key.slice(key.indexOf("_") + 1)]))

/** The newest migration that this release knows. */
export const latest = Object.keys(migrations).length

/** What this release finds in a schema. `present`: the newest migration there. */
export type Standing =
  | { readonly _tag: "Missing" }
  | { readonly _tag: "Older"; readonly present: number }
  | { readonly _tag: "Current"; readonly present: number }
  | { readonly _tag: "Newer"; readonly present: number }
  /** Made by a version that was never released. `name`: what its migration `present` is called there. */
  | { readonly _tag: "Unreleased"; readonly present: number; readonly name: string }

/**
 * Looks which release a schema is of, and changes nothing. It fails with the client's own error, where the database can not be
 * reached or the table of migrations not be read. `schema`: a name that `CampusSchema.isName` allows.
 */
export const standing = Effect.fn("Migrations.standing")(function*(
  schema: string
): Effect.fn.Return<Standing, SqlError, SqlClient.SqlClient> {
  const sql = (yield* SqlClient.SqlClient).withoutTransforms()
  const [there] = yield* sql`SELECT 1 WHERE to_regclass(${`"${schema}"."migration"`}) IS NOT NULL`
  if (there === undefined) return { _tag: "Missing" }
  const rows = yield* sql<{ readonly id: number; readonly name: string }>`
    SELECT migration_id AS id, name FROM ${sql(table(schema))} ORDER BY migration_id`
  const other = rows.find(({ id, name }) => names.has(id) && names.get(id) !== name)
  if (other !== undefined) return { _tag: "Unreleased", present: other.id, name: other.name }
  const present = rows.at(-1)?.id ?? 0
  return { _tag: present === latest ? "Current" : present < latest ? "Older" : "Newer", present }
})

/**
 * Creates or completes the tables of one campus. `schema`: `campus` unless told.
 *
 * It fails as `StoreUnavailable` where the database can not be reached or the session is lost, and may be run again; as
 * `StoreFull` where it may only be read or its disk is full; and as `StoreBroken` where the name of the schema is refused,
 * the role may not create what is missing, or the tables are of a newer release or of a version that was never released.
 * Then nothing was changed.
 */
export const migrate = Effect.fn("Migrations.migrate")(function*(
  schema: string = CampusSchema.defaultName
): Effect.fn.Return<void, Fault.StoreFault, SqlClient.SqlClient> {
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
  const present = yield* Effect.mapError(known(schema), refusal)
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
    ReadCommitted.within,
    Faults.lostSession,
    Effect.mapError(refusal)
  )
  // Another process may have been a newer one.
  yield* Effect.mapError(known(schema), refusal)
  yield* Partitions.lookAfter(sql, schema)
})

const table = (schema: string): string => `${schema}.migration`

const newer = (schema: string, present: number) =>
  new Fault.StoreBroken({
    operation: `migrate schema ${schema}`,
    problem:
      `it is at migration ${present} and this release knows ${latest}; install the release that migrated it, or a newer one`,
    cause: new Error(`migration ${present} is unknown`)
  })

const unreleased = (schema: string, id: number, name: string) =>
  new Fault.StoreBroken({
    operation: `migrate schema ${schema}`,
    problem:
      `the tables in schema ${schema} were made by a version that was never released, and are not carried over; export ` +
      "its journal with that version if you need it, and start with a new schema",
    cause: new Error(`migration ${id} is ${JSON.stringify(name)}, and here it is ${JSON.stringify(names.get(id))}`)
  })

/** The newest migration in the database, if all are known here; 0 where there is none. */
const known = Effect.fnUntraced(function*(schema: string) {
  const found = yield* standing(schema)
  if (found._tag === "Missing") return 0
  if (found._tag === "Unreleased") return yield* unreleased(schema, found.present, found.name)
  return found._tag === "Newer" ? yield* newer(schema, found.present) : found.present
})
