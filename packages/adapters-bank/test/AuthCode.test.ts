import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as AuthCode from "../src/AuthCode.ts"

describe("a payment code shows whose wallet it is of", () => {
  it.each([
    ["101234567890123456", "weChat"],
    ["111234567890123456", "weChat"],
    ["131234567890123456", "weChat"],
    ["151234567890123456", "weChat"],
    ["161234567890123456", undefined],
    ["091234567890123456", undefined],
    ["10123456789012345", undefined],
    ["1012345678901234567", undefined],
    ["6210105123456789012", "ccb"],
    ["6290105123456789012", "ccb"],
    ["6210106123456789012", "unionPay"],
    ["6222021234567890123", "unionPay"],
    ["622202123456789012", undefined],
    ["62220212345678901234", undefined],
    ["2512345678901234", "alipay"],
    ["2812345678901234567", "alipay"],
    ["301234567890123456789012", "alipay"],
    ["251234567890123", undefined],
    ["3012345678901234567890123", undefined],
    ["2412345678901234", undefined],
    ["3112345678901234", undefined],
    ["", undefined],
    [" 101234567890123456", undefined],
    ["101234567890123456\n", undefined],
    ["１０1234567890123456", undefined]
  ])("%j: %s", (code, wallet) => {
    expect(AuthCode.detect(code)).toBe(wallet)
  })

  it("only digits, 16 to 24 of them, are a payment code", () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.stringMatching(/^\d{0,30}$/)), (text) => {
      if (AuthCode.detect(text) !== undefined) expect(text).toMatch(/^\d{16,24}$/)
    }))
  })
})
