/**
 * Random stories of one holder, two sources and two channels that are out of order: whatever happened, every payment that a
 * channel confirmed ends credited once or sent back once, also where the bank takes payments back itself.
 *
 * YIKATONG_STORIES says how many, YIKATONG_SEED which: a failure prints its seed and its path.
 */
import { Effect, Stream } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { hour, later, minute } from "../../src/CivilTime.ts"
import * as Recharging from "../../src/flows/Recharging.ts"
import * as Submit from "../../src/flows/Submit.ts"
import * as Id from "../../src/Id.ts"
import * as Money from "../../src/Money.ts"
import * as PaymentAttempt from "../../src/PaymentAttempt.ts"
import { AccountStore } from "../../src/ports/AccountStore.ts"
import { SubjectStore } from "../../src/ports/SubjectStore.ts"
import type { Order } from "../../src/Recharge.ts"
import { Bank, torn } from "./bank.ts"
import { Campus } from "./campus.ts"

const { STRYKER_MUTATOR_WORKER, YIKATONG_SEED, YIKATONG_STORIES } = process.env
const office = Id.PointId.make("card-centre")
const sources = ["weChat", "unionPayCard"] as const

type Line = "before" | "after" | "well"
const line = fc.constantFrom<Line>("well", "well", "well", "before", "after")
const which = fc.nat(5)
const act = fc.oneof(
  fc.record({ does: fc.constant("place" as const), source: fc.nat(1), yuan: fc.constantFrom(10, 20, 50, 100), line }),
  fc.record({ does: fc.constant("turn" as const), source: fc.nat(1), which, line }),
  fc.record({ does: fc.constant("pay" as const), which, late: fc.boolean(), isWrong: fc.nat(9).map((n) => n === 0) }),
  fc.record({ does: fc.constant("hear" as const), which, line, isForged: fc.nat(4).map((n) => n === 0) }),
  fc.record({ does: fc.constant("drive" as const), line }),
  fc.record({ does: fc.constant("refunds" as const), says: fc.constantFrom("Accepted", "Done", "Unclear" as const) }),
  fc.record({ does: fc.constant("wait" as const), ms: fc.constantFrom(1_000, minute, 20 * minute, 3 * hour) }),
  fc.record({ does: fc.constant("takeBack" as const), which, isTold: fc.boolean() }),
  fc.record({ does: fc.constant("close" as const), chance: fc.nat(9) })
)
type Act = typeof act extends fc.Arbitrary<infer A> ? A : never

