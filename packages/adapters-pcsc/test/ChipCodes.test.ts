import { Chip, Medium, Point } from "@yikatong/core"
import { describe, expect, it } from "vitest"
import * as ChipCodes from "../src/ChipCodes.ts"

describe("numbers on the chip are for ever (D12)", () => {
  it.each([
    ["standings", ChipCodes.standings, Chip.Chip.fields.standing.literals],
    ["kinds of place", ChipCodes.categories, Point.Category.literals],
    ["media", ChipCodes.media, Medium.Medium.literals]
  ])("all %s of the core have one, at the place that they were given first", (_, codes, names) => {
    expect([...codes].sort()).toEqual([...names].sort())
  })

  it("those in the field", () => {
    expect([ChipCodes.standings, ChipCodes.categories, ChipCodes.media]).toEqual([
      ["notActivated", "active", "blocked"],
      ["canteen", "shop", "kiosk", "counter", "bankWindow", "app", "office", "access"],
      ["physicalCard", "todayCampusCode", "ecodePayCode", "ecodeIdentityCode", "alipayCode", "keyRing"]
    ])
  })
})
