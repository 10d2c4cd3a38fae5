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
    ["{\"code\":\"PARAM_ERROR\",\"message\":\"参数错误\"}", { code: "PARAM_ERROR", message: "参数错误" }],
    ["{\"code\":\"SYSTEM_ERROR\"}", { code: "SYSTEM_ERROR" }],
    ["{\"code\":500}", {}],
    ["<html>502 Bad Gateway</html>", {}],
    ["", {}]
  ])("what went wrong: %s", (body, expected) => {
    expect(WeChatAnswer.problem(bytes(body))).toEqual(expected)
  })
  it.each([
    ["{\"code\":\"PARAM_ERROR\",\"detail\":{\"field\":\"/amount/total\",\"value\":\"secret\"}}", "/amount/total"],
    ["{\"code\":\"PARAM_ERROR\",\"detail\":{\"field\":\"goods[0].name\"}}", "goods[0].name"],
    ["{\"code\":\"PARAM_ERROR\",\"detail\":{\"field\":\"13800138000 李华\"}}", undefined],
    [`{"code":"PARAM_ERROR","detail":{"field":"${"a".repeat(65)}"}}`, undefined],
    ["{\"code\":\"PARAM_ERROR\",\"detail\":{\"field\":7}}", undefined],
    ["{\"code\":\"PARAM_ERROR\",\"detail\":\"total\"}", undefined],
    ["{\"code\":\"PARAM_ERROR\"}", undefined]
  ])("which field is wrong, by its name and nothing else: %s", (body, field) => {
    expect(WeChatAnswer.fieldOf(WeChatAnswer.problem(bytes(body)))).toBe(field)
  })

  it.each([
    ["", "N"],
    ["{\"recall\":\"N\"}", "N"],
    ["{\"recall\":\"Y\"}", "Y"],
    ["{\"out_trade_no\":\"1\"}", "N"]
  ])("whether a reversal has to be asked for again: %s", (body, recall) => {
    expect(Result.getOrThrow(WeChatAnswer.recall(bytes(body)))).toBe(recall)
  })

  it.each(["{\"recall\":\"y\"}", "{\"recall\":true}", "Y", "["])("and nothing is guessed of %s", (body) => {
    expect(reason(WeChatAnswer.recall(bytes(body)))).toBe("malformed")
  })
})
