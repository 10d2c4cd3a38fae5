import { it } from "@effect/vitest"
import type { Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect } from "vitest"
import * as Attendance from "../src/Attendance.ts"
import * as CivilTime from "../src/CivilTime.ts"
import * as Decline from "../src/Decline.ts"
import * as Explanation from "../src/Explanation.ts"
import * as Id from "../src/Id.ts"
import type { Quota } from "../src/LimitPolicy.ts"
import * as Money from "../src/Money.ts"
import type { Point } from "../src/Point.ts"
import { csmzxy } from "../src/presets/Csmzxy.ts"
import { Procedure } from "../src/Procedure.ts"
import * as Report from "../src/Report.ts"
import type { SchoolProfile } from "../src/SchoolProfile.ts"
import type { Refusal } from "../src/Sequence.ts"
import type * as Statement from "../src/Statement.ts"

const at = CivilTime.instant
const day = CivilTime.day
const yuan = Money.yuan
const purchase = Id.PurchaseId.make("canteen-1:p-1")
/** 30.00 for lunch, of which 2.00 are left, unless said otherwise. */
const quota = (other: Partial<Quota>): Quota => ({
  limit: "meal",
  per: "meal",
  measure: "sum",
  tier: "hard",
  threshold: 3_000,
  used: 2_800,
  remaining: 200,
  window: "lunch",
  ...other
})
type Elsewhere = typeof Decline.Elsewhere.Type
const elsewhere = (some: Partial<Elsewhere>): Elsewhere => ({
  chip: Money.zero,
  transit: Money.zero,
  held: Money.zero,
  wallet: Money.zero,
  subsidy: Money.zero,
  ...some
})

const hours = "办理时间：周一至周五 9:30—12:00, 13:00—17:30，电话：0731-82804313"
const open = "Open Mon–Fri 9:30–12:00, 13:00–17:30, phone 0731-82804313"
const windows = "到教育阳光服务大厅 3 号窗口、4 号窗口"
const desks = "at the Service hall, window 3 or 4"
const documents = "your identity card and campus card"
const applyZh =
  "请由报账员或对应管理单位持临时卡申请表（填好并签字盖章）到教育阳光服务大厅 3 号窗口、4 号窗口办理临时校园卡，工本费 20.00 元"
const applyEn =
  "With the application form for a temporary card (filled in, signed and stamped), the department's clerk or the unit that invited you applies for it at the Service hall, window 3 or 4, fee ¥20.00"
const call = ["请致电校园卡服务中心：0731-82804313", "Call the card service: 0731-82804313"] as const

