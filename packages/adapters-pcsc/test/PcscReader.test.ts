// Readers and cards as they really behave, in the process: each trap by its number.
import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Layer, Stream } from "effect"
import type { CardChannel } from "../src/CardChannel.ts"
import { Bytes, CardFault } from "../src/index.ts"
import type { Mischief } from "../src/Mischief.ts"
import * as Mischiefs from "../src/Mischief.ts"
import { PcscReader } from "../src/PcscReader.ts"
import * as PcscReaders from "../src/PcscReader.ts"
import type { Given } from "../src/ReaderOptions.ts"
import { VirtualPcsc } from "../src/VirtualPcsc.ts"
import * as EchoCard from "./support/EchoCard.ts"
import { after, outcome, pass, readers, settled, tags, told } from "./support/readers.ts"

const { echo, echoCard, selection, write } = EchoCard
const hands = VirtualPcsc
const send = (command: Bytes.Bytes) => (channel: CardChannel) => channel.transmit(command)
const hex = (came: unknown): unknown => came instanceof Uint8Array ? Bytes.hex(came) : came
const fault = (tag: string, more: object = {}) => expect.objectContaining({ _tag: tag, ...more })

/** Uses reader R once, and gives in words or as a fault what came. */
const used = (command: Bytes.Bytes, milliseconds = 20_000) =>
  Effect.gen(function*() {
    const { use } = yield* PcscReader
    return hex(outcome((yield* after(milliseconds, use("R", send(command)))).result))
  })

describe("what goes wrong with one command, what its sender is told, and whether the card has written", () => {
  const cases: ReadonlyArray<
    readonly [title: string, mischief: Mischief | undefined, told: unknown, writes: number, next: unknown]
  > = [
    ["nothing", undefined, "019000", 1, "029000"],
    [
      "trap 4: pulled before it got the command, and the reader says success",
      { _tag: "TearBefore", says: "empty" },
      fault("AnswerLost", { how: "empty" }),
      0,
      fault("CardGone")
    ],
    [
      "pulled before it got the command, and the reader says so",
      { _tag: "TearBefore", says: "error" },
      fault("AnswerLost", { how: "link" }),
      0,
      fault("CardGone")
    ],
    [
      "trap 4: pulled after it, and the reader says success",
      { _tag: "TearAfter", says: "empty" },
      fault("AnswerLost", { how: "empty" }),
      1,
      fault("CardGone")
    ],
    [
      "pulled after it, and the reader says so",
      { _tag: "TearAfter", says: "error" },
      fault("AnswerLost", { how: "link" }),
      1,
      fault("CardGone")
    ],
    [
      "pulled inside it, before the first byte",
      { _tag: "TearInside", written: 0, says: "empty" },
      fault("AnswerLost", { how: "empty" }),
      0,
      fault("CardGone")
    ],
    [
      "pulled inside it, after a byte",
      { _tag: "TearInside", written: 1, says: "error" },
      fault("AnswerLost", { how: "link" }),
      1,
      fault("CardGone")
    ],
    [
      "trap 4: the answer is cut to nothing",
      { _tag: "Cut", bytes: 0 },
      fault("AnswerLost", { how: "empty" }),
      1,
      "029000"
    ],
    [
      "trap 4: the answer is cut to one byte",
      { _tag: "Cut", bytes: 1 },
      fault("AnswerLost", { how: "empty" }),
      1,
      "029000"
    ],
    ["the answer is cut to two bytes: these are a status", { _tag: "Cut", bytes: 2 }, "0190", 1, "029000"],
    ["another answer comes", { _tag: "Answer", bytes: Bytes.of("6F00") }, "6F00", 1, "029000"],
    [
      "trap 5: no answer ever comes",
      { _tag: "Hang" },
      fault("AnswerLost", { how: "late" }),
      1,
      fault("ReaderStuck", { milliseconds: 5000 })
    ]
  ]
  for (const [title, mischief, expected, writes, next] of cases) {
    it.effect(title, () =>
      Effect.gen(function*() {
        const at = yield* hands
        const card = echoCard()
        yield* at.insert("R", card)
        yield* settled
        yield* at.plan("R", (_, n) => n === 0 ? mischief : undefined)
        expect(yield* used(write)).toEqual(expected)
        expect(card.writes()).toBe(writes)
        expect(yield* used(write)).toEqual(next)
      }).pipe(Effect.provide(readers())))
  }
})

