import { Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type Day, day, firstDay, formatDay } from "../src/CivilTime.ts"
import { BatchId } from "../src/Id.ts"
import * as Money from "../src/Money.ts"
import * as Subsidy from "../src/Subsidy.ts"
import { csmzxy, Life, school } from "./support/Life.ts"
import { lived, Step, steps } from "./support/lives.ts"

/** "spring until 03-31: 20.00 of 30.00", lot by lot, in the order in which they are spent. */
const shown = (lots: Subsidy.Lots): ReadonlyArray<string> =>
  lots.map(({ batch, granted, left, until }) =>
    [
      batch ?? "-",
      ...(until === undefined ? [] : [`until ${formatDay(until).slice(5)}`]),
      `${Money.format(left)} of ${Money.format(granted)}`
    ].join(" ")
  )

/** A student of this term, on Monday, 2026-03-02 at noon. */
const thisSpring = (profile = csmzxy) => Life.of(profile, { since: "2026-03-01 09:30" }).at("2026-03-02 12:00")

/** Three batches, granted in an order in which they do not end. */
const three = () =>
  thisSpring().openWallet()
    .grantSubsidy("10.00", { batch: "summer", until: "2026-06-30" })
    .grantSubsidy("5.00", { batch: "gift" })
    .grantSubsidy("8.00", { batch: "spring", until: "2026-03-31" })
    .expectPockets({ subsidy: "23.00" })
const lotsOf = (life: Life) => shown(life.state.lots)
const full = ["spring until 03-31 8.00 of 8.00", "summer until 06-30 10.00 of 10.00", "gift 5.00 of 5.00"]

describe("what ends first is spent first, what does not end last (D6)", () => {
  it("D6 granted", () => {
    expect(lotsOf(three())).toEqual(full)
  })

  it("D6 of two that end on one day the older is spent first, and so of two that do not end", () => {
    const life = thisSpring().openWallet()
    for (const batch of ["b", "a"]) life.grantSubsidy("1.00", { batch, until: "2026-03-31" })
    for (const batch of ["d", "c"]) life.grantSubsidy("1.00", { batch })
    life.grantSubsidy("1.00").pay("ecode", "2.50").expectApproved()
    expect(lotsOf(life)).toEqual([
      "b until 03-31 0.00 of 1.00",
      "a until 03-31 0.00 of 1.00",
      "d 0.50 of 1.00",
      "c 1.00 of 1.00",
      "- 1.00 of 1.00"
    ])
  })

  it.each<readonly [string, ReadonlyArray<string>]>([
    ["0.01", ["spring until 03-31 7.99 of 8.00", "summer until 06-30 10.00 of 10.00", "gift 5.00 of 5.00"]],
    ["8.00", ["spring until 03-31 0.00 of 8.00", "summer until 06-30 10.00 of 10.00", "gift 5.00 of 5.00"]],
    ["8.01", ["spring until 03-31 0.00 of 8.00", "summer until 06-30 9.99 of 10.00", "gift 5.00 of 5.00"]],
    ["20.00", ["spring until 03-31 0.00 of 8.00", "summer until 06-30 0.00 of 10.00", "gift 3.00 of 5.00"]],
    ["23.00", ["spring until 03-31 0.00 of 8.00", "summer until 06-30 0.00 of 10.00", "gift 0.00 of 5.00"]]
  ])("D6 of %s by code; and undone, it is where it was", (amount, left) => {
    const life = three().pay("ecode", amount).expectApproved()
    const purchase = life.lastPurchase
    expect(lotsOf(life)).toEqual(left)
    expect(lotsOf(life.fork().reverse({ purchase }).expectApproved())).toEqual(full)
    expect(lotsOf(life.at("2026-03-20 10:00").refund(purchase, amount).expectApproved())).toEqual(full)
  })

  it("D6 a refund of a part goes where it was spent last", () => {
    const life = three().pay("ecode", "20.00")
    const purchase = life.lastPurchase
    life.refund(purchase, "11.00").expectApproved()
    expect(lotsOf(life)).toEqual([
      "spring until 03-31 0.00 of 8.00",
      "summer until 06-30 9.00 of 10.00",
      "gift 5.00 of 5.00"
    ])
  })

  it("D6 the holder's own money first, where the school says so", () => {
    const life = thisSpring(school({ spendOrder: "subsidyLast" })).withWallet("5.00")
    life.grantSubsidy("8.00", { batch: "spring", until: "2026-03-31" }).pay("ecode", "6.00").expectApproved()
    expect(lotsOf(life)).toEqual(["spring until 03-31 7.00 of 8.00"])
  })
})

