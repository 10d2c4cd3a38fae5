// Node -> pcsc-mini -> pcscd -> vpcd -> a card program: readers and cards as they are on a real machine.
import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer, Schedule, Stream } from "effect"
import { spawn } from "node:child_process"
import { pbkdf2 } from "node:crypto"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { inject } from "vitest"
import * as Pcscd from "../../../scripts/pcscd.ts"
import type { CardChannel } from "../src/CardChannel.ts"
import { Bytes, PcscBinding } from "../src/index.ts"
import { PcscMini, ReaderCensus, Vpcd } from "../src/node/index.ts"
import { PcscReader } from "../src/PcscReader.ts"
import * as PcscReaders from "../src/PcscReader.ts"
import type { Of, ReaderEvent } from "../src/ReaderEvent.ts"
import { collect } from "./support/Collector.ts"
import * as EchoCard from "./support/EchoCard.ts"

const { echo, echoCard, selection, write } = EchoCard
const chain = inject("chain")
const [reader = ""] = chain.readers
const [port = 0] = chain.ports
const fault = (tag: string, more: object = {}) => expect.objectContaining({ _tag: tag, ...more })
const code = (code: PcscBinding.Code) => expect.objectContaining({ _tag: "PcscError", code })
const send = (command: Bytes.Bytes) => (channel: CardChannel) => Effect.map(channel.transmit(command), Bytes.hex)

const real = PcscReaders.layerWith({ commandTime: 1500, patience: 500, firstRetry: 200 }).pipe(
  Layer.provideMerge(PcscMini.layer)
)

/** A card on the first reader, told by its insertion. */
const inserted = Effect.gen(function*() {
  const { insertion, readers } = yield* PcscReader
  // pcscd looks for cards only every 0.4 s: the one of the test before has to be seen going.
  const isEmpty = Effect.map(readers, (all) => all.length === 4 && all.every(({ card }) => card._tag === "None"))
  while (!(yield* isEmpty)) yield* Effect.sleep(5)
  const slot = yield* Vpcd.slot({ dial: port })
  const card = echoCard()
  yield* slot.insert(card)
  const { atr } = yield* insertion({ reader })
  return { card, slot, atr }
})

/** Collects events, and waits for one of a kind. */
const listening = Effect.gen(function*() {
  const { events } = yield* PcscReader
  const all: Array<ReaderEvent> = []
  yield* Effect.forkScoped(Stream.runForEach(events, (event) => Effect.sync(() => all.push(event))))
  const until = <Tag extends ReaderEvent["_tag"]>(tag: Tag) =>
    Effect.gen(function*() {
      for (;;) {
        const found = all.find((event): event is Of<Tag> => event._tag === tag)
        if (found !== undefined) return found
        yield* Effect.sleep(5)
      }
    })
  return { all, until }
})

describe("events", () => {
  it.live("trap 1, trap 7: a card that comes is told with its own answer to reset, one that goes is told, and so again", () =>
    Effect.gen(function*() {
      const { all, until } = yield* listening
      const { atr, slot } = yield* inserted
      expect(Bytes.hex(atr)).toBe(Bytes.hex(EchoCard.atr))
      const first = yield* until("CardInserted")
      yield* slot.remove
      yield* until("CardRemoved")
      yield* slot.insert(echoCard())
      const { insertion } = yield* PcscReader
      const second = yield* insertion({ reader, after: first.insertion })
      expect(Bytes.hex(second.atr)).toBe(Bytes.hex(EchoCard.atr))
      expect(all.filter((event) => "reader" in event && event.reader === reader).map(({ _tag }) => _tag)).toEqual([
        "ReaderAttached",
        "CardInserted",
        "CardRemoved",
        "CardInserted"
      ])
    }).pipe(Effect.provide(real)))

  it.live("trap 2: of six readers four are seen, and it is told that there are six", () =>
    Effect.gen(function*() {
      const { until } = yield* listening
      expect(yield* until("ReadersHidden")).toEqual({ _tag: "ReadersHidden", seen: 4, there: 6 })
      const { readers } = yield* PcscReader
      expect((yield* readers).map((state) => state.reader)).toEqual(chain.readers.slice(0, 4))
      expect(yield* ReaderCensus.count()).toBe(6)
    }).pipe(Effect.provide(real)))
})

