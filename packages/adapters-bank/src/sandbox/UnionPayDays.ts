/**
 * The sandbox's UnionPay settles 沙箱清算: each day ends at 23:00, and its file lies ready at nine in the morning after.
 */
import { CivilTime, Money } from "@yikatong/core"
import * as Archive from "../unionpay/UnionPayArchive.ts"
import * as File from "../unionpay/UnionPayFile.ts"
import * as Layout from "../unionpay/UnionPayLayout.ts"
import type { BillFlaw } from "./Mischief.ts"
import type { Trade } from "./Trade.ts"
import type { Here } from "./Wire.ts"

/** The day in whose file a transaction stands 清算日期. */
export const settleDayOf = (at: CivilTime.Instant): CivilTime.Day =>
  CivilTime.dayOf(CivilTime.later(at, CivilTime.hour))

/** UnionPay's number of a transaction 查询流水号, which is shorter than the house's: its end is what counts there. */
export const queryIdOf = ({ reference }: { readonly reference: string }): string => reference.slice(-21)

const isReady = (day: CivilTime.Day, now: CivilTime.Instant): boolean =>
  now >= CivilTime.later(CivilTime.startOf(day), CivilTime.dayLength + 9 * CivilTime.hour)

type Row = Omit<File.Row, "columns">

/** Six in a thousand, which UnionPay keeps. */
const feeOf = (amount: Money.Amount): number => Math.round(amount * 6 / 1_000)

const priced = (row: Omit<Row, "fee" | "settled">, sign: 1 | -1): Row => {
  const fee = sign * feeOf(row.amount)
  return { ...row, fee, settled: sign * row.amount - fee }
}

const payment = (trade: Trade, at: CivilTime.Instant): Row =>
  priced({
    kind: "payment",
    merId: trade.merchant,
    orderId: trade.extra["orderId"] ?? "",
    queryId: queryIdOf(trade),
    amount: trade.amount,
    at,
    origQryId: undefined,
    origOrderId: undefined
  }, 1)

/** All rows of a trade. */
const rowsOf = (trade: Trade): ReadonlyArray<Row> => [
  ...(trade.paidAt === undefined ? [] : [payment(trade, trade.paidAt)]),
  ...trade.refunds.filter(({ state }) => state === "done").map(({ amount, at, extra, reference }) =>
    priced({
      kind: extra["kind"] === "void" ? "void" : "refund",
      merId: trade.merchant,
      orderId: extra["orderId"] ?? "",
      queryId: queryIdOf({ reference }),
      amount,
      at,
      origQryId: queryIdOf(trade),
      origOrderId: trade.extra["orderId"]
    }, -1)
  )
]

export class UnionPayDays {
  /** Rows that a flaw has put into the file of the day after. */
  readonly #late = new Map<CivilTime.Day, ReadonlyArray<Row>>()

  /** The file of a day, packed; nothing where there is none, or none yet. */
  write(
    merId: string,
    day: CivilTime.Day,
    { flaw, house, name, now }: Pick<Here, "flaw" | "house" | "name" | "now">
  ): { readonly name: string; readonly content: string } | undefined {
    if (!isReady(day, now)) return undefined
    const genuine = house.all.filter(({ merchant, wire }) => wire === "unionpay" && merchant === merId)
      .flatMap(rowsOf)
      .filter(({ at }) => settleDayOf(at) === day)
      .sort((one, other) => one.at - other.at)
    const isLate = (row: Row, of: CivilTime.Day): boolean =>
      (this.#late.get(of) ?? []).some(({ queryId }) => queryId === row.queryId)
    const own = genuine.filter((row) => !isLate(row, CivilTime.addDays(day, 1)))
    const rows = this.#spoil([...own, ...(this.#late.get(day) ?? [])], day, flaw, name)
    if (rows.length === 0) return undefined
    const lines = File.writeLines(rows.map((row) => File.lineOf(row)), Layout.zm)
    const files = new Map([
      [File.nameOf("ZM", day, merId), lines],
      [File.nameOf("ZME", day, merId), new Uint8Array()]
    ])
    return { name: `${merId}_${CivilTime.formatDay(day).replaceAll("-", "")}.zip`, content: Archive.seal(files) }
  }

  #spoil(
    rows: ReadonlyArray<Row>,
    day: CivilTime.Day,
    flaw: BillFlaw | undefined,
    name: Here["name"]
  ): ReadonlyArray<Row> {
    const last = rows.at(-1)
    if (last === undefined || flaw === undefined) return rows
    const others = rows.slice(0, -1)
    switch (flaw) {
      case "omitRow":
        return others
      case "duplicateRow":
        return [...rows, last]
      case "extraRow": {
        const queryId = queryIdOf({ reference: name("49") })
        return [...rows, { ...last, kind: "payment", orderId: `SANDBOX${queryId}`, queryId }]
      }
      case "wrongAmount":
        return [...others, { ...last, amount: Money.amount(last.amount + 1) }]
      case "shiftDay": {
        const next = CivilTime.addDays(day, 1)
        this.#late.set(next, [...(this.#late.get(next) ?? []), last])
        return others
      }
    }
  }
}
