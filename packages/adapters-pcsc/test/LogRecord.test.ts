import { CivilTime, Money } from "@yikatong/core"
import { Result } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Bytes from "../src/Bytes.ts"
import * as LogRecord from "../src/LogRecord.ts"

const { of } = Bytes
/** What a real FMCOS card logged of its first load. */
const real = "0001 000000 00000010 02 666666666666 20240411 212121"

describe("a line of the log", () => {
  it("as a real card wrote it", () =>
    expect(Result.getOrThrow(LogRecord.decode(of(real)))).toEqual({
      counter: 1,
      overdraft: 0,
      amount: 16,
      type: LogRecord.kinds.epLoad,
      terminal: of("666666666666"),
      at: CivilTime.instant("2024-04-11 21:21:21")
    }))

  it.each(
    [
      ["after", "some cards", 0],
      ["before", "the standard", 1]
    ] as const
  )(
    "its number is the counter %s the transaction: %s",
    (logged, _, expected) =>
      expect(LogRecord.counterBefore(Result.getOrThrow(LogRecord.decode(of(real))), { logged })).toBe(expected)
  )

  it.each([
    ["22 bytes", real.slice(0, -2), "22 bytes instead of 23"],
    ["no such date", real.replace("20240411", "20240431"), "date or time: NoSuchDate"],
    ["no such time", real.replace("212121", "256161"), "date or time: NoSuchTime"],
    ["half written", `0001 000000 00000010 02 666666666666 ${"FF".repeat(7)}`, "date or time: Digits"]
  ])("%s", (_, bytes, expected) => {
    const read = LogRecord.decode(of(bytes))
    expect(Result.isFailure(read) && read.failure.problem).toBe(expected)
  })

  it.each([["00"], ["FF"]])(
    "filled with %s: nothing was written there",
    (byte) => expect(LogRecord.isBlank(of(byte.repeat(23)))).toBe(true)
  )

  it("what is written is read again", () => {
    const line = fc.record({
      counter: fc.integer({ min: 0, max: 0xffff }),
      overdraft: fc.integer({ min: 0, max: 0xff_ffff }).map(Money.of),
      amount: fc.integer({ min: 0, max: 0xffff_ffff }).map(Money.of),
      type: fc.integer({ min: 1, max: 9 }),
      terminal: fc.uint8Array({ minLength: 6, maxLength: 6 }),
      at: fc.integer({ min: 694_224_000, max: 4_102_444_800 }).map((seconds) => seconds * 1000 as CivilTime.Instant)
    })
    fc.assert(fc.property(line, (line) => {
      expect(LogRecord.decode(LogRecord.encode(line))).toEqual(Result.succeed(line))
    }))
  })
})
