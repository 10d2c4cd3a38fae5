import { Result } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Base45 from "../src/Base45.ts"

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0))

describe("RFC 9285: bytes as text, for the codes of R4, R5 and R13", () => {
  it.each([
    ["", ""],
    ["AB", "BB8"],
    ["Hello!!", "%69 VD92EX0"],
    ["base-45", "UJCLQE7W581"],
    ["ietf!", "QED8WEX0"]
  ])("R4 %j is written %j", (bytes, text) => {
    expect(Base45.encode(ascii(bytes))).toBe(text)
    expect(Result.getOrThrow(Base45.decode(text))).toEqual(ascii(bytes))
  })

  it("R4 the largest pair and the largest single byte", () => {
    expect(Base45.encode(Uint8Array.of(0xff, 0xff, 0xff))).toBe("FGWU5")
    expect(Result.getOrThrow(Base45.decode("FGWU5"))).toEqual(Uint8Array.of(0xff, 0xff, 0xff))
  })

  it.each([
    ["A", "Length"],
    ["BB8B", "Length"],
    ["bb8", "Characters"],
    ["BB_", "Characters"],
    ["_B8", "Characters"],
    ["B_8", "Characters"],
    ["BB\n", "Characters"],
    ["ＢB8", "Characters"],
    ["💳8", "Characters"],
    ["GGW", "TooLarge"],
    [":::", "TooLarge"],
    ["V5", "TooLarge"],
    ["::", "TooLarge"]
  ])("R4 %j is no text of bytes: %s", (text, problem) => {
    expect(Result.merge(Base45.decode(text))).toEqual({ _tag: "Base45Malformed", problem })
  })
})

describe("one text for each sequence of bytes", () => {
  it("R4 what was written is read again, also from the middle of a buffer", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(3), (bytes, from) => {
      expect(Result.getOrThrow(Base45.decode(Base45.encode(bytes)))).toEqual(bytes)
      const part = bytes.subarray(from)
      expect(Result.getOrThrow(Base45.decode(Base45.encode(part)))).toEqual(Uint8Array.from(part))
    }))
  })

  it("R4 whatever is read is written the same again, so no code has two texts", () => {
    const texts = fc.string({
      unit: fc.constantFrom(..."0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"),
      maxLength: 12
    })
    let read = 0
    fc.assert(
      fc.property(texts, (text) => {
        const bytes = Base45.decode(text)
        if (Result.isFailure(bytes)) return
        read++
        expect(Base45.encode(bytes.success)).toBe(text)
      }),
      { numRuns: 2_000 }
    )
    expect(read).toBeGreaterThan(100)
  })

  it("R4 reading is total", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(["Success", "Failure"]).toContain(Base45.decode(text)._tag)
    }))
  })
})
