import { BillRow, CivilTime, Money } from "@yikatong/core"
import { Result, Schema } from "effect"
import * as fc from "fast-check"
import { unzipSync, zipSync } from "fflate"
import iconv from "iconv-lite"
import { describe, expect, it } from "vitest"
import * as AlipayArchive from "../../src/alipay/AlipayArchive.ts"
import * as AlipayBill from "../../src/alipay/AlipayBill.ts"
import * as AlipayBillRow from "../../src/alipay/AlipayBillRow.ts"

const at = CivilTime.instant("2025-12-01 09:55:47")
const ours = { account: "20880000000000010156", day: CivilTime.day("2025-11-30") }
const payment: AlipayBillRow.Unwritten = {
  kind: "payment",
  reference: "2025113022001400000000000001",
  number: "Y1",
  amount: Money.amount(5000),
  received: Money.of(5000),
  fee: -30,
  at: CivilTime.instant("2025-11-30 10:00:05"),
  columns: new Map([["商品名称", "校园卡充值, \"50\" 元"], ["对方账户", "张*(159****5620)"]])
}
const refund: AlipayBillRow.Unwritten = {
  kind: "refund",
  reference: "2025113022001400000000000001",
  number: "Y1",
  refundNumber: "R1",
  amount: Money.amount(2000),
  received: Money.of(2000),
  fee: 12
}
const read = (archive: Uint8Array, limits?: AlipayArchive.Limits) => AlipayBill.read(archive, ours, limits)
const good = AlipayBill.write({ ...ours, rows: [payment, refund] }, at)
const text = (() => {
  const [content] = [...Result.getOrThrow(AlipayArchive.read(good)).values()]
  return iconv.decode(Buffer.from(content ?? []), "gbk")
})()
const zipped = (changed: string) => zipSync({ "bill.csv": iconv.encode(changed, "gbk") }, { mtime: "2025-12-01" })

describe("a bill", () => {
  it("is an archive of two files with Chinese names, which others find under them as well", () => {
    const files = [...Result.getOrThrow(AlipayArchive.read(good)).keys()]
    expect(files).toEqual([
      "20880000000000010156_20251130_业务明细.csv",
      "20880000000000010156_20251130_业务明细(汇总).csv"
    ])
    expect(Object.keys(unzipSync(good)).map((name) => iconv.decode(Buffer.from(name, "latin1"), "gbk"))).toEqual(files)
  })

  it("has 25 columns, fields with a tab, and lines with #", () => {
    const lines = text.split("\r\n")
    expect(lines[1]).toBe("#账号：[20880000000000010156]")
    expect(lines[4]?.split(",")).toHaveLength(25)
    expect(lines[6]).toMatch(/^2025113022001400000000000001\t,Y1\t,退款\t,/)
    expect(lines[8]).toBe("#交易合计：1笔，商家实收共50.00元，商家优惠共0.00元")
    expect(lines[9]).toBe("#退款合计：1笔，商家实收退款共-20.00元，商家优惠退款共0.00元")
  })

  it("is read by both sides", () => {
    const bill = Result.getOrThrow(read(good))
    expect(bill.rows).toMatchObject([
      { kind: "payment", number: "Y1", amount: 5000, received: 5000, fee: -30, at: payment.at },
      { kind: "refund", refundNumber: "R1", amount: 2000, received: 2000, fee: 12 }
    ])
    expect(bill.rows[0]?.columns.get("商品名称")).toBe("校园卡充值, \"50\" 元")
    expect(bill.rows[0]?.columns.size).toBe(25)
    expect(bill.rows[1]?.columns.get("商家实收（元）")).toBe("-20.00")
  })

  it.each<[string, string]>([
    [
      "columns in another order, and one more",
      text.split("\r\n").map((line, index) =>
        index < 4 || index > 6 ? line : ["新列", "1\t", "2\t"][index - 4] + "," + line
      ).join("\r\n")
    ],
    ["line feeds alone", text.replaceAll("\r\n", "\n")],
    ["no tabs", text.replaceAll("\t", "")],
    ["blanks for tabs", text.replaceAll("\t", "  ")]
  ])("may have %s", (_, changed) => {
    expect(Result.getOrThrow(read(zipped(changed))).rows.map(({ amount, kind }) => [kind, amount]))
      .toEqual([["payment", 5000], ["refund", 2000]])
  })

  it("of a day without payments has no rows", () => {
    expect(read(AlipayBill.write({ ...ours, rows: [] }, at))).toEqual(Result.succeed({ ...ours, rows: [] }))
  })

  it("of any rows comes through", () => {
    const money = fc.integer({ min: 1, max: 100_000_000 })
    const row = fc.record({
      kind: fc.constantFrom("payment", "refund"),
      number: fc.stringMatching(/^[0-9A-Za-z]{1,32}$/),
      amount: money,
      fee: fc.integer({ min: -1000, max: 1000 }),
      title: fc.string({ unit: fc.constantFrom("充", "值", ",", "\"", "#", "a", "\\", "`"), maxLength: 12 })
    })
    fc.assert(
      fc.property(fc.array(row, { maxLength: 8 }), (rows) => {
        const written = rows.map(({ amount, fee, kind, number, title }): AlipayBillRow.Unwritten => ({
          kind: kind as "payment" | "refund",
          reference: `9${number}`,
          number,
          ...(kind === "refund" ? { refundNumber: number } : {}),
          amount: Money.amount(amount),
          received: Money.of(amount),
          fee,
          columns: new Map([["商品名称", title]])
        }))
        const bill = Result.getOrThrow(read(AlipayBill.write({ ...ours, rows: written }, at)))
        expect(bill.rows.map(({ columns, line: _, ...typed }) => ({ ...typed, title: columns.get("商品名称") })))
          .toEqual(written.map(({ columns, ...typed }) => ({ ...typed, title: columns?.get("商品名称") })))
      }),
      { numRuns: 50 }
    )
  })
})

