import { type Chip, CivilTime, Id, Medium, Money, Point, type Tally } from "@yikatong/core"
import { Result } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Bytes from "../src/Bytes.ts"
import * as CampusFile from "../src/CampusFile.ts"
import * as CampusSlot from "../src/CampusSlot.ts"
import * as Crc32 from "../src/Crc32.ts"

const windows = ["breakfast", "lunch", "dinner", "other"]
const { day } = CivilTime
const lunch: Tally.Tally = {
  day: day("2026-03-02"),
  window: "lunch",
  mealDay: day("2026-03-02"),
  category: "canteen",
  medium: "physicalCard",
  sum: Money.of(1_250),
  count: 1
}
const slot: CampusSlot.CampusSlot = {
  standing: "active",
  purchaseSequence: 7,
  stamp: 0,
  validUntil: day("2026-06-01"),
  tallies: { cells: [lunch] }
}
const encoded = (slot: CampusSlot.CampusSlot): Bytes.Bytes => Result.getOrThrow(CampusSlot.encode(slot, windows))
const decoded = (bytes: Bytes.Bytes) => CampusSlot.decode(bytes, windows)

/** With a right checksum whatever stands in it. */
const sealed = (bytes: Bytes.Bytes): Bytes.Bytes => Bytes.join(bytes.subarray(0, 124), Crc32.of(bytes.subarray(0, 124)))
const altered = (at: number, byte: number): Bytes.Bytes =>
  sealed(encoded(slot).map((old, index) => index === at ? byte : old))

it("CRC-32 of 123456789 is CBF43926 (ISO/IEC 13239)", () =>
  expect(Bytes.hex(Crc32.of(new TextEncoder().encode("123456789")))).toBe("CBF43926"))

describe("a slot, byte by byte", () => {
  it("stands as its module says", () =>
    expect(Bytes.hex(encoded({ ...slot, endsOn: day("2026-07-01"), stamp: 3 })).slice(0, 62)).toBe(
      ["01", "01", "00000007", "0003", "00507D", "00509B", "000000", "005022", "01", "00800100000004E20001"].join("")
    ))

  it.each<[what: string, loads: number | undefined, bytes: string]>([
    ["none yet", 0, "000001"],
    ["one", 1, "000002"],
    ["the last there can be", 0xffff, "010000"],
    ["nobody knew", undefined, "000000"]
  ])("the loads that the purse had counted, from byte 121: %s", (_, loads, bytes) => {
    const written = encoded({ ...slot, ...(loads === undefined ? {} : { loadSequence: loads }) })
    expect(Bytes.hex(written.subarray(121, 124))).toBe(bytes)
    expect(Result.getOrThrow(decoded(written)).loadSequence).toBe(loads)
  })

  it.each<[what: string, bytes: Bytes.Bytes, problem: string]>([
    ["never written: zeros", new Uint8Array(128), "the checksum is wrong"],
    ["never written: ones", new Uint8Array(128).fill(0xff), "the checksum is wrong"],
    ["too short", encoded(slot).slice(1), "127 bytes instead of 128"],
    ["of another layout", altered(0, 2), "layout 2 is not known"],
    ["a standing that is not known", altered(1, 3), "standing 3 is not known"],
    ["no valid-until", altered(10, 0).fill(0, 8, 11), "the checksum is wrong"],
    ["a day before 1992", sealed(encoded(slot).fill(0, 8, 11)), "a day that does not exist"],
    ["more sums than fit", altered(20, 11), "11 sums"],
    ["a meal window without a name", altered(23, 4), "meal window 4 is not known"],
    ["a place that is not known", altered(24, 0x8f), "place 143 is not known"]
  ])("%s", (_, bytes, problem) => {
    const read = decoded(bytes)
    expect(Result.isFailure(read) && read.failure).toEqual({ _tag: "FileDamaged", file: "campus", problem })
  })
})

const cell = (change: Partial<Tally.Tally>): CampusSlot.CampusSlot => ({
  ...slot,
  tallies: { cells: [lunch, { ...lunch, window: "other", ...change }] }
})

describe("what does not fit is told before anything is written", () => {
  it.each<[what: string, slot: CampusSlot.CampusSlot, problem: string]>([
    [
      "eleven sums",
      { ...slot, tallies: { cells: Array.from({ length: 11 }, () => lunch) } },
      "11 sums, and room for 10"
    ],
    ["a meal window without a code", cell({ window: "midnight" }), "the meal window midnight has no code"],
    ["days too far apart", cell({ day: day("2025-03-02"), mealDay: day("2025-03-02") }), "the days lie too far apart"],
    ["a meal too far from its day", cell({ mealDay: day("2025-03-02") }), "the days lie too far apart"],
    ["a sum beyond four bytes", cell({ sum: Money.of(0x1_0000_0000) }), "a sum or a count is too large"],
    ["a count beyond two bytes", cell({ count: 0x1_0000 }), "a sum or a count is too large"],
    ["a stamp beyond two bytes", { ...slot, stamp: 0x1_0000 }, "stamped too often without a purchase"]
  ])("%s", (_, slot, problem) => {
    const written = CampusSlot.encode(slot, windows)
    expect(Result.isFailure(written) && written.failure).toEqual({ _tag: "NoRoomOnCard", file: "campus", problem })
  })

  it("every category and medium of the core has a code", () => {
    for (const category of Point.Category.literals) {
      for (const medium of Medium.Medium.literals) {
        const one = cell({ category, medium })
        expect(decoded(encoded(one))).toEqual(Result.succeed(one))
      }
    }
  })
})

