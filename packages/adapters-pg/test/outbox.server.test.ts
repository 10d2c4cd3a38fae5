// What subscribers are told, and how often, while lines commit late, readers die and handlers fail.
import { CivilTime } from "@yikatong/core"
import { Context, Deferred, Effect, Exit, Fiber, Layer, Logger, References, Scope } from "effect"
import { SqlClient } from "effect/sql"
import { fork } from "node:child_process"
import { once } from "node:events"
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest"
import { type Notice, PgOutbox } from "../src/index.ts"
import { client, freshSchema, store } from "./clients.ts"
import { account } from "./commands.ts"

const scope = Scope.makeUnsafe()
let sql: SqlClient.SqlClient

beforeAll(() =>
  Effect.runPromise(Scope.provide(
    Effect.gen(function*() {
      sql = Context.get(yield* Layer.build(client()), SqlClient.SqlClient)
    }),
    scope
  ))
)
afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

/** Quietly: failures are what these tests are made of. */
const run = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>) =>
  Effect.runPromise(Effect.scoped(Effect.provideService(effect, References.MinimumLogLevel, "None")))
const outbox = (options: PgOutbox.Options) =>
  Effect.map(Layer.build(PgOutbox.layer(options).pipe(Layer.provide(client()))), Context.get(PgOutbox.PgOutbox))

/** A list that others add to, and somebody waits for. */
const heard = () => {
  const all: Array<Notice.Notice> = []
  return {
    all,
    take: (notices: ReadonlyArray<Notice.Notice>) => Effect.sync(() => void all.push(...notices)),
    until: (many: number) =>
      Effect.gen(function*() {
        while (all.length < many) yield* Effect.sleep("2 millis")
      }).pipe(Effect.timeout("20 seconds"))
  }
}
const kinds = (notices: ReadonlyArray<Notice.Notice>) => notices.map(({ events }) => events.map(({ _tag }) => _tag))

/** A session that draws a number of the journal first and writes its line when it is let go. */
const lateLine = (schema: string, id: string, command: string) =>
  Effect.gen(function*() {
    const drawn = yield* Deferred.make<number>()
    const release = yield* Deferred.make<void>()
    const session = yield* Effect.forkChild(sql.withTransaction(Effect.gen(function*() {
      const [row] = yield* sql<{ readonly sequence: bigint }>`
        INSERT INTO ${sql(`${schema}.journal`)} (account, received_at, amount, day, shape, caller, command_id,
          fingerprint, act, point, profile, line)
        SELECT account, received_at, NULL, day, shape, caller, ${command}, fingerprint, act, point, profile, line
        FROM ${sql(`${schema}.journal`)} WHERE act = 'ActivateCard'
          AND account = (SELECT number FROM ${sql(`${schema}.account`)} WHERE id = ${id}) LIMIT 1
        RETURNING sequence`
      yield* Deferred.succeed(drawn, Number(row?.sequence))
      yield* Deferred.await(release)
    })))
    return {
      sequence: yield* Effect.raceFirst(Deferred.await(drawn), Effect.andThen(Fiber.join(session), Effect.never)),
      letGo: Effect.andThen(Deferred.succeed(release, undefined), Fiber.join(session))
    }
  })

