/**
 * The PIN of a virtual CPU card 个人密码, and the two keys that prove card and terminal to each other: VERIFY, CHANGE
 * PIN, RELOAD PIN, PIN UNBLOCK, EXTERNAL and INTERNAL AUTHENTICATE.
 *
 * A try is counted before PIN or key is compared: who cuts the power at a wrong one has no free try.
 * Sources: the manual of FMCOS 2.0, 7.1, 7.3, 7.10, 8.4-8.6.
 */
import * as Bytes from "./Bytes.ts"
import * as Des from "./Des.ts"
import * as PurseCrypto from "./PurseCrypto.ts"
import * as Seal from "./VirtualSeal.ts"
import { type Card, done, refused, type Run, type Step, type Write } from "./VirtualStep.ts"

/** Without FF at its end, which stands for nothing. */
const trimmed = (pin: Bytes.Bytes): Bytes.Bytes => {
  let length = pin.length
  while (length > 0 && pin[length - 1] === 0xff) length--
  return pin.slice(0, length)
}

const shortest = 2
const longest = 6
const isPin = (pin: Bytes.Bytes): boolean => pin.length >= shortest && pin.length <= longest && !pin.includes(0xff)

const leaves = (tries: number): Write => ({ size: 1, to: (memory) => ({ ...memory, pin: { ...memory.pin, tries } }) })

/** The PIN, and all its tries with it. */
const becomes = (pin: Bytes.Bytes): Write => ({
  size: pin.length + 1,
  to: (memory) => ({ ...memory, pin: { ...memory.pin, value: Bytes.hex(pin), tries: memory.pin.most } })
})

/** Counts a try, compares, and goes on if it was right. */
const compared = ({ memory }: Card, pin: Bytes.Bytes, right: Write): Step => {
  const tries = memory.pin.tries - 1
  if (tries < 0) return refused(0x6983, { session: { pin: false } })
  return Bytes.equal(trimmed(pin), Bytes.of(memory.pin.value))
    ? done({ session: { pin: true }, writes: [leaves(tries), right] })
    : refused(0x63c0 + tries, { session: { pin: false }, writes: [leaves(tries)] })
}

export const verify: Run = (card, { data, p1, p2 }) => {
  if (p1 !== 0) return refused(0x6a86)
  if (p2 !== card.memory.pin.number) return refused(0x9403)
  if (data.length < shortest || data.length > 8) return refused(0x6700)
  return compared(card, data, leaves(card.memory.pin.most))
}

/** CHANGE PIN (P1 01: the old one, FF, the new one) and RELOAD PIN (P1 00: the new one and its signature). */
export const replace: Run = (card, { data, p1, p2 }) => {
  const { keys, pin } = card.memory
  if (p1 > 1) return refused(0x6a86)
  if (p2 !== pin.number) return refused(0x9403)
  if (p1 === 1) {
    if (data.length < 2 * shortest + 1 || data.length > 2 * longest + 1) return refused(0x6700)
    const between = data.indexOf(0xff)
    const next = trimmed(data.slice(between + 1))
    if (between < shortest || !isPin(next)) return refused(0x6a80)
    return compared(card, data.slice(0, between), becomes(next))
  }
  if (data.length < shortest + 4 || data.length > longest + 4) return refused(0x6700)
  const next = data.slice(0, -4)
  // Signed without a challenge, and by both halves of the key at once, as a TAC is.
  const mac = PurseCrypto.mac(PurseCrypto.tacKey(Bytes.of(keys.reloadPin)), next)
  if (!Bytes.equal(mac, data.slice(-4))) return Seal.failed(card, 0x9302)
  const sent = trimmed(next)
  return isPin(sent) ? Seal.passed(card, done({ writes: [becomes(sent)] })) : refused(0x6a80)
}

/**
 * PIN UNBLOCK: the same PIN, enciphered and signed, has its tries again. Manual and field disagree whether the number
 * of the PIN stands in P1 (P2 00) or P2 is 01 with P1 00: both are taken.
 */
export const unblock: Run = (card, command) => {
  const { keys, pin } = card.memory
  const { data, p1, p2 } = command
  if (p2 > 1) return refused(0x6a86)
  if (p1 !== (p2 === 1 ? 0 : pin.number)) return refused(0x9403)
  if (data.length !== 12) return refused(0x6700)
  const key = Bytes.of(keys.unblockPin)
  return Seal.signed(card, command, key, (cipher) => {
    const plain = Des.decrypt(key, cipher)
    const sent = plain.slice(1, 1 + (plain[0] ?? 0))
    return Bytes.equal(trimmed(sent), Bytes.of(pin.value))
      ? done({ writes: [leaves(pin.most)] })
      : refused(0x6a80)
  })
}

/**
 * EXTERNAL AUTHENTICATE: the challenge, enciphered with the key. It is counted as a PIN is; it opens nothing on this
 * card.
 */
export const authenticateTerminal: Run = ({ memory, session }, { data, p1, p2 }) => {
  const { external } = memory
  if (p1 !== 0) return refused(0x6a86)
  if (p2 !== external.number) return refused(0x6a88)
  if (data.length !== Des.blockSize) return refused(0x6700)
  if (external.tries === 0) return refused(0x6983)
  if (session.challenge === undefined) return refused(0x6984)
  const left = (tries: number): Write => ({
    size: 1,
    to: (memory) => ({ ...memory, external: { ...memory.external, tries } })
  })
  const tries = external.tries - 1
  return Bytes.equal(data, PurseCrypto.authentication(Bytes.of(external.key), session.challenge))
    ? done({ writes: [left(tries), left(external.most)] })
    : refused(0x63c0 + tries, { writes: [left(tries)] })
}

/** INTERNAL AUTHENTICATE: eight bytes, enciphered with the key. */
export const authenticateCard: Run = ({ memory }, { data, p1, p2 }) => {
  if (p1 !== 0) return refused(0x6a86)
  if (p2 !== memory.indexes.internal) return refused(0x6a88)
  if (data.length !== Des.blockSize) return refused(0x6700)
  return done({ data: Des.encrypt(Bytes.of(memory.keys.internal), data) })
}