const days = fc.integer({ min: 20_000, max: 20_200 }).map((days) => days as CivilTime.Day)
const tally = fc.record({
  day: days,
  window: fc.constantFrom(...windows),
  shift: fc.integer({ min: -7, max: 1 }),
  category: fc.constantFrom(...Point.Category.literals),
  medium: fc.constantFrom(...Medium.Medium.literals),
  sum: fc.integer({ min: 0, max: 0xffff_ffff }).map(Money.of),
  count: fc.integer({ min: 1, max: 0xffff })
}).map(({ shift, ...tally }): Tally.Tally => ({ ...tally, mealDay: tally.day + shift as CivilTime.Day }))

const slots = fc.record({
  standing: fc.constantFrom("notActivated", "active", "blocked"),
  purchaseSequence: fc.integer({ min: 0, max: 0xffff }),
  stamp: fc.integer({ min: 0, max: 0xffff }),
  validUntil: days,
  endsOn: days,
  loadSequence: fc.integer({ min: 0, max: 0xffff }),
  tallies: fc.record({ cells: fc.array(tally, { maxLength: 10 }), before: days }, { requiredKeys: ["cells"] })
}, { requiredKeys: ["standing", "purchaseSequence", "stamp", "validUntil", "tallies"] }).map((slot) =>
  slot as CampusSlot.CampusSlot
)

describe("properties of a slot", () => {
  it("what is written is read again", () =>
    fc.assert(fc.property(slots, (slot) => {
      expect(decoded(encoded(slot))).toEqual(Result.succeed(slot))
    })))

  it("one bit that is wrong is always found", () =>
    fc.assert(fc.property(slots, fc.nat(127), fc.nat(7), (slot, at, bit) => {
      const spoilt = encoded(slot).map((byte, index) => index === at ? byte ^ 1 << bit : byte)
      expect(Result.isFailure(decoded(spoilt))).toBe(true)
    })))

  it("a slot half over another is one of the two or none", () =>
    fc.assert(fc.property(slots, slots, fc.nat(128), (old, next, length) => {
      const torn = Bytes.join(encoded(next).subarray(0, length), encoded(old).subarray(length))
      const read = decoded(torn)
      if (Result.isSuccess(read)) expect([old, next]).toContainEqual(read.success)
    })))

  it("any bytes at all give a slot or say why not", () =>
    fc.assert(fc.property(fc.uint8Array({ minLength: 128, maxLength: 128 }), (bytes) => {
      expect(decoded(bytes)._tag).toBe("Failure")
      const read = decoded(sealed(bytes))
      expect(Result.isSuccess(read) || read.failure._tag === "FileDamaged").toBe(true)
    })))
})

const at = (purchaseSequence: number, stamp = 0): CampusSlot.CampusSlot => ({ ...slot, purchaseSequence, stamp })
const said = (file: CampusFile.CampusFile, counter: number): string => {
  const read = CampusFile.inForce(file, counter)
  if (Result.isSuccess(read)) return `${read.success.purchaseSequence}/${read.success.stamp}`
  return read.failure._tag === "CountersBehind" ? `behind by ${read.failure.purchases}` : read.failure.problem
}

describe("which slot is in force, and where may be written", () => {
  it.each<[CampusFile.CampusFile, counter: number, inForce: string, free: CampusFile.Place]>([
    [[at(7), undefined], 7, "7/0", 1],
    [[undefined, at(7)], 7, "7/0", 0],
    [[at(7), at(8)], 7, "7/0", 1],
    [[at(7), at(8)], 8, "8/0", 0],
    [[at(7, 1), at(7)], 7, "7/1", 1],
    [[at(7, 1), at(7, 2)], 7, "7/2", 0],
    [[at(7, 2), at(7, 2)], 7, "7/2", 1],
    [[at(7), undefined], 9, "behind by 2", 1],
    [[at(7), at(8)], 9, "behind by 1", 0],
    [[at(8), at(7)], 9, "behind by 1", 1],
    [[at(7), at(7, 1)], 9, "behind by 2", 0],
    [[at(7), at(12)], 9, "behind by 2", 1],
    [[at(12), undefined], 9, "it is ahead of the purse", 0],
    [[undefined, undefined], 9, "no slot is whole", 0]
  ])("%#: with the purse at %i", (...[file, counter, inForce, free]) => {
    expect(said(file, counter)).toBe(inForce)
    expect(CampusFile.free(file, counter)).toBe(free)
  })

  it("a file that is too short", () =>
    expect(CampusFile.decode(new Uint8Array(255), windows)).toMatchObject({ failure: { _tag: "FileDamaged" } }))
})

