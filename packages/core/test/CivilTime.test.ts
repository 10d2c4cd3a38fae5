import { Result, Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as CivilTime from "../src/CivilTime.ts"

const { addDays, addMonths, day, dayOf, firstDay, firstInstant, formatDay, instant, lastDay, lastInstant } = CivilTime

const instants = fc.integer({ min: firstInstant, max: lastInstant }) as fc.Arbitrary<CivilTime.Instant>
// Most of a card's life lies in these years; the others are only there to be sure.
const days = fc.oneof(
  fc.integer({ min: day("2000-01-01"), max: day("2050-12-31") }),
  fc.integer({ min: firstDay, max: lastDay })
) as fc.Arbitrary<CivilTime.Day>

// The judges: JavaScript's own calendar, and the time zone database of ICU.
const eightHours = 8 * 3_600_000
const byDate = (text: string): number => Date.parse(`${text}T00:00:00Z`) / 86_400_000
const dateOf = (d: CivilTime.Day): string => new Date(d * 86_400_000).toISOString().slice(0, 10)
const shanghai = new Intl.DateTimeFormat("en-CA", {
  timeZone: "Asia/Shanghai",
  hourCycle: "h23",
  weekday: "short",
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit"
})
const byIntl = (at: number) => {
  const parts = Object.fromEntries(shanghai.formatToParts(at).map(({ type, value }) => [type, value]))
  return {
    text: `${parts["year"]}-${parts["month"]}-${parts["day"]} ${parts["hour"]}:${parts["minute"]}:${parts["second"]}`,
    weekday: ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].indexOf(parts["weekday"] ?? "") + 1
  }
}

