// The journal from month to month on a server: who makes its partitions, and in which order its lines are read.
import { Effect, Fiber, Logger, type Scope, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { describe, expect, it } from "vitest"
import { Migrations } from "../src/index.ts"
import * as Partitions from "../src/Partitions.ts"
import { client, freshSchema, store } from "./clients.ts"
import { account } from "./commands.ts"

const run = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>) => Effect.runPromise(Effect.scoped(effect))
const asked = <A, E>(effect: (sql: SqlClient.SqlClient) => Effect.Effect<A, E>) =>
  Effect.flatMap(SqlClient.SqlClient, effect).pipe(Effect.provide(client()))
const done = (statement: string) => asked((sql) => sql.unsafe(statement))

const partitions = (schema: string) =>
  Effect.map(
    asked((sql) =>
      sql<{ readonly name: string }>`
        SELECT relname AS name FROM pg_inherits JOIN pg_class ON oid = inhrelid
        WHERE inhparent = ${`"${schema}".journal`}::text::regclass ORDER BY relname`
    ),
    (rows) => rows.map(({ name }) => name)
  )
const lastNumber = (schema: string) =>
  Effect.map(
    asked((sql) => sql<{ readonly last: bigint }>`SELECT last_value AS last FROM ${sql(`${schema}.line_number`)}`),
    ([row]) => Number(row?.last)
  )
/** The campus as it would have been, had it begun so many months ago: all its partitions but those are taken away. */
const begunEarlier = (schema: string, months: number) =>
  Effect.gen(function*() {
    const month = Partitions.monthOf(yield* lastNumber(schema)) - months
    const [first, name] = [Partitions.baseOf(month), Partitions.nameOf(month)]
    for (const one of yield* partitions(schema)) yield* done(`DROP TABLE "${schema}"."${one}"`)
    yield* done(
      `CREATE TABLE "${schema}"."${name}" PARTITION OF "${schema}".journal
       FOR VALUES FROM (${first}) TO (${Partitions.baseOf(month + 1)})`
    )
    yield* done(`SELECT setval('"${schema}".line_number', ${first})`)
    return month
  })
const lookAfter = (schema: string) => asked((sql) => Partitions.lookAfter(sql, schema))