type Lines = readonly [what: string, remedy: string]
const cases: ReadonlyArray<readonly [source: string, decline: Decline.Decline, zh: Lines, en: Lines]> = [
  [
    "R73",
    { _tag: "UnknownAccount" },
    ["未查到该账户", "请致电校园卡服务中心：0731-82804313"],
    ["No such account", "Call the card service: 0731-82804313"]
  ],
  [
    "R73",
    { _tag: "UnknownCard" },
    ["未查到该卡", `请持本人身份证和校园卡${windows}核查。${hours}`],
    ["This card is not known here", `Have it looked up ${desks}, with ${documents}. ${open}`]
  ],
  [
    "R73",
    { _tag: "UnknownHandle", kind: "number" },
    ["未查到该学号（工号）", "请核对后重新输入"],
    ["No such student or staff number", "Check it and type it again"]
  ],
  [
    "R73",
    { _tag: "UnknownHandle", kind: "code" },
    ["无法识别该码", "请刷新后重新出示"],
    ["This code is not known", "Refresh it and show it again"]
  ],
  [
    "R73",
    { _tag: "UnknownHandle", kind: "alipay" },
    ["支付宝尚未绑定校园卡", "请打开支付宝小程序“完美校园”，选择学校，完成校园卡认证"],
    [
      "No campus card is bound in Alipay",
      "Open the 完美校园 mini program of Alipay, choose the school and bind the campus card"
    ]
  ],
  [
    "R73",
    { _tag: "UnknownPoint", point: Id.PointId.make("gate-7") },
    ["设备 gate-7 未在本校登记", "请换一台设备；请致电校园卡服务中心：0731-82804313"],
    ["Device gate-7 is not registered at this school", "Use another device. Call the card service: 0731-82804313"]
  ],
  [
    "R73 R54",
    { _tag: "DeskUnknown", desk: "window-5" },
    ["收付款台 window-5 未在本校登记", "请工作人员核对收付款台名称后再办理"],
    ["Cash desk window-5 is not registered at this school", "Staff: check its name, then begin again"]
  ],
  [
    "R73",
    { _tag: "UnknownMealWindow", window: "tea" },
    ["该笔流水的餐次未在本校登记", "请工作人员核对消费机的餐次设置，再重新上传"],
    [
      "The meal of this record is not known at this school",
      "Staff: check the meals set in the terminal, then upload again"
    ]
  ],
  [
    "R73",
    { _tag: "AccountExists" },
    ["该账户已开通", "无需重复开户"],
    ["This account is open already", "Nothing more is needed"]
  ],
  [
    "R73",
    { _tag: "AccountClosed", since: at("2025-11-28 09:00") },
    ["账户已于 2025-11-28 09:00 销户", "请致电校园卡服务中心：0731-82804313"],
    ["Account closed since 2025-11-28 09:00", "Call the card service: 0731-82804313"]
  ],
  [
    "R73 D7",
    { _tag: "AccountNotClosing" },
    ["账户尚未销户", `请持本人身份证到教育阳光服务大厅 3 号窗口、4 号窗口办理销户。${hours}`],
    [
      "This account is not being closed",
      `Close the account at the Service hall, window 3 or 4, with your identity card. ${open}`
    ]
  ],
  [
    "R73 D7",
    { _tag: "PayOutTooEarly", availableAt: at("2025-12-01 09:00") },
    ["销户退款 2025-12-01 09:00 起可办理", "此前仍可能有脱机流水上传，请届时再退款"],
    [
      "The account can be paid out from 2025-12-01 09:00 on",
      "Late records may still arrive until then: pay it out after that"
    ]
  ],
  [
    "R73 D7",
    { _tag: "AlreadyPaidOut", paidOutAt: at("2025-12-01 09:00") },
    ["账户余额已于 2025-12-01 09:00 退还", "请致电校园卡服务中心：0731-82804313"],
    ["The account was paid out at 2025-12-01 09:00", "Call the card service: 0731-82804313"]
  ],
  [
    "R73 R51",
    { _tag: "NotEligibleForTempCard" },
    [
      "临时校园卡仅限在职老师、短期培训人员及其他临时人员办理",
      `请持本人身份证到教育阳光服务大厅建设银行窗口领取校园卡。${hours}`
    ],
    [
      "Temporary cards are for serving staff, trainees and visitors",
      `Get a campus card at the Service hall, CCB window, with your identity card. ${open}`
    ]
  ],
  [
    "R73 R51",
    { _tag: "NotEligibleForRegularCard" },
    ["培训及其他临时人员只能办理临时校园卡", `${applyZh}。${hours}`],
    ["Trainees and visitors get a temporary card only", `${applyEn}. ${open}`]
  ],
  [
    "R73",
    { _tag: "CardTaken" },
    ["该卡片已登记过，不能再次发放", "请换一张新卡片"],
    ["This card has been handed out before", "Take a new card"]
  ],
  [
    "R73 R43",
    { _tag: "ChannelNotAllowed", procedure: "reportFound", category: "app", allowed: ["counter"] },
    ["手机 APP 不办理解挂", `请持本人身份证和校园卡${windows}办理。${hours}`],
    ["Reporting a card found is not possible in a phone app", `It is done ${desks}, with ${documents}. ${open}`]
  ],
  [
    "R73 R42",
    { _tag: "ChannelNotAllowed", procedure: "claimFrozen", category: "canteen", allowed: ["kiosk"] },
    ["食堂消费机不办理领取冻结金额", "请到教育阳光服务大厅自助机办理"],
    ["Claiming frozen money is not possible at a canteen terminal", "It is done at the Kiosk in the service hall"]
  ],
  [
    "R73 R39",
    { _tag: "ChannelNotAllowed", procedure: "reportLost", category: "counter", allowed: ["app"] },
    ["校园卡服务窗口不办理挂失", "请在今日校园 APP 办理"],
    ["Reporting a card lost is not possible at a card service window", "It is done in the Today Campus app"]
  ],
  [
    "R73 R22",
    { _tag: "ChannelNotAllowed", procedure: "openWallet", category: "kiosk", allowed: ["app"] },
    ["自助机不办理开通电子钱包", "请在校园 e 码通小程序办理"],
    ["Opening the e-wallet is not possible at a kiosk", "It is done in the e码通 mini program"]
  ],
  [
    "R73 R37",
    { _tag: "ChannelNotAllowed", procedure: "changePassword", category: "app", allowed: ["counter", "kiosk"] },
    ["手机 APP 不办理修改密码", `请持本人身份证和校园卡${windows}或教育阳光服务大厅自助机办理。${hours}`],
    [
      "Changing the password is not possible in a phone app",
      `It is done ${desks} or the Kiosk in the service hall, with ${documents}. ${open}`
    ]
  ],
  [
    "R73 R24",
    { _tag: "IdentityNotMatched" },
    ["学号（工号）、证件号码与姓名不一致", `请核对后重新输入；仍不一致时，请持本人身份证${windows}核对。${hours}`],
    [
      "Number, identity document and name do not match",
      `Check and type them again. If it stays so: have them checked ${desks}, with your identity card. ${open}`
    ]
  ],
  [
    "R73 R24 R38",
    { _tag: "IdentityLocked", until: at("2025-11-28 10:00:30") },
    ["身份信息核对错误次数过多，2025-11-28 10:01 前不能再试", "请届时再试"],
    ["Too many claims that did not match: none is taken before 2025-11-28 10:01", "Try again then"]
  ],
  [
    "R73",
    { _tag: "MediumNotAcceptedHere", medium: "alipayCode", category: "shop" },
    ["超市消费机不支持支付宝付款码付款", "请改用校园卡、今日校园付款码或 e 码通付款码"],
    [
      "At a shop terminal: no payment with the Alipay pay code",
      "Use the campus card, the Today Campus pay code or the e码通 pay code"
    ]
  ],
  [
    "R73",
    { _tag: "MediumNotAcceptedHere", medium: "physicalCard", category: "kiosk" },
    ["自助机不支持校园卡付款", "请到食堂消费机或超市消费机付款"],
    ["At a kiosk: no payment with the campus card", "Pay at a canteen terminal or a shop terminal"]
  ],
  [
    "R73 R7",
    { _tag: "AlipayOnlyWhenTerminalOffline" },
    ["支付宝付款码仅在食堂消费机断网时可用", "请改用校园卡、今日校园付款码或 e 码通付款码"],
    [
      "Alipay pays only while the canteen terminal is cut off",
      "Use the campus card, the Today Campus pay code or the e码通 pay code"
    ]
  ],
  [
    "R73 R59",
    { _tag: "NotAcceptedOffline", medium: "todayCampusCode" },
    ["消费机断网，暂不支持今日校园付款码", "断网时食堂可用校园卡或支付宝付款码，超市可用校园卡"],
    [
      "Terminal cut off: no payment with the Today Campus pay code now",
      "While the network is down: in the canteen use the campus card or the Alipay pay code; in the shop use the campus card"
    ]
  ],
  [
    "R73 R58",
    { _tag: "WrongCodeKind", medium: "ecodeIdentityCode" },
    ["e 码通身份码不能付款", "请打开校园 e 码通小程序，点击付款码"],
    ["No payment with the e码通 identity code", "Open the e码通 mini program and choose the pay code"]
  ],
  [
    "R73 R13",
    { _tag: "WrongCodeKind", medium: "ecodePayCode" },
    ["e 码通付款码不能识别身份", "请打开校园 e 码通小程序，点击身份码"],
    ["No identification with the e码通 pay code", "Open the e码通 mini program and choose the identity code"]
  ],
  [
    "R73 R6",
    { _tag: "AlipayNotBound" },
    ["支付宝尚未绑定校园卡", "请打开支付宝小程序“完美校园”，选择学校，完成校园卡认证"],
    [
      "No campus card is bound in Alipay",
      "Open the 完美校园 mini program of Alipay, choose the school and bind the campus card"
    ]
  ],
  [
    "R73 R31",
    { _tag: "CardNotActivated" },
    ["校园卡尚未激活", `请持本人身份证和校园卡${windows}激活校园卡功能。${hours}`],
    ["Campus card not activated yet", `Have it activated ${desks}, with ${documents}. ${open}`]
  ],
  [
    "R73 R43",
    { _tag: "CardLost", reportedAt: at("2025-11-28 09:00:59") },
    [
      "校园卡已于 2025-11-28 09:00 挂失",
      `已找回：请持本人身份证和校园卡${windows}解挂；未找回：请持本人身份证到教育阳光服务大厅建设银行窗口补办。${hours}`
    ],
    [
      "Campus card reported lost at 2025-11-28 09:00",
      `Found: bring ${documents} and have it unlocked ${desks}. Not found: bring your identity card and get a new one at the Service hall, CCB window. ${open}`
    ]
  ],
  [
    "R73 R47",
    { _tag: "CardFrozenDormant", since: day("2026-02-28"), months: 3 },
    [
      "校园卡已过期：连续 3 个月没有消费，有效期自 2026-02-28 起冻结",
      `请持本人身份证和校园卡${windows}修改校园卡有效期。${hours}`
    ],
    [
      "Campus card expired: no purchase for 3 months, frozen since 2026-02-28",
      `Have its validity extended ${desks}, with ${documents}. ${open}`
    ]
  ],
  [
    "R73 R44",
    { _tag: "CardSuperseded" },
    ["该卡已补办新卡，不能再使用", "请使用新卡；老卡余额请用新卡到教育阳光服务大厅自助机领取"],
    [
      "A new card has replaced this one",
      "Use the new card, and claim the old balance with it at the Kiosk in the service hall"
    ]
  ],
  [
    "R73",
    { _tag: "CardCancelled" },
    ["该卡已注销", `请持本人身份证到教育阳光服务大厅建设银行窗口领取新卡。${hours}`],
    ["This card is cancelled", `Get a new card at the Service hall, CCB window, with your identity card. ${open}`]
  ],
  [
    "R73 R39",
    { _tag: "ActiveCardExists" },
    ["名下已有一张使用中的校园卡", "该卡如已丢失或损坏，请先在今日校园 APP 挂失，再补办新卡"],
    [
      "There is a campus card in use already",
      "If that card is lost or damaged, first report it in the Today Campus app"
    ]
  ],
  [
    "R73 R31",
    { _tag: "CardAwaitingActivation" },
    ["新卡已领取，尚未激活", `请持本人身份证和校园卡${windows}激活新卡。${hours}`],
    ["The new card is handed out but not activated yet", `Have it activated ${desks}, with ${documents}. ${open}`]
  ],
  [
    "R73",
    { _tag: "CardNotLost" },
    ["该卡没有挂失，无需解挂", "可直接使用"],
    ["This card is not reported lost", "Just use it"]
  ],
  [
    "R73",
    {
      _tag: "PaymentLimitExceeded",
      amount: yuan("30.00"),
      quota: quota({ per: "payment", threshold: 2_000, used: 0, remaining: 2_000 })
    },
    ["超过单笔限额：限额 20.00 元，本次 30.00 元", "本次最多可付 20.00 元"],
    ["Over the limit per payment: limit ¥20.00, this payment ¥30.00", "Up to ¥20.00 can be paid at once"]
  ],
  [
    "R73 D14",
    { _tag: "MealLimitExceeded", amount: yuan("5.00"), quota: quota({}) },
    [
      "超过午餐餐限：限额 30.00 元，已用 28.00 元，剩余 2.00 元，本次 5.00 元",
      "本次最多可付 2.00 元，13:30 起重新计算"
    ],
    [
      "Over the lunch limit: limit ¥30.00, used ¥28.00, left ¥2.00, this payment ¥5.00",
      "Up to ¥2.00 can be paid now; it counts anew from 13:30 on"
    ]
  ],
  [
    "R73 D14",
    { _tag: "MealLimitExceeded", amount: yuan("0.01"), quota: quota({ window: "dinner", used: 3_000, remaining: 0 }) },
    ["超过晚餐餐限：限额 30.00 元，已用 30.00 元，剩余 0.00 元，本次 0.01 元", "19:30 起重新计算，请届时再消费"],
    [
      "Over the dinner limit: limit ¥30.00, used ¥30.00, left ¥0.00, this payment ¥0.01",
      "It counts anew from 19:30 on: please come back then"
    ]
  ],
  [
    "R73 D14",
    { _tag: "MealLimitExceeded", amount: yuan("5.00"), quota: quota({ window: "other" }) },
    [
      "超过其他时段餐限：限额 30.00 元，已用 28.00 元，剩余 2.00 元，本次 5.00 元",
      "本次最多可付 2.00 元，下一餐重新计算"
    ],
    [
      "Over the off-meal limit: limit ¥30.00, used ¥28.00, left ¥2.00, this payment ¥5.00",
      "Up to ¥2.00 can be paid now; it counts anew with the next meal"
    ]
  ],
  [
    "R73 A7",
    { _tag: "MealLimitExceeded", amount: yuan("5.00"), quota: quota({ tier: "password", window: "breakfast" }) },
    [
      "超过早餐餐限：限额 30.00 元，已用 28.00 元，剩余 2.00 元，本次 5.00 元",
      "请到可输入密码的联网消费机，凭卡密码付款"
    ],
    [
      "Over the breakfast limit: limit ¥30.00, used ¥28.00, left ¥2.00, this payment ¥5.00",
      "Pay with the card password at a terminal that has a keypad and is online"
    ]
  ],
  [
    "R73 D14",
    {
      _tag: "DailyLimitExceeded",
      amount: yuan("12.50"),
      quota: quota({ per: "day", threshold: 5_000, used: 4_000, remaining: 1_000 })
    },
    ["超过日限：限额 50.00 元，已用 40.00 元，剩余 10.00 元，本次 12.50 元", "本次最多可付 10.00 元，明日重新计算"],
    [
      "Over the day limit: limit ¥50.00, used ¥40.00, left ¥10.00, this payment ¥12.50",
      "Up to ¥10.00 can be paid now; it counts anew tomorrow"
    ]
  ],
  [
    "R73 D14",
    {
      _tag: "DailyLimitExceeded",
      amount: yuan("0.01"),
      quota: quota({ per: "day", threshold: 5_000, used: 5_000, remaining: 0 })
    },
    ["超过日限：限额 50.00 元，已用 50.00 元，剩余 0.00 元，本次 0.01 元", "明日重新计算，请届时再消费"],
    [
      "Over the day limit: limit ¥50.00, used ¥50.00, left ¥0.00, this payment ¥0.01",
      "It counts anew tomorrow: please come back then"
    ]
  ],
  [
    "R73",
    {
      _tag: "CountLimitExceeded",
      amount: yuan("5.00"),
      quota: quota({ measure: "count", threshold: 3, used: 3, remaining: 0 })
    },
    ["超过午餐次数上限：限额 3 次，已用 3 次，剩余 0 次，本次 5.00 元", "13:30 起重新计算，请届时再消费"],
    [
      "Over the lunch count limit: limit 3, used 3, left 0, this payment ¥5.00",
      "It counts anew from 13:30 on: please come back then"
    ]
  ],
  [
    "R73",
    {
      _tag: "CountLimitExceeded",
      amount: yuan("5.00"),
      quota: quota({ measure: "count", per: "day", threshold: 6, used: 6, remaining: 0 })
    },
    ["超过当日次数上限：限额 6 次，已用 6 次，剩余 0 次，本次 5.00 元", "明日重新计算，请届时再消费"],
    [
      "Over the day's count limit: limit 6, used 6, left 0, this payment ¥5.00",
      "It counts anew tomorrow: please come back then"
    ]
  ],
  [
    "R73 A7",
    { _tag: "PasswordRequired", amount: yuan("5.00"), quota: quota({ tier: "password" }) },
    ["需要卡密码：超过午餐餐限，限额 30.00 元，已用 28.00 元，剩余 2.00 元，本次 5.00 元", "请输入卡密码"],
    [
      "Card password needed: over the lunch limit, limit ¥30.00, used ¥28.00, left ¥2.00, this payment ¥5.00",
      "Type the card password"
    ]
  ],
  [
    "R73",
    { _tag: "PasswordMissing" },
    ["需要卡密码", "请输入卡密码后重试"],
    ["Card password needed", "Type the card password and try again"]
  ],
  [
    "R73 R36",
    { _tag: "PasswordWrong", left: 2 },
    ["密码错误，还可再试 2 次", `请重新输入；忘记密码请${windows}重置`],
    ["Wrong password, tries left: 2", `Type it again; if forgotten, have it reset ${desks}`]
  ],
  [
    "R73 R36",
    { _tag: "PasswordWrong", left: 0 },
    ["密码错误，此处已锁定", `请持本人身份证和校园卡${windows}重置密码。${hours}`],
    ["Wrong password: locked here", `Have the password reset ${desks}, with ${documents}. ${open}`]
  ],
  [
    "R73 D15",
    { _tag: "PasswordWrong", waitUntil: at("2025-11-28 10:00:30") },
    ["密码错误，2025-11-28 10:01 前不能再试", "请届时再试"],
    ["Wrong password: no other try before 2025-11-28 10:01", "Try again then"]
  ],
  [
    "R73 R36",
    { _tag: "PasswordLocked" },
    ["密码错误次数过多，此处已锁定", `请持本人身份证和校园卡${windows}重置密码。${hours}`],
    ["Too many wrong passwords: locked here", `Have the password reset ${desks}, with ${documents}. ${open}`]
  ],
  [
    "R73 D15",
    { _tag: "PasswordLocked", until: at("2025-11-28 10:00") },
    ["密码错误次数过多，2025-11-28 10:00 前不能再试", "请届时再试"],
    ["Too many wrong passwords: locked until 2025-11-28 10:00", "Try again then"]
  ],
  [
    "R73",
    { _tag: "PasswordStale" },
    ["密码刚刚修改过", "请输入新密码"],
    ["The password has just been changed", "Type the new one"]
  ],
  [
    "R73 A12",
    { _tag: "PasswordMustChange" },
    ["初始密码须先修改才能使用", `请持本人身份证和校园卡${windows}或教育阳光服务大厅自助机修改密码。${hours}`],
    [
      "The initial password must be changed first",
      `Change it ${desks} or the Kiosk in the service hall, with ${documents}. ${open}`
    ]
  ],
  [
    "R73 A14",
    { _tag: "PasswordTooWeak", weakness: "sameAsInitial" },
    ["新密码不能与初始密码相同", "请换一个不易猜到的六位数字"],
    ["The new password is the initial one", "Choose six digits that are hard to guess"]
  ],
  [
    "R73 A14",
    { _tag: "PasswordTooWeak", weakness: "allSame" },
    ["新密码不能是同一个数字", "请换一个不易猜到的六位数字"],
    ["The new password is one digit repeated", "Choose six digits that are hard to guess"]
  ],
  [
    "R73 A14",
    { _tag: "PasswordTooWeak", weakness: "sequence" },
    ["新密码不能是连续数字", "请换一个不易猜到的六位数字"],
    ["The new password is a plain sequence", "Choose six digits that are hard to guess"]
  ],
  [
    "R73 D1",
    {
      _tag: "InsufficientChipPurse",
      amount: yuan("30.00"),
      chip: yuan("23.00"),
      elsewhere: elsewhere({ chip: yuan("23.00"), transit: yuan("50.00") })
    },
    ["卡余额不足：本次 30.00 元，卡余额 23.00 元，过渡余额 50.00 元", "请到食堂消费机刷卡两秒圈存"],
    [
      "Not enough on the card: this payment ¥30.00, chip ¥23.00, in transit ¥50.00",
      "Tap the card at a canteen terminal for two seconds to load it"
    ]
  ],
  [
    "R73 D1",
    {
      _tag: "InsufficientChipPurse",
      amount: yuan("30.00"),
      chip: yuan("23.00"),
      elsewhere: elsewhere({ chip: yuan("35.00"), held: yuan("10.00"), wallet: yuan("40.00") })
    },
    [
      "卡余额不足：本次 30.00 元，卡余额 23.00 元，账面卡余额 35.00 元，圈存待确认 10.00 元，电子钱包 40.00 元",
      "请到食堂消费机刷卡两秒圈存；也可用 e 码通付款码付款"
    ],
    [
      "Not enough on the card: this payment ¥30.00, chip ¥23.00, chip by the books ¥35.00, load to be confirmed ¥10.00, e-wallet ¥40.00",
      "Tap the card at a canteen terminal for two seconds to load it. Or pay with the e码通 pay code"
    ]
  ],
  [
    "R73 D1",
    {
      _tag: "InsufficientChipPurse",
      amount: yuan("30.00"),
      chip: yuan("0.00"),
      elsewhere: elsewhere({ transit: yuan("5.00"), subsidy: yuan("8.00") })
    },
    [
      "卡余额不足：本次 30.00 元，卡余额 0.00 元，过渡余额 5.00 元，补助 8.00 元",
      "请用今日校园 APP 或建设银行手机 APP 充值；到账后请到食堂消费机刷卡两秒圈存"
    ],
    [
      "Not enough on the card: this payment ¥30.00, chip ¥0.00, in transit ¥5.00, subsidy ¥8.00",
      "Top up with the Today Campus app or the China Construction Bank app. Tap the card at a canteen terminal for two seconds to load it"
    ]
  ],
  [
    "R73 D1",
    {
      _tag: "InsufficientChipPurse",
      amount: yuan("30.00"),
      chip: yuan("1.00"),
      elsewhere: elsewhere({ chip: yuan("1.00"), wallet: yuan("30.00") })
    },
    ["卡余额不足：本次 30.00 元，卡余额 1.00 元，电子钱包 30.00 元", "请用 e 码通付款码付款"],
    ["Not enough on the card: this payment ¥30.00, chip ¥1.00, e-wallet ¥30.00", "Pay with the e码通 pay code"]
  ],
  [
    "R73 D1",
    { _tag: "InsufficientChipPurse", amount: yuan("30.00"), chip: yuan("23.00") },
    [
      "卡余额不足：本次 30.00 元，卡余额 23.00 元",
      "已充值的请到食堂消费机刷卡两秒圈存；未充值的请用今日校园 APP 或建设银行手机 APP 充值"
    ],
    [
      "Not enough on the card: this payment ¥30.00, chip ¥23.00",
      "Topped up already? Tap the card at a canteen terminal for two seconds to load it. Otherwise: Top up with the Today Campus app or the China Construction Bank app"
    ]
  ],
  [
    "R73 D1",
    {
      _tag: "InsufficientWallet",
      amount: yuan("30.00"),
      available: yuan("12.00"),
      elsewhere: elsewhere({ chip: yuan("45.00"), transit: yuan("12.00") })
    },
    ["可用余额不足：本次 30.00 元，可用 12.00 元（卡余额 45.00 元，过渡余额 12.00 元）", "请刷校园卡付款"],
    [
      "Not enough money: this payment ¥30.00, available ¥12.00 (chip ¥45.00, in transit ¥12.00)",
      "Pay with the campus card"
    ]
  ],
  [
    "R73 D1",
    {
      _tag: "InsufficientWallet",
      amount: yuan("30.00"),
      available: yuan("2.00"),
      elsewhere: elsewhere({ chip: yuan("5.00"), transit: yuan("50.00"), wallet: yuan("2.00") })
    },
    [
      "可用余额不足：本次 30.00 元，可用 2.00 元（卡余额 5.00 元，过渡余额 50.00 元，电子钱包 2.00 元）",
      "可用今日校园付款码付款"
    ],
    [
      "Not enough money: this payment ¥30.00, available ¥2.00 (chip ¥5.00, in transit ¥50.00, e-wallet ¥2.00)",
      "You can pay with the Today Campus pay code"
    ]
  ],
  [
    "R73 D1",
    {
      _tag: "InsufficientWallet",
      amount: yuan("30.00"),
      available: yuan("10.00"),
      elsewhere: elsewhere({ chip: yuan("25.00"), transit: yuan("10.00") })
    },
    [
      "可用余额不足：本次 30.00 元，可用 10.00 元（卡余额 25.00 元，过渡余额 10.00 元）",
      "请到食堂消费机刷卡两秒圈存，再刷卡付款"
    ],
    [
      "Not enough money: this payment ¥30.00, available ¥10.00 (chip ¥25.00, in transit ¥10.00)",
      "Tap the card at a canteen terminal for two seconds to load it, then pay with the card"
    ]
  ],
  [
    "R73 D1",
    { _tag: "InsufficientWallet", amount: yuan("30.00"), available: yuan("0.00"), elsewhere: elsewhere({}) },
    ["可用余额不足：本次 30.00 元，可用 0.00 元", "请用今日校园 APP、校园 e 码通小程序或建设银行手机 APP 充值"],
    [
      "Not enough money: this payment ¥30.00, available ¥0.00",
      "Top up with the Today Campus app, the e码通 mini program or the China Construction Bank app"
    ]
  ],
  [
    "R73 D1",
    { _tag: "InsufficientWallet", amount: yuan("30.00"), available: yuan("12.00") },
    ["可用余额不足：本次 30.00 元，可用 12.00 元", "请用今日校园 APP、校园 e 码通小程序或建设银行手机 APP 充值"],
    [
      "Not enough money: this payment ¥30.00, available ¥12.00",
      "Top up with the Today Campus app, the e码通 mini program or the China Construction Bank app"
    ]
  ],
  [
    "R73 A9",
    { _tag: "PurseCeiling", ceiling: yuan("1000.00"), chip: yuan("1000.00"), waiting: yuan("50.00") },
    [
      "卡余额已到上限：上限 1000.00 元，卡余额 1000.00 元，待圈存 50.00 元",
      "待圈存金额已保留；刷卡消费后，请到食堂消费机刷卡两秒圈存"
    ],
    [
      "The card is full: ceiling ¥1000.00, chip ¥1000.00, waiting ¥50.00",
      "The waiting money is kept. Spend from the card first. Tap the card at a canteen terminal for two seconds to load it"
    ]
  ],
  [
    "R73 R27",
    { _tag: "NothingToLoad" },
    ["没有待圈存的金额", "刚充值的请稍后再刷卡；未充值的请用今日校园 APP 或建设银行手机 APP 充值"],
    [
      "Nothing waits to be loaded",
      "Just topped up? Tap again later. Top up with the Today Campus app or the China Construction Bank app"
    ]
  ],
  [
    "R73 R29",
    { _tag: "PointCannotLoad", category: "shop" },
    ["此超市消费机不能圈存", "请到食堂消费机或教育阳光服务大厅自助机刷卡两秒圈存"],
    [
      "Cards are not loaded here",
      "Tap the card at a canteen terminal or the Kiosk in the service hall for two seconds to load it"
    ]
  ],
  [
    "R73",
    { _tag: "LoadNotOpen" },
    ["没有进行中的圈存", "请到食堂消费机刷卡两秒圈存"],
    ["No load is under way", "Tap the card at a canteen terminal for two seconds to load it"]
  ],
  [
    "R73 D8",
    { _tag: "LoadUnprovable", held: yuan("50.00") },
    ["圈存结果待核实，50.00 元已保留", `请持本人身份证和校园卡${windows}核实。${hours}`],
    ["The outcome of the load is unclear, ¥50.00 is kept safe", `Have it checked ${desks}, with ${documents}. ${open}`]
  ],
  [
    "R73 D8",
    { _tag: "ReadingOutdated" },
    ["读到的卡片信息已过时", "请重新刷卡"],
    ["What was read from the card is out of date", "Tap the card again"]
  ],
  [
    "R73",
    { _tag: "ChannelUnknown", channel: "cash" },
    ["没有该充值渠道", "请用今日校园 APP、校园 e 码通小程序或建设银行手机 APP 充值"],
    [
      "No such way to top up",
      "Top up with the Today Campus app, the e码通 mini program or the China Construction Bank app"
    ]
  ],
  [
    "R73 R19",
    {
      _tag: "FundingSourceNotAccepted",
      channel: "todayCampus",
      source: "alipay",
      accepted: ["unionPayCard", "weChat", "ccbCard"]
    },
    ["今日校园 APP 不支持支付宝充值", "请选择银联卡、微信或建设银行卡"],
    [
      "Top-up in the Today Campus app: Alipay is not accepted",
      "Choose UnionPay card, WeChat or China Construction Bank card"
    ]
  ],
  [
    "R73 R21",
    { _tag: "FundingSourceNotAccepted", channel: "ecode", source: "weChat", accepted: ["unionPayCard", "ccbCard"] },
    ["校园 e 码通小程序不支持微信充值", "请选择银联卡或建设银行卡"],
    ["Top-up in the e码通 mini program: WeChat is not accepted", "Choose UnionPay card or China Construction Bank card"]
  ],
  [
    "R73 R23",
    { _tag: "NotOwnBankCard" },
    ["仅支持本人建设银行卡充值", "请换用本人名下的卡"],
    ["Only your own China Construction Bank card can be used", "Use a card in your own name"]
  ],
  [
    "R73 R26",
    { _tag: "BankCardNotBound", channel: "todayCampus" },
    ["尚未绑定银行卡", "请到教育阳光服务大厅自助机绑定银行卡和校园一卡通账号"],
    ["No bank card is bound yet", "Bind one to the campus account at the Kiosk in the service hall"]
  ],
  [
    "R73 R22",
    { _tag: "BankCardNotBound", channel: "ecode" },
    ["尚未绑定银行卡", "请在校园 e 码通小程序绑定银行卡"],
    ["No bank card is bound yet", "Bind one in the e码通 mini program"]
  ],
  [
    "R73 R22",
    { _tag: "EWalletNotOpened" },
    ["电子钱包尚未开通", "请在校园 e 码通小程序输入学号（工号）、校园卡密码和姓名，开通电子钱包"],
    ["The e-wallet is not opened yet", "Open it in the e码通 mini program with your number, card password and name"]
  ],
  [
    "R73 R20",
    {
      _tag: "AmountNotAllowed",
      amount: yuan("15.00"),
      min: yuan("0.01"),
      max: yuan("500.00"),
      choices: [yuan("10.00"), yuan("20.00"), yuan("50.00")]
    },
    ["不能充值 15.00 元", "请选择 10.00 元、20.00 元或 50.00 元"],
    ["¥15.00 cannot be topped up", "Choose ¥10.00, ¥20.00 or ¥50.00"]
  ],
  [
    "R73 A9",
    { _tag: "AmountNotAllowed", amount: yuan("1000.01"), min: yuan("0.01"), max: yuan("1000.00") },
    ["不能充值 1000.01 元", "请输入 0.01 元至 1000.00 元之间的金额"],
    ["¥1000.01 cannot be topped up", "Choose an amount from ¥0.01 to ¥1000.00"]
  ],
  [
    "R73 D2",
    { _tag: "OrderAlreadyCredited" },
    ["该充值订单已入账", "无需重复入账；如重复付款，请联系充值渠道退款"],
    [
      "This top-up has been credited already",
      "Nothing more is needed. If it was paid twice, ask the channel for a refund"
    ]
  ],
  [
    "R73",
    { _tag: "NotPaid" },
    ["尚未查到该订单的付款", "如已扣款，请勿重复付款，稍后再查；仍未到账，请致电校园卡服务中心：0731-82804313"],
    [
      "No payment of this order is known yet",
      "If you have paid, do not pay again but look later. Still missing? Call the card service: 0731-82804313"
    ]
  ],
  [
    "R73 R42",
    { _tag: "HoldNotElapsed", availableAt: at("2025-12-01 15:00") },
    ["冻结金额 2025-12-01 15:00 起可领取", "请届时用新卡到教育阳光服务大厅自助机领取冻结金额"],
    [
      "The frozen money can be claimed from 2025-12-01 15:00 on",
      "Claim it then with the new card at the Kiosk in the service hall"
    ]
  ],
  [
    "R73 R42",
    { _tag: "AlreadyClaimed", claimedAt: at("2025-12-01 15:20") },
    ["冻结金额已于 2025-12-01 15:20 领取", "领取的金额如未到卡上，请到食堂消费机刷卡两秒圈存"],
    [
      "The frozen money was claimed at 2025-12-01 15:20",
      "Not on the card yet? Tap the card at a canteen terminal for two seconds to load it"
    ]
  ],
  [
    "R73",
    { _tag: "NothingToClaim" },
    ["没有可领取的冻结金额", "请致电校园卡服务中心：0731-82804313"],
    ["There is no frozen money to claim", "Call the card service: 0731-82804313"]
  ],
  [
    "R73 R42",
    { _tag: "WrongCardForClaim" },
    ["老卡不能领取冻结金额", "请用新卡到教育阳光服务大厅自助机领取冻结金额"],
    ["Frozen money is not claimed with the old card", "Claim it with the new card at the Kiosk in the service hall"]
  ],
  [
    "R73 A24",
    { _tag: "FeeUnpaid", fee: yuan("20.00") },
    ["应缴费用 20.00 元，尚未缴清", "请缴费后再办理"],
    ["A fee of ¥20.00 is due", "Pay it, then begin again"]
  ],
  [
    "R73 A24",
    { _tag: "FeeUnpaid", fee: yuan("0.00") },
    ["此业务应缴 0.00 元", "无需缴费，请重新办理"],
    ["The fee here is ¥0.00", "Nothing is to be paid: begin again"]
  ],
  [
    "R73 D16",
    { _tag: "ClockUntrusted", skew: 60_001, tolerance: 60_000 },
    ["设备时间相差 61 秒，最多允许 60 秒", "请校准设备时间后重新操作"],
    [
      "The clock of this device is off by 61 s, at most 60 s is allowed",
      "Set the clock of this device, then begin again"
    ]
  ],
  [
    "R73 D16",
    { _tag: "ClockUntrusted", skew: 28_800_000, tolerance: 60_000 },
    ["设备时间相差 8 小时，最多允许 60 秒", "请校准设备时间后重新操作"],
    [
      "The clock of this device is off by 8 h, at most 60 s is allowed",
      "Set the clock of this device, then begin again"
    ]
  ],
  [
    "R73 D16",
    { _tag: "RecordDatedInFuture", at: at("2025-11-28 12:05"), receivedAt: at("2025-11-28 12:00") },
    ["流水时间 2025-11-28 12:05:00 晚于收到时间 2025-11-28 12:00:00", "请工作人员核对消费机时间和该笔流水"],
    [
      "Record dated 2025-11-28 12:05:00, yet it arrived before that, at 2025-11-28 12:00:00",
      "Staff: check the terminal's clock and this record"
    ]
  ],
  [
    "R73 D16",
    { _tag: "RecordBeforeActivation", at: at("2025-11-28 12:00"), activatedAt: at("2025-11-28 15:00") },
    ["流水时间 2025-11-28 12:00:00 早于校园卡激活时间 2025-11-28 15:00:00", "请工作人员核对消费机时间和该笔流水"],
    [
      "Record dated 2025-11-28 12:00:00: the card was activated later, at 2025-11-28 15:00:00",
      "Staff: check the terminal's clock and this record"
    ]
  ],
  [
    "R73 D16",
    { _tag: "RecordBeforeActivation", at: at("2025-11-28 12:00") },
    ["流水时间 2025-11-28 12:00:00，该卡尚未激活", "请工作人员核对消费机时间和该笔流水"],
    [
      "Record dated 2025-11-28 12:00:00: the card is not activated yet",
      "Staff: check the terminal's clock and this record"
    ]
  ],
  [
    "R73 D16",
    { _tag: "RecordTooOld", at: at("2025-11-20 12:00"), days: 7 },
    ["流水时间 2025-11-20 12:00，已超过 7 天", "请工作人员人工核对该笔流水"],
    ["Record dated 2025-11-20 12:00: more than 7 days old", "Staff: look at this record"]
  ],
  [
    "R73 D11",
    { _tag: "PaymentAlreadyRecorded", amount: yuan("12.00") },
    ["本次消费 12.00 元，已按脱机流水收款", "无需再次付款"],
    ["These ¥12.00 have been paid already, by a record of this terminal", "There is nothing to pay again"]
  ],
  [
    "R73",
    { _tag: "RecordAlreadyPosted" },
    ["该笔流水已入账", "请勿手工付款；已付的请收回"],
    ["This record is posted already", "Pay nothing for it by hand; what was paid that way, take back"]
  ],
  [
    "R73 I15",
    { _tag: "RecordContested" },
    ["该笔流水的编号已被占用，不能入账", "请工作人员人工核对该笔流水"],
    ["This record cannot be posted: its name is taken", "Staff: look at this record"]
  ],
  [
    "R73 I15",
    { _tag: "RecordUnnumbered" },
    ["该笔流水的号码、时间或金额已损坏", "请工作人员人工核对该笔流水"],
    ["A number, the time or an amount of this record is damaged", "Staff: look at this record"]
  ],
  [
    "R73 D5",
    { _tag: "NotReversible", purchase, reason: "unknown" },
    ["未查到可冲正的消费", "请核对交易明细后重试"],
    ["No such purchase that could be reversed", "Check the list of purchases and try again"]
  ],
  [
    "R73 D5",
    { _tag: "NotReversible", purchase, reason: "alreadyReversed" },
    ["该笔消费已冲正", "款项已退回，请查看交易明细"],
    ["This purchase is reversed already", "The money is back: see the list of purchases"]
  ],
  [
    "R73 D5 I14",
    { _tag: "NotReversible", purchase, reason: "partlyReturned" },
    ["该笔消费已部分退款，不能再冲正", "请致电校园卡服务中心：0731-82804313"],
    ["A part of this purchase is refunded already: it can not be reversed", "Call the card service: 0731-82804313"]
  ],
  [
    "R73 D5 D11",
    { _tag: "NotReversible", purchase, reason: "recorded" },
    ["该笔消费的脱机流水已入账，不能冲正", "请致电校园卡服务中心：0731-82804313"],
    ["The record of this purchase has come: it can not be reversed", "Call the card service: 0731-82804313"]
  ],
  [
    "R73 D5",
    { _tag: "NotReversible", purchase, reason: "otherDay" },
    ["只能冲正当日的消费", "请致电校园卡服务中心：0731-82804313"],
    ["Only a purchase of the same day can be reversed", "Call the card service: 0731-82804313"]
  ],
  [
    "R73 D5",
    { _tag: "NotReversible", purchase, reason: "otherMeal" },
    ["只能冲正本餐的消费", "请致电校园卡服务中心：0731-82804313"],
    ["Only a purchase of the same meal can be reversed", "Call the card service: 0731-82804313"]
  ],
  [
    "R73 D5",
    { _tag: "NotReversible", purchase, reason: "otherPoint" },
    ["只能在原消费机冲正", "请到原消费机办理"],
    ["A purchase is reversed only where it was paid", "Go to that terminal"]
  ],
  [
    "R73 R72",
    { _tag: "OperatorMissing" },
    ["此业务须由工作人员办理", "请工作人员登录后再办理"],
    ["A member of staff does this", "Staff: sign in, then begin again"]
  ],
  [
    "R73 R72",
    { _tag: "OperatorNotAllowed", procedure: "reportFound" },
    ["当前岗位不办理解挂", `请${windows}，由负责此业务的岗位办理`],
    [
      "Not among the duties of this post: Reporting a card found",
      `Have it done ${desks}, by whoever is in charge of it`
    ]
  ],
  [
    "R73 R43",
    { _tag: "DocumentMissing", missing: ["identityDocument", "campusCard"] },
    ["材料不全：缺少本人身份证和校园卡", "请带齐本人身份证和校园卡后再办理"],
    [
      "Documents: missing your identity card and campus card",
      "Please bring your identity card and campus card, then begin again"
    ]
  ],
  [
    "R73 R36",
    { _tag: "DocumentMissing", missing: ["campusCard"] },
    ["材料不全：缺少校园卡", "请带齐校园卡后再办理"],
    ["Documents: missing your campus card", "Please bring your campus card, then begin again"]
  ],
  [
    "R73 R9",
    { _tag: "DocumentMissing", missing: ["applicationForm"] },
    ["材料不全：缺少临时卡申请表", "请填好临时卡申请表并签字盖章后再办理"],
    [
      "Documents: missing the application form for a temporary card",
      "Please have the application form filled in, signed and stamped, then begin again"
    ]
  ],
  [
    "R73 R53",
    { _tag: "DocumentMissing", missing: ["formFilled", "formSigned", "formStamped"] },
    ["材料不全：临时卡申请表未填写完整、未签字、未盖章", "请填好临时卡申请表并签字盖章后再办理"],
    [
      "Documents: application form not filled in, not signed, not stamped",
      "Please have the application form filled in, signed and stamped, then begin again"
    ]
  ],
  [
    "R73 R53",
    { _tag: "DocumentMissing", missing: ["identityDocument", "formStamped"] },
    ["材料不全：缺少本人身份证，临时卡申请表未盖章", "请带齐本人身份证，填好临时卡申请表并签字盖章后再办理"],
    [
      "Documents: missing your identity card, application form not stamped",
      "Please bring your identity card, have the application form filled in, signed and stamped, then begin again"
    ]
  ],
  [
    "R73",
    { _tag: "DocumentMissing", missing: [] },
    ["材料不全", "请带齐材料后再办理"],
    ["Documents are missing", "Bring them, then begin again"]
  ],
  [
    "R73 A19",
    { _tag: "OutsideServiceHours", nextOpening: at("2025-12-01 09:30") },
    ["现在不在办理时间内", `下次开放：2025-12-01 9:30（周一）。${hours}`],
    ["The service hall is closed now", `Next open: 2025-12-01 9:30 (Mon). ${open}`]
  ],
  [
    "R73 A19",
    { _tag: "OutsideServiceHours" },
    ["现在不在办理时间内", hours],
    ["The service hall is closed now", open]
  ],
  [
    "R73 R8 A15",
    { _tag: "MediumNotForHolder", medium: "physicalCard", kind: "trainee", allowed: ["ecodePayCode", "alipayCode"] },
    ["短期培训人员不能使用校园卡", "请改用 e 码通付款码或支付宝付款码"],
    ["Not for trainees: the campus card", "Use the e码通 pay code or the Alipay pay code"]
  ],
  [
    "R73 R8",
    { _tag: "MediumNotForHolder", medium: "todayCampusCode", kind: "visitor", allowed: [] },
    ["外来人员不能使用今日校园付款码", call[0]],
    ["Not for visitors: the Today Campus pay code", call[1]]
  ],
  [
    "R73 R8 A15",
    { _tag: "NoPlasticForHolder", kind: "visitor" },
    ["外来人员不发放实体校园卡", "请改用 e 码通付款码或支付宝付款码"],
    [
      "No plastic card for visitors",
      "Use the e码通 pay code or the Alipay pay code"
    ]
  ],
  [
    "R73 A15",
    { _tag: "NoPlasticForHolder", kind: "student" },
    ["学生不发放实体校园卡", call[0]],
    ["No plastic card for students", call[1]]
  ],
  [
    "R73 A16",
    { _tag: "EndDateNotAllowed", until: day("2027-01-01"), latest: day("2026-12-01") },
    ["有效期不能到 2027-01-01：最晚 2026-12-01", "请填写今天至 2026-12-01 之间的日期"],
    ["2027-01-01 cannot be the last day: 2026-12-01 at the latest", "Choose a day from today to 2026-12-01"]
  ],
  [
    "R73 D6",
    { _tag: "EndDateNotAllowed", until: day("2025-10-31"), latest: CivilTime.lastDay },
    ["有效期不能到 2025-10-31：该日已过", "请填写今天或以后的日期"],
    ["2025-10-31 cannot be the last day: it has passed", "Choose today or a later day"]
  ],
  [
    "R73 A16 R48",
    { _tag: "CardExpired", until: day("2025-11-30") },
    ["临时校园卡已过期：有效期至 2025-11-30", `${applyZh}。${hours}`],
    ["Temporary card expired: its last day was 2025-11-30", `${applyEn}. ${open}`]
  ],
  [
    "R73",
    { _tag: "CodeMalformed" },
    ["无法识别该码", "请刷新后重新出示"],
    ["This code cannot be read", "Refresh it and show it again"]
  ],
  [
    "R73",
    { _tag: "CodeIssuerUnknown" },
    ["无法核验该码：此处不认识其发码方", `请出示本校的付款码或身份码；仍不行，${call[0]}`],
    [
      "This code cannot be verified: its issuer is not known here",
      `Show a code of this school. Still no good? ${call[1]}`
    ]
  ],
  [
    "R73",
    { _tag: "BadSignature", by: "issuer" },
    ["该码未通过核验：发码方签名不符", "请联网打开 APP，重新出示"],
    ["This code does not verify: the issuer's signature does not fit", "Open the app online and show the code again"]
  ],
  [
    "R73",
    { _tag: "BadSignature", by: "device" },
    ["该码未通过核验：手机签名不符", "请刷新后重新出示"],
    ["This code does not verify: the phone's signature does not fit", "Refresh it and show it again"]
  ],
  [
    "R73",
    { _tag: "CodeRevoked" },
    ["该手机的授权已撤销", `请重新登录 APP 后出示；非本人操作的，${call[0]}`],
    ["The authorisation of this phone was revoked", `Sign in to the app again. Was it not you? ${call[1]}`]
  ],
  [
    "R73",
    { _tag: "CodeAuthorisationExpired", notAfter: at("2025-11-28 09:00:59") },
    ["该手机的授权已于 2025-11-28 09:00 到期", "请联网打开 APP，重新出示"],
    ["The authorisation of this phone ended at 2025-11-28 09:00", "Open the app online and show the code again"]
  ],
  [
    "R73",
    { _tag: "CodeAuthorisationNotYetValid", notBefore: at("2025-11-28 09:00:01") },
    ["该手机的授权 2025-11-28 09:01 起有效", "请核对手机时间，或届时再出示"],
    ["The authorisation of this phone begins at 2025-11-28 09:01", "Check the phone's clock, or show it then"]
  ],
  [
    "R73",
    { _tag: "CodeExpired", by: 30_000 },
    ["该码已过期 30 秒", "请勿使用截屏；请核对手机时间，刷新后重新出示"],
    [
      "This code expired 30 s ago",
      "A screenshot does not serve. Check the phone's clock, refresh the code and show it again"
    ]
  ],
  [
    "R73",
    { _tag: "CodeNotYetValid", by: 300_000 },
    ["该码还要 5 分钟才有效", "请核对手机时间，刷新后重新出示"],
    ["This code becomes valid in 5 min", "Check the phone's clock, refresh the code and show it again"]
  ],
  [
    "R73",
    { _tag: "CodeForOtherPoint" },
    ["该码用于另一处，此处无效", "请在此处刷新后重新出示"],
    ["This code was made for another place", "Refresh it here and show it again"]
  ],
  [
    "R73 A22",
    { _tag: "CodeAlreadyUsed" },
    ["该码已使用过，一码只用一次", "请刷新后重新出示"],
    ["This code has been shown before: each serves once", "Refresh it and show it again"]
  ],
  [
    "R73",
    { _tag: "CodeRequired", medium: "todayCampusCode" },
    ["未读到有效的今日校园付款码", "请重新出示"],
    ["Nothing valid was read of the Today Campus pay code", "Show it again"]
  ],
  [
    "R73",
    { _tag: "ClockNotSet" },
    ["设备开机后尚未签到，无法核对时间", "请等设备联网签到后重试"],
    [
      "This device has not signed in since it started: its clock is not set",
      "Try again once it is online and signed in"
    ]
  ],
  [
    "R73 R10",
    { _tag: "NotAnAccessPoint", category: "canteen" },
    ["此食堂消费机不识别身份", "请到门禁读卡器操作"],
    ["Nobody is identified at a canteen terminal", "Try again at an access reader"]
  ],
  [
    "R73 R62",
    {
      _tag: "MediumNotForDoor",
      medium: "alipayCode",
      class: "dormGate",
      allowed: ["physicalCard", "todayCampusCode", "ecodeIdentityCode"]
    },
    ["学生公寓大门不支持支付宝付款码", "请改用校园卡、今日校园付款码或 e 码通身份码"],
    [
      "Dormitory gate: not with the Alipay pay code",
      "Use the campus card, the Today Campus pay code or the e码通 identity code"
    ]
  ],
  [
    "R73 R64",
    { _tag: "MediumNotForDoor", medium: "keyRing", class: "vault", allowed: [] },
    ["此处不支持钥匙串", call[0]],
    ["This door: not with the key ring", call[1]]
  ],
  [
    "R73 R15",
    { _tag: "NoGrantForDoor" },
    ["没有此门的授权", "如需出入，请到校园卡管理中心申请授权"],
    ["No grant for this door", "If you belong here, have it granted at the Card centre"]
  ],
  [
    "R73 R15",
    { _tag: "OutsideGrantWindow", opensAt: at("2025-11-28 08:59:01") },
    ["此门的授权现在不生效", "2025-11-28 09:00 起可以开门"],
    ["The grant for this door does not hold now", "It opens for you from 2025-11-28 09:00 on"]
  ],
  [
    "R73 R15",
    { _tag: "OutsideGrantWindow" },
    ["此门的授权现在不生效", "授权不再生效，仍需出入的，请重新到校园卡管理中心申请授权"],
    [
      "The grant for this door does not hold now",
      "It will not hold again. If you still need it, have it granted anew at the Card centre"
    ]
  ],
  [
    "R73",
    { _tag: "DoorClosed", opensAt: at("2025-11-29 06:00") },
    ["此门现在不开放", "2025-11-29 06:00 起开放"],
    ["This door is closed now", "It opens at 2025-11-29 06:00"]
  ],
  [
    "R73",
    { _tag: "DoorClosed" },
    ["此门现在不开放", `请走其他门，或${call[0]}`],
    ["This door is closed now", `Use another door. ${call[1]}`]
  ],
  [
    "R73",
    { _tag: "AntiPassback", side: "in", since: at("2025-11-28 09:00") },
    ["已于 2025-11-28 09:00 刷进，尚未刷出", "请先在出口刷出；已经出来的，请联系值班人员"],
    [
      "Went in at 2025-11-28 09:00 and has not come out",
      "First show it on the way out. Out already? Ask the staff on duty"
    ]
  ],
  [
    "R73",
    { _tag: "AntiPassback", side: "out", since: at("2025-11-28 09:00") },
    ["已于 2025-11-28 09:00 刷出，尚未刷进", "请先在入口刷进；已经进来的，请联系值班人员"],
    [
      "Went out at 2025-11-28 09:00 and has not come in",
      "First show it on the way in. In already? Ask the staff on duty"
    ]
  ],
  [
    "R73 R16",
    { _tag: "NotConfirmed" },
    ["已选门，尚未确认", "请点击确认开门"],
    ["A door was picked and not confirmed", "Confirm it to open the door"]
  ],
  [
    "R73 R15",
    { _tag: "UnknownGrant" },
    ["未查到该授权，或已撤销", "请核对授权列表"],
    ["No such grant, or it was taken back", "Check the list of grants"]
  ],
  [
    "R73",
    { _tag: "RepeatTap", waitUntil: at("2025-11-28 12:00:04.001") },
    ["同一张卡刚刚刷过", "无需重复刷卡；如要再付一笔，请在 2025-11-28 12:00:05 之后刷卡"],
    ["The same card has just been tapped", "No need to tap again. To pay once more, tap after 2025-11-28 12:00:05"]
  ],
  [
    "R73",
    { _tag: "OfflineCapExceeded", amount: yuan("60.00"), cap: yuan("50.00") },
    ["断网时单笔最多 50.00 元，本次 60.00 元", "请改用联网的消费机，或等网络恢复后再付款"],
    [
      "While cut off at most ¥50.00 at once, this payment ¥60.00",
      "Use a terminal that is online, or pay when the network is back"
    ]
  ],
  [
    "R73",
    { _tag: "OfflineTooLong", days: 8, allowed: 7 },
    ["消费机已断网 8 天，最多允许 7 天", "请改用联网的消费机；请工作人员恢复网络"],
    [
      "Terminal cut off for 8 days, at most 7 are allowed",
      "Use a terminal that is online. Staff: bring this one online again"
    ]
  ],
  [
    "R73",
    { _tag: "TerminalRecordFull", unsent: 2_001, allowed: 2_000 },
    ["消费机未上传流水 2001 笔，最多 2000 笔", "请改用联网的消费机；请工作人员恢复网络"],
    [
      "Records not uploaded from this terminal: 2001, at most 2000",
      "Use a terminal that is online. Staff: bring this one online again"
    ]
  ],
  [
    "R73 R76",
    { _tag: "NotRefundable", purchase, reason: "unknown", left: Money.zero },
    ["未查到该笔消费", "请核对交易明细后重试"],
    ["No such purchase", "Check the list of purchases and try again"]
  ],
  [
    "R73 R76",
    { _tag: "NotRefundable", purchase, reason: "returned", left: Money.zero },
    ["该笔消费已全部退回，不能再退款", "请查看交易明细"],
    ["All of this purchase is back: nothing is left to refund", "See the list of purchases"]
  ],
  [
    "R73 R76",
    { _tag: "NotRefundable", purchase, reason: "aboveOriginal", left: yuan("5.00") },
    ["退款超过该笔消费：最多还可退 5.00 元", "请退 5.00 元或更少"],
    ["More than this purchase: ¥5.00 of it can still be refunded", "Refund ¥5.00 or less"]
  ],
  [
    "R73 D6",
    { _tag: "SubsidyNotEnded", until: day("2025-11-30") },
    ["该批补助有效期至 2025-11-30，尚未到期", "请在有效期满后收回"],
    ["This subsidy has not ended: its last day is 2025-11-30", "Take it back once that day is over"]
  ],
  [
    "R73 D10",
    { _tag: "DebtSmaller", amount: yuan("6.00"), debt: yuan("5.00") },
    ["金额超过欠款：本次 6.00 元，欠款 5.00 元", "请改为 5.00 元或更少"],
    ["More than the debt: this payment ¥6.00, debt ¥5.00", "Choose ¥5.00 or less"]
  ],
  [
    "R73 D10",
    { _tag: "DebtSmaller", amount: yuan("6.00"), debt: yuan("0.00") },
    ["没有欠款：本次 6.00 元，欠款 0.00 元", "无需办理"],
    ["No debt: this payment ¥6.00, debt ¥0.00", "Nothing more is needed"]
  ],
  [
    "R73 D21",
    { _tag: "UnknownSubject", kind: "terminal" },
    ["未查到该终端", "请核对编号后重试"],
    ["No such terminal", "Check its number and try again"]
  ],
  [
    "R73 D21",
    { _tag: "SubjectExists", kind: "rechargeOrder" },
    ["该充值订单已存在", "无需重复建立"],
    ["This top-up order exists already", "Nothing more is needed"]
  ],
  [
    "R73 D21",
    { _tag: "OrderStepRefused", order: "Refunded", step: "Credited" },
    ["充值订单已退款，不能执行此操作", "请刷新订单状态后再操作"],
    ["This step does not fit a top-up order that is refunded", "Look at its state again before anything else"]
  ],
  [
    "R73 D21",
    { _tag: "TerminalNotSignedIn" },
    ["终端尚未签到", "请先签到，再继续操作"],
    ["This terminal has not signed in", "Sign in first, then go on"]
  ],
  [
    "R73 D21",
    { _tag: "GapNotOpen", from: 3, to: 7 },
    ["流水 3 至 7 不是待说明的缺口", "请按待处理缺口清单逐条说明"],
    ["The records from 3 to 7 are no gap that is open", "Explain what the list of open gaps shows, one after the other"]
  ],
  [
    "R73 D11",
    { _tag: "RecordNotSuspended" },
    ["该流水不在待处理之列", "请重新查看待处理流水"],
    ["This record does not wait to be posted", "Look at the list of waiting records again"]
  ],
  [
    "R73 D21",
    { _tag: "RecordsMissing" },
    ["账务流水少于已结算金额，暂停该商户日结", "请先恢复缺失的流水，再日结"],
    [
      "The journal holds less than was settled: this merchant is not closed",
      "Restore the missing records first, then close the day"
    ]
  ],
  [
    "R73 D21",
    { _tag: "DayNotOver", day: day("2025-11-28") },
    ["2025-11-28 尚未结束，不能日结", "请次日再日结"],
    ["2025-11-28 is not over and cannot be closed yet", "Close it on the day after"]
  ],
  [
    "R73 D21",
    { _tag: "DayAlreadyClosed", day: day("2025-11-28"), closedAt: at("2025-11-29 02:00") },
    ["2025-11-28 已于 2025-11-29 02:00 日结", "无需重复日结"],
    ["2025-11-28 was closed at 2025-11-29 02:00", "Nothing more is needed"]
  ],
  [
    "R73 D21",
    { _tag: "DayBeforeOpen", day: day("2025-11-27") },
    ["2025-11-27 尚未日结", "请先日结该日，再日结之后的日期"],
    ["2025-11-27 is not closed yet", "Close that day first, then those after it"]
  ],
  [
    "R73 D21",
    { _tag: "BatchStepRefused", batch: "granted", step: "Approve" },
    ["补助批次已发放，不能执行此操作", "请刷新批次状态后再操作"],
    ["This step does not fit a subsidy batch that is granted", "Look at its state again before anything else"]
  ],
  [
    "R73 D21",
    { _tag: "BatchNamesTwice" },
    ["名单中有账户重复", "请删去重复的一行，重新提交"],
    ["An account stands on the list twice", "Take the second line out and hand the list in again"]
  ],
  [
    "R73 D21",
    { _tag: "SameOperator" },
    ["经办人不能审批自己的单据", "请由另一位工作人员审批"],
    ["Who made it may not approve it", "Have somebody else approve it"]
  ],
  [
    "R73 R55",
    { _tag: "ChannelNotAllowed", procedure: "openTemporary", category: "app", allowed: ["counter"] },
    ["手机 APP 不办理临时校园卡办理", `请持临时卡申请表${windows}办理。${hours}`],
    [
      "Opening a temporary card is not possible in a phone app",
      `It is done ${desks}, with the application form for a temporary card. ${open}`
    ]
  ]
]

