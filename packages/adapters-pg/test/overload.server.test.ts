// More callers than the store has room for: told at once, with no memory taken, and all is well when the database answers again.
import { Context, Effect, Exit, Fiber, Layer, Option, Result, type Scope } from "effect"
import { SqlClient } from "effect/sql"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { describe, expect, it } from "vitest"
import { client, freshSchema, store } from "./clients.ts"
import { account } from "./commands.ts"

const run = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>) => Effect.runPromise(Effect.scoped(effect))

setFlagsFromString("--expose-gc")
const collect: () => void = runInNewContext("gc")
const heap = (): number => {
  collect()
  return process.memoryUsage().heapUsed
}

/** Nothing is written to a campus until it is let go; no lock is waited for. */
const hold = (schema: string) =>
  Effect.gen(function*() {
    const sql = Context.get(yield* Layer.build(client()), SqlClient.SqlClient)
    yield* sql.unsafe(`CREATE TABLE "${schema}".gate AS SELECT false AS open`)
    yield* sql.unsafe(
      `CREATE FUNCTION "${schema}".stall() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         WHILE NOT (SELECT open FROM "${schema}".gate) LOOP PERFORM pg_sleep(0.02); END LOOP;
         RETURN NULL;
       END $$`
    )
    yield* sql.unsafe(
      `CREATE TRIGGER stall BEFORE INSERT ON "${schema}".journal EXECUTE FUNCTION "${schema}".stall()`
    )
    return { letGo: sql.unsafe(`UPDATE "${schema}".gate SET open = true`) }
  })

describe("an overloaded store", () => {
  /** Of each of two lanes, of which one account has one. */
  const capacity = 50
  const batch = 20

  it("a database that is held: who has no room is told Overloaded at once; the others are answered when it is let go", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      const busy = yield* store({ schema, capacity: 2 * capacity, batch })
      const { funded, pay, subject } = account("held")
      yield* Effect.forEach(funded(1_000_000), busy.transact)
      const { letGo } = yield* hold(schema)
      const commands = Array.from({ length: 1_000 }, () => pay(100))
      const fibers = yield* Effect.forEach(
        commands,
        (command) => Effect.forkChild(Effect.result(busy.transact(command)), { startImmediately: true })
      )
      yield* Effect.sleep("200 millis")
      // Each who was not taken knows it by now.
      const told = fibers.flatMap((fiber) => {
        const exit = fiber.pollUnsafe()
        return exit !== undefined && Exit.isSuccess(exit) && Result.isFailure(exit.value) ? [exit.value.failure] : []
      })
      expect(told.length).toBeGreaterThanOrEqual(commands.length - capacity - batch)
      for (const fault of told) {
        expect(fault).toMatchObject({ _tag: "Overloaded", waiting: capacity })
        expect(fault.message).toContain("send this one again a little later")
      }
      yield* letGo
      const results = yield* Effect.forEach(fibers, Fiber.join)
      const taken = results.filter(Result.isSuccess)
      expect(taken.length).toBe(commands.length - told.length)
      // Nothing was written of those who had no room.
      expect(Option.getOrThrow(yield* busy.find(subject)).pockets.transit).toBe(1_000_000 - taken.length * 100)
      const again = yield* Effect.forEach(commands, busy.transact, { concurrency: 50 })
      expect(again.every(({ _tag }) => _tag === "Approved")).toBe(true)
      for (const [at, result] of results.entries()) {
        if (Result.isSuccess(result)) expect(again[at]).toEqual(result.success)
      }
      expect(Option.getOrThrow(yield* busy.find(subject)).pockets.transit).toBe(900_000)
    })))

  it("100,000 commands that have no room take no memory", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      const busy = yield* store({ schema, capacity: 2 * capacity, batch, timeout: "1 minute" })
      const { funded, pay } = account("flooded")
      yield* Effect.forEach(funded(1_000_000), busy.transact)
      const { letGo } = yield* hold(schema)
      const waiting = yield* Effect.forEach(
        Array.from({ length: 500 }, () => pay(100)),
        (command) => Effect.forkChild(Effect.result(busy.transact(command)), { startImmediately: true })
      )
      const flood = Effect.forEach(
        Array.from({ length: 1_000 }, () => pay(100)),
        (command) => Effect.flip(busy.transact(command)),
        { concurrency: "unbounded" }
      )
      yield* flood
      const before = heap()
      for (let round = 0; round < 100; round++) {
        const faults = yield* flood
        if (round === 0) expect(new Set(faults.map(({ _tag }) => _tag))).toEqual(new Set(["Overloaded"]))
      }
      // 40 bytes a command would be 4 MB.
      expect(heap() - before).toBeLessThan(4_000_000)
      yield* letGo
      const results = yield* Effect.forEach(waiting, Fiber.join)
      expect(results.filter(Result.isSuccess).length).toBeGreaterThanOrEqual(capacity)
      expect((yield* busy.transact(pay(100)))._tag).toBe("Approved")
    })))
})
