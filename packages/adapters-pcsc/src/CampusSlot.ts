/**
 * One slot of the campus file 校园信息区: what a cut-off terminal needs besides the purse (D12), for one value of the
 * purse's offline counter. 128 bytes, of which the last four are a checksum, so that a half-written slot is never taken
 * for one.
 *
 * | bytes   | meaning                                                                         |
 * | ------- | ------------------------------------------------------------------------------- |
 * | 0       | version of this layout, 01                                                      |
 * | 1       | standing: 00 not activated, 01 active, 02 blocked                               |
 * | 2-5     | the offline counter of the purse for which the slot stands                      |
 * | 6-7     | the number of the stamp: of two slots for one counter the higher is in force    |
 * | 8-10    | valid until 有效期: the first day on which it is dormant, in days since 1970-01-01 |
 * | 11-13   | the last day of a temporary card, or zeros                                      |
 * | 14-16   | the last day with a purchase before the cells, or zeros                         |
 * | 17-19   | the newest day of the cells                                                     |
 * | 20      | how many cells there are, at most ten                                           |
 * | 21-120  | cells of ten bytes: days before the newest, meal day less day plus 128, window, |
 * |         | category and medium (four bits each), sum in fen (4), count (2)                 |
 * | 121-123 | the loads that the purse had counted when this was written, plus one; zeros where |
 * |         | nobody knew (`LoadCounter`)                                                     |
 * | 124-127 | CRC-32 of the bytes before                                                      |
 *
 * Meal windows are names that a school gives: their codes are their places in its list, to which names may only be
 * appended.
 */
import { type Chip, CivilTime, Money, type Tally } from "@yikatong/core"
import { Result } from "effect"
import * as Bytes from "./Bytes.ts"
import type { Of } from "./CardProblem.ts"
import * as ChipCodes from "./ChipCodes.ts"
import * as Crc32 from "./Crc32.ts"

/** Its length in bytes. */
export const length = 128

/** Where its checksum stands. */
export const checksumAt = length - 4

/** So many cells has it room for. */
export const mostCells = 10

const version = 1
const cellLength = 10
const firstCell = 21
const loadsAt = 121

/**
 * What stands in it. `stamp`: 0 to 65,535; `loadSequence`: the online counter of the purse when this was written, left
 * out where nobody knew it.
 */
export interface CampusSlot extends Pick<Chip.Chip, "standing" | "tallies" | "validUntil" | "endsOn"> {
  readonly purchaseSequence: number
  readonly stamp: number
  readonly loadSequence?: number
}

const noRoom = (problem: string): Result.Result<never, Of<"NoRoomOnCard">> =>
  Result.fail({ _tag: "NoRoomOnCard", file: "campus", problem })

/**
 * The 128 bytes, or why they can not hold it. `windows`: the names of the meal windows, in the order of their codes.
 */
export const encode = (
  slot: CampusSlot,
  windows: ReadonlyArray<string>
): Result.Result<Bytes.Bytes, Of<"NoRoomOnCard">> => {
  const {
    endsOn = 0,
    loadSequence = -1,
    purchaseSequence,
    stamp,
    standing,
    tallies: { before = 0, cells },
    validUntil
  } = slot
  if (cells.length > mostCells) return noRoom(`${cells.length} sums, and room for ${mostCells}`)
  if (stamp > 0xffff) return noRoom("stamped too often without a purchase")
  const newest = cells.reduce((latest, { day }) => Math.max(latest, day), 0)
  const written: Array<Bytes.Bytes> = []
  for (const cell of cells) {
    const bytes = encodeCell(cell, newest, windows)
    if (Result.isFailure(bytes)) return Result.fail(bytes.failure)
    written.push(bytes.success)
  }
  const head = Bytes.join(
    version,
    ChipCodes.of(ChipCodes.standings, standing),
    Bytes.ofNumber(purchaseSequence, 4),
    Bytes.ofNumber(stamp, 2),
    Bytes.ofNumber(validUntil, 3),
    Bytes.ofNumber(endsOn, 3),
    Bytes.ofNumber(before, 3),
    Bytes.ofNumber(newest, 3),
    cells.length,
    ...written
  )
  const counted = Bytes.join(head, new Uint8Array(loadsAt - head.length), Bytes.ofNumber(loadSequence + 1, 3))
  const body = Bytes.join(counted, new Uint8Array(checksumAt - counted.length))
  return Result.succeed(Bytes.join(body, Crc32.of(body)))
}

