// Ids that hosts make: of the standard's form, in the order of time, never twice.
import { Command, Id } from "@yikatong/core"
import { Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Uuid7 } from "../src/index.ts"

const time = fc.integer({ min: 0, max: 2 ** 48 - 1 })

describe("a UUIDv7", () => {
  it("has the form of RFC 9562, says its time, and may name a command, an account and a person", () =>
    fc.assert(fc.property(time, (now) => {
      const id = Uuid7.make(now)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      expect(Number.parseInt(id.replace("-", "").slice(0, 12), 16)).toBe(now)
      for (const schema of [Id.CommandId, Id.AccountId, Id.PersonId, Command.Stated.fields.id]) {
        expect(Schema.is(schema)(id)).toBe(true)
      }
    })))

  it("sorts by its time, as the index compares it", () =>
    fc.assert(fc.property(time, time, (one, other) => {
      fc.pre(one !== other)
      expect(Uuid7.make(one) < Uuid7.make(other)).toBe(one < other)
    })))

  for (const now of [1.5, -1, Number.NaN, Infinity, 2 ** 48]) {
    it(`is refused for a time that it has no room for: ${now}`, () => {
      expect(() => Uuid7.make(now)).toThrow(
        new RangeError(`\`now\` is a whole number of milliseconds since 1970, 0 to ${2 ** 48 - 1}, and not ${now}`)
      )
    })
  }

  it("is never made twice, not in one millisecond either", () => {
    const ids = new Set(Array.from({ length: 20_000 }, () => Uuid7.make(1_772_424_300_000)))
    expect(ids.size).toBe(20_000)
  })
})