const live = (acts: ReadonlyArray<Act>) => {
  const banks = [
    new Bank("weChatPay", { source: "weChat" }),
    new Bank("unionPay", { source: "unionPayCard" })
  ] as const
  const here = new Campus(banks[0].channel, banks[1].channel)
  const orders = new Map<string, Order>()
  const put = (line: Line) => {
    for (const bank of banks) {
      bank.around = (call) =>
        line === "well" ? call : line === "before" ? Effect.fail(torn()) : Effect.andThen(call, Effect.fail(torn()))
    }
  }
  const trades = () => banks.flatMap((bank) => [...bank.trades.keys()].map((number) => ({ bank, number })))
  const pick = <A>(all: ReadonlyArray<A>, at: number) => all.length === 0 ? undefined : all[at % all.length]
  const wish = (source: number, amount: Money.Amount) =>
    here.says("today-campus", {
      _tag: "PlaceRecharge",
      channel: "todayCampus",
      source: sources[source] ?? "weChat",
      holder: "own",
      amount
    })
  const drive = Effect.suspend(() => Stream.runDrain(Recharging.drive(office)))

  const perform = Effect.fnUntraced(function*(act: Act) {
    put("line" in act ? act.line : "well")
    switch (act.does) {
      case "place": {
        const placed = yield* Effect.result(Recharging.place(wish(act.source, Money.amount(act.yuan * 100))))
        if (placed._tag === "Success" && placed.success._tag === "Placed") {
          orders.set(placed.success.order.id, placed.success.order)
        }
        return
      }
      case "turn": {
        const order = pick([...orders.values()], act.which)
        if (order !== undefined) yield* Effect.result(Recharging.turn(order, wish(act.source, order.amount)))
        return
      }
      case "pay": {
        const trade = pick(trades(), act.which)
        const amount = act.isWrong ? Money.amount(1) : undefined
        if (trade !== undefined) trade.bank.pay(trade.number, here.now, amount, act.late)
        return
      }
      case "hear": {
        const trade = pick(
          trades().filter(({ bank, number }) => bank.trades.get(number)?.paidAt !== undefined),
          act.which
        )
        if (trade === undefined) return
        const { bank, number } = trade
        const raw = bank.says("paid", number, act.isForged ? "forged" : "signed")
        const { reply } = yield* Recharging.hear(bank.name, raw, office)
        if (act.isForged) expect(reply.status).toBe(401)
        return
      }
      case "takeBack": {
        // A bank that was asked for a refund does not take the same payment back as well.
        const trade = pick(
          trades().filter(({ bank, number }) =>
            bank.trades.get(number)?.back === 0 && bank.trades.get(number)?.paidAt !== undefined &&
            !bank.refunds.has(`${number}R`)
          ),
          act.which
        )
        const there = trade?.bank.trades.get(trade.number)
        if (trade === undefined || there === undefined) return
        there.back = 1
        if (act.isTold) yield* Recharging.hear(trade.bank.name, trade.bank.says("takenBack", trade.number), office)
        return
      }
      case "drive":
        return yield* drive
      case "refunds":
        for (const bank of banks) bank.refundSays = act.says
        return
      case "wait":
        here.now = later(here.now, act.ms)
        return
      case "close":
        // What is declined, since money is on its way, is no matter here.
        if (act.chance === 0) yield* Submit.submit(here.says("window-3", { _tag: "CloseAccount" }))
    }
  })

  return here.run(Effect.gen(function*() {
    yield* here.furnished
    for (const act of acts) yield* perform(act)
    // All is well again, and callbacks that never came still come, since the channels close what was not paid.
    put("well")
    for (const bank of banks) {
      bank.refundSays = "Done"
      for (const [number, said] of bank.refunds) {
        if (said === "Done") continue
        bank.refunds.set(number, "Done")
        const trade = bank.trades.get(number.slice(0, -1))
        if (trade !== undefined) trade.back++
      }
      for (const [number, { paidAt }] of bank.trades) {
        if (paidAt !== undefined) yield* Recharging.hear(bank.name, bank.says("paid", number), office)
      }
      for (const [number, { back }] of bank.trades) {
        if (back === 0 || bank.refunds.has(`${number}R`)) continue
        const { reply } = yield* Recharging.hear(bank.name, bank.says("takenBack", number), office)
        expect(reply.status).toBe(200)
      }
    }
    for (let round = 0; round < 4; round++) {
      here.now = later(here.now, 3 * hour)
      yield* drive
    }
    const { attempts, orders: open } = yield* Recharging.open
    expect([attempts, open]).toEqual([[], []])

    let kept = 0
    let takenBack = 0
    for (const { bank, number } of trades()) {
      const trade = bank.trades.get(number)
      if (trade?.paidAt === undefined) continue
      const found = yield* (yield* SubjectStore).find(PaymentAttempt.decider, number)
      const state = found._tag === "Some" ? found.value._tag : "none"
      // Credited once, or sent back once: never both, and never neither; but for what the bank took back that was credited.
      const ends = state === "Kept" ? ["Kept", 0] : state === "TakenBack" ? ["TakenBack", 1] : ["Returned", 1]
      expect([state, trade.back]).toEqual(ends)
      if (state === "TakenBack") {
        expect(bank.refunds.has(`${number}R`)).toBe(false)
        expect((yield* Recharging.stuck).map((one) => one.number)).toContain(number)
        takenBack++
      }
      if (state === "Kept" || state === "TakenBack") kept += trade.amount
      expect(bank.askedBack.every((asked) => PaymentAttempt.numberOfRefund(asked) !== undefined)).toBe(true)
    }
    const store = yield* AccountStore
    expect((yield* store.balances).get("channel:todayCampus") ?? 0).toBe(0 - kept)
    const journal = yield* Stream.runCollect(store.journal())
    const credited = journal.flatMap(({ events }) => events).filter(({ _tag }) => _tag === "CreditRecorded")
    const ends = yield* Stream.runCollect((yield* SubjectStore).all(PaymentAttempt.decider))
    expect(credited.length).toBe(ends.filter(({ state }) => "keptAt" in state).length)
    // And the state only went along the table: every line of the journals was approved.
    const lines = yield* Stream.runCollect((yield* SubjectStore).journal(PaymentAttempt.decider))
    expect(lines.filter(({ answer }) => answer._tag !== "Approved")).toEqual([])
    return { kept, takenBack }
  }))
}

describe("stories of recharges (D2, D21)", () => {
  it("every confirmed payment is credited once or sent back once", { timeout: 120_000 }, async () => {
    const numRuns = Number(YIKATONG_STORIES ?? (STRYKER_MUTATOR_WORKER === undefined ? 150 : 10))
    let kept = 0
    let takenBack = 0
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 40 }), async (acts) => {
        const ends = await live(acts)
        kept += ends.kept
        takenBack += ends.takenBack
      }),
      { numRuns, seed: Number(YIKATONG_SEED ?? 20_260_302) }
    )
    expect(kept).toBeGreaterThan(0)
    if (numRuns >= 100) expect(takenBack).toBeGreaterThan(0)
  })
})
