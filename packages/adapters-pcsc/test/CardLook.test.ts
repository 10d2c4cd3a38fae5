// Looking at a card that has come: again and again, while it is not the card's fault that nothing is seen.
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as EchoCard from "./support/EchoCard.ts"
import { pass, settled, tags, told } from "./support/readers.ts"
import * as Worse from "./support/worseReaders.ts"

describe("it is looked at a card", () => {
  it.effect("trap 6: again every second while another program holds it, although nothing tells of the end", () => {
    const worse = Worse.make()
    return Effect.gen(function*() {
      const events = yield* told
      worse.change = Worse.fails("connect", "SharingViolation")
      yield* worse.hands.insert("R", EchoCard.echoCard())
      yield* pass(2000)
      expect(tags(events).slice(2)).toEqual(["CardHeld"])
      yield* pass(60_000)
      expect(tags(events).slice(2)).toEqual(["CardHeld"])
      worse.change = Worse.asIs
      // The pause of a second, and one of those in between.
      yield* pass(1320)
      expect(tags(events).slice(2)).toEqual(["CardHeld", "CardInserted"])
    }).pipe(Effect.provide(Worse.layer(worse)))
  })

  it.effect.each(["NoCard", "RemovedCard", "ResetCard", "CommError"] as const)(
    "again after %s, while it is told to lie there",
    (code) => {
      const worse = Worse.make()
      return Effect.gen(function*() {
        const events = yield* told
        worse.change = Worse.fails("atr", code)
        yield* worse.hands.insert("R", EchoCard.echoCard())
        yield* settled
        worse.change = Worse.asIs
        yield* pass(1000)
        expect(tags(events).slice(2)).toEqual(["CardInserted"])
      }).pipe(Effect.provide(Worse.layer(worse)))
    }
  )

  it.effect("by one at a time, however often the other program lets go and takes it again", () => {
    const worse = Worse.make()
    return Effect.gen(function*() {
      const events = yield* told
      yield* worse.hands.hold("R", "exclusive")
      yield* worse.hands.insert("R", EchoCard.echoCard())
      yield* settled
      yield* pass(5000)
      expect(tags(events).at(-1)).toBe("CardHeld")
      for (let n = 0; n < 10; n++) {
        yield* worse.hands.letGo("R")
        yield* worse.hands.hold("R", "exclusive")
        yield* pass(100)
      }
      worse.calls.length = 0
      for (let n = 0; n < 300; n++) yield* pass(100)
      // Ten tries in 1.9 s, then a second's pause.
      expect(worse.calls.filter((call) => call === "connect").length).toBeLessThan(120)
    }).pipe(Effect.provide(Worse.layer(worse)))
  })

  it.effect("when one that was mute wakes up where it lies", () => {
    const worse = Worse.make()
    return Effect.gen(function*() {
      const events = yield* told
      worse.status = (status) => ({ ...status, mute: true })
      yield* worse.hands.insert("R", EchoCard.echoCard())
      yield* settled
      expect(tags(events).slice(2)).toEqual(["CardUnreadable"])
      worse.tellAgain()
      yield* settled
      expect(tags(events).slice(2)).toEqual(["CardUnreadable"])
      worse.status = (status) => status
      worse.tellAgain()
      yield* settled
      expect(tags(events).slice(2)).toEqual(["CardUnreadable", "CardInserted"])
    }).pipe(Effect.provide(Worse.layer(worse)))
  })

  it.effect("again while no handle is left: that is not the card's fault, and it is not told to be unreadable", () => {
    const worse = Worse.make()
    return Effect.gen(function*() {
      const events = yield* told
      worse.change = Worse.fails("connect", "HandlesExhausted")
      yield* worse.hands.insert("R", EchoCard.echoCard())
      yield* settled
      worse.change = Worse.asIs
      yield* pass(3000)
      expect(tags(events)).not.toContain("CardUnreadable")
      expect(tags(events).at(-1)).toBe("CardInserted")
    }).pipe(Effect.provide(Worse.layer(worse)))
  })
})
