/** Chance that can be had again: the same seed gives the same numbers. What the machine does in between is its own. */
export interface Chance {
  /** A whole number, `from` and `to` included. */
  readonly between: (from: number, to: number) => number
  readonly one: <A>(of: ReadonlyArray<A>) => A
  /** True so many times in a hundred. */
  readonly percent: (percent: number) => boolean
}

/** Numbers of a seed: any text. */
export const of = (seed: string): Chance => {
  let state = 0x811c9dc5
  for (let at = 0; at < seed.length; at++) state = Math.imul(state ^ seed.charCodeAt(at), 0x01000193)
  // mulberry32
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1))
  return {
    between,
    one: (of) => {
      const found = of[between(0, of.length - 1)]
      if (found === undefined) throw new Error("there is nothing to choose from")
      return found
    },
    percent: (percent) => next() * 100 < percent
  }
}
