// What becomes of money when a card is pulled away in the middle of `yikatong reader load` and `pay` (R28): nothing is
// guessed, nothing is sent twice, and the truth is told, also after a signal.
import { describe, expect, it } from "@effect/vitest"
import {
  Bytes,
  CardKeys,
  type CardProgram,
  CardSetup,
  MifareIssue,
  MifareKeys,
  MifareLayout,
  MifarePurse,
  type Mischief,
  PcscBinding,
  PcscReader,
  ReaderProfile,
  SeededRandom,
  SoftwareKeys,
  VirtualCpuCard,
  VirtualKeys,
  VirtualMifare,
  VirtualMifareMemory,
  VirtualPcsc
} from "@yikatong/adapters-pcsc"
import { type Chip, CivilTime, Money } from "@yikatong/core"
import { Console, Effect, Exit, Fiber, Layer, Option, Redacted, Result } from "effect"
import * as CardDealing from "../src/CardDealing.ts"
import type { Known } from "../src/CardPlace.ts"
import * as CardSight from "../src/CardSight.ts"
import { memory, other, serial, windows } from "./support/cards.ts"

const { load, maintenance, purchase, tac } = VirtualKeys.testMasters
const setup = CardSetup.usual
const cpu: Known = {
  setup,
  keys: SoftwareKeys.make({ of: "school", load, purchase, tac, file: maintenance }, Effect.succeed(1))
}

const cpuCard = (options: Partial<VirtualCpuCard.Personalisation> = {}) =>
  VirtualCpuCard.make({ memory: memory(options), random: SeededRandom.make(7) })
const seven = Money.amount(700)

/** A reader on which things happen, and what was told so far. */
const desk = (program: CardProgram.CardProgram, readers: ReadonlyArray<string> = ["R"]) =>
  Effect.gen(function*() {
    const { binding, hands } = VirtualPcsc.make({ readers })
    yield* hands.insert("R", program)
    const out: Array<string> = []
    const err: Array<string> = []
    const console: Console.Console = Object.assign(Object.create(globalThis.console), {
      log: (text: string) => void out.push(text),
      error: (text: string) => void err.push(text)
    })
    const layer = Layer.mergeAll(
      Layer.provide(PcscReader.layer, Layer.succeed(PcscBinding.PcscBinding, binding)),
      Layer.succeed(Console.Console, console)
    )
    return { hands, out, err, layer }
  })

const dealing = (kind: "load" | "debit", wait = 5, isSignalled = () => false): CardDealing.Dealing => ({
  kind,
  amount: seven,
  reader: Option.none(),
  wait,
  json: true,
  isSignalled
})

/** Pulls the card at the command that moves money, once. */
const tearing = (mischief: Mischief.Mischief): Mischief.Plan => {
  let isOver = false
  return (command) => {
    const movesMoney = !isOver && (command[1] === 0x52 || command[1] === 0x54)
    isOver ||= movesMoney
    return movesMoney ? mischief : undefined
  }
}

/** Once a card was asked back, the hands do something. */
const onceAsked = (err: ReadonlyArray<string>, hands: Effect.Effect<void>, often = 1) =>
  Effect.gen(function*() {
    while (err.length < often) yield* Effect.sleep(10)
    yield* hands
  })

const isDone = (kind: "load" | "debit", { purses }: ReturnType<typeof memory>): boolean =>
  purses.ep.balance === (kind === "load" ? 5_700 : 4_300)

const tears: ReadonlyArray<readonly [when: string, mischief: Mischief.Mischief, done: boolean]> = [
  ["before it gets the command", { _tag: "TearBefore", says: "error" }, false],
  ["before it gets the command, and the reader calls it an answer", { _tag: "TearBefore", says: "empty" }, false],
  ["within the command, before its memory was written", { _tag: "TearInside", written: 0, says: "error" }, false],
  ["after it has carried it out", { _tag: "TearAfter", says: "error" }, true],
  ["after it has carried it out, and the reader calls it an answer", { _tag: "TearAfter", says: "empty" }, true]
]
const table = tears.flatMap((tear) => (["load", "debit"] as const).map((kind) => [kind, ...tear] as const))