describe("a card in use", () => {
  it.live("answers, and forgets at the end what was selected", () =>
    Effect.gen(function*() {
      const { card } = yield* inserted
      const { use } = yield* PcscReader
      expect(yield* use(reader, send(echo))).toBe("801001029000")
      expect(yield* use(reader, (channel) => Effect.andThen(send(EchoCard.select)(channel), send(selection)(channel))))
        .toBe(
          "019000"
        )
      expect(yield* use(reader, send(selection))).toBe("009000")
      expect(card.powers).toContain("reset")
    }).pipe(Effect.provide(real)))

  it.live("trap 3: commands and users at once go one after the other", () =>
    Effect.gen(function*() {
      yield* inserted
      const { use } = yield* PcscReader
      const answers = yield* Effect.forEach(
        Array.from({ length: 4 }),
        () =>
          use(reader, (channel) =>
            Effect.forEach(Array.from({ length: 5 }), () =>
              send(write)(channel), { concurrency: "unbounded" })),
        { concurrency: "unbounded" }
      )
      const numbers = answers.flat().map((answer) =>
        Number.parseInt(answer.slice(0, 2), 16)
      )
      expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, at) => at + 1))
    }).pipe(Effect.provide(real)))

  it.live.each(
    [
      ["before it gets a command", "TearBefore", 0],
      ["after it, before its answer", "TearAfter", 1]
    ] as const
  )(
    "trap 4: pulled %s: the answer is lost, and in the same use the card is read on when it is back",
    ([, _tag, writes]) =>
      Effect.gen(function*() {
        const { card, slot } = yield* inserted
        const { insertion, use } = yield* PcscReader
        yield* slot.plan((_, at) => at === 1 ? { _tag, says: "empty" } : undefined)
        yield* use(reader, (channel) =>
          Effect.gen(function*() {
            yield* send(EchoCard.select)(channel)
            expect(yield* Effect.flip(channel.transmit(write))).toEqual(fault("AnswerLost"))
            expect(card.writes()).toBe(writes)
            yield* Effect.sleep(500)
            expect(yield* Effect.flip(channel.reset)).toEqual(fault("CardGone"))
            yield* slot.insert(card)
            yield* Effect.retry(channel.reset, { times: 40, schedule: everyTenth })
            expect(yield* send(selection)(channel)).toBe("009000")
            expect(yield* send(write)(channel)).toBe(`0${writes + 1}9000`)
          }))
        yield* insertion({ reader })
        expect(yield* use(reader, send(write))).toBe(`0${writes + 2}9000`)
      }).pipe(Effect.provide(real))
  )

  it.live.each([0, 1])("trap 4: an answer of %i bytes is none", (bytes) =>
    Effect.gen(function*() {
      const { card, slot } = yield* inserted
      const { use } = yield* PcscReader
      yield* slot.plan((_, at) => at === 0 ? { _tag: "Cut", bytes } : undefined)
      expect(yield* Effect.flip(use(reader, send(write)))).toEqual(fault("AnswerLost"))
      expect(card.writes()).toBe(1)
    }).pipe(Effect.provide(real)))

  it.live("trap 5: a card that hangs: late, its reader set aside, another reader goes on, and it is back when the card is pulled", () =>
    Effect.gen(function*() {
      const { until } = yield* listening
      const { slot } = yield* inserted
      const { insertion, use } = yield* PcscReader
      const [, other = ""] = chain.readers
      const second = yield* Vpcd.slot({ dial: port + 1 })
      yield* second.insert(echoCard())
      yield* insertion({ reader: other })
      yield* slot.plan(() => ({ _tag: "Hang" }))
      expect(yield* Effect.flip(use(reader, send(write)))).toEqual(fault("AnswerLost", { how: "late" }))
      expect(yield* until("ReaderSetAside")).toEqual({ _tag: "ReaderSetAside", reader, milliseconds: 1500 })
      expect(yield* Effect.flip(use(reader, send(write)))).toEqual(fault("ReaderStuck", { milliseconds: 1500 }))
      expect(yield* use(other, send(write))).toBe("019000")
      const { insertion: before } = yield* insertion({ reader })
      yield* slot.remove
      yield* until("ReaderBack")
      yield* slot.plan(() => undefined)
      yield* slot.insert(echoCard())
      yield* insertion({ reader, after: before })
      expect(yield* use(reader, send(write))).toBe("019000")
    }).pipe(Effect.provide(real)))

  it.live("trap 6: another client has the card alone: held, busy, and free again", () =>
    Effect.gen(function*() {
      const { until } = yield* listening
      yield* inserted
      const { use } = yield* PcscReader
      const rival = yield* rivalClient
      const card = yield* rival.connect(reader, "exclusive")
      expect(yield* Effect.flip(use(reader, send(write)))).toEqual(fault("CardBusy", { reader }))
      const using = yield* Effect.forkChild(use(reader, send(write)))
      yield* Effect.sleep(100)
      yield* card.disconnect("leave")
      expect(yield* Fiber.join(using)).toBe("019000")
      yield* until("CardInserted")
    }).pipe(Effect.provide(real)))

  it.live.each(["lets go of it", "is killed"] as const)(
    "trap 6: another program, a process of its own, has the card alone until it %s: busy, and then it is ours",
    (end) =>
      Effect.gen(function*() {
        yield* inserted
        const { readers, use } = yield* PcscReader
        const rival = yield* rivalProgram
        expect(yield* Effect.flip(use(reader, send(write)))).toEqual(fault("CardBusy", { reader }))
        if (end === "is killed") rival.kill("SIGKILL")
        else rival.stdin.end()
        expect(yield* Effect.retry(use(reader, send(write)), { times: 20, schedule: everyTenth })).toBe("019000")
        expect((yield* readers).find((state) => state.reader === reader)?.card._tag).toBe("Inserted")
      }).pipe(Effect.provide(real))
  )

  it.live("nobody comes in between: another client's command waits for the end of the use", () =>
    Effect.gen(function*() {
      yield* inserted
      const { use } = yield* PcscReader
      const rival = yield* rivalClient
      const card = yield* rival.connect(reader, "shared")
      const order: Array<string> = []
      const rivals = yield* use(reader, (channel) =>
        Effect.gen(function*() {
          const rivals = yield* Effect.forkDetach(Effect.exit(Effect.ensuring(
            card.transmit(write),
            Effect.sync(() => order.push("rival"))
          )))
          yield* Effect.sleep(200)
          yield* channel.transmit(write)
          yield* channel.reset
          yield* channel.transmit(write)
          order.push("we")
          return rivals
        }))
      yield* Fiber.await(rivals)
      expect(order).toEqual(["we", "rival"])
      yield* card.disconnect("leave")
    }).pipe(Effect.provide(real)))
})

