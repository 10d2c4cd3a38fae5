/**
 * Declines on putting something right 冲正、退款与更正 (D5, D6, D10, R76).
 */
import { formatDay } from "../../CivilTime.ts"
import type { Declines } from "./Entry.ts"
import { yuan } from "./Figures.ts"
import { call } from "./Places.ts"
import { text } from "./Text.ts"

const lookUp = text("请核对交易明细后重试", "Check the list of purchases and try again")

/** Corrections. */
export const corrections = {
  NotReversible: ({ reason }, profile) => {
    switch (reason) {
      case "unknown":
        return [text("未查到可冲正的消费", "No such purchase that could be reversed"), lookUp]
      case "alreadyReversed":
        return [
          text("该笔消费已冲正", "This purchase is reversed already"),
          text("款项已退回，请查看交易明细", "The money is back: see the list of purchases")
        ]
      case "partlyReturned":
        return [
          text("该笔消费已部分退款，不能再冲正", "A part of this purchase is refunded already: it can not be reversed"),
          call(profile)
        ]
      case "recorded":
        return [
          text("该笔消费的脱机流水已入账，不能冲正", "The record of this purchase has come: it can not be reversed"),
          call(profile)
        ]
      case "otherDay":
        return [text("只能冲正当日的消费", "Only a purchase of the same day can be reversed"), call(profile)]
      case "otherMeal":
        return [text("只能冲正本餐的消费", "Only a purchase of the same meal can be reversed"), call(profile)]
      case "otherPoint":
        return [
          text("只能在原消费机冲正", "A purchase is reversed only where it was paid"),
          text("请到原消费机办理", "Go to that terminal")
        ]
    }
  },
  NotRefundable: ({ left, reason }) => {
    switch (reason) {
      case "unknown":
        return [text("未查到该笔消费", "No such purchase"), lookUp]
      case "returned":
        return [
          text("该笔消费已全部退回，不能再退款", "All of this purchase is back: nothing is left to refund"),
          text("请查看交易明细", "See the list of purchases")
        ]
      case "aboveOriginal":
        return [
          text(
            "退款超过该笔消费：最多还可退 {}",
            "More than this purchase: {} of it can still be refunded",
            yuan(left)
          ),
          text("请退 {}或更少", "Refund {} or less", yuan(left))
        ]
    }
  },
  SubsidyNotEnded: ({ until }) => [
    text("该批补助有效期至 {}，尚未到期", "This subsidy has not ended: its last day is {}", formatDay(until)),
    text("请在有效期满后收回", "Take it back once that day is over")
  ],
  DebtSmaller: ({ amount, debt }) =>
    debt === 0
      ? [
        text("没有欠款：本次 {}，欠款 {}", "No debt: this payment {}, debt {}", yuan(amount), yuan(debt)),
        text("无需办理", "Nothing more is needed")
      ]
      : [
        text(
          "金额超过欠款：本次 {}，欠款 {}",
          "More than the debt: this payment {}, debt {}",
          yuan(amount),
          yuan(debt)
        ),
        text("请改为 {}或更少", "Choose {} or less", yuan(debt))
      ]
} satisfies Partial<Declines>
