import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Output from "../src/Output.ts"

describe("Output.redact", () => {
  it.each([
    ["postgres://campus:secret@localhost:5432/campus", "postgres://***@localhost:5432/campus"],
    ["postgres://campus:se@cr/et@localhost/campus", "postgres://***@localhost/campus"],
    ["x postgresql://u:secret@h, then http://h/x", "x postgresql://***@h, then http://h/x"],
    ["postgres://h/db?user=u&password=secret&sslmode=require", "postgres://h/db?user=u&password=***&sslmode=require"],
    ["host=h password=secret", "host=h password=***"],
    ["good.json:1:2: nothing to hide", "good.json:1:2: nothing to hide"],
    ["someone@example.org", "someone@example.org"]
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

describe("Output.table", () => {
  it("sets the first column left and the others right", () => {
    expect(Output.table([["指令", "count"], ["PayByCard", "1"]])).toEqual(["指令       count", "PayByCard      1"])
  })
})
