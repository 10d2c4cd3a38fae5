import { Option, Redacted, Result, Schema } from "effect"
import * as fc from "fast-check"
import { inspect } from "node:util"
import { describe, expect, it } from "vitest"
import * as IdentityDocument from "../src/IdentityDocument.ts"

const { checkDigit, parse } = IdentityDocument
const two = (n: number): string => String(n).padStart(2, "0")

// No number here is a person's: sequence and region are made up, and the check digit follows.
const regions = fc.constantFrom(
  "110101",
  "310115",
  "430102",
  "500101",
  "659001",
  "710000",
  "810000",
  "820000",
  "830000"
)
const births = fc.date({ min: new Date("1900-01-01"), max: new Date("2099-12-31"), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10).replaceAll("-", ""))
const first17 = fc.tuple(regions, births, fc.nat(999))
  .map(([region, birth, sequence]) => region + birth + String(sequence).padStart(3, "0"))
const numbers = first17.map((digits) => digits + checkDigit(digits))
const anyFirst17 = fc.stringMatching(/^[0-9]{17}$/)

const numberOf = (kind: IdentityDocument.Kind, text: string): string | undefined =>
  Option.getOrUndefined(Option.map(Result.getSuccess(parse(kind, text)), (document) => Redacted.value(document.number)))
const problemOf = (kind: IdentityDocument.Kind, text: string): string | undefined =>
  Option.getOrUndefined(Option.map(Result.getFailure(parse(kind, text)), (malformed) => malformed.problem))

