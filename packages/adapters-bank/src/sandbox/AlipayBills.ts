/**
 * The bills of the sandbox's Alipay 账单: written when they are asked for, at nine of the day after, and kept for half a minute.
 */
import { CivilTime, Money } from "@yikatong/core"
import * as AlipayBill from "../alipay/AlipayBill.ts"
import type * as AlipayBillRow from "../alipay/AlipayBillRow.ts"
import * as Gbk from "../Gbk.ts"
import type { Trade } from "./Trade.ts"
import type { Answer, Here } from "./Wire.ts"

const ready = 9 * CivilTime.hour
const life = 30 * CivilTime.second

/** Six parts of a thousand, to the nearest fen. */
const feeOf = (amount: number): number => Math.floor((amount * 6 + 500) / 1_000)

export class AlipayBills {
  readonly #seller: string
  readonly #files = new Map<string, { readonly archive: Uint8Array; readonly until: CivilTime.Instant }>()
  /** Rows that were left for the bill of another day. */
  readonly #shifted = new Map<AlipayBillRow.Unwritten, CivilTime.Day>()

  constructor(seller: string) {
    this.#seller = seller
  }

  /** The name of a new file with the bill of a day; none before it is ready. */
  write(day: CivilTime.Day, here: Here): string | undefined {
    const { flaw, house, name, now } = here
    if (now < CivilTime.startOf(CivilTime.addDays(day, 1)) + ready) return undefined
    const trades = house.all.filter(({ merchant, wire }) => wire === "alipay" && merchant === this.#seller)
    const rows = trades.flatMap(rowsOf).filter(({ at }) => CivilTime.dayOf(at) === day)
    const moved = [...this.#shifted].filter(([, other]) => other === day).map(([row]) => row)
    const isElsewhere = (row: AlipayBillRow.Unwritten) =>
      [...this.#shifted.keys()].some(({ reference, refundNumber }) =>
        reference === row.reference && refundNumber === row.refundNumber
      )
    const [first, ...others] = [...rows.filter((row) => !isElsewhere(row)), ...moved]
    if (flaw === "shiftDay" && first !== undefined) this.#shifted.set(first, CivilTime.addDays(day, 1))
    const archive = AlipayBill.write(
      { account: this.#seller, day, rows: first === undefined ? [] : flawed(first, others, flaw, name) },
      now
    )
    const file = name("B")
    this.#files.set(file, { archive, until: CivilTime.later(now, life) })
    return file
  }

  fetch(file: string, now: CivilTime.Instant): Answer {
    const found = this.#files.get(file)
    return found === undefined || now > found.until
      ? { status: 404, headers: {}, body: new Uint8Array() }
      : { status: 200, headers: { "content-type": "application/zip" }, body: found.archive }
  }
}

const flawed = (
  first: AlipayBillRow.Unwritten,
  others: ReadonlyArray<AlipayBillRow.Unwritten>,
  flaw: Here["flaw"],
  name: Here["name"]
): ReadonlyArray<AlipayBillRow.Unwritten> => {
  switch (flaw) {
    case "omitRow":
    case "shiftDay":
      return others
    case "duplicateRow":
      return [first, ...others, first]
    case "wrongAmount":
      return [{ ...first, amount: Money.amount(first.amount + 1) }, ...others]
    case "extraRow":
      return [first, ...others, { ...first, reference: name("42"), number: name("SOMEBODY") }]
    case undefined:
      return [first, ...others]
  }
}

/** What the payment was, and what went back of it. */
const rowsOf = (
  trade: Trade
): ReadonlyArray<AlipayBillRow.Unwritten & { readonly at: CivilTime.Instant }> => {
  const { amount, description, number, paidAt, reference, refunds } = trade
  if (paidAt === undefined) return []
  const columns = new Map([["商品名称", Gbk.isWritable(description) ? description : "?"]])
  const shared = { reference, number, columns }
  return [
    { ...shared, kind: "payment", amount, received: amount, fee: -feeOf(amount), at: paidAt },
    ...refunds.filter(({ state }) => state === "done").map(({ amount, at, number }) => ({
      ...shared,
      kind: "refund" as const,
      refundNumber: number,
      amount,
      received: amount,
      fee: feeOf(amount),
      at
    }))
  ]
}
