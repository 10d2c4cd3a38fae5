// I3: a caller that goes away never leaves half of a batch behind. The others are answered; what became of its own command, a retry tells.
import { AccountStore, Books } from "@yikatong/core"
import { Effect, Exit, Fiber, Option, type Scope, Stream } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { freshSchema, store } from "./clients.ts"
import { account } from "./commands.ts"

const run = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>) => Effect.runPromise(Effect.scoped(effect))
const callers = 500

describe("callers that are interrupted", () => {
  const cases = [
    { what: "one in ten, at once", share: 10, within: 0 },
    { what: "one in three, while batches are under way", share: 33, within: 20 },
    { what: "nine in ten, while batches are under way", share: 90, within: 20 },
    { what: "all of them", share: 100, within: 20 }
  ] as const
  for (const { share, what, within } of cases) {
    it(`${what}: of ${callers} each one who stays is answered, and each command happens once or not`, () =>
      run(Effect.gen(function*() {
        const schema = freshSchema()
        const one = yield* store({ schema })
        const people = Array.from({ length: 10 }, (_, at) => account(`interrupted-${share}-${at}`))
        yield* Effect.forEach(people, ({ funded }) => Effect.forEach(funded(100_000), one.transact), {
          concurrency: "unbounded"
        })
        // Which, and when: printed by fast-check's seed, should it ever fail.
        const [seed] = fc.sample(fc.integer(), 1)
        const plans = fc.sample(
          fc.record({ goes: fc.nat(99).map((at) => at < share), after: fc.integer({ min: 0, max: within }) }),
          { numRuns: callers, seed: seed! }
        )
        const commands = Array.from({ length: callers }, (_, at) => people[at % 10]!.pay(1 + at))
        const fibers = yield* Effect.forEach(
          commands,
          (command) => Effect.forkChild(one.transact(command), { startImmediately: true })
        )
        const exits = yield* Effect.forEach(
          fibers,
          (fiber, at) =>
            plans[at]!.goes
              ? Effect.andThen(
                Effect.sleep(plans[at]!.after),
                Effect.andThen(Fiber.interrupt(fiber), Fiber.await(fiber))
              )
              : Fiber.await(fiber),
          { concurrency: "unbounded" }
        )
        for (const [at, exit] of exits.entries()) {
          if (!plans[at]!.goes) expect(Exit.isSuccess(exit), `caller ${at}, seed ${seed}`).toBe(true)
        }
        // The retry of another process tells: the answer that was given, or the first one.
        const other = yield* store({ schema })
        const before = new Map(
          (yield* Stream.runCollect(other.journal())).map(({ answer, command }) => [command.id, answer])
        )
        const again = yield* Effect.forEach(commands, other.transact, { concurrency: "unbounded" })
        for (const [at, exit] of exits.entries()) {
          if (Exit.isSuccess(exit)) expect(again[at]).toEqual(exit.value)
          const written = before.get(commands[at]!.id)
          if (Exit.isSuccess(exit)) expect(written, `caller ${at}, seed ${seed}`).toEqual(exit.value)
          if (written !== undefined) expect(again[at]).toEqual(written)
        }
        expect(again.every(({ _tag }) => _tag === "Approved")).toBe(true)
        const ids = (yield* Stream.runCollect(other.journal())).map(({ command }) => command.id)
        expect(new Set(ids).size).toBe(ids.length)
        expect(ids).toHaveLength(people.length * 4 + callers)
        for (const [at, { subject }] of people.entries()) {
          const paid = commands.reduce((sum, _, which) => which % 10 === at ? sum + 1 + which : sum, 0)
          expect(Option.getOrThrow(yield* other.find(subject)).pockets.transit).toBe(100_000 - paid)
        }
        const { breaks } = yield* Effect.provideService(Books.check(), AccountStore.AccountStore, other)
        expect(breaks).toEqual([])
      })))
  }
})
