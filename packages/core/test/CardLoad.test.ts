import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { AccountEvent } from "../src/AccountEvent.ts"
import * as Id from "../src/Id.ts"
import * as Money from "../src/Money.ts"
import { csmzxy, Life, school, yuan } from "./support/Life.ts"
import { lived, stories } from "./support/lives.ts"

const reading = (balance: string, loadSequence: number, purchaseSequence: number) => ({
  balance: yuan(balance),
  loadSequence,
  purchaseSequence
})

/** 20.00 on the chip (its first load), and 50.00 paid and waiting. */
const waiting = () =>
  Life.of(csmzxy, { chip: "20.00" }).at("2025-11-03 11:30").recharge("ccbApp", "50.00").expectApproved()

describe("what is paid waits until a canteen terminal writes it to the card (R27, R29, A26, D2)", () => {
  it("R27 A26 paid by the bank's app or by Today Campus: pending, and no card can spend it", () => {
    const life = Life.of(csmzxy).recharge("ccbApp", "50.00").recharge("todayCampus", "20.00").expectApproved()
    life.expectPockets({ transit: "70.00" })
    life.pay("card", "1.00")
      .expectDeclined("InsufficientChipPurse", { amount: "1.00", chip: "0.00", elsewhere: { transit: "70.00" } })
    life.load().expectApproved().expectPockets({ chip: "70.00" }).pay("card", "1.00").expectApproved()
  })

  it.each([
    ["canteen-1", "loads"],
    ["canteen-3", "loads"],
    ["kiosk-1", "loads"],
    ["shop-1", "PointCannotLoad"],
    ["window-3", "PointCannotLoad"],
    ["today-campus", "PointCannotLoad"]
  ])("R29 a tap to load at %s: %s", (point, outcome) => {
    const life = waiting().beginLoad({ point })
    if (outcome === "loads") life.expectApproved().expectEvents("LoadBegun")
    else life.expectDeclined("PointCannotLoad").expectPockets({ chip: "20.00", transit: "50.00" })
  })

  it("R27 nothing waits, nothing is written", () => {
    Life.of(csmzxy, { chip: "20.00" }).beginLoad().expectDeclined("NothingToLoad")
  })

  it.each([
    // chip before, waiting, chip after, still waiting
    ["0.00", "100.00", "100.00", "0.00"],
    ["950.00", "50.00", "1000.00", "0.00"],
    ["950.00", "50.01", "1000.00", "0.01"],
    ["950.00", "200.00", "1000.00", "150.00"],
    ["999.99", "200.00", "1000.00", "199.99"]
  ])("D2 A9 %s on the chip, %s waits: up to the ceiling of 1000.00", (chip, paid, after, rest) => {
    const life = Life.of(csmzxy, { chip }).recharge("ccbApp", paid).load().expectApproved()
    life.expectPockets({ chip: after, ...(rest === "0.00" ? {} : { transit: rest }) })
  })

  it("D2 A9 a full chip takes nothing, and says so with its numbers", () => {
    const life = Life.of(csmzxy, { chip: "1000.00" }).recharge("ccbApp", "20.00").load()
    life.expectDeclined("PurseCeiling", { ceiling: "1000.00", chip: "1000.00", waiting: "20.00" })
  })

  it("D6 a tap takes the subsidy too, own money first where the ceiling is near", () => {
    Life.of(csmzxy).grantSubsidy("15.00").recharge("ccbApp", "20.00").load().expectPockets({ chip: "35.00" })
    Life.of(csmzxy, { chip: "970.00" }).grantSubsidy("15.00").recharge("ccbApp", "20.00").load()
      .expectPockets({ chip: "1000.00", subsidy: "5.00" })
  })

  it("D2 what is in the wallet reaches the card only when its holder says so", () => {
    const life = Life.of(csmzxy).withWallet("50.00").beginLoad().expectDeclined("NothingToLoad")
    life.moveToTransit("30.00").load().expectPockets({ chip: "30.00", wallet: "20.00" })
  })

  it.each(["lost", "dormant", "not activated", "unknown"] as const)(
    "R31 R39 R46 a card that is %s is not written to",
    (how) => {
      const life = waiting()
      if (how === "lost") life.reportLost().beginLoad({ card: "card-1" }).expectDeclined("CardLost")
      if (how === "dormant") life.at("2026-02-28 12:00").beginLoad().expectDeclined("CardFrozenDormant")
      if (how === "unknown") life.beginLoad({ card: "card-9" }).expectDeclined("UnknownCard")
      if (how === "not activated") {
        life.reportLost().issue("card-2").beginLoad({ card: "card-2" }).expectDeclined("CardNotActivated")
      }
    }
  )
})

