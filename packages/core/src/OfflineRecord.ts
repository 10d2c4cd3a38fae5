/**
 * A purchase that a cut-off terminal made and uploads later 脱机流水: a fact, not a request (D11).
 *
 * It always posts, once. What was out of order about it is reported, a shortfall becomes a debt (D10), and what was
 * bought after the loss report is borne by whom the profile says. Only a record that cannot be true is refused: from
 * the future, from before the card's activation, from too long ago (D16), or one that was posted before.
 */
import { Option, Result } from "effect"
import * as Acceptance from "./Acceptance.ts"
import type { AccountEvent } from "./AccountEvent.ts"
import { type AccountState, evolve, openLoad } from "./AccountState.ts"
import * as Card from "./Card.ts"
import * as CardLoad from "./CardLoad.ts"
import { dayLength, type Instant } from "./CivilTime.ts"
import * as Command from "./Command.ts"
import type * as Decline from "./Decline.ts"
import * as Dormancy from "./Dormancy.ts"
import type { CardId, MerchantId } from "./Id.ts"
import { type Outside, type Pocket, type Transfer, transfer } from "./Ledger.ts"
import * as LimitPolicy from "./LimitPolicy.ts"
import * as MealWindow from "./MealWindow.ts"
import * as MissedDebit from "./MissedDebit.ts"
import * as Money from "./Money.ts"
import * as OpenLoad from "./OpenLoad.ts"
import type { Point } from "./Point.ts"
import * as Posted from "./Posted.ts"
import { cellOf } from "./Purchase.ts"
import type { Report } from "./Report.ts"
import type { SchoolProfile } from "./SchoolProfile.ts"
import type { Outcome, Setting } from "./Setting.ts"
import { type Cell, daysKept } from "./Tally.ts"
import * as Wallet from "./Wallet.ts"

type Body = Command.Of<"RecordCardPurchase" | "RecordAlipayPurchase">

/** The events that post a record, or why it cannot be true. */
export const decide = (account: AccountState, body: Body, { envelope, point, profile }: Setting): Outcome => {
  const { at, receivedAt } = envelope
  const medium = body._tag === "RecordCardPurchase" ? "physicalCard" : "alipayCode"
  const { merchant } = point
  if (merchant === undefined) {
    return Result.fail({ _tag: "MediumNotAcceptedHere", medium, category: point.category })
  }
  const untrue = refuse(profile, account, body, envelope)
  if (untrue !== undefined) return Result.fail(untrue)
  const confirmed = body._tag === "RecordCardPurchase" ? confirm(account, body, envelope) : undefined
  if (confirmed !== undefined) return Result.succeed(confirmed)
  const cell = cellOf(profile, { medium, now: at, point })
  const settled = body._tag === "RecordCardPurchase" ? settle(account, body, receivedAt) : []
  const paid = body._tag === "RecordCardPurchase"
    ? payByCard(profile, settled.reduce(evolve, account), body, at, merchant)
    : {
      transfers: transfer(Wallet.alipayClearing, `merchant:${merchant}`, body.amount),
      borne: Money.zero,
      reports: []
    }
  return Result.succeed([...settled, {
    _tag: "OfflinePurchaseRecorded",
    at,
    receivedAt,
    purchase: Command.purchaseOf(envelope),
    point: envelope.point,
    merchant,
    medium,
    amount: body.amount,
    cell,
    record: keyOf(body),
    ...(body._tag === "RecordCardPurchase" ? evidenceOf(body) : {}),
    transfers: paid.transfers,
    borne: paid.borne,
    reports: [...reportsOn(profile, account, body, point, cell, paid.borne === 0), ...paid.reports]
  }])
}

/** What of a card's record is kept as evidence. */
const evidenceOf = ({ card, chipAfter, chipBefore, purchaseSequence, tac }: Command.Of<"RecordCardPurchase">) => ({
  card,
  chip: { before: chipBefore, after: chipAfter, purchaseSequence },
  ...(tac === undefined ? {} : { tac })
})

