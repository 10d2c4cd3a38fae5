/**
 * The chip of a virtual M1 card 虚拟 M1 芯片, without its reader: memory, keys, access bits and value blocks as in
 * the data sheet MF1S50yyX of NXP.
 *
 * After any refusal it hears nothing until it is selected anew. A block that is being written when the power goes is
 * new up to some byte and old from there. Enciphering is left out: nobody can listen here. A value command writes at
 * once what a real card transfers in a second step.
 */
import { Result } from "effect"
import * as AccessBits from "./AccessBits.ts"
import * as Apdu from "./Apdu.ts"
import * as Bytes from "./Bytes.ts"
import * as MifareMap from "./MifareMap.ts"
import type { KeyKind } from "./ReaderProfile.ts"
import * as ValueBlock from "./ValueBlock.ts"
import type { Memory } from "./VirtualMifareMemory.ts"

/** What readers say, see `MifareStatus`. */
export const status = {
  done: 0x9000,
  failed: 0x6300,
  wrongLength: 0x6700,
  notAuthorised: 0x6982,
  noKey: 0x6984,
  kindUnknown: 0x6986,
  placeUnknown: 0x6988,
  notSupported: 0x6a81,
  wrongLe: 0x6c10,
  unknownInstruction: 0x6d00,
  unknownClass: 0x6e00
} as const

const none = new Uint8Array()
/** An answer with this status. */
export const say = (word: number, data: Bytes.Bytes = none): Bytes.Bytes => Apdu.encodeResponse({ data, status: word })

interface Session {
  readonly sector: number
  readonly kind: KeyKind
}

/** Everything answers as a reader would tell it: data and status. */
export interface VirtualMifareChip {
  readonly uid: () => Bytes.Bytes
  readonly authenticate: (block: number, kind: KeyKind, key: Bytes.Bytes) => Bytes.Bytes
  readonly read: (block: number) => Bytes.Bytes
  readonly update: (block: number, data: Bytes.Bytes) => Bytes.Bytes
  readonly change: (block: number, operation: "increment" | "decrement", by: number) => Bytes.Bytes
  readonly restore: (from: number, to: number) => Bytes.Bytes
  readonly readValue: (block: number) => Bytes.Bytes
  readonly power: () => void
  /** Loses its power once so many bytes were written by what is done. */
  readonly interrupt: (written: number, does: () => void) => void
  /** How many bytes would be written by what is done; nothing is. */
  readonly footprint: (does: () => void) => number
  readonly memory: () => Memory
}

