// Whatever card lies there: which of the two kinds it is, and that it is taken up as the setup says.
import { describe, expect, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import * as Bytes from "../src/Bytes.ts"
import * as CampusCard from "../src/CampusCard.ts"
import * as CardKeys from "../src/CardKeys.ts"
import type { CardProgram } from "../src/CardProgram.ts"
import * as CardSetup from "../src/CardSetup.ts"
import * as MifareMap from "../src/MifareMap.ts"
import * as ReaderProfile from "../src/ReaderProfile.ts"
import * as SeededRandom from "../src/SeededRandom.ts"
import * as VirtualCpuCard from "../src/VirtualCpuCard.ts"
import * as M1Card from "./support/M1Card.ts"
import { over } from "./support/MifareChannel.ts"

const digits = (one: string): string => one.repeat(16)
const setup = Result.getOrThrow(CardSetup.decode({
  windows: M1Card.options.windows,
  m1: { masters: { A: digits("A1"), B: digits("B2"), seal: digits("5E") }, reader: "acs" }
}))
const options = { setup, keys: CardKeys.none }
const cpuCard = () =>
  VirtualCpuCard.make({ memory: VirtualCpuCard.testCard({ balance: 50_00 }), random: SeededRandom.make(1) })
const opened = (program: CardProgram, how: CampusCard.Options = options) =>
  Effect.result(CampusCard.open(over(program).channel, how))

describe("the kind of a card", () => {
  it.each<[title: string, atr: string, kind: CampusCard.CampusCard["kind"]]>([
    ["M1 with 1 KB", Bytes.hex(MifareMap.atrOf("1K")), "m1"],
    ["M1 with 4 KB", Bytes.hex(MifareMap.atrOf("4K")), "m1"],
    ["a CPU card", "3B888101594B41544F4E4700", "cpu"],
    ["another storage card, which is told when it is opened", "3B8F8001804F0CA0000003060300030000000068", "cpu"]
  ])("%s: by its answer to reset", (_, atr, kind) => expect(CampusCard.kindOf({ atr: Bytes.of(atr) })).toBe(kind))
})

describe("a card that lies there", () => {
  it.effect("a CPU card is opened, and read without any key", () =>
    Effect.gen(function*() {
      const { card, kind } = yield* CampusCard.open(over(cpuCard()).channel, options)
      expect([kind, card.card]).toEqual(["cpu", "00061998081700000030"])
      expect(yield* card.reading).toEqual({ balance: 50_00, loadSequence: 0, purchaseSequence: 0 })
    }))

  it.effect("an M1 card is opened with the masters of its setup", () =>
    Effect.gen(function*() {
      const { program } = M1Card.lay(yield* M1Card.issued())
      const { card, kind } = yield* CampusCard.open(over(program).channel, options)
      expect([kind, card.card]).toEqual(["m1", "m1-11223344"])
      expect(yield* card.chip).toEqual(M1Card.chip)
    }))

  it.effect("an M1 card where the setup has none is told to lack its keys, and stays as it is", () =>
    Effect.gen(function*() {
      const { program } = M1Card.lay(yield* M1Card.issued())
      const before = program.memory()
      const card = yield* opened(program, { ...options, setup: CardSetup.usual })
      expect(card).toMatchObject({ failure: { _tag: "KeyMissing", key: "M1" } })
      expect(program.memory()).toEqual(before)
    }))

  it.effect("another storage card is of an unknown type", () =>
    Effect.gen(function*() {
      const atr = Bytes.of("3B8F8001804F0CA0000003060300030000000068")
      expect(yield* opened({ ...cpuCard(), atr })).toMatchObject({ failure: { _tag: "UnknownCardType" } })
    }))

  it.effect("a CPU card of another school is none of this campus", () =>
    Effect.gen(function*() {
      const elsewhere = Result.getOrThrow(CardSetup.decode({ cpu: { application: "A000000632010105" } }))
      const card = yield* opened(cpuCard(), { ...options, setup: elsewhere })
      expect(card).toMatchObject({ failure: { _tag: "NotACampusCard" } })
    }))
})

describe("what a reader wants for M1 cards", () => {
  it.each([
    ["as the setup says", setup, "Identiv uTrust 3700 F", ReaderProfile.acs],
    ["by its name, where it does not", CardSetup.usual, "Identiv uTrust 3700 F", ReaderProfile.identiv]
  ])("%s", (_, setup, name, profile) => expect(CampusCard.readerOf(setup, name)).toBe(profile))
})
