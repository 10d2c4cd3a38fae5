import { Option } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { instant, later, minute } from "../src/CivilTime.ts"
import * as Sequence from "../src/Sequence.ts"

const noon = instant("2025-11-03 12:00")
/** Numbers received one after the other, a minute apart. */
const received = (...numbers: ReadonlyArray<number>): Sequence.Sequence =>
  numbers.reduce((sequence, n, at) => Sequence.receive(sequence, n, later(noon, at * minute))[0], Sequence.begin(1))
/** "2-3" for each interval. */
const shown = (intervals: ReadonlyArray<Sequence.Interval>): string =>
  intervals.map(({ from, to }) => from === to ? `${from}` : `${from}-${to}`).join(" ")
const explained = (sequence: Sequence.Sequence, from: number, to: number): Sequence.Sequence =>
  Option.getOrThrow(Sequence.explain(sequence, { from, to }))

describe("I15 what arrives, and what is missing after it", () => {
  it.each([
    // received so far, arrives, is, missing, nothing open up to
    [[], 1, "Next", "", 1],
    [[1, 2], 3, "Next", "", 3],
    [[1, 2], 5, "Opened", "3-4", 2],
    [[], 3, "Opened", "1-2", 0],
    [[1, 5], 3, "Filled", "2 4", 1],
    [[1, 5], 2, "Filled", "3-4", 2],
    [[1, 5], 4, "Filled", "2-3", 1],
    [[1, 3], 2, "Filled", "", 3],
    [[1, 3, 6], 8, "Opened", "2 4-5 7", 1],
    [[1, 2, 3], 2, "Duplicate", "", 3],
    [[1, 4], 4, "Duplicate", "2-3", 1]
  ])("I15 after %j, %i is %s: missing %j", (before, n, receipt, missing, settled) => {
    const [sequence, told] = Sequence.receive(received(...before), n, noon)
    expect([told._tag, shown(sequence.open), Sequence.settled(sequence)]).toEqual([receipt, missing, settled])
  })

  it("I15 a gap says since when, whatever is left of it", () => {
    const sequence = received(1, 9, 5)
    const since = later(noon, minute)
    expect(sequence.open).toEqual([{ from: 2, to: 4, since }, { from: 6, to: 8, since }])
    expect(Sequence.receive(sequence, 6, noon)[1]).toEqual({ _tag: "Filled", since, closed: false })
    expect(Sequence.receive(received(1, 3), 2, noon)[1]).toEqual({ _tag: "Filled", since, closed: true })
  })

  it("I15 a counter that was in use elsewhere begins where it stands", () => {
    const begun = Sequence.begin(500)
    expect(Sequence.receive(begun, 500, noon)[1]).toEqual({ _tag: "Next" })
    expect(Sequence.refuse(begun, 499, { jump: 10, gaps: 10 })).toEqual({ _tag: "BeforeFirst", first: 500 })
    expect(Sequence.receive(begun, 499, noon)).toEqual([begun, { _tag: "Duplicate" }])
  })
})

describe("I15 a person explains what will not come", () => {
  it.each(
    [
      // received, explained, then open, then explained
      [[1, 5], [2, 4], "", "2-4"],
      [[1, 5], [3, 3], "2 4", "3"],
      [[1, 5], [2, 2], "3-4", "2"],
      [[1, 5], [6, 9], "2-4", "6-9"]
    ] as const
  )("I15 of %j, %j", (numbers, [from, to], open, closed) => {
    const sequence = explained(received(...numbers), from, to)
    expect([shown(sequence.open), shown(sequence.explained)]).toEqual([open, closed])
  })

  it.each(
    [
      [[1, 5], [1, 4]],
      [[1, 5], [2, 5]],
      [[1, 5], [4, 2]],
      [[1, 5, 9], [2, 8]],
      [[1, 5], [7, 8]],
      [[1, 2], [2, 2]]
    ] as const
  )("I15 of %j, %j is no open gap", (numbers, [from, to]) => {
    expect(Option.isNone(Sequence.explain(received(...numbers), { from, to }))).toBe(true)
  })

  it("I15 explained neighbours are one, and a number that comes all the same is told and counted", () => {
    const sequence = explained(explained(explained(received(1, 9), 6, 8), 2, 3), 4, 5)
    expect(shown(sequence.explained)).toBe("2-8")
    const [late, receipt] = Sequence.receive(sequence, 5, noon)
    expect([receipt._tag, shown(late.explained), late.late]).toEqual(["Late", "2-4 6-8", 1])
    expect(Sequence.receive(late, 5, noon)[1]).toEqual({ _tag: "Duplicate" })
  })

  it("I15 a counter that jumped too far goes on once the jump is explained", () => {
    const bounds = { jump: 10, gaps: 3 }
    const sequence = received(1, 2)
    expect(Sequence.refuse(sequence, 100, bounds)).toEqual({ _tag: "JumpTooLarge", missing: 97, most: 10 })
    const ahead = explained(sequence, 3, 99)
    expect(Sequence.refuse(ahead, 100, bounds)).toBeUndefined()
    expect(Sequence.receive(ahead, 100, noon)[1]).toEqual({ _tag: "Next" })
    expect(Sequence.receive(ahead, 50, noon)[1]).toEqual({ _tag: "Late" })
  })
})

