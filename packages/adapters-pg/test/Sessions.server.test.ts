// The sessions in which batches are written: how often they write to the server, and what becomes of one that is lost.
import type { PgClient, PgConnection } from "@effect/sql-pg"
import { Context, Deferred, Duration, Effect, Fiber, Layer, Result, type Scope } from "effect"
import { SqlClient } from "effect/sql"
import { describe, expect, it } from "vitest"
import * as Sessions from "../src/Sessions.ts"
import { client, freshSchema, store } from "./clients.ts"
import { account } from "./commands.ts"
import { faultyWire } from "./faultyWire.ts"

const run = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>) => Effect.runPromise(Effect.scoped(effect))

/** Sessions over a client of their own, and that client. */
const sessions = (lanes: number, config: PgClient.PgPoolConfig = {}, patience: Duration.Input = "10 seconds") =>
  Effect.gen(function*() {
    const context = yield* Layer.build(client(config))
    const all = yield* Effect.provideContext(
      Sessions.make({ lanes, patience: Duration.fromInputUnsafe(patience), pooled: false }),
      context
    )
    const [first] = all
    if (first === undefined) throw new Error("there is no session")
    return { all, first, sql: Context.get(context, SqlClient.SqlClient) }
  })

const together = (sent: ReadonlyArray<Effect.Effect<PgConnection.Result, unknown>>) =>
  Effect.all(sent, { concurrency: "unbounded" })
const valueOf = ({ rows }: PgConnection.Result): unknown => Object.values(rows[0] ?? {})[0]
const pidOf = (transact: Sessions.Transact) => Effect.map(transact((send) => send("SELECT pg_backend_pid()")), valueOf)

/** What the sessions of an application are at, as soon as none of them does anything any more. */
const statesOf = (sql: SqlClient.SqlClient, application: string) =>
  Effect.gen(function*() {
    for (;;) {
      const rows = yield* sql<{ readonly state: string }>`
        SELECT state FROM pg_stat_activity WHERE application_name = ${application} AND state IS NOT NULL`
      if (!rows.some(({ state }) => state === "active")) return rows.map(({ state }) => state)
      yield* Effect.sleep("5 millis")
    }
  }).pipe(Effect.timeout("5 seconds"))

describe("sessions for batches", () => {
  it("what is begun at once travels at once: a transaction of five statements is two writes to the server", () =>
    run(Effect.gen(function*() {
      const wire = faultyWire()
      const { first } = yield* sessions(1, { stream: wire.stream })
      const transaction = first((send) =>
        Effect.gen(function*() {
          const [, one, two] = yield* together([send("BEGIN"), send("SELECT 1"), send("SELECT $1::int + 1", [1])])
          const [three] = yield* together([send("SELECT $1::text", ["3"]), send("COMMIT")])
          return [one, two, three].map((result) => result === undefined ? undefined : valueOf(result))
        })
      )
      // The first one opens the session and has its statements described.
      expect(yield* transaction).toEqual([1, 2, "3"])
      for (let time = 0; time < 3; time++) {
        wire.fail(1_000, "lost")
        expect(yield* transaction).toEqual([1, 2, "3"])
        // Two, and at most one to call the subscribers of the outbox; one after the other they would be five.
        expect(wire.sent()).toBeLessThanOrEqual(3)
      }
    })))

  it("so is a payment, and so are twenty payments that come at once", () =>
    run(Effect.gen(function*() {
      const wire = faultyWire()
      const one = yield* store({ schema: freshSchema(), lanes: 1, client: { stream: wire.stream } })
      const { funded, pay } = account("pipelined")
      yield* Effect.forEach([...funded(10_000), pay(1), pay(1)], one.transact)
      wire.fail(1_000, "lost")
      expect((yield* one.transact(pay(1)))._tag).toBe("Approved")
      // Two, and at most one to call the subscribers of the outbox; one after the other they would be five.
      expect(wire.sent()).toBeLessThanOrEqual(3)
      wire.fail(1_000, "lost")
      const answers = yield* Effect.forEach(Array.from({ length: 20 }, () => pay(1)), one.transact, {
        concurrency: "unbounded"
      })
      expect(answers.every(({ _tag }) => _tag === "Approved")).toBe(true)
      // One batch, or two where the first payment has gone ahead alone.
      expect(wire.sent()).toBeLessThanOrEqual(6)
    })))

  it("each lane has a session of its own, beside those of the client, with the client's settings and our patience", () =>
    run(Effect.gen(function*() {
      const { all, first, sql } = yield* sessions(3, { applicationName: "lanes", maxConnections: 2 }, "1234 millis")
      expect(all).toHaveLength(3)
      const pids = yield* Effect.forEach(all, pidOf)
      const [own] = yield* sql<{ readonly pid: number }>`SELECT pg_backend_pid() AS pid`
      expect(new Set([...pids, own?.pid]).size).toBe(4)
      // And it stays the same one.
      expect(yield* Effect.forEach(all, pidOf)).toEqual(pids)
      const settings = ["application_name", "lock_timeout", "statement_timeout", "plan_cache_mode", "jit"]
      const told = yield* Effect.forEach(settings, (name) => Effect.map(first((send) => send(`SHOW ${name}`)), valueOf))
      expect(told).toEqual(["lanes", "309ms", "0", "force_generic_plan", "off"])
    })))

  it("a client that may have one session only shares it, however many lanes are asked for", () =>
    run(Effect.gen(function*() {
      const applicationName = freshSchema()
      const { all, first, sql } = yield* sessions(4, { maxConnections: 1, applicationName })
      expect(all).toHaveLength(1)
      const [own] = yield* sql<{ readonly pid: number }>`SELECT pg_backend_pid() AS pid`
      expect(yield* pidOf(first)).toBe(own?.pid)
      // What fails is rolled back, and what is interrupted too: the next user of the session finds nothing begun.
      const failing = first((send) => Effect.andThen(send("BEGIN"), Effect.fail("no")))
      expect(yield* Effect.flip(failing)).toBe("no")
      const begun = yield* Deferred.make<void>()
      const endless = first((send) =>
        Effect.andThen(send("BEGIN"), Effect.andThen(Deferred.succeed(begun, undefined), Effect.never))
      )
      const fiber = yield* Effect.forkChild(endless)
      yield* Deferred.await(begun)
      yield* Fiber.interrupt(fiber)
      const observer = Context.get(yield* Layer.build(client()), SqlClient.SqlClient)
      expect(yield* statesOf(observer, applicationName)).toEqual(["idle"])
      const one = yield* store({ schema: freshSchema(), client: { maxConnections: 1 } })
      const { funded, pay, subject } = account("one-session")
      yield* Effect.forEach(funded(1_000), one.transact)
      yield* Effect.forEach(Array.from({ length: 9 }, () => pay(100)), one.transact, { concurrency: "unbounded" })
      expect(yield* one.find(subject)).toMatchObject({ value: { pockets: { transit: 100 } } })
    })))
})

