import { it } from "@effect/vitest"
import { Effect, Exit, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { describe, expect } from "vitest"
import * as Bytes from "../src/Bytes.ts"
import type { CardChannel } from "../src/CardChannel.ts"
import { type CardFault, CardGone, ReaderGone } from "../src/CardFault.ts"
import { withPatience } from "../src/Patience.ts"

/** A card that answers to a reset from the so-manieth on; before, this is what comes. */
const after = (resets: number, fault: CardFault) => {
  const asked = { times: 0 }
  const channel: CardChannel = {
    reader: "reader-1",
    atr: Bytes.of("3B00"),
    longest: 261,
    transmit: () => Effect.succeed(Bytes.of("9000")),
    reset: Effect.suspend(() => ++asked.times >= resets ? Effect.void : Effect.fail(fault))
  }
  return { channel, asked }
}
const gone = new CardGone({ reader: "reader-1" })

describe("R28 a card that was pulled away too early is waited for", () => {
  it.effect.each(
    [
      ["it lies there", 1, 0, true, 1],
      ["it comes back after 0.3 s", 4, 300, true, 4],
      ["it comes back too late", 40, 3_000, false, 21]
    ] as const
  )("%s", ([, resets, milliseconds, there, times]) =>
    Effect.gen(function*() {
      const { asked, channel } = after(resets, gone)
      const waiting = yield* Effect.forkChild(Effect.exit(withPatience(channel, "2 seconds").reset))
      yield* TestClock.adjust(milliseconds)
      const exit = yield* Fiber.join(waiting)
      expect(Exit.isSuccess(exit)).toBe(there)
      expect(asked.times).toBe(times)
    }))

  it.effect("a reader that is gone is not waited for", () =>
    Effect.gen(function*() {
      const { asked, channel } = after(2, new ReaderGone({ reader: "reader-1" }))
      expect(yield* Effect.flip(withPatience(channel, "2 seconds").reset)).toMatchObject({ _tag: "ReaderGone" })
      expect(asked.times).toBe(1)
    }))
})
