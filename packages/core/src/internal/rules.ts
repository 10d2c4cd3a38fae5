/**
 * The rules of the campus and their order 规则次序 (D14): what each says when it refuses, and in which order the rules of a
 * command are looked at. Both tables are total by their types; that they tell what `Account.decide` really does is held
 * by the test of `Trace`.
 */
import type { Command } from "../Command.ts"
import type { Decline } from "../Decline.ts"

type Tag = Decline["_tag"]

/** What each rule says when it refuses. */
const refusals = {
  // Of every command
  point: ["UnknownPoint"],
  clock: ["ClockUntrusted"],
  place: ["ChannelNotAllowed"],
  operator: ["OperatorMissing", "OperatorNotAllowed"],
  documents: ["DocumentMissing"],
  hours: ["OutsideServiceHours"],
  desk: ["DeskUnknown"],
  account: ["UnknownAccount", "UnknownCard", "UnknownHandle", "AccountExists"],
  closing: ["AccountClosed", "AccountNotClosing", "AlreadyPaidOut"],
  code: ["CodeRequired", "CodeAlreadyUsed"],

  // Accounts and cards
  eligibility: ["NotEligibleForTempCard", "NotEligibleForRegularCard", "NoPlasticForHolder"],
  application: ["DocumentMissing", "EndDateNotAllowed"],
  newCard: ["CardTaken"],
  card: [
    "UnknownCard",
    "AccountClosed",
    "CardNotActivated",
    "CardLost",
    "CardSuperseded",
    "CardCancelled",
    "CardExpired",
    "CardFrozenDormant",
    "AlipayNotBound",
    "ActiveCardExists",
    "CardAwaitingActivation",
    "CardNotLost",
    "WrongCardForClaim",
    "RecordBeforeActivation"
  ],
  fee: ["FeeUnpaid"],
  hold: ["HoldNotElapsed", "AlreadyClaimed", "NothingToClaim", "PayOutTooEarly"],
  identity: ["IdentityLocked", "IdentityNotMatched"],
  password: [
    "PasswordRequired",
    "PasswordMissing",
    "PasswordLocked",
    "PasswordStale",
    "PasswordWrong",
    "PasswordMustChange",
    "PasswordTooWeak"
  ],

  // Purchases
  acceptance: ["MediumNotAcceptedHere", "AlipayOnlyWhenTerminalOffline", "NotAcceptedOffline", "WrongCodeKind"],
  holder: ["MediumNotForHolder"],
  limits: ["PaymentLimitExceeded", "MealLimitExceeded", "DailyLimitExceeded", "CountLimitExceeded"],
  money: ["InsufficientChipPurse", "InsufficientWallet"],
  repeat: ["RepeatTap"],
  purchase: ["NotReversible", "NotRefundable"],

  // Records of terminals that were cut off
  age: ["RecordDatedInFuture", "RecordTooOld"],
  meal: ["UnknownMealWindow"],
  once: ["RecordAlreadyPosted", "PaymentAlreadyRecorded"],

  // Money that comes in, and is written to the card
  channel: ["ChannelUnknown"],
  source: ["FundingSourceNotAccepted", "NotOwnBankCard"],
  binding: ["EWalletNotOpened", "BankCardNotBound"],
  amount: ["AmountNotAllowed"],
  evidence: ["NotPaid"],
  order: ["OrderAlreadyCredited"],
  subsidy: ["SubsidyNotEnded", "EndDateNotAllowed"],
  debt: ["DebtSmaller"],
  writer: ["PointCannotLoad"],
  load: ["LoadNotOpen", "LoadUnprovable", "ReadingOutdated"],
  waiting: ["NothingToLoad", "PurseCeiling"],

  // Doors
  door: ["UnknownPoint", "NotAnAccessPoint"],
  shown: ["UnknownCard"],
  medium: ["MediumNotForDoor", "WrongCodeKind"],
  confirmation: ["NotConfirmed"],
  doorHours: ["DoorClosed"],
  grant: ["NoGrantForDoor", "UnknownGrant"],
  window: ["OutsideGrantWindow"],
  passback: ["AntiPassback"],

  // Before a command, or of other subjects (D21)
  verification: [
    "CodeMalformed",
    "CodeIssuerUnknown",
    "BadSignature",
    "CodeRevoked",
    "CodeAuthorisationExpired",
    "CodeAuthorisationNotYetValid",
    "CodeExpired",
    "CodeNotYetValid",
    "CodeForOtherPoint",
    "ClockNotSet"
  ],
  offline: ["OfflineCapExceeded", "OfflineTooLong", "TerminalRecordFull"],
  subject: [
    "UnknownSubject",
    "SubjectExists",
    "OrderStepRefused",
    "TerminalNotSignedIn",
    "GapNotOpen",
    "RecordNotSuspended",
    "RecordContested",
    "RecordUnnumbered",
    "RecordsMissing",
    "DayNotOver",
    "DayAlreadyClosed",
    "DayBeforeOpen",
    "BatchStepRefused",
    "BatchNamesTwice",
    "SameOperator"
  ]
} as const satisfies Readonly<Record<string, ReadonlyArray<Tag>>>

