import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Output from "../src/Output.ts"

/** A character by its number: what is not seen does not stand in a source. */
const character = (code: number): string => String.fromCharCode(code)
const escape = character(0x1b)

/** What a terminal obeys, by its name and its number. */
const obeyed: ReadonlyArray<readonly [name: string, code: number]> = [
  ["nothing", 0x00],
  ["a bell", 0x07],
  ["a step back", 0x08],
  ["a tabulator", 0x09],
  ["a line break", 0x0a],
  ["a carriage return", 0x0d],
  ["an escape", 0x1b],
  ["the last of C0", 0x1f],
  ["delete", 0x7f],
  ["the first of C1", 0x80],
  ["a next line", 0x85],
  ["a control sequence of one byte", 0x9b],
  ["an operating system command of one byte", 0x9d],
  ["the last of C1", 0x9f],
  ["an Arabic letter mark", 0x61c],
  ["a space without width", 0x200b],
  ["a mark to the right", 0x200e],
  ["a mark to the left", 0x200f],
  ["a line separator", 0x2028],
  ["a paragraph separator", 0x2029],
  ["an embedding to the left", 0x202b],
  ["the end of an embedding", 0x202c],
  ["an override to the right", 0x202d],
  ["an override to the left", 0x202e],
  ["a word joiner", 0x2060],
  ["an isolate to the right", 0x2066],
  ["an isolate to the left", 0x2067],
  ["the end of an isolate", 0x2069],
  ["a byte order mark", 0xfeff]
]

describe("Output.redact", () => {
  it.each([
    ["postgres://campus:secret@localhost:5432/campus", "postgres://***@localhost:5432/campus"],
    ["postgres://campus:se@cr/et@localhost/campus", "postgres://***@localhost/campus"],
    ["x postgresql://u:secret@h, then http://h/x", "x postgresql://***@h, then http://h/x"],
    ["postgres://h/db?user=u&password=secret&sslmode=require", "postgres://h/db?user=u&password=***&sslmode=require"],
    ["host=h password=secret", "host=h password=***"],
    ["good.json:1:2: nothing to hide", "good.json:1:2: nothing to hide"],
    ["someone@example.org", "someone@example.org"],
    [`the database, ${Output.addressSample}; or`, `the database, ${Output.addressSample}; or`],
    [`as ${Output.addressSample}`, `as ${Output.addressSample}`],
    [`${Output.addressSample};x@h`, "postgres://***@h"],
    [`postgres://u:secret-${Output.addressSample}`, "postgres://***@host:5432/name"]
  ])("D24: %s", (text, redacted) => expect(Output.redact(text)).toBe(redacted))

  it("D24: no password of an address is left, whatever characters it has", () => {
    const passwords = fc.string({ minLength: 6 }).filter((text) => !/[\s"']/.test(text) && text.trim() !== "")
    fc.assert(
      fc.property(passwords, fc.string(), (password, around) => {
        const told = Output.redact(`could not reach postgres://campus:${password}@h:1/campus`)
        expect(told).toBe("could not reach postgres://***@h:1/campus")
        expect(Output.redact(around)).toBe(Output.redact(Output.redact(around)))
      })
    )
  })
})

describe("Output.visible", () => {
  it.each(obeyed)("D24: %s is shown by its number", (_, code) => {
    const shown = Output.visible(`a${character(code)}b`)
    expect(shown).toBe(`a\\u${code.toString(16).padStart(4, "0")}b`)
    expect(JSON.parse(`"${shown}"`)).toBe(`a${character(code)}b`)
  })

  it.each([
    "plain text, with (signs): \"and\" 'quotes' \\ / {}",
    "湖南城市学院一卡通，第 1 食堂",
    "Zoë, naïve, ÿ, ｆｕｌｌ",
    "a zero width joiner holds 👩‍🍳 together"
  ])("leaves what is seen as it is: %s", (text) => expect(Output.visible(text)).toBe(text))

  it("leaves JSON the same JSON, whatever is in it", () => {
    const any = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom(...obeyed.map(([, code]) => character(code))))
    fc.assert(fc.property(fc.array(any), (texts) => {
      const shown = Output.visible(JSON.stringify(texts))
      expect(shown).not.toMatch(/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u)
      expect(JSON.parse(shown)).toEqual(texts)
    }))
  })
})

describe("Output.guarding", () => {
  /** What arrives at a terminal. */
  const printed = (text: string): ReadonlyArray<unknown> => {
    const told: Array<unknown> = []
    const print = (...parts: ReadonlyArray<unknown>): void => void told.push(...parts)
    const console = Object.assign(Object.create(globalThis.console), {
      error: print,
      info: print,
      log: print,
      warn: print
    })
    const guarded = Output.guarding(console)
    for (const way of ["error", "info", "log", "warn"] as const) guarded[way](text)
    expect(new Set(told).size).toBe(1)
    return told.slice(0, 1)
  }

  it.each<[title: string, text: string, told: string]>([
    ["lines are lines", "a\nb", "a\nb"],
    [
      "the colours of the help",
      `${escape}[1mUSAGE${escape}[0m ${escape}[36mx${escape}[0m`,
      `${escape}[1mUSAGE${escape}[0m ${escape}[36mx${escape}[0m`
    ],
    ["what hides", `${escape}[8mx`, "\\u001b[8mx"],
    ["black on black", `${escape}[40;30mx`, "\\u001b[40;30mx"],
    ["a cursor that goes up", `a${escape}[1A${escape}[2Kgood`, "a\\u001b[1A\\u001b[2Kgood"],
    ["a title", `${escape}]0;x${character(7)}`, "\\u001b]0;x\\u0007"],
    ["back to the beginning of the line", "bad\rgood", "bad\\u000dgood"],
    ["the other direction", `${character(0x202e)}dab`, "\\u202edab"],
    ["a secret with a separator in it", `postgres://u:se${character(0x2028)}cret@h`, "postgres://***@h"],
    ["a secret with a step back in it", `postgres://u:se\bcret@h`, "postgres://***@h"]
  ])("D24: %s", (_, text, told) => expect(printed(text)).toEqual([told]))
})

describe("Output.table", () => {
  it("sets the first column left and the others right", () => {
    expect(Output.table([["指令", "count"], ["PayByCard", "1"]])).toEqual(["指令       count", "PayByCard      1"])
  })
})
