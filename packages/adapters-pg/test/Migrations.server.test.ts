// How a campus starts on a server: alone, in company, on a database that is too new, or may only be read.
import { Campus, csmzxy } from "@yikatong/core/promise"
import { Effect, Option, type Scope, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { describe, expect, inject, it } from "vitest"
import { Migrations, PgCampus, PgPasswordVault, PgPersonRegister } from "../src/index.ts"
import { client, freshSchema, store, subjects } from "./clients.ts"
import { account } from "./commands.ts"
import { batch, batches } from "./vouchers.ts"

const run = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>) => Effect.runPromise(Effect.scoped(effect))
const asked = <A, E>(effect: Effect.Effect<A, E, SqlClient.SqlClient>) => Effect.provide(effect, client())

describe("starting", () => {
  it("eight processes migrate a new schema at once, and all succeed", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      yield* Effect.forEach(Array.from({ length: 8 }), () => asked(Migrations.migrate(schema)), {
        concurrency: "unbounded"
      })
      const rows = yield* asked(
        Effect.flatMap(SqlClient.SqlClient, (sql) =>
          sql`SELECT migration_id FROM ${sql(`${schema}.migration`)} ORDER BY migration_id`)
      )
      expect(rows).toEqual(Array.from({ length: Migrations.latest }, (_, at) => ({ migration_id: at + 1 })))
    })))

  it("two campuses on one server do not meet", () =>
    run(Effect.gen(function*() {
      const [here, there] = [yield* store({ schema: freshSchema() }), yield* store({ schema: freshSchema() })]
      const { funded, pay, subject } = account("two-campuses")
      yield* Effect.forEach(funded(1_000), here.transact)
      expect(yield* there.transact(pay(100))).toEqual({ _tag: "Declined", decline: { _tag: "UnknownAccount" } })
      expect(Option.isNone(yield* there.find(subject))).toBe(true)
    })))

  it("a database that a newer release has migrated is refused, with the remedy", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      yield* store({ schema })
      yield* asked(Effect.flatMap(SqlClient.SqlClient, (sql) =>
        sql`INSERT INTO ${sql(`${schema}.migration`)} (migration_id, name) VALUES (99, 'later')`))
      const starts = [
        Migrations.migrate(schema),
        Effect.asVoid(PgPasswordVault.make({ schema })),
        Effect.asVoid(PgPersonRegister.make({ schema }))
      ]
      for (const start of starts) {
        const fault = yield* Effect.flip(asked(start))
        if (fault._tag === "SqlError") {
          throw fault
        }
        expect(fault._tag).toBe("StoreBroken")
        expect(fault.message).toContain(
          `is at migration 99 and this release knows ${Migrations.latest}; install the release`
        )
      }
      expect((yield* Effect.flip(store({ schema })))._tag).toBe("StoreBroken")
    })))

  it("tables of a version that was never released are refused and left alone, with what to do", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      const sql = (statement: string) => asked(Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(statement)))
      yield* sql(`CREATE SCHEMA "${schema}"`)
      // As it was made then: a state in one JSON, and its own name of the first migration.
      yield* sql(
        `CREATE TABLE "${schema}".account (id text PRIMARY KEY, version bigint NOT NULL, state jsonb NOT NULL)`
      )
      yield* sql(
        `CREATE TABLE "${schema}".migration
          (migration_id integer PRIMARY KEY, created_at timestamptz NOT NULL DEFAULT now(), name text NOT NULL)`
      )
      yield* sql(`INSERT INTO "${schema}".migration (migration_id, name) VALUES (1, 'campus')`)
      const tables = sql(
        `SELECT relname FROM pg_class WHERE relnamespace = '"${schema}"'::regnamespace ORDER BY relname`
      )
      const before = yield* tables
      const starts = [
        asked(Migrations.migrate(schema)),
        store({ schema }),
        subjects({ schema }),
        asked(PgPasswordVault.make({ schema })),
        asked(PgPersonRegister.make({ schema }))
      ]
      for (const start of starts) {
        const fault = yield* Effect.flip<unknown, { readonly _tag: string; readonly message: string }, Scope.Scope>(
          start
        )
        expect(fault._tag).toBe("StoreBroken")
        expect(fault.message).toContain(`the tables in schema ${schema} were made by a version that was never released`)
        expect(fault.message).toContain("start with a new schema")
      }
      expect(yield* tables).toEqual(before)
    })))

  it("a schema name that is no plain identifier is refused before anything is asked", () =>
    run(Effect.gen(function*() {
      const bad = [
        "",
        "Campus",
        "1campus",
        "cam pus",
        "campus\"; DROP SCHEMA public",
        "pg_campus",
        "校园",
        "a".repeat(64)
      ]
      for (const schema of bad) {
        const fault = yield* Effect.flip(store({ schema, client: { host: "/nowhere" } }))
        expect(fault).toMatchObject({ _tag: "StoreBroken" })
        expect(fault.message).toContain("the schema name")
      }
    })))

  it("a wrong socket is told at once", () =>
    run(Effect.gen(function*() {
      const begun = performance.now()
      const fault = yield* Effect.flip(store({ client: { host: "/nowhere" } }))
      expect(fault._tag).toBe("StoreUnavailable")
      expect(performance.now() - begun).toBeLessThan(1_000)
    })))

  it("a database that may only be read can be read; a command is told StoreFull", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      const writer = yield* store({ schema })
      const { funded, pay, subject } = account("read-only")
      yield* Effect.forEach(funded(1_000), writer.transact)
      const reader = yield* store({ schema, client: { startupParameters: { default_transaction_read_only: "on" } } })
      const command = pay(100)
      const fault = yield* Effect.flip(reader.transact(command))
      expect(fault._tag).toBe("StoreFull")
      expect(fault.message).toContain("read-only")
      expect(Option.getOrThrow(yield* reader.find(subject)).pockets.transit).toBe(1_000)
      expect(yield* Stream.runCount(reader.journal())).toBe(4)
      expect((yield* writer.transact(command))._tag).toBe("Approved")
    })))

  it("the same of other subjects (D21)", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      const writer = yield* subjects({ schema })
      const { issue, redeem } = batch("read-only")
      yield* writer.transact(batches, issue(10))
      const reader = yield* subjects({ schema, client: { startupParameters: { default_transaction_read_only: "on" } } })
      const command = redeem(4)
      expect((yield* Effect.flip(reader.transact(batches, command)))._tag).toBe("StoreFull")
      expect(Option.getOrThrow(yield* reader.find(batches, "read-only")).left).toBe(10)
      expect(yield* Stream.runCount(reader.journal(batches))).toBe(1)
      expect((yield* writer.transact(batches, command))._tag).toBe("Approved")
    })))

  it("is a backend for teams without Effect, by its URL", async () => {
    const server = inject("postgres")
    const url = server.kind === "url"
      ? server.url
      : `postgres://${server.username}@localhost/${server.database}?host=${encodeURIComponent(server.host)}`
    const peppers = { current: "a", keys: { a: "a pepper for tests, 32 bytes at least" } }
    const schema = freshSchema()
    const campus = await Campus.open({ backend: PgCampus.backend({ url, schema, peppers }), profile: csmzxy })
    const payment = { id: "tap-1", caller: "till", point: "canteen-1", card: "nobody", amount: 100 }
    expect(await campus.pay(payment)).toEqual({ _tag: "Declined", decline: { _tag: "UnknownCard" } })
    await campus.close()
    const refused = Campus.open({
      backend: PgCampus.backend({ url, schema, peppers: { current: "b", keys: peppers.keys } }),
      profile: csmzxy
    })
    await expect(refused).rejects.toMatchObject({ _tag: "PepperRefused" })
  })

  it("a role that lacks a right is told so, with the remedy, when it opens or when it writes", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      yield* store({ schema })
      const sql = (statement: string) => asked(Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(statement)))
      const { funded } = account("rights")
      const asRole = Effect.scoped(Effect.gen(function*() {
        const till = yield* store({ schema, client: { startupOptions: `-c role=${schema}` } })
        yield* Effect.forEach(funded(1_000), till.transact)
      }))
      yield* sql(`CREATE ROLE "${schema}"`)
      const grants = [
        `USAGE ON SCHEMA "${schema}"`,
        `SELECT ON ALL TABLES IN SCHEMA "${schema}"`,
        `INSERT, UPDATE ON ALL TABLES IN SCHEMA "${schema}"`,
        `SELECT, USAGE ON ALL SEQUENCES IN SCHEMA "${schema}"`
      ]
      for (const grant of grants) {
        const fault = yield* Effect.flip(asRole)
        expect([grant, fault._tag]).toEqual([grant, "StoreBroken"])
        expect(fault.message).toContain("this role lacks the right to it: let the owner of the schema")
        yield* sql(`GRANT ${grant} TO "${schema}"`)
      }
      yield* asRole
    })))

  it("a role that may not change tables can run a campus that is up to date", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      yield* store({ schema })
      yield* asked(Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const name = sql.literal(schema)
        yield* sql`CREATE ROLE ${name}`
        yield* sql`GRANT USAGE ON SCHEMA ${name} TO ${name}`
        yield* sql`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${name} TO ${name}`
        yield* sql`GRANT SELECT, USAGE ON ALL SEQUENCES IN SCHEMA ${name} TO ${name}`
      }))
      const till = yield* store({ schema, client: { startupOptions: `-c role=${schema}` } })
      const { funded, pay } = account("role")
      yield* Effect.forEach(funded(1_000), till.transact)
      expect((yield* till.transact(pay(100)))._tag).toBe("Approved")
      const office = yield* subjects({ schema, client: { startupOptions: `-c role=${schema}` } })
      const { issue, redeem } = batch("role")
      yield* office.transact(batches, issue(10))
      expect((yield* office.transact(batches, redeem(1)))._tag).toBe("Approved")
      expect(yield* Stream.runCount(office.journal(batches))).toBe(2)
    })))
})
