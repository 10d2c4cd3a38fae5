/**
 * What a clerk reads about a fact that was posted all the same 异常报告 (D11).
 */
import { formatDay, formatMinute } from "../../CivilTime.ts"
import type { Reports } from "./Entry.ts"
import { yuan } from "./Figures.ts"
import { figures, limitName } from "./Limits.ts"
import { mealOf, media } from "./Names.ts"
import { text } from "./Text.ts"

/** The reports, in the order of `Report.ts`. */
export const reports: Reports = {
  SpendAfterLoss: ({ amount, borneBy, reportedAt }) =>
    text(
      "{} 挂失后消费 {}，由{}承担",
      "Reported lost at {}, then {} spent, borne by {}",
      formatMinute(reportedAt),
      yuan(amount),
      borneBy === "school" ? text("学校", "the school") : text("持卡人", "the holder")
    ),
  LimitExceeded: ({ amount, quota }) =>
    text("脱机消费超过{}：{}", "Offline purchase over {}: {}", limitName(quota), figures(quota, amount)),
  DebtArisen: ({ debt }) =>
    text(
      "余额不足，欠款 {}，下次入账时先行扣还",
      "Balance too small: a debt of {}, repaid first by the next credit",
      yuan(debt)
    ),
  SpentWhileDormant: ({ since }) =>
    text("校园卡有效期自 {} 起已冻结，仍有脱机消费", "Offline purchase with a card frozen since {}", formatDay(since)),
  MediumWasNotAccepted: ({ medium }) =>
    text("该处断网时不支持{}，仍有消费", "Purchase with {}, which does not pay there while cut off", media[medium]),
  BalanceChainBroken: ({ amount, chipAfter, chipBefore }) =>
    text(
      "卡余额不连续：消费前 {}，消费 {}，消费后 {}",
      "Chip balance does not add up: {} before, {} spent, {} after",
      yuan(chipBefore),
      yuan(amount),
      yuan(chipAfter)
    ),
  MealWindowDiffers: ({ ours, recorded }) =>
    text(
      "餐次不一致：消费机记为{}，按本校餐次应为{}",
      "Meals differ: {} by the terminal, {} by the school's table",
      mealOf(recorded),
      mealOf(ours)
    )
}
