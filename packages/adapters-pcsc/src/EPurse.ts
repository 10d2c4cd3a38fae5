/**
 * The commands of the electronic purse 电子钱包 (PBOC EP, JR/T 0025.1/.2-2005), as FMCOS and its like have them on
 * campus cards. One function a command; `CpuCard` makes taps of them.
 *
 * Each answer is checked for its length and each status has a type. Amounts in fen. CREDIT and DEBIT are sent once,
 * whatever comes back: who calls them must then find out what became of them (`TornWrite`).
 */
import { Money } from "@yikatong/core"
import { Effect } from "effect"
import type * as Apdu from "./Apdu.ts"
import * as Bytes from "./Bytes.ts"
import type { CardChannel } from "./CardChannel.ts"
import * as CardProblem from "./CardProblem.ts"
import * as Exchange from "./Exchange.ts"
import type { Stamp } from "./PurseCrypto.ts"
import * as StatusWord from "./StatusWord.ts"

const fail = (problem: CardProblem.CardProblem): Effect.Effect<never, CardProblem.CardProblem> => Effect.fail(problem)

/** The balance of the purse. */
export const balance = (channel: CardChannel): Effect.Effect<Money.Money, Exchange.Failure> =>
  Effect.map(
    Exchange.data(channel, "balance", { cla: 0x80, ins: 0x5c, p1: 0, p2: 0x02, expected: 4 }, 4),
    (bytes) => Money.of(Bytes.toNumber(bytes))
  )

/** What the terminal says as it begins. `terminal`: its number, 6 bytes; `key`: the index of the key. */
export interface Begin {
  readonly key: number
  readonly amount: Money.Money
  readonly terminal: Bytes.Bytes
}

const begun = (
  channel: CardChannel,
  step: "initialiseLoad" | "initialisePurchase",
  p1: number,
  { amount, key, terminal }: Begin,
  length: number
) =>
  Effect.gen(function*() {
    const data = Bytes.join(key, Bytes.ofNumber(amount, 4), terminal)
    const command = { cla: 0x80, ins: 0x50, p1, p2: 0x02, data, expected: length }
    const answer = yield* Exchange.send(channel, step, command)
    switch (StatusWord.of(answer.status)._tag) {
      case "Success":
        break
      case "CounterFull":
        return yield* fail({ _tag: "CounterFull", counter: step === "initialiseLoad" ? "load" : "purchase" })
      case "KeyIndexUnknown":
        return yield* fail({ _tag: "KeyNotOnCard", step, index: key })
      case "NotSupported":
        return yield* fail({ _tag: "CardBlocked", forEver: false })
      default:
        return yield* fail(CardProblem.ofStatus(step, answer.status))
    }
    return yield* Exchange.sized(step, answer.data, length)
  })

/** What the card says as a load begins. `counter`: loads so far; `random`: 4 bytes; `mac1`: its signature. */
export interface LoadBegun {
  readonly balance: Money.Money
  readonly counter: number
  readonly keyVersion: number
  readonly algorithm: number
  readonly random: Bytes.Bytes
  readonly mac1: Bytes.Bytes
}

/** INITIALIZE FOR LOAD 圈存初始化. It changes nothing; the PIN must have been shown where the card needs it. */
export const initialiseLoad = (
  channel: CardChannel,
  begin: Begin
): Effect.Effect<LoadBegun, Exchange.Failure> =>
  Effect.map(begun(channel, "initialiseLoad", 0x00, begin, 16), (bytes) => ({
    balance: Money.of(Bytes.toNumber(bytes.subarray(0, 4))),
    counter: Bytes.toNumber(bytes.subarray(4, 6)),
    keyVersion: bytes[6] ?? 0,
    algorithm: bytes[7] ?? 0,
    random: bytes.slice(8, 12),
    mac1: bytes.slice(12, 16)
  }))

/** What the card says as a purchase begins. `counter`: purchases so far; `overdraft`: in fen; `random`: 4 bytes. */
export interface PurchaseBegun {
  readonly balance: Money.Money
  readonly counter: number
  readonly overdraft: Money.Money
  readonly keyVersion: number
  readonly algorithm: number
  readonly random: Bytes.Bytes
}

