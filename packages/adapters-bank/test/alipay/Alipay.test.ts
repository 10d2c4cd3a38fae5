import { BillRow, CivilTime, Money, PaymentAttempt, type RechargeChannel, Recharging } from "@yikatong/core"
import { Effect, Redacted, Result, Schema } from "effect"
import { describe, expect, it } from "vitest"
import * as Alipay from "../../src/alipay/Alipay.ts"
import * as Circuit from "../../src/Circuit.ts"
import * as AlipayWire from "../../src/sandbox/AlipayWire.ts"
import type { Forgery, Mischief } from "../../src/sandbox/Mischief.ts"
import { attemptOf, books, Campus, drive, office, orderOf, pockets, profile, serves } from "../support/campus.ts"
import { InProcess } from "../support/inProcess.ts"

const payer = "alice"
const quick = { ...Circuit.policy, firstWait: 1, longestWait: 2, attempts: 2 }
const wire = AlipayWire.make()

/** A campus whose Alipay is the sandbox's, and a payer with 100.00. */
const furnished = (latePayment: "credit" | "refund" = "credit", more: Partial<Alipay.Settings> = {}) => {
  const net = new InProcess(wire)
  const settings = AlipayWire.settingsOf(wire.terms(net.origin), {
    name: "alipay",
    title: "校园卡充值",
    notifyUrl: "https://school.test/alipay",
    serves: serves("alipay"),
    policy: quick,
    poll: { every: 1, times: 3 },
    ...more
  })
  const channel = Effect.runSync(Effect.provide(Alipay.make(settings), net.layer))
  const campus = new Campus([channel], profile(latePayment))
  net.house.purses.put(payer, Money.amount(10_000))
  const whole = Effect.gen(function*() {
    yield* books
    expect(net.house.purses.isWhole).toBe(true)
    return net.house.purses.has(`payer:${payer}`)
  })
  const scanned = (attempt: PaymentAttempt.Attempt): string => {
    if (attempt._tag !== "Waiting" || attempt.instruction._tag !== "QrCode") throw new Error(attempt._tag)
    return attempt.instruction.text.slice(`${net.origin}/pay/`.length)
  }
  const pay = (attempt: PaymentAttempt.Attempt) => Result.getOrThrow(net.house.pay(scanned(attempt), payer, campus.now))
  const deliver = () => net.deliver(office)
  return { net, channel, campus, whole, pay, scanned, deliver }
}

const codeOf = (digits: string): RechargeChannel.Payer => ({ _tag: "PayCode", code: Redacted.make(digits) })

