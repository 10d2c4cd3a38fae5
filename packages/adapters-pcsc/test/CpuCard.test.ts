import { CivilTime, Money, Tally } from "@yikatong/core"
import { Effect, Fiber, Redacted, Result } from "effect"
import { describe, expect, it } from "vitest"
import * as Bytes from "../src/Bytes.ts"
import type { CardChannel } from "../src/CardChannel.ts"
import type { CardProgram } from "../src/CardProgram.ts"
import type * as CpuCard from "../src/CpuCard.ts"
import type { Failure } from "../src/Exchange.ts"
import type { PendingWrite } from "../src/PendingWrite.ts"
import type * as VirtualCpuCard from "../src/VirtualCpuCard.ts"
import { testMasters } from "../src/VirtualKeys.ts"
import * as Campus from "./support/campus.ts"
import * as ProgramChannel from "./support/ProgramChannel.ts"
import * as Script from "./support/script.ts"

const { of } = Bytes
const { at } = Campus
const amount = Money.amount(1_250)

type Use<A> = (card: CpuCard.CpuCard) => Effect.Effect<A, Failure>
const tried = <A>(
  channel: CardChannel,
  use: Use<A>,
  options: Partial<CpuCard.Options> = {},
  keys = Campus.keys()
): Result.Result<A, Failure> => Effect.runSync(Effect.result(Effect.flatMap(Campus.open(channel, options, keys), use)))
const done = <A>(...from: Parameters<typeof tried<A>>): A => Result.getOrThrow(tried(...from))
const failure = <A>(...from: Parameters<typeof tried<A>>): unknown => Result.getOrUndefined(Result.flip(tried(...from)))

const pays: Use<string> = (card) =>
  Effect.gen(function*() {
    const chip = yield* card.chip
    const outcome = yield* card.debit({ amount, before: chip.purse, at, after: Campus.afterLunch(chip, amount) })
    return outcome._tag
  })
const paysBare: Use<string> = (card) =>
  Effect.gen(function*() {
    const outcome = yield* card.debit({ amount, before: yield* card.reading, at })
    return outcome._tag
  })
const loads: Use<string> = (card) =>
  Effect.gen(function*() {
    const outcome = yield* card.load({ amount, before: yield* card.reading, at })
    return outcome._tag
  })

describe("a tap, command by command", () => {
  const headers = (channel: ProgramChannel.ProgramChannel) =>
    ProgramChannel.told(channel).map((sent) => sent.slice(0, 8))
  it("D12: a purchase takes eight", () => {
    const channel = ProgramChannel.make(Campus.cardOf(5_000))
    expect(done(channel, pays)).toBe("Done")
    expect(headers(channel)).toEqual([
      "00A40400",
      "80500102",
      "80500002",
      "00B09900",
      "00840000",
      "04D69980",
      "80500102",
      "80540100"
    ])
  })
  it("R28: a load takes five", () => {
    const channel = ProgramChannel.make(Campus.cardOf(5_000))
    expect(done(channel, loads)).toBe("Done")
    expect(headers(channel)).toEqual(["00A40400", "80500102", "80500002", "80500002", "80520000"])
  })
  it("R28: a load of a card that needs the PIN shows it right before, and once", () => {
    const profile = { ...Campus.profile, pin: 0 }
    const channel = ProgramChannel.make(Campus.cardOf(5_000, { profile }))
    expect(done(channel, loads, { profile, pin: Redacted.make(of("123456")) })).toBe("Done")
    expect(headers(channel)).toEqual([
      "00A40400",
      "80500102",
      "80500002",
      "00B201C4",
      "00B09900",
      "00200000",
      "80500002",
      "80520000"
    ])
  })
})

