import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as CivilTime from "../src/CivilTime.ts"
import * as Money from "../src/Money.ts"
import { csmzxy, Life, school, yuan } from "./support/Life.ts"

const borneByHolder = school({ replacement: { ...csmzxy.replacement, afterLossBorneBy: "holder" } })
const fresh = (chip = "100.00") => Life.of(csmzxy, { chip }).at("2025-11-03 12:00")

describe("a fact always posts, once (D11)", () => {
  it("D11 R3 the lunch at a terminal that was cut off is paid from the chip when its record arrives", () => {
    const life = fresh().cutOff("lunch", "12.00").expectPockets({ chip: "100.00" })
    life.at("2025-11-03 19:00").arrives("lunch").expectReported().expectPockets({ chip: "88.00" })
    life.expectRemaining({ meal: "18.00", day: "38.00" })
  })

  it("D11 D16 it counts for the meal and the day on which it happened", () => {
    const life = fresh().cutOff("lunch", "25.00").at("2025-11-03 13:00").arrives("lunch").expectReported()
    life.pay("card", "5.01").expectDeclined("MealLimitExceeded", { window: "lunch", used: "25.00", remaining: "5.00" })
    life.at("2025-11-04 12:00").pay("card", "30.00").expectApproved()
  })

  it("D11 a second copy under another command changes nothing", () => {
    const life = fresh().cutOff("lunch", "12.00").arrives("lunch").expectApproved()
    life.later(60_000).arrives("lunch").expectDeclined("RecordAlreadyPosted").expectPockets({ chip: "88.00" })
    life.at("2025-11-10 11:00").arrives("lunch").expectDeclined("RecordAlreadyPosted")
    life.at("2025-11-10 12:00").arrives("lunch").expectDeclined("RecordAlreadyPosted")
    life.at("2025-11-10 12:00:00.001").arrives("lunch").expectDeclined("RecordTooOld")
  })

  it("D11 a second copy is known also after many later ones", () => {
    const life = fresh().cutOff("lunch", "1.00").arrives("lunch")
    for (let day = 4; day <= 9; day++) {
      life.at(`2025-11-0${day} 12:00`).cutOff(`lunch ${day}`, "1.00").arrives(`lunch ${day}`).expectApproved()
    }
    life.at("2025-11-10 12:00").arrives("lunch").expectDeclined("RecordAlreadyPosted")
  })

  it("D11 a copy is known by card and purse sequence, not by its amount; another sequence is another purchase", () => {
    const life = fresh().record({ amount: "12.00", purchaseSequence: 1 }).expectApproved()
    life.record({ amount: "13.00", purchaseSequence: 1 }).expectDeclined("RecordAlreadyPosted")
    life.record({ amount: "12.00", purchaseSequence: 2 }).expectApproved().expectPockets({ chip: "76.00" })
  })

  it("D3 D11 an Alipay record is known by Alipay's own number", () => {
    const life = fresh().recordAlipay("12.00", { reference: "2025110322001" }).expectApproved()
    life.recordAlipay("12.00", { reference: "2025110322001" }).expectDeclined("RecordAlreadyPosted")
    life.recordAlipay("12.00", { reference: "2025110322002" }).expectApproved()
  })

  it("D11 the card's signature and sequence are kept as evidence", () => {
    const life = fresh().record({ amount: "12.00", tac: "A1B2C3D4", purchaseSequence: 4 }).expectApproved()
    expect(life.decision.events.at(-1)).toMatchObject({
      tac: "A1B2C3D4",
      chip: { before: yuan("100.00"), after: yuan("88.00"), purchaseSequence: 4 }
    })
  })
})

