import { CivilTime, Id, Money, PaymentAttempt } from "@yikatong/core"
import { Effect, Redacted, Result } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { BillFlaw, Forgery, Mischief } from "../../src/sandbox/Mischief.ts"
import * as UnionPayWire from "../../src/sandbox/UnionPayWire.ts"
import * as UnionPay from "../../src/unionpay/UnionPay.ts"
import * as Gateway from "../../src/unionpay/UnionPayGateway.ts"
import * as Layout from "../../src/unionpay/UnionPayLayout.ts"
import { backUrl, began, Desk, must, payCode, randomness, returnTo, wire } from "./Desk.ts"

const scan = { _tag: "Scan" } as const
const browser = { _tag: "Browser", returnTo } as const
const shown = { _tag: "PayCode", code: Redacted.make(payCode) } as const
const late = 16 * CivilTime.minute

const noticeOf = (desk: Desk, forgery?: Forgery) => {
  const [happening] = desk.sandbox.pending.slice(-1)
  if (happening === undefined) throw new Error("Nothing happened")
  const does = forgery === undefined ? undefined : { _tag: "Forge", how: forgery } as const
  return must(wire.notice(happening, desk.sandbox.here(desk.now, does)))
}
const hear = (desk: Desk, { body, headers }: { body: Uint8Array; headers: Readonly<Record<string, string>> }) =>
  must(desk.channel.callback)({ method: "POST", url: "/callbacks/unionpay", headers, body })

describe("a payment", () => {
  it("in the browser: nothing is sent before the form, which leads to the payer's page", async () => {
    const desk = new Desk()
    const attempt = desk.attempt()
    const page = await desk.run(desk.channel.create(attempt, browser))
    expect(desk.sandbox.seen).toEqual([])
    expect(page).toMatchObject({
      _tag: "Page",
      method: "POST",
      fields: {
        orderId: attempt.number,
        txnTime: "20260302120000",
        payTimeout: "20260302121500",
        txnAmt: "5000",
        backUrl
      }
    })
    expect(await desk.outcome(desk.channel.query(attempt))).toBe("Waiting")
    const address = await desk.browse(page)
    expect(address).toMatch(/^https:\/\/sandbox\.test\/pay\/T\d+$/)
    expect(await desk.browse(page)).toBe(address)
    expect(await desk.outcome(desk.channel.query(attempt))).toBe("Unclear")
    desk.wait(CivilTime.minute)
    desk.pay(address)
    expect(await desk.run(desk.channel.query(attempt))).toMatchObject({
      _tag: "Paid",
      receipt: { number: attempt.number, amount: 5_000, paidAt: desk.now, witness: "query" }
    })
  })

  it("by a code that is scanned", async () => {
    const desk = new Desk()
    const attempt = desk.attempt()
    const code = await desk.run(desk.channel.create(attempt, scan))
    if (code._tag !== "QrCode") throw new Error(code._tag)
    expect(await desk.outcome(desk.channel.query(attempt))).toBe("Waiting")
    const { reference } = desk.pay(code.text)
    expect(await desk.run(desk.channel.query(attempt))).toMatchObject({ _tag: "Paid", receipt: { reference } })
  })

  it("by a code that is shown: the answer is no proof, the query is", async () => {
    const desk = new Desk()
    const attempt = desk.attempt()
    desk.sandbox.house.purses.put(payCode, Money.of(5_000))
    expect(await desk.run(desk.channel.create(attempt, shown))).toEqual({ _tag: "Nothing" })
    expect(await desk.outcome(desk.channel.query(attempt))).toBe("Paid")
    expect(desk.sandbox.house.purses.has(`payer:${payCode}`)).toBe(0)
  })

  it.each([
    ["whose purse is empty", payCode, "64"],
    ["that has expired", "6212345678901234569", "44"],
    ["that is none", "2812345678901234567", "qrNo"]
  ])("by a code %s: refused", async (_, code, expected) => {
    const desk = new Desk()
    const payer = { _tag: "PayCode", code: Redacted.make(code) } as const
    const failed = await desk.run(Effect.flip(desk.channel.create(desk.attempt(), payer)))
    expect(failed).toMatchObject({ _tag: "ChannelRefused", code: expected })
    expect(JSON.stringify(failed)).not.toContain(code)
  })

  it("a code whose payer is asked for a password is not known yet", async () => {
    const desk = new Desk()
    const attempt = desk.attempt()
    const code = "6212345678901234561"
    desk.sandbox.house.purses.put(code, Money.of(5_000))
    expect(await desk.outcome(desk.channel.create(attempt, { _tag: "PayCode", code: Redacted.make(code) })))
      .toBe("ChannelFailed")
    expect(await desk.outcome(desk.channel.query(attempt))).toBe("Unclear")
    desk.pay(must(desk.sandbox.house.all[0]).token, code)
    expect(await desk.outcome(desk.channel.query(attempt))).toBe("Paid")
  })

  it.each([
    ["in an app", { _tag: "InApp", openId: Redacted.make("x") } as const, {}],
    ["to come back to nowhere", { _tag: "Browser", returnTo: "javascript:alert(1)" } as const, {}],
    ["without a terminal", shown, { termId: undefined as never }]
  ])("%s: refused, and nothing is sent", async (_, payer, own) => {
    const desk = new Desk(own)
    expect(await desk.outcome(desk.channel.create(desk.attempt(), payer))).toBe("ChannelRefused")
    expect(desk.sandbox.seen).toEqual([])
  })

  it.each([
    ["declined", "30", true],
    ["not scanned", "34", false]
  ])("that was %s is waited for until its time has passed", async (_, __, isDeclined) => {
    const desk = new Desk()
    const attempt = desk.attempt()
    await desk.run(desk.channel.create(attempt, scan))
    const { token } = must(desk.sandbox.house.all[0])
    if (isDeclined) desk.sandbox.house.decline(token, desk.now)
    expect(await desk.outcome(desk.channel.query(attempt))).toBe("Waiting")
    desk.wait(late)
    expect(await desk.outcome(desk.channel.query(attempt))).toBe(isDeclined ? "Closed" : "NotFound")
  })

  it("another time is another payment", async () => {
    const desk = new Desk()
    const { attempt } = await desk.paid()
    const other = { ...attempt, openedAt: CivilTime.later(attempt.openedAt, 1_000) }
    expect(await desk.outcome(desk.channel.query(other))).toBe("Waiting")
  })

  it("has no close", () => expect(new Desk().channel.close).toBeUndefined())
})