describe("what stands on the chip", () => {
  it("D12: the purse, the counters, the dates", () => {
    const card = Campus.cardOf(5_000)
    const first = done(ProgramChannel.make(card), (card) => card.chip)
    expect(first).toEqual({
      card: "00061998081700000030",
      standing: "active",
      purse: { balance: 5_000, loadSequence: 0, purchaseSequence: 0 },
      tallies: Tally.none,
      validUntil: CivilTime.day("2026-06-01")
    })
    expect(done(ProgramChannel.make(card), pays)).toBe("Done")
    expect(done(ProgramChannel.make(card), (card) => card.chip)).toEqual(Campus.afterLunch(first, amount))
  })

  it("ten purchases in a row, each on another tap", () => {
    const card = Campus.cardOf(15_000)
    for (let count = 0; count < 10; count++) expect(done(ProgramChannel.make(card), pays)).toBe("Done")
    const { purse, tallies } = done(ProgramChannel.make(card), (card) => card.chip)
    expect(purse).toEqual({ balance: 2_500, loadSequence: 0, purchaseSequence: 10 })
    expect(tallies.cells).toEqual([{ ...Campus.lunch, sum: 12_500, count: 10 }])
  })

  it("two purchases and a load in one use of the card", () => {
    const channel = ProgramChannel.make(Campus.cardOf(5_000))
    const outcomes = done(channel, (card) => Effect.all([pays(card), loads(card), pays(card), card.chip]))
    expect(outcomes.slice(0, 3)).toEqual(["Done", "Done", "Done"])
    expect(outcomes[3]).toMatchObject({ purse: { balance: 3_750, loadSequence: 1, purchaseSequence: 2 } })
  })

  it("D12: a stamp blocks the card and leaves purse and counters alone", () => {
    const card = Campus.cardOf(5_000)
    done(ProgramChannel.make(card), pays)
    const before = done(ProgramChannel.make(card), (card) => card.chip)
    const dates = { validUntil: CivilTime.day("2026-09-01"), endsOn: CivilTime.day("2026-07-15") }
    done(ProgramChannel.make(card), (card) => card.stamp({ standing: "blocked", ...dates }))
    expect(done(ProgramChannel.make(card), (card) => card.chip)).toEqual({ ...before, standing: "blocked", ...dates })
  })

  it("a purchase without counters leaves them behind; the next one with them puts them right", () => {
    const card = Campus.cardOf(5_000)
    expect(done(ProgramChannel.make(card), paysBare)).toBe("Done")
    expect(failure(ProgramChannel.make(card), (card) => card.chip)).toEqual({ _tag: "CountersBehind", purchases: 1 })
    const before = Campus.purseOf(card)
    const known = { ...done(ProgramChannel.make(Campus.cardOf(5_000)), (card) => card.chip), purse: before }
    const after = Campus.afterLunch(known, amount)
    expect(done(ProgramChannel.make(card), (card) => card.debit({ amount, before, at, after }))._tag).toBe("Done")
    expect(done(ProgramChannel.make(card), (card) => card.chip)).toEqual(after)
  })

  it("counters of a purchase that never came do not count for another without counters", () => {
    const card = Campus.cardOf(5_000)
    // The slot is written, and the card is gone before the debit.
    expect(failure(ProgramChannel.make(card, { mischief: { at: 7, how: "pulled" } }), pays)).toBeUndefined()
    expect(Campus.purseOf(card).balance).toBe(5_000)
    expect(done(ProgramChannel.make(card), paysBare)).toBe("Done")
    expect(failure(ProgramChannel.make(card), (card) => card.chip)).toEqual({ _tag: "CountersBehind", purchases: 1 })
  })

  it("the log of a card that shows it only after the PIN", () => {
    const profile = { ...Campus.profile, pin: 0 }
    const card = Campus.cardOf(5_000, { profile, logNeedsPin: true })
    const pin = Redacted.make(of("123456"))
    const shown: Use<string> = (card) => Effect.andThen(card.showPin(), pays(card))
    expect(done(ProgramChannel.make(card), shown, { profile, pin })).toBe("Done")
    const log: Use<ReadonlyArray<unknown>> = (card) => Effect.andThen(card.showPin(), card.log)
    expect(done(ProgramChannel.make(card), log, { profile, pin })).toHaveLength(1)
    expect(failure(ProgramChannel.make(card), (card) => card.log, { profile, pin })).toMatchObject({
      _tag: "CardRefused",
      status: { _tag: "NotAuthorised" }
    })
  })

  it("holder and log", () => {
    const holder = Redacted.make(of(`0100D5C5C8FD${"00".repeat(16)}3136${"00".repeat(30)}00`))
    const card = Campus.cardOf(5_000, { holder })
    done(ProgramChannel.make(card), pays)
    const read = done(ProgramChannel.make(card), (card) => Effect.all([card.holder, card.log]))
    expect(Redacted.value(read[0].name)).toBe("张三")
    expect(read[1]).toEqual([
      {
        counter: 1,
        overdraft: 0,
        amount,
        type: 6,
        terminal: Campus.terminal,
        at: CivilTime.instant("2026-03-02 12:00:07")
      }
    ])
  })
})