describe("I15 a corrupt number opens no gap of a billion records", () => {
  const bounds = { jump: 10, gaps: 2 }
  it.each([
    [[1], 12, undefined],
    [[1], 13, { _tag: "JumpTooLarge", missing: 11, most: 10 }],
    [[1], 4_294_967_295, { _tag: "JumpTooLarge", missing: 4_294_967_293, most: 10 }],
    [[1, 3, 9], 11, { _tag: "TooManyGaps", most: 2 }],
    [[1, 3, 9], 10, undefined],
    [[1, 3, 9], 6, { _tag: "TooManyGaps", most: 2 }],
    [[1, 3, 9], 4, undefined],
    [[1, 3, 9], 8, undefined],
    [[1, 3, 9], 2, undefined],
    [[1, 3, 9], 9, undefined],
    [[1, 3], 0, { _tag: "BeforeFirst", first: 1 }]
  ])("I15 after %j, %i: %j", (before, n, refusal) => {
    expect(Sequence.refuse(received(...before), n, bounds)).toEqual(refusal)
  })

  it("I15 with as many gaps as may be, the oldest missing number can always come", () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (numbers) => {
      const sequence = received(...numbers)
      const [gap] = sequence.open
      if (gap === undefined) return
      expect(Sequence.refuse(sequence, gap.from, { jump: 0, gaps: 0 })).toBeUndefined()
    }))
  })
})

describe("I15 against a plain set", () => {
  type Step = { readonly n: number } | { readonly from: number; readonly to: number }
  const n = fc.integer({ min: 1, max: 60 })
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 5, arbitrary: fc.record({ n }) },
    { weight: 1, arbitrary: fc.record({ from: n, to: n }) }
  )

  it("I15 every number up to the highest is received, or missing and open, or missing and explained", () => {
    fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let sequence = Sequence.begin(1)
      const here = new Set<number>()
      const told = new Set<number>()
      let highest = 0
      let late = 0
      for (const one of steps) {
        if ("n" in one) {
          const expected = here.has(one.n)
            ? "Duplicate"
            : told.has(one.n)
            ? "Late"
            : one.n <= highest
            ? "Filled"
            : one.n === highest + 1
            ? "Next"
            : "Opened"
          const [after, receipt] = Sequence.receive(sequence, one.n, noon)
          expect(receipt._tag).toBe(expected)
          sequence = after
          here.add(one.n)
          if (told.delete(one.n)) late++
          highest = Math.max(highest, one.n)
        } else {
          const missing = Array.from({ length: Math.max(0, one.to - one.from + 1) }, (_, at) => one.from + at)
          const isGap = missing.length > 0 &&
            (one.from === highest + 1 || missing.every((n) => n <= highest && !here.has(n) && !told.has(n)))
          const after = Sequence.explain(sequence, one)
          expect(Option.isSome(after)).toBe(isGap)
          if (Option.isNone(after)) continue
          sequence = after.value
          for (const n of missing) told.add(n)
          highest = Math.max(highest, one.to)
        }
        const within = (intervals: ReadonlyArray<Sequence.Interval>, n: number) =>
          intervals.filter(({ from, to }) => from <= n && n <= to).length
        for (let n = 1; n <= 61; n++) {
          expect(Sequence.includes(sequence, n)).toBe(here.has(n))
          expect(within(sequence.explained, n)).toBe(told.has(n) ? 1 : 0)
          expect(within(sequence.open, n)).toBe(n <= highest && !here.has(n) && !told.has(n) ? 1 : 0)
        }
        expect([sequence.highest, sequence.late]).toEqual([highest, late])
        expect(here.size + Sequence.size(sequence.open) + Sequence.size(sequence.explained)).toBe(highest)
      }
    }))
  })
})
