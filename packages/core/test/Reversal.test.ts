import { describe, expect, it } from "vitest"
import { formatDay } from "../src/CivilTime.ts"
import { CallerId, CardId, PointId } from "../src/Id.ts"
import { amount, format, minus, plus } from "../src/Money.ts"
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
      life.reverse({ purchase, present }).expectDeclined("NotReversible", { reason: "partlyReturned", purchase })
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

describe("the chip counts what it pays: a debit that never reached it is put right in the books alone (D5, R28)", () => {
  /** 18.00 is approved, and the card is pulled away before the terminal debits it. */
  const pulled = () => {
    const life = Life.of(csmzxy, { chip: "100.00" }).at("2025-11-03 12:00")
    const before = life.chip()
    life.pay("card", "18.00").expectApproved().chips.set("card-1", before)
    return life
  }

  it("D5 the number has not moved: back on the chip, and nothing is written", () => {
    const life = pulled().expectPockets({ chip: "82.00" })
    life.reverse({ present: true }).expectApproved().expectEvents("PurchaseReversed").expectPockets({ chip: "100.00" })
    expect(life.decision.events).toMatchObject([{
      transfers: [{ from: "merchant:canteen-1", to: "chip", amount: 1_800 }],
      undebited: { card: "card-1", before: { purchaseSequence: 0 } }
    }])
    expect(life.decision.events[0]).not.toHaveProperty("load")
    expect(life.chip().balance).toBe(life.pockets().chip)
    life.expectCard("card-1", "Active")
  })

  it.each<[string, string, (life: Life) => Life, boolean, string | undefined]>([
    // When, what the card has done since, whether the terminal has asked it, and what is answered without the card.
    ["in the same meal", "2025-11-03 13:29", (life) => life, false, undefined],
    ["in the next meal", "2025-11-03 17:00", (life) => life, false, "otherMeal"],
    ["the next day, in the same meal", "2025-11-04 12:00", (life) => life, false, "otherDay"],
    ["in another month", "2025-12-15 12:00", (life) => life, false, "otherDay"],
    ["the same day, paid by code since", "2025-11-03 17:00", (life) => life.pay("today", "1.00"), false, "otherMeal"],
    ["the next day, paid by code since", "2025-11-04 12:00", (life) => life.pay("today", "1.00"), false, "unknown"],
    ["in another month, paid by code since", "2025-12-15 12:00", (life) => life.pay("today", "1.00"), false, "unknown"],
    [
      "in the next meal, paid by the card since",
      "2025-11-03 17:00",
      (life) => life.pay("card", "5.00"),
      true,
      "otherMeal"
    ],
    ["the next day, paid by the card since", "2025-11-04 12:00", (life) => life.pay("card", "5.00"), true, "unknown"],
    [
      "in another month, paid by the card since",
      "2025-12-15 12:00",
      (life) => life.pay("card", "5.00").pay("card", "6.00"),
      true,
      "unknown"
    ]
  ])(
    "D5 R28 shown by the card to be unpaid, it is undone %s; without the card it is not",
    (_, at, since, unpaid, reason) => {
      const life = since(pulled().recharge("ccbApp", "1.00").at(at)).expectApproved()
      const purchase = life.events.flatMap((event) => event._tag === "Purchased" ? [event.purchase] : [])[0] ?? ""
      const { transit, wallet } = life.pockets()
      const without = life.fork().reverse({ purchase, unpaid })
      if (reason === undefined) without.expectApproved()
      else without.expectDeclined("NotReversible", { reason })
      life.reverse({ purchase, present: true, unpaid }).expectApproved().expectEvents("PurchaseReversed")
      expect(life.decision.events).toMatchObject([{ undebited: { card: "card-1" } }])
      expect(life.decision.events[0]).not.toHaveProperty("load")
      expect(life.pockets()).toMatchObject({ chip: life.chip().balance, transit, wallet, held: 0, receivable: 0 })
      life.reverse({ purchase, present: true, unpaid }).expectDeclined("NotReversible", { reason: "alreadyReversed" })
    }
  )

  it.each([
    ["2025-11-03 17:00", "otherMeal"],
    ["2025-11-04 12:00", "otherDay"],
    ["2025-12-15 12:00", "otherDay"]
  ])("D5 a chip that may have paid proves nothing: at %s the refusal stays, though the card is there", (at, reason) => {
    for (const since of [(life: Life) => life, (life: Life) => life.pay("card", "5.00")]) {
      const life = bought()
      const purchase = life.lastPurchase
      since(life.at(at)).expectApproved()
      life.reverse({ purchase, present: true }).expectDeclined("NotReversible", { reason })
      expect(life.chip().balance).toBe(life.pockets().chip)
    }
  })

  it("D5 the terminal's word that it never asked counts where neither card nor books can tell, on any day", () => {
    for (const at of ["2025-11-03 12:20", "2025-11-03 17:00", "2025-11-04 12:00"]) {
      // It has paid as much elsewhere since, which no record has told yet: neither its reading nor the books can tell.
      const life = Life.of(csmzxy, { chip: "100.00" }).at("2025-11-03 12:00")
      const { balance, loadSequence, purchaseSequence } = life.chip()
      life.pay("card", "10.00").expectApproved()
      const after = { balance: minus(balance, amount(1_000)), loadSequence, purchaseSequence: purchaseSequence + 1 }
      life.chips.set("card-1", after)
      const purchase = life.lastPurchase
      life.at(at).reverse({ purchase, present: true, unasked: true }).expectApproved().expectPockets({ chip: "100.00" })
    }
  })

  it("D5 what the chip said before the purchase shows nothing of it, whoever tells it afterwards", () => {
    const life = Life.of(csmzxy, { chip: "100.00" }).at("2025-11-03 12:00")
    const before = life.chip()
    life.pay("card", "18.00").expectApproved().chips.set("card-1", before)
    life.at("2025-11-03 12:00:30").reverse({ present: true, made: "2025-11-03 11:59:50", torn: true }).expectApproved()
    expect(life.events.find(({ _tag }) => _tag === "PurchaseReversed")).not.toHaveProperty("undebited")
  })

  it("D5 nor does another card, nor its own at another terminal", () => {
    const life = pulled().at("2025-11-04 12:00")
    const purchase = life.lastPurchase
    life.fork().reverse({ purchase, present: true, point: "canteen-2" })
      .expectDeclined("NotReversible", { reason: "otherPoint" })
    life.replace("card-2").reverse({ purchase, present: true, unpaid: true })
      .expectDeclined("NotReversible", { reason: "otherDay" })
  })

  it("D5 D11 one whose record has come stands on every day, forgotten or not", () => {
    const life = Life.of(csmzxy, { chip: "100.00" }).at("2025-11-03 12:00")
    const before = life.chip()
    const purchase = life.pay("card", "18.00").lastPurchase
    life.chips.set("card-1", before)
    life.cutOff("slip", "18.00", { point: "canteen-1" }).arrives("slip").expectEvents("PurchaseConfirmed")
    life.at("2025-11-04 12:00").pay("card", "5.00").expectApproved()
    expect(life.state.recent.map((one) => one.purchase)).not.toContain(purchase)
    life.reverse({ purchase, present: true, unpaid: true }).expectDeclined("NotReversible", { reason: "recorded" })
  })

  it("A5 A7 D17 undone the next day, it leaves the day and meal in which it was bought, and touches no other", () => {
    const life = pulled()
    const purchase = life.lastPurchase
    const others = life.recharge("ccbApp", "40.00").pay("today", "1.00").expectApproved()
      .at("2025-11-04 12:00").pay("today", "12.00").expectApproved().state.tallies.cells.slice(1)
    expect(others.map(({ count, day, sum }) => [formatDay(day), sum, count])).toEqual([
      ["2025-11-03", 100, 1],
      ["2025-11-04", 1_200, 1]
    ])
    life.reverse({ purchase, present: true }).expectApproved()
    expect(life.state.tallies.cells).toEqual(others)
    life.pay("today", "18.01").expectDeclined("MealLimitExceeded", { used: "12.00", remaining: "18.00" })
  })

  it("D17 so old that its day is counted no more, it takes nothing from the days that are", () => {
    const life = pulled()
    const purchase = life.lastPurchase
    life.at("2025-12-15 12:00").pay("card", "5.00").expectApproved()
    const { tallies } = life.state
    life.reverse({ purchase, present: true, unpaid: true }).expectApproved()
    expect(life.state.tallies).toEqual(tallies)
  })

  it("D17 I12 where a clock that was ahead has dropped its day, and it was begun anew: no more is taken than is there", () => {
    const life = pulled()
    const purchase = life.lastPurchase
    life.at("2025-12-15 12:00").pay("card", "5.00").expectApproved()
    life.at("2025-11-03 12:30").pay("card", "0.50").expectApproved()
    const sums = () => life.state.tallies.cells.map(({ day, sum }) => [formatDay(day), sum])
    expect(sums()).toEqual([["2025-12-15", 500], ["2025-11-03", 50]])
    life.reverse({ purchase, present: true, unpaid: true }).expectApproved()
    expect(sums()).toEqual([["2025-12-15", 500]])
  })

  it("D10 its chip has paid others with it since: what is owed for those is repaid, on whatever day", () => {
    const life = Life.of(csmzxy, { chip: "18.00" }).at("2025-11-03 12:00")
    const before = life.chip()
    const purchase = life.pay("card", "18.00").lastPurchase
    life.chips.set("card-1", before)
    life.at("2025-11-04 12:00").cutOff("slip", "18.00").arrives("slip").expectPockets({ receivable: "18.00" })
    life.at("2025-11-05 12:00").reverse({ purchase, present: true, unpaid: true }).expectApproved().expectPockets({})
    expect(life.chip().balance).toBe(life.pockets().chip)
  })

  /** 5.00 and then 10.00 are approved by one reading; the chip pays the first one alone, and is loaded afterwards. */
  const crossed = () => {
    const life = Life.of(csmzxy, { chip: "100.00" }).at("2025-11-03 12:00")
    const before = life.chip()
    life.pay("card", "5.00").expectApproved()
    const paid = life.chip()
    life.chips.set("card-1", before)
    const second = life.pay("card", "10.00").expectApproved().lastPurchase
    life.chips.set("card-1", paid)
    life.recharge("ccbApp", "20.00").load().expectApproved().expectPockets({ chip: "105.00" })
    return { life, second }
  }

  it("D5 the number was given, and money has come on since: shown by the card's own proof, the books alone follow", () => {
    const { life, second } = crossed()
    life.reverse({ purchase: second, present: true, unpaid: true }).expectApproved().expectPockets({ chip: "115.00" })
    expect(life.decision.events).toMatchObject([{ undebited: { card: "card-1" } }])
    expect(life.chip().balance).toBe(life.pockets().chip)
  })

  it("D5 the same is said of a card that is not there: then it shows nothing", () => {
    const { life, second } = crossed()
    life.reverse({ purchase: second, unpaid: true }).expectApproved().expectPockets({
      chip: "105.00",
      transit: "10.00"
    })
  })

  it("D5 nor where the terminal could not write anyway", () => {
    const kiosk = school({
      points: { ...csmzxy.points, "canteen-1": { ...csmzxy.points["canteen-1"]!, loads: false } }
    })
    const life = Life.of(kiosk, { chip: "0.00" }).recharge("ccbApp", "100.00").load({ point: "canteen-2" })
      .at("2025-11-03 12:00")
    const before = life.chip()
    life.pay("card", "18.00").expectApproved().chips.set("card-1", before)
    life.reverse({ present: true }).expectApproved().expectPockets({ chip: "100.00" })
  })

  it("D5 the number went to the next purchase: the one before was never debited, with the card there or without", () => {
    for (const present of [true, false]) {
      const life = pulled()
      const first = life.lastPurchase
      life.later(60_000).pay("card", "5.00").expectApproved().expectPockets({ chip: "77.00" })
      life.reverse({ purchase: first, present }).expectApproved().expectPockets({ chip: "95.00" })
      expect(life.chip().balance).toBe(life.pockets().chip)
    }
  })

  it("D5 D11 the number went to a record of another amount: the same", () => {
    const life = pulled()
    const purchase = life.lastPurchase
    life.cutOff("slip", "5.00", { point: "canteen-1" }).arrives("slip").expectApproved().expectPockets({
      chip: "77.00"
    })
    life.reverse({ purchase }).expectApproved().expectPockets({ chip: "95.00" })
    expect(life.chip().balance).toBe(life.pockets().chip)
  })

  it("D5 D11 what was undone so has left its number to the next one: its record posts, and only once", () => {
    const life = pulled().reverse({ present: true }).expectApproved()
    life.cutOff("slip", "18.00", { point: "canteen-1" }).arrives("slip").expectApproved().expectPockets({
      chip: "82.00"
    })
    life.arrives("slip").expectDeclined("RecordAlreadyPosted")
  })

  it.each<[string, (life: Life) => Life, Parameters<Life["expectPockets"]>[0]]>([
    ["paid with", (life) => life.pay("card", "5.00"), { chip: "95.00" }],
    ["loaded, which has nothing to load", (life) => life.load(), { chip: "100.00" }],
    ["loaded, with what waits beside it", (life) => life.recharge("ccbApp", "7.00").load(), { chip: "107.00" }],
    [
      "paid with the next day, after a code",
      (life) => life.withWallet("1.00").at("2025-11-04 12:00").pay("ecode", "1.00").pay("card", "5.00"),
      { chip: "95.00" }
    ],
    ["spent by a code meanwhile: that is owed", (life) => life.pay("today", "11.00").load(), {
      chip: "100.00",
      receivable: "11.00"
    }],
    [
      "paid with at a cut-off terminal, whose record shows it",
      (life) => life.later(60_000).cutOff("slip", "18.00").arrives("slip"),
      { chip: "82.00" }
    ],
    [
      "paid with there, which its next reading shows",
      (life) => life.later(60_000).cutOff("slip", "5.00").recharge("ccbApp", "0.01").load().arrives("slip"),
      { chip: "95.01" }
    ]
  ])(
    "D5 D11 undone without the card, its money waits; then the card is %s, and nobody has it twice",
    (_, next, pockets) => {
      const life = next(pulled().later(60_000).reverse().expectPockets({ chip: "82.00", transit: "18.00" }))
      life.expectApproved().expectPockets(pockets)
      expect(life.events.filter(({ _tag }) => _tag === "DebitDisproved")).toHaveLength(1)
      expect(life.chip().balance).toBe(life.pockets().chip)
    }
  )

  it("D5 D11 what the chip has paid with it is owed no more once the books know it", () => {
    // Its record comes before anybody knows of the missed debit: of the same 18.00, elsewhere.
    const life = Life.of(csmzxy, { chip: "18.00" }).at("2025-11-03 12:00")
    const before = life.chip()
    life.pay("card", "18.00").expectApproved().chips.set("card-1", before)
    const purchase = life.lastPurchase
    life.cutOff("slip", "18.00", { point: "canteen-2" }).arrives("slip").expectPockets({ receivable: "18.00" })
    life.reverse({ purchase }).expectApproved().expectPockets({})
  })

  it("D10 a debt of another cause is none of it: the chip has the money, so the books do", () => {
    // The old card's record comes late, and nothing is frozen any more: that much is owed, and the new chip has nothing to do with it.
    const life = Life.of(csmzxy, { chip: "20.00" }).at("2025-11-03 12:00").cutOff("old", "12.00")
    life.later(60_000).replace("card-2").at("2025-11-08 12:00").claim().load().expectApproved()
    const before = life.chip()
    life.pay("card", "5.00").expectApproved().chips.set("card-2", before)
    const purchase = life.lastPurchase
    life.arrives("old").expectApproved().expectPockets({ chip: "15.00", receivable: "12.00" })
    life.cutOff("new", "3.00").arrives("new").expectPockets({ chip: "12.00", receivable: "12.00" })
    life.fork().reverse({ purchase, present: true }).expectPockets({ chip: "17.00", receivable: "12.00" })
    life.reverse({ purchase }).expectPockets({ chip: "17.00", receivable: "12.00" })
    expect(life.chip().balance).toBe(life.pockets().chip)
  })

  it("D5 undone without the card that had paid: nothing shows otherwise, so it stays where it waits", () => {
    const life = bought().reverse().expectPockets({ chip: "82.00", transit: "18.00" })
    life.later(60_000).pay("card", "2.00").expectApproved().expectPockets({ chip: "80.00", transit: "18.00" })
    life.cutOff("slip", "2.00").arrives("slip").load().expectPockets({ chip: "96.00" })
    expect(life.chip().balance).toBe(life.pockets().chip)
  })

  it("D5 where nobody read the chip, then or now, what was paid by card waits in transit", () => {
    const unread = Life.of(csmzxy, { chip: "100.00" }).at("2025-11-03 12:00").pay("card", "18.00", { chip: "unread" })
    unread.expectApproved().fork().reverse({ present: true }).expectPockets({ chip: "100.00" })
      .expectEvents("LoadSettled")
    pulled().reverse().expectApproved().expectPockets({ chip: "82.00", transit: "18.00" })
  })

  it("D5 D17 on a card that was reported lost, nothing is on the chip any more: it waits in transit", () => {
    const life = pulled()
    const purchase = life.lastPurchase
    life.reportLost().expectApproved().reverse({ purchase }).expectApproved()
    expect(life.decision.events[0]).not.toHaveProperty("undebited")
  })
})

