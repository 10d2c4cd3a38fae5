/**
 * One campus is one database schema 数据库模式: all its tables lie there, so many campuses may share a server, or move to
 * another one by a dump of their schema, and no statement ever meets two of them.
 *
 * Statements write the schema before each table and never set a search path: a pooler may give every transaction
 * another session.
 */
import type { Fault } from "@yikatong/core"
import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import type { Fragment } from "effect/sql/Statement"
import * as Faults from "./Faults.ts"

/** The schema of a campus that was given no name. */
export const defaultName = "campus"

/** Whether a schema may have this name. */
export const isName = (name: string): boolean => /^(?!pg_|information_schema$)[a-z][a-z0-9_]{0,62}$/.test(name)

/** The name, or why it is refused: it must stand in SQL as it is, and not belong to PostgreSQL. */
export const checkName = (name: string): Effect.Effect<string, Fault.StoreBroken> =>
  isName(name) ? Effect.succeed(name) : Effect.fail(Faults.refused(
    `look for schema ${JSON.stringify(name)}`,
    "the schema name has 1 to 63 of a-z, 0-9 and _, begins with a letter and not with pg_, and is not information_schema: give the campus such a one"
  ))

const tableNames = [
  "account",
  "card",
  "handle",
  "answered",
  "journal",
  "transfer",
  "posting",
  "subject",
  "subject_journal",
  "subject_transfer",
  "subscriber",
  "held_back",
  "credential",
  "person",
  "seal"
] as const

type Name = (typeof tableNames)[number]

/**
 * The tables in the schema of this name, which was checked before, as they stand in the text of a statement.
 * @internal
 */
export const names = (schema: string): Readonly<Record<Name, string>> =>
  Object.fromEntries(tableNames.map((name) => [name, `"${schema}"."${name}"`])) as Record<Name, string>

/**
 * The tables of one campus, as they stand in statements.
 * @internal
 */
export type Tables = Readonly<Record<Name, Fragment>>

/**
 * The same for the templates of a client.
 * @internal
 */
export const tables = (sql: SqlClient.SqlClient, schema: string): Tables =>
  Object.fromEntries(
    Object.entries(names(schema)).map(([name, text]) => [name, sql.literal(text)])
  ) as unknown as Tables
