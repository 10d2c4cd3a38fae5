/**
 * Money to or from a chip, and nothing else 芯片充值与扣款: no books move. For test cards, and for trying a reader.
 *
 * Once the write is sent it is told what became of it, whatever happens: a card that was pulled away is waited for and
 * asked; a signal ends the waiting and not the telling.
 */
import {
  CampusCard,
  CardChannel,
  CardFault,
  CardSetup,
  type Outcome,
  Patience,
  PcscReader,
  type PendingWrite,
  type PurseCard
} from "@yikatong/adapters-pcsc"
import { Chip, type Money, Purchase, Submit } from "@yikatong/core"
import { Clock, Effect, Option, Result } from "effect"
import * as AwaitedCard from "./AwaitedCard.ts"
import * as CardFailure from "./CardFailure.ts"
import type { Known } from "./CardPlace.ts"
import * as DealtCard from "./DealtCard.ts"
import * as Ending from "./Ending.ts"
import { both, Flawed } from "./Failure.ts"
import * as Output from "./Output.ts"

/** `wait`: so long is a card waited for, in seconds, and waited for again when it was pulled away. */
export interface Dealing {
  readonly kind: PendingWrite.PendingWrite["kind"]
  readonly amount: Money.Amount
  readonly reader: Option.Option<string>
  readonly wait: number
  readonly json: boolean
  /** Whether a signal has asked to end. */
  readonly isSignalled: () => boolean
}

/** A write takes less than a second; a reader that hangs is given up after five, and the card is asked after that. */
const writing = {
  grace: 20_000,
  open: both(
    "已中断：卡片可能已写入，请用 yikatong reader balance 查看余额",
    "interrupted: the card may have been written, or not; yikatong reader balance tells its balance"
  )
}

const putBack = both(
  "应答丢失：请把同一张卡放回读卡器，以查明是否已写入",
  "the answer was lost: put the same card back on the reader, to find out whether it was written"
)

/** The channel, patient with a card that was pulled away until somebody asks to end. */
const patient = (channel: CardChannel.CardChannel, { isSignalled, wait }: Dealing): CardChannel.CardChannel => {
  let isTold = false
  const reset = Effect.catch(channel.reset, (fault) =>
    Effect.gen(function*() {
      const { reader } = channel
      // None of the faults that patience waits out.
      if (isSignalled()) return yield* new CardFault.ReaderFailed({ reader, operation: "reset", code: "Interrupted" })
      if (!isTold) yield* Output.errors(putBack)
      isTold = true
      return yield* fault
    }))
  return Patience.withPatience(CardChannel.withReset(channel, reset), wait * 1_000)
}

interface Prepared {
  readonly card: PurseCard.PurseCard
  readonly before: Chip.Reading
  readonly after: Result.Result<Chip.Chip, PurseCard.Failure> | undefined
}

/** Reads the chip; for a payment also what its counters are to be, if they can be read. */
const prepare = Effect.fnUntraced(function*(
  channel: CardChannel.CardChannel,
  known: Known,
  { amount, kind }: Dealing,
  keep: (write: PendingWrite.PendingWrite) => Effect.Effect<void>
) {
  const { card } = yield* CampusCard.open(channel, { ...known, keep })
  // Where even the log is read after it alone, the loads could not be counted without.
  if (kind === "load" && card.showPin !== undefined) yield* card.showPin()
  const before = yield* card.reading
  if (kind === "load" || before.balance < amount) return { card, before, after: undefined } satisfies Prepared
  const chip = yield* Effect.result(card.chip)
  if (Result.isFailure(chip) && CardFailure.isFault(chip.failure)) return yield* chip.failure
  const now = yield* Submit.arrival
  const profile = CardSetup.profileOf(known.setup)
  const cell = Purchase.cellOf(profile, { medium: "physicalCard", now, point: { category: "canteen" } })
  const after = Result.map(chip, (chip) => Chip.debit(chip, cell, amount, profile.dormancy.months))
  return { card, before, after } satisfies Prepared
})

/** The write that was begun, if any was: where the card is gone it is asked for again. */
interface Kept {
  write?: PendingWrite.PendingWrite
  /** Until then, in milliseconds since 1970. */
  until: number
}