describe("D12: the stamp of the blacklist", () => {
  const blocked = { standing: "blocked", validUntil: day("2026-06-01") } as const
  const stamped = (file: CampusFile.CampusFile, counter: number): CampusFile.CampusFile => {
    const purse = { loadSequence: 4, purchaseSequence: counter }
    const write = Result.getOrThrow(CampusFile.forStamp(file, purse, blocked, windows))
    return CampusFile.written(file, write, windows)
  }
  it("is in force at once, and keeps the counters", () => {
    const file = stamped([at(7), at(6)], 7)
    expect(CampusFile.inForce(file, 7)).toEqual(Result.succeed({ ...at(7, 1), standing: "blocked", loadSequence: 4 }))
  })
  it("of a card whose counters are behind, they stay behind", () =>
    expect(said(stamped([at(7), at(6)], 9), 9)).toBe("behind by 2"))
  it("of a card that never bought anything, there was nothing to lose", () =>
    expect(said(stamped([undefined, undefined], 0), 0)).toBe("0/0"))
  it("of a damaged file, nobody makes counters up", () =>
    expect(
      CampusFile.forStamp([undefined, undefined], { loadSequence: 4, purchaseSequence: 3 }, blocked, windows)
    ).toMatchObject({ failure: { _tag: "FileDamaged" } }))
})

it("R28: sums that were spoilt do not come back by the first bytes of the next write", () => {
  const stale: CampusFile.CampusFile = [at(7), at(8)]
  const spoilt = CampusFile.forBareDebit(stale, 7)
  expect(spoilt).toEqual({ place: 1, offset: 252, bytes: new Uint8Array(4) })
  const bytes = Bytes.join(encoded(at(7)), encoded(at(8)))
  bytes.set(spoilt?.bytes ?? [], spoilt?.offset)
  for (let length = 0; length < 128; length++) {
    const torn = Bytes.join(bytes.subarray(0, 128), encoded(at(9)).subarray(0, length), bytes.subarray(128 + length))
    expect(said(Result.getOrThrow(CampusFile.decode(torn, windows)), 8)).toBe("behind by 1")
  }
})

/** A card with its purse's counter and 256 bytes, on which debits, stamps and torn writes happen in any order. */
const step = fc.record({
  what: fc.constantFrom("debit", "bare debit", "stamp", "write and no debit"),
  torn: fc.option(fc.nat(128)),
  sum: fc.integer({ min: 1, max: 9_999 })
})

describe("R28 D8: the slot in force survives every torn write of the other", () => {
  it("a chip is never read otherwise than it was written", () =>
    fc.assert(fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      let counter = 0
      let bytes: Bytes.Bytes = Bytes.join(encoded({ ...at(0), tallies: { cells: [] } }), new Uint8Array(128))
      /** What the chip must say, or nothing where its counters are behind. */
      let expected: CampusSlot.CampusSlot | undefined = { ...at(0), tallies: { cells: [] } }
      for (const { sum, torn, what } of steps) {
        const file = Result.getOrThrow(CampusFile.decode(bytes, windows))
        const after = {
          card: Id.CardId.make("card-1"),
          standing: "active",
          validUntil: slot.validUntil,
          purse: { balance: Money.of(0), loadSequence: sum, purchaseSequence: counter + 1 },
          tallies: { cells: [{ ...lunch, sum: Money.of(sum), count: counter + 1 }] }
        } satisfies Chip.Chip
        const write = what === "stamp"
          ? CampusFile.forStamp(
            file,
            { loadSequence: sum, purchaseSequence: counter },
            { standing: "blocked", validUntil: slot.validUntil },
            windows
          )
          : what === "bare debit"
          ? Result.succeed(CampusFile.forBareDebit(file, counter))
          : CampusFile.forDebit(file, counter, after, windows)
        const { bytes: data, offset } = Result.getOrThrow(write) ?? { bytes: new Uint8Array(), offset: 0 }
        const old = bytes
        const written = (length: number): Bytes.Bytes =>
          Bytes.join(old.subarray(0, offset), data.subarray(0, length), old.subarray(offset + length))
        bytes = written(Math.min(torn ?? data.length, data.length))
        // The last bytes may be the same: then what was torn is whole.
        if (Bytes.equal(bytes, written(data.length))) {
          if (what === "stamp" && expected !== undefined) {
            expected = { ...expected, standing: "blocked", stamp: expected.stamp + 1, loadSequence: sum }
          }
          if (what === "debit") {
            const { card: _card, purse: _purse, ...told } = after
            expected = { ...told, purchaseSequence: counter + 1, stamp: 0, loadSequence: sum }
          }
          if (what === "bare debit") expected = undefined
          if (what === "debit" || what === "bare debit") counter++
        }
        const read = CampusFile.inForce(Result.getOrThrow(CampusFile.decode(bytes, windows)), counter)
        if (expected === undefined) expect(read).toMatchObject({ failure: { _tag: "CountersBehind" } })
        else expect(read).toEqual(Result.succeed(expected))
      }
    })))
})
