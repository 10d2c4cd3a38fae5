import { Stream } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { instant } from "../../src/CivilTime.ts"
import * as Receivables from "../../src/flows/Receivables.ts"
import { csmzxy, Life } from "../support/Life.ts"
import { lived, wholeStories } from "../support/lives.ts"
import { School } from "./school.ts"

/** A card with 10.00 on it, and records of 15.00 and 3.00 that arrive on two days: debts of 5.00 and 3.00. */
const debtor = () => {
  const life = Life.of(csmzxy, { chip: "10.00" }).at("2025-11-03 12:00")
  const record = (amount: string, purchaseSequence: number, chip: string) =>
    life.record({ amount, purchaseSequence, chipBefore: life.chip().balance, at: chip }).expectApproved()
  record("15.00", 11, "2025-11-03 11:59")
  life.at("2025-11-05 12:00")
  record("3.00", 12, "2025-11-04 11:59")
  return life.expectPockets({ receivable: "8.00" })
}

const here = (life: Life) => new School(csmzxy).lives(life)

describe("who owes how much, and since when (D10, R76)", () => {
  it("D10 a debt is as old as its posting, and has a part for each", async () => {
    const school = await here(debtor())
    expect(await school.run(Stream.runCollect(Receivables.owed))).toEqual([{
      account: "account-1",
      debt: 800,
      since: instant("2025-11-03 12:00"),
      parts: [
        { since: instant("2025-11-03 12:00"), amount: 500 },
        { since: instant("2025-11-05 12:00"), amount: 300 }
      ]
    }])
  })

  it.each<readonly [string, (life: Life) => Life, number]>([
    ["a credit", (life) => life.credit("ccbApp", "6.00"), 1],
    ["what was paid at a desk", (life) => life.repay("6.00"), 1],
    ["what the school gave up", (life) => life.writeOff("6.00"), 1],
    ["less than the oldest part", (life) => life.repay("4.00"), 2],
    ["all of it", (life) => life.repay("8.00"), 0]
  ])("D10 the oldest is repaid first, by %s", async (_, repay, parts) => {
    const life = repay(debtor().at("2025-11-06 10:00")).expectApproved()
    const [owed] = await (await here(life)).run(Stream.runCollect(Receivables.owed))
    expect(owed?.parts.length ?? 0).toBe(parts)
    expect(owed?.debt ?? 0).toBe(life.pockets().receivable)
    if (parts === 1) expect(owed?.since).toBe(instant("2025-11-05 12:00"))
  })

  it("D7 D10 what is left after the account was closed and paid out is still owed", async () => {
    const life = debtor().at("2025-11-06 10:00").close().expectApproved().at("2025-11-10 10:00").payOut()
      .expectApproved()
    const [owed] = await (await here(life)).run(Stream.runCollect(Receivables.owed))
    expect(owed?.debt).toBe(800)
  })

  it("R76 sums by age: a part counts where it belongs, to the day", async () => {
    const school = await here(debtor())
    school.now = instant("2025-12-03 00:00")
    expect(await school.run(Receivables.report())).toMatchObject({
      debt: 800,
      ages: [
        { days: 0, accounts: 1, amount: 300 },
        { days: 30, accounts: 1, amount: 500 },
        { days: 90, accounts: 0, amount: 0 },
        { days: 365, accounts: 0, amount: 0 }
      ]
    })
    school.now = instant("2025-12-02 23:59")
    expect((await school.run(Receivables.report([30]))).ages).toEqual([
      { days: 0, accounts: 1, amount: 800 },
      { days: 30, accounts: 0, amount: 0 }
    ])
  })

  it("nobody owes anything", async () => {
    expect(await (await here(Life.of(csmzxy))).run(Receivables.report([]))).toEqual({
      debt: 0,
      owed: [],
      ages: [{ days: 0, accounts: 0, amount: 0 }]
    })
  })

  it("D10 I5 for any life the parts are the debt, and every age together is all of it", async () => {
    await fc.assert(
      fc.asyncProperty(wholeStories(25), async (story) => {
        const life = lived(csmzxy, story)
        const school = await here(life)
        school.now = life.now
        const { ages, debt, owed } = await school.run(Receivables.report())
        expect(debt).toBe(life.pockets().receivable)
        expect(ages.reduce((sum, { amount }) => sum + amount, 0)).toBe(debt)
        for (const { parts, since } of owed) {
          expect(parts.every(({ amount }) => amount > 0)).toBe(true)
          expect(since).toBe(Math.min(...parts.map(({ since }) => since)))
        }
      }),
      { numRuns: 60 }
    )
  })
})