const reports: ReadonlyArray<readonly [source: string, report: Report.Report, zh: string, en: string]> = [
  [
    "D11",
    { _tag: "SpendAfterLoss", amount: yuan("18.00"), reportedAt: at("2025-11-28 09:00"), borneBy: "school" },
    "2025-11-28 09:00 挂失后消费 18.00 元，由学校承担",
    "Reported lost at 2025-11-28 09:00, then ¥18.00 spent, borne by the school"
  ],
  [
    "D11",
    { _tag: "SpendAfterLoss", amount: yuan("18.00"), reportedAt: at("2025-11-28 09:00"), borneBy: "holder" },
    "2025-11-28 09:00 挂失后消费 18.00 元，由持卡人承担",
    "Reported lost at 2025-11-28 09:00, then ¥18.00 spent, borne by the holder"
  ],
  [
    "D11",
    { _tag: "LimitExceeded", amount: yuan("5.00"), quota: quota({}) },
    "脱机消费超过午餐餐限：限额 30.00 元，已用 28.00 元，剩余 2.00 元，本次 5.00 元",
    "Offline purchase over the lunch limit: limit ¥30.00, used ¥28.00, left ¥2.00, this payment ¥5.00"
  ],
  [
    "D10",
    { _tag: "DebtArisen", debt: yuan("4.50") },
    "余额不足，欠款 4.50 元，下次入账时先行扣还",
    "Balance too small: a debt of ¥4.50, repaid first by the next credit"
  ],
  [
    "D11",
    { _tag: "SpentWhileDormant", since: day("2026-02-28") },
    "校园卡有效期自 2026-02-28 起已冻结，仍有脱机消费",
    "Offline purchase with a card frozen since 2026-02-28"
  ],
  [
    "D11",
    { _tag: "MediumWasNotAccepted", medium: "alipayCode" },
    "该处断网时不支持支付宝付款码，仍有消费",
    "Purchase with the Alipay pay code, which does not pay there while cut off"
  ],
  [
    "D11",
    { _tag: "BalanceChainBroken", amount: yuan("10.00"), chipBefore: yuan("30.00"), chipAfter: yuan("15.00") },
    "卡余额不连续：消费前 30.00 元，消费 10.00 元，消费后 15.00 元",
    "Chip balance does not add up: ¥30.00 before, ¥10.00 spent, ¥15.00 after"
  ],
  [
    "D11 R39",
    { _tag: "OpenedAgainstRule", reason: "CardLost" },
    "门禁脱机时已放行，按规则不应放行：卡已挂失",
    "Opened while cut off, and should not have: a card that was reported lost"
  ],
  [
    "D11",
    { _tag: "MealWindowDiffers", recorded: "lunch", ours: "other" },
    "餐次不一致：消费机记为午餐，按本校餐次应为其他时段",
    "Meals differ: lunch by the terminal, off-meal by the school's table"
  ],
  [
    "D11",
    { _tag: "MealWindowDiffers", recorded: "night", ours: "dinner" },
    "餐次不一致：消费机记为“night”，按本校餐次应为晚餐",
    "Meals differ: \"night\" by the terminal, dinner by the school's table"
  ]
]

