/**
 * Codes that have been shown 已用码: a code serves once, also when the payment that it was shown for failed (A22, D13).
 *
 * A device counts its codes upwards, so the highest number seen says it all: one entry per pseudonym, and none for an
 * authorisation that has ended, since its codes are refused without it. An account keeps its own; so does a gate or a
 * terminal that is cut off. What two terminals have seen without knowing of each other is found when they report.
 */
import { Result, Schema } from "effect"
import { dayLength, Instant } from "./CivilTime.ts"
import type * as Decline from "./Decline.ts"
import { Counter, Pseudonym } from "./Pseudonym.ts"

/** One code: the counter under a pseudonym, and the end of its authorisation. Every verified code is one. */
export const Burned = Schema.Struct({ pseudonym: Pseudonym, counter: Counter, notAfter: Instant })
export interface Burned extends Schema.Schema.Type<typeof Burned> {}

/** The highest counter seen under each pseudonym. */
export const BurnedCodes = Schema.Array(Burned)
export type BurnedCodes = typeof BurnedCodes.Type

/** No code seen yet. */
export const none: BurnedCodes = []

/** How long an entry outlives its authorisation, in milliseconds: far more than two trusted clocks can differ. */
const grace = dayLength

/** Why this code is no good any more, if it was shown before: it, or a later one of the same device. */
export const refuse = (codes: BurnedCodes, { counter, pseudonym }: Burned): Decline.Of<"CodeAlreadyUsed"> | undefined =>
  codes.some((seen) => seen.pseudonym === pseudonym && counter <= seen.counter)
    ? { _tag: "CodeAlreadyUsed" }
    : undefined

/** What is known once this code has been shown, for a replay; of an older code than the latest nothing is learnt. */
export const add = (codes: BurnedCodes, { counter, notAfter, pseudonym }: Burned, now: Instant): BurnedCodes => {
  const kept: Array<Burned> = []
  let latest = { pseudonym, counter, notAfter }
  for (const seen of codes) {
    if (seen.pseudonym === pseudonym) {
      latest = {
        pseudonym,
        counter: Math.max(seen.counter, latest.counter),
        notAfter: seen.notAfter > latest.notAfter ? seen.notAfter : latest.notAfter
      }
    } else if (isKept(seen, now)) kept.push(seen)
  }
  return [...kept, latest]
}

/**
 * Burns a code at its first showing, before anything else is decided with it.
 *
 * @example
 * ```ts
 * import { BurnedCodes, CivilTime, Pseudonym } from "@yikatong/core"
 * import { Result } from "effect"
 *
 * const now = CivilTime.instant("2025-11-03 12:00")
 * const code = {
 *   pseudonym: Pseudonym.Pseudonym.make("00112233aabbccdd"),
 *   counter: 5,
 *   notAfter: CivilTime.instant("2025-11-04 06:00")
 * }
 * const codes = Result.getOrThrow(BurnedCodes.burn(BurnedCodes.none, code, now))
 * Result.isSuccess(BurnedCodes.burn(codes, { ...code, counter: 6 }, now)) // => true
 * Result.isSuccess(BurnedCodes.burn(codes, code, now)) // => false
 * ```
 */
export const burn = (
  codes: BurnedCodes,
  code: Burned,
  now: Instant
): Result.Result<BurnedCodes, Decline.Of<"CodeAlreadyUsed">> => {
  const refused = refuse(codes, code)
  return refused === undefined ? Result.succeed(add(codes, code, now)) : Result.fail(refused)
}

/** Without the authorisations that ended more than a day ago. */
export const retire = (codes: BurnedCodes, now: Instant): BurnedCodes => codes.filter((seen) => isKept(seen, now))

const isKept = ({ notAfter }: Burned, now: Instant): boolean => now - notAfter <= grace
