/**
 * `yikatong reader read` 读卡: all that is on a card but who holds it, and where something is wrong what is. It changes
 * nothing on the card.
 */
import { Effect } from "effect"
import { Command } from "effect/cli"
import { exitCodes, flags, seconds } from "./CardFlags.ts"

export const read = Command.make(
  "read",
  flags,
  Effect.fnUntraced(function*(flags) {
    yield* seconds("wait", flags.wait)
    // The library of cards is loaded for what needs it alone.
    const [CardPlace, CardSight] = yield* Effect.promise(() =>
      Promise.all([import("./CardPlace.ts"), import("./CardSight.ts")])
    )
    const { readers, ...known } = yield* CardPlace.open(flags)
    yield* Effect.provide(CardSight.read(known, flags), readers)
  })
).pipe(
  Command.withDescription(
    "读卡：种类、卡号、有效期、状态、限额累计、余额、明细；不读姓名证件，只读 / what is on a card: kind, id, dates, standing, counters, purse, log; " +
      "neither name nor number of its holder is told, and nothing is changed. " + exitCodes
  )
)
