import { CivilTime } from "@yikatong/core"
import { Result } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Bcd from "../src/Bcd.ts"
import * as Bytes from "../src/Bytes.ts"

const { of } = Bytes

/** A day or an instant in words, or what is wrong. */
const said = <A>(read: Result.Result<A, Bcd.BcdMalformed>, write: (value: A) => string): string =>
  Result.isSuccess(read) ? write(read.success) : read.failure.problem

describe("dates as cards write them", () => {
  it.each([
    ["20240411", "2024-04-11"],
    ["20240229", "2024-02-29"],
    ["20250229", "NoSuchDate"],
    ["20241301", "NoSuchDate"],
    ["20240400", "NoSuchDate"],
    ["99991231", "9999-12-31"],
    ["2024041A", "Digits"],
    ["19911231", "OutOfRange"],
    ["00000000", "NoSuchDate"],
    ["202404", "Length"],
    ["", "Length"]
  ])("%s: %s", (bytes, expected) => expect(said(Bcd.day(of(bytes)), CivilTime.formatDay)).toBe(expected))

  it.each([["00000000", "not set"], ["FFFFFFFF", "not set"], ["20240411", "2024-04-11"], ["FF240411", "Digits"], [
    "0000",
    "Length"
  ]])(
    "a day that may not be set: %s: %s",
    (bytes, expected) =>
      expect(said(Bcd.dayIfSet(of(bytes)), (day) => day === undefined ? "not set" : CivilTime.formatDay(day)))
        .toBe(expected)
  )

  it.each([
    ["20240411", "212121", "2024-04-11 21:21:21"],
    ["20240411", "000000", "2024-04-11 00:00:00"],
    ["20240411", "240000", "NoSuchTime"],
    ["20240411", "216021", "NoSuchTime"],
    ["20240411", "21212A", "Digits"],
    ["20240431", "212121", "NoSuchDate"],
    ["20240411", "2121", "Length"]
  ])(
    "%s %s: %s",
    (date, time, expected) => expect(said(Bcd.instant(of(date), of(time)), CivilTime.format)).toBe(expected)
  )
})

const days = fc.integer({ min: CivilTime.firstDay, max: CivilTime.lastDay }).map((day) => day as CivilTime.Day)
const instants = fc.integer({ min: CivilTime.firstInstant / 1000, max: Math.floor(CivilTime.lastInstant / 1000) })
  .map((seconds) => seconds * 1000 as CivilTime.Instant)

describe("what is written is read again", () => {
  it("every day", () =>
    fc.assert(fc.property(days, (day) => {
      expect(Bcd.day(Bcd.ofDay(day))).toEqual(Result.succeed(day))
    })))
  it("every second", () =>
    fc.assert(fc.property(instants, (at) => {
      const { date, time } = Bcd.stamp(at)
      expect(Bcd.instant(date, time)).toEqual(Result.succeed(at))
    })))
  it("any bytes at all give a day or say why not", () =>
    fc.assert(fc.property(fc.uint8Array({ maxLength: 6 }), (bytes) => {
      const read = Bcd.day(bytes)
      if (Result.isSuccess(read)) expect(Bcd.ofDay(read.success)).toEqual(bytes)
    })))
})
