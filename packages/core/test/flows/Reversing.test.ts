import { Effect, type Layer, Option } from "effect"
import { describe, expect, it } from "vitest"
import type * as Chip from "../../src/Chip.ts"
import { hour, later, minute } from "../../src/CivilTime.ts"
import * as Command from "../../src/Command.ts"
import * as Loading from "../../src/flows/Loading.ts"
import * as Reversing from "../../src/flows/Reversing.ts"
import * as Submit from "../../src/flows/Submit.ts"
import * as Money from "../../src/Money.ts"
import { Campus, card, pockets } from "./campus.ts"

/** A card in a reader that keeps the contract of `Write`: it writes only what still reads as it did. */
class Reader {
  chip: Chip.Reading = { balance: Money.zero, loadSequence: 0, purchaseSequence: 0 }
  writes = 0
  gone = false

  readonly write: Loading.Write = (amount, before) =>
    Effect.sync(() => {
      if (this.chip.loadSequence === before.loadSequence) {
        this.writes++
        const { balance, loadSequence, purchaseSequence } = this.chip
        this.chip = { balance: Money.plus(balance, amount), loadSequence: loadSequence + 1, purchaseSequence }
      }
      return this.gone ? Option.none() : Option.some(this.chip)
    })
}

/** A card with 50.00, of which 12.00 were charged by mistake; and how the terminal asks to undo it. */
const charged = (here: Campus, reader: Reader) =>
  Effect.gen(function*() {
    const byCard = { _tag: "Card", card } as const
    yield* here.furnished
    yield* Submit.submit(here.says("card-centre", { _tag: "GrantSubsidy", amount: Money.amount(5_000) }))
    const tap = here.says("canteen-1", { _tag: "BeginLoad", card, chip: reader.chip }, byCard)
    yield* Loading.load(tap, reader.write)
    const pay = { _tag: "PayByCard", card, amount: Money.amount(1_200), link: "up", chip: reader.chip } as const
    const wrong = here.says("canteen-1", pay, byCard)
    yield* Submit.submit(wrong)
    reader.chip = { ...reader.chip, balance: Money.of(3_800), purchaseSequence: 1 }
    reader.writes = 0
    const undo = { _tag: "ReversePurchase", purchase: Command.purchaseOf(wrong), chip: reader.chip } as const
    return here.says("canteen-1", undo, byCard)
  })

