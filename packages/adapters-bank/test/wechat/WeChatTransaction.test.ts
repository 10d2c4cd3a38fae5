import { CivilTime, Money } from "@yikatong/core"
import { Result } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as WeChatRefund from "../../src/wechat/WeChatRefund.ts"
import * as WeChatTransaction from "../../src/wechat/WeChatTransaction.ts"
import { now, reason } from "./party.ts"

const payee = { mchid: "1900009191", appids: ["wx8888888888888888"] }
const open = {
  appid: "wx8888888888888888",
  mchid: "1900009191",
  out_trade_no: "A20260901000001",
  trade_state: "NOTPAY"
}
const paid = {
  ...open,
  trade_state: "SUCCESS",
  transaction_id: "4200001",
  success_time: "2026-09-01T08:00:00+08:00",
  amount: { total: 100, payer_total: 0 }
}
const payment = (value: unknown, number?: string) =>
  Result.flatMap(WeChatTransaction.decode(value), (said) => WeChatTransaction.payment(said, payee, number))

describe("the answer to a query", () => {
  it.each([
    ["SUCCESS", true],
    ["REFUND", true],
    ["NOTPAY", false],
    ["CLOSED", false],
    ["REVOKED", false],
    ["USERPAYING", false],
    ["PAYERROR", false]
  ])("%s: money came in is %s", (trade_state, expected) => {
    const read = Result.getOrThrow(WeChatTransaction.decode({ ...paid, trade_state }))
    expect(WeChatTransaction.isPaid(read)).toBe(expected)
    expect(reason(payment({ ...paid, trade_state }))).toBe(expected ? "believed" : "unsupported")
  })

  it.each([
    [{ trade_state: "REVOKED" }, "4200001"],
    [{ trade_state: "REVOKED", success_time: undefined }, undefined],
    [{ trade_state: "REVOKED", transaction_id: undefined }, undefined],
    [{ trade_state: "REVOKED", amount: undefined }, undefined],
    [{ trade_state: "SUCCESS" }, undefined],
    [{ trade_state: "REFUND" }, undefined],
    [{ trade_state: "CLOSED" }, undefined]
  ])("of one that was reversed says what had been paid, if it was: %j", (changes, reference) => {
    const told = Object.fromEntries(Object.entries({ ...paid, ...changes }).filter(([, value]) => value !== undefined))
    const read = Result.getOrThrow(WeChatTransaction.decode(told))
    expect(WeChatTransaction.reversed(read)?.reference).toBe(reference)
  })

  it("of an open order says little", () => {
    const said = {
      ...open,
      trade_state_desc: "订单未支付",
      amount: { payer_currency: "CNY", total: 1 },
      promotion_detail: []
    }
    expect(reason(WeChatTransaction.decode(open))).toBe("believed")
    expect(reason(WeChatTransaction.decode(said))).toBe("believed")
  })

  it.each([
    [{}, undefined, "believed"],
    [{}, "A20260901000001", "believed"],
    [{}, "A20260901000002", "malformed"],
    [{ mchid: "1900009192" }, undefined, "otherMerchant"],
    [{ appid: "wx9" }, undefined, "otherMerchant"],
    [{ amount: { total: 100, currency: "HKD" } }, undefined, "otherCurrency"],
    [{ amount: { total: 100, currency: "" } }, undefined, "otherCurrency"],
    [{ amount: { payer_total: 100 } }, undefined, "malformed"],
    [{ transaction_id: "" }, undefined, "malformed"],
    [{ transaction_id: "4200\n1" }, undefined, "malformed"],
    [{ success_time: "20260901080000" }, undefined, "malformed"],
    [{ out_trade_no: "short" }, undefined, "malformed"],
    [{ out_trade_no: 20260901000001 }, undefined, "malformed"],
    [{ trade_state: "success" }, undefined, "malformed"]
  ])("%j, asked for %s: %s", (changes, number, expected) => {
    expect(reason(payment({ ...paid, ...changes }, number))).toBe(expected)
  })

  it("a time of another zone is the same moment", () => {
    const read = Result.getOrThrow(payment({ ...paid, success_time: "2026-09-01T00:00:00Z" }))
    expect(read.paidAt).toBe(CivilTime.instant("2026-09-01 08:00"))
  })

  it("whatever it holds, it is read or refused, and what is read is an amount", () => {
    fc.assert(fc.property(fc.jsonValue(), fc.constantFrom("total", "payer_total", "currency"), (value, name) => {
      const read = payment({ ...paid, amount: { ...paid.amount, [name]: value } })
      if (Result.isSuccess(read)) expect(Money.amount(read.success.amount)).toBe(read.success.amount)
      else expect(["malformed", "otherCurrency"]).toContain(read.failure.reason)
    }))
  })
})

const refund: WeChatRefund.WeChatRefund = {
  number: "A20260901000001",
  reference: "4200001",
  refundNumber: "R1",
  refundReference: "5000001",
  state: "SUCCESS",
  amount: Money.amount(60),
  total: Money.amount(100),
  at: now
}

describe("a refund", () => {
  const answer = WeChatRefund.toAnswer(refund, now)
  const { at: _, ...waiting } = { ...refund, state: "PROCESSING" as const }

  it("is read as it was written, as an answer and as a callback", () => {
    expect(Result.getOrThrow(WeChatRefund.ofAnswer(answer, "R1"))).toEqual(refund)
    expect(Result.getOrThrow(WeChatRefund.ofNotice(WeChatRefund.toNotice(refund, "1900009191"), "1900009191"))).toEqual(
      refund
    )
    expect(Result.getOrThrow(WeChatRefund.ofAnswer(WeChatRefund.toAnswer(waiting, now), "R1"))).toEqual(waiting)
  })

  it("an answer of WeChat Pay's, with all that it says", () => {
    const said = {
      amount: {
        currency: "CNY",
        discount_refund: 0,
        payer_refund: 1,
        payer_total: 1,
        refund: 1,
        settlement_refund: 1,
        settlement_total: 1,
        total: 1,
        from: [{ account: "AVAILABLE", amount: 1 }]
      },
      channel: "ORIGINAL",
      create_time: "2026-09-01T08:00:00+08:00",
      funds_account: "UNSETTLED",
      out_refund_no: "R1",
      out_trade_no: "A20260901000001",
      promotion_detail: [],
      refund_id: "5000001",
      status: "PROCESSING",
      transaction_id: "4200001",
      user_received_account: "支付用户零钱"
    }
    expect(Result.getOrThrow(WeChatRefund.ofAnswer(said, "R1"))).toEqual({
      ...waiting,
      amount: 1,
      total: 1
    })
  })

  it.each([
    [{ out_refund_no: "R2" }, "malformed"],
    [{ status: "DONE" }, "malformed"],
    [{ success_time: undefined }, "malformed"],
    [{ success_time: "soon" }, "malformed"],
    [{ amount: { ...answer.amount, currency: "USD" } }, "otherCurrency"],
    [{ amount: { ...answer.amount, refund: 101 } }, "malformed"],
    [{ amount: { ...answer.amount, refund: "60" } }, "malformed"],
    [{ amount: { ...answer.amount, refund: 0.6 } }, "malformed"],
    [{ refund_id: "" }, "malformed"]
  ])("%j: %s", (changes, expected) => {
    expect(reason(WeChatRefund.ofAnswer({ ...answer, ...changes }, "R1"))).toBe(expected)
  })
})
