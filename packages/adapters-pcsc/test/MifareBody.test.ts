import { CivilTime, type Medium, Money } from "@yikatong/core"
import { Result } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Bytes from "../src/Bytes.ts"
import * as MifareBody from "../src/MifareBody.ts"
import { chip } from "./support/M1Card.ts"

const windows = ["other", "breakfast", "lunch", "dinner"]

describe("standing, dates and counters on the chip (D12)", () => {
  it("a page out of the book", () => {
    const { standing, tallies, validUntil } = chip
    const body = { standing, tallies, validUntil, counted: 7 }
    const written = MifareBody.encode(body, windows, 80)
    // Active, 2026-06-02 is the 12572nd day from 1992 on = 311C, no end, nothing before, 2026-03-02 is the 12480th =
    // 30C0, 7 counted, no mark, 2 cells; breakfast, canteen and card, today, 3.50, once; lunch, 12.00, once.
    const expected = "02 311C 0000 0000 30C0 0007 00000000 02" + "01 00 00 00015E 01" + "02 00 00 0004B0 01" + "0000"
    expect(Bytes.hex(Result.getOrThrow(written))).toBe(expected.replaceAll(" ", ""))
    expect(MifareBody.decode(Bytes.of(expected), windows)).toStrictEqual(Result.succeed(body))
  })

  it.each([
    ["nothing", ""],
    ["half a head", "02 00507E 000000"],
    ["a standing that there is none of", "09 311C 0000 0000 30C0 0007 00000000 00"],
    ["a card that was never valid", "02 0000 0000 0000 30C0 0007 00000000 00"],
    [
      "counters before there were days",
      "02 311C 0000 0000 0000 0007 00000000 01" + "01 00 00 00015E 01" + "00".repeat(9)
    ],
    ["more counters than there are bytes", "02 311C 0000 0000 30C0 0007 00000000 01"],
    ["a window without a name", "02 311C 0000 0000 30C0 0007 00000000 01" + "04 00 00 00015E 01" + "00".repeat(9)],
    ["a place of no kind", "02 311C 0000 0000 30C0 0007 00000000 01" + "01 80 00 00015E 01" + "00".repeat(9)],
    ["a medium of no kind", "02 311C 0000 0000 30C0 0007 00000000 01" + "01 06 00 00015E 01" + "00".repeat(9)]
  ])("%s: FileDamaged", (_, written) => {
    expect(MifareBody.decode(Bytes.of(written), windows)).toMatchObject(
      Result.fail({ _tag: "FileDamaged", file: "counters" })
    )
  })

  it("any bytes are a body or a problem, never an exception", () =>
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(Result.isResult(MifareBody.decode(bytes, windows))).toBe(true)
    })))

  const lastOnChip = CivilTime.firstDay + 0xfffe
  const day = fc.integer({ min: CivilTime.firstDay + 20, max: lastOnChip })
  const someDay = fc.option(day, { nil: undefined })
  const cells = fc.tuple(
    day,
    fc.array(
      fc.record({
        window: fc.constantFrom(...windows),
        daysAgo: fc.nat({ max: 15 }),
        mealDaysAgo: fc.nat({ max: 15 }),
        category: fc.constantFrom("canteen", "shop", "kiosk", "counter", "bankWindow", "app", "office", "access"),
        medium: fc.constantFrom<Medium.Medium>("physicalCard", "alipayCode", "keyRing"),
        sum: fc.nat({ max: 0xff_ffff }).map(Money.of),
        count: fc.integer({ min: 1, max: 255 })
      }),
      { maxLength: 9 }
    )
  ).map(([newest, cells]) =>
    cells.map(({ daysAgo, mealDaysAgo, ...cell }) => ({
      ...cell,
      day: newest - daysAgo as CivilTime.Day,
      mealDay: newest - mealDaysAgo as CivilTime.Day
    }))
  )

  it("a day that two bytes can not tell has no room", () => {
    const late = {
      standing: "active",
      validUntil: (lastOnChip + 1) as CivilTime.Day,
      tallies: { cells: [] },
      counted: 0
    } as const
    expect(MifareBody.encode(late, windows, 80)).toMatchObject(Result.fail({ _tag: "NoRoomOnCard" }))
  })

  it("the mark of the last purchase is put in and read, and nothing else changes", () => {
    const mark = Bytes.of("A1B2C3D4")
    const body = Bytes.of("02 311C 0000 0000 30C0 0007 00000000 00")
    expect(Bytes.hex(MifareBody.marked(body, mark))).toBe("02311C0000000030C00007A1B2C3D400")
    expect(MifareBody.markOf(MifareBody.marked(body, mark))).toEqual(mark)
    expect(Bytes.hex(MifareBody.marked(Bytes.of("02"), mark))).toBe("02")
  })

  it("all that has room comes back", () =>
    fc.assert(fc.property(
      fc.constantFrom("notActivated", "active", "blocked"),
      day,
      someDay,
      someDay,
      cells,
      fc.nat({ max: 0xffff }),
      (standing, validUntil, endsOn, before, cells, counted) => {
        const body = {
          standing,
          validUntil: validUntil as CivilTime.Day,
          ...(endsOn === undefined ? {} : { endsOn: endsOn as CivilTime.Day }),
          tallies: { cells, ...(before === undefined ? {} : { before: before as CivilTime.Day }) },
          counted
        }
        const written = MifareBody.encode(body, windows, 80)
        // Cells that lie further apart than fifteen days have no place.
        const days = cells.flatMap(({ day, mealDay }) => [day, mealDay])
        if (Math.max(0, ...days) - Math.min(Infinity, ...days) > 15) {
          expect(written).toMatchObject(Result.fail({ _tag: "NoRoomOnCard" }))
          return
        }
        expect(Result.flatMap(written, (bytes) => MifareBody.decode(bytes, windows))).toStrictEqual(
          Result.succeed(body)
        )
      }
    )))
})
