import { CivilTime } from "@yikatong/core"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import type { Forgery, Mischief } from "../../src/sandbox/Mischief.ts"
import { attemptOf, drive, orderOf, pockets } from "../support/campus.ts"
import { furnished, quick, wire } from "./counter.ts"

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
