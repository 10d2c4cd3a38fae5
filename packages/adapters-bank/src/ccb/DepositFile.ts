/**
 * The bank's list of a day's deposits 对账文件: a line with day, count and sum, and a line for each deposit. For deposits
 * that the bank began the bank's list is right, so a list that contradicts itself is refused as a whole (`ListFile`).
 *
 * Lines and fields are described like the messages (`Layout`); {@link proposal} has "|" between them. Amounts are fen.
 */
import { type Callback, CivilTime, Money } from "@yikatong/core"
import { type Result, Schema } from "effect"
import * as Layout from "./Layout.ts"
import * as ListFile from "./ListFile.ts"

/** How the lines are written. `lineEnd`: behind every line, the last one too. */
export const DepositFileLayout = ListFile.ListLayout
export interface DepositFileLayout extends ListFile.ListLayout {}

/** One deposit of the bank's list. */
export const DepositRow = Schema.Struct({
  bankDate: CivilTime.Day,
  bankTime: Schema.String,
  bankSerial: ListFile.Line,
  campusSerial: Schema.optionalKey(ListFile.Line),
  studentNumber: ListFile.Line,
  amount: Money.Amount,
  state: Schema.Literals(["credited", "reversed"])
})
export interface DepositRow extends Schema.Schema.Type<typeof DepositRow> {}

/** The list of a day. */
export interface DepositFile extends ListFile.ListFile<DepositRow> {}

const { of, text } = Layout

/** A proposal; each branch has its own. */
export const proposal: DepositFileLayout = {
  charset: "gbk",
  form: { _tag: "Separated", separator: "|" },
  lineEnd: "\n",
  head: [of("date", "day", 8), of("digits", "count", 8), of("fen", "sum", 15)],
  row: [
    of("date", "bankDate", 8),
    of("time", "bankTime", 6),
    text("bankSerial", 32),
    text("campusSerial", 32, true),
    text("studentNumber", 20),
    of("fen", "amount", 12),
    text("state", 2)
  ],
  states: { credited: "00", reversed: "01" }
}

/** The name of the file. */
export const name = (school: string, day: CivilTime.Day): string =>
  `CCB_${school}_${CivilTime.formatDay(day).replaceAll("-", "")}.txt`

const kind: ListFile.Kind<DepositRow> = {
  row: DepositRow,
  named: ({ bankDate, bankSerial }) => ({ day: bankDate, serial: bankSerial })
}

/** Writes the list. */
export const write = (layout: DepositFileLayout, file: DepositFile): Result.Result<Uint8Array, Callback.Refusal> =>
  ListFile.write(layout, file)

/** The largest list that is read, in bytes. */
export const largestFile = ListFile.largest

/** Reads a list whose count, sum and days agree with its rows, and in which no serial number comes twice. */
export const read = (
  layout: DepositFileLayout,
  bytes: Uint8Array,
  largest: number = largestFile
): Result.Result<DepositFile, Callback.Refusal> => ListFile.read(layout, kind, bytes, largest)
