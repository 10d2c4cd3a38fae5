/**
 * What somebody asks of an account, or tells it 指令.
 *
 * A request may be declined; a fact (an offline record) always posts, once (D11). The body is what its caller says, and
 * can be decoded from outside. The envelope is what the host adds: who calls, from which point, when it arrived, and
 * the proofs of what was checked outside the decision (D15, D24). Money in fen.
 */
import { Schema } from "effect"
import * as AccessGrant from "./AccessGrant.ts"
import { Attendance, Numberless } from "./Attendance.ts"
import * as BurnedCodes from "./BurnedCodes.ts"
import * as Chip from "./Chip.ts"
import { Day, Instant } from "./CivilTime.ts"
import { canonical } from "./Fingerprint.ts"
import * as Id from "./Id.ts"
import { Medium } from "./Medium.ts"
import * as Money from "./Money.ts"
import type * as Original from "./Original.ts"
import type * as Password from "./Password.ts"
import type * as Person from "./Person.ts"
import { AccountClass, Kind } from "./Person.ts"
import { Link } from "./Point.ts"
import { FundingSource, type PaidEvidence } from "./Recharge.ts"
import { Ordinal } from "./Sequence.ts"
import * as TemporaryCard from "./TemporaryCard.ts"
import type { VerifiedCode } from "./VerifiedCode.ts"

const Serial = Schema.String.check(Schema.isPattern(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/u))
const CodeMedium = Medium.pick(["todayCampusCode", "ecodePayCode", "ecodeIdentityCode", "alipayCode", "keyRing"])