/** INITIALIZE FOR PURCHASE 消费初始化. It changes nothing. */
export const initialisePurchase = (
  channel: CardChannel,
  begin: Begin
): Effect.Effect<PurchaseBegun, Exchange.Failure> =>
  Effect.map(begun(channel, "initialisePurchase", 0x01, begin, 15), (bytes) => ({
    balance: Money.of(Bytes.toNumber(bytes.subarray(0, 4))),
    counter: Bytes.toNumber(bytes.subarray(4, 6)),
    overdraft: Money.of(Bytes.toNumber(bytes.subarray(6, 9))),
    keyVersion: bytes[9] ?? 0,
    algorithm: bytes[10] ?? 0,
    random: bytes.slice(11, 15)
  }))

/**
 * Sends a command that writes money: once, even where the card asks for it again, since it may have been carried out.
 */
const once = Effect.fnUntraced(function*(
  channel: CardChannel,
  step: "credit" | "debit",
  command: Apdu.Command,
  length: number
) {
  let answer = yield* Exchange.once(channel, command)
  const status = StatusWord.of(answer.status)
  if (status._tag === "MoreAvailable") {
    const rest = yield* Exchange.send(channel, step, {
      cla: 0x00,
      ins: 0xc0,
      p1: 0,
      p2: 0,
      expected: status.available
    })
    answer = { data: Bytes.join(answer.data, rest.data), status: rest.status }
  }
  if (answer.status !== 0x9000) return yield* fail(CardProblem.ofStatus(step, answer.status))
  return yield* Exchange.sized(step, answer.data, length)
})

/** CREDIT FOR LOAD 圈存. Gives the TAC, 4 bytes. Whatever fails, it may have been carried out. */
export const credit = (
  channel: CardChannel,
  { date, time }: Stamp,
  mac2: Bytes.Bytes
): Effect.Effect<Bytes.Bytes, Exchange.Failure> => {
  const data = Bytes.join(date, time, mac2)
  return once(channel, "credit", { cla: 0x80, ins: 0x52, p1: 0, p2: 0, data, expected: 4 }, 4)
}

/** What the card signs a transaction with, 4 bytes each: for the issuer, and for the terminal. */
export interface Signatures {
  readonly tac: Bytes.Bytes
  readonly mac: Bytes.Bytes
}

/** DEBIT FOR PURCHASE 消费. `terminalSequence`, `mac1`: 4 bytes each. Whatever fails, it may have been carried out. */
export const debit = (
  channel: CardChannel,
  terminalSequence: Bytes.Bytes,
  { date, time }: Stamp,
  mac1: Bytes.Bytes
): Effect.Effect<Signatures, Exchange.Failure> => {
  const data = Bytes.join(terminalSequence, date, time, mac1)
  return Effect.map(
    once(channel, "debit", { cla: 0x80, ins: 0x54, p1: 0x01, p2: 0, data, expected: 8 }, 8),
    (bytes) => ({ tac: bytes.slice(0, 4), mac: bytes.slice(4, 8) })
  )
}

/**
 * GET TRANSACTION PROVE 取交易认证: the signatures of a transaction of this type whose counter was this before it, or
 * nothing where the card has not made it (or has made another since).
 */
export const prove = Effect.fnUntraced(function*(channel: CardChannel, type: number, counter: number) {
  const data = Bytes.ofNumber(counter, 2)
  const command = { cla: 0x80, ins: 0x5a, p1: 0, p2: type, data, expected: 8 }
  const answer = yield* Exchange.send(channel, "prove", command)
  switch (StatusWord.of(answer.status)._tag) {
    case "Success":
      break
    case "ProofNotAvailable":
    case "ConditionsUnmet":
      return undefined
    default:
      return yield* fail(CardProblem.ofStatus("prove", answer.status))
  }
  const proof = yield* Exchange.sized("prove", answer.data, 8)
  const signatures: Signatures = { mac: proof.slice(0, 4), tac: proof.slice(4, 8) }
  return signatures
})
