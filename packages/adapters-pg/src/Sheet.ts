/**
 * Rows as text that other programs read 表格: CSV for spreadsheets and accounting, NDJSON for everything else. The text comes
 * in chunks, one for what the stream has at a time, so it may be piped into a file of any size.
 *
 * CSV is that of RFC 4180: a header, lines that end with CR LF, quotes where a field has a comma, a quote or a line break. A
 * text that a spreadsheet would take for a formula is written with an apostrophe before it, as OWASP advises: whoever can
 * name a thing could otherwise run a formula on the accountant's machine. Numbers stay numbers, also negative ones.
 */
import { Stream } from "effect"

/** What stands in a field; null is an empty one. Numbers are whole. */
export type Field = string | number | null

/** The columns of a sheet in their order, each with what it says of a row. */
export type Columns<Row> = Readonly<Record<string, (row: Row) => Field>>

/** How it is written. */
export type Format = "csv" | "ndjson"

/** A field that a spreadsheet would calculate: so do those of other alphabets, whose signs are twice as wide. */
const isFormula = /^[\s\0]*[=+\-@＝＋－＠]|^[\t\r\n]/u

/**
 * One field of CSV.
 *
 * @example
 * ```ts
 * import { Sheet } from "@yikatong/adapters-pg"
 *
 * Sheet.field("4寝, \"南\"") // => "\"4寝, \"\"南\"\"\""
 * Sheet.field("=HYPERLINK(1)") // => "'=HYPERLINK(1)"
 * Sheet.field(-5) // => "-5"
 * ```
 */
export const field = (value: Field): string => {
  if (value === null) return ""
  if (typeof value === "number") return `${value}`
  const text = isFormula.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll("\"", "\"\"")}"` : text
}

const line = (fields: ReadonlyArray<Field>): string => `${fields.map(field).join(",")}\r\n`

/** The rows as text in this format. A sheet without rows has its header, as CSV. */
export const text = <Row>(columns: Columns<Row>, format: Format) =>
<E, R>(
  rows: Stream.Stream<Row, E, R>
): Stream.Stream<string, E, R> => {
  const names = Object.keys(columns)
  const fieldsOf = Object.values(columns)
  return format === "csv"
    ? Stream.concat(
      Stream.succeed(line(names)),
      Stream.mapArray(rows, (page) => [page.map((row) => line(fieldsOf.map((of) => of(row)))).join("")])
    )
    : Stream.mapArray(rows, (page) => [
      page.map((row) => `${JSON.stringify(Object.fromEntries(names.map((name, at) => [name, fieldsOf[at]?.(row)])))}\n`)
        .join("")
    ])
}
