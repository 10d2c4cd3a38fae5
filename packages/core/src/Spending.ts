/**
 * What a rule may know of a payer 消费视图: standing, counters, what can pay (D12).
 *
 * The view is narrow on purpose: it can be built from the account on the server or from nothing but the chip in a
 * terminal that is cut off, and then the same `Purchase.decide` judges both. A property shows that they agree.
 */
import { Option } from "effect"
import type { AccountState } from "./AccountState.ts"
import * as Card from "./Card.ts"
import type { Chip, Reading } from "./Chip.ts"
import type { Day } from "./CivilTime.ts"
import * as Closure from "./Closure.ts"
import type * as Decline from "./Decline.ts"
import * as Dormancy from "./Dormancy.ts"
import type { CardId } from "./Id.ts"
import type { Pocket } from "./Ledger.ts"
import type { Medium } from "./Medium.ts"
import * as Money from "./Money.ts"
import type * as Password from "./Password.ts"
import type { SchoolProfile } from "./SchoolProfile.ts"
import type { Tallies } from "./Tally.ts"
import * as Wallet from "./Wallet.ts"

/** The view. `refusal`: why this card or account may not pay at all. `pockets`: what each payer holds, in fen. */
export interface Spending {
  readonly refusal: Decline.Decline | undefined
  readonly tallies: Tallies
  readonly pockets: Pick<Wallet.Pockets, Pocket>
  readonly payers: ReadonlyArray<Pocket>
  /** All pockets, when the whole account is at hand: a refusal then says where the money is (D1). */
  readonly account: Wallet.Pockets | undefined
  /** The password in force; a terminal that is cut off has none to check against. */
  readonly password: Password.State | undefined
}

/**
 * The view of an account on the server, for the holder of this card, or of a code. A reading of the chip bounds what
 * the chip can pay: offline purchases that have not arrived yet are gone from the chip, though not yet from the books.
 */
export const fromAccount = (
  profile: SchoolProfile,
  account: AccountState,
  medium: Medium,
  card: CardId | undefined,
  reading: Reading | undefined,
  today: Day
): Spending => {
  const { password, pockets, tallies } = account
  return {
    refusal: card === undefined
      ? refuseCode(profile, account, medium, today)
      : refuseCard(profile, account, card, today),
    tallies,
    pockets: reading === undefined || reading.balance >= pockets.chip
      ? pockets
      : { ...pockets, chip: reading.balance },
    payers: Wallet.payers(medium, account.wallet !== "none", profile.spendOrder),
    account: pockets,
    password
  }
}

/** The view of a terminal that is cut off: all it knows stands on the chip. */
export const fromChip = (profile: SchoolProfile, chip: Chip, today: Day): Spending => ({
  refusal: refuseChip(profile, chip, today),
  tallies: chip.tallies,
  pockets: { ...Wallet.empty, chip: chip.purse.balance },
  payers: Wallet.payers("physicalCard", false, profile.spendOrder),
  account: undefined,
  password: undefined
})

/** Why this card may not be used, or nothing (R31, R39, R44, R46). */
export const refuseCard = (
  profile: SchoolProfile,
  account: AccountState,
  id: CardId,
  today: Day
): Decline.Decline | undefined => refuseShown(account, id) ?? Dormancy.refuse(profile, account, today)

/**
 * Why this card is not the active one of its account, or nothing: what its holder brings to the counter or the kiosk,
 * dormant or not (R36, R37, R47).
 */
export const refuseShown = (account: AccountState, id: CardId): Decline.Decline | undefined => {
  const card = Option.getOrUndefined(Card.find(account.cards, id))
  if (card === undefined) return { _tag: "UnknownCard" }
  if (account.closing !== undefined) return Closure.refuse(account)
  return card._tag === "Active" ? undefined : Card.refusal(card)
}

/**
 * Why codes of this account may not be used, or nothing. They work once a card was activated (R31), also while the card
 * is lost unless the profile freezes the whole account (A11); dormancy blocks them too (D17).
 */
export const refuseCode = (
  profile: SchoolProfile,
  account: AccountState,
  medium: Medium,
  today: Day
): Decline.Decline | undefined => {
  if (account.closing !== undefined) return Closure.refuse(account)
  if (account.validFrom === undefined) return { _tag: "CardNotActivated" }
  if (profile.replacement.lossFreezes === "account") {
    const lost = account.cards.find((card): card is Card.Lost => card._tag === "Lost")
    if (lost !== undefined) return { _tag: "CardLost", reportedAt: lost.reportedAt }
  }
  if (medium === "alipayCode" && !account.alipayBound) return { _tag: "AlipayNotBound" }
  return Dormancy.refuse(profile, account, today)
}

const refuseChip = (profile: SchoolProfile, chip: Chip, today: Day): Decline.Decline | undefined => {
  if (chip.standing === "notActivated") return { _tag: "CardNotActivated" }
  if (chip.standing === "blocked") return { _tag: "CardCancelled" }
  return today >= chip.validUntil
    ? { _tag: "CardFrozenDormant", since: chip.validUntil, months: profile.dormancy.months }
    : undefined
}

/**
 * What of the account is not in the pockets that were asked: the numbers with which a refusal says where the money is.
 */
export const elsewhere = (pockets: Wallet.Pockets): typeof Decline.Elsewhere.Type => ({
  chip: pockets.chip,
  transit: pockets.transit,
  held: pockets.held,
  wallet: pockets.wallet,
  subsidy: pockets.subsidy
})

/** What the payers hold together, in fen. */
export const available = (spending: Spending): Money.Money =>
  Money.sum(spending.payers.map((pocket) => spending.pockets[pocket]))
