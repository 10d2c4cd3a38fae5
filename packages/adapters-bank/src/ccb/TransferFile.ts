/**
 * The bank's list of a day's debits of contracted cards 圈存明细文件, as `Download` names it: a row is known by the school's day and
 * serial number, as the messages are. How the file comes, by FTP, SFTP or a folder, is the branch's.
 *
 * No specification is public; {@link proposal} begins the talks, and has "|" between the fields. Amounts are fen.
 */
import { type Callback, CivilTime, Money } from "@yikatong/core"
import { type Result, Schema } from "effect"
import * as Layout from "./Layout.ts"
import * as ListFile from "./ListFile.ts"

/** One debit of the list. `state`: whether it stands (`credited`: to the school) or was reversed 冲正. */
export const TransferRow = Schema.Struct({
  date: CivilTime.Day,
  time: Schema.String.check(Schema.isPattern(/^(?:[01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]$/)),
  campusSerial: ListFile.Line,
  bankSerial: Schema.optionalKey(ListFile.Line),
  amount: Money.Amount,
  state: Schema.Literals(["credited", "reversed"])
})
export interface TransferRow extends Schema.Schema.Type<typeof TransferRow> {}

/** The list of a day. */
export interface TransferFile extends ListFile.ListFile<TransferRow> {}

const { of, text } = Layout

/** A proposal; each branch has its own. */
export const proposal: ListFile.ListLayout = {
  charset: "gbk",
  form: { _tag: "Separated", separator: "|" },
  lineEnd: "\n",
  head: [of("date", "day", 8), of("digits", "count", 9), of("fen", "sum", 15)],
  row: [
    of("date", "date", 8),
    of("time", "time", 6),
    text("campusSerial", 32),
    text("bankSerial", 16, true),
    of("fen", "amount", 12),
    text("state", 2)
  ],
  states: { credited: "00", reversed: "01" }
}

const kind: ListFile.Kind<TransferRow> = {
  row: TransferRow,
  named: ({ campusSerial, date }) => ({ day: date, serial: campusSerial })
}

/** Writes the list. */
export const write = (layout: ListFile.ListLayout, file: TransferFile): Result.Result<Uint8Array, Callback.Refusal> =>
  ListFile.write(layout, file)

/** Reads a list whose count, sum and days agree with its rows, and in which no serial number comes twice. */
export const read = (
  layout: ListFile.ListLayout,
  bytes: Uint8Array
): Result.Result<TransferFile, Callback.Refusal> => ListFile.read(layout, kind, bytes)
