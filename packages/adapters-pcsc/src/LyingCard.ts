/**
 * A card that lies 说谎的卡片: forged, broken or of another maker. It stands around a card program and tells the
 * terminal something else than the card did, for tests of whoever must not believe everything.
 *
 * The lies are for CPU cards that answer directly (T=1). Answers that are refusals are passed on as they are, but for
 * the lies that are about the status.
 */
import * as Bytes from "./Bytes.ts"
import type { CardProgram } from "./CardProgram.ts"

type Ask = (command: Bytes.Bytes) => Bytes.Bytes

/**
 * Answers a command, for the card, in its own way; `card` asks the true one. A lie may remember, so each card makes its
 * own.
 */
type Liar = (card: Ask) => Ask

const starts = (command: Bytes.Bytes, ...headers: ReadonlyArray<string>): boolean =>
  headers.some((header) => Bytes.hex(command.subarray(0, header.length / 2)) === header)

/** Commands, by how they begin. */
const initialiseLoad = "805000"
const initialisePurchase = "805001"
const credit = "8052"
const debit = "8054"
const prove = "805A"
const balance = "805C"
const writes = [credit, debit] as const
const withData = [initialiseLoad, initialisePurchase, ...writes, prove, balance] as const

const good = 0x9000
const statusOf = (answer: Bytes.Bytes): number => Bytes.toNumber(answer.slice(-2))
const status = (word: number): Bytes.Bytes => Bytes.ofNumber(word, 2)

/** Changes the data of good answers to these commands. */
const changed =
  (headers: ReadonlyArray<string>, change: (data: Bytes.Bytes) => Bytes.Bytes): Liar => (card) => (command) => {
    const answer = card(command)
    return starts(command, ...headers) && statusOf(answer) === good
      ? Bytes.join(change(answer.slice(0, -2)), status(good))
      : answer
  }

/** One bit at `at` is another; counted from the end if negative. */
const flipped = (at: number) => (data: Bytes.Bytes): Bytes.Bytes =>
  data.map((byte, index) => index === (at < 0 ? data.length + at : at) ? byte ^ 1 : byte)

/** What the card would say, without its being asked. */
const instead = (headers: ReadonlyArray<string>, answer: Bytes.Bytes): Liar => (card) => (command) =>
  starts(command, ...headers) ? answer : card(command)

/** Does what it is told, and says something else. */
const denied = (headers: ReadonlyArray<string>, answer: Bytes.Bytes): Liar => (card) => (command) => {
  const truth = card(command)
  return starts(command, ...headers) && statusOf(truth) === good ? answer : truth
}

/** Repeats its first good answer to each of these. `parts`: how much of the answer is repeated, the rest is true. */
const stale = (parts: Readonly<Record<string, number>>): Liar => (card) => {
  const said = new Map<string, Bytes.Bytes>()
  return (command) => {
    const answer = card(command)
    const header = Object.keys(parts).find((header) => starts(command, header))
    if (header === undefined || statusOf(answer) !== good) return answer
    const length = parts[header] ?? 0
    const first = said.get(header) ?? answer.slice(0, length)
    said.set(header, first)
    return Bytes.join(first, answer.slice(length))
  }
}

const lies = {
  /** INITIALIZE FOR LOAD is signed by somebody else. */
  wrongMac1: changed([initialiseLoad], flipped(-1)),
  /** DEBIT was carried out, and its MAC2 is wrong. */
  wrongMac2: changed([debit], flipped(-1)),
  /** CREDIT and DEBIT were carried out, and the TAC is wrong. */
  wrongTac: changed(writes, flipped(0)),
  /** The proof of a transaction bears a wrong MAC. */
  forgedProofMac: changed([prove], flipped(0)),
  /** The proof of a transaction bears a wrong TAC. */
  forgedProofTac: changed([prove], flipped(-1)),
  /** A proof is given for every transaction, also for those that never were. */
  inventedProof: instead([prove], Bytes.join(Bytes.of("0123456789ABCDEF"), status(good))),
  /** The card does not remember its last transactions. */
  forget: instead([prove], status(0x9406)),
  /** The first balance is told for ever, by GET BALANCE and by INITIALIZE. */
  staleBalance: stale({ [balance]: 4, [initialiseLoad]: 4, [initialisePurchase]: 4 }),
  /** The first balance and counters are told for ever by INITIALIZE. */
  staleReading: stale({ [initialiseLoad]: 6, [initialisePurchase]: 6 }),
  /** Every answer of the purse lacks its last byte. */
  shortAnswer: changed(withData, (data) => data.slice(0, -1)),
  /** Every answer of the purse has one byte too many. */
  longAnswer: changed(withData, (data) => Bytes.join(data, 0)),
  /** Every answer of the purse is a status alone. */
  noData: changed(withData, () => Bytes.of("")),
  /** Nothing comes back from CREDIT and DEBIT, which were carried out. */
  emptyAnswer: denied(writes, Bytes.of("")),
  /** Half a status comes back from CREDIT and DEBIT, which were carried out. */
  oneByte: denied(writes, Bytes.of("90")),
  /** CREDIT and DEBIT were carried out, and the card says that they were refused. */
  deniesWriting: denied(writes, status(0x6985)),
  /** CREDIT and DEBIT were carried out, and the card says that its memory has failed. */
  deniesMemory: denied(writes, status(0x6581)),
  /** CREDIT and DEBIT were not carried out, and the card says that they were. */
  pretendsWriting: (card) => (command) => {
    if (starts(command, credit)) return Bytes.join(Bytes.of("01234567"), status(good))
    return starts(command, debit) ? Bytes.join(Bytes.of("0123456789ABCDEF"), status(good)) : card(command)
  },
  /** A status that no standard knows, on every command of the purse. */
  unknownStatus: denied(withData, status(0x7f7f)),
  /** There is always more to be fetched. */
  endless: (card) => (command) => starts(command, balance, "00C0") ? Bytes.of("00 6101") : card(command),
  /** The length is always another one. */
  neverFits: (card) => (command) => starts(command, balance) ? status(0x6c05) : card(command)
} as const satisfies Readonly<Record<string, Liar>>

/** The lies, by name. */
export type Lie = keyof typeof lies
export const all: ReadonlyArray<Lie> = Object.keys(lies) as Array<Lie>

export interface LyingCard extends CardProgram {
  /** From now on it tells this lie; the truth, if none is named. What a lie remembers begins anew. */
  readonly tell: (lie?: Lie) => void
}

/** A card that tells the truth until it is told to lie. */
export const make = (card: CardProgram, lie?: Lie): LyingCard => {
  const truth: Ask = (command) => card.answer(command)
  const of = (lie: Lie | undefined): Ask => lie === undefined ? truth : lies[lie](truth)
  let answer = of(lie)
  return {
    atr: card.atr,
    power: card.power,
    interrupt: card.interrupt,
    answer: (command) => answer(command),
    tell: (lie) => {
      answer = of(lie)
    }
  }
}
