import { Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Account from "../src/Account.ts"
import { transfers } from "../src/AccountEvent.ts"
import { type Day, day, dayOf } from "../src/CivilTime.ts"
import { MerchantId } from "../src/Id.ts"
import * as Takings from "../src/Takings.ts"
import { csmzxy, Life, yuan } from "./support/Life.ts"
import { lived, wholeStories } from "./support/lives.ts"

/** The journal of a life, as a store would have it. */
const journal = (life: Life): ReadonlyArray<Takings.Line> => {
  let account: Account.AccountState | undefined
  return life.envelopes.map((command) => {
    const decision = Account.decide([csmzxy], account, command)
    account = decision.account ?? account
    return { command, events: decision.events }
  })
}

const of = (life: Life, on: string, merchant: string): Takings.Takings => {
  const fold = Takings.begin(day(on))
  for (const line of journal(life)) Takings.take(fold, line)
  return Takings.of(fold, MerchantId.make(merchant))
}

const row = (
  point: string,
  businessDay: string,
  purchases: [number, string],
  returns: [number, string] = [0, "0.00"]
) => ({
  point,
  businessDay: day(businessDay),
  purchases: { count: purchases[0], amount: yuan(purchases[1]) },
  returns: { count: returns[0], amount: yuan(returns[1]) }
})

const rich = () => Life.of(csmzxy, { chip: "200.00" }).withWallet("100.00")

describe("the takings of a day (I16, R76)", () => {
  it("two purchases at one terminal are one row, whoever of the pockets paid", () => {
    const life = rich().at("2025-11-03 12:00").pay("card", "12.00").expectApproved()
      .later(60_000).pay("ecode", "8.00").expectApproved()
    expect(of(life, "2025-11-03", "canteen-1")).toEqual({
      rows: [row("canteen-1", "2025-11-03", [2, "20.00"])],
      before: Takings.none
    })
    expect(of(life, "2025-11-03", "shop-1")).toEqual({ rows: [], before: Takings.none })
    expect(of(life, "2025-11-02", "canteen-1")).toEqual({ rows: [], before: Takings.none })
    expect(of(life, "2025-11-04", "canteen-1")).toEqual({
      rows: [],
      before: { purchases: yuan("20.00"), returns: yuan("0.00") }
    })
  })

  it("two terminals of one merchant are two rows; a refusal is none", () => {
    const life = rich().at("2025-11-03 12:00").pay("card", "12.00", { point: "canteen-3" }).expectApproved()
      .later(3_600_000).pay("card", "8.00", { point: "canteen-2" }).expectApproved()
      .pay("alipay", "5.00", { point: "canteen-2" })
    expect(of(life, "2025-11-03", "canteen-2").rows).toEqual([
      row("canteen-2", "2025-11-03", [1, "8.00"]),
      row("canteen-3", "2025-11-03", [1, "12.00"])
    ])
  })

  it("D5 what is reversed at the terminal stands beside what was bought", () => {
    const life = rich().at("2025-11-03 12:00").pay("card", "12.00").expectApproved()
    life.later(60_000).reverse({ purchase: life.lastPurchase, present: true }).expectApproved()
    expect(of(life, "2025-11-03", "canteen-1").rows).toEqual([
      row("canteen-1", "2025-11-03", [1, "12.00"], [1, "12.00"])
    ])
  })

  it("D11 a late record belongs to the day on which it arrived, under the day on which it was bought", () => {
    const life = rich().at("2025-11-03 12:00").cutOff("late", "5.00", { point: "canteen-1" })
    life.at("2025-11-04 00:10").arrives("late").expectApproved()
    life.at("2025-11-04 12:10").pay("card", "7.00").expectApproved()
    expect(of(life, "2025-11-03", "canteen-1").rows).toEqual([])
    expect(of(life, "2025-11-04", "canteen-1").rows).toEqual([
      row("canteen-1", "2025-11-03", [1, "5.00"]),
      row("canteen-1", "2025-11-04", [1, "7.00"])
    ])
  })
})

const isRow = Schema.is(Takings.Row)

describe("any life", () => {
  it("I16 the rows of all posting days together are what the transfers gave to the merchants", () => {
    fc.assert(
      fc.property(wholeStories(25), (story) => {
        const lines = journal(lived(csmzxy, story))
        const moved = new Map<string, number>()
        const days = new Set<Day>()
        for (const { command, events } of lines) {
          days.add(dayOf(command.receivedAt))
          for (const { amount, from, to } of events.flatMap(transfers)) {
            moved.set(to, (moved.get(to) ?? 0) + amount)
            moved.set(from, (moved.get(from) ?? 0) - amount)
          }
        }
        for (const merchant of ["canteen-1", "canteen-2", "shop-1"]) {
          let net = 0
          let rows = 0
          for (const day of [...days].sort((one, other) => one - other)) {
            const fold = Takings.begin(day)
            for (const line of lines) Takings.take(fold, line)
            const takings = Takings.of(fold, MerchantId.make(merchant))
            // What was taken before a day is what the rows of the days before say.
            expect(Takings.net(takings.before)).toBe(net)
            net += Takings.net(Takings.turnover(takings.rows))
            rows += takings.rows.length
            expect(takings.rows.every(isRow)).toBe(true)
          }
          expect(net).toBe(moved.get(`merchant:${merchant}`) ?? 0)
          if (rows === 0) expect(net).toBe(0)
        }
      }),
      { numRuns: 60 }
    )
  })
})