describe("only a record that cannot be true is refused (D16)", () => {
  it.each([
    // happened, arrived, answer
    ["2025-11-03 12:00", "2025-11-03 12:00", "posts"],
    ["2025-11-03 12:00", "2025-11-10 12:00", "posts"],
    ["2025-11-03 12:00", "2025-11-10 12:00:00.001", "RecordTooOld"],
    ["2025-11-03 12:00", "2026-11-03 12:00", "RecordTooOld"],
    ["2025-11-03 12:00:00.001", "2025-11-03 12:00", "RecordDatedInFuture"],
    ["2025-11-03 12:02", "2025-11-03 12:00", "RecordDatedInFuture"],
    ["2025-09-01 09:30", "2025-09-02 12:00", "posts"],
    ["2025-09-01 09:29:59.999", "2025-09-02 12:00", "RecordBeforeActivation"]
  ])("D16 happened %s, arrived %s: %s", (happened, arrived, answer) => {
    const life = fresh().at(arrived).record({ amount: "12.00", at: happened })
    if (answer === "posts") life.expectApproved()
    else if (answer === "RecordTooOld") life.expectDeclined("RecordTooOld", { at: happened, days: 7 })
    else if (answer === "RecordDatedInFuture") {
      life.expectDeclined("RecordDatedInFuture", { at: happened, receivedAt: arrived })
    } else life.expectDeclined("RecordBeforeActivation", { at: happened, activatedAt: "2025-09-01 09:30" })
  })

  it("D16 an Alipay record from before the first activation", () => {
    fresh().at("2025-09-02 12:00").recordAlipay("12.00", { at: "2025-09-01 09:00" })
      .expectDeclined("RecordBeforeActivation", { activatedAt: "2025-09-01 09:30" })
    Life.unborn(csmzxy).open().recordAlipay("12.00").expectDeclined("RecordBeforeActivation")
  })

  it("D16 a card that was never activated, and a card that nobody has", () => {
    const life = fresh().reportLost().issue("card-2")
    life.record({ card: "card-2", amount: "12.00" }).expectDeclined("RecordBeforeActivation")
    life.cancel("card-2").record({ card: "card-2", amount: "12.00" }).expectDeclined("RecordBeforeActivation")
    life.record({ card: "card-9", amount: "12.00" }).expectDeclined("UnknownCard")
  })

  it("A18 a meal window that the profile does not have", () => {
    fresh().record({ amount: "12.00", window: "supper" }).expectDeclined("UnknownMealWindow", { window: "supper" })
    fresh().record({ amount: "12.00", window: "lunch" }).expectReported()
    fresh().recordAlipay("12.00", { window: "supper" }).expectDeclined("UnknownMealWindow")
  })

  it("R1 nothing is bought at a point without a merchant", () => {
    fresh().record({ amount: "12.00", point: "kiosk-1" })
      .expectDeclined("MediumNotAcceptedHere", { medium: "physicalCard", category: "kiosk" })
    fresh().record({ amount: "12.00", point: "canteen-99" }).expectDeclined("UnknownPoint")
  })

  it("D16 a request's clock must be right, a fact may lie back", () => {
    fresh().pay("card", "1.00", { made: "2025-11-03 11:58" }).expectDeclined("ClockUntrusted")
    fresh().record({ amount: "1.00", at: "2025-11-02 11:58" }).expectApproved()
  })
})