describe("a load moves it to the card (D6, D8)", () => {
  it("D6 by a load: what fits, and what ends first", () => {
    expect(lotsOf(three().load().expectApproved().expectPockets({ chip: "23.00" }))).toEqual([
      "spring until 03-31 0.00 of 8.00",
      "summer until 06-30 0.00 of 10.00",
      "gift 0.00 of 5.00"
    ])
    const nearlyFull = Life.of(csmzxy, { chip: "991.00" }).at("2025-11-03 12:00")
      .grantSubsidy("5.00").grantSubsidy("8.00", { batch: "autumn", until: "2025-11-30" }).load().expectApproved()
    expect(lotsOf(nearlyFull)).toEqual(["autumn until 11-30 0.00 of 8.00", "- 4.00 of 5.00"])
  })

  it("D8 a torn load that was not written gives it back; one that was written does not", () => {
    expect(lotsOf(three().tear("notWritten").pay("card", "0.01").expectDeclined("InsufficientChipPurse")))
      .toEqual(full.map((lot) => lot.replace(/ [0-9.]+ of/, " 0.00 of")))
    expect(lotsOf(three().tear("notWritten").load().expectApproved().expectPockets({ chip: "23.00" }))[0]).toBe(
      "spring until 03-31 0.00 of 8.00"
    )
    const settled = three().tear("notWritten").beginLoad().expectEvents("LoadSettled", "LoadBegun")
    const [first] = settled.decision.events
    expect(first).toMatchObject({ outcome: "notWritten", transfers: [{ from: "held", to: "subsidy", amount: 2_300 }] })
    const written = three().tear("written").beginLoad().expectEvents("LoadSettled")
    expect(written.expectPockets({ chip: "23.00" }).state.lots.every(({ left }) => left === 0)).toBe(true)
  })
})

