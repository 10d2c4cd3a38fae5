/**
 * Two purchases of one chip, one right after the other 相邻流水: whether the second begins with what the first left, or a
 * load in between explains why it does not. A reversal is a load too (D5). Amounts in fen.
 */
import { Option, Schema } from "effect"
import { Instant } from "./CivilTime.ts"
import type { Of } from "./Command.ts"
import { Words } from "./Id.ts"
import * as Money from "./Money.ts"
import { Ordinal } from "./Sequence.ts"

/** What the chip held before a purchase, and after it. */
export const balances = { before: Money.Money, after: Money.Money }

/** One purchase, as its terminal saw the chip. `loads`: loads that the chip had counted by then, if that was read. */
export const Tap = Schema.Struct({
  sequence: Ordinal,
  ...balances,
  loads: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)))
})
export interface Tap extends Schema.Schema.Type<typeof Tap> {}

/**
 * Money that came onto the chip after the purchase `sequence` and before the next: `amount` fen, of a load. `reference`: its
 * own name.
 */
export const Credit = Schema.Struct({
  sequence: Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)),
  amount: Money.Amount,
  reference: Words
})
export interface Credit extends Schema.Schema.Type<typeof Credit> {}

/** Where the chain does not hold. `sequence`: the purchase that does not fit. */
export const Break = Schema.TaggedUnion({
  /** It began with `found`, though the one before and the credits that are known left `expected`. */
  Balance: { sequence: Ordinal, expected: Money.Money, found: Money.Money, since: Instant },
  /** Another purchase had this number already. */
  Copy: { sequence: Ordinal, ...balances, since: Instant }
})
export type Break = typeof Break.Type

/** The tap that an online purchase was, as its terminal read the chip before it; none where nothing was read. */
export const tapOf = ({ amount, chip }: Of<"PayByCard">): Option.Option<Tap> =>
  chip === undefined || chip.balance < amount ? Option.none() : Option.some({
    sequence: chip.purchaseSequence + 1,
    before: chip.balance,
    after: Money.minus(chip.balance, amount),
    loads: chip.loadSequence
  })

/** A forged balance may be the most that there is: what comes on top of it stays that. */
const plus = (one: Money.Money, other: Money.Money): Money.Money =>
  Money.of(Math.min(one + other, Number.MAX_SAFE_INTEGER))

/** Two purchases, one right after the other: the balance goes on, or a credit explains why it does not. */
export const judge = (
  one: Tap,
  next: Tap,
  credits: ReadonlyArray<Credit>,
  since: Instant
): Option.Option<Break> => {
  const between = credits.filter(({ sequence }) => sequence === one.sequence)
  const expected = between.reduce((sum, { amount }) => plus(sum, amount), one.after)
  const found = next.before
  if (found === expected) return Option.none()
  // Counters that were read say whether there was a load at all; how much it was need not be known.
  const counted = one.loads !== undefined && next.loads !== undefined && next.loads > one.loads
  return counted && found > one.after
    ? Option.none()
    : Option.some({ _tag: "Balance", sequence: next.sequence, expected, found, since })
}

/** A break as it stands once another credit is known. */
export const withCredit = (broken: Break, { amount, sequence }: Credit): Break =>
  broken._tag === "Balance" && broken.sequence === sequence + 1
    ? { ...broken, expected: plus(broken.expected, amount) }
    : broken

/** Whether the credits that are known by now explain it. */
export const isMended = (broken: Break): boolean => broken._tag === "Balance" && broken.expected === broken.found
