import { Result, Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as BurnedCodes from "../src/BurnedCodes.ts"
import { dayLength, hour, instant, later } from "../src/CivilTime.ts"
import { Pseudonym } from "../src/Pseudonym.ts"

const now = instant("2025-11-03 12:00")
const notAfter = instant("2025-11-04 06:00")
const a = Pseudonym.make("aaaaaaaaaaaaaaaa")
const b = Pseudonym.make("bbbbbbbbbbbbbbbb")
const code = (pseudonym: Pseudonym, counter: number, end = notAfter): BurnedCodes.Burned => ({
  pseudonym,
  counter,
  notAfter: end
})
const used = { _tag: "CodeAlreadyUsed" }
const shown = (...codes: ReadonlyArray<BurnedCodes.Burned>): BurnedCodes.BurnedCodes =>
  codes.reduce((seen, code) => BurnedCodes.add(seen, code, now), BurnedCodes.none)

describe("a code serves once (A22, D13)", () => {
  it.each<[string, BurnedCodes.Burned, boolean]>([
    ["the same code again", code(a, 5), false],
    ["an older code of the same phone", code(a, 4), false],
    ["the first code of the same phone", code(a, 1), false],
    ["the next code", code(a, 6), true],
    ["a code after some that nobody scanned", code(a, 60), true],
    ["the same number of another phone", code(b, 5), true]
  ])("A22 after the fifth code: %s", (_, next, good) => {
    const burned = BurnedCodes.burn(shown(code(a, 5)), next, now)
    expect(Result.isSuccess(burned)).toBe(good)
    if (Result.isFailure(burned)) expect(burned.failure).toEqual(used)
    else expect(BurnedCodes.refuse(burned.success, next)).toEqual(used)
  })

  it("D13 a code is burnt before anything is decided, so a declined payment needs a new one", () => {
    const before = Result.getOrThrow(BurnedCodes.burn(BurnedCodes.none, code(a, 1), now))
    // The payment is declined here; nothing gives the code back.
    expect(Result.merge(BurnedCodes.burn(before, code(a, 1), later(now, 1_000)))).toEqual(used)
    expect(Result.isSuccess(BurnedCodes.burn(before, code(a, 2), later(now, 1_000)))).toBe(true)
  })

  it("A22 one entry a pseudonym, none a day after its authorisation ended", () => {
    const seen = shown(code(a, 1), code(a, 2), code(b, 9, later(now, hour)), code(a, 3))
    expect(seen).toEqual([code(b, 9, later(now, hour)), code(a, 3)])
    const dayAfter = later(now, hour + dayLength)
    expect(BurnedCodes.retire(seen, dayAfter)).toEqual(seen)
    expect(BurnedCodes.retire(seen, later(dayAfter, 1))).toEqual([code(a, 3)])
    expect(BurnedCodes.add(seen, code(a, 4), later(dayAfter, 1))).toEqual([code(a, 4)])
  })

  it("A22 what was just burnt is remembered, whatever the clock says", () => {
    const late = later(notAfter, 5 * dayLength)
    const burned = Result.getOrThrow(BurnedCodes.burn(BurnedCodes.none, code(a, 1), late))
    expect(Result.merge(BurnedCodes.burn(burned, code(a, 1), late))).toEqual(used)
  })

  it("A22 a renewed authorisation under the same pseudonym keeps the count, and its later end", () => {
    expect(shown(code(a, 5), code(a, 6, later(notAfter, hour)))).toEqual([code(a, 6, later(notAfter, hour))])
    expect(shown(code(a, 5, later(notAfter, hour)), code(a, 6))).toEqual([code(a, 6, later(notAfter, hour))])
  })
})

describe("in whatever order codes are shown", () => {
  const codes = fc.array(
    fc.record({
      pseudonym: fc.constantFrom(a, b),
      counter: fc.integer({ min: 1, max: 6 }),
      notAfter: fc.constant(notAfter)
    }),
    { maxLength: 20 }
  )

  it("A22 none is taken twice, and a phone that counts upwards is never refused", () => {
    fc.assert(fc.property(codes, (all) => {
      let seen = BurnedCodes.none
      const taken = new Set<string>()
      const highest = new Map<string, number>()
      for (const code of all) {
        const burned = BurnedCodes.burn(seen, code, now)
        const fresh = code.counter > (highest.get(code.pseudonym) ?? 0)
        expect(Result.isSuccess(burned)).toBe(fresh)
        if (Result.isFailure(burned)) continue
        const name = `${code.pseudonym} ${code.counter}`
        expect(taken.has(name)).toBe(false)
        taken.add(name)
        highest.set(code.pseudonym, code.counter)
        seen = burned.success
      }
      expect(seen.length).toBe(highest.size)
    }))
  })

  it("A22 a replay ends where the life ended, and the state is plain data", () => {
    fc.assert(fc.property(codes, (all) => {
      let seen = BurnedCodes.none
      const events: Array<BurnedCodes.Burned> = []
      for (const code of all) {
        const burned = BurnedCodes.burn(seen, code, now)
        if (Result.isFailure(burned)) continue
        seen = burned.success
        events.push(code)
      }
      expect(shown(...events)).toEqual(seen)
      expect(Schema.decodeUnknownSync(BurnedCodes.BurnedCodes)(JSON.parse(JSON.stringify(seen)))).toEqual(seen)
    }))
  })
})
