// Time in the sandbox goes with the real one, and further when it is told to; what is due happens on the way, in order.
import { describe, expect, it } from "@effect/vitest"
import { CivilTime } from "@yikatong/core"
import { Clock, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { SandboxClock } from "../../src/sandbox/SandboxClock.ts"

const begin = CivilTime.instant("2026-03-02 08:00:00")

describe("the sandbox's clock", () => {
  it.effect("begins when it is told to, and goes with the real one", () =>
    Effect.gen(function*() {
      const clock = yield* SandboxClock.make(begin)
      expect(clock.now()).toBe(begin)
      yield* TestClock.adjust(1_500)
      expect(clock.now()).toBe(begin + 1_500)
    }))

  it.effect("is the real one, if it is not told when", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(begin)
      expect((yield* SandboxClock.make()).now()).toBe(begin)
    }))

  it.effect("does what falls due on the way in order and at its time, what that plans too, and nothing later", () =>
    Effect.gen(function*() {
      const clock = yield* SandboxClock.make(begin)
      const done: Array<[string, number]> = []
      const doing = (name: string) => Effect.sync(() => void done.push([name, clock.now() - begin]))
      clock.plan(3_000, doing("third"))
      clock.plan(1_000, Effect.andThen(doing("first"), Effect.sync(() => clock.plan(1_000, doing("second")))))
      clock.plan(3_000, doing("after the third"))
      clock.plan(3_001, doing("not yet"))
      yield* clock.advance(3_000)
      expect(done).toEqual([["first", 1_000], ["second", 2_000], ["third", 3_000], ["after the third", 3_000]])
      expect(clock.now()).toBe(begin + 3_000)
    }))

  it.effect("waits for what is being done before it passes over time that this may need", () =>
    Effect.gen(function*() {
      const clock = yield* SandboxClock.make(begin)
      const done: Array<string> = []
      clock.plan(
        0,
        Effect.andThen(
          Effect.sleep(100),
          Effect.sync(() => clock.plan(500, Effect.sync(() => void done.push("again"))))
        )
      )
      yield* TestClock.adjust(0)
      const advancing = yield* Effect.forkChild(clock.advance(1_000))
      yield* TestClock.adjust(100)
      yield* Fiber.join(advancing)
      expect(done).toEqual(["again"])
    }))

  it.effect("does what is due when the real time has come, too", () =>
    Effect.gen(function*() {
      const clock = yield* SandboxClock.make(begin)
      const done: Array<number> = []
      clock.plan(2_000, Effect.sync(() => void done.push(2)))
      clock.plan(1_000, Effect.sync(() => void done.push(1)))
      yield* TestClock.adjust(999)
      expect(done).toEqual([])
      yield* TestClock.adjust(1)
      expect(done).toEqual([1])
      yield* TestClock.adjust(5_000)
      expect(done).toEqual([1, 2])
    }))

  it.effect("goes on after a task that fails", () =>
    Effect.gen(function*() {
      const clock = yield* SandboxClock.make(begin)
      const done: Array<number> = []
      clock.plan(1_000, Effect.die(new Error("broken")))
      clock.plan(2_000, Effect.sync(() => void done.push(2)))
      yield* clock.advance(2_000)
      expect(done).toEqual([2])
    }))

  it.effect("wakes who sleeps by it, and programs that take it for theirs", () =>
    Effect.gen(function*() {
      const clock = yield* SandboxClock.make(begin)
      const program = Effect.andThen(Effect.sleep("1 day"), Clock.currentTimeMillis)
      const sleeping = yield* Effect.forkChild(Effect.provideService(program, Clock.Clock, clock.asClock))
      const napping = yield* Effect.forkChild(Effect.as(clock.sleep(5_000), "awake"))
      yield* TestClock.adjust(0)
      yield* clock.advance(CivilTime.dayLength)
      expect(yield* Fiber.join(napping)).toBe("awake")
      expect(yield* Fiber.join(sleeping)).toBe(begin + CivilTime.dayLength)
    }))
})