/** What a caller may ask or tell. */
export const Command = Schema.TaggedUnion({
  /**
   * Opens the account that its subject names, for a person 开户. `application`: the form on which a temporary one is opened
   * (R9, R52-R54).
   */
  OpenAccount: {
    person: Id.PersonId,
    kind: Kind,
    class: AccountClass,
    application: Schema.optionalKey(TemporaryCard.Application)
  },
  /** Hands out a card at the bank window 领卡 (R30). `fee`: what was paid at which desk (A24). */
  IssueCard: {
    card: Id.CardId,
    fee: Schema.optionalKey(Schema.Struct({ amount: Money.Money, desk: Id.BookName }))
  },
  /**
   * Activates it at window 3/4 激活 (R31); where an older card is reported lost, this completes its replacement 补办 (R41).
   */
  ActivateCard: { card: Id.CardId },
  /** Takes back a card that was handed out and never activated. */
  CancelCard: { card: Id.CardId },
  /** Reports the active card lost or damaged 挂失 (R39, R45). */
  ReportLost: { reason: Schema.Literals(["lost", "damaged"]) },
  /** Reports a lost card found 解挂 (R43). */
  ReportFound: { card: Id.CardId },
  /** The bank has its half of the card reported lost (R40). */
  ReportBankSideLost: { card: Id.CardId },
  /** Extends the validity of a dormant account 修改有效期 (R47). `card`: the one that is shown; who holds codes only has none. */
  ExtendValidity: { card: Schema.optionalKey(Id.CardId) },
  /** Changes the password, with this card on the reader or shown at the counter, if its holder has one (R37, R66). */
  ChangePassword: { card: Schema.optionalKey(Id.CardId) },
  /** Resets it to the initial value, to be changed at the first use; the card is shown at the counter (R36, A12). */
  ResetPassword: { card: Schema.optionalKey(Id.CardId) },
  /** Opens the e码通 wallet, with card password and name (R22). */
  OpenWallet: {},
  /** Binds a bank card: to the e码通 wallet (R22), or for transfers at the kiosk (R26). */
  BindBankCard: { purpose: Schema.Literals(["wallet", "transfer"]) },
  /** Binds the campus card in the Alipay mini program (R6). */
  BindAlipay: {},
  /** A tap to pay 刷卡消费. `chip`: what the terminal has just read from it. */
  PayByCard: { card: Id.CardId, amount: Money.Amount, link: Link, chip: Schema.optionalKey(Chip.Reading) },
  /** A code to pay 扫码消费. `code`: which signed code it was, if it is one of ours. */
  PayByCode: {
    medium: CodeMedium,
    amount: Money.Amount,
    link: Link,
    code: Schema.optionalKey(BurnedCodes.Burned)
  },
  /**
   * A fact: a purchase that a cut-off terminal debited from the chip 脱机流水. `purchaseSequence`: the chip's count after
   * it; `window`: the meal window in which the terminal counted it; `tac`: the card's own signature, kept as evidence.
   */
  RecordCardPurchase: {
    card: Id.CardId,
    amount: Money.Amount,
    chipBefore: Money.Money,
    chipAfter: Money.Money,
    purchaseSequence: Ordinal,
    window: Schema.optionalKey(Id.Words),
    tac: Schema.optionalKey(Serial)
  },
  /** A fact: a purchase by Alipay at a cut-off canteen (R7, D3). `reference`: Alipay's own number. */
  RecordAlipayPurchase: { reference: Serial, amount: Money.Amount, window: Schema.optionalKey(Id.Words) },
  /**
   * A fact: what a cut-off reader or lock decided alone 脱机通行, whether it opened or not (R10-R17). `sequence`: the number
   * that the reader gave it; `card`, `code`: what was shown.
   */
  RecordPassage: {
    medium: Medium,
    card: Schema.optionalKey(Id.CardId),
    code: Schema.optionalKey(BurnedCodes.Burned),
    sequence: Schema.Int.check(Schema.isGreaterThanOrEqualTo(1)),
    opened: Schema.Boolean
  },
  /**
   * Undoes a purchase of the same day, meal and terminal, once (D5). `chip`: the card is at the terminal, and this is
   * what it says. `unpaid`: the card has shown its terminal that it never paid this one, by its own proof of the transaction
   * (GET TRANSACTION PROVE), where what it reads by now could not tell any more. What its card shows to be unpaid is undone in
   * later meals and on later days too. `unasked`: the terminal keeps every write that it begins, began none for this one, and has not ended it as
   * paid; that is its word and no proof. `chip` is what the chip reads now, never what it read before the purchase.
   */
  ReversePurchase: {
    purchase: Id.PurchaseId,
    chip: Schema.optionalKey(Chip.Reading),
    unpaid: Schema.optionalKey(Schema.Literal(true)),
    unasked: Schema.optionalKey(Schema.Literal(true))
  },
  /**
   * Asks whether a recharge may be paid, before any money moves (D2). `holder`: whose bank card, as the channel says.
   * `instead`: the order whose payer turns to another source; no new one is made.
   */
  PlaceRecharge: {
    channel: Id.Words,
    source: FundingSource,
    holder: Schema.Literals(["own", "other"]),
    amount: Money.Money,
    instead: Schema.optionalKey(Id.OrderId)
  },
  /** Credits an order that its channel has confirmed; needs its `PaidEvidence`. */
  CreditRecharge: {
    order: Id.OrderId,
    channel: Id.Words,
    amount: Money.Amount,
    paidAt: Instant,
    reference: Id.Words
  },
  /** Moves money from the e码通 wallet to transit, for the card (D2). */
  MoveToTransit: { amount: Money.Amount },
  /**
   * Grants a subsidy 发放补助 from the subsidy fund of the school (D6). `until`: its last day; what ends first is spent first.
   */
  GrantSubsidy: {
    amount: Money.Amount,
    batch: Schema.optionalKey(Id.BatchId),
    until: Schema.optionalKey(Day)
  },
  /** Takes back what is left 补助过期 (D6): of this batch, once its last day is over; of all, if none is named. */
  ExpireSubsidy: { batch: Schema.optionalKey(Id.BatchId) },
  /**
   * Gives back all or part of an older purchase 退款, tied to it (R76, D5): goods returned, or a wrong charge put right. Needs
   * the `Original` that a flow found.
   */
  RefundPurchase: {
    purchase: Id.PurchaseId,
    amount: Money.Amount,
    reason: Schema.Literals(["goodsReturned", "wrongCharge", "notServed"])
  },
  /** The holder repays a debt at a desk 还款 (D10). */
  RepayDebt: { amount: Money.Amount, desk: Id.BookName },
  /** The school gives up a debt 核销 (D10). */
  WriteOffDebt: { amount: Money.Amount, reason: Numberless },
  /** Grants the right to open a door 授权 (R15). */
  GrantAccess: AccessGrant.terms,
  /** Takes it back. */
  RevokeAccess: { grant: Id.GrantId },
  /** Shows a card or a code at a gate, a lock or a library reader 身份识别 (R10-R17). */
  Identify: {
    medium: Medium,
    card: Schema.optionalKey(Id.CardId),
    code: Schema.optionalKey(BurnedCodes.Burned)
  },
  /** Picks a door on the key ring in the app, and confirms it 钥匙串开门 (R16). */
  OpenByKeyRing: { door: Id.PointId, confirmed: Schema.Boolean },
  /** Closes the account 销户: all its money is frozen for the hold (D7). */
  CloseAccount: {},
  /** Pays a closing account out to its owner's bank account, through this desk (D7). */
  PayOut: { desk: Id.BookName },
  /** A tap to load 圈存: what waits is about to be written to the card (R27). */
  BeginLoad: { card: Id.CardId, chip: Chip.Reading },
  /**
   * What became of it: the chip as read after the write, or nothing when the card was gone. Only who began it can tell, where
   * it was begun.
   */
  SettleLoad: { card: Id.CardId, load: Id.LoadId, chip: Schema.optionalKey(Chip.Reading) },
  /** Claims the frozen money with the new card 领取冻结金额 (R42). */
  ClaimFrozen: { card: Id.CardId }
})
export type Command = typeof Command.Type
/** The command with this tag. */
export type Of<Tag extends Command["_tag"]> = Extract<Command, { readonly _tag: Tag }>

