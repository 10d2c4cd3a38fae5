/**
 * What happened to an account 账户事件: the facts from which its state is replayed (I13).
 *
 * An event says all that it changes, transfers included, so that replaying reads no profile and moves exactly the money
 * that was moved then (D22). Events name persons by opaque ids only and hold no secret (D24). Each has the version of
 * its shape beside it in the journal, so that an old one can be lifted to the present one when it is read. There is one
 * shape so far, and a newer one is refused.
 */
import { Schema } from "effect"
import { AccessGrant } from "./AccessGrant.ts"
import { Burned } from "./BurnedCodes.ts"
import * as Chip from "./Chip.ts"
import { Day, Instant } from "./CivilTime.ts"
import * as Id from "./Id.ts"
import { Transfer } from "./Ledger.ts"
import { Medium } from "./Medium.ts"
import * as Money from "./Money.ts"
import * as Password from "./Password.ts"
import { AccountClass, Kind } from "./Person.ts"
import { Link } from "./Point.ts"
import { FundingSource } from "./Recharge.ts"
import { Report } from "./Report.ts"
import { Cell } from "./Tally.ts"

/** The version of the shapes below. */
export const shape = 1

const at = { at: Instant }
const moved = { ...at, transfers: Schema.Array(Transfer) }
const bought = {
  ...moved,
  purchase: Id.PurchaseId,
  point: Id.PointId,
  merchant: Id.MerchantId,
  amount: Money.Amount,
  cell: Cell
}