describe("R35 A13 the numbers people show", () => {
  it.each(
    [
      ["residentId", "43010219990101125X", "43010219990101125X"],
      ["residentId", "43010219990101125x", "43010219990101125X"],
      ["residentId", " 43010219990101125X\n", "43010219990101125X"],
      ["residentId", "　43010219990101125X　", "43010219990101125X"],
      // The example of GB 11643-1999 itself.
      ["residentId", "11010519491231002X", "11010519491231002X"],
      ["residentId", "440524188001010014", undefined],
      ["residentId", "430102990101125", "430102990101125"],
      ["residentId", "430102000229125", undefined],
      ["residentId", "430102040229125", "430102040229125"],
      ["passport", "E12345678", "E12345678"],
      ["passport", "g12345678", "G12345678"],
      ["passport", "12345", "12345"],
      ["passport", "12345678901234567", "12345678901234567"],
      ["hkMacauPermit", "H12345678", "H12345678"],
      ["hkMacauPermit", "m12345678", "M12345678"],
      ["hkMacauPermit", "H1234567800", "H1234567800"],
      ["taiwanPermit", "12345678", "12345678"],
      ["taiwanPermit", "1234567801", "1234567801"],
      ["foreignPermanentResident", "CAN110078020908", "CAN110078020908"],
      ["foreignPermanentResident", "can110078020908", "CAN110078020908"]
    ] as const
  )("R35 A13 %s %j is read as %s", (kind, text, number) => {
    expect(numberOf(kind, text)).toBe(number)
  })

  it.each(
    [
      ["residentId", "", "Length"],
      ["residentId", "4301021999010112", "Length"],
      ["residentId", "43010219990101125X0", "Length"],
      ["residentId", "4301021999010１125X", "Characters"],
      ["residentId", "43010219990101125Ｘ", "Characters"],
      ["residentId", "X3010219990101125X", "Characters"],
      ["residentId", "4301021999010112 X", "Characters"],
      ["residentId", "43010219990101125Y", "Characters"],
      ["residentId", "-4301021999010112X", "Characters"],
      ["residentId", "43010299010112X", "Characters"],
      ["residentId", "X30102990101125", "Characters"],
      ["residentId", "00010219990101125X", "Region"],
      ["residentId", "16010219990101125X", "Region"],
      ["residentId", "91010219990101125X", "Region"],
      ["residentId", "990102990101125", "Region"],
      ["residentId", "43010219990229125X", "BirthDate"],
      ["residentId", "43010219991301125X", "BirthDate"],
      ["residentId", "43010219990001125X", "BirthDate"],
      ["residentId", "43010219990100125X", "BirthDate"],
      ["residentId", "43010219990431125X", "BirthDate"],
      ["residentId", "43010218991231125X", "BirthDate"],
      ["residentId", "43010221000101125X", "BirthDate"],
      ["residentId", "430102990229125", "BirthDate"],
      ["residentId", "430102991301125", "BirthDate"],
      ["residentId", "43010219990101123X", "CheckDigit"],
      ["residentId", "430102199901011250", "CheckDigit"],
      ["passport", "1234", "Length"],
      ["passport", "123456789012345678", "Length"],
      ["passport", "E1234 5678", "Characters"],
      ["passport", "E1234567８", "Characters"],
      ["passport", "Eß345678", "Characters"],
      ["hkMacauPermit", "H1234567", "Length"],
      ["hkMacauPermit", "H123456789", "Length"],
      ["hkMacauPermit", "T12345678", "Characters"],
      ["hkMacauPermit", "HH2345678", "Characters"],
      ["hkMacauPermit", "H1234567A", "Characters"],
      ["taiwanPermit", "123456789", "Length"],
      ["taiwanPermit", "1234567A", "Characters"],
      ["foreignPermanentResident", "CAN11007802090", "Length"],
      ["foreignPermanentResident", "CA1110078020908", "Characters"],
      ["foreignPermanentResident", "43010219990101125X", "Region"]
    ] as const
  )("R35 A13 %s %j is refused: %s", (kind, text, problem) => {
    expect(Result.merge(parse(kind, text))).toEqual({ _tag: "IdentityDocumentMalformed", kind, problem })
  })

  it("A13 foreigners' cards since 2023 bear a number with 9 first and the same check digit", () => {
    const digits = "91112419800101123"
    expect(numberOf("foreignPermanentResident", digits + checkDigit(digits))).toBe(digits + checkDigit(digits))
    expect(problemOf("foreignPermanentResident", `91112419800231123${checkDigit("91112419800231123")}`)).toBe(
      "BirthDate"
    )
    const others = "0123456789X".split("").filter((digit) => digit !== checkDigit(digits))
    expect(others.map((digit) => problemOf("foreignPermanentResident", digits + digit))).toEqual(
      others.map(() => "CheckDigit")
    )
  })

  it("R35 every well-formed number is read, in either case and with blanks around it", () => {
    fc.assert(fc.property(numbers, (number) => {
      expect(numberOf("residentId", number)).toBe(number)
      expect(numberOf("residentId", ` ${number.toLowerCase()}\t`)).toBe(number)
    }))
  })

  it("R35 the birth date is refused exactly if no calendar of 1900-2099 has it", () => {
    fc.assert(fc.property(fc.integer({ min: 1890, max: 2110 }), fc.nat(13), fc.nat(32), (y, m, d) => {
      const text = `${y}-${two(m)}-${two(d)}`
      const exists = y >= 1900 && y <= 2099 && m >= 1 && m <= 12 &&
        new Date(Date.UTC(y, m - 1, d)).toISOString().startsWith(text)
      const digits = `430102${text.replaceAll("-", "")}125`
      expect(problemOf("residentId", digits + checkDigit(digits))).toBe(exists ? undefined : "BirthDate")
    }))
  })

  it("R35 the provinces are those of GB/T 2260", () => {
    const accepted = Array.from({ length: 100 }, (_, region) => two(region))
      .filter((region) => problemOf("residentId", `${region}0102990101125`) === undefined)
    expect(accepted.join(" ")).toBe(
      "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83"
    )
  })

  it("R24 no text makes reading throw, and what is read is clean", () => {
    const kinds = fc.constantFrom(...IdentityDocument.Kind.literals)
    const texts = fc.oneof(fc.string(), fc.string({ unit: "grapheme" }), fc.stringMatching(/^[0-9A-Zx]{8,18}$/))
    fc.assert(fc.property(kinds, texts, (kind, text) => {
      expect(numberOf(kind, text) ?? "A0").toMatch(/^[0-9A-Z]+$/)
    }))
  })

  it("R24 kinds are these five and no other", () => {
    const isKind = Schema.is(IdentityDocument.Kind)
    expect(
      ["residentId", "passport", "hkMacauPermit", "taiwanPermit", "foreignPermanentResident"].every((kind) =>
        isKind(kind)
      )
    ).toBe(true)
    expect(["", "studentCard", "ResidentId"].some((kind) => isKind(kind))).toBe(false)
  })
})