describe("what a subscriber is told", () => {
  for (const waking of ["poll", "listen"] as const) {
    it(`every line with events, in order, and those that come while it listens (${waking})`, () =>
      run(Effect.gen(function*() {
        const schema = freshSchema()
        const till = yield* store({ schema })
        const { funded, id, pay } = account(`told-${waking}`)
        yield* Effect.forEach(funded(500), till.transact)
        const { consume, subscribers } = yield* outbox({ schema, waking })
        const { all, take, until } = heard()
        yield* Effect.forkScoped(consume({ name: "report", handler: take }))
        yield* until(4)
        yield* till.transact(pay(300))
        // Declined, and nothing happened to the account: nothing is told.
        yield* till.transact(pay(300))
        yield* till.transact(pay(200))
        yield* until(6)
        expect(kinds(all)).toEqual([
          ["AccountOpened"],
          ["CardIssued"],
          ["CardActivated"],
          ["CreditRecorded"],
          ["Purchased"],
          ["Purchased"]
        ])
        expect(new Set(all.map(({ account }) => account))).toEqual(new Set([id]))
        expect(all.map(({ sequence }) => sequence)).toEqual(
          all.map(({ sequence }) => sequence).toSorted((a, b) => a - b)
        )
        expect(new Set(all.map(({ id }) => id)).size).toBe(6)
        expect(all[0]?.at).toBe(CivilTime.instant("2026-03-02 10:00"))
        yield* Effect.gen(function*() {
          while ((yield* subscribers)[0]?.behind !== 0) yield* Effect.sleep("5 millis")
        }).pipe(Effect.timeout("5 seconds"))
        expect(yield* subscribers).toMatchObject([{ name: "report", active: true, since: undefined }])
      })))
  }

  it("a line that commits late is not skipped, and those with higher numbers wait for it", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      const till = yield* store({ schema })
      const [slow, quick] = [account("slow"), account("quick")]
      yield* Effect.forEach([...slow.funded(500), ...quick.funded(500)], till.transact)
      const { consume } = yield* outbox({ schema })
      const { all, take, until } = heard()
      yield* Effect.forkScoped(consume({ name: "report", handler: take }))
      yield* until(8)
      const late = yield* lateLine(schema, slow.id, "late")
      yield* till.transact(quick.pay(100))
      yield* Effect.sleep("300 millis")
      // The quick one has a higher number: if it were told now, the place would have passed the late one.
      expect(all).toHaveLength(8)
      yield* late.letGo
      yield* until(10)
      expect(all.slice(8).map(({ account }) => account)).toEqual([slow.id, quick.id])
      expect(all[8]?.sequence).toBe(late.sequence)
    })))

  it("from now on: nothing of what was", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      const till = yield* store({ schema })
      const { funded, pay } = account("from-now")
      yield* Effect.forEach(funded(500), till.transact)
      const { consume, subscribers } = yield* outbox({ schema })
      const { all, take, until } = heard()
      yield* Effect.forkScoped(consume({ name: "report", from: "now", handler: take }))
      yield* Effect.gen(function*() {
        while ((yield* subscribers).length === 0) yield* Effect.sleep("5 millis")
      })
      yield* till.transact(pay(100))
      yield* until(1)
      expect(kinds(all)).toEqual([["Purchased"]])
    })))

  it("what fails is told again, the same and nothing else, until it succeeds", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      const till = yield* store({ schema })
      const { funded } = account("fails")
      yield* Effect.forEach(funded(500), till.transact)
      const { consume } = yield* outbox({ schema })
      const { all, take, until } = heard()
      let failures = 0
      yield* Effect.forkScoped(consume({
        name: "report",
        page: 2,
        handler: (notices) =>
          Effect.andThen(
            take(notices),
            Effect.suspend(() =>
              ++failures <= 3 ? failures === 2 ? Effect.die("a defect") : Effect.fail("no") : Effect.void
            )
          )
      }))
      yield* until(10)
      const [a, b, c, d] = ["AccountOpened", "CardIssued", "CardActivated", "CreditRecorded"]
      expect(kinds(all).flat()).toEqual([a, b, a, b, a, b, a, b, c, d])
    })))

  it("a restart goes on where the last one was done; a kill between handler and place is told again", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      const till = yield* store({ schema })
      const { funded, pay } = account("restarts")
      yield* Effect.forEach(funded(500), till.transact)
      const first = heard()
      const reading = yield* Effect.gen(function*() {
        const { consume } = yield* outbox({ schema })
        return yield* consume({ name: "report", handler: first.take })
      }).pipe(Effect.scoped, Effect.forkChild)
      yield* first.until(4)
      const position = sql<{ readonly position: bigint }>`SELECT position FROM ${sql(`${schema}.subscriber`)}`
      yield* Effect.gen(function*() {
        while ((yield* position)[0]?.position === 0n) yield* Effect.sleep("2 millis")
      })
      yield* Fiber.interrupt(reading)
      yield* till.transact(pay(100))
      const second = heard()
      const stopped = yield* Effect.gen(function*() {
        const { consume } = yield* outbox({ schema })
        // It has done its work, and is killed before its place is moved.
        return yield* consume({
          name: "report",
          handler: (notices) => Effect.andThen(second.take(notices), Effect.never)
        })
      }).pipe(Effect.scoped, Effect.forkChild)
      yield* second.until(1)
      yield* Fiber.interrupt(stopped)
      const third = heard()
      const { consume } = yield* outbox({ schema })
      yield* Effect.forkScoped(consume({ name: "report", handler: third.take }))
      yield* third.until(1)
      expect(kinds(second.all)).toEqual([["Purchased"]])
      expect(third.all).toEqual(second.all)
    })))
})

