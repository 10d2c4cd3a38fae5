/**
 * The trade bill of WeChat Pay 交易账单: what was paid and refunded on one day, in its three kinds ALL, SUCCESS and REFUND.
 *
 * Read by the names of its columns, of which the kinds have different ones; every column stays readable as a text. The
 * line of totals is compared with the rows before any row is believed. Source: WeChat Pay APIv3, 申请交易账单.
 */
import { Callback, CivilTime, Money } from "@yikatong/core"
import { Result } from "effect"
import type { Read } from "../JsonBody.ts"
import * as WeChatBillFile from "./WeChatBillFile.ts"
import * as WeChatTradeRow from "./WeChatTradeRow.ts"

/** Which bill: all of a day, what was paid, or what was refunded. */
export type Kind = "ALL" | "SUCCESS" | "REFUND"

const refused = (reason: Callback.Reason, what: string): Read<never> => Result.fail(Callback.refusal(reason, what))

/** Which total is the sum of which column. */
const totals: ReadonlyArray<readonly [total: string, column: string]> = [
  ["应结订单总金额", "应结订单金额"],
  ["退款总金额", "退款金额"],
  ["充值券退款总金额", "充值券退款金额"],
  ["手续费总金额", "手续费"],
  ["订单总金额", "订单金额"],
  ["申请退款总金额", "申请退款金额"]
]

/** Reads the bytes of a bill. `mchid`: whose bill it should be. */
export const read = (bytes: Uint8Array, mchid: string): Read<ReadonlyArray<WeChatTradeRow.WeChatTradeRow>> =>
  Result.gen(function*() {
    const file = yield* WeChatBillFile.read(bytes)
    yield* tally(file)
    const rows: Array<WeChatTradeRow.WeChatTradeRow> = []
    for (const fields of file.rows) {
      const row = yield* WeChatTradeRow.read(fields, `row ${rows.length + 1} of the trade bill`)
      if (row.mchid !== mchid) return yield* refused("otherMerchant", "the merchant of the bill")
      rows.push(row)
    }
    return rows
  })

/** Whether the totals are those of the rows. A total of a column that this kind does not have says nothing. */
const tally = ({ columns, rows, totals: said }: WeChatBillFile.WeChatBillFile): Read<void> => {
  if (said.get("总交易单数") !== String(rows.length)) return refused("malformed", "the number of rows of the bill")
  for (const [total, column] of totals) {
    if (!said.has(total) || !columns.includes(column)) continue
    const sum = WeChatBillFile.sum(rows, column)
    if (sum === undefined || WeChatBillFile.parseFine(said.get(total) ?? "") !== sum) {
      return refused("malformed", `the total of the bill: ${total}`)
    }
  }
  return Result.succeed(undefined)
}

const before = [
  "交易时间",
  "公众账号ID",
  "商户号",
  "特约商户号",
  "设备号",
  "微信订单号",
  "商户订单号",
  "用户标识",
  "交易类型",
  "交易状态",
  "付款银行",
  "货币种类",
  "应结订单金额",
  "代金券金额"
] as const
const ofRefunds = ["微信退款单号", "商户退款单号", "退款金额", "充值券退款金额", "退款类型", "退款状态"] as const
const between = ["商品名称", "商户数据包", "手续费", "费率"] as const

/**
 * The columns of a kind. Those of ALL are WeChat Pay's; of the others its documents say only what they lack or have
 * more.
 */
export const columns: Readonly<Record<Kind, ReadonlyArray<string>>> = {
  ALL: [...before, ...ofRefunds, ...between, "订单金额", "申请退款金额", "费率备注"],
  SUCCESS: [...before, ...between, "订单金额", "费率备注"],
  REFUND: [
    ...before,
    "退款申请时间",
    "退款成功时间",
    ...ofRefunds,
    ...between,
    "订单金额",
    "申请退款金额",
    "费率备注"
  ]
}

/** What is written of a row; other columns from `fields`. */
export type Line = {
  readonly at: CivilTime.Instant
  readonly appid: string
  readonly mchid: string
  readonly reference: string
  readonly number: string
  readonly amount: Money.Amount
  readonly fee: WeChatBillFile.Fine
  readonly fields?: Readonly<Record<string, string>>
  readonly refund?: {
    readonly reference: string
    readonly number: string
    readonly state: string
    readonly isRevocation?: boolean
  }
}

/** Writes a bill with its totals. The lines must be of the kind. */
export const write = (kind: Kind, lines: ReadonlyArray<Line>): Uint8Array => {
  const rows = lines.map(fieldsOf)
  const sums = totals.map(([total, column]) => {
    const sum = WeChatBillFile.sum(rows, column) ?? 0
    return [total, column === "手续费" ? WeChatBillFile.formatFine(sum) : Money.format(Money.of(sum / 1_000))] as const
  })
  return WeChatBillFile.write({
    columns: columns[kind],
    rows,
    totals: new Map([["总交易单数", String(rows.length)], ...sums])
  })
}

const fieldsOf = (line: Line): WeChatBillFile.Fields => {
  const { refund } = line
  const paid = refund === undefined ? Money.format(line.amount) : "0.00"
  const back = refund === undefined ? "0.00" : Money.format(line.amount)
  return new Map(Object.entries({
    交易类型: "NATIVE",
    付款银行: "OTHERS",
    费率: "0.60%",
    ...line.fields,
    交易时间: CivilTime.format(line.at),
    公众账号ID: line.appid,
    商户号: line.mchid,
    特约商户号: "0",
    微信订单号: line.reference,
    商户订单号: line.number,
    交易状态: refund === undefined ? "SUCCESS" : refund.isRevocation === true ? "REVOKED" : "REFUND",
    货币种类: "CNY",
    应结订单金额: paid,
    代金券金额: "0.00",
    微信退款单号: refund?.reference ?? "0",
    商户退款单号: refund?.number ?? "0",
    退款金额: back,
    充值券退款金额: "0.00",
    退款类型: refund === undefined ? "" : "ORIGINAL",
    退款状态: refund?.state ?? "",
    手续费: WeChatBillFile.formatFine(line.fee),
    订单金额: paid,
    申请退款金额: back
  }))
}
