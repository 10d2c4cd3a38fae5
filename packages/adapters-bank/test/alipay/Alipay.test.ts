import { CivilTime, Money, PaymentAttempt, type RechargeChannel, Recharging } from "@yikatong/core"
import { Effect, Redacted, Result } from "effect"
import { describe, expect, it } from "vitest"
import * as Alipay from "../../src/alipay/Alipay.ts"
import * as AlipayWire from "../../src/sandbox/AlipayWire.ts"
import { attemptOf, Campus, drive, office, orderOf, pockets, serves } from "../support/campus.ts"
import { InProcess } from "../support/inProcess.ts"
import { furnished, methods, payer, quick, wire } from "./counter.ts"

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

describe("an order that is let go gives nothing back (alipay.trade.cancel would)", () => {
  it("never scanned, it is left to its time; scanned, it is closed, and nobody can pay it", async () => {
    const { campus, channel, net, scanned, whole } = furnished()
    const able = channel as Required<RechargeChannel.RechargeChannel>
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const unseen = yield* campus.place("alipay", 1_000)
      yield* able.close(unseen.attempt)
      expect(methods(net)).toEqual(["precreate", "query"])
      const seen = yield* campus.place("alipay", 2_000)
      Result.getOrThrow(net.house.ask(scanned(seen.attempt), campus.now))
      yield* able.close(seen.attempt)
      expect(methods(net).slice(3)).toEqual(["query", "close", "query"])
      expect(yield* channel.query(seen.attempt)).toEqual({ _tag: "Closed" })
      expect(Result.isFailure(net.house.pay(scanned(seen.attempt), payer, campus.now))).toBe(true)
      expect(yield* whole).toBe(10_000)
    }))
  })

  it.each<[string, "credit" | "refund"]>([["credit", "credit"], ["refund", "refund"]])(
    "who pays between the question and the end of it is found, and credited once: late payments %s",
    async (_, latePayment) => {
      let pays = (): unknown => undefined
      const { campus, channel, net, scanned, whole } = furnished(latePayment, {}, { query: () => pays() })
      await campus.run(Effect.gen(function*() {
        yield* campus.furnished
        const { attempt, order } = yield* campus.place("alipay", 5_000)
        Result.getOrThrow(net.house.ask(scanned(attempt), campus.now))
        pays = () => net.house.pay(scanned(attempt), payer, campus.now)
        yield* (channel as Required<RechargeChannel.RechargeChannel>).close(attempt)
        expect(methods(net)).toEqual(["precreate", "query", "close", "query"])
        yield* drive()
        expect((yield* orderOf(order.id))._tag).toBe("Credited")
        expect(yield* pockets).toMatchObject({ transit: 5_000 })
        expect(yield* whole).toBe(5_000)
        expect(methods(net)).not.toContain("cancel")
      }))
    }
  )
})

describe("money that somebody sends back in the merchant's back office", () => {
  it("is told by the query once all of it is back; of a part the bill alone tells", async () => {
    const { campus, channel, net, pay } = furnished()
    const able = channel as Required<RechargeChannel.RechargeChannel>
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const { attempt } = yield* campus.place("alipay", 5_000)
      const trade = pay(attempt)
      const back = (number: string, fen: number) =>
        Result.getOrThrow(net.house.refund(trade, { number, amount: Money.amount(fen) }, campus.now))
      back("office1", 2_000)
      expect(yield* channel.query(attempt)).toMatchObject({ _tag: "Paid", receipt: { amount: 5_000 } })
      back("office2", 3_000)
      expect(yield* channel.query(attempt)).toMatchObject({ _tag: "GivenBack", receipt: { amount: 5_000 } })
      const day = CivilTime.dayOf(campus.now)
      campus.wait(CivilTime.dayLength)
      const { rows } = yield* able.bill(day)
      expect(rows.map(({ row: { amount, kind, refundNumber } }) => [kind, amount, refundNumber])).toEqual([
        ["payment", 5_000, undefined],
        ["refund", 2_000, "office1"],
        ["refund", 3_000, "office2"]
      ])
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
