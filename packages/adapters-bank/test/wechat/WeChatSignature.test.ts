import { CivilTime } from "@yikatong/core"
import { Result } from "effect"
import * as fc from "fast-check"
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { Formatter, Rsa } from "wechatpay-axios-plugin"
import * as WeChatAuthorization from "../../src/wechat/WeChatAuthorization.ts"
import * as WeChatPaySign from "../../src/wechat/WeChatPaySign.ts"
import * as WeChatSignature from "../../src/wechat/WeChatSignature.ts"
import { bytes, nonce, now, occasion, pair, platform, reason } from "./party.ts"

const { ring, signer, ...keys } = platform()
const stranger = pair()
const body = bytes("{\"trade_state\":\"SUCCESS\"}")
const signed = WeChatSignature.signAnswer(signer, body, occasion)
const verify = (headers: Readonly<Record<string, string | undefined>>, over = body, at = now) =>
  reason(WeChatSignature.verifyAnswer({ headers, body: over }, ring, at))
const without = (name: string) => Object.fromEntries(Object.entries(signed).filter(([key]) => key !== name))

describe("what is signed", () => {
  it("ends every line with a line feed, the last as well, also without a body", () => {
    const text = (message: Uint8Array) => Buffer.from(message).toString("utf8")
    expect(text(WeChatSignature.message(["1554209980", "c5ac7061"], bytes("{}")))).toBe("1554209980\nc5ac7061\n{}\n")
    expect(text(WeChatSignature.message(["1554209980", "c5ac7061"], bytes("")))).toBe("1554209980\nc5ac7061\n\n")
    const get = { method: "GET", target: "/v3/certificates?a=%20b", body: bytes("") }
    expect(text(WeChatAuthorization.message(get, "1554208460", "593BEC0C"))).toBe(
      "GET\n/v3/certificates?a=%20b\n1554208460\n593BEC0C\n\n"
    )
  })

  it("is the bytes of the body, whatever they are", () => {
    expect([...WeChatSignature.message([], Uint8Array.of(0xff, 0x00, 0xfe))]).toEqual([0xff, 0x00, 0xfe, 0x0a])
  })
})

describe("an answer or a callback is verified before anything is read", () => {
  it.each([
    ["as it was signed", signed, "believed"],
    ["without a type", without("wechatpay-signature-type"), "believed"],
    ["of an unknown type", { ...signed, "wechatpay-signature-type": "WECHATPAY2-SM2-WITH-SM3" }, "unsupported"],
    ["without a signature", without("wechatpay-signature"), "malformed"],
    ["without a serial", without("wechatpay-serial"), "malformed"],
    ["without a nonce", without("wechatpay-nonce"), "malformed"],
    ["without a time", without("wechatpay-timestamp"), "malformed"],
    ["without any header", {}, "malformed"],
    ["of an unknown key", { ...signed, "wechatpay-serial": "PUB_KEY_ID_01" }, "unknownKey"],
    ["a probe", WeChatSignature.probing(signed), "probe"],
    ["with another nonce", { ...signed, "wechatpay-nonce": "x" }, "forged"],
    ["with another time", { ...signed, "wechatpay-timestamp": String(now / 1_000 - 1) }, "forged"],
    ["with an empty signature", { ...signed, "wechatpay-signature": "" }, "forged"],
    ["with a signature that is no base64", { ...signed, "wechatpay-signature": "%%%%" }, "forged"],
    ["with two signatures", {
      ...signed,
      "wechatpay-signature": `${signed["wechatpay-signature"]}, ${signed["wechatpay-signature"]}`
    }, "forged"],
    ["with a huge signature", { ...signed, "wechatpay-signature": "A".repeat(1_000_000) }, "forged"],
    ["with a time that is none", { ...signed, "wechatpay-timestamp": "1e9" }, "malformed"],
    ["with a nonce of two lines", { ...signed, "wechatpay-nonce": "a\nb" }, "malformed"],
    ["signed by a stranger", {
      ...signed,
      ...WeChatSignature.signAnswer({ ...signer, key: stranger.privateKey }, body, occasion)
    }, "forged"]
  ])("%s: %s", (_, headers, expected) => {
    expect(verify(headers)).toBe(expected)
  })

  it("no boundary can be moved: the first bytes of a body are no part of the nonce", () => {
    const moved = WeChatSignature.message([signed["wechatpay-timestamp"] ?? "", `${nonce}\n{`], body.subarray(1))
    // Not the same message, and if it were the header would be refused.
    expect(Buffer.from(moved).toString()).toContain("\n{\n")
    expect(verify({ ...signed, "wechatpay-nonce": `${nonce}\n{` }, body.subarray(1))).toBe("malformed")
  })

  it.each([
    [-301, "stale"],
    [-300, "believed"],
    [0, "believed"],
    [300, "believed"],
    [301, "stale"],
    [86_400, "stale"]
  ])("%i seconds after it was signed it is %s", (seconds, expected) => {
    expect(verify(signed, body, CivilTime.later(now, seconds * 1_000))).toBe(expected)
  })

  it("an answer of 204 is signed over an empty body", () => {
    const headers = WeChatSignature.signAnswer(signer, new Uint8Array(), occasion)
    expect(verify(headers, new Uint8Array())).toBe("believed")
    expect(verify(headers, bytes("\n"))).toBe("forged")
  })

  it("a single bit of the body is noticed", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.nat(), fc.nat({ max: 7 }), (any, at, bit) => {
        const headers = WeChatSignature.signAnswer(signer, any, occasion)
        expect(verify(headers, any)).toBe("believed")
        const other = Uint8Array.from(any)
        other[at % any.length] = (other[at % any.length] ?? 0) ^ (1 << bit)
        expect(verify(headers, other)).toBe("forged")
      }),
      { numRuns: 20 }
    )
  })

  it("a nonce of ours is letters and digits", () => {
    expect(() => WeChatSignature.signAnswer(signer, body, { now, nonce: "a\"b" })).toThrow(RangeError)
    expect(() => WeChatSignature.signAnswer(signer, body, { now, nonce: "a".repeat(33) })).toThrow(RangeError)
  })
})

