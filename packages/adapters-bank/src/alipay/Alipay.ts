/**
 * Alipay as a recharge channel 支付宝当面付: a code that the payer scans, or one that the payer shows.
 *
 * There is no trade before somebody scans: until the order's end "no such trade" says nothing but that. A payment by a
 * shown code is asked about for half a minute and then taken back where nobody knows or nobody paid. Whatever the number
 * was used for before is asked about, never ordered anew. Source: Alipay open platform, 当面付, alipay.trade.*.
 */
import { Callback, CivilTime, Fault, PaymentAttempt, RechargeChannel } from "@yikatong/core"
import { Clock, Effect, Redacted, Result, Schema } from "effect"
import { HttpClient } from "effect/http"
import * as AuthCode from "../AuthCode.ts"
import * as Circuit from "../Circuit.ts"
import * as SandboxMark from "../SandboxMark.ts"
import * as AlipayArchive from "./AlipayArchive.ts"
import * as AlipayBill from "./AlipayBill.ts"
import * as AlipayGateway from "./AlipayGateway.ts"
import * as AlipayNotice from "./AlipayNotice.ts"
import * as AlipayOutcome from "./AlipayOutcome.ts"
import type { Application } from "./AlipayRequest.ts"
import type { Trust } from "./AlipaySignature.ts"
import * as AlipayText from "./AlipayText.ts"
import * as AlipayTrade from "./AlipayTrade.ts"
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
  /** How often, and how long after each other, is asked about a payment by a shown code before it is taken back. */
  readonly poll?: { readonly every: number; readonly times: number }
}

export const production = "https://openapi.alipay.com/gateway.do"
export const billHosts: ReadonlyArray<string> = ["dwbillcenter.alipay.com"]
export const timeout = 10_000
export const poll = { every: 5_000, times: 6 } as const

type Attempt = PaymentAttempt.Attempt
type Failed = Fault.ChannelFailed