describe("what goes wrong on the way", () => {
  const mischiefs: ReadonlyArray<readonly [string, Mischief, boolean]> = [
    ["the connection ends before", { _tag: "Drop", after: false }, false],
    ["the connection ends after", { _tag: "Drop", after: true }, true],
    ["500 before", { _tag: "Error", after: false }, false],
    ["500 after", { _tag: "Error", after: true }, true],
    ["429", { _tag: "Limit" }, false],
    ["the answer is cut", { _tag: "Truncate", bytes: 100 }, true],
    ["it takes too long", { _tag: "Delay", milliseconds: 200 }, true],
    ...(["otherKey", "unknownKey", "ownCertificate", "tamper", "otherMerchant", "skewPast", "skewFuture"] as const).map(
      (
        how
      ) => [`forged: ${how}`, { _tag: "Forge", how } satisfies Mischief, true] as const
    )
  ]

  it.each(mischiefs)("create, %s: unknown, sent once, and asked about later", async (_, does, isDone) => {
    const desk = new Desk()
    const attempt = desk.attempt()
    desk.sandbox.house.purses.put(payCode, Money.of(5_000))
    desk.spoil("create", does)
    expect(await desk.outcome(desk.channel.create(attempt, shown))).toBe("ChannelFailed")
    expect(desk.sandbox.seen.filter(({ operation }) => operation === "create")).toHaveLength(1)
    expect(await desk.outcome(desk.channel.query(attempt))).toBe(isDone ? "Paid" : "Waiting")
    // Sent once more it is charged once.
    if (isDone) expect(await desk.outcome(desk.channel.create(attempt, shown))).toBe("ChannelFailed")
    else expect(await desk.run(desk.channel.create(attempt, shown))).toEqual({ _tag: "Nothing" })
    expect(await desk.outcome(desk.channel.query(attempt))).toBe("Paid")
    expect(desk.sandbox.house.purses.has(`payer:${payCode}`)).toBe(0)
    expect(desk.sandbox.house.purses.isWhole).toBe(true)
  })

  it.each(mischiefs)("query, %s: asked again; twice: unknown, and later the truth", async (_, does) => {
    const desk = new Desk()
    const { attempt } = await desk.paid()
    if (does._tag !== "Limit") {
      desk.spoil("query", does)
      expect(await desk.outcome(desk.channel.query(attempt))).toBe("Paid")
    }
    desk.spoil("query", does, 2)
    expect(await desk.outcome(desk.channel.query(attempt))).toBe("ChannelFailed")
    desk.sandbox.rules.clear()
    expect(await desk.outcome(desk.channel.query(attempt))).toBe("Paid")
  })

  it.each(mischiefs)("refund, %s: unknown, and once in the end", async (_, does, isDone) => {
    const desk = new Desk()
    const { attempt } = await desk.paid()
    const refund = desk.refundOf(attempt)
    const queryRefund = must(desk.channel.queryRefund)
    desk.spoil("refund", does)
    expect(await desk.outcome(must(desk.channel.refund)(refund))).toBe("ChannelFailed")
    expect(await desk.outcome(queryRefund(refund))).toBe(isDone ? "Done" : "NotFound")
    expect(await desk.outcome(must(desk.channel.refund)(refund))).toBe(isDone ? "Done" : "Accepted")
    expect(await desk.outcome(queryRefund(refund))).toBe("Done")
    expect(desk.sandbox.house.purses.has("payer:alice")).toBe(100_000)
    expect(desk.sandbox.house.purses.isWhole).toBe(true)
  })

  it("a receipt says the amount that UnionPay says: another one is core's to see", async () => {
    const desk = new Desk()
    const { attempt } = await desk.paid()
    desk.spoil("query", { _tag: "Forge", how: "wrongAmount" })
    expect(await desk.run(desk.channel.query(attempt))).toMatchObject({ receipt: { amount: 5_001 } })
  })
})