/** A card that lies there now, and what became of the write on it; nothing where it is another card. */
const settleOn = (known: Known, write: PendingWrite.PendingWrite, reader: string) =>
  Effect.gen(function*() {
    const { use } = yield* PcscReader.PcscReader
    return yield* use(reader, (channel) =>
      Effect.gen(function*() {
        const { card } = yield* CampusCard.open(channel, known)
        return card.card === write.card ? yield* card.settle(write) : undefined
      }))
  })

/** Waits until the card comes back, on whatever reader, and asks it there. Other cards are told to be others. */
const settled = Effect.fnUntraced(function*(
  known: Known,
  write: PendingWrite.PendingWrite,
  until: number,
  first: number
) {
  const { insertion } = yield* PcscReader.PcscReader
  for (let after = first;;) {
    const left = until - (yield* Clock.currentTimeMillis)
    const next = left <= 0 ? Option.none() : yield* Effect.timeoutOption(insertion({ after }), left)
    if (Option.isNone(next)) return undefined
    after = next.value.insertion
    const asked = yield* Effect.result(settleOn(known, write, next.value.reader))
    if (Result.isSuccess(asked) && asked.success !== undefined) {
      return { reader: next.value.reader, outcome: asked.success }
    }
    yield* Output.errors(
      Result.isFailure(asked)
        ? CardFailure.at(next.value.reader, CardFailure.what(asked.failure))
        : both("这是另一张卡，请放回原来的卡", "this is another card: put the first one back")
    )
  }
})

const tell = (dealt: DealtCard.DealtCard, json: boolean) =>
  json ? Output.json(DealtCard.plain(dealt)) : Output.lines(...DealtCard.lines(dealt))

/** Whether the card itself could not be asked yet. */
const isOpen = (outcome: Outcome.Outcome): boolean => outcome._tag === "Unknown" && outcome.evidence.after === undefined

/** Writes money to the card that lies there or comes, and tells what became of it. */
export const deal = Effect.fnUntraced(function*(known: Known, dealing: Dealing) {
  const { amount, json, kind, wait } = dealing
  const laid = yield* AwaitedCard.awaited(dealing)
  const { use } = yield* PcscReader.PcscReader
  // From the write on nobody is interrupted before it was told what became of it.
  return yield* Effect.uninterruptibleMask((restore) =>
    Effect.gen(function*() {
      const kept: Kept = { until: 0 }
      const keep = (write: PendingWrite.PendingWrite) =>
        Effect.map(Clock.currentTimeMillis, (now) => {
          kept.write = write
          kept.until = now + wait * 1_000
        })
      const written = yield* Effect.result(use(laid.reader, (channel) =>
        Effect.gen(function*() {
          const { after, before, card } = yield* restore(prepare(patient(channel, dealing), known, dealing, keep))
          const at = yield* Submit.arrival
          const outcome = yield* Ending.leaving(
            writing,
            kind === "load"
              ? card.load({ amount, before, at })
              : card.debit({
                amount,
                before,
                at,
                ...(after === undefined || Result.isFailure(after) ? {} : { after: after.success })
              })
          )
          const uncounted = after !== undefined && Result.isFailure(after) ? after.failure : undefined
          const standing = after !== undefined && Result.isSuccess(after) && after.success.standing !== "active"
            ? after.success.standing
            : undefined
          const dealt: DealtCard.DealtCard = {
            reader: laid.reader,
            kind,
            card: card.card,
            amount,
            before,
            outcome,
            uncounted,
            standing
          }
          return dealt
        })))
      if (Result.isFailure(written)) return yield* CardFailure.told(laid.reader, written.failure, json)
      const dealt = written.success
      const { until, write } = kept
      const later = write !== undefined && isOpen(dealt.outcome)
        ? yield* restore(settled(known, write, until, laid.insertion)).pipe(Effect.onInterrupt(() => tell(dealt, json)))
        : undefined
      const last: DealtCard.DealtCard = { ...dealt, ...later }
      yield* tell(last, json)
      if (last.outcome._tag !== "Done") return yield* new Flawed()
    })
  )
})
