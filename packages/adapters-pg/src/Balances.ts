/**
 * What every book holds 余额, summed by the database over all transfers of one table. The time that it takes grows with the table.
 */
import { Fault, type Ledger } from "@yikatong/core"
import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import type { Fragment } from "effect/sql/Statement"
import * as Attempts from "./Attempts.ts"
import * as Snapshot from "./Snapshot.ts"

/** For a caller of a store, who waits for it. A journal that takes longer is summed by the integrity check. */
const patience = "5 minutes"

/** The balances by the transfers in this table. */
export const of = (sql: SqlClient.SqlClient, transfer: Fragment): Effect.Effect<Ledger.Balances, Fault.StoreFault> =>
  Effect.flatMap(Attempts.repeat("balances", patience)(sums(sql, transfer)), read)

/** The same within a snapshot: for as long as it takes, and never twice, for a second try would be of another moment. */
export const within = (
  sql: SqlClient.SqlClient,
  transfer: Fragment
): Effect.Effect<Ledger.Balances, Fault.StoreFault> =>
  Effect.map(
    Snapshot.told("sum the books")(sums(sql, transfer)),
    // A forger may write more than a number can hold: such a book is left out here, and found as one that does not agree.
    (rows) => new Map(rows.map(({ book, fen }) => [book, Number(fen)] as const).filter(([, fen]) => isSafe(fen)))
  )

const isSafe = Number.isSafeInteger

interface Sum {
  readonly book: string
  readonly fen: string
}

const sums = (sql: SqlClient.SqlClient, transfer: Fragment): Effect.Effect<ReadonlyArray<Sum>, SqlError> =>
  sql<Sum>`
    SELECT book, sum(fen) AS fen FROM (
      SELECT to_book AS book, amount AS fen FROM ${transfer}
      UNION ALL SELECT from_book, -amount FROM ${transfer}
    ) AS moved GROUP BY book`

/** A sum that is no safe integer is told, never rounded. */
const read = (rows: ReadonlyArray<Sum>): Effect.Effect<Ledger.Balances, Fault.StoreBroken> => {
  const balances = new Map<string, number>()
  for (const { book, fen } of rows) {
    const holds = Number(fen)
    if (!isSafe(holds)) {
      return Effect.fail(
        new Fault.StoreBroken({
          operation: "balances",
          problem: `${book} holds more fen than a number can: look for the lines that made it so (\`books check\`)`,
          cause: new Error("not a safe integer")
        })
      )
    }
    balances.set(book, holds)
  }
  return Effect.succeed(balances)
}