describe("R71 an instant is told by Shanghai's clock", () => {
  it.each([
    ["2025-11-30 10:00", Date.UTC(2025, 10, 30, 2)],
    ["2025-11-30T10:00", Date.UTC(2025, 10, 30, 2)],
    ["2025-11-30 10:00:05", Date.UTC(2025, 10, 30, 2, 0, 5)],
    ["2025-11-30 10:00:05.1", Date.UTC(2025, 10, 30, 2, 0, 5, 100)],
    ["2025-11-30 10:00:05.12", Date.UTC(2025, 10, 30, 2, 0, 5, 120)],
    ["2025-11-30T10:00:05.123+08:00", Date.UTC(2025, 10, 30, 2, 0, 5, 123)],
    ["2025-11-30T02:00:05.123Z", Date.UTC(2025, 10, 30, 2, 0, 5, 123)],
    ["2025-11-30T02:00Z", Date.UTC(2025, 10, 30, 2)],
    ["2025-11-29T21:30:00-04:30", Date.UTC(2025, 10, 30, 2)],
    ["2025-11-30T00:00:00-00:00", Date.UTC(2025, 10, 30)],
    ["2025-11-30T23:59:00+23:59", Date.UTC(2025, 10, 30)],
    ["2024-02-29 00:00", Date.UTC(2024, 1, 28, 16)],
    ["2000-02-29 23:59:59.999", Date.UTC(2000, 1, 29, 15, 59, 59, 999)],
    ["1992-01-01 00:00", firstInstant],
    ["1991-12-31T16:00:00Z", firstInstant],
    ["9999-12-31 23:59:59.999", lastInstant]
  ])("R71 %s", (text, milliseconds) => {
    expect(Result.merge(CivilTime.parse(text))).toBe(milliseconds)
    expect(instant(text)).toBe(milliseconds)
  })

  it.each([
    ["", "Notation"],
    ["now", "Notation"],
    ["2025-11-30", "Notation"],
    [" 2025-11-30 10:00", "Notation"],
    ["2025-11-30 10:00 ", "Notation"],
    ["2025-11-30 10:00\n", "Notation"],
    ["2025-11-30  10:00", "Notation"],
    ["2025-11-30t10:00", "Notation"],
    ["2025-11-30 10", "Notation"],
    ["2025-11-30 1:00", "Notation"],
    ["2025-11-3 10:00", "Notation"],
    ["25-11-30 10:00", "Notation"],
    ["2025/11/30 10:00", "Notation"],
    ["-025-11-30 10:00", "Notation"],
    ["+02025-11-30 10:00", "Notation"],
    ["2025-11-30 10:00:5", "Notation"],
    ["2025-11-30 10:00:05.", "Notation"],
    ["2025-11-30 10:00:05.1234", "Notation"],
    ["2025-11-30 10:00.5", "Notation"],
    ["2025-11-30 10:00+0800", "Notation"],
    ["2025-11-30 10:00+8", "Notation"],
    ["2025-11-30 10:00z", "Notation"],
    ["２０２５-11-30 10:00", "Notation"],
    ["2025-11-30 １０:00", "Notation"],
    ["2025-02-29 10:00", "NoSuchDate"],
    ["1900-02-29 10:00", "NoSuchDate"],
    ["2025-13-01 10:00", "NoSuchDate"],
    ["2025-00-01 10:00", "NoSuchDate"],
    ["2025-11-31 10:00", "NoSuchDate"],
    ["2025-11-00 10:00", "NoSuchDate"],
    ["2025-11-30 24:00", "NoSuchTime"],
    ["2025-11-30 10:60", "NoSuchTime"],
    ["2025-11-30 23:59:60", "NoSuchTime"],
    ["2025-11-30 10:00+24:00", "NoSuchTime"],
    ["2025-11-30 10:00+08:60", "NoSuchTime"],
    ["1991-12-31 23:59:59.999", "OutOfRange"],
    ["1988-07-01 12:00", "OutOfRange"],
    ["0000-01-01 00:00", "OutOfRange"],
    ["9999-12-31T16:00:00Z", "OutOfRange"]
  ])("R71 %j is refused: %s", (text, problem) => {
    expect(Result.merge(CivilTime.parse(text))).toEqual({ _tag: "CivilTimeMalformed", problem })
    expect(() => instant(text)).toThrow(RangeError)
  })

  it("R71 what is written is read back, to the second and to the minute", () => {
    fc.assert(fc.property(instants, (at) => {
      expect(instant(CivilTime.format(at))).toBe(at - (at % 1_000))
      expect(instant(CivilTime.formatMinute(at))).toBe(at - (at % 60_000))
    }))
  })

  it("R71 every way JavaScript writes an instant is read", () => {
    fc.assert(fc.property(instants, (at) => {
      expect(instant(new Date(at).toISOString())).toBe(at)
      expect(instant(new Date(at + eightHours).toISOString().slice(0, -1))).toBe(at)
    }))
  })

  it("R71 the time zone database agrees: no summer time, no exception, from 1992 on", () => {
    fc.assert(
      fc.property(instants, (at) => {
        const judged = byIntl(at)
        expect(CivilTime.format(at)).toBe(judged.text)
        expect(CivilTime.formatMinute(at)).toBe(judged.text.slice(0, 16))
        expect(formatDay(dayOf(at))).toBe(judged.text.slice(0, 10))
        expect(CivilTime.minuteOf(at)).toBe(Number(judged.text.slice(11, 13)) * 60 + Number(judged.text.slice(14, 16)))
        expect(CivilTime.weekdayOf(dayOf(at))).toBe(judged.weekday)
      }),
      { numRuns: 500 }
    )
  })

  it("R71 the time zone database also says why 1991 is refused: eight hours would be wrong in its summer", () => {
    expect(byIntl(Date.UTC(1991, 6, 1, 4)).text).toBe("1991-07-01 13:00:00")
    expect(byIntl(firstInstant).text).toBe("1992-01-01 00:00:00")
    expect(byIntl(lastInstant).text).toBe("9999-12-31 23:59:59")
  })

  it.each([0.5, Number.NaN, Infinity, -1, 0, -0, 1e21, firstInstant - 1, lastInstant + 1, firstInstant + 0.5])(
    "R71 %d is no instant",
    (n) => {
      expect(Schema.is(CivilTime.Instant)(n)).toBe(false)
    }
  )

  it("R71 the bounds are instants and days", () => {
    const isInstant = Schema.is(CivilTime.Instant)
    const isDay = Schema.is(CivilTime.Day)
    expect([firstInstant, lastInstant].every((at) => isInstant(at))).toBe(true)
    expect([firstDay, lastDay].every((d) => isDay(d))).toBe(true)
    expect([firstDay - 1, lastDay + 1, 20_000.5, Number.NaN, "20000"].some((d) => isDay(d))).toBe(false)
    expect([dayOf(firstInstant), dayOf(lastInstant)]).toEqual([firstDay, lastDay])
  })
})

