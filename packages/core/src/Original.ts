/**
 * The purchase that a refund is tied to 原交易 (D5, I14): evidence that the flow found it in the journal, since an account
 * remembers what went back and not what was bought.
 */
import type { AccountEvent } from "./AccountEvent.ts"
import type { AccountId, MerchantId, PurchaseId } from "./Id.ts"
import { assertMinted, type MintKey } from "./internal/mint.ts"
import type { Transfer } from "./Ledger.ts"
import type * as Money from "./Money.ts"
import type { Cell } from "./Tally.ts"

/** A purchase as its event tells it. `cell`: where it counts, if it counts as the holder's own (D11). */
export interface Purchase {
  readonly account: AccountId
  readonly purchase: PurchaseId
  readonly merchant: MerchantId
  readonly amount: Money.Amount
  readonly transfers: ReadonlyArray<Transfer>
  readonly cell: Cell | undefined
}

/** The purchase that a refund is tied to, found in the journal by the flow. */
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

/** The purchase of this name among the events of an account, if it is there. For the flow that reads the journal. */
export const find = (
  key: MintKey,
  account: AccountId,
  events: Iterable<AccountEvent>,
  purchase: PurchaseId
): Original | undefined => {
  for (const event of events) {
    if (event._tag !== "Purchased" && event._tag !== "OfflinePurchaseRecorded") continue
    if (event.purchase !== purchase) continue
    const { amount, cell, merchant, transfers } = event
    const counts = event._tag === "Purchased" || event.borne === 0
    return new Original(key, { account, purchase, merchant, amount, transfers, cell: counts ? cell : undefined })
  }
  return undefined
}
