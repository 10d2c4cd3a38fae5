/**
 * A recharge channel that only pretends: orders are paid when the test or the story says so. Everything after the
 * payment is real.
 */
import { Effect } from "effect"
import type { Instant } from "../CivilTime.ts"
import type { OrderId } from "../Id.ts"
import type { Amount } from "../Money.ts"
import { make as makeChannel, type RechargeChannel, type Snapshot } from "../ports/RechargeChannel.ts"

/** The channel, and the person on its other side. */
export interface SimulatedChannel {
  readonly channel: RechargeChannel
  /** The payer pays so many fen for an order. Paying twice changes nothing. */
  readonly pay: (order: OrderId, amount: Amount, paidAt: Instant) => void
}

/** A channel under the name that the profile gives it. It can neither close nor refund: that is told by hand. */
export const make = (name: string): SimulatedChannel => {
  const payments = new Map<OrderId, { readonly amount: Amount; readonly paidAt: Instant }>()
  return {
    channel: makeChannel(name, (mint) => ({
      create: () => Effect.succeed({ _tag: "Nothing" }),
      query: ({ number, order }) =>
        Effect.sync((): Snapshot => {
          const payment = payments.get(order)
          return payment === undefined
            ? { _tag: "Waiting" }
            : { _tag: "Paid", receipt: mint({ number, reference: `${name}-${order}`, witness: "query", ...payment }) }
        })
    })),
    pay: (order, amount, paidAt) => {
      if (!payments.has(order)) payments.set(order, { amount, paidAt })
    }
  }
}
