/**
 * Numbers that look like chance and are the same every time 伪随机数: for virtual cards in tests and examples, never
 * for secrets.
 *
 * xorshift32 (Marsaglia 2003), the highest byte of each number.
 */
import type { Bytes } from "./Bytes.ts"

/** Gives so many bytes at each call. `seed`: any whole number. */
export const make = (seed: number): (length: number) => Bytes => {
  // Zero would give nothing but zeros.
  let state = (seed ^ 0x9e37_79b9) >>> 0 || 1
  return (length) => {
    const bytes = new Uint8Array(length)
    for (let at = 0; at < length; at++) {
      state ^= state << 13
      state ^= state >>> 17
      state ^= state << 5
      bytes[at] = state >>> 24
    }
    return bytes
  }
}