describe("a CPU card that is pulled away at the command that moves money", () => {
  it.live.each(table)(
    "%s, %s, and put back: it is told what became of it (R28)",
    ([kind, , mischief, done]) =>
      Effect.gen(function*() {
        const card = cpuCard()
        const { err, hands, layer, out } = yield* desk(card)
        yield* hands.plan("R", tearing(mischief))
        yield* Effect.forkChild(onceAsked(err, hands.insert("R", card)))
        const exit = yield* Effect.exit(Effect.provide(CardDealing.deal(cpu, dealing(kind)), layer))
        const told = JSON.parse(out.join(""))
        expect(told).toMatchObject({ ok: done, card: serial, outcome: done ? "Done" : "NotDone" })
        expect(isDone(kind, card.memory())).toBe(done)
        expect(told.after.balance).toBe(card.memory().purses.ep.balance)
        if (done) expect(told.tac).toMatch(/^[0-9A-F]{8}$/)
        expect(Exit.isSuccess(exit)).toBe(done)
        expect(err).toEqual([expect.stringContaining("put the same card back")])
      })
  )

  it.live("another card is put there first: it is told to be another, and the first one is asked when it comes", () =>
    Effect.gen(function*() {
      const card = cpuCard()
      const another = cpuCard({ serial: other })
      const before = another.memory()
      const { err, hands, layer, out } = yield* desk(card)
      yield* hands.plan("R", tearing({ _tag: "TearAfter", says: "empty" }))
      yield* Effect.forkChild(onceAsked(err, hands.insert("R", another)))
      yield* Effect.forkChild(onceAsked(err, hands.insert("R", card), 2))
      yield* Effect.provide(CardDealing.deal(cpu, dealing("debit")), layer)
      expect(err[1]).toContain("this is another card: put the first one back")
      expect(JSON.parse(out.join(""))).toMatchObject({ ok: true, outcome: "Done", after: { balance: 4_300 } })
      expect(another.memory()).toEqual(before)
    }))

  it.live("another card lies there, and it is put on another reader: it is asked there, and told to lie there now (R28)", () =>
    Effect.gen(function*() {
      const card = cpuCard()
      const { err, hands, layer, out } = yield* desk(card, ["R", "S"])
      yield* hands.plan("R", tearing({ _tag: "TearAfter", says: "empty" }))
      yield* Effect.forkChild(onceAsked(err, hands.insert("R", cpuCard({ serial: other }))))
      yield* Effect.forkChild(onceAsked(err, hands.insert("S", card), 2))
      yield* Effect.provide(CardDealing.deal(cpu, dealing("debit")), layer)
      expect(JSON.parse(out.join(""))).toMatchObject({
        ok: true,
        reader: "S",
        outcome: "Done",
        after: { balance: 4_300 }
      })
    }))

  it.live("it never comes back: nobody knows, and that is told", () =>
    Effect.gen(function*() {
      const card = cpuCard()
      const { hands, layer, out } = yield* desk(card)
      yield* hands.plan("R", tearing({ _tag: "TearAfter", says: "empty" }))
      const exit = yield* Effect.exit(Effect.provide(CardDealing.deal(cpu, dealing("debit", 1)), layer))
      expect(Exit.isFailure(exit)).toBe(true)
      expect(JSON.parse(out.join(""))).toMatchObject({
        ok: false,
        outcome: "Unknown",
        before: { balance: 5_000 },
        after: null,
        proof: "notAsked",
        cause: { tag: "CardGone" }
      })
    }))

  it.live("a signal ends the waiting at once, and what is not known is told", () =>
    Effect.gen(function*() {
      const card = cpuCard()
      const { err, hands, layer, out } = yield* desk(card)
      yield* hands.plan("R", tearing({ _tag: "TearAfter", says: "empty" }))
      let isSignalled = false
      const running = yield* Effect.forkChild(
        Effect.provide(CardDealing.deal(cpu, dealing("debit", 60, () => isSignalled)), layer)
      )
      yield* onceAsked(err, Effect.sync(() => isSignalled = true))
      yield* Fiber.interrupt(running)
      expect(out).toHaveLength(1)
      expect(JSON.parse(out.join(""))).toMatchObject({ ok: false, outcome: "Unknown", amount: 700 })
    }))
})

