/** A view of the journal that goes on where it ended: read once, and after that only what is new. */
import { Effect, Fiber, Stream } from "effect"
import { describe, expect, it } from "vitest"
import { instant, later, minute } from "../../src/CivilTime.ts"
import type * as Command from "../../src/Command.ts"
import * as Projection from "../../src/flows/Projection.ts"
import * as Id from "../../src/Id.ts"
import * as Money from "../../src/Money.ts"
import { AccountStore } from "../../src/ports/AccountStore.ts"
import * as AccountStoreLaws from "../../src/testing/AccountStoreLaws.ts"
import * as MemoryAccountStore from "../../src/testing/MemoryAccountStore.ts"

const start = instant("2026-03-02 10:00")

/** A payment by a card that nobody has: a line like any other. */
const tap = (at: number, name = `tap-${at}`): Command.Envelope => ({
  caller: Id.CallerId.make("till"),
  id: Id.CommandId.make(name),
  at: later(start, at * minute),
  receivedAt: later(start, at * minute),
  point: Id.PointId.make("canteen-1"),
  subject: { _tag: "Card", card: Id.CardId.make("card-9") },
  body: { _tag: "PayByCard", card: Id.CardId.make("card-9"), amount: Money.amount(100), link: "up" }
})

/** A store that counts which of its lines were read, and a view that lists them. */
const watched = () => {
  let store = MemoryAccountStore.make(AccountStoreLaws.profiles)
  const read: Array<number> = []
  let stopAfter = Number.MAX_SAFE_INTEGER
  const view = Projection.make(
    (): ReadonlyArray<string> => [],
    (lines, { command }) => [...lines, command.id]
  )
  const service: AccountStore["Service"] = {
    ...store,
    journal: (which) =>
      Stream.tap(store.journal(which), ({ sequence }) =>
        Effect.suspend(() => {
          read.push(sequence)
          return read.length > stopAfter ? Effect.never : Effect.yieldNow
        }))
  }
  return {
    read,
    now: Effect.provideService(view.now, AccountStore, service),
    taps: (...commands: ReadonlyArray<Command.Envelope>) =>
      Effect.forEach(commands, (one) => store.transact(one), { discard: true }),
    stop: (after: number) => {
      stopAfter = after
    },
    putBack: () => {
      store = MemoryAccountStore.make(AccountStoreLaws.profiles)
    }
  }
}

describe("a view of the journal", () => {
  it("reads every line once, and of those it knows only the last one again", () =>
    Effect.runPromise(Effect.gen(function*() {
      const { now, read, taps } = watched()
      expect(yield* now).toEqual([])
      yield* taps(tap(1), tap(2), tap(3))
      expect(yield* now).toEqual(["tap-1", "tap-2", "tap-3"])
      expect(read.splice(0)).toEqual([1, 2, 3])
      expect(yield* now).toEqual(["tap-1", "tap-2", "tap-3"])
      yield* taps(tap(4))
      expect(yield* now).toEqual(["tap-1", "tap-2", "tap-3", "tap-4"])
      expect(read).toEqual([3, 3, 4])
    })))

  it("many who ask at once share one reading, and each sees what was answered before", () =>
    Effect.runPromise(Effect.gen(function*() {
      const { now, read, taps } = watched()
      yield* taps(...Array.from({ length: 50 }, (_, at) => tap(at)))
      const seen = yield* Effect.forEach(Array.from({ length: 20 }), () => now, { concurrency: "unbounded" })
      expect(seen.map((lines) => lines.length)).toEqual(Array(20).fill(50))
      expect(read.filter((sequence) => sequence < 50)).toHaveLength(49)
    })))

  it("whoever is interrupted leaves what was read to the next, who waits for nobody", () =>
    Effect.runPromise(Effect.gen(function*() {
      const { now, read, stop, taps } = watched()
      yield* taps(tap(1), tap(2), tap(3))
      stop(2)
      const fiber = yield* Effect.forkChild(now)
      while (read.length < 3) yield* Effect.yieldNow
      yield* Fiber.interrupt(fiber)
      stop(Number.MAX_SAFE_INTEGER)
      read.splice(0)
      expect(yield* now).toEqual(["tap-1", "tap-2", "tap-3"])
      expect(read[0]).toBeGreaterThan(1)
    })))

  it.each([
    ["shorter", [tap(1)]],
    ["empty", []],
    ["as long, with another last line", [tap(1), tap(2), tap(9)]],
    ["longer, with other lines", [tap(1), tap(7), tap(8), tap(9)]]
  ])("begins anew where the store was put back, and is %s now", (_, lines) =>
    Effect.runPromise(Effect.gen(function*() {
      const { now, putBack, taps } = watched()
      yield* taps(tap(1), tap(2), tap(3))
      yield* now
      putBack()
      yield* taps(...lines)
      expect(yield* now).toEqual(lines.map(({ id }) => id))
    })))
})
