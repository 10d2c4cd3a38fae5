import { AlipaySdk } from "alipay-sdk"
import { Result } from "effect"
import * as fc from "fast-check"
import { generateKeyPairSync } from "node:crypto"
import { describe, expect, it } from "vitest"
import * as AlipayResponse from "../../src/alipay/AlipayResponse.ts"
import * as AlipaySignature from "../../src/alipay/AlipaySignature.ts"

const gateway = generateKeyPairSync("rsa", { modulusLength: 2048 })
const foreign = generateKeyPairSync("rsa", { modulusLength: 2048 })
const trust = [{ key: gateway.publicKey }]
const method = "alipay.trade.query"
const name = "alipay_trade_query_response"
const sign = (text: string) => AlipaySignature.sign(text, gateway.privateKey)

const read = (text: string | Uint8Array, keys: AlipaySignature.Trust = trust) =>
  AlipayResponse.read(typeof text === "string" ? Buffer.from(text) : text, method, keys)
const signed = (body: unknown) => Result.succeed({ _tag: "Signed", body })

describe("an answer that is believed", () => {
  const object = `{"code":"10000","a":1}`
  const odd = `{ "code" : "10000" ,\n "qr":"https:\\/\\/qr.alipay.com\\/x", "n":{"sign":"no","l":[{"x":"}]"}]} }`
  const inside = `{"code":"10000","subject":"\\"${name}\\":{\\"code\\":\\"40004\\"},\\"sign\\":\\"x\\""}`
  it.each<[string, string, unknown]>([
    ["as it is mostly sent", `{"${name}":${object},"sign":"${sign(object)}"}`, { code: "10000", a: 1 }],
    ["with the signature first", `{"sign":"${sign(object)}","${name}":${object}}`, { code: "10000", a: 1 }],
    ["with blanks, escapes and braces in strings", `{ "${name}" :\r\n${odd}\t, "sign":"${sign(odd)}" } `, {
      code: "10000",
      qr: "https://qr.alipay.com/x",
      n: { sign: "no", l: [{ x: "}]" }] }
    }],
    ["with the name of the answer and a signature inside a value", `{"${name}":${inside},"sign":"${sign(inside)}"}`, {
      code: "10000",
      subject: `"${name}":{"code":"40004"},"sign":"x"`
    }],
    ["an error, signed", `{"error_response":${object},"sign":"${sign(object)}"}`, { code: "10000", a: 1 }],
    [
      "with the slashes of the signature escaped",
      `{"${name}":${object},"sign":"${sign(object).replaceAll("/", "\\/")}"}`,
      {
        code: "10000",
        a: 1
      }
    ],
    ["with members that nobody asked for", `{"x":[1,{}],"y":null,"${name}":${object},"sign":"${sign(object)}"}`, {
      code: "10000",
      a: 1
    }]
  ])("%s", (_, text, body) => {
    expect(read(text)).toEqual(signed(body))
  })

  it("names the certificate whose key counts", () => {
    const text = AlipayResponse.write(method, { code: "10000" }, gateway.privateKey, "ab01")
    expect(read(text, [{ key: gateway.publicKey, certificate: "ab01" }])).toEqual(signed({ code: "10000" }))
    expect(read(text, [{ key: gateway.publicKey, certificate: "ab02" }]))
      .toEqual(Result.fail({ _tag: "Refusal", reason: "unknownKey", what: "the certificate that it names" }))
  })

  it("which is an error that nobody signed says so", () => {
    expect(read(AlipayResponse.writeUnsigned({ code: "40002", sub_code: "isv.invalid-app-id" })))
      .toEqual(Result.succeed({ _tag: "Unsigned", body: { code: "40002", sub_code: "isv.invalid-app-id" } }))
  })
})

