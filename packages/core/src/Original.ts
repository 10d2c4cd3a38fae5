/**
 * The purchase that a refund is tied to 原交易 (D5, I14), and an older one that its chip never paid and its terminal undoes:
 * evidence that the flow found it in the journal, since an account remembers what went back and not what was bought.
 */
import type { AccountEvent } from "./AccountEvent.ts"
import type { AccountId, MerchantId, PurchaseId } from "./Id.ts"
import { assertMinted, type MintKey } from "./internal/mint.ts"
import type { Transfer } from "./Ledger.ts"
import type * as Money from "./Money.ts"
import * as RecentPurchase from "./RecentPurchase.ts"
import type { Cell } from "./Tally.ts"

/**
 * A purchase as its event tells it. `cell`: where it counts, if it counts as the holder's own (D11). `online`: as its account
 * knew it on its day; left out of what a record told.
 */
export interface Purchase {
  readonly account: AccountId
  readonly purchase: PurchaseId
  readonly merchant: MerchantId
  readonly amount: Money.Amount
  readonly transfers: ReadonlyArray<Transfer>
  readonly cell: Cell | undefined
  readonly online?: RecentPurchase.RecentPurchase
}

/** The purchase that goes back, found in the journal by the flow. */
export class Original {
  static {
    // Nobody redefines what counts as minted.
    Object.freeze(this)
  }
  readonly #minted = true
  readonly purchase: Purchase
  constructor(key: MintKey, purchase: Purchase) {
    assertMinted(key, "Original")
    this.purchase = purchase
    Object.freeze(this)
  }
  static is(value: unknown): value is Original {
    return typeof value === "object" && value !== null && #minted in value
  }
}

/** What the evidence says, where it is of this purchase of this account. */
export const purchaseOf = (
  original: Original | undefined,
  account: AccountId,
  purchase: PurchaseId
): Purchase | undefined =>
  original?.purchase.purchase === purchase && original.purchase.account === account ? original.purchase : undefined

/**
 * The purchase of this name among the events of an account, if it is there, with what they say of it afterwards. For the
 * flow that reads the journal.
 */
export const find = (
  key: MintKey,
  account: AccountId,
  events: Iterable<AccountEvent>,
  purchase: PurchaseId
): Original | undefined => {
  let found: Purchase | undefined
  for (const event of events) {
    if (!("purchase" in event) || event.purchase !== purchase) continue
    if (event._tag === "PurchaseConfirmed" && found?.online !== undefined) {
      found = { ...found, online: { ...found.online, confirmed: true } }
    }
    if (found !== undefined || (event._tag !== "Purchased" && event._tag !== "OfflinePurchaseRecorded")) continue
    const { amount, cell, merchant, transfers } = event
    const counts = event._tag === "Purchased" || event.borne === 0
    found = {
      account,
      purchase,
      merchant,
      amount,
      transfers,
      cell: counts ? cell : undefined,
      ...(event._tag === "Purchased" ? { online: RecentPurchase.of(event) } : {})
    }
  }
  return found === undefined ? undefined : new Original(key, found)
}