describe("a signal", () => {
  it.live.each(["load", "debit"] as const)(
    "at the very command that moves money (%s): it is carried out, and told (R28)",
    (kind) =>
      Effect.gen(function*() {
        const card = cpuCard()
        const { hands, layer, out } = yield* desk(card)
        let interrupt = () => {}
        yield* hands.plan("R", (command) => {
          if (command[1] === 0x52 || command[1] === 0x54) interrupt()
          return undefined
        })
        const running = yield* Effect.forkChild(Effect.provide(CardDealing.deal(cpu, dealing(kind)), layer))
        interrupt = () => running.interruptUnsafe()
        const exit = yield* Fiber.await(running)
        expect(Exit.hasInterrupts(exit)).toBe(true)
        expect(isDone(kind, card.memory())).toBe(true)
        expect(JSON.parse(out.join(""))).toMatchObject({ ok: true, outcome: "Done" })
      })
  )

  it.live("while the card is read nothing is written, and nothing told", () =>
    Effect.gen(function*() {
      const card = cpuCard()
      const before = card.memory()
      const { hands, layer, out } = yield* desk(card)
      let interrupt = () => {}
      yield* hands.plan("R", (command) => {
        if (command[1] === 0xa4) interrupt()
        return undefined
      })
      const running = yield* Effect.forkChild(Effect.provide(CardDealing.deal(cpu, dealing("debit")), layer))
      interrupt = () => running.interruptUnsafe()
      expect(Exit.hasInterrupts(yield* Fiber.await(running))).toBe(true)
      expect(card.memory()).toBe(before)
      expect(out).toEqual([])
    }))
})

const uid = Bytes.of("11223344")
const digits = (one: string): string => one.repeat(16)
const master = (one: string) => Redacted.make(Bytes.of(digits(one)))
const m1: Known = {
  keys: CardKeys.none,
  setup: Result.getOrThrow(
    CardSetup.decode({ m1: { masters: { A: digits("A1"), B: digits("B2"), seal: digits("5E") }, reader: "acs" } })
  )
}
const chip: Chip.Chip = {
  card: MifarePurse.cardOf(uid),
  standing: "active",
  purse: { balance: Money.yuan("50.00"), loadSequence: 3, purchaseSequence: 7 },
  tallies: { cells: [] },
  validUntil: CivilTime.day("2099-01-01")
}

/** An M1 card as the card centre issues it. */
const m1Card = Effect.gen(function*() {
  const card = VirtualMifare.make(VirtualMifareMemory.blank("1K", uid), ReaderProfile.acs)
  const { layer } = yield* desk(card)
  yield* Effect.provide(
    Effect.gen(function*() {
      const { insertion, use } = yield* PcscReader.PcscReader
      const { reader } = yield* insertion()
      const keys = MifareKeys.ofMasters({ A: master("A1"), B: master("B2"), seal: master("5E") })
      const how = { profile: ReaderProfile.acs, keys, layout: MifareLayout.usual, windows }
      yield* use(reader, (channel) => MifareIssue.issue(channel, how, chip))
    }),
    layer
  )
  return card
})

const asked = { json: true, reader: Option.none(), wait: 5 }

