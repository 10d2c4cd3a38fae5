import { Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Id from "../src/Id.ts"

// Each kind of id, and how long it may be.
const kinds = [
  ["AccountId", 64, Schema.is(Id.AccountId)],
  ["PersonId", 64, Schema.is(Id.PersonId)],
  ["CardId", 64, Schema.is(Id.CardId)],
  ["PointId", 64, Schema.is(Id.PointId)],
  ["MerchantId", 64, Schema.is(Id.MerchantId)],
  ["CallerId", 64, Schema.is(Id.CallerId)],
  ["OrderId", 64, Schema.is(Id.OrderId)],
  ["CommandId", 128, Schema.is(Id.CommandId)]
] as const
const isEvery = (text: unknown): ReadonlyArray<boolean> => kinds.map(([, , is]) => is(text))
const all = (answer: boolean): ReadonlyArray<boolean> => kinds.map(() => answer)

describe("D18 D24 ids are opaque and can stand anywhere", () => {
  it.each([
    ["a", true],
    ["7", true],
    ["A1", true],
    ["04:A2:2F:9A", true],
    ["canteen-1", true],
    ["2025.11.28_12-00:00", true],
    ["a".repeat(64), true],
    ["a".repeat(129), false],
    ["", false],
    [" ", false],
    ["-a", false],
    [".a", false],
    ["_a", false],
    [":a", false],
    ["a b", false],
    ["a/b", false],
    ["a\\b", false],
    ["a?b", false],
    ["a%b", false],
    ["a\u0000", false],
    ["a\n", false],
    ["\na", false],
    ["李华", false],
    ["ａ", false],
    ["é", false],
    [7, false],
    [null, false],
    [["a"], false]
  ])("D24 %j is an id: %s", (text, is) => {
    expect(isEvery(text)).toEqual(all(is))
  })

  it.each(kinds)("D18 %s is 1 to %i plain characters, the first a letter or digit", (_, longest, is) => {
    const near = fc.string({ unit: fc.constantFrom(..."aZ09._:-/ é"), maxLength: 100 })
    const long = fc.string({ unit: fc.constantFrom(..."aZ09._:-"), minLength: longest - 2, maxLength: longest + 2 })
    fc.assert(fc.property(fc.oneof(near, long, fc.string()), (text) => {
      const right = text.length >= 1 && text.length <= longest && /[A-Za-z0-9]/.test(text.charAt(0)) &&
        [...text].every((character) => /[A-Za-z0-9._:-]/.test(character))
      expect(is(text)).toBe(right)
    }))
    expect([is("a".repeat(longest)), is("a".repeat(longest + 1))]).toEqual([true, false])
  })

  it("D24 an id stands in a URL and in a file name unchanged", () => {
    fc.assert(fc.property(fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/), (text) => {
      expect(encodeURIComponent(Id.AccountId.make(text))).toBe(text)
    }))
  })
})

describe("D21 ids that are built of others leave room for them", () => {
  it("D21 a step can be named after any order", () => {
    expect(Schema.is(Id.CommandId)(`credit:${"o".repeat(64)}`)).toBe(true)
    expect(Schema.is(Id.CommandId)(`${"s".repeat(31)}:${"o".repeat(64)}`)).toBe(true)
  })

  it.each([
    ["desk/cmd-1", true],
    [`${"a".repeat(64)}/${"b".repeat(128)}`, true],
    [`${"a".repeat(65)}/b`, false],
    [`a/${"b".repeat(129)}`, false],
    ["a", false],
    ["a/", false],
    ["/a", false],
    ["a/b/c", false],
    ["a//b", false],
    ["a/-b", false],
    ["a/b\n", false],
    ["a /b", false]
  ])("D15 %j names a secret: %s", (text, is) => {
    expect(Schema.is(Id.CredentialId)(text)).toBe(is)
  })

  it("D18 D15 caller and id of any command name a secret", () => {
    const callers = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/)
    const ids = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,95}$/)
    fc.assert(fc.property(callers, ids, (caller, id) => Schema.is(Id.CredentialId)(`${caller}/${id}`)))
  })
})

describe("D20 handles", () => {
  it.each([
    [{ kind: "number", value: "2023010101" }, true],
    [{ kind: "code", value: "x".repeat(128) }, true],
    [{ kind: "alipay", value: "李" }, true],
    [{ kind: "code", value: "x".repeat(129) }, false],
    [{ kind: "number", value: "" }, false],
    [{ kind: "phone", value: "1" }, false],
    [{ kind: "number" }, false],
    [{ value: "1" }, false],
    [{ kind: "number", value: 1 }, false],
    ["2023010101", false]
  ])("D20 %j is a handle: %s", (value, is) => {
    expect(Schema.is(Id.Handle)(value)).toBe(is)
  })
})
