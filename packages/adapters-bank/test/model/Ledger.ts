/**
 * The bank's side of a life as the test itself keeps it: every happening of the sandbox's house is written down, and the sums
 * are made from that alone. So the house's purses are held against a second account, and both against the school's books.
 */
import type { Happening, House } from "../../src/sandbox/House.ts"
import type { Trade } from "../../src/sandbox/Trade.ts"

/** A payment that the bank has confirmed. `back`: what went back of it, under which numbers. */
export interface Payment {
  readonly wire: string
  /** The merchant's number: that of our attempt. */
  readonly number: string
  /** The bank's. */
  readonly reference: string
  readonly amount: number
  readonly back: ReadonlyArray<{ readonly number: string; readonly amount: number }>
}

/** UnionPay knows a transaction by its number and its time; the number of ours stands beside it. */
export const numberOf = (trade: Trade): string => trade.extra["orderId"] ?? trade.number

const keyOf = ({ reference, wire }: Trade): string => `${wire} ${reference}`

export class Ledger {
  readonly #house: House
  readonly #payments = new Map<string, Payment>()

  constructor(house: House) {
    this.#house = house
    house.listen((happening) => this.#write(happening))
  }

  #write({ refund, trade, what }: Happening): void {
    const key = keyOf(trade)
    const known = this.#payments.get(key)
    if (what === "paid") {
      if (known !== undefined) throw new Error(`The bank took money twice for ${trade.number}`)
      const { amount, reference, wire } = trade
      this.#payments.set(key, { wire, number: numberOf(trade), reference, amount, back: [] })
    }
    if (what === "refunded" && refund !== undefined && known !== undefined) {
      const back = [...known.back, { number: refund.number, amount: refund.amount }]
      this.#payments.set(key, { ...known, back })
    }
  }

  get payments(): ReadonlyArray<Payment> {
    return [...this.#payments.values()]
  }

  /** What the merchants must hold. */
  get held(): number {
    return this.payments.reduce((sum, payment) => sum + payment.amount - backOf(payment), 0)
  }

  /** What they hold, by the house's purses. */
  get purses(): number {
    let held = 0
    for (const [purse, has] of this.#house.purses.all) if (purse.startsWith("merchant:")) held += has
    return held
  }
}

/** What went back of a payment. */
export const backOf = ({ back }: Payment): number => back.reduce((sum, { amount }) => sum + amount, 0)

/** Of a payment, what went back under our own number of it, and what others gave back. */
export const sidesOf = ({ back, number }: Payment) => {
  // UnionPay's number of a refund is followed by its time.
  const isOurs = (refund: { readonly number: string }) => new RegExp(`^${number}R(?![0-9A-Za-z])`).test(refund.number)
  return { ours: back.filter(isOurs), others: back.filter((one) => !isOurs(one)) }
}
