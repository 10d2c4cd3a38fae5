/**
 * Civil time 北京时间: the instants and days of Asia/Shanghai, by which every rule of a campus is told (R71).
 *
 * An instant is whole milliseconds since the Unix epoch, a day is whole civil days since 1970-01-01, both plain
 * numbers. The clock of China is UTC+8 without exception since summer time ended on 15 September 1991, so eight hours
 * are all that this module knows of time zones. Summer time 1986-1991 is the reason why instants before 1992 are
 * refused: read with eight hours they would be an hour wrong. Leap seconds do not exist here, as they do not in Unix
 * time. The calendar is proleptic Gregorian, by the era algorithms of Howard Hinnant, "chrono-Compatible Low-Level Date
 * Algorithms", <https://howardhinnant.github.io/date_algorithms.html>.
 */
import { type Brand, Result, Schema } from "effect"

/** A second, in milliseconds. */
export const second = 1_000
/** A minute, in milliseconds. */
export const minute = 60_000
/** An hour, in milliseconds. */
export const hour = 3_600_000
/** A civil day, in milliseconds: always 24 hours, since there is no summer time. */
export const dayLength = 86_400_000

const offset = 8 * hour

/** Whole milliseconds since the Unix epoch, from `firstInstant` to `lastInstant`. */
export type Instant = number & Brand.Brand<"Instant">
/** Whole civil days since 1970-01-01 in Shanghai, from `firstDay` to `lastDay`. */
export type Day = number & Brand.Brand<"Day">

/** 1992-01-01. */
export const firstDay = 8_035 as Day
/** 9999-12-31. */
export const lastDay = 2_932_896 as Day
/** 1992-01-01 00:00 in Shanghai. */
export const firstInstant = (firstDay * dayLength - offset) as Instant
/** 9999-12-31 23:59:59.999 in Shanghai. */
export const lastInstant = ((lastDay + 1) * dayLength - offset - 1) as Instant

/** Decodes milliseconds since the Unix epoch; refuses fractions and what lies before 1992 or after 9999. */
export const Instant = Schema.Int.check(Schema.isBetween(
  { minimum: firstInstant, maximum: lastInstant },
  { expected: "milliseconds since 1970-01-01, of a time from 1992 to 9999; today they have 13 digits" }
)).pipe(
  Schema.brand("Instant")
)
/** Decodes civil days since 1970-01-01; refuses fractions and what lies before 1992 or after 9999. */
export const Day = Schema.Int.check(Schema.isBetween(
  { minimum: firstDay, maximum: lastDay },
  { expected: "days since 1970-01-01, of a day from 1992 to 9999; today they have 5 digits" }
)).pipe(Schema.brand("Day"))

/**
 * A text that is no instant or day: written otherwise, a date or a time of day that does not exist, or outside
 * 1992-9999.
 */
export interface CivilTimeMalformed {
  readonly _tag: "CivilTimeMalformed"
  readonly problem: "Notation" | "NoSuchDate" | "NoSuchTime" | "OutOfRange"
}

const malformed = (problem: CivilTimeMalformed["problem"]): Result.Result<never, CivilTimeMalformed> =>
  Result.fail({ _tag: "CivilTimeMalformed", problem })

/** The number of days of a month (1-12) of the Gregorian calendar; 0 for a month that does not exist. */
export const lengthOfMonth = (year: number, month: number): number => {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
  if (month === 4 || month === 6 || month === 9 || month === 11) return 30
  return month >= 1 && month <= 12 ? 31 : 0
}

// Hinnant's days_from_civil: the year begins in March, so that the leap day is its last.
const daysFromCivil = (year: number, month: number, date: number): number => {
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + date - 1
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
}

// Hinnant's civil_from_days, as one number (20251130), so that no object is made for three.
const dateNumber = (day: number): number => {
  const z = day + 719_468
  const era = Math.floor(z / 146_097)
  const dayOfEra = z - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153)
  const date = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
  return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0)) * 10_000 + month * 100 + date
}

const daysWritten = (text: string): Result.Result<number, CivilTimeMalformed> => {
  // In JavaScript \d is an ASCII digit and nothing else.
  const written = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text)
  if (written === null) return malformed("Notation")
  const year = Number(written[1])
  const month = Number(written[2])
  const date = Number(written[3])
  return date >= 1 && date <= lengthOfMonth(year, month)
    ? Result.succeed(daysFromCivil(year, month, date))
    : malformed("NoSuchDate")
}

const dayWithin = (days: number): Day => {
  if (!(days >= firstDay && days <= lastDay)) throw new RangeError("The day lies outside 1992-9999")
  return days as Day
}

const whole = (n: number): number => {
  if (!Number.isSafeInteger(n)) throw new RangeError(`Time is counted in whole numbers, not ${n}`)
  return n
}

/**
 * Reads "2025-11-30 10:00", with seconds and milliseconds if wanted, a "T" for the blank, and an offset ("Z", "+08:00")
 * if it is not Shanghai's. A date that does not exist (2025-02-29), 24:00 and second 60 are refused.
 *
 * @example
 * ```ts
 * import { CivilTime } from "@yikatong/core"
 * import { Result } from "effect"
 *
 * const taken = Result.getOrThrow(CivilTime.parse("2025-11-30T02:00:05.123Z"))
 * CivilTime.format(taken) // => "2025-11-30 10:00:05"
 * ```
 */
