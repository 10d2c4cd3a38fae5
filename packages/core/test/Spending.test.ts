import { Result } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Chip from "../src/Chip.ts"
import * as CivilTime from "../src/CivilTime.ts"
import type * as Decline from "../src/Decline.ts"
import * as Id from "../src/Id.ts"
import * as Money from "../src/Money.ts"
import * as Purchase from "../src/Purchase.ts"
import type { SchoolProfile } from "../src/SchoolProfile.ts"
import * as Spending from "../src/Spending.ts"
import * as Tally from "../src/Tally.ts"
import { csmzxy, Life, school, yuan } from "./support/Life.ts"

const card = Id.CardId.make("card-1")

/** The chip as a terminal keeps it beside an account: written at activation, at each purchase, load and extension. */
const newChip = (profile: SchoolProfile, day: CivilTime.Day): Chip.Chip => ({
  card,
  standing: "active",
  purse: { balance: Money.zero, loadSequence: 0, purchaseSequence: 0 },
  tallies: Tally.none,
  validUntil: CivilTime.addMonths(day, profile.dormancy.months)
})

const night = school({
  meals: [{ name: "night", from: 22 * 60, to: 2 * 60 }, { name: "lunch", from: 630, to: 810 }],
  limits: [
    { name: "single", per: "payment", measure: "sum", hard: 2_500, scope: { categories: ["canteen"] } },
    { name: "meal", per: "meal", measure: "sum", hard: 3_000, scope: { categories: ["canteen"] } },
    { name: "meals", per: "meal", measure: "count", hard: 3, scope: {} },
    { name: "day", per: "day", measure: "sum", hard: 5_000, scope: {} },
    { name: "shop", per: "day", measure: "count", hard: 4, scope: { categories: ["shop"] } }
  ],
  dormancy: { months: 1 }
})

/** A refusal without the numbers that a terminal cannot know (D1). */
const known = (decision: Result.Result<unknown, Decline.Decline>): unknown => {
  if (Result.isSuccess(decision)) return decision.success
  const { elsewhere: _, ...rest } = { elsewhere: undefined, ...decision.failure }
  return rest
}

type Step =
  | { readonly _tag: "buy"; readonly amount: Money.Amount; readonly point: string; readonly offline: boolean }
  | { readonly _tag: "load"; readonly amount: string }
  | { readonly _tag: "extend" }

const steps: fc.Arbitrary<readonly [minutes: number, step: Step]> = fc.tuple(
  fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 1, max: 300 }) },
    { weight: 3, arbitrary: fc.integer({ min: 300, max: 3_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: 30_000, max: 60_000 }) }
  ),
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        _tag: fc.constant("buy" as const),
        amount: fc.integer({ min: 1, max: 2_600 }).map(Money.amount),
        point: fc.constantFrom("canteen-1", "canteen-2", "shop-1"),
        offline: fc.boolean()
      }, { noNullPrototype: true })
    },
    {
      weight: 2,
      arbitrary: fc.constantFrom("1.00", "20.00", "100.00").map((amount) => ({ _tag: "load" as const, amount }))
    },
    { weight: 1, arbitrary: fc.constant({ _tag: "extend" as const }) }
  )
)