describe("a batch ends after its last day (D6)", () => {
  it.each([
    ["2026-03-30 23:59:59.999", "early"],
    ["2026-03-31 00:00", "early"],
    ["2026-03-31 23:59:59.999", "early"],
    ["2026-04-01 00:00", "ended"],
    ["2026-09-01 10:00", "ended"]
  ])("D6 spring, until 03-31, at %s: %s", (at, outcome) => {
    const life = three().pay("ecode", "3.00").at(at).expireSubsidy({ batch: "spring" })
    if (outcome === "early") {
      life.expectDeclined("SubsidyNotEnded", { until: "2026-03-31" }).expectPockets({ subsidy: "20.00" })
      return
    }
    life.expectApproved().expectPockets({ subsidy: "15.00" })
    expect(life.decision.events).toMatchObject([
      { batch: "spring", amount: 500, transfers: [{ from: "subsidy", to: "school:subsidies", amount: 500 }] }
    ])
    expect(lotsOf(life)).toEqual(full.slice(1))
    // Asked again, nothing happens.
    life.expireSubsidy({ batch: "spring" }).expectApproved().expectEvents().expectPockets({ subsidy: "15.00" })
  })

  it("D6 what does not end is taken back whenever the school asks, and so are all at once", () => {
    expect(lotsOf(three().expireSubsidy({ batch: "gift" }).expectApproved())).toEqual(full.slice(0, 2))
    expect(lotsOf(three().expireSubsidy().expectApproved().expectPockets({}))).toEqual([])
    three().expireSubsidy().expireSubsidy().expectApproved().expectEvents()
  })

  it("D6 a batch that was spent, or that nobody was granted, gives nothing back", () => {
    three().pay("ecode", "8.00").at("2026-04-01 10:00").expireSubsidy({ batch: "spring" }).expectEvents()
      .expectPockets({ subsidy: "15.00" })
    three().expireSubsidy({ batch: "autumn" }).expectApproved().expectEvents().expectPockets({ subsidy: "23.00" })
  })

  it("D6 I11 after its last day it is not spent any more, whether somebody has swept or not", () => {
    const life = three().at("2026-03-31 23:59:59.999")
    life.fork().pay("ecode", "8.00").expectApproved()
    life.at("2026-04-01 00:00").pay("ecode", "8.00").expectApproved()
    expect(life.state.lots.map(({ batch, left }) => [batch, left])).toContainEqual(["spring", 800])
    life.expireSubsidy({ batch: "spring" }).expectApproved().expectEvents("SubsidyExpired")
  })

  it("D6 I11 nor does a tap move it to the chip, and the refusal counts only what may be spent", () => {
    const life = three().at("2026-04-01 12:00")
    life.pay("ecode", "200.00", { point: "shop-1" }).expectDeclined("DailyLimitExceeded")
    life.beginLoad().expectApproved()
    expect(life.state.lots.map(({ batch, left }) => [batch, left])).toContainEqual(["spring", 800])
  })

  it("D6 what comes back of an ended batch no longer ends: the school may take all back, but no batch does", () => {
    const life = thisSpring().openWallet()
    life.grantSubsidy("8.00", { batch: "spring", until: "2026-03-31" }).pay("ecode", "5.00")
    const purchase = life.lastPurchase
    life.at("2026-04-01 10:00").expireSubsidy({ batch: "spring" }).expectPockets({})
    life.refund(purchase, "5.00").expectApproved()
    expect(lotsOf(life)).toEqual(["- 5.00 of 5.00"])
    life.fork().expireSubsidy({ batch: "spring" }).expectEvents().expectPockets({ subsidy: "5.00" })
    life.expireSubsidy().expectPockets({})
  })

  it("D6 D10 a debt is repaid out of a grant first, and only the rest can end", () => {
    const owing = () => thisSpring().inDebt("6.00").expectPockets({ receivable: "6.00" })
    const life = owing().grantSubsidy("8.00", { batch: "spring", until: "2026-03-31" })
    expect(life.decision.events).toMatchObject([{
      amount: 800,
      transfers: [
        { from: "school:subsidies", to: "receivable", amount: 600 },
        { from: "school:subsidies", to: "subsidy", amount: 200 }
      ]
    }])
    expect(lotsOf(life.expectPockets({ subsidy: "2.00" }))).toEqual(["spring until 03-31 2.00 of 2.00"])
    life.at("2026-04-01 10:00").expireSubsidy({ batch: "spring" })
    expect(life.decision.events).toMatchObject([{ amount: 200 }])
    const nothing = owing().grantSubsidy("6.00", { batch: "spring", until: "2026-03-31" }).expectPockets({})
    expect(lotsOf(nothing)).toEqual([])
  })

  it("D6 D7 closing returns all of it to the fund, and what the card paid with it stays the holder's", () => {
    const life = three().pay("ecode", "3.00").close().expectApproved().expectPockets({})
    expect(life.decision.events).toMatchObject([
      { transfers: [{ from: "subsidy", to: "school:subsidies", amount: 2_000 }] }
    ])
    expect(life.state.lots.every(({ left }) => left === 0)).toBe(true)
    three().load().close().expectPockets({ frozen: "23.00" })
  })
})

// The judge: grants and spends as they come, in fen.
const batches = fc.constantFrom("a", "b", "c").map((name) => BatchId.make(name))
const days = fc.integer({ min: 20_000, max: 20_005 }).map((n) => n as Day)
const amounts = fc.integer({ min: 1, max: 3_000 }).map(Money.of)
const granting = fc.record({
  lot: fc.record({ batch: batches, until: days }, { requiredKeys: [] }),
  amount: amounts
})
type Grant = { readonly lot: Pick<Subsidy.Lot, "batch" | "until">; readonly amount: Money.Money }
const granted = (list: ReadonlyArray<Grant>): Subsidy.Lots =>
  list.reduce<Subsidy.Lots>((lots, { amount, lot }) => Subsidy.grant(lots, lot, amount), [])
const spentLots = (lots: Subsidy.Lots) => lots.filter(({ left }) => left === 0).length
const sum = (lots: Subsidy.Lots) => Subsidy.left(lots, undefined)

