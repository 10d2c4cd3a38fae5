import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { instant, later, minute } from "../src/CivilTime.ts"
import * as LiabilityWindow from "../src/LiabilityWindow.ts"

const reportedAt = instant("2025-11-03 12:00")
const seen = (terminal: string, time: string, list: number): LiabilityWindow.Sighting => ({
  terminal,
  at: instant(`2025-11-03 ${time}`),
  list
})

describe("I9 D11 how long a lost card could still be used", () => {
  it.each([
    // terminals, sightings, until, waited for
    ["nobody was seen since", ["a", "b"], [], undefined, ["a", "b"]],
    ["one of two", ["a", "b"], [seen("a", "12:05", 7)], undefined, ["b"]],
    ["with an older list", ["a"], [seen("a", "12:05", 6)], undefined, ["a"]],
    ["all, the slowest counts", ["a", "b"], [seen("a", "12:05", 7), seen("b", "14:00", 9)], "14:00", []],
    ["in whatever order", ["a", "b"], [seen("b", "14:00", 9), seen("a", "12:05", 7)], "14:00", []],
    [
      "each by its first time",
      ["a"],
      [seen("a", "18:00", 9), seen("a", "12:05", 7), seen("a", "12:01", 6)],
      "12:05",
      []
    ],
    ["a terminal that is none any more", ["a"], [seen("a", "12:05", 7), seen("z", "19:00", 7)], "12:05", []],
    ["no terminals at all", [], [], "12:00", []]
  ])("I9 %s", (_, terminals, sightings, until, waiting) => {
    expect(LiabilityWindow.of({ version: 7, reportedAt }, terminals, sightings)).toEqual({
      from: reportedAt,
      waiting,
      ...(until === undefined ? {} : { until: instant(`2025-11-03 ${until}`) })
    })
  })

  it("I9 another sighting never makes it longer, and after its end every terminal knows", () => {
    const sighting = fc.record({
      terminal: fc.constantFrom("a", "b", "c"),
      at: fc.nat({ max: 600 }).map((n) => later(reportedAt, n * minute)),
      list: fc.integer({ min: 5, max: 9 })
    })
    fc.assert(fc.property(fc.array(sighting, { maxLength: 15 }), sighting, (sightings, another) => {
      const report = { version: 7, reportedAt }
      const before = LiabilityWindow.of(report, ["a", "b", "c"], sightings)
      const after = LiabilityWindow.of(report, ["a", "b", "c"], [...sightings, another])
      for (const terminal of after.waiting) expect(before.waiting).toContain(terminal)
      if (before.until === undefined) return
      expect(after.until).toBeLessThanOrEqual(before.until)
      for (const terminal of ["a", "b", "c"]) {
        const first = sightings.filter((one) => one.terminal === terminal && one.list >= 7).map(({ at }) => at)
        expect(Math.min(...first)).toBeLessThanOrEqual(before.until)
      }
    }))
  })
})
