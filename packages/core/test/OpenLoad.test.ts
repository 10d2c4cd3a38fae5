import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import type * as Chip from "../src/Chip.ts"
import { instant } from "../src/CivilTime.ts"
import * as Id from "../src/Id.ts"
import * as Money from "../src/Money.ts"
import * as OpenLoad from "../src/OpenLoad.ts"

const chip = (balance: number, loadSequence: number, purchaseSequence: number): Chip.Reading => ({
  balance: Money.of(balance),
  loadSequence,
  purchaseSequence
})

const load = (before: Chip.Reading, transit = 5_000, subsidy = 0): OpenLoad.OpenLoad => ({
  id: Id.LoadId.make("canteen-1:load-1"),
  point: Id.PointId.make("canteen-1"),
  transit: Money.of(transit),
  subsidy: Money.of(subsidy),
  before,
  begunAt: instant("2025-11-03 12:00"),
  outcome: "unknown"
})

describe("what a reading of the chip proves (R28, D8)", () => {
  // Before: 20.00, 3 loads, 7 purchases. The load is 50.00.
  it.each([
    ["untouched", chip(2_000, 3, 7), "notWritten"],
    ["written", chip(7_000, 4, 7), "written"],
    ["written, then bought", chip(6_200, 4, 8), "written"],
    ["written, then all spent in two purchases", chip(0, 4, 9), "written"],
    ["not written, then bought", chip(1_200, 3, 8), "notWritten"],
    ["counter says written, balance says not", chip(2_000, 4, 7), "contradiction"],
    ["balance says written, counter says not", chip(7_000, 3, 7), "contradiction"],
    ["one fen too much", chip(7_001, 4, 7), "contradiction"],
    ["one fen too little", chip(6_999, 4, 7), "contradiction"],
    ["bought, and more than there was", chip(7_001, 4, 8), "contradiction"],
    ["two loads", chip(12_000, 5, 7), "contradiction"],
    ["a load less", chip(2_000, 2, 7), "contradiction"],
    ["a purchase less", chip(7_000, 4, 6), "contradiction"]
  ])("D8 %s", (_, now, proof) => {
    expect(OpenLoad.proveByReading(load(chip(2_000, 3, 7)), now)).toBe(proof)
  })

  it("D8 an honest chip is always judged rightly, whatever was bought since", () => {
    fc.assert(fc.property(
      fc.nat({ max: 100_000 }),
      fc.integer({ min: 1, max: 50_000 }),
      fc.nat({ max: 50_000 }),
      fc.boolean(),
      fc.array(fc.integer({ min: 1, max: 5_000 }), { maxLength: 5 }),
      (balance, transit, subsidy, written, purchases) => {
        let now = chip(written ? balance + transit + subsidy : balance, written ? 4 : 3, 7)
        for (const amount of purchases) {
          if (amount > now.balance) continue
          now = chip(now.balance - amount, now.loadSequence, now.purchaseSequence + 1)
        }
        const proof = OpenLoad.proveByReading(load(chip(balance, 3, 7), transit, subsidy), now)
        expect(proof).toBe(written ? "written" : "notWritten")
      }
    ))
  })
})

describe("what an offline record proves where nobody can read the chip any more (D8)", () => {
  it.each([
    ["made before the load", 2_000, 7, "unproven"],
    ["made long before, with more on the chip", 9_000, 5, "unproven"],
    ["the next purchase, with as much as before", 2_000, 8, "notWritten"],
    ["the next purchase, with the load on it", 7_000, 8, "written"],
    ["a later purchase, with more than before", 2_001, 10, "written"],
    ["a later purchase, with as much as before", 2_000, 9, "unproven"],
    ["a later purchase, with less", 1_500, 9, "unproven"],
    ["the next purchase, with less than before", 1_999, 8, "unproven"]
  ])("D8 %s", (_, chipBefore, purchaseSequence, proof) => {
    const record = { chipBefore: Money.of(chipBefore), purchaseSequence }
    expect(OpenLoad.proveByRecord(load(chip(2_000, 3, 7)), record)).toBe(proof)
  })

  it("D8 no honest record proves what is not so, and the next purchase always proves it", () => {
    fc.assert(fc.property(
      fc.nat({ max: 100_000 }),
      fc.integer({ min: 1, max: 50_000 }),
      fc.boolean(),
      fc.array(fc.integer({ min: 1, max: 20_000 }), { maxLength: 6 }),
      (balance, transit, written, purchases) => {
        let held = written ? balance + transit : balance
        let sequence = 7
        for (const amount of purchases) {
          if (amount > held) continue
          sequence += 1
          const proof = OpenLoad.proveByRecord(load(chip(balance, 3, 7), transit), {
            chipBefore: Money.of(held),
            purchaseSequence: sequence
          })
          expect(["unproven", written ? "written" : "notWritten"]).toContain(proof)
          if (sequence === 8) expect(proof).not.toBe("unproven")
          held -= amount
        }
      }
    ))
  })
})
