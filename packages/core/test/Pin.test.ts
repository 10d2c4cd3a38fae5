import { Option, Redacted, Result } from "effect"
import * as fc from "fast-check"
import { inspect } from "node:util"
import { describe, expect, it } from "vitest"
import * as IdentityDocument from "../src/IdentityDocument.ts"
import * as Pin from "../src/Pin.ts"

const document = (kind: IdentityDocument.Kind, text: string) => Result.getOrThrow(IdentityDocument.parse(kind, text))
const pin = (text: string): Pin.Pin => Result.getOrThrow(Pin.parse(text))
const initial = (kind: IdentityDocument.Kind, text: string): string => {
  const first = Pin.initial(document(kind, text))
  return first._tag === "FromDocument" ? Redacted.value(first.pin) : first._tag
}

const pins = fc.stringMatching(/^[0-9]{6}$/)
const numbers = fc.tuple(fc.integer({ min: 1900, max: 2099 }), fc.integer({ min: 1, max: 28 }), fc.nat(999))
  .map(([year, date, sequence]) =>
    `430102${year}02${String(date).padStart(2, "0")}${String(sequence).padStart(3, "0")}`
  )
  .map((digits) => digits + IdentityDocument.checkDigit(digits))

describe("R35 A13 the first password", () => {
  it.each(
    [
      ["residentId", "43010219990101125X", "011250"],
      ["residentId", "43010219990101125x", "011250"],
      ["residentId", "11010519491231002X", "310020"],
      ["residentId", "430102990101125", "101125"],
      ["passport", "E12345678", "OneTime"],
      ["hkMacauPermit", "H12345678", "OneTime"],
      ["taiwanPermit", "12345678", "OneTime"],
      ["foreignPermanentResident", "CAN110078020908", "OneTime"],
      ["foreignPermanentResident", "911124198001011237", "OneTime"]
    ] as const
  )("R35 A13 %s %s: %s", (kind, number, first) => {
    expect(initial(kind, number)).toBe(first)
  })

  it("R35 it is always six digits, the last of the number, with 0 for X", () => {
    fc.assert(fc.property(numbers, (number) => {
      const first = initial("residentId", number)
      expect(first).toMatch(/^[0-9]{6}$/)
      expect(first.slice(0, 5)).toBe(number.slice(12, 17))
      expect(first.slice(5)).toBe(number.endsWith("X") ? "0" : number.slice(17))
      expect(Result.isSuccess(Pin.parse(first))).toBe(true)
    }))
  })
})

describe("R37 a password is six digits", () => {
  it.each([
    ["", "Length"],
    ["12345", "Length"],
    ["1234567", "Length"],
    ["123456 ", "Length"],
    [" 12345", "Characters"],
    ["12345\n", "Characters"],
    ["12345X", "Characters"],
    ["-12345", "Characters"],
    ["1e1000", "Characters"],
    ["12.345", "Characters"],
    ["１２３４５６", "Characters"],
    ["١٢٣٤٥٦", "Characters"]
  ])("R37 %j is refused: %s", (text, problem) => {
    expect(Result.merge(Pin.parse(text))).toEqual({ _tag: "PinMalformed", problem })
  })

  it("R37 any six digits are read, leading zeros included, and nothing else is", () => {
    fc.assert(fc.property(pins, (text) => Redacted.value(pin(text)) === text))
    fc.assert(fc.property(fc.string(), (text) => Result.isSuccess(Pin.parse(text)) === /^[0-9]{6}$/.test(text)))
  })
})