describe("what stands in the way of a use", () => {
  const cases: ReadonlyArray<
    readonly [title: string, prepare: (at: VirtualPcsc["Service"]) => Effect.Effect<void>, told: unknown]
  > = [
    ["no card lies there", (at) => at.remove("R"), fault("CardGone", { reader: "R" })],
    ["the reader was unplugged", (at) => at.unplug("R"), fault("ReaderGone", { reader: "R" })],
    ["the service has died", (at) => at.kill, fault("ServiceGone")],
    [
      "the service refuses this user",
      (at) => Effect.all([at.refuse(true), at.kill, at.restart, pass(600)], { discard: true }),
      fault("AccessDenied")
    ],
    ["a card that does not answer", (at) => at.insert("R", echoCard(), { mute: true }), fault("CardMute")],
    [
      "trap 6: another program has the card alone",
      (at) => at.hold("R", "exclusive"),
      fault("CardBusy", { reader: "R" })
    ],
    [
      "another program has begun a transaction: pcsc-lite lets us wait, so we are late",
      (at) => at.hold("R", "transaction"),
      fault("CardBusy", { reader: "R" })
    ],
    ["trap 6: another program has reset the card before: nothing is lost", (at) => at.resetCard("R"), "801001029000"]
  ]
  for (const [title, prepare, expected] of cases) {
    it.effect(title, () =>
      Effect.gen(function*() {
        const at = yield* hands
        yield* at.insert("R", echoCard())
        yield* settled
        yield* prepare(at)
        yield* settled
        expect(yield* used(echo)).toEqual(expected)
      }).pipe(Effect.provide(readers())))
  }

  it.effect("trap 6: another program resets the card just as we begin: it is begun again", () =>
    Effect.gen(function*() {
      const at = yield* hands
      const { use } = yield* PcscReader
      yield* pass(10)
      yield* at.insert("R", echoCard())
      yield* pass(100)
      const using = yield* Effect.forkChild(use("R", send(echo)))
      yield* settled
      // Connected after 10 ms, begun after 20.
      yield* pass(10)
      yield* at.resetCard("R")
      yield* pass(100)
      expect(hex(yield* Fiber.join(using))).toBe("801001029000")
    }).pipe(Effect.provide(readers({ latency: 10 }))))

  it.effect("a reader that nobody ever had", () =>
    Effect.gen(function*() {
      const { use } = yield* PcscReader
      yield* settled
      expect(yield* Effect.flip(use("nobody's", send(echo)))).toEqual(new CardFault.ReaderGone({ reader: "nobody's" }))
    }).pipe(Effect.provide(readers())))

  it.effect("trap 6: a card that is let go within the patience is used", () =>
    Effect.gen(function*() {
      const at = yield* hands
      const { use } = yield* PcscReader
      yield* at.insert("R", echoCard())
      yield* settled
      yield* at.hold("R", "exclusive")
      const using = yield* Effect.forkChild(use("R", send(echo)))
      yield* pass(900)
      yield* at.letGo("R")
      yield* pass(1000)
      expect(hex(yield* Fiber.join(using))).toBe("801001029000")
    }).pipe(Effect.provide(readers())))

  it.effect("it is asked again with pauses, and `tries` tells how often", () =>
    Effect.gen(function*() {
      const at = yield* hands
      yield* at.insert("R", echoCard())
      yield* settled
      yield* at.hold("R", "exclusive")
      // 0, 20, 60, 140, 300, 620, 940 ms
      expect(yield* used(echo)).toEqual(fault("CardBusy", { tries: 7 }))
    }).pipe(Effect.provide(readers({}, { patience: 1000 }))))
})

