/**
 * The fund-flow bill of WeChat Pay 资金账单: every movement on one of the merchant's accounts there on one day.
 *
 * Source: WeChat Pay APIv3, 申请资金账单.
 */
import { Callback, CivilTime, Money } from "@yikatong/core"
import { Result } from "effect"
import type { Read } from "../JsonBody.ts"
import * as WeChatBillFile from "./WeChatBillFile.ts"

/** Which account: basic 基本账户, operation 运营账户, fees 手续费账户. */
export type Account = "BASIC" | "OPERATION" | "FEES"

/** A movement. */
export interface Row {
  /** 记账时间 */
  readonly at: CivilTime.Instant
  /** 微信支付业务单号: of a payment its 微信订单号, of a refund its 微信退款单号. */
  readonly reference: string
  /** 资金流水单号 */
  readonly flow: string
  /** 业务名称 */
  readonly name: string
  /** 业务类型 */
  readonly type: string
  /** 收支类型 */
  readonly direction: "in" | "out"
  readonly amount: Money.Money
  /** 账户结余 */
  readonly balance: Money.Money
  /** 备注 */
  readonly note: string
  readonly fields: WeChatBillFile.Fields
}

const refused = (reason: Callback.Reason, what: string): Read<never> => Result.fail(Callback.refusal(reason, what))

/** Reads the bytes of a bill. */
export const read = (bytes: Uint8Array): Read<ReadonlyArray<Row>> =>
  Result.gen(function*() {
    const file = yield* WeChatBillFile.read(bytes)
    const rows: Array<Row> = []
    for (const fields of file.rows) rows.push(yield* rowOf(fields, `row ${rows.length + 1} of the fund-flow bill`))
    const { totals } = file
    for (const [name, value] of counted(rows)) {
      const total = totals.get(name) ?? ""
      const isRight = name.endsWith("金额")
        ? Result.getOrUndefined(Money.parse(total)) === value
        : total === String(value)
      if (!isRight) return yield* refused("malformed", `the total of the bill: ${name}`)
    }
    return rows
  })

const rowOf = (fields: WeChatBillFile.Fields, what: string): Read<Row> => {
  const text = (column: string): string => fields.get(column) ?? ""
  const at = CivilTime.parse(text("记账时间"))
  const amount = Money.parse(text("收支金额(元)"))
  const balance = Money.parse(text("账户结余(元)"))
  const direction = text("收支类型") === "收入" ? "in" : text("收支类型") === "支出" ? "out" : undefined
  const reference = text("微信支付业务单号")
  const flow = text("资金流水单号")
  if (direction === undefined) return refused("unsupported", `${what}: 收支类型`)
  if (
    Result.isFailure(at) || Result.isFailure(amount) || Result.isFailure(balance) || reference === "" || flow === ""
  ) return refused("malformed", what)
  return Result.succeed({
    at: at.success,
    reference,
    flow,
    name: text("业务名称"),
    type: text("业务类型"),
    direction,
    amount: amount.success,
    balance: balance.success,
    note: text("备注"),
    fields
  })
}

/** The totals of rows: numbers of them, and sums in fen. */
const counted = (rows: ReadonlyArray<Pick<Row, "amount" | "direction">>): ReadonlyMap<string, number> => {
  const income = rows.filter(({ direction }) => direction === "in").map(({ amount }) => amount)
  const spending = rows.filter(({ direction }) => direction === "out").map(({ amount }) => amount)
  return new Map([
    ["资金流水总笔数", rows.length],
    ["收入笔数", income.length],
    ["收入金额", added(income)],
    ["支出笔数", spending.length],
    ["支出金额", added(spending)]
  ])
}

/** In a number that may be too large: whoever sends such amounts is refused, and not the cause of a fault. */
const added = (amounts: ReadonlyArray<Money.Money>): number => amounts.reduce((sum, amount) => sum + amount, 0)

/** The columns. */
export const columns = [
  "记账时间",
  "微信支付业务单号",
  "资金流水单号",
  "业务名称",
  "业务类型",
  "收支类型",
  "收支金额(元)",
  "账户结余(元)",
  "资金变更提交申请人",
  "备注",
  "业务凭证号"
] as const

/** What is written of a row; other columns from `fields`. */
export type Line = Omit<Row, "fields"> & { readonly fields?: Readonly<Record<string, string>> }

/** Writes a bill with its totals. */
export const write = (lines: ReadonlyArray<Line>): Uint8Array =>
  WeChatBillFile.write({
    columns,
    rows: lines.map((line) =>
      new Map(Object.entries({
        ...line.fields,
        记账时间: CivilTime.format(line.at),
        微信支付业务单号: line.reference,
        资金流水单号: line.flow,
        业务名称: line.name,
        业务类型: line.type,
        收支类型: line.direction === "in" ? "收入" : "支出",
        "收支金额(元)": Money.format(line.amount),
        "账户结余(元)": Money.format(line.balance),
        备注: line.note
      }))
    ),
    totals: new Map(
      [...counted(lines)].map(([name, value]) => [
        name,
        name.endsWith("金额") ? Money.format(Money.of(value)) : String(value)
      ])
    )
  })
