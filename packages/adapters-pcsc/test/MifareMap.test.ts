import { Result } from "effect"
import { describe, expect, it } from "vitest"
import * as Bytes from "../src/Bytes.ts"
import * as MifareMap from "../src/MifareMap.ts"

describe("the memory of an M1 card", () => {
  it.each([
    [0, 0, true],
    [1, 0, false],
    [3, 0, true],
    [4, 1, false],
    [63, 15, true],
    [127, 31, true],
    [128, 32, false],
    [142, 32, false],
    [143, 32, true],
    [255, 39, true]
  ])("block %d: sector %d, reserved: %s", (block, sector, isReserved) => {
    expect(MifareMap.sectorOf(block)).toBe(sector)
    expect(MifareMap.isReserved(block)).toBe(isReserved)
  })

  it.each([
    [0, [1, 2]],
    [1, [4, 5, 6]],
    [31, [124, 125, 126]],
    [39, [240, 241, 242, 243, 244, 245, 246, 247, 248, 249, 250, 251, 252, 253, 254]]
  ])("sector %d holds data in %j", (sector, blocks) => expect(MifareMap.dataOf(sector)).toStrictEqual(blocks))

  it.each([
    ["a small block", 6, 2],
    ["a small trailer", 7, 3],
    ["the first five of a large sector", 132, 0],
    ["the next five", 133, 1],
    ["the last five", 142, 2],
    ["a large trailer", 143, 3]
  ])("%s has its group of access bits", (_, block, group) => expect(MifareMap.groupOf(block)).toBe(group))

  it.each(
    [
      ["3B8F8001804F0CA000000306030001000000006A", "1K"],
      ["3B8F8001804F0CA0000003060300020000000069", "4K"]
    ] as const
  )("%s is an M1 card of %s", (atr, size) => {
    expect(MifareMap.sizeOf(Bytes.of(atr))).toStrictEqual(Result.succeed(size))
    expect(Bytes.hex(MifareMap.atrOf(size))).toBe(atr)
  })

  it.each([
    ["none", ""],
    ["one byte", "3B"],
    ["MIFARE Ultralight", "3B8F8001804F0CA0000003060300030000000068"],
    ["a wrong check byte", "3B8F8001804F0CA000000306030001000000006B"],
    ["a CPU card", "3B959540FFD000030201"]
  ])("%s: UnknownCardType", (_, atr) => {
    expect(MifareMap.sizeOf(Bytes.of(atr))).toStrictEqual(Result.fail({ _tag: "UnknownCardType", atr }))
  })
})
