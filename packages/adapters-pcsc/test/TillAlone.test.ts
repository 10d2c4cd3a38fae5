import { AccountStore, Books as Audit, Id, Money, type TerminalRecord, Uploading } from "@yikatong/core"
import { Effect, Fiber, Result, Stream } from "effect"
import { describe, expect, it } from "vitest"
import * as Bytes from "../src/Bytes.ts"
import type { PendingWrite } from "../src/PendingWrite.ts"
import * as Till from "../src/Till.ts"
import * as TillAlone from "../src/TillAlone.ts"
import { Books, profile } from "./support/Books.ts"
import * as Campus from "./support/campus.ts"
import * as Device from "./support/device.ts"
import { mischiefs } from "./support/mischiefs.ts"
import * as ProgramChannel from "./support/ProgramChannel.ts"

/** A till that was connected at noon, and is cut off since; with a card of so many fen, on the chip and in the books. */
class CutOff {
  readonly books = new Books(Id.CardId.make("00061998081700000030"))
  readonly card = Campus.cardOf(0)
  memory = Device.fresh(this.books.now)
  /** What is written down, as it stands. */
  record: TerminalRecord.TerminalRecord | undefined
  kept: PendingWrite | undefined

  static async with(fen: number): Promise<CutOff> {
    const here = new CutOff()
    await here.books.open()
    await here.books.recharge(fen)
    await here.books.run(
      Effect.flatMap(Campus.open(ProgramChannel.make(here.card)), (card) => Till.load(card, here.books.tap()))
    )
    here.memory = await Device.signIn(here.books, here.memory, "sign-in-1")
    here.books.later(7_200_000)
    return here
  }

  sell(channel: ProgramChannel.ProgramChannel, fen: number): Promise<Result.Result<TillAlone.Sold, unknown>> {
    return this.books.run(Effect.result(Effect.gen({ self: this }, function*() {
      const card = yield* Campus.open(channel, {
        keep: (write) =>
          Effect.sync(() => {
            this.kept = write
          })
      })
      const sold = yield* TillAlone.sell(card, {
        profile,
        memory: this.memory,
        clock: this.books.now,
        amount: Money.amount(fen),
        append: (record) =>
          Effect.sync(() => {
            this.record = record
          })
      })
      if (sold._tag !== "Declined") {
        this.memory = sold.memory
        this.record = sold.record
      }
      return sold
    })))
  }

  settle(): Promise<TillAlone.Ending> {
    const { kept, record } = this
    if (kept === undefined || record === undefined) throw new Error("Nothing was kept")
    return this.books.run(Effect.flatMap(
      Campus.open(ProgramChannel.make(this.card)),
      (card) => TillAlone.settle(card, record, kept)
    ))
  }

  /** Back again: it uploads what is written down. */
  upload(): Promise<void> {
    const { record } = this
    if (record === undefined) throw new Error("Nothing was written down")
    return this.books.run(Effect.gen(function*() {
      const uploaded = yield* Uploading.upload({
        caller: Device.caller,
        id: Id.CommandId.make("upload-1"),
        terminal: Device.terminal,
        records: [record]
      })
      if (uploaded._tag === "Declined") throw new Error("The terminal is not known")
      expect(uploaded.outcomes.map(Uploading.isSafe)).toEqual([true])
    }))
  }

  /** Books and chip say the same, and the books balance. */
  agree(): Promise<void> {
    return this.books.run(Effect.gen({ self: this }, function*() {
      const { breaks } = yield* Audit.check()
      expect(breaks).toEqual([])
      const accounts = yield* Stream.runCollect((yield* AccountStore.AccountStore).accounts)
      const { balance } = Campus.purseOf(this.card)
      expect(accounts.map(({ pockets }) => [pockets.chip, pockets.receivable])).toEqual([[balance, 0]])
    }))
  }
}