describe("an order that is paid by Alipay", () => {
  it("waits while nobody scans it, is paid once, and credited once, however often it is told", async () => {
    const { campus, channel, deliver, net, pay, scanned, whole } = furnished()
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const { attempt, order } = yield* campus.place("alipay", 5_000)
      expect(yield* channel.query(attempt)).toEqual({ _tag: "Waiting" })
      Result.getOrThrow(net.house.ask(scanned(attempt), campus.now))
      expect(yield* channel.query(attempt)).toEqual({ _tag: "Waiting" })
      pay(attempt)
      net.rules.add({ operation: "notice", does: { _tag: "Duplicate", times: 3 } })
      const told = yield* deliver()
      expect(told.map(({ reply }) => reply.body)).toEqual(["success", "success", "success"])
      expect(yield* orderOf(order.id)).toMatchObject({ _tag: "Credited" })
      expect(yield* channel.query(attempt)).toMatchObject({
        _tag: "Paid",
        receipt: { number: attempt.number, amount: 5_000, paidAt: campus.now, witness: "query" }
      })
      yield* drive()
      expect(yield* pockets).toMatchObject({ transit: 5_000 })
      expect(yield* whole).toBe(5_000)
    }))
  })

  it("is found by asking where no notice comes", async () => {
    const { campus, pay, whole } = furnished()
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const { attempt, order } = yield* campus.place("alipay", 5_000)
      pay(attempt)
      yield* drive()
      expect(yield* orderOf(order.id)).toMatchObject({ _tag: "Credited" })
      expect(yield* whole).toBe(5_000)
    }))
  })

  it("ends unpaid, scanned or not; what was never scanned was never there", async () => {
    const { campus, channel, net, scanned, whole } = furnished()
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const unseen = yield* campus.place("alipay", 1_000)
      const seen = yield* campus.place("alipay", 2_000)
      Result.getOrThrow(net.house.ask(scanned(seen.attempt), campus.now))
      campus.wait(3 * CivilTime.hour)
      expect(yield* channel.query(unseen.attempt)).toEqual({ _tag: "NotFound" })
      expect(yield* channel.query(seen.attempt)).toEqual({ _tag: "Closed" })
      yield* drive()
      expect(yield* orderOf(unseen.order.id)).toMatchObject({ _tag: "Expired" })
      expect(yield* orderOf(seen.order.id)).toMatchObject({ _tag: "Expired" })
      expect(yield* whole).toBe(10_000)
    }))
  })

  it("goes back where the account was closed meanwhile: once, and the notice of it credits nothing", async () => {
    const { campus, channel, deliver, net, pay, whole } = furnished()
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const { attempt, order } = yield* campus.place("alipay", 5_000)
      yield* campus.closeAccount
      pay(attempt)
      yield* deliver()
      expect(yield* orderOf(order.id)).toMatchObject({ _tag: "Refunded" })
      // The notice of the refund.
      expect((yield* deliver()).map(({ isTaken }) => isTaken)).toEqual([true])
      expect(yield* whole).toBe(10_000)
      const able = channel as Required<RechargeChannel.RechargeChannel>
      const paid = yield* attemptOf(attempt.number)
      if (!PaymentAttempt.isPaid(paid)) throw new Error(paid._tag)
      const refund = {
        attempt: paid,
        number: PaymentAttempt.refundNumberOf(attempt.number),
        amount: Money.amount(5_000),
        dueAt: campus.now
      }
      // What was told by the answer is not asked about.
      expect(net.seen.filter(({ operation }) => operation === "queryRefund")).toEqual([])
      expect(yield* able.refund(refund)).toEqual({ _tag: "Done" })
      expect(yield* able.queryRefund(refund)).toEqual({ _tag: "Done" })
      expect(yield* able.queryRefund({ ...refund, number: "another" })).toEqual({ _tag: "NotFound" })
      expect(yield* channel.query(attempt)).toMatchObject({ _tag: "GivenBack" })
      expect(net.pending).toEqual([])
      expect(yield* whole).toBe(10_000)
    }))
  })

  it("paid twice by two codes of one order: one is kept, the other goes back", async () => {
    const { channel, deliver, net, pay, whole } = furnished()
    const second = Effect.runSync(Effect.provide(
      Alipay.make(AlipayWire.settingsOf(wire.terms(net.origin), {
        name: "alipayToo",
        title: "校园卡充值",
        notifyUrl: "https://school.test/alipay",
        serves: serves("weChat"),
        policy: quick
      })),
      net.layer
    ))
    const both = new Campus([channel, second])
    await both.run(Effect.gen(function*() {
      yield* both.furnished
      const first = yield* both.place("alipay", 5_000)
      const turned = yield* both.turn(first.order, "weChat")
      expect(turned.attempt.number).not.toBe(first.attempt.number)
      pay(first.attempt)
      pay(turned.attempt)
      yield* deliver()
      yield* drive()
      expect(yield* pockets).toMatchObject({ transit: 5_000 })
      const ends = [(yield* attemptOf(first.attempt.number))._tag, (yield* attemptOf(turned.attempt.number))._tag]
      expect(ends).toEqual(["Kept", "Returned"])
      expect(yield* whole).toBe(5_000)
    }))
  })

  it("a refund that can not be made waits for a person, and is then made once", async () => {
    const { campus, deliver, net, pay, whole } = furnished()
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const { attempt, order } = yield* campus.place("alipay", 5_000)
      yield* campus.closeAccount
      net.house.stuckPayers.add(payer)
      pay(attempt)
      yield* deliver()
      expect(yield* attemptOf(attempt.number)).toMatchObject({ _tag: "ReturnFailed" })
      net.house.stuckPayers.clear()
      yield* Recharging.returnAgain(attempt.number, office)
      yield* drive()
      expect(yield* attemptOf(attempt.number)).toMatchObject({ _tag: "Returned" })
      expect((yield* orderOf(order.id))._tag).toBe("Refunded")
      expect(yield* whole).toBe(10_000)
    }))
  })

  it("paid in time and told late is credited; given back in the back office is credited to nobody", async () => {
    const { campus, net, pay, whole } = furnished("refund")
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const late = yield* campus.place("alipay", 1_000)
      const back = yield* campus.place("alipay", 2_000)
      pay(late.attempt)
      pay(back.attempt)
      const trade = net.house.all.find(({ number }) => number === back.attempt.number)
      if (trade === undefined) throw new Error("no trade")
      net.house.refund(trade, { number: "office1", amount: trade.amount }, campus.now)
      campus.wait(5 * CivilTime.hour)
      yield* drive()
      expect((yield* orderOf(late.order.id))._tag).toBe("Credited")
      expect((yield* orderOf(back.order.id))._tag).toBe("Reversed")
      expect(yield* pockets).toMatchObject({ transit: 1_000 })
      expect(yield* whole).toBe(9_000)
    }))
  })
})