describe("the channel", () => {
  it.effect("trap 1: gives the answer to reset that the card itself says", () =>
    Effect.gen(function*() {
      const at = yield* hands
      const { insertion, use } = yield* PcscReader
      const atr = Bytes.of("3B 95 13 81 01 80 73 FF 01 00 0B")
      yield* at.insert("R", echoCard(atr))
      yield* settled
      expect(Bytes.hex((yield* insertion()).atr)).toBe(Bytes.hex(atr))
      expect(Bytes.hex(yield* use("R", (channel) => Effect.succeed(channel.atr)))).toBe(Bytes.hex(atr))
    }).pipe(Effect.provide(readers())))

  it.effect("trap 3: commands that are sent at once go one after the other", () =>
    Effect.gen(function*() {
      const at = yield* hands
      const { use } = yield* PcscReader
      const card = echoCard()
      yield* at.insert("R", card)
      yield* settled
      const answers = yield* use("R", ({ transmit }) =>
        Effect.forEach(Array.from({ length: 20 }), () => transmit(write), { concurrency: "unbounded" }))
      expect(answers.map((answer) =>
        answer[0]
      )).toEqual(Array.from({ length: 20 }, (_, n) => n + 1))
    }).pipe(Effect.provide(readers())))

  it.effect("trap 3: users of one reader wait in line, and none sees what another has selected", () =>
    Effect.gen(function*() {
      const at = yield* hands
      const { use } = yield* PcscReader
      yield* at.insert("R", echoCard())
      yield* settled
      let together = 0
      const seen = yield* Effect.forEach(
        Array.from({ length: 5 }),
        () =>
          use("R", ({ transmit }) =>
            Effect.gen(function*() {
              expect(++together).toBe(1)
              const before = yield* transmit(selection)
              yield* transmit(EchoCard.select)
              const since = yield* transmit(selection)
              together--
              return Bytes.hex(before) + Bytes.hex(since)
            })),
        { concurrency: "unbounded" }
      )
      expect(seen).toEqual(Array.from({ length: 5 }, () => "009000019000"))
    }).pipe(Effect.provide(readers())))

  it.effect("a reset forgets what was selected, and the card stays ours", () =>
    Effect.gen(function*() {
      const at = yield* hands
      const { use } = yield* PcscReader
      yield* at.insert("R", echoCard())
      yield* settled
      yield* use("R", ({ reset, transmit }) =>
        Effect.gen(function*() {
          yield* transmit(EchoCard.select)
          yield* reset
          expect(hex(yield* transmit(selection))).toBe("009000")
        }))
    }).pipe(Effect.provide(readers())))

  it.effect("trap 6: another program resets the card in between: the answer is lost, and after a reset it goes on", () =>
    Effect.gen(function*() {
      const at = yield* hands
      const { use } = yield* PcscReader
      yield* at.insert("R", echoCard())
      yield* settled
      yield* use("R", ({ reset, transmit }) =>
        Effect.gen(function*() {
          yield* transmit(EchoCard.select)
          yield* at.resetCard("R")
          expect(yield* Effect.flip(transmit(write))).toEqual(fault("AnswerLost", { how: "reset" }))
          yield* reset
          expect(hex(yield* transmit(selection))).toBe("009000")
        }))
    }).pipe(Effect.provide(readers())))

  it.effect("trap 6, trap 7: a card that was taken away and put back is used on after a reset, in the same use", () =>
    Effect.gen(function*() {
      const at = yield* hands
      const { use } = yield* PcscReader
      const card = echoCard()
      yield* at.insert("R", card)
      yield* settled
      yield* use("R", ({ reset, transmit }) =>
        Effect.gen(function*() {
          yield* at.remove("R")
          expect(yield* Effect.flip(transmit(write))).toEqual(fault("AnswerLost", { how: "removed" }))
          expect(yield* Effect.flip(reset)).toEqual(fault("CardGone"))
          expect(yield* Effect.flip(transmit(write))).toEqual(fault("CardGone"))
          yield* at.insert("R", card)
          yield* reset
          expect(hex(yield* transmit(write))).toBe("019000")
          yield* reset
          expect(hex(yield* transmit(write))).toBe("029000")
        }))
      expect(yield* used(write)).toBe("039000")
    }).pipe(Effect.provide(readers())))

  it.effect("what hangs in the middle of a use: everything after it in this use fails at once, resets too", () =>
    Effect.gen(function*() {
      const at = yield* hands
      const { use } = yield* PcscReader
      yield* at.insert("R", echoCard())
      yield* settled
      yield* at.plan("R", () => ({ _tag: "Hang" }))
      const using = yield* Effect.forkChild(use("R", ({ reset, transmit }) =>
        Effect.gen(function*() {
          const first = yield* Effect.flip(transmit(write))
          const second = yield* Effect.flip(transmit(write))
          return [first, second, yield* Effect.flip(reset)]
        })))
      yield* settled
      yield* pass(5000)
      expect(yield* Fiber.join(using)).toEqual([
        fault("AnswerLost", { how: "late" }),
        fault("ReaderStuck"),
        fault("ReaderStuck")
      ])
    }).pipe(Effect.provide(readers())))

  it.effect("after its use a channel is closed, and opens no card again", () =>
    Effect.gen(function*() {
      const at = yield* hands
      const { use } = yield* PcscReader
      const card = echoCard()
      yield* at.insert("R", card)
      yield* settled
      const channel = yield* use("R", Effect.succeed)
      expect(yield* Effect.flip(channel.transmit(write))).toEqual(fault("ReaderFailed", { code: "ChannelClosed" }))
      expect(yield* Effect.flip(channel.reset)).toEqual(fault("ReaderFailed", { code: "ChannelClosed" }))
      expect(card.writes()).toBe(0)
    }).pipe(Effect.provide(readers())))

  it.effect("a command that is longer than the reader takes is not sent", () =>
    Effect.gen(function*() {
      const at = yield* hands
      const { use } = yield* PcscReader
      yield* at.insert("R", echoCard())
      yield* settled
      const lengths = yield* use("R", ({ longest, transmit }) =>
        Effect.gen(function*() {
          const fits = yield* transmit(new Uint8Array(longest))
          return [longest, fits.length, yield* Effect.flip(transmit(new Uint8Array(longest + 1)))]
        }))
      expect(lengths).toEqual([264, 266, fault("ReaderFailed", { code: "CommandTooLong" })])
    }).pipe(Effect.provide(readers())))

  it.effect("the reader itself can be spoken to, and a driver that refuses is told", () =>
    Effect.gen(function*() {
      const at = yield* hands
      const { use } = yield* PcscReader
      yield* at.insert("R", echoCard())
      yield* settled
      expect(yield* Effect.flip(use("R", (_, control) => control(0x42000d48, Bytes.of("00"))))).toEqual(
        fault("ReaderFailed", { operation: "control", code: "UnsupportedFeature" })
      )
    }).pipe(Effect.provide(readers())))
})

