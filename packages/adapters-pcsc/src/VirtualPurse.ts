/**
 * The purse of a virtual CPU card 电子钱包: balance, load, purchase, and the proof of the last of each. ED 电子存折 and
 * EP 电子钱包 are alike, but that the ED always needs the PIN.
 *
 * INITIALIZE changes nothing, so it may be used to ask for the counters; its amount may then be 0, which CREDIT and
 * DEBIT refuse. Unload, cash, overdraft and CAPP are not built: 6A86 or 6D00.
 * Sources: the manual of FMCOS 2.0, 8.7, 8.8, 8.13, 8.14; JR/T 0025.1-2005.
 */
import * as Bytes from "./Bytes.ts"
import * as PurseCrypto from "./PurseCrypto.ts"
import { lineLength, logLines, type Proof, type PurseName } from "./VirtualMemory.ts"
import { type Begun, type Card, done, refused, type Run, type Step, type Write } from "./VirtualStep.ts"

const lastCounter = 0xffff
const overdraft = Bytes.of("000000")
const types = { load: { ed: 0x01, ep: 0x02 }, purchase: { ed: 0x05, ep: 0x06 } } as const

/**
 * So many bytes of memory a transaction writes, all or none of them: balance 4, counter 2, a line of the log 23, proof
 * 11 (type, counter, MAC, TAC).
 */
export const transactionSize = 4 + 2 + lineLength + 11

const purseOf = (p2: number): PurseName | undefined => p2 === 1 ? "ed" : p2 === 2 ? "ep" : undefined
const lacksPin = ({ memory, session }: Card, purse: PurseName, kind: Begun["kind"]): boolean =>
  !session.pin && (purse === "ed" || (kind === "load" && memory.pinFor.load))

export const balance: Run = (card, { data, p1, p2 }) => {
  const purse = purseOf(p2)
  if (p1 !== 0 || purse === undefined) return refused(0x6a86)
  if (data.length > 0) return refused(0x6700)
  if (purse === "ed" && !card.session.pin) return refused(0x6982)
  return done({ data: Bytes.ofNumber(card.memory.purses[purse].balance, 4) })
}

/** INITIALIZE FOR LOAD (P1 00) and FOR PURCHASE (P1 01). */
export const initialise: Run = (card, { data, p1, p2 }) => {
  const { indexes, keys, purses } = card.memory
  const name = purseOf(p2)
  if (p1 > 1 || name === undefined) return refused(0x6a86)
  if (data.length !== 11) return refused(0x6700)
  const kind = p1 === 0 ? "load" : "purchase"
  if (lacksPin(card, name, kind)) return refused(0x6982)
  if (data[0] !== indexes[kind]) return refused(0x9403)
  const purse = purses[name]
  const count = kind === "load" ? purse.loads : purse.purchases
  if (count === lastCounter) return refused(0x9402)
  const amount = data.slice(1, 5)
  const fen = Bytes.toNumber(amount)
  if (kind === "load" && purse.balance + fen > purse.most) return refused(0x6985)
  if (kind === "purchase" && fen > purse.balance) return refused(0x9401)

  const terminal = data.slice(5)
  const random = card.random(4)
  const session = { begun: { kind, purse: name, amount, terminal, random } } as const
  const old = Bytes.ofNumber(purse.balance, 4)
  const counter = Bytes.ofNumber(count, 2)
  const told = Bytes.join(indexes.version, indexes.algorithm, random)
  if (kind === "purchase") return done({ data: Bytes.join(old, counter, overdraft, told), session })
  const key = PurseCrypto.loadSession(Bytes.of(keys.load), random, counter)
  const mac1 = PurseCrypto.loadMac1(key, old, { amount, type: types.load[name], terminal })
  return done({ data: Bytes.join(old, counter, told, mac1), session })
}

interface Transaction {
  readonly begun: Begun
  readonly type: number
  /** The counter before it. */
  readonly count: number
  readonly balance: number
  readonly stamp: PurseCrypto.Stamp
  readonly mac: Bytes.Bytes
  readonly tac: Bytes.Bytes
}

