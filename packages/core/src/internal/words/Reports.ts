/**
 * What a clerk reads about a fact that was posted all the same 异常报告 (D11).
 */
import { formatDay, formatMinute } from "../../CivilTime.ts"
import type { Report } from "../../Report.ts"
import type { Reports } from "./Entry.ts"
import { yuan } from "./Figures.ts"
import { figures, limitName } from "./Limits.ts"
import { mealOf, mediumOf } from "./Names.ts"
import { type Text, text } from "./Text.ts"

/** Why a door should not have opened. */
const reasons: Record<Extract<Report, { readonly _tag: "OpenedAgainstRule" }>["reason"], Text> = {
  NotAnAccessPoint: text("该门类别未设置", "a class of doors without rules"),
  MediumNotForDoor: text("该门不支持此方式", "a medium that does not open it"),
  WrongCodeKind: text("出示的码类型不符", "the wrong kind of code"),
  NotConfirmed: text("未确认", "not confirmed"),
  DoorClosed: text("不在开放时段", "outside its hours"),
  NoGrantForDoor: text("没有该门的授权", "no grant for it"),
  OutsideGrantWindow: text("不在授权时段", "outside the time of the grant"),
  AntiPassback: text("进出次序不符", "against the order of in and out"),
  MediumNotForHolder: text("持有人不能使用此方式", "a medium that is not for this holder"),
  UnknownCard: text("卡片未登记", "an unknown card"),
  AccountClosed: text("账户已销户", "a closed account"),
  CardNotActivated: text("卡未激活", "a card that was not activated"),
  CardLost: text("卡已挂失", "a card that was reported lost"),
  CardSuperseded: text("卡已补办换新", "a card that was replaced"),
  CardCancelled: text("卡已注销", "a card that was cancelled"),
  CardExpired: text("卡已到期", "a card that had expired"),
  CardFrozenDormant: text("卡有效期已冻结", "a dormant card"),
  AlipayNotBound: text("未绑定支付宝", "Alipay was not bound"),
  CodeAlreadyUsed: text("该码已使用过", "a code that had been used")
}

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
  MediumWasNotAccepted: ({ medium }, profile) =>
    text(
      "该处断网时不支持{}，仍有消费",
      "Purchase with {}, which does not pay there while cut off",
      mediumOf(profile, medium)
    ),
  BalanceChainBroken: ({ amount, chipAfter, chipBefore }) =>
    text(
      "卡余额不连续：消费前 {}，消费 {}，消费后 {}",
      "Chip balance does not add up: {} before, {} spent, {} after",
      yuan(chipBefore),
      yuan(amount),
      yuan(chipAfter)
    ),
  OpenedAgainstRule: ({ reason }) =>
    text("门禁脱机时已放行，按规则不应放行：{}", "Opened while cut off, and should not have: {}", reasons[reason]),
  MealWindowDiffers: ({ ours, recorded }) =>
    text(
      "餐次不一致：消费机记为{}，按本校餐次应为{}",
      "Meals differ: {} by the terminal, {} by the school's table",
      mealOf(recorded),
      mealOf(ours)
    )
}
