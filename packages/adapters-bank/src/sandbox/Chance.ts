/**
 * Seeded chance 种子随机: the same seed gives the same numbers, so that what went wrong in a run goes wrong again.
 *
 * It is no source of secrets: who has seen a few numbers knows all that follow. Keys and secrets come from node:crypto.
 *
 * Source: Blackman and Vigna, xoshiro128** 1.1; its state from the seed by splitmix32.
 */

const rotate = (word: number, by: number): number => (word << by) | (word >>> (32 - by))

export class Chance {
  readonly #state: Uint32Array

  constructor(seed: number) {
    let mixing = seed >>> 0
    this.#state = Uint32Array.from({ length: 4 }, () => {
      mixing = (mixing + 0x9e37_79b9) >>> 0
      let word = mixing
      word = Math.imul(word ^ (word >>> 16), 0x21f0_aaad)
      word = Math.imul(word ^ (word >>> 15), 0x735a_2d97)
      return word ^ (word >>> 15)
    })
  }

  /** A whole number from 0 up to, and without, the limit, which is 2^32 at most. */
  below(limit: number): number {
    return Math.floor(this.#next() / 0x1_0000_0000 * limit)
  }

  /** One of these. */
  pick(letters: string): string {
    return letters.charAt(this.below(letters.length))
  }

  #next(): number {
    const [a = 0, b = 0, c = 0, d = 0] = this.#state
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0
    this.#state.set([a ^ d ^ b, b ^ c ^ a, c ^ a ^ (b << 9), rotate(d ^ b, 11)])
    return result
  }
}
