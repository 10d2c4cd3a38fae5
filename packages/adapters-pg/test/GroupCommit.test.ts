// Batches without a database: what `commit` is given, and what its callers are told.
import { Effect, Exit, Fiber, Latch, Result, Scope } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as GroupCommit from "../src/GroupCommit.ts"

type Failure = "down" | "poison" | "held" | "closed" | "full"

/** Items that break their batch as long as they stand here. */
const ill = new Set<string>()

/** A worker whose commits wait at a gate and are written down; the items "poison" and "down" break their batch. */
const worker = (limit = 4, { capacity = 100, lanes = 1 } = {}) =>
  Effect.gen(function*() {
    const gate = yield* Latch.make(false)
    const batches: Array<ReadonlyArray<string>> = []
    const parts: Array<ReadonlyArray<string>> = []
    const { submit, waiting } = yield* GroupCommit.make({
      keyOf: (item: string) => item,
      laneOf: (item) => item.charCodeAt(0),
      capacity,
      limit,
      lanes: Array.from(
        { length: lanes },
        () =>
        (
          items: ReadonlyArray<string>,
          isPart: boolean
        ): Effect.Effect<ReadonlyArray<Result.Result<string, "refused">>, Failure> =>
          gate.whenOpen(Effect.suspend(() => {
            batches.push(items)
            if (isPart) parts.push(items)
            if (items.includes("ill") && ill.has("ill")) return Effect.fail("poison")
            if (items.includes("held")) return Effect.fail("held")
            if (items.includes("down")) return Effect.fail("down")
            if (items.includes("poison")) return Effect.fail("poison")
            return Effect.succeed(
              items.map((item) => item === "bad" ? Result.fail("refused") : Result.succeed(item.toUpperCase()))
            )
          }))
      ),
      isPoisoned: (failure) => failure === "poison" || failure === "held",
      isHeld: (failure) => failure === "held",
      closed: () => "closed",
      overloaded: () => "full"
    })
    return { gate, batches, parts, submit, waiting }
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

  it("a key that failed alone goes alone from then on, until it succeeds: its neighbours wait for it once", () =>
    run(Effect.gen(function*() {
      const { batches, gate, parts, submit } = yield* worker(8)
      yield* gate.open
      const all = (items: ReadonlyArray<string>) =>
        Effect.forEach(items, (item) => Effect.result(submit(item)), { concurrency: "unbounded" })
      const told = (what: Result.Result<string, Failure>) => [Result.succeed("A"), what, Result.succeed("B")]
      ill.add("ill")
      expect(yield* all(["a", "ill", "b"])).toEqual(told(Result.fail("poison")))
      // The batch, its halves, and what was left of one of them.
      expect(batches).toEqual([["a", "ill", "b"], ["a"], ["ill", "b"], ["ill"], ["b"]])
      expect(parts).toEqual(batches.slice(1))
      batches.length = 0
      expect(yield* all(["a", "ill", "b"])).toEqual(told(Result.fail("poison")))
      expect(batches).toEqual([["a", "b"], ["ill"]])
      expect(parts.at(-1)).toEqual(["ill"])
      ill.delete("ill")
      expect(yield* all(["a", "ill", "b"])).toEqual(told(Result.succeed("ILL")))
      batches.length = 0
      expect(yield* all(["a", "ill", "b"])).toEqual(told(Result.succeed("ILL")))
      expect(batches).toEqual([["a", "ill", "b"]])
    })))

  it("of those that would wait for the same somebody one is tried, and the others are told the same, unsent", () =>
    run(Effect.gen(function*() {
      const { batches, gate, submit } = yield* worker(8)
      yield* gate.open
      const all = Effect.forEach(["a", "held", "b", "held", "c"], (item) => Effect.result(submit(item)), {
        concurrency: "unbounded"
      })
      const told = [
        Result.succeed("A"),
        Result.fail("held"),
        Result.succeed("B"),
        Result.fail("held"),
        Result.succeed("C")
      ]
      expect(yield* all).toEqual(told)
      expect(batches).toEqual([["a", "held", "b", "held", "c"], ["a", "held"], ["a"], ["held"], ["b", "c"]])
      batches.length = 0
      expect(yield* all).toEqual(told)
      expect(batches).toEqual([["a", "b", "c"], ["held"]])
    })))

  it("a lane whose commit was interrupted tells its callers that it is closed", () =>
    run(Effect.gen(function*() {
      const { submit } = yield* GroupCommit.make<string, string, never, Failure>({
        keyOf: (item) => item,
        laneOf: () => 0,
        capacity: 9,
        limit: 9,
        lanes: [() => Effect.interrupt],
        isPoisoned: () => false,
        isHeld: () => false,
        closed: () => "closed",
        overloaded: () => "full"
      })
      expect(yield* Effect.result(submit("a"))).toEqual(Result.fail("closed"))
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

/** Lanes that wait at gates of their own; an item is the name of an account and a number: "a1" is of lane `a`. */
const inLanes = (lanes: number, { capacity = 1_000, limit = 4 } = {}) =>
  Effect.gen(function*() {
    const gates = yield* Effect.forEach(Array.from({ length: lanes }), () => Latch.make(false))
    const done: Array<readonly [lane: number, items: ReadonlyArray<string>]> = []
    const busy = new Set<number>()
    const { submit, waiting } = yield* GroupCommit.make({
      keyOf: (item: string) => item,
      laneOf: (item) => item.charCodeAt(0),
      capacity,
      limit,
      lanes: gates.map((gate, lane) => (items: ReadonlyArray<string>) =>
        gate.whenOpen(Effect.gen(function*() {
          // One batch at a time, or the order of an account would be lost.
          expect(busy.has(lane)).toBe(false)
          busy.add(lane)
          yield* Effect.yieldNow
          busy.delete(lane)
          if (items.some((item) => item.endsWith("!"))) return yield* Effect.fail("poison" as Failure)
          done.push([lane, items])
          return items.map((item) => Result.succeed(item.toUpperCase()))
        }))
      ),
      isPoisoned: (failure) => failure === "poison",
      isHeld: () => false,
      closed: (): Failure => "closed",
      overloaded: (): Failure => "full"
    })
    const begin = (items: ReadonlyArray<string>) =>
      Effect.forEach(items, (item) => Effect.forkChild(Effect.result(submit(item)), { startImmediately: true }))
    const end = (fibers: ReadonlyArray<Fiber.Fiber<Result.Result<string, Failure>>>) =>
      Effect.forEach(fibers, Fiber.join)
    return { gates, done, begin, end, submit, waiting }
  })

const upper = (items: ReadonlyArray<string>) => items.map((item) => Result.succeed(item.toUpperCase()))

describe("several lanes", () => {
  it("write at once: one that is held up keeps none of the others waiting", () =>
    run(Effect.gen(function*() {
      const { begin, done, end, gates } = yield* inLanes(2)
      const [even, odd] = gates
      // The letter b has an even number, a an odd one.
      const held = yield* begin(["a1", "a2"])
      const free = yield* begin(["b1", "b2"])
      yield* even?.open ?? Effect.void
      expect(yield* end(free)).toEqual(upper(["b1", "b2"]))
      expect(held.map((fiber) => fiber.pollUnsafe())).toEqual([undefined, undefined])
      yield* odd?.open ?? Effect.void
      expect(yield* end(held)).toEqual(upper(["a1", "a2"]))
      expect(new Set(done.map(([lane]) => lane))).toEqual(new Set([0, 1]))
    })))

  it("I3 whatever comes when: each account's items are written by one lane, once, in the order in which they came", () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 8 }),
        fc.array(fc.tuple(fc.constantFrom("a", "b", "c", "d", "e"), fc.boolean()), { maxLength: 60 }),
        (lanes, limit, wishes) =>
          run(Effect.gen(function*() {
            const { begin, done, end, gates, waiting } = yield* inLanes(lanes, { limit })
            const items = wishes.map(([account], at) => `${account}${at}`)
            const fibers = []
            for (const [at, item] of items.entries()) {
              fibers.push(...yield* begin([item]))
              // Now and then something is written before the next one comes.
              if (wishes[at]?.[1] === true) yield* Effect.yieldNow
              if (at === 20) yield* Effect.forEach(gates, (gate) => gate.open)
            }
            yield* Effect.forEach(gates, (gate) => gate.open)
            expect(yield* end(fibers)).toEqual(upper(items))
            expect(waiting()).toBe(0)
            for (const account of "abcde") {
              const of = (all: ReadonlyArray<string>) => all.filter((item) => item.startsWith(account))
              expect(of(done.flatMap(([, batch]) => batch))).toEqual(of(items))
              expect(new Set(done.filter(([, batch]) => of(batch).length > 0).map(([lane]) => lane)).size)
                .toBeLessThanOrEqual(1)
            }
            expect(done.every(([, batch]) => batch.length <= limit)).toBe(true)
          }))
      ),
      { numRuns: 100 }
    ))

  it("a poisonous item fails alone, in its lane; its neighbours and the other lanes do not notice", () =>
    run(Effect.gen(function*() {
      const { begin, done, end, gates } = yield* inLanes(2, { limit: 16 })
      const items = ["a1", "b1", "a2!", "b2", "a3", "b3", "a4", "a5!", "b4"]
      const fibers = yield* begin(items)
      yield* Effect.forEach(gates, (gate) => gate.open)
      expect(yield* end(fibers)).toEqual(
        items.map((item) => item.endsWith("!") ? Result.fail("poison") : Result.succeed(item.toUpperCase()))
      )
      const written = (lane: number) => done.flatMap(([at, batch]) => at === lane ? batch : [])
      expect(written(1)).toEqual(["a1", "a3", "a4"])
      expect(written(0)).toEqual(["b1", "b2", "b3", "b4"])
    })))
})

describe("where there is no room", () => {
  it("the next one is told so at once; whoever was let in is answered, and there is room again after that", () =>
    run(Effect.gen(function*() {
      const { begin, done, end, gates, submit, waiting } = yield* inLanes(2, { capacity: 2, limit: 2 })
      // Both lanes are under way with one each: these wait no longer.
      const first = yield* begin(["a0", "b0"])
      while (waiting() > 0) yield* Effect.yieldNow
      const fibers = yield* begin(["a1", "b1", "a2", "b2", "a3", "a4", "b3"])
      expect(waiting()).toBe(4)
      expect(yield* end(fibers.slice(4))).toEqual([Result.fail("full"), Result.fail("full"), Result.fail("full")])
      yield* Effect.forEach(gates, (gate) => gate.open)
      expect(yield* end([...first, ...fibers.slice(0, 4)])).toEqual(upper(["a0", "b0", "a1", "b1", "a2", "b2"]))
      // What was refused has never happened, and may be asked again.
      expect(done.flatMap(([, batch]) => batch).toSorted()).toEqual(["a0", "a1", "a2", "b0", "b1", "b2"])
      expect(waiting()).toBe(0)
      expect(yield* submit("b3")).toBe("B3")
    })))

  it("a lane that is stuck takes no room from another one", () =>
    run(Effect.gen(function*() {
      const { begin, end, gates, submit } = yield* inLanes(2, { capacity: 2, limit: 2 })
      const [even] = gates
      yield* even?.open ?? Effect.void
      const stuck = yield* begin(["a0"])
      yield* Effect.yieldNow
      yield* Effect.yieldNow
      const wait = yield* begin(["a1", "a2", "a3"])
      expect(wait.map((fiber) => fiber.pollUnsafe() !== undefined)).toEqual([false, false, true])
      expect(yield* submit("b0")).toBe("B0")
      yield* Effect.forEach(gates, (gate) => gate.open)
      expect(yield* end([...stuck, ...wait.slice(0, 2)])).toEqual(upper(["a0", "a1", "a2"]))
    })))

  it("whoever gives up before its batch begins makes room at once", () =>
    run(Effect.gen(function*() {
      const { begin, done, end, gates, waiting } = yield* inLanes(1, { capacity: 2, limit: 2 })
      const first = yield* begin(["a0"])
      while (waiting() > 0) yield* Effect.yieldNow
      const given = yield* begin(["a1", "a2"])
      yield* Fiber.interruptAll(given)
      expect(waiting()).toBe(0)
      const later = yield* begin(["a3", "a4"])
      yield* Effect.forEach(gates, (gate) => gate.open)
      expect(yield* end([...first, ...later])).toEqual(upper(["a0", "a3", "a4"]))
      expect(done.flatMap(([, batch]) => batch)).toEqual(["a0", "a3", "a4"])
    })))

  it("nothing is lost, whatever the room: each is answered and done once, or refused and not done at all", () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 10 }),
        fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 40 }),
        fc.nat({ max: 40 }),
        (capacity, accounts, opensAt) =>
          run(Effect.gen(function*() {
            const { begin, done, end, gates } = yield* inLanes(2, { capacity, limit: 3 })
            const items = accounts.map((account, at) => `${account}${at}`)
            const fibers = []
            for (const [at, item] of items.entries()) {
              if (at === opensAt) yield* Effect.forEach(gates, (gate) => gate.open)
              fibers.push(...yield* begin([item]))
              if (at % 5 === 0) yield* Effect.yieldNow
            }
            yield* Effect.forEach(gates, (gate) => gate.open)
            const replies = yield* end(fibers)
            const written = done.flatMap(([, batch]) => batch)
            expect(written.length).toBe(new Set(written).size)
            for (const [at, item] of items.entries()) {
              expect(replies[at]).toEqual(
                written.includes(item) ? Result.succeed(item.toUpperCase()) : Result.fail("full")
              )
            }
            for (const odd of [0, 1]) {
              const of = (all: ReadonlyArray<string>) => all.filter((item) => item.charCodeAt(0) % 2 === odd).length
              expect(of(written)).toBeGreaterThanOrEqual(Math.min(capacity, of(items)))
            }
          }))
      ),
      { numRuns: 100 }
    ))
})
