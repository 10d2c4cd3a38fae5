// Numbers for the words of docs/manual.md: each decline that has any, as a person might meet it at the manual's school. One without a sample does
// not compile.
import { CivilTime, type Decline, Id, Money } from "@yikatong/core"

type Tag = Decline.Decline["_tag"]
type Numbers<T extends Tag> = Omit<Decline.Of<T>, "_tag">
type Numbered = { readonly [T in Tag as keyof Numbers<T> extends never ? never : T]: Numbers<T> }

const yuan = Money.yuan
const at = CivilTime.instant
const day = CivilTime.day
const purchase = Id.PurchaseId.make("canteen-1:purchase-1")
const minute = CivilTime.minute
const hard = { tier: "hard", measure: "sum" } as const

export const samples: Numbered = {
  UnknownHandle: { kind: "number" },
  UnknownPoint: { point: Id.PointId.make("canteen-9") },
  DeskUnknown: { desk: "window-5" },
  UnknownMealWindow: { window: "tea" },
  AccountClosed: { since: at("2026-06-26 10:00") },
  PayOutTooEarly: { availableAt: at("2026-06-29 10:00") },
  AlreadyPaidOut: { paidOutAt: at("2026-06-29 10:05") },
  ChannelNotAllowed: { procedure: "reportFound", category: "app", allowed: ["counter"] },
  IdentityLocked: { until: at("2025-11-28 12:00") },
  OperatorNotAllowed: { procedure: "refundPurchase" },
  DocumentMissing: { missing: ["applicationForm"] },
  OutsideServiceHours: { nextOpening: at("2025-12-01 09:30") },
  MediumNotForHolder: {
    medium: "todayCampusCode",
    kind: "visitor",
    allowed: ["ecodePayCode", "alipayCode", "ecodeIdentityCode", "keyRing"]
  },
  NoPlasticForHolder: { kind: "visitor" },
  EndDateNotAllowed: { until: day("2027-12-31"), latest: day("2026-11-28") },
  CardExpired: { until: day("2025-11-28") },
  MediumNotAcceptedHere: { medium: "alipayCode", category: "shop" },
  NotAcceptedOffline: { medium: "ecodePayCode" },
  WrongCodeKind: { medium: "ecodeIdentityCode" },
  CardLost: { reportedAt: at("2025-11-28 09:00") },
  CardFrozenDormant: { since: day("2026-02-28"), months: 3 },
  BadSignature: { by: "issuer" },
  CodeAuthorisationExpired: { notAfter: at("2025-11-28 06:00") },
  CodeAuthorisationNotYetValid: { notBefore: at("2025-11-28 06:00") },
  CodeExpired: { by: 2 * minute },
  CodeNotYetValid: { by: 2 * minute },
  CodeRequired: { medium: "todayCampusCode" },
  NotAnAccessPoint: { category: "shop" },
  MediumNotForDoor: { medium: "todayCampusCode", class: "roomLock", allowed: ["physicalCard", "keyRing"] },
  OutsideGrantWindow: { opensAt: at("2025-11-29 06:00") },
  DoorClosed: { opensAt: at("2025-11-29 06:00") },
  AntiPassback: { side: "in", since: at("2025-11-28 21:40") },
  PaymentLimitExceeded: {
    amount: yuan("120.00"),
    quota: { ...hard, limit: "payment", per: "payment", threshold: 10_000, used: 0, remaining: 10_000 }
  },
  MealLimitExceeded: {
    amount: yuan("12.50"),
    quota: { ...hard, limit: "meal", per: "meal", threshold: 3_000, used: 2_000, remaining: 1_000, window: "lunch" }
  },
  DailyLimitExceeded: {
    amount: yuan("0.01"),
    quota: { ...hard, limit: "day", per: "day", threshold: 5_000, used: 5_000, remaining: 0 }
  },
  CountLimitExceeded: {
    amount: yuan("3.00"),
    quota: { limit: "count", tier: "hard", measure: "count", per: "day", threshold: 10, used: 10, remaining: 0 }
  },
  PasswordRequired: {
    amount: yuan("12.50"),
    quota: {
      limit: "meal",
      tier: "password",
      measure: "sum",
      per: "meal",
      threshold: 3_000,
      used: 2_000,
      remaining: 1_000,
      window: "lunch"
    }
  },
  PasswordWrong: { left: 3 },
  PasswordLocked: { until: at("2025-11-28 12:00") },
  PasswordTooWeak: { weakness: "sequence" },
  InsufficientChipPurse: {
    amount: yuan("30.00"),
    chip: yuan("23.00"),
    elsewhere: {
      chip: yuan("23.00"),
      transit: yuan("50.00"),
      held: Money.zero,
      wallet: Money.zero,
      subsidy: Money.zero
    }
  },
  InsufficientWallet: {
    amount: yuan("30.00"),
    available: yuan("8.00"),
    elsewhere: {
      chip: yuan("23.00"),
      transit: Money.zero,
      held: Money.zero,
      wallet: yuan("8.00"),
      subsidy: Money.zero
    }
  },
  PurseCeiling: { ceiling: yuan("1000.00"), chip: yuan("1000.00"), waiting: yuan("50.00") },
  PointCannotLoad: { category: "shop" },
  LoadUnprovable: { held: yuan("50.00") },
  ChannelUnknown: { channel: "elsewhere" },
  FundingSourceNotAccepted: { channel: "ecode", source: "weChat", accepted: ["unionPayCard", "ccbCard"] },
  BankCardNotBound: { channel: "todayCampus" },
  AmountNotAllowed: {
    amount: yuan("30.00"),
    min: yuan("0.01"),
    max: yuan("500.00"),
    choices: ["10.00", "20.00", "50.00", "100.00", "200.00", "500.00"].map(yuan)
  },
  HoldNotElapsed: { availableAt: at("2025-12-01 15:00") },
  AlreadyClaimed: { claimedAt: at("2025-12-01 15:02") },
  FeeUnpaid: { fee: yuan("20.00") },
  ClockUntrusted: { skew: 5 * minute, tolerance: minute },
  RecordDatedInFuture: { at: at("2025-11-28 12:30"), receivedAt: at("2025-11-28 12:00") },
  RecordBeforeActivation: { at: at("2025-11-28 08:00"), activatedAt: at("2025-11-28 10:00") },
  RecordTooOld: { at: at("2025-11-20 12:00"), days: 7 },
  PaymentAlreadyRecorded: { amount: yuan("12.00") },
  RepeatTap: { waitUntil: at("2025-11-28 12:00:10") },
  OfflineCapExceeded: { amount: yuan("50.01"), cap: yuan("50.00") },
  OfflineTooLong: { days: 8, allowed: 7 },
  TerminalRecordFull: { unsent: 2_000, allowed: 2_000 },
  NotReversible: { purchase, reason: "otherMeal" },
  NotRefundable: { purchase, reason: "aboveOriginal", left: yuan("12.00") },
  SubsidyNotEnded: { until: day("2025-11-30") },
  DebtSmaller: { amount: yuan("20.00"), debt: yuan("12.00") },
  UnknownSubject: { kind: "rechargeOrder" },
  SubjectExists: { kind: "rechargeOrder" },
  OrderStepRefused: { order: "Credited", step: "confirmed" },
  GapNotOpen: { from: 120, to: 125 },
  DayNotOver: { day: day("2025-11-28") },
  DayAlreadyClosed: { day: day("2025-11-28"), closedAt: at("2025-11-29 02:00") },
  DayBeforeOpen: { day: day("2025-11-27") },
  BatchStepRefused: { batch: "Granted", step: "approve" }
}
