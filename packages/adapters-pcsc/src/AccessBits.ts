/**
 * Who may do what in a sector of an M1 card 存取控制: three bits for each of its four groups of blocks, kept twice in
 * the trailer, once inverted.
 *
 * A condition is C1 C2 C3 as one number: 0b100 is C1 alone. Source: NXP, MF1S50yyX data sheet, 8.7.
 */
import * as Bytes from "./Bytes.ts"
import type { KeyKind } from "./ReaderProfile.ts"

/** The conditions of the three groups of data blocks, and of the trailer. */
export type Conditions = readonly [number, number, number, number]

export type Access = "read" | "write" | "increment" | "decrement"

const bitsOf = (conditions: Conditions, bit: 0 | 1 | 2): number =>
  conditions.reduce((sum, condition, group) => sum | (condition >> (2 - bit) & 1) << group, 0)

/** Bytes 6 to 8 of a trailer. */
export const encode = (conditions: Conditions): Bytes.Bytes => {
  const [c1, c2, c3] = [bitsOf(conditions, 0), bitsOf(conditions, 1), bitsOf(conditions, 2)]
  return Uint8Array.of((c2 ^ 0xf) << 4 | c1 ^ 0xf, c1 << 4 | c3 ^ 0xf, c3 << 4 | c2)
}

/**
 * The conditions that bytes 6 to 8 of a trailer are; nothing where the copies disagree: such a sector is locked for
 * ever.
 */
export const decode = (bytes: Bytes.Bytes): Conditions | undefined => {
  const [, second = 0, third = 0] = bytes
  const [c1, c2, c3] = [second >> 4, third & 0xf, third >> 4]
  const of = (group: number): number => (c1 >> group & 1) << 2 | (c2 >> group & 1) << 1 | c3 >> group & 1
  const conditions: Conditions = [of(0), of(1), of(2), of(3)]
  return Bytes.equal(encode(conditions), bytes) ? conditions : undefined
}

/** As cards leave the factory: key A may do everything. FF 07 80. */
export const transport: Conditions = [0b000, 0b000, 0b000, 0b001]

/** As a card of the campus has it: key A reads, key B writes, also the trailer; no value commands. 78 77 88. */
export const campus: Conditions = [0b100, 0b100, 0b100, 0b011]

const nobody = ""
const dataRights: Readonly<Record<Access, ReadonlyArray<string>>> = {
  // By condition, 000 to 111: which keys may.
  read: ["AB", "AB", "AB", "B", "AB", "B", "AB", nobody],
  write: ["AB", nobody, nobody, "B", "B", nobody, "B", nobody],
  increment: ["AB", nobody, nobody, nobody, nobody, nobody, "B", nobody],
  decrement: ["AB", "AB", nobody, nobody, nobody, nobody, "AB", nobody]
}

/** Whether this key may do this to the blocks of a group; `decrement` stands for restore and transfer too. */
export const allows = (condition: number, access: Access, kind: KeyKind): boolean =>
  dataRights[access][condition]?.includes(kind) === true

const trailerRights = {
  writeKeyA: ["A", "A", nobody, "B", "B", nobody, nobody, nobody],
  readAccess: ["A", "A", "A", "AB", "AB", "AB", "AB", "AB"],
  writeAccess: [nobody, "A", nobody, "B", nobody, "B", nobody, nobody],
  readKeyB: ["A", "A", "A", nobody, nobody, nobody, nobody, nobody],
  writeKeyB: ["A", "A", nobody, "B", "B", nobody, nobody, nobody]
} as const satisfies Readonly<Record<string, ReadonlyArray<string>>>

/** Whether this key may do this to a part of the trailer. */
export const allowsTrailer = (condition: number, right: keyof typeof trailerRights, kind: KeyKind): boolean =>
  trailerRights[right][condition]?.includes(kind) === true

/** Whether key B may be read: then it is data, and proves nothing. */
export const isKeyBReadable = (condition: number): boolean => allowsTrailer(condition, "readKeyB", "A")
