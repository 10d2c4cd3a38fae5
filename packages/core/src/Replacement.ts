/**
 * A card that is lost or damaged, and the way to a new one 挂失补办 (R39-R45, A1, A2, D9).
 *
 * The loss report freezes what the chip held; the activation of the new card completes the replacement; three days
 * later the frozen money is claimed at a kiosk with the new card, once. Until then late offline purchases of the old
 * card are taken from it, so what is claimed is what is left at that time (A2).
 */
import { Result } from "effect"
import type { AccountEvent } from "./AccountEvent.ts"
import type { AccountState } from "./AccountState.ts"
import { holdEnds } from "./Calendar.ts"
import * as Card from "./Card.ts"
import { dayOf, type Instant } from "./CivilTime.ts"
import type * as Command from "./Command.ts"
import type * as Decline from "./Decline.ts"
import type { CardId } from "./Id.ts"
import { transfer } from "./Ledger.ts"
import * as Money from "./Money.ts"
import type { SchoolProfile } from "./SchoolProfile.ts"
import type { Outcome, Setting } from "./Setting.ts"
import * as Spending from "./Spending.ts"
import * as Standing from "./Standing.ts"
import * as TemporaryCard from "./TemporaryCard.ts"
import * as Wallet from "./Wallet.ts"

const happens = (event: AccountEvent): Outcome => Result.succeed([event])

const isLost = (card: Card.Card): card is Card.Lost => card._tag === "Lost"
const isReplaced = (card: Card.Card): card is Card.Replaced => card._tag === "Replaced"

/** Why this card is not in the state that a step needs. */
const standing = (card: Card.Card): Decline.Decline =>
  card._tag === "Active" ? { _tag: "ActiveCardExists" } : Card.refusal(card)

/**
 * Hands out a card, the first one or a new one (R30, R40): at most one is in use, and one waits for activation (R74).
 */
export const issue = (
  account: AccountState,
  { card, fee }: Command.Of<"IssueCard">,
  { holder, now, profile }: Setting
): Outcome => {
  const { cards, id: own, kind } = account
  if (!TemporaryCard.hasPlastic(profile.temporary, account)) return Result.fail({ _tag: "NoPlasticForHolder", kind })
  if ((holder !== undefined && holder !== own) || cards.some(({ id }) => id === card)) {
    return Result.fail({ _tag: "CardTaken" })
  }
  // A card that is past its end before it is handed out is of no use to anybody (A16).
  const ended = Standing.ofEnded(account, dayOf(now))
  if (ended !== undefined) return Result.fail(ended)
  if (Card.active(cards) !== undefined) return Result.fail({ _tag: "ActiveCardExists" })
  if (cards.some(({ _tag }) => _tag === "Issued")) return Result.fail({ _tag: "CardAwaitingActivation" })
  const due = cards.some(isLost) ? profile.replacement.fee : Money.zero
  if ((fee?.amount ?? Money.zero) !== due) return Result.fail({ _tag: "FeeUnpaid", fee: due })
  return happens({
    _tag: "CardIssued",
    at: now,
    card,
    transfers: fee === undefined ? [] : transfer(`channel:${fee.desk}`, "fees:replacement", due)
  })
}

/** Activates a card; a lost one before it is replaced by that, and its three days begin (R31, R41). */
export const activate = (account: AccountState, id: CardId, now: Instant): Outcome => {
  const { cards } = account
  const card = cards.find((card) => card.id === id)
  if (card === undefined) return Result.fail({ _tag: "UnknownCard" })
  if (card._tag !== "Issued") return Result.fail(standing(card))
  if (Card.active(cards) !== undefined) return Result.fail({ _tag: "ActiveCardExists" })
  const ended = Standing.ofEnded(account, dayOf(now))
  if (ended !== undefined) return Result.fail(ended)
  return happens({
    _tag: "CardActivated",
    at: now,
    card: id,
    day: dayOf(now),
    replaces: cards.filter(isLost).map((lost) => lost.id)
  })
}

