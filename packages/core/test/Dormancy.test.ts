import { Option } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as CivilTime from "../src/CivilTime.ts"
import * as Dormancy from "../src/Dormancy.ts"
import { csmzxy, Life, school } from "./support/Life.ts"
import { lived, stories, wholeStories } from "./support/lives.ts"

const fresh = (since = "2025-09-01 09:30") => Life.of(csmzxy, { chip: "100.00", since })

describe("three months without a purchase: frozen until the counter extends it (R46-R48, A3)", () => {
  it.each([
    // last purchase, last active day, first frozen day
    ["2025-11-30", "2026-02-27", "2026-02-28"],
    ["2025-11-29", "2026-02-27", "2026-02-28"],
    ["2025-11-28", "2026-02-27", "2026-02-28"],
    ["2025-11-27", "2026-02-26", "2026-02-27"],
    ["2023-11-30", "2024-02-28", "2024-02-29"],
    ["2023-11-29", "2024-02-28", "2024-02-29"],
    ["2023-11-28", "2024-02-27", "2024-02-28"],
    ["2025-12-31", "2026-03-30", "2026-03-31"],
    ["2026-01-31", "2026-04-29", "2026-04-30"],
    ["2026-03-31", "2026-06-29", "2026-06-30"],
    ["2026-05-31", "2026-08-30", "2026-08-31"],
    ["2024-02-29", "2024-05-28", "2024-05-29"],
    ["2025-10-01", "2025-12-31", "2026-01-01"]
  ])("A3 last purchase %s: active on %s, frozen on %s", (bought, active, frozen) => {
    const life = fresh(`${bought} 09:30`).at(`${bought} 23:59:59.999`).pay("card", "1.00").expectApproved()
    life.fork().at(`${active} 23:59:59.999`).pay("card", "1.00").expectApproved()
    life.at(`${frozen} 00:00`).pay("card", "1.00").expectDeclined("CardFrozenDormant", { since: frozen, months: 3 })
  })

  it.each([[1, "2026-02-28"], [2, "2026-03-31"], [4, "2026-05-31"], [12, "2027-01-31"]])(
    "A3 a school that waits %i months: last purchase 2026-01-31, frozen on %s",
    (months, frozen) => {
      const life = Life.of(school({ dormancy: { months } }), { chip: "10.00", since: "2026-01-31 10:00" })
      life.at(`${frozen} 00:00`).later(-1).fork().pay("card", "1.00").expectApproved()
      life.at(`${frozen} 00:00`).pay("card", "1.00").expectDeclined("CardFrozenDormant", { since: frozen, months })
    }
  )

  it("A4 never used: the clock begins with the activation, not with the handing out", () => {
    const life = Life.unborn(csmzxy).at("2025-09-01 10:00").open().issue("card-1").at("2025-10-15 10:00").activate(
      "card-1"
    )
    life.recharge("ccbApp", "10.00").load()
    life.fork().at("2026-01-14 12:00").pay("card", "1.00").expectApproved()
    life.at("2026-01-15 00:00").pay("card", "1.00").expectDeclined("CardFrozenDormant", { since: "2026-01-15" })
  })

  it("R47 A4 the extension begins three new months, whether frozen already or not yet", () => {
    const life = fresh().at("2025-12-01 10:00").pay("card", "1.00").expectDeclined("CardFrozenDormant")
    life.extend().expectApproved().at("2026-02-28 12:00").fork().pay("card", "1.00").expectApproved()
    life.at("2026-03-01 00:00").pay("card", "1.00").expectDeclined("CardFrozenDormant", { since: "2026-03-01" })
    fresh().at("2025-11-30 10:00").extend().at("2026-02-27 12:00").pay("card", "1.00").expectApproved()
  })

  it("R47 the extension is the counter's, with an active card", () => {
    fresh().extend("card-1", { point: "kiosk-1" }).expectDeclined("ChannelNotAllowed", { procedure: "extendValidity" })
    fresh().reportLost().extend("card-1").expectDeclined("CardLost")
    fresh().replace("card-2").extend("card-1").expectDeclined("CardSuperseded")
    fresh().extend("card-9").expectDeclined("UnknownCard")
  })

  it("A5 a purchase by any medium counts", () => {
    const ways: ReadonlyArray<(life: Life) => Life> = [
      (life) => life.pay("card", "1.00"),
      (life) => life.pay("card", "1.00", { point: "shop-1" }),
      (life) => life.pay("today", "1.00"),
      (life) => life.pay("ecode", "1.00"),
      (life) => life.pay("alipay", "1.00", { link: "down" }),
      (life) => life.recordAlipay("1.00"),
      (life) => life.cutOff("slip", "1.00").arrives("slip")
    ]
    for (const way of ways) {
      const life = way(fresh().withWallet("10.00").bindAlipay().at("2025-11-30 12:00")).expectApproved()
      life.at("2026-02-27 12:00").pay("card", "1.00").expectApproved()
    }
  })

  it("R46 recharges, loads, subsidies, bindings, claims and refused purchases do not count", () => {
    const ways: ReadonlyArray<(life: Life) => Life> = [
      (life) => life.recharge("ccbApp", "10.00"),
      (life) => life.recharge("ccbApp", "10.00").load(),
      (life) => life.grantSubsidy("10.00"),
      (life) => life.openWallet().bindWallet().bindAlipay().bindTransfer(),
      (life) => life.changePassword(),
      (life) => life.pay("card", "99.00"),
      (life) => life.pay("card", "1.00").reverse()
    ]
    for (const way of ways) {
      const life = way(fresh().at("2025-11-30 12:00"))
      life.at("2025-12-01 00:00").pay("card", "1.00").expectDeclined("CardFrozenDormant", { since: "2025-12-01" })
    }
  })

  it("D17 dormancy blocks the codes, the recharge and the bindings too; what was paid all the same is credited", () => {
    const life = fresh().withWallet("50.00").bindAlipay().at("2025-12-01 12:00")
    for (const shown of ["card", "today", "ecode"] as const) life.pay(shown, "1.00").expectDeclined("CardFrozenDormant")
    life.pay("alipay", "1.00", { link: "down" }).expectDeclined("CardFrozenDormant")
    life.place("ccbApp", "ccbCard", "50.00").expectDeclined("CardFrozenDormant")
    life.place("ecode", "unionPayCard", "50.00").expectDeclined("CardFrozenDormant")
    life.openWallet().expectDeclined("CardFrozenDormant").bindTransfer().expectDeclined("CardFrozenDormant")
    life.beginLoad().expectDeclined("CardFrozenDormant")
    life.credit("ccbApp", "20.00").expectApproved()
  })

  it("D17 a dormant card can still be reported lost, and the new one's activation begins anew", () => {
    const life = fresh().at("2025-12-15 12:00").pay("card", "1.00").expectDeclined("CardFrozenDormant").replace(
      "card-2"
    )
    life.recharge("ccbApp", "10.00").load().expectApproved()
    life.fork().at("2026-03-14 12:00").pay("card", "1.00").expectApproved()
    life.at("2026-03-15 12:00").pay("card", "1.00").expectDeclined("CardFrozenDormant", { since: "2026-03-15" })
  })

  it("D17 a found card is no newly activated one", () => {
    const life = fresh().at("2025-11-30 12:00").reportLost().reportFound("card-1").at("2025-12-01 12:00")
    life.pay("card", "1.00").expectDeclined("CardFrozenDormant", { since: "2025-12-01" })
  })

  it("D17 a late record thaws the account", () => {
    const life = fresh().at("2025-11-29 12:00").cutOff("late", "1.00").at("2025-12-01 12:00")
    life.pay("card", "1.00").expectDeclined("CardFrozenDormant")
    life.arrives("late").expectReported().pay("card", "1.00").expectApproved()
  })

  it("D17 the last purchase is remembered long after its counters are gone", () => {
    const life = fresh().at("2025-11-02 12:00").pay("card", "1.00").at("2025-11-03 12:00").pay("card", "1.00")
    life.at("2025-11-20 12:00").pay("card", "1.00")
    expect(life.state.tallies.before).toBe(CivilTime.day("2025-11-03"))
    life.reverse({ present: true }).expectApproved().at("2026-02-02 12:00").fork().pay("card", "1.00").expectApproved()
    life.at("2026-02-03 00:00").pay("card", "1.00").expectDeclined("CardFrozenDormant", { since: "2026-02-03" })
  })
})

