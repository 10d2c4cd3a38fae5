/**
 * The security module of a terminal 销售点终端安全存取模块（PSAM）: a card in a second slot that has the master key of
 * purchases and never gives it out. It signs what the terminal asks it to, and checks what the card answers.
 *
 * It knows purchases only: loads are signed by the school's host, writes to protected files by another key. Source: the
 * manual of FMCOS 2.0, JR/T 0025.2-2005 (INIT_SAM_PURCHASE, CREDIT_SAM_FOR_PURCHASE).
 *
 * A PSAM that does not answer is `KeysUnreachable` and never a fault of the card, which lies on another reader and is well.
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
import * as StatusWord from "./StatusWord.ts"

/**
 * In which order the factors stand in INIT_SAM_PURCHASE. `cardFirst`: the card's own, then its branch 成员银行标识, then its city
 * 试点城市标识, from the card up to the master, as terminals in the field send them; `cardLast`: as they are derived. Neither was tried
 * on a PSAM of ours.
 */
export type Order = "cardFirst" | "cardLast"

/**
 * `application`: the DF name of its purchase application, where it has to be selected. `factors`: those of the levels between the
 * master and the card, 8 bytes each, in the order in which they are derived, as in a `SoftwareKeys.KeyFile`; none where they are left
 * out. `order`: "cardFirst" where it is left out.
 */
export interface Options {
  readonly application?: Bytes.Bytes
  readonly factors?: ReadonlyArray<Bytes.Bytes>
  readonly order?: Order
}

/** The factors as they stand in the command. */
const ordered = (factors: ReadonlyArray<Bytes.Bytes>, order: Order): ReadonlyArray<Bytes.Bytes> =>
  order === "cardFirst" ? [...factors].reverse() : factors

/** A reader or a contact that fails is the PSAM's here: whoever holds the card must not wait for the card because of it. */
const answered = <A>(asked: Effect.Effect<A, Exchange.Failure>): Effect.Effect<A, CardProblem.CardProblem> =>
  Effect.mapError(
    asked,
    (failure): CardProblem.CardProblem => "message" in failure ? { _tag: "KeysUnreachable", key: "purchase" } : failure
  )

/**
 * The purchases that a PSAM signs, over its channel. The terminal number of the cards' commands must be the one that is
 * in the PSAM, or cards refuse the signature.
 */
export const open = Effect.fnUntraced(function*(channel: CardChannel, options: Options = {}) {
  const { application, factors = [], order = "cardFirst" } = options
  if (factors.some(({ length }) => length !== 8)) return yield* Effect.die(new RangeError("A factor has 8 bytes"))
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
      ...ordered([...factors, PurseCrypto.factorOf(serial)], order)
    )
    const command = { cla: 0x80, ins: 0x70, p1: 0, p2: 0, data, expected: 8 }
    const answer = yield* answered(Exchange.data(channel, "psam", command, 8))
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
    answered(Exchange.send(channel, "psam", { cla: 0x80, ins: 0x72, p1: 0, p2: 0, data: mac2 })),
    ({ status }): Effect.Effect<Verdict, Exchange.Failure> => {
      if (status === 0x9000) return Effect.succeed("right")
      const isWrong = StatusWord.of(status)._tag === "MacInvalid"
      return isWrong ? Effect.succeed("wrong") : Effect.fail(CardProblem.ofStatus("psam", status))
    }
  )
