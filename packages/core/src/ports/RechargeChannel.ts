/**
 * A way by which money comes in 充值渠道: a bank, WeChat, an app. Its adapter speaks the wire; the core sees orders and
 * evidence.
 *
 * Only here is the right to make {@link PaidEvidence} given away: `make` hands it to the adapter of one channel, for
 * that channel's name only.
 */
import { Context, type Effect, Layer, type Option } from "effect"
import type { ChannelFailed } from "../Fault.ts"
import { mintKey } from "../internal/mint.ts"
import { type Order, type Paid, PaidEvidence } from "../Recharge.ts"

export interface RechargeChannel {
  /** The name of the channel in the school's profile. */
  readonly name: string
  /** Opens the order at the channel. After a fault the outcome is unknown: ask. */
  readonly create: (order: Order) => Effect.Effect<void, ChannelFailed>
  /** Asks whether the order was paid; nothing while it was not. */
  readonly query: (order: Order) => Effect.Effect<Option.Option<PaidEvidence>, ChannelFailed>
}

/** The right to say that a channel confirmed a payment. */
export type Mint = (paid: Omit<Paid, "channel">) => PaidEvidence

/** A channel of this name, whose adapter alone is handed the right to make evidence for it. */
export const make = (name: string, adapter: (mint: Mint) => Omit<RechargeChannel, "name">): RechargeChannel => ({
  ...adapter((paid) => new PaidEvidence(mintKey, { ...paid, channel: name })),
  name
})

/** The channels that the running system has, by name. */
export class RechargeChannels extends Context.Service<RechargeChannels, ReadonlyMap<string, RechargeChannel>>()(
  "@yikatong/core/ports/RechargeChannels"
) {
  static readonly layer = (channels: ReadonlyArray<RechargeChannel>): Layer.Layer<RechargeChannels> =>
    Layer.succeed(RechargeChannels, new Map(channels.map((channel) => [channel.name, channel])))
}