describe("mistakes of the caller are defects, and nothing is sent", () => {
  it("a chip after the debit that is not the chip before it without the amount", () => {
    const channel = ProgramChannel.make(Campus.cardOf(5_000))
    const wrong: Use<unknown> = (card) =>
      Effect.flatMap(card.chip, (chip) => card.debit({ amount, before: chip.purse, at, after: chip }))
    expect(() => tried(channel, wrong)).toThrow(RangeError)
    expect(ProgramChannel.count(channel, 0xd6) + ProgramChannel.count(channel, 0x54)).toBe(0)
  })
  it("a terminal number of five bytes", () => {
    const channel = ProgramChannel.make(Campus.cardOf(5_000))
    expect(() => tried(channel, pays, { terminal: of("1122334455") })).toThrow(RangeError)
    expect(channel.sent).toHaveLength(0)
  })
})

/** A card, and whether it is as it was before. */
const unharmed = (card: VirtualCpuCard.VirtualCpuCard, before: ReturnType<typeof card.memory>): void => {
  const { files, log, pin, purses } = card.memory()
  expect([purses, log, pin, files.application]).toEqual([
    before.purses,
    before.log,
    before.pin,
    before.files.application
  ])
}

const altered = (
  change: Partial<ReturnType<VirtualCpuCard.VirtualCpuCard["memory"]>>
): VirtualCpuCard.VirtualCpuCard => {
  const card = Campus.cardOf(5_000)
  return Campus.copyOf({ ...card, memory: () => ({ ...card.memory(), ...change }) })
}
const purseWith = (change: object) => {
  const { purses } = Campus.cardOf(5_000).memory()
  return altered({ purses: { ...purses, ep: { ...purses.ep, ...change } } })
}
const campusWith = (campus: string) => altered({ files: { ...Campus.cardOf(5_000).memory().files, campus } })
const foreign = { ...Campus.keyFile, purchase: testMasters.internal, load: testMasters.internal }

