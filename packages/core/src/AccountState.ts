/**
 * One person's campus account 校园账户, with all that a decision on it needs: one state to read, one state to write.
 *
 * It names its person by an opaque id and holds no name, number, document or password (D24). It is what its events add
 * up to (I13), never more: a store may throw it away and replay.
 */
import { Schema } from "effect"
import { AccessGrant } from "./AccessGrant.ts"
import type { AccountEvent, Of } from "./AccountEvent.ts"
import * as BurnedCodes from "./BurnedCodes.ts"
import * as Card from "./Card.ts"
import { Day, dayOf, Instant } from "./CivilTime.ts"
import * as Correction from "./Correction.ts"
import { AccountId, PersonId } from "./Id.ts"
import { into, outOf, type Transfer } from "./Ledger.ts"
import * as Money from "./Money.ts"
import type { OpenLoad } from "./OpenLoad.ts"
import * as Password from "./Password.ts"
import { AccountClass, Kind } from "./Person.ts"
import * as Posted from "./Posted.ts"
import * as RecentPurchase from "./RecentPurchase.ts"
import * as Subsidy from "./Subsidy.ts"
import * as Tally from "./Tally.ts"
import * as Wallet from "./Wallet.ts"

export const AccountState = Schema.Struct({
  id: AccountId,
  person: PersonId,
  kind: Kind,
  class: AccountClass,
  openedAt: Instant,
  /** The last day of a temporary account (A16). */
  until: Schema.optionalKey(Day),
  cards: Schema.Array(Card.Card),
  pockets: Wallet.Pockets,
  tallies: Tally.Tallies,
  password: Password.State,
  /**
   * The day of the last activation or extension, from which dormancy counts (A4). None before the first activation
   * (R31).
   */
  validFrom: Schema.optionalKey(Day),
  /** e码通电子钱包 (R22): opened, and then bound to a bank card. */
  wallet: Schema.Literals(["none", "opened", "bound"]),
  /** The bank card is bound for transfers 圈存 at the kiosk (R26). */
  transferBound: Schema.Boolean,
  /** The campus card is bound in the Alipay mini program (R6). */
  alipayBound: Schema.Boolean,
  /** Being closed since then 销户, and paid out since (D7). */
  closing: Schema.optionalKey(Schema.Struct({ since: Instant, paidOutAt: Schema.optionalKey(Instant) })),
  /** The lots of the subsidy: together what the pocket holds (D6). */
  lots: Subsidy.Lots,
  recent: Schema.Array(RecentPurchase.RecentPurchase),
  /** What went back of purchases (I14). */
  corrected: Schema.Array(Correction.Correction),
  posted: Schema.Array(Posted.Posted),
  /** Which of the holder's signed codes have been shown (A22). */
  codes: BurnedCodes.BurnedCodes,
  /** Which doors the holder may open (R15). */
  grants: Schema.Array(AccessGrant),
  /** On which side of each area the holder was seen last, for anti-passback. */
  presence: Schema.Array(
    Schema.Struct({ area: Schema.String, side: Schema.Literals(["in", "out"]), at: Instant })
  ),
  /** How many events made this state. */
  version: Schema.Int
})
export interface AccountState extends Schema.Schema.Type<typeof AccountState> {}

/**
 * The state after an event. Nothing is checked here, since what happened has happened; nothing is read but the two
 * (D22).
 */
