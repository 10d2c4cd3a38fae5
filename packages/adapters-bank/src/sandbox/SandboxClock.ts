/**
 * The sandbox's clock 虚拟时钟: the real one and what it was put forward by. What is to happen later falls due by it, so that a
 * night, a resend after an hour and the bill of the next morning take no time.
 */
import type { CivilTime } from "@yikatong/core"
import { Clock, Deferred, Duration, Effect, FiberSet, Latch, type Scope, Semaphore } from "effect"

/** Something that falls due. Of two at one time the one that was planned first is first. */
interface Due {
  readonly at: number
  readonly task: Effect.Effect<void>
}

/** The longest that one wait lasts, in milliseconds: a timer takes no more than 24 days. */
const longestWait = 3_600_000

export class SandboxClock {
  readonly #real: Clock.Clock
  readonly #running: FiberSet.FiberSet<void>
  readonly #start: (task: Effect.Effect<void>) => void
  /** Opens when there is something new to wait for. */
  readonly #planned = Latch.makeUnsafe(false)
  readonly #one = Semaphore.makeUnsafe(1)
  #ahead = 0
  #due: Array<Due> = []
  #isAdvancing = false

  private constructor(
    real: Clock.Clock,
    running: FiberSet.FiberSet<void>,
    start: (task: Effect.Effect<void>) => void,
    begin: CivilTime.Instant | undefined
  ) {
    this.#real = real
    this.#running = running
    this.#start = start
    if (begin !== undefined) this.#ahead = begin - real.currentTimeMillisUnsafe()
  }

  /** A clock that runs as long as the scope, from now, or from when is said. */
  static readonly make = (begin?: CivilTime.Instant): Effect.Effect<SandboxClock, never, Scope.Scope> =>
    Effect.gen(function*() {
      const running = yield* FiberSet.make<void>()
      const start = yield* FiberSet.runtime(running)<never>()
      const clock = new SandboxClock(yield* Clock.Clock, running, start, begin)
      yield* Effect.forkScoped(clock.#run)
      return clock
    })

  now(): CivilTime.Instant {
    return (this.#real.currentTimeMillisUnsafe() + this.#ahead) as CivilTime.Instant
  }

  /** After so many milliseconds of this clock. A task must not wait for this clock: it plans another instead. */
  plan(after: number, task: Effect.Effect<void>): void {
    // What fails is a sandbox that is broken; the time goes on.
    const safe = Effect.catchDefect(task, (cause) => Effect.logError("The sandbox failed", cause))
    this.#due.push({ at: this.now() + after, task: safe })
    this.#due.sort((a, b) => a.at - b.at)
    this.#planned.openUnsafe()
  }

  sleep(milliseconds: number): Effect.Effect<void> {
    return Effect.suspend(() => {
      const over = Deferred.makeUnsafe<void>()
      this.plan(milliseconds, Effect.asVoid(Deferred.succeed(over, undefined)))
      return Deferred.await(over)
    })
  }

  /** Puts the clock forward. What falls due on the way is done at its time, one after the other, before this is over. */
  advance(milliseconds: number): Effect.Effect<void> {
    const onward = Effect.gen({ self: this }, function*() {
      this.#isAdvancing = true
      // What is being done may plan something for the time that is passed over.
      yield* FiberSet.awaitEmpty(this.#running)
      const target = this.now() + milliseconds
      for (let due = this.#take(target); due !== undefined; due = this.#take(target)) {
        this.#reach(due.at)
        yield* due.task
      }
      this.#reach(target)
    })
    const after = Effect.sync(() => {
      this.#isAdvancing = false
      this.#planned.openUnsafe()
    })
    return this.#one.withPermits(1)(Effect.ensuring(onward, after))
  }

  /** This clock for programs of Effect in the same process: their time is the sandbox's. */
  get asClock(): Clock.Clock {
    const real = this.#real
    const nanos = () => BigInt(Math.round(this.#ahead)) * 1_000_000n
    return {
      currentTimeMillisUnsafe: () => this.now(),
      currentTimeMillis: Effect.sync(() => this.now()),
      currentTimeNanosUnsafe: () => real.currentTimeNanosUnsafe() + nanos(),
      currentTimeNanos: Effect.sync(() => real.currentTimeNanosUnsafe() + nanos()),
      monotonicTimeNanosUnsafe: () => real.monotonicTimeNanosUnsafe() + nanos(),
      monotonicTimeNanos: Effect.sync(() => real.monotonicTimeNanosUnsafe() + nanos()),
      sleep: (duration) => this.sleep(Duration.toMillis(duration))
    }
  }

  #reach(instant: number): void {
    this.#ahead += Math.max(0, instant - this.now())
  }

  /** What is due first, if that is by then. */
  #take(by: number): Due | undefined {
    const [first] = this.#due
    return first !== undefined && first.at <= by ? this.#due.shift() : undefined
  }

  get #run(): Effect.Effect<never> {
    return Effect.forever(Effect.suspend(() => {
      this.#planned.closeUnsafe()
      if (this.#isAdvancing) return this.#planned.await
      for (let due = this.#take(this.now()); due !== undefined; due = this.#take(this.now())) this.#start(due.task)
      const [next] = this.#due
      if (next === undefined) return this.#planned.await
      const wait = Math.min(longestWait, Math.max(1, next.at - this.now()))
      return Effect.timeoutOrElse(this.#planned.await, { duration: wait, orElse: () => Effect.void })
    }))
  }
}
