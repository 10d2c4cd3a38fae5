/**
 * The terminal itself: it waits for a card, loads what waits, takes the payment, and says what happened. What it was about to write it keeps
 * (`kept`), so that a card that is pulled away is asked at its next tap and never debited twice. A real one keeps that in a file.
 */
import {
  type CardChannel,
  CardProblem,
  CpuCard,
  type Exchange,
  type PendingWrite,
  Till,
  TillAlone
} from "@yikatong/adapters-pcsc"
import { CardLoad, Explanation, type Id, Money, type TerminalMemory, type TerminalRecord } from "@yikatong/core"
import { Clock, Effect, Option } from "effect"
import * as Campus from "./Campus.ts"

/** Both languages on the display. */
const say = (zh: string, en: string): Effect.Effect<void> => Effect.sync(() => console.log(`  ${zh} / ${en}`))
const yuan = (fen: number): string => Money.format(Money.of(fen))

/** What went wrong with a card, its reader or the campus, for its holder. */
export const inWords = (failure: Exchange.Failure | Error): readonly [zh: string, en: string] => {
  if ("message" in failure) {
    const [zh = "", en = zh] = failure.message.split(" / ")
    return [zh, en]
  }
  const { remedy, what } = CardProblem.explain(failure)
  return [`${what.zh}。${remedy.zh}`, `${what.en}; ${remedy.en}`]
}

export class Terminal {
  readonly #options: CpuCard.Options
  // By card: whoever has run away with a sale half done must not stop the others.
  readonly #sales = new Map<Id.CardId, Till.Sale>()
  readonly #kept = new Map<Id.CardId, PendingWrite.PendingWrite>()
  readonly #held = new Map<Id.CardId, TerminalRecord.TerminalRecord>()
  /** What is to be uploaded. */
  readonly records: Array<TerminalRecord.TerminalRecord> = []