describe("the end of a use", () => {
  it.effect.each(["success", "failure", "interruption"] as const)(
    "by %s: the card is reset and free",
    (how) =>
      Effect.gen(function*() {
        const at = yield* hands
        const { use } = yield* PcscReader
        const card = echoCard()
        yield* at.insert("R", card)
        yield* settled
        const reached = yield* Deferred.make<void>()
        const using = yield* Effect.forkChild(use("R", ({ transmit }) =>
          Effect.gen(function*() {
            yield* transmit(EchoCard.select)
            yield* Deferred.succeed(reached, undefined)
            if (how === "failure") return yield* Effect.fail("mine" as const)
            if (how === "interruption") return yield* Effect.never
          })))
        yield* Deferred.await(reached)
        if (how === "interruption") yield* Fiber.interrupt(using)
        yield* Fiber.await(using)
        expect(card.selected()).toBe(false)
        expect(card.powers.at(-1)).toBe("reset")
        expect(yield* used(selection)).toBe("009000")
      }).pipe(Effect.provide(readers()))
  )

  it.effect("a command under way is not taken back: whoever is interrupted waits for it, but not longer than its time", () =>
    Effect.gen(function*() {
      const at = yield* hands
      const { use } = yield* PcscReader
      yield* at.insert("R", echoCard())
      yield* settled
      yield* at.plan("R", () => ({ _tag: "Hang" }))
      const using = yield* Effect.forkChild(use("R", send(write)))
      yield* settled
      const interrupting = yield* Effect.forkChild(Fiber.interrupt(using))
      yield* pass(4990)
      expect(interrupting.pollUnsafe()).toBeUndefined()
      yield* pass(20)
      expect(interrupting.pollUnsafe()).toEqual(Exit.void)
    }).pipe(Effect.provide(readers())))
})

