/**
 * The bills of WeChat Pay in the sandbox 微信支付沙箱账单: what happened on a day, as its trade bill and its fund-flow bill
 * tell it, wrong where that is wanted.
 */
import { CivilTime, Money } from "@yikatong/core"
import * as WeChatBillFile from "../wechat/WeChatBillFile.ts"
import type { Account } from "../wechat/WeChatFundBill.ts"
import * as WeChatFundBill from "../wechat/WeChatFundBill.ts"
import * as WeChatTradeBill from "../wechat/WeChatTradeBill.ts"
import type { House } from "./House.ts"
import type { BillFlaw } from "./Mischief.ts"
import type { Trade } from "./Trade.ts"

/** 0.6 % of fen, in thousandths of a fen. */
const feeOf = (amount: number): WeChatBillFile.Fine => amount * 6
/** What the account had before the first payment, so that a merchant may send money back. */
const opening = 100_000_000

export class WeChatLedgers {
  /** Rows that were moved to the day after, by their transaction. */
  readonly #shifted = new Map<string, CivilTime.Day>()

  /** The trade bill of a day; nothing where nothing happened. */
  trades(
    house: House,
    mchid: string,
    day: CivilTime.Day,
    kind: WeChatTradeBill.Kind,
    flaw: BillFlaw | undefined
  ): Uint8Array | undefined {
    const all = linesOf(house, mchid)
    if (flaw === "shiftDay") {
      const first = all.find((line) => line.refund === undefined && this.#dayOf(line) === day)
      if (first !== undefined) this.#shifted.set(first.reference, CivilTime.addDays(day, 1))
    }
    const ofDay = all.filter((line) => this.#dayOf(line) === day)
    const lines = spoilt(ofDay, flaw).filter(({ refund }) =>
      kind === "ALL" || (kind === "REFUND") === (refund !== undefined)
    )
    return lines.length === 0 ? undefined : WeChatTradeBill.write(kind, lines)
  }

  #dayOf(line: WeChatTradeBill.Line): CivilTime.Day {
    const shifted = line.refund === undefined ? this.#shifted.get(line.reference) : undefined
    return shifted ?? CivilTime.dayOf(line.at)
  }

  /** The fund-flow bill of a day; the account of fees and that of operation do not move here. */
  movements(house: House, mchid: string, day: CivilTime.Day, account: Account): Uint8Array | undefined {
    let balance = opening
    const rows: Array<WeChatFundBill.Line> = []
    for (const { amount, at, fee, number, reference, refund } of linesOf(house, mchid)) {
      const isIn = refund === undefined
      const ofFee = Math.abs(WeChatBillFile.toFen(fee))
      const both = [[isIn, amount, isIn ? "交易" : "退款"], [!isIn, ofFee, "扣除交易手续费"]] as const
      for (const [isIncome, fen, type] of both) {
        if (fen === 0) continue
        balance += isIncome ? fen : -fen
        if (CivilTime.dayOf(at) !== day) continue
        rows.push({
          at,
          reference: refund?.reference ?? reference,
          flow: `${refund?.reference ?? reference}${type === "扣除交易手续费" ? "1" : "0"}`,
          name: type,
          type,
          direction: isIncome ? "in" : "out",
          amount: Money.of(fen),
          balance: Money.of(Math.max(0, balance)),
          note: number
        })
      }
    }
    return account !== "BASIC" || rows.length === 0 ? undefined : WeChatFundBill.write(rows)
  }
}

/** Everything that ever moved, the first first. */
const linesOf = (house: House, mchid: string): ReadonlyArray<WeChatTradeBill.Line> =>
  house.all
    .filter(({ merchant, wire }) => wire === "wechat" && merchant === mchid)
    .flatMap((trade) => [...paymentOf(trade), ...refundsOf(trade)])
    .sort((a, b) => a.at - b.at)

const common = (trade: Trade) => ({
  appid: trade.extra["appid"] ?? "",
  mchid: trade.merchant,
  reference: trade.reference,
  number: trade.number,
  fields: { 交易类型: trade.extra["type"] ?? "", 商品名称: trade.description.replaceAll(/[\r\n`]/g, " ") }
})

const paymentOf = (trade: Trade): ReadonlyArray<WeChatTradeBill.Line> =>
  trade.paidAt === undefined
    ? []
    : [{ at: trade.paidAt, amount: trade.amount, fee: feeOf(trade.amount), ...common(trade) }]

const refundsOf = (trade: Trade): ReadonlyArray<WeChatTradeBill.Line> =>
  trade.refunds.filter(({ state }) => state === "done").map(({ amount, at, extra, number, reference }) => ({
    ...common(trade),
    at,
    amount,
    fee: -feeOf(amount),
    refund: { reference, number, state: "SUCCESS", isRevocation: extra["by"] === "reverse" }
  }))

const spoilt = (
  lines: ReadonlyArray<WeChatTradeBill.Line>,
  flaw: BillFlaw | undefined
): ReadonlyArray<WeChatTradeBill.Line> => {
  const at = lines.findIndex(({ refund }) => refund === undefined)
  const first = lines[at]
  if (first === undefined) return lines
  const without = lines.filter((line) => line !== first)
  switch (flaw) {
    case "omitRow":
      return without
    case "extraRow":
      return [...lines, { ...first, reference: `${first.reference}9`, number: "20260101AAAAAAAAAAAAAAAAAAAA" }]
    case "wrongAmount":
      return [{ ...first, amount: Money.amount(first.amount + 1) }, ...without]
    case "duplicateRow":
      return [first, ...lines]
    default:
      return lines
  }
}
