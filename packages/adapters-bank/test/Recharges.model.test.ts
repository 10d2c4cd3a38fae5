/**
 * Random orders, payers and mischief between a school and three channels: whatever happened, what was paid ends
 * credited once or sent back once, and the bills of the days say the same.
 *
 * YIKATONG_RECHARGES says how many, YIKATONG_SEED which: a failure prints its seed and its path.
 */
import { expect, it } from "@effect/vitest"
import {
  AccountStore,
  CivilTime,
  Money,
  PaymentAttempt,
  type Recharge,
  Recharging,
  Reconciliation,
  Reconciling,
  SubjectStore
} from "@yikatong/core"
import { Effect, References, Result, Stream } from "effect"
import * as fc from "fast-check"
import { randomBytes } from "node:crypto"
import * as Alipay from "../src/alipay/Alipay.ts"
import * as Circuit from "../src/Circuit.ts"
import * as AlipayWire from "../src/sandbox/AlipayWire.ts"
import { BillFlaw, type Mischief } from "../src/sandbox/Mischief.ts"
import { returned } from "../src/sandbox/Trade.ts"
import * as UnionPayWire from "../src/sandbox/UnionPayWire.ts"
import * as WeChatWire from "../src/sandbox/WeChatWire.ts"
import type { Wire } from "../src/sandbox/Wire.ts"
import * as UnionPay from "../src/unionpay/UnionPay.ts"
import * as WeChatPay from "../src/wechat/WeChatPay.ts"
import { books, Campus, drive, office, profile, rechargedBy, serves } from "./support/campus.ts"
import { InProcess } from "./support/inProcess.ts"

const { YIKATONG_RECHARGES, YIKATONG_SEED } = process.env
const { hour, minute } = CivilTime

const sourceOf = { wechat: "weChat", unionpay: "unionPayCard", alipay: "alipay" } as const
type Name = keyof typeof sourceOf
const names = Object.keys(sourceOf) as ReadonlyArray<Name>

/** UnionPay's day ends at 23:00. */
const termsOf = (name: Name): Reconciliation.Terms =>
  name === "unionpay" ? { ...Reconciliation.terms, cutOff: -hour } : Reconciliation.terms

const name = fc.constantFrom<Name>(...names)
const which = fc.nat(7)
const rarely = fc.nat(5).map((chance) => chance === 0)

/** What may be done wrong. Another amount that is signed as such is no mischief on the way, but a channel that lies. */
const does: fc.Arbitrary<Mischief> = fc.oneof(
  fc.record({ _tag: fc.constant("Drop" as const), after: fc.boolean() }),
  fc.record({ _tag: fc.constant("Error" as const), after: fc.boolean() }),
  fc.constant({ _tag: "Limit" as const }),
  fc.record({ _tag: fc.constant("Truncate" as const), bytes: fc.integer({ min: 0, max: 400 }) }),
  fc.record({
    _tag: fc.constant("Forge" as const),
    how: fc.constantFrom("otherKey" as const, "unknownKey", "ownCertificate", "tamper", "otherMerchant")
  })
)
const told: fc.Arbitrary<Mischief> = fc.oneof(
  does,
  fc.record({ _tag: fc.constant("Duplicate" as const), times: fc.integer({ min: 2, max: 4 }) }),
  fc.constantFrom<Mischief>({ _tag: "Reorder" }, { _tag: "Replay" })
)
const operation = fc.constantFrom("create", "query", "close", "refund", "queryRefund")
const times = fc.integer({ min: 1, max: 3 })

const act = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ act: fc.constant("place" as const), name, fen: fc.integer({ min: 1, max: 30_000 }) })
  },
  { weight: 3, arbitrary: fc.record({ act: fc.constant("turn" as const), name, which }) },
  {
    weight: 8,
    arbitrary: fc.record({
      act: fc.constant("payer" as const),
      which,
      how: fc.constantFrom("pays" as const, "pays", "pays", "declines", "isAsked")
    })
  },
  { weight: 3, arbitrary: fc.record({ act: fc.constant("spoil" as const), name, operation, does, times }) },
  {
    weight: 2,
    arbitrary: fc.record({
      act: fc.constant("spoil" as const),
      name,
      operation: fc.constant("notice"),
      does: told,
      times
    })
  },
  { weight: 3, arbitrary: fc.constant({ act: "deliver" as const }) },
  { weight: 3, arbitrary: fc.constant({ act: "drive" as const }) },
  {
    weight: 3,
    arbitrary: fc.record({
      act: fc.constant("wait" as const),
      ms: fc.constantFrom(1_000, minute, 20 * minute, 3 * hour, 11 * hour)
    })
  },
  { weight: 1, arbitrary: fc.record({ act: fc.constant("close" as const), isSo: rarely }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant("stuck" as const), isSo: rarely }) }
)
type Act = typeof act extends fc.Arbitrary<infer A> ? A : never
const life = fc.record({
  acts: fc.array(act, { minLength: 10, maxLength: 60 }),
  latePayment: fc.constantFrom<Recharge.Channel["latePayment"]>("credit", "refund"),
  /** Of the first bills that are fetched. */
  flaws: fc.array(fc.record({ name, flaw: fc.constantFrom(...BillFlaw.literals) }), { maxLength: 3 })
})
type Life = typeof life extends fc.Arbitrary<infer A> ? A : never

