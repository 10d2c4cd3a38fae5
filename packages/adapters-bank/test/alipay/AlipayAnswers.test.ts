import { CivilTime, Id, Money, PaymentAttempt, type RechargeChannel } from "@yikatong/core"
import { Effect, Redacted } from "effect"
import { HttpClient, HttpClientResponse } from "effect/http"
import { describe, expect, it } from "vitest"
import * as Alipay from "../../src/alipay/Alipay.ts"
import * as AlipayResponse from "../../src/alipay/AlipayResponse.ts"
import * as Circuit from "../../src/Circuit.ts"
import * as SandboxMark from "../../src/SandboxMark.ts"

const ours = SandboxMark.keyPair()
const gateway = SandboxMark.keyPair()
const now = CivilTime.instant("2026-03-02 12:00")
const attempt: PaymentAttempt.Attempt = {
  _tag: "Opened",
  number: PaymentAttempt.numberOf({ createdAt: now, id: Id.OrderId.make("test:order-1") }, 1),
  order: Id.OrderId.make("test:order-1"),
  index: 1,
  channel: "todayCampus",
  source: "alipay",
  amount: Money.amount(5_000),
  openedAt: now,
  expiresAt: CivilTime.later(now, 2 * CivilTime.hour)
}
const { number } = attempt
const refund: RechargeChannel.Refund = {
  attempt: {
    ...attempt,
    _tag: "Returning",
    paidAt: now,
    paidAmount: attempt.amount,
    reference: "42",
    witness: "query",
    reason: "late",
    dueAt: now,
    since: now
  },
  number: PaymentAttempt.refundNumberOf(number),
  amount: attempt.amount,
  dueAt: now
}

type Body = Readonly<Record<string, string>>
const ok = { code: "10000", msg: "Success" }
const business = (sub_code: string): Body => ({ code: "40004", msg: "Business Failed", sub_code })

/** A gateway that says what a test wants: to each call by its name, its answers one after the other, the last for ever. */
const told = async <A, E>(
  answers: Readonly<Record<string, ReadonlyArray<Body>>>,
  use: (channel: Required<RechargeChannel.RechargeChannel>) => Effect.Effect<A, E>
) => {
  const asked: Array<string> = []
  const client = HttpClient.make((request, url) =>
    Effect.sync(() => {
      const method = url.searchParams.get("method") ?? ""
      const bodies = answers[method] ?? expect.fail(method)
      const body = bodies[Math.min(asked.filter((other) => other === method).length, bodies.length - 1)] ?? {}
      asked.push(method)
      return HttpClientResponse.fromWeb(request, new Response(AlipayResponse.write(method, body, gateway.privateKey)))
    })
  )
  const settings: Alipay.Settings = {
    name: "alipay",
    title: "校园卡充值",
    seller: "2088000000000001",
    gateway: "https://gateway.test/gateway.do",
    application: { id: "2021000000000001", key: ours.privateKey },
    trust: [{ key: gateway.publicKey }],
    policy: { ...Circuit.policy, attempts: 1 },
    poll: { every: 1, times: 2 }
  }
  const outcome = await Alipay.make(settings).pipe(
    Effect.flatMap((channel) => Effect.result(use(channel as Required<RechargeChannel.RechargeChannel>))),
    Effect.provideService(HttpClient.HttpClient, client),
    Effect.runPromise
  )
  return { asked, outcome }
}

const refunded = (fund_change: "Y" | "N", refund_fee = "50.00"): Body => ({
  ...ok,
  out_trade_no: number,
  trade_no: "42",
  fund_change,
  refund_fee
})
const found = (more: Body = {}): Body => ({ ...ok, out_trade_no: number, out_request_no: refund.number, ...more })
const back = found({ refund_status: "REFUND_SUCCESS", refund_amount: "50.00" })
const unknown: Body = { code: "20000", msg: "Service Currently Unavailable", sub_code: "isp.unknow-error" }

describe("what an answer to a refund means", () => {
  it.each<[string, ReadonlyArray<Body>, ReadonlyArray<Body>, object]>([
    ["it moved money", [refunded("Y")], [], { success: { _tag: "Done" } }],
    ["an earlier one moved it", [refunded("N")], [back], { success: { _tag: "Done" } }],
    ["none moved it", [refunded("N")], [found()], { success: { _tag: "NotFound" } }],
    ["it moved less", [refunded("Y", "20.00")], [found()], { success: { _tag: "NotFound" } }],
    ["closed, by this refund", [business("ACQ.TRADE_HAS_CLOSE")], [back], { success: { _tag: "Done" } }],
    [
      "closed, by another",
      [business("ACQ.TRADE_HAS_CLOSE")],
      [found()],
      { success: { _tag: "Abnormal", code: "ACQ.TRADE_HAS_CLOSE" } }
    ],
    [
      "another amount went back under this number",
      [refunded("N")],
      [found({ refund_status: "REFUND_SUCCESS", refund_amount: "20.00" })],
      { success: { _tag: "Abnormal", code: "refund_amount" } }
    ],
    [
      "the merchant has too little",
      [business("ACQ.SELLER_BALANCE_NOT_ENOUGH")],
      [],
      { success: { _tag: "Abnormal", code: "ACQ.SELLER_BALANCE_NOT_ENOUGH" } }
    ],
    ["the gateway does not know", [unknown], [], { success: { _tag: "Unclear" } }],
    ["what nobody has a word for", [business("ACQ.SOMETHING_NEW")], [], { success: { _tag: "Unclear" } }],
    [
      "our own mistake",
      [{ code: "40002", msg: "Invalid Arguments", sub_code: "isv.invalid-signature" }],
      [],
      { failure: { _tag: "ChannelFailed" } }
    ]
  ])("%s", async (_, first, then, meant) => {
    const answers = { "alipay.trade.refund": first, "alipay.trade.fastpay.refund.query": then }
    expect((await told(answers, ({ refund: send }) => send(refund))).outcome).toMatchObject(meant)
  })
})

