/** A school that speaks to the sandbox's UnionPay, in one process: attempts made by hand, payers who pay. */
import { CivilTime, HostClock, Id, Money, PaymentAttempt, type RechargeChannel } from "@yikatong/core"
import { Effect, Result } from "effect"
import { HttpClientRequest } from "effect/http"
import * as Circuit from "../../src/Circuit.ts"
import * as FormBody from "../../src/FormBody.ts"
import type { Mischief } from "../../src/sandbox/Mischief.ts"
import type { Trade } from "../../src/sandbox/Trade.ts"
import * as UnionPayWire from "../../src/sandbox/UnionPayWire.ts"
import * as UnionPay from "../../src/unionpay/UnionPay.ts"
import { InProcess } from "../support/inProcess.ts"

export const began = CivilTime.instant("2026-03-02 12:00")
let bytes = 0
export const randomness = (size: number): Uint8Array => new Uint8Array(size).fill(++bytes)

/** One for all tests: its keys take a moment to make. What happens there stands in each desk's own house. */
export const wire = UnionPayWire.make(randomness, began)

export const backUrl = "https://card.example.test/callbacks/unionpay"
export const returnTo = "https://card.example.test/paid"
export const payCode = "6212345678901234567"

/** Repetitions that nobody has to wait for. */
const policy: Circuit.Policy = { ...Circuit.policy, firstWait: 1, longestWait: 1, attempts: 2, failures: 100 }

export type Opened = Extract<PaymentAttempt.Attempt, { readonly _tag: "Opened" }>

export class Desk {
  now: CivilTime.Instant = began
  readonly sandbox: InProcess
  readonly settings: UnionPay.Settings
  readonly channel: RechargeChannel.RechargeChannel
  #attempts = 0

  constructor(own: Partial<UnionPay.Settings> = {}, side = wire) {
    this.sandbox = new InProcess(side)
    this.sandbox.house.purses.put("alice", Money.of(100_000))
    const terms = side.terms(this.sandbox.origin)
    this.settings = UnionPayWire.settingsOf(terms, {
      name: "unionpay",
      notifyUrl: backUrl,
      timeout: 100,
      policy,
      ...own
    })
    this.channel = Effect.runSync(Effect.provide(UnionPay.make(this.settings), this.sandbox.layer))
  }

  run<A, E>(effect: Effect.Effect<A, E>): Promise<A> {
    return Effect.runPromise(HostClock.provide(() => this.now)(effect))
  }

  /** What came of it, or the tag of its fault. */
  outcome<A extends { readonly _tag: string }, E extends { readonly _tag: string }>(effect: Effect.Effect<A, E>) {
    return this.run(
      Effect.map(
        Effect.result(effect),
        (result) => Result.isSuccess(result) ? result.success._tag : result.failure._tag
      )
    )
  }

  wait(milliseconds: number): void {
    this.now = CivilTime.later(this.now, milliseconds)
  }

  /** The next so many requests of a kind go wrong. */
  spoil(operation: string, does: Mischief, times = 1): void {
    this.sandbox.rules.add({ operation, times, does })
  }

  attempt(fen = 5_000): Opened {
    const index = ++this.#attempts
    const order = Id.OrderId.make("test:order-1")
    return {
      _tag: "Opened",
      number: PaymentAttempt.numberOf({ id: order, createdAt: this.now }, index),
      order,
      index,
      channel: "unionpay",
      source: "unionPayCard",
      amount: Money.amount(fen),
      openedAt: CivilTime.later(this.now, 123),
      expiresAt: CivilTime.later(this.now, 15 * CivilTime.minute)
    }
  }

  /** What the payer's browser is sent on to. */
  browse(instruction: PaymentAttempt.Instruction): Promise<string> {
    if (instruction._tag !== "Page") throw new Error(instruction._tag)
    const { fields, url } = instruction
    const body = Buffer.from(FormBody.encode(Object.entries(fields)))
    const type = "application/x-www-form-urlencoded"
    const request = HttpClientRequest.post(url).pipe(HttpClientRequest.bodyUint8Array(body, type))
    return this.run(
      Effect.map(this.sandbox.client.execute(request), ({ headers, status }) => headers["location"] ?? `HTTP ${status}`)
    )
  }

  /** A payer pays at an address. */
  pay(address: string, payer = "alice") {
    const token = address.slice(address.lastIndexOf("/") + 1)
    return Result.getOrThrow(this.sandbox.house.pay(token, payer, this.now))
  }

  /** An order by a code, which was paid. */
  async paid(fen = 5_000): Promise<{ readonly attempt: Paid; readonly trade: Trade }> {
    const attempt = this.attempt(fen)
    const shown = await this.run(this.channel.create(attempt, { _tag: "Scan" }))
    if (shown._tag !== "QrCode") throw new Error(shown._tag)
    const trade = this.pay(shown.text)
    const { amount: paidAmount, reference } = trade
    return { trade, attempt: { ...attempt, _tag: "Paid", paidAt: this.now, paidAmount, reference, witness: "query" } }
  }

  refundOf(attempt: Paid): RechargeChannel.Refund {
    const number = PaymentAttempt.refundNumberOf(attempt.number)
    return { attempt, number, amount: attempt.paidAmount, dueAt: CivilTime.later(began, 999) }
  }
}
type Paid = PaymentAttempt.Paid

/** What a channel must have. */
export const must = <A>(value: A | undefined): A => {
  if (value === undefined) throw new Error("The channel lacks it")
  return value
}
