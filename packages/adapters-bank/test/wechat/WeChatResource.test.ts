import { Redacted, Result } from "effect"
import * as fc from "fast-check"
import { createSecretKey } from "node:crypto"
import { describe, expect, it } from "vitest"
import { Aes } from "wechatpay-axios-plugin"
import * as WeChatResource from "../../src/wechat/WeChatResource.ts"
import { apiKey, apiKeyText, bytes, reason } from "./party.ts"

const { AesGcm } = Aes
const nonce = "0123456789ab"
const sealed = WeChatResource.seal(apiKey, bytes("{\"a\":\"一卡通\"}"), {
  nonce,
  associated: "transaction",
  kind: "transaction"
})
const text = (resource: unknown) => Buffer.from(Result.getOrThrow(WeChatResource.open(apiKey, resource))).toString()

describe("a resource is opened", () => {
  it.each([
    ["as it was sealed", sealed, "believed"],
    ["without its type", { ...sealed, original_type: undefined }, "malformed"],
    ["of another algorithm", { ...sealed, algorithm: "AEAD_SM4_GCM" }, "unsupported"],
    ["of another algorithm, whatever else it holds", { algorithm: "AEAD_SM4_GCM" }, "unsupported"],
    ["with other associated data", { ...sealed, associated_data: "refund" }, "forged"],
    ["with no associated data", { ...sealed, associated_data: null }, "forged"],
    ["with another nonce", { ...sealed, nonce: "0123456789ac" }, "forged"],
    ["with a nonce that is too long", { ...sealed, nonce: `${nonce}0` }, "malformed"],
    ["with a nonce of 12 letters and more bytes", { ...sealed, nonce: "一23456789012" }, "malformed"],
    ["cut off", { ...sealed, ciphertext: sealed.ciphertext.slice(0, -8) }, "forged"],
    ["shorter than its tag", { ...sealed, ciphertext: "AAAA" }, "malformed"],
    ["that is no base64", { ...sealed, ciphertext: `${sealed.ciphertext} ` }, "malformed"],
    ["without its ciphertext", { ...sealed, ciphertext: undefined }, "malformed"],
    ["that is a text", "sealed", "malformed"],
    ["that is missing", undefined, "malformed"]
  ])("%s: %s", (_, resource, expected) => {
    expect(reason(WeChatResource.open(apiKey, resource))).toBe(expected)
  })

  it("not with the key of another merchant", () => {
    expect(reason(WeChatResource.open(createSecretKey(Buffer.alloc(32, 1)), sealed))).toBe("forged")
  })

  it("the merchant's key has 32 bytes", () => {
    expect(reason(WeChatResource.apiKey(Redacted.make("short")))).toBe("malformed")
    expect(reason(WeChatResource.apiKey(Redacted.make("一".repeat(32))))).toBe("malformed")
    expect(JSON.stringify(apiKey)).not.toContain(apiKeyText.slice(0, 8))
  })

  it("a nonce of ours that has not 12 bytes is our own mistake", () => {
    expect(() => WeChatResource.seal(apiKey, bytes(""), { nonce: "short" })).toThrow(RangeError)
  })

  it("whatever was sealed comes out again, and nothing that was changed", () => {
    fc.assert(fc.property(fc.uint8Array(), fc.string(), fc.nat(), (plain, associated, at) => {
      const resource = WeChatResource.seal(apiKey, plain, { nonce, associated })
      expect(Buffer.from(Result.getOrThrow(WeChatResource.open(apiKey, resource)))).toEqual(Buffer.from(plain))
      const changed = Buffer.from(resource.ciphertext, "base64")
      changed[at % changed.length] = (changed[at % changed.length] ?? 0) ^ 1
      expect(reason(WeChatResource.open(apiKey, { ...resource, ciphertext: changed.toString("base64") }))).toBe(
        "forged"
      )
    }))
  })
})

describe("wechatpay-axios-plugin agrees", () => {
  it.each(["transaction", ""])(
    "with the associated data %j it opens what we seal, and we what it seals",
    (associated) => {
      const plain = "{\"mchid\":\"1900009191\",\"备注\":\"一卡通\"}"
      const ours = WeChatResource.seal(apiKey, bytes(plain), { nonce, associated })
      expect(AesGcm.decrypt(ours.ciphertext, apiKeyText, nonce, associated)).toBe(plain)
      const ciphertext = AesGcm.encrypt(plain, apiKeyText, nonce, associated)
      expect(ciphertext).toBe(ours.ciphertext)
      expect(text({ algorithm: WeChatResource.algorithm, ciphertext, associated_data: associated, nonce })).toBe(plain)
    }
  )

  it("associated data that are missing are empty ones", () => {
    const ciphertext = AesGcm.encrypt("{}", apiKeyText, nonce, "")
    expect(text({ algorithm: WeChatResource.algorithm, ciphertext, nonce })).toBe("{}")
  })
})
