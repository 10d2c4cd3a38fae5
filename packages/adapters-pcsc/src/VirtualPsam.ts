/**
 * A PSAM as a program, for tests, examples and terminals that are tried out: it answers 80 70 and 80 72 as a real one
 * does, and keeps its own transaction counter over a loss of power.
 */
import { Redacted, Result } from "effect"
import * as Apdu from "./Apdu.ts"
import * as Bytes from "./Bytes.ts"
import type { CardProgram } from "./CardProgram.ts"
import type * as Psam from "./Psam.ts"
import * as PurseCrypto from "./PurseCrypto.ts"

/**
 * `purchase`: the master key, 16 bytes; `terminal`: its number, 6 bytes; `sequence`: the number of its next
 * transaction. `levels`: how often its key is diversified down to a card, 1 where it is left out; `order`: how it reads
 * their factors ("cardFirst"). `protocol`: "T=0" where it is left out, as most PSAMs speak it.
 */
export interface Memory {
  readonly purchase: Redacted.Redacted<Bytes.Bytes>
  readonly terminal: Bytes.Bytes
  readonly application: Bytes.Bytes
  readonly levels?: number
  readonly order?: Psam.Order
  readonly protocol?: "T=0" | "T=1"
  sequence: number
}

/** Both tell the historical bytes "PSAM", 0, 0, 0, 1; T=1 asks for a check byte at the end. */
const atrs = { "T=0": "3B68 0000 5053414D 00000001", "T=1": "3B88 8101 5053414D 00000001 06" } as const

const status = (word: number): Bytes.Bytes => Bytes.ofNumber(word, 2)
const nothing = new Uint8Array()
const headLength = 20
const factorLength = 8

/** The program. It changes `sequence` of its memory and nothing else. */
export const make = (memory: Memory): CardProgram => {
  const { levels = 1, order = "cardFirst", protocol = "T=0" } = memory
  let expected: Bytes.Bytes | undefined
  let waiting: Bytes.Bytes = nothing
  const sign = (data: Bytes.Bytes): Bytes.Bytes => {
    if (data.length !== headLength + levels * factorLength) return status(0x6700)
    const part = (from: number, to: number): Bytes.Bytes => data.slice(from, to)
    const factors = Array.from({ length: levels }, (_, level) => {
      const at = headLength + level * factorLength
      return part(at, at + factorLength)
    })
    if (order === "cardFirst") factors.reverse()
    const key = factors.reduce<Bytes.Bytes>(PurseCrypto.diversify, Redacted.value(memory.purchase))
    const sequence = Bytes.ofNumber(memory.sequence, 4)
    const session = PurseCrypto.purchaseSession(key, part(0, 4), part(4, 6), sequence)
    const purchase = { amount: part(6, 10), type: data[10] ?? 0, terminal: memory.terminal }
    memory.sequence++
    expected = PurseCrypto.purchaseMac2(session, purchase.amount)
    const mac1 = PurseCrypto.purchaseMac1(session, purchase, { date: part(11, 15), time: part(15, 18) })
    const answer = Bytes.join(sequence, mac1)
    if (protocol === "T=1") return Bytes.join(answer, status(0x9000))
    waiting = answer
    return status(0x6100 + answer.length)
  }
  const check = (mac2: Bytes.Bytes): Bytes.Bytes => {
    if (expected === undefined) return status(0x6901)
    const isRight = Bytes.equal(mac2, expected)
    expected = undefined
    return status(isRight ? 0x9000 : 0x9302)
  }
  /** GET RESPONSE. */
  const fetch = (length: number | undefined): Bytes.Bytes => {
    if (waiting.length === 0) return status(0x6985)
    if (length !== waiting.length) return status(0x6c00 + waiting.length)
    const answer = Bytes.join(waiting, status(0x9000))
    waiting = nothing
    return answer
  }
  const answer = (bytes: Bytes.Bytes): Bytes.Bytes => {
    const read = Apdu.decode(bytes)
    if (Result.isFailure(read)) return status(0x6700)
    const { cla, data = nothing, expected: asked, ins } = read.success
    // Over T=0 a command has either data or a length that is asked for.
    if (protocol === "T=0" && data.length > 0 && asked !== undefined) return status(0x6700)
    if (protocol === "T=0" && cla === 0x00 && ins === 0xc0) return fetch(asked)
    waiting = nothing
    if (cla === 0x00 && ins === 0xa4) return status(Bytes.equal(data, memory.application) ? 0x9000 : 0x6a82)
    if (cla !== 0x80) return status(0x6e00)
    return ins === 0x70 ? sign(data) : ins === 0x72 ? check(data) : status(0x6d00)
  }
  const forget = (): void => {
    expected = undefined
    waiting = nothing
  }
  return {
    atr: Bytes.of(atrs[protocol]),
    power: forget,
    answer,
    interrupt: (command, written) => {
      const before = memory.sequence
      answer(command)
      // The counter is all that it writes, in one piece.
      if (written === 0) memory.sequence = before
      forget()
    }
  }
}
