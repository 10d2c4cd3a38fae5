/**
 * A key that accounts answer no more 作废: its answer stands elsewhere (D18).
 *
 * It has to be unique together with the keys that were answered, and only one table can hold that: so it is a row of
 * `journal`, which neither moves nor tells anything. Readers of the journal leave out its shape; whoever looks for an
 * answer finds its fingerprint, which no command has.
 */
import { type AccountStore, type Fault, Misuse } from "@yikatong/core"
import { Context, Effect } from "effect"
import type { SqlClient } from "effect/sql"
import * as Attempts from "./Attempts.ts"
import type * as CampusSchema from "./CampusSchema.ts"

/** The shape of such a row; the shapes of events begin at 1. */
export const shape = 0

/** No SHA-256 of anything is known to be this. */
const fingerprint = new Uint8Array(32)

/** Retires keys in these tables. Whoever writes the same key meanwhile is waited for, and has come first if it stands. */
export const make = (sql: SqlClient.SqlClient, tables: CampusSchema.Tables) =>
  Effect.fnUntraced(function*(
    { caller, id }: AccountStore.Key
  ): Effect.fn.Return<void, Misuse.CommandIdReused | Fault.StoreFault> {
    const write = Effect.gen(function*() {
      yield* sql`
        INSERT INTO ${tables.journal} (caller, command_id, fingerprint, command, profile, shape, events, answer)
        VALUES (${caller}, ${id}, ${fingerprint}, '{}', '', ${shape}, '[]', '{"_tag": "Elsewhere"}')
        ON CONFLICT (caller, command_id) DO NOTHING`
      // A statement of its own sees the row for which that one has waited.
      const [row] = yield* sql<{ readonly shape: number }>`
        SELECT shape FROM ${tables.journal} WHERE caller = ${caller} AND command_id = ${id}`
      return row?.shape === shape
    })
    const isRetired = yield* write.pipe(
      // What is retired stays so, also where the caller has a transaction of its own and rolls it back.
      Effect.updateContext((context: Context.Context<never>) => Context.omit(sql.transactionService)(context)),
      Attempts.repeat("retire")
    )
    if (!isRetired) return yield* new Misuse.CommandIdReused({ caller, id })
  })
