import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { evolve } from "../src/AccountState.ts"
import type * as Decline from "../src/Decline.ts"
import * as Money from "../src/Money.ts"
import { csmzxy, Life, school, type Shown, yuan } from "./support/Life.ts"
import { lived, meals, stories } from "./support/lives.ts"

/** Money everywhere, Alipay bound, Monday noon. */
const rich = (profile = csmzxy) =>
  Life.of(profile, { chip: "200.00" }).withWallet("200.00").bindAlipay().recharge("ccbApp", "200.00")
    .at("2025-11-03 12:00")

describe("what is accepted where (R58-R61, R7)", () => {
  const ok = "Approved"
  const offline = "NotAcceptedOffline"
  const here = "MediumNotAcceptedHere"
  const rows: ReadonlyArray<readonly [Shown, string, string, string, string]> = [
    // medium, canteen up, canteen down, shop up, shop down
    ["card", ok, ok, ok, ok],
    ["today", ok, offline, ok, offline],
    ["ecode", ok, offline, ok, offline],
    ["identity", "WrongCodeKind", "WrongCodeKind", "WrongCodeKind", "WrongCodeKind"],
    ["alipay", "AlipayOnlyWhenTerminalOffline", ok, here, here],
    ["keyRing", here, here, here, here]
  ]
  const cells = rows.flatMap(([shown, ...answers]) =>
    (["canteen-1 up", "canteen-1 down", "shop-1 up", "shop-1 down"] as const).map((where, i) =>
      [shown, where, answers[i] ?? ""] as const
    )
  )

  it.each(cells)("R58 R59 R60 R61 %s at %s: %s", (shown, where, answer) => {
    const [point = "", link = "up"] = where.split(" ")
    const life = rich().pay(shown, "10.00", { point, link: link === "up" ? "up" : "down" })
    if (answer === ok) life.expectApproved()
    else life.expectDeclined(answer as Decline.Decline["_tag"])
  })

  it.each(["kiosk-1", "window-3", "window-ccb", "today-campus", "card-centre"])(
    "R1 nothing is bought at %s",
    (point) => {
      for (const shown of ["card", "today", "ecode", "alipay"] as const) {
        for (const link of ["up", "down"] as const) {
          rich().pay(shown, "10.00", { point, link }).expectDeclined("MediumNotAcceptedHere")
        }
      }
    }
  )

  it.each(["student", "staff"] as const)(
    "R2 a %s pays by four media, Alipay only where the canteen is cut off",
    (kind) => {
      const life = Life.unborn(csmzxy).open(kind).issue("card-1").activate("card-1").bindAlipay().withWallet("20.00")
      life.recharge("ccbApp", "10.00").load().recharge("todayCampus", "10.00").at("2025-09-01 12:00")
      for (const shown of ["card", "today", "ecode"] as const) life.pay(shown, "1.00").expectApproved()
      life.pay("alipay", "1.00", { link: "down" }).expectApproved()
      life.expectPockets({ chip: "9.00", transit: "9.00", wallet: "19.00" })
    }
  )

  it("R6 an Alipay user who has not bound the campus card cannot pay", () => {
    Life.of(csmzxy).pay("alipay", "10.00", { link: "down" }).expectDeclined("AlipayNotBound")
  })

  it("A25 another edition drops Alipay: the table is data, not code", () => {
    const edition = school({
      acceptance: csmzxy.acceptance.map((row) => ({ ...row, media: row.media.filter((m) => m !== "alipayCode") }))
    })
    rich(edition).pay("alipay", "10.00", { link: "down" }).expectDeclined("MediumNotAcceptedHere")
  })
})