export const evolve = (before: AccountState | undefined, event: AccountEvent): AccountState => {
  if (before === undefined) {
    if (event._tag !== "AccountOpened") throw new Error(`An account begins with AccountOpened, not with ${event._tag}`)
    return {
      id: event.account,
      person: event.person,
      kind: event.kind,
      class: event.class,
      openedAt: event.at,
      ...(event.until === undefined ? {} : { until: event.until }),
      // A temporary account is opened at the counter that activates cards, and is in use at once (R31, R55).
      ...(event.class === "temporary" ? { validFrom: dayOf(event.at) } : {}),
      cards: [],
      pockets: Wallet.empty,
      tallies: Tally.none,
      password: Password.set(undefined, event),
      wallet: "none",
      transferBound: false,
      alipayBound: false,
      lots: [],
      recent: [],
      corrected: [],
      posted: [],
      codes: BurnedCodes.none,
      grants: [],
      presence: [],
      version: 1
    }
  }
  const account = { ...before, ...change(before, event), version: before.version + 1 }
  if (!("transfers" in event)) return account
  const pockets = Wallet.apply(before.pockets, event.transfers)
  return pockets.subsidy === before.pockets.subsidy
    ? { ...account, pockets }
    : { ...account, pockets, lots: lotsAfter(before, event, pockets.subsidy) }
}

/** The lots after an event that changed what the subsidy's pocket holds. */
const lotsAfter = ({ lots, pockets }: AccountState, event: AccountEvent, after: Money.Money): Subsidy.Lots => {
  if (event._tag === "SubsidyExpired") return Subsidy.end(lots, event.batch)
  if (event._tag === "SubsidyGranted") return Subsidy.grant(lots, event, Money.minus(after, pockets.subsidy))
  return after < pockets.subsidy
    ? Subsidy.spend(lots, Money.minus(pockets.subsidy, after), dayOf(event.at))
    : Subsidy.giveBack(lots, Money.minus(after, pockets.subsidy))
}

/** The replay of all events of one account, from its first; nothing for none (I13). */
export const replay = (events: Iterable<AccountEvent>): AccountState | undefined => {
  let account: AccountState | undefined
  for (const event of events) account = evolve(account, event)
  return account
}