/** A chip with this memory, which is copied. */
export const make = (start: Memory): VirtualMifareChip => {
  const blocks = start.blocks.map(Bytes.of)
  let session: Session | undefined
  let isHalted = false
  // How many bytes may still be written before the power goes.
  let budget = Infinity
  let footprint = 0

  const at = (block: number): Bytes.Bytes => blocks[block] ?? none
  const exists = (block: number): boolean => block < blocks.length
  const trailer = (sector: number): Bytes.Bytes => at(MifareMap.trailerOf(sector))
  const conditions = (sector: number) => AccessBits.decode(trailer(sector).slice(6, 9))

  /** The card says no, and hears nothing more until it is selected anew. */
  const refuse = (word: number): Bytes.Bytes => {
    session = undefined
    isHalted = true
    return say(word)
  }

  const write = (block: number, data: Bytes.Bytes): Bytes.Bytes => {
    footprint = data.length
    at(block).set(data.subarray(0, budget))
    return say(status.done)
  }

  /** The condition of a block for the sector that is open; nothing where it is not open, or key B proves nothing. */
  const conditionOf = (block: number): number | undefined => {
    const sector = MifareMap.sectorOf(block)
    const groups = conditions(sector)
    if (session?.sector !== sector || groups === undefined) return undefined
    if (session.kind === "B" && AccessBits.isKeyBReadable(groups[3])) return undefined
    return groups[MifareMap.groupOf(block)]
  }

  const allows = (block: number, access: AccessBits.Access): boolean => {
    const condition = conditionOf(block)
    if (condition === undefined || session === undefined) return false
    return AccessBits.allows(condition, access, session.kind)
  }

  const authenticate = (block: number, kind: KeyKind, key: Bytes.Bytes): Bytes.Bytes => {
    session = undefined
    if (isHalted || !exists(block)) return refuse(status.failed)
    const sector = MifareMap.sectorOf(block)
    const right = kind === "A" ? trailer(sector).slice(0, 6) : trailer(sector).slice(10)
    if (conditions(sector) === undefined || !Bytes.equal(key, right)) return refuse(status.failed)
    session = { sector, kind }
    return say(status.done)
  }

  const readTrailer = (block: number): Bytes.Bytes => {
    const condition = conditionOf(block)
    if (condition === undefined || session === undefined) return refuse(status.notAuthorised)
    const { kind } = session
    const bytes = at(block)
    return say(
      status.done,
      Bytes.join(
        new Uint8Array(6),
        AccessBits.allowsTrailer(condition, "readAccess", kind) ? bytes.slice(6, 10) : new Uint8Array(4),
        AccessBits.allowsTrailer(condition, "readKeyB", kind) ? bytes.slice(10) : new Uint8Array(6)
      )
    )
  }

  const writeTrailer = (block: number, data: Bytes.Bytes): Bytes.Bytes => {
    const condition = conditionOf(block)
    if (condition === undefined || session === undefined) return refuse(status.notAuthorised)
    const { kind } = session
    const parts = [["writeKeyA", 0, 6], ["writeAccess", 6, 10], ["writeKeyB", 10, 16]] as const
    const allowed = parts.filter(([right]) => AccessBits.allowsTrailer(condition, right, kind))
    if (allowed.length === 0) return refuse(status.notAuthorised)
    const changed = at(block).slice()
    for (const [, from, to] of allowed) changed.set(data.subarray(from, to), from)
    return write(block, changed)
  }

  const read = (block: number): Bytes.Bytes => {
    if (MifareMap.isReserved(block) && block !== 0) return readTrailer(block)
    return allows(block, "read") ? say(status.done, at(block).slice()) : refuse(status.notAuthorised)
  }

  const update = (block: number, data: Bytes.Bytes): Bytes.Bytes => {
    if (data.length !== MifareMap.blockSize) return say(status.wrongLength)
    if (block === 0) return refuse(status.notAuthorised)
    if (MifareMap.isReserved(block)) return writeTrailer(block, data)
    return allows(block, "write") ? write(block, data) : refuse(status.notAuthorised)
  }

  const valueOf = (block: number): ValueBlock.ValueBlock | undefined => {
    const value = ValueBlock.decode(at(block))
    return Result.isSuccess(value) && !MifareMap.isReserved(block) ? value.success : undefined
  }

  const change = (block: number, operation: "increment" | "decrement", by: number): Bytes.Bytes => {
    if (!allows(block, operation)) return refuse(status.notAuthorised)
    const value = valueOf(block)
    const sum = (value?.value ?? 0) + (operation === "increment" ? by : -by)
    if (value === undefined || by < 0 || !ValueBlock.holds(sum)) return refuse(status.failed)
    return write(block, ValueBlock.encode({ ...value, value: sum }))
  }

  const restore = (from: number, to: number): Bytes.Bytes => {
    const value = valueOf(from)
    if (!allows(from, "decrement") || !allows(to, "decrement")) return refuse(status.notAuthorised)
    if (value === undefined || MifareMap.isReserved(to)) return refuse(status.failed)
    return write(to, ValueBlock.encode(value))
  }

  const readValue = (block: number): Bytes.Bytes => {
    if (!allows(block, "read")) return refuse(status.notAuthorised)
    const value = valueOf(block)
    return value === undefined
      ? refuse(status.failed)
      : say(status.done, ValueBlock.littleEndian(value.value).reverse())
  }

  /** Whatever a block is named for: it must be there, and the card must listen. */
  const heard = (block: number, does: () => Bytes.Bytes): Bytes.Bytes => {
    if (isHalted) return say(status.failed)
    return exists(block) ? does() : refuse(status.failed)
  }

  const power = (): void => {
    session = undefined
    isHalted = false
  }

  return {
    uid: () => isHalted ? say(status.failed) : say(status.done, at(0).slice(0, start.uidLength)),
    authenticate,
    read: (block) => heard(block, () => read(block)),
    update: (block, data) => heard(block, () => update(block, data)),
    change: (block, operation, by) => heard(block, () => change(block, operation, by)),
    restore: (from, to) => heard(from, () => restore(from, to)),
    readValue: (block) => heard(block, () => readValue(block)),
    power,
    interrupt: (written, does) => {
      budget = Math.max(0, written)
      does()
      budget = Infinity
      power()
    },
    footprint: (does) => {
      const before = { session, isHalted }
      footprint = 0
      budget = 0
      does()
      budget = Infinity
      session = before.session
      isHalted = before.isHalted
      return footprint
    },
    memory: () => ({ ...start, blocks: blocks.map(Bytes.hex) })
  }
}