describe("money that goes back", () => {
  it("under its number, once, at the time since when it is due", async () => {
    const desk = new Desk()
    const { attempt } = await desk.paid()
    const refund = desk.refundOf(attempt)
    desk.wait(3 * CivilTime.dayLength)
    expect(await desk.run(must(desk.channel.refund)(refund))).toEqual({ _tag: "Accepted" })
    expect(await desk.run(must(desk.channel.refund)(refund))).toEqual({ _tag: "Done" })
    expect(desk.sandbox.house.all[0]?.refunds).toMatchObject([
      { amount: 5_000, extra: { orderId: `${attempt.number}R`, txnTime: "20260302120000" } }
    ])
  })

  it.each([
    ["a payer whose account is closed", (desk: Desk) => desk.sandbox.house.stuckPayers.add("alice"), "Accepted", {
      _tag: "Abnormal",
      code: "63"
    }],
    ["a payment that is not there", (desk: Desk) => desk, { _tag: "Abnormal", code: "35" }, { _tag: "NotFound" }]
  ])("to %s", async (what, prepare, first, second) => {
    const desk = new Desk()
    const { attempt } = await desk.paid()
    prepare(desk)
    const refund = desk.refundOf(what.includes("not there") ? { ...attempt, reference: "49" } : attempt)
    const told = await desk.run(must(desk.channel.refund)(refund))
    expect(typeof first === "string" ? told._tag : told).toEqual(first)
    expect(await desk.run(must(desk.channel.queryRefund)(refund))).toEqual(second)
  })

  it("after a person has seen to it, under the same number", async () => {
    const desk = new Desk()
    const { attempt } = await desk.paid()
    const refund = desk.refundOf(attempt)
    desk.sandbox.house.stuckPayers.add("alice")
    await desk.run(must(desk.channel.refund)(refund))
    desk.sandbox.house.stuckPayers.clear()
    await desk.run(must(desk.channel.refund)(refund))
    expect(await desk.run(must(desk.channel.queryRefund)(refund))).toEqual({ _tag: "Done" })
    expect(desk.sandbox.house.purses.has("payer:alice")).toBe(100_000)
  })

  it("another amount than was asked for is a person's", async () => {
    const desk = new Desk()
    const { attempt } = await desk.paid()
    const refund = desk.refundOf(attempt)
    await desk.run(must(desk.channel.refund)(refund))
    desk.spoil("query", { _tag: "Forge", how: "wrongAmount" })
    expect(await desk.run(must(desk.channel.queryRefund)(refund))).toEqual({ _tag: "Abnormal", code: "amount" })
  })

  it.each([["on the same day", 0, "Accepted"], ["a day later", CivilTime.dayLength, "Abnormal"]])(
    "by a void %s",
    async (_, wait, expected) => {
      const desk = new Desk()
      const { attempt } = await desk.paid()
      desk.wait(wait)
      const undo = await desk.run(Effect.provide(UnionPay.voiding(desk.settings), desk.sandbox.layer))
      expect(await desk.outcome(undo(desk.refundOf(attempt)))).toBe(expected)
      expect(desk.sandbox.house.purses.has("payer:alice")).toBe(expected === "Accepted" ? 100_000 : 95_000)
    }
  )
})

