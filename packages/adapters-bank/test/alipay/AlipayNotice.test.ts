import { CivilTime, Money } from "@yikatong/core"
import { AlipaySdk } from "alipay-sdk"
import { Result } from "effect"
import * as fc from "fast-check"
import { generateKeyPairSync } from "node:crypto"
import { describe, expect, it } from "vitest"
import * as AlipayNotice from "../../src/alipay/AlipayNotice.ts"
import * as AlipaySignature from "../../src/alipay/AlipaySignature.ts"

const gateway = generateKeyPairSync("rsa", { modulusLength: 2048 })
const foreign = generateKeyPairSync("rsa", { modulusLength: 2048 })
const trust = [{ key: gateway.publicKey }]
const receiver = { application: "2021000000000001", seller: "2088000000000001" }
const now = CivilTime.instant("2025-11-30 10:00:10")
const told = {
  id: "2025113000222100005",
  sentAt: CivilTime.instant("2025-11-30 10:00:06"),
  number: "Y2025113000000000000000000001",
  reference: "2025113022001400000000000001",
  amount: Money.amount(5000)
}
const paid: AlipayNotice.AlipayNotice = {
  ...told,
  _tag: "Paid",
  paidAt: CivilTime.instant("2025-11-30 10:00:05"),
  isFinished: false
}
const refunded: AlipayNotice.AlipayNotice = {
  ...told,
  _tag: "Refunded",
  refunded: Money.of(2000),
  refundNumber: "R1",
  refundedAt: CivilTime.instant("2025-11-30 10:00:05")
}
const read = (form: string, at = now) => AlipayNotice.read(Buffer.from(form), trust, receiver, at)
const good = AlipayNotice.write(paid, receiver, gateway.privateKey)
/** The good notice with other values, signed again; an empty text takes one away. */
const changed = (values: Record<string, string>) => {
  const form = new Map([...new URLSearchParams(good), ...Object.entries(values)])
  for (const [name, value] of Object.entries(values)) if (value === "") form.delete(name)
  form.set("sign", AlipaySignature.sign(AlipaySignature.noticeText(form), gateway.privateKey))
  return new URLSearchParams([...form]).toString()
}

describe("a notice", () => {
  it.each<[string, AlipayNotice.AlipayNotice]>([
    ["of a payment", paid],
    ["of a payment that can no longer be paid back", { ...paid, isFinished: true }],
    ["of a refund of a part", refunded],
    ["of a refund of all", { ...refunded, refunded: Money.of(5000) }],
    ["of an order that waits", { ...told, _tag: "Waiting" }],
    ["of an order that was not paid in time", { ...told, _tag: "Closed" }]
  ])("%s is told and read by both sides", (_, notice) => {
    expect(read(AlipayNotice.write(notice, receiver, gateway.privateKey))).toEqual(Result.succeed(notice))
  })

  it.each([
    ["its sum", { refund_fee: "20.00" }],
    ["its number", { out_biz_no: "R1" }],
    ["its time, with milliseconds", { gmt_refund: "2025-11-30 10:00:05.320" }]
  ])("that says TRADE_SUCCESS and of a refund only %s is a refund and no payment", (_, values) => {
    expect(Result.getOrThrow(read(changed(values)))._tag).toBe("Refunded")
  })

  it("with an empty field of a refund is a payment", () => {
    const form = new Map([...new URLSearchParams(good), ["out_biz_no", ""]])
    form.set("sign", AlipaySignature.sign(AlipaySignature.noticeText(form), gateway.privateKey))
    expect(read(new URLSearchParams([...form]).toString())).toEqual(Result.succeed(paid))
  })

  it("is taken for a day, since it is sent again for so long", () => {
    expect(read(good, (now + 25 * CivilTime.hour) as CivilTime.Instant)).toEqual(Result.succeed(paid))
  })

  it("is answered with success and nothing else", () => {
    expect(AlipayNotice.reply(true)).toEqual({ status: 200, contentType: "text/plain", body: "success" })
    expect(AlipayNotice.reply(false)).toEqual({ status: 400, contentType: "text/plain", body: "fail" })
  })

  it("of any amount and time comes through", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: Money.largestAmount }),
        fc.integer({ min: 0, max: 3600 }),
        (fen, seconds) => {
          const notice = {
            ...paid,
            amount: Money.amount(fen),
            paidAt: (told.sentAt - seconds * 1000) as CivilTime.Instant
          }
          expect(read(AlipayNotice.write(notice, receiver, gateway.privateKey))).toEqual(Result.succeed(notice))
        }
      ),
      { numRuns: 50 }
    )
  })
})

