import * as fc from "fast-check"
import { describe, it } from "vitest"
import { csmzxy, school } from "./support/Life.ts"
import { lived, stories } from "./support/lives.ts"

const strict = school({
  replacement: {
    hold: { count: 1, unit: "calendar" },
    fee: csmzxy.replacement.fee,
    lossFreezes: "account",
    afterLossBorneBy: "holder"
  },
  spendOrder: "subsidyLast"
})

describe("whatever happens, in any order", () => {
  it.each([["the manual's school", csmzxy], ["a school that reads it otherwise", strict]])(
    "I1 I2 I4 I5 I6 I12 I13 D13 every step of any life keeps the invariants: %s",
    (_, profile) => {
      fc.assert(fc.property(stories(40), (story) => void lived(profile, story)), {
        numRuns: Number(process.env["RUNS"] ?? 150)
      })
    }
  )
})