describe("a card pulled away too early ends in all or nothing (R28, D8, golden trace 1)", () => {
  const endings: ReadonlyArray<
    readonly [
      ending: string,
      really: "written" | "notWritten",
      then: (life: Life) => Life,
      pockets: Parameters<Life["expectPockets"]>[0]
    ]
  > = [
    ["nobody has looked yet", "written", (life) => life, { chip: "20.00", held: "50.00" }],
    ["nobody has looked yet", "notWritten", (life) => life, { chip: "20.00", held: "50.00" }],
    ["the terminal reads it again at once", "written", (life) => life.settleLoad(), { chip: "70.00" }],
    ["the terminal reads it again at once", "notWritten", (life) => life.settleLoad(), {
      chip: "20.00",
      transit: "50.00"
    }],
    ["the next tap to load", "written", (life) => life.load(), { chip: "70.00" }],
    ["the next tap to load", "notWritten", (life) => life.load(), { chip: "70.00" }],
    ["the next tap to load at the kiosk", "notWritten", (life) => life.load({ point: "kiosk-1" }), { chip: "70.00" }],
    ["the next tap to pay", "written", (life) => life.pay("card", "8.00"), { chip: "62.00" }],
    ["the next tap to pay", "notWritten", (life) => life.pay("card", "8.00"), { chip: "12.00", transit: "50.00" }],
    // Nobody reads the chip: it pays from what the books are sure of.
    ["a tap to pay that reads nothing", "written", (life) => life.pay("card", "8.00", { chip: "unread" }), {
      chip: "12.00",
      held: "50.00"
    }],
    ["an offline record of the next purchase", "written", (life) => life.cutOff("slip", "30.00").arrives("slip"), {
      chip: "40.00"
    }],
    ["an offline record of the next purchase", "notWritten", (life) => life.cutOff("slip", "8.00").arrives("slip"), {
      chip: "12.00",
      transit: "50.00"
    }],
    [
      "an offline record after a purchase that has not arrived",
      "notWritten",
      (life) => life.cutOff("first", "8.00").cutOff("second", "2.00").arrives("second"),
      { chip: "18.00", held: "50.00" }
    ],
    [
      "records in the wrong order",
      "written",
      (life) => life.cutOff("first", "30.00").cutOff("second", "5.00").arrives("second").arrives("first"),
      { chip: "35.00" }
    ],
    ["loss", "written", (life) => life.reportLost(), { frozen: "70.00" }],
    ["loss", "notWritten", (life) => life.reportLost(), { frozen: "70.00" }],
    ["loss, and then a record of before", "written", (life) => {
      life.cutOff("slip", "30.00").later(60_000).reportLost()
      return life.arrives("slip")
    }, { frozen: "40.00" }],
    ["loss, and then a record of before", "notWritten", (life) => {
      life.cutOff("slip", "8.00").later(60_000).reportLost()
      return life.arrives("slip")
    }, { frozen: "12.00", transit: "50.00" }],
    ["loss and found again", "written", (life) => life.reportLost().reportFound("card-1"), {
      chip: "20.00",
      held: "50.00"
    }],
    ["loss, found again, next tap", "written", (life) => life.reportLost().reportFound("card-1").load(), {
      chip: "70.00"
    }],
    ["loss, found again, next tap", "notWritten", (life) => life.reportLost().reportFound("card-1").settleLoad(), {
      chip: "20.00",
      transit: "50.00"
    }],
    ["loss, while the terminal still reads", "written", (life) => life.reportLost().settleLoad({ card: "card-1" }), {
      frozen: "70.00"
    }],
    ["loss, while the terminal still reads", "notWritten", (life) => life.reportLost().settleLoad({ card: "card-1" }), {
      frozen: "20.00",
      transit: "50.00"
    }],
    ["loss, a new card, claimed", "written", (life) => {
      life.replace("card-2").at("2025-11-06 11:30")
      return life.claim()
    }, { transit: "70.00" }],
    ["loss, a new card, claimed", "notWritten", (life) => {
      life.replace("card-2").at("2025-11-06 11:30")
      return life.claim()
    }, { transit: "70.00" }]
  ]

  it.each(endings)("D8 torn, then %s; in truth %s", (_, really, then, pockets) => {
    const life = then(waiting().tear(really)).expectApproved()
    life.expectPockets(pockets)
  })

  it("R28 the write that is answered is on the card, and only once", () => {
    const life = waiting().load().expectApproved().expectEvents("LoadSettled").expectPockets({ chip: "70.00" })
    life.settleLoad().expectDeclined("LoadNotOpen").beginLoad().expectDeclined("NothingToLoad")
  })

  it("R28 another load than the open one, or a load of another card, is not open", () => {
    const life = waiting().beginLoad().expectApproved()
    life.settleLoad({ load: "host:cmd-999" }).expectDeclined("LoadNotOpen")
    life.settleLoad({ card: "card-9" }).expectDeclined("LoadNotOpen").expectPockets({ chip: "20.00", held: "50.00" })
  })

  it("D8 what waits anew is no part of the open load", () => {
    const life = waiting().tear("written").recharge("ccbApp", "10.00").expectPockets({
      chip: "20.00",
      held: "50.00",
      transit: "10.00"
    })
    life.load().expectPockets({ chip: "80.00" })
  })

  it("D8 D6 what was not written goes back to where it waited", () => {
    const life = Life.of(csmzxy).grantSubsidy("15.00").recharge("ccbApp", "20.00").tear("notWritten")
    life.expectPockets({ held: "35.00" }).settleLoad().expectPockets({ transit: "20.00", subsidy: "15.00" })
  })

  it("D8 a declined purchase settles nothing, since a refusal changes nothing (D13)", () => {
    const life = waiting().tear("written").pay("card", "100.00").expectDeclined("MealLimitExceeded")
    life.expectPockets({ chip: "20.00", held: "50.00" })
  })

  it("D8 what the next tap to pay settles can pay at once", () => {
    const life = waiting().tear("written").pay("card", "25.00").expectApproved()
    life.expectEvents("LoadSettled", "Purchased").expectPockets({ chip: "45.00" })
  })
})

