import { Schema } from "effect"
import { describe, expect, it } from "vitest"
import * as Chip from "../src/Chip.ts"
import { csmzxy, Life, school, yuan } from "./support/Life.ts"

const torn = (really: "written" | "notWritten") =>
  Life.of(csmzxy, { chip: "20.00" }).at("2025-11-03 12:00").recharge("ccbApp", "50.00").tear(really)

describe("whatever a tap is for, what the chip says first settles a load (D8)", () => {
  it.each(
    [
      ["to pay", "written", (life: Life) => life.pay("card", "1.00"), ["LoadSettled", "Purchased"]],
      ["to pay", "notWritten", (life: Life) => life.pay("card", "1.00"), ["LoadSettled", "Purchased"]],
      ["to load", "written", (life: Life) => life.beginLoad(), ["LoadSettled"]],
      ["to load", "notWritten", (life: Life) => life.beginLoad(), ["LoadSettled", "LoadBegun"]],
      [
        "to pay by a terminal that reads nothing",
        "written",
        (life: Life) => life.pay("card", "1.00", { chip: "unread" }),
        [
          "Purchased"
        ]
      ],
      ["to pay by code", "written", (life: Life) => life.grantSubsidy("5.00").pay("ecode", "1.00"), ["Purchased"]]
    ] as const
  )("D8 a tap %s, in truth %s", (_, really, tap, events) => {
    tap(torn(really)).expectApproved().expectEvents(...events)
  })

  it("D8 a full chip: the tap settles, though nothing more fits", () => {
    const life = Life.of(csmzxy, { chip: "950.00" }).recharge("ccbApp", "200.00").tear("written").beginLoad()
    life.expectApproved().expectEvents("LoadSettled").expectPockets({ chip: "1000.00", transit: "150.00" })
    life.beginLoad().expectDeclined("PurseCeiling", { waiting: "150.00" })
  })

  it("D13 a purchase that is refused after all settles nothing", () => {
    for (const really of ["written", "notWritten"] as const) {
      torn(really).pay("card", "30.01").expectDeclined("MealLimitExceeded").expectPockets({
        chip: "20.00",
        held: "50.00"
      })
    }
    torn("notWritten").pay("card", "21.00").expectDeclined("InsufficientChipPurse", { chip: "20.00" })
      .expectPockets({ chip: "20.00", held: "50.00" })
  })

  it("D8 D13 a wrong password settles nothing, and is counted", () => {
    const life = torn("written").pay("card", "5.00", { password: "wrong" }).expectDeclined("PasswordWrong")
    life.expectPockets({ chip: "20.00", held: "50.00" })
    expect(life.state.password.tries.till?.wrong).toBe(1)
  })

  it("D1 a refusal tells of what is still held", () => {
    torn("written").pay("card", "25.00", { chip: "unread" })
      .expectDeclined("InsufficientChipPurse", { chip: "20.00", elsewhere: { held: "50.00" } })
  })
})

