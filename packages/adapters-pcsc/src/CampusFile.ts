/**
 * The campus file 校园信息文件 on the card (256 bytes): two slots, of which one is in force.
 *
 * The purse knows nothing of this file, and still both change together: a slot stands for one value of the purse's
 * offline counter, and the slot for the counter as it will be is written before the debit, into the place that is not
 * in force. The debit itself then puts it in force. A slot that was half written, or whose debit never came, is the
 * other one still.
 */
import type { Chip } from "@yikatong/core"
import { Result } from "effect"
import type * as Bytes from "./Bytes.ts"
import * as CampusSlot from "./CampusSlot.ts"
import type { Of } from "./CardProblem.ts"

/** Its length in bytes. */
export const length = 2 * CampusSlot.length

/** The two slots; one that is not whole is left out. */
export type CampusFile = readonly [CampusSlot.CampusSlot | undefined, CampusSlot.CampusSlot | undefined]

/** Which of the two. */
export type Place = 0 | 1

/** What is to be written, and where. */
export interface Write {
  readonly place: Place
  readonly offset: number
  readonly bytes: Bytes.Bytes
}

const damaged = (problem: string): Result.Result<never, Of<"FileDamaged">> =>
  Result.fail({ _tag: "FileDamaged", file: "campus", problem })

/** What the file says. Fails only where it is too short: damaged slots are left out. */
export const decode = (
  bytes: Bytes.Bytes,
  windows: ReadonlyArray<string>
): Result.Result<CampusFile, Of<"FileDamaged">> => {
  if (bytes.length !== length) return damaged(`${bytes.length} bytes instead of ${length}`)
  const slot = (place: Place): CampusSlot.CampusSlot | undefined => {
    const read = CampusSlot.decode(bytes.subarray(place * CampusSlot.length, (place + 1) * CampusSlot.length), windows)
    return Result.isSuccess(read) ? read.success : undefined
  }
  return Result.succeed([slot(0), slot(1)])
}

const stands = (slot: CampusSlot.CampusSlot | undefined, counter: number): boolean => slot?.purchaseSequence === counter

/** Where the slot in force is, for this offline counter of the purse. */
const placeInForce = ([first, second]: CampusFile, counter: number): Place | undefined => {
  if (!stands(first, counter)) return stands(second, counter) ? 1 : undefined
  return stands(second, counter) && (second?.stamp ?? 0) > (first?.stamp ?? 0) ? 1 : 0
}

/** The newest slot that stands for a smaller counter. */
const placeBehind = (file: CampusFile, counter: number): Place | undefined => {
  const isBehind = (place: Place): boolean => (file[place]?.purchaseSequence ?? Infinity) < counter
  if (isBehind(0) && isBehind(1)) return isNewer(file[1], file[0]) ? 1 : 0
  return isBehind(0) ? 0 : isBehind(1) ? 1 : undefined
}

const isNewer = (one: CampusSlot.CampusSlot | undefined, other: CampusSlot.CampusSlot | undefined): boolean => {
  if (one === undefined || other === undefined) return one !== undefined
  const difference = one.purchaseSequence - other.purchaseSequence
  return difference > 0 || (difference === 0 && one.stamp > other.stamp)
}

/** The slot in force, for this offline counter of the purse. */
export const inForce = (
  file: CampusFile,
  counter: number
): Result.Result<CampusSlot.CampusSlot, Of<"FileDamaged"> | Of<"CountersBehind">> => {
  const place = placeInForce(file, counter)
  const slot = place === undefined ? undefined : file[place]
  if (slot !== undefined) return Result.succeed(slot)
  const behind = placeBehind(file, counter)
  const older = behind === undefined ? undefined : file[behind]
  if (older !== undefined) return Result.fail({ _tag: "CountersBehind", purchases: counter - older.purchaseSequence })
  return damaged(file[0] === undefined && file[1] === undefined ? "no slot is whole" : "it is ahead of the purse")
}

/** Where may be written: never over the slot in force, nor over the newest of those that are behind. */
export const free = (file: CampusFile, counter: number): Place =>
  (placeInForce(file, counter) ?? placeBehind(file, counter)) === 0 ? 1 : 0

const write = (place: Place, bytes: Bytes.Bytes): Write => ({ place, offset: place * CampusSlot.length, bytes })

/** What is to be written before a debit. `counter`: as it is before; `after`: the chip as it is to be. */
export const forDebit = (
  file: CampusFile,
  counter: number,
  { endsOn, purse: { loadSequence, purchaseSequence }, standing, tallies, validUntil }: Chip.Chip,
  windows: ReadonlyArray<string>
): Result.Result<Write, Of<"NoRoomOnCard">> => {
  const slot = {
    standing,
    tallies,
    validUntil,
    loadSequence,
    purchaseSequence,
    stamp: 0,
    ...(endsOn === undefined ? {} : { endsOn })
  }
  return Result.map(CampusSlot.encode(slot, windows), (bytes) => write(free(file, counter), bytes))
}

/**
 * What is to be written before a debit whose counters nobody knows: if the free slot stands for the counter as it will
 * be, the sums of another purchase, which never came, would be in force. Its checksum is spoilt, which comes last: were
 * it the first byte, a later write that is torn could make it whole again.
 */
export const forBareDebit = (file: CampusFile, counter: number): Write | undefined => {
  const place = file.findIndex((slot) => stands(slot, counter + 1))
  if (place < 0) return undefined
  const offset = place * CampusSlot.length + CampusSlot.checksumAt
  return { place: place === 0 ? 0 : 1, offset, bytes: new Uint8Array(4) }
}

/** Standing and dates, as a stamp writes them. */
export type Stamped = Pick<Chip.Chip, "standing" | "validUntil" | "endsOn">

/**
 * What is to be written to stamp the card: the slot in force with another standing and other dates. Where the counters
 * are behind they stay so. A card that never bought anything has nothing to be behind with, whatever the file holds.
 * `purse`: its counters, as they are.
 */
export const forStamp = (
  file: CampusFile,
  { loadSequence, purchaseSequence: counter }: Pick<Chip.Reading, "loadSequence" | "purchaseSequence">,
  { endsOn, standing, validUntil }: Stamped,
  windows: ReadonlyArray<string>
): Result.Result<Write, Of<"FileDamaged"> | Of<"NoRoomOnCard">> => {
  const place = placeInForce(file, counter) ?? placeBehind(file, counter)
  const slot = place === undefined ? undefined : file[place]
  if (slot === undefined && counter !== 0) return damaged("no slot is whole")
  const next: CampusSlot.CampusSlot = {
    standing,
    validUntil,
    tallies: slot?.tallies ?? { cells: [] },
    loadSequence,
    purchaseSequence: slot?.purchaseSequence ?? counter,
    stamp: slot === undefined ? 0 : slot.stamp + 1,
    ...(endsOn === undefined ? {} : { endsOn })
  }
  return Result.map(CampusSlot.encode(next, windows), (bytes) => write(free(file, counter), bytes))
}

/** The file after a write, as far as it was carried out. */
export const written = (file: CampusFile, { bytes, place }: Write, windows: ReadonlyArray<string>): CampusFile => {
  const slot = CampusSlot.decode(bytes, windows)
  const now = Result.isSuccess(slot) ? slot.success : undefined
  return place === 0 ? [now, file[1]] : [file[0], now]
}