describe("the binding alone", () => {
  it.live("trap 6: what handles of one card say when the other resets, the card goes and comes, and two calls meet", () =>
    Effect.gen(function*() {
      const { slot } = yield* inserted
      const rival = yield* rivalClient
      const one = yield* rival.connect(reader, "shared")
      const other = yield* rival.connect(reader, "shared")
      expect(yield* Effect.flip(rival.connect(reader, "exclusive"))).toEqual(code("SharingViolation"))
      yield* other.disconnect("reset")
      expect(yield* Effect.flip(one.transmit(echo))).toEqual(code("ResetCard"))
      yield* one.reconnect("leave")
      const met = yield* Effect.forEach([1, 2], () => Effect.result(one.transmit(echo)), { concurrency: 2 })
      expect(met.map(({ _tag }) => _tag).toSorted()).toEqual(["Failure", "Success"])
      expect(met.find(({ _tag }) => _tag === "Failure")).toEqual(expect.objectContaining({ failure: code("Busy") }))
      yield* slot.remove
      yield* Effect.sleep(600)
      expect(yield* Effect.flip(one.transmit(echo))).toEqual(code("RemovedCard"))
      expect(yield* Effect.flip(rival.connect(reader, "shared"))).toEqual(code("NoCard"))
      yield* slot.insert(echoCard())
      yield* Effect.retry(one.reconnect("reset"), { times: 40, schedule: everyTenth })
      expect(Bytes.hex(yield* one.transmit(echo))).toBe("801001029000")
      // A card that is powered before pcscd has seen it come, and goes before that, lies there for pcscd until the next one comes.
      yield* Effect.sleep(600)
      yield* one.disconnect("reset")
      expect(yield* Effect.flip(one.transmit(echo))).toEqual(code("InvalidHandle"))
      expect(yield* Effect.flip(rival.connect("nobody's", "shared"))).toEqual(code("UnknownReader"))
    }).pipe(Effect.provide(real)))

  it.live("a command that waits for a thread reaches the card as it was given, whatever the collector does meanwhile", () =>
    Effect.gen(function*() {
      yield* inserted
      const rival = yield* rivalClient
      const card = yield* rival.connect(reader, "shared")
      // Each of libuv's threads has something to do for a while.
      const busy = Promise.all(
        Array.from({ length: 4 }, () => promisify(pbkdf2)("word", "salt", 500_000, 64, "sha512"))
      )
      const answer = yield* Effect.forkChild(card.transmit(echo), { startImmediately: true })
      yield* Effect.sleep(1)
      yield* collect
      const litter = Array.from({ length: 20_000 }, () => new Uint8Array(new ArrayBuffer(echo.length)).fill(0x55))
      expect(Bytes.hex(yield* Fiber.join(answer))).toBe("801001029000")
      expect(litter).toHaveLength(20_000)
      yield* Effect.promise(() => busy)
      yield* card.disconnect("leave")
    }).pipe(Effect.provide(real)))

  it.live("a client has four handles: the fifth is refused, and one that is given back is free again", () =>
    Effect.gen(function*() {
      yield* inserted
      const rival = yield* rivalClient
      const cards = yield* Effect.forEach([1, 2, 3, 4], () => rival.connect(reader, "shared"))
      expect(yield* Effect.flip(rival.connect(reader, "shared"))).toEqual(code("HandlesExhausted"))
      for (const card of cards) yield* card.disconnect("leave")
      const again = yield* rival.connect(reader, "shared")
      yield* again.disconnect("leave")
    }).pipe(Effect.provide(real)))
})

