/**
 * Numbers for the transactions of a terminal 终端交易序号: from a random one on, counted in four bytes.
 *
 * A real terminal counts and keeps its count. A command line that is called now and then has nothing to keep it in, and
 * two calls may fall into one second or run at once; so each begins anywhere among four thousand million.
 */
import { SoftwareKeys } from "@yikatong/adapters-pcsc"
import { Effect, Ref } from "effect"
import { randomInt } from "node:crypto"

/** Gives a number each time it runs, and in one run none twice. */
export const make: Effect.Effect<Effect.Effect<number>> = Effect.sync(() =>
  SoftwareKeys.counting(Ref.makeUnsafe(randomInt(2 ** 32)))
)
