/**
 * What a rule may know of a payer 消费视图: standing, counters, what can pay (D12).
 *
 * The view is narrow on purpose: it can be built from the account on the server or from nothing but the chip in a
 * terminal that is cut off, and then the same `Purchase.decide` judges both. A property shows that they agree.
 */
import type { AccountState } from "./AccountState.ts"
import type { Chip, Reading } from "./Chip.ts"
import type { Day } from "./CivilTime.ts"
import type * as Decline from "./Decline.ts"
import type { CardId } from "./Id.ts"
import type { Pocket } from "./Ledger.ts"
import type { Medium } from "./Medium.ts"
import * as Money from "./Money.ts"
import type * as Password from "./Password.ts"
import type { SchoolProfile } from "./SchoolProfile.ts"
import * as Standing from "./Standing.ts"
import * as Subsidy from "./Subsidy.ts"
import type { Tallies } from "./Tally.ts"
import * as TemporaryCard from "./TemporaryCard.ts"
import * as Wallet from "./Wallet.ts"

/** The view. `refusal`: why this card or account may not pay at all. `pockets`: what each payer holds, in fen. */
export interface Spending {
  readonly refusal: Decline.Decline | undefined
  /** Why this holder does not pay with this medium at all (R8). */
  readonly unheld: Decline.Of<"MediumNotForHolder"> | undefined
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
  const { password, tallies } = account
  const pockets = Wallet.spendable(account.pockets, Subsidy.usable(account.lots, today))
  return {
    refusal: card === undefined
      ? refuseCode(profile, account, medium, today)
      : refuseCard(profile, account, card, today),
    unheld: TemporaryCard.refuseMedium(profile.temporary, account, medium),
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
  // Whoever has a chip may pay with it.
  unheld: undefined,
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
): Decline.Decline | undefined => Standing.refuse(Standing.ofCard(profile, account, id, today))

/** Why codes of this account may not be used, or nothing (R31, A11, D17). */
export const refuseCode = (
  profile: SchoolProfile,
  account: AccountState,
  medium: Medium,
  today: Day
): Decline.Decline | undefined => Standing.refuse(Standing.ofCode(profile, account, medium, today))

const refuseChip = (profile: SchoolProfile, chip: Chip, today: Day): Decline.Decline | undefined => {
  if (chip.standing === "notActivated") return { _tag: "CardNotActivated" }
  if (chip.standing === "blocked") return { _tag: "CardCancelled" }
  if (chip.endsOn !== undefined && today > chip.endsOn) return { _tag: "CardExpired", until: chip.endsOn }
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