describe("a notice that is refused", () => {
  const base = [...new URLSearchParams(good)]
  const raw = (values: Record<string, string>) =>
    new URLSearchParams([...new Map([...base, ...Object.entries(values)])]).toString()
  it.each<[string, string, string]>([
    ["of another key", AlipayNotice.write(paid, receiver, foreign.privateKey), "forged"],
    ["with another amount", raw({ total_amount: "5000.00" }), "forged"],
    [
      "with a refund's sign taken away",
      new URLSearchParams(
        [...new URLSearchParams(AlipayNotice.write(refunded, receiver, gateway.privateKey))].filter(([name]) =>
          !/refund|biz/.test(name)
        )
      ).toString(),
      "forged"
    ],
    ["with a value decoded twice", raw({ out_trade_no: "Y%32" }), "forged"],
    ["without a signature", good.replace(/&sign=.*/, ""), "forged"],
    ["under SHA-1", raw({ sign_type: "RSA" }), "unsupported"],
    [
      "under no algorithm",
      base.filter(([name]) => name !== "sign_type").map(([n, v]) => `${n}=${encodeURIComponent(v)}`).join("&"),
      "unsupported"
    ],
    ["with an amount twice", `${good}&total_amount=0.01`, "duplicateKey"],
    ["of another application", changed({ app_id: "2021000000000002" }), "otherMerchant"],
    ["of another seller", changed({ seller_id: "2088000000000002" }), "otherMerchant"],
    ["of no seller", changed({ seller_id: "" }), "otherMerchant"],
    ["in another currency", changed({ trans_currency: "HKD" }), "otherCurrency"],
    ["of another kind", changed({ notify_type: "batch_refund_notify" }), "unsupported"],
    ["in GBK, as it says", changed({ charset: "GBK" }), "charset"],
    ["in GBK, as it is", `${good}&subject=%D6%D0`, "charset"],
    ["with a broken escape", `${good}&x=%zz`, "malformed"],
    ["with an amount of nothing", changed({ total_amount: "0.00" }), "malformed"],
    ["with a negative amount", changed({ total_amount: "-50.00" }), "malformed"],
    ["with an exponent", changed({ total_amount: "5e1" }), "malformed"],
    ["with a status that nobody knows", changed({ trade_status: "TRADE_PENDING" }), "malformed"],
    ["of a payment without a time", changed({ gmt_payment: "" }), "malformed"],
    ["without a number", changed({ out_trade_no: "" }), "malformed"],
    ["of the day before yesterday", changed({ notify_time: "2025-11-28 10:00:00" }), "stale"],
    ["of tomorrow", changed({ notify_time: "2025-12-01 10:00:00" }), "stale"],
    [
      "with more fields than any form of Alipay has",
      `${good}&${Array.from({ length: 257 }, (_, at) => `x${at}=1`).join("&")}`,
      "tooLarge"
    ],
    ["with a name twice, once escaped", `${good}&total%5Famount=0.01`, "duplicateKey"],
    ["with a field without a name", `${good}&=1`, "malformed"],
    ["too long", `${good}&x=${"a".repeat(70_000)}`, "tooLarge"],
    ["of nothing", "", "unsupported"]
  ])("%s", (_, form, reason) => {
    const result = read(form)
    expect(Result.isFailure(result) ? result.failure.reason : result).toBe(reason)
    expect(JSON.stringify(result)).not.toContain(told.number)
  })

  it("never throws, whatever comes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(Result.isFailure(AlipayNotice.read(bytes, trust, receiver, now))).toBe(true)
    }))
  })
})

describe("alipay-sdk as the judge", () => {
  const sdk = new AlipaySdk({
    appId: receiver.application,
    privateKey: foreign.privateKey.export({ type: "pkcs1", format: "pem" }).toString(),
    alipayPublicKey: gateway.publicKey.export({ type: "spki", format: "pem" }).toString()
  })

  it.each([["a payment", paid], ["a refund", refunded]])("believes our notice of %s", (_, notice) => {
    const form = AlipayNotice.write(notice, receiver, gateway.privateKey)
    expect(sdk.checkNotifySignV2(Object.fromEntries(new URLSearchParams(form)))).toBe(true)
    const forged = AlipayNotice.write(notice, receiver, foreign.privateKey)
    expect(sdk.checkNotifySignV2(Object.fromEntries(new URLSearchParams(forged)))).toBe(false)
  })
})