describe("R71 a day runs from midnight to midnight in Shanghai", () => {
  it.each([
    ["2025-11-30 00:00", "2025-11-30", 0],
    ["2025-11-30 00:00:59.999", "2025-11-30", 0],
    ["2025-11-30 07:59:59", "2025-11-30", 479],
    ["2025-11-30 08:00", "2025-11-30", 480],
    ["2025-11-30 23:59:59.999", "2025-11-30", 1_439],
    ["2025-11-30T15:59:59Z", "2025-11-30", 1_439],
    ["2025-11-30T16:00:00Z", "2025-12-01", 0]
  ])("R71 %s is minute %s, %i", (text, date, minute) => {
    expect(formatDay(dayOf(instant(text)))).toBe(date)
    expect(CivilTime.minuteOf(instant(text))).toBe(minute)
  })

  it.each([
    ["1992-01-01", 3],
    ["2000-02-29", 2],
    ["2025-11-30", 7],
    ["2025-12-01", 1],
    ["9999-12-31", 5]
  ])("R71 %s is weekday %i", (date, weekday) => {
    expect(CivilTime.weekdayOf(day(date))).toBe(weekday)
  })

  it.each([
    ["2025-02-29", "NoSuchDate"],
    ["2100-02-29", "NoSuchDate"],
    ["2025-04-31", "NoSuchDate"],
    ["2025-13-01", "NoSuchDate"],
    ["2025-1-1", "Notation"],
    ["20250101", "Notation"],
    ["2025-01-01 ", "Notation"],
    [" 2025-01-01", "Notation"],
    ["12025-01-01", "Notation"],
    ["", "Notation"],
    ["1991-12-31", "OutOfRange"]
  ])("R71 the day %j is refused: %s", (text, problem) => {
    expect(Result.merge(CivilTime.parseDay(text))).toEqual({ _tag: "CivilTimeMalformed", problem })
    expect(() => day(text)).toThrow(RangeError)
  })

  it("R71 every day from 1992 to 2400 is JavaScript's: number, text and weekday", () => {
    const last = day("2400-12-31")
    let weekday: number = CivilTime.weekdayOf(firstDay)
    for (let d = firstDay; d <= last; d = addDays(d, 1)) {
      const text = dateOf(d)
      if (formatDay(d) !== text || day(text) !== d || CivilTime.weekdayOf(d) !== weekday) {
        expect.fail(`${text} is written ${formatDay(d)}`)
      }
      weekday = weekday % 7 + 1
    }
  })

  it("R71 so is any other day", () => {
    fc.assert(fc.property(days, (d) => {
      expect(formatDay(d)).toBe(dateOf(d))
      expect(day(formatDay(d))).toBe(d)
      expect(CivilTime.weekdayOf(d)).toBe(new Date(d * 86_400_000).getUTCDay() || 7)
    }))
  })

  it("R71 a date is refused exactly if JavaScript's calendar does not have it", () => {
    const two = (n: number) => String(n).padStart(2, "0")
    fc.assert(fc.property(fc.integer({ min: 1992, max: 9999 }), fc.nat(14), fc.nat(33), (y, m, d) => {
      const text = `${y}-${two(m)}-${two(d)}`
      const exists = m >= 1 && m <= 12 && new Date(Date.UTC(y, m - 1, d)).toISOString().startsWith(text)
      expect(Result.isSuccess(CivilTime.parseDay(text))).toBe(exists)
    }))
  })

  it("R71 a day starts at its first instant and holds the whole of its length", () => {
    fc.assert(fc.property(days, fc.nat(CivilTime.dayLength - 1), (d, within) => {
      const start = CivilTime.startOf(d)
      expect(start).toBe(byDate(formatDay(d)) * CivilTime.dayLength - eightHours)
      expect(dayOf((start + within) as CivilTime.Instant)).toBe(d)
      expect(CivilTime.minuteOf((start + within) as CivilTime.Instant)).toBe(Math.floor(within / CivilTime.minute))
      if (d > firstDay) expect(dayOf((start - 1) as CivilTime.Instant)).toBe(d - 1)
    }))
  })

  it("R71 a day has 24 hours of 60 minutes of 60 seconds", () => {
    expect([CivilTime.second, CivilTime.minute, CivilTime.hour, CivilTime.dayLength]).toEqual([
      1_000,
      60_000,
      3_600_000,
      86_400_000
    ])
  })
})

describe("A3 months later, with the end of the month as the limit", () => {
  it.each([
    ["2025-11-30", 3, "2026-02-28"],
    ["2023-11-30", 3, "2024-02-29"],
    ["2025-11-28", 3, "2026-02-28"],
    ["2025-12-01", 3, "2026-03-01"],
    ["2025-01-31", 1, "2025-02-28"],
    ["2024-01-31", 1, "2024-02-29"],
    ["2025-01-31", 3, "2025-04-30"],
    ["2025-08-31", 1, "2025-09-30"],
    ["2025-10-31", 2, "2025-12-31"],
    ["2025-12-31", 12, "2026-12-31"],
    ["2024-02-29", 12, "2025-02-28"],
    ["2024-02-29", 48, "2028-02-29"],
    ["2096-02-29", 48, "2100-02-28"],
    ["2025-06-15", 0, "2025-06-15"],
    ["2025-03-31", -1, "2025-02-28"],
    ["2025-01-15", -1, "2024-12-15"],
    ["2025-03-31", -13, "2024-02-29"]
  ])("A3 R46 %s and %i months is %s", (from, months, to) => {
    expect(formatDay(addMonths(day(from), months))).toBe(to)
  })

  it("A3 R46 the month is the one counted, the date is the same or the month's last", () => {
    fc.assert(fc.property(days, fc.integer({ min: -240, max: 240 }), (d, n) => {
      const from = new Date(d * 86_400_000)
      const last = new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + n + 1, 0))
      const date = Math.min(from.getUTCDate(), last.getUTCDate())
      const expected = Date.UTC(last.getUTCFullYear(), last.getUTCMonth(), date) / 86_400_000
      fc.pre(expected >= firstDay && expected <= lastDay)
      expect(addMonths(d, n)).toBe(expected)
    }))
  })

  it("A3 R46 a later day is never earlier after the same months", () => {
    fc.assert(fc.property(days, fc.nat(60), fc.nat(60), (d, ahead, n) => {
      fc.pre(d + ahead + n * 31 <= lastDay)
      expect(addMonths(addDays(d, ahead), n)).toBeGreaterThanOrEqual(addMonths(d, n))
    }))
  })

  it("R71 the lengths of the months", () => {
    const lengths = (year: number) => Array.from({ length: 14 }, (_, month) => CivilTime.lengthOfMonth(year, month))
    expect(lengths(2025)).toEqual([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 0])
    expect(lengths(2024)).toEqual([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 0])
    expect([1900, 2000, 2100, 2400].map((year) => CivilTime.lengthOfMonth(year, 2))).toEqual([28, 29, 28, 29])
  })
})

