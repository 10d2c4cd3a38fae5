/**
 * Instants and days as numbers 时间换算, in Shanghai's time: what a team writes down as "2026-03-02 12:00" and the door takes as
 * milliseconds since the Unix epoch, and as days since 1970-01-01.
 *
 * @example
 * ```ts
 * import { day, dayOf, instant } from "@yikatong/core/promise"
 *
 * dayOf(instant("2026-03-02 00:00")) === day("2026-03-02") // => true
 * ```
 */
import { Result } from "effect"
import * as CivilTime from "../CivilTime.ts"
import * as Input from "./Input.ts"

/** The instant of a text such as "2026-03-02 12:00". @throws MalformedCommand when it is none. */
export const instant = (text: string): number => orThrow(CivilTime.parse(text), "instant", "2026-03-02 12:00")

/** The day of a text such as "2026-03-02". @throws MalformedCommand when it is none. */
export const day = (text: string): number => orThrow(CivilTime.parseDay(text), "day", "2026-03-02")

/** The day on which an instant falls in Shanghai. @throws MalformedCommand when it is no instant. */
export const dayOf = (at: number): number => CivilTime.dayOf(Input.instant(at, "at"))

const orThrow = (
  read: Result.Result<number, CivilTime.CivilTimeMalformed>,
  path: string,
  such: string
): number => {
  if (Result.isFailure(read)) throw Input.malformed(path, `Expected a civil time such as "${such}"`)
  return read.success
}
