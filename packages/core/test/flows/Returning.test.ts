import { Effect, Result, Stream } from "effect"
import { describe, expect, it } from "vitest"
import { hour, later } from "../../src/CivilTime.ts"
import * as Recharging from "../../src/flows/Recharging.ts"
import * as Submit from "../../src/flows/Submit.ts"
import type * as Id from "../../src/Id.ts"
import { AccountStore } from "../../src/ports/AccountStore.ts"
import { SubjectStore } from "../../src/ports/SubjectStore.ts"
import { Bank, torn } from "./bank.ts"
import { Campus, pockets } from "./campus.ts"
import { attemptOf, begun, drive, homeless, office, orThrow, wish } from "./twoBanks.ts"

/** Money that has to go back, and whose bank can not be reached to send it. */
const due = Effect.fnUntraced(function*(all: ReturnType<typeof begun>) {
  all.weChat.around = (call, operation) => operation === "refund" ? Effect.fail(torn()) : call
  const placed = yield* homeless(all)
  yield* drive
  expect(yield* attemptOf(placed.attempt.number)).toMatchObject({ _tag: "Returning", reason: "accountClosed" })
  all.weChat.around = (call) => call
  return placed
})

/** Somebody at the bank gives it back, or the bank itself takes it. */
const takeBack = ({ trades }: Bank, number: string) => {
  const trade = trades.get(number)
  if (trade === undefined) throw new Error("no trade")
  trade.back++
}

