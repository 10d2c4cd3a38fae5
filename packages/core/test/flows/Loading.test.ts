import { Deferred, Effect, Fiber, Option } from "effect"
import { describe, expect, it } from "vitest"
import type * as Chip from "../../src/Chip.ts"
import { later, minute } from "../../src/CivilTime.ts"
import * as Loading from "../../src/flows/Loading.ts"
import * as Submit from "../../src/flows/Submit.ts"
import * as Id from "../../src/Id.ts"
import * as Money from "../../src/Money.ts"
import { Campus, card, pockets } from "./campus.ts"

const blank: Chip.Reading = { balance: Money.zero, loadSequence: 0, purchaseSequence: 0 }

/** A card in a reader that keeps the contract of `Write`: it writes only what still reads as it did. */
const reader = () => {
  const plastic = { chip: blank, writes: 0, gone: false }
  const write: Loading.Write = (amount, before) =>
    Effect.sync(() => {
      if (plastic.chip.loadSequence === before.loadSequence) {
        plastic.writes++
        const { balance, loadSequence, purchaseSequence } = plastic.chip
        plastic.chip = { balance: Money.plus(balance, amount), loadSequence: loadSequence + 1, purchaseSequence }
      }
      return plastic.gone ? Option.none() : Option.some(plastic.chip)
    })
  return { plastic, write }
}

const waiting = (campus: Campus) =>
  Effect.andThen(
    campus.furnished,
    Submit.submit(campus.says("card-centre", { _tag: "GrantSubsidy", amount: Money.amount(5_000) }))
  )

describe("a card is loaded at a terminal (R27, R28, D8)", () => {
  const campus = () => new Campus()

  it("R27 R28 what waits is written once, and is on the card", async () => {
    const here = campus()
    const { plastic, write } = reader()
    await here.run(Effect.gen(function*() {
      yield* waiting(here)
      const tap = here.says("canteen-1", { _tag: "BeginLoad", card, chip: plastic.chip }, { _tag: "Card", card })
      const { settled } = yield* Loading.load(tap, write)
      expect(Option.getOrThrow(settled)).toMatchObject({ _tag: "Approved", pockets: { chip: 5_000, held: 0 } })
      expect(plastic).toMatchObject({ writes: 1, chip: { balance: 5_000 } })
    }))
  })

  it("R28 I3 a load that is sent again after it was settled writes nothing again", async () => {
    const here = campus()
    const { plastic, write } = reader()
    await here.run(Effect.gen(function*() {
      yield* waiting(here)
      const tap = here.says("canteen-1", { _tag: "BeginLoad", card, chip: plastic.chip }, { _tag: "Card", card })
      const { begun } = yield* Loading.load(tap, write)
      here.now = later(here.now, 5 * minute)
      const again = yield* Loading.load(tap, write)
      expect(again).toEqual({ begun, settled: Option.none() })
      expect(plastic.writes).toBe(1)
      expect(yield* pockets).toMatchObject({ chip: 5_000, held: 0, subsidy: 0 })
    }))
  })

  it("R28 I3 cut off between the write and its settling: sent again, one write and one credit", async () => {
    const here = campus()
    const { plastic, write } = reader()
    await here.run(Effect.gen(function*() {
      yield* waiting(here)
      const tap = here.says("canteen-1", { _tag: "BeginLoad", card, chip: plastic.chip }, { _tag: "Card", card })
      const cutOff: Loading.Write = (amount, before) => Effect.andThen(write(amount, before), Effect.die("power cut"))
      expect((yield* Effect.exit(Loading.load(tap, cutOff)))._tag).toBe("Failure")
      expect(yield* pockets).toMatchObject({ chip: 0, held: 5_000 })
      const { settled } = yield* Loading.load(tap, write)
      expect(Option.getOrThrow(settled)).toMatchObject({ _tag: "Approved", pockets: { chip: 5_000, held: 0 } })
      expect(plastic).toMatchObject({ writes: 1, chip: { balance: 5_000 } })
    }))
  })

  it("D8 the card is gone before it answers: held, and the same tap sent again does not write", async () => {
    const here = campus()
    const { plastic, write } = reader()
    await here.run(Effect.gen(function*() {
      yield* waiting(here)
      const tap = here.says("canteen-1", { _tag: "BeginLoad", card, chip: plastic.chip }, { _tag: "Card", card })
      plastic.gone = true
      const torn = yield* Loading.load(tap, write)
      expect(Option.getOrThrow(torn.settled)).toMatchObject({ pockets: { chip: 0, held: 5_000 } })
      plastic.gone = false
      expect((yield* Loading.load(tap, write)).settled).toEqual(Option.none())
      expect(plastic.writes).toBe(1)
      const next = here.says("canteen-1", { _tag: "BeginLoad", card, chip: plastic.chip }, { _tag: "Card", card })
      expect((yield* Loading.load(next, write)).begun).toMatchObject({ pockets: { chip: 5_000, held: 0 } })
      expect(plastic.writes).toBe(1)
    }))
  })

  it("D8 D18 two terminals that both count from 1: the late word of one says nothing of the other's load", async () => {
    const here = campus()
    const { plastic, write } = reader()
    await here.run(Effect.gen(function*() {
      yield* waiting(here)
      const tap = (terminal: string, chip: Chip.Reading) => ({
        ...here.says(terminal, { _tag: "BeginLoad", card, chip }, { _tag: "Card", card }),
        caller: Id.CallerId.make(terminal),
        id: Id.CommandId.make("1")
      })
      const [writing, late, atWrite] = [yield* Deferred.make<void>(), yield* Deferred.make<void>(), plastic.chip]
      const first = yield* Effect.forkChild(
        Loading.load(
          tap("canteen-1", atWrite),
          (amount, before) =>
            write(amount, before).pipe(
              Effect.tap(Deferred.succeed(writing, undefined)),
              Effect.tap(Deferred.await(late))
            )
        )
      )
      yield* Deferred.await(writing)
      yield* Submit.submit(here.says("card-centre", { _tag: "GrantSubsidy", amount: Money.amount(2_000) }))
      const second = yield* Loading.load(tap("canteen-2", plastic.chip), (amount, before) =>
        Effect.gen(function*() {
          yield* Deferred.succeed(late, undefined)
          const { settled } = yield* Effect.orDie(Fiber.join(first))
          expect(Option.getOrThrow(settled)).toMatchObject({ decline: { _tag: "LoadNotOpen" } })
          return yield* write(amount, before)
        }))
      expect(Option.getOrThrow(second.settled)).toMatchObject({ _tag: "Approved", pockets: { chip: 7_000, held: 0 } })
      expect(plastic).toMatchObject({ writes: 2, chip: { balance: 7_000 } })
    }))
  })

  it("nothing waits: nothing is written", async () => {
    const here = campus()
    const { plastic, write } = reader()
    await here.run(Effect.gen(function*() {
      yield* here.furnished
      const tap = here.says("canteen-1", { _tag: "BeginLoad", card, chip: plastic.chip }, { _tag: "Card", card })
      expect(yield* Loading.load(tap, write)).toEqual({
        begun: { _tag: "Declined", decline: { _tag: "NothingToLoad" } },
        settled: Option.none()
      })
      expect(plastic.writes).toBe(0)
    }))
  })
})
