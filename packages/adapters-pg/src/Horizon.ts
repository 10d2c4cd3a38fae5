/**
 * Up to which line a journal is complete 水位线. Transactions commit in another order than they number their lines in, so a
 * line may turn up below others that are there already: whoever only remembers the last number that he has seen skips it.
 *
 * A writer holds its lock on the table from before it draws its first number until it has ended. So: read the last number
 * that was drawn, see who is writing, and wait until these have ended; what they have written up to that number is there
 * then, and everybody else draws higher ones. Nobody is kept waiting by this, least of all the writers.
 *
 * Only the server that writes can be asked: on a standby nobody is seen to write, so it is refused.
 */
import { Fault } from "@yikatong/core"
import { Effect, Schedule } from "effect"
import type { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import * as Attempts from "./Attempts.ts"

/** The journals that are numbered, and what numbers them. */
const journals = { journal: "line_number", subject_journal: "subject_journal_sequence_seq" } as const
export type Journal = keyof typeof journals

/** Writers are done in a few milliseconds; one that is not is looked at less and less often. */
const patiently = Schedule.min([Schedule.exponential("1 millis"), Schedule.spaced("50 millis")])

/** The last line of a journal below which none is still to come. */
export const settled = (
  sql: SqlClient.SqlClient,
  schema: string,
  journal: Journal
): Effect.Effect<bigint, Fault.StoreFault> =>
  Effect.gen(function*(): Effect.fn.Return<bigint, SqlError | Fault.StoreUnavailable> {
    const table = `"${schema}"."${journal}"`
    const [drawn] = yield* sql<{ readonly last: bigint; readonly standby: boolean }>`
      SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END AS last, pg_is_in_recovery() AS standby
      FROM ${sql.literal(`"${schema}".${journals[journal]}`)}`
    if (drawn?.standby === true) {
      return yield* new Fault.StoreUnavailable({
        operation: `see up to where ${journal} is complete`,
        cause: new Error("pg_is_in_recovery() is true"),
        problem: "this server is a standby, which does not know who is writing: ask the one that writes"
      })
    }
    const writers = sql<{ readonly writer: string }>`
      SELECT DISTINCT virtualtransaction AS writer FROM pg_locks
      WHERE locktype = 'relation' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND relation = ${table}::text::regclass AND mode = 'RowExclusiveLock' AND granted`
    const writing = new Set((yield* writers).map(({ writer }) => writer))
    if (writing.size > 0) {
      yield* Effect.repeat(writers, {
        schedule: patiently,
        until: (rows) => !rows.some(({ writer }) => writing.has(writer))
      })
    }
    return drawn?.last ?? 0n
  }).pipe(Attempts.repeat(`see up to where ${journal} is complete`))
