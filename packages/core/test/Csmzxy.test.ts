import { describe, expect, it } from "vitest"
import { holdEnds } from "../src/Calendar.ts"
import * as CivilTime from "../src/CivilTime.ts"
import { mealAt } from "../src/MealWindow.ts"
import * as Money from "../src/Money.ts"
import { isAttended } from "../src/Point.ts"
import { csmzxy } from "../src/presets/Csmzxy.ts"

const clock = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`
const yuan = (money: number): string => Money.format(Money.of(money))

describe("The manual's school 长沙民政职业技术学院", () => {
  it.each<readonly [string, unknown, unknown]>([
    ["R34 its phone", csmzxy.phone, "0731-82804313"],
    ["R75 its names", csmzxy.school, { zh: "长沙民政职业技术学院", en: "Changsha Social Work College" }],
    ["R32 R33 Monday to Friday", csmzxy.hours.weekdays, [1, 2, 3, 4, 5]],
    [
      "R32 9:30-12:00 and 13:00-17:30",
      csmzxy.hours.spans.map(({ from, to }) => `${clock(from)}-${clock(to)}`),
      ["09:30-12:00", "13:00-17:30"]
    ],
    ["R42 A1 three days are 72 hours", csmzxy.replacement.hold, { count: 3, unit: "elapsed" }],
    ["R46 A3 three months", csmzxy.dormancy, { months: 3 }],
    ["A24 a replacement costs nothing", csmzxy.replacement.fee, 0],
    ["A11 a loss report freezes the card, not the person", csmzxy.replacement.lossFreezes, "medium"],
    ["D11 the school bears what is spent after it", csmzxy.replacement.afterLossBorneBy, "school"],
    [
      "R54 D7 D10 money is taken at the windows, and paid out to bank accounts",
      csmzxy.desks,
      ["window-3", "window-4", "window-ccb", "ccb", "bank"]
    ],
    ["A9 a card holds 1000.00", yuan(csmzxy.purseCeiling), "1000.00"],
    ["A21 cut off after 30 s", csmzxy.cutOffAfter, 30_000],
    ["D16 a clock may be off by 60 s", csmzxy.clockTolerance, 60_000],
    ["D6 the subsidy is spent first", csmzxy.spendOrder, "subsidyFirst"],
    ["A14 five tries at a till", csmzxy.password.local, { tries: 5 }],
    [
      "D15 from afar a wait that grows from 30 s to a day",
      csmzxy.password.remote,
      { freeTries: 3, firstWait: 30_000, longestWait: CivilTime.dayLength }
    ],
    ["A19 holidays are the school's own to list", csmzxy.calendar, { holidays: [], workdays: [] }]
  ])("%s", (_, is, expected) => {
    expect(is).toEqual(expected)
  })

  it("R49 D3 30 a meal in the canteen without Alipay, 50 a day with everything, both hard", () => {
    expect(csmzxy.limits).toEqual([
      {
        name: "meal",
        per: "meal",
        measure: "sum",
        hard: 3_000,
        scope: { categories: ["canteen"], media: ["physicalCard", "todayCampusCode", "ecodePayCode"] }
      },
      { name: "day", per: "day", measure: "sum", hard: 5_000, scope: {} }
    ])
  })

  it.each([
    ["05:59", "other"],
    ["06:00", "breakfast"],
    ["09:29", "breakfast"],
    ["09:30", "other"],
    ["10:30", "lunch"],
    ["13:29", "lunch"],
    ["13:30", "other"],
    ["16:30", "dinner"],
    ["19:29", "dinner"],
    ["19:30", "other"],
    ["23:59", "other"]
  ])("A18 at %s it is %s", (time, window) => {
    expect(mealAt(csmzxy.meals, CivilTime.instant(`2025-11-28 ${time}`))).toEqual({
      window,
      day: CivilTime.day("2025-11-28")
    })
  })

  it("R42 A1 replaced Monday 15:00, claimed Thursday 15:00", () => {
    const ends = holdEnds(csmzxy.calendar, csmzxy.replacement.hold, CivilTime.instant("2025-11-24 15:00"))
    expect(CivilTime.format(ends)).toBe("2025-11-27 15:00:00")
  })

  it.each([
    ["todayCampus", "unionPayCard anyone none, weChat anyone none, ccbCard own transfer", "transit", "0.01-500.00"],
    ["ecode", "unionPayCard anyone wallet, ccbCard anyone wallet", "wallet", "0.01-1000.00"],
    ["ccbApp", "ccbCard own none", "transit", "0.01-1000.00"]
  ])("R67-R69 A8 A9 A10 A26 %s: %s, ends in %s, %s", (name, sources, endsIn, bounds) => {
    const channel = csmzxy.recharge[name]!
    expect(channel.sources.map(({ binding, holder, source }) => `${source} ${holder} ${binding}`).join(", ")).toBe(
      sources
    )
    expect(channel.endsIn).toBe(endsIn)
    expect(`${yuan(channel.min)}-${yuan(channel.max)}`).toBe(bounds)
    expect(channel.latePayment).toBe("credit")
  })

  it("R20 R24 Today Campus offers amounts to choose, and only the bank's app asks who it is", () => {
    const { ccbApp, ecode, todayCampus } = csmzxy.recharge
    expect(todayCampus?.choices?.map(yuan)).toEqual(["10.00", "20.00", "50.00", "100.00", "200.00", "500.00"])
    expect([ecode?.choices, ccbApp?.choices]).toEqual([undefined, undefined])
    expect([todayCampus, ecode, ccbApp].map((channel) => channel?.checksIdentity)).toEqual([false, false, true])
    expect(Object.keys(csmzxy.recharge)).toEqual(["todayCampus", "ecode", "ccbApp"])
  })

  it("R29 D9 only canteen terminals and the kiosk write to cards", () => {
    for (const { category, loads } of Object.values(csmzxy.points)) {
      expect(loads).toBe(category === "canteen" || category === "kiosk")
    }
  })

  it("R1 every canteen and shop terminal has a merchant, nothing else has", () => {
    for (const { category, merchant } of Object.values(csmzxy.points)) {
      expect(merchant !== undefined).toBe(category === "canteen" || category === "shop")
    }
  })

  it("A7 one canteen terminal has no PIN pad, to see what it does", () => {
    const tills = Object.entries(csmzxy.points).filter(([, { merchant }]) => merchant !== undefined)
    const without = tills.filter(([, { pinPad }]) => !pinPad).map(([id]) => id)
    expect(without).toEqual(["canteen-3"])
  })

  it("R30-R37 the windows, the kiosk and the apps of the manual are there", () => {
    const categories = Object.fromEntries(Object.entries(csmzxy.points).map(([id, { category }]) => [id, category]))
    expect(categories).toMatchObject({
      "window-3": "counter",
      "window-4": "counter",
      "window-ccb": "bankWindow",
      "kiosk-1": "kiosk",
      "today-campus": "app",
      "ecode": "app",
      "alipay": "app",
      "card-centre": "office"
    })
  })

  it("D4 every window where somebody sits is a desk", () => {
    const windows = Object.entries(csmzxy.points).filter(([, { category }]) => isAttended(category)).map(([id]) => id)
    expect(csmzxy.desks).toEqual(expect.arrayContaining(windows))
  })

  it("R73 every point and channel has a Chinese and an English name", () => {
    for (const { nameEn, nameZh } of [...Object.values(csmzxy.points), ...Object.values(csmzxy.recharge)]) {
      expect(nameZh).toMatch(/\p{Script=Han}/u)
      expect(nameEn).toMatch(/[A-Za-z]{3}/)
    }
  })

  it("A25 it is the first version, and in force since before the SDK was", () => {
    expect(csmzxy.version).toBe("csmzxy-1")
    expect(CivilTime.format(csmzxy.effectiveFrom)).toBe("2020-01-01 00:00:00")
  })
})
