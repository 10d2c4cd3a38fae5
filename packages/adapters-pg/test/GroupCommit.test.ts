// Batches without a database: what `commit` is given, and what its callers are told.
import { Effect, Exit, Fiber, Latch, Result, Scope } from "effect"
import { describe, expect, it } from "vitest"
import * as GroupCommit from "../src/GroupCommit.ts"

type Failure = "down" | "poison" | "closed"

/** A worker whose commits wait at a gate and are written down; the items "poison" and "down" break their batch. */
const worker = (limit = 4) =>
  Effect.gen(function*() {
    const gate = yield* Latch.make(false)
    const batches: Array<ReadonlyArray<string>> = []
    const submit = yield* GroupCommit.make({
      limit,
      commit: (items: ReadonlyArray<string>): Effect.Effect<ReadonlyArray<Result.Result<string, "refused">>, Failure> =>
        gate.whenOpen(Effect.suspend(() => {
          batches.push(items)
          if (items.includes("down")) return Effect.fail("down")
          if (items.includes("poison")) return Effect.fail("poison")
          return Effect.succeed(
            items.map((item) => item === "bad" ? Result.fail("refused") : Result.succeed(item.toUpperCase()))
          )
        })),
      isPoisoned: (failure) => failure === "poison",
      closed: () => "closed"
    })
    return { gate, batches, submit }
  })

const run = <A>(effect: Effect.Effect<A, unknown, Scope.Scope>) => Effect.runPromise(Effect.scoped(effect))

describe("group commit", () => {
  it("what queues while a batch is under way is the next one, in the order of arrival", () =>
    run(Effect.gen(function*() {
      const { batches, gate, submit } = yield* worker()
      const fibers = yield* Effect.forEach(
        ["a", "b", "c", "d", "e", "f"],
        (item) => Effect.forkChild(submit(item), { startImmediately: true })
      )
      yield* Effect.yieldNow
      yield* gate.open
      expect(yield* Effect.forEach(fibers, Fiber.join)).toEqual(["A", "B", "C", "D", "E", "F"])
      expect(batches.flat()).toEqual(["a", "b", "c", "d", "e", "f"])
      expect(batches.length).toBeLessThanOrEqual(3)
      expect(Math.max(...batches.map(({ length }) => length))).toBeLessThanOrEqual(4)
    })))

  it("each caller is told its own reply, refusals too", () =>
    run(Effect.gen(function*() {
      const { gate, submit } = yield* worker()
      yield* gate.open
      const replies = yield* Effect.forEach(["a", "bad", "b"], (item) => Effect.result(submit(item)), {
        concurrency: "unbounded"
      })
      expect(replies).toEqual([Result.succeed("A"), Result.fail("refused"), Result.succeed("B")])
    })))

  it("a poisonous item fails alone", () =>
    run(Effect.gen(function*() {
      const { batches, gate, submit } = yield* worker(8)
      const items = ["a", "b", "c", "poison", "d", "e", "f", "g"]
      const fibers = yield* Effect.forEach(
        items,
        (item) => Effect.forkChild(Effect.result(submit(item)), { startImmediately: true })
      )
      yield* gate.open
      const replies = yield* Effect.forEach(fibers, Fiber.join)
      expect(replies).toEqual(
        items.map((item) => item === "poison" ? Result.fail("poison") : Result.succeed(item.toUpperCase()))
      )
      expect(batches.length).toBeLessThanOrEqual(9)
    })))

  it("a database that is down is not asked again for each of them", () =>
    run(Effect.gen(function*() {
      const { batches, gate, submit } = yield* worker(8)
      const fibers = yield* Effect.forEach(
        ["a", "down", "b"],
        (item) => Effect.forkChild(Effect.result(submit(item)), { startImmediately: true })
      )
      yield* gate.open
      yield* Effect.forEach(fibers, Fiber.join)
      expect(batches.length).toBeLessThanOrEqual(2)
    })))

  it("what its caller gave up before its batch began never happens", () =>
    run(Effect.gen(function*() {
      const { batches, gate, submit } = yield* worker(1)
      const first = yield* Effect.forkChild(submit("a"), { startImmediately: true })
      yield* Effect.yieldNow
      const given = yield* Effect.forkChild(submit("b"), { startImmediately: true })
      yield* Fiber.interrupt(given)
      yield* gate.open
      yield* Fiber.join(first)
      yield* submit("c")
      expect(batches).toEqual([["a"], ["c"]])
    })))

  it("when the scope closes, whoever waits is told so, and whoever comes later too", () =>
    run(Effect.gen(function*() {
      const scope = yield* Scope.make()
      const { submit } = yield* Scope.provide(worker(1), scope)
      const fibers = yield* Effect.forEach(
        ["a", "b"],
        (item) => Effect.forkChild(Effect.result(submit(item)), { startImmediately: true })
      )
      yield* Effect.yieldNow
      yield* Scope.close(scope, Exit.void)
      expect(yield* Effect.forEach(fibers, Fiber.join)).toEqual([Result.fail("closed"), Result.fail("closed")])
      expect(yield* Effect.result(submit("c"))).toEqual(Result.fail("closed"))
    })))
})