/** A rule that may refuse. */
export type Rule = keyof typeof refusals
/** The declines that some rule gives. That it is all of them is needed where a decline is looked up. */
type Ruled = (typeof refusals)[Rule][number]

/** Every rule. */
export const rules = Object.keys(refusals) as ReadonlyArray<Rule>

/** The rules that may give this decline: at least one. */
export const rulesOf = (decline: Ruled): readonly [Rule, ...ReadonlyArray<Rule>] => {
  const [first, ...others] = rules.filter((rule) => (refusals[rule] as ReadonlyArray<Tag>).includes(decline))
  if (first === undefined) throw new Error(`${decline} has a rule by its type`)
  return [first, ...others]
}

const terminal = ["point", "clock"] as const
const fact = ["point", "account", "acceptance", "age", "card", "meal", "once"] as const
const here = [...terminal, "place", "operator", "documents", "hours"] as const
const procedure = [...here, "account"] as const
const ofOpen = [...procedure, "closing"] as const
/** Money is taken or paid through a desk. */
const cash = [...here, "desk", "account"] as const
const access = ["medium", "confirmation", "holder", "card", "doorHours", "grant", "window", "passback"] as const

/** In which order the rules of a command are looked at. */
const orders: { readonly [C in Command["_tag"]]: ReadonlyArray<Rule> } = {
  OpenAccount: [...cash, "eligibility", "application", "fee", "password"],
  IssueCard: [...cash, "closing", "eligibility", "newCard", "card", "fee"],
  ActivateCard: [...ofOpen, "card"],
  CancelCard: [...ofOpen, "card"],
  ReportLost: [...ofOpen, "card"],
  ReportFound: [...ofOpen, "card"],
  ReportBankSideLost: [...ofOpen, "card"],
  ExtendValidity: [...ofOpen, "card"],
  ChangePassword: [...ofOpen, "card", "password"],
  ResetPassword: [...ofOpen, "card", "password"],
  OpenWallet: [...ofOpen, "card", "identity", "password"],
  BindBankCard: [...ofOpen, "card", "binding"],
  BindAlipay: [...ofOpen, "card", "identity"],
  PayByCard: [...terminal, "account", "acceptance", "holder", "card", "once", "limits", "password", "money", "repeat"],
  PayByCode: [...terminal, "account", "code", "acceptance", "holder", "card", "limits", "password", "money"],
  RecordCardPurchase: fact,
  RecordAlipayPurchase: fact,
  RecordPassage: ["point", "account", "door", "age", "card", "once"],
  ReversePurchase: [...ofOpen, "purchase"],
  PlaceRecharge: [...ofOpen, "eligibility", "card", "identity", "channel", "source", "binding", "amount"],
  // It is told when it was paid, not now (D16).
  CreditRecharge: [...ofOpen.filter((rule) => rule !== "clock"), "evidence", "channel", "order"],
  MoveToTransit: [...ofOpen, "eligibility", "card", "money"],
  GrantSubsidy: [...ofOpen, "subsidy"],
  ExpireSubsidy: [...ofOpen, "subsidy"],
  RefundPurchase: [...ofOpen, "purchase"],
  RepayDebt: [...cash, "debt"],
  WriteOffDebt: [...procedure, "debt"],
  GrantAccess: [...ofOpen, "door", "card"],
  RevokeAccess: [...ofOpen, "grant"],
  Identify: [...procedure, "code", "shown", "door", ...access],
  OpenByKeyRing: [...procedure, "door", ...access],
  CloseAccount: ofOpen,
  PayOut: [...cash, "closing", "hold"],
  BeginLoad: [...terminal, "account", "closing", "writer", "card", "load", "waiting"],
  SettleLoad: [...terminal, "account", "closing", "load"],
  ClaimFrozen: [...ofOpen, "card", "hold"]
}

/** The rules of a command in the order in which they are looked at. */
export const orderOf = (command: Command["_tag"]): ReadonlyArray<Rule> => orders[command]
