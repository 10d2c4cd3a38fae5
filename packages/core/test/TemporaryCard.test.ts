import { Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as CivilTime from "../src/CivilTime.ts"
import type { Decline } from "../src/Decline.ts"
import * as Id from "../src/Id.ts"
import { Medium } from "../src/Medium.ts"
import * as Money from "../src/Money.ts"
import * as TemporaryCard from "../src/TemporaryCard.ts"
import { applicationOf, attends, csmzxy, type How, Life, school, type Shown, yuan } from "./support/Life.ts"

const { day } = CivilTime
const at = (time: string, profile = csmzxy): Life => Life.unborn(profile).at(time)
/** What became of the last command. */
const answer = ({ decision }: Life): "approved" | Decline["_tag"] =>
  decision._tag === "Approved" ? "approved" : decision.decline._tag

/** A visitor at noon on Monday, 2025-09-15, with 50.00 in the wallet and Alipay bound; good until October 1st. */
const outsider = (kind: "trainee" | "visitor" = "visitor"): Life =>
  Life.unborn(csmzxy).openTemporary(kind).expectApproved().withWallet("50.00").bindAlipay().expectApproved()
    .at("2025-09-15 12:00")

/** A teacher with a temporary account at the same time: 40.00 on the plastic, 10.00 on the way to it, 50.00 in the wallet. */
const teacher = (): Life =>
  Life.unborn(csmzxy).openTemporary("staff").expectApproved()
    .issue("card-1", { point: "window-3" }).expectApproved().activate("card-1").expectApproved()
    .recharge("ccbApp", "40.00").load().expectApproved().withWallet("50.00").bindAlipay().expectApproved()
    .recharge("ccbApp", "10.00").at("2025-09-15 12:00")

describe("the application form (R9, R51-R53, A17)", () => {
  const marks = { filled: "formFilled", signed: "formSigned", stamped: "formStamped" } as const
  type Mark = keyof typeof marks
  it.each<readonly [ReadonlyArray<Mark>]>([
    [["filled"]],
    [["signed"]],
    [["stamped"]],
    [["filled", "signed"]],
    [["filled", "stamped"]],
    [["signed", "stamped"]],
    [["filled", "signed", "stamped"]]
  ])("R53 not %s: exactly these are named", (without) => {
    const form = Object.fromEntries(without.map((mark) => [mark, false]))
    at("2025-09-15 10:00").openTemporary("visitor", applicationOf(form))
      .expectDeclined("DocumentMissing", { missing: without.map((mark) => marks[mark]) })
  })

  it("R9 no form at all: the form is named, and nothing else", () => {
    at("2025-09-15 10:00").openTemporary("visitor", "none")
      .expectDeclined("DocumentMissing", { missing: ["applicationForm"] })
  })

  it("R53 A17 filled in, signed and stamped, it is good, wherever it was downloaded", () => {
    at("2025-09-15 10:00").openTemporary().expectApproved().expectEvents("AccountOpened")
    // Of the form that is all the software knows: a place it came from could not make any difference.
    expect(Object.keys(TemporaryCard.Application.fields.form.fields)).toEqual(["filled", "signed", "stamped"])
  })

  it.each(["clerk", "unit"] as const)("R52 the %s hands it in, and that is recorded with the unit", (applicant) => {
    const { decision } = at("2025-09-15 10:00").openTemporary("visitor", applicationOf({ applicant })).expectApproved()
    expect(decision.events).toMatchObject([{ application: { applicant, unit: "School of Social Work" } }])
  })

  it("R52 the person never does, and D24 a unit is no identity number", () => {
    const reads = Schema.is(TemporaryCard.Application)
    const good = applicationOf()
    expect(reads(good)).toBe(true)
    for (const applicant of ["person", "holder", "", undefined]) expect(reads({ ...good, applicant })).toBe(false)
    for (const unit of ["", "43010219990101125X", "for 43010219990101125x"]) {
      expect(reads({ ...good, unit })).toBe(false)
    }
  })

  it.each(
    [
      ["student", "NotEligibleForTempCard"],
      ["staff", "approved"],
      ["trainee", "approved"],
      ["visitor", "approved"]
    ] as const
  )("R51 a %s with a perfect form and the fee: %s", (kind, expected) => {
    expect(answer(at("2025-09-15 10:00").openTemporary(kind))).toBe(expected)
  })

  it.each(
    [
      ["a student's form is not even looked at", "student", "none", "NotEligibleForTempCard"],
      [
        "the form before its end date",
        "visitor",
        applicationOf({ signed: false, until: "2025-09-14" }),
        "DocumentMissing"
      ],
      [
        "the end date before the fee",
        "visitor",
        applicationOf({ until: "2025-09-14", fee: "none" }),
        "EndDateNotAllowed"
      ],
      ["the fee before the password", "visitor", applicationOf({ fee: "none" }), "FeeUnpaid"]
    ] as const
  )("R51-R54 the first that is wrong is told: %s", (_, kind, application, expected) => {
    const life = at("2025-09-15 10:00")
    expect(answer(life.openTemporary(kind, application))).toBe(expected)
  })
})

describe("the fee of 20.00 (R54, D4, A16)", () => {
  it.each(
    [
      ["none", "FeeUnpaid"],
      ["0.00", "FeeUnpaid"],
      ["19.99", "FeeUnpaid"],
      ["20.00", "approved"],
      ["20.01", "FeeUnpaid"]
    ] as const
  )("R54 paid %s: %s", (fee, expected) => {
    const life = at("2025-09-15 10:00").openTemporary("visitor", applicationOf({ fee }))
    expect(answer(life)).toBe(expected)
    if (expected === "FeeUnpaid") life.expectDeclined("FeeUnpaid", { fee: "20.00" })
  })

  it("D4 it goes from the desk to fee income, and never through a pocket", () => {
    const life = at("2025-09-15 10:00").openTemporary().expectApproved().expectPockets({})
    expect(life.decision.events).toMatchObject([{
      transfers: [{ from: "channel:window-3", to: "fees:temporary-card", amount: 2_000 }]
    }])
  })

  it("A16 it is not returned: neither while nothing was done with the card, nor at the end", () => {
    const life = at("2025-09-15 10:00").openTemporary().close().expectApproved().at("2025-09-18 10:00").payOut()
    life.expectApproved()
    expect(life.decision.events).toEqual([
      expect.objectContaining({ _tag: "AccountPaidOut", amount: 0, transfers: [] })
    ])
  })

  it("R54 A15 staff pay it too, with plastic and without", () => {
    at("2025-09-15 10:00").openTemporary("staff", applicationOf({ fee: "none" })).expectDeclined("FeeUnpaid")
    const life = at("2025-09-15 10:00").openTemporary("staff").issue("card-1", { point: "window-3" }).expectApproved()
    expect(life.decision.events).toMatchObject([{ _tag: "CardIssued", transfers: [] }])
  })

  it("R54 in another school it costs nothing, and then nothing may be taken", () => {
    const free = school({ temporary: { ...csmzxy.temporary, fee: Money.zero } })
    for (const fee of ["none", "0.00"]) {
      const life = at("2025-09-15 10:00", free).openTemporary("visitor", applicationOf({ fee })).expectApproved()
      expect(life.decision.events).toMatchObject([{ transfers: [] }])
    }
    at("2025-09-15 10:00", free).openTemporary().expectDeclined("FeeUnpaid", { fee: "0.00" })
  })

  // Money that was taken at a desk for a regular account once stood in no book.
  it("D4 a regular account costs nothing: a fee for it is refused, and a form without one does no harm", () => {
    const opening = (fee: string): Life => {
      const life = at("2025-09-15 10:00").openTemporary("staff", applicationOf({ fee }))
      const body = life.envelopes[0]?.body
      if (body?._tag !== "OpenAccount") throw new Error("an opening was expected")
      return at("2025-09-15 10:00").step("card-centre", { ...body, class: "regular" }, { fresh: {} })
    }
    opening("20.00").expectDeclined("FeeUnpaid", { fee: "0.00" })
    expect(opening("none").expectApproved().state.until).toBeUndefined()
  })
})

describe("where and when it is opened (R55, R32, A19)", () => {
  it.each(
    [
      ["window-3", "approved"],
      ["window-4", "approved"],
      ["window-ccb", "ChannelNotAllowed"],
      ["card-centre", "ChannelNotAllowed"],
      ["kiosk-1", "ChannelNotAllowed"],
      ["today-campus", "ChannelNotAllowed"],
      ["ecode", "ChannelNotAllowed"],
      ["alipay", "ChannelNotAllowed"],
      ["canteen-1", "ChannelNotAllowed"],
      ["shop-1", "ChannelNotAllowed"],
      ["dorm-1", "ChannelNotAllowed"]
    ] as const
  )("R55 at %s: %s", (point, expected) => {
    const life = at("2025-09-15 10:00").openTemporary("visitor", applicationOf(), { point })
    expect(answer(life)).toBe(expected)
    if (expected === "ChannelNotAllowed") {
      life.expectDeclined("ChannelNotAllowed", { procedure: "openTemporary", allowed: ["counter"] })
    }
  })

  const bound = school({ hours: { ...csmzxy.hours, binds: ["openTemporary"] } })
  it.each(
    [
      // when, in the manual's school, where hours bind, and when that opens next
      ["Monday, as it opens", "2025-09-15 09:30", "approved", undefined],
      ["a moment before", "2025-09-15 09:29:59.999", "OutsideServiceHours", "2025-09-15 09:30"],
      ["a moment before lunch", "2025-09-15 11:59:59.999", "approved", undefined],
      ["lunch", "2025-09-15 12:00", "OutsideServiceHours", "2025-09-15 13:00"],
      ["Friday evening", "2025-09-19 17:30", "OutsideServiceHours", "2025-09-22 09:30"],
      ["Sunday", "2025-09-21 10:00", "OutsideServiceHours", "2025-09-22 09:30"]
    ] as const
  )("R55 A19 %s: hours advise in the manual's school, and bind where a school says so", (_, time, there, opens) => {
    at(time).openTemporary().expectApproved()
    const life = at(time, bound).openTemporary()
    expect(answer(life)).toBe(there)
    if (opens !== undefined) life.expectDeclined("OutsideServiceHours", { nextOpening: opens })
  })

  it("R72 A19 whoever may not do this is told so first, and learns of no hours", () => {
    const how: How = { attendance: "nobody" }
    at("2025-09-21 10:00", bound).openTemporary("visitor", applicationOf(), how).expectDeclined("OperatorMissing")
    at("2025-09-21 10:00", bound).openTemporary("visitor", applicationOf(), { attendance: attends("ccb") })
      .expectDeclined("OperatorNotAllowed")
  })
})

describe("the end date (A16)", () => {
  it.each(
    [
      // opened on, good until, answer, latest
      ["2025-09-15", "2025-09-15", "approved", "2026-09-15"],
      ["2025-09-15", "2025-09-14", "EndDateNotAllowed", "2026-09-15"],
      ["2025-09-15", "2026-09-15", "approved", "2026-09-15"],
      ["2025-09-15", "2026-09-16", "EndDateNotAllowed", "2026-09-15"],
      // A year from a leap day ends on the last of February; a year before one does not reach it.
      ["2024-02-29", "2025-02-28", "approved", "2025-02-28"],
      ["2024-02-29", "2025-03-01", "EndDateNotAllowed", "2025-02-28"],
      ["2023-02-28", "2024-02-28", "approved", "2024-02-28"],
      ["2023-02-28", "2024-02-29", "EndDateNotAllowed", "2024-02-28"],
      ["2023-03-01", "2024-02-29", "approved", "2024-03-01"],
      // Opening at the end of time once ended in a RangeError.
      ["9999-06-01", "9999-12-31", "approved", "9999-12-31"],
      ["9999-12-31", "9999-12-31", "approved", "9999-12-31"],
      ["9999-12-31", "9999-12-30", "EndDateNotAllowed", "9999-12-31"]
    ] as const
  )("A16 opened on %s until %s: %s", (today, until, expected, latest) => {
    // A minute after midnight and a minute before: the day counts, not the hour.
    for (const time of ["00:00", "23:59"]) {
      const life = at(`${today} ${time}`).openTemporary("visitor", applicationOf({ until }))
      expect(answer(life)).toBe(expected)
      if (expected === "EndDateNotAllowed") life.expectDeclined("EndDateNotAllowed", { until, latest })
      else expect(life.state.until).toBe(day(until))
    }
  })

  it("A16 there is no temporary account without an end date", () => {
    const { until: _, ...endless } = applicationOf()
    expect(Schema.is(TemporaryCard.Application)(endless)).toBe(false)
  })

  it("A16 another school allows a month", () => {
    const month = school({ temporary: { ...csmzxy.temporary, longest: 1 } })
    at("2025-01-31 10:00", month).openTemporary("visitor", applicationOf({ until: "2025-02-28" })).expectApproved()
    at("2025-01-31 10:00", month).openTemporary("visitor", applicationOf({ until: "2025-03-01" }))
      .expectDeclined("EndDateNotAllowed", { latest: "2025-02-28" })
    at("9999-11-30 10:00", month).openTemporary("visitor", applicationOf({ until: "9999-12-31" }))
      .expectDeclined("EndDateNotAllowed", { latest: "9999-12-30" })
  })

  const lastMoment = "2025-10-01 23:59:59.999"
  const granted = () =>
    teacher().grantAccess("dorm-1").expectApproved().grantAccess("dorm-1", { keyRingOnly: true }).expectApproved()
      .grantAccess("room-1-101", { keyRingOnly: true }).expectApproved()
  it.each<readonly [string, (life: Life) => Life]>([
    ["a tap at the till", (life) => life.pay("card", "5.00")],
    ["a tap at the shop", (life) => life.pay("card", "5.00", { point: "shop-1" })],
    ["a 今日校园 code", (life) => life.pay("today", "5.00")],
    ["an e码通 code", (life) => life.pay("ecode", "5.00")],
    ["an Alipay code where it pays", (life) => life.pay("alipay", "5.00", { link: "down" })],
    ["a load at the till", (life) => life.beginLoad()],
    ["a load at the kiosk", (life) => life.beginLoad({ point: "kiosk-1" })],
    ["a recharge by 建行 APP", (life) => life.place("ccbApp", "ccbCard", "10.00")],
    ["a recharge by 今日校园", (life) => life.place("todayCampus", "weChat", "10.00")],
    ["a recharge by e码通", (life) => life.place("ecode", "unionPayCard", "10.00")],
    ["the wallet's money for the card", (life) => life.moveToTransit("10.00")],
    ["the card at the dormitory", (life) => life.show("card", "dorm-1")],
    ["the identity code at the dormitory", (life) => life.show("identity", "dorm-1")],
    ["a room by the key ring", (life) => life.unlock("room-1-101")],
    ["the wallet", (life) => life.openWallet()],
    ["the bank card of the wallet", (life) => life.bindWallet()],
    ["the bank card at the kiosk", (life) => life.bindTransfer()],
    ["Alipay", (life) => life.bindAlipay()],
    [
      "a new card for a lost one",
      (life) => life.reportLost().expectApproved().issue("card-2", { point: "window-3" })
    ]
  ])("A16 R48 %s: good until the last moment of the last day, and CardExpired at midnight", (_, does) => {
    does(granted().at(lastMoment)).expectApproved()
    does(granted().at("2025-10-02 00:00")).expectDeclined("CardExpired", { until: "2025-10-01" })
  })

  it("A16 facts still post: an offline purchase of the last day, and one that a terminal took too late", () => {
    const life = teacher().at("2025-10-01 18:00").cutOff("supper", "10.00").at("2025-10-02 07:00")
      .cutOff("breakfast", "5.00").at("2025-10-02 12:00")
    life.arrives("supper").expectReported().arrives("breakfast").expectApproved()
    life.expectPockets({ chip: "25.00", transit: "10.00", wallet: "50.00" })
  })

  it("D2 what was paid before midnight is credited after it", () => {
    const life = outsider().at(lastMoment).place("ecode", "unionPayCard", "10.00").expectApproved()
    life.at("2025-10-02 00:00").credit("ecode", "10.00").expectApproved().expectPockets({ wallet: "60.00" })
  })

  it("D7 the loss can still be told, and the account closed and paid out", () => {
    const life = teacher().at("2025-10-02 10:00").reportLost().expectApproved().close().expectApproved()
    life.at("2025-10-05 10:00").payOut().expectApproved().expectPockets({})
  })

  it("A16 R46 before its end it may fall asleep like any other, and the end is told rather than the sleep", () => {
    const life = at("2025-09-15 10:00").openTemporary("visitor", applicationOf({ until: "2026-09-15" }))
      .expectApproved()
    life.at("2025-12-14 23:59").pay("ecode", "1.00").expectDeclined("InsufficientWallet")
    life.at("2025-12-15 00:00").pay("ecode", "1.00").expectDeclined("CardFrozenDormant", { since: "2025-12-15" })
    life.at("2026-09-16 00:00").pay("ecode", "1.00").expectDeclined("CardExpired", { until: "2026-09-15" })
  })
})

describe("who shows what (R8, A15, R7)", () => {
  const no = "MediumNotForHolder"
  const places = {
    canteen: ["canteen-1", "up"],
    "canteen, cut off": ["canteen-1", "down"],
    shop: ["shop-1", "up"],
    "shop, cut off": ["shop-1", "down"]
  } as const
  const table: ReadonlyArray<readonly [keyof typeof places, Shown, outsiders: string, staff: string]> = [
    ["canteen", "card", no, "approved"],
    ["canteen", "today", no, "approved"],
    ["canteen", "ecode", "approved", "approved"],
    ["canteen", "identity", "WrongCodeKind", "WrongCodeKind"],
    ["canteen", "alipay", "AlipayOnlyWhenTerminalOffline", "AlipayOnlyWhenTerminalOffline"],
    ["canteen", "keyRing", "MediumNotAcceptedHere", "MediumNotAcceptedHere"],
    ["canteen, cut off", "card", no, "approved"],
    ["canteen, cut off", "today", "NotAcceptedOffline", "NotAcceptedOffline"],
    ["canteen, cut off", "ecode", "NotAcceptedOffline", "NotAcceptedOffline"],
    ["canteen, cut off", "identity", "WrongCodeKind", "WrongCodeKind"],
    ["canteen, cut off", "alipay", "approved", "approved"],
    ["canteen, cut off", "keyRing", "MediumNotAcceptedHere", "MediumNotAcceptedHere"],
    ["shop", "card", no, "approved"],
    ["shop", "today", no, "approved"],
    ["shop", "ecode", "approved", "approved"],
    ["shop", "identity", "WrongCodeKind", "WrongCodeKind"],
    ["shop", "alipay", "MediumNotAcceptedHere", "MediumNotAcceptedHere"],
    ["shop, cut off", "card", no, "approved"],
    ["shop, cut off", "today", "NotAcceptedOffline", "NotAcceptedOffline"],
    ["shop, cut off", "ecode", "NotAcceptedOffline", "NotAcceptedOffline"],
    ["shop, cut off", "alipay", "MediumNotAcceptedHere", "MediumNotAcceptedHere"]
  ]
  it.each(table)("R8 R58-R61 at a %s, %s: outsiders %s, staff %s", (place, shown, outsiders, staff) => {
    const [point, link] = places[place]
    for (const kind of ["trainee", "visitor"] as const) {
      const life = outsider(kind).pay(shown, "5.00", { point, link })
      expect(answer(life)).toBe(outsiders)
      if (outsiders === no) {
        const { trainee } = csmzxy.temporary.media
        life.expectDeclined(no, { kind, allowed: trainee })
      }
    }
    expect(answer(teacher().pay(shown, "5.00", { point, link }))).toBe(staff)
  })

  it("R7 R6 Alipay pays for an outsider at a cut-off canteen only when it was bound", () => {
    const life = at("2025-09-15 12:00").openTemporary().expectApproved()
    life.pay("alipay", "5.00", { link: "down" }).expectDeclined("AlipayNotBound")
    life.bindAlipay().pay("alipay", "5.00", { link: "down" }).expectApproved()
  })

  it.each(
    [
      // door, what is shown, without a grant, with one
      ["dorm-1", "card", no, no],
      ["dorm-1", "today", no, no],
      ["dorm-1", "ecode", "WrongCodeKind", "WrongCodeKind"],
      ["dorm-1", "identity", "NoGrantForDoor", "approved"],
      ["dorm-1", "alipay", "MediumNotForDoor", "MediumNotForDoor"],
      ["room-1-101", "card", no, no],
      ["room-1-101", "identity", "MediumNotForDoor", "MediumNotForDoor"],
      ["room-1-101", "keyRing", "NoGrantForDoor", "approved"],
      ["library-1", "card", no, no],
      ["library-1", "identity", "MediumNotForDoor", "MediumNotForDoor"]
    ] as const
  )("A16 R8 a visitor at %s with %s: %s; granted: %s", (door, shown, without, granted) => {
    const tries = (life: Life) => answer(shown === "keyRing" ? life.unlock(door) : life.show(shown, door))
    expect(tries(outsider())).toBe(without)
    expect(tries(outsider().grantAccess(door, { keyRingOnly: true }).expectApproved())).toBe(granted)
  })

  it.each(["dorm-1", "library-1"])(
    "A16 a teacher's temporary card opens %s when it was granted, a regular one at once",
    (door) => {
      teacher().show("card", door).expectDeclined("NoGrantForDoor")
      teacher().grantAccess(door).show("card", door).expectApproved()
      Life.of(csmzxy).show("card", door).expectApproved()
    }
  )

  it.each(
    [
      ["visitor", "window-3", "NoPlasticForHolder"],
      ["trainee", "window-3", "NoPlasticForHolder"],
      ["staff", "window-3", "approved"],
      ["staff", "window-4", "approved"],
      ["staff", "window-ccb", "ChannelNotAllowed"],
      ["visitor", "window-ccb", "ChannelNotAllowed"]
    ] as const
  )("A15 R8 a plastic card for a %s at %s: %s", (kind, point, expected) => {
    const life = at("2025-09-15 10:00").openTemporary(kind).expectApproved().issue("card-1", { point })
    expect(answer(life)).toBe(expected)
    if (expected === "NoPlasticForHolder") life.expectDeclined("NoPlasticForHolder", { kind })
  })

  // Outsiders with a passport were once told to change a password that they had nowhere to change.
  it.each(
    [
      ["visitor", "approved"],
      ["trainee", "approved"],
      ["staff", "PasswordMustChange"]
    ] as const
  )("A13 R37 a %s whose first password was issued for one use opens the wallet with it: %s", (kind, expected) => {
    const life = at("2025-09-15 10:00").openTemporary(kind, applicationOf(), { fresh: { oneTime: true } })
      .expectApproved()
    expect(answer(life.openWallet())).toBe(expected)
    // Who has plastic changes it at a kiosk or at the counter.
    if (kind !== "staff") return
    life.issue("card-1", { point: "window-3" }).activate("card-1").changePassword().expectApproved()
    life.openWallet().expectApproved()
  })

  it("R31 it is in use from its opening on: no card has to be activated first", () => {
    outsider().pay("ecode", "5.00").expectApproved().expectPockets({ wallet: "45.00" })
  })

  it("I17 R8 whoever may not show a medium learns nothing of money or of the end date", () => {
    for (const life of [outsider(), outsider().at("2025-10-02 00:00"), outsider().pay("ecode", "30.00")]) {
      for (const amount of ["0.01", "999.00"]) {
        life.pay("today", amount).expectDeclined("MediumNotForHolder").pay("card", amount).expectDeclined(no)
      }
    }
  })
})

const media = fc.subarray([...Medium.literals])
const policies: fc.Arbitrary<TemporaryCard.Policy> = fc.record({
  fee: fc.nat(5_000).map(Money.of),
  longest: fc.integer({ min: 1, max: 120 }),
  media: fc.record({ staff: media, trainee: media, visitor: media })
})
const days = fc.oneof(
  fc.integer({ min: day("1992-01-01"), max: CivilTime.lastDay }),
  fc.integer({ min: CivilTime.lastDay - 4_000, max: CivilTime.lastDay })
) as fc.Arbitrary<CivilTime.Day>

describe("whoever holds codes only has no card to show (R8, A15)", () => {
  const visitor = () => Life.unborn(csmzxy).at("2025-09-01 10:00").openTemporary("visitor").expectApproved()

  it("R47 dormant after three months, extended at the counter with the identity card alone", () => {
    const other = school({ dormancy: { months: 1 }, temporary: { ...csmzxy.temporary, longest: 12 } })
    const life = Life.unborn(other).at("2025-09-01 10:00")
    life.openTemporary("visitor", applicationOf({ until: "2026-06-30" })).expectApproved()
    life.at("2025-10-01 10:00").pay("ecode", "1.00").expectDeclined("CardFrozenDormant")
    life.step("window-3", { _tag: "ExtendValidity" }, { attendance: { presented: [] } })
      .expectDeclined("DocumentMissing", { missing: ["identityDocument"] })
    const identity = { presented: [{ _tag: "IdentityDocument", kind: "passport" }] } as const
    life.step("window-3", { _tag: "ExtendValidity" }, { attendance: identity }).expectApproved()
    life.pay("ecode", "1.00").expectDeclined("InsufficientWallet")
  })

  it("R36 R37 the password is reset and changed without one", () => {
    const life = visitor()
    life.step("window-3", { _tag: "ResetPassword" }, { fresh: {} }).expectApproved()
    life.step("kiosk-1", { _tag: "ChangePassword" }, { fresh: {}, password: "right" }).expectApproved()
  })

  it("R36 R37 R47 whoever has a card shows it", () => {
    const life = Life.of(csmzxy)
    for (const body of [{ _tag: "ExtendValidity" }, { _tag: "ResetPassword" }, { _tag: "ChangePassword" }] as const) {
      life.step("window-3", body, { fresh: {} }).expectDeclined("UnknownCard")
    }
  })

  it("D2 money for a card is refused before it is paid: it could never be spent", () => {
    visitor().place("todayCampus", "weChat", "50.00").expectDeclined("NoPlasticForHolder", { kind: "visitor" })
    visitor().place("ccbApp", "ccbCard", "50.00").expectDeclined("NoPlasticForHolder")
    visitor().moveToTransit("1.00").expectDeclined("NoPlasticForHolder")
    visitor().place("ecode", "unionPayCard", "50.00").expectDeclined("EWalletNotOpened")
  })

  it("D3 R7 Alipay's record counts from the opening on, since no card is ever activated", () => {
    const life = visitor()
    life.bindAlipay().expectApproved()
    life.at("2025-09-01 12:00").recordAlipay("8.00", { at: "2025-09-01 11:50" }).expectApproved()
    life.recordAlipay("8.00", { at: "2025-09-01 09:59" }).expectDeclined("RecordBeforeActivation")
  })
})

describe("what is over is over (A16)", () => {
  const ended = () => {
    const life = Life.unborn(csmzxy).at("2025-09-01 10:00").openTemporary("staff").expectApproved()
    life.step("window-3", { _tag: "IssueCard", card: Id.CardId.make("card-1") }).expectApproved()
    return life
  }

  it("A16 a card is neither activated nor extended after the last day", () => {
    ended().at("2025-10-02 09:30").activate("card-1").expectDeclined("CardExpired", { until: "2025-10-01" })
    const life = ended().activate("card-1").expectApproved().at("2025-10-02 09:30")
    life.extend("card-1").expectDeclined("CardExpired", { until: "2025-10-01" })
  })
})

describe("for any school", () => {
  it("I12 A16 on any day: accepted exactly from today through the longest, which is never before today", () => {
    fc.assert(fc.property(policies, days, days, (policy, today, until) => {
      const application = { ...applicationOf(), fee: { amount: policy.fee, desk: "window-3" }, until }
      const refused = TemporaryCard.refuse(policy, application, today)
      if (refused === undefined) expect(until).toBeGreaterThanOrEqual(today)
      else {
        expect(refused).toMatchObject({ _tag: "EndDateNotAllowed", until })
        if (refused._tag === "EndDateNotAllowed") {
          expect(refused.latest).toBeGreaterThanOrEqual(today)
          expect(until < today || until > refused.latest).toBe(true)
        }
      }
      // The oracle counts months on the calendar's own fields.
      const date = new Date(today * 86_400_000)
      const months = date.getUTCFullYear() * 12 + date.getUTCMonth() + policy.longest
      const end = new Date(until * 86_400_000)
      const monthsOfEnd = end.getUTCFullYear() * 12 + end.getUTCMonth()
      if (until >= today && monthsOfEnd < months) expect(refused).toBeUndefined()
      if (monthsOfEnd > months) expect(refused).toBeDefined()
      if (monthsOfEnd === months) expect(refused === undefined).toBe(end.getUTCDate() <= date.getUTCDate())
    }))
  })

  it("R53 R54 a form is good exactly with three marks and the fee to the fen", () => {
    const bit = fc.boolean()
    fc.assert(fc.property(policies, bit, bit, bit, fc.nat(5_000), (policy, filled, signed, stamped, paid) => {
      const today = day("2025-09-15")
      const application = {
        ...applicationOf({ filled, signed, stamped, until: "2025-09-20" }),
        fee: { amount: Money.of(paid), desk: "window-3" }
      }
      const refused = TemporaryCard.refuse(policy, application, today)
      const complete = filled && signed && stamped
      expect(refused?._tag).toBe(!complete ? "DocumentMissing" : paid === policy.fee ? undefined : "FeeUnpaid")
      if (refused?._tag === "DocumentMissing") {
        expect(refused.missing.length).toBe([filled, signed, stamped].filter((mark) => !mark).length)
      }
    }))
  })

  it("R8 a medium is refused exactly where the school does not list it; a regular account shows everything", () => {
    const kinds = fc.constantFrom("staff", "trainee", "visitor" as const)
    fc.assert(fc.property(policies, kinds, fc.constantFrom(...Medium.literals), (policy, kind, medium) => {
      const refused = TemporaryCard.refuseMedium(policy, { class: "temporary", kind }, medium)
      const allowed = policy.media[kind]
      expect(refused).toEqual(
        allowed.includes(medium) ? undefined : { _tag: "MediumNotForHolder", medium, kind, allowed }
      )
      expect(TemporaryCard.hasPlastic(policy, { class: "temporary", kind })).toBe(allowed.includes("physicalCard"))
      for (const regular of ["staff", "student"] as const) {
        expect(TemporaryCard.hasPlastic(policy, { class: "regular", kind: regular })).toBe(true)
        expect(TemporaryCard.refuseMedium(policy, { class: "regular", kind: regular }, medium)).toBeUndefined()
      }
    }))
  })

  it("D4 the fee that was paid is the fee that is booked", () => {
    fc.assert(fc.property(fc.nat(5_000), (paid) => {
      const fee = { amount: Money.of(paid), desk: "window-4" }
      expect(TemporaryCard.feeTransfers({ ...applicationOf(), fee })).toEqual(
        paid === 0 ? [] : [{ from: "channel:window-4", to: "fees:temporary-card", amount: paid }]
      )
    }))
    expect(TemporaryCard.feeTransfers(applicationOf({ fee: "none" }))).toEqual([])
  })
})

describe("the preset (R51-R55)", () => {
  it("R8 R54 A16 what the manual's school says", () => {
    const { fee, longest, media } = csmzxy.temporary
    expect([fee, longest]).toEqual([yuan("20.00"), 12])
    expect(media.trainee).toEqual(media.visitor)
    expect([...media.visitor].sort()).toEqual(["alipayCode", "ecodeIdentityCode", "ecodePayCode", "keyRing"])
    expect([...media.staff].sort()).toEqual([...Medium.literals].sort())
  })
})
