/**
 * What an order is credited from 到账证据: made by the flow of recharges alone, of a receipt that a channel has given. No entry
 * point of the package exports it.
 */
import type { Attempt } from "../AttemptState.ts"
import { is as isReceipt, type Receipt } from "../Receipt.ts"
import { PaidEvidence } from "../Recharge.ts"
import { mintKey } from "./mint.ts"

/**
 * The channel's receipt, as evidence for the order of which this is an attempt.
 *
 * @throws RangeError for the receipt of another attempt, or for what only looks like one.
 */
export const evidence = ({ channel, number, order }: Attempt, receipt: Receipt): PaidEvidence => {
  if (!isReceipt(receipt) || receipt.number !== number) throw new RangeError("Expected the receipt of this attempt")
  const { amount, paidAt, reference } = receipt
  return new PaidEvidence(mintKey, { order, channel, amount, paidAt, reference })
}
