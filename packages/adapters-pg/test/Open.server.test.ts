// Open subjects are found by an index, also in a database of the release before (D21).
import { PaymentAttempt, Recharge, RechargeOrder } from "@yikatong/core"
import { Effect, type Scope, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { describe, expect, it } from "vitest"
import { Migrations } from "../src/index.ts"
import { ends, openId } from "../src/migrations/0004_open.ts"
import { client, freshSchema, subjects } from "./clients.ts"
import { batch, batches } from "./vouchers.ts"

const run = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>) => Effect.runPromise(Effect.scoped(effect))
const asked = <A, E>(effect: Effect.Effect<A, E, SqlClient.SqlClient>) => Effect.provide(effect, client())
const statement = (text: string) => asked(Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(text)))

/** Takes the last migration back, as a database of the release before is. */
const before = (schema: string) =>
  Effect.forEach([
    `DROP INDEX "${schema}".subject_open`,
    `ALTER TABLE "${schema}".subject DROP COLUMN ended`,
    `DELETE FROM "${schema}".migration WHERE migration_id = 4`
  ], statement)

const open = batches.kind
const saying = { ...batches, isOpen: ({ left }: { readonly left: number }) => left > 0 }
const names = (schema: string) =>
  Effect.scoped(Effect.gen(function*() {
    const store = yield* subjects({ schema })
    return (yield* Stream.runCollect(store.open(saying))).map(({ subject }) => subject)
  }))

describe("open subjects", () => {
  const kinds = [
    [
      PaymentAttempt.kind,
      Object.keys(PaymentAttempt.Attempt.cases),
      PaymentAttempt.decider.isOpen,
      ends.paymentAttempt
    ],
    [RechargeOrder.kind, Object.keys(Recharge.Order.cases), RechargeOrder.decider.isOpen, ends.rechargeOrder]
  ] as const
  it.each(kinds)("the migration knows the ends of %s as its decider does", (_, tags, isOpen, ends) => {
    const over = tags.filter((_tag) => !isOpen?.({ _tag } as never))
    expect(over.sort()).toEqual([...ends])
  })

  it("D22 what was written before the migration is there after it, open or ended, and goes on", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      const store = yield* subjects({ schema })
      for (const [name, redeemed] of [["over", 5], ["running", 3]] as const) {
        const { issue, redeem } = batch(name)
        yield* store.transact(batches, issue(5))
        yield* store.transact(batches, redeem(redeemed))
      }
      yield* before(schema)
      yield* asked(Migrations.migrate(schema))
      expect(yield* names(schema)).toEqual(["running"])
      yield* store.transact(saying, batch("running").redeem(2))
      expect(yield* names(schema)).toEqual([])
    })))

  it("the migration says of each attempt and order that ended that it has, and of no other", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      yield* asked(Migrations.migrate(schema))
      yield* before(schema)
      for (const [kind, tags] of kinds) {
        for (const tag of tags) {
          yield* statement(
            `INSERT INTO "${schema}".subject (kind, id, version, state) VALUES ('${kind}', '${tag}', 3, '{"_tag":"${tag}"}')`
          )
        }
      }
      yield* statement(
        `INSERT INTO "${schema}".subject (kind, id, version, state) VALUES ('else', 'x', 3, '{"_tag":"Closed"}')`
      )
      yield* asked(Migrations.migrate(schema))
      const ended = yield* statement(`SELECT kind, id FROM "${schema}".subject WHERE ended = version ORDER BY kind, id`)
      expect(ended).toEqual(Object.entries(ends).flatMap(([kind, tags]) => tags.map((id) => ({ kind, id }))))
    })))

  it("a process of the release before, which does not know the column, hides nothing that opens again", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      const store = yield* subjects({ schema })
      const { issue, redeem } = batch("reopened")
      yield* store.transact(saying, issue(5))
      yield* store.transact(saying, redeem(5))
      expect(yield* names(schema)).toEqual([])
      yield* statement(
        `UPDATE "${schema}".subject SET version = version + 1, state = jsonb_set(state, '{left}', '2') WHERE kind = '${open}'`
      )
      expect(yield* names(schema)).toEqual(["reopened"])
    })))

  it("one look goes by the index, with statistics and without, and costs by the open ones", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      yield* asked(Migrations.migrate(schema))
      yield* statement(
        `INSERT INTO "${schema}".subject (kind, id, version, state, ended)
         SELECT '${open}', 'batch-' || n, 1, jsonb_build_object('left', CASE WHEN n % 1000 = 0 THEN 1 ELSE 0 END, 'redeemed', 1,
           'last', null), CASE WHEN n % 1000 = 0 THEN NULL ELSE 1 END FROM generate_series(1, 20000) AS n`
      )
      const plan = statement(
        `EXPLAIN SELECT id, state FROM "${schema}".subject WHERE kind = '${open}' AND ${openId} > ''
         ORDER BY ${openId} LIMIT 500`
      )
      expect(JSON.stringify(yield* plan)).toContain("subject_open")
      yield* statement(`ANALYZE "${schema}".subject`)
      expect(JSON.stringify(yield* plan)).toContain("subject_open")
      const lines = yield* statement(
        `EXPLAIN (ANALYZE, BUFFERS) SELECT id, state FROM "${schema}".subject WHERE kind = '${open}' AND ${openId} > ''
         ORDER BY ${openId} LIMIT 500`
      )
      expect(JSON.stringify(lines)).toMatch(/rows=20(\.00)? /)
    })))
})
