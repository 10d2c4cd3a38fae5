/**
 * Long lists come in pages that begin after the last key of the page before: no page is skipped or read twice while
 * others write, and no transaction stays open between two pages.
 */
import type { Fault } from "@yikatong/core"
import { Effect, Option, Result, Stream } from "effect"
import type { Statement } from "effect/sql/Statement"
import type { Read } from "./AccountRow.ts"
import * as Attempts from "./Attempts.ts"

/** How many rows come at a time. */
export const size = 500

/** Rows page by page, each page after the last key of the one before. */
export const pages = <Row extends object, Key, A>(
  operation: string,
  first: Key,
  query: (after: Key) => Statement<Row>,
  keyOf: (row: Row) => Key,
  read: (row: Row) => Read<A>
): Stream.Stream<A, Fault.StoreFault> =>
  Stream.paginate(first, (after) =>
    Effect.gen(function*() {
      const rows = yield* Attempts.repeat(operation)(query(after))
      const last = rows.length < size ? undefined : rows.at(-1)
      const all = yield* Effect.fromResult(Result.all(rows.map(read)))
      return [all, last === undefined ? Option.none<Key>() : Option.some(keyOf(last))] as const
    }))