describe("a till that is cut off sells by the chip alone (R3, D12, D11)", () => {
  it("R3 D11 the record is written first, the chip pays and signs, and the upload posts it", async () => {
    const here = await CutOff.with(5_000)
    const sold = Result.getOrThrow(await here.sell(ProgramChannel.make(here.card), 1_250))
    expect(sold).toMatchObject({ _tag: "Sold", reading: { balance: 3_750, purchaseSequence: 1 } })
    expect(here.record).toMatchObject({
      device: 1,
      fact: { purchase: { amount: 1_250, chipBefore: 5_000, chipAfter: 3_750, purchaseSequence: 1, window: "lunch" } }
    })
    expect(JSON.stringify(here.record)).toMatch(/"tac":"[0-9A-F]{8}"/)
    await here.upload()
    await here.agree()
  })

  it("R49 R50 D12 the limits hold by the counters on the chip, and a decline leaves it as it was (D13)", async () => {
    const here = await CutOff.with(10_000)
    const channel = ProgramChannel.make(here.card)
    Result.getOrThrow(await here.sell(channel, 2_000))
    here.books.later(60_000)
    const before = JSON.stringify(here.card.memory())
    const declined = Result.getOrThrow(await here.sell(channel, 1_001))
    expect(declined).toMatchObject({ _tag: "Declined", decline: { _tag: "MealLimitExceeded" } })
    expect(JSON.stringify(here.card.memory())).toBe(before)
    expect(Result.getOrThrow(await here.sell(channel, 1_000))._tag).toBe("Sold")
  })

  it("R39 I9 the stamp of the blacklist refuses a card where no list has come", async () => {
    const here = await CutOff.with(5_000)
    const channel = ProgramChannel.make(here.card)
    await here.books.run(Effect.gen(function*() {
      const card = yield* Campus.open(channel)
      const { validUntil } = yield* card.chip
      yield* card.stamp({ standing: "blocked", validUntil })
    }))
    const refused = Result.getOrThrow(await here.sell(channel, 1_250))
    expect(refused).toMatchObject({ _tag: "Declined", decline: { _tag: "CardCancelled" } })
    expect(Campus.purseOf(here.card).balance).toBe(5_000)
  })

  it.each([
    ["FileDamaged", "ff".repeat(256)],
    ["FileDamaged", "00".repeat(256)]
  ])("a campus file that can not be read: %s, and nothing is sold", async (tag, file) => {
    const here = await CutOff.with(5_000)
    const spoilt = Campus.cardOf(5_000, { campusFile: Bytes.of(file) })
    const refused = await here.sell(ProgramChannel.make(spoilt), 1_250)
    expect(refused).toMatchObject({ failure: { _tag: tag } })
    expect(here.record).toBeUndefined()
    expect(Campus.purseOf(spoilt).balance).toBe(5_000)
  })

  it(
    "D11 torn at every command and every byte: the record says in the end what the chip did, and posts once or never",
    async () => {
      const first = await CutOff.with(5_000)
      const torn = await mischiefs({ card: first.card, tap: (channel) => first.sell(channel, 1_250) })
      expect(torn.length).toBeGreaterThan(80)
      const seen = new Set<string>()
      for (const mischief of torn) {
        const here = await CutOff.with(5_000)
        const channel = ProgramChannel.make(here.card, { mischief })
        const told = await here.sell(channel, 1_250)
        const { balance } = Campus.purseOf(here.card)
        if (Result.isFailure(told)) {
          // Nothing was written down, and nothing has happened.
          expect([here.record, balance]).toEqual([undefined, 5_000])
          seen.add("nothing happened")
          continue
        }
        const sold = told.success
        seen.add(sold._tag)
        if (sold._tag === "Sold") expect(balance).toBe(3_750)
        if (sold._tag === "Torn") expect(balance).toBe(5_000)
        if (sold._tag === "Held") {
          const ending = await here.settle()
          expect(ending._tag).toBe(balance === 3_750 ? "Sold" : "Torn")
          here.record = ending.record
        }
        expect(here.record?.fact._tag).toBe(balance === 3_750 ? "CardPurchase" : "Other")
        await here.upload()
        await here.agree()
      }
      expect([...seen].sort()).toEqual(["Held", "Torn", "nothing happened"])
    },
    120_000
  )

  it("D11 the write that was kept for another record, of the same price, says nothing of this one: it is the host's mistake", async () => {
    const here = await CutOff.with(5_000)
    const torn = ProgramChannel.make(here.card, { mischief: { at: 7, how: "pulled" } })
    expect(await here.sell(torn, 1_250)).toMatchObject({ success: { _tag: "Held" } })
    const held = here.record
    here.books.later(60_000)
    expect(await here.sell(ProgramChannel.make(here.card), 1_250)).toMatchObject({ success: { _tag: "Sold" } })
    here.record = held
    await expect(here.settle()).rejects.toThrow("The kept write is not the debit of this record")
  })
})

describe("D11: between the record and the chip", () => {
  it("who is interrupted while the record is written down, ends with the chip that has paid: a record says so", async () => {
    const here = await CutOff.with(5_000)
    const channel = ProgramChannel.make(here.card)
    let isWriting = false
    let written: TerminalRecord.TerminalRecord | undefined
    const append = (record: TerminalRecord.TerminalRecord) =>
      Effect.sync(() => {
        isWriting = true
      }).pipe(
        Effect.andThen(Effect.sleep(20)),
        Effect.andThen(Effect.sync(() => {
          written = record
        }))
      )
    const { books: { now: clock }, memory } = here
    const fiber = Effect.runFork(Effect.flatMap(
      Campus.open(channel),
      (card) => TillAlone.sell(card, { profile, memory, clock, amount: Money.amount(1_250), append })
    ))
    while (!isWriting) await new Promise((next) => setTimeout(next, 1))
    await Effect.runPromise(Fiber.interrupt(fiber))
    expect(written).toMatchObject({ fact: { _tag: "CardPurchase" } })
    expect(Campus.purseOf(here.card).balance).toBe(3_750)
  })

  it("another card says nothing of a record that is held: it stays so", async () => {
    const here = await CutOff.with(5_000)
    await here.sell(ProgramChannel.make(here.card, { mischief: { at: 7, how: "pulled" } }), 1_250)
    const { kept, record } = here
    if (kept === undefined || record === undefined) throw new Error("It was kept before it was sent")
    const other = ProgramChannel.make(Campus.cardOf(5_000, { serial: Bytes.of("00061998081700000031") }))
    const asked = await here.books.run(Effect.result(
      Effect.flatMap(Campus.open(other), (card) => TillAlone.settle(card, record, kept))
    ))
    expect(asked).toMatchObject({ failure: { _tag: "AnotherCard" } })
    expect((await here.settle())._tag).toBe("Torn")
  })
})