describe("who reads", () => {
  it("of two readers of one name one reads; when it dies without a word, the other goes on", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      const till = yield* store({ schema })
      const { funded, pay } = account("killed")
      yield* Effect.forEach(funded(500), till.transact)
      const server = inject("postgres")
      const victim = fork(new URL("./subscriber.ts", import.meta.url), [schema, JSON.stringify(server)], {
        execArgv: ["--conditions=yikatong-source"],
        stdio: ["ignore", "inherit", "inherit", "ipc"]
      })
      const told: Array<string> = []
      victim.on("message", (message) => void told.push(String(message)))
      yield* Effect.gen(function*() {
        while (told.length < 4) yield* Effect.sleep("5 millis")
      }).pipe(Effect.timeout("20 seconds"))
      const { consume, subscribers } = yield* outbox({ schema, lease: "2 seconds" })
      const { all, take, until } = heard()
      yield* Effect.forkScoped(consume({ name: "report", handler: take }))
      yield* till.transact(pay(100))
      yield* Effect.gen(function*() {
        while (told.length < 5) yield* Effect.sleep("5 millis")
      }).pipe(Effect.timeout("20 seconds"))
      yield* Effect.sleep("100 millis")
      expect(all).toEqual([])
      victim.kill("SIGKILL")
      yield* Effect.promise(() => once(victim, "exit"))
      expect(yield* subscribers).toMatchObject([{ active: true }])
      yield* till.transact(pay(200))
      yield* until(1)
      expect(kinds(all).flat().at(-1)).toBe("Purchased")
    })))

  it("a reader whose lease is another's by now moves nothing", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      const till = yield* store({ schema })
      const { funded } = account("fenced")
      yield* Effect.forEach(funded(500), till.transact)
      const { consume } = yield* outbox({ schema, lease: "1 second" })
      const begun = yield* Deferred.make<void>()
      const goOn = yield* Deferred.make<void>()
      const { all, take, until } = heard()
      yield* Effect.forkScoped(consume({
        name: "report",
        handler: (notices) =>
          take(notices).pipe(Effect.andThen(Deferred.succeed(begun, undefined)), Effect.andThen(Deferred.await(goOn)))
      }))
      yield* Deferred.await(begun)
      yield* sql`UPDATE ${sql(`${schema}.subscriber`)} SET holder = 'another', held_until = now() + interval '1 second'`
      yield* Deferred.succeed(goOn, undefined)
      yield* Effect.sleep("100 millis")
      expect(yield* sql`SELECT position, holder FROM ${sql(`${schema}.subscriber`)}`).toEqual([
        { position: 0n, holder: "another" }
      ])
      // When the other has died, it is told again.
      yield* until(8)
      expect(all.slice(4)).toEqual(all.slice(0, 4))
    })))

  it("a name or a number that is none is refused at once, and so is a database that is away", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      const { consume, forget, subscribers } = yield* outbox({ schema })
      for (const name of ["", "Report", "a b", "'; DROP", "x".repeat(64)]) {
        expect(yield* Effect.flip(consume({ name, handler: () => Effect.void }))).toMatchObject({ _tag: "StoreBroken" })
      }
      const handler = () => Effect.void
      const meaningless = [
        [{ name: undefined }, "`name` is 1 to 63"],
        [{ name: null }, "`name` is 1 to 63"],
        [{ from: "start" }, "`from` is \"first\" or \"now\""],
        [{ from: 0 }, "`from` is"],
        [{ from: null }, "`from` is"],
        [{ handler: undefined }, "`handler` is a function"]
      ] as const
      for (const [change, problem] of meaningless) {
        const subscription = { name: "a", handler, ...change } as unknown as PgOutbox.Subscription<never, never>
        expect(yield* Effect.flip(consume(subscription))).toMatchObject({
          _tag: "StoreBroken",
          problem: expect.stringContaining(problem)
        })
      }
      for (const change of [{ waking: "bogus" }, { waking: null }, { lease: null }]) {
        const fault = yield* Effect.flip(outbox({ schema, ...change } as unknown as PgOutbox.Options))
        expect(fault).toMatchObject({
          _tag: "StoreBroken",
          problem: expect.stringContaining(`\`${Object.keys(change)[0]}\` is `)
        })
      }
      for (const page of [0, 1_001, 1.5, Number.NaN]) {
        expect(yield* Effect.flip(consume({ name: "a", page, handler: () => Effect.void }))).toMatchObject({
          _tag: "StoreBroken"
        })
      }
      for (const lease of [1, 0, -1, Number.NaN, Infinity, "soon" as "1 second", "25 days" as const]) {
        const fault = yield* Effect.flip(outbox({ schema, lease }))
        expect(fault._tag).toBe("StoreBroken")
        expect(fault.message).toContain("`lease` is a time of 100 milliseconds to 24 days")
      }
      expect(yield* subscribers).toEqual([])
      yield* forget("nobody")
      const away = Layer.build(PgOutbox.layer({ schema }).pipe(Layer.provide(client({ host: "/nowhere" }))))
      expect(yield* Effect.flip(away)).toMatchObject({ _tag: "StoreUnavailable" })
    })))
})

