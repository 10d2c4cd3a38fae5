/**
 * The bill of a day from Alipay 业务明细账单: a zip archive with a table in GBK, one row for each payment and refund.
 *
 * Lines with `#` say whose bill it is, of which day, and what its rows add up to; a bill that was cut off has no sums.
 * Fields end with a tab, so that spreadsheets leave long numbers alone. Columns are found by their names. Amounts are
 * in yuan, those of refunds negative. Source: Alipay open platform, alipay.data.dataservice.bill.downloadurl.query.
 */
import { type BillRow, Callback, CivilTime, Money } from "@yikatong/core"
import { parse } from "csv-parse/sync"
import { Result } from "effect"
import * as Gbk from "../Gbk.ts"
import * as AlipayArchive from "./AlipayArchive.ts"

/** All columns, in their order. */
export const columns = [
  "支付宝交易号",
  "商户订单号",
  "业务类型",
  "商品名称",
  "创建时间",
  "完成时间",
  "门店编号",
  "门店名称",
  "操作员",
  "终端号",
  "对方账户",
  "订单金额（元）",
  "商家实收（元）",
  "支付宝红包（元）",
  "集分宝（元）",
  "支付宝优惠（元）",
  "商家优惠（元）",
  "券核销金额（元）",
  "券名称",
  "商家红包消费金额（元）",
  "卡消费金额（元）",
  "退款批次号/请求号",
  "服务费（元）",
  "分润（元）",
  "备注"
] as const
export type Column = typeof columns[number]

/**
 * One row. `reference`: Alipay's number of the trade, for a refund that of its payment. `amount`: of the order or the
 * refund; `received`: what of it the merchant had. `fee`: in fen, with the sign that the bill gives it. `columns`: all
 * of them as they were written.
 */
export interface Row {
  readonly kind: "payment" | "refund"
  readonly reference: string
  readonly number: string
  readonly refundNumber?: string
  readonly amount: Money.Amount
  readonly received: Money.Money
  readonly fee: number
  readonly at?: CivilTime.Instant
  readonly columns: ReadonlyMap<string, string>
}

/** One bill. `account`: the merchant's 2088 number. */
export interface AlipayBill {
  readonly account: string
  readonly day: CivilTime.Day
  readonly rows: ReadonlyArray<Row>
}

/** Whose bill it must be, and of which day. */
export type Expected = Pick<AlipayBill, "account" | "day">

type Read<A> = Result.Result<A, Callback.Refusal>
const refused = (reason: Callback.Reason, what: string): Read<never> => Result.fail(Callback.refusal(reason, what))
const kinds: ReadonlyMap<string, Row["kind"]> = new Map([["交易", "payment"], ["退款", "refund"]])

/** Reads a bill out of its archive. */
export const read = (archive: Uint8Array, expected: Expected, limits?: AlipayArchive.Limits): Read<AlipayBill> =>
  Result.flatMap(AlipayArchive.read(archive, limits), (files) => {
    for (const content of files.values()) {
      const text = Gbk.decode(content)
      if (Result.isFailure(text)) return Result.fail(text.failure)
      // The other file of the archive has the sums of each shop.
      if (hasTable(text.success)) return readText(text.success, expected)
    }
    return refused("malformed", "an archive without a bill")
  })

const hasTable = (text: string): boolean =>
  text.split(/\r?\n/).some((line) => !line.startsWith("#") && line.includes(columns[0]) && line.includes(columns[1]))

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
      const received = fen(told[2] ?? "")
      if (String(own.length) !== told[1] || Math.abs(received ?? -1) !== Money.sum(own.map((row) => row.received))) {
        return refused("malformed", "the sums of a bill")
      }
    }
    return Result.succeed({ account: expected.account, day: expected.day, rows })
  })
}

