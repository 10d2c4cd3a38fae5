/**
 * Random orders, payers and mischief between a school and four channels (D2, D21, I3): whatever happened, what was paid ends
 * credited once or sent back once, and the bills of the days say the same. The lives are lived once, and each invariant of a
 * recharge is a test of its own.
 *
 * YIKATONG_RECHARGES says how many, YIKATONG_SEED which, YIKATONG_PATH the one that is lived again.
 */
import { describe, expect, it } from "@effect/vitest"
import * as fc from "fast-check"
import { beforeAll } from "vitest"
import { aLife } from "./model/Acts.ts"
import { Broken, type Invariant, invariants, Looks } from "./model/Broken.ts"
import { live } from "./model/Life.ts"

const { YIKATONG_PATH, YIKATONG_RECHARGES, YIKATONG_SEED } = process.env
const numRuns = Number(YIKATONG_RECHARGES ?? 150)
const seed = Number(YIKATONG_SEED ?? 20_260_302)

/** The fifth is about deposits that the bank begins: see `Tombstones.model.test.ts`. */
const lived = Object.entries(invariants)
  .map(([number, words]) => ({ invariant: Number(number) as Invariant, words }))
  .filter(({ invariant }) => invariant !== 5)

describe(`${numRuns} lives (YIKATONG_SEED=${seed})`, () => {
  const looks = new Looks()
  const sums = { kept: 0, back: 0, told: 0, found: 0 }
  let failed: { readonly cause: unknown; readonly report: string } | undefined

  beforeAll(async () => {
    const life = fc.asyncProperty(aLife, async (one) => {
      const ends = await live(one, looks)
      for (const name of ["kept", "back", "told", "found"] as const) sums[name] += ends[name]
    })
    const details = await fc.check(life, {
      numRuns,
      seed,
      ...(YIKATONG_PATH === undefined ? {} : { path: YIKATONG_PATH })
    })
    if (!details.failed) return
    const report = await fc.asyncDefaultReportMessage(details)
    failed = { cause: details.errorInstance, report: `${String(details.errorInstance)}\n${report ?? ""}` }
  }, 1_800_000)

  it.each(lived)("invariant $invariant of 6.3: $words", ({ invariant, words }) => {
    const { cause, report } = failed ?? { cause: undefined, report: "" }
    if (cause instanceof Broken && cause.invariant === invariant) expect.fail(`${words}\n${report}`)
    // One that never came into question was not tested.
    expect(looks.of(invariant)).toBeGreaterThan(failed === undefined && YIKATONG_PATH === undefined ? numRuns : 0)
  })

  it("ends each life, and enough of each kind came about", () => {
    if (failed !== undefined) expect.fail(failed.report)
    if (YIKATONG_PATH !== undefined) return
    expect(sums.kept).toBeGreaterThan(numRuns / 2)
    expect(sums.back).toBeGreaterThan(numRuns / 20)
    expect(sums.told).toBeGreaterThan(0)
    expect(sums.found).toBeGreaterThan(numRuns / 10)
  })
})
