import { Option, Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as AccessGrant from "../src/AccessGrant.ts"
import type { Calendar } from "../src/Calendar.ts"
import * as CivilTime from "../src/CivilTime.ts"
import * as Id from "../src/Id.ts"
import type { Window } from "../src/WeeklySchedule.ts"

const door = Id.PointId.make("room-1-101")
const card = Id.CardId.make("card-1")
const none: Calendar = { holidays: [], workdays: [] }
const clock = (hours: number): number => hours * 60
const grant = (terms: Partial<AccessGrant.AccessGrant> = {}): AccessGrant.AccessGrant => ({
  id: Id.GrantId.make("host:grant-1"),
  door,
  ...terms
})
const at = (text: string): CivilTime.Instant => CivilTime.instant(text)
const written = (instant: Option.Option<CivilTime.Instant>): string =>
  Option.match(instant, { onNone: () => "never", onSome: CivilTime.format })

describe("R15 what a grant is for", () => {
  it.each(
    [
      // who has it, what is shown where, whether it is for that
      ["this card", { card }, { door, card }, true],
      ["this card", { card }, { door, card: Id.CardId.make("card-2") }, false],
      ["this card", { card }, { door: Id.PointId.make("room-1-102"), card }, false],
      ["this card", { card }, { door, card: undefined }, true],
      ["the key ring only", {}, { door, card }, false],
      ["the key ring only", {}, { door, card: undefined }, true],
      ["the key ring only", {}, { door: Id.PointId.make("room-1-102"), card: undefined }, false]
    ] as const
  )("R15 R16 granted to %s %j, shown %j: %s", (_, terms, shown, expected) => {
    expect(AccessGrant.isFor(grant(terms), shown)).toBe(expected)
  })
})

// 2025-09-03 is a Wednesday.
const office: Window = { weekdays: [1, 2, 3, 4, 5], from: clock(8), to: clock(17), holidays: "open" }
const night: Window = { weekdays: [5, 6], from: clock(22), to: clock(2), holidays: "open" }
const sunday: Window = { weekdays: [7], from: clock(9), to: clock(12), holidays: "open" }

describe("R15 when a grant holds", () => {
  const from = at("2025-09-03 12:00")
  const until = at("2025-09-10 12:00")
  const windows = [office]
  it.each(
    [
      // its terms, when, whether it holds, when it holds next
      [{}, "2025-09-03 03:00", true, "2025-09-03 03:00:00"],
      [{ from }, "2025-09-03 11:59:59.999", false, "2025-09-03 12:00:00"],
      [{ from }, "2025-09-03 12:00", true, "2025-09-03 12:00:00"],
      [{ until }, "2025-09-10 11:59", true, "2025-09-10 11:59:00"],
      [{ until }, "2025-09-10 12:00", false, "never"],
      [{ windows }, "2025-09-03 17:00", false, "2025-09-04 08:00:00"],
      [{ from, windows }, "2025-09-03 09:00", false, "2025-09-03 12:00:00"],
      [{ from: at("2025-09-06 12:00"), windows }, "2025-09-03 09:00", false, "2025-09-08 08:00:00"],
      [{ from, until, windows }, "2025-09-09 17:00", false, "2025-09-10 08:00:00"],
      [{ from, until, windows }, "2025-09-10 12:00", false, "never"],
      [{ until: at("2025-09-04 08:00"), windows }, "2025-09-03 17:00", false, "never"],
      [{ windows: [night] }, "2025-09-07 01:59", true, "2025-09-07 01:59:00"],
      [{ windows: [night] }, "2025-09-07 02:00", false, "2025-09-12 22:00:00"],
      // What nobody can mean and a decoder still lets through.
      [{ from: until, until: from }, "2025-09-05 12:00", false, "never"],
      [{ from: until, until: from }, "2025-09-01 12:00", false, "never"],
      [{ windows: [] }, "2025-09-03 09:00", false, "never"]
    ] as const
  )("R15 %j at %s: %s, next %s", (terms, now, holds, next) => {
    expect(AccessGrant.holds(grant(terms), none, at(now))).toBe(holds)
    expect(written(AccessGrant.opensAt(grant(terms), none, at(now)))).toBe(next)
  })
})

describe("R15 when hours and grants agree", () => {
  const now = "2025-09-03 18:00"
  const calendar: Calendar = { holidays: [CivilTime.day("2026-01-01")], workdays: [CivilTime.day("2026-02-14")] }
  const newYear: Window = { weekdays: [1, 2, 3, 4, 5, 6, 7], from: clock(0), to: clock(24), holidays: "only" }
  it.each(
    [
      ["no hours and no need of a grant", undefined, undefined, "2025-09-03 18:00:00"],
      ["hours alone", [office], undefined, "2025-09-04 08:00:00"],
      ["a grant alone", undefined, [grant({ windows: [night] })], "2025-09-05 22:00:00"],
      ["a need, and no grant", undefined, [], "never"],
      ["a need, no grant, and hours", [office], [], "never"],
      [
        "the earlier of two grants",
        undefined,
        [grant({ windows: [sunday] }), grant({ windows: [night] })],
        "2025-09-05 22:00:00"
      ],
      [
        "the one of two grants that meets the hours",
        [office],
        [grant({ windows: [night] }), grant()],
        "2025-09-04 08:00:00"
      ],
      ["hours and windows that never meet", [office], [grant({ windows: [night, sunday] })], "never"],
      ["windows that overlap for the last hour", [office], [
        grant({ windows: [{ weekdays: [1], from: clock(16), to: clock(20), holidays: "open" }] })
      ], "2025-09-08 16:00:00"],
      ["windows that only touch", [office], [
        grant({ windows: [{ weekdays: [1], from: clock(17), to: clock(20), holidays: "open" }] })
      ], "never"],
      ["a grant of next year", [office], [grant({ from: at("2026-09-06 10:00") })], "2026-09-07 08:00:00"],
      ["a grant that ends before the door opens", [office], [grant({ until: at("2025-09-04 08:00") })], "never"],
      ["hours of a holiday that is months away", [newYear], [grant({ windows: [office] })], "2026-01-01 08:00:00"],
      // Saturday, 14 February 2026, counts as a working day; the Saturdays before it do not.
      ["a Saturday that is worked", [{ ...office, from: clock(0), weekdays: [5] }], [
        grant({ windows: [{ ...office, weekdays: [1] }] })
      ], "2026-02-14 08:00:00"],
      ["the night after it", [{ ...night, weekdays: [5] }], [
        grant({ windows: [{ weekdays: [7], from: clock(1), to: clock(3), holidays: "open" }] })
      ], "2026-02-15 01:00:00"]
    ] as const
  )("R15 %s", (_, hours, grants, expected) => {
    expect(written(AccessGrant.agreeAt({ hours, grants }, calendar, at(now)))).toBe(expected)
  })
  it("R15 a holiday that closes the night before shifts a window after midnight by a week", () => {
    // New Year is a Thursday; its night would have run on into Friday.
    const hours = [{ weekdays: [4], from: clock(22), to: clock(2), holidays: "closed" }] as const
    const windows = [{ weekdays: [5], from: clock(1), to: clock(3), holidays: "open" }] as const
    const next = AccessGrant.agreeAt({ hours, grants: [grant({ windows })] }, calendar, at("2025-12-30 18:00"))
    expect(written(next)).toBe("2026-01-09 01:00:00")
  })
  it("R15 I12 at the end of time it still answers", () => {
    const last = CivilTime.lastInstant
    expect(AccessGrant.agreeAt({ hours: [office], grants: [grant({ windows: [night] })] }, {
      holidays: [CivilTime.lastDay],
      workdays: []
    }, last)).toEqual(Option.none())
    expect(AccessGrant.agreeAt({ hours: undefined, grants: [grant()] }, none, last)).toEqual(Option.some(last))
  })
})

describe("R15 whatever the terms", () => {
  const instants = fc.integer({ min: CivilTime.firstInstant, max: CivilTime.lastInstant }).map((n) =>
    n as CivilTime.Instant
  )
  const minutes = fc.integer({ min: 0, max: 1_439 })
  const windows = fc.array(
    fc.record({
      weekdays: fc.subarray([1, 2, 3, 4, 5, 6, 7], { minLength: 1 }),
      from: minutes,
      to: minutes.map((n) => n + 1),
      holidays: fc.constantFrom("open", "closed" as const)
    }).filter(({ from, to }) => from !== to),
    { minLength: 1, maxLength: 2 }
  )
  const terms = fc.record({ card: fc.constant(card), from: instants, until: instants, windows }, { requiredKeys: [] })

  it("R15 it holds at the instant that is told, and not a millisecond before", () => {
    fc.assert(fc.property(terms, instants, (given, now) => {
      const one = grant(given)
      const opens = AccessGrant.opensAt(one, none, now)
      expect(Option.isSome(opens) && opens.value === now).toBe(AccessGrant.holds(one, none, now))
      if (Option.isNone(opens) || opens.value === now) return
      expect(AccessGrant.holds(one, none, opens.value)).toBe(true)
      expect(AccessGrant.holds(one, none, CivilTime.later(opens.value, -1))).toBe(false)
    }))
  })
  it("R15 one grant and a door that is always open agree where the grant holds", () => {
    fc.assert(fc.property(terms, instants, (given, now) => {
      const one = grant(given)
      expect(AccessGrant.agreeAt({ hours: undefined, grants: [one] }, none, now)).toEqual(
        AccessGrant.opensAt(one, none, now)
      )
    }))
  })
  it("I13 it survives the journal", () => {
    const schema = Schema.toCodecJson(AccessGrant.AccessGrant)
    fc.assert(fc.property(terms, (given) => {
      const one = grant(given)
      expect(Schema.decodeUnknownSync(schema)(JSON.parse(JSON.stringify(Schema.encodeSync(schema)(one))))).toEqual(one)
    }))
  })
})