describe("only who began a load tells what became of it, where it began (D8, D18, I17)", () => {
  const elsewhere = [
    ["another caller", { caller: "terminal-2" }],
    ["a caller whose name begins alike", { caller: "hos" }],
    ["another caller with that name in its own", { caller: "host-2" }],
    ["another terminal that loads", { point: "canteen-3" }],
    ["the kiosk", { point: "kiosk-1" }],
    ["a shop", { point: "shop-1" }],
    ["the app", { caller: "today-campus", point: "today-campus" }],
    ["a gate", { caller: "dorm-1", point: "dorm-1" }],
    ["the library", { caller: "library-1", point: "library-1" }],
    ["the office", { caller: "office", point: "card-centre" }]
  ] as const

  // 50.00 is on the chip. Who says that it is not would spend it twice; who says that nobody knows would hold it up.
  it.each(elsewhere)("D8 I17 %s: no load is open to be told of there, whatever is said", (_, how) => {
    const life = waiting().beginLoad().expectApproved()
    const before = life.chip()
    const written = { ...before, balance: yuan("70.00"), loadSequence: before.loadSequence + 1 }
    for (const chip of [before, written, reading("1.00", 9, 9), "unread"] as const) {
      life.settleLoad({ ...how, chip }).expectDeclined("LoadNotOpen").expectEvents()
      life.expectPockets({ chip: "20.00", held: "50.00" })
    }
    life.settleLoad({ chip: written }).expectApproved().expectPockets({ chip: "70.00" })
  })

  it("D8 told twice: the second time nothing is open", () => {
    const life = waiting().load()
    life.settleLoad({ load: life.events.flatMap((one) => one._tag === "LoadBegun" ? [one.load] : []).at(-1) ?? "" })
    life.expectDeclined("LoadNotOpen").expectPockets({ chip: "70.00" })
  })

  it("D8 of another card: the one that took the place of it", () => {
    const life = waiting().beginLoad()
    const load = life.lastLoad
    life.replace("card-2").settleLoad({ card: "card-2", load }).expectDeclined("LoadNotOpen")
    life.settleLoad({ card: "card-1", load }).expectDeclined("LoadNotOpen")
  })

  it.each<[string, (life: Life) => Life, ReadonlyArray<AccountEvent["_tag"]>]>([
    ["to load", (life) => life.beginLoad({ caller: "terminal-2", point: "canteen-3" }), ["LoadSettled"]],
    ["to pay", (life) => life.pay("card", "1.00", { caller: "terminal-2", point: "canteen-3" }), [
      "LoadSettled",
      "Purchased"
    ]]
  ])("D8 the terminal was replaced meanwhile: the next tap settles it, wherever it is; %s", (_, tap, events) => {
    const life = waiting().tear("written")
    tap(life).expectApproved().expectEvents(...events)
    expect(life.pockets().held).toBe(0)
  })

  it("D18 two callers with the same id: the late word of one is not about the load of the other", () => {
    const life = waiting().beginLoad()
    const { body, evidence: _, ...first } = life.envelopes.at(-1) ?? expect.fail("nothing was sent")
    if (body._tag !== "BeginLoad") expect.fail("a tap to load was sent")
    life.letGo("written").recharge("ccbApp", "10.00")
    life.send({ ...first, caller: Id.CallerId.make("terminal-2"), body: { ...body, chip: life.chip() } })
    life.expectApproved().expectEvents("LoadSettled", "LoadBegun").expectPockets({ chip: "70.00", held: "10.00" })
    const late = `host:${first.id}`
    life.settleLoad({ load: late, chip: life.chip() }).expectDeclined("LoadNotOpen")
    life.settleLoad({ load: late, chip: "unread" }).expectDeclined("LoadNotOpen")
    life.settleLoad({ caller: "terminal-2", load: late }).expectDeclined("LoadNotOpen")
    const written = { ...life.chip(), balance: yuan("80.00"), loadSequence: 3 }
    const own = `terminal-2:${first.id}`
    life.settleLoad({ caller: "terminal-2", load: own, chip: written }).expectPockets({ chip: "80.00" })
  })
})

