/**
 * Many callers, one transaction 组提交: whatever has queued while the last batch was under way is the next one. There is
 * no timer, so a caller that is alone waits for nobody, and thousands share the price of one commit.
 *
 * Several lanes may write at once: while the database writes the batch of one, the next is decided for the other. Items
 * that would wait for each other (those of one account) go to the same lane, in the order in which they came.
 *
 * A batch that fails for a reason that may lie in one of its items is cut in halves until that item fails alone. Where more
 * wait than are allowed to, the next one is refused at once, and memory does not grow.
 */
import { Cause, Effect, Exit, Queue, type Result, type Scope } from "effect"

/** Writes a batch as a whole or not at all. The replies stand in the order of the items. */
export type Commit<Item, Reply, Refusal, Failure> = (
  items: ReadonlyArray<Item>
) => Effect.Effect<ReadonlyArray<Result.Result<Reply, Refusal>>, Failure>

export interface Options<Item, Reply, Refusal, Failure> {
  /** The lane of an item, by a number that items of one account share. */
  readonly laneOf: (item: Item) => number
  /** How many items go into one batch at most. */
  readonly limit: number
  /** How many items may wait for their batch to begin. */
  readonly capacity: number
  /** The lanes: each writes one batch at a time. */
  readonly lanes: ReadonlyArray<Commit<Item, Reply, Refusal, Failure>>
  /** Whether a batch may have failed because of one item. */
  readonly isPoisoned: (failure: Failure) => boolean
  /** What callers are told that still wait when the scope closes. */
  readonly closed: () => Failure
  /** What a caller is told for whom there is no room. */
  readonly overloaded: (waiting: number) => Failure
}

interface Waiting<Item, Reply, Error> {
  readonly item: Item
  readonly resume: (reply: Effect.Effect<Reply, Error>) => void
  /** Its caller was interrupted: if its batch has not begun, it never happens. */
  abandoned: boolean
}

export interface GroupCommit<Item, Reply, Error> {
  /** Submits one item and waits for its reply. */
  readonly submit: (item: Item) => Effect.Effect<Reply, Error>
  /** How many items wait for their batch to begin. */
  readonly waiting: () => number
}

/** Workers that live as long as the scope. */
export const make = Effect.fnUntraced(function*<Item, Reply, Refusal, Failure>(
  { capacity, closed, isPoisoned, laneOf, lanes, limit, overloaded }: Options<Item, Reply, Refusal, Failure>
): Effect.fn.Return<GroupCommit<Item, Reply, Refusal | Failure>, never, Scope.Scope> {
  type One = Waiting<Item, Reply, Refusal | Failure>
  let open = true
  let waiting = 0

  const failAll = (batch: ReadonlyArray<One>, cause: Cause.Cause<Refusal | Failure>) => {
    const failure = Effect.failCause(cause)
    for (const { resume } of batch) resume(failure)
  }

  // What was committed is told, even when the scope closes in this moment: nothing can come between commit and replies.
  const writeBy = (commit: Commit<Item, Reply, Refusal, Failure>) => (batch: ReadonlyArray<One>): Effect.Effect<void> =>
    batch.length === 0 ?
      Effect.void :
      Effect.uninterruptibleMask((restore) =>
        Effect.flatMap(Effect.exit(restore(commit(batch.map(({ item }) => item)))), (exit) => {
          if (Exit.isSuccess(exit)) {
            for (const [at, reply] of exit.value.entries()) batch[at]?.resume(Effect.fromResult(reply))
            return Effect.void
          }
          const failure = exit.cause.reasons.find(Cause.isFailReason)
          if (batch.length > 1 && failure !== undefined && isPoisoned(failure.error)) {
            const middle = batch.length >> 1
            return restore(
              Effect.andThen(writeBy(commit)(batch.slice(0, middle)), writeBy(commit)(batch.slice(middle)))
            )
          }
          // An interrupted worker leaves its batch to the finalizer below.
          if (!Cause.hasInterruptsOnly(exit.cause)) {
            failAll(batch, exit.cause)
          }
          return Effect.void
        })
      )

  const queues = yield* Effect.forEach(
    lanes,
    Effect.fnUntraced(function*(commit) {
      const write = writeBy(commit)
      const queue = yield* Queue.unbounded<One>()
      let underWay: ReadonlyArray<One> = []
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
          waiting -= batch.length
          underWay = batch.filter(({ abandoned }) => !abandoned)
          return write(underWay)
        }),
        Effect.forever,
        Effect.ensuring(close),
        Effect.forkScoped
      )
      return queue
    })
  )

  const submit = (item: Item): Effect.Effect<Reply, Refusal | Failure> =>
    Effect.callback((resume) => {
      if (!open) return resume(Effect.fail(closed()))
      if (waiting >= capacity) return resume(Effect.fail(overloaded(waiting)))
      const one: One = { item, resume, abandoned: false }
      const queue = queues[laneOf(item) % queues.length]
      if (queue === undefined) return resume(Effect.die(new Error("there is no such lane")))
      waiting++
      Queue.offerUnsafe(queue, one)
      return Effect.sync(() => {
        one.abandoned = true
      })
    })
  return { submit, waiting: () => waiting }
})
