import { describe, expect, it } from "vitest"
import { csmzxy, Life, yuan } from "./support/Life.ts"

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

describe("a purchase says what it was (D22)", () => {
  it("D22 who sold what, where, by which medium, over which link, with which card", () => {
    const life = Life.of(csmzxy, { chip: "20.00" }).at("2025-11-03 12:00").pay("card", "12.50", { point: "canteen-3" })
    expect(life.decision.events).toEqual([{
      _tag: "Purchased",
      at: life.now,
      purchase: life.lastId,
      point: "canteen-3",
      merchant: "canteen-2",
      medium: "physicalCard",
      amount: yuan("12.50"),
      cell: { day: 20_395, window: "lunch", mealDay: 20_395, category: "canteen", medium: "physicalCard" },
      link: "up",
      transfers: [{ from: "chip", to: "merchant:canteen-2", amount: 1_250 }],
      card: "card-1"
    }])
  })

  it("D1 a code names no card", () => {
    const life = Life.of(csmzxy).withWallet("20.00").at("2025-11-03 12:00").pay("ecode", "1.00").expectApproved()
    expect(life.decision.events[0]).not.toHaveProperty("card")
  })
})