describe("a chip that fits neither outcome: the money stays held until somebody looks (D8)", () => {
  // Before the load: 20.00, one load, no purchase. The load would write 50.00.
  const contradictions = [
    ["the load counter went back", reading("20.00", 0, 0)],
    ["two loads more", reading("70.00", 3, 0)],
    ["written, but another balance", reading("69.99", 2, 0)],
    ["written, and more than that", reading("70.01", 2, 0)],
    ["not written, but another balance", reading("70.00", 1, 0)],
    ["not written, and less without a purchase", reading("19.99", 1, 0)],
    ["a purchase, and yet more than can be", reading("70.01", 2, 1)],
    ["a purchase, not written, and yet more", reading("20.01", 1, 1)]
  ] as const

  it.each(contradictions)("D8 %s", (_, chip) => {
    const life = waiting().tear("written")
    life.beginLoad({ chip }).expectDeclined("LoadUnprovable", { held: "50.00" })
    life.settleLoad({ chip }).expectDeclined("LoadUnprovable", { held: "50.00" })
    // To pay, the holder needs no proof: the books' 20.00 are there, as far as the chip has them.
    const most = Money.min(chip.balance, yuan("20.00"))
    life.pay("card", Money.format(most), { chip }).expectApproved().expectEvents("Purchased")
    expect(life.pockets().held).toBe(yuan("50.00"))
  })

  it("D8 a purchase counter that went back fits neither", () => {
    const life = waiting().pay("card", "5.00").tear("written")
    life.beginLoad({ chip: reading("65.00", 2, 0) }).expectDeclined("LoadUnprovable", { held: "50.00" })
  })

  it.each(contradictions)("I17 a lost card is told that it is lost, and nothing of money: %s", (_, chip) => {
    waiting().tear("written").reportLost().beginLoad({ card: "card-1", chip }).expectDeclined("CardLost")
  })

  it("D8 later an honest reading settles it after all", () => {
    const life = waiting().tear("written").beginLoad({ chip: reading("1.00", 9, 9) }).expectDeclined("LoadUnprovable")
    life.load().expectApproved().expectPockets({ chip: "70.00" })
  })
})

