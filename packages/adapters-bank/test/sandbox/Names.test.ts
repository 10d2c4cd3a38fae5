// Seeded names: the same for one seed, others for another, and none twice.
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Chance } from "../../src/sandbox/Chance.ts"
import { Names } from "../../src/sandbox/Names.ts"

const some = (seed: number, prefix: string, count = 50) => {
  const { name } = new Names(new Chance(seed))
  return Array.from({ length: count }, () => name(prefix))
}

describe("chance", () => {
  it("gives the same for one seed, and stays below", () => {
    fc.assert(fc.property(fc.nat(), fc.integer({ min: 1, max: 0x1_0000_0000 }), (seed, limit) => {
      const [one, other] = [new Chance(seed), new Chance(seed)]
      for (let times = 0; times < 20; times++) {
        const number = one.below(limit)
        expect(number).toBe(other.below(limit))
        expect(Number.isInteger(number) && number >= 0 && number < limit).toBe(true)
      }
    }))
  })

  it("is even enough to be chance", () => {
    const chance = new Chance(1)
    const counts = Array.from({ length: 10 }, () => 0)
    for (let times = 0; times < 10_000; times++) counts[chance.below(10)]! += 1
    for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(150)
  })
})

describe("names", () => {
  it.each<[prefix: string, form: RegExp]>([
    ["42", /^42\d{26}$/],
    ["T", /^T[0-9a-z]{27}$/]
  ])("after %s have 28 characters of its kind", (prefix, form) => {
    for (const name of some(1, prefix)) expect(name).toMatch(form)
  })

  it("are the same for one seed, others for another, and none comes twice", () => {
    expect(some(7, "T")).toEqual(some(7, "T"))
    expect(some(7, "T")).not.toEqual(some(8, "T"))
    expect(new Set(some(7, "42", 5_000)).size).toBe(5_000)
  })
})
