/**
 * How a payer's order is opened at Alipay 当面付下单: a code that the payer scans 扫码支付, or one that the payer shows 付款码支付.
 *
 * A shown code is charged at once and nobody is notified: it is asked about for half a minute. Then it is let go, which gives
 * nothing back, and asked about once more; whoever paid meanwhile is credited or refunded by the school's policy. Whatever
 * the number was used for before is asked about, never ordered anew. Source: Alipay open platform, alipay.trade.precreate,
 * alipay.trade.pay.
 */
import { Fault, type PaymentAttempt, type RechargeChannel } from "@yikatong/core"
import { Effect, Redacted, Result } from "effect"
import * as AuthCode from "../AuthCode.ts"
import * as AlipayOutcome from "./AlipayOutcome.ts"
import * as AlipayTrade from "./AlipayTrade.ts"
import { type AlipayTrades, isPaid } from "./AlipayTrades.ts"

/** What the payer reads, to whom the money goes, and how often and how long after each other a shown code is asked about. */
export interface Terms {
  readonly name: string
  readonly title: string
  readonly seller: string
  readonly poll: { readonly every: number; readonly times: number }
}

type Attempt = PaymentAttempt.Attempt
type Failure = Fault.ChannelFailed | Fault.ChannelRefused
type Create = RechargeChannel.RechargeChannel["create"]

const refused = ({ code, problem }: Pick<Fault.ChannelRefused, "code" | "problem">) =>
  Effect.fail(new Fault.ChannelRefused({ operation: "create", code, problem }))

const nothing: PaymentAttempt.Instruction = { _tag: "Nothing" }
const tooLate = { code: "WAIT_BUYER_PAY", problem: "the payer did not pay in time: show a new code" } as const

/** Opens attempts at Alipay. */
export const make = ({ ask, failed, find, letGo, takeBack }: AlipayTrades, terms: Terms): Create => {
  const { name, poll, seller, title } = terms

  const ordered = ({ amount, expiresAt, number }: Attempt): AlipayTrade.Ordered => ({
    number,
    amount,
    title,
    expiresAt,
    seller
  })

  /** What an answer to a new order means where it is no success. */
  const declined = (outcome: AlipayOutcome.AlipayOutcome): Effect.Effect<never, Failure> => {
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
    const { number } = attempt
    const { content, outcome } = yield* ask("create", AlipayTrade.precreate, ordered(attempt), { number })
    if (content === undefined) return yield* declined(outcome)
    return { _tag: "QrCode", text: content.code } satisfies PaymentAttempt.Instruction
  })

  const charge = Effect.fnUntraced(function*(attempt: Attempt, code: string) {
    const { number } = attempt
    const sent = yield* Effect.result(
      ask("create", AlipayTrade.pay, { ...ordered(attempt), scene: "bar_code", code }, { number })
    )
    const outcome = Result.isSuccess(sent) ? sent.success.outcome : undefined
    if (outcome?._tag === "Done") return nothing
    if (outcome?._tag === "Declined" || outcome?._tag === "Misconfigured") {
      const refusal = yield* Effect.flip(declined(outcome))
      if (refusal._tag === "ChannelFailed" || outcome._tag === "Misconfigured") return yield* refusal
      // It may have left a trade behind that the payer could still pay.
      const left = yield* letGo(number)
      return left !== undefined && isPaid(left) ? nothing : yield* refusal
    }
    for (let asked = 0; asked < poll.times; asked++) {
      yield* Effect.sleep(poll.every)
      // One question without an answer is no reason to take anything back.
      const found = yield* Effect.result(find(number))
      const trade = Result.isSuccess(found) ? found.success : undefined
      if (trade === undefined || trade.status === "WAIT_BUYER_PAY") continue
      return isPaid(trade) ? nothing : yield* refused(tooLate)
    }
    const after = yield* takeBack(number)
    return after !== undefined && isPaid(after) ? nothing : yield* refused(tooLate)
  })

  return (attempt, payer) => {
    if (payer._tag === "Scan") return scan(attempt)
    if (payer._tag !== "PayCode") {
      return refused({ code: payer._tag, problem: "this channel takes codes that are scanned or shown" })
    }
    const code = Redacted.value(payer.code)
    return AuthCode.detect(code) === "alipay"
      ? charge(attempt, code)
      : refused({ code: "auth_code", problem: "this is no payment code of Alipay" })
  }
}
