import { Result, Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { dayLength, hour, instant, later } from "../src/CivilTime.ts"
import { Pseudonym } from "../src/Pseudonym.ts"
import * as Revocations from "../src/Revocations.ts"

const at = instant("2025-11-03 12:00")
const a = Pseudonym.make("aaaaaaaaaaaaaaaa")
const b = Pseudonym.make("bbbbbbbbbbbbbbbb")
const until = instant("2025-11-04 06:00")
const entry = (pseudonym: Pseudonym, version = 0, end = until): Revocations.Revoked => ({
  pseudonym,
  version,
  until: end
})
const delta = (from: number, to: number, added: ReadonlyArray<Revocations.Revoked>, when = at): Revocations.Delta => ({
  from,
  to,
  at: when,
  added
})
const grown = (...deltas: ReadonlyArray<Revocations.Delta>): Revocations.Revocations =>
  deltas.reduce((list, delta) => Result.getOrThrow(Revocations.apply(list, delta)), Revocations.none(at))

describe("the list of revoked authorisations (R4, R5, A22)", () => {
  it("R4 it grows by what follows on", () => {
    const list = grown(delta(0, 3, [entry(a)]), delta(3, 4, [entry(b, 2)]))
    expect(list).toEqual({ version: 4, at, revoked: [entry(a), entry(b, 2)] })
  })

  it.each<[string, number, number, string]>([
    ["the same change again", 0, 3, "refused"],
    ["a change that leaves one out", 4, 5, "refused"],
    ["a change that goes back further", 1, 5, "refused"],
    ["the next change", 3, 5, "taken"]
  ])("R4 at version 3, %s is handled openly", (_, from, to, outcome) => {
    const list = grown(delta(0, 3, [entry(a)]))
    expect(Result.merge(Revocations.apply(list, delta(from, to, [entry(b)])))).toEqual(
      outcome === "taken"
        ? { version: to, at, revoked: [entry(a), entry(b)] }
        : { _tag: "DeltaDoesNotFollow", have: 3, from }
    )
  })

  it.each<[string, Pseudonym, number, boolean]>([
    ["an earlier one under this pseudonym", a, 4, true],
    ["the one that is named", a, 5, true],
    ["a later one under this pseudonym", a, 6, false],
    ["one under another pseudonym", b, 0, false]
  ])("R4 ended: %s", (_, pseudonym, version, ended) => {
    expect(Revocations.includes(grown(delta(0, 1, [entry(a, 5)])), pseudonym, version)).toBe(ended)
  })

  it("R4 an entry outlives its authorisation by a day, so that the list does not grow for ever", () => {
    const list = grown(delta(0, 1, [entry(a)]))
    expect(Revocations.includes(grown(delta(0, 1, [entry(a)]), delta(1, 2, [], later(until, dayLength))), a, 0)).toBe(
      true
    )
    const after = Revocations.apply(list, delta(1, 2, [], later(until, dayLength + 1)))
    expect(Result.getOrThrow(after).revoked).toEqual([])
  })

  it("R4 its age is told, also when a clock was ahead", () => {
    const list = grown(delta(0, 1, [], at))
    expect(Revocations.age(list, later(at, 7 * hour))).toBe(7 * hour)
    expect(Revocations.age(list, later(at, -1))).toBe(-1)
  })

  it.each<[string, unknown, boolean]>([
    ["a good one", delta(0, 1, [entry(a)]), true],
    ["one that leads nowhere", delta(1, 1, []), false],
    ["one that leads back", delta(2, 1, []), false],
    ["with an entry that names nobody", { ...delta(0, 1, []), added: [{ ...entry(a), pseudonym: "A" }] }, false]
  ])("R4 what is fetched is decoded: %s", (_, value, ok) => {
    expect(Result.isSuccess(Schema.decodeUnknownResult(Revocations.Delta)(value))).toBe(ok)
  })
})

describe("however a list was cut into changes", () => {
  const entries = fc.array(
    fc.record({
      pseudonym: fc.constantFrom(a, b, Pseudonym.make("cccccccccccccccc")),
      version: fc.nat(9),
      until: fc.integer({ min: -48, max: 48 }).map((hours) => later(at, hours * hour))
    }),
    { maxLength: 12 }
  )

  it("R4 in one step or in many, the same authorisations are ended, and none twice", () => {
    fc.assert(fc.property(entries, (all) => {
      const whole = grown(delta(0, all.length + 1, all))
      const stepwise = grown(...all.map((one, i) => delta(i, i + 1, [one])), delta(all.length, all.length + 1, []))
      expect(new Set(whole.revoked.map(({ pseudonym }) => pseudonym)).size).toBe(whole.revoked.length)
      for (const { pseudonym, until, version } of all) {
        if (at - until > dayLength) continue
        for (const list of [whole, stepwise]) expect(Revocations.includes(list, pseudonym, version)).toBe(true)
      }
      expect(stepwise.version).toBe(whole.version)
    }))
  })

  it("R4 it is data that a terminal keeps: written and read, it is the same", () => {
    fc.assert(fc.property(entries, (all) => {
      const list = grown(delta(0, 1, all))
      const read = Schema.decodeUnknownSync(Revocations.Revocations)(JSON.parse(JSON.stringify(list)))
      expect(read).toEqual(list)
    }))
  })
})