/** What a second copy of a record is known by: card and purse sequence, or Alipay's own number. */
const keyOf = (body: Body): string =>
  body._tag === "RecordCardPurchase" ? Posted.ofCard(body.card, body.purchaseSequence) : Posted.ofAlipay(body.reference)

const refuse = (
  profile: SchoolProfile,
  account: AccountState,
  body: Body,
  { at, receivedAt }: Pick<Command.Envelope, "at" | "receivedAt">
): Decline.Decline | undefined => {
  if (at > receivedAt) return { _tag: "RecordDatedInFuture", at, receivedAt }
  if (receivedAt - at > daysKept * dayLength) return { _tag: "RecordTooOld", at, days: daysKept }
  const activatedAt = activationOf(account, body)
  if (activatedAt === "unknown") return { _tag: "UnknownCard" }
  if (activatedAt === undefined) return { _tag: "RecordBeforeActivation", at }
  if (at < activatedAt) return { _tag: "RecordBeforeActivation", at, activatedAt }
  if (body.window !== undefined && !MealWindow.isKnown(profile.meals, body.window)) {
    return { _tag: "UnknownMealWindow", window: body.window }
  }
  return Posted.has(account.posted, keyOf(body)) ? { _tag: "RecordAlreadyPosted" } : undefined
}

/**
 * When the card of this record was activated; for Alipay, the first card of the account. A temporary account is in use from
 * its opening on (R55).
 */
const activationOf = (account: AccountState, body: Body): Instant | "unknown" | undefined => {
  if (body._tag === "RecordAlipayPurchase") {
    let first: Instant | undefined = account.class === "temporary" ? account.openedAt : undefined
    for (const card of account.cards) {
      if ("activatedAt" in card && (first === undefined || card.activatedAt < first)) first = card.activatedAt
    }
    return first
  }
  const card = Option.getOrUndefined(Card.find(account.cards, body.card))
  if (card === undefined) return "unknown"
  return "activatedAt" in card ? card.activatedAt : undefined
}

/** The record of a purchase that was told online as well: no money moves, and what it proves of an open load is settled. */
const confirm = (
  account: AccountState,
  body: Command.Of<"RecordCardPurchase">,
  { at, point, receivedAt }: Pick<Command.Envelope, "at" | "point" | "receivedAt">
): ReadonlyArray<AccountEvent> | undefined => {
  const { amount, card, chipAfter: after, chipBefore: before, purchaseSequence } = body
  const record = keyOf(body)
  const purchase = Posted.toldOnline(account.posted, record, { amount, at, point })
  return purchase === undefined ? undefined : [
    ...proveLoad(account, body, receivedAt),
    { _tag: "PurchaseConfirmed", at: receivedAt, card, purchase, record, chip: { before, after, purchaseSequence } }
  ]
}

/** What a record settles: an open load, and a purchase that was undone and had no such number. */
const settle = (
  account: AccountState,
  body: Command.Of<"RecordCardPurchase">,
  receivedAt: Instant
): ReadonlyArray<AccountEvent> => {
  const proven = proveLoad(account, body, receivedAt)
  const after = proven.reduce(evolve, account)
  return [...proven, ...MissedDebit.settleByRecord(after, body.card, body.purchaseSequence, receivedAt)]
}

/** A record that was made after an open load began may prove what became of it (D8). */
const proveLoad = (
  account: AccountState,
  body: Command.Of<"RecordCardPurchase">,
  receivedAt: Instant
): ReadonlyArray<AccountEvent> => {
  const load = openLoad(account, body.card)
  if (load === undefined) return []
  const proof = OpenLoad.proveByRecord(load, body)
  return proof === "written" || proof === "notWritten"
    ? CardLoad.settleAs(account, body.card, proof, "record", receivedAt)
    : []
}

interface Paid {
  readonly transfers: ReadonlyArray<Transfer>
  readonly borne: Money.Money
  readonly reports: ReadonlyArray<Report>
}

