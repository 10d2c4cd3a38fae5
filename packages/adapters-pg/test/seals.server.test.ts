/**
 * Seals: what no replay can see, since the books would balance all the same, is seen by the digest of the stretch; and what
 * was rewritten together with its seals, by the digest that somebody kept elsewhere.
 */
import { Effect, Fiber, Layer, type Scope } from "effect"
import { SqlClient } from "effect/sql"
import { describe, expect, it } from "vitest"
import { Integrity, Seals } from "../src/index.ts"
import { client, freshSchema, store } from "./clients.ts"
import { account } from "./commands.ts"
import { type Campus, campus, check, forge, seal } from "./forgery.ts"

const run = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>) => Effect.runPromise(Effect.scoped(effect))

/** A campus that was sealed, so many lines under each seal; and the digest of the newest seal. */
const sealed = (lines = 5) =>
  Effect.gen(function*() {
    const lived = yield* campus
    const { newest } = yield* seal(lived, { lines })
    if (newest === undefined) throw new Error("nothing was sealed")
    return { ...lived, newest }
  })

const rows = <Row extends object>({ schema }: Pick<Campus, "schema">, query: string) =>
  Effect.provide(
    Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe<Row>(query.replaceAll("SCHEMA", schema))),
    client()
  )

type Case = readonly [what: string, statement: string, breaks: ReadonlyArray<Partial<Integrity.Break>>]
const profile = "UPDATE \"SCHEMA\".journal SET profile = 'else' WHERE sequence = {later}"

const cases: ReadonlyArray<Case> = [
  ["D22 a line was decided by another profile", profile, [
    { _tag: "SealDiffers", seal: 3, journal: "journal", sealed: 5, lines: 5 }
  ]],
  [
    "a line arrived a moment earlier",
    "UPDATE \"SCHEMA\".journal SET received_at = received_at - 1 WHERE sequence = {nobody}",
    [{ _tag: "ColumnDiffers", column: "received_at" }, { _tag: "SealDiffers", seal: 5 }]
  ],
  [
    "D23 a refusal is gone with its key",
    `WITH gone AS (DELETE FROM "SCHEMA".journal WHERE sequence = {refused} RETURNING caller, command_id)
     DELETE FROM "SCHEMA".answered USING gone WHERE (answered.caller, answered.command_id) = (gone.caller, gone.command_id)`,
    [{ _tag: "SealDiffers", seal: 3, sealed: 5, lines: 4 }]
  ],
  [
    "a line turned up late, below a seal",
    `WITH late AS (
       INSERT INTO "SCHEMA".journal (sequence, received_at, day, shape, caller, command_id, fingerprint, act, decline, point,
         profile, line)
       SELECT {open} - 1, received_at, day, shape, caller, 'late', fingerprint, act, decline, point, profile,
         replace(line, command_id, 'late')
       FROM "SCHEMA".journal WHERE sequence = {nobody} RETURNING caller, command_id, sequence
     ) INSERT INTO "SCHEMA".answered SELECT * FROM late`,
    [{ _tag: "SealDiffers", seal: 1, sealed: 5, lines: 6 }]
  ],
  [
    "D21 a line of a subject was written at another time",
    "UPDATE \"SCHEMA\".subject_journal SET recorded_at = recorded_at + interval '1 second' WHERE sequence = 2",
    [{ _tag: "SealDiffers", seal: 6, journal: "subject_journal", from: 1, to: 3, sealed: 3, lines: 3 }]
  ],
  ["a seal in the midst is gone", "DELETE FROM \"SCHEMA\".seal WHERE number = 2", [
    { _tag: "SealUnchained", seal: 3, column: "number" },
    { _tag: "SealUnchained", seal: 3, column: "from_line" },
    { _tag: "SealUnchained", seal: 3, column: "previous" }
  ]],
  ["a seal has another digest", "UPDATE \"SCHEMA\".seal SET digest = sha256('x') WHERE number = 2", [
    { _tag: "SealDiffers", seal: 2 },
    { _tag: "SealUnchained", seal: 3, column: "previous" }
  ]],
  ["a seal says that it is of fewer lines", "UPDATE \"SCHEMA\".seal SET lines = 4 WHERE number = 2", [
    { _tag: "SealDiffers", seal: 2, sealed: 4, lines: 5 }
  ]]
]

