/**
 * What becomes on its way of a message that is made already 报文损坏: cut off, changed after its MAC was made, or one that was
 * sent before in its place.
 */
import type { Mischief, Rule } from "./Mischief.ts"

export class Spoiling {
  #earlier: Uint8Array | undefined

  /** Whether such a rule can be obeyed now: nothing can be sent again before anything was sent. */
  readonly isFit = ({ does }: Rule): boolean => does._tag !== "Replay" || this.#earlier !== undefined

  /** What is sent for this message. */
  spoil(message: Uint8Array, does: Mischief | undefined): Uint8Array {
    const earlier = this.#earlier
    this.#earlier = message
    if (does?._tag === "Truncate") return message.subarray(0, does.bytes)
    if (does?._tag === "Replay") return earlier ?? message
    return does?._tag === "Forge" && does.how === "tamper" ? changed(message) : message
  }
}

/** By one bit in the midst of it. */
const changed = (message: Uint8Array): Uint8Array => {
  const at = message.length >> 1
  return message.map((byte, index) => index === at ? byte ^ 1 : byte)
}
