import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as CivilTime from "../src/CivilTime.ts"
import { applicationOf, csmzxy, Life, school, yuan } from "./support/Life.ts"
import { lived, stories } from "./support/lives.ts"

const fresh = (chip = "100.00") => Life.of(csmzxy, { chip }).at("2025-11-03 09:00")
const waiting = (hold: typeof csmzxy.replacement.hold, calendar = csmzxy.calendar) =>
  school({ replacement: { ...csmzxy.replacement, hold }, calendar })

describe("a card is handed out, activated, lost, found or replaced (R30, R31, R39-R45, R74)", () => {
  it("R30 R31 handed out at the bank window, activated at window 3 or 4; until then everything is off", () => {
    const life = Life.unborn(csmzxy).open().issue("card-1").expectApproved().expectCard("card-1", "Issued")
    life.pay("card", "1.00").expectDeclined("CardNotActivated")
    life.pay("today", "1.00").expectDeclined("CardNotActivated")
    life.beginLoad().expectDeclined("CardNotActivated")
    life.place("ccbApp", "ccbCard", "50.00").expectDeclined("CardNotActivated")
    life.openWallet().expectDeclined("CardNotActivated")
    life.bindTransfer().expectDeclined("CardNotActivated")
    life.bindAlipay().expectDeclined("CardNotActivated")
    life.claim("card-1").expectDeclined("CardNotActivated")
    life.extend("card-1").expectDeclined("CardNotActivated")
    life.reportLost().expectDeclined("CardNotActivated")
    life.activate("card-1", { point: "window-4" }).expectApproved().expectCard("card-1", "Active")
    life.recharge("ccbApp", "50.00").load().pay("card", "1.00").expectApproved()
  })

  it("R39 R40 the loss is told in the app; the bank's half has a status of its own", () => {
    const life = fresh().reportBankSideLost("card-1").expectApproved()
    life.expectCard("card-1", "Active", { bank: "reportedLost" }).pay("card", "1.00").expectApproved()
    life.reportLost().expectCard("card-1", "Lost", { bank: "reportedLost", reportedAt: "2025-11-03 09:00" })
    life.reportBankSideLost("card-9").expectDeclined("UnknownCard")
    const other = fresh().reportLost().expectCard("card-1", "Lost", { bank: "normal" })
    other.reportFound("card-1").replace("card-2").reportBankSideLost("card-1").expectApproved()
    other.expectCard("card-1", "Replaced", { bank: "reportedLost" })
  })

  it.each(["lost", "damaged"] as const)("R39 R45 %s: the same way, through a new card to the claim", (reason) => {
    const life = fresh().reportLost(reason).expectApproved().expectPockets({ frozen: "100.00" })
    life.issue("card-2").expectApproved().activate("card-2").expectApproved()
    life.at("2025-11-06 09:00").claim().expectApproved().expectPockets({ transit: "100.00" })
  })

  it.each(
    [
      ["card-1 is active", (life: Life) => life, "ActiveCardExists"],
      ["card-1 was found again", (life: Life) => life.reportLost().reportFound("card-1"), "ActiveCardExists"],
      ["card-2 waits for its activation", (life: Life) => life.reportLost().issue("card-2"), "CardAwaitingActivation"],
      ["card-2 is active", (life: Life) => life.replace("card-2"), "ActiveCardExists"]
    ] as const
  )("R74 no further card while %s", (_, before, decline) => {
    before(fresh()).issue("card-3").expectDeclined(decline)
  })

  it("R74 a card that this account has held before is not handed out again", () => {
    fresh().reportLost().issue("card-1").expectDeclined("CardTaken")
    fresh().replace("card-2").reportLost().issue("card-1").expectDeclined("CardTaken")
  })

  it("R74 the old card was found before the new one was activated: the new one is taken back", () => {
    const life = fresh().reportLost().issue("card-2").reportFound("card-1").expectApproved()
    life.activate("card-2").expectDeclined("ActiveCardExists")
    life.cancel("card-2", { point: "window-ccb" }).expectApproved().expectCard("card-2", "Cancelled")
    life.activate("card-2").expectDeclined("CardCancelled").cancel("card-2").expectDeclined("CardCancelled")
    life.pay("card", "1.00", { card: "card-2" }).expectDeclined("CardCancelled").pay("card", "1.00").expectApproved()
  })

  it.each(
    [
      ["active", (life: Life) => life, "ActiveCardExists"],
      ["lost", (life: Life) => life.reportLost(), "CardLost"],
      ["replaced", (life: Life) => life.replace("card-2"), "CardSuperseded"]
    ] as const
  )("R31 a card that is %s is neither activated nor cancelled", (_, before, decline) => {
    before(fresh()).activate("card-1").expectDeclined(decline).cancel("card-1").expectDeclined(decline)
    fresh().activate("card-9").expectDeclined("UnknownCard").cancel("card-9").expectDeclined("UnknownCard")
  })

  it("R39 a loss is reported once; the report of the first loss stands", () => {
    const life = fresh().reportLost().at("2025-11-03 10:00").reportLost()
      .expectDeclined("CardLost", { reportedAt: "2025-11-03 09:00" })
    life.issue("card-2").reportLost().expectDeclined("CardLost", { reportedAt: "2025-11-03 09:00" })
    Life.unborn(csmzxy).open().reportLost().expectDeclined("UnknownCard")
  })

  it("R39 with older cards behind it: the one that is lost now is named, else the latest", () => {
    const life = fresh().replace("card-2").at("2025-11-04 09:00").reportLost().issue("card-3")
    life.reportLost().expectDeclined("CardLost", { reportedAt: "2025-11-04 09:00" })
    const other = Life.unborn(csmzxy).open().issue("card-1").cancel("card-1").issue("card-2").expectApproved()
    other.reportLost().expectDeclined("CardNotActivated")
  })

  it("R41 the new card replaces the one that is lost, and no card that was replaced or taken back before", () => {
    const life = fresh().reportLost().issue("card-2").cancel("card-2").issue("card-3").activate("card-3")
    expect(life.decision.events).toMatchObject([{ _tag: "CardActivated", replaces: ["card-1"] }])
    life.reportLost().issue("card-4").activate("card-4").expectApproved()
    expect(life.decision.events).toMatchObject([{ _tag: "CardActivated", replaces: ["card-3"] }])
  })

  it.each(
    [
      ["a student's regular card", "issueCard", "window-ccb", [
        "window-3",
        "window-4",
        "card-centre",
        "kiosk-1",
        "today-campus"
      ]],
      ["a teacher's temporary one", "issueTemporary", "window-3", [
        "window-ccb",
        "card-centre",
        "kiosk-1",
        "today-campus"
      ]]
    ] as const
  )("R30 R40 R55 A15 %s, the first and the one after a loss: %s at %s only", (_, procedure, point, elsewhere) => {
    const life = procedure === "issueCard"
      ? Life.unborn(csmzxy).open()
      : Life.unborn(csmzxy).openTemporary("staff", applicationOf({ until: "2026-02-01" }))
    for (const card of ["card-1", "card-2"]) {
      for (const other of elsewhere) {
        life.issue(card, { point: other }).expectDeclined("ChannelNotAllowed", { procedure })
      }
      life.issue(card, { point }).expectApproved().activate(card).expectApproved().reportLost().expectApproved()
    }
  })

  it("R39-R45 A15 a teacher's temporary card takes the same way through loss, new card and claim", () => {
    const life = Life.unborn(csmzxy).openTemporary("staff", applicationOf({ until: "2025-12-31" })).expectApproved()
      .issue("card-1", { point: "window-3" }).activate("card-1").recharge("ccbApp", "100.00").load().expectApproved()
    life.at("2025-11-03 09:00").reportLost().expectApproved().expectPockets({ frozen: "100.00" })
    life.issue("card-2", { point: "window-4" }).expectApproved().activate("card-2").expectApproved()
    life.at("2025-11-06 08:59:59.999").claim().expectDeclined("HoldNotElapsed", { availableAt: "2025-11-06 09:00" })
    life.at("2025-11-06 09:00").claim().expectApproved().expectPockets({ transit: "100.00" })
  })

  it.each(["visitor", "trainee"] as const)("R8 A15 a %s has no plastic, whatever else would be wrong", (kind) => {
    const life = Life.unborn(csmzxy).openTemporary(kind, applicationOf({ until: "2025-12-31" })).expectApproved()
    life.issue("card-1", { point: "window-3", fee: "20.00" }).expectDeclined("NoPlasticForHolder", { kind })
    life.at("2026-01-01 10:00").issue("card-1", { point: "window-3" }).expectDeclined("NoPlasticForHolder", { kind })
    life.reportLost().expectDeclined("UnknownCard")
  })

  it("A15 another school gives its trainees plastic", () => {
    const { media, ...temporary } = csmzxy.temporary
    const generous = school({
      temporary: { ...temporary, media: { ...media, trainee: [...media.trainee, "physicalCard"] } }
    })
    const life = Life.unborn(generous).openTemporary("trainee").expectApproved().issue("card-1", { point: "window-3" })
    life.expectApproved().activate("card-1").recharge("ccbApp", "10.00").load().pay("card", "5.00").expectApproved()
    Life.unborn(generous).openTemporary("visitor").issue("card-1", { point: "window-3" })
      .expectDeclined("NoPlasticForHolder")
  })

  // A card was once handed out that could never be used.
  it("A16 on the last day a card is still handed out, after it none is", () => {
    const life = Life.unborn(csmzxy).openTemporary("staff", applicationOf({ until: "2025-12-31" })).expectApproved()
    life.fork().at("2025-12-31 23:59:59.999").issue("card-1", { point: "window-3" }).expectApproved()
    life.at("2026-01-01 00:00").issue("card-1", { point: "window-3" }).expectDeclined("CardExpired", {
      until: "2025-12-31"
    })
  })

  it("R43 found: all is as before", () => {
    const life = fresh().reportLost().reportFound("card-1").expectApproved().expectPockets({ chip: "100.00" })
    life.pay("card", "10.00").expectApproved()
    life.reportFound("card-1").expectDeclined("CardNotLost").reportFound("card-9").expectDeclined("UnknownCard")
  })

  it("R44 a replaced card can never be reported found", () => {
    const life = fresh().replace("card-2").reportFound("card-1").expectDeclined("CardSuperseded")
    life.reportLost().reportFound("card-1").expectDeclined("CardSuperseded")
    fresh().reportLost().issue("card-2").reportFound("card-2").expectDeclined("CardNotActivated")
  })
})

