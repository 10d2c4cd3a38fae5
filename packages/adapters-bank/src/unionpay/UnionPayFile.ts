/**
 * The reconciliation file of a day 商户对账文件: what UnionPay will settle with a merchant, payment by payment.
 *
 * Source: 全渠道平台接入接口规范 第3部分 文件接口, 6.1 ZM 文件. Amounts are fen. Fee and settlement have a direction before them: C
 * 贷记, to the merchant; D 借记, from him. Lines end with a line feed, with or without a carriage return.
 */
import { type BillRow, Callback, CivilTime, Money } from "@yikatong/core"
import { Result, Schema } from "effect"
import * as Layout from "./UnionPayLayout.ts"
import * as Time from "./UnionPayTime.ts"

/** A line that was understood. */
export interface Row {
  /** 交易类型 01, 04, 31; "other": one that moves no money of ours or that is not known here. */
  readonly kind: "payment" | "refund" | "void" | "other"
  readonly merId: string
  readonly orderId: string
  readonly queryId: string
  readonly amount: Money.Amount
  /** Fen that UnionPay keeps; less than zero is given back. */
  readonly fee: number
  /** Fen, to the merchant's account: less than zero is what goes back. */
  readonly settled: number
  readonly at: CivilTime.Instant
  /** Of the payment that a refund or a void gives back. */
  readonly origQryId: string | undefined
  readonly origOrderId: string | undefined
  /** All columns as they stand there, but the account 帐号, of which only the ends are left. */
  readonly columns: Layout.Line
}

const kinds: ReadonlyMap<string, Row["kind"]> = new Map([["01", "payment"], ["04", "refund"], ["31", "void"]])

const malformed = (what: string) => Result.fail(Callback.refusal("malformed", what))

const isAmount = Schema.is(Money.Amount)

/** Fen with a direction before them; blank is none. */
const signed = (text: string, what: string): Result.Result<number, Callback.Refusal> => {
  if (text === "") return Result.succeed(0)
  if (!/^[CD]\d{12}$/.test(text)) return malformed(what)
  const fen = Number(text.slice(1))
  return Result.succeed(text.startsWith("C") || fen === 0 ? fen : -fen)
}

/** What goes from one is what comes to the other; there is no negative zero. */
const without = (fen: number): number => fen === 0 ? 0 : -fen

/** Writes fen with their direction. */
const writeSigned = (fen: number): string => `${fen < 0 ? "D" : "C"}${String(Math.abs(fen)).padStart(12, "0")}`

/** A card number in a file goes no further than to here. */
const withoutAccount = (line: Layout.Line): Layout.Line =>
  new Map(line).set("accNo", (line.get("accNo") ?? "").replace(/^(\d{6})\d+(\d{4})$/, "$1****$2"))

const read = (line: Layout.Line, settleDay: CivilTime.Day): Result.Result<Row, Callback.Refusal> =>
  Result.gen(function*() {
    const column = (name: string): string => line.get(name) ?? ""
    const [merId, orderId, queryId] = [column("merId"), column("orderId"), column("queryId")]
    if (!/^[0-9A-Za-z]{1,15}$/.test(merId)) return yield* malformed("the column merId")
    if (!/^[!-~]{1,32}$/.test(orderId)) return yield* malformed("the column orderId")
    if (!/^[0-9A-Za-z]{1,21}$/.test(queryId)) return yield* malformed("the column queryId")
    const amount = /^\d{12}$/.test(column("txnAmt")) ? Number(column("txnAmt")) : undefined
    if (!isAmount(amount)) return yield* malformed("the column txnAmt")
    const columns = withoutAccount(line)
    return {
      kind: kinds.get(column("txnType")) ?? "other",
      merId,
      orderId,
      queryId,
      amount,
      fee: without(yield* signed(column("fee"), "the column fee")),
      settled: yield* signed(column("settleAmt"), "the column settleAmt"),
      at: yield* Result.mapError(
        Time.readTrace(column("traceTime"), CivilTime.startOf(settleDay)),
        () => Callback.refusal("malformed", "the column traceTime")
      ),
      origQryId: column("origQryId") || undefined,
      origOrderId: column("origOrderId") || undefined,
      columns
    }
  })

const lineFeed = 0x0a
const carriageReturn = 0x0d

/** The lines of a file, cut as bytes: in GBK a line feed is never half of a character. */
function* linesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let from = 0; from < bytes.length;) {
    const found = bytes.indexOf(lineFeed, from)
    const to = found < 0 ? bytes.length : found
    yield bytes.subarray(from, to > from && bytes[to - 1] === carriageReturn ? to - 1 : to)
    from = to + 1
  }
}

