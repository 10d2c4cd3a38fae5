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

/** Two clients of the same data, and a word that no earlier run on this data has used: letters and digits, 24 at most. */
export interface Stores<Store> {
  readonly one: Store
  readonly other: Store
  readonly token: string
}

/** One promise of a store. `check` fails with {@link LawBroken}, or with the store's own fault. */
export interface Law<Store> {
  readonly title: string
  readonly check: (stores: Stores<Store>) => Effect.Effect<void, unknown>
}

/** Names a law, with a cast of its own, so that laws do not meet. */
export const lawOf = <Cast>(cast: (token: string, law: string) => Cast) =>
<Store>(
  title: string,
  name: string,
  check: (stores: Stores<Store>, law: Cast) => Effect.Effect<void, unknown>
): Law<Store> => ({ title, check: (stores) => check(stores, cast(stores.token, name)) })

/** The answer is a refusal for this reason. */
export const declinedAs = (
  answer: { readonly _tag: "Approved" } | { readonly _tag: "Declined"; readonly decline: { readonly _tag: string } },
  tag: string
): Effect.Effect<void, LawBroken> =>
  answer._tag === "Declined" && answer.decline._tag === tag
    ? Effect.void
    : broken(`the answer is not ${tag}`, tag, answer)

/** The promise is not kept. */
export const broken = (message: string, expected?: unknown, actual?: unknown): Effect.Effect<never, LawBroken> =>
  Effect.fail(new LawBroken({ message, expected, actual }))

/** What was found is equal to what was promised, or the promise is not kept. */
export const same = (what: string, actual: unknown, expected: unknown): Effect.Effect<void, LawBroken> =>
  Equal.equals(actual, expected) ? Effect.void : broken(`${what} differs`, expected, actual)
