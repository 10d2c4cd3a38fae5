/**
 * Money is a whole number of fen 分 (a hundredth of a yuan 元), from 0 up to the largest integer that a number holds
 * exactly. Source: R70.
 *
 * There is no negative money: a debt is an account of its own, and a payout is a transfer in the other direction.
 * Arithmetic that would leave the range throws instead of rounding, because whoever subtracts must have compared
 * before: it is the caller's mistake, not the campus's no. Binary fractions appear nowhere, neither in reading "12.50"
 * nor in writing it.
 */
import { type Brand, Result, Schema } from "effect"

/**
 * Whole fen, 0 to `Number.MAX_SAFE_INTEGER`; negative zero is refused too, so equal money is the same value everywhere.
 */
export type Money = number & Brand.Brand<"Money">

/** Decodes a number of fen; refuses negative, fractional and unsafe numbers and negative zero. */
export const Money = Schema.Int.check(
  Schema.isBetween({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  Schema.makeFilter((fen: number) => !Object.is(fen, -0), { expected: "a value other than negative zero" })
).pipe(Schema.brand("Money"))

/** What one dealing may move, in fen: 1 to 1,000,000,000 (¥10,000,000.00). */
export type Amount = Money & Brand.Brand<"Amount">

/** The most that one dealing may move, in fen. */
export const largestAmount = 1_000_000_000

/**
 * Decodes a number of fen that one dealing may move: nothing is no dealing, and the ceiling keeps sums far from
 * overflow, since nine million of the largest still fit into one balance. What a school allows is much less and stands
 * in its profile.
 */
export const Amount = Money.check(Schema.isBetween({ minimum: 1, maximum: largestAmount })).pipe(Schema.brand("Amount"))

/**
 * A text that is not an amount in yuan: written otherwise than as "12.50", or beyond the largest money. It does not
 * repeat the text.
 */
export interface MoneyMalformed {
  readonly _tag: "MoneyMalformed"
  readonly problem: "Notation" | "TooLarge"
}

/** No money: 0 fen. */
export const zero = 0 as Money

/**
 * Money from a literal number of fen; throws RangeError for what is not money.
 *
 * @example
 * ```ts
 * import { Money } from "@yikatong/core"
 *
 * Money.format(Money.of(1250)) // => "12.50"
 * ```
 */
export const of = (fen: number): Money => {
  if (!Number.isSafeInteger(fen) || fen < 0 || Object.is(fen, -0)) {
    throw new RangeError(`Money is whole fen from 0 to ${Number.MAX_SAFE_INTEGER}, not ${fen}`)
  }
  return fen as Money
}

/** An amount from a literal number of fen; throws RangeError below 1 and above 1,000,000,000 fen. */
export const amount = (fen: number): Amount => {
  if (!Number.isSafeInteger(fen) || fen < 1 || fen > largestAmount) {
    throw new RangeError(`An amount is whole fen from 1 to ${largestAmount}, not ${fen}`)
  }
  return fen as Amount
}

/**
 * Reads yuan as people write them: "12", "12.5", "12.50". Digits are ASCII, there are at most two decimals and
 * something before the point; signs, blanks, separators, exponents and leading zeros ("007") are refused, because they
 * are more often a slip of the keys than an amount.
 *
 * @example
 * ```ts
 * import { Money } from "@yikatong/core"
 * import { Result } from "effect"
 *
 * Result.getOrThrow(Money.parse("12.5")) // => 1250
 * Result.isFailure(Money.parse("12.505")) // => true
 * ```
 */
export const parse = (text: string): Result.Result<Money, MoneyMalformed> => {
  const written = /^(0|[1-9][0-9]*)(?:\.([0-9]{1,2}))?$/.exec(text)
  if (written === null) return Result.fail({ _tag: "MoneyMalformed", problem: "Notation" })
  const [, whole = "", decimals = ""] = written
  // Exact below 2^53; beyond it rounding cannot lead back under it.
  const fen = Number(whole) * 100 + Number(decimals.padEnd(2, "0"))
  return Number.isSafeInteger(fen)
    ? Result.succeed(fen as Money)
    : Result.fail({ _tag: "MoneyMalformed", problem: "TooLarge" })
}

/**
 * Money from a literal in yuan; throws RangeError where `parse` would refuse.
 *
 * @example
 * ```ts
 * import { Money } from "@yikatong/core"
 *
 * Money.yuan("30.00") // => 3000
 * ```
 */
export const yuan = (text: string): Money => {
  const parsed = parse(text)
  if (Result.isFailure(parsed)) throw new RangeError(`Yuan are written like "12.50", not ${JSON.stringify(text)}`)
  return parsed.success
}

/** Writes yuan with two decimals, "12.50", exactly for every money; `parse` reads it back. */
export const format = (money: Money): string => {
  const cents = money % 100
  // Subtracting first keeps the division exact: 9007199254740991 / 100 is not.
  return `${(money - cents) / 100}.${cents < 10 ? "0" : ""}${cents}`
}

/** The sum in fen; throws RangeError beyond the largest money. */
export const plus = (a: Money, b: Money): Money => {
  const total = a + b
  if (!Number.isSafeInteger(total) || total < 0) throw new RangeError(`${a} + ${b} fen is not money`)
  return total as Money
}

/** What is left of `a` fen without `b` fen; throws RangeError when `b` is more than `a`. */
export const minus = (a: Money, b: Money): Money => {
  const rest = a - b
  if (!Number.isSafeInteger(rest) || rest < 0) throw new RangeError(`${a} - ${b} fen is not money`)
  return rest as Money
}

/** The sum of all in fen, zero for none; throws RangeError beyond the largest money. */
export const sum = (all: Iterable<Money>): Money => {
  let total = zero
  for (const money of all) total = plus(total, money)
  return total
}

/** The smaller of two. */
export const min = (a: Money, b: Money): Money => a < b ? a : b

/** The larger of two. */
export const max = (a: Money, b: Money): Money => a > b ? a : b
