import { Effect, Result } from "effect"
import { describe, expect, it } from "vitest"
import { dayLength, hour, instant, later, minute } from "../../src/CivilTime.ts"
import * as Recharging from "../../src/flows/Recharging.ts"
import * as Id from "../../src/Id.ts"
import * as Money from "../../src/Money.ts"
import { AccountStore } from "../../src/ports/AccountStore.ts"
import { pockets } from "./campus.ts"
import { attemptOf, begun, drive, homeless, office } from "./twoBanks.ts"

const canteen = Id.PointId.make("canteen-1")
const tags = Effect.map(Recharging.stuck, (all) => all.map(({ _tag }) => _tag))

describe("what the bank took back after it was credited (D2, I3)", () => {
  it.each(["tell", "hear", "ask"] as const)(
    "known by %s: it is written down, asked about no more, and waits for a person; the account keeps it",
    async (how) => {
      const { here, place, weChat } = begun()
      await here.run(Effect.gen(function*() {
        const { attempt, order } = yield* place()
        const { number } = attempt
        weChat.pay(number, here.now)
        yield* Recharging.confirm(order, office)
        const trade = weChat.trades.get(number)
        if (trade !== undefined) trade.back = 1
        here.now = later(here.now, hour)
        for (const _ of ["once", "again"]) {
          if (how === "hear") {
            const { outcome, reply } = yield* Recharging.hear("weChatPay", weChat.says("takenBack", number), office)
            // It is written down: the bank need not come again.
            expect([reply.status, Result.getOrThrow(outcome)?._tag]).toEqual([200, "Credited"])
          } else {
            const alarm = yield* how === "tell"
              ? Effect.flip(Recharging.tell(order, "TakenBack"))
              : Effect.flip(Recharging.confirm(order, office))
            expect(alarm).toMatchObject({ _tag: "PaymentUnmatched", state: "Credited", step: "TakenBack" })
          }
          here.now = later(here.now, minute)
        }
        const takenBackAt = later(order.createdAt, hour)
        expect(yield* attemptOf(number)).toMatchObject({ _tag: "TakenBack", keptAt: order.createdAt, takenBackAt })
        expect(yield* Recharging.stuck).toEqual([{
          _tag: "TakenBack",
          order: order.id,
          number,
          channel: "todayCampus",
          source: "weChat",
          amount: 5_000,
          since: takenBackAt,
          can: ["askHolder", "giveUp"]
        }])
        const { attempts, orders } = yield* Recharging.open
        expect([attempts, orders]).toEqual([[], []])
        expect((yield* pockets).transit).toBe(5_000)
        expect(weChat.askedBack).toEqual([])
        // A person has seen to it, and the bank tells once more.
        const seenTo = yield* Recharging.giveUp(number, office)
        expect(seenTo).toMatchObject({ _tag: "SeenTo", takenBackAt, seenToAt: here.now })
        expect(yield* tags).toEqual([])
        expect((yield* Recharging.hear("weChatPay", weChat.says("takenBack", number), office)).reply.status).toBe(200)
        expect(yield* Recharging.giveUp(number, office)).toEqual(seenTo)
        expect((yield* pockets).transit).toBe(5_000)
      }))
    }
  )

  it("told of another try to pay the order than the one that it was credited by: the credit stands", async () => {
    const { here, place, turn, union, weChat } = begun()
    await here.run(Effect.gen(function*() {
      const { attempt: one, order } = yield* place()
      const { attempt: other } = yield* turn(order)
      weChat.pay(one.number, here.now, undefined, true)
      yield* Recharging.hear("weChatPay", weChat.says("paid", one.number), office)
      const { outcome, reply } = yield* Recharging.hear("unionPay", union.says("takenBack", other.number), office)
      // Nobody has said yet that it was paid: it has to come again.
      expect(reply.status).toBe(500)
      expect(Result.isFailure(outcome) ? outcome.failure : undefined).toMatchObject({ _tag: "PaymentUnmatched" })
      expect(yield* attemptOf(one.number)).toMatchObject({ _tag: "Kept" })
      expect(yield* tags).toEqual([])
    }))
  })

  it("before it is known here that anybody paid: the bank comes again, until it is", async () => {
    const { here, place, weChat } = begun()
    await here.run(Effect.gen(function*() {
      const { attempt, order } = yield* place()
      const raw = weChat.says("takenBack", attempt.number)
      expect((yield* Recharging.hear("weChatPay", raw, office)).reply.status).toBe(500)
      weChat.pay(attempt.number, here.now)
      yield* Recharging.confirm(order, office)
      expect((yield* Recharging.hear("weChatPay", raw, office)).reply.status).toBe(200)
      expect(yield* tags).toEqual(["TakenBack"])
    }))
  })
})