describe("what was out of order is reported, never refused (D11, I8)", () => {
  it("I8 D11 the meal's limit is passed by 6.00: reported with its quota, and the next online purchase is refused", () => {
    const life = fresh().cutOff("one", "18.00").cutOff("two", "18.00").arrives("one").expectReported()
    life.arrives("two").expectReported({
      _tag: "LimitExceeded",
      amount: "18.00",
      quota: { limit: "meal", tier: "hard", threshold: "30.00", used: "18.00", remaining: "12.00", window: "lunch" }
    }).expectPockets({ chip: "64.00" })
    life.expectRemaining({ meal: "0.00", day: "14.00" })
    life.pay("card", "0.01").expectDeclined("MealLimitExceeded", { used: "36.00", remaining: 0 })
  })

  it("I8 A7 the day's limit at a shop, and exactly at the limit nothing is reported", () => {
    const life = fresh().cutOff("one", "50.00", { point: "shop-1" }).arrives("one").expectReported()
    life.cutOff("two", "0.01", { point: "shop-1" }).arrives("two")
      .expectReported({ _tag: "LimitExceeded", quota: { limit: "day", used: "50.00", remaining: 0 } })
  })

  it("D3 Alipay counts for the day, not for the meal; its excess is reported; no pocket is touched", () => {
    const life = fresh().recordAlipay("45.00").expectReported().expectPockets({ chip: "100.00" })
    life.expectRemaining({ day: "5.00" })
    life.pay("card", "5.00").expectRemaining({ meal: "25.00", day: "0.00" })
    life.recordAlipay("1.00").expectReported({ _tag: "LimitExceeded", quota: { limit: "day", used: "50.00" } })
    expect(life.decision.events.at(-1)).toMatchObject({
      transfers: [{ from: "channel:alipay", to: "merchant:canteen-2", amount: 100 }]
    })
  })

  it("R7 R61 Alipay at a shop should not have been taken: it posts, and is reported", () => {
    fresh().recordAlipay("10.00", { point: "shop-1" })
      .expectReported({ _tag: "MediumWasNotAccepted", medium: "alipayCode" })
  })

  it("D10 the chip had more than the books: the rest is a debt, and the next credit repays it first", () => {
    const life = fresh("10.00").record({ amount: "25.00", chipBefore: yuan("25.00") })
    life.expectReported({ _tag: "DebtArisen", debt: "15.00" }).expectPockets({ receivable: "15.00" })
    life.recharge("ccbApp", "10.00").expectPockets({ receivable: "5.00" })
    life.grantSubsidy("3.00").expectPockets({ receivable: "2.00" })
    life.recharge("ccbApp", "10.00").expectPockets({ transit: "8.00" })
  })

  it.each([
    ["100.00", "12.00", "88.00", []],
    ["100.00", "12.00", "88.01", ["BalanceChainBroken"]],
    ["100.00", "12.00", "87.99", ["BalanceChainBroken"]],
    ["5.00", "12.00", "0.00", ["BalanceChainBroken"]]
  ])("D11 chip %s before, %s bought, %s after: %j", (before, amount, after, reported) => {
    const life = fresh().record({ amount, chipBefore: yuan(before), chipAfter: yuan(after) })
    const numbers = { _tag: "BalanceChainBroken", amount, chipBefore: before, chipAfter: after } as const
    life.expectReported(...reported.map(() => numbers)).expectPockets({ chip: "88.00" })
  })

  it("A18 the terminal counted it in another meal", () => {
    fresh().at("2025-11-03 13:30").record({ amount: "12.00", window: "lunch" })
      .expectReported({ _tag: "MealWindowDiffers", recorded: "lunch", ours: "other" })
  })

  it("D17 R46 the card was dormant at that time", () => {
    const life = Life.of(csmzxy, { chip: "100.00", since: "2025-09-01 10:00" })
    life.at("2025-11-30 12:00").record({ amount: "1.00" }).expectReported()
    const dormant = Life.of(csmzxy, { chip: "100.00", since: "2025-09-01 10:00" })
    dormant.at("2025-12-01 12:00").record({ amount: "1.00" })
      .expectReported({ _tag: "SpentWhileDormant", since: "2025-12-01" })
  })

  it("D11 all that was out of order is told at once", () => {
    const life = Life.of(csmzxy, { chip: "5.00" }).at("2025-12-01 14:00").reportLost()
    life.at("2025-12-01 15:00").record({
      card: "card-1",
      amount: "60.00",
      chipBefore: yuan("5.00"),
      window: "lunch",
      point: "shop-1"
    })
    // What the school bears does not meet the holder's limits.
    life.expectReported(
      { _tag: "SpentWhileDormant" },
      { _tag: "MealWindowDiffers" },
      { _tag: "BalanceChainBroken" },
      { _tag: "SpendAfterLoss" }
    )
  })
})