const start = CivilTime.instant("2026-03-02 12:00")
/** Nobody waits: what fails is asked about when it is driven again. */
const policy: Circuit.Policy = { ...Circuit.policy, attempts: 1, failures: 1_000_000 }
/** Lives that were lived: each has days of its own, since wires remember the bills that they have written. */
let lives = 0
const month = 31 * CivilTime.dayLength

/** Their keys take a moment, and their certificates last for more than a year. */
const wiresOf = (began: CivilTime.Instant): ReadonlyArray<Wire> => [
  WeChatWire.make(began),
  UnionPayWire.make((size) => new Uint8Array(randomBytes(size)), began),
  AlipayWire.make()
]
let wires: ReadonlyArray<Wire> = []

const live = ({ acts, flaws, latePayment }: Life) => {
  const began = CivilTime.later(start, month * (lives % 12))
  if (lives++ % 12 === 0) wires = wiresOf(began)
  const net = new InProcess(...wires)
  net.house.purses.put("alice", Money.of(200_000))
  const shared = (name: Name) => ({
    name,
    notifyUrl: `https://school.test/${name}`,
    serves: serves(sourceOf[name]),
    policy
  })
  const title = "校园卡充值"
  const [wechat, unionpay, alipay] = wires.map((wire) => wire.terms(net.origin)) as [Terms, Terms, Terms]
  const channels = Effect.runSync(
    Effect.all([
      WeChatPay.make(WeChatWire.settingsOf(wechat, { ...shared("wechat"), scene: "order", description: title })),
      UnionPay.make(UnionPayWire.settingsOf(unionpay, shared("unionpay"))),
      Alipay.make(AlipayWire.settingsOf(alipay, { ...shared("alipay"), title }))
    ]).pipe(Effect.provide(net.layer))
  )
  const campus = new Campus(channels, profile(latePayment))
  campus.now = began
  const orders: Array<Recharge.Order> = []
  const pick = <A>(all: ReadonlyArray<A>, at: number): A | undefined => all[at % Math.max(all.length, 1)]
  /** What may come of a call to a channel that is out of order. */
  const perhaps = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.option(effect)

  const perform = Effect.fnUntraced(function*(one: Act) {
    switch (one.act) {
      case "place": {
        const placed = yield* Effect.exit(campus.place(sourceOf[one.name], one.fen))
        if (placed._tag === "Success") orders.push(placed.value.order)
        return
      }
      case "turn": {
        const order = pick(orders, one.which)
        if (order !== undefined) yield* Effect.exit(campus.turn(order, sourceOf[one.name]))
        return
      }
      case "payer": {
        const open = net.house.all.filter(({ state }) => state === "waiting")
        const { token } = pick(open, one.which) ?? { token: "" }
        if (one.how === "isAsked") {
          net.house.ask(token, campus.now)
          yield* Stream.runDrain(Recharging.drive(office))
        }
        const isPaid = one.how === "pays" || (one.how === "isAsked" && one.which % 2 === 0)
        if (isPaid) net.house.pay(token, "alice", campus.now)
        else net.house.decline(token, campus.now)
        return
      }
      case "spoil":
        return net.rules.add({ wire: one.name, operation: one.operation, does: one.does, times: one.times })
      case "deliver":
        return yield* net.deliver(office)
      case "drive":
        return yield* drive()
      case "wait":
        return campus.wait(one.ms)
      case "close":
        if (one.isSo) yield* perhaps(campus.closeAccount)
        return
      case "stuck":
        if (one.isSo) net.house.stuckPayers.add("alice")
    }
  })

  /** All is well again: what was lost comes again, and what a person has to see to is seen to. */
  const settle = Effect.gen(function*() {
    net.rules.clear()
    net.house.stuckPayers.clear()
    for (let round = 0; round < 4; round++) {
      yield* net.deliver(office)
      for (const attempt of yield* attempts) {
        if (attempt._tag === "ReturnFailed") yield* Recharging.returnAgain(attempt.number, office)
      }
      campus.wait(3 * hour)
      for (const { outcome } of yield* drive()) Result.getOrThrow(outcome)
    }
    expect(net.pending).toEqual([])
    const open = yield* Recharging.open
    expect(open).toEqual({ attempts: [], orders: [] })
  })

  const days = Effect.sync(() => {
    const [first, last] = [CivilTime.dayOf(began), CivilTime.dayOf(CivilTime.later(campus.now, hour))]
    return Array.from({ length: last - first + 1 }, (_, at) => CivilTime.addDays(first, at))
  })

  /** The bills of all days, one after the other, as a school has it each morning. What was found is put right. */
  const reconciled = Effect.fnUntraced(function*(all: ReadonlyArray<CivilTime.Day>) {
    let found = 0
    for (const channel of names) {
      let carried: ReadonlyArray<Reconciliation.Carried> = []
      for (const day of all) {
        const compared = yield* Reconciling.compare({ channel, day, carried, terms: termsOf(channel) })
        found += compared.outcome.findings.length
        const { after } = yield* Reconciling.correct(compared, office)
        expect(after.outcome.findings).toEqual([])
        carried = after.outcome.carried
      }
    }
    return found
  })

  /** What the sandbox's money says, and what the school says. */
  const check = Effect.gen(function*() {
    expect(net.house.purses.isWhole).toBe(true)
    yield* books
    const byNumber = new Map((yield* attempts).map((attempt) => [attempt.number as string, attempt]))
    const credits = yield* credited
    let held = 0
    for (const [purse, has] of net.house.purses.all) if (purse.startsWith("merchant:")) held += has
    for (const trade of net.house.all) {
      if (trade.state !== "paid") continue
      const number = trade.extra["orderId"] ?? trade.number
      const attempt = byNumber.get(number)
      const times = credits.filter(({ reference }) => trade.reference.endsWith(reference)).length
      // Credited once, or sent back once: never both, and never neither.
      expect({ end: attempt?._tag, times, back: returned(trade), refunds: trade.refunds.length }).toEqual(
        attempt?._tag === "Kept"
          ? { end: "Kept", times: 1, back: 0, refunds: 0 }
          : { end: "Returned", times: 0, back: trade.amount, refunds: 1 }
      )
    }
    const ofSchool = Money.sum(credits.map(({ amount }) => amount))
    const ledger = (yield* (yield* AccountStore.AccountStore).balances).get(`channel:${rechargedBy}`) ?? 0
    expect({ ledger: 0 - ledger, ofSchool }).toEqual({ ledger: held, ofSchool: held })
    // No credit without a payment.
    for (const { amount, reference } of credits) {
      const paid = net.house.all.filter((trade) => trade.state === "paid" && trade.reference.endsWith(reference))
      expect(paid.map((trade) => trade.amount)).toEqual([amount])
    }
    return credits.length
  })

  return campus.run(
    Effect.gen(function*() {
      yield* campus.furnished
      for (const one of acts) yield* perform(one)
      yield* settle
      const kept = yield* check
      const all = yield* days
      campus.wait(3 * CivilTime.dayLength)
      for (const { flaw, name } of flaws) {
        net.rules.add({ wire: name, operation: "bill", does: { _tag: "Bill", flaw } })
      }
      const found = yield* reconciled(all)
      if (flaws.length === 0) expect(found).toBe(0)
      net.rules.clear()
      expect(yield* check).toBe(kept)
      // Once more: nothing is found but what waits for a person already.
      expect(yield* reconciled(all)).toBe(0)
      expect(yield* check).toBe(kept)
      return { kept, back: net.house.all.filter((trade) => returned(trade) > 0).length, found }
    }).pipe(Effect.provideService(References.MinimumLogLevel, "None"))
  )
}
type Terms = Readonly<Record<string, string>>

const attempts = Effect.gen(function*() {
  const store = yield* SubjectStore.SubjectStore
  return Array.from(yield* Stream.runCollect(store.all(PaymentAttempt.decider)), ({ state }) => state)
})

const credited = Effect.gen(function*() {
  const journal = yield* Stream.runCollect((yield* AccountStore.AccountStore).journal())
  return Array.from(journal).flatMap(({ events }) =>
    events.flatMap((event) => event._tag === "CreditRecorded" ? [event] : [])
  )
})

it("every payment is credited once or sent back once, and the bills agree", { timeout: 600_000 }, async () => {
  const numRuns = Number(YIKATONG_RECHARGES ?? 150)
  let [kept, back, found] = [0, 0, 0]
  await fc.assert(
    fc.asyncProperty(life, async (one) => {
      const ends = await live(one)
      kept += ends.kept
      back += ends.back
      found += ends.found
    }),
    { numRuns, seed: Number(YIKATONG_SEED ?? 20_260_302) }
  )
  // Enough of each came about.
  expect(kept).toBeGreaterThan(numRuns / 2)
  expect(back).toBeGreaterThan(numRuns / 20)
  expect(found).toBeGreaterThan(numRuns / 10)
})
