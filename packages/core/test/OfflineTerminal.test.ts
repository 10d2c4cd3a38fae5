import { Result, Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Chip } from "../src/Chip.ts"
import { dayLength, dayOf, formatDay, instant, later, minute } from "../src/CivilTime.ts"
import type { Decline } from "../src/Decline.ts"
import * as Id from "../src/Id.ts"
import * as Money from "../src/Money.ts"
import * as OfflineTerminal from "../src/OfflineTerminal.ts"
import type { SchoolProfile } from "../src/SchoolProfile.ts"
import * as Tally from "../src/Tally.ts"
import * as TerminalMemory from "../src/TerminalMemory.ts"
import { TerminalRecord } from "../src/TerminalRecord.ts"
import { csmzxy, school, yuan } from "./support/Life.ts"

const noon = instant("2026-03-02 12:00")
const card = Id.CardId.make("card-1")
const memory: TerminalMemory.TerminalMemory = {
  station: Id.PointId.make("canteen-1"),
  device: 40,
  terminal: 12,
  unsent: 0,
  signedIn: { at: instant("2026-03-02 06:00"), offset: 0 },
  list: { version: 7, asOf: instant("2026-03-02 06:00"), cards: [] },
  recent: []
}
const chip: Chip = {
  card,
  standing: "active",
  purse: { balance: yuan("100.00"), loadSequence: 3, purchaseSequence: 7 },
  tallies: Tally.none,
  validUntil: dayOf(instant("2026-06-01 00:00"))
}

interface Case {
  readonly amount?: string
  readonly clock?: number
  readonly chip?: Partial<Chip>
  readonly memory?: Partial<TerminalMemory.TerminalMemory>
  readonly profile?: SchoolProfile
}
const take = ({ amount = "12.00", clock = noon, profile = csmzxy, ...rest }: Case = {}) =>
  OfflineTerminal.take(
    profile,
    { clock, chip: { ...chip, ...rest.chip }, amount: Money.amount(yuan(amount)) },
    { ...memory, ...rest.memory }
  )
const declined = (result: ReturnType<typeof take>): Decline | undefined =>
  Result.isFailure(result) ? result.failure : undefined
/** No limit in the way of what is looked at. */
const generous = school({ limits: [] })
const blocked = (reason: "accountClosed" | "cancelled" | "lost" | "superseded") => ({
  list: { ...memory.list, cards: [{ card, reason, since: memory.list.asOf }] }
})

describe("R3 A21 what a device keeps and reads is plain values", () => {
  const tap = { clock: noon, chip, amount: 1_200 }

  it("R3 a memory and a tap that were written as JSON are read as they were", () => {
    expect(TerminalMemory.fromPlain(JSON.parse(JSON.stringify(memory)))).toEqual(memory)
    expect(OfflineTerminal.tapOf(JSON.parse(JSON.stringify(tap)))).toEqual(tap)
  })

  it.each([
    ["a number that was never given", "device", () => TerminalMemory.fromPlain({ ...memory, device: -1 })],
    [
      "half a version",
      "version",
      () => TerminalMemory.fromPlain({ ...memory, list: { ...memory.list, version: 0.5 } })
    ],
    ["a clock that shows nothing", "clock", () => OfflineTerminal.tapOf({ ...tap, clock: Number.NaN })],
    ["less than a fen", "amount", () => OfflineTerminal.tapOf({ ...tap, amount: 0.5 })]
  ])("R3 %s is not read, and the error says where: %s", (_, where, read) => {
    expect(read).toThrow(where)
  })
})

