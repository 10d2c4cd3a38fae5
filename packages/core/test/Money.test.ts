import { Option, Result, Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Money from "../src/Money.ts"

const largest = Number.MAX_SAFE_INTEGER
const money = fc.maxSafeNat().map(Money.of)
const modest = fc.nat({ max: 1_000_000_000_000 }).map(Money.of)
const decodes = Schema.decodeUnknownOption(Money.Money)
const decodesAmount = Schema.decodeUnknownOption(Money.Amount)

describe("R70 yuan are read as they are written", () => {
  it.each([
    ["0", 0],
    ["0.0", 0],
    ["0.01", 1],
    ["0.1", 10],
    ["1", 100],
    ["12", 1_200],
    ["12.5", 1_250],
    ["12.50", 1_250],
    ["12.05", 1_205],
    ["30.00", 3_000],
    ["1.10", 110],
    ["4.35", 435],
    ["1.15", 115],
    ["90071992547409.91", largest]
  ])("R70 %s yuan is %i fen", (text, fen) => {
    expect(Result.merge(Money.parse(text))).toBe(fen)
    expect(Money.yuan(text)).toBe(fen)
  })

  it.each([
    "",
    " ",
    " 1",
    "1 ",
    "1\n",
    "-1",
    "+1",
    "-0",
    "−1",
    "1e3",
    "0x10",
    "NaN",
    "Infinity",
    "1_000",
    "1,000",
    "1,5",
    "１２",
    "1２",
    "١",
    ".5",
    "5.",
    ".",
    "1.234",
    "1.2.3",
    "1..2",
    "00",
    "01.00",
    "007",
    "¥1",
    "1元",
    "十"
  ])("R70 %j is no amount of yuan", (text) => {
    expect(Result.merge(Money.parse(text))).toEqual({ _tag: "MoneyMalformed", problem: "Notation" })
    expect(() => Money.yuan(text)).toThrow(RangeError)
  })

  it.each(["90071992547409.92", "90071992547410", "99999999999999.99", "1" + "0".repeat(400)])(
    "R70 %s yuan is more than fits",
    (text) => {
      expect(Result.merge(Money.parse(text))).toEqual({ _tag: "MoneyMalformed", problem: "TooLarge" })
      expect(() => Money.yuan(text)).toThrow(RangeError)
    }
  )

  it.each([
    [0, "0.00"],
    [1, "0.01"],
    [10, "0.10"],
    [99, "0.99"],
    [100, "1.00"],
    [1_250, "12.50"],
    [largest, "90071992547409.91"],
    // Divided as a float, these show a yuan too much.
    [9_007_199_254_740_899, "90071992547408.99"],
    [8_999_999_999_999_999, "89999999999999.99"]
  ])("R70 %i fen are written %s", (fen, text) => {
    expect(Money.format(Money.of(fen))).toBe(text)
  })

  it("R70 what is written is read back", () => {
    fc.assert(fc.property(money, (m) => Result.merge(Money.parse(Money.format(m))) === m))
  })

  it("R70 writing agrees with arithmetic on whole numbers without bounds", () => {
    fc.assert(fc.property(money, (m) => {
      const fen = BigInt(m)
      expect(Money.format(m)).toBe(`${fen / 100n}.${String(fen % 100n).padStart(2, "0")}`)
    }))
  })

  it("R70 reading takes exactly the texts of the notation and never throws", () => {
    const near = fc.stringMatching(/^[-+ ]?[0-9０]{0,18}[.,]?[0-9]{0,3}[e ]?$/)
    fc.assert(fc.property(fc.oneof(near, fc.string()), (text) => {
      const written = /^(0|[1-9][0-9]*)(\.[0-9][0-9]?)?$/.test(text)
      const fen = written
        ? BigInt(text.split(".")[0] ?? "") * 100n + BigInt((text.split(".")[1] ?? "").padEnd(2, "0"))
        : -1n
      const parsed = Money.parse(text)
      expect(Result.isSuccess(parsed)).toBe(written && fen <= BigInt(largest))
      if (Result.isSuccess(parsed)) expect(BigInt(parsed.success)).toBe(fen)
    }))
  })
})

describe("R70 money is whole fen", () => {
  const noMoney = [-1, -0, -0.5, 0.5, 1.1, 12.5, Number.NaN, Infinity, -Infinity, 1e21, largest + 1, -largest, 2 ** 60]

  it.each(noMoney)("R70 %d is not money", (fen) => {
    expect(Option.isNone(decodes(fen))).toBe(true)
    expect(Option.isNone(decodesAmount(fen))).toBe(true)
    expect(() => Money.of(fen)).toThrow(RangeError)
    expect(() => Money.amount(fen)).toThrow(RangeError)
  })

  it.each([["a text", "1"], ["null", null], ["nothing", undefined], ["true", true], ["a bigint", 1n], ["a list", [1]]])(
    "R70 %s is not money",
    (_, value) => {
      expect(Option.isNone(decodes(value))).toBe(true)
      expect(Option.isNone(decodesAmount(value))).toBe(true)
    }
  )

  it.each([0, 1, 3_000, largest])("R70 %i fen are money", (fen) => {
    expect(decodes(fen)).toEqual(Option.some(fen))
    expect(Money.of(fen)).toBe(fen)
  })

  it.each([
    [0, false],
    [1, true],
    [2_000, true],
    [1_000_000_000, true],
    [1_000_000_001, false],
    [largest, false]
  ])("R70 may one dealing move %i fen: %s", (fen, may) => {
    expect(Option.isSome(decodesAmount(fen))).toBe(may)
    if (may) expect(Money.amount(fen)).toBe(fen)
    else expect(() => Money.amount(fen)).toThrow(RangeError)
  })

  it("R70 the literals and the schemas agree on every number", () => {
    fc.assert(fc.property(fc.oneof(fc.double(), fc.integer(), fc.maxSafeInteger()), (n) => {
      const accepts = (make: (n: number) => number): boolean => {
        try {
          return make(n) === n
        } catch {
          return false
        }
      }
      expect(accepts(Money.of)).toBe(Option.isSome(decodes(n)))
      expect(accepts(Money.amount)).toBe(Option.isSome(decodesAmount(n)))
    }))
  })
})

describe("R70 money is added and taken away exactly", () => {
  it("R70 a meal of 12.50 from 30.00 leaves 17.50", () => {
    expect(Money.format(Money.minus(Money.yuan("30.00"), Money.yuan("12.50")))).toBe("17.50")
  })

  it("R70 ten times 0.10 is 1.00, which floats deny", () => {
    expect(Money.sum(Array.from({ length: 10 }, () => Money.yuan("0.10")))).toBe(Money.yuan("1"))
  })

  it("R70 nothing is left of all, and it is no negative zero", () => {
    expect(Money.minus(Money.of(5), Money.of(5))).toBe(0)
    expect(Money.sum([])).toBe(Money.zero)
  })

  it("R70 one fen beyond the largest, or below nothing, is the caller's mistake", () => {
    expect(Money.plus(Money.of(largest - 1), Money.of(1))).toBe(largest)
    expect(() => Money.plus(Money.of(largest), Money.of(1))).toThrow(RangeError)
    expect(() => Money.plus(Money.of(largest), Money.of(largest))).toThrow(RangeError)
    expect(() => Money.sum([Money.of(largest), Money.zero, Money.of(1)])).toThrow(RangeError)
    expect(() => Money.minus(Money.zero, Money.of(1))).toThrow(RangeError)
    expect(() => Money.minus(Money.of(largest - 1), Money.of(largest))).toThrow(RangeError)
  })

  it("R70 the mistake is named, with its numbers", () => {
    expect(() => Money.of(0.5)).toThrow("from 0 to 9007199254740991, not 0.5")
    expect(() => Money.amount(0)).toThrow("from 1 to 1000000000, not 0")
    expect(() => Money.yuan("1e3")).toThrow("like \"12.50\", not \"1e3\"")
    expect(() => Money.plus(Money.of(largest), Money.of(2))).toThrow("9007199254740991 + 2 fen")
    expect(() => Money.minus(Money.of(1), Money.of(2))).toThrow("1 - 2 fen")
  })

  it("R70 what was smuggled past the types is stopped at the first sum", () => {
    expect(() => Money.plus(Number.NaN as Money.Money, Money.zero)).toThrow(RangeError)
    expect(() => Money.plus(0.1 as Money.Money, Money.of(1))).toThrow(RangeError)
    expect(() => Money.plus(-1 as Money.Money, Money.zero)).toThrow(RangeError)
    expect(() => Money.minus(Money.of(1), Number.NaN as Money.Money)).toThrow(RangeError)
    expect(() => Money.plus("1" as unknown as Money.Money, Money.of(1))).toThrow(RangeError)
  })

  it("R70 plus is commutative and associative, with zero as its neutral", () => {
    fc.assert(fc.property(modest, modest, modest, (a, b, c) => {
      expect(Money.plus(a, b)).toBe(Money.plus(b, a))
      expect(Money.plus(Money.plus(a, b), c)).toBe(Money.plus(a, Money.plus(b, c)))
      expect(Money.plus(a, Money.zero)).toBe(a)
    }))
  })

  it("R70 minus takes back what plus gave", () => {
    fc.assert(fc.property(modest, modest, (a, b) => {
      expect(Money.minus(Money.plus(a, b), b)).toBe(a)
      expect(Money.plus(Money.minus(Money.max(a, b), Money.min(a, b)), Money.min(a, b))).toBe(Money.max(a, b))
    }))
  })

  it("R70 over the whole range: exact, or refused", () => {
    const outcome = (compute: () => number): bigint | "refused" => {
      try {
        return BigInt(compute())
      } catch {
        return "refused"
      }
    }
    const within = (exact: bigint): bigint | "refused" => exact >= 0n && exact <= BigInt(largest) ? exact : "refused"
    fc.assert(fc.property(money, money, (a, b) => {
      expect(outcome(() => Money.plus(a, b))).toBe(within(BigInt(a) + BigInt(b)))
      expect(outcome(() => Money.minus(a, b))).toBe(within(BigInt(a) - BigInt(b)))
    }))
  })

  it("R70 the sum of many is the sum of its parts, in any order and from any iterable", () => {
    fc.assert(fc.property(fc.array(modest), fc.array(modest), (left, right) => {
      const all = Money.sum([...left, ...right])
      expect(all).toBe(Money.plus(Money.sum(left), Money.sum(right)))
      const backwards = function*() {
        yield* [...left, ...right].reverse()
      }
      expect(all).toBe(Money.sum(backwards()))
    }))
  })

  it("R70 min and max put any two in order", () => {
    fc.assert(fc.property(money, money, money, (a, b, c) => {
      expect([Money.min(a, b), Money.max(a, b)]).toEqual([a, b].toSorted((x, y) => x - y))
      expect(Money.min(a, b)).toBe(Money.min(b, a))
      expect(Money.max(Money.max(a, b), c)).toBe(Money.max(a, Money.max(b, c)))
      expect(Money.min(a, a)).toBe(a)
    }))
  })
})
