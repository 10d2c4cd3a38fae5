/**
 * One lane of a store 车道: what is done with a batch from its beginning until all its callers can be told. It is tried again
 * where that may help, seen as a span, counted, and then the subscribers of the outbox are called.
 */
import { Fault, type SchoolProfile } from "@yikatong/core"
import { Cause, type Duration, Effect, Exit } from "effect"
import * as Attempts from "./Attempts.ts"
import type * as Batch from "./Batch.ts"
import * as BatchSpan from "./BatchSpan.ts"
import * as BatchTransaction from "./BatchTransaction.ts"
import * as Faults from "./Faults.ts"
import * as Metrics from "./Metrics.ts"
import type { Transact } from "./Sessions.ts"

/** A command, and the span in which its caller waits. */
export type Submitted = Batch.Item & BatchSpan.Called

export interface Options {
  readonly schema: string
  readonly profiles: SchoolProfile.History
  readonly timeout: Duration.Input
  readonly metrics: Metrics.Metrics
  /** Calls whoever waits for something new. */
  readonly ring: () => void
}

/** Writes one batch at a time in the transactions of this lane. */
export const make = (
  { metrics, profiles, ring, schema, timeout }: Options,
  transact: Transact,
  lane: number
): (
  items: ReadonlyArray<Submitted>,
  isPart: boolean
) => Effect.Effect<ReadonlyArray<Batch.Reply>, Fault.StoreFault> => {
  const write = BatchTransaction.make(transact, schema, profiles, metrics.committed)
  const span = BatchSpan.make(schema, lane)

  const counted =
    (items: ReadonlyArray<Submitted>, begun: number) =>
    (exit: Exit.Exit<ReadonlyArray<Batch.Reply>, Fault.StoreFault>) =>
      Effect.sync(() => {
        if (Exit.isSuccess(exit)) {
          ring()
          return metrics.answered(exit.value, performance.now() - begun)
        }
        const failure = exit.cause.reasons.find(Cause.isFailReason)
        // Cut in halves otherwise, and told by those.
        if (failure !== undefined && (items.length === 1 || !Faults.mayBeOfOne(failure.error))) {
          metrics.failed(items.length)
        }
      })

  return (items, isPart) =>
    Effect.suspend(() =>
      write(items, isPart).pipe(
        span.transaction(items),
        // Nobody waits again and again for an account that somebody else holds: its command fails alone.
        Attempts.repeat("transact", timeout, (error) => !Faults.isLockTimeout(error)),
        Effect.catchDefect(broken),
        span.batch(items),
        Effect.onExit(counted(items, performance.now()))
      )
    )
}

const broken = (cause: unknown): Effect.Effect<never, Fault.StoreBroken> => {
  const fault = new Fault.StoreBroken({ operation: "transact", cause })
  return Effect.andThen(Metrics.failed("transact", fault), Effect.fail(fault))
}