describe("R71 days and milliseconds later", () => {
  it("R71 days are added over the ends of months and years", () => {
    expect(formatDay(addDays(day("2024-02-28"), 1))).toBe("2024-02-29")
    expect(formatDay(addDays(day("2025-12-31"), 1))).toBe("2026-01-01")
    expect(formatDay(addDays(day("2026-01-01"), -1))).toBe("2025-12-31")
    expect(CivilTime.format(CivilTime.later(instant("2025-12-31 23:59:59"), 1_000))).toBe("2026-01-01 00:00:00")
    expect(CivilTime.format(CivilTime.later(instant("2026-01-01 00:00"), -1))).toBe("2025-12-31 23:59:59")
  })

  it("R71 a difference is taken back", () => {
    fc.assert(fc.property(days, days, instants, instants, (a, b, at, other) => {
      expect(addDays(a, b - a)).toBe(b)
      expect(CivilTime.later(at, other - at)).toBe(other)
    }))
  })

  it.each([0.5, Number.NaN, Infinity, -Infinity, 1e21, 1e9, -1e9])("R71 %d days or months cannot be added", (n) => {
    expect(() => addDays(day("2025-11-30"), n)).toThrow(RangeError)
    expect(() => addMonths(day("2025-11-30"), n)).toThrow(RangeError)
  })

  it.each([0.5, Number.NaN, Infinity, -Infinity, 1e21, 1e15, -1e15])("R71 %d ms cannot be added", (n) => {
    expect(() => CivilTime.later(instant("2025-11-30 10:00"), n)).toThrow(RangeError)
  })

  it("R71 nothing leads out of 1992-9999, and the ends themselves are reached", () => {
    expect(addDays(addDays(lastDay, -1), 1)).toBe(lastDay)
    expect(addDays(addDays(firstDay, 1), -1)).toBe(firstDay)
    expect(() => addDays(lastDay, 1)).toThrow(RangeError)
    expect(() => addDays(firstDay, -1)).toThrow(RangeError)
    expect(() => addMonths(lastDay, 1)).toThrow(RangeError)
    expect(() => addMonths(firstDay, -1)).toThrow(RangeError)
    expect(CivilTime.later(lastInstant, 0)).toBe(lastInstant)
    expect(() => CivilTime.later(lastInstant, 1)).toThrow(RangeError)
    expect(() => CivilTime.later(firstInstant, -1)).toThrow(RangeError)
  })
})

describe("R71 a programmer's mistake is named", () => {
  it("R71 with the literal and what would have been right", () => {
    expect(() => instant("2025-02-29 10:00")).toThrow("\"2025-02-29 10:00\" (NoSuchDate); write \"2025-11-30 10:00\"")
    expect(() => day("2025-2-1")).toThrow("\"2025-2-1\" (Notation); write \"2025-11-30\"")
    expect(() => addDays(day("2025-11-30"), 0.5)).toThrow("whole numbers, not 0.5")
    expect(() => addDays(lastDay, 1)).toThrow("outside 1992-9999")
    expect(() => CivilTime.later(lastInstant, 1)).toThrow("outside 1992-9999")
  })
})

// A fielded terminal counts the days offline as year * 365 + month * 30 + day.
it("R71 from 30 January to 1 March it is 30 days, which the fielded formula denies", () => {
  expect(day("2025-03-01") - day("2025-01-30")).toBe(30)
  expect((2025 * 365 + 3 * 30 + 1) - (2025 * 365 + 1 * 30 + 30)).toBe(31)
})
