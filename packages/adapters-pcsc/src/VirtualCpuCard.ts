/**
 * The campus card as a program 虚拟 CPU 卡: a card as FMCOS 2.0 makes them, with the purse of PBOC (ED and EP), byte
 * for byte. For browsers, examples and tests in the process, and behind a virtual reader.
 *
 * It has the memory and the manners of a card: power that goes forgets the session and keeps what was written, also in
 * the middle of a command. What a transaction writes is one piece; files are written byte by byte.
 * Source: the manual of FMCOS 2.0, chapters 7-9.
 */
import { Result } from "effect"
import * as Apdu from "./Apdu.ts"
import * as Bytes from "./Bytes.ts"
import type { CardProgram } from "./CardProgram.ts"
import * as Files from "./VirtualFiles.ts"
import type { VirtualMemory } from "./VirtualMemory.ts"
import * as Pin from "./VirtualPin.ts"
import * as Purse from "./VirtualPurse.ts"
import * as Seal from "./VirtualSeal.ts"
import { awake, done, refused, type Run, type Session, type Step } from "./VirtualStep.ts"

export { type Personalisation, personalise, testCard } from "./VirtualPersonalisation.ts"

export interface VirtualCpuCard extends CardProgram {
  /** What it keeps, as it is now. */
  readonly memory: () => VirtualMemory
  /**
   * How many bytes of its memory this command would write if it came next: `interrupt` may stop it at any from 0 on.
   */
  readonly footprint: (command: Bytes.Bytes) => number
}

/**
 * `random`: gives so many bytes at each call; a card on a real reader needs true ones. `kept`: told after each command
 * that has written.
 */
export interface Options {
  readonly memory: VirtualMemory
  readonly random: (length: number) => Bytes.Bytes
  readonly kept?: (memory: VirtualMemory) => void
}

const challenge: Run = ({ random }, { data, expected, p1, p2 }) => {
  if (p1 !== 0 || p2 !== 0) return refused(0x6a86)
  if (data.length > 0 || (expected !== 4 && expected !== 8)) return refused(0x6700)
  const challenge = random(expected)
  return done({ data: challenge, session: { challenge } })
}

/** `where`: "application" for what is only there; `blocked`: also while it is blocked. */
interface Instruction {
  readonly classes: ReadonlyArray<number>
  readonly run: Run
  readonly where?: "application"
  readonly blocked?: true
}

const instructions: ReadonlyMap<number, Instruction> = new Map<number, Instruction>([
  [0xa4, { classes: [0x00], run: Files.select, blocked: true }],
  [0x84, { classes: [0x00], run: challenge, blocked: true }],
  [0xb0, { classes: [0x00], run: Files.readBinary }],
  [0xb2, { classes: [0x00], run: Files.readRecord }],
  [0xd6, { classes: [0x00, 0x04], run: Files.updateBinary }],
  [0x20, { classes: [0x00], run: Pin.verify, where: "application" }],
  [0x82, { classes: [0x00], run: Pin.authenticateTerminal, where: "application" }],
  [0x88, { classes: [0x00], run: Pin.authenticateCard, where: "application" }],
  [0x50, { classes: [0x80], run: Purse.initialise, where: "application" }],
  [0x52, { classes: [0x80], run: Purse.credit, where: "application" }],
  [0x54, { classes: [0x80], run: Purse.debit, where: "application" }],
  [0x5a, { classes: [0x80], run: Purse.prove, where: "application" }],
  [0x5c, { classes: [0x80], run: Purse.balance, where: "application" }],
  [0x5e, { classes: [0x80], run: Pin.replace, where: "application" }],
  [0x16, { classes: [0x84], run: Seal.blockCard, blocked: true }],
  [0x18, { classes: [0x84], run: Seal.unblockApplication, where: "application", blocked: true }],
  [0x1e, { classes: [0x84], run: Seal.blockApplication, where: "application", blocked: true }],
  [0x24, { classes: [0x84], run: Pin.unblock, where: "application" }]
])

const classes = new Set([...instructions.values()].flatMap(({ classes }) => classes))
const none = Bytes.of("")

/** A length in the extended form, which these cards do not speak: three bytes, the first of them 00. */
const isExtended = (bytes: Bytes.Bytes): boolean => bytes.length > 5 && bytes[4] === 0