describe("trap 5: a reader that hangs", () => {
  const hung = Effect.gen(function*() {
    const at = yield* hands
    const events = yield* told
    yield* at.insert("R", echoCard())
    yield* settled
    yield* at.plan("R", Mischiefs.once(0, { _tag: "Hang" }))
    expect(yield* used(write)).toEqual(fault("AnswerLost", { how: "late" }))
    expect(events.at(-1)).toEqual({ _tag: "ReaderSetAside", reader: "R", milliseconds: 5000 })
    events.length = 0
    return { at, events }
  })

  it.effect("is set aside: whoever waits in line and whoever comes later fails at once", () =>
    Effect.gen(function*() {
      yield* hung
      const { readers, use } = yield* PcscReader
      expect(yield* readers).toEqual([expect.objectContaining({ reader: "R", setAside: 5000 })])
      const failures = yield* Effect.forEach([1, 2, 3], () => Effect.flip(use("R", send(write))))
      expect(failures).toEqual([fault("ReaderStuck"), fault("ReaderStuck"), fault("ReaderStuck")])
    }).pipe(Effect.provide(readers())))

  it.effect("is back when its answer comes after all; nobody gets that answer", () =>
    Effect.gen(function*() {
      const { at, events } = yield* hung
      yield* at.release("R")
      yield* settled
      expect(tags(events)).toEqual(["ReaderBack"])
      expect(yield* used(write)).toBe("029000")
    }).pipe(Effect.provide(readers())))

  it.effect("is back when its card is pulled", () =>
    Effect.gen(function*() {
      const { at, events } = yield* hung
      yield* at.remove("R")
      yield* settled
      expect(tags(events).toSorted()).toEqual(["CardRemoved", "ReaderBack"])
      yield* at.insert("R", echoCard())
      yield* settled
      expect(yield* used(write)).toBe("019000")
    }).pipe(Effect.provide(readers())))

  it.effect("is another reader once it was plugged in anew, whatever hangs still", () =>
    Effect.gen(function*() {
      const { at, events } = yield* hung
      yield* at.unplug("R")
      yield* at.plug("R")
      yield* at.insert("R", echoCard())
      yield* settled
      expect(tags(events)).toEqual(["ReaderDetached", "ReaderAttached", "CardInserted"])
      expect(yield* used(write)).toBe("019000")
    }).pipe(Effect.provide(readers())))

  it.effect("does not hold up another reader", () =>
    Effect.gen(function*() {
      const { at } = yield* hung
      const { use } = yield* PcscReader
      yield* at.insert("S", echoCard())
      yield* settled
      expect(hex(yield* use("S", send(write)))).toBe("019000")
    }).pipe(Effect.provide(readers({ readers: ["R", "S"] }))))

  it.effect("a card that hangs as it is looked at sets its reader aside too, and is told when it is back", () =>
    Effect.gen(function*() {
      const at = yield* hands
      const events = yield* told
      yield* at.hold("R", "transaction")
      yield* at.insert("R", echoCard())
      yield* pass(5010)
      expect(tags(events)).toEqual(["ServiceUp", "ReaderAttached", "ReaderSetAside"])
      yield* at.letGo("R")
      yield* settled
      expect(tags(events).slice(3)).toEqual(["ReaderBack", "CardInserted"])
      expect(yield* used(write)).toBe("019000")
    }).pipe(Effect.provide(readers())))
})

