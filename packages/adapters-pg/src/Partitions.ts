/**
 * The journal lies in a partition a month 按月分区, so that a month can be backed up, moved to slower disks or looked at as
 * one table, and the indexes that each payment writes to stay small.
 *
 * A line belongs to a month by its number, which begins with year and month: 2026110000000042. So the order of the lines is
 * the order of the months, and whoever knows a number knows the partition. The page is turned by the first keeper who
 * looks at the database's clock after the month has begun; every store looks once an hour, so a line of the first minutes
 * may still lie in the month before. Numbers never go back, whatever that clock does. A clock that is years ahead of the last
 * line is not believed, and the log says so: it may be right, of a campus that was restored from an old backup.
 */
import type { Fault } from "@yikatong/core"
import { Effect, Option } from "effect"
import type { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import * as Faults from "./Faults.ts"
import { baseOf, type Month, monthOf, toldOf } from "./LineNumber.ts"
import { onlyGrows } from "./migrations/0001_ledger.ts"
import * as ReadCommitted from "./ReadCommitted.ts"

export { baseOf, type Month, monthOf } from "./LineNumber.ts"

/** How many months have their partition before they begin: an owner who runs the migrations by hand does so twice a year. */
const ahead = 6
/** A clock that is further ahead than this is not believed. */
const credible = 24

/** The name of its table. */
export const nameOf = (month: Month): string => `journal_${toldOf(month).replace("-", "_")}`

/** What the database has and says. `numbered`: the month that lines are numbered in; `today`: by its clock. */
export interface Present {
  readonly numbered: Month
  readonly today: Month
  readonly names: ReadonlySet<string>
}

/** The tables that the journal has. */
export const tables = (sql: SqlClient.SqlClient, schema: string) =>
  sql<{ readonly oid: bigint; readonly name: string }>`
    SELECT inhrelid::bigint AS oid, relname AS name FROM pg_inherits JOIN pg_class ON oid = inhrelid
    WHERE inhparent = ${`"${schema}".journal`}::text::regclass`

const present = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  schema: string
): Effect.fn.Return<Present, SqlError> {
  const [row] = yield* sql<{ readonly last: bigint; readonly months: number }>`
    SELECT last_value AS last, (extract(year FROM today) * 12 + extract(month FROM today) - 1)::integer AS months
    FROM ${sql.literal(`"${schema}".line_number`)}, (SELECT now() AT TIME ZONE 'Asia/Shanghai' AS today) AS clock`
  const names = yield* tables(sql, schema)
  return {
    numbered: monthOf(Number(row?.last ?? 0)),
    today: row?.months ?? 0,
    names: new Set(names.map(({ name }) => name))
  }
})

/** The month in which lines should be numbered now. A journal that was not begun yet begins with the clock's. */
export const due = (has: Present): Month => isDoubted(has) ? has.numbered : Math.max(has.numbered, has.today)

/** Whether the clock is too far ahead to be believed. */
const isDoubted = ({ numbered, today }: Present): boolean => numbered >= 0 && today > numbered + credible

/** Those that are missing, of the month that is due and those to come. */
export const missing = (has: Present): ReadonlyArray<Month> =>
  Array.from({ length: ahead + 1 }, (_, at) => due(has) + at).filter((month) => !has.names.has(nameOf(month)))

/** Whether lines should be numbered in the month that is due, and have a place there. */
const isTurned = (has: Present): boolean => due(has) === has.numbered || !has.names.has(nameOf(due(has)))

/** Keepers come one after the other, and look again when their turn comes. */
const inTurn = (
  sql: SqlClient.SqlClient,
  schema: string,
  keep: (now: Present) => Effect.Effect<void, SqlError>
): Effect.Effect<void, SqlError> =>
  sql.withTransaction(Effect.gen(function*() {
    yield* sql`SELECT pg_advisory_xact_lock(hashtextextended(${`yikatong migrate ${schema}`}, 0))`
    yield* keep(yield* present(sql, schema))
  })).pipe(ReadCommitted.within)

