/**
 * The lists of a bank's days as they are, or as a rule of mischief for its operation "bill" has them 对账文件差错: with a row too
 * few, too many, twice, of another amount, or in the list of the day after.
 */
import { CivilTime, Money } from "@yikatong/core"
import type { BillFlaw, Rules } from "./Mischief.ts"

interface Row {
  readonly amount: Money.Amount
}

/** What a bank has to say of its rows. */
export interface Terms<A extends Row> {
  /** The name of the bank in rules of mischief. */
  readonly wire: string
  readonly nameOf: (row: A) => string
  /** Whether it may be spoiled; any, if left out. */
  readonly isFit?: (row: A) => boolean
  /** A row that nobody has sent, made like this. */
  readonly foreign: (row: A) => A
  readonly onDay: (row: A, day: CivilTime.Day) => A
}

export class FlawedLists<A extends Row> {
  readonly #rules: Rules
  readonly #terms: Terms<A>
  /** Rows that a flaw has put into the list of the day after. */
  readonly #late = new Map<CivilTime.Day, ReadonlyArray<A>>()

  constructor(rules: Rules, terms: Terms<A>) {
    this.#rules = rules
    this.#terms = terms
  }

  /** The list of a day whose rows are these. */
  of(day: CivilTime.Day, rows: ReadonlyArray<A>): ReadonlyArray<A> {
    const { nameOf, wire } = this.#terms
    const does = this.#rules.take(wire, "bill", ({ does: { _tag } }) => _tag === "Bill")
    const gone = new Set(this.#put(CivilTime.addDays(day, 1)).map(nameOf))
    const whole = [...rows.filter((row) => !gone.has(nameOf(row))), ...this.#put(day)]
    return does?._tag === "Bill" ? this.#spoiled(whole, day, does.flaw) : whole
  }

  #put(day: CivilTime.Day): ReadonlyArray<A> {
    return this.#late.get(day) ?? []
  }

  /** What is spoiled is the last row that may be. */
  #spoiled(rows: ReadonlyArray<A>, day: CivilTime.Day, flaw: BillFlaw): ReadonlyArray<A> {
    const { foreign, isFit = () => true, onDay } = this.#terms
    const last = rows.filter(isFit).at(-1)
    if (last === undefined) return rows
    const others = rows.filter((row) => row !== last)
    switch (flaw) {
      case "omitRow":
        return others
      case "duplicateRow":
        return [...rows, last]
      case "extraRow":
        return [...rows, foreign(last)]
      case "wrongAmount":
        return [...others, { ...last, amount: Money.amount(last.amount + 1) }]
      case "shiftDay": {
        const next = CivilTime.addDays(day, 1)
        this.#late.set(next, [...this.#put(next), onDay(last, next)])
        return others
      }
    }
  }
}
