import { Result } from "effect"
import { describe, expect, it } from "vitest"
import * as JsonBody from "../../src/JsonBody.ts"
import * as WeChatAnswer from "../../src/wechat/WeChatAnswer.ts"
import { bytes, reason } from "./party.ts"

const sha1 = "79bb0f45fc4c42234a918000b2668d689e2bde04"
const url = "https://api.mch.weixin.qq.com/v3/billdownload/file?token=6XIv5T"
const address = { hash_type: "SHA1", hash_value: sha1, download_url: url }

describe("a short answer is read", () => {
  it("what an order is paid with", () => {
    const code = JsonBody.write({ code_url: "weixin://wxpay/bizpayurl?pr=p4lpSuKzz" })
    expect(Result.getOrThrow(WeChatAnswer.codeUrl(code))).toBe("weixin://wxpay/bizpayurl?pr=p4lpSuKzz")
    expect(Result.getOrThrow(WeChatAnswer.prepayId(JsonBody.write({ prepay_id: "wx2614" })))).toBe("wx2614")
    for (const wrong of ["{}", "{\"code_url\":\"\"}", "{\"code_url\":1}", "{\"code_url\":\"a\\nb\"}", ""]) {
      expect(reason(WeChatAnswer.codeUrl(bytes(wrong)))).toBe("malformed")
      expect(reason(WeChatAnswer.prepayId(bytes(wrong)))).toBe("malformed")
    }
  })

  it("where a bill is, as it was written", () => {
    const written = WeChatAnswer.writeBillAddress({ sha1, url })
    expect(JSON.parse(Buffer.from(written).toString())).toEqual(address)
    expect(Result.getOrThrow(WeChatAnswer.billAddress(written))).toEqual({ sha1, url })
  })

  it.each([
    [{ hash_type: "SHA256" }, "unsupported"],
    [{ hash_value: "79bb" }, "malformed"],
    [{ hash_value: "" }, "malformed"],
    [{ download_url: undefined }, "malformed"],
    [{ download_url: "https://a b" }, "malformed"]
  ])("where a bill is, with %j: %s", (changes, expected) => {
    expect(reason(WeChatAnswer.billAddress(JsonBody.write({ ...address, ...changes })))).toBe(expected)
  })

  it.each([
    ["{\"code\":\"PARAM_ERROR\",\"message\":\"参数错误\",\"detail\":{}}", { code: "PARAM_ERROR", message: "参数错误" }],
    ["{\"code\":\"SYSTEM_ERROR\"}", { code: "SYSTEM_ERROR" }],
    ["{\"code\":500}", {}],
    ["<html>502 Bad Gateway</html>", {}],
    ["", {}]
  ])("what went wrong: %s", (body, expected) => {
    expect(WeChatAnswer.problem(bytes(body))).toEqual(expected)
  })
})