describe("which pocket pays (D1, D3, D6)", () => {
  it.each(
    [
      ["card", "R3", { chip: "190.00", transit: "200.00", wallet: "200.00" }],
      ["today", "R4", { chip: "200.00", transit: "190.00", wallet: "200.00" }],
      ["ecode", "R5", { chip: "200.00", transit: "200.00", wallet: "190.00" }]
    ] as const
  )("D1 %s (%s)", (shown, _, pockets) => {
    rich().pay(shown, "10.00").expectApproved().expectPockets(pockets)
  })

  it("D3 R7 Alipay at a cut-off canteen touches no pocket, needs no money, and counts for the day", () => {
    const life = Life.of(csmzxy).bindAlipay().at("2025-11-03 12:00").pay("alipay", "45.00", { link: "down" })
    life.expectApproved().expectPockets({}).expectRemaining({ day: "5.00" })
    life.pay("alipay", "5.01", { link: "down" }).expectDeclined("DailyLimitExceeded", { remaining: "5.00" })
  })

  it("D1 a Today Campus code pays from transit, then from the wallet if one is open; never from the chip", () => {
    const life = Life.of(csmzxy, { chip: "100.00" }).recharge("todayCampus", "10.00").at("2025-11-03 12:00")
    life.pay("today", "15.00").expectDeclined("InsufficientWallet", {
      amount: "15.00",
      available: "10.00",
      elsewhere: { chip: "100.00", transit: "10.00", wallet: "0.00", held: "0.00", subsidy: "0.00" }
    })
    life.withWallet("20.00").pay("today", "15.00").expectApproved().expectPockets({ chip: "100.00", wallet: "15.00" })
  })

  it("D1 an e码通 code pays from the wallet only", () => {
    const life = Life.of(csmzxy, { chip: "100.00" }).recharge("todayCampus", "10.00").at("2025-11-03 12:00")
    life.pay("ecode", "5.00").expectDeclined("InsufficientWallet", {
      available: "0.00",
      elsewhere: { transit: "10.00" }
    })
  })

  it("D1 what was paid in is told where it is: tap at a canteen terminal", () => {
    Life.of(csmzxy, { chip: "23.00" }).recharge("ccbApp", "50.00").at("2025-11-03 12:00").pay("card", "25.00")
      .expectDeclined("InsufficientChipPurse", {
        amount: "25.00",
        chip: "23.00",
        elsewhere: { chip: "23.00", transit: "50.00" }
      })
  })

  it.each(
    [
      ["subsidyFirst", { subsidy: "0.00", wallet: "18.00" }],
      ["subsidyLast", { subsidy: "8.00", wallet: "10.00" }]
    ] as const
  )("D6 %s: a code spends 10.00 of 8.00 subsidy and 20.00 wallet", (spendOrder, left) => {
    const life = Life.of(school({ spendOrder })).withWallet("20.00").grantSubsidy("8.00").at("2025-11-03 12:00")
    life.pay("ecode", "10.00").expectApproved()
    expect(life.pockets()).toMatchObject(
      Object.fromEntries(Object.entries(left).map(([name, text]) => [name, yuan(text)]))
    )
  })

  it("D6 all of both is spent before a code is refused", () => {
    const life = Life.of(csmzxy).withWallet("12.00").grantSubsidy("8.00").at("2025-11-03 12:00")
    life.pay("ecode", "20.01").expectDeclined("InsufficientWallet", { available: "20.00" })
    life.pay("ecode", "20.00").expectApproved().expectPockets({})
  })

  it("D12 offline purchases that have not arrived are gone from the chip: the reading bounds what it pays", () => {
    const life = Life.of(csmzxy, { chip: "20.00" }).at("2025-11-03 12:00").cutOff("lunch", "15.00")
    life.pay("card", "6.00").expectDeclined("InsufficientChipPurse", { chip: "5.00", elsewhere: { chip: "20.00" } })
    life.pay("card", "5.00").expectApproved().expectPockets({ chip: "15.00" })
    life.arrives("lunch").expectReported().expectPockets({})
  })

  it("D1 a chip that claims more than the books pays no more than the books", () => {
    const chip = { balance: yuan("99.00"), loadSequence: 1, purchaseSequence: 0 }
    Life.of(csmzxy, { chip: "20.00" }).at("2025-11-03 12:00").pay("card", "25.00", { chip })
      .expectDeclined("InsufficientChipPurse", { chip: "20.00" })
  })
})

