import { CivilTime, Money } from "@yikatong/core"
import { Result } from "effect"
import { describe, expect, it } from "vitest"
import * as AlipayAnswer from "../../src/alipay/AlipayAnswer.ts"
import * as AlipayOutcome from "../../src/alipay/AlipayOutcome.ts"
import * as AlipayRefund from "../../src/alipay/AlipayRefund.ts"
import * as AlipayTrade from "../../src/alipay/AlipayTrade.ts"

const signed = (body: unknown) => ({ _tag: "Signed", body }) as const
const unsigned = (body: unknown) => ({ _tag: "Unsigned", body }) as const

describe("codes", () => {
  it.each<[string, string | undefined, string]>([
    ["10000", undefined, "Done"],
    ["10003", undefined, "Waiting"],
    ["20000", "isp.unknow-error", "Unknown"],
    ["20000", "aop.unknow-error", "Unknown"],
    ["20001", "aop.invalid-auth-token", "Misconfigured"],
    ["40001", "isv.missing-signature", "Misconfigured"],
    ["40002", "isv.invalid-signature", "Misconfigured"],
    ["40006", "isv.insufficient-isv-permissions", "Misconfigured"],
    ["40005", "isv.app-call-limited", "Limited"],
    ["40004", "ACQ.TRADE_NOT_EXIST", "Declined noSuchTrade"],
    ["40004", "ACQ.TRADE_HAS_SUCCESS", "Declined paidAlready"],
    ["40004", "ACQ.TRADE_HAS_CLOSE", "Declined closedAlready"],
    ["40004", "ACQ.CONTEXT_INCONSISTENT", "Declined numberUsed"],
    ["40004", "ACQ.PAYMENT_AUTH_CODE_INVALID", "Declined codeInvalid"],
    ["40004", "ACQ.BUYER_BALANCE_NOT_ENOUGH", "Declined buyerCannotPay"],
    ["40004", "ACQ.SELLER_BALANCE_NOT_ENOUGH", "Declined sellerCannotPay"],
    ["40004", "isp.bill_not_exist", "Declined noBill"],
    ["40004", "ACQ.INVALID_PARAMETER", "Misconfigured"],
    // The payment may have gone through.
    ["40004", "ACQ.SYSTEM_ERROR", "Unknown"],
    ["40004", "ACQ.NEVER_HEARD_OF_IT", "Unknown"],
    ["40004", undefined, "Unknown"],
    ["99999", undefined, "Unknown"]
  ])("%s %s: %s", (code, detail, expected) => {
    const outcome = AlipayOutcome.of({ code, ...(detail === undefined ? {} : { detail }) })
    expect(outcome._tag === "Declined" ? `Declined ${outcome.reason}` : outcome._tag).toBe(expected)
  })

  it("of each reason mean it, and people are told in two languages", () => {
    for (const [reason, { en, zh }] of Object.entries(AlipayOutcome.words)) {
      expect(AlipayOutcome.of(AlipayOutcome.codesOf(reason as AlipayOutcome.Reason))).toMatchObject({
        _tag: "Declined",
        reason
      })
      expect(zh).toMatch(/\p{Script=Han}/u)
      expect(en).toMatch(/^[A-Z]/)
    }
  })
})

describe("an answer", () => {
  const paid = {
    code: "10000",
    msg: "Success",
    out_trade_no: "a1",
    trade_no: "2025113022001",
    trade_status: "TRADE_SUCCESS",
    total_amount: "50.00",
    send_pay_date: "2025-11-30 10:00:05",
    buyer_logon_id: "159****5620"
  }

  it("to a query tells the trade, and nothing of the buyer", () => {
    expect(AlipayAnswer.read(AlipayTrade.query, signed(paid), { number: "a1" })).toEqual(Result.succeed({
      outcome: { _tag: "Done" },
      content: {
        number: "a1",
        reference: "2025113022001",
        status: "TRADE_SUCCESS",
        amount: Money.amount(5000),
        paidAt: CivilTime.instant("2025-11-30 10:00:05")
      }
    }))
  })

  it("that waits for the buyer has a content as well", () => {
    expect(
      AlipayAnswer.read(AlipayTrade.pay, signed({ code: "10003", out_trade_no: "a1", trade_no: "9" }), { number: "a1" })
    )
      .toEqual(Result.succeed({ outcome: { _tag: "Waiting" }, content: { number: "a1", reference: "9" } }))
  })

  it("that declines has none", () => {
    expect(AlipayAnswer.read(AlipayTrade.query, signed({ code: "40004", sub_code: "ACQ.TRADE_NOT_EXIST" }), {}))
      .toEqual(Result.succeed({ outcome: { _tag: "Declined", reason: "noSuchTrade", detail: "ACQ.TRADE_NOT_EXIST" } }))
  })

  it("to a cancel of what never was names no trade", () => {
    expect(
      AlipayAnswer.read(AlipayTrade.cancel, signed({ code: "10000", out_trade_no: "a1", retry_flag: "N" }), {
        number: "a1"
      })
    )
      .toEqual(Result.succeed({ outcome: { _tag: "Done" }, content: { number: "a1", again: "N" } }))
  })

  it.each([
    ["10000", "Unknown"],
    ["10003", "Unknown"],
    ["40004", "Unknown"],
    ["20000", "Unknown"],
    ["40002", "Misconfigured"]
  ])("that nobody signed, %s, is %s", (code, tag) => {
    const answer = AlipayAnswer.read(AlipayTrade.query, unsigned({ ...paid, code }), { number: "a1" })
    expect(Result.getOrThrow(answer).outcome._tag).toBe(tag)
    expect(Result.getOrThrow(answer)).not.toHaveProperty("content")
  })

  it.each<[string, unknown, AlipayAnswer.Asked, string]>([
    ["played again, of another order", paid, { number: "a2" }, "forged"],
    ["of another trade", paid, { number: "a1", reference: "2025113022002" }, "forged"],
    ["with an amount as a number", { ...paid, total_amount: 50 }, {}, "malformed"],
    ["with a negative amount", { ...paid, total_amount: "-50.00" }, {}, "malformed"],
    ["with an amount of nothing", { ...paid, total_amount: "0.00" }, {}, "malformed"],
    ["with a status that nobody knows", { ...paid, trade_status: "TRADE_PENDING" }, {}, "malformed"],
    ["in another currency", { ...paid, trans_currency: "USD" }, {}, "malformed"],
    ["with a date that does not exist", { ...paid, send_pay_date: "2025-02-29 10:00:00" }, {}, "malformed"],
    ["without a code", { ...paid, code: undefined }, {}, "malformed"],
    ["that is a list", [], {}, "malformed"]
  ])("%s is refused", (_, body, asked, reason) => {
    const result = AlipayAnswer.read(AlipayTrade.query, signed(body), asked)
    expect(Result.isFailure(result) ? result.failure.reason : result).toBe(reason)
  })

  it("about another refund of the same order is refused", () => {
    const body = {
      code: "10000",
      out_trade_no: "a1",
      out_request_no: "r2",
      refund_status: "REFUND_SUCCESS",
      refund_amount: "1.00"
    }
    const result = AlipayAnswer.read(AlipayRefund.query, signed(body), { number: "a1", refundNumber: "r1" })
    expect(Result.isFailure(result) && result.failure.what).toBe("an answer about another order")
  })

  it("about a refund that never was has no status", () => {
    const answer = AlipayAnswer.read(AlipayRefund.query, signed({ code: "10000" }), {
      number: "a1",
      refundNumber: "r1"
    })
    expect(Result.getOrThrow(answer).content).toEqual({})
  })
})
