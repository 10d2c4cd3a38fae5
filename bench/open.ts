/**
 * What does one look for open payment attempts cost, among 200,000 that have ended: by `open`, and by reading all? And how long
 * does migration 4 hold the table? In turns, in one run, on a private PostgreSQL: trust the ratio, not the figures.
 */
import { PgClient } from "@effect/sql-pg"
import { CampusSchema, Migrations, PgSubjectStore } from "@yikatong/adapters-pg"
import { PaymentAttempt, Profiles } from "@yikatong/core"
import { SubjectStoreLaws } from "@yikatong/core/testing"
import { Effect, Layer, Redacted, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { performance } from "node:perf_hooks"
import { startPostgres } from "../scripts/postgres-server.ts"

const [ended, open, rounds] = [200_000, 100, 7]
const schema = CampusSchema.defaultName

const timed = <A, E, R>(work: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const begun = performance.now()
    const found = yield* work
    return { found, ms: performance.now() - begun }
  })
const median = (all: ReadonlyArray<number>) => all.toSorted((a, b) => a - b)[all.length >> 1] ?? 0

const measured = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* Migrations.migrate(schema)
  // As the release before left it: nothing says which of them ended.
  for (
    const statement of [
      `DROP INDEX ${schema}.subject_open`,
      `ALTER TABLE ${schema}.subject DROP COLUMN ended`,
      `DELETE FROM ${schema}.migration WHERE migration_id = 4`,
      `INSERT INTO ${schema}.subject (kind, id, version, state)
       SELECT '${PaymentAttempt.kind}', '20260302' || lpad(n::text, 20, '0'), 3, jsonb_build_object('_tag', 'Closed', 'closedAt', 1772417700000) ||
         jsonb_build_object('number', '20260302' || lpad(n::text, 20, '0'), 'order', 'app:' || n, 'index', 1, 'channel', 'wechat', 'source', 'weChat',
           'amount', 10000, 'openedAt', 1772416800000, 'expiresAt', 1772417700000)
       FROM generate_series(1, ${ended}) AS n`,
      `INSERT INTO ${schema}.subject (kind, id, version, state)
       SELECT kind, '1' || substr(id, 2), 1, state - 'closedAt' || '{"_tag": "Opened"}' FROM ${schema}.subject
       ORDER BY id LIMIT ${open}`
    ]
  ) yield* sql.unsafe(statement)
  const migration = yield* timed(Migrations.migrate(schema))
  // As autovacuum does within minutes: until then the index has the dead versions of what the migration wrote.
  yield* sql.unsafe(`VACUUM ${schema}.subject`)
  const store = yield* PgSubjectStore.make()
  const looks = {
    all: Stream.runCount(Stream.filter(
      store.all(PaymentAttempt.decider),
      ({ state }) => PaymentAttempt.isOpen(state)
    )),
    open: Stream.runCount(store.open(PaymentAttempt.decider))
  }
  const took = { all: [] as Array<number>, open: [] as Array<number> }
  for (let round = 0; round < rounds; round++) {
    for (const how of ["all", "open"] as const) {
      const { found, ms } = yield* timed(looks[how])
      if (found !== open) return yield* Effect.die(new Error(`${how} finds ${found} and not ${open}`))
      took[how].push(ms)
    }
  }
  const [all, byIndex] = [median(took.all), median(took.open)]
  console.log(`migration 4 over ${ended} attempts: ${migration.ms.toFixed(0)} ms`)
  console.log(`reading all ${all.toFixed(0)} ms, open ${byIndex.toFixed(1)} ms: ${(all / byIndex).toFixed(0)} times`)
})

const server = await startPostgres()
try {
  const { connection } = server
  const client = PgClient.layer(
    connection.kind === "url" ? { url: Redacted.make(connection.url) } : {
      host: connection.host,
      database: connection.database,
      username: connection.username
    }
  )
  const profiles = Profiles.Profiles.layer(SubjectStoreLaws.profiles)
  await Effect.runPromise(Effect.provide(measured, Layer.merge(client, profiles)))
} finally {
  await server.stop()
}
