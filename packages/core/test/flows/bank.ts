/** The other side of a recharge channel, as a test plays it: it keeps its own books, and can be told to be out of order. */
import { Effect, Redacted } from "effect"
import type { Raw } from "../../src/Callback.ts"
import { type Instant, instant } from "../../src/CivilTime.ts"
import { CallbackRefused, ChannelFailed, ChannelRefused } from "../../src/Fault.ts"
import type { OrderNumber } from "../../src/Id.ts"
import type * as Money from "../../src/Money.ts"
import { numberIn } from "../../src/PaymentAttempt.ts"
import {
  type Adapter,
  make,
  type Mint,
  type Notice,
  type Patience,
  type Payer,
  type RechargeChannel,
  type Refunding,
  type Snapshot
} from "../../src/ports/RechargeChannel.ts"
import type { Witness } from "../../src/Receipt.ts"
import type { FundingSource } from "../../src/Recharge.ts"

/** What the channel has of an attempt. */
interface Trade {
  state: "open" | "paid" | "closed"
  amount: Money.Amount
  paidAt?: Instant
  /** How often its money went back. */
  back: number
}

export type Operation = "close" | "create" | "query" | "queryRefund" | "refund"

export interface Terms {
  readonly source?: FundingSource
  readonly without?: ReadonlyArray<keyof Adapter>
  readonly patience?: Patience
  readonly codePatience?: Patience
}

/** Around each call: a test cuts it off, makes it wait, or lets it pass. */
export type Around = <A, E, R>(
  call: Effect.Effect<A, E, R>,
  operation: Operation
) => Effect.Effect<A, E | ChannelFailed, R>

export class Bank {
  readonly trades = new Map<string, Trade>()
  readonly refunds = new Map<string, Refunding["_tag"]>()
  /** Every number under which money was asked back, in turn. */
  readonly askedBack: Array<string> = []
  readonly asked: Array<{ readonly operation: Operation; readonly number: string }> = []
  readonly payers: Array<Payer> = []
  /** What the next refund is answered; "Done" unless told. */
  refundSays: Refunding["_tag"] = "Done"
  refuses = false
  silent: Snapshot["_tag"] | undefined = undefined
  around: Around = (call) => call
  readonly channel: RechargeChannel
  #mint!: Mint

  readonly name: string