describe("a subscriber that is forgotten", () => {
  it("ends, and so does who waits for his turn; nobody begins anew by himself", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      const till = yield* store({ schema })
      const { funded, pay } = account("forgotten")
      yield* Effect.forEach(funded(500), till.transact)
      const { consume, forget, subscribers } = yield* outbox({ schema, lease: "600 millis" })
      const { all, take, until } = heard()
      const readers = yield* Effect.forEach(
        [1, 2],
        () => Effect.forkScoped(Effect.flip(consume({ name: "report", handler: take })))
      )
      yield* until(4)
      yield* forget("report")
      for (const reader of readers) {
        expect(yield* Effect.timeout(Fiber.join(reader), "5 seconds")).toMatchObject({
          _tag: "SubscriberForgotten",
          name: "report"
        })
      }
      yield* till.transact(pay(100))
      yield* Effect.sleep("300 millis")
      expect(kinds(all).flat()).toEqual(["AccountOpened", "CardIssued", "CardActivated", "CreditRecorded"])
      expect(yield* subscribers).toEqual([])
      // Whoever asks again begins anew, where he says.
      yield* Effect.forkScoped(consume({ name: "report", handler: take }))
      yield* until(9)
      expect(kinds(all).slice(4).flat()).toEqual([...kinds(all).slice(0, 4).flat(), "Purchased"])
    })))

  it("in the midst of a page: what it was doing is given up, its place moves no more", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      const till = yield* store({ schema })
      yield* Effect.forEach(account("in-the-midst").funded(500), till.transact)
      const { consume, forget, subscribers } = yield* outbox({ schema, lease: "600 millis" })
      const begun = yield* Deferred.make<void>()
      const reader = yield* Effect.forkScoped(
        Effect.flip(
          consume({
            name: "report",
            handler: () => Effect.andThen(Deferred.succeed(begun, undefined), Effect.never)
          })
        )
      )
      yield* Deferred.await(begun)
      yield* forget("report")
      expect((yield* Effect.timeout(Fiber.join(reader), "5 seconds"))._tag).toBe("SubscriberForgotten")
      expect(yield* subscribers).toEqual([])
    })))

  it("what failed while its turn was taken does not begin anew either", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      const till = yield* store({ schema })
      const { funded } = account("while-away")
      yield* Effect.forEach(funded(500), till.transact)
      const { consume, forget, subscribers } = yield* outbox({ schema, lease: "300 millis" })
      const { all, take, until } = heard()
      const reader = yield* Effect.forkScoped(Effect.flip(consume({ name: "report", handler: take })))
      yield* until(4)
      // Its place too must be written: what it has handled and not yet noted, it is rightly told again.
      while ((yield* subscribers)[0]?.behind !== 0) yield* Effect.sleep("5 millis")
      // Each statement on its place fails, for longer than it may go on without one.
      const table = sql(`${schema}.subscriber`)
      yield* sql`ALTER TABLE ${table} RENAME COLUMN held_until TO held_until_then`
      yield* Effect.sleep("700 millis")
      expect(reader.pollUnsafe()).toBeUndefined()
      yield* forget("report")
      yield* sql`ALTER TABLE ${table} RENAME COLUMN held_until_then TO held_until`
      expect((yield* Effect.timeout(Fiber.join(reader), "10 seconds"))._tag).toBe("SubscriberForgotten")
      expect(all).toHaveLength(4)
      expect(yield* subscribers).toEqual([])
    })))
})

