// Whatever happens to readers, cards and the service, in whatever order: in the end the board shows what is there, and the cards work.
import { describe, expect, it } from "@effect/vitest"
import { Clock, Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"
import { Bytes } from "../src/index.ts"
import { PcscReader } from "../src/PcscReader.ts"
import type { ReaderEvent } from "../src/ReaderEvent.ts"
import { VirtualPcsc } from "../src/VirtualPcsc.ts"
import * as EchoCard from "./support/EchoCard.ts"
import { after, outcome, pass, readers, settled, tags, told } from "./support/readers.ts"
import * as Worse from "./support/worseReaders.ts"

const names = ["A", "B", "C"] as const
type Name = typeof names[number]

type Step =
  | {
    readonly _tag: "Plug" | "Unplug" | "Insert" | "InsertMute" | "Remove" | "Use" | "Release" | "Tear"
    readonly at: Name
  }
  | { readonly _tag: "Hang" | "Hold" | "Wait" | "LetGo" | "Reset"; readonly at: Name }
  | { readonly _tag: "Kill" | "Restart" }
  | { readonly _tag: "Pass"; readonly milliseconds: number }

const at = fc.constantFrom(...names)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      _tag: fc.constantFrom(
        ...["Plug", "Unplug", "Insert", "InsertMute", "Remove", "Use", "Release", "Tear", "Hang"] as const,
        ...["Hold", "Wait", "LetGo", "Reset"] as const
      ),
      at
    })
  },
  { weight: 2, arbitrary: fc.record({ _tag: fc.constantFrom("Kill", "Restart") }) },
  {
    weight: 3,
    arbitrary: fc.record({ _tag: fc.constant("Pass" as const), milliseconds: fc.integer({ min: 0, max: 3000 }) })
  }
)

/** What is really there. */
interface Model {
  readonly readers: Map<Name, "none" | "card" | "mute">
  isRunning: boolean
}

const perform = Effect.fnUntraced(function*(model: Model, step: Step) {
  const hands = yield* VirtualPcsc
  const { use } = yield* PcscReader
  switch (step._tag) {
    case "Kill":
      model.isRunning = false
      return yield* hands.kill
    case "Restart":
      model.isRunning = true
      return yield* hands.restart
    case "Pass":
      return yield* pass(step.milliseconds)
    case "Plug":
      if (model.readers.has(step.at)) return
      model.readers.set(step.at, "none")
      return yield* hands.plug(step.at)
  }
  if (!model.readers.has(step.at)) return
  switch (step._tag) {
    case "Unplug":
      model.readers.delete(step.at)
      return yield* hands.unplug(step.at)
    case "Insert":
    case "InsertMute": {
      const mute = step._tag === "InsertMute"
      model.readers.set(step.at, mute ? "mute" : "card")
      return yield* hands.insert(step.at, EchoCard.echoCard(), { mute })
    }
    case "Remove":
      model.readers.set(step.at, "none")
      return yield* hands.remove(step.at)
    case "Use":
      // It may wait, fail, or be under way when something else happens.
      yield* Effect.forkChild(Effect.exit(use(step.at, ({ transmit }) => transmit(EchoCard.write))))
      return
    case "Tear":
      yield* hands.plan(step.at, (_, n) => {
        if (n !== 0) return undefined
        model.readers.set(step.at, "none")
        return { _tag: "TearAfter", says: "empty" }
      })
      return
    case "Hang":
      return yield* hands.plan(step.at, (_, n) => n === 0 ? { _tag: "Hang" } : undefined)
    case "Release":
      return yield* hands.release(step.at)
    case "Hold":
      return yield* hands.hold(step.at, "exclusive")
    case "Wait":
      return yield* hands.hold(step.at, "transaction")
    case "LetGo":
      return yield* hands.letGo(step.at)
    case "Reset":
      return yield* hands.resetCard(step.at)
  }
})

/** Nobody holds, hangs or tears any more, the service runs, and time passes. */
const calm = Effect.fnUntraced(function*(model: Model) {
  const hands = yield* VirtualPcsc
  if (!model.isRunning) yield* hands.restart
  for (const name of model.readers.keys()) {
    yield* hands.plan(name, () => undefined)
    yield* hands.letGo(name)
    yield* hands.release(name)
  }
  yield* pass(30_000)
  for (const name of model.readers.keys()) yield* hands.release(name)
  yield* pass(30_000)
})