/** Takes back a card that was never activated. */
export const cancel = ({ cards }: AccountState, id: CardId, now: Instant): Outcome => {
  const card = cards.find((card) => card.id === id)
  if (card === undefined) return Result.fail({ _tag: "UnknownCard" })
  return card._tag === "Issued"
    ? happens({ _tag: "CardCancelled", at: now, card: id })
    : Result.fail(standing(card))
}

/** The bank has its half of the card reported lost: a status of its own beside ours (R40). */
export const reportBankSideLost = ({ cards }: AccountState, id: CardId, now: Instant): Outcome =>
  cards.some((card) => card.id === id)
    ? happens({ _tag: "BankSideReportedLost", at: now, card: id })
    : Result.fail({ _tag: "UnknownCard" })

/** Freezes the active card with all that its chip holds, a load of unknown outcome included (R39, R42, D8). */
export const reportLost = ({ cards, pockets }: AccountState, reason: "lost" | "damaged", now: Instant): Outcome => {
  const card = Card.active(cards)
  if (card !== undefined) {
    return happens({
      _tag: "CardReportedLost",
      at: now,
      card: card.id,
      reason,
      transfers: [...transfer("chip", "frozen", pockets.chip), ...transfer("held", "frozen", pockets.held)]
    })
  }
  const last = cards.find(isLost) ?? cards.at(-1)
  return Result.fail(last === undefined ? { _tag: "UnknownCard" } : standing(last))
}

/**
 * Gives the frozen money back to a card that was found (R43): to the chip what is on it, to `held` a load still
 * unknown, and to transit what the school bore after the loss, since that is gone from the chip. A replaced card is
 * beyond this (R44).
 */
export const reportFound = ({ cards }: AccountState, id: CardId, now: Instant): Outcome => {
  const card = cards.find((card) => card.id === id)
  if (card === undefined) return Result.fail({ _tag: "UnknownCard" })
  if (card._tag !== "Lost") return Result.fail(card._tag === "Active" ? { _tag: "CardNotLost" } : standing(card))
  const gone = Money.min(card.borne, card.frozen)
  return happens({
    _tag: "CardReportedFound",
    at: now,
    card: id,
    transfers: [
      ...transfer("frozen", "chip", Money.minus(card.frozen, gone)),
      ...transfer("frozen", "transit", gone),
      ...transfer("frozen", "held", card.held)
    ]
  })
}

/** Claims what is left of the frozen money, with the active card, from the end of the hold on (R42, R65, A1, A2, I7). */
export const claim = (
  profile: SchoolProfile,
  account: AccountState,
  id: CardId,
  now: Instant
): Outcome => {
  const { cards, pockets } = account
  const card = cards.find((card) => card.id === id)
  if (card === undefined) return Result.fail({ _tag: "UnknownCard" })
  if (card._tag === "Lost" || card._tag === "Replaced") return Result.fail({ _tag: "WrongCardForClaim" })
  const refusal = Spending.refuseCard(profile, account, id, dayOf(now))
  if (refusal !== undefined && refusal._tag !== "CardFrozenDormant") return Result.fail(refusal)
  const replaced = cards.filter(isReplaced)
  const open = replaced.filter(({ claimedAt }) => claimedAt === undefined)
  const ends = (one: Card.Replaced) => holdEnds(profile.calendar, profile.replacement.hold, one.completedAt)
  const ripe = open.filter((one) => ends(one) <= now)
  const amount = Money.sum(ripe.map(({ frozen }) => frozen))
  if (amount > 0) {
    return happens({
      _tag: "FrozenClaimed",
      at: now,
      card: id,
      from: ripe.map((one) => one.id),
      amount,
      transfers: Wallet.credit(pockets.receivable, "frozen", "transit", amount)
    })
  }
  const waiting = open.filter((one) => one.frozen > 0).map(ends)
  if (waiting.length > 0) return Result.fail({ _tag: "HoldNotElapsed", availableAt: Math.min(...waiting) as Instant })
  const claimed = replaced.flatMap(({ claimedAt }) => claimedAt === undefined ? [] : [claimedAt])
  return Result.fail(
    claimed.length > 0
      ? { _tag: "AlreadyClaimed", claimedAt: Math.max(...claimed) as Instant }
      : { _tag: "NothingToClaim" }
  )
}