describe("for any grants", () => {
  const grants = fc.array(granting, { maxLength: 8 })
  /** So many thousandths of what there is. */
  const share = fc.nat({ max: 1_000 })
  const shareOf = (lots: Subsidy.Lots, thousandths: number) => Money.of(Math.floor((sum(lots) * thousandths) / 1_000))

  it("D6 lots stand in the order in which they end, those of a day in the order of their grants", () => {
    fc.assert(fc.property(grants, (list) => {
      const lots = granted(list)
      const ends = list.toSorted((one, other) => (one.lot.until ?? Infinity) - (other.lot.until ?? Infinity))
      expect(lots).toEqual(ends.map(({ amount, lot }) => ({ ...lot, granted: amount, left: amount })))
      expect(Schema.is(Subsidy.Lots)(lots)).toBe(true)
    }))
  })

  it("D6 what is spent and given back, in however many parts, is where it was", () => {
    fc.assert(fc.property(grants, share, share, share, (list, first, second, part) => {
      const before = Subsidy.spend(granted(list), shareOf(granted(list), first), firstDay)
      const amount = shareOf(before, second)
      const after = Subsidy.spend(before, amount, firstDay)
      expect(sum(after)).toBe(sum(before) - amount)
      const some = Money.of(Math.floor((amount * part) / 1_000))
      expect(Subsidy.giveBack(Subsidy.giveBack(after, some), Money.minus(amount, some))).toEqual(before)
    }))
  })

  it("D6 a later lot is not touched while an earlier one holds something", () => {
    fc.assert(fc.property(grants, share, (list, first) => {
      const lots = Subsidy.spend(granted(list), shareOf(granted(list), first), firstDay)
      const open = lots.findIndex(({ left }) => left > 0)
      expect(lots.slice(open === -1 ? lots.length : open + 1).every(({ granted, left }) => granted === left)).toBe(true)
    }))
  })

  it("D6 what is left of each batch adds up to all, and ending it takes just that", () => {
    fc.assert(fc.property(grants, share, batches, (list, first, batch) => {
      const lots = Subsidy.spend(granted(list), shareOf(granted(list), first), firstDay)
      const gone = Subsidy.left(lots, batch)
      const rest = Subsidy.end(lots, batch)
      expect(sum(rest)).toBe(sum(lots) - gone)
      expect(Subsidy.left(rest, batch)).toBe(0)
      expect(gone).toBeLessThanOrEqual(
        Money.sum(list.filter(({ lot }) => lot.batch === batch).map(({ amount }) => amount))
      )
      expect(Subsidy.end(lots, undefined)).toEqual([])
    }))
  })

  it("D6 spent lots are forgotten, the first to end first, and never more than eight are remembered", () => {
    fc.assert(fc.property(fc.array(granting, { minLength: 9, maxLength: 30 }), share, (list, first) => {
      const lots = granted(list)
      const after = Subsidy.spend(lots, shareOf(lots, first), firstDay)
      expect(spentLots(after)).toBeLessThanOrEqual(8)
      expect(sum(after)).toBe(sum(lots) - shareOf(lots, first))
      // What is remembered is the end of all that there was.
      expect(after.map(({ granted }) => granted)).toEqual(lots.slice(-after.length).map(({ granted }) => granted))
      // What no lot has room for is there all the same.
      expect(sum(Subsidy.giveBack(after, shareOf(lots, first)))).toBe(sum(lots))
    }))
  })

  it.each([8, 9, 20])("D6 %i lots of 1.00 are all spent and come back: eight are as they were", (many) => {
    const batch = (n: number) => BatchId.make(`batch-${n}`)
    const lots = granted(
      Array.from({ length: many }, (_, n) => ({ lot: { batch: batch(n) }, amount: Money.yuan("1.00") }))
    )
    const back = Subsidy.giveBack(Subsidy.spend(lots, sum(lots), firstDay), sum(lots))
    // The eight that were spent last, and one that does not end for all the others.
    expect(back.slice(0, 8)).toEqual(lots.slice(-8))
    expect(back.slice(8).map(({ batch, granted }) => [batch, granted])).toEqual(
      many === 8 ? [] : [[undefined, (many - 8) * 100]]
    )
  })

  it("D6 nothing spent, granted or given back changes nothing", () => {
    fc.assert(fc.property(grants, (list) => {
      const lots = granted(list)
      expect(Subsidy.spend(lots, Money.zero, firstDay)).toEqual(lots)
      expect(Subsidy.giveBack(lots, Money.zero)).toEqual(lots)
      expect(Subsidy.grant(lots, {}, Money.zero)).toEqual(lots)
    }))
  })
})

