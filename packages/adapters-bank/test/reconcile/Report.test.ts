import { CivilTime, Discrepancy, Id, Money } from "@yikatong/core"
import { parse } from "csv-parse/sync"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Adjustment } from "../../src/ccb/DepositDay.ts"
import * as Report from "../../src/reconcile/Report.ts"
import * as ReportCsv from "../../src/reconcile/ReportCsv.ts"
import * as ReportHtml from "../../src/reconcile/ReportHtml.ts"
import * as ReportLine from "../../src/reconcile/ReportLine.ts"
import { day, differences, report } from "./sample.ts"

const read = (text: string): Array<Array<string>> => parse(text, { bom: true, relax_column_count: false })

describe("a report for a spreadsheet (RFC 4180)", () => {
  const text = ReportCsv.write(report)
  const [header = [], ...rows] = read(text)

  it("begins with the mark by which Excel knows UTF-8, and ends each line as the standard says", () => {
    expect(text.codePointAt(0)).toBe(0xfeff)
    expect(text.endsWith("\r\n")).toBe(true)
    expect(text.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/)
  })

  it("has a line for each difference and for what is carried, each with all columns", () => {
    expect(rows.length).toBe(differences.length + 2)
    expect(new Set(rows.map(({ length }) => length))).toEqual(new Set([header.length]))
    expect(rows[0]?.slice(0, 4)).toEqual([
      "2026-03-02",
      "微信支付 WeChat Pay",
      "长款 in the bill only",
      "已处理 put right"
    ])
    const amounts = "50.00 1234.56 100.00 0.01 20.00 500.00 20.00 50.00 50.00 30.00 12.34 50.00 77.00 100.00 50.00"
    expect(rows.map((row) => row[8]).join(" ")).toBe(amounts)
  })

  it.each([
    ["=1+1", "'=1+1"],
    ["+86", "'+86"],
    ["-0.30", "'-0.30"],
    ["@SUM(A1)", "'@SUM(A1)"],
    [" =1", "' =1"],
    ["\t=1", "'\t=1"],
    ["\r\n=1", "\"'\r\n=1\""],
    ["＝1", "'＝1"],
    ["4200002152202603024829157301", "'4200002152202603024829157301"],
    ["12345E12", "'12345E12"],
    ["20260302BTQF8G62SDW0BQQET4C3", "20260302BTQF8G62SDW0BQQET4C3"],
    ["say \"no\", please", "\"say \"\"no\"\", please\""],
    ["12.50", "12.50"],
    ["", ""]
  ])("the cell %j is written %j", (cell, written) => expect(ReportCsv.cell(cell)).toBe(written))

  it("any text comes back as it went in, but for the guard; and none begins like a formula", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme" }),
        fc.constantFrom("", "=", "+", "-", "@", "\"", ",", "\r\n"),
        (tail, head) => {
          const cell = head + tail
          const [[back = ""] = []] = parse(`${ReportCsv.cell(cell)},x\r\n`) as Array<Array<string>>
          expect([cell, `'${cell}`]).toContain(back)
          expect(back).not.toMatch(/^\s*[=+\-@]/)
        }
      )
    )
  })
})

/** The page without what keeps its figures in one piece. */
const textOf = (page: string): string => page.replace(/<span class="n">([^<]*)<\/span>/g, "$1")

