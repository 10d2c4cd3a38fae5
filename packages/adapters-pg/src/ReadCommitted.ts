/**
 * Transactions in which each statement sees what was there when it began 读已提交, whatever is usual in this database: whoever waited for a
 * lock must see what was done meanwhile.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** As a statement. */
export const begin = "BEGIN ISOLATION LEVEL READ COMMITTED"

/** The transactions that an effect begins by `withTransaction`. */
export const within: <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R> = Effect.provideService(
  SqlClient.BeginTransaction,
  begin
)
