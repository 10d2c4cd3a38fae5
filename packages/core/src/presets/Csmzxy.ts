/**
 * The school of the manual 长沙民政职业技术学院, as its operations manual tells it, with our readings where it is silent.
 *
 * The manual names places, channels, limits and periods (R1-R69); meal times (A18), amounts (A9), the ceiling of the
 * chip and the tries of a password (A14) are the shipped defaults, and its points of sale are examples.
 */
import { instant } from "../CivilTime.ts"
import * as Id from "../Id.ts"
import type { Medium } from "../Medium.ts"
import * as Money from "../Money.ts"
import type { Point } from "../Point.ts"
import type { Channel, FundingSource, Source } from "../Recharge.ts"
import type { SchoolProfile } from "../SchoolProfile.ts"

const online: ReadonlyArray<Medium> = ["physicalCard", "todayCampusCode", "ecodePayCode"]
const yuan = (text: string): Money.Amount => Money.amount(Money.yuan(text))
const clock = (hours: number, minutes: number): number => hours * 60 + minutes

const point = (
  category: Point["category"],
  nameZh: string,
  nameEn: string,
  able: { readonly loads?: boolean; readonly pinPad?: boolean; readonly merchant?: string } = {}
): Point => ({
  category,
  nameZh,
  nameEn,
  loads: able.loads ?? false,
  pinPad: able.pinPad ?? true,
  ...(able.merchant === undefined ? {} : { merchant: Id.MerchantId.make(able.merchant) })
})

const source = (
  source: FundingSource,
  holder: Source["holder"] = "anyone",
  binding: Source["binding"] = "none"
): Source => ({ source, holder, binding })

const recharge: Record<"todayCampus" | "ecode" | "ccbApp", Channel> = {
  todayCampus: {
    nameZh: "今日校园 APP",
    nameEn: "the Today Campus app",
    sources: [source("unionPayCard"), source("weChat"), source("ccbCard", "own", "transfer")],
    endsIn: "transit",
    checksIdentity: false,
    min: yuan("0.01"),
    max: yuan("500.00"),
    choices: [yuan("10.00"), yuan("20.00"), yuan("50.00"), yuan("100.00"), yuan("200.00"), yuan("500.00")],
    latePayment: "credit"
  },
  ecode: {
    nameZh: "校园 e 码通小程序",
    nameEn: "the e码通 mini program",
    sources: [source("unionPayCard", "anyone", "wallet"), source("ccbCard", "anyone", "wallet")],
    endsIn: "wallet",
    checksIdentity: false,
    min: yuan("0.01"),
    max: yuan("1000.00"),
    latePayment: "credit"
  },
  ccbApp: {
    nameZh: "建设银行手机 APP",
    nameEn: "the China Construction Bank app",
    sources: [source("ccbCard", "own")],
    endsIn: "transit",
    checksIdentity: true,
    min: yuan("0.01"),
    max: yuan("1000.00"),
    latePayment: "credit"
  }
}

/** The preset. Copy it, change what your school does otherwise, and load it with `SchoolProfile.load`. */
export const csmzxy: SchoolProfile = {
  version: "csmzxy-1",
  effectiveFrom: instant("2020-01-01 00:00"),
  school: { zh: "长沙民政职业技术学院", en: "Changsha Social Work College" },
  phone: "0731-82804313",
  hours: {
    weekdays: [1, 2, 3, 4, 5],
    spans: [{ from: clock(9, 30), to: clock(12, 0) }, { from: clock(13, 0), to: clock(17, 30) }]
  },
  points: {
    "canteen-1": point("canteen", "第一食堂 1 号机", "Canteen 1, terminal 1", { loads: true, merchant: "canteen-1" }),
    "canteen-2": point("canteen", "第二食堂 1 号机", "Canteen 2, terminal 1", { loads: true, merchant: "canteen-2" }),
    "canteen-3": point("canteen", "第二食堂无键盘机", "Canteen 2, terminal without PIN pad", {
      loads: true,
      pinPad: false,
      merchant: "canteen-2"
    }),
    "shop-1": point("shop", "校园超市", "Campus shop", { merchant: "shop-1" }),
    "kiosk-1": point("kiosk", "教育阳光服务大厅自助机", "Kiosk in the service hall", { loads: true }),
    "window-3": point("counter", "教育阳光服务大厅 3 号窗口", "Service hall, window 3"),
    "window-4": point("counter", "教育阳光服务大厅 4 号窗口", "Service hall, window 4"),
    "window-ccb": point("bankWindow", "教育阳光服务大厅建设银行窗口", "Service hall, CCB window"),
    "today-campus": point("app", "今日校园 APP", "Today Campus app"),
    "ecode": point("app", "校园 e 码通小程序", "e码通 mini program"),
    "alipay": point("app", "完美校园小程序", "Perfect Campus in Alipay"),
    "card-centre": point("office", "校园卡管理中心", "Card centre")
  },
  places: {
    openAccount: ["office"],
    issueCard: ["bankWindow"],
    activateCard: ["counter"],
    cancelCard: ["counter", "bankWindow"],
    reportLost: ["app"],
    reportFound: ["counter"],
    reportBankSideLost: ["bankWindow"],
    extendValidity: ["counter"],
    changePassword: ["counter", "kiosk"],
    resetPassword: ["counter"],
    openWallet: ["app"],
    bindTransfer: ["kiosk"],
    bindWallet: ["app"],
    bindAlipay: ["app"],
    moveToTransit: ["app"],
    placeRecharge: ["app"],
    creditRecharge: ["app", "office"],
    grantSubsidy: ["office"],
    expireSubsidy: ["office"],
    claimFrozen: ["kiosk"],
    closeAccount: ["counter"],
    payOut: ["office"],
    reversePurchase: ["canteen", "shop"]
  },
  acceptance: [
    { category: "canteen", link: "up", media: online },
    { category: "canteen", link: "down", media: ["physicalCard", "alipayCode"] },
    { category: "shop", link: "up", media: online },
    { category: "shop", link: "down", media: ["physicalCard"] }
  ],
  meals: [
    { name: "breakfast", from: clock(6, 0), to: clock(9, 30) },
    { name: "lunch", from: clock(10, 30), to: clock(13, 30) },
    { name: "dinner", from: clock(16, 30), to: clock(19, 30) }
  ],
  limits: [
    // Alipay at a cut-off canteen counts for the day, not for the meal (D3).
    { name: "meal", per: "meal", measure: "sum", hard: 3_000, scope: { categories: ["canteen"], media: online } },
    { name: "day", per: "day", measure: "sum", hard: 5_000, scope: {} }
  ],
  recharge,
  purseCeiling: yuan("1000.00"),
  spendOrder: "subsidyFirst",
  password: {
    local: { tries: 5 },
    remote: { freeTries: 3, firstWait: 30_000, longestWait: 86_400_000 }
  },
  dormancy: { months: 3 },
  replacement: {
    hold: { count: 3, unit: "elapsed" },
    fee: Money.zero,
    lossFreezes: "medium",
    afterLossBorneBy: "school"
  },
  calendar: { holidays: [], workdays: [] },
  cutOffAfter: 30_000,
  clockTolerance: 60_000
}
