import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Code from "../../src/unionpay/UnionPayCode.ts"

describe("the answer codes", () => {
  it.each<[string, Code.Class, Code.Submitted]>([
    ["00", "success", "accepted"],
    ["A6", "flawed", "accepted"],
    ["01", "declined", "declined"],
    ["03", "unknown", "unknown"],
    ["04", "unknown", "unknown"],
    ["05", "unknown", "unknown"],
    ["06", "unknown", "unknown"],
    ["10", "misconfigured", "misconfigured"],
    ["11", "misconfigured", "misconfigured"],
    ["12", "duplicate", "duplicate"],
    ["13", "misconfigured", "misconfigured"],
    ["33", "declined", "declined"],
    ["34", "notFound", "unknown"],
    ["35", "declined", "declined"],
    ["36", "declined", "declined"],
    ["37", "tooMany", "unknown"],
    ["38", "declined", "declined"],
    ["42", "unknown", "unknown"],
    ["64", "declined", "declined"],
    ["74", "unknown", "unknown"],
    ["99", "unknown", "unknown"],
    ["ZZ", "unknown", "unknown"]
  ])("%s is %s; a request for money that it answers is %s", (code, kind, submitted) => {
    expect(Code.classOf(code)).toBe(kind)
    expect(Code.submitted(code)).toBe(submitted)
  })

  it.each<[string, string | undefined, Code.Queried]>([
    ["00", "00", "done"],
    ["00", "A6", "done"],
    ["00", "03", "unknown"],
    ["00", "04", "unknown"],
    ["00", "05", "unknown"],
    ["00", "64", "declined"],
    ["00", "11", "declined"],
    ["00", "42", "unknown"],
    ["00", "ZZ", "unknown"],
    ["00", "34", "unknown"],
    ["00", undefined, "unknown"],
    ["A6", "00", "unknown"],
    ["34", undefined, "notFound"],
    ["34", "00", "notFound"],
    ["37", undefined, "tooMany"],
    ["11", "00", "misconfigured"],
    ["64", "00", "unknown"],
    ["05", "00", "unknown"],
    ["ZZ", "00", "unknown"]
  ])("a query that says %s, and %s of the original, means %s", (respCode, origRespCode, queried) => {
    expect(Code.queried(respCode, origRespCode)).toBe(queried)
  })

  it("only 00 and A6 are success, whatever comes", () => {
    fc.assert(fc.property(fc.string(), fc.string(), (respCode, origRespCode) => {
      fc.pre(!["00", "A6"].includes(respCode) || !["00", "A6"].includes(origRespCode))
      expect(Code.queried(respCode, origRespCode)).not.toBe("done")
      if (!["00", "A6"].includes(respCode)) expect(Code.submitted(respCode)).not.toBe("accepted")
    }))
    for (const odd of ["__proto__", "constructor", "toString", ""]) expect(Code.classOf(odd)).toBe("unknown")
  })

  it("has words for each, in both languages, and none of the other side's", () => {
    expect(Code.codes.length).toBeGreaterThan(50)
    for (const code of Code.codes) {
      expect(Code.words(code, "zh")).toMatch(/\p{Script=Han}/u)
      expect(Code.words(code, "en")).toMatch(/^[ -~]{3,}$/)
    }
    expect(Code.words("64", "zh")).toBe("卡上的余额不足")
    expect(Code.words("ZZ", "en")).toBe("a code that is not known here")
    expect(Code.words("ZZ", "zh")).toBe("未知应答码")
  })
})
