/**
 * Numbers as people read them 数字: money, times, lengths of time.
 *
 * Money is written "30.00 元" and "¥30.00". A time from which something may be done is rounded up, so that nobody comes too
 * early.
 */
import {
  type Day,
  dayOf,
  format,
  formatMinute,
  type Instant,
  lastInstant,
  minute,
  minuteOf,
  second,
  weekdayOf
} from "../../CivilTime.ts"
import * as Money from "../../Money.ts"
import { type Text, text } from "./Text.ts"

/** Fen as money. */
export const yuan = (fen: number): Text => text("{} 元", "¥{}", Money.format(fen as Money.Money))

const up = (at: Instant, unit: number): Instant => Math.min(lastInstant, at + unit - 1) as Instant

/** "2025-11-30 10:00": the minute at which this has come. */
export const fullMinute = (at: Instant): string => formatMinute(up(at, minute))

/** "2025-11-30 10:00:05": the second at which this has come. */
export const fullSecond = (at: Instant): string => format(up(at, second))

/** Minutes of a day as a clock shows them: "9:30", "24:00". */
export const clock = (minutes: number): string => `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`

/** A day of the week, Monday = 1. */
export const weekday = (day: number): Text => ({
  zh: `周${"一二三四五六日".charAt(day - 1)}`,
  en: "MonTueWedThuFriSatSun".slice(3 * day - 3, 3 * day)
})

/** A time soon to come, as short as it stays clear: "今天 13:00", "周一 9:30", and with its date after a week. */
export const soon = (at: Instant, now: Instant): Text => {
  const time = clock(minuteOf(at))
  const days = dayOf(at) - dayOf(now)
  if (days === 0) return text("今天 {}", "today {}", time)
  if (days > 0 && days < 7) return text("{} {}", "{} {}", weekday(weekdayOf(dayOf(at))), time)
  return dated(at)
}

/** A time with its date and its day of the week: "2025-12-01 9:30（周一）". */
export const dated = (at: Instant): Text => {
  const day: Day = dayOf(at)
  const [date = ""] = formatMinute(at).split(" ")
  return text("{} {}（{}）", "{} {} ({})", date, clock(minuteOf(at)), weekday(weekdayOf(day)))
}

/** A length of time, rounded up: seconds below two minutes, minutes below two hours, hours below two days. */
export const duration = (milliseconds: number): Text => {
  const seconds = Math.ceil(milliseconds / 1_000)
  if (seconds < 120) return text("{} 秒", "{} s", seconds)
  const minutes = Math.ceil(seconds / 60)
  if (minutes < 120) return text("{} 分钟", "{} min", minutes)
  const hours = Math.ceil(minutes / 60)
  return hours < 48 ? text("{} 小时", "{} h", hours) : text("{} 天", "{} days", Math.ceil(hours / 24))
}