describe("an M1 card", () => {
  it.live("is read, paid with and loaded as its setup says (D12)", () =>
    Effect.gen(function*() {
      const { layer, out } = yield* desk(yield* m1Card)
      yield* Effect.provide(
        Effect.gen(function*() {
          yield* CardDealing.deal(m1, dealing("debit"))
          yield* CardDealing.deal(m1, dealing("load"))
          yield* CardSight.read(m1, asked)
        }),
        layer
      )
      const told = out.map((line) => JSON.parse(line))
      expect(told[0]).toMatchObject({ ok: true, outcome: "Done", card: "m1-11223344", after: { balance: 4_300 } })
      expect(told[0]).not.toHaveProperty("tac")
      expect(told[1]).toMatchObject({ ok: true, outcome: "Done", after: { balance: 5_000, loadSequence: 4 } })
      expect(told[2]).toMatchObject({
        ok: true,
        kind: "m1",
        card: "m1-11223344",
        purse: { balance: 5_000, loadSequence: 4, purchaseSequence: 8 },
        today: [{ category: "canteen", sum: 700, count: 1 }]
      })
    }))

  it.live("without keys tells its number and what is missing", () =>
    Effect.gen(function*() {
      const { layer, out } = yield* desk(yield* m1Card)
      const exit = yield* Effect.exit(Effect.provide(CardSight.read(cpu, asked), layer))
      expect(Exit.isFailure(exit)).toBe(true)
      expect(JSON.parse(out.join(""))).toMatchObject({
        ok: false,
        kind: "m1",
        card: "m1-11223344",
        problems: [{ part: "card", tag: "KeyMissing" }]
      })
    }))

  it.live("that is pulled away while it pays and put back: it is told what became of it (R28)", () =>
    Effect.gen(function*() {
      const outcomes = new Set<string>()
      for (let at = 0; at < 42; at++) {
        const card = yield* m1Card
        const { err, hands, layer, out } = yield* desk(card)
        let commands = 0
        let isOver = false
        yield* hands.plan("R", () => {
          if (isOver || commands++ < at) return undefined
          isOver = true
          return { _tag: "TearAfter", says: "empty" }
        })
        yield* Effect.forkChild(onceAsked(err, hands.insert("R", card)))
        yield* Effect.exit(Effect.provide(CardDealing.deal(m1, dealing("debit")), layer))
        const told = out.map((line) => JSON.parse(line))
        const again = yield* desk(card)
        yield* Effect.provide(CardSight.balance(m1, asked), again.layer)
        const now = JSON.parse(again.out.join(""))
        expect(told).toHaveLength(1)
        if (told[0].outcome === undefined) expect(told[0]).toMatchObject({ ok: false, fault: { tag: "AnswerLost" } })
        else expect(told[0]).toMatchObject({ after: { balance: now.balance, purchaseSequence: now.purchaseSequence } })
        outcomes.add(told[0].outcome ?? "nothing written")
      }
      expect(outcomes).toEqual(new Set(["nothing written", "NotDone", "Done"]))
    }))
})

