/**
 * The bill of a day from Alipay 业务明细账单: a zip archive with a table in GBK, one row for each payment and refund.
 *
 * Lines with `#` say whose bill it is, of which day, and what its rows add up to; a bill that was cut off has no sums.
 * Fields end with a tab, so that spreadsheets leave long numbers alone. Columns are found by their names. Amounts are
 * in yuan, those of refunds negative. Source: Alipay open platform, alipay.data.dataservice.bill.downloadurl.query.
 */
import { Callback, CivilTime, Money } from "@yikatong/core"
import { parse } from "csv-parse/sync"
import { Result } from "effect"
import * as Gbk from "../Gbk.ts"
import * as AlipayArchive from "./AlipayArchive.ts"
import * as AlipayBillRow from "./AlipayBillRow.ts"

/** One bill. `account`: the merchant's 2088 number. */
export interface AlipayBill {
  readonly account: string
  readonly day: CivilTime.Day
  readonly rows: ReadonlyArray<AlipayBillRow.Row>
}

/** Whose bill it must be, and of which day. */
export type Expected = Pick<AlipayBill, "account" | "day">

type Read<A> = Result.Result<A, Callback.Refusal>
const refused = (reason: Callback.Reason, what: string): Read<never> => Result.fail(Callback.refusal(reason, what))

/** Reads a bill out of its archive. */
export const read = (archive: Uint8Array, expected: Expected, limits?: AlipayArchive.Limits): Read<AlipayBill> =>
  Result.flatMap(AlipayArchive.read(archive, limits), (files) => {
    const texts: Array<string> = []
    for (const content of files.values()) {
      const text = Gbk.decode(content)
      if (Result.isFailure(text)) return Result.fail(text.failure)
      texts.push(text.success)
    }
    const table = texts.find(hasTable)
    if (table === undefined) return refused("malformed", "an archive without a bill")
    return Result.flatMap(
      readText(table, expected),
      (bill) =>
        texts.every((text) => text === table || isSummaryOf(text, bill))
          ? Result.succeed(bill)
          : refused("malformed", "the summary of a bill")
    )
  })

const hasTable = (text: string): boolean =>
  linesOf(text).some((line) => line.includes(AlipayBillRow.columns[0]) && line.includes(AlipayBillRow.columns[1]))

/** The lines of a table, without those that tell of it. */
const linesOf = (text: string): ReadonlyArray<string> => text.split(/\r?\n/).filter((line) => !line.startsWith("#"))

/** Whether the other file of the archive, with the sums of each shop 汇总, counts the same rows; one without a sum of all says nothing. */
const isSummaryOf = (text: string, { rows }: AlipayBill): boolean => {
  const [names = [], ...lines] = linesOf(text).map((line) => line.split(",").map((field) => field.trim()))
  const total = lines.find(([first]) => first === "合计")
  const counts = [["交易订单总笔数", "payment"], ["退款订单总笔数", "refund"]] as const
  return total === undefined || counts.every(([column, kind]) => {
    const told = total[names.indexOf(column)]
    return told === undefined || told === String(rows.filter((row) => row.kind === kind).length)
  })
}

