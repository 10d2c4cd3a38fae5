import { Context, Effect, Layer, Option, Result, Stream } from "effect"
import * as fc from "fast-check"
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
      create: () => Effect.succeed({ _tag: "Nothing" }),
      query: ({ number }) => {
        const reference = `payment-${++payments}`
        const receipt = mint({ number, amount: fifty, paidAt: here.now, reference, witness: "query" })
        return Effect.succeed({ _tag: "Paid", receipt })
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
      query: ({ number }) =>
        Effect.succeed({
          _tag: "Paid",
          receipt: mint({ number, amount: fifty, paidAt: here.now, reference: "late", witness: "query" })
        })
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
        "No adapter was given for weChat of todayCampus: pass one in `channels` that is called todayCampus, " +
          "or whose `serves` names both (here are: none); no money was asked for"
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
      ...bank.channel,
      create: (attempt, payer) => fuse.through(bank.channel.create(attempt, payer), torn),
      query: (attempt) => fuse.through(bank.channel.query(attempt), torn)
    }
    const here = new Campus(channel)
    const layer = Layer.effectContext(Effect.gen(function*() {
      const accounts = yield* AccountStore
      const subjects = yield* SubjectStore
      return Context.make(AccountStore, {
        ...accounts,
        transact: (envelope) => fuse.through(accounts.transact(envelope), cut),
        find: (subject) => fuse.through(accounts.find(subject), cut),
        answered: (key) => fuse.through(accounts.answered(key), cut),
        retire: (key) => fuse.through(accounts.retire(key), cut)
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
      create: () => Effect.succeed({ _tag: "Nothing" }),
      query: ({ number }) => {
        const paidAt = later(here.now, -(++asks))
        const receipt = mint({ number, amount: fifty, paidAt, reference: "bank-1", witness: "query" })
        return Effect.as(Effect.yieldNow, { _tag: "Paid", receipt })
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

/** The balances of all books: money only moves, so that together they hold nothing. */
const books = Effect.gen(function*() {
  const balances = yield* (yield* AccountStore).balances
  expect([...balances.values()].reduce((sum, held) => sum + held, 0)).toBe(0)
  return balances
})

type News = Parameters<typeof Recharging.tell>[1]

const fault = () => new StoreUnavailable({ operation: "transact", cause: new Error("cut off") })
/** Somebody confirms the order and is cut off before its credit, or after. */
const cutOff = (order: Recharging.Named, when: "before" | "after") =>
  Effect.updateService(Effect.flip(Recharging.confirm(order, office)), AccountStore, (store) => ({
    ...store,
    transact: (envelope) =>
      when === "before" ? Effect.fail(fault()) : Effect.andThen(store.transact(envelope), Effect.fail(fault()))
  }))
const storedOf = ({ id }: Recharging.Named) =>
  Effect.map(
    Effect.flatMap(SubjectStore, (store) => store.find(RechargeOrder.decider, id)),
    Option.getOrThrow
  )
const journalOf = ({ id }: Recharging.Named) =>
  Effect.flatMap(SubjectStore, (store) => Stream.runCollect(store.journal(RechargeOrder.decider, id)))

/** An order that was paid and then came so far. */
type State = "unpaid" | "paid" | "credited" | "cut off after the credit" | "of a closed account"
const lived = Effect.fnUntraced(function*(here: Campus, bank: SimulatedChannel.SimulatedChannel, state: State) {
  const { order } = yield* place(here)
  if (state === "of a closed account") yield* Submit.submit(here.says("window-3", { _tag: "CloseAccount" }))
  if (state !== "unpaid") bank.pay(order.id, fifty, here.now)
  if (state === "credited") yield* Recharging.confirm(order, office)
  if (state === "paid") yield* cutOff(order, "before")
  if (state === "cut off after the credit" || state === "of a closed account") yield* cutOff(order, "after")
  return order
})

type Cut = { readonly at: number; readonly when: "before" | "after" }

/**
 * Lets one call of a store through at a time. `script`: who is next of those that wait, the same again where nothing is said.
 * `cuts`: the calls that fail before they happen, or after.
 */
class Turns {
  readonly #waiting = new Map<number, () => void>()
  readonly #over = new Set<number>()
  #calls = 0
  readonly script: ReadonlyArray<number>
  readonly cuts: ReadonlyArray<Cut>
  /** What was chosen, where there was a choice. */
  readonly chosen: Array<number> = []

  constructor(script: ReadonlyArray<number>, cuts: ReadonlyArray<Cut> = []) {
    this.script = script
    this.cuts = cuts
  }

  /** What one of them does, all of whose calls wait for their turn. */
  player<A, E, R>(who: number, does: Effect.Effect<A, E, R>) {
    const wait = Effect.callback<void>((resume) => {
      this.#waiting.set(who, () => resume(Effect.void))
    })
    const through = <B, F, S>(call: Effect.Effect<B, F, S>): Effect.Effect<B, F | StoreUnavailable, S> =>
      Effect.andThen(
        wait,
        Effect.suspend(() => {
          const cut = this.cuts.find(({ at }) => at === this.#calls)
          this.#calls++
          const fault = Effect.fail(new StoreUnavailable({ operation: "ask", cause: new Error("cut") }))
          return cut === undefined ? call : cut.when === "before" ? fault : Effect.andThen(call, fault)
        })
      )
    return Effect.result(does).pipe(
      Effect.updateService(AccountStore, (store) => ({
        ...store,
        answered: (key) => through(store.answered(key)),
        retire: (key) => through(store.retire(key)),
        transact: (envelope) => through(store.transact(envelope))
      })),
      Effect.updateService(SubjectStore, (store): SubjectStore["Service"] => ({
        ...store,
        find: (decider, subject) => through(store.find(decider, subject)),
        transact: (decider, submitted) => through(store.transact(decider, submitted))
      })),
      Effect.ensuring(Effect.sync(() => this.#over.add(who)))
    )
  }

  /** Gives the turns, until all are over. */
  readonly give = (players: number) =>
    Effect.gen({ self: this }, function*() {
      while (this.#over.size < players) {
        if (this.#over.size + this.#waiting.size < players) {
          yield* Effect.yieldNow
          continue
        }
        const ready = [...this.#waiting.keys()].sort()
        const choice = ready.length === 1
          ? 0
          : (this.script[this.chosen.length] ?? this.chosen.at(-1) ?? 0) % ready.length
        if (ready.length > 1) this.chosen.push(choice)
        const who = ready[choice] ?? 0
        const go = this.#waiting.get(who)
        this.#waiting.delete(who)
        go?.()
      }
    })
}

/**
 * The orders of the calls of two in which the turn changes at most so often. Defects of things done at once show with two or
 * three changes; all orders would be millions.
 */
const everyOrder = async <A>(run: (turns: Turns) => Promise<A>, mostSwitches = 3) => {
  const ends: Array<A> = []
  const open: Array<ReadonlyArray<number>> = [[]]
  for (let script = open.pop(); script !== undefined; script = open.pop()) {
    // Who goes on is the one who went before, but for where the script has a switch.
    const turns: Turns = new Turns(script)
    ends.push(await run(turns))
    if (switches(script) === mostSwitches) continue
    for (let at = script.length; at < turns.chosen.length; at++) {
      const before = turns.chosen.slice(0, at)
      open.push([...before, 1 - (before.at(-1) ?? 0)])
    }
  }
  return ends
}

const switches = (script: ReadonlyArray<number>): number =>
  script.filter((choice, at) => choice !== (script[at - 1] ?? 0)).length

describe("what a channel does on its own (D2)", () => {
  // what is told, of which order, what the order is then, what the account holds
  const told: ReadonlyArray<[News, State, string, number]> = [
    ["Closed", "unpaid", "Expired", 0],
    ["TakenBack", "paid", "Reversed", 0],
    ["WrittenToCard", "credited", "Written", 5_000],
    ["WrittenToCard", "cut off after the credit", "Written", 5_000],
    ["RefundSent", "of a closed account", "Refunded", 0],
    ["TakenBack", "of a closed account", "Reversed", 0]
  ]
  it.each(told)("D2 %s of an order %s makes it %s; told twice is the same", async (what, state, after, held) => {
    const bank = SimulatedChannel.make("todayCampus")
    const here = new Campus(bank.channel)
    await here.run(Effect.gen(function*() {
      const order = yield* lived(here, bank, state)
      const told = yield* Recharging.tell(order, what)
      expect(told._tag).toBe(after)
      const journal = yield* journalOf(order)
      here.now = later(here.now, dayLength)
      expect(yield* Recharging.tell(order, what)).toEqual(told)
      // Nor does the channel, which still says that it was paid, change anything.
      if (state !== "unpaid") {
        expect(yield* Recharging.confirm(order, office)).toEqual({ order: told, answer: Option.none() })
      }
      expect(yield* journalOf(order)).toEqual(journal)
      expect((yield* pockets).transit).toBe(held)
      yield* books
    }))
  })

  it.each(told)(
    "D2 I3 %s of an order %s makes it %s once, where two tell it at once",
    async (what, state, after, held) => {
      const runs = await everyOrder((turns) => {
        const bank = SimulatedChannel.make("todayCampus")
        const here = new Campus(bank.channel)
        return here.run(Effect.gen(function*() {
          const order = yield* lived(here, bank, state)
          const tell = Recharging.tell(order, what)
          const both = Effect.all([turns.player(0, tell), turns.player(1, tell)], { concurrency: 2 })
          const [[one, other]] = yield* Effect.all([both, turns.give(2)], { concurrency: 2 })
          expect(Result.getOrThrow(one)._tag).toBe(after)
          expect(other).toEqual(one)
          const happened = (yield* journalOf(order)).flatMap(({ answer }) =>
            answer._tag === "Approved" ? answer.events.map(({ _tag }) => _tag) : ["no"]
          )
          expect(happened.filter((tag) => tag === what || tag === "no")).toEqual([what])
          expect((yield* pockets).transit).toBe(held)
        }))
      })
      expect(runs.length).toBeGreaterThan(5)
    }
  )

  it.each<[News, State, string]>([
    // what is told, of which order, as what it is known
    ["TakenBack", "unpaid", "Paying"],
    ["TakenBack", "credited", "Credited"],
    ["TakenBack", "cut off after the credit", "Credited"],
    ["RefundSent", "cut off after the credit", "Credited"],
    ["Closed", "cut off after the credit", "Credited"],
    ["Closed", "paid", "Paid"],
    ["RefundSent", "paid", "Paid"],
    ["WrittenToCard", "paid", "Paid"],
    ["Closed", "of a closed account", "RefundDue"]
  ])("D2 I3 %s of an order %s, which is %s, is for a person, each time", async (what, state, known) => {
    const bank = SimulatedChannel.make("todayCampus")
    const here = new Campus(bank.channel)
    await here.run(Effect.gen(function*() {
      const order = yield* lived(here, bank, state)
      for (const _ of ["once", "again"]) {
        const alarm = yield* Effect.flip(Recharging.tell(order, what))
        expect(alarm).toMatchObject({ _tag: "PaymentUnmatched", state: known, step: what })
        expect((yield* storedOf(order))._tag).toBe(known)
      }
      // It stood in nobody's way: who is paid is credited, unless its account is closed.
      if (state === "unpaid") bank.pay(order.id, fifty, here.now)
      const isCredited = state !== "of a closed account"
      const { order: confirmed } = yield* Recharging.confirm(order, office)
      expect(confirmed._tag).toBe(isCredited ? "Credited" : "RefundDue")
      expect((yield* pockets).transit).toBe(isCredited ? 5_000 : 0)
      expect((yield* books).get("channel:todayCampus") ?? 0).toBe(isCredited ? -5_000 : 0)
    }))
  })

  it("D2 that it was closed is told again after it was paid late: no alarm, and nothing changes", async () => {
    const bank = SimulatedChannel.make("todayCampus")
    const here = new Campus(bank.channel)
    await here.run(Effect.gen(function*() {
      const order = yield* lived(here, bank, "unpaid")
      yield* Recharging.tell(order, "Closed")
      bank.pay(order.id, fifty, here.now)
      yield* cutOff(order, "before")
      expect(yield* Recharging.tell(order, "Closed")).toMatchObject({ _tag: "Paid" })
      const { order: credited } = yield* Recharging.confirm(order, office)
      expect(yield* Recharging.tell(order, "Closed")).toEqual(credited)
      expect((yield* pockets).transit).toBe(5_000)
    }))
  })

  it("D2 I3 what the account would not take for another reason stays paid, for a person, until the bank takes it back", async () => {
    const bank = SimulatedChannel.make("todayCampus")
    const here = new Campus(bank.channel)
    await here.run(Effect.gen(function*() {
      const order = yield* lived(here, bank, "unpaid")
      bank.pay(order.id, fifty, here.now)
      // The point loses its right between the look and the credit.
      const confirming = Effect.updateService(Recharging.confirm(order, office), AccountStore, (store) => ({
        ...store,
        transact: (envelope) => store.transact({ ...envelope, point: Id.PointId.make("canteen-1") })
      }))
      const stuck = { _tag: "PaymentUnmatched", state: "Paid", step: "Credited" }
      expect(yield* Effect.flip(confirming)).toMatchObject(stuck)
      expect(yield* Effect.flip(Recharging.confirm(order, office))).toMatchObject(stuck)
      const reversed = yield* Recharging.tell(order, "TakenBack")
      expect(reversed._tag).toBe("Reversed")
      expect(yield* Recharging.confirm(order, office)).toEqual({ order: reversed, answer: Option.none() })
      expect((yield* pockets).transit).toBe(0)
    }))
  })

  it("D2 the channel says nothing any more of an order that was credited: it is known as that", async () => {
    const bank = SimulatedChannel.make("todayCampus")
    let isSilent = false
    const here = new Campus({
      ...bank.channel,
      query: (attempt) => isSilent ? Effect.succeed({ _tag: "NotFound" }) : bank.channel.query(attempt)
    })
    await here.run(Effect.gen(function*() {
      const order = yield* lived(here, bank, "cut off after the credit")
      expect((yield* storedOf(order))._tag).toBe("Paid")
      isSilent = true
      const confirmed = yield* Recharging.confirm(order, office)
      expect(confirmed).toMatchObject({ order: { _tag: "Credited" }, answer: Option.none() })
      expect(yield* storedOf(order)).toEqual(confirmed.order)
      expect(yield* Stream.runCollect(Recharging.unfinished)).toEqual([])
    }))
  })

  it("D2 a bank that takes back, while whoever tells it is cut off: the drive ends the order, and credits nothing", async () => {
    const bank = SimulatedChannel.make("todayCampus")
    const here = new Campus(bank.channel)
    await here.run(Effect.gen(function*() {
      const order = yield* lived(here, bank, "paid")
      const telling = Effect.updateService(
        Recharging.tell(order, "TakenBack"),
        SubjectStore,
        (store): SubjectStore["Service"] => ({ ...store, transact: () => Effect.fail(fault()) })
      )
      expect((yield* Effect.flip(telling))._tag).toBe("StoreUnavailable")
      expect((yield* storedOf(order))._tag).toBe("Paid")
      const [driven] = yield* Stream.runCollect(Recharging.drive(office))
      expect(driven?.outcome).toMatchObject({ success: { order: { _tag: "Reversed" }, answer: Option.none() } })
      expect((yield* Recharging.tell(order, "TakenBack"))._tag).toBe("Reversed")
      expect((yield* pockets).transit).toBe(0)
    }))
  })

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

describe("the bank takes back what is credited at the same moment (D2, I3)", () => {
  type Deed = "confirm" | "TakenBack"
  const does = Effect.fnUntraced(function*(deed: Deed, order: Recharging.Named) {
    return deed === "confirm"
      ? yield* Recharging.confirm(order, office)
      : { order: yield* Recharging.tell(order, deed), answer: Option.none() }
  })

  /** Several do this at once, in these turns. Afterwards it is done again without haste, and the end is told. */
  const race = (deeds: ReadonlyArray<Deed>, turns: Turns, isKnownPaid: boolean) => {
    const bank = SimulatedChannel.make("todayCampus")
    const here = new Campus(bank.channel)
    return here.run(Effect.gen(function*() {
      const { order } = yield* place(here)
      bank.pay(order.id, fifty, here.now)
      if (isKnownPaid) yield* cutOff(order, "before")
      const players = deeds.map((deed, who) => turns.player(who, does(deed, order)))
      const [first] = yield* Effect.all([Effect.all(players, { concurrency: "unbounded" }), turns.give(deeds.length)], {
        concurrency: 2
      })
      const retries = ["TakenBack", "confirm", "TakenBack"] as const
      const then = yield* Effect.forEach(retries, (deed) => Effect.result(does(deed, order)))
      const { order: { _tag: end } } = yield* Recharging.confirm(order, office)
      // Of credit and take-back exactly one came through.
      expect(["Credited", "Reversed"]).toContain(end)
      const isCredited = end === "Credited"
      expect((yield* pockets).transit).toBe(isCredited ? 5_000 : 0)
      expect((yield* books).get("channel:todayCampus") ?? 0).toBe(isCredited ? -5_000 : 0)
      const journal = yield* Stream.runCollect((yield* AccountStore).journal())
      const credits = journal.flatMap(({ events }) => events).filter(({ _tag }) => _tag === "CreditRecorded")
      expect(credits.length).toBe(isCredited ? 1 : 0)
      // And nobody was ever told otherwise.
      for (const [i, outcome] of [...first, ...then].entries()) {
        const deed = [...deeds, ...retries][i]
        if (Result.isSuccess(outcome)) {
          const { answer, order: { _tag } } = outcome.success
          expect(_tag).toBe(end)
          if (Option.isSome(answer)) expect([answer.value._tag, end]).toEqual(["Approved", "Credited"])
        } else if (outcome.failure._tag !== "StoreUnavailable") {
          expect([deed, outcome.failure._tag]).toEqual(["TakenBack", "PaymentUnmatched"])
          if (isKnownPaid) expect(end).toBe("Credited")
        }
      }
      return end
    }))
  }

  it.each<[string, boolean]>([
    ["known to be paid", true],
    ["of which nobody knows yet that it was paid", false]
  ])("D2 I3 an order %s, in every order of the calls: exactly one comes through", async (_, isKnownPaid) => {
    const ends = await everyOrder((turns) => race(["confirm", "TakenBack"], turns, isKnownPaid))
    expect([...new Set(ends)].sort()).toEqual(["Credited", "Reversed"])
    expect(ends.length).toBeGreaterThan(100)
  })

  it("D2 D21 I3 several who confirm and tell, any of whose calls are cut off: exactly one comes through", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom<Deed>("confirm", "TakenBack"), { minLength: 2, maxLength: 4 }),
        fc.array(fc.nat(3), { maxLength: 30 }),
        fc.array(fc.record({ at: fc.nat(25), when: fc.constantFrom("before" as const, "after" as const) }), {
          maxLength: 3
        }),
        fc.boolean(),
        async (deeds, script, cuts, isKnownPaid) => {
          await race(deeds, new Turns(script, cuts), isKnownPaid)
        }
      ),
      { numRuns: 300, seed: 11 }
    ))
})
