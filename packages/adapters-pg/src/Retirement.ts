/**
 * A key that accounts answer no more 作废: its answer stands elsewhere (D18).
 *
 * It stands among the keys that were answered, without a line of the journal.
 */
import { type AccountStore, type Fault, Misuse } from "@yikatong/core"
import { Context, Effect } from "effect"
import type { SqlClient } from "effect/sql"
import * as Attempts from "./Attempts.ts"
import type * as CampusSchema from "./CampusSchema.ts"

/** Retires keys in these tables. Whoever writes the same key meanwhile is waited for, and has come first if it stands. */
export const make = (sql: SqlClient.SqlClient, tables: CampusSchema.Tables) =>
  Effect.fnUntraced(function*(
    { caller, id }: AccountStore.Key
  ): Effect.fn.Return<void, Misuse.CommandIdReused | Fault.StoreFault> {
    const write = Effect.gen(function*() {
      yield* sql`
        INSERT INTO ${tables.answered} (caller, command_id) VALUES (${caller}, ${id})
        ON CONFLICT (caller, command_id) DO NOTHING`
      // A statement of its own sees the row for which that one has waited.
      const [row] = yield* sql<{ readonly sequence: bigint | null }>`
        SELECT sequence FROM ${tables.answered} WHERE caller = ${caller} AND command_id = ${id}`
      return row?.sequence === null
    })
    const isRetired = yield* write.pipe(
      // What is retired stays so, also where the caller has a transaction of its own and rolls it back.
      Effect.updateContext((context: Context.Context<never>) => Context.omit(sql.transactionService)(context)),
      Attempts.repeat("retire")
    )
    if (!isRetired) return yield* new Misuse.CommandIdReused({ caller, id })
  })