describe("what a loss freezes (A11, D8, I9)", () => {
  it("A11 the medium: the codes go on", () => {
    const life = fresh().withWallet("50.00").recharge("ccbApp", "20.00").reportLost()
    life.expectPockets({ frozen: "100.00", transit: "20.00", wallet: "50.00" })
    life.pay("card", "1.00").expectDeclined("CardLost")
    life.pay("ecode", "10.00").expectApproved().pay("today", "10.00").expectApproved()
    life.expectPockets({ frozen: "100.00", transit: "10.00", wallet: "40.00" })
  })

  it("A11 the account, where a school wants it: no code pays either, until a new card is active", () => {
    const account = school({ replacement: { ...csmzxy.replacement, lossFreezes: "account" } })
    const life = Life.of(account, { chip: "100.00" }).withWallet("50.00").bindAlipay().at("2025-11-03 12:00")
    life.reportLost().pay("ecode", "10.00").expectDeclined("CardLost", { reportedAt: "2025-11-03 12:00" })
    life.pay("today", "10.00").expectDeclined("CardLost")
    life.pay("alipay", "10.00", { link: "down" }).expectDeclined("CardLost")
    life.place("ecode", "unionPayCard", "50.00").expectDeclined("CardLost")
    life.fork().reportFound("card-1").pay("ecode", "10.00").expectApproved()
    life.issue("card-2").pay("ecode", "10.00").expectDeclined("CardLost")
    life.activate("card-2").pay("ecode", "10.00").expectApproved()
  })

  it("D2 no money is taken in for a card that is lost, but what was paid all the same is credited", () => {
    const life = fresh().reportLost().place("ccbApp", "ccbCard", "50.00").expectDeclined("CardLost")
    life.credit("ccbApp", "50.00").expectApproved().expectPockets({ frozen: "100.00", transit: "50.00" })
  })
})

