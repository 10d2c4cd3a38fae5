/** A channel whose other side the test holds in its hands: what was paid, what it answers, and what its bill says. */
import { Effect } from "effect"
import type { BillRow } from "../../src/BillRow.ts"
import { type Day, dayOf, type Instant } from "../../src/CivilTime.ts"
import { ChannelFailed } from "../../src/Fault.ts"
import type { OrderNumber } from "../../src/Id.ts"
import type * as Money from "../../src/Money.ts"
import * as PaymentAttempt from "../../src/PaymentAttempt.ts"
import { make, type Mint, type RechargeChannel, type Snapshot } from "../../src/ports/RechargeChannel.ts"

interface Payment {
  readonly amount: Money.Amount
  readonly paidAt: Instant
  readonly reference: string
  readonly back?: { readonly at: Instant; readonly refund: string }
}

export class BilledBank {
  readonly payments = new Map<OrderNumber, Payment>()
  /** Numbers that it says not to know when it is asked, though they were paid. */
  readonly blind = new Set<string>()
  isDown = false
  /** It never says that a refund is done, though its bill has it. */
  isSilent = false
  /** What becomes of its bill before anybody reads it. */
  damage: (rows: ReadonlyArray<BillRow>, day: Day) => ReadonlyArray<BillRow> = (rows) => rows
  readonly channel: RechargeChannel
  readonly now: () => Instant

  constructor(now: () => Instant) {
    this.now = now
    this.channel = make("weChat", (mint) => ({
      serves: [{ channel: "todayCampus", source: "weChat" }],
      create: () => Effect.succeed({ _tag: "Nothing" }),
      query: ({ number }) => this.#answer(() => this.#snapshot(number, mint)),
      refund: ({ attempt, number }) =>
        this.#answer(() => {
          this.giveBack(attempt.number, number)
          return { _tag: this.isSilent ? "Accepted" : "Done" } as const
        }),
      bill: (day) =>
        this.#answer(() => ({
          day,
          rows: this.damage(this.#rows(day), day).map((row) => this.#withReceipt(row, mint))
        }))
    }))
  }

  pay(number: OrderNumber, amount: Money.Amount) {
    this.payments.set(number, { amount, paidAt: this.now(), reference: `t-${this.payments.size + 1}` })
  }

  giveBack(number: OrderNumber, refund = "back-office") {
    const payment = this.payments.get(number)
    if (payment !== undefined && payment.back === undefined) {
      this.payments.set(number, { ...payment, back: { at: this.now(), refund } })
    }
  }

  #answer<A>(answer: () => A) {
    return Effect.suspend(() =>
      this.isDown
        ? Effect.fail(new ChannelFailed({ operation: "ask the bank", cause: new Error("down") }))
        : Effect.succeed(answer())
    )
  }

  #snapshot(number: OrderNumber, mint: Mint): Snapshot {
    const payment = this.blind.has(number) ? undefined : this.payments.get(number)
    if (payment === undefined) return { _tag: "NotFound" }
    const { amount, back, paidAt, reference } = payment
    const receipt = mint({ number, amount, paidAt, reference, witness: "query" })
    // What we sent back ourselves is no news.
    return back === undefined || back.refund !== "back-office"
      ? { _tag: "Paid", receipt }
      : { _tag: "GivenBack", receipt }
  }

  #rows(day: Day): ReadonlyArray<BillRow> {
    return [...this.payments].flatMap(([number, { amount, back, paidAt, reference }]) => [
      ...(dayOf(paidAt) === day
        ? [{ kind: "payment", day, reference, number, amount, fee: 3, at: paidAt } as const]
        : []),
      ...(back !== undefined && dayOf(back.at) === day
        ? [{ kind: "refund", day, reference: `r-${reference}`, number, amount, fee: -3, at: back.at } as const]
        : [])
    ])
  }

  #withReceipt(row: BillRow, mint: Mint) {
    const number = PaymentAttempt.numberIn(row.number)
    const { amount, at: paidAt, kind, reference } = row
    return kind === "payment" && number !== undefined && paidAt !== undefined
      ? { row, receipt: mint({ number, amount, paidAt, reference, witness: "statement" }) }
      : { row }
  }
}
