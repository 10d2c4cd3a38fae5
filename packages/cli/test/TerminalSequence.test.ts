// The numbers of a terminal that remembers nothing: no two calls share one.
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as TerminalSequence from "../src/TerminalSequence.ts"

describe("the numbers of a terminal's transactions", () => {
  it.effect("of a thousand runs in one second none begins with the number of another, but by a chance of one in ten thousand", () =>
    Effect.gen(function*() {
      const firsts = new Set<number>()
      for (let run = 0; run < 1_000; run++) firsts.add(yield* yield* TerminalSequence.make)
      // Of 2^32 numbers a thousand share one in one of eight thousand tries, and two in none.
      expect(firsts.size).toBeGreaterThan(997)
      for (const first of firsts) {
        expect([Number.isInteger(first), first >= 0, first < 2 ** 32]).toEqual([true, true, true])
      }
    }))

  it.effect("are counted from there on in one run", () =>
    Effect.gen(function*() {
      const next = yield* TerminalSequence.make
      const first = yield* next
      expect(yield* next).toBe((first + 1) % 2 ** 32)
      expect(yield* next).toBe((first + 2) % 2 ** 32)
    }))
})