describe("a report as a page", () => {
  const html = ReportHtml.page(report)
  const text = textOf(html)

  it("says in both languages what each difference is", () => {
    for (const { group, remedy, what } of report.lines) {
      for (const words of [group.zh, group.en, what.zh, what.en, remedy.zh, remedy.en]) {
        expect(text).toContain(words.replaceAll("'", "&#39;"))
      }
    }
    for (const group of ["长款", "短款", "金额不符", "重复", "记账差异", "跨日", "退款差异"]) {
      expect(html).toContain(group)
    }
    expect(html).toContain("¥84,123.00")
    expect(text).toContain("核对一致 1,279 笔，未处理差异 10 笔，此前挂账 2 笔")
    expect(text).toContain("1,279 rows agree, 10 differences are open, 2 suspended before")
  })

  it.each([
    ["a time", "2026-03-02 12:00"],
    ["a day", "2026-03-01"],
    ["a sum", "77.00 元"],
    ["a sum in English", "¥77.00"],
    ["a number of ours", "20260302QKBBM72XC9VC30PK1VNT"],
    ["a number of the channel's", "4200002152202603024829157314"],
    ["the second of two refunds", "50301509712026030212345678902"]
  ])("on a narrow page %s stays in one piece, and the table scrolls: %s", (_, piece) => {
    expect(html).toContain(`<span class="n">${piece}</span>`)
    expect(html).toMatch(/\.n[^{}]*\{white-space:nowrap\}/)
    expect(html).toContain("<div class=\"scroll\"><table>")
  })

  it("a number that is too long to be one may break: the page is not torn", () => {
    const [line] = report.lines
    const number = "x".repeat(128)
    const page = ReportHtml.page({ ...report, lines: [{ ...line, number } as ReportLine.ReportLine] })
    expect(page).toContain(number)
    expect(page).not.toContain(`<span class="n">${number}`)
  })

  it("fetches nothing and runs nothing, whatever stands in a bill", () => {
    expect(html).not.toMatch(/<script|<link|<img|src=|url\(|@import/i)
    expect(html).toContain("&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;&#39;")
  })

  it.each(["what", "number", "reference", "key"] as const)("whatever comes in %s is escaped", (field) => {
    const bad = "<b onload=\"x\">&'"
    const [line] = report.lines
    const value = field === "what" ? { zh: bad, en: bad } : bad
    const lines = [{ ...line, status: "suspended", [field]: value } as ReportLine.ReportLine]
    const page = ReportHtml.page({ ...report, lines })
    expect(page).toContain("&lt;b onload=&quot;x&quot;&gt;&amp;&#39;")
    expect(page).not.toContain("<b onload")
  })

  it("every element that is opened is closed", () => {
    const open: Array<string> = []
    for (const [, slash, name = ""] of html.matchAll(/<(\/?)([a-z]+[0-9]?)[^>]*>/g)) {
      if (["meta", "br"].includes(name)) continue
      if (slash === "") open.push(name)
      else expect(open.pop()).toBe(name)
    }
    expect(open).toEqual([])
  })

  it("when all agrees it says so, without a table", () => {
    const page = ReportHtml.page({ ...report, suspended: 0, lines: [] })
    expect(textOf(page)).toContain("核对一致 1,279 笔，无未处理差异")
    expect(page).not.toContain("<table")
  })

  it("one difference, and a fee that the channel gives back", () => {
    const lines = report.lines.filter(({ status }) => status === "failed")
    const { bill, ...rest } = report.totals
    const page = ReportHtml.page({ ...report, lines, totals: { ...rest, bill: { ...bill, fee: -123_456 } } })
    expect(textOf(page)).toContain("1 difference is open")
    expect(page).toContain("¥−1,234.56")
  })
})

describe("the lines of a report", () => {
  const heading = { school: report.school, channel: report.channel, madeAt: report.madeAt }
  const findings = differences.map(([difference, correction]) => ({
    key: Discrepancy.keyOf("weChat", difference),
    difference,
    correction
  }))
  const { totals } = report
  const counts = { matched: 7, suspended: 3, carried: [], settled: [] }
  const outcome = { channel: "weChat", day, totals, findings, ...counts }

  it("of a day that was compared only, all are open", () => {
    const { lines, suspended } = Report.of({ outcome }, heading)
    expect(lines.map(({ status }) => status)).toEqual(findings.map(() => "open"))
    expect(suspended).toBe(3)
  })

  it("of a day that was put right, each says how far it is; what was suspended now is not counted twice", () => {
    const tags = ["Corrected", "Suspended", "Waiting", "Failed"] as const
    const corrected = findings.slice(0, 4).map((finding, at) => {
      const _tag = tags[at] ?? "Corrected"
      return _tag === "Failed" ? { _tag, finding, reason: "ChannelFailed" } : { _tag, finding }
    })
    // What waits or failed is found again, and told once.
    const { lines, suspended } = Report.of(
      { corrected, outcome: { ...outcome, findings: findings.slice(2, 5) } },
      heading
    )
    expect(lines.map(({ status }) => status)).toEqual(["corrected", "suspended", "waiting", "failed", "open"])
    expect(suspended).toBe(2)
  })

  it("a time that is none is the caller's mistake", () => {
    expect(() => Report.of({ outcome }, { ...heading, madeAt: NaN })).toThrow(RangeError)
  })

  const row = {
    bankDate: day,
    bankTime: "12:00:00",
    bankSerial: "ccb-7",
    studentNumber: "20260001",
    amount: Money.amount(5_000),
    state: "credited"
  } as const
  const account = Id.AccountId.make("account-1")
  const adjustments: ReadonlyArray<readonly [Adjustment, string, string, number]> = [
    [{ _tag: "CreditMissing", row }, "长款", "银行已充值 50.00 元，本校未入账", 5_000],
    [
      { _tag: "CreditUnpaid", serial: "ccb-7", account, amount: Money.amount(5_000), why: "reversed" },
      "短款",
      "本校已入账 50.00 元，银行已冲正",
      5_000
    ],
    [
      { _tag: "CreditUnpaid", serial: "ccb-7", account, amount: Money.amount(5_000), why: "notListed" },
      "短款",
      "本校已入账 50.00 元，银行没有",
      5_000
    ],
    [
      { _tag: "AmountDiffers", row, account, ours: Money.amount(4_000) },
      "金额不符",
      "银行充值 50.00 元，本校入账 40.00 元",
      1_000
    ]
  ]
  it.each(adjustments)(
    "of a bank's list of deposits, where the bank is right: %j",
    (adjustment, group, what, amount) => {
      const line = ReportLine.ofAdjustment(adjustment)
      expect(line).toMatchObject({
        group: { zh: group },
        what: { zh: what },
        amount,
        reference: "ccb-7",
        status: "open"
      })
      // No student number, no account: the page is printed.
      expect(JSON.stringify(line)).not.toMatch(/20260001|account-1/)
      expect(textOf(ReportHtml.page({ ...report, day: CivilTime.day("2026-03-02"), lines: [line] }))).toContain(what)
    }
  )
})
