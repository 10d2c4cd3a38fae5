import { AccountStore, Books as Audit, Id, Money } from "@yikatong/core"
import { Effect, Option, Redacted, Result, Stream } from "effect"
import { describe, expect, it } from "vitest"
import * as Bytes from "../src/Bytes.ts"
import type * as CpuCard from "../src/CpuCard.ts"
import type { Payment } from "../src/Payment.ts"
import type { PendingWrite } from "../src/PendingWrite.ts"
import * as Till from "../src/Till.ts"
import { Books, profile } from "./support/Books.ts"
import * as Campus from "./support/campus.ts"
import { mischiefs } from "./support/mischiefs.ts"
import * as ProgramChannel from "./support/ProgramChannel.ts"

const cardId = Id.CardId.make("00061998081700000030")

/** A till with a card on its reader, which keeps what it is about to write. */
const tapping = <A, E, R>(
  channel: ProgramChannel.ProgramChannel,
  use: (card: CpuCard.CpuCard) => Effect.Effect<A, E, R>,
  keep: (write: PendingWrite) => void = () => undefined
) => Effect.flatMap(Campus.open(channel, { keep: (write) => Effect.sync(() => keep(write)) }), use)

/** A student with a virtual card of so many fen, on the chip and in the books. */
const student = async (chip: number, waiting = 0) => {
  const books = new Books(cardId)
  await books.open()
  const card = Campus.cardOf(0)
  if (chip > 0) {
    await books.recharge(chip)
    await books.run(tapping(ProgramChannel.make(card), (opened) => Till.load(opened, books.tap())))
  }
  if (waiting > 0) await books.recharge(waiting)
  books.later(60_000)
  return { books, card }
}

/** Everything that the account lived through; and the books balance with it. */
const lived = (books: Books) =>
  books.run(Effect.gen(function*() {
    const report = yield* Audit.check()
    expect(report.breaks).toEqual([])
    const store = yield* AccountStore.AccountStore
    const entries = yield* Stream.runCollect(store.journal())
    return entries.flatMap(({ events }) => events)
  }))

describe("golden trace 1 with a card that is really pulled away (R27, R28, D8)", () => {
  const load = (books: Books, channel: ProgramChannel.ProgramChannel) =>
    books.run(Effect.result(tapping(channel, (card) => Till.load(card, books.tap()))))

  it.each([
    ["is put back later", false, ["Approved, held", "nothing begun, transit"]],
    ["is put back at once", true, ["Approved, chip", "Approved, transit", "nothing begun, transit"]]
  ])(
    "golden trace 1: 50.00 paid; torn at every command and every byte, and the card %s: the next tap has it on the chip, once",
    async (_, returns, expected) => {
      const first = await student(0, 5_000)
      const torn = await mischiefs({ card: first.card, tap: (channel) => load(first.books, channel) })
      expect(torn.length).toBeGreaterThan(100)
      const seen = new Set<string>()
      for (const mischief of torn) {
        const { books, card } = await student(0, 5_000)
        expect((await books.account()).pockets).toMatchObject({ transit: 5_000, chip: 0, held: 0 })
        const channel = ProgramChannel.make(card, { mischief, returns })
        const tap = await load(books, channel)
        const settled = Result.isSuccess(tap) ? Option.getOrUndefined(tap.success.settled) : undefined
        const { chip, held, transit } = (await books.account()).pockets
        // Whatever it was: the money is in one place, and where the books say so.
        expect(transit + held + chip).toBe(5_000)
        if (held === 0) expect(Campus.purseOf(card).balance).toBe(chip)
        expect(ProgramChannel.count(channel, 0x52)).toBeLessThanOrEqual(1)
        seen.add(`${settled?._tag ?? "nothing begun"}, ${held > 0 ? "held" : chip > 0 ? "chip" : "transit"}`)

        books.later(900_000)
        await load(books, ProgramChannel.make(card))
        expect((await books.account()).pockets).toMatchObject({ transit: 0, chip: 5_000, held: 0 })
        expect(Campus.purseOf(card)).toEqual({ balance: 5_000, loadSequence: 1, purchaseSequence: 0 })
        const events = await lived(books)
        expect(events.filter(({ _tag }) => _tag === "CreditRecorded")).toHaveLength(1)
        expect(events.filter((event) => event._tag === "LoadSettled" && event.outcome === "written")).toHaveLength(1)
      }
      expect([...seen].sort()).toEqual(expected)
    },
    120_000
  )
})