describe("a payment by a code that the payer shows", () => {
  const alive = "280000000000000002"
  const asks = "280000000000000001"

  it.each<[string, string, number, "Credited" | "refused"]>([
    ["pays at once", alive, 10_000, "Credited"],
    ["without money is refused and leaves nothing behind", alive, 0, "refused"],
    ["that has expired is refused", "280000000000000009", 10_000, "refused"],
    ["that is another wallet's is refused", "134567890123456789", 10_000, "refused"],
    ["whose payer never types the password is taken back", asks, 10_000, "refused"]
  ])("one that %s", async (_, code, has, end) => {
    const { campus, net, whole } = furnished()
    if (has > 0) net.house.purses.put(code, Money.amount(has))
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const placed = yield* Effect.result(campus.place("alipay", 5_000, codeOf(code)))
      yield* drive()
      if (end === "refused") {
        expect(placed).toMatchObject({ _tag: "Failure", failure: { _tag: "ChannelRefused" } })
        expect(net.house.all.filter(({ state }) => state !== "closed")).toEqual([])
        expect(yield* pockets).toMatchObject({ transit: 0 })
      } else {
        expect(yield* orderOf(Result.getOrThrow(placed).order.id)).toMatchObject({ _tag: "Credited" })
      }
      expect(net.house.purses.has(`payer:${code}`)).toBe(end === "Credited" ? has - 5_000 : has)
      yield* whole
    }))
  })

  it.each<[string, Mischief]>([
    ["its answer is lost and it was paid", { _tag: "Drop", after: true }],
    ["the gateway breaks down after it was paid", { _tag: "Error", after: true }],
    ["its answer is forged", { _tag: "Forge", how: "otherKey" }]
  ])("%s: it is asked about, and credited", async (_, does) => {
    const { campus, net, whole } = furnished()
    net.house.purses.put(alive, Money.amount(5_000))
    net.rules.add({ operation: "create", does })
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const { order } = yield* campus.place("alipay", 5_000, codeOf(alive))
      yield* drive()
      expect((yield* orderOf(order.id))._tag).toBe("Credited")
      expect(net.seen.filter(({ operation }) => operation === "create")).toHaveLength(1)
      yield* whole
    }))
  })
})

