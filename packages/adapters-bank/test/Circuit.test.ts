import { it as effect } from "@effect/vitest"
import { Data, Effect, Fiber, Random, Ref, Result } from "effect"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Circuit from "../src/Circuit.ts"

class Down extends Data.TaggedError("Down")<{ readonly wait?: number }> {}
class Declined extends Data.TaggedError("Declined") {}

const told = (error: Down | Declined): Circuit.Failure =>
  error._tag === "Down"
    ? { isTemporary: true, ...(error.wait === undefined ? {} : { wait: error.wait }) }
    : { isTemporary: false }
const repeatable = { isRepeatable: true, told }
const policy: Circuit.Policy = { ...Circuit.policy, spread: 0 }

/** Fails in turn as told, then answers; counts how often it was sent. */
const peer = Effect.fnUntraced(function*(...failures: ReadonlyArray<Down | Declined>) {
  const sent = yield* Ref.make(0)
  const attempt = Effect.flatMap(Ref.getAndUpdate(sent, (count) => count + 1), (index) => {
    const failure = failures[index]
    return failure === undefined ? Effect.succeed("answer") : Effect.fail(failure)
  })
  return { sent: Ref.get(sent), attempt }
})
const downs = (count: number) => Array.from({ length: count }, () => new Down({}))

describe("waiting", () => {
  it.each([
    [1, 0, 500],
    [2, 0, 1_000],
    [3, 0, 2_000],
    [5, 0, 8_000],
    [6, 0, 8_000],
    [2_000, 0, 8_000],
    [1, 0.5, 375],
    [5, 1, 4_000]
  ])("before repetition %d, by chance of %d: %d ms", (repetition, random, wait) => {
    expect(Circuit.waitBefore(repetition, random, Circuit.policy)).toBe(wait)
  })

  it.each([
    ["seconds", "120", 120_000],
    ["a date", "Sun, 30 Nov 2025 02:00:30 GMT", 30_000],
    ["a date that has passed", "Sun, 30 Nov 2025 01:00:00 GMT", 0],
    ["nothing", undefined, undefined],
    ["a fraction", "1.5", undefined],
    ["something below nothing", "-1", undefined],
    ["rubbish", "soon", undefined]
  ])("as Retry-After says: %s", (_, header, wait) => {
    expect(Circuit.retryAfter(header, Date.UTC(2025, 10, 30, 2, 0, 0))).toBe(wait)
  })

  it("never leaves its limits", () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 100 }), fc.double({ min: 0, max: 1, noNaN: true }), (n, random) => {
      const wait = Circuit.waitBefore(n, random, Circuit.policy)
      expect(wait).toBeGreaterThanOrEqual(Circuit.policy.firstWait * (1 - Circuit.policy.spread))
      expect(wait).toBeLessThanOrEqual(Circuit.policy.longestWait)
    }))
  })
})

describe("a call", () => {
  effect.effect("is repeated after 500 and 1000 ms, until it is answered", () =>
    Effect.gen(function*() {
      const circuit = yield* Circuit.make(policy)
      const { attempt, sent } = yield* peer(...downs(2))
      const fiber = yield* Effect.forkChild(Circuit.call(circuit, attempt, repeatable))
      yield* TestClock.adjust(499)
      expect(yield* sent).toBe(1)
      yield* TestClock.adjust(1)
      expect(yield* sent).toBe(2)
      yield* TestClock.adjust(999)
      expect(yield* sent).toBe(2)
      yield* TestClock.adjust(1)
      expect(yield* Fiber.join(fiber)).toBe("answer")
      expect(yield* sent).toBe(3)
      expect(yield* Ref.get(circuit.state)).toEqual({ _tag: "Closed", failures: 0 })
    }))

  effect.effect("is sent once where sending it twice would do two things", () =>
    Effect.gen(function*() {
      const { attempt, sent } = yield* peer(...downs(1))
      const result = yield* Effect.result(
        Circuit.call(yield* Circuit.make(policy), attempt, { isRepeatable: false, told })
      )
      expect(result).toEqual(Result.fail(new Down({})))
      expect(yield* sent).toBe(1)
    }))

  effect.effect("that was declined is not repeated, and shows that the peer is well", () =>
    Effect.gen(function*() {
      const circuit = yield* Circuit.make(policy)
      yield* Ref.set(circuit.state, { _tag: "Closed", failures: 4 })
      const { attempt, sent } = yield* peer(new Declined())
      expect(yield* Effect.result(Circuit.call(circuit, attempt, repeatable))).toEqual(Result.fail(new Declined()))
      expect(yield* sent).toBe(1)
      expect(yield* Ref.get(circuit.state)).toEqual({ _tag: "Closed", failures: 0 })
    }))

  effect.effect("is given up after four tries, with the last failure", () =>
    Effect.gen(function*() {
      const { attempt, sent } = yield* peer(...downs(9))
      const fiber = yield* Effect.forkChild(
        Effect.result(Circuit.call(yield* Circuit.make(policy), attempt, repeatable))
      )
      yield* TestClock.adjust("1 minute")
      expect(yield* Fiber.join(fiber)).toEqual(Result.fail(new Down({})))
      expect(yield* sent).toBe(4)
    }))

  effect.effect("waits for as long as the peer asks", () =>
    Effect.gen(function*() {
      const { attempt, sent } = yield* peer(new Down({ wait: 7_000 }))
      const fiber = yield* Effect.forkChild(Circuit.call(yield* Circuit.make(policy), attempt, repeatable))
      yield* TestClock.adjust(6_999)
      expect(yield* sent).toBe(1)
      yield* TestClock.adjust(1)
      expect(yield* Fiber.join(fiber)).toBe("answer")
    }))

  effect.effect("is not repeated if the peer asks for more than is left", () =>
    Effect.gen(function*() {
      const { attempt, sent } = yield* peer(new Down({ wait: 30_000 }))
      const result = yield* Effect.result(Circuit.call(yield* Circuit.make(policy), attempt, repeatable))
      expect(Result.isFailure(result) && result.failure._tag).toBe("Down")
      expect(yield* sent).toBe(1)
    }))

  effect.effect("that is never answered is given up at the deadline", () =>
    Effect.gen(function*() {
      const circuit = yield* Circuit.make(policy)
      const fiber = yield* Effect.forkChild(
        Effect.result(Circuit.call(circuit, Effect.never as Effect.Effect<string, Down>, repeatable))
      )
      yield* TestClock.adjust(29_999)
      expect(fiber.pollUnsafe()).toBeUndefined()
      yield* TestClock.adjust(1)
      const result = yield* Fiber.join(fiber)
      expect(Result.isFailure(result) && result.failure._tag).toBe("DeadlinePassed")
      expect(yield* Ref.get(circuit.state)).toEqual({ _tag: "Closed", failures: 1 })
    }))

  effect.effect("waits differently for different seeds, and alike for the same", () =>
    Effect.gen(function*() {
      const first = (seed: string) => Random.withSeed(Random.next, seed)
      const [a, b, again] = [yield* first("a"), yield* first("b"), yield* first("a")]
      const wait = (random: number) => Circuit.waitBefore(1, random, Circuit.policy)
      expect(wait(a)).toBe(wait(again))
      expect(wait(a)).not.toBe(wait(b))
    }))
})