describe("an answer that is refused", () => {
  const object = `{"code":"10000"}`
  const good = `{"${name}":${object},"sign":"${sign(object)}"}`
  const twice = `{"code":"10000","code":"10000"}`
  const deep = `{"a":${"[".repeat(20)}${"]".repeat(20)}}`
  it.each<[string, string | Uint8Array, string]>([
    ["of another key", `{"${name}":${object},"sign":"${AlipaySignature.sign(object, foreign.privateKey)}"}`, "forged"],
    ["without a signature", `{"${name}":${object}}`, "forged"],
    ["with a changed amount", good.replace("10000", "10001"), "forged"],
    ["written anew, one blank more", good.replace(":\"10000\"", ": \"10000\""), "forged"],
    [
      "with the object of the signature inside a string of another",
      `{"x":"${`"${name}":${object}`.replaceAll("\"", "\\\"")}","${name}":{"code":"40004"},"sign":"${sign(object)}"}`,
      "forged"
    ],
    ["twice", `{"${name}":${object},"${name}":{"code":"40004"},"sign":"${sign(object)}"}`, "duplicateKey"],
    ["with two signatures", `{"${name}":${object},"sign":"x","sign":"${sign(object)}"}`, "duplicateKey"],
    ["beside an error", `{"${name}":${object},"error_response":{},"sign":"${sign(object)}"}`, "malformed"],
    ["to another method", good.replace(name, "alipay_trade_pay_response"), "malformed"],
    ["under a name with an escape", good.replace("\"sign\"", "\"s\\u0069gn\""), "malformed"],
    ["cut off in the object", good.slice(0, 40), "malformed"],
    ["cut off in the signature", good.slice(0, -10), "malformed"],
    ["with something after it", `${good}{}`, "malformed"],
    ["that is encrypted", `{"${name}":"abc","sign":"${sign("\"abc\"")}"}`, "unsupported"],
    ["that is a list", `[${good}]`, "malformed"],
    ["that is a page of a proxy", "<html>502</html>", "malformed"],
    ["that is nothing", "", "malformed"],
    ["with a mark of UTF-8 before it", `\ufeff${good}`, "malformed"],
    ["in GBK", Buffer.from([0x7b, 0x22, 0xd6, 0xd0, 0x22, 0x3a, 0x31, 0x7d]), "charset"],
    ["too long", `{"x":"${"a".repeat(70_000)}",${good.slice(1)}`, "tooLarge"],
    ["too deep, though signed", `{"${name}":${deep},"sign":"${sign(deep)}"}`, "tooLarge"],
    ["with a name twice, though signed", `{"${name}":${twice},"sign":"${sign(twice)}"}`, "duplicateKey"],
    ["that is no JSON, though signed", `{"${name}":{"a":},"sign":"${sign("{\"a\":}")}"}`, "malformed"]
  ])("%s", (_, text, reason) => {
    const result = read(text)
    expect(Result.isFailure(result) ? result.failure.reason : result).toBe(reason)
  })

  it("is never believed after a change of any one byte of its object", () => {
    const text = AlipayResponse.write(method, { code: "10000", total_amount: "12.50" }, gateway.privateKey)
    const start = text.indexOf("{", 1)
    fc.assert(fc.property(fc.nat({ max: 40 }), fc.integer({ min: 1, max: 255 }), (at, mask) => {
      const bytes = Buffer.from(text)
      bytes[start + at] = (bytes[start + at] ?? 0) ^ mask
      expect(Result.isFailure(read(bytes))).toBe(true)
    }))
  })

  it("never throws, whatever comes", () => {
    fc.assert(fc.property(fc.oneof(fc.json(), fc.string(), fc.uint8Array()), (sent) => {
      expect(Result.isFailure(read(sent))).toBe(true)
    }))
  })
})

describe("alipay-sdk as the judge", () => {
  const sdk = new AlipaySdk({
    appId: "2021",
    privateKey: foreign.privateKey.export({ type: "pkcs1", format: "pem" }).toString(),
    alipayPublicKey: gateway.publicKey.export({ type: "spki", format: "pem" }).toString()
  })

  it("believes what is written here, whatever it holds, and so do we", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.string({ unit: "grapheme" })), (fields) => {
        const body = { code: "10000", ...fields }
        const text = AlipayResponse.write(method, body, gateway.privateKey)
        // The sdk looks for the last sign of all, and is misled by one inside a value.
        sdk.checkResponseSign(text, name, String(JSON.parse(text).sign), "")
        expect(read(text)).toEqual(signed(body))
      }),
      { numRuns: 100 }
    )
  })
})
