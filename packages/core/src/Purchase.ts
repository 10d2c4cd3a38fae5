/**
 * May this be bought 消费: the one decision that the server, the terminal that is cut off and the replay share (D12).
 *
 * It looks in this order, and the first refusal wins (D14): acceptance (here, and for this holder) → card → limits → password → money. So a
 * stranger learns nothing about money (I17), and a wrong password is only counted where everything before it was in
 * order.
 */
import { Option, Result } from "effect"
import * as Acceptance from "./Acceptance.ts"
import { dayOf, type Instant } from "./CivilTime.ts"
import type * as Decline from "./Decline.ts"
import { type Transfer, transfer } from "./Ledger.ts"
import * as LimitPolicy from "./LimitPolicy.ts"
import { mealAt } from "./MealWindow.ts"
import type { Medium } from "./Medium.ts"
import type * as Money from "./Money.ts"
import * as Password from "./Password.ts"
import type { Link, Point } from "./Point.ts"
import type { SchoolProfile } from "./SchoolProfile.ts"
import * as Spending from "./Spending.ts"
import type { Cell } from "./Tally.ts"
import * as Wallet from "./Wallet.ts"

/** What is to be bought. `amount` in fen; `now`: the time of decision. */
export interface Request {
  readonly medium: Medium
  readonly point: Point
  readonly link: Link
  readonly amount: Money.Amount
  readonly now: Instant
  readonly proof: Password.Proof | undefined
}

/** Where a purchase counts: its civil day, its meal, its kind of place and its medium. */
export const cellOf = (
  profile: SchoolProfile,
  { medium, now, point }: Pick<Request, "medium" | "now"> & { readonly point: Pick<Point, "category"> }
): Cell => {
  const meal = mealAt(profile.meals, now)
  return { day: dayOf(now), window: meal.window, mealDay: meal.day, category: point.category, medium }
}

/** The transfers of a purchase that may be made, or why it may not. */
export const decide = (
  profile: SchoolProfile,
  spending: Spending.Spending,
  request: Request
): Result.Result<ReadonlyArray<Transfer>, Decline.Decline> => {
  const { amount, link, medium, now, point, proof } = request
  const unaccepted = Acceptance.refuse(profile.acceptance, medium, point.category, link)
  if (unaccepted !== undefined) return Result.fail(unaccepted)
  if (point.merchant === undefined) {
    return Result.fail({ _tag: "MediumNotAcceptedHere", medium, category: point.category })
  }
  if (spending.unheld !== undefined) return Result.fail(spending.unheld)
  if (spending.refusal !== undefined) return Result.fail(spending.refusal)
  const verdict = LimitPolicy.judge(profile.limits, spending.tallies, cellOf(profile, request), amount, {
    passwordProven: proof !== undefined && spending.password !== undefined,
    pinPad: point.pinPad && spending.password !== undefined
  })
  if (verdict._tag === "Exceeded") return Result.fail(exceeded(amount, verdict.quota))
  if (verdict._tag === "NeedsPassword") {
    return Result.fail({ _tag: "PasswordRequired", amount, quota: verdict.quota })
  }
  if (proof !== undefined && spending.password !== undefined) {
    const wrong = Password.judge(profile.password, spending.password, proof, Password.channelAt(point.category), now)
    if (wrong !== undefined) return Result.fail(wrong)
  }
  const merchant = `merchant:${point.merchant}` as const
  if (medium === "alipayCode") return Result.succeed(transfer(Wallet.alipayClearing, merchant, amount))
  return Option.match(Wallet.pay(spending.pockets, spending.payers, merchant, amount), {
    onNone: () => Result.fail(insufficient(spending, medium, amount)),
    onSome: Result.succeed
  })
}

const exceeded = (amount: Money.Amount, quota: LimitPolicy.Quota): Decline.Decline => {
  if (quota.measure === "count") return { _tag: "CountLimitExceeded", amount, quota }
  switch (quota.per) {
    case "payment":
      return { _tag: "PaymentLimitExceeded", amount, quota }
    case "meal":
      return { _tag: "MealLimitExceeded", amount, quota }
    case "day":
      return { _tag: "DailyLimitExceeded", amount, quota }
  }
}

/** Says what the payers hold, and where else the holder's money is (D1). */
const insufficient = (spending: Spending.Spending, medium: Medium, amount: Money.Amount): Decline.Decline => {
  const available = Spending.available(spending)
  const known = spending.account === undefined ? {} : { elsewhere: Spending.elsewhere(spending.account) }
  return medium === "physicalCard"
    ? { _tag: "InsufficientChipPurse", amount, chip: available, ...known }
    : { _tag: "InsufficientWallet", amount, available, ...known }
}