describe("the chain of seals", () => {
  for (const [what, statement, expected] of cases) {
    it(what, () =>
      run(Effect.gen(function*() {
        const lived = yield* sealed()
        expect(yield* check(lived, { anchor: lived.newest.digest })).toMatchObject({
          breaks: [],
          seals: 6,
          newest: lived.newest
        })
        yield* forge(lived, statement)
        const { breaks } = yield* check(lived)
        expect(breaks).toMatchObject(expected)
        expect(breaks).toHaveLength(expected.length)
      })))
  }

  it("a tail that was rewritten together with its seals is found by the digest that was kept elsewhere", () =>
    run(Effect.gen(function*() {
      const lived = yield* sealed()
      const anchor = lived.newest.digest
      yield* forge(lived, profile, "DELETE FROM \"SCHEMA\".seal WHERE number >= 3")
      const again = yield* seal(lived, { lines: 5 })
      expect(again).toMatchObject({ seals: 4, newest: { number: 6 } })
      expect((yield* check(lived)).breaks, "from within all is well").toEqual([])
      expect((yield* check(lived, { anchor })).breaks).toEqual([{ _tag: "AnchorMissing" }])
      expect((yield* check(lived, { anchor: again.newest?.digest.toUpperCase() ?? "" })).breaks).toEqual([])
    })))

  it("seals are taken away: the digest that was kept shows it, also where none is left", () =>
    run(Effect.gen(function*() {
      const lived = yield* sealed()
      yield* forge(lived, "DELETE FROM \"SCHEMA\".seal WHERE number > 5")
      expect((yield* check(lived)).breaks).toEqual([])
      expect((yield* check(lived, { anchor: lived.newest.digest })).breaks).toEqual([{ _tag: "AnchorMissing" }])
      yield* forge(lived, "DELETE FROM \"SCHEMA\".seal")
      expect((yield* check(lived, { anchor: lived.newest.digest })).breaks).toEqual([{ _tag: "AnchorMissing" }])
    })))

  it("a kept digest that is none is refused, as are options that mean nothing", () =>
    run(Effect.gen(function*() {
      const lived = { schema: freshSchema(), kinds: [] } as unknown as Campus
      for (const options of [{ anchor: "abc" }, { page: 0 }, { breaks: 0.5 }]) {
        const fault = yield* Effect.flip(check(lived, options))
        expect(fault).toMatchObject({ _tag: "StoreBroken", operation: "read the options of the check" })
      }
    })))

  for (const lines of [Number.NaN, -3, 0, 0.5, Infinity]) {
    it(`a stretch of ${lines} lines is refused, and nothing is sealed`, () =>
      run(Effect.gen(function*() {
        const schema = freshSchema()
        const accounts = yield* store({ schema })
        yield* Effect.forEach(account("refused").funded(1_000), accounts.transact)
        const fault = yield* Effect.flip(seal({ schema }, { lines }))
        expect(fault).toMatchObject({ _tag: "StoreBroken", operation: "read the options of the seal" })
        expect(fault.message).toContain("`lines` is a whole number, 1 or more")
        expect(yield* rows({ schema }, "SELECT 1 FROM \"SCHEMA\".seal")).toEqual([])
      })))
  }

  it("nothing to seal makes no seal, the same lines are sealed once, and the digest is that of the newest", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      const accounts = yield* store({ schema })
      expect(yield* seal({ schema })).toEqual({ seals: 0, lines: 0, newest: undefined })
      const { funded } = account("sealed")
      yield* Effect.forEach(funded(1_000), accounts.transact)
      const first = yield* seal({ schema })
      expect(first).toMatchObject({ seals: 1, lines: 4, newest: { number: 1, digest: /^[0-9a-f]{64}$/ } })
      expect(yield* seal({ schema })).toEqual({ seals: 0, lines: 0, newest: first.newest })
      expect(yield* rows({ schema }, "SELECT count(*) AS seals FROM \"SCHEMA\".seal")).toEqual([{ seals: 1n }])
    })))

  it("the same lines have the same digest whatever the settings of the session are", () =>
    run(Effect.gen(function*() {
      const lived = yield* sealed()
      const { schema } = lived
      const odd = client({
        startupParameters: {
          DateStyle: "German, DMY",
          TimeZone: "Asia/Kathmandu",
          bytea_output: "escape",
          IntervalStyle: "sql_standard",
          extra_float_digits: "0"
        }
      })
      const { breaks } = yield* Effect.provide(Integrity.check({ schema, kinds: lived.kinds }), odd)
      expect(breaks).toEqual([])
    })))

  it("sealing goes on while two processes pay, by two sealers at once, and every line is under one seal", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      const [one, other] = yield* Effect.all([store({ schema }), store({ schema })])
      const people = Array.from({ length: 8 }, (_, at) => account(`sealing-${at}`))
      yield* Effect.forEach(people, ({ funded }) => Effect.forEach(funded(10_000), one.transact), {
        concurrency: "unbounded"
      })
      let rounds = 0
      const commands = () => Array.from({ length: 60 }).flatMap(() => people.map(({ pay }) => pay(1)))
      // On a quick machine they would be done before a second round of sealing: they pay until there were some.
      const paying = yield* Effect.forkChild(Effect.gen(function*() {
        do {
          yield* Effect.forEach(commands(), (command, at) => (at % 2 === 0 ? one : other).transact(command), {
            concurrency: 32
          })
        } while (rounds < 3)
      }))
      while (paying.pollUnsafe() === undefined) {
        yield* Effect.all([seal({ schema }, { lines: 40 }), seal({ schema }, { lines: 40 })], { concurrency: 2 })
        rounds++
      }
      yield* Fiber.join(paying)
      const last = yield* seal({ schema }, { lines: 40 })
      const lived = { schema, kinds: [] } as unknown as Campus
      const report = yield* check(lived, { anchor: last.newest?.digest ?? "" })
      expect(report.breaks).toEqual([])
      expect(report.seals).toBeGreaterThan(5)
      expect(rounds).toBeGreaterThan(1)
      const [sums] = yield* rows<{ readonly lines: string }>(
        { schema },
        "SELECT sum(lines) AS lines FROM \"SCHEMA\".seal"
      )
      expect(Number(sums?.lines)).toBe(report.lines)
    })))

  const inTheWay: ReadonlyArray<readonly [what: string, statement: (schema: string) => string]> = [
    [
      "another sealer that hangs",
      (schema) => `SELECT pg_advisory_xact_lock(hashtextextended('yikatong seal ${schema}', 0))`
    ],
    ["a lock on the table of seals", (schema) => `LOCK TABLE "${schema}".seal IN SHARE MODE`]
  ]
  for (const [what, statement] of inTheWay) {
    it(`${what} keeps a seal waiting no longer than it may, and nothing is lost by that`, () =>
      run(Effect.gen(function*() {
        const schema = freshSchema()
        const accounts = yield* store({ schema })
        yield* Effect.forEach(account("late-seal").funded(1_000), accounts.transact)
        const began = performance.now()
        const fault = yield* Effect.provide(
          Effect.flatMap(SqlClient.SqlClient, (sql) =>
            sql.withTransaction(Effect.andThen(
              sql.unsafe(statement(schema)),
              Effect.flip(Effect.provide(Seals.seal({ schema, timeout: "300 millis" }), client()))
            ))),
          client()
        )
        expect(fault).toMatchObject({ _tag: "StoreUnavailable", operation: "seal the journal" })
        expect(fault.message).toContain("did not answer in time")
        expect(performance.now() - began).toBeLessThan(10_000)
        expect(yield* seal({ schema })).toMatchObject({ seals: 1, lines: 4 })
      })))
  }

  it("a time that is none is refused", () =>
    run(Effect.gen(function*() {
      for (const timeout of [0, "soon", Number.NaN, null]) {
        const options = { schema: freshSchema(), timeout } as unknown as Seals.Options
        const fault = yield* Effect.flip(Effect.provide(Seals.seal(options), client()))
        expect(fault).toMatchObject({ _tag: "StoreBroken", problem: expect.stringContaining("`timeout` is a time") })
      }
    })))

  it.each(["repeatable read", "serializable"])(
    "twelve sealers at once where %s is usual: each line is sealed once",
    (level) =>
      run(Effect.gen(function*() {
        const schema = freshSchema()
        const accounts = yield* store({ schema })
        const people = Array.from({ length: 6 }, (_, at) => account(`usual-${at}`))
        yield* Effect.forEach(people, ({ funded }) => Effect.forEach(funded(1_000), accounts.transact))
        const usual = client({ startupParameters: { default_transaction_isolation: level } })
        const all = yield* Effect.forEach(
          Array.from({ length: 12 }),
          () => Effect.provide(Seals.seal({ schema, lines: 3 }), Layer.fresh(usual)),
          { concurrency: "unbounded" }
        )
        expect(all.reduce((sum, { lines }) => sum + lines, 0)).toBe(24)
        expect(new Set(all.map(({ newest }) => newest?.digest)).size).toBe(1)
        const { breaks } = yield* Effect.provide(Integrity.check({ schema, kinds: [] }), client())
        expect(breaks).toEqual([])
      }))
  )

  it("the table of seals only grows", () =>
    run(Effect.gen(function*() {
      const lived = yield* sealed()
      const error = yield* Effect.flip(rows(lived, "DELETE FROM \"SCHEMA\".seal"))
      expect(JSON.stringify((error.reason.cause as { readonly message?: string }).message)).toContain("only grows")
    })))
})
