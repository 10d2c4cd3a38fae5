/**
 * Trying again 重试: what stood in the way of a transaction, or took its session away, is often gone a moment later.
 *
 * Only what may be done twice is tried twice. What stays in the way becomes the fault that it is, after about a third
 * of a second; what does not answer at all, after the time that the caller allows.
 */
import { Fault } from "@yikatong/core"
import { type Duration, Effect, Fiber, Schedule } from "effect"
import { isSqlError, type SqlError } from "effect/sql/SqlError"
import * as Faults from "./Faults.ts"

const again = Schedule.jittered(Schedule.exponential("10 millis"))
const retries = 5

/** Unless told: longer than a terminal waits, and much longer than a batch takes. */
const patience: Duration.Input = "10 seconds"

/** An effect on the database that may be repeated, with its failures told as faults. */
export const repeat = (operation: string, timeout: Duration.Input = patience) =>
<A, E, R>(
  effect: Effect.Effect<A, E | SqlError, R>
): Effect.Effect<A, Exclude<E, SqlError> | Fault.StoreFault, R> =>
  effect.pipe(
    Faults.lostSession,
    Effect.retry({ schedule: again, times: retries, while: (error) => isSqlError(error) && Faults.isTransient(error) }),
    Effect.mapError((error) =>
      isSqlError(error) ? Faults.fromSqlError(operation)(error) : error as Exclude<E, SqlError>
    ),
    within(timeout, new Fault.StoreUnavailable({ operation, cause: new Error("the database did not answer in time") }))
  )

/**
 * Gives up after a time. A query whose network is dead takes seconds more until it has taken leave of its session; it
 * does so behind our back. A caller that is interrupted waits for the rollback.
 */
const within = <Late>(timeout: Duration.Input, late: Late) =>
<A, E, R>(
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, E | Late, R> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(
      Effect.forkDetach(Effect.interruptible(effect)),
      (fiber) =>
        restore(Effect.timeoutOrElse(Fiber.join(fiber), {
          duration: timeout,
          orElse: () => Effect.andThen(Effect.forkDetach(Fiber.interrupt(fiber)), Effect.fail(late))
        })).pipe(Effect.onInterrupt(() => Fiber.interrupt(fiber)))
    )
  )