/** What the card does with a command, before anything of it is done. */
const stepOf = (memory: VirtualMemory, session: Session, random: Options["random"], bytes: Bytes.Bytes): Step => {
  if (memory.dead) return refused(0x6a81)
  const decoded = Apdu.decode(bytes)
  if (Result.isFailure(decoded) || isExtended(bytes)) return refused(0x6700)
  const command = { ...decoded.success, data: decoded.success.data ?? none }
  // Over T=0 a command has either data or a length that is asked for.
  if (memory.protocol === "T=0" && command.data.length > 0 && command.expected !== undefined) return refused(0x6700)
  if (!classes.has(command.cla)) return refused(0x6e00)
  if (command.ins === 0xc0 && memory.protocol === "T=0") return fetched(session, command)
  const instruction = instructions.get(command.ins)
  if (instruction === undefined) return refused(0x6d00)
  if (!instruction.classes.includes(command.cla)) return refused(0x6e00)
  if (session.place === "application" && memory.application !== "open") {
    if (memory.application === "locked" && command.ins !== 0xa4) return refused(0x9303)
    if (instruction.blocked !== true) return refused(0x6a81)
  }
  if (instruction.where === "application" && session.place === "root") return refused(0x6a82)
  return fitted(memory, session, command, instruction.run({ memory, session, random }, command))
}

/** Nothing is done, and nothing forgotten. */
const unchanged = (session: Session, status: number): Step => refused(status, { session })

/** The answer in the length that was asked for, or 6Cxx; over T=0 an answer to data waits to be fetched. */
const fitted = (
  { protocol }: VirtualMemory,
  session: Session,
  { data, expected }: Apdu.Command & { readonly data: Bytes.Bytes },
  step: Step
): Step => {
  const { length } = step.data
  if (step.status !== 0x9000 || length === 0) return step
  if (protocol === "T=0" && data.length > 0) {
    return { ...step, status: 0x6100 + (length & 0xff), data: none, session: { ...step.session, waiting: step.data } }
  }
  const fits = protocol === "T=0"
    ? expected === length
    : expected === undefined || expected === 256 || expected === length
  return fits ? step : unchanged(session, 0x6c00 + (length & 0xff))
}

/** GET RESPONSE. */
const fetched = (session: Session, { data, expected = 256, p1, p2 }: Apdu.Command): Step => {
  const { waiting } = session
  if (p1 !== 0 || p2 !== 0) return unchanged(session, 0x6a86)
  if (data !== undefined && data.length > 0) return unchanged(session, 0x6700)
  if (waiting === undefined) return unchanged(session, 0x6985)
  if (expected > waiting.length) return unchanged(session, 0x6c00 + (waiting.length & 0xff))
  const rest = waiting.slice(expected)
  const next = { ...session, waiting: rest.length === 0 ? undefined : rest }
  return {
    ...done({ data: waiting.slice(0, expected), session: next }),
    status: rest.length === 0 ? 0x9000 : 0x6100 + rest.length
  }
}

/** A challenge, a transaction that was begun, and what waits are for the next command only. */
const aged = (session: Session): Session => ({ ...session, challenge: undefined, begun: undefined, waiting: undefined })

/** The memory after so many bytes were written: what is one piece is there as a whole or not at all. */
const after = (memory: VirtualMemory, { writes }: Step, written: number): VirtualMemory => {
  let left = written
  for (const { size, to } of writes) {
    left -= size
    if (left < 0) break
    memory = to(memory)
  }
  return memory
}

/** Bytes that nobody sees. */
const unseen = (length: number): Bytes.Bytes => new Uint8Array(length)

/**
 * A card with this memory, which begins without a session.
 *
 * @example
 * ```ts
 * import { Bytes, SeededRandom, VirtualCpuCard } from "@yikatong/adapters-pcsc"
 *
 * const memory = VirtualCpuCard.testCard({ balance: 50_00 })
 * const card = VirtualCpuCard.make({ memory, random: SeededRandom.make(1) })
 * card.answer(Bytes.of("00A40400 09 A00000000386980701"))
 * Bytes.hex(card.answer(Bytes.of("805C000204"))) // => "000013889000"
 * ```
 */
export const make = ({ kept, memory: first, random }: Options): VirtualCpuCard => {
  let memory = first
  let session = awake
  const write = (step: Step, written: number): void => {
    const next = after(memory, step, written)
    if (next === memory) return
    memory = next
    kept?.(memory)
  }
  return {
    atr: Bytes.of(first.atr),
    memory: () => memory,
    power: () => {
      session = awake
    },
    answer: (command) => {
      const step = stepOf(memory, session, random, command)
      write(step, Number.POSITIVE_INFINITY)
      session = { ...aged(session), ...step.session }
      return Apdu.encodeResponse(step)
    },
    interrupt: (command, written) => {
      write(stepOf(memory, session, random, command), written)
      session = awake
    },
    footprint: (command) => stepOf(memory, session, unseen, command).writes.reduce((sum, { size }) => sum + size, 0)
  }
}
