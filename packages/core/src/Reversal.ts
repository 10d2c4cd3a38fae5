/**
 * Undoing a purchase 冲正: on the same day, in the same meal, at the same terminal, once (D5, R76).
 *
 * The money goes back where it came from: to the chip while the card is at the terminal, otherwise a card payment goes
 * to transit and a payment by code to the pockets that paid. What goes to the chip is a load (R28, D8): it is held from
 * here on, and only what the chip says after the write moves it. The purchase no longer counts for limits and dormancy
 * (A5, D17).
 *
 * What the chip never paid is on it still: then the books follow, and nothing is written, see `MissedDebit`. Where the card at the
 * terminal shows that, it is undone in a later meal and on a later day too: the office could only give the money a second time.
 */
import { Result } from "effect"
import type { AccountEvent, Of } from "./AccountEvent.ts"
import type { AccountState } from "./AccountState.ts"
import * as Card from "./Card.ts"
import type * as CardLoad from "./CardLoad.ts"
import type * as Chip from "./Chip.ts"
import type { Instant } from "./CivilTime.ts"
import * as Correction from "./Correction.ts"
import type * as Decline from "./Decline.ts"
import type { CardId, PointId, PurchaseId } from "./Id.ts"
import { type Book, isPocket, type Pocket, type Transfer, transfer } from "./Ledger.ts"
import * as MissedDebit from "./MissedDebit.ts"
import * as Money from "./Money.ts"
import type { RecentPurchase } from "./RecentPurchase.ts"
import type { Cell } from "./Tally.ts"
import * as Wallet from "./Wallet.ts"

/**
 * Where and when the reversal is asked for. `reads`: the active card, where it is at the terminal, and what its chip says.
 * `readAt`: when it said so, by its terminal's clock. `writes`: the load that would be opened, where it can be written as well.
 * `unpaid`: that card has shown its terminal that it never paid this purchase. `unasked`: its terminal says that it never asked it to.
 */
export interface Place {
  readonly point: PointId
  readonly cell: Pick<Cell, "day" | "window" | "mealDay">
  readonly reads: { readonly card: CardId; readonly chip: Chip.Reading; readonly readAt: Instant } | undefined
  readonly writes: Omit<CardLoad.Opened, "amount"> | undefined
  readonly unpaid: boolean
  readonly unasked: boolean
  /** The most that the chip may hold, in fen. */
  readonly ceiling: Money.Money
  readonly now: Instant
}

/**
 * The reversal of a purchase of this account, or why it can not be reversed here and now. `older`: as the journal has it, where the
 * account knows it no more.
 */
export const decide = (
  account: AccountState,
  purchase: PurchaseId,
  place: Place,
  older?: RecentPurchase
): Result.Result<AccountEvent, Decline.Of<"NotReversible">> => {
  const recent = account.recent.find((one) => one.purchase === purchase) ?? older
  const reason = refuse(account, recent, place)
  if (recent === undefined || reason !== undefined) {
    return Result.fail({ _tag: "NotReversible", purchase, reason: reason ?? "unknown" })
  }
  const { amount, cell, point, transfers } = recent
  return Result.succeed({
    _tag: "PurchaseReversed",
    at: place.now,
    purchase,
    point,
    amount,
    cell,
    ...(undebited(account, recent, place) ?? giveBack(account, transfers, place))
  })
}

type Back = Pick<Of<"PurchaseReversed">, "load" | "transfers" | "undebited">

/**
 * The purchase in the books alone, if its chip never paid it; nothing if it may have. Where that has paid others since, what
 * is owed for those is repaid first (D10).
 */
const undebited = (account: AccountState, recent: RecentPurchase, place: Place): Back | undefined => {
  const { chip, transfers } = recent
  const active = Card.active(account.cards)
  const proof = shownByCard(recent, place) ?? saidByTerminal(recent, place) ?? MissedDebit.proveByBooks(account, recent)
  if (proof === undefined || active === undefined || chip === undefined) return undefined
  const debt = proof === "still" ? Money.zero : MissedDebit.owedFor(account.pockets, active)
  return {
    transfers: transfers.flatMap(({ amount, to }) => Wallet.credit(debt, to, "chip", amount)),
    undebited: { card: active.id, before: chip }
  }
}

