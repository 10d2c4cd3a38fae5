import { Schema } from "effect"
import { describe, expect, it } from "vitest"
import * as Id from "../src/Id.ts"
import * as Pseudonym from "../src/Pseudonym.ts"

describe("who shows a code, as nobody but the issuer can tell (D20)", () => {
  it.each([
    ["0123456789abcdef", true],
    ["0000000000000000", true],
    ["0123456789ABCDEF", false],
    ["0123456789abcde", false],
    ["0123456789abcdef0", false],
    ["0123456789abcdef\n", false],
    ["0123456789abcdeg", false],
    ["constructor", false],
    ["", false]
  ])("D20 %j: %s", (text, ok) => {
    expect(Schema.is(Pseudonym.Pseudonym)(text)).toBe(ok)
  })

  it("D20 every pseudonym is a handle that leads to an account", () => {
    expect(Schema.is(Id.Handle)({ kind: "code", value: Pseudonym.Pseudonym.make("0123456789abcdef") })).toBe(true)
  })

  it.each([[0, false], [1, true], [4_294_967_295, true], [4_294_967_296, false], [1.5, false], [-1, false]])(
    "A22 code number %d: %s",
    (counter, ok) => {
      expect(Schema.is(Pseudonym.Counter)(counter)).toBe(ok)
    }
  )

  it.each([[0, true], [65_535, true], [65_536, false], [-1, false], [0.5, false]])(
    "A22 version %d: %s",
    (version, ok) => {
      expect(Schema.is(Pseudonym.Version)(version)).toBe(ok)
    }
  )
})
