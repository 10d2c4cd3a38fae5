/**
 * Declines on limits 限额: which one, what of it is used and left, and from when on it counts anew (R49, R50, A7).
 */
import type * as Decline from "../../Decline.ts"
import type { Quota } from "../../LimitPolicy.ts"
import type * as Money from "../../Money.ts"
import type { SchoolProfile } from "../../SchoolProfile.ts"
import type { Declines, Entry } from "./Entry.ts"
import { clock, yuan } from "./Figures.ts"
import { mealOf } from "./Names.ts"
import { nothing, type Text, text } from "./Text.ts"

/** Which limit. */
export const limitName = ({ measure, per, window }: Quota): Text => {
  const sum = measure === "sum"
  if (per === "payment") return text("单笔限额", "the limit per payment")
  if (per === "day") return sum ? text("日限", "the day limit") : text("当日次数上限", "the day's count limit")
  const meal = window === undefined ? text("本餐", "meal") : mealOf(window)
  return sum ? text("{}餐限", "the {} limit", meal) : text("{}次数上限", "the {} count limit", meal)
}

/** The numbers of a limit, and the payment that is above it. */
export const figures = ({ measure, per, remaining, threshold, used }: Quota, amount: Money.Money): Text => {
  const counted = (n: number) => measure === "sum" ? yuan(n) : text("{} 次", "{}", n)
  const left = text("，已用 {}，剩余 {}", ", used {}, left {}", counted(used), counted(remaining))
  return text(
    "限额 {}{}，本次 {}",
    "limit {}{}, this payment {}",
    counted(threshold),
    per === "payment" ? nothing : left,
    yuan(amount)
  )
}

/** From when on a limit counts anew. */
const anew = ({ per, window }: Quota, { meals }: SchoolProfile): Text => {
  if (per === "day") return text("明日", "tomorrow")
  const to = meals.find(({ name }) => name === window)?.to
  return to === undefined ? text("下一餐", "with the next meal") : text("{} 起", "from {} on", clock(to))
}

const exceeded = (
  { amount, quota }: Decline.Of<
    "PaymentLimitExceeded" | "MealLimitExceeded" | "DailyLimitExceeded" | "CountLimitExceeded"
  >,
  profile: SchoolProfile
): Entry => [
  text("超过{}：{}", "Over {}: {}", limitName(quota), figures(quota, amount)),
  belowLimit(quota, profile)
]

const belowLimit = (quota: Quota, profile: SchoolProfile): Text => {
  const most = yuan(quota.remaining)
  if (quota.tier === "password") {
    return text(
      "请到可输入密码的联网消费机，凭卡密码付款",
      "Pay with the card password at a terminal that has a keypad and is online"
    )
  }
  if (quota.per === "payment") return text("本次最多可付 {}", "Up to {} can be paid at once", most)
  const when = anew(quota, profile)
  return quota.measure === "sum" && quota.remaining > 0
    ? text("本次最多可付 {}，{}重新计算", "Up to {} can be paid now; it counts anew {}", most, when)
    : text("{}重新计算，请届时再消费", "It counts anew {}: please come back then", when)
}

/** Limits. */
export const limits = {
  PaymentLimitExceeded: exceeded,
  MealLimitExceeded: exceeded,
  DailyLimitExceeded: exceeded,
  CountLimitExceeded: exceeded
} satisfies Partial<Declines>
