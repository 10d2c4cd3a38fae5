/**
 * Secure messaging on a virtual CPU card 安全报文: a command that must be signed, and what is blocked and opened by it.
 *
 * Sources: the manual of FMCOS 2.0, 8.1-8.3, 9 and appendix A: three wrong signatures in a row lock the application for
 * ever. A wrong one is counted when it is found out, not before: else three honest terminals that lost the card too
 * early would lock it.
 */
import * as Bytes from "./Bytes.ts"
import * as PurseCrypto from "./PurseCrypto.ts"
import type { VirtualMemory } from "./VirtualMemory.ts"
import { type Card, type Command, done, refused, type Run, type Step, type Write } from "./VirtualStep.ts"

const macLength = 4
const mostTries = 3

/** A signature was wrong: one try less; after the last one the application is locked for ever (9303). */
export const failed = ({ memory }: Card, status: number): Step => {
  const macTries = Math.max(memory.macTries - 1, 0)
  const locks = macTries === 0
  const write: Write = {
    size: 1,
    to: (memory) => ({ ...memory, macTries, application: locks ? "locked" : memory.application })
  }
  return refused(locks ? 0x9303 : status, { writes: [write] })
}

/** A signature was right: all tries are there again, after everything else was written. */
export const passed = ({ memory }: Card, step: Step): Step =>
  memory.macTries === mostTries || step.status !== 0x9000
    ? step
    : { ...step, writes: [...step.writes, { size: 1, to: (memory) => ({ ...memory, macTries: mostTries }) }] }

/**
 * Goes on with the data before the signature, if that is right: 6984 without a fresh challenge of four bytes, 6987
 * where there is no room for a signature, 6988 where it is wrong.
 */
export const signed = (card: Card, command: Command, key: Bytes.Bytes, then: (plain: Bytes.Bytes) => Step): Step => {
  const { challenge } = card.session
  const { cla, data, ins, p1, p2 } = command
  if (data.length < macLength) return refused(0x6987)
  if (challenge?.length !== 4) return refused(0x6984)
  const plain = data.slice(0, -macLength)
  const mac = PurseCrypto.commandMac(key, challenge, Bytes.join(cla, ins, p1, p2, data.length, plain))
  return Bytes.equal(mac, data.slice(-macLength)) ? passed(card, then(plain)) : failed(card, 0x6988)
}

/** A command that has nothing but a signature, and changes one thing. */
const bare = (to: (command: Command) => Write["to"], mostP2 = 0): Run => (card, command) => {
  if (command.p1 !== 0 || command.p2 > mostP2) return refused(0x6a86)
  if (command.data.length !== macLength) return refused(0x6700)
  const key = Bytes.of(card.memory.keys.maintenance)
  return signed(card, command, key, () => done({ writes: [{ size: 1, to: to(command) }] }))
}

const stands = (application: VirtualMemory["application"]): Write["to"] => (memory) => ({ ...memory, application })

/** APPLICATION BLOCK: P2 00 until it is unblocked, 01 for ever. */
export const blockApplication = bare(({ p2 }) => stands(p2 === 0 ? "blocked" : "locked"), 1)
export const unblockApplication = bare(() => stands("open"))
/** CARD BLOCK: it answers nothing but 6A81 from now on. */
export const blockCard = bare(() => (memory) => ({ ...memory, dead: true }))
