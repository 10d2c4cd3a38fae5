import { Result } from "effect"
import * as fc from "fast-check"
import { inspect } from "node:util"
import { describe, expect, it } from "vitest"
import * as Pan from "../src/Pan.ts"

describe("a card number", () => {
  it.each([
    ["16 digits", "4111111111111111", "411111******1111"],
    ["19 digits, as CCB has", "6217000010000000003", "621700*********0003"],
    ["13 digits", "4222222222222", "422222***2222"]
  ])("%s", (_, digits, masked) => {
    const pan = Result.getOrThrow(Pan.parse(digits))
    expect(Pan.digits(pan)).toBe(digits)
    expect(Pan.masked(pan)).toBe(masked)
    expect(Pan.tail(pan)).toBe(digits.slice(-4))
  })

  it.each([
    ["another check digit", "4111111111111112"],
    ["two digits exchanged", "4111111111111171"],
    ["too short", "411111111111"],
    ["too long", "41111111111111111114"],
    ["blanks", "4111 1111 1111 1111"],
    ["a letter", "411111111111111a"],
    ["digits of another script", "４１１１１１１１１１１１１１１１"],
    ["a line end", "4111111111111111\n"],
    ["nothing", ""]
  ])("refused: %s", (_, digits) => {
    const refusal = Result.getOrThrow(Result.flip(Pan.parse(digits)))
    expect(refusal).toEqual({ _tag: "Refusal", reason: "malformed", what: "the card number" })
  })

  it("no log shows it", () => {
    const pan = Result.getOrThrow(Pan.parse("4111111111111111"))
    for (const shown of [String(pan), JSON.stringify({ pan }), inspect({ pan }, { depth: 9, showHidden: true })]) {
      expect(shown).not.toContain("1111")
    }
  })

  it("every single wrong digit is found", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 15 }), fc.integer({ min: 1, max: 9 }), (at, by) => {
        const digits = [..."4111111111111111"].map((digit, index) => index === at ? (Number(digit) + by) % 10 : digit)
        expect(Result.isFailure(Pan.parse(digits.join("")))).toBe(true)
      })
    )
  })
})
