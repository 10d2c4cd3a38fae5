import { Effect, Redacted, Result, Stream } from "effect"
import { describe, expect, it } from "vitest"
import { dayLength, hour, later, minute } from "../../src/CivilTime.ts"
import * as Recharging from "../../src/flows/Recharging.ts"
import * as Id from "../../src/Id.ts"
import * as PaymentAttempt from "../../src/PaymentAttempt.ts"
import { AccountStore } from "../../src/ports/AccountStore.ts"
import type { Profiles } from "../../src/ports/Profiles.ts"
import { patience, type Payer, type RechargeChannels } from "../../src/ports/RechargeChannel.ts"
import { SubjectStore } from "../../src/ports/SubjectStore.ts"
import { csmzxy } from "../../src/presets/Csmzxy.ts"
import { Bank, codes, type Terms, torn } from "./bank.ts"
import { Campus, pockets } from "./campus.ts"
import { attemptOf, begun, drive, fifty, homeless, office, orThrow, wish } from "./twoBanks.ts"

const credits = Effect.gen(function*() {
  const journal = yield* Stream.runCollect((yield* AccountStore).journal())
  return journal.flatMap(({ events }) => events).filter(({ _tag }) => _tag === "CreditRecorded").length
})
/** Nothing is left that could be led on, and both sides agree on what came in for good. */
const settled = Effect.fnUntraced(function*(...banks: ReadonlyArray<Bank>) {
  const { attempts, orders } = yield* Recharging.open
  expect([attempts, orders]).toEqual([[], []])
  const kept = banks.flatMap(({ trades }) => [...trades.values()])
    .filter(({ back, state }) => state === "paid" && back === 0)
    .reduce((sum, { amount }) => sum + amount, 0)
  for (const { trades } of banks) for (const { back } of trades.values()) expect(back).toBeLessThanOrEqual(1)
  expect((yield* pockets).transit).toBe(kept)
  expect((yield* (yield* AccountStore).balances).get("channel:todayCampus") ?? 0).toBe(0 - kept)
})