describe("the frozen money is claimed with the new card after three days, once (R42, A1, A2, I7)", () => {
  it.each(
    [
      ["elapsed", "2025-11-06 14:59:59.999", "2025-11-06 15:00"],
      ["calendar", "2025-11-05 23:59:59.999", "2025-11-06 00:00"],
      ["working", "2025-11-05 23:59:59.999", "2025-11-06 00:00"]
    ] as const
  )("A1 activated Monday 2025-11-03 15:00, three days %s: %s is too early, %s is not", (unit, early, ripe) => {
    const life = Life.of(waiting({ count: 3, unit }), { chip: "100.00" }).at("2025-11-03 15:00").replace("card-2")
    life.at(early).claim().expectDeclined("HoldNotElapsed", { availableAt: ripe })
    life.at(ripe).claim().expectApproved().expectEvents("FrozenClaimed").expectPockets({ transit: "100.00" })
  })

  it.each(
    [
      // A Friday; the weekend, a holiday on Monday and a make-up Saturday count as the calendar says.
      ["elapsed", [], [], "2025-11-10 15:00"],
      ["calendar", [], [], "2025-11-10 00:00"],
      ["working", [], [], "2025-11-12 00:00"],
      ["working", ["2025-11-10"], [], "2025-11-13 00:00"],
      ["working", [], ["2025-11-08"], "2025-11-11 00:00"]
    ] as const
  )("A1 activated Friday 2025-11-07 15:00, %s, holidays %j, make-up days %j: %s", (unit, off, on, ripe) => {
    const days = (texts: ReadonlyArray<string>) => texts.map((text) => CivilTime.day(text))
    const profile = waiting({ count: 3, unit }, { holidays: days(off), workdays: days(on) })
    const life = Life.of(profile, { chip: "100.00" }).at("2025-11-07 15:00").replace("card-2")
    life.at(ripe).later(-1).claim().expectDeclined("HoldNotElapsed", { availableAt: ripe })
    life.at(ripe).claim().expectApproved()
  })

  it("A1 the days count from the activation of the new card, not from the loss or the handing out", () => {
    const life = fresh().reportLost().at("2025-11-05 09:00").issue("card-2").at("2025-11-07 09:00").activate("card-2")
    life.at("2025-11-08 09:00").claim().expectDeclined("HoldNotElapsed", { availableAt: "2025-11-10 09:00" })
  })

  it("R42 R65 with the new card, at a kiosk, once", () => {
    const life = fresh().reportLost().claim("card-1").expectDeclined("WrongCardForClaim")
    life.issue("card-2").claim("card-2").expectDeclined("CardNotActivated").activate("card-2")
    life.at("2025-11-06 09:00").claim("card-1").expectDeclined("WrongCardForClaim")
    for (const point of ["canteen-1", "shop-1", "window-3", "window-ccb", "today-campus"]) {
      life.claim("card-2", { point })
        .expectDeclined("ChannelNotAllowed", { procedure: "claimFrozen", allowed: ["kiosk"] })
    }
    life.claim("card-9").expectDeclined("UnknownCard")
    life.claim("card-2").expectApproved().expectPockets({ transit: "100.00" })
    life.at("2025-11-07 09:00").claim().expectDeclined("AlreadyClaimed", { claimedAt: "2025-11-06 09:00" })
    life.expectPockets({ transit: "100.00" })
  })

  it("R42 nothing was frozen, nothing can be claimed", () => {
    fresh().claim().expectDeclined("NothingToClaim")
    fresh("0.00").replace("card-2").at("2025-11-06 09:00").claim().expectDeclined("NothingToClaim")
  })

  it("R42 a kiosk takes the claim of a dormant card too: claiming is not spending (A6)", () => {
    const life = fresh().replace("card-2").at("2026-03-01 10:00").pay("card", "1.00").expectDeclined(
      "CardFrozenDormant"
    )
    life.claim().expectApproved().expectPockets({ transit: "100.00" })
  })

  it("D9 claimed at a kiosk that writes cards, it is on the card at once", () => {
    fresh().replace("card-2").at("2025-11-06 09:00").claim().load({ point: "kiosk-1" }).expectPockets({
      chip: "100.00"
    })
  })

  it("D10 the claim repays the debt first", () => {
    const life = fresh().reportLost()
    life.issue("card-2").activate("card-2").cutOff("late", "5.00", { card: "card-2" }).arrives("late")
      .expectPockets({ frozen: "100.00", receivable: "5.00" })
    life.at("2025-11-06 09:00").claim().expectApproved().expectPockets({ transit: "95.00" })
  })

  it("R42 a second loss before the claim of the first: two holds, two claims, each with the newest card", () => {
    const life = fresh().replace("card-2").expectPockets({ frozen: "100.00" })
    life.recharge("ccbApp", "50.00").load().at("2025-11-04 09:00").replace("card-3").expectPockets({ frozen: "150.00" })
    life.at("2025-11-05 09:00").claim().expectDeclined("HoldNotElapsed", { availableAt: "2025-11-06 09:00" })
    life.at("2025-11-06 09:00").claim("card-2").expectDeclined("WrongCardForClaim")
    life.claim("card-3").expectApproved().expectPockets({ frozen: "50.00", transit: "100.00" })
    life.claim("card-3").expectDeclined("HoldNotElapsed", { availableAt: "2025-11-07 09:00" })
    life.at("2025-11-07 09:00").claim("card-3").expectApproved().expectPockets({ transit: "150.00" })
    life.claim("card-3").expectDeclined("AlreadyClaimed", { claimedAt: "2025-11-07 09:00" })
    life.expectCard("card-1", "Replaced", { claimedAt: "2025-11-06 09:00" })
    life.expectCard("card-2", "Replaced", { claimedAt: "2025-11-07 09:00" })
  })

  it("R42 a second loss before the claim: both holds over, one claim pays both", () => {
    const life = fresh().replace("card-2").recharge("ccbApp", "50.00").load().at("2025-11-04 09:00").replace("card-3")
    life.at("2025-11-10 09:00").claim().expectApproved().expectPockets({ transit: "150.00" })
    life.claim().expectDeclined("AlreadyClaimed")
  })
})

