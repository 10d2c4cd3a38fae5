/**
 * `yikatong reader pay` 消费试验: takes money from the chip that lies on a reader, and gives it to nobody. No books move.
 */
import { Effect } from "effect"
import { Command } from "effect/cli"
import * as CardAmount from "./CardAmount.ts"
import { chipAlone, exitCodes, flags, seconds } from "./CardFlags.ts"
import * as Ending from "./Ending.ts"

export const pay = Command.make(
  "pay",
  { amount: CardAmount.argument, ...flags },
  Effect.fnUntraced(function*({ amount: text, ...flags }) {
    const amount = yield* CardAmount.parse(text)
    yield* seconds("wait", flags.wait)
    // The library of cards is loaded for what needs it alone.
    const [CardPlace, CardDealing] = yield* Effect.promise(() =>
      Promise.all([import("./CardPlace.ts"), import("./CardDealing.ts")])
    )
    const { readers, ...known } = yield* CardPlace.open(flags)
    const { json, reader, wait } = flags
    yield* Effect.provide(
      CardDealing.deal(known, { kind: "debit", amount, json, reader, wait, isSignalled: Ending.isSignalled }),
      readers
    )
  })
).pipe(
  Command.withDescription(
    "从卡片芯片扣款，并更新卡上限额累计 / take money from the chip, and count it on the chip. " + chipAlone + ". " +
      exitCodes
  )
)