describe("payment attempts of an order (D2, D21)", () => {
  it("what the payer has to be shown comes back, and the same again is the same attempt", async () => {
    const { here, place, weChat } = begun()
    await here.run(Effect.gen(function*() {
      const payer: Payer = { _tag: "PayCode", code: Redacted.make("134500000000000001") }
      const { attempt, order } = yield* place(payer)
      const number = PaymentAttempt.numberOf(order, 1)
      expect(attempt).toMatchObject({
        _tag: "Waiting",
        number,
        instruction: { _tag: "QrCode", text: `weChatPay:${number}` }
      })
      expect(codes(weChat.payers)).toEqual(["134500000000000001"])
      const kept = yield* Stream.runCollect((yield* SubjectStore).journal(PaymentAttempt.decider))
      expect(JSON.stringify(kept)).not.toContain("134500000000000001")
    }))
  })

  it.each([["hours ahead of ours", 5 * hour], ["a day behind", -dayLength]])(
    "D2 what a channel calls paid at a time %s is credited",
    async (_, by) => {
      const { here, place, weChat } = begun()
      await here.run(Effect.gen(function*() {
        const { attempt, order } = yield* place()
        weChat.pay(attempt.number, later(here.now, by))
        yield* drive
        expect(yield* Recharging.confirm(order, office)).toMatchObject({ order: { _tag: "Credited" } })
        yield* settled(weChat)
      }))
    }
  )

  it("I3 an adapter that confirms another number is not believed, and does not stand in the way of what is true", async () => {
    const { here, place, weChat } = begun()
    await here.run(Effect.gen(function*() {
      const one = yield* place()
      const other = orThrow(yield* Recharging.place(wish(here)))
      for (const { number } of [one.attempt, other.attempt]) weChat.pay(number, here.now)
      let told: unknown
      const around = weChat.around
      weChat.around = (call, operation) =>
        operation === "query" ? Effect.tap(call, (said) => Effect.sync(() => (told = said))) : call
      yield* Recharging.confirm(other.order, office)
      weChat.around = (call, operation) => operation === "query" ? Effect.map(call, () => told as never) : call
      expect(yield* Effect.flip(Recharging.confirm(one.order, office))).toMatchObject({ _tag: "PaymentUnmatched" })
      weChat.around = around
      expect(yield* Recharging.confirm(one.order, office)).toMatchObject({ order: { _tag: "Credited" } })
      yield* settled(weChat)
    }))
  })

  it.each<[string, Payer, number]>([
    ["whose payer scans ends with its order", { _tag: "Scan" }, 2 * hour],
    ["by a shown code ends as its channel has patience with codes", {
      _tag: "PayCode",
      code: Redacted.make("134500000000000001")
    }, minute]
  ])("one %s", async (_, payer, life) => {
    const { here, place } = begun({ codePatience: { ...patience, life: minute } })
    await here.run(Effect.gen(function*() {
      const { attempt, order } = yield* place(payer)
      expect(attempt.expiresAt).toBe(later(order.createdAt, life))
    }))
  })

  it("D2 turns to another source and both are paid: the first is kept, the other goes back once", async () => {
    const { here, place, turn, union, weChat } = begun()
    await here.run(Effect.gen(function*() {
      const { attempt: one, order } = yield* place()
      const { attempt: other } = yield* turn(order)
      expect(other).toMatchObject({ _tag: "Waiting", index: 2, source: "unionPayCard" })
      expect(weChat.trades.get(one.number)?.state).toBe("closed")
      expect(union.pay(other.number, here.now)).toBe(true)
      expect(weChat.pay(one.number, here.now, undefined, true)).toBe(true)
      yield* Recharging.hear("unionPay", union.says("paid", other.number), office)
      for (const _ of ["told", "told again"]) {
        const { reply } = yield* Recharging.hear("weChatPay", weChat.says("paid", one.number), office)
        expect(reply.status).toBe(200)
        yield* drive
      }
      expect(yield* attemptOf(other.number)).toMatchObject({ _tag: "Kept" })
      expect(yield* attemptOf(one.number)).toMatchObject({ _tag: "Returned", reason: "duplicate" })
      expect([weChat.askedBack, union.askedBack]).toEqual([[`${one.number}R`], []])
      yield* settled(weChat, union)
      expect(yield* credits).toBe(1)
    }))
  })

  it("two who turn at once to the two sources: each attempt is asked for at its own channel", async () => {
    const { here, union, weChat } = begun()
    await here.run(Effect.gen(function*() {
      yield* here.furnished
      weChat.refuses = true
      yield* Effect.flip(Recharging.place(wish(here)))
      weChat.refuses = false
      const [order] = yield* Stream.runCollect(Recharging.unfinished)
      if (order === undefined) throw new Error("no order")
      const both = yield* Effect.all([
        Recharging.turn(order, wish(here, "unionPayCard")),
        Recharging.turn(order, wish(here, "weChat"))
      ], { concurrency: 2 })
      const sources = both.map((placed) => orThrow(placed).attempt.source)
      expect(sources).toEqual(["unionPayCard", "weChat"])
      for (const placed of both) {
        const { attempt: { number, source } } = orThrow(placed)
        expect([weChat.trades.has(number), union.trades.has(number)]).toEqual([
          source === "weChat",
          source !== "weChat"
        ])
      }
    }))
  })

  it.each<[string, number, boolean, string]>([
    // the order then, how long after it was placed, whether it was paid, as what it is told
    ["credited", 1, true, "Credited"],
    ["not paid, and past its time", 2 * hour + 1, false, "Paying"]
  ])("too late to turn, since the order is %s: it is over, and no channel is asked", async (_, wait, isPaid, tag) => {
    const { here, place, turn, union, weChat } = begun()
    await here.run(Effect.gen(function*() {
      const { attempt, order } = yield* place()
      if (isPaid) weChat.pay(attempt.number, here.now)
      if (isPaid) yield* Recharging.confirm(order, office)
      here.now = later(order.createdAt, wait)
      const late = yield* Recharging.turn(order, wish(here, "unionPayCard"))
      expect(late).toMatchObject({ _tag: "Over", order: { id: order.id, _tag: tag } })
      expect(union.trades.size).toBe(0)
      const orders = yield* Stream.runCollect((yield* SubjectStore).all(PaymentAttempt.decider))
      expect(orders.length).toBe(1)
      // To the millisecond.
      here.now = isPaid ? here.now : order.expiresAt
      if (!isPaid) expect((yield* turn(order)).attempt.index).toBe(2)
    }))
  })

  it("paid while the account is asked about another source: it is over, and the other bank is not asked", async () => {
    const { here, place, union, weChat } = begun()
    await here.run(Effect.gen(function*() {
      const { attempt, order } = yield* place()
      weChat.pay(attempt.number, here.now)
      const context = yield* Effect.context<AccountStore | SubjectStore | Profiles | RechargeChannels>()
      const confirming = Effect.orDie(Effect.provideContext(Recharging.confirm(order, office), context))
      let isFirst = true
      const late = yield* Effect.updateService(
        Recharging.turn(order, wish(here, "unionPayCard")),
        AccountStore,
        (store) => ({
          ...store,
          transact: (envelope) =>
            Effect.tap(store.transact(envelope), () => {
              if (!isFirst) return Effect.void
              isFirst = false
              return confirming
            })
        })
      )
      expect(late).toMatchObject({ _tag: "Over", order: { _tag: "Credited" } })
      expect(union.trades.size).toBe(0)
    }))
  })

  it("what is let go is looked at anew: what was paid meanwhile is not closed", async () => {
    const { here, place, turn, union, weChat } = begun()
    await here.run(Effect.gen(function*() {
      const { attempt, order } = yield* place()
      const context = yield* Effect.context<AccountStore | SubjectStore | Profiles | RechargeChannels>()
      const heard = Effect.suspend(() => {
        weChat.pay(attempt.number, here.now)
        return Recharging.hear("weChatPay", weChat.says("paid", attempt.number), office)
      }).pipe(Effect.provideContext(context))
      union.around = (call, operation) => operation === "create" ? Effect.andThen(heard, call) : call
      expect((yield* turn(order)).order._tag).toBe("Credited")
      expect(weChat.asked.filter(({ operation }) => operation === "close")).toEqual([])
      expect(yield* attemptOf(attempt.number)).toMatchObject({ _tag: "Kept" })
    }))
  })

  it("another amount, channel or account than the order's is misuse", async () => {
    const { here, place } = begun()
    await here.run(Effect.gen(function*() {
      const { order } = yield* place()
      const turn = Effect.flip(Recharging.turn(order, wish(here, "unionPayCard", 10_000)))
      expect(yield* turn).toMatchObject({ _tag: "MalformedCommand", flaws: [{ path: "amount" }] })
    }))
  })

  it("ChannelRefused at place: the order stays for another source", async () => {
    const { here, turn, union, weChat } = begun()
    await here.run(Effect.gen(function*() {
      yield* here.furnished
      weChat.refuses = true
      const statement = wish(here)
      expect(yield* Effect.flip(Recharging.place(statement))).toMatchObject({ _tag: "ChannelRefused", code: "NO" })
      const [order] = yield* Stream.runCollect(Recharging.unfinished)
      if (order === undefined) throw new Error("no order")
      expect(yield* attemptOf(PaymentAttempt.numberOf(order, 1))).toMatchObject({ _tag: "Closed" })
      const { attempt } = yield* turn(order)
      union.pay(attempt.number, here.now)
      expect((yield* Recharging.confirm(order, office)).order._tag).toBe("Credited")
      yield* settled(weChat, union)
    }))
  })

  it.each(["credit", "refund"] as const)("D2 paid after its end: %s by policy", async (latePayment) => {
    const channel = csmzxy.recharge["todayCampus"]
    if (channel === undefined) throw new Error("no channel")
    const recharge = { ...csmzxy.recharge, todayCampus: { ...channel, latePayment } }
    const weChat = new Bank("weChatPay", { source: "weChat" })
    const here = Campus.under({ ...csmzxy, recharge }, weChat.channel)
    await here.run(Effect.gen(function*() {
      yield* here.furnished
      const { attempt, order } = orThrow(yield* Recharging.place(wish(here)))
      here.now = later(order.expiresAt, 10 * minute)
      yield* drive
      expect(yield* attemptOf(attempt.number)).toMatchObject({ _tag: "Closed" })
      weChat.pay(attempt.number, here.now, undefined, true)
      const { outcome, reply } = yield* Recharging.hear("weChatPay", weChat.says("paid", attempt.number), office)
      expect(reply.status).toBe(200)
      expect(Result.getOrThrow(outcome)?._tag).toBe(latePayment === "credit" ? "Credited" : "Refunded")
      yield* settled(weChat)
    }))
  })

  it("at the end of its patience it is closed, and asked afterwards: it was paid in between", async () => {
    const { here, place, weChat } = begun()
    await here.run(Effect.gen(function*() {
      const { attempt, order } = yield* place()
      weChat.around = (call, operation) =>
        operation === "close"
          ? Effect.andThen(Effect.sync(() => weChat.pay(attempt.number, order.expiresAt)), call)
          : call
      here.now = later(order.expiresAt, 5 * minute)
      yield* drive
      expect(yield* attemptOf(attempt.number)).toMatchObject({ _tag: "Waiting" })
      here.now = later(here.now, 1)
      yield* drive
      expect(yield* attemptOf(attempt.number)).toMatchObject({ _tag: "Kept" })
      yield* settled(weChat)
    }))
  })

  it.each<[string, Terms, number, string]>([
    ["closed", {}, 10 * minute, "Closed"],
    ["open while nobody can close it", { without: ["close"] }, 10 * dayLength, "Waiting"],
    ["open until its time is over", {}, 0, "Waiting"]
  ])("unpaid at its end it is %s", async (_, terms, after, state) => {
    const { here, place } = begun(terms)
    await here.run(Effect.gen(function*() {
      const { attempt, order } = yield* place()
      here.now = later(order.expiresAt, after)
      yield* drive
      expect((yield* attemptOf(attempt.number))._tag).toBe(state)
      expect((yield* Stream.runCollect(Recharging.unfinished)).length).toBe(state === "Closed" ? 0 : 1)
    }))
  })

  it("not found before its end it may be on its way; after it, it never was", async () => {
    const { here, place, weChat } = begun()
    await here.run(Effect.gen(function*() {
      weChat.around = (call, operation) => operation === "create" ? Effect.fail(torn()) : call
      const { attempt, order } = yield* place()
      expect([order._tag, attempt._tag]).toEqual(["Unknown", "Unknown"])
      for (const [at, state] of [[hour, "Unknown"], [3 * hour, "Closed"]] as const) {
        here.now = later(order.createdAt, at)
        yield* drive
        expect((yield* attemptOf(attempt.number))._tag).toBe(state)
      }
      expect(yield* Stream.runCollect(Recharging.unfinished)).toEqual([])
    }))
  })

  it("an order that was cut off before its first attempt ends with its time", async () => {
    const { here } = begun()
    await here.run(Effect.gen(function*() {
      yield* here.furnished
      const cut = Effect.updateService(
        Recharging.place(wish(here)),
        SubjectStore,
        (store): SubjectStore["Service"] => ({
          ...store,
          transact: (decider, submitted) =>
            decider.kind === PaymentAttempt.kind ? Effect.die("killed") : store.transact(decider, submitted)
        })
      )
      yield* Effect.exit(cut)
      expect((yield* Stream.runCollect(Recharging.unfinished)).map(({ _tag }) => _tag)).toEqual(["Created"])
      here.now = later(here.now, 3 * hour)
      yield* drive
      expect(yield* Stream.runCollect(Recharging.unfinished)).toEqual([])
    }))
  })

  it("given back in the channel's own office: credited to nobody", async () => {
    const { here, place, weChat } = begun()
    await here.run(Effect.gen(function*() {
      const { attempt } = yield* place()
      weChat.pay(attempt.number, here.now)
      const trade = weChat.trades.get(attempt.number)
      if (trade !== undefined) trade.back = 1
      yield* drive
      expect(yield* attemptOf(attempt.number)).toMatchObject({ _tag: "Returned", reason: "takenBack" })
      expect(yield* credits).toBe(0)
      expect(weChat.askedBack).toEqual([])
      yield* settled(weChat)
    }))
  })
})