describe("R73 what the school of the manual says", () => {
  for (const [source, decline, zh, en] of cases) {
    it(`${source} ${decline._tag}: ${zh[0]}`, () => {
      expect(Explanation.explain(decline, csmzxy)).toEqual({
        what: { zh: zh[0], en: en[0] },
        remedy: { zh: zh[1], en: en[1] }
      })
    })
  }

  it("R73 the table above has a case for every decline", () => {
    expect(new Set(cases.map(([, { _tag }]) => _tag))).toEqual(new Set(Object.keys(Decline.Decline.cases)))
  })

  it("R73 two lines for a display", () => {
    const explained = Explanation.explain({ _tag: "PasswordStale" }, csmzxy)
    expect(Explanation.inWords(explained)).toBe(
      "密码刚刚修改过。请输入新密码。\nThe password has just been changed. Type the new one."
    )
  })
})

describe("R73 what a clerk reads in a report", () => {
  for (const [source, report, zh, en] of reports) {
    it(`R73 ${source} ${report._tag}: ${zh}`, () => {
      expect(Explanation.describe(report, csmzxy)).toEqual({ zh, en })
    })
  }

  it("R73 D11 the table above has a case for every report", () => {
    expect(new Set(reports.map(([, { _tag }]) => _tag))).toEqual(new Set(Object.keys(Report.Report.cases)))
  })
})

