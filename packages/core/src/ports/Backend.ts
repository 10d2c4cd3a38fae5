/**
 * All that a campus stands on, in one piece 后端: accounts, other subjects, passwords and people, stored and hashed by some
 * technology.
 *
 * Adapters make one; `@yikatong/core/promise` opens a campus on it. There it is opaque, so that teams without Effect
 * never meet a layer.
 */
import type { Layer } from "effect"
import type { Fault } from "../Fault.ts"
import type { AccountStore } from "./AccountStore.ts"
import type { PasswordHasher } from "./PasswordHasher.ts"
import type { PasswordVault } from "./PasswordVault.ts"
import type { PersonRegister } from "./PersonRegister.ts"
import type { Profiles } from "./Profiles.ts"
import type { RechargeChannel } from "./RechargeChannel.ts"
import type { SubjectStore } from "./SubjectStore.ts"

/** The ports that a backend brings. */
export type Ports = AccountStore | PasswordHasher | PasswordVault | PersonRegister | SubjectStore

/** The ports of one campus, behind a name. */
export class Backend {
  readonly #layer: Layer.Layer<Ports, Fault, Profiles>
  private constructor(layer: Layer.Layer<Ports, Fault, Profiles>) {
    this.#layer = layer
  }
  static readonly seal = (layer: Layer.Layer<Ports, Fault, Profiles>): Backend => new Backend(layer)
  static readonly open = (backend: Backend): Layer.Layer<Ports, Fault, Profiles> => backend.#layer
}

/** Hides a layer of ports. For adapters. */
export const fromLayer = Backend.seal
/** The layer that a backend hides. For doors. */
export const toLayer = Backend.open

/** A recharge channel, behind a name. */
export class Channel {
  readonly #channel: RechargeChannel
  private constructor(channel: RechargeChannel) {
    this.#channel = channel
  }
  static readonly seal = (channel: RechargeChannel): Channel => new Channel(channel)
  static readonly open = (channel: Channel): RechargeChannel => channel.#channel
}

/** Hides a recharge channel. For adapters. */
export const fromChannel = Channel.seal
/** The recharge channel that is hidden. For doors. */
export const toChannel = Channel.open