export const AccountEvent = Schema.TaggedUnion({
  /** Its transfers are the fee of a temporary card, if there is one (R54). `until`: its last day (A16). */
  AccountOpened: {
    ...moved,
    account: Id.AccountId,
    person: Id.PersonId,
    kind: Kind,
    class: AccountClass,
    until: Schema.optionalKey(Day),
    /** Who applied for it, and for which unit (R52). */
    application: Schema.optionalKey(
      Schema.Struct({ applicant: Schema.Literals(["clerk", "unit"]), unit: Schema.String })
    ),
    credential: Id.CredentialId,
    mustChange: Schema.Boolean
  },
  /** Its transfers are the fee, if there is one: from the desk to fee income, never from a pocket (D4). */
  CardIssued: { ...moved, card: Id.CardId },
  CardActivated: { ...at, card: Id.CardId, day: Day, replaces: Schema.Array(Id.CardId) },
  CardCancelled: { ...at, card: Id.CardId },
  CardReportedLost: { ...moved, card: Id.CardId, reason: Schema.Literals(["lost", "damaged"]) },
  CardReportedFound: { ...moved, card: Id.CardId },
  BankSideReportedLost: { ...at, card: Id.CardId },
  ValidityExtended: { ...at, day: Day },
  PasswordSet: {
    ...at,
    by: Schema.Literals(["change", "reset"]),
    credential: Id.CredentialId,
    mustChange: Schema.Boolean
  },
  /** The password, or a part of a claim that is counted as one is (D15). */
  PasswordTried: { ...at, channel: Password.Tried, right: Schema.Boolean },
  WalletOpened: at,
  BankCardBound: { ...at, purpose: Schema.Literals(["wallet", "transfer"]) },
  AlipayBound: at,
  /** Bought online. `chip`: what the terminal had read from the card, before anything was debited from it. */
  Purchased: {
    ...bought,
    medium: Medium,
    link: Link,
    card: Schema.optionalKey(Id.CardId),
    chip: Schema.optionalKey(Chip.Reading)
  },
  /**
   * Bought at a terminal that was cut off, and posted when its record arrived. `record`: what a second copy would be
   * known by.
   */
  OfflinePurchaseRecorded: {
    ...bought,
    receivedAt: Instant,
    medium: Medium,
    record: Schema.String,
    card: Schema.optionalKey(Id.CardId),
    chip: Schema.optionalKey(
      Schema.Struct({ before: Money.Money, after: Money.Money, purchaseSequence: Schema.Int })
    ),
    tac: Schema.optionalKey(Schema.String),
    /** Fen spent after the loss of its card at the school's cost. */
    borne: Money.Money,
    reports: Schema.Array(Report)
  },
  /**
   * `load`: the part that its terminal is about to write to the card, held until the chip says what became of it (D5, D8).
   * `undebited`: the card never paid, as it says itself, so nothing is written; `before`: what it said at the purchase.
   */
  PurchaseReversed: {
    ...moved,
    purchase: Id.PurchaseId,
    point: Id.PointId,
    amount: Money.Amount,
    cell: Cell,
    load: Schema.optionalKey(
      Schema.Struct({ card: Id.CardId, load: Id.LoadId, before: Chip.Reading, amount: Money.Amount })
    ),
    undebited: Schema.optionalKey(Schema.Struct({ card: Id.CardId, before: Chip.Reading }))
  },
  /**
   * The record of a purchase that was told online has come as well (D11): the chip has paid it, and no money moves. `at`: when
   * it came.
   */
  PurchaseConfirmed: {
    ...at,
    card: Id.CardId,
    purchase: Id.PurchaseId,
    record: Schema.String,
    chip: Schema.Struct({ before: Money.Money, after: Money.Money, purchaseSequence: Schema.Int })
  },
  /**
   * The chip never paid a purchase that was undone without the card: what waited for it in transit is on the chip still, and
   * what of that has been spent already is owed (D5, D10, D11).
   */
  DebitDisproved: { ...moved, card: Id.CardId, purchase: Id.PurchaseId, amount: Money.Amount },
  /** `whole`: nothing of the purchase is left to go back. `cell`: where it counted. */
  PurchaseRefunded: {
    ...moved,
    purchase: Id.PurchaseId,
    merchant: Id.MerchantId,
    amount: Money.Amount,
    reason: Schema.Literals(["goodsReturned", "wrongCharge", "notServed"]),
    whole: Schema.Boolean,
    cell: Schema.optionalKey(Cell)
  },
  DebtRepaid: { ...moved, amount: Money.Amount },
  DebtWrittenOff: { ...moved, amount: Money.Amount, reason: Schema.String },
  /** A channel was told that this recharge may be paid. */
  RechargePlaced: {
    ...at,
    order: Id.OrderId,
    channel: Schema.String,
    source: FundingSource,
    amount: Money.Money
  },
  CreditRecorded: {
    ...moved,
    order: Id.OrderId,
    channel: Schema.String,
    amount: Money.Amount,
    paidAt: Instant,
    reference: Schema.String
  },
  MovedToTransit: { ...moved, amount: Money.Amount },
  SubsidyGranted: {
    ...moved,
    amount: Money.Amount,
    batch: Schema.optionalKey(Id.BatchId),
    until: Schema.optionalKey(Day)
  },
  SubsidyExpired: { ...moved, amount: Money.Money, batch: Schema.optionalKey(Id.BatchId) },
  /** `point`: where it was begun, and where alone it is told what became of the write. */
  LoadBegun: {
    ...moved,
    card: Id.CardId,
    load: Id.LoadId,
    point: Id.PointId,
    transit: Money.Money,
    subsidy: Money.Money,
    before: Chip.Reading
  },
  /** The card was gone before it answered (R28). */
  LoadTorn: { ...at, card: Id.CardId, load: Id.LoadId },
  LoadSettled: {
    ...moved,
    card: Id.CardId,
    load: Id.LoadId,
    outcome: Schema.Literals(["written", "notWritten"]),
    by: Schema.Literals(["reading", "record"])
  },
  FrozenClaimed: { ...moved, card: Id.CardId, from: Schema.Array(Id.CardId), amount: Money.Money },
  /** All its money is frozen, a subsidy goes back to the school (D7). */
  AccountClosing: moved,
  /** The debt is repaid and the rest paid out (D7). */
  AccountPaidOut: { ...moved, amount: Money.Money },
  /** A signed code was shown; it serves once, also when what it was shown for was declined (A22). */
  CodeBurned: { ...at, code: Burned },
  /** A right to open a door, named after the command that gave it (R15). */
  AccessGranted: { ...at, grant: AccessGrant },
  AccessRevoked: { ...at, grant: Id.GrantId },
  /**
   * Somebody came in, or was identified 通行 (R10-R17): no transfers, whatever was shown (I10). `passback`: against the order of
   * in and out.
   */
  Admitted: {
    ...at,
    door: Id.PointId,
    medium: Medium,
    card: Schema.optionalKey(Id.CardId),
    area: Schema.optionalKey(Schema.String),
    side: Schema.optionalKey(Schema.Literals(["in", "out"])),
    passback: Schema.Boolean
  },
  /**
   * What a cut-off door decided alone, written down when its record arrived (D11): no transfers (I10). `record`: what a
   * second copy would be known by.
   */
  PassageRecorded: {
    ...at,
    receivedAt: Instant,
    door: Id.PointId,
    medium: Medium,
    card: Schema.optionalKey(Id.CardId),
    code: Schema.optionalKey(Burned),
    area: Schema.optionalKey(Schema.String),
    side: Schema.optionalKey(Schema.Literals(["in", "out"])),
    opened: Schema.Boolean,
    record: Schema.String,
    reports: Schema.Array(Report.cases.OpenedAgainstRule)
  }
})
export type AccountEvent = typeof AccountEvent.Type
/** The event with this tag. */
export type Of<Tag extends AccountEvent["_tag"]> = Extract<AccountEvent, { readonly _tag: Tag }>

const none: ReadonlyArray<Transfer> = []

/** The transfers of an event; most events move nothing. */
export const transfers = (event: AccountEvent): ReadonlyArray<Transfer> => "transfers" in event ? event.transfers : none
