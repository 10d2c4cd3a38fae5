/**
 * Spending limits 消费限额: 餐限 and 日限, in two tiers (R49, R50, A7).
 *
 * A limit sums (fen) or counts (purchases) what was bought `per` payment, meal or day within its scope. Up to the
 * `password` tier a purchase passes, above it the card password is asked for, and above the `hard` tier nothing passes.
 * At a point without a PIN pad the password tier acts as a hard one. Limits are inclusive: with a limit of 30.00, 30.00
 * passes and 30.01 does not.
 */
import { Schema } from "effect"
import { Words } from "./Id.ts"
import { Medium } from "./Medium.ts"
import type * as Money from "./Money.ts"
import { Category } from "./Point.ts"
import type { Cell, Tallies, Tally } from "./Tally.ts"

const Threshold = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

/**
 * One limit. A tier that is left out does not bind. `scope`: what counts; a part that is left out counts everything.
 */
export const Limit = Schema.Struct({
  name: Words,
  per: Schema.Literals(["payment", "meal", "day"]),
  /** `sum` in fen, `count` in purchases. */
  measure: Schema.Literals(["sum", "count"]),
  password: Schema.optionalKey(Threshold),
  hard: Schema.optionalKey(Threshold),
  scope: Schema.Struct({
    categories: Schema.optionalKey(Schema.Array(Category)),
    media: Schema.optionalKey(Schema.Array(Medium))
  })
})
export interface Limit extends Schema.Schema.Type<typeof Limit> {}

/** All limits of a school; they hold together (R50). */
export const LimitPolicy = Schema.Array(Limit)
export type LimitPolicy = typeof LimitPolicy.Type

/** How far one tier of one limit is used, before the purchase in question. Unit: fen or purchases, by `measure`. */
export const Quota = Schema.Struct({
  limit: Schema.String,
  per: Schema.Literals(["payment", "meal", "day"]),
  measure: Schema.Literals(["sum", "count"]),
  tier: Schema.Literals(["password", "hard"]),
  threshold: Threshold,
  used: Threshold,
  remaining: Threshold,
  /** The meal window in which it is counted, for a limit per meal. */
  window: Schema.optionalKey(Schema.String)
})
export interface Quota extends Schema.Schema.Type<typeof Quota> {}

/** What the limits say of one purchase. */
export type Verdict =
  | { readonly _tag: "Within" }
  | { readonly _tag: "NeedsPassword"; readonly quota: Quota }
  | { readonly _tag: "Exceeded"; readonly quota: Quota }

/** What stands at the till when limits are looked at. */
export interface Till {
  /** A correct password came with the purchase, so the password tier is passed. */
  readonly passwordProven: boolean
  /** A password can be typed here. */
  readonly pinPad: boolean
}

const within: Verdict = { _tag: "Within" }

/**
 * Whether a purchase of `amount` fen keeps the limits. Of several that do not, the smallest remaining quota is named,
 * on a tie the day's (D14).
 */
export const judge = (policy: LimitPolicy, tallies: Tallies, cell: Cell, amount: Money.Money, till: Till): Verdict => {
  let exceeded: Quota | undefined
  let asking: Quota | undefined
  for (const limit of policy) {
    if (!inScope(limit, cell.category, cell.medium)) continue
    const used = usedOf(limit, tallies, cell)
    const after = used + (limit.measure === "sum" ? amount : 1)
    if (limit.hard !== undefined && after > limit.hard) {
      exceeded = tighter(exceeded, quotaOf(limit, "hard", limit.hard, used, cell))
    }
    if (limit.password !== undefined && after > limit.password && !till.passwordProven) {
      const quota = quotaOf(limit, "password", limit.password, used, cell)
      if (till.pinPad) asking = tighter(asking, quota)
      else exceeded = tighter(exceeded, quota)
    }
  }
  if (exceeded !== undefined) return { _tag: "Exceeded", quota: exceeded }
  return asking === undefined ? within : { _tag: "NeedsPassword", quota: asking }
}

/** What is left of every limit that counts here 剩余额度, tier by tier. */
export const remaining = (policy: LimitPolicy, tallies: Tallies, cell: Cell): ReadonlyArray<Quota> => {
  const quotas: Array<Quota> = []
  for (const limit of policy) {
    if (!inScope(limit, cell.category, cell.medium)) continue
    const used = usedOf(limit, tallies, cell)
    if (limit.password !== undefined) quotas.push(quotaOf(limit, "password", limit.password, used, cell))
    if (limit.hard !== undefined) quotas.push(quotaOf(limit, "hard", limit.hard, used, cell))
  }
  return quotas
}

const inScope = ({ scope }: Limit, category: Category, medium: Medium): boolean =>
  (scope.categories === undefined || scope.categories.includes(category)) &&
  (scope.media === undefined || scope.media.includes(medium))

const usedOf = (limit: Limit, tallies: Tallies, cell: Cell): number => {
  if (limit.per === "payment") return 0
  let used = 0
  for (const tally of tallies.cells) {
    if (isSamePeriod(limit.per, tally, cell) && inScope(limit, tally.category, tally.medium)) {
      used += limit.measure === "sum" ? tally.sum : tally.count
    }
  }
  return used
}

const isSamePeriod = (per: "meal" | "day", tally: Tally, cell: Cell): boolean =>
  per === "day" ? tally.day === cell.day : tally.mealDay === cell.mealDay && tally.window === cell.window

const quotaOf = (limit: Limit, tier: Quota["tier"], threshold: number, used: number, cell: Cell): Quota => ({
  limit: limit.name,
  per: limit.per,
  measure: limit.measure,
  tier,
  threshold,
  used,
  remaining: Math.max(0, threshold - used),
  ...(limit.per === "meal" ? { window: cell.window } : {})
})

/** The tighter of two quotas: money before counts, then the smaller remainder, then the day's (D14). */
const tighter = (one: Quota | undefined, other: Quota): Quota => {
  if (one === undefined) return other
  if (one.measure !== other.measure) return one.measure === "sum" ? one : other
  if (one.remaining !== other.remaining) return one.remaining < other.remaining ? one : other
  return other.per === "day" ? other : one
}