/** What an event changes beside the pockets. */
const change = (account: AccountState, event: AccountEvent): Partial<AccountState> => {
  switch (event._tag) {
    case "Purchased":
      return {
        tallies: Tally.add(account.tallies, event.cell, event.amount),
        recent: RecentPurchase.add(account.recent, account.cards, event),
        ...(event.card === undefined || event.chip === undefined
          ? {}
          : {
            posted: Posted.addOnline(account.posted, Posted.ofCard(event.card, event.chip.purchaseSequence + 1), event)
          })
      }
    case "OfflinePurchaseRecorded":
      return {
        // What somebody else spent after the loss is not the holder's: not for limits, and not as a sign of life.
        tallies: event.borne > 0 ? account.tallies : Tally.add(account.tallies, event.cell, event.amount),
        posted: Posted.add(
          account.posted,
          { record: event.record, at: event.at, amount: event.amount, point: event.point },
          event.receivedAt
        ),
        cards: event.card === undefined || account.closing !== undefined
          ? account.cards
          : onCard(
            spendFrozen(account.cards, event.card, event),
            event.card,
            (card) => Card.runShort(card, outOf("receivable", event.transfers))
          ).cards
      }
    case "PurchaseReversed":
      return {
        // One that its chip never paid may be so old that its day was dropped, and begun anew.
        tallies: Tally.refund(account.tallies, event.cell, event.amount),
        corrected: Correction.remember(account.corrected, event.purchase, event.amount),
        posted: Posted.withoutPurchase(account.posted, event.purchase),
        ...(event.undebited === undefined
          ? { recent: RecentPurchase.undo(account.recent, event.purchase, event.at) }
          : onCard(
            account.cards,
            event.undebited.card,
            (card) => Card.mendShort(card, Money.minus(event.amount, into("chip", event.transfers)))
          )),
        ...(event.load === undefined
          ? {}
          : beginLoad(account.cards, {
            at: event.at,
            point: event.point,
            subsidy: Money.zero,
            transit: event.load.amount,
            ...event.load
          }))
      }
    case "PurchaseConfirmed":
      return {
        posted: Posted.confirm(account.posted, event.record, event.purchase),
        recent: RecentPurchase.confirm(account.recent, event.purchase)
      }
    case "DebitDisproved": {
      // One of them is nothing: a card is in use, or lost.
      const back = Money.plus(into("chip", event.transfers), into("frozen", event.transfers))
      return {
        posted: Posted.withoutPurchase(account.posted, event.purchase),
        recent: RecentPurchase.settle(account.recent, event.purchase),
        ...onCard(account.cards, event.card, (card) => {
          const mended = Card.mendShort(card, Money.minus(event.amount, back))
          return mended._tag === "Lost" ? { ...mended, frozen: Money.plus(mended.frozen, back) } : mended
        })
      }
    }
    case "PurchaseRefunded":
      return {
        corrected: Correction.remember(account.corrected, event.purchase, event.amount),
        ...(event.cell === undefined ? {} : {
          tallies: event.whole
            ? Tally.refund(account.tallies, event.cell, event.amount)
            : Tally.reduce(account.tallies, event.cell, event.amount)
        })
      }
    case "CardIssued":
      return { cards: [...account.cards, Card.issue(event.card, event.at)] }
    case "CardActivated":
      return {
        validFrom: event.day,
        // The plastic has changed, not who may open the door.
        grants: account.grants.map((grant) =>
          grant.card !== undefined && event.replaces.includes(grant.card) ? { ...grant, card: event.card } : grant
        ),
        cards: account.cards.map((card) => {
          if (card.id === event.card && card._tag === "Issued") return Card.activate(card, event.at)
          return event.replaces.includes(card.id) && card._tag === "Lost"
            ? Card.replace(card, event.card, event.at)
            : card
        })
      }
    case "CardCancelled":
      return {
        ...onCard(account.cards, event.card, (card) => card._tag === "Issued" ? Card.cancel(card, event.at) : card),
        // It never opened a door, and no other card takes its place.
        grants: account.grants.filter(({ card }) => card !== event.card)
      }
    case "CardReportedLost":
      return onCard(
        account.cards,
        event.card,
        (card) =>
          card._tag === "Active"
            ? Card.reportLost(card, event.at, account.pockets.chip, account.pockets.held)
            : card
      )
    case "CardReportedFound":
      return onCard(account.cards, event.card, (card) => card._tag === "Lost" ? Card.reportFound(card, event.at) : card)
    case "BankSideReportedLost":
      return onCard(account.cards, event.card, (card) => ({ ...card, bank: "reportedLost" }))
    case "ValidityExtended":
      return { validFrom: event.day }
    case "PasswordSet":
      return { password: Password.set(account.password, event) }
    case "PasswordTried":
      return { password: Password.tried(account.password, event.channel, event.at, event.right) }
    case "WalletOpened":
      return { wallet: "opened" }
    case "BankCardBound":
      return event.purpose === "wallet" ? { wallet: "bound" } : { transferBound: true }
    case "AlipayBound":
      return { alipayBound: true }
    case "LoadBegun":
      return beginLoad(account.cards, event)
    case "LoadTorn":
      return onCard(
        account.cards,
        event.card,
        (card) =>
          "load" in card && card.load !== undefined ? { ...card, load: { ...card.load, outcome: "unknown" } } : card
      )
    case "LoadSettled":
      return onCard(account.cards, event.card, (card) => settle(card, event.outcome))
    case "FrozenClaimed":
      return {
        cards: account.cards.map((card) =>
          card._tag === "Replaced" && event.from.includes(card.id) ? Card.claim(card, event.at) : card
        )
      }
    case "AccountClosing":
      return { closing: { since: event.at }, cards: account.cards.map((card) => close(card, event.at)) }
    case "AccountPaidOut":
      return account.closing === undefined ? {} : { closing: { ...account.closing, paidOutAt: event.at } }
    case "AccountOpened":
      throw new Error("An account is opened once")
    case "CreditRecorded":
      return { posted: Posted.add(account.posted, { record: Posted.ofOrder(event.order), at: event.at }, event.at) }
    case "CodeBurned":
      return { codes: BurnedCodes.add(account.codes, event.code, event.at) }
    case "AccessGranted":
      // What has ended will never open a door again.
      return { grants: [...account.grants.filter(({ until = Infinity }) => until > event.at), event.grant] }
    case "AccessRevoked":
      return { grants: account.grants.filter(({ id }) => id !== event.grant) }
    case "Admitted":
      return event.area === undefined || event.side === undefined ? {} : {
        presence: [
          ...account.presence.filter(({ area }) => area !== event.area),
          { area: event.area, side: event.side, at: event.at }
        ]
      }
    case "PassageRecorded": {
      const { area, at, code, opened, receivedAt, record, side } = event
      const last = account.presence.find((one) => one.area === area)
      // It may have been overtaken by what a door told at once.
      const isLatest = opened && area !== undefined && side !== undefined && (last === undefined || last.at <= at)
      return {
        posted: Posted.add(account.posted, { record, at }, receivedAt),
        ...(code === undefined || BurnedCodes.refuse(account.codes, code) !== undefined
          ? {}
          : { codes: BurnedCodes.add(account.codes, code, receivedAt) }),
        ...(isLatest ? { presence: [...account.presence.filter((one) => one.area !== area), { area, side, at }] } : {})
      }
    }
    case "RechargePlaced":
    case "MovedToTransit":
    case "SubsidyGranted":
    case "SubsidyExpired":
    case "DebtRepaid":
    case "DebtWrittenOff":
      return {}
  }
}

