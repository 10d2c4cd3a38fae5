/**
 * Dates and times as cards write them BCD 码日期: two decimal digits a byte, YYYYMMDD in four bytes and hhmmss in
 * three, civil time of Shanghai (JR/T 0025.1-2005).
 *
 * A card may hold anything: half a byte above 9 and a day that does not exist are told, never repaired.
 */
import { CivilTime } from "@yikatong/core"
import { Result } from "effect"
import * as Bytes from "./Bytes.ts"
import type { Stamp } from "./PurseCrypto.ts"

/** Bytes that are no date or time. `OutOfRange`: outside of 1992 to 9999, which this house does not reckon with. */
export interface BcdMalformed {
  readonly _tag: "BcdMalformed"
  readonly problem: "Length" | "Digits" | "NoSuchDate" | "NoSuchTime" | "OutOfRange"
}

const malformed = (problem: BcdMalformed["problem"]): Result.Result<never, BcdMalformed> =>
  Result.fail({ _tag: "BcdMalformed", problem })

/** The digits of so many bytes. */
const digits = (bytes: Bytes.Bytes, length: number): Result.Result<string, BcdMalformed> => {
  if (bytes.length !== length) return malformed("Length")
  const text = Bytes.hex(bytes)
  return /^\d*$/.test(text) ? Result.succeed(text) : malformed("Digits")
}

const ofCivil = ({ problem }: CivilTime.CivilTimeMalformed): BcdMalformed => ({
  _tag: "BcdMalformed",
  problem: problem === "Notation" ? "Digits" : problem
})

const civil = (text: string): string => `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6, 8)}`

/** The day that four bytes are. */
export const day = (bytes: Bytes.Bytes): Result.Result<CivilTime.Day, BcdMalformed> =>
  Result.flatMap(digits(bytes, 4), (text) => Result.mapError(CivilTime.parseDay(civil(text)), ofCivil))

/** The day that four bytes are, or none: all zeros and all ones mean that it was not set. */
export const dayIfSet = (bytes: Bytes.Bytes): Result.Result<CivilTime.Day | undefined, BcdMalformed> =>
  bytes.length === 4 && (bytes.every((byte) => byte === 0) || bytes.every((byte) => byte === 0xff))
    ? Result.succeed(undefined)
    : day(bytes)

/** The instant that a date of four and a time of three bytes are. */
export const instant = (date: Bytes.Bytes, time: Bytes.Bytes): Result.Result<CivilTime.Instant, BcdMalformed> =>
  Result.flatMap(digits(date, 4), (onDay) =>
    Result.flatMap(digits(time, 3), (text) =>
      Result.mapError(
        CivilTime.parse(`${civil(onDay)} ${text.slice(0, 2)}:${text.slice(2, 4)}:${text.slice(4, 6)}`),
        ofCivil
      )))

/** A day in four bytes. */
export const ofDay = (day: CivilTime.Day): Bytes.Bytes => Bytes.of(CivilTime.formatDay(day).replaceAll("-", ""))

/** An instant as terminals write it: date and time; milliseconds are dropped. */
export const stamp = (at: CivilTime.Instant): Stamp => {
  const [date = "", time = ""] = CivilTime.format(at).split(" ")
  return { date: Bytes.of(date.replaceAll("-", "")), time: Bytes.of(time.replaceAll(":", "")) }
}
