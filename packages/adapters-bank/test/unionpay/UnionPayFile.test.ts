import { CivilTime, Money } from "@yikatong/core"
import { Result } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Gbk from "../../src/Gbk.ts"
import * as File from "../../src/unionpay/UnionPayFile.ts"
import * as Layout from "../../src/unionpay/UnionPayLayout.ts"

const settleDay = CivilTime.day("2026-01-01")
const refused = (reason: string, what: string) => Result.fail({ _tag: "Refusal", reason, what })
const text = (bytes: Uint8Array) => Result.getOrThrow(Gbk.decode(bytes))

const payment = {
  kind: "payment",
  merId: "777290058110048",
  orderId: "20251231235958001",
  queryId: "512512312359581234568",
  amount: Money.amount(5_000),
  fee: 30,
  settled: 4_970,
  at: CivilTime.instant("2025-12-31 23:59:59"),
  origQryId: undefined,
  origOrderId: undefined
} as const
const refund = {
  ...payment,
  kind: "refund",
  orderId: "20260101080000001",
  queryId: "512601010800001234568",
  amount: Money.amount(2_000),
  fee: -12,
  settled: -1_988,
  at: CivilTime.instant("2026-01-01 08:00:01"),
  origQryId: payment.queryId,
  origOrderId: payment.orderId
} as const
const columns = new Map([["subMerName", "一卡通充值"], ["accNo", "6226090000000048"]])
const bytes = File.writeLines([File.lineOf({ ...payment, columns }), File.lineOf(refund)], Layout.zm)
/** Where a column of ZM begins, in bytes. */
const offsetOf = (column: string): number =>
  Layout.zm.slice(0, Layout.zm.findIndex(([name]) => name === column)).reduce((sum, [, width]) => sum + width + 1, 0)
const rows = Result.getOrThrow(File.readZm(bytes, settleDay))

describe("the layouts", () => {
  it("have the widths of the interface", () => {
    expect([Layout.zm, Layout.zmOlder, Layout.zme].map((layout) => [layout.length, Layout.lengthOf(layout)]))
      .toEqual([[42, 607], [41, 607], [22, 339]])
    for (const layout of [Layout.zm, Layout.zmOlder, Layout.zme]) {
      expect(new Set(layout.map(([name]) => name)).size).toBe(layout.length)
    }
  })

  it("write a line as it is known", () => {
    const line = text(bytes.subarray(0, bytes.indexOf(0x0a) - 1))
    expect(line.slice(0, 144)).toBe(
      `S22 ${" ".repeat(11)} ${" ".repeat(11)} ${" ".repeat(6)} 1231235959 6226090000000048    000000005000 ${
        " ".repeat(4)
      } ` +
        `${" ".repeat(2)} 512512312359581234568 ${" ".repeat(2)} 20251231235958001${" ".repeat(15)}`
    )
    expect(line.slice(166, 193)).toBe("D000000000030 C000000004970")
    // Two bytes a character: the text is shorter than the line.
    expect(line.length).toBe(607 - 5)
    expect([...bytes.subarray(607, 609)]).toEqual([0x0d, 0x0a])
  })

  it("cut bytes, not characters: a name before a column moves nothing", () => {
    const name = "一二三四五六七八九十一二三四五六"
    const line = Layout.writeLine(new Map([["subMerName", name], ["subMerAmt", "C000000000001"]]), Layout.zm)
    const read = Result.getOrThrow(Layout.readLine(line, Layout.zm))
    expect([read.get("subMerName"), read.get("subMerAmt")]).toEqual([name, "C000000000001"])
  })

  it("drop half a character that was cut at the end of its column, and nothing more", () => {
    const line = Layout.writeLine(new Map([["subMerName", "x" + "中".repeat(15)]]), Layout.zm)
    const from = offsetOf("subMerName")
    line[from + 31] = 0xd6
    expect(Result.getOrThrow(Layout.readLine(line, Layout.zm)).get("subMerName")).toBe("x" + "中".repeat(15))
    line[from + 30] = 0x20
    expect(Result.isFailure(Layout.readLine(line, Layout.zm))).toBe(true)
  })

  it("throw for a text that is too wide", () => {
    expect(() => Layout.writeLine(new Map([["subMerName", "一".repeat(17)]]), Layout.zm)).toThrow(RangeError)
    expect(() => Layout.writeLine(new Map([["txnAmt", "1".repeat(13)]]), Layout.zm)).toThrow(RangeError)
  })

  it("are read back", () => {
    const value = fc.string({ unit: fc.constantFrom("中", "a", "1", " "), maxLength: 6 }).map((text) => text.trimEnd())
    fc.assert(
      fc.property(fc.constantFrom(Layout.zm, Layout.zmOlder, Layout.zme), fc.infiniteStream(value), (layout, texts) => {
        const line = new Map(layout.map(([name, width]) => {
          const text = texts.next().value ?? ""
          return [name, Gbk.encode(text).length <= width ? text : ""]
        }))
        expect(Layout.readLine(Layout.writeLine(line, layout), layout)).toEqual(Result.succeed(line))
      })
    )
  })
})

