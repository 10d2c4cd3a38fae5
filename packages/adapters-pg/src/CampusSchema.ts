/**
 * One campus is one database schema 数据库模式: all its tables lie there, so many campuses may share a server, or move to another one by a dump
 * of their schema, and no statement ever meets two of them.
 *
 * Statements write the schema before each table and never set a search path: a pooler may give every transaction another session.
 */
import { Data, Effect } from "effect"
import type { SqlClient } from "effect/sql"
import type { Fragment } from "effect/sql/Statement"

/** The schema of a campus that was given no name. */
export const defaultName = "campus"

/** A name that could not stand in SQL without quotes, or belongs to PostgreSQL. */
export class SchemaNameRefused extends Data.TaggedError("SchemaNameRefused")<{ readonly name: string }> {
  override get message() {
    return `The schema name ${JSON.stringify(this.name)} is refused: ` +
      "it is a-z, 0-9 and _, 63 characters at most, begins with a letter and not with pg_"
  }
}

/** Whether a schema may have this name. */
export const isName = (name: string): boolean => /^(?!pg_)[a-z][a-z0-9_]{0,62}$/.test(name)

/** The name, or why it is refused. */
export const checkName = (name: string): Effect.Effect<string, SchemaNameRefused> =>
  isName(name) ? Effect.succeed(name) : Effect.fail(new SchemaNameRefused({ name }))

const names = ["account", "card", "handle", "journal", "transfer", "credential", "person"] as const

/** The tables of one campus, as they stand in statements. */
export type Tables = Readonly<Record<(typeof names)[number], Fragment>>

/** The tables in the schema of this name, which was checked before. */
export const tables = (sql: SqlClient.SqlClient, schema: string): Tables =>
  Object.fromEntries(names.map((name) => [name, sql.literal(`"${schema}"."${name}"`)])) as unknown as Tables