describe("Bad input: a typed answer, and the card is left as it was", () => {
  it.each<[what: string, card: VirtualCpuCard.VirtualCpuCard, use: Use<unknown>, problem: object | undefined]>([
    ["a card of another system", altered({ name: "A000000632010105" }), pays, { _tag: "NotACampusCard" }],
    ["a blocked application", altered({ application: "blocked" }), pays, { _tag: "CardBlocked", forEver: false }],
    ["a card that is locked for ever", altered({ application: "locked" }), pays, {
      _tag: "CardBlocked",
      forEver: true
    }],
    ["a dead card", altered({ dead: true }), pays, { _tag: "CardBlocked", forEver: false }],
    ["an empty campus file", campusWith("00".repeat(256)), pays, { _tag: "FileDamaged", file: "campus" }],
    ["a campus file of another school", campusWith("5A".repeat(256)), pays, { _tag: "FileDamaged", file: "campus" }],
    ["too little money", purseWith({ balance: 1_249 }), paysBare, {
      _tag: "BalanceShort",
      amount: 1_250,
      balance: 1_249
    }],
    ["no more purchases", purseWith({ purchases: 0xffff }), pays, { _tag: "CounterFull", counter: "purchase" }],
    ["no more loads", purseWith({ loads: 0xffff }), loads, { _tag: "CounterFull", counter: "load" }],
    ["a purse that is full", purseWith({ balance: 0x7fff_ffff }), loads, {
      _tag: "CardRefused",
      step: "initialiseLoad",
      status: { _tag: "ConditionsUnmet" }
    }],
    [
      "a chip that has changed since",
      Campus.cardOf(5_000),
      (card) => card.debit({ amount, before: { ...Campus.purseOf(Campus.cardOf(4_000)) }, at }),
      { _tag: "CardChanged" }
    ],
    [
      "a load of a chip that has changed since",
      Campus.cardOf(5_000),
      (card) => card.load({ amount, before: { ...Campus.purseOf(Campus.cardOf(4_000)) }, at }),
      { _tag: "CardChanged" }
    ],
    ["a meal window that the card can not hold", Campus.cardOf(5_000), (card) =>
      Effect.flatMap(card.chip, (chip) => {
        const after = Campus.afterLunch(chip, amount)
        const tallies = Tally.add(Tally.none, { ...Campus.lunch, window: "midnight" }, amount)
        return card.debit({ amount, before: chip.purse, at, after: { ...after, tallies } })
      }), { _tag: "NoRoomOnCard", file: "campus" }]
  ])("%s", (_, card, use, problem) => {
    const before = card.memory()
    expect(failure(ProgramChannel.make(card), use)).toMatchObject(problem ?? {})
    unharmed(card, before)
    expect(card.memory().files.campus).toBe(before.files.campus)
  })

  it("keys of another school: the forged MAC1 of a load is not answered", () => {
    const card = Campus.cardOf(5_000)
    const before = card.memory()
    const channel = ProgramChannel.make(card)
    expect(failure(channel, loads, {}, Campus.keys(foreign))).toEqual({ _tag: "MacWrong", step: "initialiseLoad" })
    expect(ProgramChannel.count(channel, 0x52)).toBe(0)
    unharmed(card, before)
  })

  it("keys of another school: the card refuses the debit, and is asked what became of it", () => {
    const card = Campus.cardOf(5_000)
    const before = card.memory()
    const outcome = done(
      ProgramChannel.make(card),
      (card) => Effect.flatMap(card.reading, (before) => card.debit({ amount, before, at })),
      {},
      Campus.keys(foreign)
    )
    expect(outcome).toEqual({
      _tag: "NotDone",
      reading: Campus.purseOf(card),
      cause: { _tag: "MacRefused", step: "debit" }
    })
    unharmed(card, before)
  })

  it("D12: what was decided by an older reading writes nothing, not even counters that would be in force", () => {
    const card = Campus.cardOf(5_000)
    const chip = done(ProgramChannel.make(card), (card) => card.chip)
    const after = Campus.afterLunch(chip, 300)
    expect(done(ProgramChannel.make(card), pays)).toBe("Done")
    const paid = done(ProgramChannel.make(card), (card) => card.chip)
    const late: Use<unknown> = (card) => card.debit({ amount: Money.amount(300), before: chip.purse, at, after })
    expect(failure(ProgramChannel.make(card), late)).toEqual({ _tag: "CardChanged" })
    expect(done(ProgramChannel.make(card), (card) => card.chip)).toEqual(paid)
  })

  it.each<[what: string, use: Use<unknown>, at: number, byte: number]>([
    ["balance of a purchase", paysBare, 4, 3],
    ["counter of a purchase", paysBare, 4, 5],
    ["balance of a load", loads, 3, 3],
    ["counter of a load", loads, 3, 5],
    ["balance, within one reading,", (card) => card.reading, 1, 3]
  ])("another %s than was read: it ends there", (_, use, at, byte) => {
    const card = Campus.cardOf(5_000)
    const before = card.memory()
    const channel = ProgramChannel.make(card, { mischief: { at, how: "flipped", byte } })
    expect(failure(channel, use)).toEqual({ _tag: "CardChanged" })
    expect(card.memory()).toBe(before)
  })

  /** A card that says that it has written, and has not. */
  const lying = (card: VirtualCpuCard.VirtualCpuCard): VirtualCpuCard.VirtualCpuCard => ({
    ...card,
    answer: (command) =>
      command[1] === 0x52
        ? of("A1A2A3A4 9000")
        : command[1] === 0x54
        ? of("A1A2A3A4 B1B2B3B4 9000")
        : card.answer(command)
  })
  it.each([
    ["load", loads, Campus.keys()],
    ["load, by a terminal that can not check its TAC", loads, Campus.keys(Campus.withoutTac)],
    ["purchase", pays, Campus.keys()]
  ])("a card that lies about a %s is not believed", (_, use, keys) => {
    const card = Campus.cardOf(5_000)
    expect(done(ProgramChannel.make(lying(card)), use, {}, keys)).toBe("NotDone")
    expect(Campus.purseOf(card).balance).toBe(5_000)
  })

  it("a wrong file key: the card is asked for one signature only, since three lock it for ever", () => {
    const card = Campus.cardOf(5_000)
    const channel = ProgramChannel.make(card)
    const wrong = { ...Campus.keyFile, file: testMasters.internal }
    expect(failure(channel, pays, {}, Campus.keys(wrong))).toEqual({ _tag: "MacRefused", step: "writeFile" })
    expect(ProgramChannel.count(channel, 0xd6)).toBe(1)
    expect(card.memory()).toMatchObject({ macTries: 2, application: "open" })
  })

  const pin = { ...Campus.profile, pin: 0 }
  it("a wrong PIN is shown once, and never seen", () => {
    const card = Campus.cardOf(5_000, { profile: pin })
    const channel = ProgramChannel.make(card)
    const wrong = Redacted.make(of("654321"))
    const told = failure(channel, loads, { profile: pin, pin: wrong })
    expect(told).toEqual({ _tag: "PinWrong", tries: 2 })
    expect(JSON.stringify(told) + String(wrong)).not.toContain("654321")
    expect(ProgramChannel.count(channel, 0x20)).toBe(1)
  })
  it("a locked PIN", () => {
    const card = Campus.cardOf(5_000, { profile: pin })
    for (let tries = 0; tries < 3; tries++) {
      failure(ProgramChannel.make(card), loads, { profile: pin, pin: Redacted.make(of("654321")) })
    }
    const right = Redacted.make(of("123456"))
    expect(failure(ProgramChannel.make(card), loads, { profile: pin, pin: right })).toEqual({ _tag: "PinLocked" })
  })
  it.each([
    ["the profile knows of it", pin],
    ["nor in the profile that one is needed", Campus.profile]
  ])("no PIN where one is needed, %s: no load is begun", (_, profile) => {
    const card = Campus.cardOf(5_000, { profile: pin })
    const before = card.memory()
    const channel = ProgramChannel.make(card)
    expect(failure(channel, loads, { profile })).toEqual({ _tag: "PinNeeded" })
    expect(ProgramChannel.count(channel, 0x20) + ProgramChannel.count(channel, 0x52)).toBe(0)
    expect(card.memory()).toBe(before)
  })

  it.each([
    ["an M1 card", "3B8F8001804F0CA000000306030001000000006A"],
    ["no answer to reset", ""],
    ["an answer to reset that is none", "25000000"]
  ])("%s is not even asked", (_, atr) => {
    const channel = Script.card([], atr)
    expect(failure(channel, pays)).toEqual({ _tag: "UnknownCardType", atr })
  })

  /** A card that answers every command so. */
  const answering = (answer: string): CardProgram => ({
    atr: of("3B880159494B41544F4E47"),
    power: () => undefined,
    interrupt: () => undefined,
    answer: () => of(answer)
  })
  it.each([
    ["no byte", "", "AnswerLost"],
    ["one byte", "90", "AnswerLost"],
    ["success and nothing else", "9000", "AnswerMalformed"],
    ["a byte too many", "009000", "AnswerMalformed"],
    ["6700 to everything", "6700", "CardRefused"],
    ["6D00 to everything", "6D00", "NotACampusCard"],
    ["61xx for ever", "6110", "CardRefused"],
    ["6Cxx for ever", "6C10", "CardRefused"],
    ["an unknown status", "9F9F", "CardRefused"]
  ])("%s", (_, answer, tag) => {
    const raw = ProgramChannel.make(answering(answer))
    expect(failure(raw, (card) => card.chip)).toMatchObject({ _tag: tag })
  })

  it("a reader that takes less than a command is told before anything is sent (extended lengths)", () => {
    const channel = ProgramChannel.make(Campus.cardOf(5_000))
    const short = { ...channel, atr: channel.atr, longest: 64 }
    expect(failure(short, pays)).toEqual({ _tag: "TooLong", bytes: 137, longest: 64 })
    expect(ProgramChannel.count(channel, 0x54)).toBe(0)
  })
})