describe("trap 2: more readers than the binding sees", () => {
  it.effect("are told with their number, and again when all can be seen", () =>
    Effect.gen(function*() {
      const at = yield* hands
      const events = yield* told
      yield* settled
      expect(tags(events)).toEqual(["ServiceUp", ...Array.from({ length: 4 }, () => "ReaderAttached"), "ReadersHidden"])
      expect(events.at(-1)).toEqual({ _tag: "ReadersHidden", seen: 4, there: 6 })
      // Nothing tells of it but the count that is made from time to time.
      yield* at.plug("7")
      yield* pass(10_000)
      expect(events.at(-1)).toEqual({ _tag: "ReadersHidden", seen: 4, there: 7 })
      for (const reader of ["7", "6", "5"]) yield* at.unplug(reader)
      yield* pass(10_000)
      expect(events.at(-1)).toEqual({ _tag: "ReadersShown", seen: 4 })
    }).pipe(Effect.provide(readers({ readers: ["1", "2", "3", "4", "5", "6"] }))))

  it.effect("may be there, where nobody can count them", () =>
    Effect.gen(function*() {
      const events = yield* told
      yield* settled
      expect(events.at(-1)).toEqual({ _tag: "ReadersHidden", seen: 4 })
    }).pipe(Effect.provide(readers({ readers: ["1", "2", "3", "4"], census: false }))))

  it.effect("one that was hidden takes the place of one that goes", () =>
    Effect.gen(function*() {
      const at = yield* hands
      const { readers } = yield* PcscReader
      yield* settled
      yield* at.unplug("2")
      yield* settled
      expect((yield* readers).map(({ reader }) => reader)).toEqual(["1", "3", "4", "5"])
    }).pipe(Effect.provide(readers({ readers: ["1", "2", "3", "4", "5"] }))))

  it.effect("trap 5: a client that has lost all its handles is renewed", () =>
    Effect.gen(function*() {
      const at = yield* hands
      yield* at.insert("R", echoCard())
      yield* settled
      yield* at.leak(4)
      expect(yield* used(write)).toEqual(fault("ReaderFailed", { code: "HandlesExhausted" }))
      yield* pass(600)
      expect(yield* used(write)).toBe("019000")
    }).pipe(Effect.provide(readers())))

  it.effect("also while another reader hangs: nobody waits for that call any more", () =>
    Effect.gen(function*() {
      const at = yield* hands
      const { use } = yield* PcscReader
      yield* at.insert("R", echoCard())
      yield* at.insert("S", echoCard())
      yield* settled
      yield* at.plan("S", Mischiefs.once(0, { _tag: "Hang" }))
      const hanging = yield* after(6000, use("S", send(write)))
      expect(outcome(hanging.result)).toEqual(fault("AnswerLost", { how: "late" }))
      yield* at.leak(3)
      expect(yield* used(write)).toEqual(fault("ReaderFailed", { code: "HandlesExhausted" }))
      for (let n = 0; n < 4; n++) yield* pass(1000)
      expect(yield* used(write)).toBe("019000")
    }).pipe(Effect.provide(readers({ readers: ["R", "S"] }))))

  it.effect("but not under the hands of somebody who speaks to a card, however long", () =>
    Effect.gen(function*() {
      const at = yield* hands
      const { use } = yield* PcscReader
      yield* at.insert("R", echoCard())
      yield* at.insert("S", echoCard())
      yield* settled
      yield* use("S", ({ transmit }) =>
        Effect.gen(function*() {
          yield* at.leak(3)
          expect(yield* used(write)).toEqual(fault("ReaderFailed", { code: "HandlesExhausted" }))
          for (let n = 1; n <= 15; n++) {
            yield* pass(2000)
            expect(hex(yield* transmit(write))).toBe(`${n.toString(16).padStart(2, "0").toUpperCase()}9000`)
          }
        }))
      // As soon as it is over.
      yield* pass(1000)
      expect(yield* used(write)).toBe("019000")
    }).pipe(Effect.provide(readers({ readers: ["R", "S"] }))))

  it.effect("nor under a command that takes long", () =>
    Effect.gen(function*() {
      const at = yield* hands
      const { use } = yield* PcscReader
      yield* at.insert("R", echoCard())
      yield* at.insert("S", echoCard())
      yield* settled
      yield* at.plan("S", Mischiefs.once(0, { _tag: "Hang" }))
      const using = yield* Effect.forkChild(use("S", (channel) =>
        Effect.andThen(
          Effect.map(send(write)(channel), hex),
          (first) => Effect.map(Effect.delay(send(write)(channel), 1000), (second) => [first, hex(second)])
        )))
      yield* settled
      yield* at.leak(3)
      expect(yield* used(write)).toEqual(fault("ReaderFailed", { code: "HandlesExhausted" }))
      yield* pass(2900)
      yield* at.release("S")
      // Nor right after it.
      for (let n = 0; n < 12; n++) yield* pass(100)
      expect(yield* Fiber.join(using)).toEqual(["019000", "029000"])
    }).pipe(Effect.provide(readers({ readers: ["R", "S"] }))))

  it.effect("who keeps a card for hours and says nothing, as a till its PSAM, is told and begins anew; the card that came is read", () =>
    Effect.gen(function*() {
      const at = yield* hands
      const { insertion, use } = yield* PcscReader
      const events = yield* told
      yield* at.insert("PSAM", echoCard())
      yield* settled
      const lost: Array<unknown> = []
      const holder = yield* Effect.forkChild(
        Effect.forever(Effect.exit(
          Effect.andThen(
            insertion({ reader: "PSAM" }),
            use("PSAM", ({ transmit }) =>
              Effect.andThen(
                Effect.sleep(7000),
                Effect.tapError(transmit(write), (failure) => Effect.sync(() => lost.push(failure)))
              ))
          )
        ))
      )
      yield* settled
      yield* at.leak(3)
      events.length = 0
      yield* at.insert("R", echoCard())
      yield* pass(2900)
      // Nothing is told of a card that could not be looked at: it does not lie askew.
      expect(tags(events)).toEqual([])
      yield* pass(200)
      yield* pass(800)
      expect(tags(events).toSorted()).toEqual(
        [
          "ReaderDetached",
          "ReaderDetached",
          "ServiceDown",
          "ServiceUp",
          "ReaderAttached",
          "ReaderAttached",
          "CardInserted",
          "CardInserted"
        ].toSorted()
      )
      expect(yield* used(write)).toBe("019000")
      yield* pass(4000)
      expect(lost).toEqual([fault("ServiceGone")])
      // It has its card again.
      yield* pass(20_000)
      expect(lost).toHaveLength(1)
      expect(yield* used(write)).toBe("029000")
      yield* Fiber.interrupt(holder)
    }).pipe(Effect.provide(readers({ readers: ["R", "PSAM"] }))))

  it.effect("a handle that is given back meanwhile is taken for the card that waits", () =>
    Effect.gen(function*() {
      const at = yield* hands
      const { use } = yield* PcscReader
      const events = yield* told
      yield* at.insert("S", echoCard())
      yield* settled
      yield* use("S", ({ transmit }) =>
        Effect.gen(function*() {
          yield* at.leak(3)
          events.length = 0
          yield* at.insert("R", echoCard())
          yield* pass(900)
          yield* transmit(write)
          expect(tags(events)).toEqual([])
          yield* at.leak(-3)
          yield* pass(200)
          expect(tags(events)).toEqual(["CardInserted"])
        }))
    }).pipe(Effect.provide(readers({ readers: ["R", "S"] }))))
})