describe("in any life", () => {
  const named = fc.constantFrom("spring", "summer", "gift")
  const grants = fc.record({ fen: fc.integer({ min: 1, max: 2_000 }), batch: named }).map(({ batch, fen }) =>
    new Step(`grant(${batch}, ${fen})`, (life) =>
      life.grantSubsidy(Money.format(Money.of(fen)), {
        batch,
        ...(batch === "gift" ? {} : { until: batch === "spring" ? "2025-11-20" : "2026-01-31" })
      }))
  )
  const ends = named.map((batch) => new Step(`expire(${batch})`, (life) => life.expireSubsidy({ batch })))
  const refunds = fc.nat({ max: 20 }).map((at) =>
    new Step(`refund(${at})`, (life) => {
      const all = life.events.flatMap((one) => one._tag === "Purchased" ? [one] : [])
      const one = all[at % Math.max(1, all.length)]
      if (one !== undefined) life.refund(one.purchase, Money.format(one.amount))
    })
  )
  const story = fc.array(
    fc.oneof({ weight: 4, arbitrary: steps }, { weight: 3, arbitrary: fc.oneof(grants, grants, ends, refunds) }),
    { minLength: 5, maxLength: 25 }
  )

  it("D6 I5 the lots hold what the pocket holds, and no batch gives back more than it granted", () => {
    let expired = 0
    fc.assert(
      fc.property(story, (story) => {
        const life = lived(csmzxy, story)
        // What the pocket holds is held against the lots after each step by the life itself.
        expect(spentLots(life.state.lots)).toBeLessThanOrEqual(8)
        for (const batch of ["spring", "summer", "gift"]) {
          const of = (tag: "SubsidyGranted" | "SubsidyExpired") =>
            Money.sum(life.events.flatMap((one) => one._tag === tag && one.batch === batch ? [one.amount] : []))
          expired += of("SubsidyExpired")
          expect(of("SubsidyExpired")).toBeLessThanOrEqual(of("SubsidyGranted"))
        }
      }),
      { numRuns: 150 }
    )
    expect(expired).toBeGreaterThan(0)
  })
})

describe("regressions", () => {
  it("D6 a batch with two last days is over after the later one", () => {
    const life = thisSpring()
    life.grantSubsidy("8.00", { batch: "spring", until: "2026-03-31" })
    life.grantSubsidy("2.00", { batch: "spring", until: "2026-04-30" })
    life.grantSubsidy("1.00", { batch: "spring" })
    life.at("2026-04-01 10:00").expireSubsidy({ batch: "spring" }).expectDeclined("SubsidyNotEnded", {
      until: "2026-04-30"
    })
    life.at("2026-05-01 00:00").expireSubsidy({ batch: "spring" }).expectApproved().expectPockets({})
    expect(Subsidy.lastDay([], BatchId.make("spring"))).toBeUndefined()
  })

  it("D6 a last day whose money is spent keeps nothing back", () => {
    const life = thisSpring().openWallet()
    life.grantSubsidy("2.00", { batch: "spring", until: "2026-04-30" }).pay("ecode", "2.00").expectApproved()
    life.grantSubsidy("8.00", { batch: "spring", until: "2026-03-31" })
    life.at("2026-04-01 00:00").expireSubsidy({ batch: "spring" }).expectApproved().expectPockets({})
  })

  it("D6 a grant that ends before a lot that was spent already: what comes back goes to the later one, its holder's favour", () => {
    const life = thisSpring().openWallet()
    life.grantSubsidy("10.00", { batch: "summer", until: "2026-06-30" }).pay("ecode", "4.00")
    life.grantSubsidy("8.00", { batch: "spring", until: "2026-03-31" }).pay("ecode", "3.00").expectApproved()
    const purchase = life.lastPurchase
    life.refund(purchase, "3.00").expectApproved()
    expect(lotsOf(life)).toEqual(["spring until 03-31 5.00 of 8.00", "summer until 06-30 9.00 of 10.00"])
    expect(day("2026-06-30")).toBe(life.state.lots[1]?.until)
  })
})