describe("a number that is none, in a bill that has the trades of every system", () => {
  const refunded = text.split("\r\n")[6] ?? ""
  it.each<[string, string, ReadonlyArray<object>]>([
    ["nobody's of ours is kept as it stands", text.replaceAll("Y1\t", "SHOP-7#1\t"), [
      { number: "SHOP-7#1", reference: payment.reference },
      { number: "SHOP-7#1", refundNumber: "R1", reference: `${payment.reference}:R1` }
    ]],
    ["an order's that is missing", text.replace(",Y1\t", ",\t"), [{ number: "?" }, {
      number: "Y1",
      refundNumber: "R1"
    }]],
    ["an order's with a blank in it", text.replace(",Y1\t", ",Y 1\t"), [{ number: "?" }, { number: "Y1" }]],
    ["an order's that is too long", text.replace(",Y1\t", `,${"Y".repeat(65)}\t`), [{ number: "?" }, { number: "Y1" }]],
    ["a refund's that is missing", text.replace("R1\t", "\t"), [{ number: "Y1" }, {
      number: "Y1",
      reference: `${payment.reference}:row 2`
    }]],
    ["a refund's that is none", text.replace("R1\t", "退款\t"), [{ number: "Y1" }, {
      reference: `${payment.reference}:row 2`
    }]]
  ])("%s: a row for a person, and no crash", (_, changed, expected) => {
    expect(refunded).toContain("退款")
    const { rows } = Result.getOrThrow(read(zipped(changed)))
    const told = rows.map((row) => AlipayBillRow.toBillRow(row, ours.day))
    expect(told).toMatchObject(expected)
    for (const row of told) expect(Schema.is(BillRow.BillRow)(row)).toBe(true)
    const isFlawed = !changed.includes("SHOP-7")
    expect(rows.some(({ flaws }) => flaws !== undefined)).toBe(isFlawed)
  })

  it("of any number there is a row that the books can hold", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 140 }), fc.string({ maxLength: 140 }), (order, refund) => {
        const cells = new Map([
          ...AlipayBillRow.columns.map((column) => [column, column.endsWith("（元）") ? "0.00" : ""] as const),
          ["支付宝交易号", "9".repeat(64)],
          ["业务类型", "退款"],
          ["订单金额（元）", "-1.00"],
          ["商户订单号", order],
          ["退款批次号/请求号", refund]
        ])
        const row = Result.getOrThrow(AlipayBillRow.read(cells, 3))
        expect(Schema.is(BillRow.BillRow)(AlipayBillRow.toBillRow(row, ours.day))).toBe(true)
      })
    )
  })
})

describe("the summary beside a bill", () => {
  const [bill, summary] = [...Result.getOrThrow(AlipayArchive.read(good)).entries()]
  const other = iconv.decode(Buffer.from(summary?.[1] ?? []), "gbk")
  const both = (changed: string) =>
    zipSync({ "bill.csv": Buffer.from(bill?.[1] ?? []), "all.csv": iconv.encode(changed, "gbk") }, {
      mtime: "2025-12-01"
    })
  it.each<[string, string, string]>([
    ["that counts the same rows", other, "read"],
    ["that counts a payment more", other.replace(",1\t,1\t", ",2\t,1\t"), "malformed"],
    ["that counts a refund less", other.replace(",1\t,1\t", ",1\t,0\t"), "malformed"],
    ["without a sum of all says nothing", other.replace("合计", "一号店"), "read"],
    ["with other columns says nothing", other.replace("交易订单总笔数,退款订单总笔数", "甲,乙"), "read"]
  ])("%s: %s", (_, changed, expected) => {
    const result = read(both(changed))
    expect(Result.isFailure(result) ? result.failure.reason : "read").toBe(expected)
  })
})