describe("R35 the check digit of ISO 7064 MOD 11-2", () => {
  it.each([
    ["43010219990101125", "X"],
    ["11010519491231002", "X"],
    ["44052418800101001", "4"],
    ["00000000000000000", "1"],
    ["00000000000000001", "X"],
    ["00000000000000009", "5"]
  ])("R35 %s has %s", (digits, check) => {
    expect(checkDigit(digits)).toBe(check)
  })

  it.each([
    "",
    "4301021999010112",
    "430102199901011250",
    "4301021999010112X",
    "４3010219990101125",
    " 3010219990101125"
  ])(
    "R35 %j has none",
    (digits) => {
      expect(() => checkDigit(digits)).toThrow(RangeError)
    }
  )

  it("R35 as the standard says it: the sum with weights 2^(n-1) is one modulo eleven", () => {
    fc.assert(fc.property(anyFirst17, (digits) => {
      const places = [...digits, checkDigit(digits)].map((place) => place === "X" ? 10n : BigInt(place))
      expect(places.reduce((sum, place, i) => sum + place * 2n ** BigInt(17 - i), 0n) % 11n).toBe(1n)
    }))
  })

  it("R35 one wrong digit is always found", () => {
    fc.assert(fc.property(anyFirst17, fc.nat(16), fc.integer({ min: 1, max: 9 }), (digits, place, by) => {
      const wrong = (Number(digits.charAt(place)) + by) % 10
      expect(checkDigit(digits.slice(0, place) + wrong + digits.slice(place + 1))).not.toBe(checkDigit(digits))
    }))
  })

  it("R35 two neighbours swapped are always found", () => {
    fc.assert(fc.property(anyFirst17, fc.nat(15), (digits, place) => {
      const [a, b] = [digits.charAt(place), digits.charAt(place + 1)]
      fc.pre(a !== b)
      expect(checkDigit(digits.slice(0, place) + b + a + digits.slice(place + 2))).not.toBe(checkDigit(digits))
    }))
  })

  it("R35 of a real number one wrong place anywhere is found, the check digit included", () => {
    fc.assert(fc.property(numbers, fc.nat(17), fc.constantFrom(..."0123456789X"), (number, place, wrong) => {
      fc.pre(number.charAt(place) !== wrong)
      expect(problemOf("residentId", number.slice(0, place) + wrong + number.slice(place + 1))).toBeDefined()
    }))
  })
})

describe("R24 one document", () => {
  const read = (kind: IdentityDocument.Kind, text: string) => Result.getOrThrow(parse(kind, text))

  it("R24 the same kind and number are one document, however it was typed", () => {
    const a = read("residentId", "43010219990101125X")
    expect(IdentityDocument.same(a, read("residentId", " 43010219990101125x"))).toBe(true)
    expect(IdentityDocument.same(a, read("residentId", "11010519491231002X"))).toBe(false)
    expect(IdentityDocument.same(read("passport", "12345678"), read("taiwanPermit", "12345678"))).toBe(false)
  })

  it("R24 an old number and its successor are two documents", () => {
    expect(IdentityDocument.same(read("residentId", "430102990101125"), read("residentId", "43010219990101125X")))
      .toBe(false)
  })

  it("R24 same is an equivalence", () => {
    const some = fc.constantFrom("43010219990101125X", "43010219990101125x", "11010519491231002X", "430102990101125")
    fc.assert(fc.property(some, some, some, (x, y, z) => {
      const [a, b, c] = [read("residentId", x), read("residentId", y), read("residentId", z)]
      expect(IdentityDocument.same(a, a)).toBe(true)
      expect(IdentityDocument.same(a, b)).toBe(IdentityDocument.same(b, a))
      if (IdentityDocument.same(a, b) && IdentityDocument.same(b, c)) expect(IdentityDocument.same(a, c)).toBe(true)
    }))
  })
})

describe("R35 a number is never printed", () => {
  const printed = (value: unknown): string =>
    [
      JSON.stringify(value),
      String(value),
      inspect(value, { depth: 20, showHidden: true }),
      inspect(Object.entries(value as object), { depth: 20, showHidden: true })
    ].join("\n")

  it("R35 a document shows <redacted>", () => {
    const document = Result.getOrThrow(parse("residentId", "43010219990101125X"))
    expect(JSON.stringify(document)).toBe("{\"kind\":\"residentId\",\"number\":\"<redacted>\"}")
    expect(String(document.number)).toBe("<redacted>")
    expect(`${document.number}`).toBe("<redacted>")
    expect(inspect(document)).toContain("<redacted>")
  })

  it("R35 neither a document nor its result shows a piece of the number", () => {
    fc.assert(fc.property(numbers, (number) => {
      const result = parse("residentId", number)
      const shown = printed(result) + printed(Result.getOrThrow(result)) + printed(Result.getOrThrow(result).number)
      for (let i = 0; i + 4 <= number.length; i++) expect(shown).not.toContain(number.slice(i, i + 4))
    }))
  })

  it("R35 an error shows no piece of the text, whatever is wrong with it", () => {
    fc.assert(
      fc.property(numbers, fc.nat(17), fc.constantFrom("", "0", "5", "X", "Y", "９"), (number, place, wrong) => {
        const text = number.slice(0, place) + wrong + number.slice(place + 1)
        const result = parse("residentId", text)
        fc.pre(Result.isFailure(result))
        const shown = printed(result) + printed(Result.merge(result))
        for (let i = 0; i + 4 <= text.length; i++) expect(shown).not.toContain(text.slice(i, i + 4))
      })
    )
  })

  it("R35 nor does the error of a programmer who asks for an impossible check digit", () => {
    try {
      checkDigit("4301021999010112X")
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError)
      expect(String(error)).toContain("17 digits")
      expect(String(error)).not.toContain("4301")
    }
  })
})