/** Reads each line of a file by its own reader. What is refused is told with the number of its line, from 1 on. */
const readEach = <A>(
  bytes: Uint8Array,
  layout: Layout.Layout,
  reading: (line: Layout.Line) => Result.Result<A, Callback.Refusal>
): Result.Result<ReadonlyArray<A>, Callback.Refusal> => {
  const all: Array<A> = []
  for (const bytesOfLine of linesOf(bytes)) {
    const line = Result.flatMap(Layout.readLine(bytesOfLine, layout), reading)
    if (Result.isFailure(line)) {
      const { reason, what } = line.failure
      return Result.fail(Callback.refusal(reason, `line ${all.length + 1}: ${what}`))
    }
    all.push(line.success)
  }
  return Result.succeed(all)
}

/** Reads the lines of a file of any layout, as texts. */
export const readLines = (
  bytes: Uint8Array,
  layout: Layout.Layout
): Result.Result<ReadonlyArray<Layout.Line>, Callback.Refusal> => readEach(bytes, layout, Result.succeed)

/** Reads a ZM file. `settleDay`: the day that it was asked for. `layout`: of which age it is. */
export const readZm = (
  bytes: Uint8Array,
  settleDay: CivilTime.Day,
  layout: Layout.Layout = Layout.zm
): Result.Result<ReadonlyArray<Row>, Callback.Refusal> => readEach(bytes, layout, (line) => read(line, settleDay))

/** Reads a ZME file: as texts, since its meaning is not told. Of an account only the ends are left. */
export const readZme = (bytes: Uint8Array): Result.Result<ReadonlyArray<Layout.Line>, Callback.Refusal> =>
  Result.map(readLines(bytes, Layout.zme), (lines) => lines.map(withoutAccount))

/** Writes lines, each with its end. */
export const writeLines = (lines: ReadonlyArray<Layout.Line>, layout: Layout.Layout): Uint8Array =>
  new Uint8Array(Buffer.concat(lines.flatMap((line) => [Layout.writeLine(line, layout), Uint8Array.of(0x0d, 0x0a)])))

const codes = { payment: ["S22", "01"], refund: ["S30", "04"], void: ["S31", "31"], other: ["S00", "00"] } as const

/** The line of a row, as UnionPay's side writes it; `columns` stand for what a row does not tell. */
export const lineOf = (row: Omit<Row, "columns"> & { readonly columns?: Layout.Line }): Layout.Line =>
  new Map<string, string>([
    ["code", codes[row.kind][0]],
    ["txnType", codes[row.kind][1]],
    ["txnSubType", row.kind === "payment" ? "01" : "00"],
    ...(row.columns ?? []),
    ["merId", row.merId],
    ["orderId", row.orderId],
    ["queryId", row.queryId],
    ["txnAmt", String(row.amount).padStart(12, "0")],
    ["fee", writeSigned(without(row.fee))],
    ["settleAmt", writeSigned(row.settled)],
    ["traceTime", Time.writeTrace(row.at)],
    ["origQryId", row.origQryId ?? ""],
    ["origOrderId", row.origOrderId ?? ""]
  ])

/**
 * The row in the words of all channels; nothing for a line that moves no money of ours. A refund is told by the number
 * of its payment, where the file has it.
 */
export const toBillRow = (row: Row, day: CivilTime.Day): BillRow.BillRow | undefined => {
  const { amount, at, fee, orderId, origOrderId, queryId } = row
  if (row.kind === "other") return undefined
  return row.kind === "payment"
    ? { kind: "payment", day, reference: queryId, number: orderId, amount, fee, at }
    : {
      kind: "refund",
      day,
      reference: queryId,
      number: origOrderId ?? orderId,
      refundNumber: orderId,
      amount,
      fee,
      at
    }
}

/** What a file sums up to, by kind: how many, and how many fen; and what is to come to the merchant in all. */
export interface Totals {
  readonly kinds: Readonly<Record<Row["kind"], { readonly count: number; readonly amount: Money.Money }>>
  readonly fee: number
  readonly settled: number
}

export const totals = (rows: ReadonlyArray<Row>): Totals => {
  const of = (kind: Row["kind"]) => {
    const amounts = rows.filter((row) => row.kind === kind).map(({ amount }) => amount)
    return { count: amounts.length, amount: Money.sum(amounts) }
  }
  return {
    kinds: { payment: of("payment"), refund: of("refund"), void: of("void"), other: of("other") },
    fee: rows.reduce((sum, { fee }) => sum + fee, 0),
    settled: rows.reduce((sum, { settled }) => sum + settled, 0)
  }
}

/** Which kind of file a name in the archive means: `INN...ZM_merId`, `INN...ZME_merId`. */
export const kindOf = (name: string): "ZM" | "ZME" | undefined => {
  const kind = /(?:^|[^A-Z])(ZME?)_/.exec(name)?.[1]
  return kind === "ZM" || kind === "ZME" ? kind : undefined
}

/** The name of a file in the archive, as UnionPay's side writes it. */
export const nameOf = (kind: "ZM" | "ZME", settleDay: CivilTime.Day, merId: string): string =>
  `INN${CivilTime.formatDay(settleDay).slice(2).replaceAll("-", "")}88${kind}_${merId}`