export const parse = (text: string): Result.Result<Instant, CivilTimeMalformed> => {
  const written = /^[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?(Z|([+-])(\d\d):(\d\d))?$/.exec(text.slice(10))
  if (written === null) return malformed("Notation")
  const [, h, m, s = "0", fraction = "", zone, sign, zoneHours = "0", zoneMinutes = "0"] = written
  const days = daysWritten(text.slice(0, 10))
  if (Result.isFailure(days)) return Result.fail(days.failure)
  if (Number(h) > 23 || Number(m) > 59 || Number(s) > 59 || Number(zoneHours) > 23 || Number(zoneMinutes) > 59) {
    return malformed("NoSuchTime")
  }
  const east = (Number(zoneHours) * hour + Number(zoneMinutes) * minute) * (sign === "-" ? -1 : 1)
  const at = days.success * dayLength + Number(h) * hour + Number(m) * minute + Number(s) * second +
    Number(fraction.padEnd(3, "0")) - (zone === undefined ? offset : east)
  return at >= firstInstant && at <= lastInstant ? Result.succeed(at as Instant) : malformed("OutOfRange")
}

/** An instant from a literal that `parse` reads; throws RangeError for any other. */
export const instant = (text: string): Instant => {
  const parsed = parse(text)
  if (Result.isFailure(parsed)) {
    throw new RangeError(`No instant: ${JSON.stringify(text)} (${parsed.failure.problem}); write "2025-11-30 10:00"`)
  }
  return parsed.success
}

/** Reads "2025-11-30"; a date that does not exist is refused. */
export const parseDay = (text: string): Result.Result<Day, CivilTimeMalformed> =>
  // Four digits cannot write a year after 9999.
  Result.flatMap(daysWritten(text), (days) => days >= firstDay ? Result.succeed(days as Day) : malformed("OutOfRange"))

/** A day from a literal that `parseDay` reads; throws RangeError for any other. */
export const day = (text: string): Day => {
  const parsed = parseDay(text)
  if (Result.isFailure(parsed)) {
    throw new RangeError(`No day: ${JSON.stringify(text)} (${parsed.failure.problem}); write "2025-11-30"`)
  }
  return parsed.success
}

/** Writes "2025-11-30". */
export const formatDay = (day: Day): string => {
  const digits = String(dateNumber(day))
  return `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`
}

const two = (n: number): string => n < 10 ? `0${n}` : `${n}`

/** Writes "2025-11-30 10:00", Shanghai time; seconds are dropped, not rounded. */
export const formatMinute = (instant: Instant): string => {
  const minutes = minuteOf(instant)
  return `${formatDay(dayOf(instant))} ${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}

/** Writes "2025-11-30 10:00:05", Shanghai time; milliseconds are dropped, not rounded. */
export const format = (instant: Instant): string =>
  `${formatMinute(instant)}:${two(Math.floor((instant % minute) / second))}`

/**
 * The civil day on which an instant falls in Shanghai.
 *
 * @example
 * ```ts
 * import { CivilTime } from "@yikatong/core"
 *
 * CivilTime.formatDay(CivilTime.dayOf(CivilTime.instant("2025-11-30T16:00:00Z"))) // => "2025-12-01"
 * ```
 */
export const dayOf = (instant: Instant): Day => Math.floor((instant + offset) / dayLength) as Day

/** The first instant of a day: 00:00 in Shanghai. */
export const startOf = (day: Day): Instant => (day * dayLength - offset) as Instant

/** The minute of the day in Shanghai, 0 (00:00) to 1439 (23:59). */
export const minuteOf = (instant: Instant): number => Math.floor(((instant + offset) % dayLength) / minute)

/** The day of the week, 1 (Monday) to 7 (Sunday), as ISO 8601 counts. */
export const weekdayOf = (day: Day): 1 | 2 | 3 | 4 | 5 | 6 | 7 => (day + 3) % 7 + 1 as 1 | 2 | 3 | 4 | 5 | 6 | 7

/** `n` days later, or earlier if negative; throws RangeError outside 1992-9999 and for a fraction. */
export const addDays = (day: Day, n: number): Day => dayWithin(day + whole(n))

/**
 * The same date `n` months later, or earlier if negative; a month that is too short gives its last day (A3). Throws
 * RangeError outside 1992-9999 and for a fraction.
 *
 * @example
 * ```ts
 * import { CivilTime } from "@yikatong/core"
 *
 * CivilTime.formatDay(CivilTime.addMonths(CivilTime.day("2025-11-30"), 3)) // => "2026-02-28"
 * ```
 */
export const addMonths = (day: Day, n: number): Day => {
  const from = dateNumber(day)
  const date = from % 100
  const months = Math.floor(from / 10_000) * 12 + Math.floor(from / 100) % 100 - 1 + whole(n)
  const year = Math.floor(months / 12)
  const month = months - year * 12 + 1
  const last = lengthOfMonth(year, month)
  return dayWithin(daysFromCivil(year, month, date < last ? date : last))
}

/**
 * The instant so many milliseconds later, or earlier if negative; throws RangeError outside 1992-9999 and for a
 * fraction.
 */
export const later = (instant: Instant, milliseconds: number): Instant => {
  const at = instant + whole(milliseconds)
  if (!(at >= firstInstant && at <= lastInstant)) throw new RangeError("The instant lies outside 1992-9999")
  return at as Instant
}
