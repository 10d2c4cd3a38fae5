/**
 * A bank's list of a day 明细文件, as described data: a line with day, count and sum, and a line for each row. A list that
 * contradicts itself is refused as a whole, for nobody can say which of its lines is wrong.
 *
 * Lines and fields are described like the messages (`Layout`). What was reversed is listed, and not counted in the sum.
 * Amounts are fen.
 */
import { Callback, CivilTime, type Money } from "@yikatong/core"
import { Result, Schema } from "effect"
import * as Layout from "./Layout.ts"
import * as LayoutRecord from "./LayoutRecord.ts"

/** How the lines are written. `lineEnd`: behind every line, the last one too. */
export const ListLayout = Schema.Struct({
  charset: Layout.Charset,
  form: Layout.Form,
  lineEnd: Schema.Literals(["\n", "\r\n"]),
  head: Layout.Fields,
  row: Layout.Fields,
  /** What the bank writes for a row that stands, and for one that was reversed. */
  states: Schema.Struct({ credited: Schema.NonEmptyString, reversed: Schema.NonEmptyString })
}).check(
  Schema.makeFilter(
    ({ states }: { readonly states: { readonly credited: string; readonly reversed: string } }) =>
      states.credited !== states.reversed,
    { expected: "two states" }
  )
)
export interface ListLayout extends Schema.Schema.Type<typeof ListLayout> {}

/** Text of a row. */
export const Line = Schema.String.check(Schema.isPattern(/^[^\p{Cc}\p{Cs}]{1,64}$/u))

/** What every row has, whatever else the list of its kind says. */
export interface Row {
  readonly amount: Money.Amount
  readonly state: "credited" | "reversed"
}

/** The list of a day. */
export interface ListFile<R extends Row> {
  readonly day: CivilTime.Day
  readonly rows: ReadonlyArray<R>
}

/** What the rows of one kind of list are, and by which day and serial number each is known. */
export interface Kind<R extends Row> {
  readonly row: Schema.Codec<R, unknown>
  readonly named: (row: R) => { readonly day: CivilTime.Day; readonly serial: string }
}

const malformed = (what: string): Result.Result<never, Callback.Refusal> =>
  Result.fail(Callback.refusal("malformed", what))

/** What stands, in fen. */
export const total = (rows: ReadonlyArray<Row>): number =>
  rows.reduce((sum, { amount, state }) => state === "credited" ? sum + amount : sum, 0)

/** Writes the list. */
export const write = <R extends Row>(
  layout: ListLayout,
  file: ListFile<R>
): Result.Result<Uint8Array, Callback.Refusal> =>
  Result.gen(function*() {
    const head = { day: file.day, count: String(file.rows.length), sum: total(file.rows) }
    const lines = [yield* LayoutRecord.write(layout, layout.head, head)]
    for (const row of file.rows) {
      // Every row is a record of values that can be laid out, or the layout refuses it.
      const values = { ...row, state: layout.states[row.state] } as unknown as LayoutRecord.Values
      lines.push(yield* LayoutRecord.write(layout, layout.row, values))
    }
    const end = Buffer.from(layout.lineEnd, "ascii")
    return Uint8Array.from(Buffer.concat(lines.flatMap((line) => [line, end])))
  })

/** The lines; no second byte of a character in GBK or UTF-8 is a line feed. */
const lines = (layout: ListLayout, bytes: Uint8Array): Result.Result<ReadonlyArray<Uint8Array>, Callback.Refusal> => {
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

const readRow = <R extends Row>(
  layout: ListLayout,
  kind: Kind<R>,
  line: Uint8Array
): Result.Result<R, Callback.Refusal> =>
  Result.gen(function*() {
    const values = yield* LayoutRecord.read(layout, layout.row, line)
    const { credited, reversed } = layout.states
    const state = values["state"] === credited ? "credited" : values["state"] === reversed ? "reversed" : undefined
    return yield* Result.mapError(
      Schema.decodeResult(kind.row)({ ...values, state }),
      () => Callback.refusal("malformed", "a row of the list")
    )
  })

/** The largest list that is read, in bytes. */
export const largest = 67_108_864

/** Reads a list whose count, sum and days agree with its rows, and in which no serial number comes twice. */
export const read = <R extends Row>(
  layout: ListLayout,
  kind: Kind<R>,
  bytes: Uint8Array,
  most: number = largest
): Result.Result<ListFile<R>, Callback.Refusal> =>
  Result.gen(function*() {
    if (bytes.length > most) return yield* Result.fail(Callback.refusal("tooLarge", "the list"))
    const [first, ...rest] = yield* lines(layout, bytes)
    if (first === undefined) return yield* malformed("an empty list")
    const head = yield* LayoutRecord.read(layout, layout.head, first)
    const day = yield* Result.mapError(
      Schema.decodeUnknownResult(CivilTime.Day)(head["day"]),
      () => Callback.refusal("malformed", "the day of the list")
    )
    const rows: Array<R> = []
    const serials = new Set<string>()
    for (const line of rest) {
      const row = yield* readRow(layout, kind, line)
      const named = kind.named(row)
      if (named.day !== day) return yield* malformed("a row of another day")
      if (serials.has(named.serial)) return yield* Result.fail(Callback.refusal("duplicateKey", "a serial number"))
      serials.add(named.serial)
      rows.push(row)
    }
    if (Number(head["count"]) !== rows.length) return yield* malformed("the count of the list")
    if (head["sum"] !== total(rows)) return yield* malformed("the sum of the list")
    return { day, rows }
  })
