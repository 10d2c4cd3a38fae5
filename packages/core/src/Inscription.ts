/**
 * What should stand on a chip by the books 应写卡内容: standing, counters and dates of its account, with the purse as the chip itself
 * says it (D12).
 *
 * A terminal that is connected writes it: as a card is activated or extended, after a loss report (the stamp of the blacklist),
 * and where a chip has lost count of what was bought. The purse is the chip's own and is never written by this.
 */
import { Option } from "effect"
import type { AccountState } from "./AccountState.ts"
import * as Card from "./Card.ts"
import * as Chip from "./Chip.ts"
import type { Day } from "./CivilTime.ts"
import * as Dormancy from "./Dormancy.ts"
import type { CardId } from "./Id.ts"
import type { SchoolProfile } from "./SchoolProfile.ts"

/**
 * The chip of this card as it should be, or nothing where the account never had such a card. `today`: a card that was not
 * activated is good for nothing from today on.
 *
 * What was bought by code counts too: a terminal that is cut off then knows of it (A7).
 */
export const of = (
  profile: SchoolProfile,
  account: AccountState,
  id: CardId,
  purse: Chip.Reading,
  today: Day
): Chip.Chip | undefined => {
  const card = Option.getOrUndefined(Card.find(account.cards, id))
  if (card === undefined) return undefined
  return {
    card: id,
    standing: standingOf(account, card),
    purse,
    tallies: Chip.latest(account.tallies),
    validUntil: Option.getOrElse(Dormancy.dormantFrom(profile, account), () => today),
    ...(account.until === undefined ? {} : { endsOn: account.until })
  }
}

const standingOf = ({ closing }: AccountState, card: Card.Card): Chip.Chip["standing"] => {
  if (card._tag === "Issued") return "notActivated"
  return card._tag === "Active" && closing === undefined ? "active" : "blocked"
}
