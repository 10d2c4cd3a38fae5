/** A gateway that says what a test wants, call by call, and a channel before it. */
import { CivilTime, Id, Money, PaymentAttempt, type RechargeChannel } from "@yikatong/core"
import { Effect } from "effect"
import { HttpClient, HttpClientResponse } from "effect/http"
import { expect } from "vitest"
import * as Alipay from "../../src/alipay/Alipay.ts"
import * as AlipayResponse from "../../src/alipay/AlipayResponse.ts"
import * as Circuit from "../../src/Circuit.ts"
import * as SandboxMark from "../../src/SandboxMark.ts"

const ours = SandboxMark.keyPair()
const gateway = SandboxMark.keyPair()
const now = CivilTime.instant("2026-03-02 12:00")
export const attempt: PaymentAttempt.Attempt = {
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
export const { number } = attempt
export const refund: RechargeChannel.Refund = {
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

export type Body = Readonly<Record<string, string>>
export const ok = { code: "10000", msg: "Success" }
export const business = (sub_code: string): Body => ({ code: "40004", msg: "Business Failed", sub_code })

/** A gateway that says what a test wants: to each call by its name, its answers one after the other, the last for ever. */
export const told = async <A, E>(
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

export const unknown: Body = { code: "20000", msg: "Service Currently Unavailable", sub_code: "isp.unknow-error" }
export const trade = (trade_status: string, more: Body = {}): Body => ({
  ...ok,
  out_trade_no: number,
  trade_no: "42",
  total_amount: "50.00",
  trade_status,
  ...more
})
export const waiting = trade("WAIT_BUYER_PAY")
export const paid = trade("TRADE_SUCCESS", { send_pay_date: "2026-03-02 12:00:05" })
export const closed = trade("TRADE_CLOSED")
export const givenBack = trade("TRADE_CLOSED", { send_pay_date: "2026-03-02 12:00:05" })
export const none = business("ACQ.TRADE_NOT_EXIST")
export const done: Body = { ...ok, out_trade_no: number, trade_no: "42" }
export const cancelled = (retry_flag: "Y" | "N"): Body => ({ ...ok, out_trade_no: number, retry_flag })
