/**
 * The files of a virtual CPU card 卡片文件: a root with its directory, one application with its files; SELECT, READ
 * BINARY, UPDATE BINARY and READ RECORD.
 *
 * Sources: the manual of FMCOS 2.0, 7.4-7.8; JR/T 0025.1 (directory, FCI).
 */
import * as Bytes from "./Bytes.ts"
import type { VirtualMemory } from "./VirtualMemory.ts"
import * as Seal from "./VirtualSeal.ts"
import { awake, type Card, done, type FileName, refused, type Run, type Step, type Write } from "./VirtualStep.ts"

/** The name of the root as a payment system 支付系统环境. */
export const rootName: Bytes.Bytes = new TextEncoder().encode("1PAY.SYS.DDF01")
const label = new TextEncoder().encode("PBOC")
const root = 0x3f00
const application = 0x3f01

const tagged = (tag: string, ...parts: ReadonlyArray<Bytes.Bytes>): Bytes.Bytes => {
  const value = Bytes.join(...parts)
  return Bytes.join(Bytes.of(tag), value.length, value)
}

/** The one line of the directory (SFI 01 in the root): which application there is. */
const directory = ({ name }: VirtualMemory): Bytes.Bytes =>
  tagged("70", tagged("61", tagged("4F", Bytes.of(name)), tagged("50", label)))

const inRoot = (): Step =>
  done({
    data: tagged("6F", tagged("84", rootName), tagged("A5", tagged("88", Bytes.of("01")))),
    session: awake
  })

const inApplication = ({ memory }: Card): Step => {
  const session = { ...awake, place: "application" } as const
  // A blocked application can be entered, so that it can be unblocked there.
  if (memory.application === "blocked") return refused(0x6a81, { session })
  if (memory.application === "locked") return refused(0x9303, { session })
  const proprietary = tagged("A5", tagged("9F0C", Bytes.of(memory.files.application)))
  return done({ data: tagged("6F", tagged("84", Bytes.of(memory.name)), proprietary), session })
}

const fileOf = ({ memory, session }: Card, number: number): FileName | undefined => {
  if (session.place === "root") return number === 1 ? "directory" : undefined
  const { application, campus, holder, log } = memory.numbers
  switch (number) {
    case application:
      return "application"
    case holder:
      return "holder"
    case log:
      return "log"
    case campus:
      return "campus"
    case 1:
      return "ed"
    case 2:
      return "ep"
    default:
      return undefined
  }
}

export const select: Run = (card, { data, p1, p2 }) => {
  if (p2 !== 0) return refused(0x6a86)
  if (p1 === 4) {
    if (data.length === 0 || data.length > 16) return refused(0x6700)
    if (Bytes.equal(data, rootName)) return inRoot()
    return Bytes.hex(data) === card.memory.name ? inApplication(card) : refused(0x6a82)
  }
  if (p1 !== 0) return refused(0x6a86)
  if (data.length !== 0 && data.length !== 2) return refused(0x6700)
  const id = data.length === 0 ? root : Bytes.toNumber(data)
  if (id === root) return inRoot()
  if (id === application) return inApplication(card)
  const stands = card.session.place === "application" ? card.memory.application : "open"
  if (stands !== "open") return refused(stands === "locked" ? 0x9303 : 0x6a81)
  const file = fileOf(card, id)
  return file === undefined ? refused(0x6a82) : done({ session: { file } })
}

type Binary = keyof VirtualMemory["files"]
const isBinary = (file: FileName): file is Binary => file === "application" || file === "holder" || file === "campus"

/** Goes on with the file and the offset that P1 and P2 mean: by short name, or in the file that is selected. */
const located = (
  card: Card,
  { p1, p2 }: { readonly p1: number; readonly p2: number },
  then: (file: Binary, offset: number, bytes: Bytes.Bytes) => Step
): Step => {
  const isShort = p1 >> 5 === 0b100
  if (!isShort && p1 > 0x7f) return refused(0x6a86)
  const file = isShort ? fileOf(card, p1 & 0x1f) : card.session.file
  if (file === undefined) return refused(isShort ? 0x6a82 : 0x6986)
  if (!isBinary(file)) return refused(0x6981)
  const bytes = Bytes.of(card.memory.files[file])
  const offset = isShort ? p2 : p1 * 256 + p2
  if (offset >= bytes.length) return refused(0x6b00)
  return then(file, offset, bytes)
}

/** Asked for more than there is, it gives all: the answer is then 6Cxx, with the length that is right. */
export const readBinary: Run = (card, command) =>
  command.data.length > 0 ? refused(0x6700) : located(card, command, (file, offset, bytes) => {
    const { expected = 256 } = command
    return done({ data: bytes.slice(offset, offset + expected), session: { file } })
  })

/** Byte by byte, each on its own: power may go between any two of them. */
const written = (file: Binary, offset: number, data: Bytes.Bytes): ReadonlyArray<Write> =>
  Array.from(data, (byte, index) => ({
    size: 1,
    to: (memory) => {
      const bytes = Bytes.of(memory.files[file])
      bytes[offset + index] = byte
      return { ...memory, files: { ...memory.files, [file]: Bytes.hex(bytes) } }
    }
  }))

export const updateBinary: Run = (card, command) =>
  located(card, command, (file, offset, bytes) => {
    const write = (data: Bytes.Bytes): Step => {
      if (data.length === 0) return refused(0x6700)
      if (offset + data.length > bytes.length) return refused(0x6a84)
      return done({ session: { file }, writes: written(file, offset, data) })
    }
    if (command.cla === 0x04) return Seal.signed(card, command, Bytes.of(card.memory.keys.maintenance), write)
    const isOpen = file === "campus" && card.memory.protection === "none"
    return isOpen ? write(command.data) : refused(0x6987)
  })

export const readRecord: Run = (card, { data, p1, p2 }) => {
  const { memory, session } = card
  if ((p2 & 0b111) !== 0b100) return refused(0x6a86)
  if (data.length > 0) return refused(0x6700)
  const file = p2 >> 3 === 0 ? session.file : fileOf(card, p2 >> 3)
  if (file === undefined) return refused(p2 >> 3 === 0 ? 0x6986 : 0x6a82)
  if (file !== "log" && file !== "directory") return refused(0x6981)
  if (file === "log" && memory.pinFor.log && !session.pin) return refused(0x6982)
  const record = file === "log" ? memory.log[p1 - 1] : p1 === 1 ? Bytes.hex(directory(memory)) : undefined
  return record === undefined ? refused(0x6a83) : done({ data: Bytes.of(record), session: { file } })
}
