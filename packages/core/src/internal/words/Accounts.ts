/**
 * Declines on who asks and where 账户与业务点: the first group of `Decline.ts`.
 */
import { Schema } from "effect"
import { formatMinute } from "../../CivilTime.ts"
import { Procedure } from "../../Procedure.ts"
import type { Declines, Entry } from "./Entry.ts"
import { fullMinute } from "./Figures.ts"
import { categories, procedures } from "./Names.ts"
import { alipayApp, appFor, ask, asked, at, call, go, visit } from "./Places.ts"
import { apply } from "./Temporary.ts"
import { known, of, text } from "./Text.ts"

const isProcedure = Schema.is(Procedure)

/** The Alipay user is told the same, whether the campus or the till found it out. */
export const alipayUnbound: Entry = [
  text("支付宝尚未绑定校园卡", "No campus card is bound in Alipay"),
  text("请打开{}，选择学校，完成校园卡认证", "Open {}, choose the school and bind the campus card", alipayApp)
]

/** Who asks, and where. */
export const accounts = {
  UnknownAccount: (_, profile) => [text("未查到该账户", "No such account"), call(profile)],
  UnknownCard: (_, profile) => [
    text("未查到该卡", "This card is not known here"),
    ask(profile, ["identityDocument", "campusCard"], text("核查", "Have it looked up"))
  ],
  UnknownHandle: ({ kind }) => {
    if (kind === "number") {
      return [
        text("未查到该学号（工号）", "No such student or staff number"),
        text("请核对后重新输入", "Check it and type it again")
      ]
    }
    return kind === "alipay"
      ? alipayUnbound
      : [text("无法识别该码", "This code is not known"), text("请刷新后重新出示", "Refresh it and show it again")]
  },
  UnknownPoint: ({ point }, profile) => [
    text("设备 {} 未在本校登记", "Device {} is not registered at this school", point),
    text("请换一台设备；{}", "Use another device. {}", call(profile))
  ],
  DeskUnknown: ({ desk }) => [
    text("收付款台 {} 未在本校登记", "Cash desk {} is not registered at this school", desk),
    text("请工作人员核对收付款台名称后再办理", "Staff: check its name, then begin again")
  ],
  UnknownMealWindow: () => [
    text("该笔流水的餐次未在本校登记", "The meal of this record is not known at this school"),
    text("请工作人员核对消费机的餐次设置，再重新上传", "Staff: check the meals set in the terminal, then upload again")
  ],
  AccountExists: () => [
    text("该账户已开通", "This account is open already"),
    text("无需重复开户", "Nothing more is needed")
  ],
  AccountClosed: ({ since }, profile) => [
    text("账户已于 {} 销户", "Account closed since {}", formatMinute(since)),
    call(profile)
  ],
  NotEligibleForTempCard: (_, profile) => [
    text(
      "临时校园卡仅限在职老师、短期培训人员及其他临时人员办理",
      "Temporary cards are for serving staff, trainees and visitors"
    ),
    visit(profile, "issueCard", text("领取校园卡", "Get a campus card"))
  ],
  NotEligibleForRegularCard: (_, profile) => [
    text("培训及其他临时人员只能办理临时校园卡", "Trainees and visitors get a temporary card only"),
    apply(profile)
  ],
  AccountNotClosing: (_, profile) => [
    text("账户尚未销户", "This account is not being closed"),
    visit(profile, "closeAccount", text("办理销户", "Close the account"))
  ],
  PayOutTooEarly: ({ availableAt }) => [
    text("销户退款 {} 起可办理", "The account can be paid out from {} on", fullMinute(availableAt)),
    text("此前仍可能有脱机流水上传，请届时再退款", "Late records may still arrive until then: pay it out after that")
  ],
  AlreadyPaidOut: ({ paidOutAt }, profile) => [
    text("账户余额已于 {} 退还", "The account was paid out at {}", formatMinute(paidOutAt)),
    call(profile)
  ],
  CardTaken: () => [
    text("该卡片已登记过，不能再次发放", "This card has been handed out before"),
    text("请换一张新卡片", "Take a new card")
  ],
  ChannelNotAllowed: ({ allowed, category, procedure }, profile) => {
    const done = known(procedures, procedure) ?? text("此业务", "This")
    const here = categories[category]
    const brought = isProcedure(procedure) ? asked(profile, procedure, allowed) : []
    return [
      of(
        `${here.zh}不办理${done.zh}`,
        `${done.en} is not possible ${category === "app" ? "in" : "at"} ${here.en}`
      ),
      go(profile, at(profile, allowed, appFor(profile, procedure)), brought, text("办理", "It is done"))
    ]
  },
  IdentityNotMatched: (_, profile) => [
    text("学号（工号）、证件号码与姓名不一致", "Number, identity document and name do not match"),
    text(
      "请核对后重新输入；仍不一致时，{}",
      "Check and type them again. If it stays so: {}",
      ask(profile, ["identityDocument"], text("核对", "have them checked"))
    )
  ],
  IdentityLocked: ({ until }) => [
    text(
      "身份信息核对错误次数过多，{} 前不能再试",
      "Too many claims that did not match: none is taken before {}",
      fullMinute(until)
    ),
    text("请届时再试", "Try again then")
  ]
} satisfies Partial<Declines>
