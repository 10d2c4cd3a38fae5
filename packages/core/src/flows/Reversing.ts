/**
 * A purchase is undone at its terminal 冲正流程, with the card in its reader or without (D5): decide, write, settle. What goes
 * back to the chip is a load of its own, so a card that is pulled away ends in all or nothing, as at any load (R28, D8).
 * The write itself is the terminal's: it is handed in.
 */
import { Effect, type Option } from "effect"
import type { Answer } from "../Answer.ts"
import type { Of } from "../Command.ts"
import * as Loading from "./Loading.ts"
import * as Submit from "./Submit.ts"

/** What the two steps answered. `settled`: none when nothing was to be written. */
export interface Reversed {
  readonly reversed: Answer
  readonly settled: Option.Option<Answer>
}

/**
 * Undoes a purchase. Sent again after it was cut off, it writes what is still to be written, once; afterwards it only
 * answers as before. What `write` has to keep to says `Loading.Write`. Fails as every flow does: `CommandIdReused` under
 * another body, and faults, after which the same is sent again.
 */
export const reverse = Effect.fn("Reversing.reverse")(function*(
  statement: Submit.Statement<Of<"ReversePurchase">>,
  write: Loading.Write
) {
  const settling = Loading.settlingOf(statement.id)
  const reversed = yield* Submit.submit(statement)
  const settled = yield* Loading.finish(statement, settling, reversed, write)
  return { reversed, settled } satisfies Reversed
})
