/**
 * A card of the campus on a reader 校园卡, whatever it is made of: a CPU card (`EPurse`) or an M1 card (`MifarePurse`). What a
 * terminal needs of it is the same.
 */
import type { Chip, CivilTime, Id, Money } from "@yikatong/core"
import type { Effect, Redacted } from "effect"
import type { Bytes } from "./Bytes.ts"
import type { CardFault } from "./CardFault.ts"
import type { CardProblem } from "./CardProblem.ts"
import type { Outcome } from "./Outcome.ts"
import type { PendingWrite } from "./PendingWrite.ts"

export type Failure = CardFault | CardProblem

/**
 * What is to be written, and when by the terminal's clock. The chip must still read `before`, or nothing is written.
 * `pin`: as it was typed at this tap, in the bytes that the card compares, where its loads need one; it goes before the
 * terminal's own.
 */
export interface Load {
  readonly amount: Money.Amount
  readonly before: Chip.Reading
  readonly at: CivilTime.Instant
  /** What it is for, for whoever keeps it (`PendingWrite`). */
  readonly reference?: string
  readonly pin?: Redacted.Redacted<Bytes>
}

/** The same for a purchase. `after`: the whole chip as it is to be then, with its counters (`Chip.debit`), if they are known. */
export interface Debit extends Omit<Load, "pin"> {
  readonly after?: Chip.Chip
}

export interface PurseCard {
  readonly card: Id.CardId
  /** The purse and its two counters. */
  readonly reading: Effect.Effect<Chip.Reading, Failure>
  /** All that a terminal needs to decide alone (D12). */
  readonly chip: Effect.Effect<Chip.Chip, Failure>
  /** Writes money to the card. Fails only while nothing was written; after that it is an outcome. */
  readonly load: (load: Load) => Effect.Effect<Outcome, Failure>
  /** Takes money from the card. Fails only while nothing was taken; after that it is an outcome. */
  readonly debit: (debit: Debit) => Effect.Effect<Outcome, Failure>
  /**
   * Shows the PIN by itself, once; the terminal's own where it is left out. A wrong one fails as `PinWrong` and costs a
   * try. Cards that know no PIN have no such thing.
   */
  readonly showPin?: (pin?: Redacted.Redacted<Bytes>) => Effect.Effect<void, Failure>
  /**
   * What became of an earlier write to this card, that was kept (`PendingWrite`). It changes nothing. That of another
   * card fails as `AnotherCard`: nothing was asked, and it is not known yet.
   */
  readonly settle: (write: PendingWrite) => Effect.Effect<Outcome, Failure>
  /** Writes standing and dates: activated, blocked (the stamp of the blacklist), extended, ended. The purse stays as it is. */
  readonly stamp: (
    standing: Pick<Chip.Chip, "standing" | "validUntil" | "endsOn">
  ) => Effect.Effect<void, Failure>
}
