/**
 * What every book holds 余额, summed by the database over all transfers of one table.
 */
import { Fault, type Ledger } from "@yikatong/core"
import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import type { Fragment } from "effect/sql/Statement"
import * as Attempts from "./Attempts.ts"

/** The balances by the transfers in this table. A sum that is no safe integer is told, never rounded. */
export const of = (sql: SqlClient.SqlClient, transfer: Fragment): Effect.Effect<Ledger.Balances, Fault.StoreFault> =>
  Effect.gen(function*() {
    const rows = yield* sql<{ readonly book: string; readonly fen: string }>`
      SELECT book, sum(fen) AS fen FROM (
        SELECT to_book AS book, amount AS fen FROM ${transfer}
        UNION ALL SELECT from_book, -amount FROM ${transfer}
      ) AS moved GROUP BY book`.pipe(Attempts.repeat("balances", "5 minutes"))
    const balances = new Map<string, number>()
    for (const { book, fen } of rows) {
      const holds = Number(fen)
      if (!Number.isSafeInteger(holds)) {
        return yield* new Fault.StoreBroken({
          operation: `balances: ${book} holds more fen than a number can`,
          cause: new Error("not a safe integer")
        })
      }
      balances.set(book, holds)
    }
    return balances
  })
