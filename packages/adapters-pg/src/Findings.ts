/**
 * The list of what was found 差错清单. All of it is counted, and so many are kept: in a journal that is broken everywhere, the
 * list must not grow as long as the journal.
 */
import * as Break from "./Break.ts"

export interface Findings {
  readonly add: (...breaks: ReadonlyArray<Break.Break>) => void
  /** How many there are. */
  readonly count: () => number
  /** The first of them, from the cause to its consequences. */
  readonly kept: () => ReadonlyArray<Break.Break>
}

/** An empty list, of which so many are kept. */
export const make = (limit: number): Findings => {
  let kept: ReadonlyArray<Break.Break> = []
  let fresh: Array<Break.Break> = []
  let count = 0
  const settle = () => {
    kept = Break.inOrder([...kept, ...fresh]).slice(0, limit)
    fresh = []
    return kept
  }
  return {
    add: (...breaks) => {
      count += breaks.length
      fresh.push(...breaks)
      if (fresh.length > 1_000) settle()
    },
    count: () => count,
    kept: settle
  }
}