describe("a client that has lost its handles is renewed", () => {
  const cases = [
    ["under a card that is kept and not spoken to", "idle"],
    ["although a card hangs", "hangs"]
  ] as const
  for (const [title, other] of cases) {
    it.live(title, () => {
      const mini = PcscMini.make()
      const clients: Array<PcscBinding.PcscClient> = []
      const open = (watch: PcscBinding.Watch) =>
        Effect.tap(mini.open(watch), (client) => Effect.sync(() => clients.push(client)))
      const options = { commandTime: 1500, firstRetry: 200, idleTime: 1000 }
      return Effect.gen(function*() {
        const { slot: first } = yield* within("the first card", inserted)
        const { insertion, use } = yield* PcscReader
        const [, second = ""] = chain.readers
        const slot = yield* Vpcd.slot({ dial: port + 1 })
        yield* slot.insert(echoCard())
        yield* within("the second card", insertion({ reader: second }))
        yield* first.plan((_, at) => other === "hangs" && at === 0 ? { _tag: "Hang" } : undefined)
        const speak = yield* Deferred.make<void>()
        const keeping = yield* Effect.forkChild(
          Effect.flip(use(reader, (channel) =>
            other === "hangs"
              ? channel.transmit(write)
              : Effect.andThen(Deferred.await(speak), channel.transmit(write))))
        )
        yield* Effect.sleep(other === "hangs" ? 2000 : 200)
        const { insertion: before } = yield* insertion({ reader: second })
        for (let lost = 0; lost < 3; lost++) {
          yield* within("losing a handle", clients[0]?.connect(second, "shared") ?? Effect.die("no client"))
        }
        expect(yield* Effect.flip(use(second, send(write)))).toEqual(
          fault("ReaderFailed", { code: "HandlesExhausted" })
        )
        const began = performance.now()
        yield* within("the renewal", insertion({ reader: second, after: before }))
        expect(performance.now() - began).toBeLessThan(3000)
        expect(clients).toHaveLength(2)
        expect(yield* use(second, send(write))).toBe("019000")
        yield* Deferred.succeed(speak, undefined)
        expect(yield* within("who kept the card", Fiber.join(keeping))).toEqual(
          other === "hangs" ? fault("AnswerLost", { how: "late" }) : fault("ServiceGone")
        )
        yield* first.remove
        yield* Effect.sleep(500)
        yield* first.insert(echoCard())
        yield* within("the first card again", insertion({ reader, after: before }))
        expect(yield* use(reader, send(write))).toBe("019000")
      }).pipe(
        Effect.provide(
          Layer.provide(PcscReaders.layerWith(options), Layer.succeed(PcscBinding.PcscBinding, { ...mini, open }))
        )
      )
    })
  }
})