describe("R3 A21 may a cut-off terminal take this tap", () => {
  it.each<readonly [string, Case, Decline | undefined]>([
    ["a lunch", {}, undefined],
    ["never signed in", { memory: { signedIn: undefined as never } }, { _tag: "ClockNotSet" }],
    ["its clock was set back", { clock: instant("2026-03-02 05:59:59") }, { _tag: "ClockNotSet" }],
    ["its clock lost the battery", { clock: 0 }, { _tag: "ClockNotSet" }],
    ["its clock shows no time at all", { clock: Number.NaN }, { _tag: "ClockNotSet" }],
    ["at the very sign-in", { clock: instant("2026-03-02 06:00"), amount: "3.00" }, undefined],
    ["a wrong clock whose offset is known", {
      clock: noon - dayLength,
      memory: { signedIn: { at: memory.list.asOf, offset: dayLength } }
    }, undefined],
    ["the cap", { amount: "50.00", profile: generous }, undefined],
    ["a fen above the cap", { amount: "50.01", profile: generous }, {
      _tag: "OfflineCapExceeded",
      amount: yuan("50.01"),
      cap: yuan("50.00")
    }],
    ["room for one more", { memory: { unsent: 1_999 } }, undefined],
    ["no room", { memory: { unsent: 2_000 } }, { _tag: "TerminalRecordFull", unsent: 2_000, allowed: 2_000 }],
    ["reported lost", { memory: blocked("lost") }, { _tag: "CardLost", reportedAt: memory.list.asOf }],
    ["replaced", { memory: blocked("superseded") }, { _tag: "CardSuperseded" }],
    ["cancelled", { memory: blocked("cancelled") }, { _tag: "CardCancelled" }],
    ["the account is closed", { memory: blocked("accountClosed") }, { _tag: "AccountClosed", since: memory.list.asOf }],
    ["blocked on the chip itself", { chip: { standing: "blocked" } }, { _tag: "CardCancelled" }],
    ["not activated", { chip: { standing: "notActivated" } }, { _tag: "CardNotActivated" }],
    ["dormant", { chip: { validUntil: dayOf(noon) } }, { _tag: "CardFrozenDormant", since: dayOf(noon), months: 3 }],
    ["too little on the chip", { amount: "12.01", chip: { purse: { ...chip.purse, balance: yuan("12.00") } } }, {
      _tag: "InsufficientChipPurse",
      amount: yuan("12.01"),
      chip: yuan("12.00")
    }],
    ["at no point of sale", { memory: { station: Id.PointId.make("kiosk-1") } }, {
      _tag: "MediumNotAcceptedHere",
      medium: "physicalCard",
      category: "kiosk"
    }],
    ["nowhere", { memory: { station: Id.PointId.make("nowhere") } }, {
      _tag: "UnknownPoint",
      point: Id.PointId.make("nowhere")
    }],
    ["above the meal limit", { amount: "30.01" }, {
      _tag: "MealLimitExceeded",
      amount: yuan("30.01"),
      quota: expect.objectContaining({ threshold: yuan("30.00") })
    } as never]
  ])("R3 %s", (_, one, decline) => {
    expect(declined(take(one))).toEqual(decline)
  })

  it.each([
    // signed in, now, days, days by year * 365 + month * 30 + day
    ["2026-03-02 23:59", "2026-03-09 00:00", 7, 7],
    ["2026-03-02 06:00", "2026-03-10 00:00", 8, 8],
    ["2026-02-22 12:00", "2026-03-01 12:00", 7, 9],
    ["2026-02-21 12:00", "2026-03-01 12:00", 8, 10],
    ["2028-02-22 12:00", "2028-02-29 12:00", 7, 7],
    ["2028-02-22 12:00", "2028-03-01 12:00", 8, 9],
    ["2025-12-25 12:00", "2026-01-01 12:00", 7, 11],
    ["2025-12-24 12:00", "2026-01-01 12:00", 8, 12],
    ["2026-01-24 12:00", "2026-01-31 12:00", 7, 7],
    ["2026-01-24 12:00", "2026-02-01 12:00", 8, 7]
  ])("R3 signed in %s, a lunch on %s: day %i, where a formula said %i", (at, now, days, formula) => {
    const result = take({
      clock: instant(now),
      amount: "3.00",
      memory: { signedIn: { at: instant(at), offset: 0 } },
      chip: { validUntil: dayOf(later(instant(now), dayLength)) },
      profile: generous
    })
    expect(declined(result)).toEqual(days <= 7 ? undefined : { _tag: "OfflineTooLong", days, allowed: 7 })
    const counted = (text: string): number => {
      const [year = 0, month = 0, day = 0] = text.slice(0, 10).split("-").map(Number)
      return year * 365 + month * 30 + day
    }
    expect(counted(now) - counted(at)).toBe(formula)
  })

  it("R3 the days are those of the calendar, wherever the year is", () => {
    const moment = fc.integer({ min: instant("2020-01-01 00:00"), max: instant("2032-12-31 00:00") })
    fc.assert(fc.property(moment, fc.integer({ min: 0, max: 12 * dayLength }), (from, apart) => {
      const at = later(instant("1992-01-01 00:00"), from - instant("1992-01-01 00:00"))
      const now = later(at, apart)
      const far = { ...chip, validUntil: dayOf(later(now, dayLength)) }
      const result = take({ clock: now, memory: { signedIn: { at, offset: 0 } }, chip: far, amount: "1.00" })
      let days = 0
      for (let day = at; formatDay(dayOf(day)) !== formatDay(dayOf(now)); day = later(day, dayLength)) days++
      expect(declined(result)?._tag).toBe(days > 7 ? "OfflineTooLong" : undefined)
    }))
  })

  it("I17 what is not accepted is said before anything else, and money last", () => {
    const nothing = { ...chip.purse, balance: Money.zero }
    const inOrder: ReadonlyArray<readonly [Case, Decline["_tag"]]> = [
      [{ memory: { station: Id.PointId.make("kiosk-1") } }, "MediumNotAcceptedHere"],
      [{ clock: 0 }, "ClockNotSet"],
      [{ clock: later(noon, 8 * dayLength) }, "OfflineTooLong"],
      [{ memory: { unsent: 2_000 } }, "TerminalRecordFull"],
      [{ memory: blocked("lost") }, "CardLost"],
      [{ amount: "50.01" }, "OfflineCapExceeded"],
      [{ chip: { standing: "blocked" } }, "CardCancelled"],
      [{ chip: { purse: nothing } }, "InsufficientChipPurse"]
    ]
    inOrder.forEach(([, tag], from) => {
      const all = inOrder.slice(from).reverse().reduce<Case>((sum, [one]) => ({
        ...sum,
        ...one,
        memory: { ...sum.memory, ...one.memory },
        chip: { ...sum.chip, ...one.chip }
      }), {})
      expect(declined(take(all))?._tag).toBe(tag)
    })
  })
})