describe("a tap to pay (R3, D1)", () => {
  const pay = (
    books: Books,
    channel: ProgramChannel.ProgramChannel,
    sale: Till.Sale,
    kept: { write?: PendingWrite } = {}
  ): Promise<Result.Result<Payment, unknown>> =>
    books.run(Effect.result(tapping(
      channel,
      (card) => Till.pay(card, sale, { profile, ...(kept.write === undefined ? {} : { kept: kept.write }) }),
      (write) => {
        kept.write = write
      }
    )))
  const sell = (books: Books, channel: ProgramChannel.ProgramChannel, fen: number) =>
    books.run(tapping(channel, (card) => Till.sale(card, books.tap(), Money.amount(fen))))

  const undo = (
    books: Books,
    channel: ProgramChannel.ProgramChannel,
    sale: Till.Sale,
    known: { readonly kept?: PendingWrite | "none"; readonly paid?: boolean } = {}
  ) => books.run(Effect.result(tapping(channel, (card) => Till.undo(card, books.tap(), sale, known))))

  /** Two tills have sold by the same reading; the chip has paid the first alone, and the second was pulled away before its debit. */
  const crossed = async (paid: number, unpaid: number) => {
    const { books, card } = await student(5_000)
    const one = await sell(books, ProgramChannel.make(card), paid)
    const two = await sell(books, ProgramChannel.make(card), unpaid)
    const pulled = () => ProgramChannel.make(card, { mischief: { at: 7, how: "pulled" } })
    const kept: { write?: PendingWrite } = {}
    expect(await pay(books, pulled(), one)).toMatchObject({ success: { _tag: "Unknown" } })
    books.later(5_000)
    expect(await pay(books, pulled(), two, kept)).toMatchObject({ success: { _tag: "Unknown" } })
    books.later(5_000)
    expect(await pay(books, ProgramChannel.make(card), one)).toMatchObject({ success: { _tag: "Paid" } })
    const load = () => books.run(tapping(ProgramChannel.make(card), (opened) => Till.load(opened, books.tap())))
    const buy = async (fen: number) =>
      pay(books, ProgramChannel.make(card), await sell(books, ProgramChannel.make(card), fen))
    return { books, card, kept, sale: two, load, buy }
  }
  type Crossed = Awaited<ReturnType<typeof crossed>>

  it("the campus approves, the chip pays and signs, and its counters know of it", async () => {
    const { books, card } = await student(5_000)
    const channel = ProgramChannel.make(card)
    const sale = await sell(books, channel, 1_250)
    const paid = Result.getOrThrow(await pay(books, channel, sale))
    expect(paid).toMatchObject({ _tag: "Paid", reading: { balance: 3_750, loadSequence: 1, purchaseSequence: 1 } })
    expect(paid._tag === "Paid" ? paid.tac : "").toMatch(/^[0-9A-F]{8}$/)
    const chip = await books.run(tapping(channel, (card) => card.chip))
    expect(chip.tallies.cells).toMatchObject([{ category: "canteen", sum: 1_250, count: 1 }])
    expect((await books.account()).pockets.chip).toBe(3_750)
  })

  it("a write that was kept of something else, such as the load before, says nothing of a sale", async () => {
    const { books, card } = await student(0, 5_000)
    const kept: { write?: PendingWrite } = {}
    const channel = ProgramChannel.make(card)
    await books.run(tapping(channel, (card) => Till.load(card, books.tap()), (write) => {
      kept.write = write
    }))
    expect(kept.write).toMatchObject({ kind: "load" })
    const paid = Result.getOrThrow(await pay(books, channel, await sell(books, channel, 1_250), kept))
    expect(paid).toMatchObject({ _tag: "Paid", reading: { balance: 3_750, purchaseSequence: 1 } })
  })

  it("D13 a decline leaves the chip as it was, with its reason", async () => {
    const { books, card } = await student(5_000)
    const channel = ProgramChannel.make(card)
    const before = JSON.stringify(card.memory())
    const declined = Result.getOrThrow(await pay(books, channel, await sell(books, channel, 3_001)))
    expect(declined).toMatchObject({ _tag: "Declined", answer: { decline: { _tag: "MealLimitExceeded" } } })
    expect(JSON.stringify(card.memory())).toBe(before)
  })

  it("another card than the one that was begun with is told before the campus is asked", async () => {
    const { books, card } = await student(5_000)
    const sale = await sell(books, ProgramChannel.make(card), 1_250)
    const other = Campus.cardOf(5_000, { serial: Bytes.of("00061998081700000031") })
    const refused = await pay(books, ProgramChannel.make(other), sale)
    expect(refused).toMatchObject({ failure: { _tag: "AnotherCard" } })
    expect((await books.account()).pockets.chip).toBe(5_000)
  })

  it("a chip that has lost count is paid from all the same, and gets the counters of the books", async () => {
    const { books, card } = await student(5_000)
    const channel = ProgramChannel.make(card)
    // A terminal of another system debits, and writes no counters.
    const before = Campus.purseOf(card)
    await books.run(tapping(channel, (opened) => opened.debit({ amount: Money.amount(100), before, at: books.now })))
    const behind = await books.run(Effect.result(tapping(channel, (card) => card.chip)))
    expect(behind).toMatchObject({ failure: { _tag: "CountersBehind", purchases: 1 } })
    const paid = Result.getOrThrow(await pay(books, channel, await sell(books, channel, 1_250)))
    expect(paid).toMatchObject({ _tag: "Paid", reading: { balance: 3_650, purchaseSequence: 2 } })
    const chip = await books.run(tapping(channel, (card) => card.chip))
    expect(chip.tallies.cells).toMatchObject([{ sum: 1_250, count: 1 }])
  })

  it.each([
    ["is put back later", false],
    ["is put back at once", true]
  ])(
    "I3 torn at every command and every byte, and the card %s: the same sale ends with one debit in books and chip",
    async (_, returns) => {
      const begun = await student(5_000)
      const torn = await mischiefs({
        card: begun.card,
        tap: async (channel) =>
          pay(begun.books, channel, await sell(begun.books, ProgramChannel.make(begun.card), 1_250))
      })
      const seen = new Set<string>()
      for (const mischief of torn) {
        const { books, card } = await student(5_000)
        const sale = await sell(books, ProgramChannel.make(card), 1_250)
        const kept: { write?: PendingWrite } = {}
        const channel = ProgramChannel.make(card, { mischief, returns })
        const first = await pay(books, channel, sale, kept)
        const told = Result.isSuccess(first) ? first.success._tag : "nothing happened"
        seen.add(told)
        const { balance, purchaseSequence } = Campus.purseOf(card)
        expect([5_000, 3_750]).toContain(balance)
        expect(purchaseSequence).toBe(balance === 5_000 ? 0 : 1)
        // What is told is true.
        if (told === "Paid") expect(balance).toBe(3_750)
        if (told === "Unpaid" || told === "nothing happened") expect(balance).toBe(5_000)
        expect(ProgramChannel.count(channel, 0x54)).toBeLessThanOrEqual(1)

        books.later(5_000)
        if (told !== "Paid") {
          const again = Result.getOrThrow(await pay(books, ProgramChannel.make(card), sale, kept))
          expect(again._tag).toBe("Paid")
        }
        expect(Campus.purseOf(card)).toEqual({ balance: 3_750, loadSequence: 1, purchaseSequence: 1 })
        expect((await books.account()).pockets.chip).toBe(3_750)
        const chip = await books.run(tapping(ProgramChannel.make(card), (card) => card.chip))
        expect(chip.tallies.cells).toMatchObject([{ sum: 1_250, count: 1 }])
        expect((await lived(books)).filter(({ _tag }) => _tag === "Purchased")).toHaveLength(1)
      }
      expect(seen.has("Unknown")).toBe(!returns)
      expect(seen.has("nothing happened")).toBe(true)
    },
    120_000
  )

  it("D5 a purchase is undone with its card on the reader: a load, which the chip counts", async () => {
    const { books, card } = await student(5_000)
    const channel = ProgramChannel.make(card)
    const sale = await sell(books, channel, 1_250)
    await pay(books, channel, sale)
    const undone = await undo(books, channel, sale, { paid: true })
    expect(undone).toMatchObject({ success: { reversed: { _tag: "Approved" } } })
    expect(Campus.purseOf(card)).toEqual({ balance: 5_000, loadSequence: 2, purchaseSequence: 1 })
    expect((await books.account()).pockets).toMatchObject({ chip: 5_000, held: 0 })
    await lived(books)

    // Sent again it is over, and nothing is taken: by whoever does not know any more that it was undone.
    books.later(60_000)
    expect(await pay(books, channel, sale)).toMatchObject({ success: { _tag: "Undone" } })
    expect(Campus.purseOf(card).balance).toBe(5_000)
  })

  it("D5 whether the chip has paid must be shown: what it reads by now may be another purchase", async () => {
    const { books, card } = await student(5_000)
    const channel = ProgramChannel.make(card)
    const sale = await sell(books, channel, 1_250)
    await pay(books, channel, sale)
    expect(await undo(books, channel, sale)).toMatchObject({ failure: { _tag: "PaymentUnproven" } })
    expect((await books.account()).pockets.chip).toBe(3_750)
  })

  it.each([
    ["a load", (till: Crossed) => till.books.recharge(2_000).then(() => till.load())],
    ["another purchase", (till: Crossed) => till.buy(300)]
  ])("D5 approved and never paid, then another till's sale and %s: undone in the books alone", async (_, meanwhile) => {
    const till = await crossed(500, 1_000)
    await meanwhile(till)
    const { books, card, kept, sale } = till
    books.later(60_000)
    const channel = ProgramChannel.make(card)
    const again = await pay(books, channel, sale, { ...kept })
    expect(again).toMatchObject({ success: { _tag: "Unpaid", again: false } })
    const { balance } = Campus.purseOf(card)
    const undone = await undo(books, channel, sale, kept.write === undefined ? {} : { kept: kept.write })
    expect(undone).toMatchObject({ success: { reversed: { _tag: "Approved" } } })
    expect(ProgramChannel.count(channel, 0x52)).toBe(0)
    expect(Campus.purseOf(card).balance).toBe(balance)
    expect((await books.account()).pockets).toMatchObject({ chip: balance, held: 0 })
    await lived(books)
  })

  it("a till that keeps its writes and has none for a sale never asked the chip to pay", async () => {
    const { books, card } = await student(5_000)
    const sale = await sell(books, ProgramChannel.make(card), 1_250)
    const begun = ProgramChannel.make(card, { mischief: { at: 6, how: "pulled" } })
    expect(await pay(books, begun, sale)).toMatchObject({ success: { _tag: "Unpaid", again: true } })
    // Another till sells meanwhile: by the reading alone, that may have been this sale.
    await pay(books, ProgramChannel.make(card), await sell(books, ProgramChannel.make(card), 1_250))
    books.later(60_000)
    const channel = ProgramChannel.make(card)
    expect(await pay(books, channel, sale)).toMatchObject({ success: { _tag: "Unknown" } })
    const known = await books.run(tapping(channel, (card) => Till.pay(card, sale, { profile, kept: "none" })))
    expect(known).toMatchObject({ _tag: "Unpaid", again: false })
    expect(await undo(books, channel, sale, { kept: "none" })).toMatchObject({
      success: { reversed: { _tag: "Approved" } }
    })
    expect((await books.account()).pockets.chip).toBe(Campus.purseOf(card).balance)
    await lived(books)
  })

  it("I3 a write that was kept for one sale ends no other of the same card and price", async () => {
    const { books, card } = await student(5_000)
    const first = await sell(books, ProgramChannel.make(card), 1_250)
    const torn = (how: "pulled" | "lost") => ProgramChannel.make(card, { mischief: { at: 7, how, bytes: 0 } })
    const kept: { write?: PendingWrite } = {}
    expect(await pay(books, torn("pulled"), first, kept)).toMatchObject({ success: { _tag: "Unknown" } })
    books.later(60_000)
    const second = await sell(books, ProgramChannel.make(card), 1_250)
    expect(await pay(books, torn("lost"), second, kept)).toMatchObject({ success: { _tag: "Unknown" } })
    books.later(60_000)
    // Only the last write is kept, and it is the second one's.
    const told = await pay(books, ProgramChannel.make(card), first, { ...kept })
    expect(told).toMatchObject({ success: { _tag: "Unknown" } })
    expect(await pay(books, ProgramChannel.make(card), second, kept)).toMatchObject({ success: { _tag: "Paid" } })
    expect(Campus.purseOf(card).balance).toBe(3_750)
  })

  it("a card that has less than it read a moment ago is told with its numbers, after the approval too", async () => {
    const { books, card } = await student(5_000)
    const sale = await sell(books, ProgramChannel.make(card), 1_250)
    const memory = card.memory()
    const forged = Campus.copyOf(card, {
      ...memory,
      purses: { ...memory.purses, ep: { ...memory.purses.ep, balance: 100 } }
    })
    expect(await pay(books, ProgramChannel.make(forged), sale)).toMatchObject({
      success: { _tag: "Unpaid", cause: { _tag: "BalanceShort", amount: 1_250, balance: 100 } }
    })
  })
})