describe("money on its way back (D2)", () => {
  it("accepted, asked about, and done", async () => {
    const all = begun()
    const { here, weChat } = all
    await here.run(Effect.gen(function*() {
      const { attempt } = yield* homeless(all)
      weChat.refundSays = "Accepted"
      yield* drive
      expect(yield* attemptOf(attempt.number)).toMatchObject({ _tag: "Returning", reason: "accountClosed" })
      here.now = later(here.now, hour)
      yield* drive
      expect(weChat.askedBack).toEqual([`${attempt.number}R`])
      weChat.refunds.set(`${attempt.number}R`, "Done")
      const trade = weChat.trades.get(attempt.number)
      if (trade !== undefined) trade.back = 1
      const { reply } = yield* Recharging.hear("weChatPay", weChat.says("refund", `${attempt.number}R`), office)
      expect(reply.status).toBe(200)
      expect(yield* attemptOf(attempt.number)).toMatchObject({ _tag: "Returned" })
      yield* settled(weChat)
    }))
  })

  it("can not be sent back: a person sees to it, and the same number is asked once more", async () => {
    const all = begun()
    const { here, weChat } = all
    await here.run(Effect.gen(function*() {
      const { attempt } = yield* homeless(all)
      weChat.refundSays = "Abnormal"
      yield* drive
      for (const says of ["Abnormal", "Done"] as const) {
        expect(yield* attemptOf(attempt.number)).toMatchObject({ _tag: "ReturnFailed" })
        const { attempts, orders } = yield* Recharging.open
        expect([attempts, orders]).toEqual([[], []])
        weChat.refundSays = says
        here.now = later(here.now, hour)
        yield* Recharging.returnAgain(attempt.number, office)
      }
      expect(yield* attemptOf(attempt.number)).toMatchObject({ _tag: "Returned" })
      expect(new Set(weChat.askedBack)).toEqual(new Set([`${attempt.number}R`]))
      expect((yield* Recharging.confirm({ id: attempt.order }, office)).order._tag).toBe("Refunded")
      yield* settled(weChat)
    }))
  })

  it("a channel that can not refund is told about by hand", async () => {
    const all = begun({ without: ["refund", "queryRefund"] })
    const { here } = all
    await here.run(Effect.gen(function*() {
      const { attempt, order } = yield* homeless(all)
      yield* drive
      expect(yield* attemptOf(attempt.number)).toMatchObject({ _tag: "Returning" })
      expect(yield* drive).toEqual([])
      expect((yield* Recharging.tell(order, "RefundSent"))._tag).toBe("Refunded")
      expect(yield* attemptOf(attempt.number)).toMatchObject({ _tag: "Returned" })
    }))
  })

  it.each(["before", "after"] as const)(
    "cut off %s each call of a port: it goes back once, under one number",
    async (when) => {
      let cuts = 0
      for (let at = 1;; at++) {
        const all = begun()
        const { here, weChat } = all
        let calls = 0
        let armed = false
        const through = <A, E, R>(call: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
          Effect.suspend(() => {
            if (!armed || ++calls !== at) return call
            return when === "before" ? Effect.die("killed") : Effect.andThen(call, Effect.die("killed"))
          })
        weChat.around = through
        const total = await here.run(Effect.gen(function*() {
          const { attempt, order } = yield* homeless(all)
          armed = true
          yield* Effect.exit(drive).pipe(
            Effect.updateService(SubjectStore, (store): SubjectStore["Service"] => ({
              ...store,
              find: (decider, subject) => through(store.find(decider, subject)),
              transact: (decider, submitted) => through(store.transact(decider, submitted))
            })),
            Effect.updateService(AccountStore, (store) => ({
              ...store,
              transact: (envelope) => through(store.transact(envelope)),
              answered: (key) => through(store.answered(key))
            }))
          )
          armed = false
          for (let round = 0; round < 3; round++) {
            here.now = later(here.now, hour)
            yield* drive
          }
          expect(yield* attemptOf(attempt.number)).toMatchObject({ _tag: "Returned" })
          expect((yield* Recharging.confirm(order, office)).order._tag).toBe("Refunded")
          expect(new Set(weChat.askedBack)).toEqual(new Set([`${attempt.number}R`]))
          expect(weChat.trades.get(attempt.number)?.back).toBe(1)
          yield* settled(weChat)
          return calls
        }))
        if (total < at) break
        cuts++
      }
      expect(cuts).toBeGreaterThan(15)
    }
  )
})

describe("callbacks (D2)", () => {
  it.each<[string, (weChat: Bank, number: string) => ReturnType<Bank["says"]>, number, string]>([
    ["forged", (bank, number) => bank.says("paid", number, "forged"), 401, "CallbackRefused"],
    ["of nobody's number", (bank) => bank.says("stranger", `20260302${"Z".repeat(20)}`), 500, "MalformedCommand"],
    ["no message at all", (bank) => bank.says("", ""), 401, "CallbackRefused"]
  ])("%s changes nothing", async (_, says, status, tag) => {
    const { here, place, weChat } = begun()
    await here.run(Effect.gen(function*() {
      const { attempt } = yield* place()
      weChat.pay(attempt.number, here.now)
      const { outcome, reply } = yield* Recharging.hear("weChatPay", says(weChat, attempt.number), office)
      expect(reply.status).toBe(status)
      expect(Result.isFailure(outcome) ? outcome.failure._tag : "").toBe(tag)
      expect(yield* attemptOf(attempt.number)).toEqual(attempt)
    }))
  })

  it("a channel that is not there, or has no callback, is 404", async () => {
    const { here, place } = begun({ without: ["callback"] })
    await here.run(Effect.gen(function*() {
      yield* place()
      for (const name of ["nobody", "weChatPay"]) {
        const { outcome, reply } = yield* Recharging.hear(name, new Bank("x").says("test", ""), office)
        expect(reply).toMatchObject({ status: 404, contentType: "text/plain; charset=utf-8" })
        // Whoever calls is told what to do, and nothing of the school's channels.
        expect(reply.body).toBe(
          "No recharge channel takes callbacks under this name: check the notify URL. " +
            "此地址没有接收支付通知的充值渠道，请核对通知地址"
        )
        expect(Result.isFailure(outcome) ? outcome.failure.message : "").toBe(
          `No channel called ${name} hears callbacks: pass its adapter in \`channels\`, or mend the notify URL at the channel ` +
            "(here are: unionPay); nothing was changed"
        )
      }
    }))
  })

  it.each(["paid", "refund", "takenBack"])(
    "%s, said by one channel of a payment of another: it is not believed, and changes nothing",
    async (what) => {
      const { here, place, union, weChat } = begun()
      await here.run(Effect.gen(function*() {
        const { attempt } = yield* place()
        // The other bank has the same number: by mistake, or since somebody there would like to be credited.
        union.trades.set(attempt.number, { state: "open", amount: fifty, back: 0 })
        union.pay(attempt.number, here.now)
        weChat.pay(attempt.number, here.now)
        if (what !== "paid") yield* Recharging.hear("weChatPay", weChat.says("paid", attempt.number), office)
        const before = yield* attemptOf(attempt.number)
        const number = what === "refund" ? `${attempt.number}R` : attempt.number
        const { outcome, reply } = yield* Recharging.hear("unionPay", union.says(what, number), office)
        expect(reply.status).toBe(401)
        expect(Result.isFailure(outcome) ? outcome.failure : undefined).toMatchObject({
          _tag: "CallbackRefused",
          channel: "unionPay",
          reason: "otherChannel"
        })
        expect(yield* attemptOf(attempt.number)).toEqual(before)
      }))
    }
  )

  it("a test of the line, and a refund of the channel's own office, are taken and change nothing", async () => {
    const { here, place, weChat } = begun()
    await here.run(Effect.gen(function*() {
      yield* place()
      for (const raw of [weChat.says("test", ""), weChat.says("refund", "somebody-elses")]) {
        const { outcome, reply } = yield* Recharging.hear("weChatPay", raw, office)
        expect([reply.status, Result.getOrThrow(outcome)]).toEqual([200, undefined])
      }
    }))
  })

  it("twice, and again after everything: taken each time, credited once", async () => {
    const { here, place, weChat } = begun()
    await here.run(Effect.gen(function*() {
      const { attempt } = yield* place()
      weChat.pay(attempt.number, here.now)
      for (const wait of [0, 0, hour, 30 * dayLength]) {
        here.now = later(here.now, wait)
        const { outcome, reply } = yield* Recharging.hear("weChatPay", weChat.says("paid", attempt.number), office)
        expect([reply.status, Result.getOrThrow(outcome)?._tag]).toEqual([200, "Credited"])
        yield* drive
      }
      yield* settled(weChat)
      expect(yield* credits).toBe(1)
    }))
  })

  it("a store that is away is answered as failed, so that it comes again", async () => {
    const { here, place, weChat } = begun()
    await here.run(Effect.gen(function*() {
      const { attempt } = yield* place()
      weChat.pay(attempt.number, here.now)
      const raw = weChat.says("paid", attempt.number)
      const nowhere = yield* Recharging.hear("weChatPay", raw, Id.PointId.make("nowhere"))
      expect(nowhere.reply.status).toBe(500)
      const { reply } = yield* Recharging.hear("weChatPay", raw, office)
      expect(reply.status).toBe(200)
      yield* settled(weChat)
    }))
  })

  it("a callback beside a question, at once: credited once", async () => {
    for (const isFirst of [true, false]) {
      const { here, place, weChat } = begun()
      weChat.around = (call) => Effect.andThen(Effect.yieldNow, call)
      await here.run(Effect.gen(function*() {
        const { attempt, order } = yield* place()
        weChat.pay(attempt.number, here.now)
        const hear = Effect.asVoid(Recharging.hear("weChatPay", weChat.says("paid", attempt.number), office))
        const ask = Effect.asVoid(Recharging.confirm(order, office))
        yield* Effect.all(isFirst ? [hear, ask] : [ask, hear], { concurrency: 2 })
        yield* settled(weChat)
        expect(yield* credits).toBe(1)
      }))
    }
  })

  it("what the bank takes back before it was credited never is", async () => {
    const { here, place, weChat } = begun()
    await here.run(Effect.gen(function*() {
      const { attempt, order } = yield* place()
      weChat.pay(attempt.number, here.now)
      yield* Effect.exit(Effect.updateService(Recharging.confirm(order, office), AccountStore, (store) => ({
        ...store,
        transact: () => Effect.die("killed")
      })))
      const { outcome } = yield* Recharging.hear("weChatPay", weChat.says("takenBack", attempt.number), office)
      expect(Result.getOrThrow(outcome)?._tag).toBe("Reversed")
      yield* drive
      expect(yield* attemptOf(attempt.number)).toMatchObject({ _tag: "Returned", reason: "takenBack" })
      expect(yield* credits).toBe(0)
    }))
  })
})
