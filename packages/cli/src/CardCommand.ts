/**
 * What the commands on a card have in common 卡片命令: the flags are read, the place of the card is opened, and the card is looked at or
 * written. The library of cards is loaded for what needs it alone.
 */
import { Effect } from "effect"
import { Command } from "effect/cli"
import * as CardAmount from "./CardAmount.ts"
import { flags, seconds } from "./CardFlags.ts"
import * as Ending from "./Ending.ts"

/** A command that looks at a card, as `CardSight` does it under this name. It changes nothing. */
export const looking = <Name extends "balance" | "read">(name: Name, description: string) =>
  Command.make(
    name,
    flags,
    Effect.fnUntraced(function*(flags) {
      yield* seconds("wait", flags.wait)
      const [CardPlace, CardSight] = yield* Effect.promise(() =>
        Promise.all([import("./CardPlace.ts"), import("./CardSight.ts")])
      )
      const { readers, ...known } = yield* CardPlace.open(flags, "look")
      yield* Effect.provide(CardSight[name](known, flags), readers)
    })
  ).pipe(Command.withDescription(description))

/** A command that writes money to the chip alone. */
export const dealing = <Name extends "load" | "pay">(name: Name, kind: "load" | "debit", description: string) =>
  Command.make(
    name,
    { amount: CardAmount.argument, ...flags },
    Effect.fnUntraced(function*({ amount: text, ...flags }) {
      const amount = yield* CardAmount.parse(text)
      yield* seconds("wait", flags.wait)
      const [CardPlace, CardDealing] = yield* Effect.promise(() =>
        Promise.all([import("./CardPlace.ts"), import("./CardDealing.ts")])
      )
      const { readers, ...known } = yield* CardPlace.open(flags, "deal")
      const { json, reader, wait } = flags
      yield* Effect.provide(
        CardDealing.deal(known, { kind, amount, json, reader, wait, isSignalled: Ending.isSignalled }),
        readers
      )
    })
  ).pipe(Command.withDescription(description))
