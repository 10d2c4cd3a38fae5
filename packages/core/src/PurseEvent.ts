/**
 * What is told of a chip, and what came to light 卡内流水事件 (D21): purchases and loads, however late, and the word of a
 * person where something stays open. Amounts in fen.
 */
import { Schema } from "effect"
import { Instant } from "./CivilTime.ts"
import { OperatorId, Words } from "./Id.ts"
import { Money } from "./Money.ts"
import { Break, Credit, Tap } from "./PurseLink.ts"
import * as Sequence from "./Sequence.ts"

const explained = { reason: Words, operator: OperatorId }

/** What somebody tells of a chip. */
export const Command = Schema.TaggedUnion({
  /** The first word on a card that was in use elsewhere: purchases so far, and what it holds. */
  Begin: { sequence: Sequence.Ordinal, balance: Money },
  /** A purchase. */
  Tap: Tap.fields,
  /** A load, where it is known; it may come before or after the purchases around it. */
  Credit: Credit.fields,
  /** A person says why these purchases will not be reported. */
  ExplainGap: { from: Schema.Int, to: Schema.Int, ...explained },
  /** A person says what happened where the chain does not hold: all that is open at this purchase. */
  ExplainBreak: { sequence: Sequence.Ordinal, ...explained }
})
export type Command = typeof Command.Type

/** What came to light. */
export const Event = Schema.TaggedUnion({
  Begun: { at: Instant, sequence: Sequence.Ordinal, balance: Money },
  /** `broken`: where it does not fit to what is known beside it. */
  TapKnown: { at: Instant, tap: Tap, receipt: Sequence.Receipt, broken: Schema.Array(Break) },
  /** Known before. `compared`: the balances are the same too; else it is too old, and only its number is. */
  TapRepeated: { at: Instant, sequence: Sequence.Ordinal, compared: Schema.Boolean },
  /** Another purchase under a number that is taken. */
  CopyFound: { at: Instant, broken: Break },
  /** Its number cannot be right, or too much is open already: it is no part of the chain. */
  TapRefused: { at: Instant, tap: Tap, refusal: Sequence.Refusal },
  /** `mended`: the purchases before which the chain holds now. */
  CreditKnown: { at: Instant, credit: Credit, mended: Schema.Array(Schema.Int) },
  GapExplained: { at: Instant, from: Schema.Int, to: Schema.Int, ...explained },
  BreakExplained: { at: Instant, sequence: Sequence.Ordinal, ...explained }
})
export type Event = typeof Event.Type