describe("R3 a second beep", () => {
  const profile = school({ repeatTapWithin: minute })
  const just = (seconds: number, other = card) => ({ recent: [{ card: other, at: later(noon, -seconds * 1_000) }] })
  it.each<readonly [string, Case, Decline | undefined]>([
    ["the same card after a second", { memory: just(1) }, { _tag: "RepeatTap", waitUntil: later(noon, 59_000) }],
    ["after a minute less a second", { memory: just(59) }, { _tag: "RepeatTap", waitUntil: later(noon, 1_000) }],
    ["after a minute", { memory: just(60) }, undefined],
    ["by a clock that was ahead and came back", { memory: just(-60) }, undefined],
    ["another card", { memory: just(1, Id.CardId.make("card-2")) }, undefined],
    ["a payment that is not good in itself says why", { memory: just(1), amount: "100.00" }, {
      _tag: "OfflineCapExceeded",
      amount: yuan("100.00"),
      cap: yuan("50.00")
    }]
  ])("R3 %s", (_, one, decline) => {
    expect(declined(take({ ...one, profile }))).toEqual(decline)
  })

  it("R3 also with another card in between; only the last minute is remembered", () => {
    const first = Result.getOrThrow(take({ profile }))
    const second = Result.getOrThrow(
      take({ profile, clock: later(noon, 1_000), memory: first.memory, chip: { card: Id.CardId.make("card-2") } })
    )
    expect(declined(take({ profile, clock: later(noon, 2_000), memory: second.memory }))?._tag).toBe("RepeatTap")
    const third = Result.getOrThrow(take({ profile, clock: later(noon, minute), memory: second.memory }))
    expect(third.memory.recent.map((one) => one.card)).toEqual(["card-2", "card-1"])
  })
})