describe("one purchase, told at once and by a record (D11)", () => {
  const lunch = () => Life.of(csmzxy, { chip: "100.00" }).at("2025-11-03 12:00")

  it("D11 paid online, and its record comes later all the same: the chip gave one number, so it is one purchase", () => {
    const life = lunch()
    const { balance, purchaseSequence } = life.chip()
    life.pay("card", "18.00").expectApproved()
    const slip = { amount: "18.00", point: "canteen-1", chipBefore: balance, purchaseSequence: purchaseSequence + 1 }
    const purchase = life.lastPurchase
    life.fork().at("2025-11-09 12:00").record({ ...slip, at: "2025-11-03 12:00" }).expectEvents("PurchaseConfirmed")
    life.record(slip).expectApproved().expectEvents("PurchaseConfirmed").expectPockets({ chip: "82.00" })
    expect(life.decision.events).toMatchObject([{ purchase, record: "card:card-1:1" }])
    life.record(slip).expectDeclined("RecordAlreadyPosted").expectPockets({ chip: "82.00" })
  })

  it("D11 D5 a purchase whose record has come stands: its terminal cannot undo it any more, the office refunds it", () => {
    const life = lunch()
    const before = life.chip()
    const purchase = life.pay("card", "18.00").lastPurchase
    // Never debited, and sold again by the chip alone: as much, at the same till, in the same minute. It is one purchase.
    life.chips.set("card-1", before)
    life.cutOff("slip", "18.00", { point: "canteen-1" }).arrives("slip").expectEvents("PurchaseConfirmed")
    for (const present of [true, false]) {
      life.fork().reverse({ purchase, present }).expectDeclined("NotReversible", { reason: "recorded", purchase })
    }
    expect(life.chip().balance).toBe(life.pockets().chip)
    life.refund(purchase, "18.00").expectApproved().expectPockets({ chip: "82.00", transit: "18.00" })
  })

  it("D8 D11 what such a record proves of a load that is open is settled as by any", () => {
    const life = Life.of(csmzxy, { chip: "20.00" }).at("2025-11-03 12:00").recharge("ccbApp", "50.00").tear("written")
    const { balance, purchaseSequence } = life.chip()
    life.pay("card", "5.00", { chip: { balance, loadSequence: 9, purchaseSequence } }).expectApproved()
    const slip = { amount: "5.00", point: "canteen-1", chipBefore: balance, purchaseSequence: purchaseSequence + 1 }
    life.record(slip).expectEvents("LoadSettled", "PurchaseConfirmed").expectPockets({ chip: "65.00" })
  })

  it("D11 of another amount, or from another terminal, it is another purchase: the first one was never debited", () => {
    for (const said of [{ amount: "17.00", point: "canteen-1" }, { amount: "18.00", point: "canteen-2" }]) {
      const life = lunch()
      const { balance, purchaseSequence } = life.chip()
      const purchase = life.pay("card", "18.00").lastPurchase
      const chip = { chipBefore: balance, purchaseSequence: purchaseSequence + 1 }
      life.record({ ...said, ...chip }).expectApproved().record({ ...said, ...chip }).expectDeclined(
        "RecordAlreadyPosted"
      )
      life.reverse({ purchase }).expectApproved()
      expect(life.decision.events).toMatchObject([{ undebited: { card: "card-1" } }])
    }
  })

  it.each([
    ["without the card", false, "later", { chip: "82.00" }],
    ["with the card, which is written", true, "later", { chip: "100.00", receivable: "18.00" }],
    ["without the card", false, "at once", { chip: "82.00" }]
  ])(
    "D11 undone %s, and then it says by a record that the chip has paid after all: it has, and once",
    (_, present, when, pockets) => {
      // The answer was lost, so the terminal has debited the chip by itself, and has undone what it had asked for.
      const life = lunch()
      const before = life.chip()
      const purchase = life.pay("card", "18.00").lastPurchase
      life.chips.set("card-1", before)
      life.cutOff("slip", "18.00", { point: "canteen-1" })
      if (when === "later") life.later(3_600_000)
      life.reverse({ purchase, present }).arrives("slip").expectApproved().expectPockets(pockets)
      life.arrives("slip").expectDeclined("RecordAlreadyPosted")
      expect(life.chip().balance).toBe(life.pockets().chip)
    }
  )

  it("D5 D11 given back on the chip for nothing: paid at one till and pulled away, eaten for as much at another", () => {
    const life = lunch()
    const before = life.chip()
    const purchase = life.pay("card", "18.00").lastPurchase
    life.chips.set("card-1", before)
    life.cutOff("slip", "18.00", { point: "canteen-2" }).later(60_000)
    // The chip's number has moved by just as much, so nothing shows yet whose it was.
    life.reverse({ purchase, present: true }).expectPockets({ chip: "100.00" })
    life.arrives("slip").expectApproved().expectPockets({ chip: "100.00", receivable: "18.00" })
  })

  it("D11 the same price another day is another purchase, though the number is still that of one never debited", () => {
    const life = lunch()
    const before = life.chip()
    life.pay("card", "18.00").chips.set("card-1", before)
    life.at("2025-11-05 12:00").cutOff("slip", "18.00", { point: "canteen-1" }).arrives("slip").expectApproved()
    life.expectPockets({ chip: "64.00" })
  })

  it("D11 a record whose debit was torn locks nobody out of that price", () => {
    const life = lunch()
    const chip = life.chip()
    life.cutOff("slip", "18.00", { point: "canteen-1" }).arrives("slip").expectApproved().chips.set("card-1", chip)
    life.fork().pay("card", "18.00", { chip }).expectDeclined("PaymentAlreadyRecorded", { amount: "18.00" })
    life.fork().pay("card", "18.00", { chip, point: "canteen-2" }).expectDeclined("MealLimitExceeded")
    life.fork().pay("card", "18.00", { chip, point: "shop-1" }).expectApproved()
    life.later(11 * 60_000).pay("card", "12.00").expectApproved()
  })

  it("D14 I17 a card that may not pay is told that first; elsewhere nobody learns what somebody has bought", () => {
    const life = lunch()
    const chip = life.chip()
    life.cutOff("slip", "18.00", { point: "canteen-1" }).arrives("slip").expectApproved()
    life.fork().reportLost().pay("card", "18.00", { card: "card-1", chip }).expectDeclined("CardLost")
    for (const point of ["kiosk-1", "dorm-1"]) {
      life.fork().pay("card", "18.00", { chip, point }).expectDeclined("MediumNotAcceptedHere")
    }
  })

  it("D11 its record first, and the terminal asks again with what it had read before: told that it stands", () => {
    const life = lunch()
    const chip = life.chip()
    life.cutOff("slip", "18.00", { point: "canteen-1" }).arrives("slip").expectApproved()
    life.pay("card", "18.00", { chip }).expectDeclined("PaymentAlreadyRecorded").expectPockets({ chip: "82.00" })
    life.pay("card", "5.00").expectApproved().expectPockets({ chip: "77.00" })
  })
})

