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

/** How reader and card pass bytes to each other (ISO/IEC 7816-3). Contactless cards speak T=1, or their readers say so for them. */
export type Protocol = "T=0" | "T=1" | "other"

/**
 * `reader`: its name. `atr`: what the card that lies there said as it last woke up (for contactless cards what the reader says for
 * it). `protocol`: what is spoken to it; a channel that does not say is taken for one that is not T=0. Both may be others after
 * `reset`: a copy of a channel (`{ ...channel }`) keeps those of its first card, `withReset` does not. `longest`: so many bytes may
 * a command or an answer have at most.
 */
export interface CardChannel {
  readonly reader: string
  readonly atr: Bytes
  readonly protocol?: Protocol
  readonly longest: number
  /** Sends one command and gives its whole answer, at least two bytes; everything else is a fault. */
  readonly transmit: (command: Bytes) => Effect.Effect<Bytes, CardFault>
  /**
   * Wakes the card up anew: it forgets what was selected and proven, and keeps what was written. It works after the card was taken
   * away and has come back; another card may have come.
   */
  readonly reset: Effect.Effect<void, CardFault>
}

/** The same channel, that is woken up otherwise: it goes on telling `atr` and `protocol` of the card that lies there. */
export const withReset = (channel: CardChannel, reset: CardChannel["reset"]): CardChannel => ({
  reader: channel.reader,
  get atr() {
    return channel.atr
  },
  get protocol() {
    return channel.protocol ?? "other"
  },
  longest: channel.longest,
  transmit: channel.transmit,
  reset
})

/** T=15 marks bytes that belong to all protocols, and is none. */
const forAll = 15

/**
 * What is spoken to a card that says this as it wakes up: T=1 where it can, as pcsc-lite does it, else the first that it names. A card
 * that names none speaks T=0 (ISO/IEC 7816-3, 8.2.3).
 */
export const protocolOf = (atr: Bytes): Protocol => {
  const [first, format] = atr
  if ((first !== 0x3b && first !== 0x3f) || format === undefined) return "other"
  const named: Array<number> = []
  let at = 1
  for (let indicator: number | undefined = format; indicator !== undefined && (indicator & 0x80) !== 0;) {
    // TA, TB and TC stand before TD, as far as they are there.
    at += [0x10, 0x20, 0x40, 0x80].filter((bit) => ((indicator ?? 0) & bit) !== 0).length
    indicator = atr[at]
    if (indicator !== undefined) named.push(indicator & 0x0f)
  }
  const spoken = named.filter((number) => number !== forAll)
  if (spoken.includes(1)) return "T=1"
  return (spoken[0] ?? 0) === 0 ? "T=0" : "other"
}
