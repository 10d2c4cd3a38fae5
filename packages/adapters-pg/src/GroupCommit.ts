/**
 * Many callers, one transaction 组提交: whatever has queued while the last batch was under way is the next one. There is
 * no timer, so a caller that is alone waits for nobody, and thousands share the price of one commit.
 *
 * Several lanes may write at once: while the database writes the batch of one, the next is decided for the other. Items
 * that would wait for each other (those of one account, as far as they name it in the same way) go to the same lane, in the
 * order in which they came.
 *
 * A batch that fails for a reason that may lie in one of its items is cut in halves until that item fails alone. From then on
 * whatever bears its key goes alone, until one succeeds: its neighbours wait for it once and not again and again. Where it failed
 * because it would have to wait for somebody, whatever bears its key in this batch fails with it, unsent; and where many would,
 * so does all that is left of the batch after a second.
 *
 * Each lane has room for so many that wait. The next one is refused at once, and memory does not grow; whoever gives up before
 * its batch has begun makes room, and what it asked for never happens.
 */
import { Cause, Effect, Exit, type Result, type Scope } from "effect"

/**
 * Writes a batch as a whole or not at all. The replies stand in the order of the items. `isPart`: it is what is left of a batch that
 * failed, or an item that failed before, and should not wait for anybody as long as a batch may.
 */
export type Commit<Item, Reply, Refusal, Failure> = (
  items: ReadonlyArray<Item>,
  isPart: boolean
) => Effect.Effect<ReadonlyArray<Result.Result<Reply, Refusal>>, Failure>

export interface Options<Item, Reply, Refusal, Failure> {
  /** What items of one account share, as far as they name it in the same way. */
  readonly keyOf: (item: Item) => string
  /** The lane of an item, by a number that items of one key share. */
  readonly laneOf: (item: Item) => number
  /** How many items go into one batch at most. */
  readonly limit: number
  /** How many items may wait in a lane for their batch to begin. */
  readonly capacity: number
  /** The lanes: each writes one batch at a time. */
  readonly lanes: ReadonlyArray<Commit<Item, Reply, Refusal, Failure>>
  /** Whether a batch may have failed because of one item. */
  readonly isPoisoned: (failure: Failure) => boolean
  /** Whether a batch failed because it would have to wait for somebody, and for nothing that it is itself. */
  readonly isHeld: (failure: Failure) => boolean
  /** What callers are told that still wait when the scope closes. */
  readonly closed: () => Failure
  /** What a caller is told for whom there is no room, and how many wait in its lane. */
  readonly overloaded: (waiting: number) => Failure
}

interface One<Item, Reply, Error> {
  readonly item: Item
  readonly resume: (reply: Effect.Effect<Reply, Error>) => void
}

interface Lane<Item, Reply, Error> {
  /** In the order in which they came. */
  readonly waiting: Set<One<Item, Reply, Error>>
  /** Wakes the worker, where it waits for an item. */
  wake: (() => void) | undefined
}

export interface GroupCommit<Item, Reply, Error> {
  /** Submits one item and waits for its reply. */
  readonly submit: (item: Item) => Effect.Effect<Reply, Error>
  /** How many items wait for their batch to begin. */
  readonly waiting: () => number
}

/** So many keys are remembered that failed alone; they are few, or all fail. */
const mostSuspects = 1_000

/** For how long the parts of one batch may wait for others, in milliseconds, from the first that had to. */
const longestHeld = 1_000

/** What a batch has found out about who would have to wait: of each key why, of all of them until when, and why not longer. */
interface Trial<Error> {
  readonly held: Map<string, Cause.Cause<Error>>
  end: number
  last: Cause.Cause<Error> | undefined
}

