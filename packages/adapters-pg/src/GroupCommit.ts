/**
 * Many callers, one transaction 组提交: whatever has queued while the last batch was under way is the next one. There is
 * no timer, so a caller that is alone waits for nobody, and thousands share the price of one commit.
 *
 * A batch that fails for a reason that may lie in one of its items is cut in halves until that item fails alone.
 */
import { Cause, Deferred, Effect, Exit, Queue, type Result, type Scope } from "effect"

export interface Options<Item, Reply, Refusal, Failure> {
  /** How many items go into one batch at most. */
  readonly limit: number
  /** Writes a batch as a whole or not at all. The replies stand in the order of the items. */
  readonly commit: (
    items: ReadonlyArray<Item>
  ) => Effect.Effect<ReadonlyArray<Result.Result<Reply, Refusal>>, Failure>
  /** Whether a batch may have failed because of one item. */
  readonly isPoisoned: (failure: Failure) => boolean
  /** What callers are told that still wait when the scope closes. */
  readonly closed: () => Failure
}

interface Waiting<Item, Reply, Error> {
  readonly item: Item
  readonly reply: Deferred.Deferred<Reply, Error>
  /** Its caller was interrupted: if its batch has not begun, it never happens. */
  abandoned: boolean
}

/** Submits one item and waits for its reply. */
export type Submit<Item, Reply, Error> = (item: Item) => Effect.Effect<Reply, Error>

/** A worker that lives as long as the scope. */
export const make = Effect.fnUntraced(function*<Item, Reply, Refusal, Failure>(
  { closed, commit, isPoisoned, limit }: Options<Item, Reply, Refusal, Failure>
): Effect.fn.Return<Submit<Item, Reply, Refusal | Failure>, never, Scope.Scope> {
  type One = Waiting<Item, Reply, Refusal | Failure>
  const queue = yield* Queue.unbounded<One>()
  let underWay: ReadonlyArray<One> = []
  let open = true

  const failAll = (batch: ReadonlyArray<One>, cause: Cause.Cause<Refusal | Failure>) => {
    for (const { reply } of batch) Deferred.doneUnsafe(reply, Effect.failCause(cause))
  }

  // What was committed is told, even when the scope closes in this moment: nothing can come between commit and replies.
  const write = (batch: ReadonlyArray<One>): Effect.Effect<void> =>
    batch.length === 0 ?
      Effect.void :
      Effect.uninterruptibleMask((restore) =>
        Effect.flatMap(Effect.exit(restore(commit(batch.map(({ item }) => item)))), (exit) => {
          if (Exit.isSuccess(exit)) {
            for (const [at, reply] of exit.value.entries()) {
              const waiting = batch[at]
              if (waiting !== undefined) Deferred.doneUnsafe(waiting.reply, Effect.fromResult(reply))
            }
            return Effect.void
          }
          const failure = exit.cause.reasons.find(Cause.isFailReason)
          if (batch.length > 1 && failure !== undefined && isPoisoned(failure.error)) {
            const middle = batch.length >> 1
            return restore(Effect.andThen(write(batch.slice(0, middle)), write(batch.slice(middle))))
          }
          // An interrupted worker leaves its batch to the finalizer below.
          if (!Cause.hasInterruptsOnly(exit.cause)) {
            failAll(batch, exit.cause)
          }
          return Effect.void
        })
      )

  const close = Effect.sync(() => {
    open = false
    failAll(underWay, Cause.fail(closed()))
    for (let next = Queue.takeUnsafe(queue); next !== undefined; next = Queue.takeUnsafe(queue)) {
      if (Exit.isFailure(next)) return
      failAll([next.value], Cause.fail(closed()))
    }
  })
  // Runs when the worker, which is forked after it, has ended; and nobody waits for a worker that ended by a defect.
  yield* Effect.addFinalizer(() => close)
  yield* Queue.takeBetween(queue, 1, limit).pipe(
    Effect.flatMap((batch) => {
      underWay = batch.filter(({ abandoned }) => !abandoned)
      return write(underWay)
    }),
    Effect.forever,
    Effect.ensuring(close),
    Effect.forkScoped
  )

  return (item) =>
    Effect.suspend(() => {
      if (!open) return Effect.fail(closed())
      const waiting: One = { item, reply: Deferred.makeUnsafe(), abandoned: false }
      Queue.offerUnsafe(queue, waiting)
      return Effect.onInterrupt(Deferred.await(waiting.reply), () =>
        Effect.sync(() => {
          waiting.abandoned = true
        }))
    })
})
