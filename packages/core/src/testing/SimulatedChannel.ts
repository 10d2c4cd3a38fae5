/**
 * A recharge channel that only pretends: orders are paid when the test or the story says so. Everything after the
 * payment is real.
 */
import { Effect, Option } from "effect"
import type { Instant } from "../CivilTime.ts"
import type { OrderId } from "../Id.ts"
import type { Amount } from "../Money.ts"
import { make as makeChannel, type RechargeChannel } from "../ports/RechargeChannel.ts"
import type { PaidEvidence } from "../Recharge.ts"

/** The channel, and the person on its other side. */
export interface SimulatedChannel {
  readonly channel: RechargeChannel
  /** The payer pays so many fen for an order. Paying twice changes nothing. */
  readonly pay: (order: OrderId, amount: Amount, paidAt: Instant) => void
}

/** A channel under the name that the profile gives it. */
export const make = (name: string): SimulatedChannel => {
  const payments = new Map<OrderId, { readonly amount: Amount; readonly paidAt: Instant }>()
  return {
    channel: makeChannel(name, (mint) => ({
      create: () => Effect.void,
      query: (order) =>
        Effect.sync((): Option.Option<PaidEvidence> => {
          const payment = payments.get(order.id)
          return payment === undefined
            ? Option.none()
            : Option.some(mint({ order: order.id, reference: `${name}-${order.id}`, ...payment }))
        })
    })),
    pay: (order, amount, paidAt) => {
      if (!payments.has(order)) payments.set(order, { amount, paidAt })
    }
  }
}