describe("event and failure behaviour", () => {
  it.effect("a service that dies: readers are detached, a new client is opened until it works, and all is there again", () =>
    Effect.gen(function*() {
      const at = yield* hands
      const events = yield* told
      yield* at.insert("R", echoCard())
      yield* settled
      events.length = 0
      yield* at.kill
      yield* settled
      expect(tags(events)).toEqual(["ReaderDetached", "ServiceDown"])
      expect(yield* used(write)).toEqual(fault("ServiceGone"))
      yield* pass(60_000)
      // Told once, however often it was tried.
      expect(tags(events).filter((tag) => tag === "ServiceDown").length).toBeLessThanOrEqual(2)
      events.length = 0
      yield* at.restart
      yield* pass(2000)
      expect(tags(events)).toEqual(["ServiceUp", "ReaderAttached", "CardInserted"])
      expect(yield* used(write)).toBe("019000")
    }).pipe(Effect.provide(readers())))

  it.effect("is tried again after half a second, as one that was only restarted is there at once", () =>
    Effect.gen(function*() {
      const at = yield* hands
      yield* at.insert("R", echoCard())
      yield* settled
      yield* at.kill
      yield* at.restart
      yield* pass(490)
      expect(yield* used(write, 0)).toEqual(fault("ServiceGone"))
      yield* pass(20)
      expect(yield* used(write)).toBe("019000")
    }).pipe(Effect.provide(readers())))

  it.effect("a service that dies under a command: its answer is lost; under the pauses of a use: it is gone", () =>
    Effect.gen(function*() {
      const at = yield* hands
      const { use } = yield* PcscReader
      yield* at.insert("R", echoCard())
      yield* settled
      yield* at.plan("R", () => ({ _tag: "Hang" }))
      const hanging = yield* Effect.forkChild(Effect.flip(use("R", send(write))))
      yield* settled
      yield* at.kill
      yield* settled
      expect(yield* Fiber.join(hanging)).toEqual(fault("AnswerLost", { how: "link" }))
      yield* at.restart
      yield* at.plan("R", () => undefined)
      yield* pass(1000)
      yield* use("R", ({ reset, transmit }) =>
        Effect.gen(function*() {
          yield* at.kill
          yield* settled
          expect(yield* Effect.flip(transmit(write))).toEqual(fault("ServiceGone"))
          yield* at.restart
          yield* pass(1000)
          // The channel belongs to the old client; the next use has a new one.
          expect(yield* Effect.flip(reset)).toEqual(fault("ServiceGone"))
        }))
      expect(yield* used(write)).toBe("029000")
    }).pipe(Effect.provide(readers())))

  it.effect("a reader that is unplugged under a command: its answer is lost", () =>
    Effect.gen(function*() {
      const at = yield* hands
      const { use } = yield* PcscReader
      yield* at.insert("R", echoCard())
      yield* settled
      yield* at.plan("R", () => ({ _tag: "Hang" }))
      const hanging = yield* Effect.forkChild(Effect.flip(use("R", send(write))))
      yield* settled
      yield* at.unplug("R")
      yield* settled
      expect(yield* Fiber.join(hanging)).toEqual(fault("AnswerLost", { how: "link" }))
    }).pipe(Effect.provide(readers())))

  it.effect("trap 8: a card that is taken away and put back between two looks is another insertion", () =>
    Effect.gen(function*() {
      const at = yield* hands
      const { insertion } = yield* PcscReader
      const events = yield* told
      const card = echoCard()
      yield* at.insert("R", card)
      yield* settled
      const first = yield* insertion({ reader: "R" })
      yield* at.insert("R", card)
      yield* settled
      // Before it is waited for: what was missed would never come.
      expect(tags(events)).toEqual(["ServiceUp", "ReaderAttached", "CardInserted", "CardRemoved", "CardInserted"])
      const second = yield* insertion({ reader: "R", after: first.insertion })
      expect(second.insertion).toBeGreaterThan(first.insertion)
    }).pipe(Effect.provide(readers())))

  it.effect("trap 7: a card is told although a handle is still open on its reader", () =>
    Effect.gen(function*() {
      const at = yield* hands
      const { use } = yield* PcscReader
      const events = yield* told
      yield* at.insert("R", echoCard())
      yield* settled
      yield* use("R", () =>
        Effect.gen(function*() {
          yield* at.remove("R")
          yield* at.insert("R", echoCard())
          yield* settled
        }))
      yield* settled
      expect(tags(events).slice(2)).toEqual(["CardInserted", "CardRemoved", "CardInserted"])
    }).pipe(Effect.provide(readers())))

  it.effect("a card that another program holds is told as held, and as inserted when it is free", () =>
    Effect.gen(function*() {
      const at = yield* hands
      const events = yield* told
      yield* at.hold("R", "exclusive")
      yield* at.insert("R", echoCard())
      yield* pass(2100)
      expect(tags(events).slice(2)).toEqual(["CardHeld"])
      yield* at.letGo("R")
      yield* settled
      expect(tags(events).slice(2)).toEqual(["CardHeld", "CardInserted"])
    }).pipe(Effect.provide(readers())))

  it.effect("a card that gives no sign of life is told as unreadable", () =>
    Effect.gen(function*() {
      const at = yield* hands
      const events = yield* told
      yield* at.insert("R", echoCard(), { mute: true })
      yield* settled
      yield* at.remove("R")
      yield* settled
      expect(tags(events).slice(2)).toEqual(["CardUnreadable", "CardRemoved"])
    }).pipe(Effect.provide(readers())))

  it.effect("whoever subscribes late is told how things stand, and every subscriber is told all of it once", () =>
    Effect.gen(function*() {
      const at = yield* hands
      const early = yield* told
      yield* at.insert("R", echoCard())
      yield* settled
      const late = yield* told
      expect(late).toEqual(early)
      yield* at.remove("R")
      yield* settled
      expect(tags(late)).toEqual(["ServiceUp", "ReaderAttached", "CardInserted", "CardRemoved"])
      expect(late).toEqual(early)
    }).pipe(Effect.provide(readers())))

  it.effect("a subscriber that is slow loses nothing within reason, and holds up nobody", () =>
    Effect.gen(function*() {
      const at = yield* hands
      const { events } = yield* PcscReader
      const go = yield* Deferred.make<void>()
      const slow = yield* Effect.forkChild(
        events.pipe(
          Stream.mapEffect((event) => Effect.as(Deferred.await(go), event)),
          Stream.take(202),
          Stream.runCollect
        )
      )
      yield* settled
      for (let n = 0; n < 100; n++) {
        yield* at.insert("R", echoCard())
        yield* settled
        yield* at.remove("R")
      }
      yield* Deferred.succeed(go, undefined)
      expect(tags(yield* Fiber.join(slow)).slice(2)).toEqual(
        Array.from({ length: 100 }, () => ["CardInserted", "CardRemoved"]).flat()
      )
    }).pipe(Effect.provide(readers())))

  it.effect("an insertion that is waited for comes from the reader that is meant", () =>
    Effect.gen(function*() {
      const at = yield* hands
      const { insertion } = yield* PcscReader
      const any = yield* Effect.forkChild(insertion())
      const there = yield* Effect.forkChild(insertion({ reader: "S" }))
      yield* settled
      yield* at.insert("R", echoCard())
      yield* settled
      expect((yield* Fiber.join(any)).reader).toBe("R")
      expect(there.pollUnsafe()).toBeUndefined()
      yield* at.insert("S", echoCard())
      yield* settled
      expect((yield* Fiber.join(there)).reader).toBe("S")
    }).pipe(Effect.provide(readers({ readers: ["R", "S"] }))))
})

describe("options", () => {
  it.effect.each(
    [
      [{ commandTime: 0 }, "commandTime"],
      [{ patience: -1 }, "patience"],
      [{ firstRetry: 1.5 }, "firstRetry"],
      [{ censusEvery: Number.NaN }, "censusEvery"],
      [{ idleTime: 10 }, "idleTime"],
      [{ backlog: 1e9 }, "backlog"],
      [{ comandTime: 100 }, "comandTime"]
    ] as const
  )("%o do not start, and the message names %s", ([given, name]) =>
    Effect.gen(function*() {
      const started = Layer.build(Layer.provide(PcscReaders.layerWith(given as Given), readers()))
      expect(String(yield* Effect.flip(Effect.scoped(started)))).toContain(name)
    }))
})
