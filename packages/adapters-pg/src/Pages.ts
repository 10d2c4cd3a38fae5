/**
 * Long lists come in pages that begin after the last key of the page before: no page is skipped or read twice while
 * others write, and no transaction stays open between two pages.
 */
import type { Fault } from "@yikatong/core"
import { Effect, Option, Result, Stream } from "effect"
import type { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import type { Fragment, Statement } from "effect/sql/Statement"
import * as Attempts from "./Attempts.ts"
import type * as Stored from "./Stored.ts"

/** How many rows come at a time. */
export const size = 500

/** Rows page by page, each page after the last key of the one before. */
export const pages = <Row extends object, Key, A>(
  operation: string,
  first: Key,
  query: (after: Key) => Statement<Row>,
  keyOf: (row: Row) => Key,
  read: (row: Row) => Stored.Read<A>
): Stream.Stream<A, Fault.StoreFault> =>
  Stream.paginate(first, (after) =>
    Effect.gen(function*() {
      const rows = yield* Attempts.repeat(operation)(query(after))
      const last = rows.length < size ? undefined : rows.at(-1)
      const all = yield* Effect.fromResult(Result.all(rows.map(read)))
      return [all, last === undefined ? Option.none<Key>() : Option.some(keyOf(last))] as const
    }))

/**
 * The last line of a journal below which none is still to come. Transactions commit in another order than they number
 * their lines in; this waits for those under way (the lock meets every one that has written a line) and lets go at once.
 * Without it a page could show an account's later line before its earlier one is there. The lines of one account need it
 * not: their writers hold the account's row.
 */
export const settled = (sql: SqlClient.SqlClient, journal: Fragment): Effect.Effect<bigint, Fault.StoreFault> =>
  sql.withTransaction(Effect.gen(function*(): Effect.fn.Return<bigint, SqlError> {
    // Writers queue behind a lock that waits; so it does not wait long.
    yield* sql`SET LOCAL lock_timeout = '1s'`
    yield* sql`LOCK TABLE ${journal} IN SHARE MODE`
    const [row] = yield* sql<{ readonly last: bigint }>`SELECT coalesce(max(sequence), 0) AS last FROM ${journal}`
    return row?.last ?? 0n
  })).pipe(Attempts.repeat("journal"))
