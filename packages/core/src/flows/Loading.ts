/**
 * A card is loaded at a terminal 圈存流程: begin, write, settle (R27-R29, D8). The write itself is the terminal's: it is
 * handed in.
 */
import { Effect, Option } from "effect"
import { openLoad } from "../AccountState.ts"
import type { Answer } from "../Answer.ts"
import * as CardLoad from "../CardLoad.ts"
import type * as Chip from "../Chip.ts"
import type { Of } from "../Command.ts"
import { CommandId } from "../Id.ts"
import type { Amount } from "../Money.ts"
import { AccountStore } from "../ports/AccountStore.ts"
import * as Submit from "./Submit.ts"

/**
 * Writes so many fen to a card that still reads `before`, and reads it afterwards; a card that reads otherwise has been
 * written already, and is only read. Nothing when the card was gone before it answered.
 */
export type Write = (amount: Amount, before: Chip.Reading) => Effect.Effect<Option.Option<Chip.Reading>>

/** What the two steps answered. `settled`: none when nothing was begun. */
export interface Loaded {
  readonly begun: Answer
  readonly settled: Option.Option<Answer>
}

/** One tap: what waits is written to the card, or stays where it was, or is held until the next tap tells. */
export const load = Effect.fn("Loading.load")(function*(
  statement: Submit.Statement<Of<"BeginLoad">>,
  write: Write
) {
  const settling = settlingOf(statement.id)
  const begun = yield* Submit.submit(statement)
  const settled = yield* finish(statement, settling, begun, write)
  return { begun, settled } satisfies Loaded
})

/**
 * What the settling of a load is called. Named before anything happens: an id too long to follow from must not be found out
 * with the money held.
 */
export const settlingOf = (load: CommandId): CommandId => CommandId.make(`settle:${load}`)

/**
 * Writes the load that an answer opened, by a tap to load or by a reversal, and tells what became of it under the name
 * `settling`. Nothing where it opened none, or where nothing is to be written any more.
 */
export const finish = Effect.fn("Loading.finish")(function*(
  statement: Submit.Statement,
  settling: CommandId,
  answer: Answer,
  write: Write
) {
  const opened = answer._tag === "Approved" ? CardLoad.opened(answer.events) : undefined
  if (opened === undefined) return Option.none<Answer>()
  // A repeated command meets the load that it began: once that is settled or torn, there is nothing to write any more.
  const store = yield* AccountStore
  const account = Option.getOrUndefined(yield* store.find({ _tag: "Card", card: opened.card }))
  const open = account === undefined ? undefined : openLoad(account, opened.card)
  if (open?.id !== opened.load || open.outcome === "unknown") return Option.none<Answer>()
  const chip = Option.getOrUndefined(yield* write(opened.amount, opened.before))
  const settled = yield* Submit.submit({
    ...statement,
    id: settling,
    at: yield* Submit.arrival,
    body: { _tag: "SettleLoad", card: opened.card, load: opened.load, ...(chip === undefined ? {} : { chip }) }
  })
  return Option.some(settled)
})
