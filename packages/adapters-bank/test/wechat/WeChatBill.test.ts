import { BillRow, CivilTime, Money } from "@yikatong/core"
import { Result, Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Formatter, Hash } from "wechatpay-axios-plugin"
import * as WeChatBillFile from "../../src/wechat/WeChatBillFile.ts"
import * as WeChatFundBill from "../../src/wechat/WeChatFundBill.ts"
import * as WeChatTradeBill from "../../src/wechat/WeChatTradeBill.ts"
import * as WeChatTradeRow from "../../src/wechat/WeChatTradeRow.ts"
import { bytes, reason } from "./party.ts"

const mchid = "1900009191"
const line: WeChatTradeBill.Line = {
  at: CivilTime.instant("2026-09-01 08:00:01"),
  appid: "wx8888888888888888",
  mchid,
  reference: "4200001",
  number: "A20260901000001",
  amount: Money.amount(5_000),
  fee: 300_00,
  fields: { 商品名称: "一卡通,充值, 50元", 用户标识: "oUpF8" }
}
const back: WeChatTradeBill.Line = {
  ...line,
  amount: Money.amount(1_234),
  fee: -7_404,
  refund: { reference: "5000001", number: "R1", state: "SUCCESS" }
}
const all = WeChatTradeBill.write("ALL", [line, back])
const text = Buffer.from(all).toString("utf8")
const read = (written: Uint8Array | string) =>
  WeChatTradeBill.read(typeof written === "string" ? bytes(written) : written, mchid)

