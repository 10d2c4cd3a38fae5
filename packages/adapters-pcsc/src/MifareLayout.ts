/**
 * Where the purse lies on an M1 card 扇区分配: the sectors of its main and of its backup slot.
 *
 * The first data block of a slot's first sector is its record, the others follow in their order. Sector 0 is left to
 * the directory of applications (MAD), as NXP AN10787 has it.
 */
import { Schema } from "effect"
import { blockSize, dataOf, extent, type Size } from "./MifareMap.ts"
import * as MifareSlot from "./MifareSlot.ts"

/** The two slots of a purse. */
export type SlotName = "main" | "backup"

const Sectors = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: extent["4K"].sectors - 1 })))

/** No sector stands twice, and each slot has one at least. */
export const MifareLayout = Schema.Struct({ main: Sectors, backup: Sectors }).check(Schema.makeFilter(
  ({ backup, main }: { readonly main: ReadonlyArray<number>; readonly backup: ReadonlyArray<number> }) =>
    main.length > 0 && backup.length > 0 && new Set([...main, ...backup]).size === main.length + backup.length,
  { expected: "sectors for the main and the backup slot, no one of them twice" }
))
export type MifareLayout = typeof MifareLayout.Type

/** Two sectors for each: room for nine counters of meals and days. */
export const usual: MifareLayout = { main: [1, 2], backup: [3, 4] }

/** The blocks of a slot, its record first. */
export const blocksOf = (layout: MifareLayout, slot: SlotName): ReadonlyArray<number> => layout[slot].flatMap(dataOf)

/** How many bytes there are besides the record: as many as fit into both slots. */
export const roomOf = (layout: MifareLayout): number =>
  blockSize *
  Math.min(blocksOf(layout, "main").length - 1, blocksOf(layout, "backup").length - 1, MifareSlot.last.blocks)

/** Whether a card of this size has all of these sectors. */
export const fits = ({ backup, main }: MifareLayout, size: Size): boolean =>
  [...main, ...backup].every((sector) => sector < extent[size].sectors)
