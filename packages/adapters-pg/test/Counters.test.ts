// Counters are packed and unpacked without loss, and what was damaged is refused and never misread (D22).
import { AccountState, type Id, type Money, type Tally } from "@yikatong/core"
import { Schema, Struct } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Counters from "../src/Counters.ts"
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
} as unknown as Counters.Counters["recent"][number]
const known = {
  record: "card:card-1:8",
  at,
  amount: 1_200,
  point: "canteen-1",
  purchase: "till:tap-1"
} as Counters.Counters["posted"][number]
const nothing: Counters.Counters = { tallies: { cells: [] }, recent: [], posted: [] }
const meal: Counters.Counters = {
  tallies: { cells: [{ ...lunch, sum: 1_200 as Money.Money, count: 1 }], before: 20_500 as Tally.Cell["day"] },
  recent: [bought],
  posted: [known]
}
/** As it stands in the rows of every campus: what was written once must be read for ever. */
const packedMeal = `[["lunch","canteen","physicalCard","chip","merchant:north","canteen-1","card-1","till"],20500,` +
  `[[20514,0,20514,1,2,1200,1]],` +
  `[["till:tap-1",${at},5,6,[5000,3,7],[20514,0,20514,1,2],1200,[[3,4,1200]],${at + 1},1]],` +
  `[[6,8,${at},1200,5,7,"tap-1"]]]`

describe("counters", () => {
  const cases: ReadonlyArray<readonly [what: string, counters: Counters.Counters, text: string]> = [
    ["nothing bought yet", nothing, "[[],0,[],[],[]]"],
    ["a lunch by card that was undone, and its record", meal, packedMeal],
    [
      "a lunch by code: no card, no chip, nothing undone",
      { ...nothing, recent: [Struct.omit(bought, ["card", "chip", "undoneAt", "confirmed"])] },
      `[["chip","merchant:north","canteen-1","lunch","canteen","physicalCard"],0,[],` +
      `[["till:tap-1",${at},2,-1,0,[20514,3,20514,4,5],1200,[[0,1,1200]],0,0]],[]]`
    ],
    [
      "a credited order",
      { ...nothing, posted: [{ record: "order:a:b", at: bought.at }] },
      `[[],0,[],[],[["order:a:b",0,${at},0,-1,-1,0]]]`
    ]
  ]
  for (const [what, counters, text] of cases) {
    it(`${what}: is packed as it always was`, () => {
      expect(Counters.pack(counters)).toBe(text)
      expect(Counters.unpack(text)).toEqual(counters)
    })
  }

  it("any counters come back as they were, in a text of JSON in which no word of a purchase stands twice", () => {
    fc.assert(fc.property(counters, (some) => {
      const text = Counters.pack(some)
      if (text === undefined) throw new Error("sound counters were refused")
      expect(Counters.unpack(text)).toEqual(some)
      const [words] = JSON.parse(text) as [ReadonlyArray<string>]
      expect(new Set(words).size).toBe(words.length)
    }))
  })

  it("unpacked and packed again they are the same text: a row that nothing changed stays the same", () => {
    fc.assert(fc.property(counters, (some) => {
      const text = Counters.pack(some) ?? ""
      expect(Counters.pack(Counters.unpack(text))).toBe(text)
    }))
  })
})

describe("what could not be read again is not packed", () => {
  const of = (change: object): Counters.Counters => ({ ...nothing, recent: [{ ...bought, ...change }] })
  const cases: ReadonlyArray<readonly [what: string, counters: Counters.Counters]> = [
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
      expect(Counters.pack(counters)).toBeUndefined()
      // And the core's own schema would have refused it too.
      expect(isCounters(counters)).toBe(false)
    })
  }
})

describe("what was damaged is refused, never misread", () => {
  const cases: ReadonlyArray<readonly [what: string, text: string]> = [
    ["nothing at all", ""],
    ["no JSON", "[["],
    ["no list", "{}"],
    ["too few lists", "[[],0,[],[]]"],
    ["too many lists", "[[],0,[],[],[],[]]"],
    ["words that are no list", "[0,0,[],[],[]]"],
    ["a word that is not there", packedMeal.replace("20514,0,20514", "20514,9,20514")],
    ["a place of a word that is no number", packedMeal.replace("20514,0,20514", "20514,\"0\",20514")],
    ["a word that is a number", packedMeal.replace("\"lunch\"", "1")],
    ["a cell that lacks its count", packedMeal.replace(",1200,1]]", ",1200]]")],
    ["a purchase that lacks its end", packedMeal.replace(`,${at + 1},1]`, "]")],
    ["something between yes and no", packedMeal.replace(`,${at + 1},1]`, `,${at + 1},2]`)],
    ["a number as a text", packedMeal.replace("20500", "\"20500\"")],
    ["half a day", packedMeal.replace("20500", "20500.5")],
    ["no value", packedMeal.replace("20500", "null")],
    ["a transfer to itself, by one word that stands twice", packedMeal.replace("merchant:north", "chip")]
  ]
  for (const [what, text] of cases) {
    it(what, () => {
      expect(text).not.toBe(packedMeal)
      expect(() => Counters.unpack(text)).toThrow(/it is not |JSON/)
    })
  }

  it("a text that was cut off, wherever", () => {
    fc.assert(fc.property(counters, fc.nat(), (some, cut) => {
      const text = Counters.pack(some) ?? ""
      expect(() => Counters.unpack(text.slice(0, cut % text.length))).toThrow(/JSON/)
    }))
  })

  it("a character that is another, is missing or too many: it throws, or reads what the core's schema takes", () => {
    const character = fc.constantFrom(..."0123456789-.,[]{}\"\\:aZ ", "null", "true", "-1", "[]", "\"\"")
    let thrown = 0
    let read = 0
    fc.assert(
      fc.property(
        fc.option(counters, { nil: meal }),
        fc.nat(),
        fc.constantFrom(0, 1),
        character,
        (some, at, without, by) => {
          const text = Counters.pack(some) ?? ""
          const place = at % text.length
          const damaged = text.slice(0, place) + by + text.slice(place + without)
          try {
            const seen = Counters.unpack(damaged)
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
        Counters.unpack(secret)
      } catch (error) {
        // The parser's own words are left out by whoever calls: see AccountRow.
        if (!(error instanceof SyntaxError)) expect(String(error)).not.toContain("secret")
      }
    }
  })
})
