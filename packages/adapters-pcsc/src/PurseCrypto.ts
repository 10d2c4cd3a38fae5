/**
 * The signatures of the purse 电子钱包密码运算: session keys, MAC1, MAC2, TAC, diversification and secure messaging of PBOC ED/EP.
 *
 * Pure functions over bytes. Sources: JR/T 0025.1-2005 and 0025.2-2005, the manual of FMCOS 2.0 (chapters 7-9, appendix A).
 * Amounts and balances are four bytes in fen, the highest first; counters two; dates four and times three bytes in BCD.
 */
import * as Bytes from "./Bytes.ts"
import * as Des from "./Des.ts"

const zeros = new Uint8Array(Des.blockSize)

/** Appends 80 and zeros up to whole blocks; a whole block gets one more. */
export const pad = (data: Bytes.Bytes): Bytes.Bytes =>
  Bytes.join(data, 0x80, new Uint8Array(Des.blockSize - 1 - data.length % Des.blockSize))

/** The signature that MAC1, MAC2 and TAC are: the first four bytes of the last block. `key`: 8 bytes. */
export const mac = (key: Bytes.Bytes, data: Bytes.Bytes): Bytes.Bytes =>
  Des.lastOfChain(key, zeros, pad(data)).slice(0, 4)

/** The session key of a load, 8 bytes. `key`: the DLK of this card, 16 bytes; `counter`: the online counter before. */
export const loadSession = (key: Bytes.Bytes, random: Bytes.Bytes, counter: Bytes.Bytes): Bytes.Bytes =>
  Des.encrypt(key, Bytes.join(random, counter, 0x80, 0x00))

/** The session key of a purchase, 8 bytes. `key`: the DPK of this card, 16 bytes; `counter`: the offline counter before. */
export const purchaseSession = (
  key: Bytes.Bytes,
  random: Bytes.Bytes,
  counter: Bytes.Bytes,
  terminalSequence: Bytes.Bytes
): Bytes.Bytes => Des.encrypt(key, Bytes.join(random, counter, terminalSequence.subarray(2, 4)))

/** What a load signs. `type`: 01 for the ED, 02 for the EP; `terminal`: 6 bytes; `date` and `time`: BCD. */
export interface Load {
  readonly amount: Bytes.Bytes
  readonly type: number
  readonly terminal: Bytes.Bytes
}

/** When it was, as terminals write it. */
export interface Stamp {
  readonly date: Bytes.Bytes
  readonly time: Bytes.Bytes
}

/** The card's signature on what it will load. */
export const loadMac1 = (
  session: Bytes.Bytes,
  oldBalance: Bytes.Bytes,
  { amount, terminal, type }: Load
): Bytes.Bytes => mac(session, Bytes.join(oldBalance, amount, type, terminal))

/** The issuer's signature, without which no card loads. */
export const loadMac2 = (session: Bytes.Bytes, { amount, terminal, type }: Load, { date, time }: Stamp): Bytes.Bytes =>
  mac(session, Bytes.join(amount, type, terminal, date, time))

/** The terminal's signature, without which no card pays. */
export const purchaseMac1 = loadMac2

/** The card's signature that it has paid. */
export const purchaseMac2 = (session: Bytes.Bytes, amount: Bytes.Bytes): Bytes.Bytes => mac(session, amount)

/** The key of all TACs of a card, 8 bytes. `key`: its DTK, 16 bytes. */
export const tacKey = (key: Bytes.Bytes): Bytes.Bytes =>
  Des.exclusiveOr(key.slice(0, Des.blockSize), key.subarray(Des.blockSize))

/** The card's signature on a load that was written, for the issuer. `counter`: the online counter before it. */
export const loadTac = (
  key: Bytes.Bytes,
  newBalance: Bytes.Bytes,
  counter: Bytes.Bytes,
  { amount, terminal, type }: Load,
  { date, time }: Stamp
): Bytes.Bytes => mac(tacKey(key), Bytes.join(newBalance, counter, amount, type, terminal, date, time))

/** The card's signature on a purchase, for whoever settles it. */
export const purchaseTac = (
  key: Bytes.Bytes,
  { amount, terminal, type }: Load,
  terminalSequence: Bytes.Bytes,
  { date, time }: Stamp
): Bytes.Bytes => mac(tacKey(key), Bytes.join(amount, type, terminal, terminalSequence, date, time))

/** The key of one card from the master key, 16 bytes each 密钥分散. `factor`: 8 bytes. */
export const diversify = (master: Bytes.Bytes, factor: Bytes.Bytes): Bytes.Bytes =>
  Bytes.join(Des.encrypt(master, factor), Des.encrypt(master, factor.map((byte) => byte ^ 0xff)))

/** The factor of a card: the last eight bytes of its application serial number. */
export const factorOf = (serial: Bytes.Bytes): Bytes.Bytes => serial.slice(-Des.blockSize)

/** What proves to a card that the terminal has a key: its challenge of four bytes, enciphered. `key`: 8 or 16 bytes. */
export const authentication = (key: Bytes.Bytes, challenge: Bytes.Bytes): Bytes.Bytes =>
  Des.encrypt(key, Bytes.join(challenge, new Uint8Array(Des.blockSize - challenge.length)))

/**
 * The signature on a command that writes to a protected file. `challenge`: the card's four bytes; `signed`: CLA INS P1 P2, the
 * length with the signature, and the data. With a key of 16 bytes only the last block takes both halves (ISO/IEC 9797-1,
 * algorithm 3).
 */
export const commandMac = (key: Bytes.Bytes, challenge: Bytes.Bytes, signed: Bytes.Bytes): Bytes.Bytes => {
  const left = key.slice(0, Des.blockSize)
  const last = Des.lastOfChain(left, Bytes.join(challenge, new Uint8Array(4)), pad(signed))
  const right = key.slice(Des.blockSize)
  return (right.length === 0 ? last : Des.encrypt(left, Des.decrypt(right, last))).slice(0, 4)
}
