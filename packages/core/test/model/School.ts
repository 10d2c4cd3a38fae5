/**
 * The school of the lives: the manual's, and from September 2027 on the same school with other rules (A25, D22). What a
 * store decides with are `profiles`; what the model knows are the plain numbers beside them, written down a second time
 * on purpose.
 */
import { instant } from "../../src/CivilTime.ts"
import * as Money from "../../src/Money.ts"
import { csmzxy } from "../../src/presets/Csmzxy.ts"
import type { History, SchoolProfile } from "../../src/SchoolProfile.ts"
import { keys } from "../support/codes.ts"
import { dayAt, dayMs, startOfDay } from "./Dates.ts"
import { frozen } from "./Expected.ts"

/** When the other rules begin. */
export const reform = instant("2027-09-01 00:00")
const online = ["physicalCard", "todayCampusCode", "ecodePayCode"] as const

/**
 * Soft limits, a fee, two months, three calendar days, the holder bears what is spent after a loss, a loss stops the
 * codes too, and those of e码通 are signed.
 */
const reformed: SchoolProfile = {
  ...csmzxy,
  version: "csmzxy-2",
  effectiveFrom: reform,
  limits: [
    {
      name: "meal",
      per: "meal",
      measure: "sum",
      password: 2_000,
      hard: 3_000,
      scope: { categories: ["canteen"], media: online }
    },
    { name: "day", per: "day", measure: "sum", password: 3_500, hard: 5_000, scope: {} }
  ],
  purseCeiling: Money.amount(30_000),
  spendOrder: "subsidyLast",
  dormancy: { months: 2 },
  replacement: {
    hold: { count: 3, unit: "calendar" },
    fee: Money.of(1_500),
    lossFreezes: "account",
    afterLossBorneBy: "holder"
  },
  codes: { issuers: keys, signed: ["ecodePayCode", "ecodeIdentityCode"] }
}

/** What the store under test decides with; frozen, so that whoever writes into it throws. */
export const profiles: History = frozen([csmzxy, reformed])

/** The rules of one time, as the model knows them. Money in fen. */
export interface School {
  readonly mealHard: number
  readonly dayHard: number
  readonly mealSoft?: number
  readonly daySoft?: number
  readonly ceiling: number
  readonly dormantAfterMonths: number
  readonly subsidyFirst: boolean
  readonly fee: number
  readonly lossStopsCodes: boolean
  /** Of these media every code is signed; of others, those that come so. */
  readonly signed: ReadonlyArray<string>
  readonly afterLossBorneBy: "school" | "holder"
  /** From when on the money of a card that was replaced then may be claimed. */
  readonly claimableFrom: (completedAt: number) => number
}

const before: School = {
  mealHard: 3_000,
  dayHard: 5_000,
  ceiling: 100_000,
  dormantAfterMonths: 3,
  subsidyFirst: true,
  fee: 0,
  lossStopsCodes: false,
  signed: [],
  afterLossBorneBy: "school",
  claimableFrom: (completedAt) => completedAt + 72 * 3_600_000
}

const after: School = {
  mealHard: 3_000,
  dayHard: 5_000,
  mealSoft: 2_000,
  daySoft: 3_500,
  ceiling: 30_000,
  dormantAfterMonths: 2,
  subsidyFirst: false,
  fee: 1_500,
  lossStopsCodes: true,
  signed: ["ecodePayCode", "ecodeIdentityCode"],
  afterLossBorneBy: "holder",
  claimableFrom: (completedAt) => startOfDay(dayAt(completedAt) + 3)
}

/** The rules in force (D22). */
export const schoolAt = (now: number): School => now < Date.UTC(2027, 8, 1) - 8 * 3_600_000 ? before : after

/** The difference of clocks that is still trusted, and how old a record may be (D16). */
export const clockTolerance = 60_000
export const recordAge = 7 * dayMs

export type Category = "canteen" | "shop" | "kiosk" | "counter" | "bankWindow" | "app" | "office" | "access"

/** The places of the preset that the lives visit. */
export const points: Readonly<
  Record<string, { readonly category: Category; readonly loads: boolean; readonly pinPad: boolean }>
> = {
  "canteen-1": { category: "canteen", loads: true, pinPad: true },
  "canteen-2": { category: "canteen", loads: true, pinPad: true },
  "canteen-3": { category: "canteen", loads: true, pinPad: false },
  "shop-1": { category: "shop", loads: false, pinPad: true },
  "kiosk-1": { category: "kiosk", loads: true, pinPad: true },
  "window-3": { category: "counter", loads: false, pinPad: true },
  "window-ccb": { category: "bankWindow", loads: false, pinPad: true },
  "today-campus": { category: "app", loads: false, pinPad: true },
  ecode: { category: "app", loads: false, pinPad: true },
  alipay: { category: "app", loads: false, pinPad: true },
  "card-centre": { category: "office", loads: false, pinPad: true },
  "dorm-1": { category: "access", loads: false, pinPad: false },
  "room-1-101": { category: "access", loads: false, pinPad: false },
  "room-1-102": { category: "access", loads: false, pinPad: false },
  "library-1": { category: "access", loads: false, pinPad: false }
}

/** Where each thing is done (R30-R47); what is done at a till is judged by acceptance and is not listed. */
export const places: Readonly<Record<string, readonly [procedure: string, ...allowed: ReadonlyArray<Category>]>> = {
  OpenAccount: ["openAccount", "office"],
  IssueCard: ["issueCard", "bankWindow"],
  ActivateCard: ["activateCard", "counter"],
  CancelCard: ["cancelCard", "counter", "bankWindow"],
  ReportLost: ["reportLost", "app"],
  ReportFound: ["reportFound", "counter"],
  ReportBankSideLost: ["reportBankSideLost", "bankWindow"],
  ExtendValidity: ["extendValidity", "counter"],
  ChangePassword: ["changePassword", "counter", "kiosk"],
  ResetPassword: ["resetPassword", "counter"],
  OpenWallet: ["openWallet", "app"],
  BindAlipay: ["bindAlipay", "app"],
  MoveToTransit: ["moveToTransit", "app"],
  PlaceRecharge: ["placeRecharge", "app"],
  CreditRecharge: ["creditRecharge", "app", "office"],
  GrantSubsidy: ["grantSubsidy", "office"],
  ExpireSubsidy: ["expireSubsidy", "office"],
  ClaimFrozen: ["claimFrozen", "kiosk"],
  CloseAccount: ["closeAccount", "counter", "office"],
  PayOut: ["payOut", "office"],
  ReversePurchase: ["reversePurchase", "canteen", "shop"],
  RefundPurchase: ["refundPurchase", "office"],
  RepayDebt: ["repayDebt", "counter"],
  WriteOffDebt: ["writeOffDebt", "office"],
  GrantAccess: ["grantAccess", "office"],
  RevokeAccess: ["revokeAccess", "office"],
  Identify: ["identify", "access"],
  OpenByKeyRing: ["openByKeyRing", "app"]
}