describe("what waits for a person (D2)", () => {
  it("paid, and the account would not take it for a reason by which nothing goes back", async () => {
    const { here, place, weChat } = begun()
    await here.run(Effect.gen(function*() {
      const { attempt, order } = yield* place()
      weChat.pay(attempt.number, here.now)
      // The point loses its right between the look and the credit.
      const confirming = Effect.updateService(Recharging.confirm(order, office), AccountStore, (store) => ({
        ...store,
        transact: (envelope) => store.transact({ ...envelope, point: canteen })
      }))
      expect(yield* tags).toEqual([])
      yield* Effect.flip(confirming)
      expect(yield* Recharging.stuck).toMatchObject([{
        _tag: "NotCredited",
        order: order.id,
        number: attempt.number,
        amount: 5_000,
        since: here.now,
        can: ["tellTakenBack"]
      }])
      // What somebody can do.
      const trade = weChat.trades.get(attempt.number)
      if (trade !== undefined) trade.back = 1
      yield* Recharging.tell(order, "TakenBack")
      expect(yield* attemptOf(attempt.number)).toMatchObject({ _tag: "Returned", reason: "takenBack" })
      expect(yield* tags).toEqual([])
      expect((yield* pockets).transit).toBe(0)
    }))
  })

  it("paid, and cut off before its credit, waits for nobody: the driver goes on", async () => {
    const { here, place, weChat } = begun()
    await here.run(Effect.gen(function*() {
      const { attempt, order } = yield* place()
      weChat.pay(attempt.number, here.now)
      yield* Effect.exit(Effect.updateService(Recharging.confirm(order, office), AccountStore, (store) => ({
        ...store,
        transact: () => Effect.die("killed")
      })))
      expect(yield* attemptOf(attempt.number)).toMatchObject({ _tag: "Paid" })
      expect(yield* tags).toEqual([])
    }))
  })

  it.each<[string, Parameters<typeof begun>[0], string]>([
    ["its channel could not send it back", {}, "ReturnFailed"],
    ["its channel makes no refunds", { without: ["refund", "queryRefund"] }, "ReturnByHand"]
  ])("%s: sent back by hand, the order is over, and told twice is the same", async (_, terms, tag) => {
    const all = begun(terms)
    const { here, weChat } = all
    await here.run(Effect.gen(function*() {
      weChat.refundSays = "Abnormal"
      const { attempt, order } = yield* homeless(all)
      yield* drive
      expect(yield* Recharging.stuck).toMatchObject([{ _tag: tag, amount: 5_000, reason: "accountClosed" }])
      const refused = yield* Effect.flip(Recharging.returned(attempt.number, canteen))
      expect(refused).toMatchObject({ _tag: "MalformedCommand", flaws: [{ path: "point" }] })
      const returned = yield* Recharging.returned(attempt.number, office)
      expect(returned).toMatchObject({ _tag: "Returned", returnedAt: here.now })
      here.now = later(here.now, minute)
      expect(yield* Recharging.returned(attempt.number, office)).toEqual(returned)
      expect((yield* Recharging.confirm(order, office)).order._tag).toBe("Refunded")
      expect(yield* tags).toEqual([])
      expect(yield* drive).toEqual([])
    }))
  })

  it("money that nobody has to send back by hand is not: its channel would send it as well", async () => {
    const all = begun()
    const { here, weChat } = all
    await here.run(Effect.gen(function*() {
      weChat.refundSays = "Accepted"
      const { attempt } = yield* homeless(all)
      const returned = Effect.flip(Recharging.returned(attempt.number, office))
      expect(yield* returned).toMatchObject({ _tag: "MalformedCommand", flaws: [{ path: "number" }] })
      yield* drive
      expect(yield* returned).toMatchObject({ _tag: "MalformedCommand", flaws: [{ path: "number" }] })
      expect(yield* attemptOf(attempt.number)).toMatchObject({ _tag: "Returning" })
      expect(yield* tags).toEqual([])
      const nobodys = Id.OrderNumber.make(`20260302${"Z".repeat(20)}`)
      expect(yield* Effect.flip(Recharging.returned(nobodys, office))).toMatchObject({ _tag: "MalformedCommand" })
    }))
  })

  it("a channel that never says what became of a payment: a day past its end a person gives it up", async () => {
    const { here, place, weChat } = begun()
    await here.run(Effect.gen(function*() {
      const { attempt, order } = yield* place()
      const { number } = attempt
      weChat.silent = "Unclear"
      here.now = later(order.expiresAt, dayLength)
      yield* drive
      expect(yield* tags).toEqual([])
      const giveUp = Recharging.giveUp(number, office)
      expect(yield* Effect.flip(giveUp)).toMatchObject({ _tag: "MalformedCommand", flaws: [{ path: "number" }] })
      here.now = later(here.now, 1)
      expect(yield* Recharging.stuck).toMatchObject([{ _tag: "Undecided", since: order.expiresAt, can: ["giveUp"] }])
      expect(yield* Effect.flip(Recharging.giveUp(number, canteen))).toMatchObject({ flaws: [{ path: "point" }] })
      const over = yield* giveUp
      expect(over).toMatchObject({ _tag: "Closed", closedAt: here.now })
      expect(yield* giveUp).toEqual(over)
      expect(yield* tags).toEqual([])
      expect(yield* drive).toEqual([])
      // It was paid in time, as the bank says a week later: believed as of one that was closed.
      here.now = later(here.now, 7 * dayLength)
      weChat.pay(number, order.createdAt)
      const { outcome, reply } = yield* Recharging.hear("weChatPay", weChat.says("paid", number), office)
      expect([reply.status, Result.getOrThrow(outcome)?._tag]).toEqual([200, "Credited"])
      expect(yield* Effect.flip(giveUp)).toMatchObject({ _tag: "MalformedCommand" })
      expect((yield* pockets).transit).toBe(5_000)
    }))
  })

  it("what has waited longest comes first", async () => {
    const all = begun({ without: ["refund", "queryRefund"] })
    const { here, place, turn, union, weChat } = all
    await here.run(Effect.gen(function*() {
      const { attempt: one, order } = yield* place()
      const { attempt: other } = yield* turn(order)
      union.silent = "Unclear"
      weChat.pay(one.number, here.now, Money.amount(1), true)
      yield* Recharging.hear("weChatPay", weChat.says("paid", one.number), office)
      expect((yield* Recharging.stuck).map(({ amount, number }) => [number, amount])).toEqual([[one.number, 1]])
      here.now = later(instant("2026-03-02 12:00"), 3 * dayLength)
      expect((yield* Recharging.stuck).map(({ _tag, number, since }) => [_tag, number, since])).toEqual([
        ["ReturnByHand", one.number, order.createdAt],
        ["Undecided", other.number, order.expiresAt]
      ])
    }))
  })
})
