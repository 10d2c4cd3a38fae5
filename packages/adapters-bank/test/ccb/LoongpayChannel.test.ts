import { CivilTime, Money, type PaymentAttempt, type RechargeChannel, Recharging } from "@yikatong/core"
import { Effect, Redacted, Result } from "effect"
import { describe, expect, it } from "vitest"
import * as Loongpay from "../../src/ccb/Loongpay.ts"
import * as Circuit from "../../src/Circuit.ts"
import * as CcbWire from "../../src/sandbox/CcbWire.ts"
import type { Forgery, Mischief } from "../../src/sandbox/Mischief.ts"
import { books, Campus, drive, office, orderOf, pockets, profile, serves } from "../support/campus.ts"
import { InProcess } from "../support/inProcess.ts"

const payer = "alice"
const wire = CcbWire.make({ noticesTo: "https://school.test/ccb" })
const browser: RechargeChannel.Payer = { _tag: "Browser", returnTo: "https://school.test/paid" }

/** A campus whose 龙支付 is the sandbox's, and a payer with 100.00. `kinds`: of codes that the contract takes. */
const furnished = (shownCodes?: Loongpay.ShownCodes) => {
  const net = new InProcess(wire)
  const settings = CcbWire.settingsOf(wire.terms(net.origin), {
    name: "ccb",
    title: "校园卡充值",
    serves: serves("ccbCard"),
    policy: { ...Circuit.policy, firstWait: 1, longestWait: 2, attempts: 2, failures: 100 },
    ...(shownCodes === undefined ? {} : { shownCodes: { longestWait: 1, times: 3, ...shownCodes } })
  })
  const channel = Effect.runSync(Effect.provide(Loongpay.make(settings), net.layer))
  const campus = new Campus([channel], profile())
  net.house.purses.put(payer, Money.amount(10_000))
  const whole = Effect.gen(function*() {
    yield* books
    expect(net.house.purses.isWhole).toBe(true)
    return net.house.purses.has(`payer:${payer}`)
  })
  /** What the payer's browser does: the address leads to the page of the order. */
  const open = (attempt: PaymentAttempt.Attempt): string => {
    const instruction = attempt._tag === "Waiting" ? attempt.instruction : undefined
    const address = instruction?._tag === "QrCode"
      ? instruction.text
      : instruction?._tag === "Page"
      ? instruction.url
      : ""
    const { pathname, search } = new URL(address)
    const raw = { method: "GET", url: pathname + search, headers: {}, body: new Uint8Array() }
    const answer = wire.route(raw)?.run(net.here(campus.now))
    expect(answer?.status).toBe(302)
    return (answer?.headers["location"] ?? "").slice(`${net.origin}/pay/`.length)
  }
  const pay = (attempt: PaymentAttempt.Attempt) => Result.getOrThrow(net.house.pay(open(attempt), payer, campus.now))
  return { net, channel, campus, whole, open, pay, deliver: () => net.deliver(office) }
}

describe("an order that is paid at the cashier of the bank", () => {
  it.each<[string, RechargeChannel.Payer]>([["a code", { _tag: "Scan" }], ["a browser", browser]])(
    "%s: paid once, told once, credited once",
    async (_, by) => {
      const { campus, deliver, net, open, pay, whole } = furnished()
      await campus.run(Effect.gen(function*() {
        yield* campus.furnished
        const { attempt, order } = yield* campus.place("ccbCard", 5_000, by)
        // Opened twice, it is one order.
        expect(open(attempt)).toBe(open(attempt))
        pay(attempt)
        net.rules.add({ operation: "notice", does: { _tag: "Duplicate", times: 2 } })
        expect((yield* deliver()).map(({ reply }) => reply.status)).toEqual([200, 200])
        expect(yield* orderOf(order.id)).toMatchObject({ _tag: "Credited", reference: attempt.number })
        expect(yield* pockets).toMatchObject({ transit: 5_000 })
        expect(yield* whole).toBe(5_000)
      }))
    }
  )

  it("waits without a notice, however long, and is asked about once a day; a person gives it up", async () => {
    const { campus, channel, whole } = furnished()
    expect(channel.patience.most).toBe(CivilTime.dayLength)
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const { attempt, order } = yield* campus.place("ccbCard", 5_000)
      expect(yield* channel.query(attempt)).toEqual({ _tag: "Waiting" })
      campus.wait(5 * CivilTime.hour)
      yield* drive()
      expect((yield* orderOf(order.id))._tag).toBe("Paying")
      campus.wait(CivilTime.dayLength)
      const [stuck] = yield* Recharging.stuck
      expect(stuck).toMatchObject({ _tag: "Undecided", number: attempt.number })
      yield* Recharging.giveUp(attempt.number, office)
      expect((yield* orderOf(order.id))._tag).toBe("Expired")
      expect(yield* whole).toBe(10_000)
    }))
  })

  it("has to go back by hand where the account was closed meanwhile", async () => {
    const { campus, channel, deliver, pay, whole } = furnished()
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const { attempt, order } = yield* campus.place("ccbCard", 5_000, browser)
      yield* campus.closeAccount
      pay(attempt)
      yield* deliver()
      yield* drive()
      expect((yield* orderOf(order.id))._tag).toBe("RefundDue")
      expect(channel.refund).toBeUndefined()
      expect(yield* Recharging.stuck).toMatchObject([{ _tag: "ReturnByHand", number: attempt.number, amount: 5_000 }])
      yield* Recharging.returned(attempt.number, office)
      expect((yield* orderOf(order.id))._tag).toBe("Refunded")
      yield* whole
    }))
  })
})

