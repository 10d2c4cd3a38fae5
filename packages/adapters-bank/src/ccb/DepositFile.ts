/**
 * The bank's list of a day's deposits 对账文件: a line with day, count and sum, and a line for each deposit. For deposits
 * that the bank began the bank's list is right, so a list that contradicts itself is refused as a whole.
 *
 * Lines and fields are described like the messages (`Layout`); {@link proposal} has "|" between them. Amounts are fen.
 */
import { Callback, CivilTime, Money } from "@yikatong/core"
import { Result, Schema } from "effect"
import * as Layout from "./Layout.ts"
import * as LayoutRecord from "./LayoutRecord.ts"

/** How the lines are written. `lineEnd`: behind every line, the last one too. */
export const DepositFileLayout = Schema.Struct({
  charset: Layout.Charset,
  form: Layout.Form,
  lineEnd: Schema.Literals(["\n", "\r\n"]),
  head: Layout.Fields,
  row: Layout.Fields,
  /** What the bank writes for a deposit that stands, and for one that was reversed. */
  states: Schema.Struct({ credited: Schema.NonEmptyString, reversed: Schema.NonEmptyString })
}).check(
  Schema.makeFilter(
    ({ states }: { readonly states: { readonly credited: string; readonly reversed: string } }) =>
      states.credited !== states.reversed,
    { expected: "two states" }
  )
)
export interface DepositFileLayout extends Schema.Schema.Type<typeof DepositFileLayout> {}

const Line = Schema.String.check(Schema.isPattern(/^[^\p{Cc}\p{Cs}]{1,64}$/u))

/** One deposit of the bank's list. */
export const DepositRow = Schema.Struct({
  bankDate: CivilTime.Day,
  bankTime: Schema.String,
  bankSerial: Line,
  campusSerial: Schema.optionalKey(Line),
  studentNumber: Line,
  amount: Money.Amount,
  state: Schema.Literals(["credited", "reversed"])
})
export interface DepositRow extends Schema.Schema.Type<typeof DepositRow> {}

/** The list of a day. */
export interface DepositFile {
  readonly day: CivilTime.Day
  readonly rows: ReadonlyArray<DepositRow>
}

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

const malformed = (what: string): Result.Result<never, Callback.Refusal> =>
  Result.fail(Callback.refusal("malformed", what))

/** What stands: what was reversed is listed, and not counted in the sum. */
const total = (rows: ReadonlyArray<DepositRow>): number =>
  rows.reduce((sum, { amount, state }) => state === "credited" ? sum + amount : sum, 0)

/** Writes the list. */
export const write = (layout: DepositFileLayout, file: DepositFile): Result.Result<Uint8Array, Callback.Refusal> =>
  Result.gen(function*() {
    const head = { day: file.day, count: String(file.rows.length), sum: total(file.rows) }
    const lines = [yield* LayoutRecord.write(layout, layout.head, head)]
    for (const row of file.rows) {
      lines.push(yield* LayoutRecord.write(layout, layout.row, { ...row, state: layout.states[row.state] }))
    }
    const end = Buffer.from(layout.lineEnd, "ascii")
    return Uint8Array.from(Buffer.concat(lines.flatMap((line) => [line, end])))
  })

/** The lines; no second byte of a character in GBK or UTF-8 is a line feed. */
const lines = (
  layout: DepositFileLayout,
  bytes: Uint8Array
): Result.Result<ReadonlyArray<Uint8Array>, Callback.Refusal> => {
  const all: Array<Uint8Array> = []
  for (let from = 0; from < bytes.length;) {
    const end = bytes.indexOf(0x0a, from)
    const to = end - (layout.lineEnd.length - 1)
    if (end < 0 || to < from || (layout.lineEnd.length === 2 && bytes[to] !== 0x0d)) return malformed("a line's end")
    all.push(bytes.subarray(from, to))
    from = end + 1
  }
  return Result.succeed(all)
}

const readRow = (layout: DepositFileLayout, line: Uint8Array): Result.Result<DepositRow, Callback.Refusal> =>
  Result.gen(function*() {
    const values = yield* LayoutRecord.read(layout, layout.row, line)
    const { credited, reversed } = layout.states
    const state = values["state"] === credited ? "credited" : values["state"] === reversed ? "reversed" : undefined
    return yield* Result.mapError(
      Schema.decodeUnknownResult(DepositRow)({ ...values, state }),
      () => Callback.refusal("malformed", "a row of the list")
    )
  })

/** The largest list that is read, in bytes. */
export const largestFile = 67_108_864

/** Reads a list whose count, sum and days agree with its rows, and in which no serial number comes twice. */
export const read = (
  layout: DepositFileLayout,
  bytes: Uint8Array,
  largest: number = largestFile
): Result.Result<DepositFile, Callback.Refusal> =>
  Result.gen(function*() {
    if (bytes.length > largest) return yield* Result.fail(Callback.refusal("tooLarge", "the list"))
    const [first, ...rest] = yield* lines(layout, bytes)
    if (first === undefined) return yield* malformed("an empty list")
    const head = yield* LayoutRecord.read(layout, layout.head, first)
    const day = yield* Result.mapError(
      Schema.decodeUnknownResult(CivilTime.Day)(head["day"]),
      () => Callback.refusal("malformed", "the day of the list")
    )
    const rows: Array<DepositRow> = []
    const serials = new Set<string>()
    for (const line of rest) {
      const row = yield* readRow(layout, line)
      if (row.bankDate !== day) return yield* malformed("a row of another day")
      if (serials.has(row.bankSerial)) return yield* Result.fail(Callback.refusal("duplicateKey", "a serial number"))
      serials.add(row.bankSerial)
      rows.push(row)
    }
    if (Number(head["count"]) !== rows.length) return yield* malformed("the count of the list")
    if (head["sum"] !== total(rows)) return yield* malformed("the sum of the list")
    return { day, rows }
  })