/** Whose account is meant: its id, or what a reader or a camera saw, to be looked up in the same transaction (D20). */
export const Subject = Schema.TaggedUnion({
  Account: { account: Id.AccountId },
  Card: { card: Id.CardId },
  Handle: { handle: Id.Handle }
})
export type Subject = typeof Subject.Type

/** The part of an envelope by which a retry is known as one (D16, D18): without `receivedAt` and proofs. */
const stated = {
  caller: Id.CallerId,
  id: Id.CommandId,
  /** When its maker says it was made, or for a fact when it happened. */
  at: Instant,
  point: Id.PointId,
  subject: Subject,
  body: Command,
  /** The command declined with `PasswordRequired` that this one takes up again (D18). */
  retryOf: Schema.optionalKey(Id.CommandId),
  /** Who attends at the counter, and what was presented there (R72). */
  attendance: Schema.optionalKey(Attendance)
}

/**
 * A command as its caller states it; the host authenticated caller and point. Its id has 96 characters at most, so that the
 * steps which follow from it can be named after it.
 */
export const Stated = Schema.Struct({
  ...stated,
  id: Id.CommandId.check(Schema.isMaxLength(96)),
  caller: Id.CallerId.check(
    Schema.isPattern(/^[^:]+$/u, { expected: "a caller without a colon, which only our own flows have" })
  )
})
export interface Stated extends Schema.Schema.Type<typeof Stated> {}

/** The order that a command places, named after its key (D18, D21). */
export const orderOf = ({ caller, id }: { readonly caller: Id.CallerId; readonly id: Id.CommandId }): Id.OrderId =>
  `${caller}:${id}` as Id.OrderId

/** A command's key (D18). A caller has no colon in its name but for that of our own flows, so no two keys are alike. */
const keyOf = ({ caller, id }: { readonly caller: Id.CallerId; readonly id: Id.CommandId }): string => `${caller}:${id}`

/** The purchase that a command makes, named after its key. */
export const purchaseOf = (envelope: { readonly caller: Id.CallerId; readonly id: Id.CommandId }): Id.PurchaseId =>
  keyOf(envelope) as Id.PurchaseId

