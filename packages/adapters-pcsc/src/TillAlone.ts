/**
 * A till that is cut off 脱机消费机: it decides by the chip and its own memory (R3, D12), writes the record, then the chip (D11).
 *
 * What is uploaded later is a fact: a record says that the chip has paid. So a record is written before the chip is, and kept, taken
 * back or held as the chip says afterwards:
 *
 * | the chip | the record |
 * | --- | --- |
 * | has paid | stays, with the card's signature (TAC) |
 * | has not paid | `tornCard` takes its place, under the same numbers: it posts nothing and leaves no gap |
 * | is gone, and nobody knows | is held back from the upload until the card was read again (`settle`) |
 *
 * A till that lost its power finds a record without an ending: with a kept write (`CpuCard.Options.keep`) it is held, without one the chip
 * was never asked to pay.
 */
import { OfflineTerminal } from "@yikatong/core"
import type { Chip, Decline, Money, SchoolProfile, TerminalMemory, TerminalRecord } from "@yikatong/core"
import { Effect, Result } from "effect"
import type { Evidence, Outcome } from "./Outcome.ts"
import type * as PendingWrite from "./PendingWrite.ts"
import type { Failure, PurseCard } from "./PurseCard.ts"

/**
 * What is to be sold, and what the till knows. `clock`: what it shows, in milliseconds; `append`: writes the record down, durably, before
 * the chip is written. What it fails with, nothing was sold.
 */
export interface Sale<E, R> {
  readonly profile: SchoolProfile.SchoolProfile
  readonly memory: TerminalMemory.TerminalMemory
  readonly clock: number
  readonly amount: Money.Amount
  readonly append: (record: TerminalRecord.TerminalRecord) => Effect.Effect<void, E, R>
}

/** What became of a record that was written down. `record`: as it is to stand from now on. */
export type Ending =
  | { readonly _tag: "Sold"; readonly record: TerminalRecord.TerminalRecord; readonly reading: Chip.Reading }
  | { readonly _tag: "Torn"; readonly record: TerminalRecord.TerminalRecord; readonly cause: Failure }
  /** Held back from the upload. */
  | { readonly _tag: "Held"; readonly record: TerminalRecord.TerminalRecord; readonly evidence: Evidence }

/** `memory`: the till's, from now on. A decline has changed nothing. */
export type Sold =
  | { readonly _tag: "Declined"; readonly decline: Decline.Decline }
  | Ending & { readonly memory: TerminalMemory.TerminalMemory }

/** A tap while the till is cut off. Fails only while nothing was written down; then nothing has happened. */
export const sell = Effect.fn("TillAlone.sell")(function*<E, R>(
  card: PurseCard,
  { amount, append, clock, memory, profile }: Sale<E, R>
): Effect.fn.Return<Sold, Failure | E, R> {
  const chip = yield* card.chip
  const taken = OfflineTerminal.take(profile, { clock, chip, amount }, memory)
  if (Result.isFailure(taken)) return { _tag: "Declined", decline: taken.failure }
  const { chip: after, memory: then, record } = taken.success
  // Whoever wrote down a record says what became of it.
  const debited = yield* Effect.uninterruptible(Effect.andThen(
    append(record),
    Effect.result(card.debit({ amount, before: chip.purse, at: record.at, reference: referenceOf(record), after }))
  ))
  const ending: Ending = Result.isSuccess(debited) ? ended(record, debited.success) : torn(record, debited.failure)
  return { ...ending, memory: then }
})

/**
 * What a later tap of the same card says of a record that was held. `kept`: the write that was begun then; that of something else is the
 * caller's mistake, and a defect.
 */
export const settle = Effect.fn("TillAlone.settle")(function*(
  card: PurseCard,
  record: TerminalRecord.TerminalRecord,
  kept: PendingWrite.PendingWrite
): Effect.fn.Return<Ending, Failure> {
  if (!isOf(record, kept)) return yield* Effect.die(new RangeError("The kept write is not the debit of this record"))
  return ended(record, yield* card.settle(kept))
})

/** A device gives each number once. */
const referenceOf = ({ device, station, terminal }: TerminalRecord.TerminalRecord): string =>
  `${station}/${terminal}/${device}`

const isOf = (record: TerminalRecord.TerminalRecord, kept: PendingWrite.PendingWrite): boolean =>
  kept.kind === "debit" && record.fact._tag === "CardPurchase" && kept.card === record.fact.purchase.card &&
  kept.reference === referenceOf(record)

const ended = (record: TerminalRecord.TerminalRecord, outcome: Outcome): Ending => {
  switch (outcome._tag) {
    case "Done":
      return { _tag: "Sold", record: signed(record, outcome.tac), reading: outcome.reading }
    case "NotDone":
      return torn(record, outcome.cause ?? { _tag: "CardChanged" })
    case "Unknown":
      return { _tag: "Held", record, evidence: outcome.evidence }
  }
}

const torn = (record: TerminalRecord.TerminalRecord, cause: Failure): Ending => ({
  _tag: "Torn",
  record: { ...record, fact: { _tag: "Other", kind: "tornCard" } },
  cause
})

const signed = (record: TerminalRecord.TerminalRecord, tac: string | undefined): TerminalRecord.TerminalRecord => {
  const { fact } = record
  return tac === undefined || fact._tag !== "CardPurchase"
    ? record
    : { ...record, fact: { ...fact, purchase: { ...fact.purchase, tac } } }
}
