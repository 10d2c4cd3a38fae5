// Counters are packed and unpacked without loss, and what was damaged is refused and never misread (D22).
import { AccountState, CivilTime, type Id, type Money, type Tally } from "@yikatong/core"
import { Schema, Struct } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Counters } from "../src/Counters.ts"
import { unpack } from "../src/CountersReader.ts"
import { pack } from "../src/CountersWriter.ts"
import { counters } from "./counters.ts"

const isCounters = Schema.is(AccountState.AccountState.mapFields(Struct.pick(["tallies", "recent", "posted"])))

const lunch = {
  day: 20_514,
  window: "lunch",
  mealDay: 20_514,
  category: "canteen",
  medium: "physicalCard"
} as Tally.Cell
const at = 1_772_416_800_000
const bought = {
  purchase: "till:tap-1",
  at,
  point: "canteen-1",
  card: "card-1",
  chip: { balance: 5_000, loadSequence: 3, purchaseSequence: 7 },
  cell: lunch,
  amount: 1_200,
  transfers: [{ from: "chip", to: "merchant:north", amount: 1_200 }],
  undoneAt: at + 1,
  confirmed: true
} as unknown as Counters["recent"][number]
const known = {
  record: "card:card-1:8",
  at,
  amount: 1_200,
  point: "canteen-1",
  purchase: "till:tap-1"
} as Counters["posted"][number]
const nothing: Counters = { tallies: { cells: [] }, recent: [], posted: [] }
const meal: Counters = {
  tallies: { cells: [{ ...lunch, sum: 1_200 as Money.Money, count: 1 }], before: 20_500 as Tally.Cell["day"] },
  recent: [bought],
  posted: [known]
}
const unpacked = (text: string): Counters => {
  const { posted, recent, tallies } = unpack(text)
  return { posted, recent, tallies }
}
/** As it stands in the rows of every campus: what was written once must be read for ever. */
const morning = at - 20_514 * CivilTime.dayLength
const packedMeal = "20514,20500,1,1,1,0\n" +
  `15,${morning},0,0,1,0,2,3,1200,4,5000,3,7,${morning + 1},1,5,6,1200,till:tap-1\n` +
  "0,1,0,2,3,1200,1\n" +
  `15,${morning},4,8,1200,0,till:tap-1\n` +
  `["canteen-1","lunch","canteen","physicalCard","card-1","chip","merchant:north"]\n`

const lastLine = (text: string) => text.slice(text.lastIndexOf("\n", text.length - 2) + 1)

describe("counters", () => {
  const cases: ReadonlyArray<readonly [what: string, counters: Counters, text: string]> = [
    ["nothing bought yet", nothing, "0,0,0,0,0,0\n[]\n"],
    ["a lunch by card that was undone, and its record", meal, packedMeal],
    [
      "a lunch by code: no card, no chip, nothing undone",
      { ...nothing, recent: [Struct.omit(bought, ["card", "chip", "undoneAt", "confirmed"])] },
      `0,0,1,0,0,0\n0,${at},0,20514,1,20514,2,3,1200,1,4,5,1200,till:tap-1\n` +
      `["canteen-1","lunch","canteen","physicalCard","chip","merchant:north"]\n`
    ],
    [
      "a credited order",
      { ...nothing, posted: [{ record: "order:a:b", at: bought.at }] },
      `0,0,0,0,1,0\n0,${at},0,\n["order:a:b"]\n`
    ]
  ]
  for (const [what, counters, text] of cases) {
    it(`${what}: is packed as it always was`, () => {
      expect(pack(counters)).toBe(text)
      expect(unpacked(text)).toEqual(counters)
    })
  }

  it("any counters come back as they were, in a text in which no word stands twice", () => {
    fc.assert(fc.property(counters, (some) => {
      const text = pack(some)
      if (text === undefined) throw new Error("sound counters were refused")
      expect(unpacked(text)).toEqual(some)
      const words = JSON.parse(lastLine(text)) as ReadonlyArray<string>
      expect(new Set(words).size).toBe(words.length)
    }))
  })

  it("unpacked and packed again they are the same text: a row that nothing changed stays the same", () => {
    fc.assert(fc.property(counters, (some) => {
      const text = pack(some) ?? ""
      expect(pack(unpacked(text))).toBe(text)
    }))
  })
})

