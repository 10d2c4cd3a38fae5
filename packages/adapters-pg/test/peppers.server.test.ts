// The same on a server; and processes that begin at once, with one key or with two.
import { Csmzxy, Profiles } from "@yikatong/core"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { describe, expect, it } from "vitest"
import { Faults, PgCampus, PgPasswordVault } from "../src/index.ts"
import type { Peppers } from "../src/index.ts"
import { client, freshSchema } from "./clients.ts"
import { reopening } from "./peppers.ts"

const connected = Layer.unwrap(Effect.sync(() => client())).pipe(
  Layer.catchTag("SqlError", (error) => Layer.effectContext(Effect.fail(Faults.fromSqlError("connect")(error))))
)
const open = (schema: string) => (peppers: Peppers.Peppers) =>
  PgCampus.layer({ schema, peppers }).pipe(
    Layer.provide(connected),
    Layer.provideMerge(Profiles.Profiles.layer([Csmzxy.csmzxy]))
  )

describe("peppers of a server", () => {
  it("D15 another key under a known id is refused when the campus opens; a new one needs a new id", async () => {
    const schema = freshSchema()
    const rows = Effect.flatMap(
      SqlClient.SqlClient,
      (sql) => sql`SELECT id, value FROM ${sql(`${schema}.pepper`)} ORDER BY id`
    )
    await reopening(
      open(schema),
      () => Effect.runPromise(Effect.map(Effect.provide(rows, connected), (all) => JSON.stringify(all)))
    )
  })

  it("D15 of two processes that begin at once with different keys under one id, one opens", async () => {
    const schema = freshSchema()
    const vault = (key: string) =>
      Effect.provide(PgPasswordVault.make({ schema, peppers: { current: "a", keys: { a: key } } }), connected)
    const [one, other] = ["a key of the first process, 32 bytes", "a key of the second process, 32 bytes"]
    const begun = await Effect.runPromise(
      Effect.forEach([one, other], (key) => Effect.result(vault(key ?? "")), { concurrency: 2 })
    )
    expect(begun.map(({ _tag }) => _tag).sort()).toEqual(["Failure", "Success"])
    const again = await Effect.runPromise(
      Effect.forEach([one, other], (key) => Effect.result(vault(key ?? "")), { concurrency: 2 })
    )
    expect(again.map(({ _tag }) => _tag)).toEqual(begun.map(({ _tag }) => _tag))
  })

  it("D15 where nothing can be written, a campus with a key that is not known yet can be read", async () => {
    const schema = freshSchema()
    await Effect.runPromise(Effect.provide(PgPasswordVault.make({ schema }), connected))
    const reader = client({ startupParameters: { default_transaction_read_only: "on" } })
    const peppers = { current: "a", keys: { a: "a key that came when all was full, 32 bytes" } }
    const vault = await Effect.runPromise(
      Effect.scoped(Effect.provide(PgPasswordVault.make({ schema, peppers }), reader))
    )
    expect(vault).toBeDefined()
  })
})