describe("late records of a card that was lost (R42, A2, D11, I9)", () => {
  it("A2 frozen 100.00, a lunch of 12.00 from before the loss arrives on day 2, the claim gives 88.00", () => {
    const life = fresh().cutOff("lunch", "12.00").at("2025-11-03 14:00").replace("card-2")
    life.at("2025-11-05 12:00").arrives("lunch").expectReported().expectPockets({ frozen: "88.00" })
    life.at("2025-11-06 14:00").claim().expectApproved().expectPockets({ transit: "88.00" })
  })

  it("A2 a late record after the claim is a debt, not a lost record", () => {
    const life = fresh().cutOff("lunch", "12.00").at("2025-11-03 14:00").replace("card-2")
    life.at("2025-11-06 14:00").claim().expectPockets({ transit: "100.00" })
    life.at("2025-11-07 12:00").arrives("lunch").expectReported({ _tag: "DebtArisen", debt: "12.00" })
    life.expectPockets({ transit: "100.00", receivable: "12.00" })
    life.recharge("ccbApp", "50.00").expectPockets({ transit: "138.00" })
  })

  it("D11 more than is frozen: the rest is a debt, before the replacement and after", () => {
    const life = fresh("10.00").reportLost().record({
      card: "card-1",
      amount: "4.00",
      at: "2025-11-03 11:00",
      purchaseSequence: 1
    })
    life.expectReported().expectPockets({ frozen: "6.00" })
    life.issue("card-2").activate("card-2")
    life.record({ card: "card-1", amount: "9.00", at: "2025-11-03 11:30", purchaseSequence: 2 })
      .expectReported({ _tag: "DebtArisen", debt: "3.00" }).expectPockets({ receivable: "3.00" })
  })

  it.each([
    ["the very instant of the report", "2025-11-03 14:00", true],
    ["a millisecond before", "2025-11-03 13:59:59.999", false],
    ["after it", "2025-11-03 15:00", true]
  ])("I9 bought at %s: after the loss %#", (_, at, after) => {
    const life = fresh().at("2025-11-03 14:00").reportLost().at("2025-11-03 18:00")
    life.record({ card: "card-1", amount: "12.00", at, purchaseSequence: 1 })
    if (after) {
      life.expectReported({
        _tag: "SpendAfterLoss",
        amount: "12.00",
        reportedAt: "2025-11-03 14:00",
        borneBy: "school"
      }).expectPockets({ frozen: "100.00" })
    } else life.expectReported().expectPockets({ frozen: "88.00" })
  })

  it("D11 the school bears what was spent after the report: the claim gives all", () => {
    const life = fresh().reportLost().at("2025-11-03 12:30").cutOff("theft", "12.00", { card: "card-1" })
    life.issue("card-2").activate("card-2").at("2025-11-04 12:00").arrives("theft")
      .expectReported({ _tag: "SpendAfterLoss", borneBy: "school" }).expectPockets({ frozen: "100.00" })
    expect(life.decision.events.at(-1)).toMatchObject({
      borne: yuan("12.00"),
      transfers: [{ from: "school:after-loss", to: "merchant:canteen-2" }]
    })
    life.at("2025-11-06 12:30").claim().expectPockets({ transit: "100.00" })
  })

  it("D11 where the holder bears it, the claim gives what is left", () => {
    const life = Life.of(borneByHolder, { chip: "100.00" }).at("2025-11-03 12:00").reportLost()
    life.at("2025-11-03 12:30").cutOff("theft", "12.00", { card: "card-1" })
    life.issue("card-2").activate("card-2").arrives("theft")
      .expectReported({ _tag: "SpendAfterLoss", borneBy: "holder" }).expectPockets({ frozen: "88.00" })
    life.at("2025-11-06 12:30").claim().expectPockets({ transit: "88.00" })
  })

  it("D11 D10 where the holder bears it, what is short is a debt", () => {
    const life = Life.of(borneByHolder, { chip: "10.00" }).at("2025-11-03 12:00").reportLost().later(60_000)
    life.record({ card: "card-1", amount: "12.00", purchaseSequence: 1 })
      .expectReported({ _tag: "BalanceChainBroken" }, { _tag: "SpendAfterLoss" }, { _tag: "DebtArisen", debt: "2.00" })
      .expectPockets({ receivable: "2.00" })
  })

  it("I9 after the report no purchase is approved online, whatever the chip holds", () => {
    const life = fresh().reportLost()
    life.pay("card", "1.00", { card: "card-1" }).expectDeclined("CardLost", { reportedAt: "2025-11-03 12:00" })
    life.issue("card-2").activate("card-2").pay("card", "1.00", { card: "card-1" }).expectDeclined("CardSuperseded")
  })
})