/** Workers that live as long as the scope. */
export const make = Effect.fnUntraced(function*<Item, Reply, Refusal, Failure>(
  { capacity, closed, isHeld, isPoisoned, keyOf, laneOf, lanes: commits, limit, overloaded }: Options<
    Item,
    Reply,
    Refusal,
    Failure
  >
): Effect.fn.Return<GroupCommit<Item, Reply, Refusal | Failure>, never, Scope.Scope> {
  type Waiting = One<Item, Reply, Refusal | Failure>
  let open = true

  const failAll = (batch: Iterable<Waiting>, cause: Cause.Cause<Refusal | Failure>) => {
    const failure = Effect.failCause(cause)
    for (const { resume } of batch) resume(failure)
  }

  const lane = Effect.fnUntraced(function*(commit: Commit<Item, Reply, Refusal, Failure>) {
    const lane: Lane<Item, Reply, Refusal | Failure> = { waiting: new Set(), wake: undefined }
    const { waiting } = lane
    const suspects = new Set<string>()
    let underWay: ReadonlyArray<Waiting> = []

    /** Those of a part that may be tried; the others are told why not. */
    const triable = (part: ReadonlyArray<Waiting>, { end, held, last }: Trial<Refusal | Failure>) => {
      if (last !== undefined && performance.now() > end) {
        failAll(part, last)
        return []
      }
      return held.size === 0 ? part : part.filter((one) => {
        const cause = held.get(keyOf(one.item))
        if (cause !== undefined) failAll([one], cause)
        return cause === undefined
      })
    }

    /** A part of a batch, or what goes alone. */
    const retry = (part: ReadonlyArray<Waiting>, trial: Trial<Refusal | Failure>): Effect.Effect<void> =>
      Effect.suspend(() => write(triable(part, trial), true, trial))

    // What was committed is told, even when the scope closes in this moment: nothing can come between commit and replies.
    const write = (
      batch: ReadonlyArray<Waiting>,
      isPart: boolean,
      trial: Trial<Refusal | Failure>
    ): Effect.Effect<void> =>
      batch.length === 0 ?
        Effect.void :
        Effect.uninterruptibleMask((restore) =>
          Effect.flatMap(Effect.exit(restore(commit(batch.map(({ item }) => item), isPart))), (exit) => {
            if (Exit.isSuccess(exit)) {
              for (const [at, reply] of exit.value.entries()) batch[at]?.resume(Effect.fromResult(reply))
              if (suspects.size > 0) { for (const { item } of batch) suspects.delete(keyOf(item)) }
              return Effect.void
            }
            const failure = exit.cause.reasons.find(Cause.isFailReason)
            if (failure !== undefined && isPoisoned(failure.error)) {
              const wouldWait = isHeld(failure.error)
              if (wouldWait) {
                trial.last = exit.cause
                trial.end = Math.min(trial.end, performance.now() + longestHeld)
              }
              if (batch.length > 1) {
                const middle = batch.length >> 1
                return restore(Effect.andThen(retry(batch.slice(0, middle), trial), retry(batch.slice(middle), trial)))
              }
              if (suspects.size >= mostSuspects) suspects.clear()
              for (const { item } of batch) {
                suspects.add(keyOf(item))
                if (wouldWait) trial.held.set(keyOf(item), exit.cause)
              }
            }
            failAll(batch, Cause.hasInterruptsOnly(exit.cause) ? Cause.fail(closed()) : exit.cause)
            return Effect.void
          })
        )

    const take = (): ReadonlyArray<Waiting> => {
      const batch: Array<Waiting> = []
      for (const one of waiting) {
        batch.push(one)
        waiting.delete(one)
        if (batch.length === limit) break
      }
      return batch
    }

    const wakened = Effect.callback<void>((resume) => {
      lane.wake = () => {
        lane.wake = undefined
        resume(Effect.void)
      }
    })

    const work = Effect.suspend(() => {
      // Whoever comes in the same moment as the first one travels with it.
      if (waiting.size === 0) return Effect.andThen(wakened, Effect.yieldNow)
      const batch = underWay = take()
      const trial: Trial<Refusal | Failure> = { held: new Map(), end: Number.POSITIVE_INFINITY, last: undefined }
      if (suspects.size === 0) return write(batch, false, trial)
      const isSuspect = ({ item }: Waiting) => suspects.has(keyOf(item))
      const alone = batch.filter(isSuspect)
      return Effect.andThen(
        write(batch.filter((one) => !isSuspect(one)), false, trial),
        Effect.forEach(alone, (one) => retry([one], trial), { discard: true })
      )
    })

    const close = Effect.sync(() => {
      open = false
      failAll(underWay, Cause.fail(closed()))
      failAll(waiting, Cause.fail(closed()))
      waiting.clear()
    })
    // Runs when the worker, which is forked after it, has ended; and nobody waits for a worker that ended by a defect.
    yield* Effect.addFinalizer(() => close)
    yield* Effect.forever(work).pipe(Effect.ensuring(close), Effect.forkScoped)
    return lane
  })

  const lanes = yield* Effect.forEach(commits, lane)

  const submit = (item: Item): Effect.Effect<Reply, Refusal | Failure> =>
    Effect.callback((resume) => {
      const lane = lanes[laneOf(item) % lanes.length]
      if (lane === undefined) return resume(Effect.die(new Error("there is no such lane")))
      if (!open) return resume(Effect.fail(closed()))
      if (lane.waiting.size >= capacity) return resume(Effect.fail(overloaded(lane.waiting.size)))
      const one: Waiting = { item, resume }
      lane.waiting.add(one)
      lane.wake?.()
      return Effect.sync(() => {
        lane.waiting.delete(one)
      })
    })
  return { submit, waiting: () => lanes.reduce((sum, { waiting }) => sum + waiting.size, 0) }
})
