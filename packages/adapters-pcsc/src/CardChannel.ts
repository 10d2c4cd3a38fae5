/**
 * One card in use 卡片通道: what is sent to it, and what comes back. Whoever has a channel has the card alone, until the
 * channel is closed.
 *
 * A PC/SC reader gives one (`PcscReader.use`), a second slot gives one for a PSAM, and a virtual card gives one in the process
 * (`VirtualPcsc`).
 */
import type { Effect } from "effect"
import type { Bytes } from "./Bytes.ts"
import type { CardFault } from "./CardFault.ts"

/**
 * `reader`: its name. `atr`: what the card said as it woke up (for contactless cards what the reader says for it).
 * `longest`: so many bytes may a command or an answer have at most.
 */
export interface CardChannel {
  readonly reader: string
  readonly atr: Bytes
  readonly longest: number
  /** Sends one command and gives its whole answer, at least two bytes; everything else is a fault. */
  readonly transmit: (command: Bytes) => Effect.Effect<Bytes, CardFault>
  /**
   * Wakes the card up anew: it forgets what was selected and proven, and keeps what was written. It works after the card was taken
   * away and has come back; another card may have come.
   */
  readonly reset: Effect.Effect<void, CardFault>
}
