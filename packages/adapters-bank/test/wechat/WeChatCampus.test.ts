import { type CivilTime, Money, Recharging } from "@yikatong/core"
import { Effect, Result } from "effect"
import { describe, expect, it } from "vitest"
import * as WeChatWire from "../../src/sandbox/WeChatWire.ts"
import * as WeChatPay from "../../src/wechat/WeChatPay.ts"
import { Campus, drive, office, orderOf, pockets, serves } from "../support/campus.ts"
import { InProcess } from "../support/inProcess.ts"
import { notifyUrl, start } from "./counter.ts"

describe("with the campus behind it", () => {
  const campus = async () => {
    const wire = WeChatWire.make(start)
    const there = new InProcess(wire)
    there.house.purses.put("lihua", Money.of(100_000))
    const settings = WeChatWire.settingsOf(wire.terms(there.origin), {
      name: "wechat",
      serves: serves("weChat"),
      scene: "order",
      description: "校园卡充值",
      notifyUrl
    })
    const channel = await Effect.runPromise(WeChatPay.make(settings).pipe(Effect.provide(there.layer)))
    return { campus: new Campus([channel]), there }
  }
  const paysAt = (there: InProcess, now: CivilTime.Instant) =>
    Result.getOrThrow(there.house.pay(there.house.all.at(-1)?.token ?? "", "lihua", now))

  it("what is paid once is credited once, however often it is told", async () => {
    const { campus: school, there } = await campus()
    await school.run(Effect.gen(function*() {
      yield* school.furnished
      const { order } = yield* school.place("weChat", 5_000)
      school.wait(10_000)
      paysAt(there, school.now)
      there.rules.add({ operation: "notice", does: { _tag: "Forge", how: "otherKey" } })
      expect((yield* there.deliver(office)).map(({ isTaken }) => isTaken)).toEqual([false])
      expect((yield* pockets).transit).toBe(0)
      there.rules.add({ operation: "notice", does: { _tag: "Duplicate", times: 3 } })
      expect((yield* there.deliver(office)).map(({ isTaken }) => isTaken)).toEqual([true, true, true])
      yield* Recharging.confirm(order, office)
      yield* drive()
      expect((yield* pockets).transit).toBe(5_000)
      expect((yield* orderOf(order.id))._tag).toBe("Credited")
      expect(there.house.purses.has("merchant:1900000001")).toBe(5_000)
      expect(there.house.purses.isWhole).toBe(true)
    }))
  })

  it("what nobody told of is found by asking; what comes to a closed account goes back to its payer", async () => {
    const { campus: school, there } = await campus()
    await school.run(Effect.gen(function*() {
      yield* school.furnished
      const { order } = yield* school.place("weChat", 5_000)
      school.wait(10_000)
      paysAt(there, school.now)
      yield* school.closeAccount
      yield* drive()
      school.wait(60_000)
      yield* drive()
      yield* drive()
      expect((yield* orderOf(order.id))._tag).toBe("Refunded")
      expect(there.house.purses.has("payer:lihua")).toBe(100_000)
      expect(there.house.purses.isWhole).toBe(true)
    }))
  })
  it("what was sent back in part by somebody else is neither credited nor given up: a person or the bill decides", async () => {
    const { campus: school, there } = await campus()
    await school.run(Effect.gen(function*() {
      yield* school.furnished
      const { order } = yield* school.place("weChat", 5_000)
      school.wait(10_000)
      const trade = paysAt(there, school.now)
      Result.getOrThrow(there.house.refund(trade, { number: "office1", amount: Money.amount(2_000) }, school.now))
      yield* drive()
      school.wait(5 * 3_600_000)
      yield* drive()
      expect((yield* pockets).transit).toBe(0)
      expect((yield* orderOf(order.id))._tag).not.toMatch(/Credited|Expired|Refunded|Reversed/)
      expect(there.house.purses.has("payer:lihua")).toBe(97_000)
      expect((yield* Recharging.open).attempts).toHaveLength(1)
    }))
  })
})