describe("a notification", () => {
  it("of a payment is a receipt", async () => {
    const desk = new Desk()
    const { attempt, trade } = await desk.paid()
    const notice = noticeOf(desk)
    expect(notice.to).toBe(backUrl)
    expect(await desk.run(hear(desk, notice))).toMatchObject({
      _tag: "Paid",
      receipt: { number: attempt.number, amount: 5_000, reference: trade.reference, witness: "callback", paidAt: began }
    })
  })

  it("of a refund, or of a void, is news of it", async () => {
    const desk = new Desk()
    const { attempt } = await desk.paid()
    await desk.run(must(desk.channel.refund)(desk.refundOf(attempt)))
    expect(await desk.run(hear(desk, noticeOf(desk)))).toEqual({ _tag: "RefundNews", refund: `${attempt.number}R` })
  })

  it.each<readonly [Forgery, string, string]>([
    ["otherKey", "forged", "the signature"],
    ["unknownKey", "certificate", "the subject of the certificate"],
    ["ownCertificate", "certificate", "the issuer of the certificate"],
    ["tamper", "forged", "the signature"],
    ["otherMerchant", "otherMerchant", "the field merId"],
    ["skewPast", "certificate", "the validity of the certificate"],
    ["skewFuture", "certificate", "the validity of the certificate"]
  ])("falsified by %s is refused: %s, %s", async (forgery, reason, what) => {
    const desk = new Desk()
    await desk.paid()
    expect(await desk.run(Effect.flip(hear(desk, noticeOf(desk, forgery)))))
      .toMatchObject({ _tag: "CallbackRefused", channel: "unionpay", reason, what })
  })

  it("by a new certificate is believed, and by the old one as well", async () => {
    const side = UnionPayWire.make(randomness, began)
    const desk = new Desk({}, side)
    await desk.paid()
    const [happening] = desk.sandbox.pending
    const told = () => must(side.notice(must(happening), desk.sandbox.here(desk.now)))
    const old = told()
    must(side.rotate)(desk.now)
    const young = told()
    expect(Buffer.from(old.body).equals(Buffer.from(young.body))).toBe(false)
    for (const notice of [young, old, young]) expect(await desk.outcome(hear(desk, notice))).toBe("Paid")
  })

  it.each([
    ["by GET", "GET", undefined, "unsupported"],
    ["of no bytes", "POST", new Uint8Array(), "unsupported"],
    ["of too many", "POST", new Uint8Array(70_000).fill(0x61), "tooLarge"],
    ["with a name twice", "POST", Buffer.from("version=5.1.0&version=5.1.0"), "duplicateKey"],
    ["of another charset", "POST", Buffer.from("version=%D2%F8"), "charset"]
  ])("%s is refused", async (_, method, bytes, reason) => {
    const desk = new Desk()
    await desk.paid()
    const { body, headers } = noticeOf(desk)
    const raw = { method, url: "/", headers, body: bytes ?? body }
    expect(await desk.run(Effect.flip(must(desk.channel.callback)(raw)))).toMatchObject({ reason })
  })

  it("with any byte changed is refused, or says the same", async () => {
    const desk = new Desk()
    await desk.paid()
    const notice = noticeOf(desk)
    const whole = await desk.run(hear(desk, notice))
    await fc.assert(
      fc.asyncProperty(fc.nat(notice.body.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const body = Uint8Array.from(notice.body)
        body[at] = (body[at] ?? 0) ^ change
        const told = await desk.run(Effect.result(hear(desk, { ...notice, body })))
        if (Result.isSuccess(told)) expect(told.success).toEqual(whole)
      }),
      { numRuns: 200 }
    )
  })

  it.each([["taken", 200, true], ["refused", 400, false], ["failed", 500, false]] as const)(
    "that was %s is answered with %i",
    (taken, status, isTaken) => {
      const reply = must(new Desk().channel.acknowledge)(taken)
      expect(reply.status).toBe(status)
      expect(wire.isTaken({ status, body: Buffer.from(reply.body) })).toBe(isTaken)
    }
  )
})