describe("a bill that is refused", () => {
  it.each<[string, string, string]>([
    [
      "of another account",
      text.replace("#账号：[20880000000000010156]", "#账号：[20880000000000020156]"),
      "otherMerchant"
    ],
    ["of another day", text.replace("2025年11月30日", "2025年11月29日"), "malformed"],
    ["cut off before its sums", text.slice(0, text.indexOf("#交易合计")), "malformed"],
    ["cut off in a row", text.slice(0, text.indexOf("退款\t")), "malformed"],
    ["without one of its rows", text.split("\r\n").filter((_, index) => index !== 6).join("\r\n"), "malformed"],
    ["with an amount that the sums do not have", text.replaceAll("50.00\t", "51.00\t"), "malformed"],
    ["with a payment below nothing", text.replaceAll("50.00\t", "-50.00\t"), "malformed"],
    ["with three decimals", text.replaceAll("50.00\t", "50.000\t"), "malformed"],
    ["with thousands set off", text.replaceAll("50.00\t", "\"5,000.00\t\""), "malformed"],
    ["with another kind of row", text.replace("退款\t", "转账\t"), "unsupported"],
    ["with a payment without Alipay's own number", text.replace("2025113022001400000000000001\t", "\t"), "malformed"],
    ["with a number of Alipay's that is none", text.replace("2025113022001400000000000001\t", "20 25\t"), "malformed"],
    ["with a fee beyond all money", text.replace("-0.30\t", "-99999999999999.30\t"), "malformed"],
    ["with an amount beyond all money", text.replaceAll("50.00\t", "90071992547409.92\t"), "malformed"],
    ["with one column twice", text.replace("商品名称", "商户订单号"), "duplicateKey"],
    ["with a field too many", text.replace("退款\t", "退款\t,x\t"), "malformed"],
    ["with an open quote", text.replace("退款\t", "\"退款\t"), "malformed"],
    ["without a table", "#账号：[20880000000000010156]\r\n", "malformed"]
  ])("%s", (_, changed, reason) => {
    const result = read(zipped(changed))
    expect(Result.isFailure(result) ? result.failure.reason : result).toBe(reason)
  })

  const bomb = zipSync({ "bill.csv": new Uint8Array(50_000_000) }, { level: 9, mtime: "2025-12-01" })
  const lying = Buffer.from(bomb)
  // The list says that it unpacks to ten bytes.
  lying.writeUInt32LE(10, lying.lastIndexOf(Buffer.from("504b0102", "hex")) + 24)
  const stored = Buffer.from(zipSync({ "bill.csv": iconv.encode(text, "gbk") }, { level: 0, mtime: "2025-12-01" }))
  const flipped = Buffer.from(stored)
  // In the number of an order, which no sum would notice.
  const place = stored.indexOf("Y1\t") + 1
  flipped[place] = (flipped[place] ?? 0) ^ 1
  const many = zipSync(
    Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`${index}.csv`, new Uint8Array(1)])),
    { mtime: "2025-12-01" }
  )
  // A second list, which says that there are four thousand million files.
  const end = stored.lastIndexOf(Buffer.from("504b0506", "hex"))
  const second = Buffer.alloc(76)
  second.writeUInt32LE(0x06064b50, 0)
  second.writeUInt32LE(0xffffffff, 32)
  second.writeUInt32LE(stored.readUInt32LE(end + 16), 48)
  second.writeUInt32LE(0x07064b50, 56)
  second.writeUInt32LE(end, 64)
  const doubled = Buffer.concat([stored.subarray(0, end), second, stored.subarray(end)])
  const limits = { bytes: 1_000_000, unpacked: 1_000_000, files: 8 }
  it.each<[string, Uint8Array, string]>([
    ["that unpacks to too much", bomb, "tooLarge"],
    ["that unpacks to more than it says", lying, "malformed"],
    ["with a second list that says otherwise", doubled, "malformed"],
    ["with one bit changed", flipped, "malformed"],
    ["with too many files", many, "tooLarge"],
    ["that is too long", new Uint8Array(1_000_001), "tooLarge"],
    ["that is cut off", good.subarray(0, good.length - 10), "malformed"],
    ["whose head is cut off", good.subarray(20), "malformed"],
    ["that is no archive", Buffer.from("<html>expired</html>"), "malformed"],
    ["that is nothing", new Uint8Array(), "malformed"],
    [
      "that is not in GBK",
      zipSync({ "bill.csv": Buffer.from([0xff, 0xff, 0x80]) }, { mtime: "2025-12-01" }),
      "charset"
    ],
    ["without a bill in it", zipSync({ "read.me": Buffer.from("hello") }, { mtime: "2025-12-01" }), "malformed"]
  ])("%s", (_, archive, reason) => {
    const result = read(archive, limits)
    expect(Result.isFailure(result) ? result.failure.reason : result).toBe(reason)
  })

  it("never throws, wherever it was damaged", () => {
    fc.assert(fc.property(fc.nat({ max: good.length - 1 }), fc.integer({ min: 1, max: 255 }), (place, mask) => {
      const damaged = Buffer.from(good)
      damaged[place] = (damaged[place] ?? 0) ^ mask
      const result = read(damaged)
      if (Result.isSuccess(result)) expect(result.success.rows).toHaveLength(2)
    }))
  })
})
