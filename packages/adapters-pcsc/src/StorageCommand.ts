/**
 * The pseudo-APDUs for storage cards 存储卡指令, of class FF: the reader answers them, and speaks to the card in the
 * card's own way.
 *
 * Source: PC/SC part 3, 3.2.2; what is a maker's own is told by the `ReaderProfile`. Blocks are named in P2.
 */
import type * as Apdu from "./Apdu.ts"
import * as Bytes from "./Bytes.ts"
import type { KeyKind, ReaderProfile } from "./ReaderProfile.ts"
import * as ValueBlock from "./ValueBlock.ts"

const pseudo = { cla: 0xff, p1: 0x00 } as const

/** The number of a kind of key in the air and in commands. */
export const kindByte: Readonly<Record<KeyKind, number>> = { A: 0x60, B: 0x61 }

/** GET DATA: the UID. */
export const uid: Apdu.Command = { ...pseudo, ins: 0xca, p2: 0x00, expected: 0x100 }

/** LOAD KEY: six bytes into the memory of the reader. */
export const loadKey = ({ load, structure }: ReaderProfile, kind: KeyKind, key: Bytes.Bytes): Apdu.Command => ({
  cla: 0xff,
  ins: 0x82,
  p1: structure,
  p2: load[kind],
  data: key
})

/** GENERAL AUTHENTICATE of the sector of this block, or what came before it. The old form is no APDU: hence bytes. */
export const authenticate = (
  { authenticate, authentication }: ReaderProfile,
  block: number,
  kind: KeyKind
): Bytes.Bytes =>
  authentication === "general"
    ? Bytes.join(Bytes.of("FF 86 00 00 05 01 00"), block, kindByte[kind], authenticate[kind])
    : Bytes.join(Bytes.of("FF 88 00"), block, kindByte[kind], authenticate[kind])

/** READ BINARY of a whole block. */
export const read = (block: number): Apdu.Command => ({ ...pseudo, ins: 0xb0, p2: block, expected: 0x10 })

/** UPDATE BINARY of a whole block. */
export const update = (block: number, data: Bytes.Bytes): Apdu.Command => ({ ...pseudo, ins: 0xd6, p2: block, data })

/** What ACS readers do with a value block: 0 store, 1 increment, 2 decrement. The value has the highest byte first. */
export const acsValue = (block: number, operation: 0 | 1 | 2, value: number): Apdu.Command => ({
  ...pseudo,
  ins: 0xd7,
  p2: block,
  data: Bytes.join(operation, ValueBlock.littleEndian(value).reverse())
})

/** Copies a value block to another block of its sector. ACS. */
export const acsRestore = (from: number, to: number): Apdu.Command => ({
  ...pseudo,
  ins: 0xd7,
  p2: from,
  data: Uint8Array.of(3, to)
})

/** Reads a value, four bytes, the highest first. ACS. */
export const acsReadValue = (block: number): Apdu.Command => ({ ...pseudo, ins: 0xb1, p2: block, expected: 4 })

/** What SCM readers do with a value block. The value has the lowest byte first. */
export const scmValue = (block: number, operation: "increment" | "decrement", value: number): Apdu.Command => ({
  ...pseudo,
  ins: 0xf0,
  p2: block,
  data: Bytes.join(operation === "increment" ? 0xc0 : 0xc1, block, ValueBlock.littleEndian(value))
})
