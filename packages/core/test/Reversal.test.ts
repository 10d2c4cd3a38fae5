import { describe, expect, it } from "vitest"
import { CallerId, CardId, PointId } from "../src/Id.ts"
import { amount } from "../src/Money.ts"
import { csmzxy, Life, school, yuan } from "./support/Life.ts"

const bought = (at = "2025-11-03 12:00") =>
  Life.of(csmzxy, { chip: "100.00" }).at(at).pay("card", "18.00").expectApproved()

describe("a wrong purchase is undone: same day, same meal, same terminal, once (D5)", () => {
  it.each([
    ["2025-11-03 12:00", "2025-11-03 12:01", "canteen-1", "undone"],
    ["2025-11-03 12:00", "2025-11-03 13:29:59.999", "canteen-1", "undone"],
    ["2025-11-03 12:00", "2025-11-03 13:30", "canteen-1", "otherMeal"],
    ["2025-11-03 12:00", "2025-11-03 17:00", "canteen-1", "otherMeal"],
    ["2025-11-03 12:00", "2025-11-04 12:00", "canteen-1", "otherDay"],
    ["2025-11-03 12:00", "2025-11-03 12:01", "canteen-2", "otherPoint"],
    ["2025-11-03 12:00", "2025-11-03 12:01", "shop-1", "otherPoint"],
    ["2025-11-03 23:59", "2025-11-04 00:01", "canteen-1", "otherDay"]
  ])("D5 bought %s, undone %s at %s: %s", (at, then, point, outcome) => {
    const life = bought(at).at(then).reverse({ point })
    if (outcome === "undone") life.expectApproved().expectPockets({ chip: "82.00", transit: "18.00" })
    else life.expectDeclined("NotReversible", { reason: outcome }).expectPockets({ chip: "82.00" })
  })

  it("D5 A18 two nights of one civil day are two meals", () => {
    const night = school({ meals: [{ name: "night", from: 22 * 60, to: 2 * 60 }] })
    const life = Life.of(night, { chip: "100.00" }).at("2025-11-03 00:30").pay("card", "18.00").expectApproved()
    const purchase = life.lastPurchase
    life.fork().at("2025-11-03 01:59").reverse({ purchase }).expectApproved()
    life.at("2025-11-03 22:30").reverse({ purchase }).expectDeclined("NotReversible", { reason: "otherMeal" })
  })

  it("D5 I14 only once, and only what was bought", () => {
    const life = bought()
    const purchase = life.lastPurchase
    life.reverse({ purchase }).expectApproved()
    life.reverse({ purchase }).expectDeclined("NotReversible", { reason: "alreadyReversed", purchase })
    life.reverse({ purchase: "host:cmd-1" }).expectDeclined("NotReversible", { reason: "unknown" })
    life.expectPockets({ chip: "82.00", transit: "18.00" })
  })

  it("I14 nor where the office has given back a part: the terminal does not undo the rest", () => {
    const life = bought()
    const purchase = life.lastPurchase
    life.refund(purchase, "0.01").expectApproved()
    for (const present of [true, false]) {
      life.reverse({ purchase, present }).expectDeclined("NotReversible", { reason: "alreadyReversed", purchase })
    }
    life.expectPockets({ chip: "82.00", transit: "0.01" })
  })

  it("D5 R37 not at a window, a kiosk or in the app", () => {
    for (const point of ["window-3", "kiosk-1", "today-campus", "card-centre"]) {
      bought().reverse({ point }).expectDeclined("ChannelNotAllowed", { procedure: "reversePurchase" })
    }
  })

  it("D11 a fact cannot be undone at a terminal", () => {
    const life = Life.of(csmzxy, { chip: "100.00" }).at("2025-11-03 12:00").record({
      amount: "12.00",
      point: "canteen-1"
    })
    life.reverse().expectDeclined("NotReversible", { reason: "unknown" })
  })

  it("D5 several purchases of a meal can each be undone, until the next day's first", () => {
    const life = bought()
    const first = life.lastPurchase
    const second = life.pay("card", "2.00").lastPurchase
    life.reverse({ purchase: first }).expectApproved()
    life.at("2025-11-03 12:30").reverse({ purchase: second }).expectApproved().expectPockets({
      chip: "80.00",
      transit: "20.00"
    })
  })
})