describe("late records of a card that was found again (R43, D11)", () => {
  // Lost at 12:00, 12.00 spent by a stranger at 12:30, found at 14:00: 88.00 are on the plastic.
  const cases = [
    ["arrives while it is lost, the school bears it", csmzxy, "before", { chip: "88.00", transit: "12.00" }],
    ["arrives after it was found, the school bears it", csmzxy, "after", { chip: "88.00", transit: "12.00" }],
    ["arrives while it is lost, the holder bears it", borneByHolder, "before", { chip: "88.00" }],
    ["arrives after it was found, the holder bears it", borneByHolder, "after", { chip: "88.00" }]
  ] as const

  it.each(cases)("D11 R43 %s", (_, profile, when, pockets) => {
    const life = Life.of(profile, { chip: "100.00" }).at("2025-11-03 12:00").reportLost()
    life.at("2025-11-03 12:30").cutOff("theft", "12.00", { card: "card-1" })
    if (when === "before") life.at("2025-11-03 13:00").arrives("theft").expectApproved()
    life.at("2025-11-03 14:00").reportFound("card-1").expectApproved()
    if (when === "after") {
      life.at("2025-11-03 15:00").arrives("theft")
        .expectReported({ _tag: "SpendAfterLoss", reportedAt: "2025-11-03 12:00" })
    }
    life.expectPockets(pockets)
    expect(life.pockets().chip).toBe(life.chip("card-1").balance)
  })

  it("D11 what was bought before the loss and after the finding is its holder's", () => {
    const life = fresh().cutOff("before", "1.00").at("2025-11-03 12:10").reportLost()
    life.at("2025-11-03 12:20").cutOff("during", "2.00", { card: "card-1" })
    life.at("2025-11-03 13:00").reportFound("card-1").cutOff("after", "4.00")
    life.at("2025-11-03 14:00").arrives("after").expectReported().arrives("before").expectReported()
    life.arrives("during").expectReported({ _tag: "SpendAfterLoss", amount: "2.00" })
    life.expectPockets({ chip: "93.00", transit: "2.00" })
    expect(life.pockets().chip).toBe(life.chip("card-1").balance)
  })

  it("D11 lost twice: each purchase belongs to the span in which it fell", () => {
    const life = fresh().reportLost().at("2025-11-03 12:10").reportFound("card-1")
    life.at("2025-11-03 12:20").cutOff("between", "1.00").at("2025-11-03 12:30").reportLost()
    life.at("2025-11-03 12:40").cutOff("second", "2.00", { card: "card-1" })
    life.arrives("between").expectReported().expectPockets({ frozen: "99.00" })
    life.arrives("second").expectReported({ _tag: "SpendAfterLoss", reportedAt: "2025-11-03 12:30" })
    life.at("2025-11-03 12:50").reportFound("card-1").expectPockets({ chip: "97.00", transit: "2.00" })
  })
})