describe("a trade bill", () => {
  it("is written byte for byte as WeChat Pay writes it", () => {
    expect(text.split("\r\n")).toEqual([
      "\uFEFF交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额," +
      "微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注",
      "`2026-09-01 08:00:01,`wx8888888888888888,`1900009191,`0,`,`4200001,`A20260901000001,`oUpF8,`NATIVE," +
      "`SUCCESS,`OTHERS,`CNY,`50.00,`0.00,`0,`0,`0.00,`0.00,`,`,`一卡通,充值, 50元,`,`0.30000,`0.60%,`50.00,`0.00,`",
      "`2026-09-01 08:00:01,`wx8888888888888888,`1900009191,`0,`,`4200001,`A20260901000001,`oUpF8,`NATIVE," +
      "`REFUND,`OTHERS,`CNY,`0.00,`0.00,`5000001,`R1,`12.34,`0.00,`ORIGINAL,`SUCCESS,`一卡通,充值, 50元,`," +
      "`-0.07404,`0.60%,`0.00,`12.34,`",
      "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额",
      "`2,`50.00,`12.34,`0.00,`0.22596,`50.00,`12.34",
      ""
    ])
    expect([...all.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf])
  })

  it("is read with its payments and refunds, names with commas in one piece", () => {
    const rows = Result.getOrThrow(read(all))
    expect(rows).toMatchObject([
      { _tag: "Payment", at: line.at, reference: "4200001", number: "A20260901000001", amount: 5_000, fee: 30_000 },
      {
        _tag: "Refund",
        reference: "4200001",
        amount: 1_234,
        fee: -7_404,
        refundReference: "5000001",
        refundNumber: "R1",
        refundState: "SUCCESS"
      }
    ])
    expect(rows[0]?.fields.get("商品名称")).toBe("一卡通,充值, 50元")
  })

  it.each(["ALL", "SUCCESS", "REFUND"] as const)("of the kind %s is read by the names of its columns", (kind) => {
    const lines = kind === "ALL" ? [line, back] : kind === "SUCCESS" ? [line] : [back]
    const rows = Result.getOrThrow(read(WeChatTradeBill.write(kind, lines)))
    expect(rows.map(({ amount }) => amount)).toEqual(lines.map(({ amount }) => amount))
  })

  it("with its columns in another order is the same bill", () => {
    const file = Result.getOrThrow(WeChatBillFile.read(all))
    const turned = WeChatBillFile.write({ ...file, columns: file.columns.toReversed() })
    const values = (bill: Uint8Array) => Result.getOrThrow(read(bill)).map(({ fields: _, ...rest }) => rest)
    expect(values(turned)).toEqual(values(all))
  })

  it("of a day without any payment has totals alone", () => {
    expect(Result.getOrThrow(read(WeChatTradeBill.write("ALL", [])))).toEqual([])
  })

  it("with a payment that was revoked tells it apart from a refund", () => {
    const revoked = { ...back, refund: { reference: "5000001", number: "0", state: "SUCCESS", isRevocation: true } }
    expect(Result.getOrThrow(read(WeChatTradeBill.write("ALL", [revoked])))).toMatchObject([{ _tag: "Revoked" }])
  })

  it("says its rows in the words of all channels, and leaves out refunds that failed", () => {
    const day = CivilTime.day("2026-09-01")
    const failed = { ...back, refund: { reference: "5000002", number: "R2", state: "FAIL" } }
    const revoked = { ...back, refund: { reference: "5000003", number: "0", state: "SUCCESS", isRevocation: true } }
    const slow = { ...back, refund: { reference: "5000004", number: "R4", state: "PROCESSING" } }
    const rows = Result.getOrThrow(read(WeChatTradeBill.write("ALL", [line, back, failed, revoked, slow])))
    const shared = { day, number: "A20260901000001", at: line.at }
    const refund = { kind: "refund", ...shared, amount: 1_234, fee: -7 }
    const told = rows.map((row) => WeChatTradeRow.toBillRow(row, day))
    expect(told).toEqual([
      { kind: "payment", ...shared, reference: "4200001", amount: 5_000, fee: 30 },
      { ...refund, reference: "5000001", refundNumber: "R1" },
      undefined,
      { ...refund, reference: "5000003" },
      { ...refund, reference: "5000004", refundNumber: "R4", isUnderWay: true }
    ])
    for (const row of told) expect(row === undefined || Schema.is(BillRow.BillRow)(row)).toBe(true)
  })

  const lines = text.split("\r\n")
  it.each([
    ["with line feeds alone", text.replaceAll("\r\n", "\n"), "believed"],
    ["without the mark", text.slice(1), "believed"],
    ["without its last line feed", text.trimEnd(), "believed"],
    ["empty", "", "malformed"],
    ["an error instead of a bill", "{\"code\":\"NO_STATEMENT_EXIST\"}", "malformed"],
    ["with its last line missing", lines.slice(0, 4).join("\r\n"), "malformed"],
    ["cut off in a row", text.slice(0, 500), "malformed"],
    ["with a row missing", [lines[0], lines[1], ...lines.slice(3)].join("\r\n"), "malformed"],
    ["with a row more", [lines[0], lines[1], ...lines.slice(1)].join("\r\n"), "malformed"],
    ["with a line after the totals", `${text}\`1\r\n`, "malformed"],
    ["with an amount changed", text.replace(",`50.00,`0.00,`\r", ",`50.01,`0.00,`\r"), "malformed"],
    ["with a count changed", text.replace("\r\n`2,", "\r\n`3,"), "malformed"],
    ["with a fee changed", text.replace("`0.30000", "`0.30001"), "malformed"],
    ["with a total changed", text.replace("0.22596", "0.22597"), "malformed"],
    ["with an amount as a float", text.replaceAll("50.00", "5e1"), "malformed"],
    ["with a value more in a row", text.replace("`oUpF8", "`oUpF8,`x"), "malformed"],
    ["with a column twice", text.replace("设备号", "商户号"), "duplicateKey"],
    ["without a column that is needed", text.replace("微信订单号", "别的"), "malformed"],
    ["of another merchant", text.replaceAll(mchid, "1900009192"), "otherMerchant"],
    ["in dollars", text.replace("`CNY", "`USD"), "otherCurrency"],
    ["with a state that nobody knows", text.replace("`SUCCESS,`OTHERS", "`PAID,`OTHERS"), "unsupported"],
    ["with a day that is none", text.replace("`2026-09-01", "`2026-09-31"), "malformed"],
    ["with a refund that has no number", text.replace("`5000001", "`0"), "malformed"]
  ])("%s: %s", (_, written, expected) => {
    expect(reason(read(written))).toBe(expected)
  })

  it("of another charset is refused", () => {
    expect(reason(read(Uint8Array.of(0xbd, 0xbb, 0xd2, 0xd7)))).toBe("charset")
  })

  it("whatever is written is read again", () => {
    const any = fc.record({
      amount: fc.integer({ min: 1, max: 1_000_000 }).map(Money.amount),
      fee: fc.integer({ min: -1_000_000, max: 1_000_000 }),
      name: fc.string().filter((name) => !/[\r\n]|,`/.test(name) && !name.endsWith(",")),
      isRefund: fc.boolean()
    })
    fc.assert(fc.property(fc.array(any, { maxLength: 20 }), (some) => {
      const lines = some.map(({ amount, fee, isRefund, name }): WeChatTradeBill.Line => ({
        ...line,
        amount,
        fee: fee === 0 ? 0 : fee,
        fields: { 商品名称: name },
        ...(isRefund ? { refund: { reference: "5000001", number: "R1", state: "SUCCESS" } } : {})
      }))
      const rows = Result.getOrThrow(read(WeChatTradeBill.write("ALL", lines)))
      expect(rows.map(({ _tag, amount, fee, fields }) => [_tag, amount, fee, fields.get("商品名称")])).toEqual(
        lines.map(({ amount, fee, fields, refund }) => [
          refund === undefined ? "Payment" : "Refund",
          amount,
          fee,
          fields?.["商品名称"]
        ])
      )
    }))
  })

  it("a value that would begin another one is our own mistake", () => {
    for (const name of ["a,`b", "a\nb"]) {
      expect(() => WeChatTradeBill.write("ALL", [{ ...line, fields: { 商品名称: name } }])).toThrow(RangeError)
    }
  })
})

describe("the sum of a bill", () => {
  const { sha1, zipped } = WeChatBillFile.pack(all)

  it.each([
    ["zipped", zipped, { sha1, isZipped: true }, "believed"],
    ["not zipped", all, { sha1, isZipped: false }, "believed"],
    ["in capital letters", all, { sha1: sha1.toUpperCase(), isZipped: false }, "believed"],
    ["of the zipped bytes", zipped, { sha1: Hash.sha1(Buffer.from(zipped)), isZipped: true }, "forged"],
    ["without the mark", all.subarray(3), { sha1, isZipped: false }, "forged"],
    ["empty", all, { sha1: "", isZipped: false }, "forged"],
    ["cut off", all, { sha1: sha1.slice(0, 20), isZipped: false }, "forged"],
    ["zipped, and cut off", zipped.subarray(0, -10), { sha1, isZipped: true }, "malformed"],
    ["not zipped, but said to be", all, { sha1, isZipped: true }, "malformed"],
    ["larger than allowed", zipped, { sha1, isZipped: true, limit: 100 }, "tooLarge"],
    ["larger than allowed, not zipped", all, { sha1, isZipped: false, limit: 100 }, "tooLarge"]
  ])("%s: %s", (_, downloaded, said, expected) => {
    expect(reason(WeChatBillFile.unpack(downloaded, said))).toBe(expected)
  })
})

describe("amounts with five decimals", () => {
  it.each([
    ["0.00000", 0],
    ["-0.00000", 0],
    ["0.60", 60_000],
    ["0.6", 60_000],
    ["0.00600", 600],
    ["-0.07404", -7_404],
    ["12", 1_200_000],
    ["0.000001", undefined],
    ["1e3", undefined],
    ["", undefined],
    ["+1", undefined],
    ["00.1", undefined],
    [".5", undefined],
    ["99999999999999.99", undefined]
  ])("%j: %s", (written, fine) => {
    expect(WeChatBillFile.parseFine(written)).toBe(fine)
  })

  it("are exact: what is written is read again", () => {
    fc.assert(fc.property(fc.integer({ min: -1_000_000_000_000, max: 1_000_000_000_000 }), (fine) => {
      expect(WeChatBillFile.parseFine(WeChatBillFile.formatFine(fine))).toBe(fine)
    }))
  })

  it.each([[30_000, 30], [499, 0], [500, 1], [-499, 0], [-500, -1], [-7_404, -7]])(
    "%i thousandths are %i fen",
    (fine, fen) => {
      expect(WeChatBillFile.toFen(fine)).toBe(fen)
    }
  )
})

const movement: WeChatFundBill.Line = {
  at: CivilTime.instant("2026-09-01 08:00:01"),
  reference: "4200001",
  flow: "4200001",
  name: "交易",
  type: "交易",
  direction: "in",
  amount: Money.amount(5_000),
  balance: Money.of(105_000),
  note: "结算总金额50.00元;含手续费0.30元"
}
const fee: WeChatFundBill.Line = {
  ...movement,
  flow: "4200002",
  type: "扣除交易手续费",
  direction: "out",
  amount: Money.of(30)
}
const funds = WeChatFundBill.write([movement, fee])

describe("a fund-flow bill", () => {
  const text = Buffer.from(funds).toString("utf8")

  it("is written as WeChat Pay writes it, and read again", () => {
    expect(text.split("\r\n").slice(-3)).toEqual([
      "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额",
      "`2,`1,`50.00,`1,`0.30",
      ""
    ])
    const rows = Result.getOrThrow(WeChatFundBill.read(funds))
    expect(rows.map(({ fields: _, ...row }) => row)).toEqual([movement, fee])
  })

  it.each([
    ["with an amount changed", text.replace("`5000", "`5001").replace("`50.00,`1050", "`50.01,`1050"), "malformed"],
    ["with a direction changed", text.replace("`收入", "`支出"), "malformed"],
    ["with a direction that is none", text.replace("`收入", "`其他"), "unsupported"],
    ["with a count changed", text.replace("\r\n`2,", "\r\n`3,"), "malformed"],
    ["without totals", text.slice(0, text.indexOf("资金流水总笔数")), "malformed"],
    ["with a negative amount", text.replace("`0.30,", "`-0.30,"), "malformed"],
    ["without a number", text.replace("`4200002", "`"), "malformed"]
  ])("%s: %s", (_, written, expected) => {
    expect(reason(WeChatFundBill.read(bytes(written)))).toBe(expected)
  })
})

describe("wechatpay-axios-plugin agrees", () => {
  it("reads the bills that we write, and finds the same sum", () => {
    expect(Hash.sha1(Buffer.from(all))).toBe(WeChatBillFile.pack(all).sha1)
    // It takes the last three lines for the totals and what follows them.
    const cast = Formatter.castCsvBill(Buffer.from(all)) as {
      readonly rows: ReadonlyArray<Record<string, string>>
      readonly summary: Record<string, string>
    }
    const file = Result.getOrThrow(WeChatBillFile.read(all))
    expect(cast.rows).toEqual(file.rows.map((row) => Object.fromEntries(row)))
    expect(cast.summary).toEqual(Object.fromEntries(file.totals))
  })
})
