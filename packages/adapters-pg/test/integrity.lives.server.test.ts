/**
 * Where nobody has forged anything, the check finds nothing: on lives of many kinds, while two processes pay, under a role that
 * may only read; and a page of the journal is all that it holds of it.
 */
import { Books } from "@yikatong/core"
import { MemoryAccountStore } from "@yikatong/core/testing"
import { Effect, Fiber, type Scope } from "effect"
import { SqlClient } from "effect/sql"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { describe, expect, it } from "vitest"
import { live, seed } from "../../core/test/model/Lives.ts"
import { profiles } from "../../core/test/model/School.ts"
import { Integrity } from "../src/index.ts"
import { client, freshSchema, store, subjects } from "./clients.ts"
import { account } from "./commands.ts"
import { campus, check, forge } from "./forgery.ts"
import { batch, batches } from "./vouchers.ts"

const run = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>) => Effect.runPromise(Effect.scoped(effect))
const kinds = [...Books.house, Books.kind(batches)]

describe("a store that nobody has forged (I1, I5, I13)", () => {
  it("forty lives break nothing, whatever the size of a page", { timeout: 120_000 }, () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      const server = yield* store({ schema, profiles })
      const statistics = yield* Effect.promise(() =>
        live({
          lives: 40,
          maxCommands: 100,
          seed: seed + 1,
          token: "whole",
          world: () => ({ store: server, mirror: MemoryAccountStore.make(profiles) }),
          command: "npm exec -- vitest run --project server packages/adapters-pg/test/integrity.lives.server.test.ts",
          patience: 90_000
        })
      )
      const lived = { schema, kinds, at: {} as never }
      const report = yield* check(lived)
      expect(report.breaks).toEqual([])
      expect(report.broken).toBe(0)
      expect(report).toMatchObject({ accounts: statistics.lives, keys: report.lines, unread: [], seals: 0 })
      expect(report.lines).toBeGreaterThan(1_000)
      // Whatever was not sent by a handle is compared.
      expect(report.fingerprints).toBeGreaterThan(report.lines / 2)
      for (const page of [1, 7]) expect(yield* check(lived, { page }), `pages of ${page}`).toEqual(report)
    })))

  it(
    "while two processes pay and redeem vouchers, six times in a row, it is as exact",
    { timeout: 120_000 },
    () =>
      run(Effect.gen(function*() {
        const schema = freshSchema()
        const [one, other] = yield* Effect.all([store({ schema }), store({ schema })])
        const vouchers = yield* subjects({ schema })
        const people = Array.from({ length: 10 }, (_, at) => account(`paying-${at}`))
        yield* Effect.forEach(people, ({ funded }) => Effect.forEach(funded(100_000), one.transact), {
          concurrency: "unbounded"
        })
        const { issue, redeem } = batch("paying")
        yield* vouchers.transact(batches, issue(100_000))
        let open = true
        const until = <A, E>(once: () => Effect.Effect<A, E>) =>
          Effect.forkChild(Effect.whileLoop({ while: () => open, body: once, step: () => undefined }))
        let next = 0
        const pay = (by: typeof one) => () =>
          Effect.suspend(() => by.transact((people[next++ % people.length] ?? people[0]!).pay(1)))
        const writers = yield* Effect.forEach(
          Array.from({ length: 16 }),
          (_, at) =>
            at === 0 ? until(() => vouchers.transact(batches, redeem(1))) : until(pay(at % 2 === 0 ? one : other))
        )
        const seen: Array<number> = []
        for (let round = 0; round < 6; round++) {
          const report = yield* check({ schema, kinds, at: {} as never }, { page: 50 })
          expect(report.breaks).toEqual([])
          seen.push(report.commands)
        }
        open = false
        yield* Effect.forEach(writers, Fiber.join)
        for (const [at, commands] of seen.entries()) {
          if (at > 0) expect(commands, "payments went on").toBeGreaterThan(seen[at - 1] ?? 0)
        }
      }))
  )

  it("a role that may only read checks as well, and one that may not says so", () =>
    run(Effect.gen(function*() {
      const lived = yield* campus
      const { schema } = lived
      const role = schema.replace("test", "reader")
      yield* forge(
        lived,
        `CREATE ROLE ${role} LOGIN PASSWORD 'reader'`,
        `GRANT USAGE ON SCHEMA "SCHEMA" TO ${role}`
      )
      const as = client({ username: role, password: undefined as never })
      const asked = Effect.provide(Integrity.check({ schema, kinds: lived.kinds }), as)
      expect(yield* Effect.flip(asked)).toMatchObject({ _tag: "StoreBroken" })
      yield* forge(lived, `GRANT SELECT ON ALL TABLES IN SCHEMA "SCHEMA" TO ${role}`)
      expect((yield* asked).breaks).toEqual([])
      yield* forge(lived, `DROP OWNED BY ${role}`, `DROP ROLE ${role}`)
    })))

  it("kinds of subjects that nobody named are told, and their books differ", () =>
    run(Effect.gen(function*() {
      const lived = yield* campus
      const { breaks, unread } = yield* check({ ...lived, kinds: Books.house })
      expect(unread).toEqual(["vouchers"])
      expect([...breaks].sort((one, other) => "book" in one && "book" in other && one.book < other.book ? -1 : 1))
        .toEqual([
          { _tag: "BookDiffers", book: "merchant:vouchers", byTransfers: 5, byEvents: 0 },
          { _tag: "BookDiffers", book: "school:vouchers", byTransfers: -5, byEvents: 0 }
        ])
    })))
})

