/**
 * Whether the peppers are those with which this database was begun 胡椒核对. A wrong key would go unnoticed otherwise: every
 * correct password would be refused, and each refusal counts as a try.
 *
 * The check value of a key is written when its id is first used, and compared at every opening after that.
 */
import { Fault } from "@yikatong/core"
import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import * as Attempts from "./Attempts.ts"
import * as Peppers from "./Peppers.ts"

/** Compares the peppers with what the schema knows of them, and writes down those that it does not know. */
export const compare = Effect.fnUntraced(function*(sql: SqlClient.SqlClient, schema: string, peppers: Peppers.Peppers) {
  const { keys } = yield* Peppers.check(peppers)
  const table = sql(`${schema}.pepper`)
  const given = [...keys].map(([id, key]) => ({ id, value: Peppers.checkValue(key) }))
  const known = Effect.gen(function*() {
    const rows = yield* sql<{ readonly id: string; readonly value: string }>`SELECT id, value FROM ${table}`.pipe(
      Attempts.repeat("read the check values of the peppers")
    )
    const values = new Map(rows.map(({ id, value }) => [id, value]))
    const other = given.find(({ id, value }) => (values.get(id) ?? value) !== value)
    return other === undefined ? values : yield* new Fault.PepperRefused({ problem: changed(other.id) })
  })
  const before = yield* known
  const fresh = given.filter(({ id }) => !before.has(id))
  if (fresh.length === 0) return
  yield* Effect.forEach(
    fresh,
    ({ id, value }) => sql`INSERT INTO ${table} (id, value) VALUES (${id}, ${value}) ON CONFLICT (id) DO NOTHING`,
    { discard: true }
  ).pipe(
    Attempts.repeat("keep the check value of a pepper"),
    // Where nothing can be written no password can be set either; what is there may still be read.
    Effect.catchTag("StoreFull", () => Effect.void)
  )
  // Another process may have begun at the same moment with another key.
  yield* known
})

const changed = (id: string): string =>
  `the key "${id}" is not the one that this database knows under that id, and no password would be right; ` +
  "give the former key again, or, for a new key, give it a new id, name that as `current` and keep the former key among `keys`"
