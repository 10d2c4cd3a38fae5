import { Context, Effect, Layer, Option, Result, Stream } from "effect"
import { describe, expect, it } from "vitest"
import { dayLength, later, minute } from "../../src/CivilTime.ts"
import { ChannelFailed, StoreUnavailable } from "../../src/Fault.ts"
import * as Recharging from "../../src/flows/Recharging.ts"
import * as Submit from "../../src/flows/Submit.ts"
import * as Id from "../../src/Id.ts"
import * as Money from "../../src/Money.ts"
import { AccountStore } from "../../src/ports/AccountStore.ts"
import { Profiles } from "../../src/ports/Profiles.ts"
import { make, type RechargeChannel } from "../../src/ports/RechargeChannel.ts"
import { SubjectStore } from "../../src/ports/SubjectStore.ts"
import { csmzxy } from "../../src/presets/Csmzxy.ts"
import * as RechargeOrder from "../../src/RechargeOrder.ts"
import * as SimulatedChannel from "../../src/testing/SimulatedChannel.ts"
import { Campus, pockets } from "./campus.ts"

const office = Id.PointId.make("card-centre")
const fifty = Money.amount(5_000)

const asked = (campus: Campus) =>
  campus.says("today-campus", {
    _tag: "PlaceRecharge",
    channel: "todayCampus",
    source: "weChat",
    holder: "own",
    amount: fifty
  })

const place = Effect.fnUntraced(function*(campus: Campus) {
  yield* campus.furnished
  const placed = yield* Recharging.place(asked(campus))
  if (placed._tag !== "Placed") throw new Error(JSON.stringify(placed))
  return placed
})

