// What happens only once is known as long as a copy may still come, and forgotten by whole days (D11, D16).
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { CivilTime, Posted } from "../src/index.ts"

const at = CivilTime.instant
const one = (record: string, when: string): Posted.Posted => ({ record, at: at(when) })
const names = (all: ReadonlyArray<Posted.Posted>) => all.map(({ record }) => record)

describe("what no copy can come of any more is forgotten", () => {
  const old = [one("first", "2026-03-02 11:40"), one("second", "2026-03-02 18:00"), one("third", "2026-03-03 07:00")]
  const cases: ReadonlyArray<readonly [what: string, now: string, known: ReadonlyArray<string>]> = [
    ["on the same day all are known", "2026-03-03 23:59", ["first", "second", "third"]],
    ["D16 eight days later each is known, to the end of the day", "2026-03-10 23:59", ["first", "second", "third"]],
    ["and gone as soon as the day after has facts", "2026-03-11 00:00", ["third"]],
    ["the rest of that day forgets nothing more", "2026-03-11 23:59", ["third"]],
    ["until the next one begins", "2026-03-12 00:00", []]
  ]
  for (const [what, now, known] of cases) {
    it(what, () => {
      // The first fact of a moment is not believed alone: a clock may be ahead.
      const all = Posted.add(Posted.add(old, one("now", now), at(now)), one("again", now), at(now))
      expect(names(all)).toEqual([...known, "now", "again"])
    })
  }

  it("a clock that was ahead for a while makes nothing forgotten", () => {
    expect(names(Posted.add(old, one("late", "2027-01-01 12:00"), at("2027-01-01 12:00")))).toEqual([
      "first",
      "second",
      "third",
      "late"
    ])
  })

  it("D16 what is not older than the horizon is known, and the rest of a day only adds at the end", () => {
    const start = at("2026-03-02 00:00")
    const steps = fc.array(fc.integer({ min: 0, max: 20 * CivilTime.hour }), { minLength: 1, maxLength: 60 })
    fc.assert(fc.property(steps, (later) => {
      let now = start
      let all: ReadonlyArray<Posted.Posted> = []
      const every: Array<Posted.Posted> = []
      for (const [n, step] of later.entries()) {
        const seen = n < 2 ? undefined : CivilTime.dayOf((every[n - 2] as Posted.Posted).at)
        now = CivilTime.later(now, step)
        const entry = { record: `r${n}`, at: now }
        every.push(entry)
        const added = Posted.add(all, entry, now)
        if (seen === CivilTime.dayOf(now)) expect(added).toEqual([...all, entry])
        for (const known of every) if (now - known.at <= Posted.horizon) expect(added).toContain(known)
        all = added
      }
    }))
  })
})