  constructor(options: CpuCard.Options) {
    this.#options = {
      ...options,
      keep: (write) =>
        Effect.sync(() => {
          if (write.kind === "debit") this.#kept.set(write.card, write)
        })
    }
  }

  #card(channel: CardChannel.CardChannel) {
    return CpuCard.open(channel, this.#options)
  }

  /** Writes onto the card what waits for it (R27). */
  load(channel: CardChannel.CardChannel) {
    return Effect.gen({ self: this }, function*() {
      const card = yield* this.#card(channel)
      yield* this.#settle(card)
      const { begun, settled } = yield* Till.load(card, Campus.named())
      if (begun._tag === "Declined") {
        return begun.decline._tag === "NothingToLoad"
          ? undefined
          : yield* this.#declined(begun.decline)
      }
      const answer = Option.getOrUndefined(settled)
      if (answer === undefined) {
        const [zh, en] = yield* this.#balances(card, begun.pockets.chip)
        return yield* say(`上次圈存已到卡，${zh}`, `the last load is on the card: ${en}`)
      }
      if (answer._tag === "Declined") return yield* this.#declined(answer.decline)
      switch (CardLoad.outcomeOf(answer.events)) {
        case "written": {
          const [zh, en] = yield* this.#balances(card, answer.pockets.chip)
          return yield* say(`圈存完成，${zh}`, `loaded: ${en}`)
        }
        case "notWritten":
          return yield* say("未写入，请再刷一次", "nothing was written: tap again")
        case "unknown":
          return yield* say("卡片移开过早，请再刷一次", "the card was pulled away too early: tap again")
      }
    })
  }

  /** What the chip says, and what the books say of it: a card that had money before it came to this campus has more. */
  #balances(card: CpuCard.CpuCard, books: Money.Money) {
    return Effect.map(card.reading, ({ balance }) =>
      [
        `卡上 ${Money.format(balance)}，账上 ${Money.format(books)}`,
        `¥${Money.format(balance)} on the card, ¥${Money.format(books)} in the books`
      ] as const)
  }

  /** Takes a payment, or ends the one that was begun (R3). */
  pay(channel: CardChannel.CardChannel, amount: Money.Amount) {
    return Effect.gen({ self: this }, function*() {
      const card = yield* this.#card(channel)
      // What this card left open while the campus could not be asked has its end first.
      yield* this.#settle(card)
      if (this.#held.has(card.card)) return
      const sale = this.#sales.get(card.card) ?? (yield* Till.sale(card, Campus.named(), amount))
      this.#sales.set(card.card, sale)
      // Each write is kept, so that none means that the chip was never asked to pay.
      const kept = this.#kept.get(card.card) ?? "none"
      const payment = yield* Till.pay(card, sale, { profile: Campus.profile, kept })
      if (["Paid", "Declined", "Undone"].includes(payment._tag)) this.#over(card.card)
      switch (payment._tag) {
        case "Paid": {
          const { balance, purchaseSequence } = payment.reading
          return yield* say(
            `消费 ${yuan(amount)}，余额 ${yuan(balance)}，第 ${purchaseSequence} 笔`,
            `paid ¥${yuan(amount)}, ¥${yuan(balance)} left, purchase ${purchaseSequence}, TAC ${payment.tac ?? "none"}`
          )
        }
        case "Declined":
          return yield* this.#declined(payment.answer.decline)
        case "Undone":
          return yield* say("这笔消费已撤销", "this purchase was given back before")
        case "Unpaid":
          if (payment.again) return yield* this.#again
          return yield* this.#undo(card, sale, kept)
        case "Unknown":
          return yield* say(
            "卡片移开过早，请放回同一张卡",
            "the card was pulled away too early: put the same card back"
          )
      }
    })
  }

  /** The chip has paid something else by this number: what it never paid is given back in the books, or by the office. */
  #undo(card: CpuCard.CpuCard, sale: Till.Sale, kept: PendingWrite.PendingWrite | "none") {
    return Effect.gen({ self: this }, function*() {
      const { reversed } = yield* Till.undo(card, Campus.named(), sale, { kept })
      this.#over(card.card)
      return reversed._tag === "Declined"
        ? yield* this.#declined(reversed.decline)
        : yield* say("未扣款，这笔消费已撤销", "the chip has not paid, and this purchase is given back")
    })
  }

  readonly #again = say("卡片移开过早，请放回同一张卡", "the card was pulled away too early: put the same card back")

  #over(card: Id.CardId): void {
    this.#sales.delete(card)
    this.#kept.delete(card)
  }

  /** Sells while the campus can not be asked (D12): the record is written first, and says in the end what the chip did (D11). */
  sellAlone(channel: CardChannel.CardChannel, memory: TerminalMemory.TerminalMemory, amount: Money.Amount) {
    return Effect.gen({ self: this }, function*() {
      const card = yield* this.#card(channel)
      // A card that ran away is asked first: its record must not be forgotten for a new one.
      yield* this.#settle(card)
      if (this.#held.has(card.card)) return memory
      const sold = yield* TillAlone.sell(card, {
        profile: Campus.profile,
        memory,
        clock: yield* Clock.currentTimeMillis,
        amount,
        append: (record) =>
          Effect.sync(() => {
            this.#held.set(card.card, record)
          })
      })
      if (sold._tag === "Declined") {
        yield* this.#declined(sold.decline)
        return memory
      }
      yield* this.#ended(card.card, sold)
      return sold.memory
    })
  }

  /** Asks a card that is back what became of the purchase for which it was held. */
  settle(channel: CardChannel.CardChannel) {
    return Effect.gen({ self: this }, function*() {
      yield* this.#settle(yield* this.#card(channel))
    })
  }

  #settle(card: CpuCard.CpuCard) {
    return Effect.gen({ self: this }, function*() {
      const [held, kept] = [this.#held.get(card.card), this.#kept.get(card.card)]
      if (held === undefined || kept === undefined) return
      yield* this.#ended(card.card, yield* TillAlone.settle(card, held, kept))
    })
  }

  #ended(card: Id.CardId, ending: TillAlone.Ending): Effect.Effect<void> {
    if (ending._tag === "Held") {
      return say("卡片移开过早，流水暂不上传", "pulled away too early: this record is held back")
    }
    this.#held.delete(card)
    this.#kept.delete(card)
    this.records.push(ending.record)
    return ending._tag === "Sold"
      ? say(
        `脱机消费成功，余额 ${yuan(ending.reading.balance)}`,
        `sold alone, ¥${yuan(ending.reading.balance)} left; record ${ending.record.device} is kept`
      )
      : say(
        `未扣款，流水 ${ending.record.device} 记为拔卡`,
        `the chip has not paid: record ${ending.record.device} says tornCard`
      )
  }

  #declined(decline: Parameters<typeof Explanation.explain>[0]): Effect.Effect<void> {
    const { remedy, what } = Explanation.explain(decline, Campus.profile)
    return say(`${what.zh}。${remedy.zh}`, `${what.en}; ${remedy.en}`)
  }
}