describe("what the log says of a failure", () => {
  it("D24: the class, and of a store its own words, so that one knows what helps", () =>
    Effect.runPromise(Effect.scoped(Effect.gen(function*() {
      const schema = freshSchema()
      const till = yield* store({ schema })
      yield* Effect.forEach(account("read-only").funded(500), till.transact)
      yield* outbox({ schema })
      const said: Array<unknown> = []
      const log = Logger.make(({ message }) => void said.push(message))
      const readOnly = client({ startupParameters: { default_transaction_read_only: "on" } })
      const { consume } = Context.get(
        yield* Layer.build(PgOutbox.layer({ schema }).pipe(Layer.provide(readOnly))),
        PgOutbox.PgOutbox
      )
      yield* Effect.forkScoped(
        consume({ name: "report", handler: () => Effect.void }).pipe(Effect.provide(Logger.layer([log])))
      )
      yield* Effect.gen(function*() {
        while (said.length === 0) yield* Effect.sleep("5 millis")
      }).pipe(Effect.timeout("5 seconds"))
      expect(said[0]).toEqual([
        "A subscriber was not told; it will be told again",
        {
          subscriber: "report",
          class: "StoreFull",
          operation: "begin subscriber report",
          problem: expect.stringMatching(/may only be read.*name the one that writes/)
        }
      ])
    }))))
})

describe("order", () => {
  it("two writers, forty accounts, a handler that fails now and then: each account in its order, nothing missing", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      const [one, other] = [yield* store({ schema, batch: 7 }), yield* store({ schema, batch: 5 })]
      const people = Array.from({ length: 40 }, (_, at) => account(`order-${at}`))
      const { consume } = yield* outbox({ schema })
      const done: Array<Notice.Notice> = []
      const first: Array<Notice.Notice> = []
      let calls = 0
      yield* Effect.forkScoped(consume({
        name: "report",
        page: 11,
        handler: (notices) =>
          Effect.suspend(() => {
            first.push(...notices)
            if (++calls % 5 === 0) return Effect.fail("now and then")
            done.push(...notices)
            return Effect.void
          })
      }))
      yield* Effect.forEach(
        people,
        ({ funded, pay }, at) =>
          Effect.gen(function*() {
            yield* Effect.forEach(funded(2_000), one.transact)
            yield* Effect.forEach(
              Array.from({ length: 10 }, (_, n) => pay(n + 1)),
              (command, n) => ((n + at) % 2 === 0 ? one : other).transact(command),
              { concurrency: 3 }
            )
          }),
        { concurrency: "unbounded", discard: true }
      )
      yield* Effect.gen(function*() {
        while (done.length < 40 * 14) yield* Effect.sleep("5 millis")
      }).pipe(Effect.timeout("30 seconds"))
      const rows = yield* sql<{ readonly sequence: bigint; readonly account: string }>`
        SELECT sequence, id AS account FROM ${sql(`${schema}.journal`)} AS line
        JOIN ${sql(`${schema}.account`)} AS account ON account.number = line.account ORDER BY sequence`
      const orderOf = (
        lines: ReadonlyArray<{ readonly account: string; readonly sequence: number | bigint }>,
        id: string
      ) => lines.filter(({ account }) => account === id).map(({ sequence }) => Number(sequence))
      for (const { id } of people) {
        // What was told twice is told in order each time: by its first occurrence the order is that of the journal.
        expect([...new Set(orderOf(first, id))]).toEqual(orderOf(rows, id))
        expect(orderOf(done, id)).toEqual(orderOf(rows, id))
      }
      expect(first.length).toBeGreaterThan(done.length)
    })))
})