/** The right to a door that a command grants, named after its key. */
export const grantOf = (envelope: { readonly caller: Id.CallerId; readonly id: Id.CommandId }): Id.GrantId =>
  keyOf(envelope) as Id.GrantId

/** The load that a command opens, named after its key. */
export const loadOf = (envelope: { readonly caller: Id.CallerId; readonly id: Id.CommandId }): Id.LoadId =>
  keyOf(envelope) as Id.LoadId

/** Whether a load is one of this caller's: its name says whose command opened it. */
export const isLoadOf = (load: Id.LoadId, { caller }: { readonly caller: Id.CallerId }): boolean =>
  load.startsWith(`${caller}:`)

/** What is kept of a command in the journal (D23): no PIN, no proof, and no handle, which may name a person (D24). */
export const Recorded = Schema.Struct({
  ...stated,
  receivedAt: Instant,
  subject: Schema.TaggedUnion({
    Account: { account: Id.AccountId },
    Card: { card: Id.CardId },
    /** A handle that led to no account. */
    Nobody: { kind: Schema.String }
  })
})
export interface Recorded extends Schema.Schema.Type<typeof Recorded> {}

/**
 * What was checked outside and enters the decision as a proof. None of it is kept, none of it is part of the
 * fingerprint (D15).
 */
export interface Proofs {
  readonly password?: Password.Proof
  readonly fresh?: Password.Fresh
  readonly identity?: Person.Match
  /** A signed code that was judged and found good. */
  readonly code?: VerifiedCode
  /** The purchase that a refund is tied to, or an older one that its terminal undoes. */
  readonly original?: Original.Original
}

/**
 * A command on its way to a decision. `receivedAt` is the host's clock at its arrival. A credit can be written down
 * only together with the evidence that it was paid.
 */
export type Envelope =
  & Omit<Stated, "body">
  & { readonly receivedAt: Instant; readonly proofs?: Proofs }
  & (
    | { readonly body: Of<"CreditRecharge">; readonly evidence: PaidEvidence }
    | { readonly body: Exclude<Command, Of<"CreditRecharge">>; readonly evidence?: never }
  )

const isFact = { RecordCardPurchase: true, RecordAlipayPurchase: true, RecordPassage: true } as const

/** A fact happened and is decided at its own time; anything else is decided at its arrival (D11, D16). */
export const isFactual = (body: Command): body is Of<keyof typeof isFact> => body._tag in isFact

/**
 * A fact, or a payment that its channel confirmed: its `at` may lie back, and says nothing about its maker's clock
 * (D16).
 */
export const isToldLater = (body: Command): boolean => isFactual(body) || body._tag === "CreditRecharge"

/**
 * The text by which a command is compared with another under the same id (D18): the same body gives the same text,
 * whatever the order of its fields. Stores keep it, or a digest of it.
 */
export const fingerprint = ({ at, attendance, body, point, retryOf, subject }: Envelope): string => {
  // A request is decided at its arrival, so a retry may well say another time; a fact is one by its time.
  const when = isToldLater(body) ? at : undefined
  if (body._tag === "CreditRecharge") {
    // Whoever tells of a payment, and when and where: the payment is the same.
    const { _tag, amount, channel, order, reference } = body
    return canonical({ body: { _tag, amount, channel, order, reference }, subject })
  }
  return canonical({ at: when, attendance, body, point, retryOf, subject })
}

/**
 * What the journal keeps of an envelope (D23). `account`: the one that was found for it; it stands there instead of a
 * handle (D24).
 */
export const record = (
  { at, attendance, body, caller, id, point, receivedAt, retryOf, subject }: Envelope,
  account: Id.AccountId | undefined
): Recorded => ({
  caller,
  id,
  at,
  receivedAt,
  point,
  subject: subject._tag !== "Handle"
    ? subject
    : account === undefined
    ? { _tag: "Nobody", kind: subject.handle.kind }
    : { _tag: "Account", account },
  body,
  ...(retryOf === undefined ? {} : { retryOf }),
  ...(attendance === undefined ? {} : { attendance })
})
