import { AlipaySdk } from "alipay-sdk"
import { Result } from "effect"
import * as fc from "fast-check"
import { createVerify, generateKeyPairSync } from "node:crypto"
import { describe, expect, it } from "vitest"
import * as AlipaySignature from "../../src/alipay/AlipaySignature.ts"

const pair = () => generateKeyPairSync("rsa", { modulusLength: 2048 })
const ours = pair()
const next = pair()
const foreign = pair()
const trust = [{ key: ours.publicKey }]

const refusal = (result: Result.Result<unknown, { reason: string; what: string }>) =>
  Result.isFailure(result) ? [result.failure.reason, result.failure.what] : "believed"

describe("the text that is signed", () => {
  const parameters = new Map([["b", "2"], ["sign_type", "RSA2"], ["a", "1&x=y"], ["empty", ""], ["sign", "…"], [
    "B",
    "3"
  ]])

  it("of a request: all that have a value, the type of the signature too, in the order of their codes", () => {
    expect(AlipaySignature.requestText(parameters)).toBe("B=3&a=1&x=y&b=2&sign_type=RSA2")
  })

  it("of a notice: all as they were sent, without the type of the signature", () => {
    expect(AlipaySignature.noticeText(parameters)).toBe("B=3&a=1&x=y&b=2&empty=")
  })

  it("is signed with SHA-256 over UTF-8", () => {
    const verifier = createVerify("RSA-SHA256").update("subject=充值", "utf8")
    expect(verifier.verify(ours.publicKey, AlipaySignature.sign("subject=充值", ours.privateKey), "base64")).toBe(true)
  })
})

describe("a signature", () => {
  const signature = AlipaySignature.sign("a=1", ours.privateKey)

  it.each<[string, string, string | undefined, AlipaySignature.Trust, string | undefined, unknown]>([
    ["of a trusted key", "a=1", signature, trust, undefined, "believed"],
    ["of one of two, while they change", "a=1", signature, [{ key: next.publicKey }, ...trust], undefined, "believed"],
    [
      "of the certificate that is named",
      "a=1",
      signature,
      [{ key: ours.publicKey, certificate: "01" }],
      "01",
      "believed"
    ],
    ["over another text", "a=2", signature, trust, undefined, ["forged", "the signature"]],
    ["of a foreign key", "a=1", AlipaySignature.sign("a=1", foreign.privateKey), trust, undefined, [
      "forged",
      "the signature"
    ]],
    [
      "of another certificate than the one named",
      "a=1",
      signature,
      [
        { key: next.publicKey, certificate: "02" },
        { key: ours.publicKey, certificate: "01" }
      ],
      "02",
      ["forged", "the signature"]
    ],
    ["of a certificate that nobody knows", "a=1", signature, trust, "03", [
      "unknownKey",
      "the certificate that it names"
    ]],
    ["that is not there", "a=1", undefined, trust, undefined, ["forged", "no signature"]],
    ["that is empty", "a=1", "", trust, undefined, ["forged", "no signature"]],
    ["with a line break in it", "a=1", `${signature.slice(0, 64)}\n${signature.slice(64)}`, trust, undefined, [
      "forged",
      "the signature is not base64"
    ]],
    ["cut off", "a=1", signature.slice(0, 100), trust, undefined, ["forged", "the signature"]],
    ["that is far too long", "a=1", "A".repeat(10_000), trust, undefined, ["forged", "the signature is not base64"]],
    ["with nobody trusted", "a=1", signature, [], undefined, ["unknownKey", "the certificate that it names"]]
  ])("%s", (_, text, made, keys, certificate, expected) => {
    expect(refusal(AlipaySignature.verify(text, made, keys, certificate))).toEqual(expected)
  })

  it("under SHA-1, the older RSA, is refused", () => {
    const sdk = new AlipaySdk({
      appId: "2021",
      privateKey: ours.privateKey.export({ type: "pkcs1", format: "pem" }).toString(),
      signType: "RSA"
    })
    const sent = new URLSearchParams(sdk.sdkExecute("alipay.trade.query", { bizContent: { outTradeNo: "1" } }))
    const parameters = new Map(sent)
    expect(refusal(AlipaySignature.verify(AlipaySignature.requestText(parameters), parameters.get("sign"), trust)))
      .toEqual(["forged", "the signature"])
  })
})

describe("alipay-sdk as the judge", () => {
  const sdk = new AlipaySdk({
    appId: "2021000000000001",
    privateKey: ours.privateKey.export({ type: "pkcs1", format: "pem" }).toString(),
    alipayPublicKey: next.publicKey.export({ type: "spki", format: "pem" }).toString()
  })
  // The sdk gives up on what is no well-formed text, and leaves a trailing lone name out.
  const value = fc.string({ unit: "grapheme", minLength: 1, maxLength: 30 })
  const names = fc.stringMatching(/^[a-z]{1,8}(_[a-z]{1,8})?$/).filter((name) => !["sign", "method"].includes(name))

  it("signs requests that verify here, whatever is in them", () => {
    fc.assert(
      fc.property(value, value, (subject, body) => {
        const written = sdk.sdkExecute("alipay.trade.precreate", { bizContent: { subject, body } })
        const sent = new Map(new URLSearchParams(written))
        const verified = AlipaySignature.verify(AlipaySignature.requestText(sent), sent.get("sign"), trust)
        expect(Result.isSuccess(verified)).toBe(true)
      }),
      { numRuns: 50 }
    )
  })

  it("believes our notices, and not when a value was changed", () => {
    fc.assert(
      fc.property(fc.dictionary(names, value, { minKeys: 1, maxKeys: 8 }), (fields) => {
        const form = new Map(Object.entries(fields).filter(([name]) => name !== "sign_type"))
        fc.pre(form.size > 0)
        const sign = AlipaySignature.sign(AlipaySignature.noticeText(form), next.privateKey)
        const posted = { ...Object.fromEntries(form), sign, sign_type: "RSA2" }
        expect(sdk.checkNotifySignV2(posted)).toBe(true)
        const [[name, before]] = [...form] as [[string, string]]
        expect(sdk.checkNotifySignV2({ ...posted, [name]: `${before}0` })).toBe(false)
      }),
      { numRuns: 50 }
    )
  })
})