describe("the partitions of the journal", () => {
  it("are there when a campus opens, for this month and six more, and its lines are numbered in this month", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      const one = yield* store({ schema })
      const names = yield* partitions(schema)
      expect(names).toHaveLength(7)
      yield* Effect.forEach(account("opening").funded(1_000), one.transact)
      const [line] = yield* Stream.runCollect(one.journal())
      const month = Partitions.monthOf(line?.sequence ?? 0)
      expect(Partitions.nameOf(month)).toBe(names[0])
      expect(Partitions.monthOf(yield* lastNumber(schema))).toBe(month)
    })))

  it("are made once, however many stores look after them at once", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      yield* Effect.provide(Migrations.migrate(schema), client())
      const month = yield* begunEarlier(schema, 1)
      yield* Effect.forEach(Array.from({ length: 8 }), () => lookAfter(schema), { concurrency: "unbounded" })
      const names = yield* partitions(schema)
      expect(names).toEqual(Array.from({ length: 8 }, (_, at) => Partitions.nameOf(month + at)))
      expect(yield* lastNumber(schema)).toBe(Partitions.baseOf(month + 1))
      // And whoever looks again changes nothing.
      yield* done(`SELECT nextval('"${schema}".line_number'), nextval('"${schema}".line_number')`)
      const drawn = yield* lastNumber(schema)
      yield* lookAfter(schema)
      expect(yield* lastNumber(schema)).toBe(drawn)
      expect(yield* partitions(schema)).toEqual(names)
    })))

  it("numbers never go back: a clock that is behind the journal changes nothing", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      const one = yield* store({ schema })
      const { funded, pay } = account("ahead")
      yield* Effect.forEach(funded(1_000), one.transact)
      // Another server has numbered in the month to come: its clock was ahead.
      const ahead = Partitions.monthOf(yield* lastNumber(schema)) + 1
      yield* done(`SELECT setval('"${schema}".line_number', ${Partitions.baseOf(ahead) + 41})`)
      yield* lookAfter(schema)
      yield* one.transact(pay(100))
      const lines = yield* Stream.runCollect(one.journal())
      expect(lines.at(-1)?.sequence).toBe(Partitions.baseOf(ahead) + 42)
      // Half a year ahead of the last line there is room.
      expect((yield* partitions(schema)).at(-1)).toBe(Partitions.nameOf(ahead + 6))
    })))

  it("a month ends: the next lines lie in the next one, and all are read in the order in which they were lived", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      yield* store({ schema })
      const month = yield* begunEarlier(schema, 1)
      const { funded, id, pay, subject } = account("turning")
      const one = yield* store({ schema })
      // It turned the page when it was opened; now it is as if the month had ended only after that.
      yield* done(`SELECT setval('"${schema}".line_number', ${Partitions.baseOf(month) + 1})`)
      yield* Effect.forEach([...funded(1_000), pay(1), pay(2)], one.transact)
      const before = yield* Stream.runCollect(one.journal())
      expect(before.every(({ sequence }) => Partitions.monthOf(sequence) === month)).toBe(true)
      // Payments go on while the page is turned.
      const paying = yield* Effect.forkChild(
        Effect.forEach(Array.from({ length: 60 }, () => pay(1)), one.transact, { concurrency: 4 })
      )
      yield* lookAfter(schema)
      for (const answer of yield* Fiber.join(paying)) expect(answer._tag).toBe("Approved")
      yield* one.transact(pay(3))
      const after = yield* Stream.runCollect(one.journal())
      expect(after).toHaveLength(before.length + 61)
      expect(after.slice(0, before.length)).toEqual(before)
      const sequences = after.map(({ sequence }) => sequence)
      expect(sequences).toEqual([...sequences].sort((one, other) => one - other))
      expect([...new Set(sequences.map(Partitions.monthOf))]).toEqual([month, month + 1])
      expect(yield* Stream.runCollect(one.journal({ account: id }))).toEqual(after)
      expect(yield* one.history(id, { limit: 500 })).toEqual([...after].reverse())
      // What was answered in the month that is over is known in the next one (D19).
      const first = after[4]
      if (first === undefined) throw new Error("it was paid")
      expect(yield* one.answered({ caller: first.command.caller, id: first.command.id })).toMatchObject({
        value: first
      })
      expect(yield* one.find(subject)).toMatchObject({ value: { pockets: { transit: 1_000 - 3 - 60 - 3 } } })
    })))

  it("a clock years ahead of the last line is not believed, and what the log says then turns the page", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      const today = (yield* Effect.andThen(store({ schema }), partitions(schema)))[0]
      const month = yield* begunEarlier(schema, 30)
      const warnings: Array<string> = []
      const heard = Logger.make<unknown, void>(({ message }) => void warnings.push(String(message)))
      const listening = Effect.provide(Logger.layer([heard]))
      yield* listening(lookAfter(schema))
      expect(Partitions.monthOf(yield* lastNumber(schema))).toBe(month)
      expect(warnings).toHaveLength(1)
      const [remedy] = /SELECT setval\([^)]*\)/.exec(warnings[0] ?? "") ?? []
      if (remedy === undefined) return yield* Effect.die(new Error(`no remedy: ${warnings[0]}`))
      yield* done(remedy)
      yield* listening(lookAfter(schema))
      expect(warnings).toHaveLength(1)
      expect(Partitions.nameOf(Partitions.monthOf(yield* lastNumber(schema)))).toBe(today)
      const one = yield* store({ schema })
      yield* Effect.forEach(account("restored").funded(1_000), one.transact)
      const [line] = yield* Stream.runCollect(one.journal())
      expect(Partitions.nameOf(Partitions.monthOf(line?.sequence ?? 0))).toBe(today)
    })))
})

describe("a role that may not change tables", () => {
  const role = (schema: string) =>
    Effect.gen(function*() {
      yield* done(`CREATE ROLE "${schema}"`)
      yield* done(`GRANT USAGE ON SCHEMA "${schema}" TO "${schema}"`)
      yield* done(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "${schema}" TO "${schema}"`)
      yield* done(`GRANT SELECT, USAGE, UPDATE ON ALL SEQUENCES IN SCHEMA "${schema}" TO "${schema}"`)
    })
  const asRole = (schema: string) => store({ schema, client: { startupOptions: `-c role=${schema}` } })

  it("is content where the lines of today have their place, though those of the months to come have none", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      yield* store({ schema })
      yield* role(schema)
      const names = yield* partitions(schema)
      yield* done(`DROP TABLE "${schema}"."${names.at(-1)}"`)
      const till = yield* asRole(schema)
      const { funded, pay } = account("content")
      yield* Effect.forEach([...funded(1_000), pay(1)], till.transact)
      expect(yield* partitions(schema)).toEqual(names.slice(0, -1))
    })))

  it("turns the page to the month that its owner has made, also where those to come are missing", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      yield* store({ schema })
      yield* role(schema)
      const names = yield* partitions(schema)
      yield* done(`DROP TABLE "${schema}"."${names.at(-1)}"`)
      yield* done(`SELECT setval('"${schema}".line_number', 42)`)
      const till = yield* asRole(schema)
      const { funded } = account("turned")
      yield* Effect.forEach(funded(1_000), till.transact)
      const lines = yield* Stream.runCollect(till.journal())
      expect(Partitions.nameOf(Partitions.monthOf(lines[0]?.sequence ?? 0))).toBe(names[0])
    })))

  it("is refused where the lines of today have no place", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      yield* store({ schema })
      yield* role(schema)
      for (const name of yield* partitions(schema)) yield* done(`DROP TABLE "${schema}"."${name}"`)
      const fault = yield* Effect.flip(asRole(schema))
      expect(fault).toMatchObject({ _tag: "StoreBroken" })
      expect(fault.message).toContain(`look after the partitions of schema ${schema}`)
    })))
})
