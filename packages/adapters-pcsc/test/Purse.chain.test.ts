// The purse on the whole chain: Node -> pcsc-mini -> pcscd -> vpcd -> a virtual campus card, with the campus behind it (R27, R28, D8).
import { describe, expect, it } from "@effect/vitest"
import { Id, Money } from "@yikatong/core"
import { Effect, Fiber, Layer, Option } from "effect"
import { inject } from "vitest"
import * as Pcscd from "../../../scripts/pcscd.ts"
import type { CardChannel } from "../src/CardChannel.ts"
import { CardKeys } from "../src/CardKeys.ts"
import type { CardProgram } from "../src/CardProgram.ts"
import * as CpuCard from "../src/CpuCard.ts"
import * as MifarePurse from "../src/MifarePurse.ts"
import type * as Mischief from "../src/Mischief.ts"
import { PcscMini, Vpcd } from "../src/node/index.ts"
import { withPatience } from "../src/Patience.ts"
import { layerWith, PcscReader } from "../src/PcscReader.ts"
import type { PendingWrite } from "../src/PendingWrite.ts"
import * as Till from "../src/Till.ts"
import { Books, profile } from "./support/Books.ts"
import * as Campus from "./support/campus.ts"
import * as M1Card from "./support/M1Card.ts"

const chain = inject("chain")
const [reader = ""] = chain.readers
const [port = 0] = chain.ports

const real = layerWith({ commandTime: 1500, patience: 500, firstRetry: 200 }).pipe(Layer.provideMerge(PcscMini.layer))

/** A slot of the real virtual reader, empty as pcscd sees it. */
const slot = Effect.gen(function*() {
  const { readers } = yield* PcscReader
  const isEmpty = Effect.map(readers, (all) => all.length === 4 && all.every(({ card }) => card._tag === "None"))
  while (!(yield* isEmpty)) yield* Effect.sleep(5)
  return yield* Vpcd.slot({ dial: port })
})

/** Puts a card there and uses it, once pcscd has seen it. */
const tapping = <A, E, R>(
  there: Vpcd.Slot,
  card: CardProgram,
  use: (channel: CardChannel) => Effect.Effect<A, E, R>,
  plan: Mischief.Plan = () => undefined
) =>
  Effect.gen(function*() {
    const readers = yield* PcscReader
    const last = (yield* readers.readers).reduce(
      (most, { card }) => Math.max(most, "insertion" in card ? card.insertion : 0),
      0
    )
    yield* there.insert(card)
    yield* readers.insertion({ reader, after: last })
    yield* there.plan(plan)
    const used = yield* readers.use(reader, use)
    yield* there.remove
    const isEmpty = Effect.map(readers.readers, (all) => all.every(({ card }) => card._tag === "None"))
    while (!(yield* isEmpty)) yield* Effect.sleep(5)
    return used
  })

/** A student with 50.00 that wait, and a card without money. */
const student = Effect.promise(async () => {
  const books = new Books(Id.CardId.make("00061998081700000030"))
  await books.open()
  await books.recharge(5_000)
  const context = await books.run(Effect.context<Till.Campus>())
  const keys = Campus.keys()
  const open = (channel: CardChannel, keep?: (write: PendingWrite) => void) =>
    Effect.provideService(
      CpuCard.open(channel, {
        ...Campus.settings,
        ...(keep === undefined ? {} : { keep: (write) => Effect.sync(() => keep(write)) })
      }),
      CardKeys,
      keys
    )
  const at = <A, E>(effect: Effect.Effect<A, E, Till.Campus>): Effect.Effect<A, E> =>
    Effect.provide(books.clock(effect), context)
  const load = (channel: CardChannel) => at(Effect.flatMap(open(channel), (card) => Till.load(card, books.tap())))
  return { books, card: Campus.cardOf(0), open, at, load }
})

const pockets = (books: Books) => Effect.map(Effect.promise(() => books.account()), (account) => account.pockets)

/** At the first command with this instruction. */
const at = (instruction: number, mischief: Mischief.Mischief): Mischief.Plan => {
  let isOver = false
  return (command) => {
    if (isOver || command[1] !== instruction) return undefined
    isOver = true
    return mischief
  }
}

