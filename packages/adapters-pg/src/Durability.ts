/**
 * Whether what is committed stays 持久性: PostgreSQL answers a commit before it is on the disk where `synchronous_commit` is off, and a
 * role or a database may have it off for all of its sessions. Then a payment that was answered is gone after a crash.
 *
 * A store does not open there; and a session of its own that finds it off turns it on, in case it was turned off later. A level
 * above `on`, which waits until a standby has applied it, is left as it is, and so is `local`.
 */
import type { Fault } from "@yikatong/core"
import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import * as Attempts from "./Attempts.ts"
import * as Faults from "./Faults.ts"

/** Turns it on for the session, if it is off. */
export const ofSession =
  "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"

/** A column that turns it on for the transaction, if it is off. */
export const ofTransaction = `set_config('synchronous_commit', CASE current_setting('synchronous_commit') ` +
  `WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, true)`

const off = "synchronous_commit is off for this role or database, and an answer would not be durable: turn it on " +
  "(ALTER ROLE name RESET synchronous_commit, ALTER DATABASE name RESET synchronous_commit, or postgresql.conf)"

/** Fails as `StoreBroken` where it is off. */
export const check = Effect.fnUntraced(function*(sql: SqlClient.SqlClient): Effect.fn.Return<void, Fault.StoreFault> {
  const [row] = yield* sql<{ readonly level: string }>`SELECT current_setting('synchronous_commit') AS level`.pipe(
    Attempts.repeat("look at synchronous_commit")
  )
  if (row?.level !== "off") return
  return yield* Faults.refused("open the store", off)
})
