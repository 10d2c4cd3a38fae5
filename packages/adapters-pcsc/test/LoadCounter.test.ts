import { Money } from "@yikatong/core"
import { Effect, Redacted, Result } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Bytes from "../src/Bytes.ts"
import type * as CpuCard from "../src/CpuCard.ts"
import type { Failure } from "../src/Exchange.ts"
import * as LogRecord from "../src/LogRecord.ts"
import type { VirtualCpuCard } from "../src/VirtualCpuCard.ts"
import * as Campus from "./support/campus.ts"
import * as ProgramChannel from "./support/ProgramChannel.ts"

const profile = { ...Campus.profile, pin: 0 }
const right = Redacted.make(Bytes.of("123456"))
const wrong = Redacted.make(Bytes.of("654321"))
const amount = Money.amount(100)

type Use<A> = (card: CpuCard.CpuCard) => Effect.Effect<A, Failure>

/** A tap of a card whose loads need the PIN. */
const tap = <A>(
  card: VirtualCpuCard,
  use: Use<A>,
  options: Partial<CpuCard.Options> = {},
  channel = ProgramChannel.make(card)
): Result.Result<A, Failure> =>
  Effect.runSync(Effect.result(Effect.flatMap(Campus.open(channel, { profile, ...options }), use)))

const pays: Use<string> = (card) =>
  Effect.gen(function*() {
    const chip = yield* card.chip
    const after = Campus.afterLunch(chip, amount)
    return (yield* card.debit({ amount, before: chip.purse, at: Campus.at, after }))._tag
  })
const paysBare: Use<string> = (card) =>
  Effect.gen(function*() {
    return (yield* card.debit({ amount, before: yield* card.reading, at: Campus.at }))._tag
  })
const loads: Use<string> = (card) =>
  Effect.gen(function*() {
    return (yield* card.load({ amount, before: yield* card.reading, at: Campus.at, pin: right }))._tag
  })
const reads: Use<unknown> = (card) => card.reading

const pinCard = (options: Parameters<typeof Campus.cardOf>[1] = {}) => Campus.cardOf(50_000, { profile, ...options })
const after = (card: VirtualCpuCard, ...taps: ReadonlyArray<Use<string>>): VirtualCpuCard => {
  for (const use of taps) expect(tap(card, use)).toEqual(Result.succeed("Done"))
  return card
}
const times = (count: number, use: Use<string>) => Array.from({ length: count }, () => use)

describe("a card whose loads need the PIN is read, and paid with, without it", () => {
  it.each([
    ["no PIN", {}],
    ["no PIN, and a profile that knows of none", { profile: Campus.profile }],
    ["a wrong PIN of the terminal", { pin: wrong }]
  ])("%s: four purchases and four readings cost no try", (_, options) => {
    const card = pinCard()
    for (let count = 0; count < 4; count++) {
      const channel = ProgramChannel.make(card)
      expect(tap(card, pays, options, channel)).toEqual(Result.succeed("Done"))
      expect(tap(card, reads, options, channel)).toEqual(Result.succeed(Campus.purseOf(card)))
      expect(ProgramChannel.count(channel, 0x20)).toBe(0)
    }
    expect(card.memory().pin.tries).toBe(3)
    expect(Campus.purseOf(card).purchaseSequence).toBe(4)
  })

  it("a stamp needs none either", () => {
    const card = after(pinCard(), loads, pays)
    const stamp: Use<void> = (card) =>
      Effect.flatMap(card.chip, ({ validUntil }) => card.stamp({ standing: "blocked", validUntil }))
    expect(Result.isSuccess(tap(card, stamp, { pin: wrong }))).toBe(true)
    expect(tap(card, (card) => Effect.map(card.chip, ({ standing }) => standing))).toEqual(Result.succeed("blocked"))
    expect(card.memory().pin.tries).toBe(3)
  })
})

describe("a load shows the PIN, once in a session", () => {
  it("the PIN that was typed goes before the terminal's own", () => {
    const card = pinCard()
    const channel = ProgramChannel.make(card)
    const twice: Use<ReadonlyArray<string>> = (card) => Effect.all([loads(card), loads(card), pays(card)])
    expect(tap(card, twice, { pin: wrong }, channel)).toEqual(Result.succeed(["Done", "Done", "Done"]))
    expect(ProgramChannel.count(channel, 0x20)).toBe(1)
    expect(card.memory().pin.tries).toBe(3)
  })

  it("a wrong one that was typed costs a try, is told, and writes nothing", () => {
    const card = pinCard()
    const use: Use<unknown> = (card) =>
      Effect.flatMap(card.reading, (before) => card.load({ amount, before, at: Campus.at, pin: wrong }))
    expect(tap(card, use, { pin: right })).toEqual(Result.fail({ _tag: "PinWrong", tries: 2 }))
    expect(Campus.purseOf(card).loadSequence).toBe(0)
  })

  it("a count that was read wrong is found out with the PIN: CardChanged, and nothing is written", () => {
    const card = after(pinCard(), loads)
    // A profile that says of the log what is not so.
    const other = { profile: { ...profile, logged: "before" } } as const
    expect(tap(card, loads, other)).toEqual(Result.fail({ _tag: "CardChanged" }))
    expect(Campus.purseOf(card).loadSequence).toBe(1)
  })

  it("R28: after a tear the card has forgotten the PIN: it is shown again, and costs no try", () => {
    const card = pinCard()
    const channel = ProgramChannel.make(card, { mischief: { at: 7, how: "lost", bytes: 2 }, returns: true })
    const thrice: Use<ReadonlyArray<string>> = (card) => Effect.all([loads(card), loads(card), pays(card)])
    expect(tap(card, thrice, {}, channel)).toEqual(Result.succeed(["Done", "Done", "Done"]))
    // Before the first load, and when the card had woken up anew.
    expect(ProgramChannel.count(channel, 0x20)).toBe(2)
    expect(ProgramChannel.count(channel, 0x52)).toBe(2)
    expect(Campus.purseOf(card)).toMatchObject({ loadSequence: 2, purchaseSequence: 1 })
  })
})

