/**
 * `yikatong reader balance` 卡余额: what is on the chip, on one line. It changes nothing on the card.
 */
import { Effect } from "effect"
import { Command } from "effect/cli"
import { exitCodes, flags, seconds } from "./CardFlags.ts"

export const balance = Command.make(
  "balance",
  flags,
  Effect.fnUntraced(function*(flags) {
    yield* seconds("wait", flags.wait)
    // The library of cards is loaded for what needs it alone.
    const [CardPlace, CardSight] = yield* Effect.promise(() =>
      Promise.all([import("./CardPlace.ts"), import("./CardSight.ts")])
    )
    const { readers, ...known } = yield* CardPlace.open(flags)
    yield* Effect.provide(CardSight.balance(known, flags), readers)
  })
).pipe(
  Command.withDescription(
    "卡内余额和交易次数，只读 / the balance of the chip and its counters; it only reads. " + exitCodes
  )
)
