import { Effect, Option } from "effect"
import { describe, expect, it } from "vitest"
import { later, minute } from "../../src/CivilTime.ts"
import { ChannelFailed } from "../../src/Fault.ts"
import * as Recharging from "../../src/flows/Recharging.ts"
import * as Submit from "../../src/flows/Submit.ts"
import * as Id from "../../src/Id.ts"
import * as Money from "../../src/Money.ts"
import { make, type RechargeChannel } from "../../src/ports/RechargeChannel.ts"
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
      expect(again.answer).toEqual(first.answer)
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

  it("a channel that is not connected is a fault, not a decline, and the refusal of a lookup opens no order", async () => {
    const here = new Campus()
    await here.run(Effect.gen(function*() {
      yield* here.furnished
      expect(yield* Effect.flip(Recharging.place(asked(here)))).toMatchObject({ _tag: "ChannelFailed" })
      yield* Submit.submit(here.says("today-campus", { _tag: "ReportLost", reason: "lost" }))
      const again = { ...asked(here), id: Id.CommandId.make("again") }
      expect(yield* Recharging.place(again)).toMatchObject({
        _tag: "Refused",
        answer: { decline: { _tag: "CardLost" } }
      })
    }))
  })
})
