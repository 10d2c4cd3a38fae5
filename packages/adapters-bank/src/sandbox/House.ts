/**
 * The other side 沙箱后台: every channel's transactions and the money behind them, in memory. What the wires answer is what
 * happened here, and here a payment happens once, whatever is made of its answer on the way.
 *
 * It has no clock and no chance of its own: time and names are given, so that a run with one seed is the same each time.
 */
import type { CivilTime, Money } from "@yikatong/core"
import { Result } from "effect"
import { Purses } from "./Purses.ts"
import { returned, type Trade, type TradeRefund, type Wanted } from "./Trade.ts"

/** What happened to a transaction, for whoever tells the merchant. */
export interface Happening {
  readonly what: "paid" | "refunded" | "refundStuck"
  readonly trade: Trade
  readonly refund?: TradeRefund
}

/** What is not possible with a transaction as it stands. */
export type Refused =
  | { readonly _tag: "NumberUsed"; readonly trade: Trade }
  | { readonly _tag: "NotThere" }
  | { readonly _tag: "AlreadyPaid"; readonly trade: Trade }
  | { readonly _tag: "AlreadyClosed"; readonly trade: Trade }
  | { readonly _tag: "NotPaid"; readonly trade: Trade }
  | { readonly _tag: "Declined"; readonly trade: Trade; readonly why: "declined" | "insufficient" }
  | { readonly _tag: "TooMuch"; readonly trade: Trade; readonly left: Money.Money }
  | { readonly _tag: "RefundDiffers"; readonly trade: Trade; readonly refund: TradeRefund }

type Done<A> = Result.Result<A, Refused>

export class House {
  readonly purses = new Purses()
  readonly #trades = new Map<string, Trade>()
  readonly #byToken = new Map<string, string>()
  readonly #name: (prefix: string) => string
  #listeners: ReadonlyArray<(happening: Happening) => void> = []
  /** Refunds to these payers are taken and never done: their account is closed. */
  readonly stuckPayers = new Set<string>()

  /** `name`: a name that nobody has, of letters and digits, which begins as is said. */
  constructor(name: (prefix: string) => string) {
    this.#name = name
  }

  /** Is told of everything that happens, as it happens. */
  listen(listener: (happening: Happening) => void): void {
    this.#listeners = [...this.#listeners, listener]
  }

  /** A transaction of a merchant. */
  find({ merchant, number, wire }: Pick<Wanted, "merchant" | "number" | "wire">): Trade | undefined {
    return this.#trades.get(keyOf({ wire, merchant, number }))
  }

  /** The one that a payer sees. */
  byToken(token: string): Trade | undefined {
    return this.#trades.get(this.#byToken.get(token) ?? "")
  }

  byReference(wire: string, reference: string): Trade | undefined {
    return this.all.find((trade) => trade.wire === wire && trade.reference === reference)
  }

