import { Redacted, Result, Schema } from "effect"
import * as fc from "fast-check"
import { inspect } from "node:util"
import { describe, expect, it } from "vitest"
import { PersonId } from "../src/Id.ts"
import * as IdentityDocument from "../src/IdentityDocument.ts"
import { type MintKey, mintKey } from "../src/internal/mint.ts"
import * as Person from "../src/Person.ts"
import { forgedKeys, lookAlikes } from "./lookAlikes.ts"

const document = (kind: IdentityDocument.Kind, number: string): IdentityDocument.IdentityDocument =>
  Result.getOrThrow(IdentityDocument.parse(kind, number))
const hers = document("residentId", "43010219990101125X")
const li: Person.Person = {
  id: PersonId.make("p1"),
  kind: "student",
  number: "2023010101",
  name: Redacted.make("李华"),
  document: hers
}
const claim = (number: string, name?: string, shown?: IdentityDocument.IdentityDocument): Person.Claim => ({
  number,
  ...(name === undefined ? {} : { name: Redacted.make(name) }),
  ...(shown === undefined ? {} : { document: shown })
})

describe("R22 R24 all that is claimed belongs to one person", () => {
  it.each([
    ["R24 the bank's app: number and document", claim("2023010101", undefined, hers), true],
    ["R22 the mini program: number and name", claim("2023010101", "李华"), true],
    ["R24 all three", claim("2023010101", "李华", hers), true],
    ["R22 a name with blanks around it", claim("2023010101", " 李华　"), true],
    [
      "R24 a document typed otherwise",
      claim("2023010101", undefined, document("residentId", "43010219990101125x")),
      true
    ],
    ["R24 the number alone proves nothing", claim("2023010101"), false],
    ["R24 another number", claim("2023010102", "李华", hers), false],
    ["R24 a number with a blank", claim("2023010101 ", "李华", hers), false],
    ["R24 no number", claim("", "李华", hers), false],
    ["R22 another name", claim("2023010101", "李明"), false],
    ["R22 half a name", claim("2023010101", "李"), false],
    ["R22 no name", claim("2023010101", ""), false],
    ["R24 the right document and another name", claim("2023010101", "李明", hers), false],
    [
      "R24 the right name and another document",
      claim("2023010101", "李华", document("residentId", "11010519491231002X")),
      false
    ],
    [
      "R24 the same number on another kind of document",
      claim("2023010101", undefined, document("passport", "43010219990101125")),
      false
    ]
  ])("%s: %s", (_, claim, ok) => {
    expect(Person.compare(li, claim)).toEqual({
      ok,
      name: claim.name !== undefined,
      document: claim.document !== undefined
    })
  })

  it("R24 a claim fits exactly if each of its parts does, and there are at least two", () => {
    const parts = fc.record({
      number: fc.constantFrom(li.number, "2023010102"),
      name: fc.constantFrom(undefined, "李华", "李明"),
      document: fc.constantFrom(undefined, hers, document("residentId", "11010519491231002X"))
    })
    fc.assert(fc.property(parts, ({ document, name, number }) => {
      const fits = number === li.number && name !== "李明" && (document === undefined || document === hers) &&
        !(name === undefined && document === undefined)
      expect(Person.compare(li, claim(number, name, document))).toEqual({
        ok: fits,
        name: name !== undefined,
        document: document !== undefined
      })
    }))
  })

  it.each(
    [
      ["nothing", {}, []],
      ["a name with blanks around it", { name: Redacted.make(" 李华 ") }, []],
      ["a document typed otherwise", { document: document("residentId", "43010219990101125x") }, []],
      ["a kind", { kind: "staff" }, ["kind"]],
      ["a number", { number: "2023010102" }, ["number"]],
      ["a name", { name: Redacted.make("李明") }, ["name"]],
      ["a document", { document: document("passport", "E12345678") }, ["document"]],
      ["a name and a number", { name: Redacted.make("李明"), number: "2" }, ["number", "name"]]
    ] as const
  )("D13 two statements of a person differ in %s", (_, other, differs) => {
    expect(Person.differences(li, { ...li, ...other })).toEqual(differs)
    expect(Person.differences({ ...li, ...other }, li)).toEqual(differs)
  })

  it("D24 name and document print nothing", () => {
    const printed = [JSON.stringify(li), inspect(li, { depth: 9, showHidden: true }), inspect(claim("1", "李华", hers))]
    for (const text of printed) {
      expect(text).not.toContain("李华")
      expect(text).not.toContain("0101125")
    }
  })
})

describe("R51 R74 who may hold which account", () => {
  it.each(
    [
      ["student", ["regular"]],
      ["staff", ["regular", "temporary"]],
      ["trainee", ["temporary"]],
      ["visitor", ["temporary"]]
    ] as const
  )("R51 R8 %s: %j", (kind, classes) => {
    expect(Person.mayHold(kind)).toEqual(classes)
  })

  it("R51 there are four kinds of people and two classes of accounts", () => {
    expect(Person.Kind.literals).toEqual(["student", "staff", "trainee", "visitor"])
    expect(Person.AccountClass.literals).toEqual(["regular", "temporary"])
    expect(Schema.is(Person.Kind)("alumnus")).toBe(false)
  })
})

describe("R24 Person.Match is made by the flow that asked the register", () => {
  const byName: Person.Compared = { ok: true, name: true, document: false }
  const genuine = new Person.Match(mintKey, byName)
  const failed = new Person.Match(mintKey, Person.notCompared)

  it("R22 R24 a genuine one is known as one, and says what was compared and whether it fitted", () => {
    expect([Person.Match.is(genuine), Person.Match.is(failed)]).toEqual([true, true])
    expect([{ ...genuine }, { ...failed }]).toEqual([byName, { ok: false, name: false, document: false }])
  })

  it.each(forgedKeys)("R24 with %s for a key there is none", (_, key) => {
    expect(() => new Person.Match(key as MintKey, byName)).toThrow(TypeError)
    expect(() => new Person.Match(key as MintKey, byName)).toThrow("Person.Match can only be made by")
  })

  it.each(lookAlikes(genuine))("R24 %s is none", (_, value) => {
    expect(Person.Match.is(value)).toBe(false)
  })

  it.each(["ok", "name", "document"] as const)(
    "R24 one that failed cannot be turned into one that fitted: %s",
    (part) => {
      const loose: { ok: boolean; name: boolean; document: boolean } = failed
      expect(() => {
        loose[part] = true
      }).toThrow(TypeError)
      expect(failed[part]).toBe(false)
    }
  )
})