/**
 * Makes the partitions of this month and the next ones. It changes nothing where all is there, and payments go on meanwhile:
 * a new table is attached, which locks nobody out.
 */
const prepare = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  schema: string
): Effect.fn.Return<void, SqlError> {
  if (missing(yield* present(sql, schema)).length === 0) return
  yield* inTurn(
    sql,
    schema,
    (now) => Effect.forEach(missing(now), (month) => make(sql, schema, month), { discard: true })
  )
})

/** Turns the page, where the month has one. */
const turn = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  schema: string
): Effect.fn.Return<void, SqlError> {
  const has = yield* present(sql, schema)
  if (isDoubted(has)) yield* Effect.logWarning(doubt(schema, has))
  if (isTurned(has)) return
  yield* inTurn(sql, schema, (now) =>
    isTurned(now)
      ? Effect.void
      : Effect.asVoid(sql`SELECT setval(${`"${schema}".line_number`}::text::regclass, ${BigInt(baseOf(due(now)))})`))
})

const doubt = (schema: string, { numbered, today }: Present): string =>
  `Schema ${schema} numbers its lines in ${toldOf(numbered)}, and the clock of the database says ${
    toldOf(today)
  }, which is ` +
  "not believed: lines go on in the old month. If the clock is wrong, set it. If it is right (an old backup was restored), stop the " +
  `campus, let the owner run SELECT setval('"${schema}".line_number', ${baseOf(today)}) and migrate, and start it again`

const make = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  schema: string,
  month: Month
): Effect.fn.Return<void, SqlError> {
  const name = nameOf(month)
  const journal = `"${schema}".journal`
  const [from, to] = [baseOf(month), baseOf(month + 1)]
  yield* sql.unsafe(`CREATE TABLE "${schema}".${name} (LIKE ${journal} INCLUDING ALL)`)
  yield* sql.unsafe(
    `COMMENT ON TABLE "${schema}".${name} IS '流水分区: the lines of the journal numbered in ${toldOf(month)}.'`
  )
  yield* sql.unsafe(`ALTER TABLE ${journal} ATTACH PARTITION "${schema}".${name} FOR VALUES FROM (${from}) TO (${to})`)
  yield* sql.unsafe(onlyGrows(schema, name))
})

/**
 * Looks after the partitions of one campus. A role that may not make tables turns the page to those that its owner has made;
 * it is content where the lines of today have a place, and says what the next months need.
 */
export const lookAfter = (sql: SqlClient.SqlClient, schema: string): Effect.Effect<void, Fault.StoreFault> =>
  Effect.exit(prepare(sql, schema)).pipe(
    Effect.flatMap((prepared) => Effect.andThen(turn(sql, schema), prepared)),
    Faults.lostSession,
    Effect.catchIf(isForbidden, (error) => withoutRights(sql, schema, error)),
    Effect.mapError(Faults.fromSqlError(`look after the partitions of schema ${schema}`))
  )

/** No right to this; or a server that may only be read. */
const isForbidden = (error: SqlError): boolean => /^(42501|25006)$/.test(Faults.codeOf(error))

/** One that may not even see the numbers only reads, and needs no place for lines. */
const withoutRights = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  schema: string,
  error: SqlError
): Effect.fn.Return<void, SqlError> {
  const has = yield* Effect.catchIf(Effect.asSome(present(sql, schema)), isForbidden, () => Effect.succeedNone)
  if (Option.isNone(has)) return
  if (!has.value.names.has(nameOf(has.value.numbered))) return yield* error
  yield* Effect.logWarning(`Schema ${schema} lacks partitions for the months to come: let its owner migrate it`)
})

/** Looks after them as long as the store is open. What could not be done now may be done in an hour. */
export const keepOn = (sql: SqlClient.SqlClient, schema: string): Effect.Effect<void> =>
  lookAfter(sql, schema).pipe(
    Effect.catch((fault) => Effect.logWarning("The partitions of the journal were not looked after", fault)),
    Effect.delay("1 hour"),
    Effect.forever
  )
