import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { instant, later, minute } from "../src/CivilTime.ts"
import { PointId } from "../src/Id.ts"
import * as SuspendedRecord from "../src/SuspendedRecord.ts"
import { Digest } from "../src/TerminalRecord.ts"

const noon = instant("2025-11-03 12:00")
const digest = (n: number) => Digest.make(`${n}`.repeat(32).slice(0, 32))

/** The account has declined record `device` so many times. */
const told = (device: number, attempts = 1, which = 1): SuspendedRecord.Told => ({
  device,
  digest: digest(which),
  station: PointId.make("canteen-9"),
  happenedAt: noon,
  decline: { _tag: "UnknownPoint", point: PointId.make("canteen-9") },
  attempts,
  profile: "csmzxy-1"
})

/** Lists after these words, in their order; what is no news changes nothing. */
const after = (...all: ReadonlyArray<SuspendedRecord.Told>): SuspendedRecord.Lists =>
  all.reduce(
    (lists, one, at) =>
      SuspendedRecord.isNews(lists, one) ? SuspendedRecord.add(lists, one, later(noon, at * minute)) : lists,
    SuspendedRecord.none
  )

describe("what the account declines waits (D11)", () => {
  it("D11 since it was declined first, with the last reason and how often it was asked", () => {
    const waits = after(told(1), { ...told(1, 2), decline: { _tag: "UnknownCard" } })
    expect(SuspendedRecord.find(waits, told(1))).toMatchObject({
      attempts: 2,
      decline: { _tag: "UnknownCard" },
      since: noon,
      triedAt: later(noon, minute)
    })
    expect(waits.suspended).toHaveLength(1)
  })

  it.each<readonly [string, ReadonlyArray<SuspendedRecord.Told>, SuspendedRecord.Told, boolean]>([
    ["a record that nobody has declined", [], told(1), true],
    ["one more decline", [told(1)], told(1, 2), true],
    ["the same decline once more", [told(1, 2)], told(1, 2), false],
    ["an older one that comes late", [told(1, 2)], told(1, 1), false],
    ["another record under the same number", [told(1)], told(1, 1, 2), true]
  ])("%s", (_, before, one, news) => {
    expect(SuspendedRecord.isNews(after(...before), one)).toBe(news)
  })

  it.each(["posted", "explained"] as const)("I3 what was %s does not come back, and is known as that", (how) => {
    const closed = SuspendedRecord.close(after(told(1, 3), told(2)), told(1), how)
    expect(closed.suspended.map(({ device }) => device)).toEqual([2])
    expect(SuspendedRecord.findClosed(closed, told(1))).toEqual({ device: 1, digest: digest(1), attempts: 3, how })
    expect(SuspendedRecord.isNews(closed, told(1, 4))).toBe(false)
  })

  it.each<readonly [string, "posted" | "explained", SuspendedRecord.Told, boolean]>([
    [
      "was posted, as another content claims its name",
      "posted",
      { ...told(1), decline: { _tag: "RecordContested" } },
      true
    ],
    ["was posted, for any other reason", "posted", told(1, 9), false],
    ["a person explained", "explained", { ...told(1), decline: { _tag: "RecordContested" } }, false]
  ])("I15 one that %s waits again: %s", (_, how, again, news) => {
    const closed = SuspendedRecord.close(after(told(1)), told(1), how)
    expect(SuspendedRecord.isNews(closed, again)).toBe(news)
  })

  it("I15 one that is contested is no longer closed, and a word on that which is known already is none", () => {
    const contested: SuspendedRecord.Told = { ...told(1), decline: { _tag: "RecordContested" } }
    const closed = SuspendedRecord.close(after(told(1)), told(1), "posted")
    const lists = SuspendedRecord.add(closed, contested, noon)
    expect(lists).toMatchObject({ suspended: [{ decline: { _tag: "RecordContested" } }], closed: [] })
    expect(SuspendedRecord.isNews(lists, contested)).toBe(false)
    expect(SuspendedRecord.isNews(after(told(1)), contested)).toBe(true)
  })

  it("I15 it came and has no end; what waits or was closed did not come anew", () => {
    const came = SuspendedRecord.take(SuspendedRecord.none, told(1), noon)
    expect(came.taken).toEqual([{ device: 1, digest: digest(1), since: noon }])
    expect(SuspendedRecord.isOpen(came, told(1))).toBe(true)
    for (const lists of [came, after(told(1)), SuspendedRecord.close(came, told(1), "posted")]) {
      expect(SuspendedRecord.take(lists, told(1), later(noon, minute))).toEqual(lists)
    }
  })

  it("D11 where there is no more room a new one stays with its terminal, and one that waits is still told of", () => {
    const many = Array.from({ length: SuspendedRecord.most }, (_, at) => told(at + 1))
    const full = after(...many)
    expect(SuspendedRecord.isNews(full, told(SuspendedRecord.most + 1))).toBe(false)
    expect(SuspendedRecord.isNews(full, told(1, 2))).toBe(true)
    const freed = SuspendedRecord.close(full, told(1), "posted")
    expect(SuspendedRecord.isNews(freed, told(SuspendedRecord.most + 1))).toBe(true)
    expect(SuspendedRecord.isNews(full, told(1))).toBe(false)
  })

  it("I3 of what was closed the newest are known, and no more than that", () => {
    let lists = SuspendedRecord.none
    for (let device = 1; device <= SuspendedRecord.most + 1; device++) {
      lists = SuspendedRecord.close(SuspendedRecord.add(lists, told(device), noon), told(device), "posted")
    }
    expect(lists.closed).toHaveLength(SuspendedRecord.most)
    // A copy of the oldest is news again. It harms nothing: the account knows what it has posted.
    expect(SuspendedRecord.findClosed(lists, told(1))).toBeUndefined()
    expect(SuspendedRecord.isNews(lists, told(1))).toBe(true)
    expect(SuspendedRecord.findClosed(lists, told(2))).toMatchObject({ how: "posted" })
  })

  it("I15 what is refused is open, since it came first, with the last reason; taken, it is refused no longer", () => {
    const one = { device: 1, digest: digest(1) }
    const refusals = [{ _tag: "BeforeFirst", first: 9 }, { _tag: "TooManyGaps", most: 256 }] as const
    const lists = refusals.reduce(
      (before, refusal, at) => SuspendedRecord.refuse(before, one, refusal, later(noon, at * minute)),
      SuspendedRecord.none
    )
    expect(lists.refused).toEqual([{ ...one, refusal: refusals[1], since: noon }])
    expect([SuspendedRecord.isOpen(lists, one), SuspendedRecord.isPending(lists, one)]).toEqual([true, false])
    expect(SuspendedRecord.take(lists, one, later(noon, minute))).toMatchObject({
      taken: [{ since: noon }],
      refused: []
    })
    expect(SuspendedRecord.add(lists, told(1), noon)).toMatchObject({ suspended: [{ device: 1 }], refused: [] })
  })

  it.each(["refused", "conflicts"] as const)(
    "I15 the list %s is bounded, and what finds no room is counted",
    (list) => {
      const put = (lists: SuspendedRecord.Lists, device: number) =>
        list === "refused"
          ? SuspendedRecord.refuse(lists, { device, digest: digest(1) }, { _tag: "BeforeFirst", first: 9 }, noon)
          : SuspendedRecord.conflict(lists, { device, digest: digest(1) }, noon)
      let lists = SuspendedRecord.none
      for (let device = 1; device <= SuspendedRecord.most; device++) lists = put(lists, device)
      expect(lists).toMatchObject({ unlisted: 0, [list]: { length: SuspendedRecord.most } })
      // One that is listed needs no more room.
      expect(put(lists, 1).unlisted).toBe(0)
      expect(put(lists, 999)).toEqual({ ...lists, unlisted: 1 })
    }
  )

  it("D11 I3 no record waits twice, none waits that was closed, and neither list grows beyond its bound", () => {
    const step = fc.record({
      device: fc.integer({ min: 1, max: 700 }),
      attempts: fc.integer({ min: 0, max: 3 }),
      close: fc.constantFrom(undefined, undefined, "posted" as const, "explained" as const)
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 2_000, size: "max" }), (steps) => {
        let lists = SuspendedRecord.none
        for (const { attempts, close, device } of steps) {
          const one = told(device, attempts)
          if (close !== undefined && SuspendedRecord.find(lists, one) !== undefined) {
            lists = SuspendedRecord.close(lists, one, close)
          } else if (SuspendedRecord.isNews(lists, one)) lists = SuspendedRecord.add(lists, one, noon)
        }
        const waiting = lists.suspended.map(({ device }) => device)
        expect(new Set(waiting).size).toBe(waiting.length)
        expect(lists.closed.filter(({ device }) => waiting.includes(device))).toEqual([])
        expect(Math.max(waiting.length, lists.closed.length)).toBeLessThanOrEqual(SuspendedRecord.most)
      }),
      { numRuns: 30 }
    )
  })
})