const readText = (text: string, expected: Expected): Read<AlipayBill> => {
  const remarks = text.split(/\r?\n/).filter((line) => line.startsWith("#"))
  const account = found(remarks, /^#账号：\[(\w+)\]/)
  if (account === undefined) return refused("malformed", "a bill without an account")
  if (account[1] !== expected.account) return refused("otherMerchant", "a bill")
  const date = found(remarks, /^#起始日期：\[(\d{4})年(\d\d)月(\d\d)日/)
  if (date === undefined) return refused("malformed", "a bill without a day")
  if (date.slice(1).join("-") !== CivilTime.formatDay(expected.day)) {
    return refused("malformed", "a bill of another day")
  }
  return Result.flatMap(rowsOf(text), (rows) => {
    for (const [kind, sum] of sums) {
      const told = found(remarks, sum)
      if (told === undefined) return refused("malformed", "a bill without its sums")
      const own = rows.filter((row) => row.kind === kind)
      const received = AlipayBillRow.fen(told[2] ?? "")
      if (String(own.length) !== told[1] || Math.abs(received ?? -1) !== Money.sum(own.map((row) => row.received))) {
        return refused("malformed", "the sums of a bill")
      }
    }
    return Result.succeed({ account: expected.account, day: expected.day, rows })
  })
}

const sums: ReadonlyArray<readonly [AlipayBillRow.Row["kind"], RegExp]> = [
  ["payment", /^#交易合计：(\d+)笔，商家实收共(-?[\d.]+)元/],
  ["refund", /^#退款合计：(\d+)笔，商家实收退款共(-?[\d.]+)元/]
]

const found = (lines: ReadonlyArray<string>, pattern: RegExp): RegExpExecArray | undefined => {
  for (const line of lines) {
    const match = pattern.exec(line)
    if (match !== null) return match
  }
  return undefined
}

const rowsOf = (text: string): Read<ReadonlyArray<AlipayBillRow.Row>> => {
  let records: ReadonlyArray<ReadonlyArray<string>>
  try {
    // A line with more or fewer fields than the others throws.
    records = parse(text, { comment: "#", comment_no_infix: true, relax_quotes: true, skip_empty_lines: true })
  } catch {
    return refused("malformed", "the table of a bill")
  }
  const [header = [], ...lines] = records
  const names = header.map((name) => name.trim())
  if (new Set(names).size !== names.length) return refused("duplicateKey", "the columns of a bill")
  const rows: Array<AlipayBillRow.Row> = []
  for (const line of lines) {
    const row = AlipayBillRow.read(
      new Map(line.map((value, index) => [names[index] ?? "", value.trim()])),
      rows.length + 1
    )
    if (Result.isFailure(row)) return Result.fail(row.failure)
    rows.push(row.success)
  }
  return Result.succeed(rows)
}

/** The other side: a bill in its archive, with the file of the shops' sums beside it. */
export const write = (
  { account, day, rows }: Expected & { readonly rows: ReadonlyArray<AlipayBillRow.Unwritten> },
  at: CivilTime.Instant
): Uint8Array => {
  const [year, month, date] = CivilTime.formatDay(day).split("-")
  const chinese = `${year}年${month}月${date}日`
  const next = CivilTime.formatDay((day + 1) as CivilTime.Day).split("-")
  const name = `${account}_${year}${month}${date}_业务明细`
  const remarks = [
    "#支付宝业务明细查询",
    `#账号：[${account}]`,
    `#起始日期：[${chinese} 00:00:00]   终止日期：[${next[0]}年${next[1]}月${next[2]}日 00:00:00]`
  ]
  const sumOf = (kind: AlipayBillRow.Row["kind"]): readonly [count: number, received: string] => {
    const own = rows.filter((row) => row.kind === kind)
    return [own.length, Money.format(Money.sum(own.map(({ received }) => received)))]
  }
  const [paid, received] = sumOf("payment")
  const [refunded, paidBack] = sumOf("refund")
  const content = [
    ...remarks,
    "#-----------------------------------------业务明细列表----------------------------------------",
    AlipayBillRow.columns.join(","),
    ...rows.map(AlipayBillRow.write),
    "#-----------------------------------------业务明细列表结束------------------------------------",
    `#交易合计：${paid}笔，商家实收共${received}元，商家优惠共0.00元`,
    `#退款合计：${refunded}笔，商家实收退款共${refunded === 0 ? "" : "-"}${paidBack}元，商家优惠退款共0.00元`,
    `#导出时间：[${CivilTime.format(at)}]`
  ]
  const summary = [...remarks, "门店编号,门店名称,交易订单总笔数,退款订单总笔数", `合计\t,\t,${paid}\t,${refunded}\t`]
  const encoded = (lines: ReadonlyArray<string>): Uint8Array => Gbk.encode(`${lines.join("\r\n")}\r\n`)
  return AlipayArchive.write([[`${name}.csv`, encoded(content)], [`${name}(汇总).csv`, encoded(summary)]], at)
}