  constructor(name: string, { codePatience, patience, source, without = [] }: Terms = {}) {
    this.name = name
    const whole = make(name, (mint) => {
      this.#mint = mint
      return {
        ...(patience === undefined ? {} : { patience }),
        ...(codePatience === undefined ? {} : { codePatience }),
        ...(source === undefined ? {} : { serves: [{ channel: "todayCampus", source }] }),
        create: ({ amount, number }, payer) =>
          this.#call("create", number, () => {
            if (this.refuses) {
              return Effect.fail(
                new ChannelRefused({ operation: "create", code: "NO", problem: "It is told to refuse" })
              )
            }
            this.payers.push(payer)
            if (!this.trades.has(number)) this.trades.set(number, { state: "open", amount, back: 0 })
            return Effect.succeed({ _tag: "QrCode", text: `${name}:${number}` } as const)
          }),
        query: ({ number }) => this.#call("query", number, () => Effect.sync(() => this.#snapshot(number))),
        close: ({ number }) =>
          this.#call("close", number, () =>
            Effect.sync(() => {
              const trade = this.trades.get(number)
              if (trade?.state === "open") trade.state = "closed"
            })),
        refund: ({ amount, attempt, number }) =>
          this.#call("refund", number, () =>
            Effect.sync(() => {
              this.askedBack.push(number)
              const trade = this.trades.get(attempt.number)
              if (trade?.amount !== amount) throw new Error("Another amount than was paid")
              if (!this.refunds.has(number) || this.refunds.get(number) === "Abnormal") {
                this.refunds.set(number, this.refundSays)
                if (this.refundSays === "Done") trade.back++
              }
              return this.#refunding(number)
            })),
        queryRefund: ({ number }) =>
          this.#call("queryRefund", number, () => Effect.sync(() => this.#refunding(number))),
        callback: (raw) => Effect.suspend(() => this.#read(raw)),
        acknowledge: (taken) => ({ status: { taken: 200, refused: 401, failed: 500 }[taken], body: taken })
      }
    })
    this.channel = Object.fromEntries(
      Object.entries(whole).filter(([key]) => !without.includes(key as keyof Adapter))
    ) as unknown as RechargeChannel
  }

  #call<A, E>(operation: Operation, number: string, does: () => Effect.Effect<A, E>) {
    this.asked.push({ operation, number })
    return this.around(Effect.suspend(does), operation)
  }

  #receipt(number: OrderNumber, trade: Trade, witness: Witness) {
    const { amount, paidAt } = trade
    if (paidAt === undefined) throw new Error("Nobody paid")
    return this.#mint({ number, amount, paidAt, reference: `${this.name}-${number}`, witness })
  }

  #snapshot(number: OrderNumber): Snapshot {
    if (this.silent !== undefined) return { _tag: this.silent } as Snapshot
    const trade = this.trades.get(number)
    if (trade === undefined) return { _tag: "NotFound" }
    if (trade.state === "open") return { _tag: "Waiting" }
    if (trade.state === "closed") return { _tag: "Closed" }
    const isElsewhere = trade.back > 0 && !this.refunds.has(`${number}R`)
    return { _tag: isElsewhere ? "GivenBack" : "Paid", receipt: this.#receipt(number, trade, "query") }
  }

  #refunding(number: string): Refunding {
    const _tag = this.refunds.get(number) ?? "NotFound"
    return _tag === "Abnormal" ? { _tag, code: "ACCOUNT_CLOSED" } : { _tag }
  }

  #read({ body }: Raw): Effect.Effect<Notice, CallbackRefused> {
    const text = new TextDecoder().decode(body)
    const [signature, what = "", name = ""] = text.split(" ")
    const refused = (reason: "forged" | "malformed") =>
      Effect.fail(new CallbackRefused({ channel: this.name, reason, what: "the signature" }))
    if (signature !== "signed") return refused("forged")
    const number = numberIn(name)
    const trade = this.trades.get(name)
    if (what === "paid" && number !== undefined && trade !== undefined) {
      return Effect.succeed({ _tag: "Paid", receipt: this.#receipt(number, trade, "callback") } as const)
    }
    if (what === "stranger") {
      const receipt = this.#mint({
        number: name as OrderNumber,
        amount: 5_000 as Money.Amount,
        paidAt: instant("2026-03-02 12:00"),
        reference: "x",
        witness: "callback"
      })
      return Effect.succeed({ _tag: "Paid", receipt } as const)
    }
    if (what === "refund") return Effect.succeed({ _tag: "RefundNews", refund: name } as const)
    if (what === "takenBack" && number !== undefined) return Effect.succeed({ _tag: "TakenBack", number } as const)
    return what === "test" ? Effect.succeed({ _tag: "Other", what } as const) : refused("malformed")
  }

  /** The payer pays; a trade that was closed takes nothing any more, unless the channel was slower (`late`). */
  pay(number: string, paidAt: Instant, amount?: Money.Amount, late = false): boolean {
    const trade = this.trades.get(number)
    if (trade === undefined || trade.state === "paid" || (trade.state === "closed" && !late)) return false
    trade.state = "paid"
    trade.paidAt = paidAt
    if (amount !== undefined) trade.amount = amount
    return true
  }

  /** What the channel sends. */
  says(what: string, number: string, signature = "signed"): Raw {
    return {
      method: "POST",
      url: `/${this.name}`,
      headers: {},
      body: new TextEncoder().encode(`${signature} ${what} ${number}`)
    }
  }
}

/** A fault of the line. */
export const torn = () => new ChannelFailed({ operation: "ask", cause: new Error("cut") })

/** What was told to the channel in confidence. */
export const codes = (payers: ReadonlyArray<Payer>): ReadonlyArray<string> =>
  payers.flatMap((payer) => payer._tag === "PayCode" ? [Redacted.value(payer.code)].map(String) : [])
