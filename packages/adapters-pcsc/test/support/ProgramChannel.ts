/**
 * A card in the process, at a reader from which it can be pulled at any moment: during any command, after any byte of
 * an answer, after any byte of its memory. Every command that left the terminal is kept.
 */
import { Effect } from "effect"
import * as Bytes from "../../src/Bytes.ts"
import { type CardChannel, protocolOf } from "../../src/CardChannel.ts"
import { AnswerLost, type CardFault, CardGone } from "../../src/CardFault.ts"
import type { CardProgram } from "../../src/CardProgram.ts"

/**
 * What goes wrong, once, with the command number `at` (from 0). `pulled`: before it arrives; `halted`: while it is
 * carried out, after so many bytes of memory; `lost`: it was carried out, and so many bytes of its answer came, which
 * the reader keeps back; `short`: or gives as if they were all; `flipped`: one bit of this byte comes wrong; `late`:
 * the answer comes too late, and the card is still awake.
 */
export type Mischief =
  & { readonly at: number }
  & (
    | { readonly how: "pulled" }
    | { readonly how: "late" }
    | { readonly how: "halted"; readonly written: number }
    | { readonly how: "lost" | "short"; readonly bytes: number }
    | { readonly how: "flipped"; readonly byte: number }
  )

export interface ProgramChannel extends CardChannel {
  readonly sent: Array<Bytes.Bytes>
  /** Answers as they came, in their lengths. */
  readonly answered: Array<number>
  /** Puts this card onto the reader. */
  readonly insert: (card: CardProgram) => void
  readonly remove: () => void
}

const reader = "reader-1"

/** `returns`: a card that was pulled lies there again at once, and not only when it is inserted. */
export const make = (
  first: CardProgram,
  { mischief, returns = false }: { readonly mischief?: Mischief; readonly returns?: boolean } = {}
): ProgramChannel => {
  let card: CardProgram | undefined = first
  let next = first
  let isOn = true
  const sent: Array<Bytes.Bytes> = []
  const answered: Array<number> = []
  const pull = (): void => {
    card?.power("off")
    next = card ?? next
    card = returns ? next : undefined
    isOn = false
  }
  const lost = (how: AnswerLost["how"]) => Effect.fail(new AnswerLost({ reader, how }))
  const gone = Effect.suspend(() => Effect.fail(new CardGone({ reader })))
  return {
    reader,
    get atr() {
      return (card ?? next).atr
    },
    get protocol() {
      return protocolOf((card ?? next).atr)
    },
    longest: 261,
    sent,
    answered,
    insert: (other) => {
      card = other
      next = other
      isOn = true
      card.power("on")
    },
    remove: () => {
      pull()
      card = undefined
    },
    reset: Effect.suspend(() => {
      if (card === undefined) return gone
      isOn = true
      card.power("reset")
      return Effect.void
    }),
    transmit: (command) =>
      Effect.suspend((): Effect.Effect<Bytes.Bytes, CardFault> => {
        const now = mischief?.at === sent.length ? mischief : undefined
        // Also what finds no card any more: nobody may try it.
        sent.push(command)
        if (card === undefined || !isOn) return gone
        if (now?.how === "pulled") {
          pull()
          return lost("removed")
        }
        if (now?.how === "halted") {
          card.interrupt(command, now.written)
          pull()
          return lost("link")
        }
        const answer = card.answer(command)
        answered.push(answer.length)
        if (now?.how === "late") return lost("late")
        if (now?.how === "flipped") return Effect.succeed(answer.map((byte, at) => at === now.byte ? byte ^ 1 : byte))
        if (now === undefined) return Effect.succeed(answer)
        const part = answer.slice(0, now.bytes)
        pull()
        return now.how === "short" && part.length >= 2 ? Effect.succeed(part) : lost("empty")
      })
  }
}

/** How many commands with this instruction were sent. */
export const count = ({ sent }: ProgramChannel, instruction: number): number =>
  sent.filter((command) => command[1] === instruction).length

/** What was sent, in hexadecimal. */
export const told = ({ sent }: ProgramChannel): ReadonlyArray<string> => sent.map(Bytes.hex)