/** What really happens to the chip; neither the books nor the terminal need to know. */
const happens = (life: Life, really: "written" | "notWritten"): Life => {
  const { balance, loadSequence, purchaseSequence } = life.chip()
  const written = { balance: plus(balance, yuan("18.00")), loadSequence: loadSequence + 1, purchaseSequence }
  if (really === "written") life.chips.set("card-1", written)
  return life
}

describe("what goes back to the chip is a load: a card pulled away takes nobody's money (D5, R28, D8)", () => {
  /** 18.00 is undone with the card there; what the chip says afterwards is another matter. */
  const undone = (really: "written" | "notWritten") => {
    const life = bought()
    life.later(60_000).reverse({ purchase: life.lastPurchase, present: true, torn: true }).expectApproved()
    life.expectEvents("PurchaseReversed").expectPockets({ chip: "82.00", held: "18.00" })
    life.expectCard("card-1", "Active", {
      load: {
        id: life.lastLoad,
        point: "canteen-1",
        transit: "18.00",
        subsidy: 0,
        before: { balance: "82.00" },
        outcome: "writing"
      }
    })
    return happens(life, really).later(1_400)
  }

  it.each([
    ["another caller", { caller: "gate-1" }],
    ["another terminal", { point: "canteen-3" }],
    ["the app", { caller: "today-campus", point: "today-campus" }]
  ])("D8 I17 %s tells nothing of it: to them no load is open", (_, elsewhere) => {
    const life = undone("written").settleLoad({ ...elsewhere, chip: "unread" }).expectDeclined("LoadNotOpen")
    const before = { balance: yuan("82.00"), loadSequence: 1, purchaseSequence: 1 }
    life.settleLoad({ ...elsewhere, chip: before }).expectDeclined("LoadNotOpen")
    life.expectPockets({ chip: "82.00", held: "18.00" }).settleLoad().expectPockets({ chip: "100.00" })
  })

  it.each<[string, "written" | "notWritten", (life: Life) => Life, Parameters<Life["expectPockets"]>[0]]>([
    ["read after the write", "written", (life) => life.settleLoad(), { chip: "100.00" }],
    ["read, and it was not written", "notWritten", (life) => life.settleLoad(), { chip: "82.00", transit: "18.00" }],
    ["torn at once", "notWritten", (life) => life.settleLoad({ chip: "unread" }), { chip: "82.00", held: "18.00" }],
    ["torn after the write", "written", (life) => life.settleLoad({ chip: "unread" }), {
      chip: "82.00",
      held: "18.00"
    }],
    ["torn at once, then a tap", "notWritten", (life) => life.letGo("notWritten").load(), { chip: "100.00" }],
    [
      "torn after the write, then a tap",
      "written",
      (life) => life.letGo("notWritten").later(60_000).beginLoad(),
      { chip: "100.00" }
    ],
    ["told late", "written", (life) => life.later(3_600_000).settleLoad(), { chip: "100.00" }],
    [
      "told late, in truth not written",
      "notWritten",
      (life) => life.later(3_600_000).settleLoad(),
      { chip: "82.00", transit: "18.00" }
    ],
    ["never told; the next meal proves it", "written", (life) => life.pay("card", "5.00"), { chip: "95.00" }],
    [
      "never told; the next meal proves that it was not",
      "notWritten",
      (life) => life.pay("card", "5.00"),
      { chip: "77.00", transit: "18.00" }
    ],
    [
      "never told; an offline record proves it",
      "written",
      (life) => life.cutOff("slip", "5.00").later(60_000).arrives("slip").expectReported(),
      { chip: "95.00" }
    ],
    [
      "never told; an offline record proves that it was not",
      "notWritten",
      (life) => life.cutOff("slip", "5.00").later(60_000).arrives("slip").expectReported(),
      { chip: "77.00", transit: "18.00" }
    ],
    ["lost meanwhile", "written", (life) => life.reportLost(), { frozen: "100.00" }],
    [
      "lost meanwhile; a late record proves it",
      "written",
      (life) => life.cutOff("slip", "5.00").later(60_000).reportLost().arrives("slip").expectReported(),
      { frozen: "95.00" }
    ],
    [
      "lost meanwhile; a late record proves that it was not",
      "notWritten",
      (life) => life.cutOff("slip", "5.00").later(60_000).reportLost().arrives("slip").expectReported(),
      { frozen: "77.00", transit: "18.00" }
    ],
    [
      "lost and found",
      "written",
      (life) => life.reportLost().reportFound("card-1").expectApproved().settleLoad(),
      { chip: "100.00" }
    ],
    ["lost and replaced", "written", (life) => life.replace("card-2"), { frozen: "100.00" }],
    ["closed meanwhile", "written", (life) => life.close(), { frozen: "100.00" }]
  ])("D5 D8 I5 I14 %s, in truth %s", (_, really, then, pockets) => {
    then(undone(really)).expectApproved().expectPockets(pockets)
  })

  it("D5 D7 closed meanwhile: what the terminal tells too late moves nothing", () => {
    const life = undone("written")
    const load = life.lastLoad
    life.close().expectApproved().settleLoad({ load }).expectDeclined("AccountClosed")
    life.expectPockets({ frozen: "100.00" })
  })

  it("D5 I14 while nobody knows, it is undone all the same: not once more, and not by the office", () => {
    const life = undone("notWritten")
    const { purchase } = life.state.recent.at(-1) ?? expect.fail("nothing was bought")
    for (const present of [true, false]) {
      life.reverse({ purchase, present }).expectDeclined("NotReversible", { reason: "alreadyReversed" })
    }
    life.refund(purchase, "18.00").expectDeclined("NotRefundable", { reason: "returned" })
    life.expectPockets({ chip: "82.00", held: "18.00" })
  })

  it("D5 D8 an older load that the chip cannot prove: the card takes no second one, and the money waits", () => {
    const life = bought()
    const purchase = life.lastPurchase
    life.recharge("ccbApp", "50.00").tear("notWritten")
    const load = life.card("card-1")
    // A chip that was written by somebody else says nothing about either.
    life.chips.set("card-1", { ...life.chip(), balance: yuan("500.00"), loadSequence: 9 })
    life.reverse({ purchase, present: true }).expectApproved().expectEvents("PurchaseReversed")
    life.expectPockets({ chip: "82.00", held: "50.00", transit: "18.00" })
    expect(life.card("card-1")).toEqual(load)
  })

  it("D5 R29 a shop's terminal writes nothing to cards: the money waits for the next tap", () => {
    const life = Life.of(csmzxy, { chip: "100.00" }).at("2025-11-03 12:00").pay("card", "18.00", { point: "shop-1" })
    life.reverse({ purchase: life.lastPurchase, present: true, point: "shop-1" }).expectApproved()
    life.expectEvents("PurchaseReversed").expectPockets({ chip: "82.00", transit: "18.00" })
  })

  it.each([
    ["95.00", { chip: "100.00", transit: "13.00" }],
    ["99.99", { chip: "100.00", transit: "17.99" }],
    ["100.00", { chip: "100.00", transit: "18.00" }]
  ])("D5 the chip holds %s of at most 100.00 by then: what does not fit waits in transit", (holds, pockets) => {
    const small = school({ purseCeiling: amount(yuan("100.00")) })
    const life = Life.of(small, { chip: "100.00" }).at("2025-11-03 12:00").pay("card", "18.00").expectApproved()
    const purchase = life.lastPurchase
    life.recharge("ccbApp", format(minus(yuan(holds), yuan("82.00")))).load().expectApproved()
    life.reverse({ purchase, present: true }).expectApproved().expectPockets(pockets)
  })

  it("D5 D10 what goes to the chip repays no debt, what does not does", () => {
    const life = bought()
    const purchase = life.lastPurchase
    life.inDebt("7.00")
    const chip = life.chip()
    life.fork().reverse({ purchase }).expectPockets({ transit: "11.00" })
    life.chips.set("card-1", { ...chip, balance: yuan("0.00"), purchaseSequence: chip.purchaseSequence + 900 })
    life.reverse({ purchase, present: true }).expectApproved().expectPockets({ chip: "18.00", receivable: "7.00" })
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
      life.recharge("ccbApp", "50.00").tear(really).reverse({ purchase, present: true, torn: true }).expectApproved()
      life.expectEvents("LoadSettled", "PurchaseReversed")
      life.letGo("notWritten").load()
      life.expectPockets({ chip: "150.00" })
      expect(life.chip().balance).toBe(yuan("150.00"))
    }
  })
})
