/**
 * What a terminal does with a chip 写卡: it reads it, and writes money to it (R3, R28).
 */
import { Effect, Option, Schema } from "effect"
import * as CardLoad from "../CardLoad.ts"
import * as Chip from "../Chip.ts"
import type * as Loading from "../flows/Loading.ts"
import * as Input from "./Input.ts"
import type { Answer } from "./Told.ts"

/** What a reader reads from a chip. */
export type ChipReading = typeof Chip.Reading.Encoded

/**
 * Writes so many fen to a chip that still reads `before`, and reads it again; nothing when the card was gone.
 */
export type Write = (amount: number, before: ChipReading) => Promise<ChipReading | undefined>

/** What became of a write, as the chip itself says (D8). */
export type WriteOutcome = CardLoad.Outcome

/** What was told of a write; neither, where nothing was to be written. */
export interface Written {
  readonly settled?: Answer
  readonly outcome?: WriteOutcome
}

/** A terminal's writing, for a flow. A reader that fails says nothing about the card: the write is torn, and the next tap tells. */
export const writing = (write: Write): Loading.Write => {
  // Found out now: once a load has begun, its money is held.
  if (typeof write !== "function") throw Input.malformed("write", "Expected a function that writes to the card")
  return (amount, before) =>
    Effect.map(
      Effect.option(Effect.tryPromise(() => write(amount, before))),
      (reading) => Option.flatMap(reading, readingIfAny)
    )
}

/** What a flow was told of a write. */
export const written = (settled: Option.Option<Answer>): Written =>
  Option.match(settled, {
    onNone: () => ({}),
    onSome: (answer) => ({
      settled: answer,
      outcome: CardLoad.outcomeOf(answer._tag === "Approved" ? answer.events : [])
    })
  })

/** What a reader read after a write; what is no reading says as little about the card as none. */
const readingIfAny = Schema.decodeUnknownOption(Chip.Reading)