const encodeCell = (
  { category, count, day, mealDay, medium, sum, window }: Tally.Tally,
  newest: number,
  windows: ReadonlyArray<string>
): Result.Result<Bytes.Bytes, Of<"NoRoomOnCard">> => {
  const meal = ChipCodes.of(windows, window)
  if (meal < 0 || meal > 0xff) return noRoom(`the meal window ${window} has no code`)
  const age = newest - day
  const shift = mealDay - day + 128
  if (age > 0xff || shift < 0 || shift > 0xff) return noRoom("the days lie too far apart")
  if (sum > 0xffff_ffff || count > 0xffff) return noRoom("a sum or a count is too large")
  const place = ChipCodes.of(ChipCodes.categories, category) << 4 | ChipCodes.of(ChipCodes.media, medium)
  return Result.succeed(Bytes.join(age, shift, meal, place, Bytes.ofNumber(sum, 4), Bytes.ofNumber(count, 2)))
}

const damaged = (problem: string): Result.Result<never, Of<"FileDamaged">> =>
  Result.fail({ _tag: "FileDamaged", file: "campus", problem })

const isDay = (days: number): days is CivilTime.Day => days >= CivilTime.firstDay && days <= CivilTime.lastDay
const isUnset = (days: number): boolean => days === 0

/** What 128 bytes say, if they are whole and of this layout. */
export const decode = (
  bytes: Bytes.Bytes,
  windows: ReadonlyArray<string>
): Result.Result<CampusSlot, Of<"FileDamaged">> => {
  if (bytes.length !== length) return damaged(`${bytes.length} bytes instead of ${length}`)
  const number = (from: number, to: number): number => Bytes.toNumber(bytes.subarray(from, to))
  if (!Bytes.equal(Crc32.of(bytes.subarray(0, checksumAt)), bytes.subarray(checksumAt))) {
    return damaged("the checksum is wrong")
  }
  if (bytes[0] !== version) return damaged(`layout ${bytes[0]} is not known`)
  const standing = ChipCodes.standings[bytes[1] ?? 0xff]
  if (standing === undefined) return damaged(`standing ${bytes[1]} is not known`)
  const validUntil = number(8, 11)
  const endsOn = number(11, 14)
  const before = number(14, 17)
  const newest = number(17, 20)
  const count = bytes[20] ?? 0
  const loads = number(loadsAt, loadsAt + 3)
  if (!isDay(validUntil) || !(isUnset(endsOn) || isDay(endsOn)) || !(isUnset(before) || isDay(before))) {
    return damaged("a day that does not exist")
  }
  if (count > mostCells) return damaged(`${count} sums`)
  const cells: Array<Tally.Tally> = []
  for (let cell = 0; cell < count; cell++) {
    const from = firstCell + cell * cellLength
    const read = decodeCell(bytes.subarray(from, from + cellLength), newest, windows)
    if (Result.isFailure(read)) return Result.fail(read.failure)
    cells.push(read.success)
  }
  return Result.succeed({
    standing,
    purchaseSequence: number(2, 6),
    stamp: number(6, 8),
    validUntil,
    tallies: isDay(before) ? { cells, before } : { cells },
    ...(isDay(endsOn) ? { endsOn } : {}),
    ...(loads === 0 ? {} : { loadSequence: loads - 1 })
  })
}

const decodeCell = (
  bytes: Bytes.Bytes,
  newest: number,
  windows: ReadonlyArray<string>
): Result.Result<Tally.Tally, Of<"FileDamaged">> => {
  const [age = 0, shift = 0, meal = 0, place = 0] = bytes
  const day = newest - age
  const mealDay = day + shift - 128
  const window = windows[meal]
  const category = ChipCodes.categories[place >> 4]
  const medium = ChipCodes.media[place & 0x0f]
  if (!isDay(day) || !isDay(mealDay)) return damaged("a day that does not exist")
  if (window === undefined) return damaged(`meal window ${meal} is not known`)
  if (category === undefined || medium === undefined) return damaged(`place ${place} is not known`)
  const sum = Money.of(Bytes.toNumber(bytes.subarray(4, 8)))
  return Result.succeed({
    day,
    window,
    mealDay,
    category,
    medium,
    sum,
    count: Bytes.toNumber(bytes.subarray(8, 10))
  })
}
