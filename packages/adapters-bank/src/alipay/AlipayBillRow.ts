/**
 * One row of Alipay's bill 业务明细: a payment or a refund, read by the names of its columns.
 *
 * The bill of a merchant account has the trades of every system that takes money with it, so a number in it may be nobody's
 * of ours, and may look like anything. What looks like no number at all is kept as a row without one: it is money all the
 * same, and a person has to see it. Amounts are in yuan, those of refunds negative. Source: Alipay open platform,
 * alipay.data.dataservice.bill.downloadurl.query.
 */
import { type BillRow, Callback, CivilTime, Money } from "@yikatong/core"
import { Result } from "effect"

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
 * One row. `line`: which of the table, from 1. `reference`: Alipay's number of the trade, for a refund that of its payment.
 * `amount`: of the order or the refund; `received`: what of it the merchant had. `fee`: in fen, with the sign that the bill
 * gives it. `flaws`: the columns whose number is none; the row has {@link noNumber} there. `columns`: all of them as they
 * were written.
 */
export interface Row {
  readonly line: number
  readonly kind: "payment" | "refund"
  readonly reference: string
  readonly number: string
  readonly refundNumber?: string
  readonly amount: Money.Amount
  readonly received: Money.Money
  readonly fee: number
  readonly at?: CivilTime.Instant
  readonly flaws?: ReadonlyArray<Column>
  readonly columns: ReadonlyMap<string, string>
}

/** What stands where a number should stand that is none. */
export const noNumber = "?"

const kinds: ReadonlyMap<string, Row["kind"]> = new Map([["交易", "payment"], ["退款", "refund"]])

/** Numbers are for other systems as well: they hold no blanks and nothing that can not be seen. */
const isNumber = (text: string): boolean => /^[!-~]{1,64}$/.test(text)

const refused = (reason: Callback.Reason, line: number, what: string) =>
  Result.fail(Callback.refusal(reason, `row ${line} of a bill: ${what}`))

/** Reads a row. */
export const read = (row: ReadonlyMap<string, string>, line: number): Result.Result<Row, Callback.Refusal> => {
  const of = (column: Column): string => row.get(column) ?? ""
  const kind = kinds.get(of("业务类型"))
  if (kind === undefined) return refused("unsupported", line, "业务类型")
  const amount = fen(of("订单金额（元）"))
  const received = fen(of("商家实收（元）"))
  const fee = fen(of("服务费（元）"))
  const isSigned = [amount, received].every((value) =>
    value === undefined || value === 0 || (kind === "payment") === value > 0
  )
  if (amount === undefined || received === undefined || fee === undefined || !isSigned) {
    return refused("malformed", line, "an amount")
  }
  if (amount === 0 || [amount, received, fee].some((value) => Math.abs(value) > Money.largestAmount)) {
    return refused("malformed", line, "an amount")
  }
  // Alipay's own number, by which everything else is told apart.
  const reference = of("支付宝交易号")
  if (!isNumber(reference)) return refused("malformed", line, "支付宝交易号")
  const named: ReadonlyArray<Column> = kind === "refund" ? ["商户订单号", "退款批次号/请求号"] : ["商户订单号"]
  const flaws = named.filter((column) => !isNumber(of(column)))
  const numberOf = (column: Column): string => flaws.includes(column) ? noNumber : of(column)
  const at = CivilTime.parse(of("完成时间"))
  return Result.succeed({
    line,
    kind,
    reference,
    number: numberOf("商户订单号"),
    ...(kind === "refund" ? { refundNumber: numberOf("退款批次号/请求号") } : {}),
    amount: Money.amount(Math.abs(amount)),
    received: Money.of(Math.abs(received)),
    fee,
    ...(Result.isSuccess(at) ? { at: at.success } : {}),
    ...(flaws.length === 0 ? {} : { flaws }),
    columns: row
  })
}

/** Fen out of yuan with a sign; an empty field is nothing. */
export const fen = (text: string): number | undefined => {
  if (text === "") return 0
  const isNegative = text.startsWith("-")
  const parsed = Money.parse(isNegative ? text.slice(1) : text)
  if (Result.isFailure(parsed)) return undefined
  return isNegative && parsed.success !== 0 ? -parsed.success : parsed.success
}

/**
 * A row in the words of all channels. Alipay's refunds have no number of its own: theirs is that of the payment and ours of
 * the refund together, or where there is none its line. The bill's sign of a fee is the merchant's view; here it is what
 * Alipay keeps.
 */
export const toBillRow = (
  { amount, at, fee, kind, line, number, reference, refundNumber }: Row,
  day: CivilTime.Day
): BillRow.BillRow => {
  const isNamed = refundNumber !== undefined && refundNumber !== noNumber
  return {
    kind,
    day,
    reference: kind === "payment" ? reference : `${reference.slice(0, 63)}:${isNamed ? refundNumber : `row ${line}`}`,
    number,
    ...(isNamed ? { refundNumber } : {}),
    amount,
    fee: fee === 0 ? 0 : kind === "payment" ? Math.abs(fee) : -Math.abs(fee),
    ...(at === undefined ? {} : { at })
  }
}

const yuan = (signed: number): string => `${signed < 0 ? "-" : ""}${Money.format(Money.of(Math.abs(signed)))}`

/** A row to be written: of the columns, those that the typed values do not tell. */
export type Unwritten = Omit<Row, "columns" | "flaws" | "line"> & { readonly columns?: ReadonlyMap<string, string> }

/** The other side: a row as a line of the table. */
export const write = (row: Unwritten): string => {
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
