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
import type { Door, Point } from "../Point.ts"
import type { Channel, FundingSource, Source } from "../Recharge.ts"
import type { SchoolProfile } from "../SchoolProfile.ts"

const online: ReadonlyArray<Medium> = ["physicalCard", "todayCampusCode", "ecodePayCode"]
/** By e码通, or by Alipay where that pays (R8); its identity code and the key ring open what was granted (A16). */
const outsiders: ReadonlyArray<Medium> = ["ecodePayCode", "alipayCode", "ecodeIdentityCode", "keyRing"]
const yuan = (text: string): Money.Amount => Money.amount(Money.yuan(text))
const clock = (hours: number, minutes: number): number => hours * 60 + minutes

const point = (
  category: Point["category"],
  nameZh: string,
  nameEn: string,
  able: {
    readonly loads?: boolean
    readonly pinPad?: boolean
    readonly merchant?: string
    readonly department?: string
    readonly door?: Door
  } = {}
): Point => ({
  category,
  nameZh,
  nameEn,
  loads: able.loads ?? false,
  pinPad: able.pinPad ?? true,
  ...(able.merchant === undefined ? {} : { merchant: Id.MerchantId.make(able.merchant) }),
  ...(able.department === undefined ? {} : { department: able.department }),
  ...(able.door === undefined ? {} : { door: able.door })
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
  website: "http://tsxxzx.csmzxy.edu.cn/yhfw/xxhf/yktfw.htm",
  hours: {
    weekdays: [1, 2, 3, 4, 5],
    spans: [{ from: clock(9, 30), to: clock(12, 0) }, { from: clock(13, 0), to: clock(17, 30) }],
    // Hours advise (A19). In vacations they are the same (R33).
    binds: [],
    vacations: []
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
    "window-3": point("counter", "教育阳光服务大厅 3 号窗口", "Service hall, window 3", { department: "card-centre" }),
    "window-4": point("counter", "教育阳光服务大厅 4 号窗口", "Service hall, window 4", { department: "card-centre" }),
    "window-ccb": point("bankWindow", "教育阳光服务大厅建设银行窗口", "Service hall, CCB window", {
      department: "ccb"
    }),
    "today-campus": point("app", "今日校园 APP", "Today Campus app"),
    "ecode": point("app", "校园 e 码通小程序", "e码通 mini program"),
    "alipay": point("app", "完美校园小程序", "Perfect Campus in Alipay"),
    "card-centre": point("office", "校园卡管理中心", "Card centre"),
    "dorm-1": point("access", "学生公寓 1 栋大门", "Dormitory 1, main gate", {
      pinPad: false,
      door: { class: "dormGate" }
    }),
    "room-1-101": point("access", "青年公寓 1 栋 101", "Youth apartments 1, room 101", {
      pinPad: false,
      door: { class: "roomLock" }
    }),
    "room-1-102": point("access", "青年公寓 1 栋 102", "Youth apartments 1, room 102", {
      pinPad: false,
      door: { class: "roomLock" }
    }),
    "library-1": point("access", "图书馆借书台", "Library, lending desk", { pinPad: false, door: { class: "library" } })
  },
  places: {
    openAccount: ["office"],
    openTemporary: ["counter"],
    issueCard: ["bankWindow"],
    issueTemporary: ["counter"],
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
    closeAccount: ["counter", "office"],
    payOut: ["office"],
    reversePurchase: ["canteen", "shop"],
    refundPurchase: ["office"],
    repayDebt: ["counter"],
    writeOffDebt: ["office"],
    grantAccess: ["office"],
    revokeAccess: ["office"],
    openByKeyRing: ["app"],
    identify: ["access"]
  },
  duties: [
    { role: "teller", department: "ccb", procedures: ["issueCard", "reportBankSideLost", "cancelCard"] },
    {
      role: "clerk",
      department: "card-centre",
      procedures: [
        "openAccount",
        "openTemporary",
        "issueTemporary",
        "activateCard",
        "cancelCard",
        "reportFound",
        "extendValidity",
        "changePassword",
        "resetPassword",
        "repayDebt",
        "closeAccount"
      ]
    },
    { role: "warden", department: "dormitories", procedures: ["grantAccess", "revokeAccess"] },
    {
      role: "accountant",
      department: "finance",
      procedures: ["creditRecharge", "refundPurchase", "writeOffDebt", "grantSubsidy", "expireSubsidy", "payOut"]
    }
  ],
  // The manual names them for these (R30, R36, R37, R40, R43, R47); for the rest the counter sees what it needs.
  papers: [
    {
      procedures: ["activateCard", "changePassword", "resetPassword", "reportFound", "extendValidity"],
      required: ["identityDocument", "campusCard"]
    },
    { procedures: ["issueCard", "reportBankSideLost", "closeAccount"], required: ["identityDocument"] },
    { procedures: ["cancelCard"], required: ["campusCard"] }
  ],
  // Whoever gives money back or gives it up does so by name.
  supervised: ["refundPurchase", "writeOffDebt", "payOut"],
  acceptance: [
    { category: "canteen", link: "up", media: online },
    { category: "canteen", link: "down", media: ["physicalCard", "alipayCode"] },
    { category: "shop", link: "up", media: online },
    { category: "shop", link: "down", media: ["physicalCard"] }
  ],
  access: {
    // The pay code of 今日校园 is taken as identity only (R12); the e码通 pay code is not taken at all (R13).
    dormGate: {
      nameZh: "学生公寓大门",
      nameEn: "Dormitory gate",
      media: ["physicalCard", "todayCampusCode", "ecodeIdentityCode"],
      regular: "everybody",
      temporary: "granted",
      dormant: "refused",
      lost: "refused"
    },
    roomLock: {
      nameZh: "青年公寓门锁",
      nameEn: "Room lock, youth apartments",
      media: ["physicalCard", "keyRing"],
      regular: "granted",
      temporary: "granted",
      dormant: "refused",
      lost: "refused"
    },
    library: {
      nameZh: "图书馆",
      nameEn: "Library",
      media: ["physicalCard"],
      regular: "everybody",
      temporary: "granted",
      dormant: "refused",
      lost: "refused"
    }
  },
  // The codes of 今日校园 and e码通 are made and judged by their own platforms.
  codes: { issuers: [], signed: [] },
  temporary: {
    fee: yuan("20.00"),
    longest: 12,
    media: {
      staff: ["physicalCard", "todayCampusCode", "ecodePayCode", "ecodeIdentityCode", "alipayCode", "keyRing"],
      trainee: outsiders,
      visitor: outsiders
    }
  },
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
  // The cash box of each window, and what is paid to a bank account: of the CCB, of any other bank.
  desks: ["window-3", "window-4", "window-ccb", "ccb", "bank"],
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
  repeatTapWithin: 0,
  offline: { cap: yuan("50.00"), days: 7, records: 2_000 },
  merchantFee: {},
  cutOffAfter: 30_000,
  clockTolerance: 60_000
}
