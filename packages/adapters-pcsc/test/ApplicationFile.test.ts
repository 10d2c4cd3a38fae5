import { Result } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as ApplicationFile from "../src/ApplicationFile.ts"
import * as Bytes from "../src/Bytes.ts"

const { of } = Bytes
const manual = "1111222233330006 03 01 00061998081700000030 19980815 19981215 5566"

describe("file 15", () => {
  it.each([
    ["the manual's example", manual, "good"],
    ["dates that are not set", "1111222233330006 03 01 00061998081700000030 00000000 FFFFFFFF 5566", "good"],
    ["29 bytes", manual.slice(0, -2), "29 bytes instead of 30"],
    ["nothing", "", "0 bytes instead of 30"],
    ["a card that was never personalised: zeros", "00".repeat(30), "no serial number"],
    ["a card that was never personalised: ones", "FF".repeat(30), "no serial number"],
    ["a first day that does not exist", manual.replace("19980815", "19980231"), "first day: NoSuchDate"],
    ["a last day that is no number", manual.replace("19981215", "1998121A"), "last day: Digits"]
  ])("%s", (_, bytes, expected) => {
    const read = ApplicationFile.decode(of(bytes))
    expect(Result.isSuccess(read) ? "good" : read.failure.problem).toBe(expected)
  })

  it("a card is named by its serial number, in small letters", () =>
    expect(ApplicationFile.cardOf(of("00061998081700ABCDEF"))).toBe("00061998081700abcdef"))

  it("what is read is written again, but for ones that stand for no date", () =>
    fc.assert(fc.property(fc.uint8Array({ minLength: 30, maxLength: 30 }), fc.boolean(), (bytes, dated) => {
      bytes.set(dated ? of("2024041120280411") : of("0000000000000000"), 20)
      const read = ApplicationFile.decode(bytes)
      if (Result.isSuccess(read)) expect(ApplicationFile.encode(read.success)).toEqual(bytes)
    })))

  it("any bytes at all give a file or say why not", () =>
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const read = ApplicationFile.decode(bytes)
      expect(Result.isSuccess(read) || read.failure._tag === "FileDamaged").toBe(true)
    })))
})
