/**
 * What the things of a campus are called 名称: kinds of places, media, sources of money, procedures, papers, meals, people.
 *
 * A Chinese name stands without measure word, an English one with its article where a sentence needs it.
 */
import type { Missing } from "../../Decline.ts"
import type { Medium } from "../../Medium.ts"
import type { Kind } from "../../Person.ts"
import type { Category } from "../../Point.ts"
import type { Procedure } from "../../Procedure.ts"
import type { FundingSource } from "../../Recharge.ts"
import type { SchoolProfile } from "../../SchoolProfile.ts"
import { allOf, known, type Text, text } from "./Text.ts"

/** Kinds of places. */
export const categories: Record<Category, Text> = {
  canteen: text("食堂消费机", "a canteen terminal"),
  shop: text("超市消费机", "a shop terminal"),
  kiosk: text("自助机", "a kiosk"),
  counter: text("校园卡服务窗口", "a card service window"),
  bankWindow: text("银行窗口", "the bank window"),
  app: text("手机 APP", "a phone app"),
  office: text("校园卡管理中心", "the card centre"),
  access: text("门禁读卡器", "an access reader")
}

/** What is shown to pay or to be identified, as the manual calls it. */
const media: Record<Medium, Text> = {
  physicalCard: text("校园卡", "the campus card"),
  todayCampusCode: text("今日校园付款码", "the Today Campus pay code"),
  ecodePayCode: text("e码通付款码", "the e码通 pay code"),
  ecodeIdentityCode: text("e码通身份码", "the e码通 identity code"),
  alipayCode: text("支付宝付款码", "the Alipay pay code"),
  keyRing: text("钥匙串", "the key ring")
}

/** What is shown, as the school calls it. */
export const mediumOf = ({ mediumNames }: Pick<SchoolProfile, "mediumNames">, medium: Medium): Text => {
  const name = mediumNames?.[medium]
  return name === undefined ? media[medium] : { zh: name.nameZh, en: name.nameEn }
}

/** Where the money of a recharge comes from. */
export const sources: Record<FundingSource, Text> = {
  unionPayCard: text("银联卡", "UnionPay card"),
  ccbCard: text("建设银行卡", "China Construction Bank card"),
  weChat: text("微信", "WeChat"),
  alipay: text("支付宝", "Alipay")
}

/** What is done. */
export const procedures: Record<Procedure, Text> = {
  openAccount: text("开户", "Opening an account"),
  openTemporary: text("临时校园卡办理", "Opening a temporary card"),
  issueCard: text("领取校园卡", "Getting a card"),
  issueTemporary: text("领取临时校园卡", "Getting a temporary card"),
  activateCard: text("激活校园卡", "Activating a card"),
  cancelCard: text("注销校园卡", "Cancelling a card"),
  reportLost: text("挂失", "Reporting a card lost"),
  reportFound: text("解挂", "Reporting a card found"),
  reportBankSideLost: text("银行卡挂失", "Reporting the bank card lost"),
  extendValidity: text("修改校园卡有效期", "Extending the validity of a card"),
  changePassword: text("修改密码", "Changing the password"),
  resetPassword: text("重置密码", "Resetting the password"),
  openWallet: text("开通电子钱包", "Opening the e-wallet"),
  bindTransfer: text("绑定银行卡和校园一卡通账号", "Binding a bank card to the campus account"),
  bindWallet: text("电子钱包绑定银行卡", "Binding a bank card to the e-wallet"),
  bindAlipay: text("支付宝校园卡认证", "Binding the campus card in Alipay"),
  moveToTransit: text("电子钱包转入过渡余额", "Moving money from the e-wallet to the card"),
  placeRecharge: text("充值", "Topping up"),
  creditRecharge: text("充值入账", "Crediting a top-up"),
  grantSubsidy: text("发放补助", "Granting a subsidy"),
  expireSubsidy: text("收回到期补助", "Taking back a subsidy"),
  claimFrozen: text("领取冻结金额", "Claiming frozen money"),
  closeAccount: text("销户", "Closing an account"),
  payOut: text("销户退款", "Paying a closed account out"),
  reversePurchase: text("消费冲正", "Reversing a purchase"),
  refundPurchase: text("消费退款", "Refunding a purchase"),
  repayDebt: text("还款", "Repaying a debt"),
  writeOffDebt: text("核销欠款", "Writing off a debt"),
  grantAccess: text("门禁授权", "Granting access to a door"),
  revokeAccess: text("撤销门禁授权", "Taking back access to a door"),
  openByKeyRing: text("钥匙串开门", "Opening a door by key ring"),
  identify: text("身份识别", "Identification")
}

/** What somebody brings to a counter, in the order in which it is asked for: "本人身份证和校园卡". */
export const papers = (all: ReadonlyArray<Paper>): Text =>
  allOf(all.map((paper, at) => {
    switch (paper) {
      case "identityDocument":
        return text("本人身份证", "your identity card")
      case "campusCard":
        return text("校园卡", at === 0 ? "your campus card" : "campus card")
      case "applicationForm":
        return text("临时卡申请表", "the application form for a temporary card")
    }
  }))

/** A paper, as opposed to what is missing on one. */
export type Paper = Exclude<Missing, `form${string}`>

/** Kinds of people, as those who are told of themselves. */
export const people: Record<Kind, Text> = {
  student: text("学生", "students"),
  staff: text("教职工", "staff"),
  trainee: text("短期培训人员", "trainees"),
  visitor: text("外来人员", "visitors")
}

const meals: Readonly<Record<string, Text>> = {
  breakfast: text("早餐", "breakfast"),
  lunch: text("午餐", "lunch"),
  dinner: text("晚餐", "dinner"),
  other: text("其他时段", "off-meal")
}

/** A meal in words; a window that the school named itself stands in quotes. */
export const mealOf = (window: string): Text => known(meals, window) ?? text("“{}”", "\"{}\"", window)