describe("how much is told, and how much is held", () => {
  it("as many breaks as are asked for, the first ones; all are counted", () =>
    run(Effect.gen(function*() {
      const lived = yield* campus
      yield* forge(lived, "DELETE FROM \"SCHEMA\".answered", "UPDATE \"SCHEMA\".account SET version = version + 1")
      const all = yield* check(lived)
      expect(all.broken).toBe(all.breaks.length)
      expect(all.broken).toBeGreaterThan(10)
      const few = yield* check(lived, { breaks: 3 })
      expect(few.broken).toBe(all.broken)
      expect(few.breaks).toEqual(all.breaks.slice(0, 3))
      expect(few.breaks[0]).toMatchObject({ _tag: "KeyMissing", sequence: lived.at.open })
    })))

  it("every break is told in both languages, with its line", () =>
    run(Effect.gen(function*() {
      const lived = yield* campus
      yield* forge(lived, "UPDATE \"SCHEMA\".journal SET amount = 2001 WHERE sequence = {credit}")
      const [first] = (yield* check(lived)).breaks
      expect(first === undefined ? undefined : Integrity.explain(first)).toEqual({
        zh: `journal ${lived.at.credit} (acc-1)：列 amount 与该行内容不符，列中 2001，内容 2000`,
        en: `journal ${lived.at.credit} (acc-1): the column amount has 2001, and the line says 2000`
      })
    })))

  it("of a journal that is 40 times longer no more is held", { timeout: 120_000 }, () =>
    run(Effect.gen(function*() {
      setFlagsFromString("--expose-gc")
      const collect: () => void = runInNewContext("gc")
      const lived = yield* campus
      // Refusals of nobody: long lines that leave no state.
      yield* forge(
        lived,
        `WITH many AS (
           INSERT INTO "SCHEMA".journal (received_at, day, shape, caller, command_id, fingerprint, act, decline, point,
             profile, line)
           SELECT received_at, day, shape, caller, 'many-' || at, fingerprint, act, decline, point, profile,
             replace(line, command_id, 'many-' || at)
           FROM "SCHEMA".journal, generate_series(1, 20000) AS at WHERE sequence = {nobody}
           RETURNING caller, command_id, sequence
         ) INSERT INTO "SCHEMA".answered SELECT * FROM many`
      )
      const held: Array<number> = []
      const progress = (lines: number) =>
        Effect.sync(() => {
          if (lines % 500 !== 0) return
          collect()
          held.push(process.memoryUsage().heapUsed)
        })
      const { breaks, lines } = yield* check(lived, { page: 100, progress })
      expect(breaks).toEqual([])
      expect(lines).toBeGreaterThan(20_000)
      expect(held.length).toBeGreaterThan(35)
      const text = (yield* Effect.provide(
        Effect.flatMap(
          SqlClient.SqlClient,
          (sql) =>
            sql.unsafe<{ readonly bytes: bigint }>(
              `SELECT sum(length(line))::bigint AS bytes FROM "${lived.schema}".journal`
            )
        ),
        client()
      ))[0]?.bytes ?? 0n
      // The first pages warm up; from there on the heap grows by less than a tenth of the text alone, which objects exceed by far.
      const growth = (held.at(-1) ?? 0) - (held[2] ?? 0)
      expect(growth).toBeLessThan(Number(text) / 10)
    })))
})
