/**
 * Numbers for the transactions of a terminal, from the clock 终端交易序号: the seconds since 1970, which four bytes hold
 * until 2106.
 *
 * A real terminal counts and keeps its count. A command line that is called now and then has nothing to keep it in; but
 * a second has gone by between two of its payments, and where it has not (in one run) the next second is waited for.
 */
import { Clock, Effect } from "effect"

/** Gives a number each time it runs, and none twice. */
export const make: Effect.Effect<Effect.Effect<number>> = Effect.sync(() => {
  let last = 0
  return Effect.gen(function*() {
    for (;;) {
      const now = yield* Clock.currentTimeMillis
      const second = Math.floor(now / 1_000) % 2 ** 32
      if (second !== last) return last = second
      yield* Effect.sleep(1_000 - now % 1_000)
    }
  })
})