describe("a fee for the new card, where a school takes one (A24, D4)", () => {
  const paying = school({ replacement: { ...csmzxy.replacement, fee: yuan("20.00") } })

  it("A24 the first card costs nothing, a replacement the fee", () => {
    const life = Life.of(paying, { chip: "100.00" }).reportLost()
    life.issue("card-2").expectDeclined("FeeUnpaid", { fee: "20.00" })
    life.issue("card-2", { fee: "19.99" }).expectDeclined("FeeUnpaid", { fee: "20.00" })
    life.issue("card-2", { fee: "20.00" }).expectApproved().expectPockets({ frozen: "100.00" })
    Life.unborn(paying).open().issue("card-1", { fee: "20.00" }).expectDeclined("FeeUnpaid", { fee: "0.00" })
  })

  it("A24 a card that was handed out by mistake and taken back: the next one is still the first", () => {
    const life = Life.unborn(paying).open().issue("card-1").cancel("card-1").expectApproved()
    life.issue("card-2", { fee: "20.00" }).expectDeclined("FeeUnpaid", { fee: "0.00" })
    life.issue("card-2").expectApproved()
  })

  it("D4 books: from the desk to fee income, never from a pocket", () => {
    const life = Life.of(paying, { chip: "100.00" }).reportLost().issue("card-2", { fee: "20.00" })
    expect(life.decision.events).toMatchObject([
      { _tag: "CardIssued", transfers: [{ from: "channel:window-ccb", to: "fees:replacement", amount: 2_000 }] }
    ])
  })

  it("A24 the manual's school takes none", () => {
    fresh().reportLost().issue("card-2").expectApproved()
    fresh().reportLost().issue("card-2", { fee: "20.00" }).expectDeclined("FeeUnpaid", { fee: "0.00" })
  })
})

