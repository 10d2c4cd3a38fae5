import { Money } from "@yikatong/core"
import { Effect, Result } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Bytes from "../src/Bytes.ts"
import type { Keys } from "../src/CardKeys.ts"
import * as KeyFuse from "../src/KeyFuse.ts"
import type { VirtualCpuCard } from "../src/VirtualCpuCard.ts"
import { testMasters } from "../src/VirtualKeys.ts"
import * as Campus from "./support/campus.ts"
import * as ProgramChannel from "./support/ProgramChannel.ts"

const serial = (number: number): Bytes.Bytes => Bytes.join(Bytes.of("000619980817000000"), number)
const wrong = { ...Campus.keyFile, file: testMasters.internal }
const amount = Money.amount(100)

/** A card of this campus; `foreign`: with another key for files. */
const cardOf = (number: number, foreign = false): VirtualCpuCard =>
  Campus.cardOf(5_000, {
    serial: serial(number),
    ...(foreign ? { keys: { masters: { ...testMasters, maintenance: testMasters.reloadPin } } } : {})
  })

/** A tap to pay, and how it ended. */
const tap = (card: VirtualCpuCard, keys: Keys): unknown =>
  Effect.runSync(
    Effect.gen(function*() {
      const opened = yield* Campus.open(ProgramChannel.make(card), {}, keys)
      const chip = yield* opened.chip
      const after = Campus.afterLunch(chip, amount)
      return yield* opened.debit({ amount, before: chip.purse, at: Campus.at, after })
    }).pipe(Effect.match({ onFailure: ({ _tag }) => _tag, onSuccess: ({ _tag }) => _tag }))
  )

const tries = (card: VirtualCpuCard): number => card.memory().macTries

describe("a wrong key of files locks no card for ever: three wrong signatures would", () => {
  it("one card that is tapped ten times loses one try", () => {
    const card = cardOf(1)
    const keys = Campus.keys(wrong)
    const told = Array.from({ length: 10 }, () => tap(card, keys))
    expect(told).toEqual(["MacRefused", ...Array.from({ length: 9 }, () => "KeysSuspended")])
    expect(card.memory()).toMatchObject({ macTries: 2, application: "open" })
    expect(tap(card, Campus.keys())).toBe("Done")
  })

  it("of a queue of ten cards three lose one try each, and no other is asked any more", () => {
    const cards = Array.from({ length: 10 }, (_, number) => cardOf(number))
    const keys = Campus.keys(wrong)
    for (const card of [...cards, ...cards]) tap(card, keys)
    expect(cards.map(tries)).toEqual([2, 2, 2, 3, 3, 3, 3, 3, 3, 3])
  })

  it("a card of another key among good ones stops nobody else", () => {
    const keys = Campus.keys()
    const foreign = [cardOf(1, true), cardOf(2, true), cardOf(3, true), cardOf(4, true)]
    for (const [number, card] of foreign.entries()) {
      expect(tap(card, keys)).toBe("MacRefused")
      expect(tap(cardOf(10 + number), keys)).toBe("Done")
      expect(tap(card, keys)).toBe("KeysSuspended")
    }
    expect(foreign.map(tries)).toEqual([2, 2, 2, 2])
  })

  it("a card at its last try, which ends there, counts as one that has refused", () => {
    const keys = Campus.keys(wrong)
    const last = cardOf(1)
    const worn = Campus.copyOf(last, { ...last.memory(), macTries: 1 })
    expect(tap(worn, keys)).toBe("CardBlocked")
    tap(cardOf(2), keys)
    tap(cardOf(3), keys)
    expect(tap(cardOf(4), keys)).toBe("KeysSuspended")
  })

  it("keys that are made anew begin anew", () => {
    const keys = Campus.keys(wrong)
    for (const number of [1, 2, 3]) tap(cardOf(number), keys)
    expect(tap(cardOf(4), keys)).toBe("KeysSuspended")
    expect(tap(cardOf(4), Campus.keys())).toBe("Done")
  })

  it("answers that are lost say nothing of the key", () => {
    const keys = Campus.keys()
    for (const number of [1, 2, 3, 4]) {
      const channel = ProgramChannel.make(cardOf(number), { mischief: { at: 5, how: "pulled" } })
      const lost = Effect.runSync(Effect.result(Effect.gen(function*() {
        const opened = yield* Campus.open(channel, {}, keys)
        const chip = yield* opened.chip
        yield* opened.stamp({ standing: "blocked", validUntil: chip.validUntil })
      })))
      expect(Result.isFailure(lost) && lost.failure._tag).toBe("AnswerLost")
    }
    expect(tap(cardOf(5), keys)).toBe("Done")
  })

  it("money is signed all the same: loads need no file", () => {
    const keys = Campus.keys(wrong)
    for (const number of [1, 2, 3]) tap(cardOf(number), keys)
    const card = cardOf(4)
    const loaded = Effect.runSync(
      Effect.flatMap(
        Campus.open(ProgramChannel.make(card), {}, keys),
        (opened) => Effect.flatMap(opened.reading, (before) => opened.load({ amount, before, at: Campus.at }))
      )
    )
    expect(loaded._tag).toBe("Done")
  })
})

it("D8: whatever cards come, none is asked again that has refused, and after three in a row none at all", () => {
  const verdicts = fc.array(fc.record({ card: fc.nat(5), isRight: fc.boolean() }), { maxLength: 40 })
  fc.assert(fc.property(verdicts, (verdicts) => {
    let fuse = KeyFuse.whole
    const refused = new Set<number>()
    let row = new Set<number>()
    for (const { card, isRight } of verdicts) {
      const isOver = row.size >= 3
      expect(KeyFuse.isBlown(fuse)).toBe(isOver)
      expect(KeyFuse.isOpen(fuse, serial(card))).toBe(isOver || refused.has(card))
      fuse = KeyFuse.judged(fuse, serial(card), isRight)
      if (isOver) continue
      if (isRight) row = new Set()
      else {
        row.add(card)
        refused.add(card)
      }
    }
  }))
})