describe("A14 what a changed password must not be", () => {
  const holder = Option.some(document("residentId", "43010219990101125X"))
  const foreigner = Option.some(document("passport", "E12345678"))
  const nobody = Option.none<IdentityDocument.IdentityDocument>()

  it.each([
    ["111111", "allSame"],
    ["000000", "allSame"],
    ["999999", "allSame"],
    ["123456", "sequence"],
    ["654321", "sequence"],
    ["012345", "sequence"],
    ["456789", "sequence"],
    ["567890", "sequence"],
    ["098765", "sequence"],
    ["123457", null],
    ["023456", null],
    ["111112", null],
    ["211111", null],
    ["135791", null],
    ["121212", null],
    ["123321", null],
    ["805173", null]
  ])("A14 for everybody %s is %s", (text, why) => {
    for (const  of of[holder, foreigner, nobody]) expect(Option.getOrNull(Pin.weakness(pin(text), of))).toBe(why)
  })

  it("A14 the last six of the holder's own number are weak for the holder alone", () => {
    expect(Pin.weakness(pin("011250"), holder)).toEqual(Option.some("sameAsInitial"))
    expect(Pin.weakness(pin("011250"), foreigner)).toEqual(Option.none())
    expect(Pin.weakness(pin("011250"), nobody)).toEqual(Option.none())
    expect(Pin.weakness(pin("345678"), foreigner)).toEqual(Option.some("sequence"))
  })

  it("A14 thirty are weak for everybody, and no other is", () => {
    const up = "012345678901234"
    const down = [...up].toReversed().join("")
    const ten = Array.from({ length: 10 }, (_, i) => i)
    const allSame = ten.map((i) => String(i).repeat(6))
    const sequences = [...ten.map((i) => up.slice(i, i + 6)), ...ten.map((i) => down.slice(i, i + 6))]
    expect(new Set([...allSame, ...sequences]).size).toBe(30)
    const near = fc.tuple(fc.constantFrom(...allSame, ...sequences), fc.nat(5), fc.nat(9))
      .map(([text, place, digit]) => text.slice(0, place) + digit + text.slice(place + 1))
    fc.assert(
      fc.property(fc.oneof(near, pins), (text) => {
        expect(Option.getOrNull(Pin.weakness(pin(text), nobody)))
          .toBe(allSame.includes(text) ? "allSame" : sequences.includes(text) ? "sequence" : null)
      }),
      { numRuns: 1_000 }
    )
  })

  it("A14 the first password of a document is never a changed one of its holder", () => {
    fc.assert(fc.property(numbers, pins, (number, other) => {
      const of = document("residentId", number)
      const first = Pin.initial(of)
      expect(first._tag).toBe("FromDocument")
      if (first._tag === "FromDocument") {
        expect(Pin.weakness(first.pin, Option.some(of))).toEqual(Option.some("sameAsInitial"))
        fc.pre(Redacted.value(first.pin) !== other)
        expect(Pin.weakness(pin(other), Option.some(of))).toEqual(Pin.weakness(pin(other), Option.none()))
      }
    }))
  })
})

describe("R38 a password is never printed", () => {
  const printed = (value: unknown): string =>
    [JSON.stringify(value), String(value), inspect(value, { depth: 20, showHidden: true })].join("\n")

  it("R38 it shows <redacted>", () => {
    expect(JSON.stringify({ pin: pin("805173") })).toBe("{\"pin\":\"<redacted>\"}")
    expect(`${pin("805173")}`).toBe("<redacted>")
    expect(inspect(pin("805173"))).toContain("<redacted>")
  })

  it("R38 neither it, its result, the first password nor an error shows a piece of it", () => {
    fc.assert(fc.property(pins, fc.nat(5), (text, place) => {
      const wrong = text.slice(0, place) + "X" + text.slice(place + 1)
      const shown = [
        Pin.parse(text),
        pin(text),
        Pin.weakness(pin(text), Option.none()),
        Pin.parse(wrong),
        Pin.parse(text.slice(1)),
        Pin.parse(text + text)
      ].map(printed).join("\n")
      expect(shown).not.toContain(text.slice(0, 3))
      expect(shown).not.toContain(text.slice(3))
      expect(shown).not.toContain(wrong)
    }))
    fc.assert(fc.property(numbers, (number) => {
      expect(printed(Pin.initial(document("residentId", number)))).not.toContain(number.slice(12, 16))
    }))
  })
})
