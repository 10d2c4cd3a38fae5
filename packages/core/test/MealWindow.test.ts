import { Option, Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as CivilTime from "../src/CivilTime.ts"
import * as MealWindow from "../src/MealWindow.ts"

const minutes = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3))
const window = (name: string, from: string, to: string): MealWindow.MealWindow => ({
  name,
  from: minutes(from),
  to: minutes(to)
})

const preset = [
  window("breakfast", "06:00", "09:30"),
  window("lunch", "10:30", "13:30"),
  window("dinner", "16:30", "19:30")
]
const withNight = [...preset, window("night", "22:00", "02:00")]

const at = (text: string): CivilTime.Instant => CivilTime.instant(text)
const instants = fc.integer({ min: CivilTime.firstInstant, max: CivilTime.lastInstant }) as fc.Arbitrary<
  CivilTime.Instant
>
const recent = fc.integer({ min: at("2025-01-01 00:00"), max: at("2026-12-31 23:59") }) as fc.Arbitrary<
  CivilTime.Instant
>
/** Windows that lie apart: a ring of 1440 minutes, cut at different places; every other piece is a window. */
const apart = fc.uniqueArray(fc.integer({ min: 0, max: 1_439 }), { minLength: 2, maxLength: 12 }).map((cuts) => {
  const sorted = cuts.toSorted((a, b) => a - b)
  if (sorted.length % 2 === 1) sorted.pop()
  const first = sorted.shift() ?? 0
  sorted.push(first) // the last window runs past midnight
  return Array.from({ length: sorted.length / 2 }, (_, i): MealWindow.MealWindow => ({
    name: `window ${i}`,
    from: sorted[2 * i] ?? 0,
    to: sorted[2 * i + 1] || 1_440
  }))
})
const anyWindow = fc.record({
  name: fc.constantFrom("a", "b", "c", "d"),
  from: fc.nat(1_439),
  to: fc.integer({ min: 1, max: 1_440 })
})
const covers = (w: MealWindow.MealWindow, minute: number): boolean => {
  const length = (w.to - w.from + 1_440) % 1_440 || 1_440
  return (minute - w.from + 1_440) % 1_440 < length
}

describe("A18 the meal of an instant", () => {
  it.each([
    ["2025-11-28 05:59:59.999", "other", "2025-11-28"],
    ["2025-11-28 06:00", "breakfast", "2025-11-28"],
    ["2025-11-28 09:29:59.999", "breakfast", "2025-11-28"],
    ["2025-11-28 09:30", "other", "2025-11-28"],
    ["2025-11-28 10:30", "lunch", "2025-11-28"],
    ["2025-11-28 13:29:59", "lunch", "2025-11-28"],
    ["2025-11-28 13:30", "other", "2025-11-28"],
    ["2025-11-28 16:30", "dinner", "2025-11-28"],
    ["2025-11-28 19:30", "other", "2025-11-28"],
    ["2025-11-28 21:59:59", "other", "2025-11-28"],
    ["2025-11-28 22:00", "night", "2025-11-28"],
    ["2025-11-28 23:59:59.999", "night", "2025-11-28"],
    ["2025-11-29 00:00", "night", "2025-11-28"],
    ["2025-11-29 01:59:59.999", "night", "2025-11-28"],
    ["2025-11-29 02:00", "other", "2025-11-29"],
    ["2026-01-01 00:30", "night", "2025-12-31"],
    ["2024-03-01 00:30", "night", "2024-02-29"]
  ])("A18 %s is %s of %s", (text, name, date) => {
    expect(MealWindow.mealAt(withNight, at(text))).toEqual({ window: name, day: CivilTime.day(date) })
  })

  it("A18 without windows every day is one meal", () => {
    expect(MealWindow.mealAt([], at("2025-11-28 12:00"))).toEqual({ window: "other", day: CivilTime.day("2025-11-28") })
  })

  it("A18 a window of 24 hours takes everything: from 10:00 to 10:00 the next day", () => {
    const all = [window("all", "10:00", "10:00")]
    expect(MealWindow.mealAt(all, at("2025-11-28 09:59:59"))).toEqual({
      window: "all",
      day: CivilTime.day("2025-11-27")
    })
    expect(MealWindow.mealAt(all, at("2025-11-28 10:00"))).toEqual({ window: "all", day: CivilTime.day("2025-11-28") })
  })

  it("A18 a window may end at midnight without crossing it", () => {
    const late = [window("late", "20:00", "24:00")]
    expect(MealWindow.mealAt(late, at("2025-11-28 23:59:59")).window).toBe("late")
    expect(MealWindow.mealAt(late, at("2025-11-29 00:00"))).toEqual({
      window: "other",
      day: CivilTime.day("2025-11-29")
    })
  })

  it("A18 on the first day there is, the evening before counts to that day", () => {
    expect(MealWindow.mealAt(withNight, at("1992-01-01 01:00"))).toEqual({ window: "night", day: CivilTime.firstDay })
    expect(MealWindow.mealAt(withNight, at("1992-01-02 01:00"))).toEqual({ window: "night", day: CivilTime.firstDay })
  })

  it("A18 every instant belongs to exactly one meal: its window runs then, or none does", () => {
    fc.assert(fc.property(apart, instants, (windows, instant) => {
      const meal = MealWindow.mealAt(windows, instant)
      const running = windows.filter((w) => covers(w, CivilTime.minuteOf(instant)))
      expect(running.length).toBeLessThanOrEqual(1)
      expect(meal.window).toBe(running[0]?.name ?? "other")
      expect(Schema.is(CivilTime.Day)(meal.day)).toBe(true)
    }))
  })

  it("A18 a meal's day is the day on which its window began, so one meal never has two days", () => {
    fc.assert(fc.property(apart, recent, (windows, instant) => {
      const meal = MealWindow.mealAt(windows, instant)
      const running = windows.find(({ name }) => name === meal.window)
      if (running === undefined) {
        expect(meal.day).toBe(CivilTime.dayOf(instant))
        return
      }
      const begin = CivilTime.later(CivilTime.startOf(meal.day), running.from * CivilTime.minute)
      expect(begin).toBeLessThanOrEqual(instant)
      expect(instant - begin).toBeLessThan(((running.to - running.from + 1_440) % 1_440 || 1_440) * CivilTime.minute)
      expect(MealWindow.mealAt(windows, begin)).toEqual(meal)
    }))
  })

  it("A18 the order in which windows are listed does not matter", () => {
    fc.assert(fc.property(apart, instants, (windows, instant) => {
      expect(MealWindow.mealAt(windows.toReversed(), instant)).toEqual(MealWindow.mealAt(windows, instant))
    }))
  })
})

