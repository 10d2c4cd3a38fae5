import { CivilTime } from "@yikatong/core"
import { Result } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Time from "../../src/unionpay/UnionPayTime.ts"

const malformed = Result.fail({ _tag: "Refusal", reason: "malformed", what: "a time" })

describe("UnionPay's times", () => {
  it("are Beijing time in digits", () => {
    expect(Time.write(CivilTime.instant("2025-11-30T16:00:05.999Z"))).toBe("20251201000005")
    expect(Time.read("20251201000005")).toEqual(Result.succeed(CivilTime.instant("2025-11-30T16:00:05Z")))
    expect(Time.whole(CivilTime.instant("2025-11-30T16:00:05.999Z"))).toBe(CivilTime.instant("2025-11-30T16:00:05Z"))
  })

  it.each([
    "",
    "2025120100000",
    "202512010000050",
    "20250229000000",
    "20251201240000",
    "20251201000060",
    "2025-12-01 000",
    "19911231235959"
  ])("%j is none", (text) => {
    expect(Time.read(text)).toEqual(malformed)
  })

  it.each([
    ["1231", "2025-12-31", "2025-12-31"],
    ["0101", "2025-12-31", "2026-01-01"],
    ["1231", "2026-01-01", "2025-12-31"],
    ["0731", "2025-12-31", "2025-07-31"],
    ["0229", "2024-03-01", "2024-02-29"],
    ["0229", "2025-03-01", "2024-02-29"]
  ])("%s near %s is %s", (text, near, day) => {
    expect(Time.readMonthDay(text, CivilTime.day(near))).toEqual(Result.succeed(CivilTime.day(day)))
  })

  it.each(["0230", "1301", "0000", "229", "02-29", "0229"])("%s near 2022 is no day", (text) => {
    expect(Time.readMonthDay(text, CivilTime.day("2022-03-01"))).toEqual(malformed)
  })

  it("are read back, the ones without a year from nearby", () => {
    const instants = fc.integer({
      min: CivilTime.instant("1993-01-01 00:00"),
      max: CivilTime.instant("2090-01-01 00:00")
    })
    fc.assert(fc.property(instants, fc.integer({ min: -150, max: 150 }), (milliseconds, days) => {
      const at = Time.whole(milliseconds as CivilTime.Instant)
      const near = CivilTime.later(at, days * CivilTime.dayLength)
      expect(Time.read(Time.write(at))).toEqual(Result.succeed(at))
      expect(Time.readTrace(Time.writeTrace(at), near)).toEqual(Result.succeed(at))
      const day = CivilTime.dayOf(at)
      expect(Time.readMonthDay(Time.writeMonthDay(day), CivilTime.dayOf(near))).toEqual(Result.succeed(day))
    }))
    expect(Time.readTrace("12312359", CivilTime.instant("2025-12-31 00:00"))).toEqual(malformed)
  })
})
