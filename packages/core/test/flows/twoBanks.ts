/** A campus whose recharges go by two banks, and one student who recharges, for tests of the flows. */
import { Effect, Option, Stream } from "effect"
import * as Recharging from "../../src/flows/Recharging.ts"
import * as Submit from "../../src/flows/Submit.ts"
import * as Id from "../../src/Id.ts"
import * as Money from "../../src/Money.ts"
import * as PaymentAttempt from "../../src/PaymentAttempt.ts"
import type { Payer } from "../../src/ports/RechargeChannel.ts"
import { SubjectStore } from "../../src/ports/SubjectStore.ts"
import type { FundingSource } from "../../src/Recharge.ts"
import { Bank, type Terms } from "./bank.ts"
import { Campus } from "./campus.ts"

export const office = Id.PointId.make("card-centre")
export const fifty = Money.amount(5_000)

export const wish = (here: Campus, source: FundingSource = "weChat", amount: number = fifty) =>
  here.says("today-campus", {
    _tag: "PlaceRecharge",
    channel: "todayCampus",
    source,
    holder: "own",
    amount: Money.amount(amount)
  })

export const orThrow = (placed: Recharging.Turned) => {
  if (placed._tag !== "Placed") throw new Error(JSON.stringify(placed))
  return placed
}

/** WeChat and UnionPay behind one channel of the profile, and a student. */
export const begun = (weChatTerms: Terms = {}, unionTerms: Terms = {}) => {
  const weChat = new Bank("weChatPay", { source: "weChat", ...weChatTerms })
  const union = new Bank("unionPay", { source: "unionPayCard", ...unionTerms })
  const here = new Campus(weChat.channel, union.channel)
  const place = Effect.fnUntraced(function*(payer?: Payer) {
    yield* here.furnished
    return orThrow(yield* Recharging.place(wish(here), {}, payer))
  })
  const turn = (order: Recharging.Named) => Effect.map(Recharging.turn(order, wish(here, "unionPayCard")), orThrow)
  return { here, weChat, union, place, turn }
}

export const attemptOf = (number: Id.OrderNumber) =>
  Effect.map(
    Effect.flatMap(SubjectStore, (store) => store.find(PaymentAttempt.decider, number)),
    Option.getOrThrow
  )
export const drive = Effect.suspend(() => Stream.runCollect(Recharging.drive(office)))

/** An order whose account was closed before it was paid. */
export const homeless = Effect.fnUntraced(function*({ here, place, weChat }: ReturnType<typeof begun>) {
  const placed = yield* place()
  yield* Submit.submit(here.says("window-3", { _tag: "CloseAccount" }))
  weChat.pay(placed.attempt.number, here.now)
  return placed
})
