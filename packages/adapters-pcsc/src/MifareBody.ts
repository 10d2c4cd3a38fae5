/**
 * What a cut-off terminal needs besides the purse 限额累计区 (D12), as it lies on an M1 card: standing, dates,
 * counters of day and meal.
 *
 * A head of sixteen bytes: standing (1 not activated, 2 active, 3 blocked), validUntil (2), the first day on which it
 * is dormant 有效期, endsOn (2), the last purchase before (2), the newest day of a counter (2), the number of purchases
 * that the counters include (2), a mark of the last load or purchase (4), how many counters there are (1). Then seven
 * bytes for each: window, category and medium (a nibble each), days before the newest of day and meal (a nibble each),
 * sum in fen (3), count (1). A day is two bytes, 1 for 1992-01-01 and on to 2171, 0 for none; the rest up to whole
 * blocks is zeros.
 */
import { Chip, CivilTime, Tally } from "@yikatong/core"
import { Result, Schema } from "effect"
import * as Bytes from "./Bytes.ts"
import type * as CardProblem from "./CardProblem.ts"
import * as ChipCodes from "./ChipCodes.ts"
import { blockSize } from "./MifareMap.ts"

/** `counted`: how many purchases the counters include; fewer than were made, where a terminal did not know them. */
export interface MifareBody extends Pick<Chip.Chip, "standing" | "validUntil" | "endsOn" | "tallies"> {
  readonly counted: number
}

/** A standing has its code and one, so that an empty block has none. */
const firstStanding = 1

const markAt = 11
const countAt = 15
const headLength = 16
const cellLength = 7

/** The last day that two bytes can tell. */
const lastDay = CivilTime.firstDay + 0xfffe
const dayOf = (day: number | undefined): Bytes.Bytes =>
  Bytes.ofNumber(day === undefined || day === 0 ? 0 : day - CivilTime.firstDay + 1, 2)

const noRoom = (problem: string): Result.Result<never, CardProblem.Of<"NoRoomOnCard">> =>
  Result.fail({ _tag: "NoRoomOnCard", file: "counters", problem })

const damaged = (problem: string): Result.Result<never, CardProblem.Of<"FileDamaged">> =>
  Result.fail({ _tag: "FileDamaged", file: "counters", problem })

/**
 * The whole blocks of a body, at most `room` bytes of them. `windows`: the names of the meal windows, each at the
 * place that is its number on the cards.
 */
export const encode = (
  { counted, endsOn, standing, tallies, validUntil }: MifareBody,
  windows: ReadonlyArray<string>,
  room: number
): Result.Result<Bytes.Bytes, CardProblem.Of<"NoRoomOnCard">> => {
  const { before, cells } = tallies
  const newest = Math.max(0, ...cells.flatMap(({ day, mealDay }) => [day, mealDay]))
  const length = Math.ceil((headLength + cells.length * cellLength) / blockSize) * blockSize
  if (length > room || cells.length > 0xff) return noRoom(`${cells.length} counters`)
  const parts: Array<Bytes.Bytes> = []
  for (const { category, count, day, mealDay, medium, sum, window } of cells) {
    const at = windows.indexOf(window)
    const kinds = [ChipCodes.of(ChipCodes.categories, category), ChipCodes.of(ChipCodes.media, medium)] as const
    if (at < 0 || at > 0xff) return noRoom("a meal window that has no number there")
    if (kinds[0] < 0 || kinds[1] < 0) return noRoom("a kind of place or medium that has no number there")
    const [daysAgo, mealDaysAgo] = [newest - day, newest - mealDay]
    if (daysAgo > 0xf || mealDaysAgo > 0xf) return noRoom("counters of days too far apart")
    if (sum > 0xff_ffff || count < 0 || count > 0xff) return noRoom("a counter that is too high")
    parts.push(Bytes.join(
      at,
      kinds[0] << 4 | kinds[1],
      daysAgo << 4 | mealDaysAgo,
      Bytes.ofNumber(sum, 3),
      count
    ))
  }
  if (Math.max(validUntil, endsOn ?? 0, before ?? 0, newest) > lastDay) return noRoom("a day after 2171-06-06")
  const head = Bytes.join(
    ChipCodes.of(ChipCodes.standings, standing) + firstStanding,
    dayOf(validUntil),
    dayOf(endsOn),
    dayOf(before),
    dayOf(newest),
    Bytes.ofNumber(counted, 2),
    new Uint8Array(countAt - markAt),
    cells.length
  )
  const written = Bytes.join(head, ...parts)
  return Result.succeed(Bytes.join(written, new Uint8Array(length - written.length)))
}

/** The mark of the last load or purchase, 4 bytes. */
export const markOf = (body: Bytes.Bytes): Bytes.Bytes => body.slice(markAt, countAt)

/** The same body with this mark. One that is too short for it is none of ours, and stays as it is. */
export const marked = (body: Bytes.Bytes, mark: Bytes.Bytes): Bytes.Bytes =>
  body.length < headLength ? body : Bytes.join(body.slice(0, markAt), mark, body.slice(countAt))

const Read = Schema.Struct({
  standing: Chip.Chip.fields.standing,
  validUntil: Chip.Chip.fields.validUntil,
  endsOn: Chip.Chip.fields.endsOn,
  tallies: Tally.Tallies,
  counted: Schema.Int
})
const read = Schema.decodeUnknownResult(Read)

/** The body that these blocks are. Every value is one that core takes, or it is a problem. */
export const decode = (
  bytes: Bytes.Bytes,
  windows: ReadonlyArray<string>
): Result.Result<MifareBody, CardProblem.Of<"FileDamaged">> => {
  const [standing = 0] = bytes
  const count = bytes[countAt] ?? 0
  if (bytes.length < headLength + count * cellLength) return damaged("it is too short")
  const number = (from: number, to: number): number => Bytes.toNumber(bytes.subarray(from, to))
  const dayAt = (from: number): number => number(from, from + 2) + CivilTime.firstDay - 1
  const maybe = (name: string, from: number) => number(from, from + 2) === 0 ? {} : { [name]: dayAt(from) }
  const newest = dayAt(7)
  const cells = Array.from({ length: count }, (_, cell) => {
    const at = headLength + cell * cellLength
    const kinds = number(at + 1, at + 2)
    const days = number(at + 2, at + 3)
    return {
      window: windows[number(at, at + 1)],
      category: ChipCodes.categories[kinds >> 4],
      medium: ChipCodes.media[kinds & 0xf],
      day: newest - (days >> 4),
      mealDay: newest - (days & 0xf),
      sum: number(at + 3, at + 6),
      count: number(at + 6, at + 7)
    }
  })
  const body = read({
    standing: ChipCodes.standings[standing - firstStanding],
    validUntil: dayAt(1),
    ...maybe("endsOn", 3),
    tallies: { cells, ...maybe("before", 5) },
    counted: number(9, 11)
  })
  return Result.isSuccess(body) ? Result.succeed(body.success) : damaged("a value that is none of ours")
}