describe("over a row that holds counters already", () => {
  /** What an event may do to a list: nothing, leave some out, put others in their place, add some. */
  const changed = <One>(all: ReadonlyArray<One>, by: ReadonlyArray<number>, others: ReadonlyArray<One>) => [
    ...all.flatMap((one, at) => {
      const what = by[at % by.length] ?? 0
      return what === 1 ? [] : what === 2 ? others.slice(0, 1) : what === 3 ? [structuredClone(one)] : [one]
    }),
    ...others.slice(1)
  ]
  const cases = fc.tuple(
    counters,
    counters,
    fc.array(fc.constantFrom(0, 0, 0, 0, 1, 2, 3), { minLength: 1, maxLength: 7 })
  )

  it("D22 they come back as they were, whatever of them is new", () => {
    fc.assert(fc.property(cases, ([first, second, by]) => {
      const held = unpack(pack(first) ?? "")
      const after = {
        tallies: { ...second.tallies, cells: changed(held.tallies.cells, by, second.tallies.cells) },
        recent: changed(held.recent, by, second.recent),
        posted: changed(held.posted, by, second.posted)
      }
      expect(unpacked(pack(after, held) ?? "")).toEqual(after)
    }))
  })

  it("nothing new is the same text, and what is new adds its own words only", () => {
    fc.assert(fc.property(counters, (some) => {
      const text = pack(some) ?? ""
      expect(pack(unpack(text), unpack(text))).toBe(pack(some))
      const held = unpack(text)
      const more = pack({ ...held, recent: [...held.recent, bought] }, held) ?? ""
      const words = JSON.parse(lastLine(more)) as ReadonlyArray<string>
      expect(new Set(words).size).toBe(words.length)
    }))
  })

  it("what could not be read again is not packed there either", () => {
    const held = unpack(packedMeal)
    expect(pack({ ...held, recent: [...held.recent, { ...bought, point: "" as Id.PointId }] }, held)).toBeUndefined()
  })
})

describe("what could not be read again is not packed", () => {
  const of = (change: object): Counters => ({ ...nothing, recent: [{ ...bought, ...change }] })
  const cases: ReadonlyArray<readonly [what: string, counters: Counters]> = [
    ["a time that is none", of({ at: Number.NaN })],
    ["a time of 1970", of({ at: 0 })],
    ["half a fen", of({ amount: 0.5 })],
    ["no amount", of({ amount: 0 })],
    ["more than may be bought", of({ amount: 1_000_000_001 })],
    ["a place without a name", of({ point: "" })],
    ["a card with a blank", of({ card: "card 1" })],
    ["a purchase of nobody", of({ purchase: "tap-1" })],
    ["a chip that owes", of({ chip: { ...bought.chip, balance: -1 } })],
    ["a chip that counts nothing", of({ chip: { ...bought.chip, purchaseSequence: 0xffff_ffff } })],
    ["a transfer to itself", of({ transfers: [{ from: "chip", to: "chip", amount: 1 }] })],
    ["a transfer of nothing", of({ transfers: [{ from: "chip", to: "held", amount: 0 }] })],
    ["a transfer to no book", of({ transfers: [{ from: "chip", to: "nowhere", amount: 1 }] })],
    ["a medium that nobody knows", of({ cell: { ...lunch, medium: "cheque" } })],
    ["a kind of place that nobody knows", of({ cell: { ...lunch, category: "casino" } })],
    ["a day before all days", of({ cell: { ...lunch, day: 1 } })],
    ["a sum below zero", { ...meal, tallies: { cells: [{ ...lunch, sum: -1 as Money.Money, count: 1 }] } }],
    ["half a purchase", { ...meal, tallies: { cells: [{ ...lunch, sum: 1 as Money.Money, count: 0.5 }] } }],
    ["a record at no time", { ...nothing, posted: [{ ...known, at: Infinity as typeof known.at }] }],
    ["a record of no place", { ...nothing, posted: [{ ...known, point: "/" as Id.PointId }] }]
  ]
  for (const [what, counters] of cases) {
    it(what, () => {
      expect(pack(counters)).toBeUndefined()
      // And the core's own schema would have refused it too.
      expect(isCounters(counters)).toBe(false)
    })
  }
})

