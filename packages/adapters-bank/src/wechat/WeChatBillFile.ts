/**
 * A bill of WeChat Pay as a file 账单文件: a table of texts and one line of totals, read and written byte for byte.
 *
 * UTF-8 with a byte order mark; the first line names the columns; in a row every value begins with a backtick, so that
 * no spreadsheet turns it into a number, and values are parted by a comma before a backtick, since a comma alone may
 * stand in a name; then the names of the totals and their values. SHA-1 is over these bytes, the mark included, after
 * unzipping. The download itself is not signed: the sum stands in the signed answer that gave its address. Source:
 * WeChat Pay APIv3, 下载账单.
 */
import { Callback, Money } from "@yikatong/core"
import { Result } from "effect"
import { createHash, timingSafeEqual } from "node:crypto"
import { gunzipSync, gzipSync } from "node:zlib"
import type { Read } from "../JsonBody.ts"

/** One line: values by the names of their columns. */
export type Fields = ReadonlyMap<string, string>

/** The whole file. */
export interface WeChatBillFile {
  readonly columns: ReadonlyArray<string>
  readonly rows: ReadonlyArray<Fields>
  readonly totals: Fields
}

/** The most that is unzipped, in bytes: some 300,000 rows. */
export const biggest = 128 * 1_024 * 1_024

const refused = (reason: Callback.Reason, what: string): Read<never> => Result.fail(Callback.refusal(reason, what))

/** The bytes of a bill as they were downloaded, if they have this sum. `sha1`: hexadecimal; `limit`: in bytes. */
export const unpack = (
  downloaded: Uint8Array,
  { isZipped, limit = biggest, sha1 }: {
    readonly sha1: string
    readonly isZipped: boolean
    readonly limit?: number
  }
): Read<Uint8Array> => {
  let bytes = downloaded
  if (isZipped) {
    try {
      bytes = gunzipSync(downloaded, { maxOutputLength: limit })
    } catch (error) {
      const isBig = error instanceof RangeError
      return isBig ? refused("tooLarge", "the bill") : refused("malformed", "the bill is not gzip")
    }
  }
  if (bytes.length > limit) return refused("tooLarge", "the bill")
  const expected = Buffer.from(/^[0-9A-Fa-f]{40}$/.test(sha1) ? sha1 : "", "hex")
  const actual = createHash("sha1").update(bytes).digest()
  return expected.length === actual.length && timingSafeEqual(expected, actual)
    ? Result.succeed(bytes)
    : refused("forged", "the SHA-1 of the bill")
}

/** The sum of a bill and its bytes zipped, as they are offered for download. */
export const pack = (bytes: Uint8Array): { readonly sha1: string; readonly zipped: Uint8Array } => ({
  sha1: createHash("sha1").update(bytes).digest("hex"),
  zipped: gzipSync(bytes)
})

const utf8 = new TextDecoder("utf-8", { fatal: true })

/** Reads a bill. A file that was cut off has no totals and is refused. */
export const read = (bytes: Uint8Array): Read<WeChatBillFile> => {
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch {
    return refused("charset", "the bill is not UTF-8")
  }
  const lines = text.split(/\r?\n/)
  while (lines.at(-1) === "") lines.pop()
  const end = lines.findIndex((line, at) => at > 0 && !line.startsWith("`"))
  if (end < 0 || end !== lines.length - 2) return refused("malformed", "the totals of the bill")
  const columns = namesOf(lines[0] ?? "")
  const names = namesOf(lines[end] ?? "")
  if (columns === undefined || names === undefined) return refused("duplicateKey", "a column of the bill")
  const totals = fieldsOf(names, lines[end + 1] ?? "")
  if (totals === undefined) return refused("malformed", "the totals of the bill")
  const rows: Array<Fields> = []
  for (const line of lines.slice(1, end)) {
    const row = fieldsOf(columns, line)
    if (row === undefined) return refused("malformed", `row ${rows.length + 1} of the bill`)
    rows.push(row)
  }
  return Result.succeed({ columns, rows, totals })
}

/** The names in a line of them, if no two are the same. */
const namesOf = (line: string): ReadonlyArray<string> | undefined => {
  const names = line.split(",").map((name) => name.trim())
  return new Set(names).size === names.length ? names : undefined
}

const fieldsOf = (names: ReadonlyArray<string>, line: string): Fields | undefined => {
  if (!line.startsWith("`")) return undefined
  const values = line.slice(1).split(",`")
  return values.length === names.length ? new Map(names.map((name, at) => [name, values[at] ?? ""])) : undefined
}

/** Writes a bill. A value that would begin another line or another value is the caller's mistake. */
export const write = ({ columns, rows, totals }: WeChatBillFile): Uint8Array => {
  const line = (names: ReadonlyArray<string>, fields: Fields): string =>
    names.map((name) => `\`${plain(fields.get(name) ?? "")}`).join(",")
  const names = [...totals.keys()]
  const lines = [columns.join(","), ...rows.map((row) => line(columns, row)), names.join(","), line(names, totals)]
  return Buffer.from(`\uFEFF${lines.map((line) => `${line}\r\n`).join("")}`, "utf8")
}

const plain = (value: string): string => {
  if (/[\r\n]|,`/.test(value)) {
    throw new RangeError("A value of a bill holds no line break and no comma before a backtick")
  }
  return value
}

/**
 * An amount of a bill 金额, exactly: thousandths of a fen, since fees stand there with up to five decimals of a yuan, and
 * signed, since those of refunds are given back.
 */
export type Fine = number

/** Reads "0.60", "-0.00600". */
export const parseFine = (text: string): Fine | undefined => {
  const written = /^(-?)(\d+(?:\.\d{1,2})?)(\d{0,3})$/.exec(text)
  if (written === null) return undefined
  const [, sign = "", yuan = "", rest = ""] = written
  const fen = Money.parse(yuan)
  if (Result.isFailure(fen)) return undefined
  const fine = fen.success * 1_000 + Number(rest.padEnd(3, "0"))
  return Number.isSafeInteger(fine) ? (sign === "-" && fine > 0 ? -fine : fine) : undefined
}

/** Writes with five decimals; `parseFine` reads it back. */
export const formatFine = (fine: Fine): string => {
  const size = Math.abs(fine)
  const rest = size % 1_000
  return `${fine < 0 ? "-" : ""}${Money.format(Money.of((size - rest) / 1_000))}${String(rest).padStart(3, "0")}`
}

/** The nearest whole number of fen, signed; halves go away from zero. */
export const toFen = (fine: Fine): number => {
  const fen = Math.round(Math.abs(fine) / 1_000)
  return fine < 0 && fen > 0 ? -fen : fen
}

/** The sum of a column over all rows, if every value is an amount. */
export const sum = (rows: ReadonlyArray<Fields>, column: string): Fine | undefined => {
  let total = 0
  for (const row of rows) {
    const fine = parseFine(row.get(column) ?? "")
    if (fine === undefined) return undefined
    total += fine
  }
  return Number.isSafeInteger(total) ? total : undefined
}
