import { Schema } from "effect"
import { describe, expect, it } from "vitest"
import * as MifareLayout from "../src/MifareLayout.ts"

describe("where the purse lies", () => {
  it.each([
    ["the usual one", MifareLayout.usual, true],
    ["sectors that are not in order", { main: [9, 3], backup: [15] }, true],
    ["no backup", { main: [1], backup: [] }, false],
    ["no main", { main: [], backup: [1] }, false],
    ["a sector in both", { main: [1, 2], backup: [2, 3] }, false],
    ["a sector twice", { main: [1, 1], backup: [2] }, false],
    ["the directory", { main: [0], backup: [1] }, false],
    ["beyond 4 KB", { main: [40], backup: [1] }, false]
  ])("%s", (_, layout, isOne) => expect(Schema.is(MifareLayout.MifareLayout)(layout)).toBe(isOne))

  it.each(
    [
      ["the usual one", MifareLayout.usual, "main", [4, 5, 6, 8, 9, 10], 80, true],
      ["the usual one", MifareLayout.usual, "backup", [12, 13, 14, 16, 17, 18], 80, true],
      ["one sector each", { main: [9], backup: [3] }, "main", [36, 37, 38], 32, true],
      ["of two sizes", { main: [1, 2], backup: [3] }, "main", [4, 5, 6, 8, 9, 10], 32, true],
      [
        "in large sectors",
        { main: [1, 32], backup: [2, 33] },
        "main",
        [4, 5, 6, ...Array.from({ length: 15 }, (_, n) => 128 + n)],
        240,
        false
      ]
    ] as const
  )("%s, %s", (_, layout, slot, blocks, room, fits) => {
    expect(MifareLayout.blocksOf(layout, slot)).toStrictEqual(blocks)
    expect(MifareLayout.roomOf(layout)).toBe(room)
    expect(MifareLayout.fits(layout, "1K")).toBe(fits)
  })
})
