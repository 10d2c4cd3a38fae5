import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as ForeignCode from "../src/ForeignCode.ts"
import { vectors } from "./support/codes.ts"

const digits = (n: number) => "123456789012345678901234".slice(0, n)

describe("whose code a camera saw (R4-R7)", () => {
  it.each<[string, string, ForeignCode.ForeignCode]>([
    ["WeChat, the lowest prefix", "10" + digits(16), "weChat"],
    ["WeChat, the highest prefix", "15" + digits(16), "weChat"],
    ["no prefix of WeChat", "16" + digits(16), "unknown"],
    ["no prefix of WeChat", "09" + digits(16), "unknown"],
    ["a digit short for WeChat", "13" + digits(15), "unknown"],
    ["a digit long for WeChat", "13" + digits(17), "unknown"],
    ["龙支付", "62" + "7" + "0105" + digits(12), "longPay"],
    ["UnionPay", "62" + digits(17), "unionPay"],
    ["UnionPay, 0105 in another place", "62" + "0105" + digits(13), "unionPay"],
    ["a digit short for UnionPay", "62" + digits(16), "unknown"],
    ["a digit long for UnionPay", "62" + digits(18), "unknown"],
    ["Alipay, the shortest", "25" + digits(14), "alipay"],
    ["Alipay, the longest", "30" + digits(22), "alipay"],
    ["Alipay, between", "28" + digits(16), "alipay"],
    ["a digit short for Alipay", "28" + digits(13), "unknown"],
    ["a digit long for Alipay", "28" + digits(23), "unknown"],
    ["no prefix of Alipay", "24" + digits(16), "unknown"],
    ["no prefix of Alipay", "31" + digits(16), "unknown"],
    ["a student number", "2025110001", "unknown"],
    ["a web page", "https://example.com/?id=134567890123456789", "unknown"],
    ["with a line end", "13" + digits(16) + "\n", "unknown"],
    ["with a blank before it", " 13" + digits(16), "unknown"],
    ["wide digits", "１３" + digits(16), "unknown"],
    ["Arabic digits", "13" + "٠١٢٣٤٥٦٧٨٩٠١٢٣٤٥", "unknown"],
    ["nothing", "", "unknown"],
    ["ours", vectors.accepted[0]?.text ?? "", "campus"],
    ["ours, damaged: its checker says so", "YK:?", "campus"],
    ["ours in small letters", "yk:ABC", "unknown"]
  ])("R4 R5 R6 R7 %s: %s", (_, text, whose) => {
    expect(ForeignCode.recognise(text)).toBe(whose)
  })

  it("R6 every text has one answer, and it never holds the text", () => {
    const texts = fc.oneof(fc.string({ unit: "binary" }), fc.stringMatching(/^[0-9]{14,26}$/))
    const answers: ReadonlyArray<string> = ForeignCode.ForeignCode.literals
    fc.assert(
      fc.property(texts, (text) => {
        expect(answers).toContain(ForeignCode.recognise(text))
      }),
      { numRuns: 500 }
    )
  })

  it("R6 the services' codes lie apart: only 龙支付 would be UnionPay as well", () => {
    const prefixed = (prefix: string, length: number) =>
      fc.stringMatching(new RegExp(`^${prefix}[0-9]{${length - 2}}$`))
    fc.assert(fc.property(prefixed("1[0-5]", 18), (text) => ForeignCode.recognise(text) === "weChat"))
    fc.assert(fc.property(prefixed("62", 19), (text) => {
      expect(ForeignCode.recognise(text)).toBe(text.slice(3, 7) === "0105" ? "longPay" : "unionPay")
    }))
    fc.assert(
      fc.property(
        fc.integer({ min: 16, max: 24 }).chain((n) => prefixed("(2[5-9]|30)", n)),
        (text) => ForeignCode.recognise(text) === "alipay"
      )
    )
  })
})