describe("a notice that is not believed changes nothing", () => {
  it.each<[Forgery, string]>([
    ["otherKey", "forged"],
    ["unknownKey", "unknownKey"],
    ["ownCertificate", "forged"],
    ["tamper", "forged"],
    ["otherMerchant", "otherMerchant"],
    ["skewFuture", "stale"]
  ])("%s: %s; the true one is taken after it", async (how, reason) => {
    const { campus, deliver, net, pay, whole } = furnished()
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const { attempt } = yield* campus.place("alipay", 5_000)
      pay(attempt)
      net.rules.add({ operation: "notice", does: { _tag: "Forge", how } })
      const [forged] = yield* deliver()
      expect(forged).toMatchObject({
        isTaken: false,
        reply: { status: 400, body: "fail" },
        outcome: { failure: { _tag: "CallbackRefused", reason } }
      })
      expect(yield* pockets).toMatchObject({ transit: 0 })
      yield* deliver()
      expect(yield* pockets).toMatchObject({ transit: 5_000 })
      yield* whole
    }))
  })

  it("another amount, and signed as such: it is not credited and goes back", async () => {
    const { campus, deliver, net, pay } = furnished()
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const { attempt, order } = yield* campus.place("alipay", 5_000)
      pay(attempt)
      net.rules.add({ operation: "notice", does: { _tag: "Forge", how: "wrongAmount" } })
      yield* deliver()
      expect(yield* orderOf(order.id)).toMatchObject({ _tag: "RefundDue", reason: "mismatch", paidAmount: 5_001 })
      expect(yield* pockets).toMatchObject({ transit: 0 })
    }))
  })

  it.each<[string, (body: Uint8Array) => Uint8Array, string]>([
    ["cut off", (body) => body.slice(0, 40), "unsupported"],
    ["too large", () => new Uint8Array(70_000).fill(97), "tooLarge"],
    ["a name twice", (body) => Buffer.concat([body, Buffer.from("&notify_id=1")]), "duplicateKey"],
    ["no UTF-8", (body) => Buffer.concat([body, Buffer.from("&a=%ff")]), "charset"]
  ])("%s", async (_, change, reason) => {
    const { campus, channel, net, pay } = furnished()
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const { attempt } = yield* campus.place("alipay", 5_000)
      pay(attempt)
      const [happening] = net.pending
      const notice = happening && wire.notice(happening, net.here(campus.now))
      if (notice === undefined) throw new Error("no notice")
      const raw = { method: "POST", url: "/alipay", headers: {}, body: change(notice.body) }
      const refused = channel.callback === undefined ? undefined : yield* Effect.flip(channel.callback(raw))
      expect(refused).toMatchObject({ _tag: "CallbackRefused", reason })
    }))
  })
})

describe("what goes wrong on the way", () => {
  const wrong: ReadonlyArray<[string, Mischief]> = [
    ["Drop", { _tag: "Drop", after: false }],
    ["Drop after", { _tag: "Drop", after: true }],
    ["Error", { _tag: "Error", after: false }],
    ["Error after", { _tag: "Error", after: true }],
    ["Limit", { _tag: "Limit" }],
    ["Truncate", { _tag: "Truncate", bytes: 20 }],
    ["otherKey", { _tag: "Forge", how: "otherKey" }],
    ["unknownKey", { _tag: "Forge", how: "unknownKey" }],
    ["tamper", { _tag: "Forge", how: "tamper" }],
    ["otherMerchant", { _tag: "Forge", how: "otherMerchant" }]
  ]
  const times = 2

  it.each(wrong)("%s of an order: unknown, and then the truth", async (_, does) => {
    const { campus, net, whole } = furnished("credit", { policy: { ...quick, failures: 100, deadline: 3_000 } })
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      net.rules.add({ operation: "create", times, does })
      const { attempt, order } = yield* campus.place("alipay", 5_000)
      expect(attempt._tag).toBe("Unknown")
      net.rules.clear()
      campus.wait(3 * CivilTime.hour)
      yield* drive()
      expect((yield* orderOf(order.id))._tag).toBe("Expired")
      expect(yield* whole).toBe(10_000)
    }))
  })

  it.each(wrong)("%s of a question: nothing is guessed, and then the truth", async (_, does) => {
    const { campus, channel, net, pay, whole } = furnished("credit", {
      policy: { ...quick, failures: 100, deadline: 3_000 }
    })
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const { attempt } = yield* campus.place("alipay", 5_000)
      pay(attempt)
      net.rules.add({ operation: "query", times, does })
      expect(yield* Effect.flip(channel.query(attempt))).toMatchObject({ _tag: "ChannelFailed", operation: "query" })
      net.rules.clear()
      yield* drive()
      expect(yield* pockets).toMatchObject({ transit: 5_000 })
      expect(yield* whole).toBe(5_000)
    }))
  })

  it.each(wrong)("%s of a refund: it goes back once", async (_, does) => {
    const { campus, net, pay, whole } = furnished("credit", { policy: { ...quick, failures: 100, deadline: 3_000 } })
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const { attempt } = yield* campus.place("alipay", 5_000)
      yield* campus.closeAccount
      pay(attempt)
      net.rules.add({ operation: "refund", times, does })
      yield* drive()
      net.rules.clear()
      campus.wait(10 * CivilTime.minute)
      yield* drive()
      expect((yield* attemptOf(attempt.number))._tag).toBe("Returned")
      expect(yield* whole).toBe(10_000)
    }))
  })
})

