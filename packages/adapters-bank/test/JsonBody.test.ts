import { Result, Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as JsonBody from "../src/JsonBody.ts"

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const reason = (text: string | Uint8Array, limits?: JsonBody.Limits): string => {
  const read = JsonBody.parse(typeof text === "string" ? bytes(text) : text, limits)
  return Result.isFailure(read) ? read.failure.reason : "read"
}
const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth)

describe("a body of JSON is read strictly", () => {
  it.each([
    ["{\"a\":1,\"b\":{\"a\":2}}", "read"],
    ["[{\"a\":1},{\"a\":2}]", "read"],
    ["{\"a\":\"a\",\"b\":\"a\"}", "read"],
    ["[\"a\",\"a\"]", "read"],
    ["{\"a\":\"{\\\"a\\\":1,\\\"a\\\":2}\"}", "read"],
    ["{\"a\\\"\":1,\"a\":2}", "read"],
    ["{\"a\":1,\"a\":1}", "duplicateKey"],
    ["{\"a\":1,\"\\u0061\":2}", "duplicateKey"],
    ["{\"a\" :1,\"a\"\n\t\r :2}", "duplicateKey"],
    [`{"a":1,"a"${" ".repeat(100)}:2}`, "duplicateKey"],
    ["{\"b\":{\"a\":[],\"c\":{},\"a\":[]}}", "duplicateKey"],
    ["{\"__proto__\":1,\"__proto__\":2}", "duplicateKey"],
    ["", "malformed"],
    ["{", "malformed"],
    ["{\"a\":1", "malformed"],
    ["{\"a", "malformed"],
    ["{\"a\\", "malformed"],
    ["{\"a\":01}", "malformed"],
    ["{\"a\":1,}", "malformed"],
    ["{'a':1}", "malformed"],
    ["{\"a\":NaN}", "malformed"],
    ["{\"a\":1}x", "malformed"],
    ["\uFEFF{}", "malformed"],
    ["]]]]", "malformed"],
    ["{\"\\x\":1,\"\\x\":2}", "malformed"],
    [nested(16), "read"],
    [nested(17), "tooLarge"],
    ["[".repeat(60_000), "tooLarge"],
    [`"${"[".repeat(60)}"`, "read"]
  ])("%s is %s", (text, expected) => {
    expect(reason(text)).toBe(expected)
  })

  it("bytes that are no UTF-8 are another charset", () => {
    expect(reason(Uint8Array.of(0x22, 0xd6, 0xd0, 0x22))).toBe("charset")
  })

  it("a body may have as many bytes as its limit, and as many levels", () => {
    expect(reason("123", { bytes: 3 })).toBe("read")
    expect(reason("1234", { bytes: 3 })).toBe("tooLarge")
    expect(reason(`"${"a".repeat(65_534)}"`)).toBe("read")
    expect(reason(`"${"a".repeat(65_535)}"`)).toBe("tooLarge")
    expect(reason(nested(3), { depth: 2 })).toBe("tooLarge")
  })

  it("whatever is written is read again", () => {
    fc.assert(fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      const read = JsonBody.parse(JsonBody.write(value), { bytes: 1_000_000 })
      // A value without negative zero, which JSON can not write.
      expect(Result.getOrThrow(read)).toEqual(JSON.parse(JSON.stringify(value)))
    }))
  })

  it("no bytes at all are a fault", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (any) => {
      expect(["read", "malformed", "charset", "duplicateKey", "tooLarge"]).toContain(reason(any))
    }))
  })

  it("a repeated name is found wherever it stands", () => {
    fc.assert(fc.property(
      fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 8 }),
      fc.nat(),
      fc.string(),
      (names, which, value) => {
        const text = (all: ReadonlyArray<string>) =>
          `{"x":[{${all.map((name) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(",")}}]}`
        expect(reason(text(names))).toBe("read")
        expect(reason(text([...names, names[which % names.length] ?? ""]))).toBe("duplicateKey")
      }
    ))
  })
})

describe("a value is taken as what a schema says", () => {
  const decode = JsonBody.decode(Schema.Struct({ amount: Schema.Struct({ total: Schema.Int }) }), "the order")

  it("unknown names are passed over", () => {
    expect(Result.getOrThrow(decode({ amount: { total: 1, more: 2 }, other: 3 }))).toEqual({ amount: { total: 1 } })
  })

  it.each([[{ amount: { total: "4200" } }, "the order: amount.total"], [{}, "the order: amount"], [7, "the order"]])(
    "%j: what is wrong is told by its name, and its value is not",
    (value, what) => {
      expect(Result.getOrThrow(Result.flip(decode(value)))).toEqual({ _tag: "Refusal", reason: "malformed", what })
    }
  )
})
