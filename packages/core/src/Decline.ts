/**
 * Why the campus says no 拒绝原因: a closed union of values, each with its numbers (R73).
 *
 * A decline is data, not an exception: it has no stack, it is kept under the id of its command, and the same command
 * gets it again. It moves no money (D13). What a person reads stands in `Explanation`. That the caller contradicts
 * itself is `Misuse`, that something is broken is a `Fault`: neither is ever a decline.
 *
 * Units: money in fen, instants in milliseconds, days in civil days. No decline carries a name, an identity number, a
 * password or a card number.
 */
import { Schema } from "effect"
import { Day, Instant } from "./CivilTime.ts"
import { BookName, PointId, PurchaseId } from "./Id.ts"
import { Quota } from "./LimitPolicy.ts"
import { Medium } from "./Medium.ts"
import { Money } from "./Money.ts"
import { Kind } from "./Person.ts"
import { Category } from "./Point.ts"

const Milliseconds = Schema.Int
const Count = Schema.Int

/**
 * Where else the holder's money is, when a pocket is too small (D1). A terminal that is cut off does not know it and
 * leaves it out.
 */
export const Elsewhere = Schema.Struct({ chip: Money, transit: Money, held: Money, wallet: Money, subsidy: Money })

/** What may be missing at a counter: a document, or a mark on the application form (R53). */
export const Missing = Schema.Literals([
  "identityDocument",
  "campusCard",
  "applicationForm",
  "formFilled",
  "formSigned",
  "formStamped"
])
export type Missing = typeof Missing.Type