describe("D11 the order of arrival does not matter", () => {
  const amounts = fc.array(fc.integer({ min: 1, max: 4_000 }), { minLength: 1, maxLength: 6 })
  const orders = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 6, maxLength: 6 })
  const endings = fc.constantFrom("kept", "lost", "replaced", "lost and found" as const)

  const lived = (
    profile: typeof csmzxy,
    fen: ReadonlyArray<number>,
    written: "written" | "notWritten" | undefined,
    ending: string,
    lossAfter: number
  ) => {
    const life = Life.of(profile, { chip: "200.00" }).at("2025-11-03 11:00")
    if (written !== undefined) life.recharge("ccbApp", "50.00").tear(written)
    for (const [i, amount] of fen.entries()) {
      if (ending !== "kept" && i === lossAfter) life.later(60_000).reportLost()
      life.later(60_000).cutOff(`slip ${i}`, Money.format(Money.of(amount)), { card: "card-1" })
    }
    if (ending !== "kept" && lossAfter >= fen.length) life.later(60_000).reportLost()
    if (ending === "replaced") life.issue("card-2").activate("card-2")
    if (ending === "lost and found") life.later(60_000).reportFound("card-1").expectApproved()
    return life.later(3_600_000)
  }

  it.each([["the school bears", csmzxy], ["the holder bears", borneByHolder]] as const)(
    "D11 records in any order post to the same balances; %s what was spent after the loss",
    (_, profile) => {
      fc.assert(fc.property(
        amounts,
        orders,
        fc.constantFrom("written", "notWritten", undefined),
        endings,
        fc.nat({ max: 6 }),
        (fen, order, written, ending, lossAfter) => {
          const one = lived(profile, fen, written, ending, lossAfter)
          const other = one.fork()
          const slips = fen.map((_, i) => `slip ${i}`)
          for (const slip of slips) one.arrives(slip).expectApproved()
          const mixed = slips.toSorted((a, b) => (order[slips.indexOf(a)] ?? 0) - (order[slips.indexOf(b)] ?? 0))
          for (const slip of mixed) other.arrives(slip).expectApproved()
          expect(other.pockets()).toEqual(one.pockets())
          const sums = (life: Life) =>
            Object.fromEntries(life.state.tallies.cells.map((c) => [c.window, [c.sum, c.count]]))
          expect(sums(other)).toEqual(sums(one))
          // And where the card is still there, the books say what the plastic says.
          if (ending === "kept" || ending === "lost and found") {
            one.settleLoad()
            expect(one.pockets().chip).toBe(one.chip("card-1").balance)
          }
        }
      ))
    }
  )

  it("D16 whatever a record says, it is refused as untrue or posted: one record, one purchase of its amount", () => {
    const slips = fc.record({
      card: fc.constantFrom("card-1", "card-2"),
      amount: fc.integer({ min: 1, max: 100_000 }).map((fen) => Money.format(Money.of(fen))),
      chipBefore: fc.nat({ max: 200_000 }).map(Money.of),
      chipAfter: fc.nat({ max: 200_000 }).map(Money.of),
      purchaseSequence: fc.integer({ min: 1, max: 4 }),
      hoursAgo: fc.integer({ min: 0, max: 7 * 24 })
    })
    fc.assert(fc.property(fc.array(slips, { maxLength: 8 }), (records) => {
      const life = fresh().at("2025-11-12 12:00").replace("card-2").at("2025-11-14 12:00")
      const seen = new Set<string>()
      for (const { hoursAgo, ...slip } of records) {
        const at = CivilTime.later(life.now, -hoursAgo * CivilTime.hour)
        life.record({ ...slip, at: CivilTime.format(at) })
        const key = `${slip.card} ${slip.purchaseSequence}`
        if (slip.card === "card-2" && at < CivilTime.instant("2025-11-12 12:00")) {
          life.expectDeclined("RecordBeforeActivation")
        } else if (seen.has(key)) life.expectDeclined("RecordAlreadyPosted")
        else {
          seen.add(key)
          const posted = life.expectApproved().decision.events.at(-1)
          const merchant = posted?._tag === "OfflinePurchaseRecorded"
            ? posted.transfers.filter(({ to }) => to.startsWith("merchant:"))
            : []
          expect(Money.sum(merchant.map(({ amount }) => amount))).toBe(yuan(slip.amount))
        }
      }
    }))
  })
})