describe("A18 windows that a profile may not have", () => {
  it.each([
    ["the preset with a night window", withNight, null],
    ["one after the other, half-open", [window("a", "06:00", "09:00"), window("b", "09:00", "10:00")], null],
    ["around midnight, half-open", [window("a", "22:00", "02:00"), window("b", "02:00", "22:00")], null],
    ["the end of one in the other", [window("a", "06:00", "09:01"), window("b", "09:00", "10:00")], ["a", "b"]],
    ["one inside the other", [window("a", "06:00", "12:00"), window("b", "07:00", "08:00")], ["a", "b"]],
    ["one around the other", [window("a", "07:00", "08:00"), window("b", "06:00", "12:00")], ["a", "b"]],
    ["the same", [window("a", "07:00", "08:00"), window("a", "07:00", "08:00")], ["a", "a"]],
    ["after midnight", [window("a", "22:00", "02:00"), window("b", "01:59", "05:00")], ["a", "b"]],
    ["before midnight", [window("b", "21:00", "22:01"), window("a", "22:00", "02:00")], ["b", "a"]],
    ["two across midnight", [window("a", "22:00", "01:00"), window("b", "23:00", "00:30")], ["a", "b"]],
    ["two that begin at once", [window("a", "22:00", "02:00"), window("b", "22:00", "01:00")], ["a", "b"]],
    ["with one of 24 hours", [window("a", "10:00", "10:00"), window("b", "03:00", "04:00")], ["a", "b"]],
    ["the third", [...preset, window("tea", "13:00", "14:00"), window("late", "19:00", "20:00")], ["lunch", "tea"]]
  ])("A18 overlap: %s", (_, windows, names) => {
    expect(Option.getOrNull(MealWindow.overlap(windows))).toEqual(names)
  })

  it("A18 windows overlap exactly if some minute of the day belongs to two", () => {
    fc.assert(fc.property(fc.array(anyWindow, { maxLength: 4 }), (windows) => {
      const shared = Array.from({ length: 1_440 }, (_, m) => windows.filter((w) => covers(w, m)).length > 1).includes(
        true
      )
      expect(Option.isSome(MealWindow.overlap(windows))).toBe(shared)
    }))
  })

  it("A18 windows cut from one ring never overlap", () => {
    fc.assert(fc.property(apart, (windows) => Option.isNone(MealWindow.overlap(windows))))
  })

  it("A18 two windows of one name are reported by that name", () => {
    expect(MealWindow.repeated(withNight)).toEqual(Option.none())
    expect(MealWindow.repeated([...preset, window("lunch", "22:00", "23:00")])).toEqual(Option.some("lunch"))
  })

  it.each([
    { name: "", from: 0, to: 60 },
    { name: "other", from: 0, to: 60 },
    { name: "a", from: -1, to: 60 },
    { name: "a", from: 1_440, to: 60 },
    { name: "a", from: 0, to: 0 },
    { name: "a", from: 0, to: 1_441 },
    { name: "a", from: 0.5, to: 60 },
    { name: "a", from: 0, to: Number.NaN },
    { name: "a", from: "06:00", to: 60 },
    { name: "a", from: 0 }
  ])("A18 %j is no window", (value) => {
    expect(Option.isNone(Schema.decodeUnknownOption(MealWindow.MealWindow)(value))).toBe(true)
  })

  it("A18 the preset, a night window and the ends of the day are windows", () => {
    for (const w of [...withNight, { name: "day", from: 0, to: 1_440 }, { name: "last", from: 1_439, to: 1 }]) {
      expect(Schema.is(MealWindow.MealWindow)(w)).toBe(true)
    }
  })

  it("A18 the names are those of the windows and the rest of the day", () => {
    expect(["breakfast", "lunch", "dinner", "other"].every((name) => MealWindow.isKnown(preset, name))).toBe(true)
    expect(["night", "", "Lunch"].some((name) => MealWindow.isKnown(preset, name))).toBe(false)
    expect(MealWindow.isKnown([], MealWindow.other)).toBe(true)
  })
})