describe("the supervisor of readers", () => {
  it.effect(
    "ends with what is there, whatever happened before, and tells it in the right order",
    () =>
      Effect.promise(() =>
        fc.assert(
          fc.asyncProperty(fc.array(step, { maxLength: 40 }), (steps) =>
            Effect.runPromise(
              Effect.scoped(Effect.gen(function*() {
                const model: Model = { readers: new Map(), isRunning: true }
                const events = yield* told
                for (const step of steps) yield* perform(model, step)
                yield* calm(model)
                const reader = yield* PcscReader
                const shown = new Map((yield* reader.readers).map(({ card, reader }) => [reader, card._tag]))
                const expected = { none: "None", card: "Inserted", mute: "Unreadable" }
                expect(shown).toEqual(new Map([...model.readers].map(([name, lies]) => [name, expected[lies]])))
                for (const [name, lies] of model.readers) {
                  const used = yield* after(20_000, reader.use(name, ({ transmit }) => transmit(EchoCard.echo)))
                  const came = outcome(used.result)
                  const tag = lies === "none" ? "CardGone" : "CardMute"
                  if (lies === "card") expect(came instanceof Uint8Array && Bytes.hex(came)).toBe("801001029000")
                  else expect(came).toMatchObject({ _tag: tag })
                }
                // Whoever listened from the beginning knows the same as who comes now.
                expect(folded(events)).toEqual(folded(yield* told))
                expect(tags(events).length).toBeGreaterThan(0)
              })).pipe(Effect.provide(Layer.provideMerge(readers({ readers: [] }), TestClock.layer())))
            )),
          { numRuns: 60 }
        )
      ),
    120_000
  )
})

describe("a service that does not run", () => {
  it.effect("is tried again after 0.5 s, 1 s, 2 s and so on, and once it has run, again after 0.5 s", () => {
    const worse = Worse.make()
    return Effect.gen(function*() {
      const since = Effect.fnUntraced(function*(milliseconds: number) {
        worse.opened.length = 0
        const now = yield* Clock.currentTimeMillis
        yield* pass(milliseconds)
        return worse.opened.map((at) => at - now)
      })
      yield* pass(100)
      yield* worse.hands.kill
      yield* settled
      expect(yield* since(8000)).toEqual([500, 1500, 3500, 5500, 7500])
      yield* worse.hands.restart
      expect(yield* since(5000)).toEqual([1500])
      yield* worse.hands.kill
      yield* settled
      expect(yield* since(4000)).toEqual([500, 1500, 3500])
    }).pipe(Effect.provide(Worse.layer(worse)))
  })

  it.effect("or does not answer as a client is opened, is given up after 10 s, and tried again", () => {
    const worse = Worse.make()
    worse.open = Worse.never
    return Effect.gen(function*() {
      const events = yield* told
      yield* pass(9990)
      expect(tags(events)).toEqual([])
      yield* pass(20)
      expect(events).toEqual([{ _tag: "ServiceDown", fault: expect.objectContaining({ code: "Timeout" }) }])
      worse.open = Worse.asIs
      yield* pass(500)
      expect(tags(events)).toEqual(["ServiceDown", "ServiceUp", "ReaderAttached"])
    }).pipe(Effect.provide(Worse.layer(worse)))
  })

  it.effect("or whose binding dies instead of failing: that is told, and it is tried again", () => {
    const worse = Worse.make()
    worse.open = () => Effect.die(new RangeError("a port above 65535"))
    return Effect.gen(function*() {
      const events = yield* told
      yield* pass(10)
      expect(events).toEqual([{ _tag: "ServiceDown", fault: expect.objectContaining({ code: "Defect" }) }])
      worse.open = Worse.asIs
      yield* pass(500)
      expect(tags(events)).toEqual(["ServiceDown", "ServiceUp", "ReaderAttached"])
    }).pipe(Effect.provide(Worse.layer(worse)))
  })

  it.effect("or does not say how many readers it has: after 2 s it is told that there may be more", () => {
    const worse = Worse.make({ readers: ["1", "2", "3", "4", "5"] })
    return Effect.gen(function*() {
      const events = yield* told
      yield* pass(1990)
      expect(tags(events)).not.toContain("ReadersHidden")
      yield* pass(20)
      expect(events.at(-1)).toEqual({ _tag: "ReadersHidden", seen: 4 })
    }).pipe(Effect.provide(Worse.layer(worse, {}, { ...worse.binding, census: Effect.never })))
  })
})

/** What a listener believes after these events; each must fit to the one before. */
const folded = (events: ReadonlyArray<ReaderEvent>): ReadonlyMap<string, string> => {
  const believed = new Map<string, string>()
  for (const event of events) {
    switch (event._tag) {
      case "ServiceUp":
      case "ServiceDown":
        expect(believed.size).toBe(0)
        break
      case "ReaderAttached":
        expect(believed.has(event.reader)).toBe(false)
        believed.set(event.reader, "empty")
        break
      case "ReaderDetached":
        expect(believed.delete(event.reader)).toBe(true)
        break
      case "CardInserted":
      case "CardUnreadable":
      case "CardHeld":
        expect(believed.has(event.reader)).toBe(true)
        believed.set(event.reader, `${event._tag} ${event.insertion}`)
        break
      case "CardRemoved":
        expect(believed.get(event.reader)).toMatch(/^Card/)
        believed.set(event.reader, "empty")
        break
    }
  }
  return believed
}
