import { CivilTime, Money, Reconciling } from "@yikatong/core"
import { Effect, Result } from "effect"
import { describe, expect, it } from "vitest"
import * as WeChatWire from "../../src/sandbox/WeChatWire.ts"
import * as WeChatPay from "../../src/wechat/WeChatPay.ts"
import { Campus, drive, orderOf, pockets, rechargedBy, serves } from "../support/campus.ts"
import { InProcess } from "../support/inProcess.ts"
import { meanwhileAt } from "../support/meanwhile.ts"
import { type Meanwhile, notifyUrl, showing, start } from "./counter.ts"

const asks = "130000000000000001"

/** A campus with a till that scans codes, and a payer with 100.00 who is asked for a password. */
const till = async (meanwhile: Meanwhile = {}) => {
  const wire = WeChatWire.make(start)
  const there: InProcess = new InProcess(meanwhileAt(wire, (operation, here) => meanwhile[operation]?.(here)))
  there.house.purses.put(asks, Money.of(10_000))
  const settings = WeChatWire.settingsOf(wire.terms(there.origin), {
    name: rechargedBy,
    serves: serves("weChat"),
    scene: "payCode",
    description: "校园卡充值",
    notifyUrl
  })
  const channel = await Effect.runPromise(WeChatPay.make(settings).pipe(Effect.provide(there.layer)))
  const campus = new Campus([channel])
  campus.now = start
  return { campus, there, has: () => there.house.purses.has(`payer:${asks}`) }
}

describe("a code that is shown at a till, with the campus behind it (D2, D21)", () => {
  it.each<[string, "never" | "before" | "between", string, number, number]>([
    ["who never types the password pays nothing", "never", "Expired", 0, 10_000],
    ["who types it just before the question is credited", "before", "Credited", 5_000, 5_000],
    ["who types it between question and reversal has the money back", "between", "Reversed", 0, 10_000]
  ])("%s, and the bill of the day agrees", async (_, when, end, transit, has) => {
    let pays = (): unknown => undefined
    const { campus, has: purse, there } = await till({ query: () => pays() })
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const { order } = yield* campus.place("weChat", 5_000, showing(asks))
      const paying = () => Result.getOrThrow(there.house.pay(there.house.all[0]?.token ?? "", asks, campus.now))
      campus.wait(46_000)
      if (when === "before") paying()
      let questions = 0
      // The driver asks, the channel asks once more, and then it is reversed.
      pays = () => when === "between" && ++questions === 2 ? paying() : undefined
      yield* drive()
      campus.wait(5 * CivilTime.hour)
      yield* drive()
      expect((yield* orderOf(order.id))._tag).toBe(end)
      expect(yield* pockets).toMatchObject({ transit })
      expect(purse()).toBe(has)
      expect(there.house.purses.isWhole).toBe(true)
      campus.wait(CivilTime.dayLength)
      const compared = yield* Reconciling.compare({ channel: rechargedBy, day: CivilTime.dayOf(start) })
      expect(compared.outcome.findings.map(({ difference }) => difference._tag)).toEqual([])
    }))
  })
})
