/**
 * Alipay as a recharge channel 支付宝当面付: a code that the payer scans, or one that the payer shows.
 *
 * There is no trade before somebody scans: until the order's end "no such trade" says nothing but that. An order is let go
 * only while its payer has not paid, and asked about before and after: nothing is given back by it. A payment by a shown code
 * is not notified, and is asked about. What somebody sends back in the merchant's back office is told once all of it is back;
 * a part of it is in the bill of its day alone. Source: Alipay open platform, 当面付, alipay.trade.*.
 */
import { Callback, type CivilTime, Fault, PaymentAttempt, type Receipt, RechargeChannel } from "@yikatong/core"
import { Clock, Effect, Result, Schema } from "effect"
import { HttpClient } from "effect/http"
import * as Circuit from "../Circuit.ts"
import * as SandboxMark from "../SandboxMark.ts"
import * as AlipayBills from "./AlipayBills.ts"
import * as AlipayCertificates from "./AlipayCertificates.ts"
import * as AlipayGateway from "./AlipayGateway.ts"
import * as AlipayNotice from "./AlipayNotice.ts"
import * as AlipayOrders from "./AlipayOrders.ts"
import * as AlipayRefunds from "./AlipayRefunds.ts"
import type { Application } from "./AlipayRequest.ts"
import type { Trust } from "./AlipaySignature.ts"
import * as AlipayText from "./AlipayText.ts"
import * as AlipayTrades from "./AlipayTrades.ts"

/** What the school has agreed with Alipay. Times in milliseconds. */
export interface Settings extends Pick<RechargeChannel.RechargeChannel, "name" | "serves"> {
  readonly application: Application
  /** The merchant's 2088 number, to which the money goes. */
  readonly seller: string
  /** The keys of the gateway's own signatures. */
  readonly trust: Trust
  /** What the payer reads on the phone. */
  readonly title: string
  readonly gateway?: string
  /** Where bills may lie: the answer that names the place is signed, the bill is not. */
  readonly billHosts?: ReadonlyArray<string>
  readonly timeout?: number
  readonly policy?: Circuit.Policy
  readonly patience?: RechargeChannel.Patience
  /** With shown codes, should the till be cut off before it has let one go. */
  readonly codePatience?: RechargeChannel.Patience
  /** How often, and how long after each other, is asked about a payment by a shown code before it is let go. */
  readonly poll?: { readonly every: number; readonly times: number }
}

export const production = "https://openapi.alipay.com/gateway.do"
export const billHosts: ReadonlyArray<string> = ["dwbillcenter.alipay.com"]
export const timeout = 10_000
export const poll = { every: 5_000, times: 6 } as const

/** A shown code is asked about while its payer types a password, and let go two minutes after it was charged. */
export const codePatience: RechargeChannel.Patience = {
  ...RechargeChannel.patience,
  asks: [35_000, 60_000, 90_000],
  grace: 0,
  life: 120_000
}

const isTitle = Schema.is(AlipayText.Title)

/** The channel. Keys of a sandbox are refused where the gateway is a real one. */
export const make = Effect.fnUntraced(function*(settings: Settings) {
  const { application, name, seller, title, trust } = settings
  // Every order would fail by it later.
  if (!isTitle(title)) throw new RangeError("Expected a title without / = & and of 256 characters at most")
  const address = settings.gateway ?? production
  const keys = Object.fromEntries(trust.map(({ key }, index) => [`trust ${index + 1}`, key]))
  yield* Effect.fromResult(SandboxMark.refuse(address, { application: application.key, ...keys }))
  const gateway = yield* AlipayGateway.make(yield* HttpClient.HttpClient, {
    address,
    application,
    trust,
    timeout: settings.timeout ?? timeout,
    policy: settings.policy ?? Circuit.policy
  })
  const now = Effect.map(Clock.currentTimeMillis, (at) => at as CivilTime.Instant)
  const trades = AlipayTrades.make(name, gateway)
  const refunds = AlipayRefunds.make(trades)
  const create = AlipayOrders.make(trades, { name, title, seller, poll: settings.poll ?? poll })
  const source: AlipayBills.Source = { name, gateway, address, hosts: settings.billHosts ?? billHosts, seller }

  return RechargeChannel.make(name, (mint) => {
    const receipt = (
      number: PaymentAttempt.Attempt["number"],
      { amount, paidAt, reference }: Pick<Receipt.Told, "amount" | "paidAt" | "reference">,
      witness: "callback" | "query"
    ) => mint({ number, amount, paidAt, reference, witness })

    return {
      ...(settings.serves === undefined ? {} : { serves: settings.serves }),
      merchant: `alipay:${seller}`,
      payers: ["Scan", "PayCode"],
      ...(settings.patience === undefined ? {} : { patience: settings.patience }),
      codePatience: settings.codePatience ?? settings.patience ?? codePatience,
      create,
      query: Effect.fnUntraced(function*(attempt): Effect.fn.Return<RechargeChannel.Snapshot, Fault.ChannelFailed> {
        const found = yield* trades.find(attempt.number)
        if (found === undefined) return { _tag: (yield* now) > attempt.expiresAt ? "NotFound" : "Waiting" }
        const { paidAt, status } = found
        if (status === "WAIT_BUYER_PAY") return { _tag: "Waiting" }
        if (paidAt === undefined) return { _tag: status === "TRADE_CLOSED" ? "Closed" : "Unclear" }
        const told = receipt(attempt.number, { ...found, paidAt }, "query")
        // A trade that was paid is closed once all of it is back: of a part that is back this answer says nothing.
        return { _tag: status === "TRADE_CLOSED" ? "GivenBack" : "Paid", receipt: told }
      }),
      close: ({ number }) => Effect.asVoid(trades.letGo(number)),
      refund: refunds.refund,
      queryRefund: refunds.queryRefund,
      callback: Effect.fnUntraced(function*(raw: Callback.Raw) {
        const at = yield* now
        const read = raw.method === "POST"
          ? Result.flatMap(
            AlipayCertificates.validAt(trust, at),
            (valid) => AlipayNotice.read(raw.body, valid, { application: application.id, seller }, at)
          )
          : Result.fail(Callback.refusal("unsupported", "the method"))
        if (Result.isFailure(read)) {
          const { reason, what } = read.failure
          yield* Effect.logDebug(`${name}: a notice is not believed: ${reason}: ${what}`)
          return yield* new Fault.CallbackRefused({ channel: name, reason, what })
        }
        const notice = read.success
        if (notice._tag === "Refunded") {
          return notice.refundNumber === undefined
            ? { _tag: "Other", what: "a refund without a number" } as const
            : { _tag: "RefundNews", refund: notice.refundNumber } as const
        }
        if (notice._tag !== "Paid") return { _tag: "Other", what: notice._tag } as const
        const number = PaymentAttempt.numberIn(notice.number)
        return number === undefined
          ? { _tag: "Other", what: "a payment of another system" } as const
          : { _tag: "Paid", receipt: receipt(number, notice, "callback") } as const
      }),
      acknowledge: (taken) => AlipayNotice.reply(taken === "taken"),
      bill: AlipayBills.make(source, trades, mint)
    }
  })
})