describe("a circuit", () => {
  const once = (circuit: Circuit.Circuit, attempt: Effect.Effect<string, Down | Declined>) =>
    Effect.map(
      Effect.result(Circuit.call(circuit, attempt, { isRepeatable: false, told })),
      (result) => Result.isSuccess(result) ? result.success : result.failure._tag
    )

  effect.effect(
    "opens after five failures in a row, rests, tries one, and closes when that is answered",
    () =>
      Effect.gen(function*() {
        const circuit = yield* Circuit.make(policy)
        const { attempt, sent } = yield* peer(...downs(6))
        for (let count = 0; count < 5; count++) expect(yield* once(circuit, attempt)).toBe("Down")
        expect(yield* once(circuit, attempt)).toBe("CircuitOpen")
        yield* TestClock.adjust(29_999)
        expect(yield* once(circuit, attempt)).toBe("CircuitOpen")
        expect(yield* sent).toBe(5)
        yield* TestClock.adjust(1)
        expect(yield* once(circuit, attempt)).toBe("Down")
        expect(yield* once(circuit, attempt)).toBe("CircuitOpen")
        yield* TestClock.adjust(30_000)
        expect(yield* once(circuit, attempt)).toBe("answer")
        expect(yield* once(circuit, attempt)).toBe("answer")
        expect(yield* sent).toBe(8)
      })
  )

  effect.effect("lets one try at a time, and another when that one was cut off", () =>
    Effect.gen(function*() {
      const circuit = yield* Circuit.make(policy)
      yield* Ref.set(circuit.state, { _tag: "Open", until: 0 })
      const trying = yield* Effect.forkChild(once(circuit, Effect.never))
      yield* Effect.yieldNow
      expect(yield* once(circuit, Effect.succeed("answer"))).toBe("CircuitOpen")
      yield* Fiber.interrupt(trying)
      yield* TestClock.adjust(policy.deadline)
      expect(yield* once(circuit, Effect.succeed("answer"))).toBe("answer")
    }))

  effect.effect(
    "that opens between two tries does not make it look as if nothing had been sent",
    () =>
      Effect.gen(function*() {
        const circuit = yield* Circuit.make(policy)
        yield* Ref.set(circuit.state, { _tag: "Closed", failures: 4 })
        const { attempt, sent } = yield* peer(...downs(2))
        const fiber = yield* Effect.forkChild(Effect.result(Circuit.call(circuit, attempt, repeatable)))
        yield* TestClock.adjust("10 seconds")
        expect(yield* Fiber.join(fiber)).toEqual(Result.fail(new Down({})))
        expect(yield* sent).toBe(1)
      })
  )

  it("never admits a call while it is open, whatever came before", () => {
    const event = fc.record({ wait: fc.nat({ max: 40_000 }), isWell: fc.boolean() })
    fc.assert(fc.property(fc.array(event, { maxLength: 40 }), (events) => {
      let state: Circuit.State = { _tag: "Closed", failures: 0 }
      let now = 0
      let failures = 0
      let openedAt = Number.NEGATIVE_INFINITY
      for (const { isWell, wait } of events) {
        now += wait
        const admitted = Circuit.admit(state, policy, now)
        expect(Result.isFailure(admitted)).toBe(now < openedAt + policy.rest)
        if (Result.isFailure(admitted)) continue
        const isTrial = admitted.success._tag === "HalfOpen"
        state = Circuit.settle(admitted.success, isWell, policy, now)
        failures = isWell ? 0 : failures + 1
        if (!isWell && (isTrial || failures >= policy.failures)) openedAt = now
      }
    }))
  })
})