/** What the card that paid it shows at the terminal: by what its chip says, or by its own proof of that transaction. */
const shownByCard = (recent: RecentPurchase, { reads, unpaid }: Place): MissedDebit.Proof | undefined => {
  if (reads === undefined || reads.card !== recent.card || recent.chip === undefined) return undefined
  // What it said before the purchase shows nothing of it.
  if (reads.readAt < recent.at) return undefined
  // By its own proof it may have paid others since, maybe with this money.
  return MissedDebit.proveByReading(recent, reads.chip) ?? (unpaid ? "another" : undefined)
}

/** Its own word, which it gives of a sale that it has not ended: whoever says so of one that was paid gives the money twice. */
const saidByTerminal = (recent: RecentPurchase, { reads, unasked }: Place): MissedDebit.Proof | undefined =>
  unasked && reads !== undefined && reads.card === recent.card && recent.chip !== undefined ? "another" : undefined

const refuse = (
  account: AccountState,
  recent: RecentPurchase | undefined,
  place: Place
): Decline.Of<"NotReversible">["reason"] | undefined => {
  if (recent === undefined) return "unknown"
  const back = Correction.returned(account, recent.purchase)
  // A refund of a part is the office's already: the terminal does not undo the rest.
  if (back > 0) return back < recent.amount ? "partlyReturned" : "alreadyReversed"
  // Its terminal has said by a record that it stands; what is wrong with it is the office's, as of any fact (D11).
  if (recent.confirmed) return "recorded"
  const isUnpaid = (shownByCard(recent, place) ?? saidByTerminal(recent, place)) !== undefined
  return (isUnpaid ? undefined : refuseTime(recent.cell, place.cell)) ??
    (recent.point === place.point ? undefined : "otherPoint")
}

/** D5 ends with the meal: what a chip may have paid is put right by the office then. */
const refuseTime = (bought: Place["cell"], now: Place["cell"]): "otherDay" | "otherMeal" | undefined => {
  if (bought.day !== now.day) return "otherDay"
  return bought.window === now.window && bought.mealDay === now.mealDay ? undefined : "otherMeal"
}

/**
 * What was paid, the other way round. The chip takes what it has room for while the card is there; the rest of it waits in
 * transit. What does not go to the chip is a credit, and repays the debt first (D10).
 */
const giveBack = (
  { pockets }: AccountState,
  paid: ReadonlyArray<Transfer>,
  { ceiling, writes }: Place
): Back => {
  const back: Array<Transfer> = []
  let room = writes === undefined || writes.before.balance >= ceiling
    ? Money.zero
    : Money.minus(ceiling, writes.before.balance)
  let onChip = Money.zero
  let debt = pockets.receivable
  const credit = (from: Book, to: Pocket, amount: Money.Money) => {
    back.push(...Wallet.credit(debt, from, to, amount))
    debt = Money.minus(debt, Money.min(debt, amount))
  }
  for (const { amount, from: pocket, to: merchant } of paid) {
    if (pocket === "chip") {
      const fits = Money.min(amount, room)
      room = Money.minus(room, fits)
      onChip = Money.plus(onChip, fits)
      back.push(...transfer(merchant, "held", fits))
      credit(merchant, "transit", Money.minus(amount, fits))
    } else if (isPocket(pocket)) credit(merchant, pocket, amount)
    // Alipay touched no pocket (D3): its clearing gets it back.
    else back.push({ from: merchant, to: pocket, amount })
  }
  return writes === undefined || onChip === 0
    ? { transfers: back }
    : { transfers: back, load: { ...writes, amount: Money.amount(onChip) } }
}