describe("a recharge from order to credit (D2, D21)", () => {
  it("D2 unpaid: nothing happens; paid: credited once, however often and from wherever it is confirmed", async () => {
    const weChat = SimulatedChannel.make("todayCampus")
    const here = new Campus(weChat.channel)
    await here.run(Effect.gen(function*() {
      const placed = yield* place(here)
      expect(placed.order._tag).toBe("Paying")
      expect((yield* Recharging.confirm(placed.order, office)).answer).toEqual(Option.none())
      weChat.pay(placed.order.id, fifty, here.now)
      const first = yield* Recharging.confirm(placed.order, office)
      expect(first.order._tag).toBe("Credited")
      here.now = later(here.now, 30 * minute)
      const again = yield* Recharging.confirm(placed.order, Id.PointId.make("today-campus"))
      expect(again).toEqual({ order: first.order, answer: Option.none() })
      expect((yield* Recharging.confirm(first.order, office)).order).toEqual(first.order)
      expect(yield* pockets).toMatchObject({ transit: 5_000 })
    }))
  })

  it("D2 a point where nothing is credited is misuse, and stands in nobody's way", async () => {
    const weChat = SimulatedChannel.make("todayCampus")
    const here = new Campus(weChat.channel)
    await here.run(Effect.gen(function*() {
      const placed = yield* place(here)
      weChat.pay(placed.order.id, fifty, here.now)
      const refused = yield* Effect.flip(Recharging.confirm(placed.order, Id.PointId.make("canteen-1")))
      expect(refused).toMatchObject({ _tag: "MalformedCommand", flaws: [{ path: "point" }] })
      expect(yield* pockets).toMatchObject({ transit: 0 })
      expect((yield* Recharging.confirm(placed.order, office)).order._tag).toBe("Credited")
    }))
  })

  it("D2 D7 the account was closed meanwhile: the money goes back", async () => {
    const weChat = SimulatedChannel.make("todayCampus")
    const here = new Campus(weChat.channel)
    await here.run(Effect.gen(function*() {
      const placed = yield* place(here)
      yield* Submit.submit(here.says("window-3", { _tag: "CloseAccount" }))
      weChat.pay(placed.order.id, fifty, here.now)
      const { answer, order: due } = yield* Recharging.confirm(placed.order, office)
      expect(Option.getOrThrow(answer)).toMatchObject({ decline: { _tag: "AccountClosed" } })
      expect(due).toMatchObject({ _tag: "RefundDue", reason: "accountClosed", paidAmount: 5_000 })
    }))
  })

  it("D2 another amount than ordered is not credited and goes back", async () => {
    const weChat = SimulatedChannel.make("todayCampus")
    const here = new Campus(weChat.channel)
    await here.run(Effect.gen(function*() {
      const placed = yield* place(here)
      weChat.pay(placed.order.id, Money.amount(4_999), here.now)
      const { order: due } = yield* Recharging.confirm(placed.order, office)
      expect(due).toMatchObject({ _tag: "RefundDue", reason: "mismatch", paidAmount: 4_999 })
      expect(yield* pockets).toMatchObject({ transit: 0 })
    }))
  })

  it("a second payment of one order is an alarm of its own, never passed over", async () => {
    let payments = 0
    const twice: RechargeChannel = make("todayCampus", (mint) => ({
      create: () => Effect.void,
      query: ({ id }) => {
        const reference = `payment-${++payments}`
        return Effect.succeedSome(mint({ order: id, amount: fifty, paidAt: here.now, reference }))
      }
    }))
    const here: Campus = new Campus(twice)
    await here.run(Effect.gen(function*() {
      const placed = yield* place(here)
      const { order: credited } = yield* Recharging.confirm(placed.order, office)
      const alarm = yield* Effect.flip(Recharging.confirm(credited, office))
      expect(alarm).toMatchObject({ _tag: "PaymentUnmatched", state: "Credited", step: "Confirmed" })
      expect(yield* pockets).toMatchObject({ transit: 5_000 })
    }))
  })

  it("an order whose channel did not answer is unknown: it is asked, never guessed", async () => {
    const lost: RechargeChannel = make("todayCampus", (mint) => ({
      create: () => Effect.fail(new ChannelFailed({ operation: "create", cause: new Error("timeout") })),
      query: ({ id }) => Effect.succeedSome(mint({ order: id, amount: fifty, paidAt: here.now, reference: "late" }))
    }))
    const here: Campus = new Campus(lost)
    await here.run(Effect.gen(function*() {
      const placed = yield* place(here)
      expect(placed.order._tag).toBe("Unknown")
      expect((yield* Recharging.confirm(placed.order, office)).order._tag).toBe("Credited")
    }))
  })

  it("D2 a channel that the profile in force no longer lists is told as that, and its order is credited once it does", async () => {
    const weChat = SimulatedChannel.make("todayCampus")
    const here = new Campus(weChat.channel)
    await here.run(Effect.gen(function*() {
      const { order } = yield* place(here)
      weChat.pay(order.id, fifty, here.now)
      const without = [{ ...csmzxy, recharge: {} }] as const
      const missing = yield* Effect.flip(Effect.provideService(Recharging.confirm(order, office), Profiles, without))
      expect(missing).toMatchObject({ _tag: "ChannelMissing", channel: "todayCampus", lacks: "profile" })
      expect(yield* pockets).toMatchObject({ transit: 0 })
      expect((yield* Recharging.confirm(order, office)).order._tag).toBe("Credited")
    }))
  })

  it("D2 a channel without an adapter is a fault of its own: no order is stored; a refusal is told as before", async () => {
    const here = new Campus()
    await here.run(Effect.gen(function*() {
      yield* here.furnished
      const missing = yield* Effect.flip(Recharging.place(asked(here)))
      expect(missing).toMatchObject({ _tag: "ChannelMissing", channel: "todayCampus", lacks: "adapter" })
      expect(missing.message).toBe(
        "No adapter was given for todayCampus: pass it in `channels`; no money was asked for"
      )
      expect(yield* Stream.runCollect(Recharging.unfinished)).toEqual([])
      yield* Submit.submit(here.says("today-campus", { _tag: "ReportLost", reason: "lost" }))
      const again = { ...asked(here), id: Id.CommandId.make("again") }
      expect(yield* Recharging.place(again)).toMatchObject({
        _tag: "Refused",
        answer: { decline: { _tag: "CardLost" } }
      })
    }))
  })
})