describe("D8: another card is put there in the middle", () => {
  it("it is left alone, and nobody says what became of the first", () => {
    const first = Campus.cardOf(5_000)
    const other = Campus.cardOf(9_000, { serial: of("00061998081700000031") })
    const channel = ProgramChannel.make(first, { mischief: { at: 7, how: "lost", bytes: 0 } })
    const swapped: CardChannel = {
      ...channel,
      atr: channel.atr,
      reset: Effect.sync(() => channel.insert(other))
    }
    const before = other.memory()
    const outcome = done(
      swapped,
      (card) =>
        Effect.flatMap(
          card.chip,
          (chip) => card.debit({ amount, before: chip.purse, at, after: Campus.afterLunch(chip, amount) })
        )
    )
    expect(outcome).toMatchObject({ _tag: "Unknown", evidence: { cause: { _tag: "AnotherCard" }, proof: "notAsked" } })
    expect(other.memory()).toBe(before)
  })
})

describe("R28: what a terminal keeps before it writes", () => {
  it("is kept before the card hears of it, and if it can not be kept nothing is written", () => {
    const card = Campus.cardOf(5_000)
    const channel = ProgramChannel.make(card)
    const full: Failure = { _tag: "NoRoomOnCard", file: "journal", problem: "the disk is full" }
    expect(failure(channel, pays, { keep: () => Effect.fail(full) })).toEqual(full)
    expect(ProgramChannel.count(channel, 0x54)).toBe(0)
    expect(Campus.purseOf(card).balance).toBe(5_000)
  })

  it("holds no secret, and all that is needed to settle it", () => {
    let kept: PendingWrite | undefined
    const keep = (write: PendingWrite) =>
      Effect.sync(() => {
        kept = write
      })
    done(ProgramChannel.make(Campus.cardOf(5_000)), pays, { keep })
    expect(kept).toEqual({
      kind: "debit",
      card: "00061998081700000030",
      amount: 1_250,
      before: { balance: 5_000, loadSequence: 0, purchaseSequence: 0 },
      at,
      terminal: "112233445566",
      terminalSequence: 1
    })
  })

  it("who is interrupted between the command and its outcome settles it at the next tap", async () => {
    const card = Campus.cardOf(5_000)
    const channel = ProgramChannel.make(card)
    const kept: Array<PendingWrite> = []
    let sleeping = 0
    const slow: CardChannel = {
      ...channel,
      atr: channel.atr,
      transmit: (command) =>
        Effect.tap(channel.transmit(command), () => {
          sleeping++
          return Effect.tap(Effect.sleep(5), () => Effect.sync(() => sleeping--))
        })
    }
    const keep = (write: PendingWrite) =>
      Effect.sync(() => {
        kept.push(write)
      })
    const fiber = Effect.runFork(Effect.flatMap(Campus.open(slow, { keep }), pays))
    while (ProgramChannel.count(channel, 0x54) === 0) await new Promise((next) => setTimeout(next, 1))
    await Effect.runPromise(Fiber.interrupt(fiber))
    // The command that was under way has come to its end.
    expect(sleeping).toBe(0)
    const outcomes = kept.map((write) => done(ProgramChannel.make(card), (card) => card.settle(write))._tag)
    expect([Campus.purseOf(card).balance, ...outcomes]).toEqual([3_750, "Done"])
  })
})