describe("R56 the lines of a statement", () => {
  const line: Statement.Line = {
    sequence: 1,
    kind: "purchase",
    at: CivilTime.instant("2025-11-03 12:00"),
    place: { point: Id.PointId.make("canteen-1"), zh: "第一食堂 1 号机", en: "Canteen 1, terminal 1" },
    medium: "ecodePayCode",
    amount: Money.of(600),
    direction: "out",
    status: "partlyReturned"
  }

  it.each<[Partial<Statement.Line>, string, string]>([
    [
      {},
      "消费 e 码通付款码 第一食堂 1 号机 部分退回",
      "purchase the e码通 pay code Canteen 1, terminal 1 partly returned"
    ],
    [
      { kind: "load", medium: "physicalCard", status: "unknown" },
      "圈存到卡 校园卡 第一食堂 1 号机 待下次刷卡确认",
      "loaded onto the card the campus card Canteen 1, terminal 1 settled by the next tap"
    ],
    [
      { place: { point: Id.PointId.make("gone-1") } },
      "消费 e 码通付款码 gone-1 部分退回",
      "purchase the e码通 pay code gone-1 partly returned"
    ]
  ])("R56 %o: %s", (change, zh, en) => {
    const { medium, place, status, what } = Explanation.ofLine({ ...line, ...change }, csmzxy)
    expect([what, medium, place, status].map((text) => text?.zh).join(" ")).toBe(zh)
    expect([what, medium, place, status].map((text) => text?.en).join(" ")).toBe(en)
  })

  it.each<[Statement.Line["direction"], string]>([["out", "-6.00"], ["in", "+6.00"], ["within", "6.00"]])(
    "R56 with its time, and its sum with the sign of %s",
    (direction, amount) => {
      const { at, ...words } = Explanation.ofLine({ ...line, direction }, csmzxy)
      expect([at, words.amount]).toEqual(["2025-11-03 12:00", amount])
    }
  )

  it("R75 what is shown is called as the school calls it", () => {
    const mediumNames = { ecodePayCode: { nameZh: "掌上江城付款码", nameEn: "the Jiangcheng pay code" } }
    expect(Explanation.ofLine(line, { ...csmzxy, mediumNames }).medium).toEqual({
      zh: "掌上江城付款码",
      en: "the Jiangcheng pay code"
    })
    const refused: Decline.Decline = { _tag: "NotAcceptedOffline", medium: "ecodePayCode" }
    expect(Explanation.explain(refused, { ...csmzxy, mediumNames }).what.zh).toBe("消费机断网，暂不支持掌上江城付款码")
    expect(Explanation.explain(refused, csmzxy).what.zh).toBe("消费机断网，暂不支持 e 码通付款码")
  })

  it("R56 what nothing was shown for has no medium", () => {
    const { medium: _, ...subsidy } = { ...line, kind: "subsidy" as const }
    expect(Explanation.ofLine(subsidy, csmzxy)).not.toHaveProperty("medium")
  })
})

