/**
 * What an operator watches of a store 运行指标, through Effect's own `Metric`: whatever reads its registry (OTLP, Prometheus)
 * has it, and without a reader it costs some additions a batch. Names and units are those of OpenTelemetry; they are kept
 * from release to release, for alarms are made of them.
 *
 * | name | kind | unit | attributes |
 * | --- | --- | --- | --- |
 * | `yikatong.store.batch.size` | histogram | commands | `schema` |
 * | `yikatong.store.batch.duration` | histogram | s | `schema` |
 * | `yikatong.store.commit.duration` | histogram | s | `schema` |
 * | `yikatong.store.queue.depth` | gauge | commands | `schema` |
 * | `yikatong.store.commands` | counter | commands | `schema`, `outcome`: approved, declined, misused, failed |
 * | `yikatong.store.declines` | counter | commands | `schema`, `decline`: the tag of the decline |
 * | `yikatong.store.retries` | counter | tries | `operation` |
 * | `yikatong.store.faults` | counter | operations | `operation`, `fault`: the tag of the fault |
 *
 * A batch's duration is that of all its tries, the commit's is from all decided to all durable. A caller who was refused
 * because too many wait stands among the faults, as `Overloaded`. A batch that is cut in halves counts again for each.
 *
 * No attribute says who: neither account nor caller nor point, for each would be a series of its own, and a trace of
 * somebody's day.
 */
import type { Answer } from "@yikatong/core"
import { Effect, Metric, Result, type Scope } from "effect"

const name = (rest: string): string => `yikatong.store.${rest}`

const sizes = Metric.exponentialBoundaries({ start: 1, factor: 2, count: 12 })
/** Seconds: a commit to a local disk takes some milliseconds, a batch that waited for a lock up to the patience. */
const seconds = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10]

/** Another try of an operation begins. */
export const retried = (operation: string): Effect.Effect<void> =>
  Metric.update(
    Metric.counter(name("retries"), {
      description: "Operations that were tried again, after contention or a lost session",
      attributes: { unit: "{try}", operation },
      incremental: true
    }),
    1
  )

const faults = (operation: string, fault: string) =>
  Metric.counter(name("faults"), {
    description: "Operations that ended in a fault",
    attributes: { unit: "{operation}", operation, fault },
    incremental: true
  })

/** An operation has ended in a fault. */
export const failed = (operation: string, fault: { readonly _tag: string }): Effect.Effect<void> =>
  Metric.update(faults(operation, fault._tag), 1)

/** What one store counts. None of it fails, and none of it waits. */
export interface Metrics {
  /** A batch has been answered. */
  readonly answered: (
    replies: ReadonlyArray<Result.Result<Answer.Answer, { readonly _tag: string }>>,
    milliseconds: number
  ) => void
  /** So many commands have been told a fault. */
  readonly failed: (commands: number) => void
  /** All that a batch decided is durable. */
  readonly committed: (milliseconds: number) => void
  /** A command found no room. */
  readonly overloaded: () => void
  /** Reads the depth of the queue whenever somebody looks, as long as the scope. */
  readonly watch: (waiting: () => number) => Effect.Effect<void, never, Scope.Scope>
}

/** The metrics of the store of this campus, in the registry of the running system. */
export const make: (schema: string) => Effect.Effect<Metrics> = Effect.fnUntraced(function*(schema) {
  const context = yield* Effect.context<never>()
  const commands = { unit: "{command}", schema }
  const time = { unit: "s", schema }

  const batchSize = Metric.histogram(name("batch.size"), {
    description: "Commands that shared one transaction",
    attributes: commands,
    boundaries: sizes
  })
  const batchDuration = Metric.histogram(name("batch.duration"), {
    description: "From the begin of a batch until it is answered, all its tries together",
    attributes: time,
    boundaries: seconds
  })
  const commitDuration = Metric.histogram(name("commit.duration"), {
    description: "From all decided until all durable",
    attributes: time,
    boundaries: seconds
  })
  const depth = Metric.gauge(name("queue.depth"), {
    description: "Commands that wait for their batch to begin",
    attributes: commands
  })
  const by = (outcome: string) =>
    Metric.counter(name("commands"), {
      description: "Commands by what their callers were told",
      attributes: { ...commands, outcome },
      incremental: true
    })
  const outcomes = {
    approved: by("approved"),
    declined: by("declined"),
    misused: by("misused"),
    failed: by("failed")
  } as const
  const declines = new Map<string, Metric.Counter<number>>()
  const declined = (decline: string): Metric.Counter<number> => {
    const known = declines.get(decline)
    if (known !== undefined) return known
    const counter = Metric.counter(name("declines"), {
      description: "Commands that were declined, by reason",
      attributes: { ...commands, decline },
      incremental: true
    })
    declines.set(decline, counter)
    return counter
  }

  const add = (metric: Metric.Metric<number, unknown>, amount: number): void => {
    if (amount > 0) metric.updateUnsafe(amount, context)
  }

  return {
    answered: (replies, milliseconds) => {
      let approved = 0
      let refused = 0
      let misused = 0
      for (const reply of replies) {
        if (Result.isFailure(reply)) {
          if (reply.failure._tag === "CommandIdReused") misused++
          else add(faults("transact", reply.failure._tag), 1)
        } else if (reply.success._tag === "Approved") {
          approved++
        } else {
          refused++
          declined(reply.success.decline._tag).updateUnsafe(1, context)
        }
      }
      batchSize.updateUnsafe(replies.length, context)
      batchDuration.updateUnsafe(milliseconds / 1000, context)
      add(outcomes.approved, approved)
      add(outcomes.declined, refused)
      add(outcomes.misused, misused)
      add(outcomes.failed, replies.length - approved - refused - misused)
    },
    failed: (commands) => add(outcomes.failed, commands),
    committed: (milliseconds) => commitDuration.updateUnsafe(milliseconds / 1000, context),
    overloaded: () => {
      add(outcomes.failed, 1)
      add(faults("transact", "Overloaded"), 1)
    },
    watch: (waiting) =>
      Effect.acquireRelease(
        Effect.sync(() =>
          Metric.registerUnsafe(depth, context, {
            get: () => ({ value: waiting() }),
            update: () => {},
            modify: () => {}
          })
        ),
        (registration) => Effect.sync(() => registration.remove())
      )
  }
})
