// The check and the seals on PostgreSQL in this process: the same statements, over its one session.
import { AccountStore, Csmzxy, Profiles } from "@yikatong/core"
import { Effect, Layer, ManagedRuntime } from "effect"
import { SqlClient } from "effect/sql"
import { afterAll, expect, it } from "vitest"
import * as Embedded from "../src/embedded.ts"
import { Integrity, PgAccountStore, Seals } from "../src/index.ts"
import { account } from "./commands.ts"

const runtime = ManagedRuntime.make(
  PgAccountStore.layer().pipe(
    Layer.provideMerge(Embedded.layerClient()),
    Layer.provide(Profiles.Profiles.layer([Csmzxy.csmzxy]))
  )
)
afterAll(() => runtime.dispose())

it("I1 I13 a campus that was lived and sealed has no break; one that was forged has, at its line", () =>
  runtime.runPromise(Effect.gen(function*() {
    const accounts = yield* AccountStore.AccountStore
    const { funded, pay } = account("embedded")
    yield* Effect.forEach([...funded(1_000), pay(100), pay(200)], accounts.transact)
    const { newest } = yield* Seals.seal({ lines: 4 })
    const anchor = newest?.digest ?? ""
    const clean = yield* Integrity.check({ anchor, page: 4 })
    expect(clean).toMatchObject({ breaks: [], broken: 0, lines: 6, keys: 6, cards: 1, seals: 2, newest })

    const sql = yield* SqlClient.SqlClient
    const [paid] = yield* sql<{ readonly sequence: bigint }>`SELECT sequence FROM campus.journal WHERE amount = 100`
    yield* sql.withTransaction(Effect.gen(function*() {
      yield* sql`SET LOCAL session_replication_role = replica`
      yield* sql`UPDATE campus.journal SET amount = 99 WHERE sequence = ${paid?.sequence ?? 0n}`
    }))
    const { breaks } = yield* Integrity.check({ anchor })
    expect(breaks[0]).toMatchObject({
      _tag: "AnswerDiffers",
      sequence: Number(paid?.sequence),
      told: 900,
      byEvents: 901
    })
    expect(breaks).toContainEqual(expect.objectContaining({ _tag: "SealDiffers", seal: 2, journal: "journal" }))
  })))