const isTitle = Schema.is(AlipayText.Title)
const numberOf = ({ number }: Pick<Attempt, "number">) => ({ number })

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
  const { every, times } = settings.poll ?? poll
  const now = Effect.map(Clock.currentTimeMillis, (at) => at as CivilTime.Instant)

  const { ask, cancel, failed, find } = AlipayTrades.make(name, gateway)

  const refused = ({ code, problem }: Pick<Fault.ChannelRefused, "code" | "problem">) =>
    Effect.fail(new Fault.ChannelRefused({ operation: "create", code, problem }))

  const ordered = ({ amount, expiresAt, number }: Attempt): AlipayTrade.Ordered => ({
    number,
    amount,
    title,
    expiresAt,
    seller
  })

  /** What an answer to a new order means where it is no success. */
  const declined = (outcome: AlipayOutcome.AlipayOutcome): Effect.Effect<never, Failed | Fault.ChannelRefused> => {
    switch (outcome._tag) {
      case "Misconfigured":
        return Effect.andThen(
          Effect.logWarning(`${name}: create is refused: ${outcome.code} ${outcome.detail}`),
          refused({ code: outcome.detail, problem: "the settings of this channel are wrong: see the code" })
        )
      case "Declined":
        // The number is known there: what became of it has to be asked.
        return ["paidAlready", "closedAlready", "numberUsed"].includes(outcome.reason)
          ? failed("create", outcome)
          : refused({ code: outcome.detail, problem: AlipayOutcome.words[outcome.reason].en })
      default:
        return failed("create", outcome)
    }
  }

  const scan = Effect.fnUntraced(function*(attempt: Attempt) {
    const { content, outcome } = yield* ask("create", AlipayTrade.precreate, ordered(attempt), numberOf(attempt))
    if (content === undefined) return yield* declined(outcome)
    return { _tag: "QrCode", text: content.code } satisfies PaymentAttempt.Instruction
  })

  const charge = Effect.fnUntraced(function*(attempt: Attempt, code: string) {
    const nothing: PaymentAttempt.Instruction = { _tag: "Nothing" }
    const sent = yield* Effect.result(
      ask("create", AlipayTrade.pay, { ...ordered(attempt), scene: "bar_code", code }, numberOf(attempt))
    )
    const outcome = Result.isSuccess(sent) ? sent.success.outcome : undefined
    if (outcome?._tag === "Done") return nothing
    if (outcome?._tag === "Declined" || outcome?._tag === "Misconfigured") {
      const refusal = yield* Effect.flip(declined(outcome))
      // It may have left a trade behind that the payer could still pay.
      if (refusal._tag === "ChannelRefused" && outcome._tag === "Declined") yield* cancel(attempt.number)
      return yield* refusal
    }
    for (let asked = 0; asked < times; asked++) {
      yield* Effect.sleep(every)
      // One question without an answer is no reason to take anything back.
      const found = yield* Effect.result(find(attempt.number))
      const status = Result.isSuccess(found) ? found.success?.status : undefined
      if (status !== undefined && status !== "WAIT_BUYER_PAY") return nothing
    }
    yield* cancel(attempt.number)
    return yield* refused({ code: "WAIT_BUYER_PAY", problem: "the payer did not pay in time: show a new code" })
  })

  /** Nobody knows whether there is a trade, or by which kind of code: only an order of today can be taken back. */
  const isCancellable = (attempt: Attempt, at: CivilTime.Instant): boolean =>
    attempt._tag !== "Waiting" && CivilTime.dayOf(attempt.openedAt) === CivilTime.dayOf(at)

  return RechargeChannel.make(name, (mint) => {
    const receipt = (
      number: PaymentAttempt.Attempt["number"],
      { amount, paidAt, reference }: {
        readonly amount: Attempt["amount"]
        readonly paidAt: CivilTime.Instant
        readonly reference: string
      },
      witness: "callback" | "query" | "statement"
    ) => mint({ number, amount, paidAt, reference, witness })

    const queryRefund = Effect.fnUntraced(function*({ amount, attempt, number }: RechargeChannel.Refund) {
      const asked = { number: attempt.number, refundNumber: number }
      const { content, outcome } = yield* ask("queryRefund", AlipayTrade.refundQuery, asked, asked)
      if (content === undefined) {
        return outcome._tag === "Declined" && outcome.reason === "noSuchTrade"
          ? { _tag: "NotFound" } as const
          : yield* failed("queryRefund", outcome)
      }
      if (content.status === undefined) return { _tag: "NotFound" } as const
      return content.amount === amount
        ? { _tag: "Done" } as const
        : { _tag: "Abnormal", code: "refund_amount" } as const
    })

    return {
      ...(settings.serves === undefined ? {} : { serves: settings.serves }),
      ...(settings.patience === undefined ? {} : { patience: settings.patience }),
      create: (attempt, payer) => {
        if (payer._tag === "Scan") return scan(attempt)
        if (payer._tag !== "PayCode") {
          return refused({ code: payer._tag, problem: "this channel takes codes that are scanned or shown" })
        }
        const code = Redacted.value(payer.code)
        return AuthCode.detect(code) === "alipay"
          ? charge(attempt, code)
          : refused({ code: "auth_code", problem: "this is no payment code of Alipay" })
      },
      query: Effect.fnUntraced(function*(attempt): Effect.fn.Return<RechargeChannel.Snapshot, Failed> {
        const found = yield* find(attempt.number)
        if (found === undefined) return { _tag: (yield* now) > attempt.expiresAt ? "NotFound" : "Waiting" }
        const { paidAt, status } = found
        if (status === "WAIT_BUYER_PAY") return { _tag: "Waiting" }
        if (paidAt === undefined) return { _tag: status === "TRADE_CLOSED" ? "Closed" : "Unclear" }
        const told = receipt(attempt.number, { ...found, paidAt }, "query")
        return { _tag: status === "TRADE_CLOSED" ? "GivenBack" : "Paid", receipt: told }
      }),
      close: Effect.fnUntraced(function*(attempt): Effect.fn.Return<void, Failed> {
        if (isCancellable(attempt, yield* now)) return yield* cancel(attempt.number)
        const { outcome } = yield* ask("close", AlipayTrade.close, numberOf(attempt), numberOf(attempt))
        // Paid, closed, or never there: the question that follows tells which.
        if (outcome._tag !== "Done" && outcome._tag !== "Declined") return yield* failed("close", outcome)
      }),
      refund: Effect.fnUntraced(function*(request): Effect.fn.Return<RechargeChannel.Refunding, Failed> {
        const { amount, attempt, number } = request
        const asked = { number: attempt.number, refundNumber: number, amount }
        const { content, outcome } = yield* ask("refund", AlipayTrade.refund, asked, numberOf(attempt))
        if (content?.moved === "Y" && content.refunded >= amount) return { _tag: "Done" }
        // Nothing moved by this call: by an earlier one, then, or by none.
        if (content !== undefined) return yield* queryRefund(request)
        if (outcome._tag === "Declined") {
          const known = outcome.reason === "closedAlready" ? yield* queryRefund(request) : undefined
          return known?._tag === "Done" ? known : { _tag: "Abnormal", code: outcome.detail }
        }
        return outcome._tag === "Unknown" ? { _tag: "Unclear" } : yield* failed("refund", outcome)
      }),
      queryRefund,
      callback: Effect.fnUntraced(function*(raw: Callback.Raw) {
        const read = raw.method === "POST"
          ? AlipayNotice.read(raw.body, trust, { application: application.id, seller }, yield* now)
          : Result.fail(Callback.refusal("unsupported", "the method"))
        if (Result.isFailure(read)) {
          const { reason, what } = read.failure
          yield* Effect.logWarning(`${name}: a notice is not believed: ${reason}: ${what}`)
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
      bill: Effect.fnUntraced(function*(day) {
        const { content, outcome } = yield* ask("bill", AlipayTrade.bill, { kind: "trade", day }, {})
        if (content === undefined) {
          return outcome._tag === "Declined" && outcome.reason === "noBill"
            ? yield* new Fault.BillNotReady({ channel: name, day })
            : yield* failed("bill", outcome)
        }
        const url = placeOf(content.url, address, settings.billHosts ?? billHosts)
        if (url === undefined) return yield* failed("bill", { _tag: "Unknown", detail: "a bill at another host" })
        const archive = yield* Effect.catch(
          gateway.download(url, AlipayArchive.limits.bytes),
          (cause) => failed("bill", cause)
        )
        const bill = AlipayBill.read(archive, { account: seller, day })
        if (Result.isFailure(bill)) return yield* failed("bill", bill.failure)
        return {
          day,
          rows: bill.success.rows.map((row) => {
            const number = row.kind === "payment" ? PaymentAttempt.numberIn(row.number) : undefined
            const { at: paidAt } = row
            return {
              row: AlipayBill.toBillRow(row, day),
              ...(number === undefined || paidAt === undefined
                ? {}
                : { receipt: receipt(number, { ...row, paidAt }, "statement") })
            }
          })
        }
      })
    }
  })
})

/**
 * Where a bill is fetched from, if it may be: nothing but the channel's own hosts, and never in the clear where the gateway
 * itself is not, since a bill bears no signature.
 */
export const placeOf = (url: string, gateway: string, hosts: ReadonlyArray<string>): string | undefined => {
  const place = URL.parse(url)
  const own = URL.parse(gateway)
  if (place === null || own === null) return undefined
  if (place.host !== own.host && !hosts.includes(place.host)) return undefined
  if (own.protocol === "https:") place.protocol = own.protocol
  return place.href
}