describe("a sale that was paid, and a till that keeps no write of it any more (D5)", () => {
  const day = 86_400_000
  it.each<[string, number, Till.Undoing, string, number]>([
    // what the till says, how long after, its words, the end, what books and plastic hold then
    ["paid", 60_000, { paid: true }, "Approved", 5_000],
    ["paid, and no kept write", 60_000, { paid: true, kept: "none" }, "Approved", 5_000],
    ["paid", day, { paid: true }, "Declined", 3_200],
    ["paid, and no kept write", day, { paid: true, kept: "none" }, "Declined", 3_200],
    ["nothing", day, {}, "PaymentUnproven", 3_200]
  ])("it says %s, %i ms after: books and plastic agree", async (_, wait, known, end, held) => {
    const books = new Books(cardId)
    await books.open()
    await books.recharge(5_000)
    const card = Campus.cardOf(0)
    const at = <A, E, R>(use: (card: CpuCard.CpuCard) => Effect.Effect<A, E, R>) =>
      Effect.flatMap(Campus.open(ProgramChannel.make(card)), use)
    await books.run(at((card) => Till.load(card, books.tap())))
    books.later(60_000)
    const sale = await books.run(at((card) => Till.sale(card, books.tap(), Money.amount(1_800))))
    expect(await books.run(at((card) => Till.pay(card, sale, { profile, kept: "none" })))).toMatchObject({
      _tag: "Paid"
    })
    books.later(wait)
    const undone = await books.run(Effect.result(at((card) => Till.undo(card, books.tap(), sale, known))))
    expect(Result.isSuccess(undone) ? undone.success.reversed._tag : undone.failure._tag).toBe(end)
    expect(Campus.purseOf(card).balance).toBe(held)
    expect((await books.account()).pockets.chip).toBe(held)
    await lived(books)
  })
})