describe("the same tap twice, by mistake", () => {
  /** A school where one card pays again at one terminal a minute later at the earliest. */
  const careful = school({ repeatTapWithin: 60_000 })
  const paid = (profile = careful) =>
    Life.of(profile, { chip: "100.00" }).at("2025-11-03 12:00").pay("card", "5.00").expectApproved()

  it.each([
    ["2025-11-03 12:00", "refused"],
    ["2025-11-03 12:00:59.999", "refused"],
    ["2025-11-03 12:01", "paid"],
    ["2025-11-03 18:00", "paid"]
  ])("R73 D13 paid at 12:00, again at %s: %s", (at, outcome) => {
    const life = paid().at(at).pay("card", "5.00")
    if (outcome === "paid") life.expectApproved().expectPockets({ chip: "90.00" })
    else life.expectDeclined("RepeatTap", { waitUntil: "2025-11-03 12:01" }).expectPockets({ chip: "95.00" })
  })

  it("R73 whatever the amount; and a refused tap does not make the wait longer", () => {
    const life = paid().later(30_000).pay("card", "7.00").expectDeclined("RepeatTap")
    life.later(29_999).pay("card", "7.00").expectDeclined("RepeatTap", { waitUntil: "2025-11-03 12:01" })
    life.later(1).pay("card", "7.00").expectApproved().pay("card", "7.00")
      .expectDeclined("RepeatTap", { waitUntil: "2025-11-03 12:02" })
  })

  it.each<readonly [string, (life: Life) => Life]>([
    ["at another terminal", (life) => life.pay("card", "5.00", { point: "canteen-2" })],
    ["at the shop", (life) => life.pay("card", "5.00", { point: "shop-1" })],
    ["by code", (life) => life.grantSubsidy("5.00").pay("ecode", "5.00")],
    ["with a new card", (life) => life.replace("card-2").recharge("ccbApp", "5.00").load().pay("card", "5.00")]
  ])("it is none %s", (_, pay) => {
    pay(paid().later(1_000)).expectApproved()
  })

  it("D5 it is none after a reversal, nor after a refund", () => {
    const life = paid()
    const purchase = life.lastPurchase
    life.fork().later(1_000).reverse({ purchase, present: true }).pay("card", "5.00").expectApproved()
    life.later(1_000).refund(purchase, "5.00").pay("card", "5.00").expectApproved()
  })

  it("D5 after a reversal the next tap counts again", () => {
    const life = paid().later(10_000).reverse({ present: true }).later(10_000).pay("card", "5.00").expectApproved()
    life.later(10_000).pay("card", "5.00").expectDeclined("RepeatTap", { waitUntil: "2025-11-03 12:01:20" })
  })

  it("it is one across midnight as well", () => {
    const life = Life.of(careful, { chip: "100.00" }).at("2025-11-03 23:59:30").pay("card", "5.00").expectApproved()
    life.at("2025-11-04 00:00:29").pay("card", "5.00").expectDeclined("RepeatTap", { waitUntil: "2025-11-04 00:00:30" })
    life.at("2025-11-04 00:00:30").pay("card", "5.00").expectApproved()
  })

  it("it is none where the host's clock was ahead, and came back", () => {
    paid().at("2025-11-03 11:30").pay("card", "5.00").expectApproved()
  })

  it("D14 it is looked at last: whoever could not pay anyway is told why", () => {
    paid().pay("card", "30.00").expectDeclined("MealLimitExceeded")
    Life.of(careful, { chip: "6.00" }).at("2025-11-03 12:00").pay("card", "5.00").pay("card", "5.00")
      .expectDeclined("InsufficientChipPurse")
  })

  it("D8 D13 a tap that is refused settles no load", () => {
    const life = paid().recharge("ccbApp", "50.00").tear("written").pay("card", "5.00").expectDeclined("RepeatTap")
    life.expectPockets({ chip: "95.00", held: "50.00" })
  })

  it("in the preset nobody waits: two for a friend are two", () => {
    expect(csmzxy.repeatTapWithin).toBe(0)
    paid(csmzxy).pay("card", "5.00").expectApproved().pay("card", "5.00").expectApproved()
      .expectPockets({ chip: "85.00" })
  })
})

describe("a purchase says what it was (D22)", () => {
  it("D22 who sold what, where, by which medium, over which link, with which card", () => {
    const life = Life.of(csmzxy, { chip: "20.00" }).at("2025-11-03 12:00").pay("card", "12.50", { point: "canteen-3" })
    expect(life.decision.events).toEqual([{
      _tag: "Purchased",
      at: life.now,
      purchase: life.lastPurchase,
      point: "canteen-3",
      merchant: "canteen-2",
      medium: "physicalCard",
      amount: yuan("12.50"),
      cell: { day: 20_395, window: "lunch", mealDay: 20_395, category: "canteen", medium: "physicalCard" },
      link: "up",
      transfers: [{ from: "chip", to: "merchant:canteen-2", amount: 1_250 }],
      card: "card-1",
      chip: { balance: yuan("20.00"), loadSequence: 1, purchaseSequence: 0 }
    }])
  })

  it("D1 a code names no card", () => {
    const life = Life.of(csmzxy).withWallet("20.00").at("2025-11-03 12:00").pay("ecode", "1.00").expectApproved()
    expect(life.decision.events[0]).not.toHaveProperty("card")
  })
})

describe("the counters of a chip (D12, D11)", () => {
  it.each([
    [0, true],
    [0xffff_fffe, true],
    [0xffff_ffff, false],
    [-1, false],
    [0.5, false]
  ])("D11 %d is one: %s; all ones is what a chip says that counts nothing", (counter, is) => {
    const reading = { balance: 0, loadSequence: 0, purchaseSequence: 0 }
    expect(Schema.is(Chip.Reading)({ ...reading, purchaseSequence: counter })).toBe(is)
    expect(Schema.is(Chip.Reading)({ ...reading, loadSequence: counter })).toBe(is)
  })
})