describe("waiting for a card", () => {
  /** A desk with two readers, of which neither has a card. */
  const twoReaders = Effect.gen(function*() {
    const { hands, ...rest } = yield* desk(cpuCard())
    yield* hands.remove("R")
    yield* hands.plug("ACS ACR122U 00 00")
    yield* hands.plug("ACS ACR122U 01 00")
    return { hands, ...rest }
  })
  const balance = (reader: string | undefined, wait: number) =>
    CardSight.balance(cpu, { json: true, reader: Option.fromUndefinedOr(reader), wait })
  const messageOf = (exit: Exit.Exit<unknown, unknown>): string => String(Exit.isFailure(exit) ? exit.cause : "none")

  it.live.each<readonly [title: string, reader: string | undefined, tag: string, says: string]>([
    [
      "a part of two names is none",
      "acr122u",
      "WrongUse",
      "--reader: acr122u is a part of several names: ACS ACR122U 00 00,"
    ],
    ["a name that nobody bears", "uTrust", "Unknown", "no reader is called uTrust; there are: R, ACS ACR122U 00 00"],
    ["a card on no reader", undefined, "Unknown", "no card that can be read came within 1 s; readers: R, ACS"],
    ["a card that does not come to this one", "R", "Unknown", "`yikatong reader doctor`"]
  ])("%s", ([, reader, tag, says]) =>
    Effect.gen(function*() {
      const { hands, layer } = yield* twoReaders
      if (reader === "R") yield* hands.insert("ACS ACR122U 01 00", cpuCard())
      const exit = yield* Effect.exit(Effect.provide(balance(reader, 1), layer))
      expect(messageOf(exit)).toContain(tag)
      expect(messageOf(exit)).toContain(says)
    }))

  it.live("several readers with a card: none is taken by chance, all are told, and with --reader it pays", () =>
    Effect.gen(function*() {
      const [one, two] = [cpuCard(), cpuCard({ serial: other })]
      const before = [one.memory(), two.memory()]
      const { hands, layer, out } = yield* twoReaders
      yield* hands.insert("R", one)
      yield* hands.insert("ACS ACR122U 01 00", two)
      const exit = yield* Effect.exit(Effect.provide(CardDealing.deal(cpu, dealing("debit")), layer))
      expect(messageOf(exit)).toContain("WrongUse")
      expect(messageOf(exit)).toContain(
        "多个读卡器上有卡，请用 --reader 指定：R, ACS ACR122U 01 00 / several readers have a card: say which by --reader: R, ACS"
      )
      expect([one.memory(), two.memory()]).toEqual(before)
      const meant = { ...dealing("debit"), reader: Option.some("01") }
      yield* Effect.provide(CardDealing.deal(cpu, meant), layer)
      expect(JSON.parse(out.join(""))).toMatchObject({
        ok: true,
        reader: "ACS ACR122U 01 00",
        after: { balance: 4_300 }
      })
      expect(one.memory()).toEqual(before[0])
    }))

  it.live("what is wrong with a card is told with its reader", () =>
    Effect.gen(function*() {
      const { layer } = yield* desk(cpuCard())
      const strange = { ...cpu, keys: CardKeys.none }
      const exit = yield* Effect.exit(
        Effect.provide(CardDealing.deal(strange, { ...dealing("load"), json: false }), layer)
      )
      expect(messageOf(exit)).toContain("R: ")
      expect(messageOf(exit)).toContain("the terminal has no key load")
      expect(messageOf(exit)).toContain("keys and PIN stand in the file of --cards")
    }))

  it.live("it is asked for, and taken as it comes: on the reader that was told, or on any", () =>
    Effect.gen(function*() {
      for (const reader of ["ACR122U 01", undefined]) {
        const { err, hands, layer, out } = yield* twoReaders
        yield* Effect.forkChild(onceAsked(err, hands.insert("ACS ACR122U 01 00", cpuCard())))
        yield* Effect.provide(balance(reader, 10), layer)
        expect(err).toEqual([expect.stringContaining("put a card on the reader")])
        expect(JSON.parse(out.join(""))).toMatchObject({ ok: true, balance: 5_000 })
      }
    }))

  it.live("a card that does not answer is told while it is waited for", () =>
    Effect.gen(function*() {
      const { err, hands, layer } = yield* twoReaders
      yield* hands.insert("R", cpuCard(), { mute: true })
      const exit = yield* Effect.exit(Effect.provide(balance(undefined, 1), layer))
      expect(messageOf(exit)).toContain("no card that can be read came")
      expect(err[0]).toContain("the card does not answer: R; turn it or lay it flat")
    }))

  it.live("a service that dies ends the waiting, with what helps", () =>
    Effect.gen(function*() {
      const { hands, layer } = yield* twoReaders
      yield* Effect.forkChild(Effect.andThen(Effect.sleep(200), hands.kill))
      const exit = yield* Effect.exit(Effect.provide(balance(undefined, 30), layer))
      expect(messageOf(exit)).toContain("the smart card service does not run")
    }))
})
