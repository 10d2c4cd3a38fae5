/**
 * How a promise of a port is checked: what was found is compared with what was promised, and both are told.
 */
import { Data, Effect, Equal } from "effect"

/** A promise that was not kept. */
export class LawBroken extends Data.TaggedError("LawBroken")<{
  readonly message: string
  readonly expected?: unknown
  readonly actual?: unknown
}> {}

/** The promise is not kept. */
export const broken = (message: string, expected?: unknown, actual?: unknown): Effect.Effect<never, LawBroken> =>
  Effect.fail(new LawBroken({ message, expected, actual }))

/** What was found is equal to what was promised, or the promise is not kept. */
export const same = (what: string, actual: unknown, expected: unknown): Effect.Effect<void, LawBroken> =>
  Equal.equals(actual, expected) ? Effect.void : broken(`${what} differs`, expected, actual)