describe("what was damaged is refused, never misread", () => {
  const cases: ReadonlyArray<readonly [what: string, text: string]> = [
    ["nothing at all", ""],
    ["words without an end", "0,0,0,0,0,0\n[]"],
    ["words only", "[]\n"],
    ["no words", "0,0,0,0,0,0\n"],
    ["words that are no list", "0,0,0,0,0,0\n{}\n"],
    ["a head that lacks a number", "0,0,0,0,0\n[]\n"],
    ["a head with one too many", "0,0,0,0,0,0,0\n[]\n"],
    ["more lines than the head says", packedMeal.replace("20500,1,1,1,0", "20500,1,0,1,0")],
    ["fewer lines than the head says", packedMeal.replace("20500,1,1,1,0", "20500,1,1,2,0")],
    ["more lines than there can be", packedMeal.replace("20500,1,1,1,0", "20500,1,1,1,9007199254740991")],
    ["something behind the words", `${packedMeal}0\n`],
    ["a word that is not there", packedMeal.replace("\n0,1,0", "\n0,9,0")],
    ["a word before the first", packedMeal.replace("\n0,1,0", "\n0,-1,0")],
    ["a word that is a number", packedMeal.replace("\"lunch\"", "1")],
    ["a cell that lacks its count", packedMeal.replace(",1200,1\n", ",1200\n")],
    ["a purchase that lacks its name", packedMeal.replace("1200,till:tap-1\n", "1200\n")],
    ["a line with something that nobody knows", packedMeal.replace("\n15,", "\n31,")],
    ["a line with less than nothing", packedMeal.replace("\n15,", "\n-1,")],
    ["a number as a text", packedMeal.replace("20500", "\"20500\"")],
    ["half a day", packedMeal.replace("20500", "20500.5")],
    ["less than nothing at all", packedMeal.replace("\n0,1,0", "\n-0,1,0")],
    ["no value", packedMeal.replace("20500", "")],
    ["a number that is not exact", packedMeal.replace("20514", "9999999999999999")],
    ["a transfer to itself, by one word that stands twice", packedMeal.replace("merchant:north", "chip")]
  ]
  for (const [what, text] of cases) {
    it(what, () => {
      expect(text).not.toBe(packedMeal)
      expect(() => unpacked(text)).toThrow(/it is not |JSON/)
    })
  }

  it("a text that was cut off, wherever", () => {
    fc.assert(fc.property(counters, fc.nat(), (some, cut) => {
      const text = pack(some) ?? ""
      expect(() => unpacked(text.slice(0, cut % text.length))).toThrow(/it is not |JSON/)
    }))
  })

  it("a character that is another, is missing or too many: it throws, or reads what the core's schema takes", () => {
    const character = fc.constantFrom(..."0123456789-.,[]{}\"\\:aZ \n", "null", "true", "-1", "[]", "\"\"")
    let thrown = 0
    let read = 0
    fc.assert(
      fc.property(
        fc.option(counters, { nil: meal }),
        fc.nat(),
        fc.constantFrom(0, 1),
        character,
        (some, at, without, by) => {
          const text = pack(some) ?? ""
          const place = at % text.length
          const damaged = text.slice(0, place) + by + text.slice(place + without)
          try {
            const seen = unpacked(damaged)
            read++
            expect(isCounters(seen)).toBe(true)
          } catch (error) {
            if (!(error instanceof Error) || error.name === "AssertionError") throw error
            thrown++
          }
        }
      ),
      { numRuns: 3_000 }
    )
    // Another digit is another number, which nobody can see; all else is seen.
    expect(thrown).toBeGreaterThan(read)
  })

  it("no error repeats what was read", () => {
    for (const [, text] of cases) {
      const secret = text.replace("canteen-1", "secret").replace("till:tap-1", "secret:1")
      try {
        unpacked(secret)
      } catch (error) {
        // The parser's own words are left out by whoever calls: see AccountRow.
        if (!(error instanceof SyntaxError)) expect(String(error)).not.toContain("secret")
      }
    }
  })
})