/** Balance, counter, log and proof together: whatever happens to the power, they agree. */
const written = ({ balance, begun, count, mac, stamp, tac, type }: Transaction): Write => ({
  size: transactionSize,
  to: (memory) => {
    const logged = Bytes.ofNumber(memory.logged === "after" ? count + 1 : count, 2)
    const line = Bytes.join(logged, overdraft, begun.amount, type, begun.terminal, stamp.date, stamp.time)
    const counted = begun.kind === "load" ? { loads: count + 1 } : { purchases: count + 1 }
    const proof: Proof = { type, counter: count, mac: Bytes.hex(mac), tac: Bytes.hex(tac) }
    return {
      ...memory,
      purses: { ...memory.purses, [begun.purse]: { ...memory.purses[begun.purse], ...counted, balance } },
      log: [Bytes.hex(line), ...memory.log].slice(0, logLines),
      proofs: [proof, ...memory.proofs.filter((proof) => proof.type !== type)]
    }
  }
})

const stampOf = (data: Bytes.Bytes): PurseCrypto.Stamp => ({ date: data.slice(0, 4), time: data.slice(4, 7) })

/** CREDIT FOR LOAD. */
export const credit: Run = ({ memory, session }, { data, p1, p2 }) => {
  const { begun } = session
  if (p1 !== 0 || p2 !== 0) return refused(0x6a86)
  if (begun?.kind !== "load") return refused(0x6901)
  if (data.length !== 11) return refused(0x6700)
  const purse = memory.purses[begun.purse]
  const type = types.load[begun.purse]
  const load = { ...begun, type }
  const stamp = stampOf(data)
  const counter = Bytes.ofNumber(purse.loads, 2)
  const key = PurseCrypto.loadSession(Bytes.of(memory.keys.load), begun.random, counter)
  const mac = PurseCrypto.loadMac2(key, load, stamp)
  if (!Bytes.equal(mac, data.slice(7))) return refused(0x9302)
  const fen = Bytes.toNumber(begun.amount)
  if (fen === 0) return refused(0x6985)
  const balance = purse.balance + fen
  const tac = PurseCrypto.loadTac(Bytes.of(memory.keys.tac), Bytes.ofNumber(balance, 4), counter, load, stamp)
  return done({ data: tac, writes: [written({ begun, type, count: purse.loads, balance, stamp, mac, tac })] })
}

/** DEBIT FOR PURCHASE. */
export const debit: Run = ({ memory, session }, { data, p1, p2 }) => {
  const { begun } = session
  if (p1 !== 1 || p2 !== 0) return refused(0x6a86)
  if (begun?.kind !== "purchase") return refused(0x6901)
  if (data.length !== 15) return refused(0x6700)
  const purse = memory.purses[begun.purse]
  const type = types.purchase[begun.purse]
  const purchase = { ...begun, type }
  const sequence = data.slice(0, 4)
  const stamp = stampOf(data.slice(4))
  const counter = Bytes.ofNumber(purse.purchases, 2)
  const key = PurseCrypto.purchaseSession(Bytes.of(memory.keys.purchase), begun.random, counter, sequence)
  if (!Bytes.equal(PurseCrypto.purchaseMac1(key, purchase, stamp), data.slice(11))) return refused(0x9302)
  const fen = Bytes.toNumber(begun.amount)
  if (fen === 0) return refused(0x6985)
  const balance = purse.balance - fen
  const mac = PurseCrypto.purchaseMac2(key, begun.amount)
  const tac = PurseCrypto.purchaseTac(Bytes.of(memory.keys.tac), purchase, sequence, stamp)
  const transaction = { begun, type, count: purse.purchases, balance, stamp, mac, tac }
  return done({ data: Bytes.join(tac, mac), writes: [written(transaction)] })
}

/**
 * GET TRANSACTION PROVE: MAC and TAC of the last transaction of this type, if it was the one after this counter. The
 * MAC of a purchase is MAC2. The manual names none for a load: this card gives MAC2 as it was sent, others may not.
 */
export const prove: Run = ({ memory }, { data, p1, p2 }): Step => {
  if (p1 !== 0) return refused(0x6a86)
  if (data.length !== 2) return refused(0x6700)
  const counter = Bytes.toNumber(data)
  const proof = memory.proofs.find((proof) => proof.type === p2 && proof.counter === counter)
  return proof === undefined ? refused(0x9406) : done({ data: Bytes.of(proof.mac + proof.tac) })
}
