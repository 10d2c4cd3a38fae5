/**
 * A channel's receipt 到账凭证: that it was paid under a merchant order number, by a callback that was verified, an answer to
 * our own question, or a row of its statement.
 *
 * Only a `RechargeChannel` is handed the right to make one; it has no schema, so none can be read from a file or a request.
 */
import { Schema } from "effect"
import { Instant } from "./CivilTime.ts"
import { OrderNumber, Words } from "./Id.ts"
import { assertMinted, type MintKey } from "./internal/mint.ts"
import * as Money from "./Money.ts"

/** By what a payment is known. */
export const Witness = Schema.Literals(["callback", "query", "statement"])
export type Witness = typeof Witness.Type

/** What a channel says of a payment. `reference`: its own number of the transaction. `amount`: what was ordered, in fen. */
export interface Told {
  readonly number: OrderNumber
  readonly amount: Money.Amount
  readonly paidAt: Instant
  readonly reference: string
  readonly witness: Witness
}
const isTold = Schema.is(
  Schema.Struct({ number: OrderNumber, amount: Money.Amount, paidAt: Instant, reference: Words, witness: Witness })
)

export class Receipt implements Told {
  static {
    // Nobody redefines what counts as minted.
    Object.freeze(this)
  }
  readonly #minted = true
  readonly number: OrderNumber
  readonly amount: Money.Amount
  readonly paidAt: Instant
  readonly reference: string
  readonly witness: Witness
  constructor(key: MintKey, told: Told) {
    assertMinted(key, "Receipt")
    if (!isTold(told)) throw new RangeError("A channel said what no payment can be: see Receipt.Told")
    this.number = told.number
    this.amount = told.amount
    this.paidAt = told.paidAt
    this.reference = told.reference
    this.witness = told.witness
    Object.freeze(this)
  }
  static is(value: unknown): value is Receipt {
    return typeof value === "object" && value !== null && #minted in value
  }
}

/** Whether this was made by a channel. */
export const is = Receipt.is