it("R28: after a tear the PIN that the card has taken tells it all, where the log is read only after it as well", () => {
  const card = pinCard({ logNeedsPin: true })
  // SELECT, VERIFY, INITIALIZE twice to read, INITIALIZE, CREDIT.
  const channel = ProgramChannel.make(card, { mischief: { at: 5, how: "lost", bytes: 2 }, returns: true })
  const use: Use<string> = (card) => Effect.andThen(card.showPin(right), loads(card))
  expect(tap(card, use, {}, channel)).toEqual(Result.succeed("Done"))
  expect(ProgramChannel.count(channel, 0x20)).toBe(2)
})

describe("where the number of loads is found", () => {
  const noted = (card: VirtualCpuCard, campus: string) =>
    Campus.copyOf(card, { ...card.memory(), files: { ...card.memory().files, campus } })
  const never = "00".repeat(256)
  const line = (type: number, counter: number): string =>
    Bytes.hex(LogRecord.encode({
      type,
      counter,
      amount,
      overdraft: Money.zero,
      terminal: Campus.terminal,
      at: Campus.at
    }))
  const logged = (card: VirtualCpuCard, ...log: ReadonlyArray<string>) => Campus.copyOf(card, { ...card.memory(), log })

  it.each<[what: string, make: () => VirtualCpuCard, loads: number]>([
    ["a new card: none", () => pinCard(), 0],
    ["the newest line of the log is a load", () => after(pinCard(), loads, loads), 2],
    ["a purchase since: the slot that was written for it", () => after(pinCard(), loads, pays), 1],
    ["ten purchases since", () => after(pinCard(), loads, ...times(10, pays)), 1],
    ["no slot says it: the load in the log", () => after(pinCard(), loads, paysBare, paysBare), 1],
    ["no campus file: the load in the log", () => noted(after(pinCard(), loads, pays), never), 1],
    ["no campus file, and fewer than ten lines: none", () => noted(after(pinCard(), ...times(9, pays)), never), 0],
    ["a slot that is behind is not believed", () => after(pinCard(), loads, pays, loads, paysBare), 2],
    ["loads of the other purse count for nothing", () => logged(pinCard(), line(1, 9), line(5, 8)), 0]
  ])("%s", (_, make, loads) => {
    const card = make()
    const before = card.memory()
    expect(tap(card, reads)).toMatchObject({ success: { loadSequence: loads } })
    expect(card.memory()).toBe(before)
  })

  it.each<[what: string, make: () => VirtualCpuCard]>([
    ["ten purchases that no slot knows of", () => after(pinCard(), loads, ...times(10, paysBare))],
    [
      "ten lines of the other purse, which may have pushed a load out",
      () => logged(after(pinCard(), loads, pays), ...Array.from({ length: 10 }, (_, at) => line(5, 20 - at)))
    ],
    ["a log that is read only after the PIN as well", () => pinCard({ logNeedsPin: true })]
  ])("nothing on the card tells: PinNeeded, without a try; and with the PIN it is known (%s)", (_, make) => {
    const card = make()
    expect(tap(card, reads, { pin: wrong })).toEqual(Result.fail({ _tag: "PinNeeded" }))
    expect(card.memory().pin.tries).toBe(3)
    expect(tap(card, (card) => Effect.andThen(card.showPin(right), card.reading))).toEqual(
      Result.succeed(Campus.purseOf(card))
    )
  })

  it("a damaged line of the log is told as that", () => {
    const card = after(pinCard(), loads)
    const [first = ""] = card.memory().log
    const spoilt = logged(card, `${first.slice(0, 32)}EE${first.slice(34)}`)
    expect(tap(spoilt, reads)).toMatchObject({ failure: { _tag: "FileDamaged", file: "18" } })
  })
})

const step = fc.record({
  what: fc.constantFrom("pays", "paysBare", "loads", "stamps"),
  mischief: fc.option(fc.oneof(
    fc.record({ at: fc.nat(14), how: fc.constant("pulled" as const) }),
    fc.record({ at: fc.nat(14), how: fc.constant("halted" as const), written: fc.nat(140) }),
    fc.record({ at: fc.nat(14), how: fc.constant("lost" as const), bytes: fc.nat(20) })
  )),
  returns: fc.boolean()
})
const stamps: Use<string> = (card) =>
  Effect.flatMap(card.chip, ({ validUntil }) => Effect.as(card.stamp({ standing: "active", validUntil }), "Done"))
const uses = { pays, paysBare, loads, stamps }

describe("R28 D8: any sequence of taps, torn anywhere", () => {
  it("a reading without the PIN is the true one, or says that the PIN is needed; only loads show it", () =>
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const card = pinCard()
        for (const { mischief, returns, what } of steps) {
          const channel = ProgramChannel.make(card, { returns, ...(mischief === null ? {} : { mischief }) })
          tap(card, uses[what], {}, channel)
          if (what !== "loads") expect(ProgramChannel.count(channel, 0x20)).toBe(0)
          const told = tap(card, reads)
          expect([Result.succeed(Campus.purseOf(card)), Result.fail({ _tag: "PinNeeded" })]).toContainEqual(told)
          const { purchaseSequence } = Campus.purseOf(card)
          if (purchaseSequence < 10) expect(Result.isSuccess(told)).toBe(true)
        }
      }),
      { numRuns: 150 }
    ))
})
