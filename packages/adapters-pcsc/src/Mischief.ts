/**
 * What can go wrong between a reader and a card, on purpose 故障注入: for tests, examples and drills. A virtual reader asks its plan
 * before every command.
 */
import type { Bytes } from "./Bytes.ts"
import type { CardProgram } from "./CardProgram.ts"

/** What the reader says of a card that was pulled away: nothing at all with success, as most do (trap 4), or an error. */
export type Says = "empty" | "error"

export type Mischief =
  /** The card is pulled before it gets the command. */
  | { readonly _tag: "TearBefore"; readonly says: Says }
  /** It carries the command out, and is pulled before the answer comes. */
  | { readonly _tag: "TearAfter"; readonly says: Says }
  /** It is pulled inside the command, after so many bytes of its memory were written. */
  | { readonly _tag: "TearInside"; readonly written: number; readonly says: Says }
  /** The card carries the command out and stays, and only the first bytes of its answer come. */
  | { readonly _tag: "Cut"; readonly bytes: number }
  /** The card carries the command out, and other bytes come. */
  | { readonly _tag: "Answer"; readonly bytes: Bytes }
  /** No answer comes until it is released; the card has then carried the command out. */
  | { readonly _tag: "Hang" }

/** What is to happen to a command. `at`: it is the at-th since the plan was made, from 0. */
export type Plan = (command: Bytes, at: number) => Mischief | undefined

/** Nothing goes wrong. */
export const none: Plan = () => undefined

/** Once, at the n-th command from 0. */
export const once = (n: number, mischief: Mischief): Plan => (_, at) => at === n ? mischief : undefined

/** What became of a command at the card. `torn`: the card has lost its power and is gone. */
export type Played =
  | { readonly _tag: "Answered"; readonly answer: Bytes }
  | { readonly _tag: "Hangs"; readonly answer: Bytes }
  | { readonly _tag: "Torn"; readonly says: Says }

/** Lets the card do what the mischief leaves of the command. */
export const play = (program: CardProgram, command: Bytes, mischief: Mischief | undefined): Played => {
  switch (mischief?._tag) {
    case "TearBefore":
      return { _tag: "Torn", says: mischief.says }
    case "TearAfter":
      program.answer(command)
      return { _tag: "Torn", says: mischief.says }
    case "TearInside":
      program.interrupt(command, mischief.written)
      return { _tag: "Torn", says: mischief.says }
    case "Cut":
      return { _tag: "Answered", answer: program.answer(command).slice(0, mischief.bytes) }
    case "Answer":
      program.answer(command)
      return { _tag: "Answered", answer: mischief.bytes }
    case "Hang":
      return { _tag: "Hangs", answer: program.answer(command) }
    case undefined:
      return { _tag: "Answered", answer: program.answer(command) }
  }
}
