/**
 * The card alone 独占用卡: waiting in line for the reader, opening the card for one user, and letting go of it, whatever happens.
 */
import { Effect, Semaphore } from "effect"
import type { Bytes } from "./Bytes.ts"
import type { CardChannel } from "./CardChannel.ts"
import { type CardFault, ReaderFailed } from "./CardFault.ts"
import * as CardHold from "./CardHold.ts"
import type * as ReaderSlot from "./ReaderSlot.ts"

/** Speaks to the reader itself, as for its buzzer and lights: SCardControl with this code. Many drivers refuse it. */
export type Control = (code: number, command: Bytes) => Effect.Effect<Bytes, CardFault>

/** Uses the card on a reader. At the end it is reset, so that it forgets what was proven to it. */
export const use = <A, E, R>(
  around: CardHold.Surroundings,
  slot: ReaderSlot.ReaderSlot,
  longest: number,
  body: (channel: CardChannel, control: Control) => Effect.Effect<A, E, R>
): Effect.Effect<A, E | CardFault, R> =>
  Semaphore.withPermit(
    slot.line,
    Effect.suspend(() => {
      const hold = CardHold.make(around, slot)
      // Whoever has the channel may fork: its calls go one after the other as well (trap 3).
      const line = Semaphore.makeUnsafe(1)
      let isOver = false
      const inLine = <B>(operation: string, call: Effect.Effect<B, CardFault>): Effect.Effect<B, CardFault> =>
        Semaphore.withPermit(
          line,
          Effect.suspend(() => isOver ? Effect.fail(refusal(slot, operation, "ChannelClosed")) : call)
        )
      const sized = (operation: string, command: Bytes, call: Effect.Effect<Bytes, CardFault>) =>
        command.length > longest ? Effect.fail(refusal(slot, operation, "CommandTooLong")) : inLine(operation, call)
      return Effect.ensuring(
        Effect.flatMap(CardHold.open(hold, true), (first) => {
          let atr = first
          // Another card may have come.
          const woken = Effect.map(CardHold.call(hold, "atr", (card) => card.atr), (now) => void (atr = now))
          return body({
            reader: slot.name,
            get atr() {
              return atr
            },
            get protocol() {
              return hold.card?.protocol() ?? "other"
            },
            longest,
            transmit: (command) => sized("transmit", command, CardHold.transmit(hold, command)),
            reset: inLine("reset", Effect.andThen(CardHold.reset(hold), woken))
          }, (code, command) =>
            sized(
              "control",
              command,
              CardHold.call(hold, "control", (card) => card.control(code, command))
            ))
        }),
        Semaphore.withPermit(
          line,
          Effect.suspend(() => {
            isOver = true
            return CardHold.close(hold, "reset")
          })
        )
      )
    })
  )

const refusal = ({ name: reader }: ReaderSlot.ReaderSlot, operation: string, code: string): CardFault =>
  new ReaderFailed({ reader, operation, code })