describe("a recharge that is cut off (D2, D21)", () => {
  type Broken = "before" | "after"

  /** Counts the calls of all ports, and breaks the one with this number before it happens or after. */
  class Fuse {
    calls = 0
    #at = 0
    #when: Broken = "before"
    arm(at: number, when: Broken) {
      this.calls = 0
      this.#at = at
      this.#when = when
    }
    disarm() {
      this.#at = 0
    }
    readonly through = <A, E, R, F>(effect: Effect.Effect<A, E, R>, fault: () => F): Effect.Effect<A, E | F, R> =>
      Effect.suspend((): Effect.Effect<A, E | F, R> => {
        if (++this.calls !== this.#at) return effect
        return this.#when === "before" ? Effect.fail(fault()) : Effect.flatMap(effect, () => Effect.fail(fault()))
      })
  }

  const cut = () => new StoreUnavailable({ operation: "ask", cause: new Error("cut") })
  const torn = () => new ChannelFailed({ operation: "ask", cause: new Error("cut") })

  /** A campus all of whose ports go through a fuse. */
  const fused = () => {
    const fuse = new Fuse()
    const bank = SimulatedChannel.make("todayCampus")
    const channel: RechargeChannel = {
      name: "todayCampus",
      create: (order) => fuse.through(bank.channel.create(order), torn),
      query: (order) => fuse.through(bank.channel.query(order), torn)
    }
    const here = new Campus(channel)
    const layer = Layer.effectContext(Effect.gen(function*() {
      const accounts = yield* AccountStore
      const subjects = yield* SubjectStore
      return Context.make(AccountStore, {
        ...accounts,
        transact: (envelope) => fuse.through(accounts.transact(envelope), cut),
        find: (subject) => fuse.through(accounts.find(subject), cut)
      }).pipe(Context.add(SubjectStore, {
        ...subjects,
        transact: (decider, submitted) => fuse.through(subjects.transact(decider, submitted), cut),
        find: (decider, subject) => fuse.through(subjects.find(decider, subject), cut)
      }))
    }))
    return { fuse, bank, here, layer }
  }

  it.each(["before", "after"] as const)(
    "D2 D21 each call of a port cut off %s it happened: asked again, it goes on",
    async (when) => {
      let cuts = 0
      for (let at = 1;; at++) {
        const { bank, fuse, here, layer } = fused()
        const calls = await here.run(Effect.provide(
          Effect.gen(function*() {
            yield* here.furnished
            const statement = asked(here)
            const whole = Effect.gen(function*() {
              const placed = yield* Recharging.place({ ...statement, at: here.now })
              if (placed._tag !== "Placed") throw new Error(JSON.stringify(placed))
              bank.pay(placed.order.id, fifty, here.now)
              return yield* Recharging.confirm(placed.order, office)
            })
            fuse.arm(at, when)
            const first = yield* Effect.result(whole)
            const calls = fuse.calls
            fuse.disarm()
            here.now = later(here.now, 9 * dayLength)
            const { order } = Result.isSuccess(first) ? first.success : yield* whole
            expect(order._tag).toBe("Credited")
            expect(yield* pockets).toMatchObject({ transit: 5_000 })
            const journal = yield* Stream.runCollect((yield* AccountStore).journal())
            const credits = journal.flatMap(({ events }) => events).filter(({ _tag }) => _tag === "CreditRecorded")
            expect(credits.length).toBe(1)
            return calls
          }),
          layer
        ))
        if (calls < at) break
        cuts++
      }
      // Account, order and channel at placing; order, channel, order, account and order at confirming, and what is read between.
      expect(cuts).toBeGreaterThanOrEqual(9)
    }
  )

  it("D21 the stored order counts: what its caller makes of it changes nothing", async () => {
    const weChat = SimulatedChannel.make("todayCampus")
    const here = new Campus(weChat.channel)
    await here.run(Effect.gen(function*() {
      const { order } = yield* place(here)
      weChat.pay(order.id, fifty, here.now)
      const forged = { ...order, account: Id.AccountId.make("thief"), amount: Money.amount(1) }
      expect((yield* Recharging.confirm(forged, office)).order).toMatchObject({
        _tag: "Credited",
        account: "account-1",
        amount: 5_000
      })
      expect(yield* pockets).toMatchObject({ transit: 5_000 })
    }))
  })

  it("D21 an order that was never placed is misuse", async () => {
    const here = new Campus(SimulatedChannel.make("todayCampus").channel)
    await here.run(Effect.gen(function*() {
      const never = { id: Id.OrderId.make("app:never") }
      expect(yield* Effect.flip(Recharging.confirm(never, office))).toMatchObject({ _tag: "MalformedCommand" })
      expect(yield* Effect.flip(Recharging.tell(never, "Closed"))).toMatchObject({ _tag: "MalformedCommand" })
    }))
  })

  it("D2 D19 long after the account has forgotten the order, it is not credited again", async () => {
    const weChat = SimulatedChannel.make("todayCampus")
    const here = new Campus(weChat.channel)
    await here.run(Effect.gen(function*() {
      const { order } = yield* place(here)
      weChat.pay(order.id, fifty, here.now)
      yield* Recharging.confirm(order, office)
      here.now = later(here.now, 400 * dayLength)
      expect((yield* Recharging.confirm(order, office)).order._tag).toBe("Credited")
      const again = yield* (yield* SubjectStore).transact(RechargeOrder.decider, {
        caller: Id.CallerId.make("somebody"),
        id: Id.CommandId.make("again"),
        subject: order.id,
        receivedAt: here.now,
        body: { _tag: "Credited" }
      })
      expect(again).toMatchObject({ decline: { _tag: "OrderStepRefused" } })
      expect(yield* pockets).toMatchObject({ transit: 5_000 })
    }))
  })

  it("D2 two tellers of one payment at once, each with a time of its own, credit it once", async () => {
    let asks = 0
    const bank: RechargeChannel = make("todayCampus", (mint) => ({
      create: () => Effect.void,
      query: ({ id }) => {
        const paidAt = later(here.now, -(++asks))
        return Effect.as(Effect.yieldNow, Option.some(mint({ order: id, amount: fifty, paidAt, reference: "bank-1" })))
      }
    }))
    const here: Campus = new Campus(bank)
    await here.run(Effect.gen(function*() {
      const { order } = yield* place(here)
      const both = yield* Effect.all([Recharging.confirm(order, office), Recharging.confirm(order, office)], {
        concurrency: 2
      })
      expect(both.map(({ order }) => order._tag)).toEqual(["Credited", "Credited"])
      expect(yield* pockets).toMatchObject({ transit: 5_000 })
    }))
  })
})

describe("what a channel does on its own (D2)", () => {
  it("D2 closed unpaid; told too early it changes nothing and stands in nobody's way", async () => {
    const weChat = SimulatedChannel.make("todayCampus")
    const here = new Campus(weChat.channel)
    await here.run(Effect.gen(function*() {
      const { order } = yield* place(here)
      expect(yield* Effect.flip(Recharging.tell(order, "RefundSent"))).toMatchObject({
        _tag: "PaymentUnmatched",
        state: "Paying",
        step: "RefundSent"
      })
      expect((yield* Recharging.tell(order, "Closed"))._tag).toBe("Expired")
      weChat.pay(order.id, Money.amount(1), here.now)
      expect((yield* Recharging.confirm(order, office)).order._tag).toBe("RefundDue")
      expect((yield* Recharging.tell(order, "RefundSent"))._tag).toBe("Refunded")
    }))
  })

  it("D21 what is not over is driven on; what fails of one order stops no other", async () => {
    const weChat = SimulatedChannel.make("todayCampus")
    const here = new Campus(weChat.channel)
    await here.run(Effect.gen(function*() {
      const { order: one } = yield* place(here)
      const other = yield* Recharging.place(asked(here))
      if (other._tag !== "Placed") throw new Error("not placed")
      weChat.pay(other.order.id, fifty, here.now)
      const told = yield* Stream.runCollect(Recharging.drive(office))
      expect(told.map(({ order, outcome }) => [order, Result.isSuccess(outcome) ? outcome.success.order._tag : "?"]))
        .toEqual([[one.id, "Paying"], [other.order.id, "Credited"]])
      expect((yield* Stream.runCollect(Recharging.unfinished)).map(({ id }) => id)).toEqual([one.id])
      const nowhere = yield* Stream.runCollect(Recharging.drive(Id.PointId.make("nowhere")))
      expect(nowhere.map(({ outcome }) => Result.isSuccess(outcome))).toEqual([true])
    }))
  })
})