describe("餐限 30, 日限 50 (R49, R50, A7, A18)", () => {
  it("R49 30.00 passes, 30.01 does not", () => {
    rich().pay("card", "30.01").expectDeclined("MealLimitExceeded", {
      amount: "30.01",
      used: "0.00",
      remaining: "30.00"
    })
    rich().pay("card", "30.00").expectApproved()
  })

  it("R49 20 and 30 pass, then not 0.01", () => {
    const life = rich().at("2025-11-03 07:00").pay("card", "20.00").at("2025-11-03 12:00").pay("card", "30.00")
    life.expectApproved().at("2025-11-03 17:00").pay("card", "0.01").expectDeclined("DailyLimitExceeded", {
      remaining: 0
    })
  })

  it("R50 D14 the tighter one is named, with what is left; on a tie the day's", () => {
    const life = rich().at("2025-11-03 07:00").pay("card", "25.00").at("2025-11-03 12:00")
    life.fork().pay("card", "25.01").expectDeclined("DailyLimitExceeded", { used: "25.00", remaining: "25.00" })
    life.pay("card", "5.00").expectApproved()
    // Left: 25.00 of the meal, 20.00 of the day.
    life.fork().pay("card", "20.01").expectDeclined("DailyLimitExceeded", { remaining: "20.00" })
    // 20.00 of each: the day's.
    const tie = rich().at("2025-11-03 07:00").pay("card", "20.00").at("2025-11-03 12:00").pay("card", "10.00")
    tie.pay("card", "20.01").expectDeclined("DailyLimitExceeded", { remaining: "20.00" })
    // 5.00 of the meal, 10.00 of the day: the meal's.
    const meal = rich().at("2025-11-03 07:00").pay("card", "15.00").at("2025-11-03 12:00").pay("card", "25.00")
    meal.pay("card", "10.01").expectDeclined("MealLimitExceeded", { remaining: "5.00", window: "lunch" })
  })

  it("A7 all media of the account together; the meal only at canteens, the day also at shops", () => {
    const life = rich().pay("card", "10.00").pay("today", "10.00").pay("ecode", "10.00").expectApproved()
    life.pay("card", "0.01").expectDeclined("MealLimitExceeded", { used: "30.00" })
    life.pay("card", "20.00", { point: "shop-1" }).expectRemaining({ day: "0.00" })
    life.pay("ecode", "0.01", { point: "shop-1" }).expectDeclined("DailyLimitExceeded", { used: "50.00" })
  })

  it("A7 a shop knows no meal", () => {
    rich().pay("card", "50.00", { point: "shop-1" }).expectApproved()
  })

  it.each([
    ["2025-11-03 09:29:59.999", "breakfast"],
    ["2025-11-03 09:30", "other"],
    ["2025-11-03 10:30", "lunch"],
    ["2025-11-03 13:30", "other"],
    ["2025-11-03 16:29", "other"],
    ["2025-11-03 16:30", "dinner"],
    ["2025-11-03 19:30", "other"],
    ["2025-11-03 23:59", "other"]
  ])("A18 at %s it is %s", (at, window) => {
    rich().at(at).pay("card", "30.01").expectDeclined("MealLimitExceeded", { window })
  })

  it("A18 all the rest of a day is one meal; midnight begins another day", () => {
    const life = rich().at("2025-11-03 10:00").pay("card", "20.00").at("2025-11-03 14:00").pay("card", "10.00")
    life.at("2025-11-03 22:00").pay("card", "0.01").expectDeclined("MealLimitExceeded", { used: "30.00" })
    life.at("2025-11-04 00:00").pay("card", "30.00").expectApproved()
  })

  it("A18 a night meal that crosses midnight is one meal, but two days", () => {
    const night = school({ meals: [{ name: "night", from: 22 * 60, to: 2 * 60 }] })
    const life = rich(night).at("2025-11-03 23:00").pay("card", "20.00").at("2025-11-04 01:00")
    life.pay("card", "10.01").expectDeclined("MealLimitExceeded", { used: "20.00", window: "night" })
    life.pay("card", "10.00").expectApproved().at("2025-11-04 12:00").pay("card", "30.00").expectApproved()
    // 10.00 of the night and 30.00 of noon are of the 4th.
    life.at("2025-11-04 22:30").pay("card", "10.01").expectDeclined("DailyLimitExceeded", { used: "40.00" })
  })

  it("A7 other limits: per payment and by count", () => {
    const limited = school({
      limits: [
        { name: "single", per: "payment", measure: "sum", hard: 1_500, scope: {} },
        { name: "times", per: "day", measure: "count", hard: 2, scope: {} }
      ]
    })
    const life = rich(limited).pay("card", "15.01")
      .expectDeclined("PaymentLimitExceeded", { limit: "single", used: 0, remaining: "15.00" })
    life.pay("card", "15.00").expectApproved().pay("card", "15.00").expectApproved()
    life.pay("card", "0.01").expectDeclined("CountLimitExceeded", { limit: "times", used: 2, remaining: 0 })
    life.pay("card", "99.00").expectDeclined("PaymentLimitExceeded")
    life.at("2025-11-04 12:00").pay("card", "15.00").expectApproved()
  })
})