describe("R73 R75 another school has other places", () => {
  const told = (decline: Decline.Decline, school: Partial<SchoolProfile>): Explanation.Explanation =>
    Explanation.explain(decline, { ...csmzxy, ...school })
  const point = (category: SchoolProfile["points"][string]["category"], nameZh: string, nameEn: string) => ({
    category,
    nameZh,
    nameEn,
    loads: category === "kiosk",
    pinPad: true
  })
  const { points } = csmzxy

  it("R73 R32 days that do not follow each other, and a full day", () => {
    const open = { ...csmzxy.hours, weekdays: [7, 1, 2, 3, 5], spans: [{ from: 0, to: 1_440 }] }
    const { remedy } = told({ _tag: "CardNotActivated" }, { hours: open })
    expect(remedy.zh).toContain("办理时间：周一至周三、周五、周日 0:00—24:00，电话")
    expect(remedy.en).toContain("Open Mon–Wed, Fri, Sun 0:00–24:00, phone")
  })

  it("R73 R34 without hours the phone stays", () => {
    for (const closed of [{ weekdays: [] }, { weekdays: [1], spans: [] }]) {
      const { remedy } = told({ _tag: "CardNotActivated" }, { hours: { ...csmzxy.hours, ...closed } })
      expect(remedy.zh).toMatch(/。电话：0731-82804313$/)
      expect(remedy.en).toMatch(/\. Phone 0731-82804313$/)
    }
  })

  it("R73 names share what they have in common, and apart from that are told in full", () => {
    const counters = {
      a: point("counter", "一卡通大厅 9 号窗口", "Card hall, window 9"),
      b: point("counter", "一卡通大厅 10 号窗口", "Card hall, window 10"),
      c: point("counter", "东区服务点", "East desk")
    }
    const { remedy } = told({ _tag: "CardNotActivated" }, { points: counters })
    expect(remedy.zh).toContain("到一卡通大厅 9 号窗口、10 号窗口、东区服务点激活")
    expect(remedy.en).toContain("at the Card hall, window 9, 10 or East desk, with")
  })

  it("R73 more windows than anybody reads, or none: the kind of place", () => {
    const many = Object.fromEntries(
      Array.from({ length: 5 }, (_, i) => [`w-${i}`, point("counter", `${i} 号窗口`, `Window ${i}`)])
    )
    for (const counters of [many, {}]) {
      const { remedy } = told({ _tag: "CardNotActivated" }, { points: counters })
      expect(remedy.zh).toContain("到校园卡服务窗口激活")
      expect(remedy.en).toContain("at a card service window, with")
    }
  })

  it("R73 R29 where only a kiosk loads cards, the kiosk is named", () => {
    const { remedy } = told(
      { _tag: "LoadNotOpen" },
      {
        points: {
          ...points,
          "canteen-1": point("canteen", "食堂", "Canteen"),
          "canteen-2": point("shop", "超市", "Shop"),
          "canteen-3": point("shop", "超市", "Shop")
        }
      }
    )
    expect(remedy.zh).toBe("请到教育阳光服务大厅自助机刷卡两秒圈存")
    expect(remedy.en).toBe("Tap the card at the Kiosk in the service hall for two seconds to load it")
  })

  it("R73 R47 a procedure at the window and in an app names both", () => {
    const places = { ...csmzxy.places, extendValidity: ["app", "counter"] as const }
    const { remedy } = told({ _tag: "CardFrozenDormant", since: day("2026-02-28"), months: 3 }, { places })
    expect(remedy.zh).toContain(`请持本人身份证和校园卡${windows}或在今日校园 APP 修改校园卡有效期`)
    expect(remedy.en).toContain(`Have its validity extended ${desks} or in the Today Campus app, with`)
  })

  it("R73 a school without recharge channels, and terminals that take nothing while they are cut off", () => {
    expect(told({ _tag: "NothingToLoad" }, { recharge: {} }).remedy.zh).toBe("刚充值的请稍后再刷卡；未充值的请先充值")
    expect(told({ _tag: "NotOwnBankCard" }, { recharge: {} }).what.zh).toBe("仅支持本人银行卡充值")
    expect(told({ _tag: "EWalletNotOpened" }, { recharge: {} }).remedy.zh).toContain("在校园 e 码通小程序输入")
    const { remedy } = told({ _tag: "NotAcceptedOffline", medium: "physicalCard" }, { acceptance: [] })
    expect(remedy).toEqual({ zh: "请等网络恢复后再付款", en: "Pay when the network is back" })
  })
})

