/**
 * Amounts and times that lie where rules turn: a limit and one fen more, all that is left, the last millisecond of a
 * meal. They are drawn as intentions, and become numbers when the command runs and the model knows what is left.
 */
import * as fc from "fast-check"
import { dayAt, dayMs, hour, mealAt, mealEdges, monthEnd, startOfDay } from "./Dates.ts"
import type { Model } from "./Model.ts"
import { recordAge, reform, schoolAt } from "./School.ts"

export type Wanted =
  | { readonly what: "fen"; readonly fen: number }
  | {
    readonly what: "meal" | "day" | "softMeal" | "softDay" | "pocket"
    /** One fen less, exactly, or one more. */
    readonly off: -1 | 0 | 1
  }

const off = fc.constantFrom(0, 0, 1, 1, -1 as const)

export const wanted: fc.Arbitrary<Wanted> = fc.oneof(
  { weight: 14, arbitrary: fc.record({ what: fc.constant("fen" as const), fen: fc.integer({ min: 1, max: 900 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant("fen" as const),
      fen: fc.constantFrom(3_000, 3_001, 5_000, 5_001, 2_000, 2_001)
    })
  },
  {
    weight: 6,
    arbitrary: fc.record({
      what: fc.constantFrom("meal", "meal", "day", "day", "softMeal", "softDay", "pocket", "pocket" as const),
      off
    })
  }
)

/** The fen that were meant, when these are in the pockets that would pay; at least one. */
export const fenOf = (model: Model, wish: Wanted, inPockets: number): number => {
  if (wish.what === "fen") return wish.fen
  const { dayHard, daySoft = dayHard, mealHard, mealSoft = mealHard } = schoolAt(model.now)
  const today = dayAt(model.now)
  const left = {
    meal: mealHard - model.eaten(today, mealAt(model.now)),
    softMeal: mealSoft - model.eaten(today, mealAt(model.now)),
    day: dayHard - model.spent(today),
    softDay: daySoft - model.spent(today),
    pocket: inPockets
  }
  return Math.max(1, left[wish.what] + wish.off)
}

/** What a wait is for. `n`: how far, where that is open; `off`: milliseconds beside the edge. */
export interface Wait {
  readonly to:
    | "minutes"
    | "hours"
    | "days"
    | "lunch"
    | "edge"
    | "monthEnd"
    | "hold"
    | "dormancy"
    | "recordAge"
    | "reform"
    | "season"
  readonly n: number
  readonly off: -1 | 0 | 1
}

const wait = (to: Wait["to"], weight: number) => ({
  weight,
  arbitrary: fc.record({ to: fc.constant(to), n: fc.nat({ max: 1_000_000 }), off })
})

export const waits: fc.Arbitrary<Wait> = fc.oneof(
  wait("minutes", 60),
  wait("hours", 40),
  wait("days", 20),
  wait("lunch", 40),
  wait("edge", 30),
  wait("monthEnd", 2),
  wait("hold", 12),
  wait("dormancy", 3),
  wait("recordAge", 6),
  wait("season", 2),
  wait("reform", 2)
)

/** The instant to which a wait leads; never before now. */
export const until = (model: Model, { n, off, to }: Wait): number => {
  const { now } = model
  const today = startOfDay(dayAt(now))
  switch (to) {
    case "minutes":
      return now + (1 + n % 90) * 60_000 + n % 1_000
    case "hours":
      return now + (1 + n % 30) * hour
    case "days":
      return now + (1 + n % 6) * dayMs
    case "lunch":
      return (now < today + 12 * hour ? today : today + dayMs) + 12 * hour
    case "edge": {
      const edges = mealEdges.map((minutes) => today + minutes * 60_000 + off)
      return edges.find((edge) => edge > now) ?? today + dayMs + off
    }
    case "monthEnd":
      return startOfDay(monthEnd(dayAt(now))) + n % dayMs
    case "hold": {
      const open = model.cards.filter(({ claimedAt, completedAt }) =>
        completedAt !== undefined && claimedAt === undefined
      )
      const last = open.at(-1)?.completedAt
      return last === undefined ? now + hour : model.school.claimableFrom(last) + off
    }
    case "dormancy": {
      const from = model.dormantFrom(model.school)
      return from === undefined ? now + hour : startOfDay(from) + off
    }
    case "recordAge": {
      const oldest = model.slips.find(({ posted }) => !posted)
      return oldest === undefined ? now + hour : oldest.at + recordAge + off
    }
    case "reform":
      return reform + off
    case "season":
      return now + (40 + n % 80) * dayMs
  }
}
