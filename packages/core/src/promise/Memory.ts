/**
 * A campus in memory, for trying things out: it forgets everything when it is closed, and its passwords are protected
 * by nothing.
 */
import { Layer } from "effect"
import { Instant } from "../CivilTime.ts"
import { OrderId } from "../Id.ts"
import { amount as asAmount } from "../Money.ts"
import { type Backend, type Channel, fromChannel, fromLayer } from "../ports/Backend.ts"
import * as MemoryAccountStore from "../testing/MemoryAccountStore.ts"
import * as MemoryPorts from "../testing/MemoryPorts.ts"
import * as SimulatedChannel from "../testing/SimulatedChannel.ts"

/** A new, empty campus. */
export const memory = (): Backend => fromLayer(Layer.merge(MemoryAccountStore.layer, MemoryPorts.layer))

/** A recharge channel that only pretends; `pay` is the person on its other side, paying so many fen at an instant. */
export const simulatedChannel = (
  name: string
): { readonly channel: Channel; readonly pay: (order: string, amount: number, paidAt: number) => void } => {
  const { channel, pay } = SimulatedChannel.make(name)
  return {
    channel: fromChannel(channel),
    pay: (order, amount, paidAt) => pay(OrderId.make(order), asAmount(amount), Instant.make(paidAt))
  }
}