const merchant = { mchid: "1900009191", serial: "1DDE55AD98ED71D6EDD4A4A16996DE7B47773A8C", key: keys.privateKey }
const request = {
  method: "POST",
  target: "/v3/pay/transactions/native?a=b%26",
  body: bytes("{\"description\":\"一卡通充值\"}")
}
const keyOf = (mchid: string, serial: string) =>
  mchid === merchant.mchid && serial === merchant.serial ? keys.publicKey : undefined
const header = WeChatAuthorization.sign(merchant, request, occasion)
const check = (written: string | undefined, over = request, at = now) =>
  reason(WeChatAuthorization.verify(written, over, keyOf, at))
const [scheme = "", ...rest] = header.split(" ")
const fields = rest.join(" ").split(",")

describe("a request is signed in its header", () => {
  it.each([
    ["as it was signed", header, "believed"],
    ["in another order", `${scheme} ${fields.toReversed().join(", ")}`, "believed"],
    ["with its serial in small letters", header.replace(merchant.serial, merchant.serial.toLowerCase()), "believed"],
    ["missing", undefined, "malformed"],
    ["empty", "", "unsupported"],
    ["of another scheme", header.replace("RSA2048", "SM2"), "unsupported"],
    ["without a field", `${scheme} ${fields.slice(1).join(",")}`, "malformed"],
    ["with one field more", `${header},more="1"`, "malformed"],
    ["with a field twice", `${header},${fields[0]}`, "duplicateKey"],
    ["without quotes", header.replaceAll("\"", ""), "malformed"],
    ["cut off", header.slice(0, -3), "malformed"],
    ["too long", `${header},${"x".repeat(3_000)}="1"`, "tooLarge"],
    ["of another merchant", header.replace("1900009191", "1900009192"), "unknownKey"],
    ["of another certificate", header.replace("1DDE55AD", "2DDE55AD"), "unknownKey"],
    ["with another nonce", header.replace(nonce, "abc"), "forged"]
  ])("%s: %s", (_, written, expected) => {
    expect(check(written)).toBe(expected)
  })

  it.each([
    [{ ...request, method: "PUT" }],
    [{ ...request, target: "/v3/pay/transactions/native?a=b&" }],
    [{ ...request, body: bytes("{\"description\": \"一卡通充值\"}") }]
  ])("it is of this request alone", (other) => {
    expect(check(header, other)).toBe("forged")
  })

  it("it lives for 300 seconds", () => {
    expect(check(header, request, CivilTime.later(now, 300_000))).toBe("believed")
    expect(check(header, request, CivilTime.later(now, 301_000))).toBe("stale")
    expect(check(header, request, CivilTime.later(now, -301_000))).toBe("stale")
  })

  it("a target with a host is our own mistake", () => {
    expect(() => WeChatAuthorization.sign(merchant, { ...request, target: "https://a/b" }, occasion)).toThrow(
      RangeError
    )
  })
})