describe("I11 the nightly sweep and the till never disagree", () => {
  it("I11 D7 an account that was closed is no more told that it is dormant than its till says so", () => {
    const life = fresh().close().expectApproved().at("2026-06-01 12:00")
    life.pay("card", "1.00").expectDeclined("AccountClosed")
    expect(Dormancy.sweep(csmzxy, [life.state], CivilTime.day("2026-06-01"))).toEqual([])
  })

  const days = fc.integer({ min: -30, max: 250 })

  it("I11 swept today exactly if a purchase today would be refused as dormant, from the same day on", () => {
    fc.assert(fc.property(wholeStories(25), days, (story, n) => {
      const life = lived(csmzxy, story)
      const day = CivilTime.addDays(CivilTime.dayOf(life.now), n)
      const swept = Dormancy.sweep(csmzxy, [life.state], day)
      const purchase = life.fork().atInstant(CivilTime.later(CivilTime.startOf(day), 12 * CivilTime.hour))
      purchase.pay("today", "0.01")
      const { decision } = purchase
      const lazy = decision._tag === "Declined" && decision.decline._tag === "CardFrozenDormant"
        ? [{ account: life.state.id, since: decision.decline.since }]
        : []
      expect(swept).toEqual(lazy)
    }))
  })

  it("I11 D17 the sweep names exactly the dormant among many, and changes none of them", () => {
    fc.assert(
      fc.property(fc.array(stories(12), { maxLength: 5 }), days, (told, n) => {
        const accounts = told.map((story) => lived(csmzxy, story).state)
        const day = CivilTime.addDays(CivilTime.day("2025-11-03"), n)
        const due = accounts.filter((account) =>
          Option.exists(Dormancy.dormantFrom(csmzxy, account), (from) => from <= day)
        )
        expect(Dormancy.sweep(csmzxy, accounts, day)).toHaveLength(due.length)
      }),
      { numRuns: 50 }
    )
  })

  it("A3 A4 dormant from the months after the later of last purchase and last activation or extension", () => {
    fc.assert(fc.property(stories(30), (story) => {
      const life = lived(csmzxy, story)
      let latest = 0
      const undone = new Set<string>(
        life.events.flatMap((event) => event._tag === "PurchaseReversed" ? [event.purchase] : [])
      )
      for (const event of life.events) {
        if (event._tag === "CardActivated" || event._tag === "ValidityExtended") latest = Math.max(latest, event.day)
        // What somebody else spent after the loss is no purchase of the holder's (decision 11).
        const own = event._tag === "Purchased"
          ? !undone.has(event.purchase)
          : event._tag === "OfflinePurchaseRecorded" && event.borne === 0
        if (own && "cell" in event) {
          latest = Math.max(latest, event.cell.day)
        }
      }
      expect(Dormancy.dormantFrom(csmzxy, life.state)).toEqual(
        Option.some(CivilTime.addMonths(latest as CivilTime.Day, 3))
      )
    }))
  })

  it("R31 who never had an active card is not swept", () => {
    const life = Life.unborn(csmzxy).open().issue("card-1")
    expect(Dormancy.sweep(csmzxy, [life.state], CivilTime.day("2030-01-01"))).toEqual([])
  })
})
