import { Result } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Gbk from "../src/Gbk.ts"

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"))

describe("text in GBK", () => {
  it.each([
    ["ASCII", "41422031", "AB 1"],
    ["Chinese characters, two bytes each", "d6d0b9fad2f8c1aa", "中国银联"],
    ["a character whose second byte is an ASCII letter", "8141", "丄"],
    ["a character that only GBK has, not GB 2312", "e96c", "閘"],
    ["the mark of UTF-8, which is legal Chinese here and is not dropped", "efbbbf41", "锘緼"],
    ["nothing", "", ""]
  ])("%s", (_, hex, text) => {
    expect(Gbk.decode(bytes(hex))).toEqual(Result.succeed(text))
    expect(Buffer.from(Gbk.encode(text)).toString("hex")).toBe(hex)
  })

  it.each([
    ["half a character", "d6"],
    ["half a character at the end", "d6d0b9"],
    ["a second byte that can not be", "d620"],
    ["FF, which begins nothing", "ff41"],
    ["the four bytes of GB 18030", "81308130"],
    ["UTF-8 with an odd number of bytes", Buffer.from("银联卡").subarray(0, 7).toString("hex")]
  ])("%s is refused", (_, hex) => {
    expect(Gbk.decode(bytes(hex))).toEqual(Result.fail({ _tag: "Refusal", reason: "charset", what: "text in GBK" }))
  })

  it("says which text it can write, and does not write question marks for the rest", () => {
    expect(Gbk.isWritable("王?")).toBe(true)
    for (const rare of ["𠮷", "王😀", "\ud800", "\ufffd"]) {
      expect(Gbk.isWritable(rare)).toBe(false)
      expect(() => Gbk.encode(rare)).toThrow(RangeError)
    }
  })

  it("reads back what it wrote", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
      fc.pre(Gbk.isWritable(text))
      expect(Gbk.decode(Gbk.encode(text))).toEqual(Result.succeed(text))
    }))
    const chinese = fc.string({
      unit: fc.integer({ min: 0x4e00, max: 0x9fa5 }).map((code) => String.fromCharCode(code))
    })
    fc.assert(fc.property(chinese, (text) => {
      expect(Gbk.encode(text).length).toBe(text.length * 2)
      expect(Gbk.decode(Gbk.encode(text))).toEqual(Result.succeed(text))
    }))
  })
})
