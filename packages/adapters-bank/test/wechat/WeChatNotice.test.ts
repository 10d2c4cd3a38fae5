import { CivilTime, Money } from "@yikatong/core"
import { Result } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Aes, Formatter, Rsa } from "wechatpay-axios-plugin"
import * as JsonBody from "../../src/JsonBody.ts"
import * as WeChatNotice from "../../src/wechat/WeChatNotice.ts"
import type * as WeChatRefund from "../../src/wechat/WeChatRefund.ts"
import * as WeChatResource from "../../src/wechat/WeChatResource.ts"
import * as WeChatSignature from "../../src/wechat/WeChatSignature.ts"
import type * as WeChatTransaction from "../../src/wechat/WeChatTransaction.ts"
import { apiKey, apiKeyText, bytes, nonce, now, occasion, pair, platform, reason } from "./party.ts"

const { ring, signer, ...keys } = platform()
const payee = { mchid: "1900009191", appids: ["wx8888888888888888", "wx9999999999999999"] }
const trust = { keys: ring, apiKey, payee }
const transaction: WeChatTransaction.WeChatTransaction = {
  appid: "wx8888888888888888",
  mchid: "1900009191",
  out_trade_no: "20260901080000000000000000000001",
  transaction_id: "4200002026090112345678901234",
  trade_type: "NATIVE",
  trade_state: "SUCCESS",
  success_time: "2026-09-01T07:59:58+08:00",
  payer: { openid: "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o" },
  amount: { total: Money.amount(5_000), payer_total: Money.of(4_900), currency: "CNY", payer_currency: "CNY" }
}
const refund: WeChatRefund.WeChatRefund = {
  number: transaction.out_trade_no,
  reference: "4200002026090112345678901234",
  refundNumber: "R20260901080000000000000000000001",
  refundReference: "50000000382026090112345678901",
  state: "SUCCESS",
  amount: Money.amount(2_000),
  total: Money.amount(5_000),
  at: CivilTime.instant("2026-09-01 08:10:00")
}
const particulars = { id: "EV-2026090108000000001", apiKey, resourceNonce: "0123456789ab", signer }
const read = (answer: WeChatSignature.Answer) => WeChatNotice.read(answer, trust, now)
const write = (event: WeChatNotice.Event) => WeChatNotice.write(event, particulars, occasion)
const paid = (changes: object) =>
  write({ type: "TRANSACTION.SUCCESS", transaction: { ...transaction, ...changes } as typeof transaction })
const amount = (changes: object) => paid({ amount: { ...transaction.amount, ...changes } })
/** Any bytes, truly signed. */
const signed = (body: Uint8Array) => ({ headers: WeChatSignature.signAnswer(signer, body, occasion), body })
const envelope = (changes: object) =>
  signed(JsonBody.write({
    id: "EV-1",
    event_type: "TRANSACTION.SUCCESS",
    resource: WeChatResource.seal(apiKey, JsonBody.write(transaction), { nonce: "0123456789ab" }),
    ...changes
  }))

describe("a callback becomes what happened", () => {
  it("a payment, by what was ordered and not by what was left after coupons", () => {
    expect(Result.getOrThrow(read(paid({})))).toEqual({
      _tag: "Paid",
      id: "EV-2026090108000000001",
      payment: {
        number: transaction.out_trade_no,
        reference: "4200002026090112345678901234",
        amount: 5_000,
        paidAt: CivilTime.instant("2026-09-01 07:59:58")
      }
    })
  })

  it("a payment of which something was sent back since is none: how much of it, no callback tells", () => {
    const told = { _tag: "Other", id: "EV-2026090108000000001", event: "REFUND" }
    expect(Result.getOrThrow(read(paid({ trade_state: "REFUND" })))).toEqual(told)
  })

  it.each(["SUCCESS", "ABNORMAL", "CLOSED"] as const)("a refund that ended as %s", (state) => {
    const { at, ...rest } = refund
    const ended = { ...rest, state, ...(state === "SUCCESS" && at !== undefined ? { at } : {}) }
    expect(Result.getOrThrow(read(write({ type: "REFUND", refund: ended, mchid: payee.mchid })))).toEqual({
      _tag: "RefundEnded",
      id: "EV-2026090108000000001",
      refund: ended
    })
  })

  it("a test of WeChat Pay's own, and what else a merchant is told", () => {
    const echo = write({ type: "OTHER", event: "SECURITY_ECHO.SUCCESS", plain: {} })
    expect(Result.getOrThrow(read(echo))).toEqual({ _tag: "Echo", id: "EV-2026090108000000001" })
    const other = write({ type: "OTHER", event: "COMPLAINT.CREATE", plain: {} })
    expect(Result.getOrThrow(read(other))).toEqual({
      _tag: "Other",
      id: "EV-2026090108000000001",
      event: "COMPLAINT.CREATE"
    })
  })

  it("a second application of the same merchant is believed", () => {
    expect(reason(read(paid({ appid: "wx9999999999999999" })))).toBe("believed")
  })
})

