/**
 * `yikatong reader load` 圈存试验: writes money to the chip that lies on a reader, and nowhere else. No books move.
 */
import { Effect } from "effect"
import { Command } from "effect/cli"
import * as CardAmount from "./CardAmount.ts"
import { chipAlone, exitCodes, flags, seconds } from "./CardFlags.ts"
import * as Ending from "./Ending.ts"

export const load = Command.make(
  "load",
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
      CardDealing.deal(known, { kind: "load", amount, json, reader, wait, isSignalled: Ending.isSignalled }),
      readers
    )
  })
).pipe(
  Command.withDescription("向卡片芯片写入金额 / write money to the chip. " + chipAlone + ". " + exitCodes)
)