describe("a campus card at a till, through a real pcscd", () => {
  it.live("R3 R27 loaded and paid with: books and chip say the same", () =>
    Effect.gen(function*() {
      const there = yield* slot
      const { at, books, card, load, open } = yield* student
      const loaded = yield* tapping(there, card, load)
      expect(Option.getOrThrow(loaded.settled)._tag).toBe("Approved")
      books.later(60_000)
      const paid = yield* tapping(there, card, (channel) =>
        at(Effect.gen(function*() {
          const opened = yield* open(channel)
          const sale = yield* Till.sale(opened, books.tap(), Money.amount(1_250))
          return yield* Till.pay(opened, sale, { profile })
        })))
      expect(paid).toMatchObject({ _tag: "Paid", reading: { balance: 3_750, loadSequence: 1, purchaseSequence: 1 } })
      expect(yield* pockets(books)).toMatchObject({ chip: 3_750, held: 0, transit: 0 })
      expect(Campus.purseOf(card).balance).toBe(3_750)
    }).pipe(Effect.provide(real)), 20_000)

  it.live.each(
    [
      ["before CREDIT arrives", { _tag: "TearBefore", says: "empty" }, 0],
      ["inside CREDIT", { _tag: "TearInside", written: 20, says: "empty" }, 0],
      ["after CREDIT, before its answer", { _tag: "TearAfter", says: "empty" }, 5_000]
    ] as const
  )(
    "golden trace 1, R28: pulled %s: held, and the next tap has it on the chip, once",
    ([, mischief, really]) =>
      Effect.gen(function*() {
        const there = yield* slot
        const { books, card, load } = yield* student
        yield* tapping(there, card, load, at(0x52, mischief))
        expect(Campus.purseOf(card).balance).toBe(really)
        expect(yield* pockets(books)).toMatchObject({ chip: 0, held: 5_000, transit: 0 })
        books.later(900_000)
        yield* tapping(there, card, load)
        expect(yield* pockets(books)).toMatchObject({ chip: 5_000, held: 0, transit: 0 })
        expect(Campus.purseOf(card)).toEqual({ balance: 5_000, loadSequence: 1, purchaseSequence: 0 })
      }).pipe(Effect.provide(real)),
    20_000
  )

  it.live("R28 pulled after CREDIT and put back within the tap: settled at once", () =>
    Effect.gen(function*() {
      const there = yield* slot
      const { books, card, load } = yield* student
      const loaded = yield* tapping(
        there,
        card,
        (channel) =>
          Effect.gen(function*() {
            // Whoever holds the card notices the beep, and puts it back.
            yield* Effect.forkChild(Effect.andThen(Effect.sleep(800), there.insert(card)))
            return yield* load(withPatience(channel, "5 seconds"))
          }),
        at(0x52, { _tag: "TearAfter", says: "empty" })
      )
      expect(Option.getOrThrow(loaded.settled)._tag).toBe("Approved")
      expect(yield* pockets(books)).toMatchObject({ chip: 5_000, held: 0, transit: 0 })
    }).pipe(Effect.provide(real)), 20_000)

  it.live(
    "R28 pcscd dies in the middle of a debit: the next tap tells what became of it, and it is paid once",
    () =>
      Effect.gen(function*() {
        const there = yield* slot
        const { at: clocked, books, card, load, open } = yield* student
        yield* tapping(there, card, load)
        books.later(60_000)
        let kept: PendingWrite | undefined
        let sale: Till.Sale | undefined
        const pay = (channel: CardChannel) =>
          clocked(Effect.gen(function*() {
            const opened = yield* open(channel, (write) => {
              kept = write
            })
            sale ??= yield* Till.sale(opened, books.tap(), Money.amount(1_250))
            return yield* Till.pay(opened, sale, { profile, ...(kept === undefined ? {} : { kept }) })
          }))
        const readers = yield* PcscReader
        yield* Effect.andThen(there.insert(card), readers.insertion({ reader }))
        yield* there.plan(at(0x54, { _tag: "Hang" }))
        const torn = yield* Effect.forkChild(readers.use(reader, pay))
        while (kept === undefined) yield* Effect.sleep(5)
        yield* Effect.promise(() => Pcscd.kill(chain))
        const first = yield* Fiber.join(torn)
        expect(first).toMatchObject({ _tag: "Unknown", evidence: { cause: { _tag: expect.any(String) } } })
        yield* there.remove
        yield* Effect.promise(() => Pcscd.start(chain))
        const again = yield* tapping(there, card, pay)
        expect(again).toMatchObject({ _tag: "Paid", reading: { balance: 3_750, purchaseSequence: 1 } })
        expect(yield* pockets(books)).toMatchObject({ chip: 3_750, held: 0 })
      }).pipe(Effect.provide(real)),
    30_000
  )
})

describe("an M1 card behind a reader that speaks the pseudo-APDUs, through a real pcscd", () => {
  it.live("is read, loaded and paid with", () =>
    Effect.gen(function*() {
      const there = yield* slot
      const { program } = M1Card.lay(yield* M1Card.issued())
      const after = yield* tapping(there, program, (channel) =>
        Effect.gen(function*() {
          const purse = yield* MifarePurse.open(channel, M1Card.options)
          const chip = yield* purse.chip
          expect(chip).toEqual(M1Card.chip)
          const loaded = yield* purse.load({ amount: Money.amount(500), before: chip.purse, at: M1Card.at })
          expect(loaded._tag).toBe("Done")
          const before = yield* purse.reading
          const debited = yield* purse.debit({ amount: Money.amount(100), before, at: M1Card.at })
          expect(debited._tag).toBe("Done")
          return yield* purse.reading
        }))
      expect(after).toEqual({ balance: 2_400, loadSequence: 4, purchaseSequence: 8 })
    }).pipe(Effect.provide(real)), 20_000)
})
