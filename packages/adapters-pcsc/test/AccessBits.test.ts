import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as AccessBits from "../src/AccessBits.ts"
import * as Bytes from "../src/Bytes.ts"

describe("access bits of a sector (MF1S50yyX, 8.7)", () => {
  it.each([
    ["as delivered", AccessBits.transport, "FF0780"],
    ["a card of the campus", AccessBits.campus, "787788"],
    ["nobody may anything", [7, 7, 7, 7] as const, "00F0FF"]
  ])("%s: %s is %s", (_, conditions, bytes) => {
    expect(Bytes.hex(AccessBits.encode(conditions))).toBe(bytes)
    expect(AccessBits.decode(Bytes.of(bytes))).toStrictEqual(conditions)
  })

  it.each([[""], ["FF"], ["FFFFFF"], ["000000"], ["FF0781"], ["FF078000"]])("%s is none", (bytes) => {
    expect(AccessBits.decode(Bytes.of(bytes))).toBeUndefined()
  })

  it("all of them come back, and one changed bit is seen", () => {
    const condition = fc.integer({ min: 0, max: 7 })
    fc.assert(fc.property(
      fc.tuple(condition, condition, condition, condition),
      fc.integer({ min: 0, max: 23 }),
      (conditions, bit) => {
        const bytes = AccessBits.encode(conditions)
        expect(AccessBits.decode(bytes)).toStrictEqual(conditions)
        const at = bit >> 3
        bytes[at] = (bytes[at] ?? 0) ^ 1 << (bit & 7)
        expect(AccessBits.decode(bytes)).toBeUndefined()
      }
    ))
  })

  // Read, write, increment, decrement, by condition C1 C2 C3: table 8 of the data sheet.
  it.each([
    [0b000, "AB", "AB", "AB", "AB"],
    [0b010, "AB", "", "", ""],
    [0b100, "AB", "B", "", ""],
    [0b110, "AB", "B", "B", "AB"],
    [0b001, "AB", "", "", "AB"],
    [0b011, "B", "B", "", ""],
    [0b101, "B", "", "", ""],
    [0b111, "", "", "", ""]
  ])("data blocks under condition %d", (condition, ...keys) => {
    const found = (["read", "write", "increment", "decrement"] as const).map((access) =>
      (["A", "B"] as const).filter((kind) => AccessBits.allows(condition, access, kind)).join("")
    )
    expect(found).toStrictEqual(keys)
  })

  // Key A written; access bits read, written; key B read, written: table 7.
  it.each([
    [0b000, "A", "A", "", "A", "A"],
    [0b010, "", "A", "", "A", ""],
    [0b100, "B", "AB", "", "", "B"],
    [0b110, "", "AB", "", "", ""],
    [0b001, "A", "A", "A", "A", "A"],
    [0b011, "B", "AB", "B", "", "B"],
    [0b101, "", "AB", "B", "", ""],
    [0b111, "", "AB", "", "", ""]
  ])("the trailer under condition %d", (condition, ...keys) => {
    const rights = ["writeKeyA", "readAccess", "writeAccess", "readKeyB", "writeKeyB"] as const
    const found = rights.map((right) =>
      (["A", "B"] as const).filter((kind) => AccessBits.allowsTrailer(condition, right, kind)).join("")
    )
    expect(found).toStrictEqual(keys)
  })
})
