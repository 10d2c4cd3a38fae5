// I1 what the books hold, as the database sums it: whole fen or a fault, and for how long it may take. Without a database.
import { Effect, Fiber } from "effect"
import type { SqlClient } from "effect/sql"
import type { Fragment } from "effect/sql/Statement"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import * as Balances from "../src/Balances.ts"

/** A database that says this to every statement. */
const saying = (answer: Effect.Effect<unknown>) => (() => answer) as unknown as SqlClient.SqlClient
const table = {} as Fragment

const summed = (sum: typeof Balances.of, fen: string) =>
  Effect.runPromise(Effect.result(sum(saying(Effect.succeed([{ book: "merchant:m", fen }])), table)))

describe("what a book holds", () => {
  const cases: ReadonlyArray<readonly [what: string, fen: string, holds: number | undefined]> = [
    ["nothing", "0", 0],
    ["less than nothing, as a channel does", "-1250", -1_250],
    ["as much as a number can", "9007199254740991", 9_007_199_254_740_991],
    ["one fen more than that", "9007199254740992", undefined],
    ["one less than its opposite", "-9007199254740992", undefined]
  ]
  for (const [what, fen, holds] of cases) {
    it(`${what}: a store ${holds === undefined ? "refuses to tell it, and never rounds" : "tells it"}`, async () => {
      const result = await summed(Balances.of, fen)
      if (holds !== undefined) return expect(result).toMatchObject({ success: new Map([["merchant:m", holds]]) })
      expect(result).toMatchObject({ failure: { _tag: "StoreBroken", operation: "balances" } })
      expect(result).toMatchObject({
        failure: { problem: expect.stringContaining("merchant:m holds more fen than") }
      })
    })

    it(`${what}: a check ${holds === undefined ? "leaves it out, and so finds the book" : "tells it"}`, async () => {
      expect(await summed(Balances.within, fen)).toMatchObject({
        success: new Map(holds === undefined ? [] : [["merchant:m", holds]])
      })
    })
  }
})

describe("a database that sums for very long", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }))
  afterEach(() => void vi.useRealTimers())

  it("a caller of a store is told after five minutes", async () => {
    const asked = Effect.runFork(Effect.flip(Balances.of(saying(Effect.never), table)))
    await vi.advanceTimersByTimeAsync(299_000)
    expect(asked.pollUnsafe()).toBeUndefined()
    await vi.advanceTimersByTimeAsync(2_000)
    const fault = await Effect.runPromise(Fiber.join(asked))
    expect(fault).toMatchObject({ _tag: "StoreUnavailable", operation: "balances" })
  })

  it("a check goes on for a day, until somebody interrupts it", async () => {
    let ended = false
    const summing = Effect.onInterrupt(Effect.never, () => Effect.sync(() => void (ended = true)))
    const asked = Effect.runFork(Balances.within(saying(summing), table))
    await vi.advanceTimersByTimeAsync(86_400_000)
    expect(asked.pollUnsafe()).toBeUndefined()
    await Effect.runPromise(Fiber.interrupt(asked))
    expect(ended).toBe(true)
  })
})
