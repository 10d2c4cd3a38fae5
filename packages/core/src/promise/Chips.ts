/**
 * What a terminal does with a chip 写卡: it reads it, and writes money to it (R3, R28).
 */
import { Effect, Option, Schema } from "effect"
import * as Chip from "../Chip.ts"
import type * as Loading from "../flows/Loading.ts"

/** What a reader reads from a chip. */
export type ChipReading = typeof Chip.Reading.Encoded

/**
 * Writes so many fen to a chip that still reads `before`, and reads it again; nothing when the card was gone.
 */
export type Write = (amount: number, before: ChipReading) => Promise<ChipReading | undefined>

/** A terminal's writing, for a flow. A reader that fails says nothing about the card: the write is torn, and the next tap tells. */
export const writing = (write: Write): Loading.Write => (amount, before) =>
  Effect.map(
    Effect.option(Effect.tryPromise(() => write(amount, before))),
    (reading) => Option.flatMap(reading, readingIfAny)
  )

/** What a reader read after a write; what is no reading says as little about the card as none. */
const readingIfAny = Schema.decodeUnknownOption(Chip.Reading)