describe("the money goes back where it came from (D5)", () => {
  it("D5 to the chip while the card is at the terminal", () => {
    bought().reverse({ present: true }).expectApproved().expectPockets({ chip: "100.00" })
  })

  it("D5 else a card payment goes to transit", () => {
    bought().reverse().expectApproved().expectPockets({ chip: "82.00", transit: "18.00" })
  })

  it("D5 a payment by code goes to the pockets that paid", () => {
    const life = Life.of(csmzxy).withWallet("50.00").recharge("ccbApp", "10.00").grantSubsidy("5.00")
    life.at("2025-11-03 12:00").pay("today", "20.00").expectApproved().expectPockets({ wallet: "45.00" })
    life.reverse({ present: true }).expectApproved()
      .expectPockets({ wallet: "50.00", transit: "10.00", subsidy: "5.00" })
    life.pay("ecode", "20.00").expectPockets({ wallet: "35.00", transit: "10.00" })
    life.reverse().expectPockets({ wallet: "50.00", transit: "10.00", subsidy: "5.00" })
  })

  it("D3 D5 an Alipay payment goes back to Alipay, and no pocket is touched", () => {
    const life = Life.of(csmzxy).bindAlipay().at("2025-11-03 12:00").pay("alipay", "20.00", { link: "down" })
    life.reverse().expectApproved().expectPockets({})
    expect(life.decision.events).toMatchObject([
      { transfers: [{ from: "merchant:canteen-1", to: "channel:alipay", amount: 2_000 }] }
    ])
  })
})

describe("what is undone does not count (A5, D17)", () => {
  it("A5 not for the limits", () => {
    const life = bought().pay("card", "12.00").reverse().expectApproved()
    life.pay("card", "12.01").expectDeclined("MealLimitExceeded", { used: "18.00", remaining: "12.00" })
    life.pay("card", "12.00").expectApproved()
  })

  it("D17 not for dormancy: the purchase date before it is restored", () => {
    const life = Life.of(csmzxy, { chip: "100.00" }).at("2025-10-15 12:00").pay("card", "1.00").expectApproved()
    life.at("2025-12-31 12:00").pay("card", "1.00").expectApproved()
    life.fork().at("2026-01-15 12:00").pay("card", "1.00").expectApproved()
    life.reverse({ present: true }).expectApproved()
    life.at("2026-01-14 12:00").fork().pay("card", "1.00").expectApproved()
    life.at("2026-01-15 12:00").pay("card", "1.00").expectDeclined("CardFrozenDormant", { since: "2026-01-15" })
  })

  it("A5 D17 nor does the only purchase: the activation is the baseline again", () => {
    const life = Life.of(csmzxy, { chip: "100.00" }).at("2025-11-30 12:00").pay("card", "1.00").reverse()
    life.at("2025-12-01 12:00").pay("card", "1.00").expectDeclined("CardFrozenDormant", { since: "2025-12-01" })
  })
})

describe("regressions", () => {
  /** 18.00 at canteen-1; then 2.00 at this terminal, under the same name by another caller. */
  const twice = (point: string) => {
    const life = bought()
    const { at, id, receivedAt, subject } = life.envelopes.at(-1) ?? expect.fail("nothing was bought")
    const body = { _tag: "PayByCard", card: CardId.make("card-1"), amount: amount(yuan("2.00")), link: "up" } as const
    life.send({ caller: CallerId.make("other"), id, at, receivedAt, point: PointId.make(point), subject, body })
    return life.expectApproved().expectPockets({ chip: "80.00" })
  }

  it("D5 I14 D18 two terminals call a purchase the same: each undoes its own, and not the other's", () => {
    const life = twice("canteen-2")
    const [first, second] = life.state.recent.map(({ purchase }) => purchase)
    expect([first, second]).toEqual([life.lastPurchase, `other:${life.lastId}`])
    life.fork().reverse({ purchase: first ?? "", point: "canteen-1" }).expectApproved().expectPockets({
      chip: "80.00",
      transit: "18.00"
    })
    life.fork().reverse({ purchase: second ?? "", point: "canteen-2" }).expectApproved().expectPockets({
      chip: "80.00",
      transit: "2.00"
    })
    life.reverse({ purchase: second ?? "", point: "canteen-1" })
      .expectDeclined("NotReversible", { reason: "otherPoint" })
  })

  it("D5 R39 the card was reported lost meanwhile: the money waits in transit, whatever is at the terminal", () => {
    const life = bought()
    const purchase = life.lastPurchase
    life.later(60_000).reportLost().reverse({ purchase, present: true }).expectApproved()
    life.expectPockets({ frozen: "82.00", transit: "18.00" })
  })

  it("D5 D8 a load of unknown outcome is settled before the chip is written: afterwards nothing could prove it", () => {
    for (const really of ["written", "notWritten"] as const) {
      const life = bought()
      const purchase = life.lastPurchase
      life.recharge("ccbApp", "50.00").tear(really).reverse({ purchase, present: true }).expectApproved()
      life.expectEvents("LoadSettled", "PurchaseReversed")
      life.load()
      life.expectPockets({ chip: "150.00" })
      expect(life.chip().balance).toBe(yuan("150.00"))
    }
  })
})
