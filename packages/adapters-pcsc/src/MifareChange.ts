/**
 * What a load, a purchase or a stamp makes of the slot of an M1 purse, and what a later reading says of one 钱包变更. Pure.
 */
import { type Chip, type Id, Money } from "@yikatong/core"
import { Result } from "effect"
import * as Bytes from "./Bytes.ts"
import type * as CardProblem from "./CardProblem.ts"
import * as Crc32 from "./Crc32.ts"
import * as MifareBody from "./MifareBody.ts"
import * as MifareSlot from "./MifareSlot.ts"
import type { Outcome } from "./Outcome.ts"
import * as PendingWrite from "./PendingWrite.ts"
import type { Debit } from "./PurseCard.ts"

/** The slot as it is to be, but for its generation; or why it can not. */
export type Changed = Result.Result<Pick<MifareSlot.MifareSlot, "purse" | "body">, CardProblem.CardProblem>

/** What counters are written on. `windows` and `room`: as `MifareBody` has them. */
export interface Paper {
  readonly card: Id.CardId
  readonly windows: ReadonlyArray<string>
  readonly room: number
}

const problem = (problem: CardProblem.CardProblem): Changed => Result.fail(problem)

/**
 * What a card bears of its last load or purchase, 4 bytes: another till that did the same at another moment leaves another mark. It signs
 * nothing; the seal of the slot does.
 */
export const markOf = ({ amount, at, kind, reference = "", terminal }: PendingWrite.PendingWrite): Bytes.Bytes =>
  Crc32.of(Uint8Array.from([...`${kind} ${amount} ${at} ${terminal} ${reference}`], (sign) => sign.charCodeAt(0)))

/** With `amount` fen more. The counters of meals and days stay. */
export const load = ({ body, purse }: MifareSlot.MifareSlot, write: PendingWrite.PendingWrite): Changed => {
  const { amount } = write
  const balance = purse.balance + amount
  if (purse.loadSequence >= MifareSlot.last.sequence) return problem({ _tag: "CounterFull", counter: "load" })
  if (balance > MifareSlot.last.balance) {
    return problem({ _tag: "NoRoomOnCard", file: "purse", problem: "a balance above 42949672.95" })
  }
  return Result.succeed({
    purse: { ...purse, balance: Money.of(balance), loadSequence: purse.loadSequence + 1 },
    body: MifareBody.marked(body, markOf(write))
  })
}

/** With `amount` fen less, and standing, dates and counters of `after` where they are known. */
export const debit = (
  { body, purse }: MifareSlot.MifareSlot,
  write: PendingWrite.PendingWrite,
  after: Debit["after"],
  { card, room, windows }: Paper
): Changed => {
  const { amount } = write
  const { balance, purchaseSequence } = purse
  if (amount > balance) return problem({ _tag: "BalanceShort", amount, balance })
  if (purchaseSequence >= MifareSlot.last.sequence) return problem({ _tag: "CounterFull", counter: "purchase" })
  if (after !== undefined && after.card !== card) return problem({ _tag: "AnotherCard" })
  const counted = purchaseSequence + 1
  const written = after === undefined
    ? Result.succeed(body)
    : MifareBody.encode({ ...after, counted }, windows, room)
  return Result.map(written, (body) => ({
    purse: { ...purse, balance: Money.minus(balance, amount), purchaseSequence: counted },
    body: MifareBody.marked(body, markOf(write))
  }))
}

/** With another standing and other dates. Purse and counters stay. */
export const stamp = (
  { body, purse }: MifareSlot.MifareSlot,
  standing: Pick<Chip.Chip, "standing" | "validUntil" | "endsOn">,
  { room, windows }: Paper
): Changed =>
  Result.flatMap(MifareBody.decode(body, windows), ({ counted, tallies }) =>
    Result.map(
      MifareBody.encode({ ...standing, tallies, counted }, windows, room),
      (stamped) => ({ purse, body: MifareBody.marked(stamped, MifareBody.markOf(body)) })
    ))

/** An outcome that nobody knows. */
export const unknown = (evidence: Extract<Outcome, { readonly _tag: "Unknown" }>["evidence"]): Outcome => ({
  _tag: "Unknown",
  evidence
})

/**
 * What a later reading says of a write that was kept. Where its counter has moved by one, the mark tells whether this write moved it, or
 * another till's. A card that was used more since may say too little.
 */
export const outcomeOf = (
  write: PendingWrite.PendingWrite,
  { body, purse: reading }: Pick<MifareSlot.MifareSlot, "purse" | "body">
): Outcome => {
  const { before } = write
  const notDone: Outcome = { _tag: "NotDone", reading }
  const moved = PendingWrite.counter(write, reading) - PendingWrite.counter(write, before)
  const isUsed = PendingWrite.otherCounter(write, reading) !== PendingWrite.otherCounter(write, before)
  if (moved === 0 && (isUsed || reading.balance === before.balance)) return notDone
  if (moved === 1 && !isUsed) {
    const isOurs = Bytes.equal(MifareBody.markOf(body), markOf(write))
    if (!isOurs) return notDone
    if (PendingWrite.isSame(reading, PendingWrite.done(write))) return { _tag: "Done", reading }
  }
  return unknown({ before, after: reading, proof: "notAsked", cause: { _tag: "CardChanged" } })
}
