import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Fingerprint from "../src/Fingerprint.ts"

describe("the text by which bodies are compared (D18)", () => {
  it.each<readonly [what: string, value: unknown, text: string]>([
    ["a sum", 1_800, "1800"],
    ["words", "面 \"大\"", "\"面 \\\"大\\\"\""],
    ["nothing", null, "null"],
    ["fields in any order", { b: 1, a: { d: 2, c: 3 } }, "{\"a\":{\"c\":3,\"d\":2},\"b\":1}"],
    ["a field that is undefined", { a: 1, b: undefined }, "{\"a\":1}"],
    ["a list keeps its order", [2, 1, { b: 1, a: 2 }], "[2,1,{\"a\":2,\"b\":1}]"],
    ["a field with the name of a prototype", JSON.parse("{\"__proto__\":1,\"a\":2}"), "{\"__proto__\":1,\"a\":2}"]
  ])("D18 %s", (_, value, text) => expect(Fingerprint.canonical(value)).toBe(text))

  const reversed = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(reversed)
      : typeof value === "object" && value !== null
      ? Object.fromEntries(Object.entries(value).reverse().map(([name, field]) => [name, reversed(field)]))
      : value

  it("D18 the order of fields does not matter, and the text says all there is", () => {
    fc.assert(fc.property(fc.jsonValue({ stringUnit: "binary" }), (value) => {
      const text = Fingerprint.canonical(value)
      expect(Fingerprint.canonical(reversed(value))).toBe(text)
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
    }))
  })

  it("D18 two values have one text only where they are equal", () => {
    const small = fc.jsonValue({ maxDepth: 2 })
    fc.assert(fc.property(small, small, (one, other) => {
      const equal = Fingerprint.canonical(one) === Fingerprint.canonical(other)
      expect(equal).toBe(JSON.stringify(sorted(one)) === JSON.stringify(sorted(other)))
    }))
  })
})

const sorted = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(sorted)
    : typeof value === "object" && value !== null
    ? {
      fields: Object.entries(value).sort(([one], [other]) => one < other ? -1 : 1)
        .map(([name, field]) => [name, sorted(field)])
    }
    : value