  get all(): ReadonlyArray<Trade> {
    return [...this.#trades.values()]
  }

  /** A new transaction; the same again is the one that is there, another under its number is refused. */
  open(wanted: Wanted, now: CivilTime.Instant): Done<Trade> {
    const known = this.find(wanted)
    if (known !== undefined) {
      const isSame = known.amount === wanted.amount && known.description === wanted.description
      return isSame ? Result.succeed(known) : Result.fail({ _tag: "NumberUsed", trade: known })
    }
    const trade: Trade = {
      ...wanted,
      token: this.#name("T"),
      reference: this.#name("42"),
      createdAt: now,
      state: "waiting",
      refunds: []
    }
    this.#byToken.set(trade.token, keyOf(trade))
    return Result.succeed(this.#keep(trade))
  }

  /** A payer pays: once, while it may be paid, and with money that is there. */
  pay(token: string, payer: string, now: CivilTime.Instant): Done<Trade> {
    return Result.flatMap(this.#payable(token, now), (trade) => {
      const moved = this.purses.move(`payer:${payer}`, `merchant:${trade.merchant}`, trade.amount)
      if (Result.isFailure(moved)) return this.#declined(trade, "insufficient")
      const { declined: _, ...rest } = trade
      const paid = this.#keep({ ...rest, state: "paid", paidAt: now, payer })
      this.#tell({ what: "paid", trade: paid })
      return Result.succeed(paid)
    })
  }

  /** A payer says no, or types a wrong password. It may be paid later all the same. */
  decline(token: string, now: CivilTime.Instant): Done<Trade> {
    return Result.flatMap(this.#payable(token, now), (trade) => this.#declined(trade, "declined"))
  }

  /** The payer is asked for a password: until that is over nobody knows. */
  ask(token: string, now: CivilTime.Instant): Done<Trade> {
    return Result.map(this.#payable(token, now), (trade) => this.#keep({ ...trade, state: "asking" }))
  }

  /** The merchant ends it: nobody can pay it any more. */
  close(wanted: Pick<Wanted, "merchant" | "number" | "wire">, now: CivilTime.Instant): Done<Trade> {
    const trade = this.find(wanted)
    if (trade === undefined) return Result.fail({ _tag: "NotThere" })
    if (trade.state === "paid") return Result.fail({ _tag: "AlreadyPaid", trade })
    return Result.succeed(
      trade.state === "closed" ? trade : this.#keep({ ...trade, state: "closed", closedAt: now })
    )
  }

  /** So much goes back, under the merchant's number of it: the same again is the one that is there. */
  refund(
    wanted: Pick<Wanted, "merchant" | "number" | "wire">,
    { amount, extra = {}, number }: {
      readonly number: string
      readonly amount: Money.Amount
      readonly extra?: Readonly<Record<string, string>>
    },
    now: CivilTime.Instant
  ): Done<{ readonly trade: Trade; readonly refund: TradeRefund }> {
    const trade = this.find(wanted)
    if (trade === undefined) return Result.fail({ _tag: "NotThere" })
    const known = trade.refunds.find((refund) => refund.number === number)
    if (known !== undefined && known.amount !== amount) {
      return Result.fail({ _tag: "RefundDiffers", trade, refund: known })
    }
    if (known?.state === "done") return Result.succeed({ trade, refund: known })
    if (trade.state !== "paid" || trade.payer === undefined) return Result.fail({ _tag: "NotPaid", trade })
    const left = trade.amount - returned(trade)
    if (amount > left) return Result.fail({ _tag: "TooMuch", trade, left: left as Money.Money })
    const isStuck = this.stuckPayers.has(trade.payer)
    const refund: TradeRefund = {
      number,
      reference: known?.reference ?? this.#name("50"),
      amount,
      at: now,
      state: isStuck ? "stuck" : "done",
      extra
    }
    if (!isStuck) Result.getOrThrow(this.purses.move(`merchant:${trade.merchant}`, `payer:${trade.payer}`, amount))
    const others = trade.refunds.filter((other) => other.number !== number)
    const after = this.#keep({ ...trade, refunds: [...others, refund] })
    this.#tell({ what: isStuck ? "refundStuck" : "refunded", trade: after, refund })
    return Result.succeed({ trade: after, refund })
  }

  #payable(token: string, now: CivilTime.Instant): Done<Trade> {
    const trade = this.byToken(token)
    if (trade === undefined) return Result.fail({ _tag: "NotThere" })
    if (trade.state === "paid") return Result.fail({ _tag: "AlreadyPaid", trade })
    if (trade.state === "closed" || now > trade.expiresAt) return Result.fail({ _tag: "AlreadyClosed", trade })
    return Result.succeed(trade)
  }

  #declined(trade: Trade, why: "declined" | "insufficient"): Done<never> {
    return Result.fail({ _tag: "Declined", trade: this.#keep({ ...trade, state: "waiting", declined: why }), why })
  }

  #keep(trade: Trade): Trade {
    this.#trades.set(keyOf(trade), trade)
    return trade
  }

  #tell(happening: Happening): void {
    for (const listener of this.#listeners) listener(happening)
  }
}

const keyOf = ({ merchant, number, wire }: Pick<Wanted, "merchant" | "number" | "wire">): string =>
  JSON.stringify([wire, merchant, number])
