/**
 * A write to a card of which nobody knows yet what became of it 待确认写卡 (R28, D8): kept before CREDIT or DEBIT is
 * sent, and forgotten once the outcome is known, so that a terminal that lost its power knows at the next tap what to
 * ask.
 *
 * Plain data, no secrets: it may stand in a file or a table.
 */
import { Chip, CivilTime, Id, Money } from "@yikatong/core"
import { Schema } from "effect"
import * as Bytes from "./Bytes.ts"
import type { Signed } from "./CardKeys.ts"
import * as LogRecord from "./LogRecord.ts"

/**
 * `reference`: what it is for, in the words of whoever wrote it (`Till`: the sale; `TillAlone`: the record), so that it is taken for nothing
 * else. `terminal`: its number, 12 hexadecimal digits; `terminalSequence`: the number that terminal or PSAM gave to a debit.
 * `at`: by the terminal's clock.
 */
export const PendingWrite = Schema.Struct({
  kind: Schema.Literals(["load", "debit"]),
  card: Id.CardId,
  amount: Money.Amount,
  before: Chip.Reading,
  at: CivilTime.Instant,
  reference: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(400))),
  terminal: Schema.String.check(Schema.isPattern(/^[0-9A-F]{12}$/, { expected: "12 hexadecimal digits in capitals" })),
  terminalSequence: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 0xffff_ffff })))
}).check(
  Schema.makeFilter(({ amount, before, kind }) => kind === "load" || amount <= before.balance, {
    expected: "a debit of no more than was on the card"
  })
)
export interface PendingWrite extends Schema.Schema.Type<typeof PendingWrite> {}

/** Its number among the transactions of the card. */
export const type = ({ kind }: PendingWrite): number =>
  kind === "load" ? LogRecord.kinds.epLoad : LogRecord.kinds.epPurchase

/** The counter that it moves, as a reading has it. */
export const counter = ({ kind }: PendingWrite, reading: Chip.Reading): number =>
  kind === "load" ? reading.loadSequence : reading.purchaseSequence

/** The counter that it leaves alone. */
export const otherCounter = ({ kind }: PendingWrite, reading: Chip.Reading): number =>
  kind === "load" ? reading.purchaseSequence : reading.loadSequence

/** The chip as it reads if this was written and nothing else. */
export const done = ({ amount, before, kind }: PendingWrite): Chip.Reading =>
  kind === "load"
    ? { ...before, balance: Money.plus(before.balance, amount), loadSequence: before.loadSequence + 1 }
    : { ...before, balance: Money.minus(before.balance, amount), purchaseSequence: before.purchaseSequence + 1 }

/** Whether two readings are the same. */
export const isSame = (one: Chip.Reading, other: Chip.Reading): boolean =>
  one.balance === other.balance && one.loadSequence === other.loadSequence &&
  one.purchaseSequence === other.purchaseSequence

/** What its TAC signs; nothing where the number of the transaction is not known. */
export const signed = (write: PendingWrite, serial: Bytes.Bytes): Signed | undefined => {
  const { amount, at, before, kind, terminal, terminalSequence } = write
  const dealing = { serial, terminal: Bytes.of(terminal), amount, at }
  if (kind === "load") {
    return { ...dealing, _tag: "Load", counter: before.loadSequence, balance: done(write).balance }
  }
  return terminalSequence === undefined
    ? undefined
    : { ...dealing, _tag: "Purchase", terminalSequence: Bytes.ofNumber(terminalSequence, 4) }
}