describe("whatever happens to cards", () => {
  it("I7 frozen money is claimed once, never before its hold, and never more than was frozen", () => {
    fc.assert(fc.property(stories(40), (story) => {
      const life = lived(csmzxy, story)
      const frozen = new Map<string, number>()
      const completed = new Map<string, CivilTime.Instant>()
      const claimed = new Set<string>()
      for (const event of life.events) {
        if (event._tag === "CardReportedLost") {
          frozen.set(event.card, event.transfers.reduce((sum, { amount }) => sum + amount, 0))
        }
        if (event._tag === "CardActivated") { for (const card of event.replaces) completed.set(card, event.at) }
        if (event._tag !== "FrozenClaimed") continue
        let most = 0
        for (const card of event.from) {
          expect(claimed.has(card)).toBe(false)
          claimed.add(card)
          expect(event.at).toBeGreaterThanOrEqual((completed.get(card) ?? Infinity) + 72 * CivilTime.hour)
          most += frozen.get(card) ?? 0
        }
        expect(event.amount).toBeLessThanOrEqual(most)
      }
    }))
  })

  it("I9 R44 between loss report and finding no purchase of that card is approved online", () => {
    fc.assert(fc.property(stories(40), (story) => {
      const out = new Set<string>()
      for (const event of lived(csmzxy, story).events) {
        if (event._tag === "CardReportedLost") out.add(event.card)
        if (event._tag === "CardReportedFound") out.delete(event.card)
        if (event._tag === "Purchased" && event.card !== undefined) expect(out.has(event.card)).toBe(false)
      }
    }))
  })
})
