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
  ["CommandId", 260, Schema.is(Id.CommandId)]
] as const
const isEvery = (text: unknown): ReadonlyArray<boolean> => kinds.map(([, , is]) => is(text))
const all = (answer: boolean): ReadonlyArray<boolean> => kinds.map(() => answer)

describe("D24 an id that is written down wrongly", () => {
  it.each([
    [
      "PointId",
      () => Id.PointId.make("食堂"),
      "1 to 64 characters of A-Z a-z 0-9 . _ : -, the first a letter or a digit"
    ],
    [
      "CommandId",
      () => Id.CommandId.make(""),
      "1 to 260 characters of A-Z a-z 0-9 . _ : -, the first a letter or a digit"
    ],
    ["CredentialId", () => Id.CredentialId.make("a"), "the caller and the id of the command that set the password"]
  ])("D24 %s.make says what was expected and not what was given", (name, make, expected) => {
    expect(make).toThrow(`${name}: Expected ${expected}`)
    expect(make).not.toThrow("食堂")
  })

  it("D24 what is right is made as it is, and unchecked where that is asked for", () => {
    expect(Id.PointId.make("canteen-1")).toBe("canteen-1")
    expect(Id.PointId.make("食堂", { disableChecks: true })).toBe("食堂")
  })
})

describe("D18 D24 ids are opaque and can stand anywhere", () => {
  it.each([
    ["a", true],
    ["7", true],
    ["A1", true],
    ["04:A2:2F:9A", true],
    ["canteen-1", true],
    ["2025.11.28_12-00:00", true],
    ["a".repeat(64), true],
    ["a".repeat(261), false],
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
  it("D18 D21 an order is named after caller and command, and its credit after it, with no two alike", () => {
    const order = `${"c".repeat(64)}:${"i".repeat(176)}`
    expect(Schema.is(Id.OrderId)(order)).toBe(true)
    expect(Schema.is(Id.CommandId)(`credit:${order}`)).toBe(true)
    for (const none of ["order-1", ":id", "caller:", "a/b:c", `${"c".repeat(65)}:i`, `c:${"i".repeat(177)}`]) {
      expect(Schema.is(Id.OrderId)(none)).toBe(false)
    }
  })

  it.each([
    ["canteen-1", true],
    ["a".repeat(64), true],
    ["yikatong:recharging", true],
    ["a:b", false],
    ["other:recharging", false],
    ["a".repeat(65), false],
    ["yikatong:", false],
    ["yikatong", false],
    ["yikatong-1", true]
  ])("D18 %j is a caller: %s; a colon is our own flows' alone", (text, is) => {
    expect(Schema.is(Id.CallerId)(text)).toBe(is)
  })

  it.each([
    ["desk/cmd-1", true],
    [`${"a".repeat(64)}/${"b".repeat(260)}`, true],
    [`${"a".repeat(65)}/b`, false],
    [`a/${"b".repeat(261)}`, false],
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