describe("a purchase is undone at its terminal (D5, R28, D8)", () => {
  type Undo = Effect.Success<ReturnType<typeof charged>>
  type Play<E> = (here: Campus, reader: Reader, undo: Undo) => Effect.Effect<void, E, Layer.Success<Campus["layer"]>>

  const scene = <E>(play: Play<E>) => {
    const here = new Campus()
    const reader = new Reader()
    return here.run(Effect.flatMap(charged(here, reader), (undo) => play(here, reader, undo)))
  }

  it("D5 what was charged by mistake is on the card again, written once", () =>
    scene((_, reader, undo) =>
      Effect.gen(function*() {
        const { reversed, settled } = yield* Reversing.reverse(undo, reader.write)
        expect(reversed).toMatchObject({ _tag: "Approved", pockets: { chip: 3_800, held: 1_200 } })
        expect(Option.getOrThrow(settled)).toMatchObject({ _tag: "Approved", pockets: { chip: 5_000, held: 0 } })
        expect(reader).toMatchObject({ writes: 1, chip: { balance: 5_000, loadSequence: 2 } })
      })
    ))

  it("D5 I3 I14 sent again after it was settled, it writes nothing again", () =>
    scene((here, reader, undo) =>
      Effect.gen(function*() {
        const { reversed } = yield* Reversing.reverse(undo, reader.write)
        here.now = later(here.now, 5 * minute)
        expect(yield* Reversing.reverse(undo, reader.write)).toEqual({ reversed, settled: Option.none() })
        expect(reader.writes).toBe(1)
        expect(yield* pockets).toMatchObject({ chip: 5_000, held: 0, transit: 0 })
      })
    ))

  it("D5 I3 cut off between the write and its settling: sent again, one write and one credit", () =>
    scene((_, reader, undo) =>
      Effect.gen(function*() {
        const cutOff: Loading.Write = (amount, before) =>
          Effect.andThen(reader.write(amount, before), Effect.die("power cut"))
        expect((yield* Effect.exit(Reversing.reverse(undo, cutOff)))._tag).toBe("Failure")
        expect(yield* pockets).toMatchObject({ chip: 3_800, held: 1_200 })
        const { settled } = yield* Reversing.reverse(undo, reader.write)
        expect(Option.getOrThrow(settled)).toMatchObject({ pockets: { chip: 5_000, held: 0 } })
        expect(reader).toMatchObject({ writes: 1, chip: { balance: 5_000 } })
      })
    ))

  it("D5 D8 the card is gone before it answers: held, and the next tap tells", () =>
    scene((here, reader, undo) =>
      Effect.gen(function*() {
        reader.gone = true
        const torn = yield* Reversing.reverse(undo, reader.write)
        expect(Option.getOrThrow(torn.settled)).toMatchObject({ pockets: { chip: 3_800, held: 1_200 } })
        reader.gone = false
        expect((yield* Reversing.reverse(undo, reader.write)).settled).toEqual(Option.none())
        const tap = here.says("canteen-1", { _tag: "BeginLoad", card, chip: reader.chip }, { _tag: "Card", card })
        expect((yield* Loading.load(tap, reader.write)).begun).toMatchObject({ pockets: { chip: 5_000, held: 0 } })
        expect(reader).toMatchObject({ writes: 1, chip: { balance: 5_000 } })
      })
    ))

  it("D5 D8 the card is pulled away before it is written: the next tap brings it", () =>
    scene((here, reader, undo) =>
      Effect.gen(function*() {
        const torn = yield* Reversing.reverse(undo, () => Effect.succeedNone)
        expect(Option.getOrThrow(torn.settled)).toMatchObject({ pockets: { chip: 3_800, held: 1_200 } })
        const tap = here.says("canteen-1", { _tag: "BeginLoad", card, chip: reader.chip }, { _tag: "Card", card })
        yield* Loading.load(tap, reader.write)
        expect(yield* pockets).toMatchObject({ chip: 5_000, held: 0, transit: 0 })
        expect(reader).toMatchObject({ writes: 1, chip: { balance: 5_000 } })
      })
    ))

  it("D5 without the card nothing is written: the money waits for the next tap", () =>
    scene((here, reader, { body: { _tag, purchase } }) =>
      Effect.gen(function*() {
        const away = here.says("canteen-1", { _tag, purchase })
        const { reversed, settled } = yield* Reversing.reverse(away, reader.write)
        expect(reversed).toMatchObject({ _tag: "Approved", pockets: { chip: 3_800, transit: 1_200 } })
        expect(settled).toEqual(Option.none())
        expect(reader.writes).toBe(0)
      })
    ))

  it.each([["the same day", 5 * hour], ["the next day", 24 * hour], ["in another month", 40 * 24 * hour]])(
    "D5 a chip that never paid shows it %s, and after other purchases: the journal knows it still, and nothing is written",
    (_, wait) =>
      scene((here, reader, { body }) =>
        Effect.gen(function*() {
          // The debit never reached it; what it has paid since has its number.
          reader.chip = { ...reader.chip, balance: Money.of(5_000), purchaseSequence: 0 }
          here.now = later(here.now, wait)
          const pay = { _tag: "PayByCard", card, amount: Money.amount(700), link: "up", chip: reader.chip } as const
          yield* Submit.submit(here.says("canteen-2", pay, { _tag: "Card", card }))
          reader.chip = { ...reader.chip, balance: Money.of(4_300), purchaseSequence: 1 }
          const undo = { ...body, chip: reader.chip, unpaid: true } as const
          const back = yield* Reversing.reverse(here.says("canteen-1", undo, { _tag: "Card", card }), reader.write)
          expect(back).toMatchObject({ reversed: { _tag: "Approved" }, settled: Option.none() })
          expect(yield* pockets).toMatchObject({ chip: 4_300, held: 0, transit: 0 })
          expect(reader.writes).toBe(0)
        })
      )
  )

  it("D5 what cannot be undone there writes nothing", () =>
    scene((here, reader, { body }) =>
      Effect.gen(function*() {
        const elsewhere = here.says("canteen-2", body, { _tag: "Card", card })
        expect(yield* Reversing.reverse(elsewhere, reader.write)).toMatchObject({
          reversed: { _tag: "Declined", decline: { _tag: "NotReversible", reason: "otherPoint" } },
          settled: Option.none()
        })
        expect(reader.writes).toBe(0)
      })
    ))
})
