/** Where a process is killed: at something that is counted from its start, or whenever its time is over. */
import type { Chance } from "../../src/sandbox/Chance.ts"

export type Death =
  /** At its n-th write to the store: before it, or as soon as it is durable. */
  | { readonly _tag: "Write"; readonly when: "before" | "after"; readonly count: number }
  /** At its n-th request to the channels: before that is done, or after it and before the answer. */
  | { readonly _tag: "Request"; readonly when: "before" | "after"; readonly count: number }
  | { readonly _tag: "Moment"; readonly milliseconds: number }

/** Each kind in turn would be no surprise: chance decides. */
export const deathOf = (chance: Chance): Death => {
  const when = chance.below(2) === 0 ? "before" : "after"
  switch (chance.below(5)) {
    case 0:
    case 1:
      return { _tag: "Write", when, count: 1 + chance.below(50) }
    case 2:
    case 3:
      return { _tag: "Request", when, count: 1 + chance.below(14) }
    default:
      return { _tag: "Moment", milliseconds: chance.below(1_500) }
  }
}

export const inWords = (death: Death): string =>
  death._tag === "Moment" ? `after ${death.milliseconds} ms` : `${death.when} ${death._tag} ${death.count}`