describe("how a payer may stand before it", () => {
  it.each<[string, RechargeChannel.Payer]>([
    ["in an app", { _tag: "InApp", openId: Redacted.make("o1") }],
    ["in a browser", { _tag: "Browser", returnTo: "https://school.test" }]
  ])("%s: refused, and nothing is asked of the gateway", async (_, by) => {
    const { campus, net } = furnished()
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      expect(yield* Effect.flip(campus.place("alipay", 5_000, by))).toMatchObject({ _tag: "ChannelRefused" })
      expect(net.seen).toEqual([])
    }))
  })

  it("an answer that takes too long is none", async () => {
    const { campus, net, whole } = furnished("credit", { timeout: 20, policy: { ...quick, attempts: 1 } })
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      net.rules.add({ operation: "create", does: { _tag: "Delay", milliseconds: 1_000 } })
      expect((yield* campus.place("alipay", 5_000)).attempt._tag).toBe("Unknown")
      yield* whole
    }))
  })
})

describe("the bill of a day", () => {
  it.each([
    ["https://dwbillcenter.alipay.com/file?a=1", "https://dwbillcenter.alipay.com/file?a=1"],
    ["http://dwbillcenter.alipay.com/file", "https://dwbillcenter.alipay.com/file"],
    ["https://openapi.alipay.com/file", "https://openapi.alipay.com/file"],
    ["https://dwbillcenter.alipay.com.evil.test/file", undefined],
    ["https://dwbillcenter.alipay.com@evil.test/file", undefined],
    ["https://evil.test/dwbillcenter.alipay.com", undefined],
    ["https://dwbillcenter.alipay.com:8443/file", undefined],
    ["not an address", undefined]
  ])("lies at the channel's own hosts and is never fetched in the clear: %s", (url, place) => {
    expect(Alipay.placeOf(url, Alipay.production, Alipay.billHosts)).toBe(place)
  })

  it("tells what was paid and what went back, in the words of all channels", async () => {
    const { campus, channel, deliver, net, pay } = furnished()
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const kept = yield* campus.place("alipay", 5_000)
      const back = yield* campus.place("alipay", 1_000)
      pay(kept.attempt)
      yield* deliver()
      yield* campus.closeAccount
      pay(back.attempt)
      yield* deliver()
      const day = CivilTime.dayOf(campus.now)
      const bill = channel.bill ?? expect.fail()
      expect(yield* Effect.flip(bill(day))).toMatchObject({ _tag: "BillNotReady" })
      const paidAt = campus.now
      campus.wait(CivilTime.dayLength)
      const { rows } = yield* bill(day)
      for (const { row } of rows) expect(Schema.is(BillRow.BillRow)(row)).toBe(true)
      expect(rows.map(({ row: { amount, fee, kind, number } }) => ({ amount, fee, kind, number }))).toEqual([
        { kind: "payment", amount: 5_000, fee: 30, number: kept.attempt.number },
        { kind: "payment", amount: 1_000, fee: 6, number: back.attempt.number },
        { kind: "refund", amount: 1_000, fee: -6, number: back.attempt.number }
      ])
      expect(rows[0]?.receipt).toMatchObject({
        number: kept.attempt.number,
        amount: 5_000,
        paidAt,
        witness: "statement"
      })
      expect(rows[2]?.receipt).toBeUndefined()
      net.rules.add({ operation: "bill", does: { _tag: "Bill", flaw: "shiftDay" } })
      expect((yield* bill(day)).rows).toHaveLength(2)
      expect((yield* bill(day)).rows).toHaveLength(2)
      net.rules.add({ operation: "download", times: 4, does: { _tag: "Truncate", bytes: 200 } })
      expect(yield* Effect.flip(bill(day))).toMatchObject({ _tag: "ChannelFailed" })
    }))
  })
})

describe("the settings", () => {
  it("refuse the keys of a sandbox for the real gateway", async () => {
    const net = new InProcess(wire)
    const { gateway: _, ...settings } = AlipayWire.settingsOf(wire.terms(net.origin), { name: "alipay", title: "充值" })
    const refused = await Effect.runPromise(Effect.flip(Effect.provide(Alipay.make(settings), net.layer)))
    expect(refused).toMatchObject({ _tag: "SandboxKeys", host: "openapi.alipay.com" })
    expect(refused.message).not.toContain("BEGIN")
  })

  it.each(["a/b", "a=b", "a&b", "", "长".repeat(257)])("refuse a title that the gateway refuses: %s", (title) => {
    expect(() => furnished("credit", { title })).toThrow("Expected a title")
  })
})
