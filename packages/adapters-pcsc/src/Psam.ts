/**
 * The security module of a terminal 消费安全访问模块 (PSAM): a card in a second slot that has the master key of
 * purchases and never gives it out. It signs what the terminal asks it to, and checks what the card answers.
 *
 * It knows purchases only: loads are signed by the school's host, writes to protected files by another key. Source: the
 * manual of FMCOS 2.0, JR/T 0025.2-2005 (INIT_SAM_PURCHASE, CREDIT_SAM_FOR_PURCHASE).
 */
import { Effect } from "effect"
import * as Bcd from "./Bcd.ts"
import * as Bytes from "./Bytes.ts"
import type { CardChannel } from "./CardChannel.ts"
import type { Keys, PurchaseSigned, Verdict } from "./CardKeys.ts"
import * as CardProblem from "./CardProblem.ts"
import * as Exchange from "./Exchange.ts"
import * as LogRecord from "./LogRecord.ts"
import * as PurseCrypto from "./PurseCrypto.ts"

/** `application`: the DF name of its purchase application, where it has to be selected. */
export interface Options {
  readonly application?: Bytes.Bytes
}

/**
 * The purchases that a PSAM signs, over its channel. The terminal number of the cards' commands must be the one that is
 * in the PSAM, or cards refuse the signature.
 */
export const open = Effect.fnUntraced(function*(channel: CardChannel, { application }: Options = {}) {
  if (application !== undefined) {
    const command = { cla: 0x00, ins: 0xa4, p1: 0x04, p2: 0x00, data: application, expected: 0x100 }
    yield* Exchange.data(channel, "psam", command)
  }
  // It checks the answer to its last signature only.
  let latest = 0
  const purchase: Keys["purchase"] = Effect.fnUntraced(function*({ amount, at, begun, serial }) {
    const { date, time } = Bcd.stamp(at)
    const data = Bytes.join(
      begun.random,
      Bytes.ofNumber(begun.counter, 2),
      Bytes.ofNumber(amount, 4),
      LogRecord.kinds.epPurchase,
      date,
      time,
      begun.keyVersion,
      begun.algorithm,
      PurseCrypto.factorOf(serial)
    )
    const answer = yield* Exchange.data(channel, "psam", { cla: 0x80, ins: 0x70, p1: 0, p2: 0, data, expected: 8 }, 8)
    const mine = ++latest
    const signed: PurchaseSigned = {
      terminalSequence: answer.slice(0, 4),
      mac1: answer.slice(4, 8),
      confirm: (mac2) =>
        Effect.suspend(() => {
          if (mine !== latest) return Effect.succeed<Verdict>("unknown")
          latest++
          return confirm(channel, mac2)
        })
    }
    return signed
  })
  return { purchase } satisfies Pick<Keys, "purchase">
})

const confirm = (channel: CardChannel, mac2: Bytes.Bytes): Effect.Effect<Verdict, Exchange.Failure> =>
  Effect.flatMap(
    Exchange.send(channel, "psam", { cla: 0x80, ins: 0x72, p1: 0, p2: 0, data: mac2 }),
    ({ status }): Effect.Effect<Verdict, Exchange.Failure> => {
      if (status === 0x9000) return Effect.succeed("right")
      const problem = CardProblem.ofStatus("psam", status)
      return problem._tag === "MacWrong" ? Effect.succeed("wrong") : Effect.fail(problem)
    }
  )
