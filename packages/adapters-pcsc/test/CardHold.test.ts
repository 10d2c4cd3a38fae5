// One handle on a card: what becomes of it when a call is late, torn, refused or broken. The calls themselves are looked at.
import { describe, expect, it } from "@effect/vitest"
import { HostClock } from "@yikatong/core"
import { Deferred, Effect, Fiber } from "effect"
import type { Protocol } from "../src/CardChannel.ts"
import { Bytes } from "../src/index.ts"
import { PcscError } from "../src/PcscBinding.ts"
import { PcscReader } from "../src/PcscReader.ts"
import * as EchoCard from "./support/EchoCard.ts"
import { after, outcome, settled, tags, told } from "./support/readers.ts"
import * as Worse from "./support/worseReaders.ts"

const fault = (tag: string, more: object = {}) => expect.objectContaining({ _tag: tag, ...more })

/** Uses reader R once, and gives in words or as a fault what came. */
const used = Effect.gen(function*() {
  const { use } = yield* PcscReader
  const came = outcome((yield* after(20_000, use("R", ({ transmit }) => transmit(EchoCard.write)))).result)
  return came instanceof Uint8Array ? Bytes.hex(came) : came
})

/** A card lies on R and was looked at. */
const lying = (worse: Worse.Worse) =>
  Effect.gen(function*() {
    const events = yield* told
    yield* worse.hands.insert("R", EchoCard.echoCard())
    yield* settled
    worse.calls.length = 0
    events.length = 0
    return events
  })

describe("trap 5: a call that is late keeps its handle until it ends, and then the handle is let go", () => {
  // One handle is all there is: one that is lost is missed at once.
  it.effect("connecting: nobody wants the handle any more, and it is given back as soon as it comes", () => {
    const worse = Worse.make({ handles: 1 })
    return Effect.gen(function*() {
      const events = yield* lying(worse)
      const gate = yield* Deferred.make<void>()
      worse.change = Worse.waits("connect", Deferred.await(gate))
      expect(yield* used).toEqual(fault("ReaderStuck", { milliseconds: 5000 }))
      expect(worse.calls).toEqual(["connect"])
      yield* Deferred.succeed(gate, undefined)
      yield* settled
      expect(worse.calls).toEqual(["connect", "connect.", "disconnect", "disconnect."])
      expect(tags(events)).toEqual(["ReaderSetAside", "ReaderBack"])
      expect(yield* used).toBe("019000")
    }).pipe(Effect.provide(Worse.layer(worse)))
  })

  it.effect("ending the transaction: what came is given, and the handle is not touched before the end is there", () => {
    const worse = Worse.make({ handles: 1 })
    return Effect.gen(function*() {
      const events = yield* lying(worse)
      const gate = yield* Deferred.make<void>()
      worse.change = Worse.waits("end", Deferred.await(gate))
      expect(yield* used).toBe("019000")
      expect(worse.calls.slice(-1)).toEqual(["end"])
      expect(yield* used).toEqual(fault("ReaderStuck"))
      yield* Deferred.succeed(gate, undefined)
      yield* settled
      expect(worse.calls.slice(-4)).toEqual(["end", "end.", "disconnect", "disconnect."])
      expect(tags(events)).toEqual(["ReaderSetAside", "ReaderBack"])
      expect(yield* used).toBe("029000")
    }).pipe(Effect.provide(Worse.layer(worse)))
  })
})

describe("after a card was torn away the transaction is lost with it: another handle is taken", () => {
  it.effect.each(["empty", "error"] as const)(
    "so that nobody comes in between after the reset (the reader says: %s)",
    (says) => {
      const worse = Worse.make()
      return Effect.gen(function*() {
        yield* lying(worse)
        const { use } = yield* PcscReader
        const card = EchoCard.echoCard()
        const rival = yield* worse.hands.insert("R", card).pipe(
          Effect.andThen(settled),
          Effect.andThen(worse.binding.open({ changed: () => {}, died: () => {} }))
        )
        const order: Array<string> = []
        yield* worse.hands.plan("R", (_, at) => at === 0 ? { _tag: "TearBefore", says } : undefined)
        const theirs = yield* use("R", ({ reset, transmit }) =>
          Effect.gen(function*() {
            expect(yield* Effect.flip(transmit(EchoCard.write))).toEqual(fault("AnswerLost"))
            yield* worse.hands.insert("R", card)
            worse.calls.length = 0
            yield* reset
            const calls = worse.calls.filter((call) => !call.endsWith("."))
            expect(calls.slice(0, 5)).toEqual(["end", "disconnect", "connect", "begin", "atr"])
            const theirs = yield* Effect.forkDetach(Effect.gen(function*() {
              const handle = yield* rival.connect("R", "shared")
              order.push("rival")
              yield* handle.disconnect("leave")
            }))
            yield* settled
            yield* transmit(EchoCard.write)
            // Torn no more: the handle is good for the next reset.
            worse.calls.length = 0
            yield* reset
            expect(worse.calls).toContain("reconnect")
            expect(worse.calls).not.toContain("connect")
            yield* transmit(EchoCard.write)
            order.push("we")
            return theirs
          }))
        yield* Fiber.await(theirs)
        expect(order).toEqual(["we", "rival"])
      }).pipe(Effect.provide(Worse.layer(worse)))
    }
  )
})

