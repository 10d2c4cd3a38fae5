import { CivilTime, Money } from "@yikatong/core"
import { Result } from "effect"
import { describe, expect, it } from "vitest"
import * as Message from "../../src/unionpay/UnionPayMessage.ts"
import * as Order from "../../src/unionpay/UnionPayOrder.ts"
import * as Request from "../../src/unionpay/UnionPayRequest.ts"

const merchant = { merId: "777290058110048" }
const txnTime = CivilTime.instant("2025-11-30 10:00:05")
const payTimeout = CivilTime.instant("2025-11-30 10:15:05")
const backUrl = "https://card.example.edu.cn/callbacks/unionpay"
const frontUrl = "https://card.example.edu.cn/paid"
const asked = { orderId: "20251130100000001", txnTime, amount: Money.amount(5_000), backUrl }
const back = { ...asked, origQryId: "521511301000051234568", product: "000201" } as const

const common = "version=5.1.0&encoding=UTF-8&accessType=0&merId=777290058110048&txnTime=20251130100005"
const money =
  "orderId=20251130100000001&txnAmt=5000&currencyCode=156&backUrl=https://card.example.edu.cn/callbacks/unionpay"

const requests: ReadonlyArray<readonly [Order.Kind, Message.Message, string, object]> = [
  [
    "front",
    Order.front(merchant, { ...asked, frontUrl, payTimeout, device: "mobile" }),
    `${money}&txnType=01&txnSubType=01&bizType=000201&channelType=08&frontUrl=${frontUrl}&payTimeout=20251130101505`,
    { frontUrl, payTimeout }
  ],
  [
    "qr",
    Order.qr(merchant, { ...asked, reqReserved: "a.b:c_d-1" }),
    `${money}&txnType=01&txnSubType=07&bizType=000000&channelType=08&reqReserved=a.b:c_d-1`,
    { payTimeout: undefined }
  ],
  [
    "qr",
    Order.qr(merchant, { ...asked, payTimeout }),
    `${money}&txnType=01&txnSubType=07&bizType=000000&channelType=08&payTimeout=20251130101505`,
    { payTimeout }
  ],
  [
    "payCode",
    Order.payCode(merchant, { ...asked, qrNo: "6212345678901234567", termId: "49000002" }),
    `${money}&txnType=01&txnSubType=06&bizType=000000&channelType=08&qrNo=6212345678901234567&termId=49000002`,
    { qrNo: "6212345678901234567", termId: "49000002" }
  ],
  [
    "refund",
    Order.refund(merchant, back),
    `${money}&txnType=04&txnSubType=00&bizType=000201&channelType=07&origQryId=521511301000051234568`,
    { origQryId: "521511301000051234568" }
  ],
  [
    "void",
    Order.reverse(merchant, { ...back, product: "000000" }),
    `${money}&txnType=31&txnSubType=00&bizType=000000&channelType=08&origQryId=521511301000051234568`,
    { origQryId: "521511301000051234568" }
  ],
  [
    "query",
    Order.query(merchant, asked),
    "orderId=20251130100000001&txnType=00&txnSubType=00&bizType=000000",
    {}
  ],
  [
    "file",
    Order.file(merchant, { settleDay: CivilTime.day("2025-11-29"), txnTime }),
    "txnType=76&txnSubType=01&bizType=000000&settleDate=1129&fileType=00",
    { settleDay: CivilTime.day("2025-11-29") }
  ]
]

describe("what is asked of UnionPay", () => {
  it.each(requests)("%s has these fields and no others", (_, message, fields) => {
    expect(Message.canonical(message).split("&").sort()).toEqual(`${common}&${fields}`.split("&").sort())
  })

  it.each(requests)("%s is read by the other side", (kind, message, _, own) => {
    const { amount, orderId } = asked
    const sent = { amount, backUrl, orderId, reqReserved: message.get("reqReserved") }
    const fields = kind === "file" ? {} : kind === "query" ? { orderId } : sent
    expect(Request.kindOf(message)).toBe(kind)
    expect(Request.read(message)).toEqual(Result.succeed({ kind, ...merchant, txnTime, ...fields, ...own }))
  })

  it.each(["2024-12-02", "2025-05-01", "2025-06-15", "2025-11-30", "2025-12-01"])(
    "the file of %s is asked for on 2025-11-30, and read as that day's",
    (text) => {
      const settleDay = CivilTime.day(text)
      expect(Request.read(Order.file(merchant, { settleDay, txnTime }))).toMatchObject({ success: { settleDay } })
    }
  )

  it("a query may ask for a payment of the gateway's", () => {
    expect(Order.query(merchant, asked, "000201").get("bizType")).toBe("000201")
  })

  it.each<[string, Partial<Order.Asked>]>([
    ["a number with a hyphen", { orderId: "2025-11-30" }],
    ["a number with an underscore", { orderId: "order_001" }],
    ["a number of 7", { orderId: "1234567" }],
    ["a number of 41", { orderId: "1".repeat(41) }],
    ["an address that is none", { backUrl: "card.example.edu.cn" }],
    ["words that would change what is signed", { reqReserved: "a&respCode=00" }]
  ])("%s is a mistake of the caller's", (_, wrong) => {
    expect(() => Order.qr(merchant, { ...asked, ...wrong })).toThrow(RangeError)
  })

  it("takes a number of 8 and of 40", () => {
    for (const orderId of ["a".repeat(8), "Z9".repeat(20)]) {
      expect(Order.qr(merchant, { ...asked, orderId }).get("orderId")).toBe(orderId)
    }
    expect(() => Order.qr({ merId: "7772900581100480" }, asked)).toThrow(RangeError)
  })

  it.each<[string, Readonly<Record<string, string | undefined>>, string, string]>([
    ["another kind", { txnType: "02" }, "unsupported", "the kind of transaction"],
    ["dollars", { currencyCode: "840" }, "otherCurrency", "the field currencyCode"],
    ["no currency", { currencyCode: undefined }, "malformed", "the field currencyCode"],
    ["yuan instead of fen", { txnAmt: "50.00" }, "malformed", "the field txnAmt"],
    ["less than nothing", { txnAmt: "-5000" }, "malformed", "the field txnAmt"],
    ["an exponent", { txnAmt: "5e3" }, "malformed", "the field txnAmt"],
    ["nothing", { txnAmt: "0" }, "malformed", "the field txnAmt"],
    ["more than anybody recharges", { txnAmt: "999999999999" }, "malformed", "the field txnAmt"],
    ["a day that is none", { txnTime: "20250229000000" }, "malformed", "the field txnTime"],
    ["no order", { orderId: undefined }, "malformed", "the field orderId"]
  ])("%s is refused by the other side", (_, wrong, reason, what) => {
    const message = Message.withFields(Order.qr(merchant, asked), wrong)
    expect(Request.read(message)).toEqual(Result.fail({ _tag: "Refusal", reason, what }))
  })
})
