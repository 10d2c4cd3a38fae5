/**
 * A purchase that its chip never paid 漏扣: approved online, and the card was gone before its terminal debited it (D5, D11).
 *
 * A chip counts its purchases. The reading that came with the payment says which number this one would have. If the chip
 * gives that number still, or has given it to another, it has the money still. Then the purchase is undone in the books
 * alone; and where it was given back before anybody could know, the next reading or record puts that right, since nobody
 * may have it twice.
 */
import type { AccountEvent } from "./AccountEvent.ts"
import type { AccountState } from "./AccountState.ts"
import * as Card from "./Card.ts"
import type * as Chip from "./Chip.ts"
import type { Instant } from "./CivilTime.ts"
import type { CardId } from "./Id.ts"
import { transfer } from "./Ledger.ts"
import * as Money from "./Money.ts"
import * as Posted from "./Posted.ts"
import { onChip, type RecentPurchase } from "./RecentPurchase.ts"

/** `still`: the chip has paid nothing since; `another`: it has paid others, maybe with this money. */
export type Proof = "still" | "another"

/** What the books show of a purchase that the active card never paid, though it is not there, or nothing: it may have. */
export const proveByBooks = (
  { cards, posted }: Pick<AccountState, "cards" | "posted">,
  { card, chip: before, purchase }: RecentPurchase
): Proof | undefined => {
  // What was on a card that is active no more has left the pocket of the chip.
  if (card === undefined || before === undefined || card !== Card.active(cards)?.id) return undefined
  const number = Posted.ofCard(card, before.purchaseSequence + 1)
  return Posted.isAnothers(posted, number, purchase) ? "another" : undefined
}

/** What this reading of its card, made after the purchase, shows of it, or nothing: the chip may have paid it. */
export const proveByReading = (recent: RecentPurchase, reading: Chip.Reading): Proof | undefined => {
  const { chip: before } = recent
  if (before === undefined) return undefined
  const since = reading.purchaseSequence - before.purchaseSequence
  if (since === 0) return "still"
  // The one that it has paid since was of another amount.
  const isAnother = since === 1 && reading.loadSequence === before.loadSequence &&
    reading.balance !== before.balance - onChip(recent)
  return isAnother ? "another" : undefined
}

/**
 * What this reading of the active card shows of purchases that were undone. `readAt`: by its terminal's clock; one that was
 * made before the purchase shows nothing of it.
 */
export const settleByReading = (
  account: AccountState,
  card: CardId,
  reading: Chip.Reading,
  { at, readAt }: { readonly at: Instant; readonly readAt: Instant }
): ReadonlyArray<AccountEvent> =>
  card === Card.active(account.cards)?.id
    ? settle(account, card, (one) => readAt < one.at ? undefined : proveByReading(one, reading), at)
    : []

/** What a record shows of them, whose purchase has this number of the chip. */
export const settleByRecord = (
  account: AccountState,
  card: CardId,
  purchaseSequence: number,
  at: Instant
): ReadonlyArray<AccountEvent> =>
  settle(
    account,
    card,
    ({ chip }) => chip !== undefined && chip.purchaseSequence + 1 === purchaseSequence ? "another" : undefined,
    at
  )

/** What is owed for what this card's own records took and the books had no more on it. */
export const owedFor = (pockets: AccountState["pockets"], card: Card.Card): Money.Money =>
  Money.min(pockets.receivable, Card.shortOf(card))

const settle = (
  { cards, pockets, recent }: AccountState,
  id: CardId,
  proofOf: (one: RecentPurchase) => Proof | undefined,
  at: Instant
): ReadonlyArray<AccountEvent> => {
  const card = cards.find((one) => one.id === id)
  // Of a card that is gone all is with the account.
  if (card === undefined || !Card.isFollowed(card)) return []
  const behind = card._tag === "Active" ? "chip" : "frozen"
  let { receivable, transit } = pockets
  let short = Card.shortOf(card)
  return recent.flatMap((one): ReadonlyArray<AccountEvent> => {
    const proof = one.undoneAt === undefined || one.card !== id ? undefined : proofOf(one)
    if (proof === undefined) return []
    const amount = onChip(one)
    const own = Money.min(transit, amount)
    const missing = Money.minus(amount, own)
    // What the chip has paid with it since is owed already, as far as the books had it no more (D10).
    const owed = proof === "still" ? Money.zero : Money.min(Money.min(receivable, short), amount)
    const stays = Money.min(missing, owed)
    const repaid = Money.minus(owed, stays)
    const arises = Money.minus(missing, stays)
    transit = Money.minus(transit, own)
    receivable = Money.plus(Money.minus(receivable, repaid), arises)
    short = Money.minus(short, owed)
    return [{
      _tag: "DebitDisproved",
      at,
      card: id,
      purchase: one.purchase,
      amount: Money.amount(amount),
      transfers: [
        ...transfer("transit", "receivable", repaid),
        ...transfer("transit", behind, Money.minus(own, repaid)),
        ...transfer("receivable", behind, arises)
      ]
    }]
  })
}