describe("wechatpay-axios-plugin agrees", () => {
  const text = Buffer.from(body).toString()
  const at = WeChatSignature.timestamp(now)

  it("verifies the answers that we sign", () => {
    for (const over of [text, ""]) {
      const headers = WeChatSignature.signAnswer(signer, bytes(over), occasion)
      const message = Formatter.response(headers["wechatpay-timestamp"] ?? "", headers["wechatpay-nonce"] ?? "", over)
      expect(Rsa.verify(message, headers["wechatpay-signature"] ?? "", keys.publicPem)).toBe(true)
    }
  })

  it("signs answers that we verify", () => {
    for (const over of [text, ""]) {
      const signature = Rsa.sign(Formatter.response(at, nonce, over), keys.privatePem)
      expect(verify({ ...signed, "wechatpay-signature": signature }, bytes(over))).toBe("believed")
    }
  })

  it("verifies the requests that we sign", () => {
    const said = Result.getOrThrow(WeChatAuthorization.parse(header))
    const message = Formatter.request(
      request.method,
      request.target,
      said.timestamp,
      said.nonce,
      Buffer.from(request.body).toString()
    )
    expect(Rsa.verify(message, said.signature, keys.publicPem)).toBe(true)
  })

  it("signs requests that we verify, with and without a body", () => {
    for (const over of [request, { ...request, method: "GET", body: bytes("") }]) {
      const message = Formatter.request(over.method, over.target, at, nonce, Buffer.from(over.body).toString())
      const signature = Rsa.sign(message, keys.privatePem)
      const written = Formatter.authorization(merchant.mchid, nonce, signature, at, merchant.serial)
      expect(check(written, over)).toBe("believed")
    }
  })

  it("signs and verifies payments in a page as we do", () => {
    const said = WeChatPaySign.sign(
      keys.privateKey,
      { appId: "wx8888888888888888", prepayId: "wx201410272009395522" },
      occasion
    )
    const message = Formatter.joinedByLineFeed(said.appId, said.timeStamp, said.nonceStr, said.package)
    expect(Rsa.verify(message, said.paySign, keys.publicPem)).toBe(true)
    expect(said.paySign).toBe(Rsa.sign(message, keys.privatePem))
  })
})

describe("openssl agrees", () => {
  it("on the command line it makes the same signature, and verifies ours", () => {
    const folder = mkdtempSync(join(tmpdir(), "signature-"))
    const at = (file: string) => join(folder, file)
    try {
      writeFileSync(at("key.pem"), keys.privatePem)
      writeFileSync(at("pub.pem"), keys.publicPem)
      const message = WeChatAuthorization.message(request, WeChatSignature.timestamp(now), nonce)
      writeFileSync(at("message"), message)
      const theirs = execFileSync("openssl", ["dgst", "-sha256", "-sign", at("key.pem"), at("message")])
      const ours = Result.getOrThrow(WeChatAuthorization.parse(header)).signature
      expect(ours).toBe(theirs.toString("base64"))
      writeFileSync(at("signature"), Buffer.from(ours, "base64"))
      const signature = ["-signature", at("signature"), at("message")]
      const verified = execFileSync("openssl", ["dgst", "-sha256", "-verify", at("pub.pem"), ...signature])
      expect(verified.toString()).toContain("Verified OK")
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe("a payment in a page is signed", () => {
  const said = WeChatPaySign.sign(keys.privateKey, { appId: "wx8888888888888888", prepayId: "wx2014" }, occasion)

  it("by the names that WeChat gives its parameters", () => {
    expect(said).toEqual({
      appId: "wx8888888888888888",
      timeStamp: "1788220800",
      nonceStr: nonce,
      package: "prepay_id=wx2014",
      signType: "RSA",
      paySign: expect.any(String)
    })
    expect(Result.getOrThrow(WeChatPaySign.verify(said, keys.publicKey))).toBe("wx2014")
  })

  it.each([
    [{ ...said, appId: "wx9" }, "forged"],
    [{ ...said, package: "prepay_id=other" }, "forged"],
    [{ ...said, package: "prepay=other" }, "malformed"],
    [{ ...said, signType: "MD5" }, "malformed"],
    [{ ...said, timeStamp: 1788220800 }, "malformed"],
    [null, "malformed"]
  ])("%#: what is changed is refused as %s", (value, expected) => {
    expect(reason(WeChatPaySign.verify(value, keys.publicKey))).toBe(expected)
  })
})