// A holiday on Thursday and Friday, and Saturday worked instead.
const calendar = { holidays: [day("2026-01-01"), day("2026-01-02")], workdays: [day("2026-01-04")] }
const moments: ReadonlyArray<readonly [now: string, zh: string, en: string]> = [
  ["2025-11-28 09:30", "现在办理中，至 12:00", "Open now, until 12:00"],
  ["2025-11-28 11:59:59", "现在办理中，至 12:00", "Open now, until 12:00"],
  ["2025-11-28 12:00", "下次开放：今天 13:00", "Next open: today 13:00"],
  ["2025-11-28 17:30", "下次开放：周一 9:30", "Next open: Mon 9:30"],
  ["2025-11-30 23:59", "下次开放：周一 9:30", "Next open: Mon 9:30"],
  ["2025-12-02 08:00", "下次开放：今天 9:30", "Next open: today 9:30"],
  ["2025-12-31 18:00", "下次开放：周日 9:30", "Next open: Sun 9:30"]
]

describe("A19 A20 R73 whether somebody sits at the counter now", () => {
  const lost: Decline.Decline = { _tag: "CardLost", reportedAt: at("2025-11-28 09:00") }
  const remedyOf = (decline: Decline.Decline, school: Partial<SchoolProfile>, now: string) =>
    Explanation.explain(decline, { ...csmzxy, ...school }, at(now)).remedy

  for (const [now, zh, en] of moments) {
    it(`A20 R32 ${now}: ${zh}`, () => {
      const { remedy } = Explanation.explain(lost, { ...csmzxy, calendar })
      expect(remedyOf(lost, { calendar }, now)).toEqual({ zh: `${remedy.zh}。${zh}`, en: `${remedy.en}. ${en}` })
    })
  }

  it("A19 a week away and longer it is told with its date", () => {
    const closed = {
      holidays: Array.from({ length: 8 }, (_, n) => CivilTime.addDays(day("2026-10-01"), n)),
      workdays: []
    }
    const { en, zh } = remedyOf(lost, { calendar: closed }, "2026-10-01 10:00")
    expect(zh).toMatch(/。下次开放：2026-10-09 9:30（周五）$/)
    expect(en).toMatch(/\. Next open: 2026-10-09 9:30 \(Fri\)$/)
    expect(remedyOf(lost, { calendar: closed }, "2026-10-03 10:00").zh).toMatch(/。下次开放：周五 9:30$/)
  })

  it("A20 a hall that opens no more, one that is open till midnight, and one that never closes", () => {
    const hours = (other: Partial<SchoolProfile["hours"]>) => ({ hours: { ...csmzxy.hours, ...other } })
    const never = remedyOf(lost, hours({ weekdays: [] }), "2025-11-28 10:00")
    expect(never.zh).toMatch(/。目前没有开放时间$/)
    expect(never.en).toMatch(/\. No opening is planned$/)
    const late = hours({ spans: [{ from: 600, to: 1_440 }] })
    expect(remedyOf(lost, late, "2025-11-28 10:00").zh).toMatch(/。现在办理中，至 24:00$/)
    const always = hours({ weekdays: [1, 2, 3, 4, 5, 6, 7], spans: [{ from: 0, to: 1_440 }] })
    expect(remedyOf(lost, always, "2025-11-28 10:00").zh).toMatch(/。现在办理中$/)
    expect(remedyOf(lost, always, "2025-11-28 10:00").en).toMatch(/\. Open now$/)
  })

  it("R33 in a vacation the hours of the vacation are named, and only then", () => {
    const winter = { from: day("2026-01-19"), to: day("2026-02-27"), weekdays: [3], spans: [{ from: 600, to: 720 }] }
    const hours = { ...csmzxy.hours, vacations: [winter] }
    const before = remedyOf(lost, { hours }, "2026-01-18 10:00")
    expect(before.zh).toContain("办理时间：周一至周五 9:30—12:00, 13:00—17:30，电话")
    expect(before.zh).toMatch(/。下次开放：周三 10:00$/)
    const within = remedyOf(lost, { hours }, "2026-01-19 10:00")
    expect(within.zh).toMatch(/。办理时间：周三 10:00—12:00，电话：0731-82804313。下次开放：周三 10:00$/)
    expect(within.en).toMatch(/\. Open Wed 10:00–12:00, phone 0731-82804313\. Next open: Wed 10:00$/)
    expect(remedyOf(lost, { hours }, "2026-02-28 10:00").zh).toMatch(/17:30，电话：0731-82804313。下次开放：周一 9:30$/)
  })

  it("A20 wherever a remedy names a window it tells so, and nowhere else", () => {
    const tags = new Set<string>()
    for (const [, decline] of cases) {
      const { remedy, what } = Explanation.explain(decline, csmzxy)
      const now = Explanation.explain(decline, csmzxy, at("2025-11-28 12:30"))
      const names = remedy.zh.includes("窗口")
      if (names) tags.add(decline._tag)
      const told = { zh: `${remedy.zh}。下次开放：今天 13:00`, en: `${remedy.en}. Next open: today 13:00` }
      expect(now).toEqual({ what, remedy: names ? told : remedy })
    }
    // Also where the window stands in the middle of a sentence, and no hours follow.
    expect([...tags]).toEqual(expect.arrayContaining(["PasswordWrong", "IdentityNotMatched", "OperatorNotAllowed"]))
    expect(tags).not.toContain("OutsideServiceHours")
  })
})

describe("R72 R73 what people are told to bring is what the counter asks for", () => {
  const desk: Readonly<Record<string, ReadonlyArray<Attendance.Presented>>> = {
    "本人身份证": [{ _tag: "IdentityDocument", kind: "residentId" }],
    "校园卡": [{ _tag: "CampusCard" }],
    // The form is no document of a person: whoever opens the account looks at it (R53).
    "临时卡申请表": []
  }
  /** "请持本人身份证和校园卡到": an identity card and a campus card. */
  const named = (remedy: string): ReadonlyArray<string> => {
    const told = /^请(?:持([^到]+))?到/.exec(remedy)
    expect(told).not.toBeNull()
    return told?.[1]?.split(/、|和/) ?? []
  }
  const sentTo: Partial<Record<Procedure, ReadonlyArray<Decline.Decline>>> = {
    issueCard: [{ _tag: "CardCancelled" }, { _tag: "NotEligibleForTempCard" }],
    activateCard: [{ _tag: "CardNotActivated" }, { _tag: "CardAwaitingActivation" }],
    extendValidity: [{ _tag: "CardFrozenDormant", since: day("2026-02-28"), months: 3 }],
    changePassword: [{ _tag: "PasswordMustChange" }],
    resetPassword: [{ _tag: "PasswordLocked" }, { _tag: "PasswordWrong", left: 0 }],
    closeAccount: [{ _tag: "AccountNotClosing" }]
  }
  const counter: Point = { category: "counter", nameZh: "3 号窗口", nameEn: "Window 3", loads: false, pinPad: true }
  const duties = [{ role: "clerk", department: "card-centre", procedures: Procedure.literals }]

  /** Goes to the counter with exactly what the remedy names. */
  const goes = (procedure: Procedure, remedy: string, papers: SchoolProfile["papers"]) => {
    const presented = named(remedy).flatMap((paper) => {
      expect(Object.keys(desk)).toContain(paper)
      return desk[paper] ?? []
    })
    const attended = (shown: Attendance.Attendance["presented"]) =>
      Attendance.refuse({ duties, papers, supervised: [] }, procedure, counter, {
        operator: Id.OperatorId.make("op-1"),
        role: "clerk",
        department: "card-centre",
        presented: shown
      })
    expect(attended(presented)).toBeUndefined()
    for (const one of presented) {
      expect(attended(presented.filter((other) => other !== one))).toMatchObject({ _tag: "DocumentMissing" })
    }
  }

  const required = fc.subarray(["identityDocument", "campusCard"] as const)
  for (const procedure of Procedure.literals) {
    it(`R72 ${procedure}`, () => {
      fc.assert(fc.property(required, (required) => {
        const papers = [{ procedures: [procedure], required }]
        const places = { ...csmzxy.places, [procedure]: ["counter"] as const }
        const here: Decline.Decline = { _tag: "ChannelNotAllowed", procedure, category: "app", allowed: ["counter"] }
        for (const decline of [here, ...(sentTo[procedure] ?? [])]) {
          const { remedy } = Explanation.explain(decline, { ...csmzxy, papers, places })
          expect(named(remedy.zh).includes("临时卡申请表")).toBe(procedure === "openTemporary")
          goes(procedure, remedy.zh, papers)
        }
      }))
    })
  }

  it("R43 a lost card names what each of its two ways takes", () => {
    const papers = [{ procedures: ["reportFound" as const], required: ["campusCard" as const] }]
    const { remedy } = Explanation.explain(
      { _tag: "CardLost", reportedAt: at("2025-11-28 09:00") },
      { ...csmzxy, papers }
    )
    expect(remedy.zh).toContain(`已找回：请持校园卡${windows}解挂；未找回：请到教育阳光服务大厅建设银行窗口补办`)
    expect(remedy.en).toContain(
      `Found: bring your campus card and have it unlocked ${desks}. Not found: get a new one at`
    )
  })

  it("R72 where nobody attends, nothing is asked for", () => {
    const places = { ...csmzxy.places, activateCard: ["kiosk"] as const }
    const { remedy } = Explanation.explain({ _tag: "CardNotActivated" }, { ...csmzxy, places })
    expect(remedy.zh).toBe("请到教育阳光服务大厅自助机激活校园卡功能")
  })

  it("R54 a fee is named where there is one", () => {
    const free = { ...csmzxy, temporary: { ...csmzxy.temporary, fee: Money.zero } }
    expect(Explanation.explain({ _tag: "NotEligibleForRegularCard" }, free).remedy.zh).not.toContain("工本费")
  })
})

describe("R73 edges", () => {
  const of = (decline: Decline.Decline) => Explanation.inWords(Explanation.explain(decline, csmzxy))

  it("R73 A1 a time to come back is rounded up, so that nobody comes too early", () => {
    const available = (text: string) => of({ _tag: "HoldNotElapsed", availableAt: at(text) })
    expect(available("2025-12-01 15:00:00.000")).toContain("2025-12-01 15:00 起")
    expect(available("2025-12-01 15:00:00.001")).toContain("2025-12-01 15:01 起")
    expect(available("2025-12-01 23:59:30")).toContain("2025-12-02 00:00 起")
    expect(of({ _tag: "PasswordLocked", until: CivilTime.lastInstant })).toContain("9999-12-31 23:59")
  })

  it("R73 D16 a clock is off by seconds, minutes, hours or days, rounded up", () => {
    const off = (skew: number) => of({ _tag: "ClockUntrusted", skew, tolerance: 60_000 })
    expect(off(119_000)).toContain("相差 119 秒")
    expect(off(119_001)).toContain("相差 2 分钟")
    expect(off(7_140_000)).toContain("相差 119 分钟")
    expect(off(7_140_001)).toContain("相差 2 小时")
    expect(off(47 * 3_600_000)).toContain("off by 47 h")
    expect(off(47 * 3_600_000 + 1)).toContain("off by 2 days")
  })

  it("R73 D24 what came from outside unchecked is not repeated", () => {
    const outside = "13800138000 张三"
    const unchecked: ReadonlyArray<Decline.Decline> = [
      { _tag: "UnknownHandle", kind: outside },
      { _tag: "UnknownMealWindow", window: outside },
      { _tag: "ChannelNotAllowed", procedure: outside, category: "kiosk", allowed: ["counter"] },
      { _tag: "ChannelUnknown", channel: outside },
      { _tag: "FundingSourceNotAccepted", channel: outside, source: outside, accepted: [outside] },
      { _tag: "BankCardNotBound", channel: outside },
      { _tag: "OperatorNotAllowed", procedure: outside },
      { _tag: "MediumNotForDoor", medium: "keyRing", class: outside, allowed: [] },
      { _tag: "UnknownSubject", kind: outside },
      { _tag: "SubjectExists", kind: outside },
      { _tag: "OrderStepRefused", order: outside, step: outside },
      { _tag: "BatchStepRefused", batch: outside, step: outside }
    ]
    for (const decline of unchecked) expect(of(decline)).not.toMatch(/13800138000|张三/)
  })

  it("R73 names that every object has are no names of ours", () => {
    for (const name of ["constructor", "toString", "__proto__"]) {
      expect(of({ _tag: "ChannelNotAllowed", procedure: name, category: "kiosk", allowed: [] })).toContain("此业务")
      expect(of({ _tag: "OperatorNotAllowed", procedure: name })).toContain("当前岗位不办理此业务")
      expect(of({ _tag: "MediumNotForDoor", medium: "keyRing", class: name, allowed: [] })).toContain("此处不支持")
      expect(of({ _tag: "UnknownSubject", kind: name })).toContain("未查到该记录")
      expect(of({ _tag: "OrderStepRefused", order: name, step: name })).toContain("充值订单状态不符")
      expect(of({ _tag: "BatchStepRefused", batch: name, step: name })).toContain("补助批次状态不符")
      expect(of({ _tag: "FundingSourceNotAccepted", channel: name, source: name, accepted: [name] }))
        .toContain("该渠道不支持该支付方式充值")
      expect(of({ _tag: "MealLimitExceeded", amount: yuan("5.00"), quota: quota({ window: name }) }))
        .toContain(`超过“${name}”餐限`)
    }
  })

  it("R73 a meal limit that does not name its window, and a wrong password without a count", () => {
    const { window: _, ...unnamed } = quota({})
    expect(of({ _tag: "MealLimitExceeded", amount: yuan("5.00"), quota: unnamed })).toContain("超过本餐餐限")
    expect(of({ _tag: "PasswordWrong" })).toMatch(/^密码错误。请重新输入/)
  })
})

