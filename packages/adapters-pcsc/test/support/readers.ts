// Readers without hardware for a test, what was told so far, and how to wait for it.
import { Effect, type Fiber, Layer, Result, Stream } from "effect"
import { TestClock } from "effect/testing"
import { PcscReader } from "../../src/PcscReader.ts"
import * as PcscReaders from "../../src/PcscReader.ts"
import type { ReaderEvent } from "../../src/ReaderEvent.ts"
import type { Given } from "../../src/ReaderOptions.ts"
import * as VirtualPcsc from "../../src/VirtualPcsc.ts"

/** One reader is plugged in unless the options say otherwise. */
export const readers = (options: VirtualPcsc.Options = {}, given: Given = {}) =>
  Layer.provideMerge(PcscReaders.layerWith(given), VirtualPcsc.layer({ readers: ["R"], ...options }))

/** Lets everything happen that needs no time, and as much as happens in this time. */
export const pass = (milliseconds: number) =>
  Effect.andThen(TestClock.adjust(milliseconds), Effect.repeat(Effect.yieldNow, { times: 50 }))
export const settled = pass(0)

/** Collects what a subscriber is told from here on. */
export const told = Effect.gen(function*() {
  const { events } = yield* PcscReader
  const all: Array<ReaderEvent> = []
  yield* Effect.forkScoped(Stream.runForEach(events, (event) => Effect.sync(() => all.push(event))))
  yield* settled
  return all
})

export const tags = (events: ReadonlyArray<ReaderEvent>): ReadonlyArray<string> => events.map(({ _tag }) => _tag)

/** Runs something that may wait, lets time pass, and gives what came of it; undefined if it still waits. */
export const after = <A, E, R>(milliseconds: number, effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    let result: Result.Result<A, E> | undefined
    const running = yield* Effect.forkChild(
      Effect.tap(Effect.result(effect), (came) => Effect.sync(() => result = came))
    )
    yield* settled
    for (let passed = 0; passed < milliseconds && result === undefined; passed += 10) yield* pass(10)
    return { result, running: running as Fiber.Fiber<unknown> }
  })

/** What went wrong, or what came. */
export const outcome = <A, E extends { readonly _tag: string }>(result: Result.Result<A, E> | undefined) =>
  result === undefined ? "waits" : Result.isFailure(result) ? result.failure : result.success