describe("the password tier, where a school sets one (A7, D15, D18)", () => {
  const soft = school({
    limits: [
      { name: "meal", per: "meal", measure: "sum", password: 3_000, hard: 6_000, scope: { categories: ["canteen"] } },
      { name: "day", per: "day", measure: "sum", password: 5_000, scope: {} }
    ]
  })

  it("A7 above the tier the password is asked for; with it the purchase passes, and the first stays declined (D18)", () => {
    const life = rich(soft).pay("card", "30.01")
      .expectDeclined("PasswordRequired", { amount: "30.01", limit: "meal", tier: "password", remaining: "30.00" })
    const first = life.lastId
    life.pay("card", "30.01", { password: "right", retryOf: first }).expectApproved()
    expect(life.lastId).not.toBe(first)
  })

  it("A7 the hard tier holds with the password too", () => {
    rich(soft).pay("card", "60.01", { password: "right" }).expectDeclined("MealLimitExceeded", { tier: "hard" })
    rich(soft).pay("card", "60.00", { password: "right" }).expectApproved()
  })

  it("A7 where no password can be typed, the tier acts as a hard one", () => {
    rich(soft).pay("card", "30.01", { point: "canteen-3" })
      .expectDeclined("MealLimitExceeded", { tier: "password", threshold: "30.00" })
  })

  it("D15 wrong, stale, locked", () => {
    const life = rich(soft).pay("card", "31.00", { password: "wrong" }).expectDeclined("PasswordWrong", { left: 4 })
    life.pay("card", "31.00", { password: "stale" }).expectDeclined("PasswordStale")
    for (const left of [3, 2, 1, 0]) {
      life.pay("card", "31.00", { password: "wrong" }).expectDeclined("PasswordWrong", { left })
    }
    life.pay("card", "31.00", { password: "right" }).expectDeclined("PasswordLocked")
    life.pay("card", "10.00").expectApproved()
  })

  it("A12 a password that must be changed does not pay", () => {
    const life = rich(soft).resetPassword().pay("card", "31.00", { password: "right" })
    life.expectDeclined("PasswordMustChange").changePassword().pay("card", "31.00", { password: "right" })
      .expectApproved()
  })
})

describe("the order of looking: acceptance, card, limits, password, money (D14)", () => {
  // Each purchase has all that is wrong from its line on; the first of them is told.
  it.each(
    [
      ["acceptance", "today", { link: "down", password: "wrong" }, "lost", "NotAcceptedOffline"],
      ["card", "card", { password: "wrong" }, "lost", "CardLost"],
      ["limits", "card", { password: "wrong" }, "active", "MealLimitExceeded"]
    ] as const
  )("D14 %s first", (_, shown, how, standing, decline) => {
    const life = Life.of(csmzxy).at("2025-11-03 12:00")
    if (standing === "lost") life.reportLost()
    life.pay(shown, "30.01", how).expectDeclined(decline)
  })

  it("D14 the password before the money, and money last", () => {
    const life = Life.of(csmzxy).at("2025-11-03 12:00").pay("card", "10.00", { password: "wrong" })
    life.expectDeclined("PasswordWrong").pay("card", "10.00").expectDeclined("InsufficientChipPurse")
  })

  it("D14 a wrong try counts only where all before it was in order", () => {
    const life = Life.of(csmzxy, { chip: "100.00" }).at("2025-11-03 12:00")
    life.pay("card", "30.01", { password: "wrong" }).expectDeclined("MealLimitExceeded")
    life.pay("today", "1.00", { link: "down", password: "wrong" }).expectDeclined("NotAcceptedOffline")
    life.pay("card", "1.00", { card: "card-9", password: "wrong" }).expectDeclined("UnknownCard")
    life.pay("card", "1.00", { password: "stale" }).expectDeclined("PasswordStale")
    expect(life.state.password.tries).toEqual({})
    life.pay("card", "1.00", { password: "wrong" }).expectDeclined("PasswordWrong", { left: 4 })
    expect(life.state.password.tries.till?.wrong).toBe(1)
    life.pay("card", "1.00", { password: "right" }).expectEvents("PasswordTried", "Purchased")
    expect(life.state.password.tries).toEqual({})
  })
})

