import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Bytes from "../src/Bytes.ts"

describe("bytes", () => {
  it.each(["0", "0x00", "GG", "00 0", "零零"])("%s is no hexadecimal", (text) => {
    expect(() => Bytes.of(text)).toThrow(RangeError)
  })

  it.each([
    [0, 1, "00"],
    [1_000, 4, "000003E8"],
    [65_535, 2, "FFFF"],
    [281_474_976_710_655, 6, "FFFFFFFFFFFF"]
  ])("%i in %i bytes: %s", (value, length, text) => {
    expect(Bytes.hex(Bytes.ofNumber(value, length))).toBe(text)
    expect(Bytes.toNumber(Bytes.of(text))).toBe(value)
  })

  it.each([[-1, 4], [0.5, 4], [65_536, 2], [Number.NaN, 4]])("%d does not fit into %i bytes", (value, length) => {
    expect(() => Bytes.ofNumber(value, length)).toThrow(RangeError)
  })

  it("what is written is read again, and only the same is equal", () =>
    fc.assert(fc.property(fc.uint8Array(), fc.uint8Array(), (one, other) => {
      expect(Bytes.of(Bytes.hex(one))).toEqual(one)
      expect(Bytes.equal(one, other)).toBe(Bytes.hex(one) === Bytes.hex(other))
      expect(Bytes.hex(Bytes.join(one, 7, other))).toBe(`${Bytes.hex(one)}07${Bytes.hex(other)}`)
    })))
})