describe("money goes back once, whoever sends it (D2, I3)", () => {
  type Told = (
    all: ReturnType<typeof begun>,
    attempt: { readonly number: Id.OrderNumber; readonly order: Id.OrderId }
  ) => Effect.Effect<unknown, unknown, Effect.Services<ReturnType<typeof Recharging.hear>>>
  const ways: ReadonlyArray<[string, Told]> = [
    ["a person tells", (_, { order }) => Recharging.tell({ id: order }, "TakenBack")],
    ["its callback", ({ weChat }, { number }) =>
      Effect.map(
        Recharging.hear("weChatPay", weChat.says("takenBack", number), office),
        ({ reply }) => expect(reply.status).toBe(200)
      )],
    ["the next question", () => Effect.void]
  ]
  it.each(ways)("the bank takes back what was about to be sent back, known by: %s", async (_, told) => {
    const all = begun()
    const { here, weChat } = all
    await here.run(Effect.gen(function*() {
      const { attempt, order } = yield* due(all)
      takeBack(weChat, attempt.number)
      yield* told(all, attempt)
      for (let round = 0; round < 3; round++) {
        here.now = later(here.now, hour)
        yield* drive
      }
      expect(yield* attemptOf(attempt.number)).toMatchObject({ _tag: "Returned", reason: "accountClosed" })
      expect((yield* Recharging.confirm(order, office)).order._tag).toBe("Reversed")
      expect(weChat.askedBack).toEqual([])
      // And told once more, it is taken: the bank need not come again.
      yield* told(all, attempt)
      const { attempts, orders } = yield* Recharging.open
      expect([attempts, orders]).toEqual([[], []])
    }))
  })

  it.each([0, -hour])(
    "a refund fails again and again while the clock moves by %d ms: each round is written down",
    async (by) => {
      const all = begun()
      const { here, weChat } = all
      await here.run(Effect.gen(function*() {
        weChat.refundSays = "Abnormal"
        const { attempt } = yield* homeless(all)
        yield* drive
        for (let round = 0; round < 4; round++) {
          here.now = later(here.now, by)
          expect(yield* Recharging.returnAgain(attempt.number, office)).toMatchObject({ _tag: "ReturnFailed" })
        }
        expect(weChat.askedBack).toHaveLength(5)
        expect(new Set(weChat.askedBack).size).toBe(1)
        weChat.refundSays = "Done"
        expect(yield* Recharging.returnAgain(attempt.number, office)).toMatchObject({ _tag: "Returned" })
        yield* drive
        expect(weChat.trades.get(attempt.number)?.back).toBe(1)
        expect(yield* Recharging.stuck).toEqual([])
      }))
    }
  )

  it("taken back while its refund had failed: nobody has to send it any more", async () => {
    const all = begun()
    const { here, weChat } = all
    await here.run(Effect.gen(function*() {
      weChat.refundSays = "Abnormal"
      const { attempt, order } = yield* homeless(all)
      yield* drive
      expect((yield* Recharging.stuck).map(({ _tag }) => _tag)).toEqual(["ReturnFailed"])
      takeBack(weChat, attempt.number)
      yield* Recharging.tell(order, "TakenBack")
      expect(yield* attemptOf(attempt.number)).toMatchObject({ _tag: "Returned" })
      expect(yield* Recharging.stuck).toEqual([])
      const asked = weChat.askedBack.length
      yield* Recharging.returnAgain(attempt.number, office)
      expect(weChat.askedBack.length).toBe(asked)
    }))
  })

  it.each<["after" | "before", string, Parameters<typeof begun>[0]]>([
    ["before", "a channel that makes refunds", {}],
    ["after", "a channel that makes refunds", {}],
    ["before", "a channel that makes none", { without: ["refund", "queryRefund"] }],
    ["after", "a channel that makes none", { without: ["refund", "queryRefund"] }]
  ])(
    "whoever tells that it was taken back is cut off %s any call, of %s that says nothing more: nobody sends it as well",
    async (when, _, terms) => {
      let cuts = 0
      for (let at = 1;; at++) {
        const all = begun(terms)
        const { here, weChat } = all
        let calls = 0
        const through = <A, E, R>(call: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
          Effect.suspend(() => {
            if (++calls !== at) return call
            return when === "before" ? Effect.die("killed") : Effect.andThen(call, Effect.die("killed"))
          })
        await here.run(Effect.gen(function*() {
          const { attempt, order } = yield* due(all)
          weChat.silent = "Unclear"
          const telling = Recharging.tell(order, "TakenBack").pipe(
            Effect.updateService(SubjectStore, (store): SubjectStore["Service"] => ({
              ...store,
              find: (decider, subject) => through(store.find(decider, subject)),
              transact: (decider, submitted) => through(store.transact(decider, submitted))
            })),
            Effect.updateService(AccountStore, (store) => ({ ...store, retire: (key) => through(store.retire(key)) }))
          )
          yield* Effect.exit(telling)
          const isCut = calls >= at
          // The bank repeats what was not taken; where the order knows it already, nobody has to.
          const known = (yield* Stream.runCollect(Recharging.unfinished)).length === 0
          if (!known) yield* Recharging.tell(order, "TakenBack")
          expect(yield* Recharging.stuck).toEqual([])
          here.now = later(here.now, hour)
          yield* drive
          expect(yield* attemptOf(attempt.number)).toMatchObject({ _tag: "Returned" })
          expect(weChat.askedBack).toEqual([])
          if (isCut) cuts++
        }))
        if (calls < at) break
      }
      expect(cuts).toBeGreaterThan(3)
    }
  )

  it("of two payments of an order the second is taken back by its bank: the order keeps the first", async () => {
    const { here, place, turn, union, weChat } = begun()
    await here.run(Effect.gen(function*() {
      const { attempt: one, order } = yield* place()
      const { attempt: other } = yield* turn(order)
      union.around = (call, operation) => operation === "refund" ? Effect.fail(torn()) : call
      weChat.pay(one.number, here.now, undefined, true)
      yield* Recharging.hear("weChatPay", weChat.says("paid", one.number), office)
      union.pay(other.number, here.now)
      yield* Recharging.hear("unionPay", union.says("paid", other.number), office)
      expect(yield* attemptOf(other.number)).toMatchObject({ _tag: "Returning", reason: "duplicate" })
      union.around = (call) => call
      takeBack(union, other.number)
      const { outcome, reply } = yield* Recharging.hear("unionPay", union.says("takenBack", other.number), office)
      expect([reply.status, Result.getOrThrow(outcome)?._tag]).toEqual([200, "Credited"])
      expect(yield* attemptOf(other.number)).toMatchObject({ _tag: "Returned" })
      expect(yield* attemptOf(one.number)).toMatchObject({ _tag: "Kept" })
      yield* drive
      expect(union.askedBack).toEqual([])
      expect((yield* pockets).transit).toBe(5_000)
      expect(yield* Recharging.stuck).toEqual([])
    }))
  })

  /** A channel that says of its own refunds too that it was given back, as soon as they are asked for. */
  const sameWords = () => {
    const bank = new Bank("todayCampus")
    const here = new Campus({
      ...bank.channel,
      query: (attempt) =>
        Effect.map(
          bank.channel.query(attempt),
          (told) =>
            told._tag === "Paid" && bank.refunds.has(`${attempt.number}R`) ? { ...told, _tag: "GivenBack" } : told
        )
    })
    return { bank, here }
  }

  it("a refund of ours whose answer was lost is not taken for somebody else's: it may still fail", async () => {
    const { bank, here } = sameWords()
    await here.run(Effect.gen(function*() {
      yield* here.furnished
      const { attempt } = orThrow(yield* Recharging.place(wish(here)))
      yield* Submit.submit(here.says("window-3", { _tag: "CloseAccount" }))
      bank.pay(attempt.number, here.now)
      bank.refundSays = "Accepted"
      bank.around = (call, operation) => operation === "refund" ? Effect.andThen(call, Effect.fail(torn())) : call
      yield* drive
      bank.around = (call) => call
      yield* drive
      expect(yield* attemptOf(attempt.number)).toMatchObject({ _tag: "Returning" })
      expect(bank.askedBack.length).toBe(1)
      bank.refunds.set(`${attempt.number}R`, "Abnormal")
      here.now = later(here.now, hour)
      yield* drive
      expect(yield* attemptOf(attempt.number)).toMatchObject({ _tag: "ReturnFailed" })
    }))
  })

  it("tried again by a person: the channel is asked first, and what was made after all is not made again", async () => {
    const all = begun()
    const { here, weChat } = all
    await here.run(Effect.gen(function*() {
      weChat.refundSays = "Abnormal"
      const { attempt } = yield* homeless(all)
      yield* drive
      const asked = weChat.askedBack.length
      weChat.refunds.set(`${attempt.number}R`, "Done")
      takeBack(weChat, attempt.number)
      here.now = later(here.now, hour)
      expect(yield* Recharging.returnAgain(attempt.number, office)).toMatchObject({ _tag: "Returned" })
      expect(weChat.askedBack.length).toBe(asked)
      expect((yield* Recharging.confirm({ id: attempt.order }, office)).order._tag).toBe("Refunded")
    }))
  })

  it("told to be sent back by hand, it is not sent by its channel as well", async () => {
    const all = begun()
    const { here, weChat } = all
    await here.run(Effect.gen(function*() {
      const { attempt, order } = yield* homeless(all)
      // Cut off after the order knew, and before the attempt did.
      yield* Effect.exit(Effect.updateService(
        Recharging.confirm(order, office),
        SubjectStore,
        (store): SubjectStore["Service"] => ({
          ...store,
          transact: (decider, submitted) =>
            submitted.id.startsWith("ReturnDue") ? Effect.die("killed") : store.transact(decider, submitted)
        })
      ))
      expect(yield* attemptOf(attempt.number)).toMatchObject({ _tag: "Paid" })
      expect((yield* Recharging.tell(order, "RefundSent"))._tag).toBe("Refunded")
      expect(yield* attemptOf(attempt.number)).toMatchObject({ _tag: "Returned" })
      yield* drive
      expect(weChat.askedBack).toEqual([])
    }))
  })
})