describe("what an answer to a new order means", () => {
  it.each<[string, Body, object]>([
    ["paid already", business("ACQ.TRADE_HAS_SUCCESS"), { _tag: "ChannelFailed" }],
    ["closed already", business("ACQ.TRADE_HAS_CLOSE"), { _tag: "ChannelFailed" }],
    ["the number was used", business("ACQ.CONTEXT_INCONSISTENT"), { _tag: "ChannelFailed" }],
    ["nobody knows", unknown, { _tag: "ChannelFailed" }],
    ["too many calls", { code: "40005", msg: "Call Limited", sub_code: "isv.call-limited" }, { _tag: "ChannelFailed" }],
    ["above a limit", business("ACQ.TOTAL_FEE_EXCEED"), { _tag: "ChannelRefused", code: "ACQ.TOTAL_FEE_EXCEED" }],
    [
      "our own mistake",
      { code: "40006", msg: "Insufficient Permissions", sub_code: "isv.insufficient-isv-permissions" },
      { _tag: "ChannelRefused", code: "isv.insufficient-isv-permissions" }
    ]
  ])("%s", async (_, body, meant) => {
    const { outcome } = await told(
      { "alipay.trade.precreate": [body] },
      ({ create }) => create(attempt, { _tag: "Scan" })
    )
    expect(outcome).toMatchObject({ failure: meant })
  })
})

describe("what an answer to a question means", () => {
  const trade = (trade_status: string, more: Body = {}): Body => ({
    ...ok,
    out_trade_no: number,
    trade_no: "42",
    total_amount: "50.00",
    trade_status,
    ...more
  })
  const send_pay_date = "2026-03-02 12:00:05"
  const paid = { receipt: { number, amount: 5_000, reference: "42", paidAt: CivilTime.instant("2026-03-02 12:00:05") } }
  it.each<[string, Body, object]>([
    ["waiting", trade("WAIT_BUYER_PAY"), { success: { _tag: "Waiting" } }],
    ["paid", trade("TRADE_SUCCESS", { send_pay_date }), { success: { _tag: "Paid", ...paid } }],
    ["finished", trade("TRADE_FINISHED", { send_pay_date }), { success: { _tag: "Paid", ...paid } }],
    ["paid, and no time of it", trade("TRADE_SUCCESS"), { success: { _tag: "Unclear" } }],
    ["closed unpaid", trade("TRADE_CLOSED"), { success: { _tag: "Closed" } }],
    ["paid and given back", trade("TRADE_CLOSED", { send_pay_date }), { success: { _tag: "GivenBack", ...paid } }],
    ["in another currency", trade("TRADE_SUCCESS", { send_pay_date, trans_currency: "USD" }), {
      failure: { _tag: "ChannelFailed" }
    }],
    ["of another order", trade("TRADE_SUCCESS", { send_pay_date, out_trade_no: "another1" }), {
      failure: { _tag: "ChannelFailed" }
    }],
    ["an amount of thousandths", trade("TRADE_SUCCESS", { send_pay_date, total_amount: "50.001" }), {
      failure: { _tag: "ChannelFailed" }
    }]
  ])("%s", async (_, body, meant) => {
    const { outcome } = await told({ "alipay.trade.query": [body] }, ({ query }) => query(attempt))
    expect(outcome).toMatchObject(meant)
  })
})

describe("a payment that is taken back", () => {
  const cancelled = (retry_flag: "Y" | "N"): Body => ({ ...ok, out_trade_no: number, retry_flag })
  const waiting = { ...ok, out_trade_no: number, trade_no: "42", total_amount: "50.00", trade_status: "WAIT_BUYER_PAY" }
  it.each<[string, ReadonlyArray<Body>, string, number]>([
    ["at once", [cancelled("N")], "ChannelRefused", 1],
    ["when it is asked again", [cancelled("Y"), unknown, cancelled("N")], "ChannelRefused", 3],
    ["never: nobody knows", [cancelled("Y")], "ChannelFailed", 3],
    ["not at all: nobody knows", [business("ACQ.SELLER_BALANCE_NOT_ENOUGH")], "ChannelFailed", 1]
  ])("%s", async (_, cancels, end, times) => {
    const answers = {
      "alipay.trade.pay": [{ code: "10003", msg: "order success pay inprocess", out_trade_no: number }],
      "alipay.trade.query": [waiting],
      "alipay.trade.cancel": cancels
    }
    const code = Redacted.make("280000000000000002")
    const { asked, outcome } = await told(answers, ({ create }) => create(attempt, { _tag: "PayCode", code }))
    expect(outcome).toMatchObject({ failure: { _tag: end } })
    const wanted = ["pay", "query", "query", ...Array.from({ length: times }, () => "cancel")]
    expect(asked.map((method) => method.replace("alipay.trade.", ""))).toEqual(wanted)
  })
})