describe("pcscd", () => {
  it.live("is killed: readers are detached, and when it runs again all goes on, without a restart of ours", () =>
    Effect.gen(function*() {
      const { all, until } = yield* listening
      yield* inserted
      const { insertion, use } = yield* PcscReader
      expect(yield* use(reader, send(write))).toBe("019000")
      all.length = 0
      yield* Effect.promise(() => Pcscd.kill(chain))
      yield* until("ServiceDown")
      expect(all.filter(({ _tag }) => _tag === "ReaderDetached")).toHaveLength(4)
      expect(yield* Effect.flip(use(reader, send(write)))).toEqual(fault("ServiceGone"))
      yield* Effect.promise(() => Pcscd.start(chain))
      yield* until("ServiceUp")
      // The card dials vpcd again by itself.
      yield* insertion({ reader })
      expect(yield* use(reader, send(write))).toBe("029000")
    }).pipe(Effect.provide(real)))

  it.live("is killed under a command: its answer is lost", () =>
    Effect.gen(function*() {
      const { slot } = yield* inserted
      const { insertion, use } = yield* PcscReader
      yield* slot.plan(() => ({ _tag: "Hang" }))
      const using = yield* Effect.forkChild(Effect.flip(use(reader, send(write))))
      yield* Effect.sleep(200)
      yield* Effect.promise(() => Pcscd.kill(chain))
      expect(yield* Fiber.join(using)).toEqual(fault("AnswerLost", { how: "link" }))
      yield* Effect.promise(() => Pcscd.start(chain))
      yield* slot.plan(() => undefined)
      yield* Effect.sleep(500)
      yield* insertion({ reader })
      expect(yield* use(reader, send(write))).toBe("029000")
    }).pipe(Effect.provide(real)))

  it.live("does not answer: a client is not opened, since opening would stop the whole process", () =>
    Effect.gen(function*() {
      const pid = Pcscd.pidOf(chain) ?? 0
      const binding = PcscMini.make()
      process.kill(pid, "SIGSTOP")
      const stopped = yield* Effect.result(Effect.scoped(binding.open({ changed: () => {}, died: () => {} })))
      const state = yield* ReaderCensus.state()
      process.kill(pid, "SIGCONT")
      expect(stopped).toEqual(expect.objectContaining({ failure: code("Timeout") }))
      expect(state).toBe("silent")
      // What had queued up before it is answered first.
      while ((yield* ReaderCensus.state()) !== "answers") yield* Effect.sleep(20)
    }))
})

/** Says what was waited for in vain, and how the readers stood. */
const within = <A, E, R>(what: string, effect: Effect.Effect<A, E, R>) =>
  Effect.timeoutOrElse(effect, {
    duration: "10 seconds",
    orElse: () =>
      Effect.flatMap(
        Effect.flatMap(PcscReader, ({ readers }) => readers),
        (all) => Effect.die(new Error(`${what} did not come: ${JSON.stringify(all)}`))
      )
  })

const everyTenth = Schedule.spaced("100 millis")

/** Another program, once it has the card alone. */
const rivalProgram = Effect.acquireRelease(
  Effect.promise(async () => {
    const program = spawn(process.execPath, [fileURLToPath(new URL("support/rival.ts", import.meta.url)), reader], {
      stdio: ["pipe", "pipe", "inherit"]
    })
    await once(program.stdout, "data")
    return program
  }),
  (program) => Effect.sync(() => void program.kill("SIGKILL"))
)

/** Another client of the same service, once it sees the readers. */
const rivalClient = Effect.gen(function*() {
  const seen = new Set<string>()
  const client = yield* PcscMini.make().open({
    changed: ({ name }) => void seen.add(name),
    died: () => {}
  })
  while (!seen.has(reader)) yield* Effect.sleep(5)
  return client
})