export const Decline = Schema.TaggedUnion({
  // Who and where
  /** No account under this id (D20). */
  UnknownAccount: {},
  /** No account holds this card (D20). */
  UnknownCard: {},
  /** Nobody has this number or code (D20). */
  UnknownHandle: { kind: Schema.String },
  /** The profile does not list this terminal, kiosk, window or app. */
  UnknownPoint: { point: PointId },
  /** The profile does not list this desk, at which money is taken or paid. */
  DeskUnknown: { desk: BookName },
  /** A record names a meal window that the profile does not have (A18). */
  UnknownMealWindow: { window: Schema.String },
  /** The account exists already. */
  AccountExists: {},
  /** The account is being closed or is closed (D7). */
  AccountClosed: { since: Instant },
  /** Students hold no temporary card (R51). */
  NotEligibleForTempCard: {},
  /** Trainees and visitors hold a temporary card only (R8, R51). */
  NotEligibleForRegularCard: {},
  /** There is nothing to pay out: the account is not being closed (D7). */
  AccountNotClosing: {},
  /** Its money is held for late records until then (D7). */
  PayOutTooEarly: { availableAt: Instant },
  /** Its money has been paid out already (D7). */
  AlreadyPaidOut: { paidOutAt: Instant },
  /** Another account holds this card already, or this one has held it before. */
  CardTaken: {},
  /** This is not done here (R36, R37, R39, R42, R43, R65, R66). */
  ChannelNotAllowed: { procedure: Schema.String, category: Category, allowed: Schema.Array(Category) },
  /** Number, identity document and name do not belong to one person (R24). */
  IdentityNotMatched: {},
  /** Too many claims that did not match: none is looked at until then (R38, D15). */
  IdentityLocked: { until: Instant },

  // The service hall (R32, R72)
  /** Nobody attends to this at a counter: operator and documents are missing (R72). */
  OperatorMissing: {},
  /** Whoever attends to it may not, by role and department (R72). */
  OperatorNotAllowed: { procedure: Schema.String },
  /** These were not presented, or are incomplete (R9, R36, R43, R53). */
  DocumentMissing: { missing: Schema.Array(Missing) },
  /** The hall is closed, and the profile makes its hours binding here (A19). None where it never opens again. */
  OutsideServiceHours: { nextOpening: Schema.optionalKey(Instant) },

  // Temporary cards (R8, R51-R55)
  /** Codes only for this person, or other ones (R8, A15). */
  MediumNotForHolder: { medium: Medium, kind: Kind, allowed: Schema.Array(Medium) },
  /** Outsiders hold codes and no plastic card (R8, A15). */
  NoPlasticForHolder: { kind: Kind },
  /** An end date in the past, or later than the profile allows (A16). Both are the last valid day. */
  EndDateNotAllowed: { until: Day, latest: Day },
  /** Past the last day of a temporary card (A16, R48). */
  CardExpired: { until: Day },

  // Acceptance (R58-R61)
  /** This medium does not pay at this kind of place. */
  MediumNotAcceptedHere: { medium: Medium, category: Category },
  /** Alipay pays only at a canteen whose terminal is cut off (R7). */
  AlipayOnlyWhenTerminalOffline: {},
  /** The terminal is cut off, and this medium needs the server (R59). */
  NotAcceptedOffline: { medium: Medium },
  /** An identity code was shown where a pay code is needed. */
  WrongCodeKind: { medium: Medium },
  /** The Alipay user has not bound the campus card (R6). */
  AlipayNotBound: {},

  // Card
  /** Handed out, but not yet activated at window 3/4 (R31). */
  CardNotActivated: {},
  /** Reported lost 挂失 (R39). */
  CardLost: { reportedAt: Instant },
  /** No purchase for the profile's months: validity frozen 过期 (R46-R48). `since`: first day of it. */
  CardFrozenDormant: { since: Day, months: Schema.Int },
  /** A newer card took its place; it can never be reported found again (R44). */
  CardSuperseded: {},
  /** Cancelled 注销. */
  CardCancelled: {},
  /** There is an active card; its loss must be reported first (R39, R74). */
  ActiveCardExists: {},
  /** A new card has been handed out and waits for activation (R31). */
  CardAwaitingActivation: {},
  /** Only a card that is reported lost can be reported found (R43). */
  CardNotLost: {},

  // Codes: each way in which one can be no good has its own reason
  /** Not a code of ours, or a damaged one. */
  CodeMalformed: {},
  /** Made by an issuer whose key is not known here. */
  CodeIssuerUnknown: {},
  /** The signature of the issuer or of the phone does not verify. */
  BadSignature: { by: Schema.Literals(["issuer", "device"]) },
  /** Its authorisation was revoked. */
  CodeRevoked: {},
  /** The phone's authorisation has ended: it has to go online. */
  CodeAuthorisationExpired: { notAfter: Instant },
  /** The phone's authorisation has not begun. */
  CodeAuthorisationNotYetValid: { notBefore: Instant },
  /** Shown `by` milliseconds too late: a screenshot, or a slow clock. */
  CodeExpired: { by: Milliseconds },
  /** Made `by` milliseconds too early: a fast clock. */
  CodeNotYetValid: { by: Milliseconds },
  /** Made for another point. */
  CodeForOtherPoint: {},
  /** Shown before: a code serves once, also when that payment failed (A22). */
  CodeAlreadyUsed: {},
  /** This medium needs a signed code here, and came without one. */
  CodeRequired: { medium: Medium },
  /** The terminal has not signed in since it started, so it cannot judge a code by its clock. */
  ClockNotSet: {},

  // Doors (R10-R18, R62-R64)
  /** Nobody is identified at such a point. */
  NotAnAccessPoint: { category: Category },
  /** This medium does not open this door, or serve at this reader. */
  MediumNotForDoor: { medium: Medium, class: Schema.String, allowed: Schema.Array(Medium) },
  /** No grant for this door (R15). */
  NoGrantForDoor: {},
  /** There is a grant, and it does not hold now (R15). None where it never will again. */
  OutsideGrantWindow: { opensAt: Schema.optionalKey(Instant) },
  /** The door is closed to all now. None where it never opens again. */
  DoorClosed: { opensAt: Schema.optionalKey(Instant) },
  /** Went in and did not come out, or the reverse (anti-passback). */
  AntiPassback: { side: Schema.Literals(["in", "out"]), since: Instant },
  /** A door was picked on the key ring and not confirmed (R16). */
  NotConfirmed: {},
  /** No such grant, or it was revoked. */
  UnknownGrant: {},

  // Limits (R49, R50, A7)
  /** One payment is above the limit per payment 单笔限额. */
  PaymentLimitExceeded: { amount: Money, quota: Quota },
  /** 餐限: the sum of this meal would be above the limit. */
  MealLimitExceeded: { amount: Money, quota: Quota },
  /** 日限: the sum of this day would be above the limit. */
  DailyLimitExceeded: { amount: Money, quota: Quota },
  /** 次数上限: too many purchases. */
  CountLimitExceeded: { amount: Money, quota: Quota },

  // Password (R35-R38, D15)
  /** Above the password tier: ask for the card password and send a new command that names this one (D18). */
  PasswordRequired: { amount: Money, quota: Quota },
  /** This needs the card password and came without one (R22). */
  PasswordMissing: {},
  /** Wrong; `left` tries are left here, or another try is taken from `waitUntil` on. */
  PasswordWrong: { left: Schema.optionalKey(Schema.Int), waitUntil: Schema.optionalKey(Instant) },
  /** Too many wrong tries here: until an instant (remote), or until it is reset at the counter. */
  PasswordLocked: { until: Schema.optionalKey(Instant) },
  /** The password was changed between its check and this command: try again (D15). */
  PasswordStale: {},
  /** Reset at the counter and not yet changed by its holder (A12). */
  PasswordMustChange: {},
  /** A new password may not be this simple (A14). */
  PasswordTooWeak: { weakness: Schema.Literals(["sameAsInitial", "allSame", "sequence"]) },

  // Money (D1)
  /** The chip holds less than this. */
  InsufficientChipPurse: { amount: Money, chip: Money, elsewhere: Schema.optionalKey(Elsewhere) },
  /** The pockets behind this code hold less than this. */
  InsufficientWallet: { amount: Money, available: Money, elsewhere: Schema.optionalKey(Elsewhere) },
  /** The chip is full: nothing more can be written to it (A9). */
  PurseCeiling: { ceiling: Money, chip: Money, waiting: Money },
  /** Nothing waits to be written to the card. */
  NothingToLoad: {},
  /** This point does not write money to cards (R29). */
  PointCannotLoad: { category: Category },
  /** No such load is open to be told of here: it was settled already, never began, or began elsewhere. */
  LoadNotOpen: {},
  /** What the chip says fits neither outcome of the open load: its money stays held until somebody looks (D8). */
  LoadUnprovable: { held: Money },

  // Recharge (R67-R69)
  /** The profile has no such recharge channel. */
  ChannelUnknown: { channel: Schema.String },
  /** This channel does not take this source of money. */
  FundingSourceNotAccepted: { channel: Schema.String, source: Schema.String, accepted: Schema.Array(Schema.String) },
  /** Only the holder's own bank card (R23). */
  NotOwnBankCard: {},
  /** The bank card must first be bound at the kiosk (R26) or in the wallet (R22). */
  BankCardNotBound: { channel: Schema.String },
  /** The e码通 wallet is not opened yet (R22). */
  EWalletNotOpened: {},
  /** Not one of the amounts offered, or outside the bounds (R20, A9). */
  AmountNotAllowed: { amount: Money, min: Money, max: Money, choices: Schema.optionalKey(Schema.Array(Money)) },
  /** This order has been credited already, by another command. */
  OrderAlreadyCredited: {},
  /** No evidence that this order was paid. */
  NotPaid: {},

  // Replacement (R42, A1)
  /** Claimed too early. */
  HoldNotElapsed: { availableAt: Instant },
  /** Claimed already. */
  AlreadyClaimed: { claimedAt: Instant },
  /** There is no frozen money. */
  NothingToClaim: {},
  /** Frozen money is claimed with the new card, never with the old one. */
  WrongCardForClaim: {},
  /** A fee must be paid first (A24). */
  FeeUnpaid: { fee: Money },

  // Requests and facts (D11, D16)
  /** The maker's clock and ours differ too much. Unit: milliseconds. */
  ClockUntrusted: { skew: Schema.Int, tolerance: Schema.Int },
  /** A record from after its own arrival. */
  RecordDatedInFuture: { at: Instant, receivedAt: Instant },
  /** A record from before the card was activated. */
  RecordBeforeActivation: { at: Instant, activatedAt: Schema.optionalKey(Instant) },
  /** A record from too long ago: a person has to look at it. */
  RecordTooOld: { at: Instant, days: Schema.Int },
  /** This record has been posted already, under another command. */
  RecordAlreadyPosted: {},
  /** What was read from the card is older than the load that is open on it: it proves nothing (D8). */
  ReadingOutdated: {},
  /** This payment has come as a record of its terminal already, and is taken (D11). */
  PaymentAlreadyRecorded: { amount: Money },
  /** Another record was posted under its name, or its name was closed to any: only a person can say what it was (I15). */
  RecordContested: {},
  /** A number, the time or an amount of this record is damaged: a person has to look at it (I15). */
  RecordUnnumbered: {},
  /** The same card again at once: most likely a second beep of one payment. */
  RepeatTap: { waitUntil: Instant },
  /** A cut-off terminal takes no more than this in one payment. */
  OfflineCapExceeded: { amount: Money, cap: Money },
  /** The terminal has been cut off for too many days. */
  OfflineTooLong: { days: Count, allowed: Count },
  /** The terminal has no room for another record that was not uploaded. */
  TerminalRecordFull: { unsent: Count, allowed: Count },
  /** Why a purchase can not be reversed. */
  NotReversible: {
    purchase: PurchaseId,
    reason: Schema.Literals([
      "unknown",
      "alreadyReversed",
      "partlyReturned",
      "recorded",
      "otherDay",
      "otherMeal",
      "otherPoint"
    ])
  },

  // Corrections (R76)
  /** Why a purchase can not be refunded; `left`: fen of it that still can. */
  NotRefundable: {
    purchase: PurchaseId,
    reason: Schema.Literals(["unknown", "returned", "aboveOriginal"]),
    left: Money
  },
  /** The subsidy has not ended yet (D6). */
  SubsidyNotEnded: { until: Day },
  /** There is no debt of this size to repay or to write off (D10). */
  DebtSmaller: { amount: Money, debt: Money },

  // Other subjects: orders, terminals, merchants' days, batches (D21)
  /** No such order, terminal, day or batch. */
  UnknownSubject: { kind: Schema.String },
  /** There is one already. */
  SubjectExists: { kind: Schema.String },
  /** An order in this state does not take this step. */
  OrderStepRefused: { order: Schema.String, step: Schema.String },
  /** The terminal has to sign in first. */
  TerminalNotSignedIn: {},
  /** No such gap in its records is open. */
  GapNotOpen: { from: Count, to: Count },
  /** No such record of this terminal waits to be posted. */
  RecordNotSuspended: {},
  /** The day is not over yet. */
  DayNotOver: { day: Day },
  /** The journal holds less of this merchant than was settled already: records are missing (I16). */
  RecordsMissing: {},
  /** The day was closed already. */
  DayAlreadyClosed: { day: Day, closedAt: Instant },
  /** The days before must be closed first. */
  DayBeforeOpen: { day: Day },
  /** The batch was approved or ended already, or not yet approved. */
  BatchStepRefused: { batch: Schema.String, step: Schema.String },
  /** The batch names an account twice. */
  BatchNamesTwice: {},
  /** An operator may not approve what was made by the same operator. */
  SameOperator: {}
})
export type Decline = typeof Decline.Type

/** The decline with this tag. */
export type Of<Tag extends Decline["_tag"]> = Extract<Decline, { readonly _tag: Tag }>
