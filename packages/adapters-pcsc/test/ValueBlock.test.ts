import { Result } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Bytes from "../src/Bytes.ts"
import * as ValueBlock from "../src/ValueBlock.ts"

describe("a value block", () => {
  it.each([
    ["100 at block 5", 100, 5, "64000000 9BFFFFFF 64000000 05FA05FA"],
    ["nothing", 0, 0, "00000000 FFFFFFFF 00000000 00FF00FF"],
    ["less than nothing", -1, 4, "FFFFFFFF 00000000 FFFFFFFF 04FB04FB"],
    ["the most", 2_147_483_647, 255, "FFFFFF7F 00000080 FFFFFF7F FF00FF00"],
    ["the least", -2_147_483_648, 1, "00000080 FFFFFF7F 00000080 01FE01FE"]
  ])("%s", (_, value, address, written) => {
    expect(Bytes.hex(ValueBlock.encode({ value, address }))).toBe(written.replaceAll(" ", ""))
    expect(ValueBlock.decode(Bytes.of(written))).toStrictEqual(Result.succeed({ value, address }))
  })

  it.each([
    ["nothing at all", "", "Length"],
    ["one byte", "64", "Length"],
    ["a byte too many", "64000000 9BFFFFFF 64000000 05FA05FA 00", "Length"],
    ["zeros", "00000000 00000000 00000000 00000000", "Value"],
    ["the inverted value differs", "64000000 9AFFFFFF 64000000 05FA05FA", "Value"],
    ["the third value differs", "64000000 9BFFFFFF 65000000 05FA05FA", "Value"],
    ["the address differs", "64000000 9BFFFFFF 64000000 05FA06FA", "Address"],
    ["the inverted address differs", "64000000 9BFFFFFF 64000000 05FA05FB", "Address"]
  ])("%s is none", (_, written, problem) => {
    expect(ValueBlock.decode(Bytes.of(written))).toStrictEqual(Result.fail({ _tag: "ValueBlockDamaged", problem }))
  })

  it.each([[2_147_483_648], [-2_147_483_649], [0.5], [Number.NaN]])("%d has no block", (value) => {
    expect(() => ValueBlock.encode({ value, address: 0 })).toThrow(RangeError)
  })

  it.each([[-1], [256], [0.5]])("%d is no address", (address) => {
    expect(() => ValueBlock.encode({ value: 0, address })).toThrow(RangeError)
  })

  it("every value and address comes back", () => {
    fc.assert(fc.property(fc.integer(), fc.integer({ min: 0, max: 255 }), (value, address) => {
      expect(ValueBlock.decode(ValueBlock.encode({ value, address }))).toStrictEqual(Result.succeed({ value, address }))
    }))
  })

  it("one changed byte is always seen", () => {
    const change = fc.tuple(fc.integer({ min: 0, max: 15 }), fc.integer({ min: 1, max: 255 }))
    fc.assert(fc.property(fc.integer(), fc.integer({ min: 0, max: 255 }), change, (value, address, [at, by]) => {
      const block = ValueBlock.encode({ value, address })
      block[at] = (block[at] ?? 0) ^ by
      expect(Result.isFailure(ValueBlock.decode(block))).toBe(true)
    }))
  })
})