describe("the bill of a day", () => {
  const day = CivilTime.day("2026-03-02")
  const morning = CivilTime.instant("2026-03-03 09:00")

  const filled = async (own: Partial<UnionPay.Settings> = {}) => {
    const desk = new Desk(own, UnionPayWire.make(randomness, began))
    const first = await desk.paid(5_000)
    desk.wait(1_000)
    const second = await desk.paid(333)
    desk.wait(1_000)
    await desk.run(must(desk.channel.refund)(desk.refundOf(first.attempt)))
    desk.now = morning
    return { desk, first, second, bill: (of = day) => desk.run(must(desk.channel.bill)(of)) }
  }

  it("has payments with receipts, and refunds by the number of their payment", async () => {
    const { bill, first, second } = await filled()
    const { rows } = await bill()
    const [one, two] = [first.attempt.number, second.attempt.number]
    expect(rows.map(({ row }) => [row.kind, row.number, row.refundNumber, row.amount, row.fee])).toEqual([
      ["payment", one, undefined, 5_000, 30],
      ["payment", two, undefined, 333, 2],
      ["refund", one, `${one}R`, 5_000, -30]
    ])
    expect(rows.map(({ receipt }) => receipt?.reference)).toEqual([
      first.trade.reference,
      second.trade.reference,
      undefined
    ])
    expect(rows[1]?.receipt).toMatchObject({ witness: "statement", paidAt: CivilTime.later(began, 1_000) })
  })

  it("is not ready before nine, and none where nobody paid", async () => {
    const { bill, desk } = await filled()
    desk.now = CivilTime.later(morning, -1)
    await expect(bill()).rejects.toMatchObject({ _tag: "BillNotReady" })
    const before = CivilTime.addDays(day, -2)
    expect(await bill(before)).toEqual({ day: before, rows: [] })
  })

  it("what is paid after 23:00 stands in the next one", async () => {
    const desk = new Desk()
    desk.now = CivilTime.instant("2026-03-02 23:00")
    const { attempt } = await desk.paid()
    desk.now = CivilTime.instant("2026-03-05 09:00")
    expect(await desk.run(must(desk.channel.bill)(day))).toEqual({ day, rows: [] })
    const { rows } = await desk.run(must(desk.channel.bill)(CivilTime.addDays(day, 1)))
    expect(rows.map(({ row }) => row.number)).toEqual([attempt.number])
  })

  it.each<readonly [BillFlaw, ReadonlyArray<string>, ReadonlyArray<string>]>([
    ["omitRow", ["5000", "333"], []],
    ["duplicateRow", ["5000", "333", "-5000", "-5000"], []],
    ["extraRow", ["5000", "333", "-5000", "5000?"], []],
    ["wrongAmount", ["5000", "333", "-5001"], []],
    ["shiftDay", ["5000", "333"], ["-5000"]]
  ])("with the flaw %s", async (flaw, expected, next) => {
    const { bill, desk } = await filled()
    desk.spoil("bill", { _tag: "Bill", flaw })
    const told = async (of = day) =>
      (await bill(of)).rows.map(({ receipt, row }) =>
        `${row.kind === "refund" ? "-" : ""}${row.amount}${row.kind === "payment" && receipt === undefined ? "?" : ""}`
      )
    expect(await told()).toEqual(expected)
    desk.wait(CivilTime.dayLength * 2)
    expect(await told(CivilTime.addDays(day, 1))).toEqual(next)
  })

  it("whose lines are of another layout says which of them is wrong", async () => {
    const { bill } = await filled({ layout: Layout.zme })
    await expect(bill()).rejects.toMatchObject({
      _tag: "ChannelFailed",
      operation: "bill",
      cause: { reason: "malformed", what: "line 1: the length" }
    })
  })

  it("that is not believed is asked for again", async () => {
    const { bill, desk } = await filled()
    desk.spoil("bill", { _tag: "Forge", how: "ownCertificate" }, 2)
    await expect(bill()).rejects.toMatchObject({ _tag: "ChannelFailed", operation: "bill" })
    expect((await bill()).rows).toHaveLength(3)
  })
})

describe("settings", () => {
  it("that lead to the real gateway refuse the sandbox's keys", async () => {
    const desk = new Desk()
    const made = UnionPay.make({ ...desk.settings, gateway: Gateway.production })
    expect(await desk.run(Effect.flip(Effect.provide(made, desk.sandbox.layer)))).toMatchObject({
      _tag: "SandboxKeys",
      host: "gateway.95516.com"
    })
  })

  it("say when a payment is asked about", () => {
    expect(UnionPay.frontPatience.asks).toEqual([5, 10, 30, 60, 120].map((each) => each * CivilTime.minute))
    expect(UnionPay.backPatience.asks).toEqual([1, 2, 4, 8, 16, 32].map((each) => each * CivilTime.second))
    expect(new Desk({ patience: UnionPay.backPatience }).channel.patience).toBe(UnionPay.backPatience)
  })

  it("a refund's number is written as UnionPay reads it", () => {
    fc.assert(fc.property(fc.nat(), fc.uuid(), (index, id) => {
      const number = PaymentAttempt.numberOf({ id: Id.OrderId.make(`test:${id}`), createdAt: began }, index)
      expect(PaymentAttempt.refundNumberOf(number)).toMatch(/^[0-9A-Za-z]{29}$/)
    }))
  })
})
