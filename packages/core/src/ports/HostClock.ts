/**
 * The clock of the host 主机时钟: flows read it through Effect's own `Clock`, so that a test, a story or a program with a
 * trusted time source can put another in its place.
 */
import { Clock, Effect } from "effect"

/**
 * Runs an effect under another source of the current time, in milliseconds since the Unix epoch. Sleeping stays as it
 * was.
 */
export const provide = (now: () => number) => <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.updateService(effect, Clock.Clock, (clock): Clock.Clock => ({
    currentTimeMillis: Effect.sync(now),
    currentTimeMillisUnsafe: now,
    currentTimeNanos: Effect.sync(() => BigInt(now()) * 1_000_000n),
    currentTimeNanosUnsafe: () => BigInt(now()) * 1_000_000n,
    monotonicTimeNanos: clock.monotonicTimeNanos,
    monotonicTimeNanosUnsafe: () => clock.monotonicTimeNanosUnsafe(),
    sleep: (duration) => clock.sleep(duration)
  }))