describe("one decision, two views (D12)", () => {
  it.each([["the manual's school", csmzxy], ["a school with night meals, counts and one month", night]] as const)(
    "D12 the terminal that is cut off and the server give the same answer, after any history: %s",
    (_, profile) => {
      fc.assert(fc.property(fc.array(steps, { minLength: 1, maxLength: 25 }), (story) => {
        const life = Life.of(profile, { since: "2025-11-03 09:30" })
        let chip = newChip(profile, CivilTime.day("2025-11-03"))
        for (const [minutes, step] of story) {
          life.later(minutes * CivilTime.minute)
          const today = CivilTime.dayOf(life.now)
          switch (step._tag) {
            case "load": {
              life.credit("ccbApp", step.amount).load()
              if (life.pockets().chip > chip.purse.balance) {
                chip = Chip.load(chip, Money.minus(life.pockets().chip, chip.purse.balance))
              }
              break
            }
            case "extend":
              life.extend().expectApproved()
              chip = { ...chip, validUntil: CivilTime.addMonths(today, profile.dormancy.months) }
              break
            case "buy": {
              const point = profile.points[step.point]
              if (point === undefined) throw new Error(step.point)
              for (const link of ["up", "down"] as const) {
                const request = {
                  medium: "physicalCard",
                  point,
                  link,
                  amount: step.amount,
                  now: life.now,
                  proof: undefined
                } as const
                const atTill = Purchase.decide(profile, Spending.fromChip(profile, chip, today), request)
                for (const reading of [undefined, chip.purse]) {
                  const view = Spending.fromAccount(profile, life.state, "physicalCard", card, reading, today)
                  expect(known(Purchase.decide(profile, view, request))).toEqual(known(atTill))
                }
                if (link === "up") continue
                if (Result.isFailure(atTill)) {
                  if (!step.offline) {
                    life.pay("card", Money.format(step.amount), { point: step.point }).expectDeclined(
                      atTill.failure._tag
                    )
                  }
                  break
                }
                if (step.offline) {
                  life.cutOff("slip", Money.format(step.amount), { point: step.point }).arrives("slip").expectReported()
                } else life.pay("card", Money.format(step.amount), { point: step.point }).expectApproved()
                chip = Chip.debit(chip, Purchase.cellOf(profile, request), step.amount, profile.dormancy.months)
              }
            }
          }
          expect(chip.purse.balance).toBe(life.pockets().chip)
          expect(chip.purse).toEqual(life.chip())
        }
      }))
    }
  )

  it("D12 A7 a terminal that is cut off has no password to hold a PIN against: there the tier acts as a hard one", () => {
    const soft = school({ limits: [{ name: "meal", per: "meal", measure: "sum", password: 3_000, scope: {} }] })
    const point = soft.points["canteen-1"]
    if (point === undefined) throw new Error("canteen-1")
    const life = Life.of(soft, { chip: "50.00" }).at("2025-11-03 12:00")
    const today = CivilTime.dayOf(life.now)
    const request = {
      medium: "physicalCard",
      point,
      link: "down",
      amount: Money.amount(3_001),
      now: life.now,
      proof: undefined
    } as const
    const chip = { ...newChip(soft, today), purse: life.chip() }
    const quota = { limit: "meal", tier: "password", threshold: 3_000, used: 0, remaining: 3_000, window: "lunch" }
    const server = Spending.fromAccount(soft, life.state, "physicalCard", card, undefined, today)
    expect(known(Purchase.decide(soft, server, request))).toMatchObject({ _tag: "PasswordRequired", quota })
    expect(known(Purchase.decide(soft, Spending.fromChip(soft, chip, today), request)))
      .toMatchObject({ _tag: "MealLimitExceeded", quota })
  })

  it.each(
    [
      ["notActivated", "CardNotActivated"],
      ["blocked", "CardCancelled"]
    ] as const
  )("D12 a chip that is %s: %s", (standing, decline) => {
    const chip = { ...newChip(csmzxy, CivilTime.day("2025-11-03")), standing }
    expect(Spending.fromChip(csmzxy, chip, CivilTime.day("2025-11-03")).refusal).toEqual({ _tag: decline })
  })

  it.each([["2026-02-02", undefined], ["2026-02-03", "CardFrozenDormant"], ["2026-02-04", "CardFrozenDormant"]])(
    "D12 R46 a chip valid until 2026-02-03, on %s: %s",
    (day, decline) => {
      const chip = newChip(csmzxy, CivilTime.day("2025-11-03"))
      expect(Spending.fromChip(csmzxy, chip, CivilTime.day(day)).refusal?._tag).toBe(decline)
    }
  )

  it("D12 a chip keeps only the latest day and meal, which is all that the limits ask", () => {
    let chip = Chip.load(newChip(csmzxy, CivilTime.day("2025-11-03")), yuan("100.00"))
    const cell = (day: string, window: string): Tally.Cell => ({
      day: CivilTime.day(day),
      window,
      mealDay: CivilTime.day(day),
      category: "canteen",
      medium: "physicalCard"
    })
    for (const window of ["breakfast", "lunch", "dinner"]) {
      chip = Chip.debit(chip, cell("2025-11-03", window), yuan("1.00"), 3)
    }
    expect(chip.tallies.cells).toHaveLength(3)
    chip = Chip.debit(chip, cell("2025-11-04", "lunch"), yuan("1.00"), 3)
    expect(chip.tallies).toEqual({ cells: [{ ...cell("2025-11-04", "lunch"), sum: 100, count: 1 }] })
    expect(chip.purse).toEqual({ balance: yuan("96.00"), loadSequence: 1, purchaseSequence: 4 })
    expect(CivilTime.formatDay(chip.validUntil)).toBe("2026-02-04")
  })
})

describe("what the view of the account says (D1, D12)", () => {
  const account = Life.of(csmzxy, { chip: "50.00" }).recharge("ccbApp", "20.00").state
  const today = CivilTime.day("2025-11-03")
  const view = (medium: "physicalCard" | "todayCampusCode", balance?: string) =>
    Spending.fromAccount(
      csmzxy,
      account,
      medium,
      medium === "physicalCard" ? card : undefined,
      balance === undefined ? undefined : { balance: yuan(balance), loadSequence: 1, purchaseSequence: 0 },
      today
    )

  it.each([[undefined, "50.00"], ["50.00", "50.00"], ["49.99", "49.99"], ["0.00", "0.00"], ["60.00", "50.00"]])(
    "D12 books 50.00, chip read %s: it pays up to %s",
    (balance, most) => {
      expect(Spending.available(view("physicalCard", balance))).toBe(yuan(most))
      // What a refusal tells is what the books say.
      expect(view("physicalCard", balance).account?.chip).toBe(yuan("50.00"))
    }
  )

  it("D1 a code does not reach the chip", () => {
    expect(view("todayCampusCode").payers).not.toContain("chip")
    expect(Spending.available(view("todayCampusCode"))).toBe(yuan("20.00"))
  })
})
