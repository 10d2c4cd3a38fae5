/**
 * Trying again 重试: what stood in the way of a transaction, or took its session away, is often gone a moment later.
 *
 * Only what may be done twice is tried twice. What stays in the way becomes the fault that it is, after about a third
 * of a second; what does not answer at all, after the time that the caller allows.
 */
import { Fault } from "@yikatong/core"
import { Duration, Effect, Fiber, Schedule, Schema } from "effect"
import { isSqlError, type SqlError } from "effect/sql/SqlError"
import * as Faults from "./Faults.ts"
import * as Metrics from "./Metrics.ts"

const again = Schedule.jittered(Schedule.exponential("10 millis"))
const retries = 5

/** Unless told: longer than a terminal waits, and much longer than a batch takes. */
export const patience: Duration.Input = "10 seconds"

/**
 * An effect on the database that may be repeated, with its failures told as faults. `isHopeful`: which of the failures that
 * may be gone at once are worth another try.
 */
export const repeat = (
  operation: string,
  timeout: Duration.Input = patience,
  isHopeful: (error: SqlError) => boolean = () => true
) =>
<A, E, R>(
  effect: Effect.Effect<A, E | SqlError, R>
): Effect.Effect<A, Exclude<E, SqlError> | Fault.StoreFault, R> =>
  effect.pipe(
    Faults.lostSession,
    tryAgain(operation, isHopeful),
    Effect.mapError((error) =>
      isSqlError(error) ? Faults.fromSqlError(operation)(error) : error as Exclude<E, SqlError>
    ),
    within(
      timeout,
      () => Faults.late(operation)
    ),
    Effect.tapError((error) => isFault(error) ? Metrics.failed(operation, error) : Effect.void)
  )

const tryAgain =
  (operation: string, isHopeful: (error: SqlError) => boolean) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.suspend(() => {
      let tries = 0
      const counted = Effect.suspend(() => tries++ === 0 ? effect : Effect.andThen(Metrics.retried(operation), effect))
      return Effect.retry(counted, {
        schedule: again,
        times: retries,
        while: (error) => isSqlError(error) && Faults.isTransient(error) && isHopeful(error)
      })
    })

/** A caller's misuse, which may come this way too, is none. */
const isFault = Schema.is(Schema.Union([Fault.StoreUnavailable, Fault.Overloaded, Fault.StoreFull, Fault.StoreBroken]))

/**
 * Gives up after a time. A query whose network is dead takes seconds more until it has taken leave of its session; it
 * does so behind our back. A caller that is interrupted waits for the rollback.
 */
const within = <Late>(timeout: Duration.Input, late: () => Late) => {
  const patience = Duration.toMillis(Duration.fromInputUnsafe(timeout))
  return <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | Late, R> =>
    Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(
        Effect.forkDetach(Effect.interruptible(effect), { startImmediately: true }),
        (fiber) =>
          restore(Effect.callback<A, E | Late>((resume) => {
            let isLate = false
            const timer = setTimeout(() => {
              // Whatever it holds is let go of before anybody goes on; its own end is not ours.
              isLate = true
              fiber.interruptUnsafe()
              resume(Effect.fail(late()))
            }, patience)
            fiber.addObserver((exit) => {
              clearTimeout(timer)
              if (!isLate) resume(exit)
            })
          })).pipe(Effect.onInterrupt(() => Fiber.interrupt(fiber)))
      )
    )
}