const onCard = (
  cards: ReadonlyArray<Card.Card>,
  id: Card.Card["id"],
  step: (card: Card.Card) => Card.Card
): Pick<AccountState, "cards"> => ({ cards: cards.map((card) => card.id === id ? step(card) : card) })

/** A load begins on the card that is there to be written: one that waited, or what a reversal gives back (D5). */
const beginLoad = (
  cards: ReadonlyArray<Card.Card>,
  { at: begunAt, before, card: id, load, point, subsidy, transit }: Omit<Of<"LoadBegun">, "_tag" | "transfers">
): Partial<AccountState> =>
  onCard(
    cards,
    id,
    (card) =>
      card._tag === "Active"
        ? { ...card, load: { id: load, point, transit, subsidy, before, begunAt, outcome: "writing" } }
        : card
  )

/** A load is settled on the card that it began on, also when that has been reported lost meanwhile (D8). */
const settle = (card: Card.Card, outcome: "written" | "notWritten"): Card.Card => {
  if (!Card.isFollowed(card)) return card
  const { load: _, ...settled } = card
  if (settled._tag === "Active") return settled
  const frozen = outcome === "written" ? Money.plus(settled.frozen, settled.held) : settled.frozen
  return { ...settled, frozen, held: Money.zero }
}

const close = (card: Card.Card, at: Instant): Card.Card => {
  switch (card._tag) {
    case "Issued":
      return Card.cancel(card, at)
    case "Active":
    case "Lost":
    case "Replaced":
      return Card.giveBack(card, at)
    case "Returned":
    case "Cancelled":
      return card
  }
}

/** A late purchase with a lost or replaced card takes from that card's frozen money, its held part last. */
const spendFrozen = (
  cards: ReadonlyArray<Card.Card>,
  id: Card.Card["id"],
  event: { readonly transfers: ReadonlyArray<Transfer>; readonly borne: Money.Money }
): ReadonlyArray<Card.Card> =>
  cards.map((card) => {
    if (card.id !== id || (card._tag !== "Lost" && card._tag !== "Replaced")) return card
    const spent = outOf("frozen", event.transfers)
    const fromChip = Money.min(spent, card.frozen)
    const frozen = Money.minus(card.frozen, fromChip)
    if (card._tag === "Replaced") return { ...card, frozen }
    return {
      ...card,
      frozen,
      held: Money.minus(card.held, Money.minus(spent, fromChip)),
      borne: Money.plus(card.borne, event.borne)
    }
  })

/** The load that is open on this card, if there is one. */
export const openLoad = (account: AccountState, id: Card.Card["id"]): OpenLoad | undefined => {
  const card = account.cards.find((card) => card.id === id)
  return card !== undefined && "load" in card ? card.load : undefined
}
