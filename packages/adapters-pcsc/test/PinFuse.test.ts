// A till whose own PIN is wrong, and a queue of cards before it.
import { Money } from "@yikatong/core"
import { Effect, Redacted, Result } from "effect"
import { describe, expect, it } from "vitest"
import * as Bytes from "../src/Bytes.ts"
import * as CampusCard from "../src/CampusCard.ts"
import * as CardSetup from "../src/CardSetup.ts"
import type * as CpuCard from "../src/CpuCard.ts"
import * as PinFuse from "../src/PinFuse.ts"
import type { Failure } from "../src/PurseCard.ts"
import type { VirtualCpuCard } from "../src/VirtualCpuCard.ts"
import * as Campus from "./support/campus.ts"
import * as ProgramChannel from "./support/ProgramChannel.ts"

const profile = { ...Campus.profile, pin: 0 }
const pin = (digits: string) => Redacted.make(Bytes.of(digits))
const amount = Money.amount(100)

/** A card with the PIN 123456, or another. */
const cardOf = (number: number, digits = "123456"): VirtualCpuCard =>
  Campus.cardOf(5_000, {
    profile,
    serial: Bytes.join(Bytes.of("000619980817000000"), number),
    pin: Redacted.make(digits)
  })
const tries = (card: VirtualCpuCard): number => card.memory().pin.tries

type Pin = Redacted.Redacted<Bytes.Bytes>

/** A tap to load, and how it ended. */
const tap = (card: VirtualCpuCard, own: Pin, typed?: Pin): string =>
  ended(
    Effect.flatMap(Campus.open(ProgramChannel.make(card), { profile, pin: own }), (opened) => loading(opened, typed))
  )

const loading = (card: Pick<CpuCard.CpuCard, "reading" | "load">, typed?: Pin) =>
  Effect.flatMap(
    card.reading,
    (before) => card.load({ amount, before, at: Campus.at, ...(typed === undefined ? {} : { pin: typed }) })
  )

const ended = <A extends { readonly _tag: string }>(tap: Effect.Effect<A, Failure>): string =>
  Effect.runSync(Effect.match(tap, { onFailure: ({ _tag }): string => _tag, onSuccess: ({ _tag }) => _tag }))

describe("a wrong PIN of a till's own locks no cards: three wrong ones would", () => {
  it("of a queue of ten cards the first loses one try, and no other is shown it", () => {
    const cards = Array.from({ length: 10 }, (_, number) => cardOf(number))
    const own = pin("654321")
    const told = [...cards, ...cards].map((card) => tap(card, own))
    expect(told).toEqual(["PinWrong", ...Array.from({ length: 19 }, () => "PinSuspended")])
    expect(cards.map(tries)).toEqual([2, ...Array.from({ length: 9 }, () => 3)])
    expect(PinFuse.judge(own, "any")).toBe("blown")
  })

  it("a holder may type the right one all the same, and a wrong one of his blows nothing", () => {
    const own = pin("654321")
    const card = cardOf(1)
    expect(tap(card, own)).toBe("PinWrong")
    expect(tap(card, own, pin("123456"))).toBe("Done")
    const right = pin("123456")
    expect(tap(card, right, pin("111111"))).toBe("PinWrong")
    expect(tap(card, right)).toBe("Done")
    expect(PinFuse.judge(right, "any")).toBe("show")
  })

  it("a card with a PIN of its own ends nothing where cards have accepted the till's; it is never shown that again", () => {
    const own = pin("123456")
    const strange = cardOf(9, "999999")
    expect([tap(cardOf(1), own), tap(strange, own), tap(cardOf(2), own)]).toEqual(["Done", "PinWrong", "Done"])
    expect([tap(strange, own), tap(strange, own)]).toEqual(["PinNeeded", "PinNeeded"])
    expect(tries(strange)).toBe(2)
    expect(tap(strange, own, pin("999999"))).toBe("Done")
  })

  it("three in a row that refuse it end it all the same", () => {
    const own = pin("123456")
    const strangers = [7, 8, 9].map((number) => cardOf(number, "999999"))
    expect(tap(cardOf(1), own)).toBe("Done")
    expect(strangers.map((card) => tap(card, own))).toEqual(["PinWrong", "PinWrong", "PinWrong"])
    expect(tap(cardOf(2), own)).toBe("PinSuspended")
  })

  it("a till that is started anew begins anew", () => {
    expect(tap(cardOf(1), pin("654321"))).toBe("PinWrong")
    expect(tap(cardOf(2), pin("123456"))).toBe("Done")
  })

  it("a card that is locked already says nothing of it, and a lost answer neither", () => {
    const own = pin("123456")
    const locked = cardOf(1)
    for (let wrong = 0; wrong < 3; wrong++) tap(locked, own, pin("654321"))
    expect(tap(locked, own)).toBe("PinLocked")
    const card = cardOf(2)
    for (let at = 0; at < 12; at++) {
      const channel = ProgramChannel.make(card, { mischief: { at, how: "pulled" } })
      Effect.runSync(
        Effect.exit(Effect.flatMap(Campus.open(channel, { profile, pin: own }), (opened) => loading(opened)))
      )
    }
    expect(PinFuse.judge(own, "any")).toBe("show")
    expect(tap(cardOf(3), own)).toBe("Done")
  })

  it("cards are opened one by one with a setup, and share its PIN", () => {
    const setup = Result.getOrThrow(CardSetup.decode({ cpu: { pin: { number: 0, digits: "654321" } } }))
    const cards = [cardOf(1), cardOf(2)]
    const told = [...cards, ...cards].map((card) =>
      ended(Effect.flatMap(
        CampusCard.open(ProgramChannel.make(card), { setup, keys: Campus.keys() }),
        ({ card }) => card.showPin === undefined ? Effect.die("no PIN") : Effect.as(card.showPin(), { _tag: "Shown" })
      ))
    )
    expect(told).toEqual(["PinWrong", "PinSuspended", "PinSuspended", "PinSuspended"])
    expect(cards.map(tries)).toEqual([2, 3])
  })
})
