import { CivilTime } from "@yikatong/core"
import { describe, expect, it } from "vitest"
import { attempt, type Body, business, number, ok, refund, told, trade, unknown } from "./scripted.ts"

const refunded = (fund_change: "Y" | "N", refund_fee = "50.00"): Body => ({
  ...ok,
  out_trade_no: number,
  trade_no: "42",
  fund_change,
  refund_fee
})
const found = (more: Body = {}): Body => ({ ...ok, out_trade_no: number, out_request_no: refund.number, ...more })
const back = found({ refund_status: "REFUND_SUCCESS", refund_amount: "50.00" })

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
  const send_pay_date = "2026-03-02 12:00:05"
  const as = { receipt: { number, amount: 5_000, reference: "42", paidAt: CivilTime.instant("2026-03-02 12:00:05") } }
  it.each<[string, Body, object]>([
    ["waiting", trade("WAIT_BUYER_PAY"), { success: { _tag: "Waiting" } }],
    ["paid", trade("TRADE_SUCCESS", { send_pay_date }), { success: { _tag: "Paid", ...as } }],
    ["finished", trade("TRADE_FINISHED", { send_pay_date }), { success: { _tag: "Paid", ...as } }],
    ["paid, and no time of it", trade("TRADE_SUCCESS"), { success: { _tag: "Unclear" } }],
    ["closed unpaid", trade("TRADE_CLOSED"), { success: { _tag: "Closed" } }],
    ["paid and given back", trade("TRADE_CLOSED", { send_pay_date }), { success: { _tag: "GivenBack", ...as } }],
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
