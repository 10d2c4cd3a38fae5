/**
 * The pockets of one account 口袋, and which of them pays and receives (D1-D10).
 *
 * - `chip` 卡余额: on the card's own purse; only a tap reaches it.
 * - `transit` 过渡余额: paid, and waiting for a canteen terminal to write it to the card (R27).
 * - `wallet` 电子钱包: the e码通 wallet on the server, spendable by code at once (A10).
 * - `subsidy` 补助: granted by the school, moved to the chip by a tap or spent by a code (D6).
 * - `frozen` 冻结: the money of a lost card, until it is claimed with the new one (R42).
 * - `held`: a load whose outcome is not known yet (D8).
 * - `receivable` 应收: the holder's debt, ≥ 0, repaid by the next credit (D10).
 *
 * Unit: fen. Pockets change only by transfers.
 */
import { Option, Schema } from "effect"
import { type Book, isPocket, type Pocket, type Transfer, transfer } from "./Ledger.ts"
import type { Medium } from "./Medium.ts"
import * as Money from "./Money.ts"

/** What each pocket of an account holds, and its debt, in fen. */
export const Pockets = Schema.Struct({
  chip: Money.Money,
  transit: Money.Money,
  wallet: Money.Money,
  subsidy: Money.Money,
  frozen: Money.Money,
  held: Money.Money,
  receivable: Money.Money
})
export interface Pockets extends Schema.Schema.Type<typeof Pockets> {}

/** Pockets of a new account. */
export const empty: Pockets = {
  chip: Money.zero,
  transit: Money.zero,
  wallet: Money.zero,
  subsidy: Money.zero,
  frozen: Money.zero,
  held: Money.zero,
  receivable: Money.zero
}

/** Paid but not yet on the card, as its holder sees it: in transit, or in a load whose outcome is not known yet. */
export const pending = (pockets: Pockets): Money.Money => Money.plus(pockets.transit, pockets.held)

/** What the account owns less what it owes, in fen: the left side of I5. May be below zero. */
export const worth = (pockets: Pockets): number =>
  pockets.chip + pockets.transit + pockets.wallet + pockets.subsidy + pockets.frozen + pockets.held - pockets.receivable

/** The pockets with what of the subsidy may be spent now. */
export const spendable = (pockets: Pockets, subsidy: Money.Money): Pockets =>
  pockets.subsidy === subsidy ? pockets : { ...pockets, subsidy }

/** Whether the subsidy is spent before or after the holder's own money by a code (D6). */
export const SpendOrder = Schema.Literals(["subsidyFirst", "subsidyLast"])
export type SpendOrder = typeof SpendOrder.Type

const byCode = (own: ReadonlyArray<Pocket>, order: SpendOrder): ReadonlyArray<Pocket> =>
  order === "subsidyFirst" ? ["subsidy", ...own] : [...own, "subsidy"]

const fromChip: ReadonlyArray<Pocket> = ["chip"]
const nowhere: ReadonlyArray<Pocket> = []
const sources = {
  subsidyFirst: {
    wallet: byCode(["wallet"], "subsidyFirst"),
    transit: byCode(["transit"], "subsidyFirst"),
    transitThenWallet: byCode(["transit", "wallet"], "subsidyFirst")
  },
  subsidyLast: {
    wallet: byCode(["wallet"], "subsidyLast"),
    transit: byCode(["transit"], "subsidyLast"),
    transitThenWallet: byCode(["transit", "wallet"], "subsidyLast")
  }
} as const

/** The pockets that pay for a medium, first to last (D1, D6). Alipay touches none (D3); identity media never pay. */
export const payers = (medium: Medium, walletOpen: boolean, order: SpendOrder): ReadonlyArray<Pocket> => {
  switch (medium) {
    case "physicalCard":
      return fromChip
    case "ecodePayCode":
      return sources[order].wallet
    case "todayCampusCode":
      return walletOpen ? sources[order].transitThenWallet : sources[order].transit
    default:
      return nowhere
  }
}

/** Where subsidies come from and go back to (D6): minus what the school has granted. */
export const subsidyFund: Book = "school:subsidies"

/** What Alipay has paid in for purchases at cut-off canteens: it touches no pocket of the holder (D3). */
export const alipayClearing: Book = "channel:alipay"

/**
 * Takes `amount` fen from the pockets in this order and gives them to `to`; none when they do not hold enough together.
 */
export const pay = (
  pockets: Pick<Pockets, Pocket>,
  from: ReadonlyArray<Pocket>,
  to: Book,
  amount: Money.Money
): Option.Option<ReadonlyArray<Transfer>> => {
  const [transfers, missing] = payUpTo(pockets, from, to, amount)
  return missing === 0 ? Option.some(transfers) : Option.none()
}

/**
 * As {@link pay}, but takes what there is and says how many fen are missing: a fact posts even where the money is short
 * (D11).
 */
export const payUpTo = (
  pockets: Pick<Pockets, Pocket>,
  from: ReadonlyArray<Pocket>,
  to: Book,
  amount: Money.Money
): readonly [transfers: ReadonlyArray<Transfer>, missing: Money.Money] => {
  const transfers: Array<Transfer> = []
  let missing = amount
  for (const pocket of from) {
    const part = Money.min(pockets[pocket], missing)
    if (part > 0) {
      transfers.push({ from: pocket, to, amount: part })
      missing = Money.minus(missing, part)
    }
  }
  return [transfers, missing]
}

/** Gives `amount` fen to a pocket, after repaying the debt: the next credit repays it first (D10). */
export const credit = (debt: Money.Money, from: Book, to: Pocket, amount: Money.Money): ReadonlyArray<Transfer> => {
  const repaid = Money.min(debt, amount)
  return [...transfer(from, "receivable", repaid), ...transfer(from, to, Money.minus(amount, repaid))]
}

/**
 * Pockets after a list of transfers.
 * @throws RangeError when a pocket or the debt would fall below zero (I2): a decision that lets this happen is a
 * defect, not a decline.
 */
export const apply = (pockets: Pockets, transfers: ReadonlyArray<Transfer>): Pockets => {
  if (transfers.length === 0) return pockets
  const next: { -readonly [K in keyof Pockets]: Pockets[K] } = { ...pockets }
  for (const { amount, from, to } of transfers) {
    if (from === "receivable") next.receivable = Money.plus(next.receivable, amount)
    else if (isPocket(from)) next[from] = Money.minus(next[from], amount)
    if (to === "receivable") next.receivable = Money.minus(next.receivable, amount)
    else if (isPocket(to)) next[to] = Money.plus(next[to], amount)
  }
  return next
}

/** What a load moves to the chip: all that waits, own money and subsidy, but not above the purse ceiling (D2). */
export const loadable = (
  pockets: Pockets,
  onChip: Money.Money,
  ceiling: Money.Money
): { readonly transit: Money.Money; readonly subsidy: Money.Money } => {
  const room = onChip >= ceiling ? Money.zero : Money.minus(ceiling, onChip)
  const transit = Money.min(pockets.transit, room)
  return { transit, subsidy: Money.min(pockets.subsidy, Money.minus(room, transit)) }
}