describe("a callback that is not believed", () => {
  const good = paid({})
  it.each([
    ["for another merchant", paid({ mchid: "1900009192" }), "otherMerchant"],
    ["for another application", paid({ appid: "wx7777777777777777" }), "otherMerchant"],
    ["in dollars", amount({ currency: "USD" }), "otherCurrency"],
    ["an amount as a text", amount({ total: "5000" }), "malformed"],
    ["an amount with a fraction", amount({ total: 5_000.5 }), "malformed"],
    ["a negative amount", amount({ total: -5_000 }), "malformed"],
    ["no fen at all", amount({ total: 0 }), "malformed"],
    ["an amount beyond all amounts", amount({ total: 1e15 }), "malformed"],
    ["an amount of null", amount({ total: null }), "malformed"],
    ["without an amount", paid({ amount: undefined }), "malformed"],
    ["without WeChat Pay's number", paid({ transaction_id: undefined }), "malformed"],
    ["without a time", paid({ success_time: undefined }), "malformed"],
    ["with a day that is none", paid({ success_time: "2026-02-30T08:00:00+08:00" }), "malformed"],
    ["a state that is none", paid({ trade_state: "PAID" }), "malformed"],
    ["of something unpaid", paid({ trade_state: "NOTPAY" }), "unsupported"],
    ["a number with other characters", paid({ out_trade_no: "20260901'; --" }), "malformed"],
    ["a probe", { ...good, headers: WeChatSignature.probing(good.headers) }, "probe"],
    ["without its last byte", { ...good, body: good.body.slice(0, -1) }, "forged"],
    ["empty and signed", signed(bytes("")), "malformed"],
    ["no JSON and signed", signed(bytes("<xml/>")), "malformed"],
    ["not UTF-8 and signed", signed(Uint8Array.of(0x22, 0xd6, 0xd0, 0x22)), "charset"],
    ["a name twice and signed", signed(bytes("{\"id\":\"EV-1\",\"id\":\"EV-2\"}")), "duplicateKey"],
    ["deeply nested and signed", signed(bytes("[".repeat(100))), "tooLarge"],
    ["too large", signed(new Uint8Array(65_537)), "tooLarge"],
    ["too large and unsigned", { headers: {}, body: new Uint8Array(65_537) }, "tooLarge"],
    ["without a resource", envelope({ resource: undefined }), "malformed"],
    ["with a resource in the clear", envelope({ resource: transaction }), "malformed"],
    ["of another algorithm", envelope({ resource: { algorithm: "AEAD_SM4_GCM" } }), "unsupported"],
    ["without an id", envelope({ id: undefined }), "malformed"],
    [
      "with a resource that is no JSON",
      envelope({
        resource: WeChatResource.seal(apiKey, bytes("{"), { nonce: "0123456789ab" })
      }),
      "malformed"
    ],
    [
      "with a resource of another key",
      envelope({
        resource: { ...WeChatResource.seal(apiKey, bytes("{}"), { nonce: "0123456789ab" }), nonce: "0123456789ac" }
      }),
      "forged"
    ],
    [
      "a refund of another state than it says",
      envelope({
        event_type: "REFUND.SUCCESS",
        resource: JSON.parse(
          Buffer.from(write({ type: "REFUND", refund: { ...refund, state: "CLOSED" }, mchid: payee.mchid }).body)
            .toString()
        ).resource
      }),
      "malformed"
    ],
    ["a refund that is a payment", envelope({ event_type: "REFUND.SUCCESS" }), "malformed"],
    ["a refund for another merchant", write({ type: "REFUND", refund, mchid: "1900009192" }), "otherMerchant"],
    [
      "a refund of more than the order",
      write({
        type: "REFUND",
        refund: { ...refund, amount: Money.amount(5_001) },
        mchid: payee.mchid
      }),
      "malformed"
    ]
  ])("%s: %s", (_, answer, expected) => {
    expect(reason(read(answer))).toBe(expected)
  })

  it("signed by a stranger under our name of the key, or under their own", () => {
    const stranger = pair()
    const by = (serial: string) =>
      WeChatNotice.write({ type: "TRANSACTION.SUCCESS", transaction }, {
        ...particulars,
        signer: { serial, key: stranger.privateKey }
      }, occasion)
    expect(reason(read(by(signer.serial)))).toBe("forged")
    expect(reason(read(by("PUB_KEY_ID_0000000000000000000000000000000000")))).toBe("unknownKey")
  })

  it("sent again after five minutes", () => {
    const late = CivilTime.later(now, 301_000)
    expect(reason(WeChatNotice.read(good, trust, late))).toBe("stale")
  })

  it("whatever is refused, nothing of it is repeated", () => {
    const secret = "oUpF8uMuAJO"
    for (
      const answer of [amount({ total: secret }), paid({ out_trade_no: secret.repeat(9) }), paid({ mchid: secret })]
    ) {
      expect(JSON.stringify(read(answer))).not.toContain(secret)
    }
  })

  it("any byte of the body that is changed makes it forged", () => {
    fc.assert(
      fc.property(fc.nat({ max: good.body.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const body = Uint8Array.from(good.body)
        body[at] = (body[at] ?? 0) ^ by
        expect(reason(read({ ...good, body }))).toBe("forged")
      }),
      { numRuns: 50 }
    )
  })
})

describe("what is answered", () => {
  it("taken is 204 without a body; anything else comes again and does not tell why", () => {
    expect(WeChatNotice.taken).toEqual({ status: 204, body: "" })
    for (const reply of [WeChatNotice.refused, WeChatNotice.unavailable]) {
      expect(reply.status).toBeGreaterThanOrEqual(400)
      expect(JSON.parse(reply.body)).toEqual({ code: "FAIL", message: "失败" })
    }
  })
})

describe("wechatpay-axios-plugin agrees", () => {
  it("verifies and opens the callbacks that we write", () => {
    const { body, headers } = paid({})
    const text = Buffer.from(body).toString()
    const message = Formatter.response(headers["wechatpay-timestamp"] ?? "", headers["wechatpay-nonce"] ?? "", text)
    expect(Rsa.verify(message, headers["wechatpay-signature"] ?? "", keys.publicPem)).toBe(true)
    const { resource } = JSON.parse(text)
    const plain = Aes.AesGcm.decrypt(resource.ciphertext, apiKeyText, resource.nonce, resource.associated_data)
    expect(JSON.parse(plain)).toEqual(transaction)
  })

  it("writes a callback that we read", () => {
    const at = WeChatSignature.timestamp(now)
    const ciphertext = Aes.AesGcm.encrypt(JSON.stringify(transaction), apiKeyText, "abcdefghijkl", "transaction")
    const text = JSON.stringify({
      id: "EV-2",
      event_type: "TRANSACTION.SUCCESS",
      resource_type: "encrypt-resource",
      resource: {
        algorithm: "AEAD_AES_256_GCM",
        ciphertext,
        associated_data: "transaction",
        original_type: "transaction",
        nonce: "abcdefghijkl"
      }
    })
    const headers = {
      "wechatpay-timestamp": at,
      "wechatpay-nonce": nonce,
      "wechatpay-serial": signer.serial,
      "wechatpay-signature": Rsa.sign(Formatter.response(at, nonce, text), keys.privatePem)
    }
    expect(Result.getOrThrow(read({ headers, body: bytes(text) }))).toMatchObject({ _tag: "Paid", id: "EV-2" })
  })
})
