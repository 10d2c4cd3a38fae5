/**
 * The money of the sandbox's other side 沙箱资金: what payers have and what merchants were paid. It only moves, so that together
 * it stays what was put in; whether a school's books agree with it is then a question with an answer.
 */
import { Money } from "@yikatong/core"
import { Result } from "effect"

/** A payer's purse, or a merchant's settlement account. */
export type Purse = `payer:${string}` | `merchant:${string}`

/** Not so much there. */
export interface TooLittle {
  readonly _tag: "TooLittle"
  readonly has: Money.Money
}

export class Purses {
  readonly #held = new Map<Purse, Money.Money>()
  #put = Money.zero

  /** New money comes into the sandbox: into a payer's purse. */
  put(payer: string, amount: Money.Money): void {
    const purse = `payer:${payer}` as const
    this.#held.set(purse, Money.plus(this.has(purse), amount))
    this.#put = Money.plus(this.#put, amount)
  }

  has(purse: Purse): Money.Money {
    return this.#held.get(purse) ?? Money.zero
  }

  /** All of it or nothing. Merchants may owe: they send back what was settled to them long ago. */
  move(from: Purse, to: Purse, amount: Money.Amount): Result.Result<void, TooLittle> {
    const has = this.has(from)
    if (from.startsWith("payer:") && has < amount) return Result.fail({ _tag: "TooLittle", has })
    this.#held.set(from, (has - amount) as Money.Money)
    this.#held.set(to, (this.has(to) + amount) as Money.Money)
    return Result.void
  }

  /** What every purse holds; a merchant's may be less than nothing. */
  get all(): ReadonlyMap<Purse, Money.Money> {
    return this.#held
  }

  /** Whether what is held is what was put in: never otherwise, or the sandbox is broken. */
  get isWhole(): boolean {
    let sum = 0
    for (const held of this.#held.values()) sum += held
    return sum === this.#put
  }
}