/**
 * Who pays for it: the chip, the frozen money of a card that is gone, the school after a loss report, and a debt for
 * what is missing.
 */
const payByCard = (
  profile: SchoolProfile,
  account: AccountState,
  { amount, card: id }: { readonly amount: Money.Amount; readonly card: CardId },
  at: Instant,
  merchant: MerchantId
): Paid => {
  const card = Option.getOrUndefined(Card.find(account.cards, id))
  const book: Outside = `merchant:${merchant}`
  if (card === undefined || card._tag === "Issued" || card._tag === "Cancelled") {
    // Refused before: such a card was never activated.
    return { transfers: transfer("receivable", book, amount), borne: Money.zero, reports: [] }
  }
  const { afterLossBorneBy: borneBy } = profile.replacement
  const lostFrom = Card.lostFrom(card, at)
  const afterLoss: ReadonlyArray<Report> = lostFrom === undefined
    ? []
    : [{ _tag: "SpendAfterLoss", amount, reportedAt: lostFrom, borneBy }]
  if (lostFrom !== undefined && borneBy === "school") {
    return {
      // The chip of a card that has been found again holds less by what the school bears: its holder gets that in transit.
      transfers: [
        ...transfer("school:after-loss", book, amount),
        ...(card._tag === "Active" ? transfer("chip", "transit", Money.min(account.pockets.chip, amount)) : [])
      ],
      borne: amount,
      reports: afterLoss
    }
  }
  const [pocket, holds] = behind(account, card)
  const paid = Money.min(holds, amount)
  const debt = Money.minus(amount, paid)
  return {
    transfers: [...transfer(pocket, book, paid), ...transfer("receivable", book, debt)],
    borne: Money.zero,
    reports: debt === 0 ? afterLoss : [...afterLoss, { _tag: "DebtArisen", debt }]
  }
}

/** The money behind a card: its chip, its own frozen money, or all of it when the account is being closed (D7). */
const behind = (
  { pockets }: AccountState,
  card: Card.Active | Card.Lost | Card.Replaced | Card.Returned
): readonly [Pocket, Money.Money] => {
  switch (card._tag) {
    case "Active":
      return ["chip", pockets.chip]
    case "Lost":
      return ["frozen", Money.plus(card.frozen, card.held)]
    case "Replaced":
      return ["frozen", card.frozen]
    case "Returned":
      return ["frozen", pockets.frozen]
  }
}

/**
 * What was out of order about it; none of it keeps the record from being posted. `counts`: it is the holder's own, and so
 * meets the holder's limits.
 */
const reportsOn = (
  profile: SchoolProfile,
  account: AccountState,
  body: Body,
  point: Point,
  cell: Cell,
  counts: boolean
): ReadonlyArray<Report> => {
  const reports: Array<Report> = []
  const { amount } = body
  if (Acceptance.refuse(profile.acceptance, cell.medium, point.category, "down") !== undefined) {
    reports.push({ _tag: "MediumWasNotAccepted", medium: cell.medium })
  }
  const till = { passwordProven: true, pinPad: point.pinPad }
  const verdict = LimitPolicy.judge(profile.limits, account.tallies, cell, amount, till)
  if (counts && verdict._tag === "Exceeded") reports.push({ _tag: "LimitExceeded", amount, quota: verdict.quota })
  const dormant = Dormancy.refuse(profile, account, cell.day)
  if (dormant !== undefined) reports.push({ _tag: "SpentWhileDormant", since: dormant.since })
  if (body.window !== undefined && body.window !== cell.window) {
    reports.push({ _tag: "MealWindowDiffers", recorded: body.window, ours: cell.window })
  }
  if (body._tag === "RecordCardPurchase") {
    const { chipAfter, chipBefore } = body
    if (chipBefore - amount !== chipAfter) {
      reports.push({ _tag: "BalanceChainBroken", amount, chipBefore, chipAfter })
    }
  }
  return reports
}
