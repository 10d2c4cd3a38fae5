/**
 * The memory of an M1 card 存储结构: blocks of 16 bytes in sectors; the last block of each sector is its trailer,
 * with the keys.
 *
 * A card of 1 KB has 16 sectors of 4 blocks; one of 4 KB has 32 of these, and 8 sectors of 16 blocks after them.
 */
import { Result } from "effect"
import * as Bytes from "./Bytes.ts"
import type * as CardProblem from "./CardProblem.ts"

export type Size = "1K" | "4K"

/** The size of a block, in bytes. */
export const blockSize = 16

/** How many sectors and blocks a card of this size has. */
export const extent: Readonly<Record<Size, { readonly sectors: number; readonly blocks: number }>> = {
  "1K": { sectors: 16, blocks: 64 },
  "4K": { sectors: 40, blocks: 256 }
}

/** The sector of a block. */
export const sectorOf = (block: number): number => block < 128 ? block >> 2 : 32 + (block - 128 >> 4)

/** The first block of a sector. */
export const firstOf = (sector: number): number => sector < 32 ? 4 * sector : 128 + 16 * (sector - 32)

/** The last block of a sector: its keys and access bits. */
export const trailerOf = (sector: number): number => firstOf(sector) + (sector < 32 ? 3 : 15)

/** The blocks of a sector that hold data; block 0 is the manufacturer's. */
export const dataOf = (sector: number): ReadonlyArray<number> => {
  const first = Math.max(1, firstOf(sector))
  return Array.from({ length: trailerOf(sector) - first }, (_, at) => first + at)
}

/** Whether a block holds no data: block 0, or a trailer. */
export const isReserved = (block: number): boolean => block === 0 || block === trailerOf(sectorOf(block))

/** Which of the four groups of its sector's access bits a block belongs to; 3 is the trailer. */
export const groupOf = (block: number): number => {
  const within = block - firstOf(sectorOf(block))
  return block < 128 ? within : Math.floor(within / 5)
}

/** What readers say for storage cards of ISO/IEC 14443 A; the card's name follows. PC/SC part 3, 3.1.3.2.3. */
const said = Bytes.of("3B 8F 80 01 80 4F 0C A0 00 00 03 06 03")

/** The answer to reset that a reader gives for an M1 card. */
export const atrOf = (size: Size): Bytes.Bytes => {
  const unchecked = Bytes.join(said, 0x00, size === "1K" ? 0x01 : 0x02, 0, 0, 0, 0)
  return Bytes.join(unchecked, unchecked.subarray(1).reduce((sum, byte) => sum ^ byte, 0))
}

/** The size of the card that a reader gave this answer to reset for; a problem where it is no M1 card. */
export const sizeOf = (atr: Bytes.Bytes): Result.Result<Size, CardProblem.CardProblem> => {
  const size = (["1K", "4K"] as const).find((size) => Bytes.equal(atrOf(size), atr))
  return size === undefined
    ? Result.fail({ _tag: "UnknownCardType", atr: Bytes.hex(atr) })
    : Result.succeed(size)
}
