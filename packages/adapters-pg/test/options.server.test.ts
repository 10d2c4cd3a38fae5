// What a store is opened with, and on what: refused at once where no payment could be answered, with the remedy (D19).
import type { Fault } from "@yikatong/core"
import { Context, Duration, Effect, Layer, type Scope } from "effect"
import { SqlClient } from "effect/sql"
import { describe, expect, it } from "vitest"
import { client, freshSchema, store, type StoreOptions, subjects } from "./clients.ts"
import { account } from "./commands.ts"

const run = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>) => Effect.runPromise(Effect.scoped(effect))
const opened = (options: object) => Effect.result(store({ schema: freshSchema(), ...options } as StoreOptions))
const told = (options: object) =>
  run(Effect.map(opened(options), (result) => result._tag === "Success" ? "opened" : result.failure))

const time = "`timeout` is a time of 1 millisecond to 24 days"

describe("an option that means nothing is refused at once, and says what it may be", () => {
  const cases: ReadonlyArray<readonly [options: object, problem: string]> = [
    [{ timeout: 0 }, time],
    [{ timeout: -5 }, time],
    [{ timeout: Number.NaN }, time],
    [{ timeout: Number.POSITIVE_INFINITY }, time],
    [{ timeout: Duration.infinity }, time],
    [{ timeout: "30 days" }, time],
    [{ timeout: 2 ** 31 }, time],
    [{ timeout: "soon" }, time],
    [{ timeout: {} }, time],
    [{ lanes: 0 }, "`lanes` is a whole number, 1 to 64"],
    [{ lanes: 100_000 }, "`lanes` is a whole number, 1 to 64"],
    [{ lanes: "2" }, "`lanes` is a whole number, 1 to 64"],
    [{ batch: 1.5 }, "`batch` is a whole number, 1 to 10000"],
    [{ batch: Number.NaN }, "`batch` is a whole number, 1 to 10000"],
    [{ capacity: -1 }, "`capacity` is a whole number, 1 or more"],
    [{ pooled: "yes" }, "`pooled` is true or false"]
  ]
  for (const [options, problem] of cases) {
    it(Object.entries(options).map(([name, value]) => `${name}: ${String(value)}`).join(), async () => {
      const fault = await told(options)
      expect(fault).toMatchObject({ _tag: "StoreBroken" })
      expect((fault as Fault.StoreBroken).message).toContain(problem)
    })
  }

  it("the longest and the shortest time open", () =>
    run(Effect.gen(function*() {
      for (const timeout of ["24 days", 1] as const) expect((yield* opened({ timeout }))._tag).toBe("Success")
    })))

  it("the store of other subjects refuses a time that is none too", () =>
    run(Effect.gen(function*() {
      const fault = yield* Effect.flip(subjects({ schema: freshSchema(), timeout: Number.POSITIVE_INFINITY }))
      expect(fault.message).toContain(time)
    })))
})

describe("D19 what is answered is durable, whatever the role says", () => {
  /** A role of its own with this setting, which may do everything here. */
  const role = (level: string) =>
    Effect.acquireRelease(
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const name = freshSchema()
        yield* sql.unsafe(`CREATE ROLE ${name} LOGIN SUPERUSER`)
        yield* sql.unsafe(`ALTER ROLE ${name} SET synchronous_commit = ${level}`)
        return name
      }).pipe(Effect.provide(client())),
      (name) =>
        Effect.flatMap(SqlClient.SqlClient, (sql) =>
          Effect.andThen(sql.unsafe(`DROP OWNED BY ${name} CASCADE`), sql.unsafe(`DROP ROLE ${name}`))).pipe(
            Effect.provide(client()),
            Effect.orDie
          )
    )
  const alter = (name: string, level: string) =>
    Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(`ALTER ROLE ${name} SET synchronous_commit = ${level}`))
      .pipe(Effect.provide(client()))

  it("a role whose commits are not waited for opens neither store, and is told how to turn it on", () =>
    run(Effect.gen(function*() {
      const as = { schema: freshSchema(), client: { username: yield* role("off") } }
      for (const fault of [yield* Effect.flip(store(as)), yield* Effect.flip(subjects(as))]) {
        expect(fault).toMatchObject({ _tag: "StoreBroken" })
        expect(fault.message).toContain("RESET synchronous_commit")
      }
    })))

  it.each([["off", "on"], ["remote_apply", "remote_apply"], ["local", "local"]])(
    "where it is turned to %s later, new sessions of the store pay with %s",
    (level, expected) =>
      run(Effect.gen(function*() {
        const [schema, name] = [freshSchema(), yield* role("on")]
        const busy = yield* store({ schema, lanes: 1, client: { username: name } })
        const sql = Context.get(yield* Layer.build(client()), SqlClient.SqlClient)
        yield* sql.unsafe(`CREATE TABLE "${schema}".seen (level text)`)
        yield* sql.unsafe(
          `CREATE FUNCTION "${schema}".look() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             INSERT INTO "${schema}".seen SELECT current_setting('synchronous_commit'); RETURN NULL; END $$`
        )
        yield* sql.unsafe(
          `CREATE TRIGGER look BEFORE INSERT ON "${schema}".journal EXECUTE FUNCTION "${schema}".look()`
        )
        // The lane opens its session with its first command.
        yield* alter(name, level)
        yield* Effect.forEach(account("durable").funded(100), busy.transact)
        const seen = yield* sql.unsafe<{ readonly level: string }>(`SELECT DISTINCT level FROM "${schema}".seen`)
        expect(seen).toEqual([{ level: expected }])
      }))
  )
})
