import { Option, Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as CivilTime from "../src/CivilTime.ts"
import * as Money from "../src/Money.ts"
import * as Tally from "../src/Tally.ts"

const { day, formatDay } = CivilTime
const cell = (date: string, window = "lunch", rest: Partial<Tally.Cell> = {}): Tally.Cell => ({
  day: day(date),
  window,
  mealDay: day(date),
  category: "canteen",
  medium: "physicalCard",
  ...rest
})
const bought = (...purchases: ReadonlyArray<readonly [date: string, amount: string, window?: string]>): Tally.Tallies =>
  purchases.reduce(
    (tallies, [date, amount, window]) => Tally.add(tallies, cell(date, window), Money.yuan(amount)),
    Tally.none
  )
/** "11-28 lunch 18.00 ×2", cell by cell. */
const shown = ({ before, cells }: Tally.Tallies): ReadonlyArray<string> => [
  ...(before === undefined ? [] : [`before ${formatDay(before).slice(5)}`]),
  ...cells.map(({ count, day, sum, window }) => `${formatDay(day).slice(5)} ${window} ${Money.format(sum)} ×${count}`)
]
const last = (tallies: Tally.Tallies): string =>
  Option.match(Tally.lastDay(tallies), { onNone: () => "never", onSome: formatDay })

describe("A7 sums and counts", () => {
  it.each(
    [
      ["nothing", [], []],
      ["one lunch", [["2025-11-28", "18.00"]], ["11-28 lunch 18.00 ×1"]],
      ["twice at lunch", [["2025-11-28", "18.00"], ["2025-11-28", "12.00"]], ["11-28 lunch 30.00 ×2"]],
      [
        "lunch and dinner",
        [["2025-11-28", "18.00"], ["2025-11-28", "12.00", "dinner"], ["2025-11-28", "0.01"]],
        ["11-28 lunch 18.01 ×2", "11-28 dinner 12.00 ×1"]
      ],
      [
        "two days",
        [["2025-11-27", "18.00"], ["2025-11-28", "12.00"]],
        ["11-27 lunch 18.00 ×1", "11-28 lunch 12.00 ×1"]
      ],
      [
        "a record that comes late",
        [["2025-11-28", "18.00"], ["2025-11-27", "12.00"], ["2025-11-28", "1.00"]],
        ["11-28 lunch 19.00 ×2", "11-27 lunch 12.00 ×1"]
      ]
    ] as const
  )("A7 %s", (_, purchases, cells) => {
    expect(shown(bought(...purchases))).toEqual(cells)
  })

  it.each(
    [
      ["another day", { day: day("2025-11-27") }],
      ["another window", { window: "dinner" }],
      ["the meal of another day", { mealDay: day("2025-11-27") }],
      ["another kind of place", { category: "shop" }],
      ["another medium", { medium: "alipayCode" }]
    ] as const
  )("A7 D3 %s is another cell", (_, other) => {
    const here = cell("2025-11-28")
    const there = cell("2025-11-28", "lunch", other)
    const both = Tally.add(Tally.add(Tally.none, here, Money.of(1_800)), there, Money.of(1_200))
    expect(both).toEqual({ cells: [{ ...here, sum: 1_800, count: 1 }, { ...there, sum: 1_200, count: 1 }] })
    // And taking from the one leaves the other.
    expect(Tally.remove(both, here, Money.of(1_800))).toEqual({ cells: [{ ...there, sum: 1_200, count: 1 }] })
  })

  it("A18 a night meal across midnight is one meal in two days", () => {
    const friday = cell("2025-11-28", "night")
    const saturday = cell("2025-11-29", "night", { mealDay: day("2025-11-28") })
    const tallies = Tally.add(Tally.add(Tally.none, friday, Money.of(500)), saturday, Money.of(700))
    expect(tallies.cells.map(({ day, mealDay, sum }) => [formatDay(day), formatDay(mealDay), sum])).toEqual([
      ["2025-11-28", "2025-11-28", 500],
      ["2025-11-29", "2025-11-28", 700]
    ])
  })
})

describe("D16 cells are kept as long as a late record may come: seven days back", () => {
  it.each([
    ["2025-11-28", "2025-11-28", 2, undefined],
    ["2025-11-22", "2025-11-28", 2, undefined],
    ["2025-11-21", "2025-11-28", 2, undefined],
    ["2025-11-20", "2025-11-28", 1, "2025-11-20"],
    ["2025-05-31", "2025-11-28", 1, "2025-05-31"]
  ])("D16 bought on %s and then on %s: %i cells, before them %s", (first, second, kept, before) => {
    const tallies = bought([first, "1.00"], [second, "1.00", "dinner"])
    expect(tallies.cells).toHaveLength(kept)
    expect(tallies.before).toBe(before === undefined ? undefined : day(before))
    expect("before" in tallies).toBe(before !== undefined)
    expect(last(tallies)).toBe(second)
  })

  it("D16 only the last of the days that are dropped is remembered", () => {
    expect(
      shown(bought(["2025-11-01", "1.00"], ["2025-11-03", "2.00"], ["2025-11-02", "3.00"], ["2025-11-28", "4.00"]))
    )
      .toEqual(["before 11-03", "11-28 lunch 4.00 ×1"])
    expect(shown(bought(["2025-11-01", "1.00"], ["2025-11-15", "2.00"], ["2025-11-28", "4.00"])))
      .toEqual(["before 11-15", "11-28 lunch 4.00 ×1"])
    // One by one they fall out at the end.
    expect(
      shown(bought(["2025-11-19", "1.00"], ["2025-11-20", "2.00"], ["2025-11-21", "3.00"], ["2025-11-28", "4.00"]))
    )
      .toEqual(["before 11-20", "11-21 lunch 3.00 ×1", "11-28 lunch 4.00 ×1"])
  })

  it("D16 what is older than every cell never replaces a later day", () => {
    const tallies = bought(["2025-11-10", "1.00"], ["2025-11-28", "4.00"], ["2025-11-01", "2.00"])
    expect(tallies.before).toBe(day("2025-11-10"))
    expect(Tally.add(tallies, cell("2025-11-29"), Money.of(1)).before).toBe(day("2025-11-10"))
  })

  it("I8 what was just bought is counted, also when the clock was ahead for a while", () => {
    const ahead = bought(["2025-11-20", "1.00"], ["2025-11-03", "30.00"])
    expect(shown(ahead)).toContain("11-03 lunch 30.00 ×1")
    expect(shown(Tally.add(ahead, cell("2025-11-03"), Money.of(1)))).toContain("11-03 lunch 30.01 ×2")
  })

  it("R71 across the end of a year seven days are seven days", () => {
    expect(shown(bought(["2025-12-29", "1.00"], ["2026-01-05", "1.00"]))).toHaveLength(2)
    expect(shown(bought(["2025-12-28", "1.00"], ["2026-01-05", "1.00"]))).toEqual([
      "before 12-28",
      "01-05 lunch 1.00 ×1"
    ])
  })

  it("D16 the seven days are those of which a fact may tell", () => {
    expect(Tally.daysKept).toBe(7)
  })
})

describe("D17 a reversal restores the purchase date before", () => {
  it.each(
    [
      ["of two purchases one is left", [["2025-11-28", "18.00"], ["2025-11-28", "12.00"]], "2025-11-28"],
      ["the day before", [["2025-11-25", "18.00"], ["2025-11-28", "12.00"]], "2025-11-25"],
      ["the day remembered for it", [["2025-09-01", "18.00"], ["2025-11-28", "12.00"]], "2025-09-01"],
      ["the last of those", [["2025-08-01", "9.00"], ["2025-09-01", "8.00"], ["2025-11-28", "12.00"]], "2025-09-01"],
      ["never", [["2025-11-28", "12.00"]], "never"]
    ] as const
  )("D17 %s", (_, purchases, date) => {
    expect(last(bought(...purchases))).toBe("2025-11-28")
    expect(last(Tally.remove(bought(...purchases), cell("2025-11-28"), Money.yuan("12.00")))).toBe(date)
  })

  it("D17 sum and count go back, and an empty cell goes away", () => {
    const tallies = bought(["2025-11-28", "18.00"], ["2025-11-28", "12.00"], ["2025-11-28", "7.00", "dinner"])
    const once = Tally.remove(tallies, cell("2025-11-28"), Money.yuan("12.00"))
    expect(shown(once)).toEqual(["11-28 lunch 18.00 ×1", "11-28 dinner 7.00 ×1"])
    expect(shown(Tally.remove(once, cell("2025-11-28"), Money.yuan("18.00")))).toEqual(["11-28 dinner 7.00 ×1"])
  })

  it("D17 what is not there cannot be taken away", () => {
    const tallies = bought(["2025-11-28", "18.00"])
    expect(Tally.remove(tallies, cell("2025-11-28", "dinner"), Money.of(1))).toEqual(tallies)
    expect(Tally.remove(Tally.none, cell("2025-11-28"), Money.of(1))).toEqual(Tally.none)
  })

  it("I2 nor more than was bought: that is a defect, not a decline", () => {
    expect(() => Tally.remove(bought(["2025-11-28", "18.00"]), cell("2025-11-28"), Money.yuan("18.01"))).toThrow(
      RangeError
    )
  })

  it("A4 nothing bought yet has no last day", () => {
    expect(Tally.lastDay(Tally.none)).toEqual(Option.none())
    expect(Tally.lastDay({ cells: [], before: day("2025-09-01") })).toEqual(Option.some(day("2025-09-01")))
  })
})

describe("A5 A7 D17 a refund takes its part, and the purchase once all of it has gone back", () => {
  const two = bought(["2025-11-28", "18.00"], ["2025-11-28", "12.00"], ["2025-11-28", "7.00", "dinner"])
  const here = cell("2025-11-28")

  it.each([
    ["0.01", "11-28 lunch 29.99 ×2"],
    ["12.00", "11-28 lunch 18.00 ×2"],
    ["17.99", "11-28 lunch 12.01 ×2"]
  ])("A7 a part of %s", (part, left) => {
    expect(shown(Tally.reduce(two, here, Money.yuan(part)))).toEqual([left, "11-28 dinner 7.00 ×1"])
  })

  it("A5 all, at once or what was left of it", () => {
    expect(shown(Tally.refund(two, here, Money.yuan("18.00")))).toEqual([
      "11-28 lunch 12.00 ×1",
      "11-28 dinner 7.00 ×1"
    ])
    const part = Tally.reduce(two, here, Money.yuan("5.00"))
    expect(shown(Tally.refund(part, here, Money.yuan("13.00")))).toEqual([
      "11-28 lunch 12.00 ×1",
      "11-28 dinner 7.00 ×1"
    ])
    expect(shown(Tally.refund(two, cell("2025-11-28", "dinner"), Money.yuan("7.00")))).toEqual(["11-28 lunch 30.00 ×2"])
  })

  it("D17 a part leaves the day of the purchase, all of it does not", () => {
    const late = bought(["2025-09-01", "8.00"], ["2025-11-28", "12.00"])
    expect(last(Tally.reduce(late, here, Money.yuan("11.99")))).toBe("2025-11-28")
    expect(last(Tally.refund(late, here, Money.yuan("12.00")))).toBe("2025-09-01")
  })

  it("D16 of a day that is not kept any more there is nothing to take", () => {
    for (const amount of ["0.01", "12.00"]) {
      expect(Tally.reduce(two, cell("2025-09-01"), Money.yuan(amount))).toEqual(two)
      expect(Tally.refund(two, cell("2025-09-01"), Money.yuan(amount))).toEqual(two)
    }
  })

  it("D16 I12 of a day that was dropped and began anew, no more than is there", () => {
    const anew = bought(["2025-11-28", "18.00"], ["2025-12-20", "1.00"], ["2025-11-28", "2.00"])
    expect(shown(anew)).toContain("11-28 lunch 2.00 ×1")
    expect(shown(Tally.reduce(anew, here, Money.yuan("5.00")))).toContain("11-28 lunch 0.00 ×1")
    expect(shown(Tally.refund(anew, here, Money.yuan("18.00")))).not.toContain("11-28 lunch 0.00 ×1")
  })
})

// The judge: purchases one by one.
const base = day("2025-12-20")
const near = fc.nat(7).map((n) => CivilTime.addDays(base, n))
const anywhere = fc.integer({ min: 0, max: 200 }).map((n) => CivilTime.addDays(base, n))
const cellOn = (days: fc.Arbitrary<CivilTime.Day>): fc.Arbitrary<Tally.Cell> =>
  fc.record({
    day: days,
    window: fc.constantFrom("lunch", "night"),
    back: fc.nat(1),
    category: fc.constantFrom("canteen" as const, "shop" as const),
    medium: fc.constantFrom("physicalCard" as const, "ecodePayCode" as const)
  }).map(({ back, ...cell }) => ({ ...cell, mealDay: CivilTime.addDays(cell.day, -back) }))
const amounts = fc.integer({ min: 1, max: 5_000 }).map(Money.of)
const purchases = (days: fc.Arbitrary<CivilTime.Day>) =>
  fc.array(fc.record({ cell: cellOn(days), amount: amounts }), { maxLength: 20 })
const all = (list: ReadonlyArray<{ readonly cell: Tally.Cell; readonly amount: Money.Money }>): Tally.Tallies =>
  list.reduce((tallies, { amount, cell }) => Tally.add(tallies, cell, amount), Tally.none)
const keyOf = ({ category, day, mealDay, medium, window }: Tally.Cell): string =>
  [day, mealDay, window, category, medium].join("/")
const book = ({ cells }: Tally.Tallies) =>
  new Map(cells.map((tally) => [keyOf(tally), { sum: tally.sum as number, count: tally.count }]))

describe("A7 D16 D17 for any history", () => {
  it("A7 each cell holds the sum and the count of its purchases, and stands there once", () => {
    fc.assert(fc.property(purchases(near), (list) => {
      const expected = new Map<string, { sum: number; count: number }>()
      for (const { amount, cell } of list) {
        const { count, sum } = expected.get(keyOf(cell)) ?? { sum: 0, count: 0 }
        expected.set(keyOf(cell), { sum: sum + amount, count: count + 1 })
      }
      const tallies = all(list)
      expect(book(tallies)).toEqual(expected)
      expect(tallies.cells).toHaveLength(expected.size)
      expect(Schema.is(Tally.Tallies)(tallies)).toBe(true)
    }))
  })

  it("D11 the order in which records come does not matter within the seven days", () => {
    fc.assert(fc.property(purchases(near), fc.infiniteStream(fc.nat(1_000)), (list, stream) => {
      const shuffled = list.map((one) => ({ one, at: stream.next().value })).toSorted((a, b) => a.at - b.at)
      expect(book(all(shuffled.map(({ one }) => one)))).toEqual(book(all(list)))
    }))
  })

  it("D16 D17 however old: the last days are kept whole, and the last day of all is known", () => {
    fc.assert(fc.property(purchases(anywhere), (list) => {
      const days = list.map(({ cell }) => cell.day)
      const newest = Math.max(...days)
      const tallies = all(list)
      const reachable = list.filter(({ cell }) => cell.day >= newest - 7)
      expect(Option.getOrNull(Tally.lastDay(tallies))).toBe(list.length === 0 ? null : newest)
      // A cell that came before the newest day may have been dropped and begun anew, but never holds more than was bought.
      const inOrder = list.toSorted((a, b) => a.cell.day - b.cell.day)
      expect(all(inOrder).cells.every(({ day }) => day >= newest - 7)).toBe(true)
      expect(book(all(inOrder))).toEqual(book(all(reachable)))
      const older = days.filter((day) => day < newest - 7)
      expect(all(inOrder).before).toBe(older.length === 0 ? undefined : Math.max(...older))
    }))
  })

  it("D17 what is added and taken away again leaves everything as it was", () => {
    fc.assert(fc.property(purchases(near), cellOn(near), amounts, (list, cell, amount) => {
      const before = all(list)
      const after = Tally.remove(Tally.add(before, cell, amount), cell, amount)
      expect(book(after)).toEqual(book(before))
      expect(Tally.lastDay(after)).toEqual(Tally.lastDay(before))
    }))
  })

  it("A5 A7 a purchase that goes back in parts leaves what one that was never made leaves", () => {
    fc.assert(
      fc.property(purchases(near), cellOn(near), amounts, fc.nat({ max: 100 }), (list, cell, amount, percent) => {
        const before = all(list)
        const part = Money.of(Math.floor((amount * percent) / 100))
        const reduced = Tally.reduce(Tally.add(before, cell, amount), cell, part)
        expect(book(reduced).get(keyOf(cell))?.sum).toBe((book(before).get(keyOf(cell))?.sum ?? 0) + amount - part)
        const after = Tally.refund(reduced, cell, Money.minus(amount, part))
        expect(book(after)).toEqual(book(before))
        expect(Tally.lastDay(after)).toEqual(Tally.lastDay(before))
      })
    )
  })

  it("D17 taking away all of the latest day leaves the latest day of the rest, however long ago", () => {
    fc.assert(fc.property(purchases(anywhere), (list) => {
      fc.pre(list.length > 0)
      const newest = Math.max(...list.map(({ cell }) => cell.day))
      const rest = list.filter(({ cell }) => cell.day < newest)
      const undone = list.filter(({ cell }) => cell.day === newest)
        .reduce((tallies, { amount, cell }) => Tally.remove(tallies, cell, amount), all(list))
      expect(Option.getOrNull(Tally.lastDay(undone))).toBe(
        rest.length === 0 ? null : Math.max(...rest.map(({ cell }) => cell.day))
      )
    }))
  })

  it("I12 adding and taking away change nothing that they were given", () => {
    fc.assert(fc.property(purchases(anywhere), cellOn(anywhere), amounts, (list, cell, amount) => {
      const tallies = all(list)
      const before = structuredClone(tallies)
      Tally.remove(Tally.add(tallies, cell, amount), cell, amount)
      expect(tallies).toEqual(before)
      expect(Tally.none).toEqual({ cells: [] })
    }))
  })
})

describe("What once broke elsewhere", () => {
  it("R70 a day's sum does not end at two bytes, nor a count at one", () => {
    let tallies: Tally.Tallies = Tally.none
    for (let i = 0; i < 300; i++) tallies = Tally.add(tallies, cell("2025-11-28"), Money.yuan("1000.00"))
    expect(shown(tallies)).toEqual(["11-28 lunch 300000.00 ×300"])
  })

  it("R70 a sum that leaves the range of money is refused, not wrapped around", () => {
    const full = Tally.add(Tally.none, cell("2025-11-28"), Money.of(Number.MAX_SAFE_INTEGER))
    expect(() => Tally.add(full, cell("2025-11-28"), Money.of(1))).toThrow(RangeError)
  })
})
