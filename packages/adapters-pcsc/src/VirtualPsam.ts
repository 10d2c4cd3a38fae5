/**
 * A PSAM as a program, for tests, examples and terminals that are tried out: it answers 80 70 and 80 72 as a real one
 * does, and keeps its own transaction counter over a loss of power.
 */
import { Redacted, Result } from "effect"
import * as Apdu from "./Apdu.ts"
import * as Bytes from "./Bytes.ts"
import type { CardProgram } from "./CardProgram.ts"
import * as PurseCrypto from "./PurseCrypto.ts"

/**
 * `purchase`: the master key, 16 bytes; `terminal`: its number, 6 bytes; `sequence`: the number of its next
 * transaction.
 */
export interface Memory {
  readonly purchase: Redacted.Redacted<Bytes.Bytes>
  readonly terminal: Bytes.Bytes
  readonly application: Bytes.Bytes
  sequence: number
}

const status = (word: number): Bytes.Bytes => Bytes.ofNumber(word, 2)

/** The program. It changes `sequence` of its memory and nothing else. */
export const make = (memory: Memory): CardProgram => {
  let expected: Bytes.Bytes | undefined
  const sign = (data: Bytes.Bytes): Bytes.Bytes => {
    if (data.length !== 28) return status(0x6700)
    const part = (from: number, to: number): Bytes.Bytes => data.slice(from, to)
    const key = PurseCrypto.diversify(Redacted.value(memory.purchase), part(20, 28))
    const sequence = Bytes.ofNumber(memory.sequence, 4)
    const session = PurseCrypto.purchaseSession(key, part(0, 4), part(4, 6), sequence)
    const purchase = { amount: part(6, 10), type: data[10] ?? 0, terminal: memory.terminal }
    memory.sequence++
    expected = PurseCrypto.purchaseMac2(session, purchase.amount)
    const mac1 = PurseCrypto.purchaseMac1(session, purchase, { date: part(11, 15), time: part(15, 18) })
    return Bytes.join(sequence, mac1, status(0x9000))
  }
  const check = (mac2: Bytes.Bytes): Bytes.Bytes => {
    if (expected === undefined) return status(0x6901)
    const isRight = Bytes.equal(mac2, expected)
    expected = undefined
    return status(isRight ? 0x9000 : 0x9302)
  }
  const answer = (bytes: Bytes.Bytes): Bytes.Bytes => {
    const read = Apdu.decode(bytes)
    if (Result.isFailure(read)) return status(0x6700)
    const { cla, data = new Uint8Array(), ins } = read.success
    if (cla === 0x00 && ins === 0xa4) return status(Bytes.equal(data, memory.application) ? 0x9000 : 0x6a82)
    if (cla !== 0x80) return status(0x6e00)
    return ins === 0x70 ? sign(data) : ins === 0x72 ? check(data) : status(0x6d00)
  }
  return {
    atr: Bytes.of("3B 68 00 00 50 53 41 4D 00 00 00 01"),
    power: () => {
      expected = undefined
    },
    answer,
    interrupt: (command, written) => {
      const before = memory.sequence
      answer(command)
      // The counter is all that it writes, in one piece.
      if (written === 0) memory.sequence = before
      expected = undefined
    }
  }
}
