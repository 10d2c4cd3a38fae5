/** What the books were credited 入账, by order and payment. */
import type { OrderId } from "../Id.ts"
import * as Money from "../Money.ts"
import type { Credit } from "../Reconciliation.ts"

export class Booked {
  readonly #byOrder = new Map<OrderId, Array<Credit>>()

  constructor(credits: ReadonlyArray<Credit>) {
    for (const credit of credits) {
      const list = this.#byOrder.get(credit.order)
      if (list === undefined) this.#byOrder.set(credit.order, [credit])
      else list.push(credit)
    }
  }

  /** The sum of what was credited of one payment. */
  of(order: OrderId, reference: string): Money.Money {
    const credits = this.#byOrder.get(order) ?? []
    return Money.sum(credits.filter((one) => one.reference === reference).map(({ amount }) => amount))
  }
}