const sums: ReadonlyArray<readonly [Row["kind"], RegExp]> = [
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

const rowsOf = (text: string): Read<ReadonlyArray<Row>> => {
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
  const rows: Array<Row> = []
  for (const line of lines) {
    const row = rowOf(new Map(line.map((value, index) => [names[index] ?? "", value.trim()])))
    if (Result.isFailure(row)) return Result.fail(row.failure)
    rows.push(row.success)
  }
  return Result.succeed(rows)
}

const rowOf = (row: ReadonlyMap<string, string>): Read<Row> => {
  const of = (column: Column): string => row.get(column) ?? ""
  const kind = kinds.get(of("业务类型"))
  if (kind === undefined) return refused("unsupported", "the kind of a bill's row")
  const amount = fen(of("订单金额（元）"))
  const received = fen(of("商家实收（元）"))
  const fee = fen(of("服务费（元）"))
  const isSigned = [amount, received].every((value) =>
    value === undefined || value === 0 || (kind === "payment") === value > 0
  )
  if (amount === undefined || received === undefined || fee === undefined || !isSigned) {
    return refused("malformed", "an amount of a bill's row")
  }
  if (amount === 0 || Math.abs(amount) > Money.largestAmount) return refused("malformed", "an amount of a bill's row")
  const reference = of("支付宝交易号")
  const number = of("商户订单号")
  const refundNumber = of("退款批次号/请求号")
  if (reference === "" || number === "") return refused("malformed", "a number of a bill's row")
  if (kind === "refund" && refundNumber === "") return refused("malformed", "the refund's number of a bill's row")
  const at = CivilTime.parse(of("完成时间"))
  return Result.succeed({
    kind,
    reference,
    number,
    ...(kind === "refund" ? { refundNumber } : {}),
    amount: Money.amount(Math.abs(amount)),
    received: Money.of(Math.abs(received)),
    fee,
    ...(Result.isSuccess(at) ? { at: at.success } : {}),
    columns: row
  })
}

/** Fen out of yuan with a sign; an empty field is nothing. */
const fen = (text: string): number | undefined => {
  if (text === "") return 0
  const isNegative = text.startsWith("-")
  const parsed = Money.parse(isNegative ? text.slice(1) : text)
  if (Result.isFailure(parsed)) return undefined
  return isNegative && parsed.success !== 0 ? -parsed.success : parsed.success
}

/**
 * A row in the words of all channels. Alipay's refunds have no number of its own: theirs is that of the payment and ours of
 * the refund together. The bill's sign of a fee is the merchant's view; here it is what Alipay keeps.
 */
export const toBillRow = (
  { amount, at, fee, kind, number, reference, refundNumber }: Row,
  day: CivilTime.Day
): BillRow.BillRow => ({
  kind,
  day,
  reference: refundNumber === undefined ? reference : `${reference}:${refundNumber}`,
  number,
  ...(refundNumber === undefined ? {} : { refundNumber }),
  amount,
  fee: fee === 0 ? 0 : kind === "payment" ? Math.abs(fee) : -Math.abs(fee),
  ...(at === undefined ? {} : { at })
})

const yuan = (signed: number): string => `${signed < 0 ? "-" : ""}${Money.format(Money.of(Math.abs(signed)))}`

/** A row to be written: of the columns, those that the typed values do not tell. */
export type Unwritten = Omit<Row, "columns"> & { readonly columns?: ReadonlyMap<string, string> }

/** The other side: a bill in its archive, with the file of the shops' sums beside it. */
export const write = (
  { account, day, rows }: Expected & { readonly rows: ReadonlyArray<Unwritten> },
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
  const sumOf = (kind: Row["kind"]): readonly [count: number, received: string] => {
    const own = rows.filter((row) => row.kind === kind)
    return [own.length, Money.format(Money.sum(own.map(({ received }) => received)))]
  }
  const [paid, received] = sumOf("payment")
  const [refunded, paidBack] = sumOf("refund")
  const content = [
    ...remarks,
    "#-----------------------------------------业务明细列表----------------------------------------",
    columns.join(","),
    ...rows.map(lineOf),
    "#-----------------------------------------业务明细列表结束------------------------------------",
    `#交易合计：${paid}笔，商家实收共${received}元，商家优惠共0.00元`,
    `#退款合计：${refunded}笔，商家实收退款共${refunded === 0 ? "" : "-"}${paidBack}元，商家优惠退款共0.00元`,
    `#导出时间：[${CivilTime.format(at)}]`
  ]
  const summary = [...remarks, "门店编号,门店名称,交易订单总笔数,退款订单总笔数", `合计\t,\t,${paid}\t,${refunded}\t`]
  const encoded = (lines: ReadonlyArray<string>): Uint8Array => Gbk.encode(`${lines.join("\r\n")}\r\n`)
  return AlipayArchive.write([[`${name}.csv`, encoded(content)], [`${name}(汇总).csv`, encoded(summary)]], at)
}

const lineOf = (row: Unwritten): string => {
  const sign = row.kind === "payment" ? 1 : -1
  const told: Readonly<Partial<Record<Column, string>>> = {
    支付宝交易号: row.reference,
    商户订单号: row.number,
    业务类型: row.kind === "payment" ? "交易" : "退款",
    "订单金额（元）": yuan(sign * row.amount),
    "商家实收（元）": yuan(sign * row.received),
    "服务费（元）": yuan(row.fee),
    ...(row.refundNumber === undefined ? {} : { "退款批次号/请求号": row.refundNumber }),
    ...(row.at === undefined ? {} : { 完成时间: CivilTime.format(row.at) })
  }
  return columns.map((column) => {
    const value = told[column] ?? row.columns?.get(column) ?? (column.endsWith("（元）") ? "0.00" : "")
    return /[",\r\n]/.test(value) ? `"${value.replaceAll("\"", "\"\"")}\t"` : `${value}\t`
  }).join(",")
}
