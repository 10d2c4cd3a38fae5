/**
 * A canteen for random days: a till on a virtual reader, the student's card, and the campus behind it. The till does what a real one should: it
 * keeps what it was about to do, and asks the card at the next tap.
 */
import {
  AccountStore,
  Books as Audit,
  CivilTime,
  Id,
  Money,
  TerminalMemory,
  type TerminalRecord,
  Uploading
} from "@yikatong/core"
import { Effect, Layer, ManagedRuntime, Result, Schedule } from "effect"
import * as Bytes from "../../src/Bytes.ts"
import { CardKeys } from "../../src/CardKeys.ts"
import * as CpuCard from "../../src/CpuCard.ts"
import * as Mischief from "../../src/Mischief.ts"
import { withPatience } from "../../src/Patience.ts"
import { PcscBinding } from "../../src/PcscBinding.ts"
import * as PcscReader from "../../src/PcscReader.ts"
import type { PendingWrite } from "../../src/PendingWrite.ts"
import * as Till from "../../src/Till.ts"
import * as TillAlone from "../../src/TillAlone.ts"
import * as VirtualPcsc from "../../src/VirtualPcsc.ts"
import { Books, profile } from "./Books.ts"
import * as Campus from "./campus.ts"
import * as Device from "./device.ts"

const reader = "Virtual reader 1"

type TillNumber = 0 | 1
const points = ["canteen-1", "canteen-2"] as const
const terminals = [Campus.terminal, Bytes.of("665544332211")] as const

/** A purchase that the campus has been asked for, until its end. */
interface Open {
  readonly sale: Till.Sale
  kept: PendingWrite | undefined
}

/** A record whose chip may have paid or not. */
interface Held {
  readonly record: TerminalRecord.TerminalRecord
  readonly kept: PendingWrite
}

export class Canteen {
  readonly books = new Books(Id.CardId.make("00061998081700000030"))
  readonly card = Campus.cardOf(0)
  readonly #pcsc = VirtualPcsc.make({ readers: [reader] })
  readonly #runtime = ManagedRuntime.make(
    PcscReader.layerWith({ commandTime: 60, firstRetry: 10, longestRetry: 20, patience: 0 }).pipe(
      Layer.provide(Layer.succeed(PcscBinding, this.#pcsc.binding)),
      Layer.orDie
    )
  )
  readonly #keys = Campus.keys()
  /** One at each of two tills. */
  readonly #open: [Open | undefined, Open | undefined] = [undefined, undefined]
  #held: Held | undefined
  #records: Array<TerminalRecord.TerminalRecord> = []
  #uploads = 0
  #last: unknown
  #signIns = 0
  #memory = Device.fresh(this.books.now)
  /** What was told, for whoever wants to know whether enough has happened. */
  readonly told = new Set<string>()
  recharged = 0

  async open(): Promise<void> {
    this.books.now = CivilTime.instant("2026-03-02 12:30")
    await this.books.open()
    await this.#signIn()
    await this.#hands.insert(reader, this.card).pipe(Effect.runPromise)
  }

  async close(): Promise<void> {
    await this.#runtime.dispose()
  }

  get #hands() {
    return this.#pcsc.hands
  }