describe("R7 A21 Alipay at a terminal that is cut off", () => {
  const payer: Id.Handle = { kind: "alipay", value: "someone" }
  const pay = (rest: Partial<TerminalMemory.TerminalMemory> = {}, yuanPaid = "12.00", clock: number = noon) =>
    OfflineTerminal.takeAlipay(
      csmzxy,
      { clock, payer, reference: "2026030222001", amount: Money.amount(yuan(yuanPaid)) },
      { ...memory, ...rest }
    )

  it.each<readonly [string, ReturnType<typeof pay>, Decline["_tag"] | undefined]>([
    ["in a canteen", pay(), undefined],
    ["in a shop", pay({ station: Id.PointId.make("shop-1") }), "MediumNotAcceptedHere"],
    ["no clock", pay({}, "12.00", 0), "ClockNotSet"],
    ["no room", pay({ unsent: 2_000 }), "TerminalRecordFull"],
    ["away for eight days", pay({}, "12.00", later(noon, 8 * dayLength)), "OfflineTooLong"],
    ["above the cap", pay({}, "50.01"), "OfflineCapExceeded"],
    ["above the limit of a meal, for which it does not count", pay({}, "30.01"), undefined],
    ["a card that is lost does not matter", pay(blocked("lost")), undefined]
  ])("R7 %s", (_, result, tag) => {
    expect(Result.isFailure(result) ? result.failure._tag : undefined).toBe(tag)
  })

  it("R7 D3 the record bears Alipay's own number, and is the next of both counters", () => {
    const { memory: now, record } = Result.getOrThrow(pay())
    expect(record).toEqual({
      device: 41,
      station: "canteen-1",
      terminal: 13,
      at: noon,
      fact: {
        _tag: "AlipayPurchase",
        purchase: { _tag: "RecordAlipayPurchase", reference: "2026030222001", amount: 1_200, window: "lunch" },
        payer
      }
    })
    expect(now).toEqual({ ...memory, device: 41, terminal: 13, unsent: 1 })
  })
})

describe("D11 D12 what it writes", () => {
  it("D11 the record says all that the account needs, numbered next; the chip is debited", () => {
    const { chip: after, memory: now, record } = Result.getOrThrow(take())
    expect(record).toEqual({
      device: 41,
      station: "canteen-1",
      terminal: 13,
      at: noon,
      fact: {
        _tag: "CardPurchase",
        purchase: {
          _tag: "RecordCardPurchase",
          card: "card-1",
          amount: 1_200,
          chipBefore: 10_000,
          chipAfter: 8_800,
          purchaseSequence: 8,
          window: "lunch"
        },
        loadSequence: 3
      }
    })
    expect(Schema.is(TerminalRecord)(record)).toBe(true)
    expect(after.purse).toEqual({ balance: 8_800, loadSequence: 3, purchaseSequence: 8 })
    expect(now).toMatchObject({ device: 41, terminal: 13, unsent: 1 })
    expect(Schema.is(TerminalMemory.TerminalMemory)(now)).toBe(true)
  })

  it("D12 limits go on from what the chip has counted", () => {
    const first = Result.getOrThrow(take({ amount: "25.00" }))
    expect(declined(take({ amount: "5.01", chip: first.chip }))).toMatchObject({ _tag: "MealLimitExceeded" })
    expect(declined(take({ amount: "5.00", chip: first.chip }))).toBeUndefined()
  })

  it("D16 signed in again, and uploaded: the clock is set and there is room", () => {
    const full = { ...memory, unsent: 2_000 }
    const list = { version: 9, asOf: noon, cards: [] }
    const again = TerminalMemory.signedIn(full, { at: noon, offset: -5 }, list)
    expect(again).toEqual({ ...full, signedIn: { at: noon, offset: -5 }, list })
    expect(TerminalMemory.uploaded(again, 200).unsent).toBe(1_800)
    expect(TerminalMemory.uploaded(again, 2_001).unsent).toBe(0)
  })

  it("I15 D12 any number of taps: numbers without a gap, a chain that holds, never more than was on the chip", () => {
    const tap = fc.record({ fen: fc.integer({ min: 1, max: 6_000 }), after: fc.integer({ min: 1, max: 600 }) })
    fc.assert(fc.property(fc.array(tap, { maxLength: 30 }), (taps) => {
      let now = noon
      let held = chip
      let kept = memory
      const records: Array<TerminalRecord> = []
      for (const { after, fen } of taps) {
        now = later(now, after * minute)
        const taken = OfflineTerminal.take(csmzxy, { clock: now, chip: held, amount: Money.amount(fen) }, kept)
        if (Result.isFailure(taken)) continue
        held = taken.success.chip
        kept = taken.success.memory
        records.push(taken.success.record)
      }
      expect(records.map(({ device, terminal }) => [device, terminal])).toEqual(
        records.map((_, at) => [41 + at, 13 + at])
      )
      let balance: number = chip.purse.balance
      for (const { fact } of records) {
        if (fact._tag !== "CardPurchase") throw new Error("a card was tapped")
        expect(fact.purchase.chipBefore).toBe(balance)
        balance = fact.purchase.chipAfter
        expect(fact.purchase.chipBefore - fact.purchase.amount).toBe(balance)
      }
      expect([held.purse.balance, held.purse.purchaseSequence]).toEqual([balance, 7 + records.length])
    }))
  })
})