describe("what goes wrong as a card is opened", () => {
  it.effect("trap 6: another program that resets the card for ever: it is begun again five times, and no more", () => {
    const worse = Worse.make()
    return Effect.gen(function*() {
      yield* lying(worse)
      worse.change = Worse.fails("begin", "ResetCard")
      expect(yield* used).toEqual(fault("AnswerLost", { how: "reset" }))
      expect(worse.calls.filter((call) => call === "begin")).toHaveLength(6)
      expect(worse.calls.filter((call) => call === "reconnect")).toHaveLength(5)
      worse.change = Worse.asIs
      expect(yield* used).toBe("019000")
    }).pipe(Effect.provide(Worse.layer(worse)))
  })

  /** The commands of these numbers, from 0, find that the card speaks another protocol than the handle. */
  const mismatches = (...numbers: ReadonlyArray<number>): Worse.Change => {
    let commands = 0
    return (call, as) =>
      call === "transmit" && numbers.includes(commands++)
        ? Effect.fail(new PcscError({ operation: call, code: "ProtocolMismatch", detail: "ProtoMismatch" }))
        : as
  }
  const begun = ({ calls }: Worse.Worse): ReadonlyArray<string> => calls.filter((call) => !call.endsWith("."))

  it.effect("trap 6: another program has reset the card: the first command, which was not sent, is sent once more", () => {
    const worse = Worse.make()
    return Effect.gen(function*() {
      yield* lying(worse)
      worse.change = mismatches(0)
      expect(yield* used).toBe("019000")
      expect(begun(worse)).toEqual(
        ["connect", "begin", "atr", "transmit", "reconnect", "transmit", "end", "disconnect"]
      )
      worse.change = mismatches(0, 1)
      expect(yield* used).toEqual(fault("AnswerLost", { how: "link" }))
      worse.change = Worse.asIs
      expect(yield* used).toBe("029000")
    }).pipe(Effect.provide(Worse.layer(worse)))
  })

  it.effect("trap 6: a later command of the transaction is not sent again, whatever the reader says", () => {
    const worse = Worse.make()
    return Effect.gen(function*() {
      yield* lying(worse)
      const { use } = yield* PcscReader
      worse.change = mismatches(1)
      const twice = use("R", ({ transmit }) => Effect.andThen(transmit(EchoCard.write), transmit(EchoCard.write)))
      expect(yield* Effect.flip(twice)).toEqual(fault("AnswerLost", { how: "link" }))
      expect(begun(worse)).toEqual(["connect", "begin", "atr", "transmit", "transmit", "end", "disconnect"])
    }).pipe(Effect.provide(Worse.layer(worse)))
  })

  it.effect("trap 6: bytes that were meant for another protocol are not sent", () => {
    const worse = Worse.make()
    let protocol: Protocol = "T=1"
    const { open } = worse.binding
    const changing: typeof worse.binding = {
      ...worse.binding,
      open: (watch) =>
        Effect.map(open(watch), ({ connect }) => ({
          connect: (name, share) => Effect.map(connect(name, share), (card) => ({ ...card, protocol: () => protocol }))
        }))
    }
    return Effect.gen(function*() {
      yield* lying(worse)
      const mismatch = mismatches(0)
      worse.change = (call, as) => {
        if (call === "reconnect") protocol = "T=0"
        return mismatch(call, as)
      }
      expect(yield* used).toEqual(fault("AnswerLost", { how: "reset" }))
      expect(begun(worse)).toEqual(["connect", "begin", "atr", "transmit", "reconnect", "end", "disconnect"])
      expect(yield* used).toBe("019000")
    }).pipe(Effect.provide(Worse.layer(worse, {}, changing)))
  })

  it.effect("trap 6: a card that is held is asked for no longer than the patience, although the clock stands still", () => {
    const worse = Worse.make()
    return Effect.gen(function*() {
      yield* lying(worse)
      yield* worse.hands.hold("R", "exclusive")
      const { use } = yield* PcscReader
      const using = HostClock.provide(() => 0)(use("R", ({ transmit }) => transmit(EchoCard.write)))
      // 0, 20, 60, 140, 300, 620, 940 ms
      expect(outcome((yield* after(5000, using)).result)).toEqual(fault("CardBusy", { tries: 7 }))
    }).pipe(Effect.provide(Worse.layer(worse, { patience: 1000 })))
  })

  it.effect.each(["connect", "begin", "atr", "transmit"] as const)(
    "a binding that dies in %s instead of failing has a bug: it is told, and the reader goes on",
    (call) => {
      const worse = Worse.make({ handles: 1 })
      return Effect.gen(function*() {
        yield* lying(worse)
        worse.change = (made, as) => made === call ? Effect.die(new Error("a bug")) : as
        expect(yield* used).toEqual(fault("ReaderFailed", { operation: call, code: "Defect" }))
        worse.change = Worse.asIs
        expect(yield* used).toBe("019000")
      }).pipe(Effect.provide(Worse.layer(worse)))
    }
  )
})