describe("D8 the money of a load is never in two places", () => {
  it("D2 I2 no load lifts the chip above the ceiling, and what is held is what open loads say", () => {
    const low = school({ purseCeiling: Money.amount(15_000) })
    fc.assert(fc.property(stories(25), (story) => {
      const life = lived(low, story)
      for (const event of life.events) {
        if (event._tag === "LoadBegun") {
          expect(event.before.balance + event.transit + event.subsidy).toBeLessThanOrEqual(
            Math.max(15_000, event.before.balance)
          )
        }
      }
    }))
  })
})

describe("regressions", () => {
  it("D8 R43 a fact has eaten into the held part while the card was lost: what is left settles (I12: decide is total)", () => {
    const torn = () => {
      // The chip has 5.00 and 50.00 held; a late record of the morning takes 20.00 that the books do not have elsewhere.
      const life = Life.of(csmzxy, { chip: "30.00" }).at("2025-11-03 12:00").pay("card", "25.00")
      life.recharge("ccbApp", "50.00").tear("written").reportLost().expectPockets({ frozen: "55.00" })
      life.record({ card: "card-1", amount: "20.00", at: "2025-11-03 11:00", purchaseSequence: 1 }).expectApproved()
      return life.reportFound("card-1").expectApproved().expectPockets({ held: "35.00" })
    }
    torn().settleLoad().expectApproved().expectPockets({ chip: "35.00" })
    torn().settleLoad({ chip: reading("5.00", 1, 1) }).expectApproved().expectPockets({ transit: "35.00" })
  })

  it("D8 what another terminal had read before the load began, and tells late, proves nothing of it", () => {
    const life = Life.of(csmzxy, { chip: "20.00" }).at("2025-11-03 12:00").recharge("ccbApp", "50.00")
    const chip = life.chip()
    const read = "2025-11-03 12:00:10"
    life.at("2025-11-03 12:00:20").beginLoad().expectApproved().letGo("written").at("2025-11-03 12:00:40")
    // It paid all the same, and the load stays as it is.
    const late = life.fork().pay("card", "1.00", { chip, made: read, point: "canteen-2" }).expectApproved()
    expect(late.pockets()).toMatchObject({ held: yuan("50.00"), chip: yuan("19.00") })
    life.fork().beginLoad({ chip, made: read, point: "canteen-2" }).expectDeclined("ReadingOutdated")
    life.pay("card", "1.00").expectApproved().expectPockets({ chip: "69.00" })
  })
})