describe("cards whose loads need the PIN", () => {
  const cards = { ...Campus.profile, pin: 0 }
  const pin = (digits: string) => Redacted.make(Bytes.of(digits))
  const waiting = async () => {
    const books = new Books(cardId)
    await books.open()
    await books.recharge(5_000)
    const card = Campus.cardOf(0, { profile: cards })
    const load = (typed?: Redacted.Redacted<Bytes.Bytes>, own?: Redacted.Redacted<Bytes.Bytes>) =>
      books.run(Effect.result(Effect.flatMap(
        Campus.open(ProgramChannel.make(card), { profile: cards, ...(own === undefined ? {} : { pin: own }) }),
        (opened) => Till.load(opened, books.tap(), typed)
      )))
    return { books, card, load }
  }

  it("R28: the PIN that was typed at the tap loads what waits", async () => {
    const { books, card, load } = await waiting()
    expect(Result.isSuccess(await load(pin("123456")))).toBe(true)
    expect(Campus.purseOf(card)).toEqual({ balance: 5_000, loadSequence: 1, purchaseSequence: 0 })
    expect((await books.account()).pockets).toMatchObject({ transit: 0, chip: 5_000, held: 0 })
    await lived(books)
  })

  it("a wrong one is told before the campus is asked", async () => {
    const { books, load } = await waiting()
    expect(await load(pin("654321"))).toMatchObject({ failure: { _tag: "PinWrong", tries: 2 } })
    const events = await lived(books)
    expect(events.some(({ _tag }) => _tag === "LoadBegun")).toBe(false)
    expect((await books.account()).pockets).toMatchObject({ transit: 5_000, chip: 0, held: 0 })
  })

  it("without one the holder learns that a PIN is wanted: nothing is written, and the money waits on", async () => {
    const { books, card, load } = await waiting()
    expect(await load()).toMatchObject({ failure: { _tag: "PinNeeded" } })
    expect(Campus.purseOf(card).balance).toBe(0)
    expect(card.memory().pin.tries).toBe(3)
    expect((await books.account()).pockets).toMatchObject({ transit: 5_000, chip: 0, held: 0 })
    await lived(books)
  })

  it("the till's own, where it is wrong, is told as well, and costs a card one try at most", async () => {
    const { books, card, load } = await waiting()
    const own = pin("654321")
    expect(await load(undefined, own)).toMatchObject({ failure: { _tag: "PinWrong", tries: 2 } })
    expect(await load(undefined, own)).toMatchObject({ failure: { _tag: "PinSuspended" } })
    expect(card.memory().pin.tries).toBe(2)
    expect((await books.account()).pockets).toMatchObject({ transit: 5_000, chip: 0, held: 0 })
    expect(Result.isSuccess(await load(pin("123456"), own))).toBe(true)
    expect((await books.account()).pockets).toMatchObject({ transit: 0, chip: 5_000, held: 0 })
    await lived(books)
  })

  it("R28: pulled as it refuses a wrong one, so that nothing can be read: the money is held, and that and why is told", async () => {
    const ends = new Set<string>()
    for (let at = 3; at < 16; at++) {
      const { books, card } = await waiting()
      const channel = ProgramChannel.make(card, { mischief: { at, how: "pulled" } })
      const tap = await books.run(Effect.result(Effect.flatMap(
        Campus.open(channel, { profile: cards, pin: pin("654321") }),
        (opened) => Till.load(opened, books.tap())
      )))
      const { held } = (await books.account()).pockets
      if (held === 0) continue
      ends.add(Result.isSuccess(tap) ? tap.success.cause?._tag ?? "none" : "no word of it")
    }
    expect([...ends]).toContain("PinWrong")
    expect([...ends]).not.toContain("no word of it")
  })

  it("where nothing waits no PIN is wanted", async () => {
    const { card, load } = await waiting()
    await load(pin("123456"))
    expect(Result.isSuccess(await load())).toBe(true)
    expect(card.memory().pin.tries).toBe(3)
  })

  describe("R76: a sale is undone, and its money goes back to the chip with the PIN", () => {
    const sold = async () => {
      const { books, card, load } = await waiting()
      await load(pin("123456"))
      books.later(60_000)
      const at = <A, E, R>(use: (card: CpuCard.CpuCard) => Effect.Effect<A, E, R>) =>
        Effect.flatMap(Campus.open(ProgramChannel.make(card), { profile: cards }), use)
      const sale = await books.run(at((card) => Till.sale(card, books.tap(), Money.amount(1_250))))
      const paid = await books.run(at((card) => Till.pay(card, sale, { profile, kept: "none" })))
      expect(paid._tag).toBe("Paid")
      books.later(60_000)
      const undo = (typed?: Redacted.Redacted<Bytes.Bytes>) =>
        books.run(
          Effect.result(at((card) =>
            Till.undo(card, books.tap(), sale, { paid: true, ...(typed === undefined ? {} : { pin: typed }) })
          ))
        )
      return { books, card, load, undo }
    }

    it("that was typed", async () => {
      const { books, card, undo } = await sold()
      const undone = await undo(pin("123456"))
      expect(undone).toMatchObject({ success: { reversed: { _tag: "Approved" } } })
      expect(Result.isSuccess(undone) && undone.success.cause).toBeUndefined()
      expect(Campus.purseOf(card).balance).toBe(5_000)
      expect((await books.account()).pockets).toMatchObject({ transit: 0, chip: 5_000, held: 0 })
      await lived(books)
    })

    it("that was typed wrongly: nothing is given back yet", async () => {
      const { books, undo } = await sold()
      expect(await undo(pin("654321"))).toMatchObject({ failure: { _tag: "PinWrong", tries: 2 } })
      expect((await books.account()).pockets).toMatchObject({ transit: 0, chip: 3_750, held: 0 })
      expect((await lived(books)).some(({ _tag }) => _tag === "PurchaseReversed")).toBe(false)
    })

    it("that nobody typed: it is given back in the books, waits for the next load, and the till is told why", async () => {
      const { books, card, load, undo } = await sold()
      expect(await undo()).toMatchObject({ success: { reversed: { _tag: "Approved" }, cause: { _tag: "PinNeeded" } } })
      expect(Campus.purseOf(card).balance).toBe(3_750)
      expect((await books.account()).pockets).toMatchObject({ transit: 1_250, chip: 3_750, held: 0 })
      await load(pin("123456"))
      expect(Campus.purseOf(card).balance).toBe(5_000)
      await lived(books)
    })
  })
})