describe("a transaction that does not come to its end", () => {
  it("fails: it is rolled back, and the session stays", () =>
    run(Effect.gen(function*() {
      const applicationName = freshSchema()
      const { first } = yield* sessions(1, { applicationName })
      const observer = Context.get(yield* Layer.build(client()), SqlClient.SqlClient)
      const pid = yield* pidOf(first)
      const failing = first((send) => Effect.andThen(send("BEGIN"), send("SELECT 1/0")))
      expect(yield* Effect.flip(failing)).toMatchObject({ _tag: "SqlError" })
      expect(yield* statesOf(observer, applicationName)).toEqual(["idle"])
      expect(yield* pidOf(first)).toBe(pid)
    })))

  it("is interrupted: its session goes with all that it has locked, and the next one is new", () =>
    run(Effect.gen(function*() {
      const applicationName = freshSchema()
      const { first } = yield* sessions(1, { applicationName })
      const observer = Context.get(yield* Layer.build(client()), SqlClient.SqlClient)
      const pid = yield* pidOf(first)
      const held = yield* Deferred.make<void>()
      const holding = first((send) =>
        Effect.andThen(
          together([
            send("BEGIN"),
            send("SELECT pg_advisory_xact_lock(hashtextextended($1::text, 0))", [applicationName])
          ]),
          Effect.andThen(Deferred.succeed(held, undefined), Effect.never)
        )
      )
      const fiber = yield* Effect.forkChild(holding)
      yield* Deferred.await(held)
      const isFree = Effect.map(
        observer<{ readonly free: boolean }>`
          SELECT pg_try_advisory_lock(hashtextextended(${applicationName}::text, 0)) AS free`,
        ([row]) => row?.free
      )
      expect(yield* isFree).toBe(false)
      yield* Fiber.interrupt(fiber)
      const freed = Effect.gen(function*() {
        while ((yield* isFree) !== true) yield* Effect.sleep("5 millis")
      })
      yield* Effect.timeout(freed, "5 seconds")
      expect(yield* pidOf(first)).not.toBe(pid)
      expect(yield* statesOf(observer, applicationName)).toEqual(["idle"])
    })))

  it("loses its session between two statements: it fails, and the next transaction opens another one", () =>
    run(Effect.gen(function*() {
      const { first } = yield* sessions(1)
      const observer = Context.get(yield* Layer.build(client()), SqlClient.SqlClient)
      const pid = yield* pidOf(first)
      const lost = yield* Effect.result(first((send) =>
        Effect.gen(function*() {
          yield* send("BEGIN")
          yield* observer`SELECT pg_terminate_backend(${pid}::int, 5000)`
          return yield* send("COMMIT")
        })
      ))
      expect(Result.isFailure(lost)).toBe(true)
      expect(yield* pidOf(first)).not.toBe(pid)
    })))

  it("I3 loses its session while nothing is under way: the payment after that is approved, and once", () =>
    run(Effect.gen(function*() {
      const applicationName = freshSchema()
      const one = yield* store({ schema: freshSchema(), client: { applicationName } })
      const observer = Context.get(yield* Layer.build(client()), SqlClient.SqlClient)
      const { funded, pay, subject } = account("lost-session")
      yield* Effect.forEach(funded(1_000), one.transact)
      for (let time = 0; time < 3; time++) {
        yield* observer`
          SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = ${applicationName}`
        expect((yield* one.transact(pay(100)))._tag).toBe("Approved")
      }
      expect(yield* one.find(subject)).toMatchObject({ value: { pockets: { transit: 700 } } })
    })))
})