  /** The card on the reader, to whoever uses it; it is put back first if it is gone. */
  async #tap<A>(
    mischief: Mischief.Plan,
    keep: (write: PendingWrite) => void,
    till: TillNumber,
    use: (card: CpuCard.CpuCard) => Effect.Effect<A, unknown, Till.Campus>
  ): Promise<Result.Result<A, unknown>> {
    const { books } = this
    const context = await books.run(Effect.context<Till.Campus>())
    const hands = this.#hands
    const tapped = await this.#runtime.runPromise(
      Effect.gen({ self: this }, function*() {
        const readers = yield* PcscReader.PcscReader
        const { reader: name } = yield* readers.insertion()
        // A reader that hung is there again a moment after its card has answered.
        yield* readers.readers.pipe(
          Effect.repeat({
            until: (all) => all.every(({ setAside }) => setAside === undefined),
            schedule: Schedule.spaced(2)
          }),
          Effect.timeout("5 seconds")
        )
        yield* hands.plan(reader, mischief)
        return yield* readers.use(name, (channel) =>
          CpuCard.open(withPatience(channel, "5 millis", "1 millis"), {
            ...Campus.settings,
            terminal: terminals[till],
            keep: (write) => Effect.sync(() => keep(write))
          }).pipe(
            Effect.provideService(CardKeys, this.#keys),
            Effect.flatMap((card) => Effect.provide(use(card), context)),
            books.clock
          ))
      }).pipe(Effect.result)
    )
    await Effect.runPromise(Effect.gen(function*() {
      yield* hands.plan(reader, Mischief.none)
      yield* hands.release(reader)
      yield* hands.remove(reader)
    }))
    await Effect.runPromise(hands.insert(reader, this.card))
    return tapped
  }

  async recharge(fen: number): Promise<void> {
    await this.books.recharge(fen)
    this.recharged += fen
  }

  async load(mischief: Mischief.Plan): Promise<void> {
    const tap = this.books.tap()
    const loaded = await this.#tap(mischief, () => undefined, 0, (card) => Till.load(card, tap))
    this.told.add(Result.isFailure(loaded) ? "load: nothing happened" : `load: ${loaded.success.begun._tag}`)
  }

  /** A purchase at one of the tills; or the end of the one that is open there. */
  async pay(till: TillNumber, fen: number, mischief: Mischief.Plan): Promise<void> {
    if (this.#held !== undefined) await this.settle(mischief)
    const tap = this.books.tap(points[till])
    const keep = (write: PendingWrite): void => {
      const open = this.#open[till]
      if (open !== undefined) open.kept = write
    }
    const paid = await this.#tap(mischief, keep, till, (card) =>
      Effect.gen({ self: this }, function*() {
        const open = this.#open[till] ?? { sale: yield* Till.sale(card, tap, Money.amount(fen)), kept: undefined }
        this.#open[till] = open
        return yield* Till.pay(card, open.sale, { profile, kept: open.kept ?? "none" })
      }))
    this.#last = paid
    this.told.add(Result.isFailure(paid) ? "pay: nothing happened" : `pay: ${paid.success._tag}`)
    if (Result.isFailure(paid)) return
    const payment = paid.success
    if (["Paid", "Declined", "Undone"].includes(payment._tag)) this.#open[till] = undefined
    if (payment._tag === "Unpaid" && !payment.again) {
      this.told.add("pay: only to be undone")
      await this.undo(till, mischief)
    }
  }

  /** The purchase that is open is given up, with its card on the reader (D5). */
  async undo(till: TillNumber, mischief: Mischief.Plan): Promise<void> {
    const open = this.#open[till]
    if (open === undefined) return
    const tap = this.books.tap(points[till])
    const { kept, sale } = open
    const undone = await this.#tap(
      mischief,
      () => undefined,
      till,
      (card) => Till.undo(card, tap, sale, { kept: kept ?? "none" })
    )
    if (Result.isFailure(undone)) return
    const { reversed } = undone.success
    this.told.add(`undo: ${reversed._tag}`)
    const day = CivilTime.dayOf(this.books.now)
    if (reversed._tag === "Approved" && CivilTime.dayOf(sale.at) < day) this.told.add("undo: on a later day")
    const isOver = reversed._tag === "Approved" ||
      (reversed.decline._tag === "NotReversible" && reversed.decline.reason === "alreadyReversed")
    if (isOver) this.#open[till] = undefined
  }

  /** A purchase while the till is cut off, unless one is open or held. */
  async sellAlone(fen: number, mischief: Mischief.Plan): Promise<void> {
    if (this.#open.some((open) => open !== undefined) || this.#held !== undefined) return
    let kept: PendingWrite | undefined
    const keep = (write: PendingWrite): void => {
      kept = write
    }
    const sold = await this.#tap(mischief, keep, 0, (card) =>
      TillAlone.sell(card, {
        profile,
        memory: this.#memory,
        clock: this.books.now,
        amount: Money.amount(fen),
        append: () => Effect.void
      }))
    if (Result.isFailure(sold)) {
      this.told.add("alone: nothing happened")
      return
    }
    this.told.add(`alone: ${sold.success._tag}`)
    if (sold.success._tag === "Declined") return
    this.#memory = sold.success.memory
    if (sold.success._tag === "Held") {
      if (kept === undefined) throw new Error("Held, and nothing was kept")
      this.#held = { record: sold.success.record, kept }
    } else this.#records.push(sold.success.record)
  }

  /** Asks the card what became of what is held. */
  async settle(mischief: Mischief.Plan): Promise<void> {
    const held = this.#held
    if (held === undefined) return
    const ending = await this.#tap(
      mischief,
      () => undefined,
      0,
      (card) => TillAlone.settle(card, held.record, held.kept)
    )
    if (Result.isFailure(ending) || ending.success._tag === "Held") return
    this.told.add(`settled: ${ending.success._tag}`)
    this.#held = undefined
    this.#records.push(ending.success.record)
  }

  async upload(): Promise<void> {
    const [first, ...others] = this.#records
    if (first === undefined) return
    this.#records = []
    await this.books.run(Effect.gen({ self: this }, function*() {
      const uploaded = yield* Uploading.upload({
        caller: Device.caller,
        id: Id.CommandId.make(`upload-${++this.#uploads}`),
        terminal: Device.terminal,
        records: [first, ...others]
      })
      if (uploaded._tag === "Declined") throw new Error(uploaded.decline._tag)
      for (const outcome of uploaded.outcomes) {
        if (!Uploading.isSafe(outcome)) throw new Error(`A record is not posted: ${JSON.stringify(outcome)}`)
      }
    }))
    this.#memory = TerminalMemory.uploaded(this.#memory, 1 + others.length)
  }

  /** The service of smart cards dies and returns. */
  async restart(): Promise<void> {
    await Effect.runPromise(Effect.andThen(this.#hands.kill, this.#hands.restart))
    await this.#runtime.runPromise(Effect.gen(function*() {
      const readers = yield* PcscReader.PcscReader
      yield* readers.insertion()
    }))
  }

  /** Everything that is open comes to its end, as at the end of a day; then card and books say the same, and no money was made or lost. */
  async endOfDay(): Promise<Audit.Report["breaks"]> {
    await this.#finish()
    await this.upload()
    await this.load(Mischief.none)
    return (await this.books.run(Audit.check())).breaks
  }

  async #signIn(): Promise<void> {
    this.#memory = await Device.signIn(this.books, this.#memory, `sign-in-${++this.#signIns}`)
  }

  /** Everything that is open comes to its end, with the card in peace. */
  async #finish(): Promise<void> {
    const none = Mischief.none
    const isOpen = (): boolean => this.#held !== undefined || this.#open.some((open) => open !== undefined)
    for (let tries = 0; tries < 5 && isOpen(); tries++) {
      await this.settle(none)
      for (const till of [0, 1] as const) if (this.#open[till] !== undefined) await this.pay(till, 1, none)
      this.books.later(120_000)
    }
    if (isOpen()) throw new Error(`Something is still open: ${JSON.stringify(this.#last)}`)
  }

  /** The next meal. What is open stays open. */
  nextMeal(): void {
    this.books.later(4 * 3_600_000)
    this.#crossed("a meal")
  }

  /**
   * A new day: the till signs in again. Records are uploaded before, since they are taken for a week alone (D16); what is open stays open,
   * for nobody may have taken the card back to its till.
   */
  async nextDay(): Promise<void> {
    await this.settle(Mischief.none)
    await this.upload()
    this.books.later(86_400_000)
    this.#crossed("a day")
    await this.#signIn()
  }

  #crossed(what: string): void {
    if (this.#open.some((open) => open !== undefined)) this.told.add(`open beyond ${what}`)
  }

  /** What merchants have earned, in fen. */
  earned(): Promise<number> {
    return this.books.run(Effect.gen(function*() {
      const balances = yield* (yield* AccountStore.AccountStore).balances
      return [...balances].reduce((sum, [book, fen]) => book.startsWith("merchant:") ? sum + Number(fen) : sum, 0)
    }))
  }
}
