/** The invariants of a recharge 充值不变量, by number, and what it means that one of them is broken. */

export const invariants = {
  1: "one payment is one credit: one ledger entry for each number of a channel, whoever tells of it and how often",
  2: "no credit without evidence: of the same channel, number and amount as the bank has it",
  3: "every payment that the bank confirmed is in the end credited or back, and nothing is open",
  4: "no more goes back than was paid, and a refund that is asked for again has the number of the first",
  5: "a reversal that comes first prevents its deposit",
  6: "an order and its attempts move along their tables only, in a journal that grows, each step with its time",
  7: "a callback is answered as taken once its payment is durable, a copy too; one that is forged is not, and is told no reason",
  8: "what is written to a card was credited before, and is written once",
  9: "money is whole fen, everywhere",
  10: "no secret, and no code that a payer showed, is in a log or an error"
} as const
export type Invariant = keyof typeof invariants

/** That an invariant does not hold, with what was seen instead. */
export class Broken extends Error {
  readonly invariant: Invariant

  constructor(invariant: Invariant, what: string, seen: unknown) {
    super(`${invariant}. ${what}: ${JSON.stringify(seen, (_, value) => value instanceof Map ? [...value] : value)}`)
    this.invariant = invariant
  }
}

/** How often each invariant was looked at: one that never came into question was not tested. */
export class Looks {
  readonly #looks = new Map<Invariant, number>()

  of(invariant: Invariant): number {
    return this.#looks.get(invariant) ?? 0
  }

  /** @throws Broken */
  holds(invariant: Invariant, isSo: boolean, what: string, seen: unknown = ""): void {
    this.#looks.set(invariant, this.of(invariant) + 1)
    if (!isSo) throw new Broken(invariant, what, seen)
  }
}