describe("in any life", () => {
  const tries = fc.constantFrom("right", "wrong", "stale", undefined)
  const attempts = fc.record({
    shown: fc.constantFrom("card", "today", "ecode", "identity", "alipay", "keyRing" as const),
    amount: meals,
    point: fc.constantFrom("canteen-1", "canteen-3", "shop-1", "kiosk-1", "window-3"),
    link: fc.constantFrom("up", "down" as const),
    password: tries
  })

  it("I17 a medium that is not accepted gives the equal answer, whatever money, cards and limits say", () => {
    fc.assert(fc.property(stories(20), attempts, (story, { amount, password, shown, ...where }) => {
      const how = password === undefined ? where : { ...where, password }
      const poor = Life.of(csmzxy).atInstant(lived(csmzxy, []).now).pay(shown, amount, how)
      const life = lived(csmzxy, story)
      life.atInstant(life.now).pay(shown, amount, how)
      const [one, other] = [poor.decision, life.decision]
      const acceptance = new Set([
        "MediumNotAcceptedHere",
        "AlipayOnlyWhenTerminalOffline",
        "NotAcceptedOffline",
        "WrongCodeKind"
      ])
      const told = one._tag === "Declined" && acceptance.has(one.decline._tag)
      const tells = other._tag === "Declined" && acceptance.has(other.decline._tag)
      expect(tells).toBe(told)
      if (one._tag === "Declined" && other._tag === "Declined" && told) expect(other.decline).toEqual(one.decline)
    }))
  })

  it("I17 a card that may not pay gives the equal answer, whatever money it has", () => {
    const standings: ReadonlyArray<(life: Life) => Life> = [
      (life) => life.reportLost(),
      (life) => life.replace("card-2"),
      (life) => life.at("2026-06-01 12:00")
    ]
    fc.assert(fc.property(fc.constantFrom(...standings), fc.nat({ max: 1_000 }), meals, (standing, full, amount) => {
      const chip = Money.format(Money.of(full * 100))
      const answers = ["0.00", chip].map((chip) =>
        standing(Life.of(csmzxy, { chip }).at("2025-11-03 12:00")).pay("card", amount, { card: "card-1" }).decision
      )
      expect(answers.map((answer) => answer._tag === "Declined" && answer.decline)).toEqual(
        answers.map(() => answers[0]?._tag === "Declined" && answers[0].decline)
      )
      expect(answers[0]?._tag).toBe("Declined")
    }))
  })

  it("I8 no online purchase passes a hard limit, whatever has happened offline", () => {
    fc.assert(fc.property(stories(40), (story) => {
      const life = lived(csmzxy, story)
      let account: Life["state"] | undefined
      for (const event of life.events) {
        const before = account
        account = evolve(account, event)
        if (event._tag !== "Purchased" || before === undefined) continue
        const { category, day, mealDay, medium, window } = event.cell
        const cells = account.tallies.cells
        const ofDay = cells.filter((cell) => cell.day === day)
        expect(ofDay.reduce((sum, cell) => sum + cell.sum, 0)).toBeLessThanOrEqual(5_000)
        if (category !== "canteen" || medium === "alipayCode") continue
        const ofMeal = cells.filter((cell) =>
          cell.mealDay === mealDay && cell.window === window && cell.category === "canteen" &&
          cell.medium !== "alipayCode"
        )
        expect(ofMeal.reduce((sum, cell) => sum + cell.sum, 0)).toBeLessThanOrEqual(3_000)
      }
    }))
  })

  it("R73 D22 every answer names the profile that decided, and what is left after a purchase is what may be bought", () => {
    fc.assert(fc.property(stories(20), (story) => {
      const life = lived(csmzxy, story).at("2026-12-01 12:00").extend()
      expect(life.decision.profile).toBe("csmzxy-1")
      life.recharge("ecode", "100.00").pay("ecode", "1.00")
      const { decision } = life
      if (decision._tag === "Declined") return
      const least = Math.min(...decision.remaining.map(({ remaining }) => remaining))
      if (least === 0 || least > life.pockets().wallet + life.pockets().subsidy) return
      expect(life.fork().pay("ecode", Money.format(Money.of(least))).decision._tag).toBe("Approved")
      expect(life.pay("ecode", Money.format(Money.of(least + 1))).decision._tag).toBe("Declined")
    }))
  })
})