describe("a ZM file", () => {
  it("is read with its amounts, times and directions", () => {
    expect(rows.map(({ columns: _, ...row }) => row)).toEqual([payment, refund])
    expect(rows[0]?.columns.get("subMerName")).toBe("一卡通充值")
    expect(rows[0]?.columns.get("code")).toBe("S22")
  })

  it("shows no card number", () => {
    expect(rows[0]?.columns.get("accNo")).toBe("622609****0048")
    expect(JSON.stringify(rows.map(({ columns }) => [...columns]))).not.toContain("6226090000000048")
  })

  it("is read with line feeds alone, without the last, and empty", () => {
    const unix = Gbk.encode(text(bytes).replaceAll("\r\n", "\n"))
    expect(File.readZm(unix, settleDay)).toEqual(Result.succeed(rows))
    expect(File.readZm(unix.subarray(0, -1), settleDay)).toEqual(Result.succeed(rows))
    expect(File.readZm(new Uint8Array(), settleDay)).toEqual(Result.succeed([]))
  })

  it("of the older age has no number of the original order", () => {
    const older = File.writeLines(
      [File.lineOf(payment), File.lineOf({ ...refund, origOrderId: undefined })],
      Layout.zmOlder
    )
    const read = Result.getOrThrow(File.readZm(older, settleDay, Layout.zmOlder))
    expect(read.map(({ columns: _, ...row }) => row)).toEqual([payment, { ...refund, origOrderId: undefined }])
    expect(read[1]?.columns.has("origOrderId")).toBe(false)
  })

  const changed = (name: string, value: string): Uint8Array =>
    File.writeLines([new Map(File.lineOf(payment)).set(name, value)], Layout.zm)
  /** The first line, with other bytes where a column begins, or so many bytes after that. */
  const withBytes = (column: string, put: Uint8Array, after = 0): Uint8Array => {
    const line = bytes.slice(0, 607)
    line.set(put, offsetOf(column) + after)
    return line
  }
  const half = Uint8Array.of(0xd6)
  it.each<[string, Uint8Array, string, string]>([
    ["a line that is cut off", bytes.subarray(0, 900), "malformed", "line 2: the length"],
    ["an empty line", Gbk.encode("\r\n"), "malformed", "line 1: the length"],
    [
      "an empty line in between",
      Buffer.concat([bytes.subarray(0, 609), bytes.subarray(607)]),
      "malformed",
      "line 2: the length"
    ],
    ["an empty line at the end", Buffer.concat([bytes, Gbk.encode("\r\n")]), "malformed", "line 3: the length"],
    ["a line that is too long", Gbk.encode(`${text(bytes.subarray(0, 607))} \r\n`), "malformed", "line 1: the length"],
    [
      "a line of as many characters as it should have bytes",
      Gbk.encode(`${text(bytes.subarray(0, 607))}${" ".repeat(5)}`),
      "malformed",
      "line 1: the length"
    ],
    ["a line of ZME", Gbk.encode(" ".repeat(339)), "malformed", "line 1: the length"],
    [
      "columns that are shifted by one",
      Gbk.encode(`S${text(bytes.subarray(0, 606))}`),
      "malformed",
      "line 1: the border of the column code"
    ],
    [
      "a name that is wider than its column",
      withBytes("subMerName", Gbk.encode("一卡通充值一卡通充值一卡通充值一二")),
      "malformed",
      "line 1: the border of the column subMerName"
    ],
    [
      "UTF-8 instead of GBK",
      withBytes("merReserved", new TextEncoder().encode("银")),
      "charset",
      "line 1: the column merReserved"
    ],
    ["half a character in a name", withBytes("subMerName", half, 10), "charset", "line 1: the column subMerName"],
    [
      "half a character where nothing else is",
      withBytes("merReserved", half),
      "charset",
      "line 1: the column merReserved"
    ],
    [
      "half a character at the end of a number",
      withBytes("orderId", half, 31),
      "malformed",
      "line 1: the column orderId"
    ],
    [
      "half a character instead of a border",
      withBytes("orderId", half, 32),
      "malformed",
      "line 1: the border of the column orderId"
    ],
    ["yuan", changed("txnAmt", "00000000.50"), "malformed", "line 1: the column txnAmt"],
    ["a minus", changed("txnAmt", "-00000000050"), "malformed", "line 1: the column txnAmt"],
    ["no amount", changed("txnAmt", ""), "malformed", "line 1: the column txnAmt"],
    ["nothing paid", changed("txnAmt", "000000000000"), "malformed", "line 1: the column txnAmt"],
    ["more than anybody recharges", changed("txnAmt", "999999999999"), "malformed", "line 1: the column txnAmt"],
    ["a fee without a direction", changed("fee", "0000000000030"), "malformed", "line 1: the column fee"],
    ["a fee of another direction", changed("fee", "X000000000030"), "malformed", "line 1: the column fee"],
    ["a settlement in words", changed("settleAmt", "D00000000一"), "malformed", "line 1: the column settleAmt"],
    ["no number of UnionPay's", changed("queryId", ""), "malformed", "line 1: the column queryId"],
    ["no order", changed("orderId", ""), "malformed", "line 1: the column orderId"],
    ["no merchant", changed("merId", ""), "malformed", "line 1: the column merId"],
    ["a day that is none", changed("traceTime", "1332000000"), "malformed", "line 1: the column traceTime"],
    ["a time that is none", changed("traceTime", "0101240000"), "malformed", "line 1: the column traceTime"]
  ])("is refused: %s", (_, bytes, reason, what) => {
    expect(File.readZm(bytes, settleDay)).toEqual(refused(reason, what))
  })

  it("names the line that is wrong among many, and nothing that stands in it", () => {
    fc.assert(fc.property(fc.nat(20), fc.nat(20), (before, after) => {
      const lines = [
        ...Array<Uint8Array>(before).fill(bytes),
        changed("txnAmt", "x"),
        ...Array<Uint8Array>(after).fill(bytes)
      ]
      expect(File.readZm(Buffer.concat(lines), settleDay)).toEqual(
        refused("malformed", `line ${2 * before + 1}: the column txnAmt`)
      )
    }))
  })

  it("is refused wherever it is cut off within a line, at the line that was cut", () => {
    fc.assert(fc.property(fc.nat(606), fc.nat(1), (length, line) => {
      fc.pre(length > 0)
      const read = File.readZm(bytes.subarray(0, line * 609 + length), settleDay)
      expect(read).toEqual(refused("malformed", `line ${line + 1}: the length`))
    }))
  })

  it("may have no fee, and lines of other kinds", () => {
    const free = Result.getOrThrow(File.readZm(changed("fee", ""), settleDay))
    expect(free.map(({ fee }) => fee)).toEqual([0])
    const zero = Result.getOrThrow(File.readZm(changed("fee", "D000000000000"), settleDay))
    expect(Object.is(zero[0]?.fee, 0)).toBe(true)
    const other = Result.getOrThrow(File.readZm(changed("txnType", "02"), settleDay))
    expect(other.map((row) => [row.kind, File.toBillRow(row, settleDay)])).toEqual([["other", undefined]])
  })

  it("sums up by kind, and to what comes to the merchant", () => {
    expect(File.totals(rows)).toEqual({
      kinds: {
        payment: { count: 1, amount: 5_000 },
        refund: { count: 1, amount: 2_000 },
        void: { count: 0, amount: 0 },
        other: { count: 0, amount: 0 }
      },
      fee: 18,
      settled: 2_982
    })
  })

  it("is told in the words of all channels", () => {
    expect(rows.map((row) => File.toBillRow(row, settleDay))).toEqual([
      {
        kind: "payment",
        day: settleDay,
        reference: payment.queryId,
        number: payment.orderId,
        amount: 5_000,
        fee: 30,
        at: payment.at
      },
      {
        kind: "refund",
        day: settleDay,
        reference: refund.queryId,
        number: payment.orderId,
        refundNumber: refund.orderId,
        amount: 2_000,
        fee: -12,
        at: refund.at
      }
    ])
    const older = { ...refund, columns: new Map(), origOrderId: undefined }
    expect(File.toBillRow(older, settleDay)?.number).toBe(refund.orderId)
  })

  it("is read back as it was written", () => {
    const amounts = fc.integer({ min: 1, max: Money.largestAmount }).map(Money.amount)
    const row = fc.record({
      kind: fc.constantFrom("payment", "refund", "void"),
      merId: fc.constant("777290058110048"),
      orderId: fc.stringMatching(/^[0-9A-Za-z]{8,32}$/),
      queryId: fc.stringMatching(/^\d{21}$/),
      amount: amounts,
      fee: fc.integer({ min: -999_999_999_999, max: 999_999_999_999 }),
      settled: fc.integer({ min: -999_999_999_999, max: 999_999_999_999 }),
      at: fc.integer({ min: -15_000_000, max: 8_000_000 }).map((seconds) =>
        CivilTime.later(CivilTime.startOf(settleDay), seconds * 1_000)
      ),
      origQryId: fc.option(fc.stringMatching(/^\d{21}$/), { nil: undefined }),
      origOrderId: fc.option(fc.stringMatching(/^[0-9A-Za-z]{8,32}$/), { nil: undefined })
    })
    fc.assert(fc.property(fc.array(row, { maxLength: 5 }), (written) => {
      const read = File.readZm(File.writeLines(written.map(File.lineOf), Layout.zm), settleDay)
      expect(Result.getOrThrow(read).map(({ columns: _, ...row }) => row)).toEqual(written)
    }))
  })
})

describe("a ZME file", () => {
  it("is kept as text, without the card number", () => {
    const line = new Map(Layout.zme.map(([name]) => [name, ""])).set("accNo", "6226090000000048").set(
      "column22",
      "差错"
    )
    const read = Result.getOrThrow(File.readZme(File.writeLines([line], Layout.zme)))
    expect(read).toEqual([new Map(line).set("accNo", "622609****0048")])
    expect(File.readZme(bytes)).toEqual(refused("malformed", "line 1: the length"))
  })

  it("is refused with half a character, or a line that is cut off, and says where", () => {
    const whole = File.writeLines([new Map(), new Map()], Layout.zme)
    expect(Result.isSuccess(File.readZme(whole))).toBe(true)
    expect(File.readZme(whole.subarray(0, -10))).toEqual(refused("malformed", "line 2: the length"))
    const changed = whole.slice()
    changed[341 + 339 - 135] = 0xd6
    expect(File.readZme(changed)).toEqual(refused("charset", "line 2: the column column22"))
  })
})
