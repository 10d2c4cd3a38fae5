/**
 * One moment of a campus 快照: everything that is read in it was there at once, whatever is paid meanwhile. A command writes
 * its line, its transfers, its key and its account in one transaction, so here either all of them are seen or none.
 *
 * It only reads and keeps nobody waiting. While it lasts, no version of a row that it might see is cleared away, on a standby
 * only if that one tells its primary (`hot_standby_feedback`) or may wait for it; else the standby ends it.
 */
import type { Fault } from "@yikatong/core"
import { Context, Effect, Option, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { isSqlError, type SqlError } from "effect/sql/SqlError"
import * as Faults from "./Faults.ts"

/** Reads within one moment. It is not tried again: half of it would be of another moment. */
export const of = <A, E>(
  sql: SqlClient.SqlClient,
  operation: string,
  effect: Effect.Effect<A, E | SqlError>
): Effect.Effect<A, Exclude<E, SqlError> | Fault.StoreFault> =>
  sql.withTransaction(effect).pipe(
    Effect.provideService(SqlClient.BeginTransaction, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"),
    // A transaction of the caller is of an earlier moment, and may have written itself.
    Effect.updateContext((context: Context.Context<never>) => Context.omit(sql.transactionService)(context)),
    told(operation)
  )

/** Failures of the database told as faults. */
export const told = (operation: string) =>
<A, E, R>(
  effect: Effect.Effect<A, E | SqlError, R>
): Effect.Effect<A, Exclude<E, SqlError> | Fault.StoreFault, R> =>
  effect.pipe(
    Faults.lostSession,
    Effect.mapError((error) =>
      isSqlError(error) ? Faults.fromSqlError(operation)(error) : error as Exclude<E, SqlError>
    )
  )

/**
 * Rows page by page, each page after the last key of the one before: of a long journal only a page is in memory. The
 * statement says `FETCH FIRST ... ROWS WITH TIES`, so rows that share a key, which should not be, are on one page.
 */
export const pages = <Row, Key, A>(
  operation: string,
  first: Key,
  size: number,
  query: (after: Key) => Effect.Effect<ReadonlyArray<Row>, SqlError>,
  keyOf: (row: Row) => Key,
  read: (rows: ReadonlyArray<Row>, after: Key) => Effect.Effect<ReadonlyArray<A>, SqlError>
): Stream.Stream<A, Fault.StoreFault> =>
  Stream.paginate(first, (after) =>
    Effect.gen(function*() {
      const rows = yield* query(after)
      const last = rows.length < size ? undefined : rows.at(-1)
      return [yield* read(rows, after), last === undefined ? Option.none<Key>() : Option.some(keyOf(last))] as const
    }).pipe(told(operation)))
