// Text for other programs: quoting as RFC 4180 has it, no formulas, and a chunk for what comes at a time.
import { Effect, Stream } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Sheet } from "../src/index.ts"

/** A reader of RFC 4180, to the letter: records end with CR LF, quotes stand twice within quotes. */
const parse = (csv: string): ReadonlyArray<ReadonlyArray<string>> => {
  const records: Array<Array<string>> = []
  let record: Array<string> = []
  let at = 0
  while (at < csv.length) {
    let field = ""
    if (csv[at] === "\"") {
      for (at++;; at++) {
        if (at >= csv.length) throw new Error("a quote is not closed")
        if (csv[at] !== "\"") field += csv[at]
        else if (csv[at + 1] === "\"") field += csv[++at]
        else break
      }
      at++
    } else {
      while (at < csv.length && csv[at] !== "," && csv[at] !== "\r") {
        if (csv[at] === "\"" || csv[at] === "\n") throw new Error("a quote or a line break in the open")
        field += csv[at++]
      }
    }
    record.push(field)
    if (csv[at] === ",") at++
    else if (csv.startsWith("\r\n", at)) {
      at += 2
      records.push(record)
      record = []
    } else throw new Error(`neither a comma nor the end of a line at ${at}`)
  }
  return records
}

interface Row {
  readonly name: Sheet.Field
  readonly fen: Sheet.Field
}
const columns: Sheet.Columns<Row> = { name: ({ name }) => name, fen: ({ fen }) => fen }
const chunks = (format: Sheet.Format, ...pages: ReadonlyArray<ReadonlyArray<Row>>) =>
  Effect.runPromise(Stream.runCollect(
    Sheet.text(columns, format)(
      Stream.flatMap(Stream.fromIterable(pages), (page) => Stream.fromIterable(page))
    )
  ))

describe("a field of CSV", () => {
  it.each<[string, Sheet.Field, string]>([
    ["a text", "canteen-1", "canteen-1"],
    ["Chinese", "一食堂", "一食堂"],
    ["an empty text", "", ""],
    ["nothing", null, ""],
    ["a number", 1_234, "1234"],
    ["a negative number, which stays one", -5, "-5"],
    ["a comma", "a,b", "\"a,b\""],
    ["a quote", "a\"b", "\"a\"\"b\""],
    ["a line break", "a\r\nb", "\"a\r\nb\""],
    ["a formula", "=1+2", "'=1+2"],
    ["a formula with quotes", "=HYPERLINK(\"http://a\",\"b\")", "\"'=HYPERLINK(\"\"http://a\"\",\"\"b\"\")\""],
    ["a plus", "+86", "'+86"],
    ["a minus that is text", "-1", "'-1"],
    ["a command of old", "@SUM(A1)", "'@SUM(A1)"],
    ["a sign of twice the width", "＝1+2", "'＝1+2"],
    ["a formula behind a space", " =1", "' =1"],
    ["a tab", "\t=1", "'\t=1"],
    ["a line break before a formula", "\n=1", "\"'\n=1\""],
    ["an equals sign within", "a=1", "a=1"]
  ])("%s", (_, value, expected) => expect(Sheet.field(value)).toBe(expected))
})

describe("a sheet", () => {
  it("as CSV has its header, also without rows", async () => {
    expect(await chunks("csv")).toEqual(["name,fen\r\n"])
    expect((await chunks("csv", [{ name: "a", fen: 1 }, { name: null, fen: null }], [{ name: "b", fen: 2 }])).join(""))
      .toBe("name,fen\r\na,1\r\n,\r\nb,2\r\n")
  })

  it("as NDJSON has a line of JSON for each row, and none without rows", async () => {
    expect(await chunks("ndjson")).toEqual([])
    expect((await chunks("ndjson", [{ name: "a\n\"", fen: 1 }, { name: "=1", fen: null }])).join("")).toBe(
      "{\"name\":\"a\\n\\\"\",\"fen\":1}\n{\"name\":\"=1\",\"fen\":null}\n"
    )
  })

  const field = fc.oneof(
    fc.integer(),
    fc.constant(null),
    fc.string(),
    fc.string({ unit: fc.constantFrom("=", "\"", ",", "\r", "\n", "\t", "＠", "a", "-", " ") })
  )
  const rows = fc.array(fc.record({ name: field, fen: field }), { maxLength: 20 })

  it("is read back field by field, and no text begins as a formula does", () =>
    fc.assert(fc.asyncProperty(rows, async (rows) => {
      const [header, ...records] = parse((await chunks("csv", rows)).join(""))
      expect(header).toEqual(["name", "fen"])
      expect(records).toHaveLength(rows.length)
      for (const [at, { fen, name }] of rows.entries()) {
        for (const [column, value] of [name, fen].entries()) {
          const read = records[at]?.[column] ?? ""
          if (typeof value !== "string") expect(read).toBe(value === null ? "" : `${value}`)
          else {
            expect([value, `'${value}`]).toContain(read)
            expect(read.trimStart()).not.toMatch(/^[=+\-@＝＋－＠]/)
          }
        }
      }
    })))

  it("as NDJSON is read back as it was", () =>
    fc.assert(fc.asyncProperty(rows, async (rows) => {
      const text = (await chunks("ndjson", rows)).join("")
      expect(text.split("\n").slice(0, -1).map((line) => JSON.parse(line))).toEqual(rows)
    })))
})
