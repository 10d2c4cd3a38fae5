import { Option, Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Point from "../src/Point.ts"
import { csmzxy } from "../src/presets/Csmzxy.ts"

describe("A21 断网: the link as a terminal judges it", () => {
  it.each(
    [
      [30_000, 0, "up"],
      [30_000, 29_999, "up"],
      [30_000, 30_000, "down"],
      [30_000, 30_001, "down"],
      [30_000, 31_000, "down"],
      [30_000, 86_400_000, "down"],
      [1, 0, "up"],
      [1, 1, "down"],
      // A school that trusts no silence at all.
      [0, 0, "down"]
    ] as const
  )("A21 cut off after %i ms, unanswered for %i ms: %s", (cutOffAfter, unanswered, link) => {
    expect(Point.linkAfter(cutOffAfter, unanswered)).toBe(link)
  })

  it("A21 one answer brings it back, and longer silence never does", () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 100_000 }), fc.nat(200_000), fc.nat(200_000), (after, ms, more) => {
      expect(Point.linkAfter(after, 0)).toBe("up")
      if (Point.linkAfter(after, ms) === "down") expect(Point.linkAfter(after, ms + more)).toBe("down")
    }))
  })
})

describe("R1 R10 R29 what a point is", () => {
  const point = {
    category: "canteen",
    nameZh: "第一食堂",
    nameEn: "Canteen 1",
    loads: true,
    pinPad: true,
    merchant: "m"
  }
  const decodes = Schema.decodeUnknownOption(Point.Point)

  it("R1 two kinds of places sell; the others serve", () => {
    expect(Point.Category.literals).toEqual([
      "canteen",
      "shop",
      "kiosk",
      "counter",
      "bankWindow",
      "app",
      "office",
      "access"
    ])
    expect(Point.Link.literals).toEqual(["up", "down"])
  })

  it("R1 a point is read, with a merchant or without", () => {
    const { merchant: _, ...without } = point
    expect(decodes(point)).toEqual(Option.some(point))
    expect(decodes(without)).toEqual(Option.some(without))
    for (const listed of Object.values(csmzxy.points)) expect(decodes(listed)).toEqual(Option.some(listed))
  })

  it.each([
    ["of an unknown kind", { ...point, category: "moon" }],
    ["without a Chinese name", { ...point, nameZh: "" }],
    ["without an English name", { ...point, nameEn: "" }],
    ["with a merchant that is no id", { ...point, merchant: "第一食堂" }],
    ["that may or may not load", { ...point, loads: "yes" }],
    ["of which nobody knows whether it has a PIN pad", { ...point, pinPad: undefined }]
  ])("R1 R29 one %s is refused", (_, value) => {
    expect(Option.isNone(decodes(value))).toBe(true)
  })
})
