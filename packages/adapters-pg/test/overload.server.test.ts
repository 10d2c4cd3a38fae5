// More callers than the store has room for: told at once, with no memory taken, and all is well when the database answers again.
import { Context, Effect, Exit, Fiber, Layer, Option, Result, type Scope, Scope as Scopes } from "effect"
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

/** Another session holds all accounts of a campus until it is let go. */
const hold = (schema: string) =>
  Effect.gen(function*() {
    const scope = yield* Scopes.make()
    const context = yield* Scopes.provide(Layer.build(client()), scope)
    const session = yield* Scopes.provide(Context.get(context, SqlClient.SqlClient).reserve, scope)
    yield* session.executeUnprepared("BEGIN", [], undefined)
    yield* session.executeUnprepared(`SELECT 1 FROM "${schema}".account FOR UPDATE`, [], undefined)
    return {
      letGo: Effect.andThen(session.executeUnprepared("ROLLBACK", [], undefined), Scopes.close(scope, Exit.void))
    }
  })

describe("an overloaded store", () => {
  const capacity = 100
  const batch = 20

  it("a database that is held: who has no room is told Overloaded at once; the others are answered when it is let go", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      const busy = yield* store({ schema, capacity, batch })
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
      const busy = yield* store({ schema, capacity, batch, timeout: "1 minute" })
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