/** Fields that hold fen, times (days or instants) and counts, and those that the table alone looks at. */
const moneys = ["amount", "chip", "available", "ceiling", "waiting", "held", "fee", "min", "max", "debt", "cap"]
  .concat("chipBefore", "chipAfter", "books", "transit", "wallet", "subsidy")
const times = ["since", "reportedAt", "until", "latest", "waitUntil", "availableAt", "paidOutAt", "claimedAt", "at"]
  .concat("receivedAt", "activatedAt", "nextOpening", "opensAt", "notBefore", "notAfter", "day", "closedAt")
const counts = ["months", "days", "allowed", "unsent", "from", "to"]
const others = ["left", "skew", "tolerance", "by"]

/** The date of a day or of an instant, or of the minute at which that has come. */
const datesOf = (time: number): ReadonlyArray<string> =>
  time <= CivilTime.lastDay
    ? [CivilTime.formatDay(time as CivilTime.Day)]
    : [time, Math.min(CivilTime.lastInstant, time + CivilTime.minute - 1)].map((at) =>
      CivilTime.formatDay(CivilTime.dayOf(at as CivilTime.Instant))
    )

/** Each of its numbers that is no money, as one of several writings. A new field has to be entered above. */
const writingsOf = (value: object): ReadonlyArray<ReadonlyArray<string>> =>
  Object.entries(value).flatMap(([field, inner]: [string, unknown]) => {
    if (typeof inner !== "number" || moneys.includes(field) || others.includes(field)) return []
    expect([...times, ...counts]).toContain(field)
    // No last day is no number to be told.
    if (field === "latest" && inner === CivilTime.lastDay) return []
    return [times.includes(field) ? datesOf(inner) : [`${inner}`]]
  })

/** All fen that a value holds, and that its reader has to be told. */
const fenOf = (value: object): ReadonlyArray<number> =>
  Object.entries(value).flatMap(([field, inner]: [string, unknown]): ReadonlyArray<number> => {
    if (field === "quota") {
      const { measure, per, remaining, threshold, used } = inner as Quota
      if (measure === "count") return []
      return per === "payment" ? [threshold] : [threshold, used, remaining]
    }
    // An empty pocket elsewhere helps nobody.
    if (field === "elsewhere") return fenOf(inner as object).filter((fen) => fen > 0)
    if (field === "choices") return inner as ReadonlyArray<number>
    if (typeof inner !== "number" || !moneys.includes(field)) return []
    // Where amounts are chosen from a list, its bounds say nothing more.
    const listed = "choices" in value && (value.choices as ReadonlyArray<number>).length > 0
    if (listed && (field === "min" || field === "max")) return []
    return [inner]
  })

/** A quota as `LimitPolicy` makes them: nothing below zero, its window one of a profile. */
const plausible = <A extends object>(value: A): A =>
  "quota" in value
    ? {
      ...value,
      quota: {
        ...(value.quota as Quota),
        threshold: Math.abs((value.quota as Quota).threshold),
        used: Math.abs((value.quota as Quota).used),
        remaining: Math.abs((value.quota as Quota).remaining),
        window: "night"
      }
    }
    : value

const isReadable = (texts: ReadonlyArray<Explanation.Text>, value: { readonly _tag: string }): void => {
  const zh = texts.map((text) => text.zh).join("\n")
  const en = texts.map((text) => text.en).join("\n")
  for (const { en, zh } of texts) {
    expect(zh.trim()).not.toBe("")
    expect(en.trim()).not.toBe("")
    // The full stop is set by who renders it.
    expect(`${zh}\n${en}`).not.toMatch(/[。.]$/m)
  }
  expect(`${zh}\n${en}`).not.toMatch(/undefined|NaN|\[object|\{\}|\bfunction\b/)
  expect(`${zh}\n${en}`).not.toContain(value._tag)
  for (const fen of fenOf(value)) {
    expect(zh).toContain(`${Money.format(fen as Money.Money)} 元`)
    expect(en).toContain(`¥${Money.format(fen as Money.Money)}`)
  }
  for (const writings of writingsOf(value)) {
    for (const language of [zh, en]) expect(writings.some((written) => language.includes(written))).toBe(true)
  }
}

describe("R73 D11 I15 what the office reads of an open record", () => {
  const byHand: Lines = [
    "无法入账：请人工向商户付款，再说明该流水",
    "It cannot be posted: pay the merchant by hand, then explain the record"
  ]
  const again: Lines = [
    "终端再次上传即自动入账，请勿改动该流水",
    "It posts when the terminal sends it again: do not change the record"
  ]
  const profile: Lines = ["请在消费当时有效的学校配置中补登该", "profile that was in force at that time. "]
  const found: Lines = ["查无此人的，人工向商户付款", "If nobody is found, pay the merchant by hand"]
  const window = "tea"
  const point = Id.PointId.make("gate-7")

  it.each<readonly [Decline.Decline, ReadonlyArray<Lines>]>([
    // The office mends what was wrong, and waits.
    [{ _tag: "UnknownPoint", point }, [profile, again]],
    [{ _tag: "UnknownMealWindow", window }, [profile, again]],
    [{ _tag: "MediumNotAcceptedHere", category: "shop", medium: "alipayCode" }, [profile, again]],
    [{ _tag: "UnknownAccount" }, [["请为持卡人开户", "Open the holder's account"], found]],
    [{ _tag: "UnknownCard" }, [["请登记该卡", "Enter the card"], found]],
    [{ _tag: "UnknownHandle", kind: "alipay" }, [["绑定付款方式", "Bind the payer's code"], found]],
    [{ _tag: "RecordDatedInFuture", at: at("2025-12-01 09:00"), receivedAt: at("2025-11-28 09:00") }, [
      ["请校准终端时钟", "Set the terminal's clock"],
      [
        "时间有误的，人工向商户付款，再说明该流水",
        "If that time is wrong, pay the merchant by hand, then explain the record"
      ]
    ]],
    // It never posts by itself.
    [{ _tag: "RecordTooOld", at: at("2025-11-20 12:00"), days: 7 }, [byHand]],
    [{ _tag: "RecordBeforeActivation", at: at("2025-11-28 12:00") }, [byHand]],
    [{ _tag: "AccountClosed", since: at("2025-11-28 09:00") }, [byHand]],
    [{ _tag: "RecordContested" }, [[
      "已入账的请勿手工付款；再说明该流水",
      "pay nothing by hand that was posted. Then explain"
    ]]],
    [{ _tag: "RecordUnnumbered" }, [[
      "未入账的，人工向商户付款；再说明该流水",
      "pay the merchant by hand. Then explain the record"
    ]]],
    [{ _tag: "RecordAlreadyPosted" }, [["请勿手工付款；已付的请收回", "Pay nothing for it by hand"]]]
  ])("R73 D11 %j waits: what is the matter as ever, and what the office does", (decline, parts) => {
    const { remedy, what } = Explanation.ofSuspended(decline, csmzxy)
    expect(what).toEqual(Explanation.explain(decline, csmzxy).what)
    for (const [zh, en] of parts) {
      expect(remedy.zh).toContain(zh)
      expect(remedy.en).toContain(en)
    }
    // The payer at the till is somebody else.
    expect(`${remedy.zh}${remedy.en}`).not.toMatch(/换一台|食堂|another device|canteen|upload again/)
  })

  it.each<readonly [Refusal, Lines, Lines]>([
    [
      { _tag: "BeforeFirst", first: 100 },
      ["流水号早于该终端的首号 100", byHand[0]],
      ["Its number is from before 100, the terminal's first", byHand[1]]
    ],
    [
      { _tag: "JumpTooLarge", missing: 8_999, most: 2_000 },
      [
        "流水号之前缺 8999 号，最多 2000 号",
        "流水号属实的，请说明之前的缺号，终端再次上传即可接收；流水号损坏的，人工向商户付款，再说明该流水"
      ],
      [
        "8999 numbers are missing before it, at most 2000 may be",
        "If its number is right, explain those that are missing before it: it is taken when the terminal sends it again. If it is damaged, pay the merchant by hand, then explain the record"
      ]
    ],
    [
      { _tag: "TooManyGaps", most: 256 },
      ["该终端缺号已达 256 处", "请先补传或说明已有的缺号；终端再次上传即可接收"],
      [
        "256 gaps are open at this terminal",
        "Have the gaps filled or explain them: it is taken when the terminal sends it again"
      ]
    ],
    [
      { _tag: "TooManyOpen", most: 2_000 },
      ["该终端未处理完的流水已达 2000 笔", "请让终端再次上传，并处理已列出的流水"],
      [
        "2000 records of this terminal are open",
        "Have the terminal upload again, and see to the records that are listed"
      ]
    ],
    [
      { _tag: "Unnumbered" },
      ["该笔流水没有可用的流水号", "请检查终端和卡片；卡内已扣款而未入账的，人工向商户付款；再说明该流水"],
      [
        "This record has no usable number",
        "Have terminal and card looked at. If the chip has paid and nothing was posted, pay the merchant by hand. Then explain the record"
      ]
    ]
  ])("R73 I15 %j is refused", (refusal, zh, en) => {
    expect(Explanation.ofRefused(refusal)).toEqual({
      what: { zh: zh[0], en: en[0] },
      remedy: { zh: zh[1], en: en[1] }
    })
  })

  it("R73 I15 a conflict pays nobody; one that came is sent again, or explained", () => {
    expect(Explanation.ofConflict()).toEqual({
      what: { zh: "另有一笔不同的流水使用同一流水号", en: "Another record has the same number" },
      remedy: {
        zh: "两笔各自入账或待处理，请勿因此手工付款；请检查终端的存储和计数，再说明重号",
        en:
          "Each is posted or listed on its own: pay nothing by hand for this. Have the terminal's memory and counter looked at, then explain the conflict"
      }
    })
    expect(Explanation.ofTaken().remedy).toEqual({
      zh: "请让终端再次上传；终端已无法上传的，请说明该流水：答复会告知是否已入账，未入账的再人工向商户付款",
      en:
        "Have the terminal send it again. Where it can no more, explain the record: the answer says whether it was posted, and what was not is paid to the merchant by hand"
    })
    expect(Explanation.ofTaken().what).toEqual({
      zh: "流水已收到，尚未处理完",
      en: "It came, and nothing more is known of it yet"
    })
  })
})

describe("R73 every decline and every report, whatever stands in it", () => {
  for (const [tag, schema] of Object.entries(Decline.Decline.cases)) {
    it.prop(
      `R73 ${tag} is told in both languages, with all its numbers`,
      [schema as Schema.Codec<Decline.Decline>],
      ([any]) => {
        const decline = plausible(any)
        const { remedy, what } = Explanation.explain(decline, csmzxy)
        isReadable([what, remedy], decline)
      }
    )
  }
  for (const [tag, schema] of Object.entries(Report.Report.cases)) {
    it.prop(
      `R73 D11 ${tag} is told in both languages, with all its numbers`,
      [schema as Schema.Codec<Report.Report>],
      ([any]) => {
        const report = plausible(any)
        const told = report._tag === "MealWindowDiffers" ? { ...report, recorded: "night", ours: "other" } : report
        isReadable([Explanation.describe(told, csmzxy)], told)
      }
    )
  }
})