describe("a notice that is not believed changes nothing", () => {
  it.each<[Forgery, string, string]>([
    ["otherKey", "forged", "SIGN"],
    ["ownCertificate", "forged", "SIGN"],
    ["tamper", "forged", "SIGN"],
    ["otherMerchant", "otherMerchant", "POSID or BRANCHID"],
    ["probe", "unsupported", "a notice that came through the payer's browser"]
  ])("%s: %s", async (how, reason, what) => {
    const { campus, deliver, net, pay, whole } = furnished()
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const { attempt } = yield* campus.place("ccbCard", 5_000, browser)
      pay(attempt)
      net.rules.add({ operation: "notice", does: { _tag: "Forge", how } })
      const [forged] = yield* deliver()
      expect(forged).toMatchObject({
        isTaken: false,
        reply: { status: 400 },
        outcome: { failure: { _tag: "CallbackRefused", reason, what } }
      })
      expect(yield* pockets).toMatchObject({ transit: 0 })
      yield* deliver()
      expect(yield* pockets).toMatchObject({ transit: 5_000 })
      yield* whole
    }))
  })

  it("another amount, and signed as such, is not credited", async () => {
    const { campus, deliver, net, pay } = furnished()
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const { attempt, order } = yield* campus.place("ccbCard", 5_000, browser)
      pay(attempt)
      net.rules.add({ operation: "notice", does: { _tag: "Forge", how: "wrongAmount" } })
      yield* deliver()
      expect(yield* orderOf(order.id)).toMatchObject({ _tag: "RefundDue", reason: "mismatch" })
      expect(yield* pockets).toMatchObject({ transit: 0 })
    }))
  })
})

describe("a code that the payer shows", () => {
  const alive = "6210105000000000002"
  const asks = "6210105000000000001"
  const shown = (code: string): RechargeChannel.Payer => ({ _tag: "PayCode", code: Redacted.make(code) })

  it.each<[string, string, Loongpay.ShownCodes | undefined, string]>([
    ["is refused without a contract for it", alive, undefined, "QRCODE"],
    ["of a wallet that the contract lacks is refused", "134567890123456789", { kinds: ["1"] }, "QRCODE"],
    ["has expired: the bank's own code", "6210105000000000009", {}, "9004"],
    ["has too little money behind it", "6210105000000000004", {}, "9004"]
  ])("%s", async (_, code, contract, refusal) => {
    const { campus, net, whole } = furnished(contract)
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const refused = yield* Effect.flip(campus.place("ccbCard", 5_000, shown(code)))
      expect(refused).toMatchObject({ _tag: "ChannelRefused", code: refusal })
      expect(net.house.all.filter(({ state }) => state !== "closed")).toEqual([])
      expect(yield* whole).toBe(10_000)
    }))
  })

  it.each<[string, Mischief | undefined]>([
    ["as it should be", undefined],
    ["its answer lost", { _tag: "Drop", after: true }],
    ["the bank broken down after it", { _tag: "Error", after: true }],
    ["its answer about another order", { _tag: "Forge", how: "otherMerchant" }]
  ])("is charged once and credited once: %s", async (_, does) => {
    const { campus, net, whole } = furnished({ kinds: ["1"] })
    net.house.purses.put(alive, Money.amount(5_000))
    if (does !== undefined) net.rules.add({ operation: "create", does })
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const { order } = yield* campus.place("ccbCard", 5_000, shown(alive))
      yield* drive()
      expect((yield* orderOf(order.id))._tag).toBe("Credited")
      expect(net.seen.filter(({ operation }) => operation === "create")).toHaveLength(1)
      expect(net.house.purses.has(`payer:${alive}`)).toBe(0)
      yield* whole
    }))
  })

  it("whose payer types the password late is unknown, and found by asking", async () => {
    const { campus, channel, net, whole } = furnished({ kinds: ["1"] })
    net.house.purses.put(asks, Money.amount(5_000))
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const { attempt, order } = yield* campus.place("ccbCard", 5_000, shown(asks))
      expect(attempt._tag).toBe("Unknown")
      expect(yield* channel.query(attempt)).toEqual({ _tag: "Unclear" })
      const [trade] = net.house.all
      Result.getOrThrow(net.house.pay(trade?.token ?? "", asks, campus.now))
      yield* drive()
      expect((yield* orderOf(order.id))._tag).toBe("Credited")
      yield* whole
    }))
  })

  it("is asked about nowhere else: an order of the cashier waits with this contract too", async () => {
    const { campus, channel, net } = furnished({})
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const { attempt } = yield* campus.place("ccbCard", 5_000)
      expect(yield* channel.query(attempt)).toEqual({ _tag: "Waiting" })
      expect(net.seen).toEqual([])
    }))
  })

  it("never reached the bank: unknown until its end, then over", async () => {
    const { campus, net, whole } = furnished({ kinds: ["1"] })
    net.rules.add({ operation: "create", does: { _tag: "Drop", after: false } })
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const { attempt, order } = yield* campus.place("ccbCard", 5_000, shown(alive))
      expect(attempt._tag).toBe("Unknown")
      yield* drive()
      expect((yield* orderOf(order.id))._tag).toBe("Unknown")
      campus.wait(3 * CivilTime.hour)
      yield* drive()
      expect((yield* orderOf(order.id))._tag).toBe("Expired")
      expect(yield* whole).toBe(10_000)
    }))
  })
})

describe("the settings", () => {
  it("refuse the keys of a sandbox for the real bank", async () => {
    const net = new InProcess(wire)
    const { bank: _, ...settings } = CcbWire.settingsOf(wire.terms(net.origin), { name: "ccb", title: "充值" })
    const refused = await Effect.runPromise(Effect.flip(Effect.provide(Loongpay.make(settings), net.layer)))
    expect(refused).toMatchObject({ _tag: "SandboxKeys", host: "ibsbjstar.ccb.com.cn", what: "key" })
  })
})
