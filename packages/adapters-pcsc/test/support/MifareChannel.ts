// A channel over a card program, with a card that can be pulled away at any command and at any byte.
import { Effect } from "effect"
import * as Bytes from "../../src/Bytes.ts"
import type { CardChannel } from "../../src/CardChannel.ts"
import { AnswerLost, type CardFault, CardGone } from "../../src/CardFault.ts"
import type { CardProgram } from "../../src/CardProgram.ts"

/**
 * The card is pulled at the command with this number, counted from 0. `how`: before it heard the command, after it
 * carried it out, or once so many bytes were written. `back`: it lies there again when it is next reset.
 */
export interface Tear {
  readonly at: number
  readonly how: "unsent" | "unanswered" | number
  readonly back: boolean
}

export interface MifareChannel {
  readonly channel: CardChannel
  /** What was sent, in hexadecimal. */
  readonly sent: Array<string>
  tear: Tear | undefined
  /** What lies on the reader; nothing while it is away. */
  card: CardProgram | undefined
  /** Answers in place of the card, where it gives something. */
  answer: (command: string, number: number) => string | undefined
  /** What becomes of an answer of the card on its way. `number`: of the command, counted from 0. */
  alter: (answer: Bytes.Bytes, number: number) => Bytes.Bytes
}

const reader = "Virtual M1"

export const over = (program: CardProgram): MifareChannel => {
  let away: CardProgram | undefined
  const transmit = (command: Bytes.Bytes) =>
    Effect.suspend((): Effect.Effect<Bytes.Bytes, CardFault> => {
      const { card, tear } = state
      if (card === undefined) return Effect.fail(new CardGone({ reader }))
      const number = state.sent.length
      state.sent.push(Bytes.hex(command))
      if (tear?.at === number) {
        if (tear.how === "unanswered") card.answer(command)
        else if (tear.how !== "unsent") card.interrupt(command, tear.how)
        card.power("off")
        state.card = undefined
        away = tear.back ? card : undefined
        return Effect.fail(new AnswerLost({ reader, how: "removed" }))
      }
      const instead = state.answer(Bytes.hex(command), number)
      return Effect.succeed(instead === undefined ? state.alter(card.answer(command), number) : Bytes.of(instead))
    })
  const reset = Effect.suspend(() => {
    state.card ??= away
    away = undefined
    if (state.card === undefined) return Effect.fail(new CardGone({ reader }))
    state.card.power("reset")
    return Effect.void
  })
  const state: MifareChannel = {
    channel: { reader, atr: program.atr, longest: 264, transmit, reset },
    sent: [],
    tear: undefined,
    card: program,
    answer: () => undefined,
    alter: (answer) => answer
  }
  return state
}
