/**
 * The driver of recharges 充值驱动: asks the channel of each open attempt when its patience says so, and leads every order on
 * until it is over (D2, D21).
 *
 * A clock that is set back makes it look, and ask about everything once, as after a start.
 *
 * All that counts is in the store. What the driver itself remembers is only when it asked last; so one that was killed and
 * started again asks about everything once and then holds the schedule, and two that run at once do no harm.
 */
import { Cause, Duration, Effect, Exit, Latch } from "effect"
import { type Instant, later, minute } from "../CivilTime.ts"
import { ChannelFailed } from "../Fault.ts"
import type { OrderId, OrderNumber, PointId } from "../Id.ts"
import type * as PaymentAttempt from "../PaymentAttempt.ts"
import { patience as advised, patienceOf, RechargeChannels, serving } from "../ports/RechargeChannel.ts"
import type * as Recharge from "../Recharge.ts"
import * as Recharging from "./Recharging.ts"
import { nextAsk } from "./Schedule.ts"
import * as Submit from "./Submit.ts"

export { nextAsk } from "./Schedule.ts"

/** What went wrong, and of what: the scan for open attempts, or one order. */
export interface Trouble {
  readonly of: "scan" | OrderId
  readonly cause: Cause.Cause<Failure>
}
type Failure =
  | Effect.Error<typeof Recharging.open>
  | Effect.Error<ReturnType<typeof Recharging.inquire>>
  | Effect.Error<ReturnType<typeof Recharging.pursue>>

export interface Options {
  /**
   * How often new attempts are looked for; 5 seconds if left out. A look reads the attempts and orders that are open, by
   * `SubjectStore.open`: some milliseconds for a hundred, however many have ended before. To look less often delays nothing
   * but the first question about a payment whose callback was lost.
   */
  readonly every?: Duration.Input
  /** How many questions to one channel are under way at once; 8 if left out. */
  readonly concurrency?: number
  /** After how long a question is given up, to be asked again; a minute if left out. */
  readonly limit?: Duration.Input
  /** Is told what went wrong; a warning in the log if left out. It never ends the driver. */
  readonly told?: (trouble: Trouble) => Effect.Effect<void>
}

/** How long after each other an order is led on that has no attempt to be asked about. */
const pause = 5 * minute

/** When an order without an open attempt has something to be done: when its payer's time is over, or where it was cut off. */
const nextRound = (order: Recharge.Order, lastDone: Instant | undefined, now: Instant): Instant => {
  const isPaid = "reference" in order
  if (!isPaid && lastDone === undefined) return later(order.expiresAt, 1)
  return lastDone === undefined ? now : later(lastDone, pause)
}

type Services = Effect.Services<ReturnType<typeof Recharging.inquire> | ReturnType<typeof Recharging.pursue>>

/** Something to be led on: of which order, by whose channel, when, and how. */
interface Task {
  readonly key: OrderId | OrderNumber
  readonly order: OrderId
  readonly channel: string
  readonly due: Instant
  /** Gives the attempt as it is then. */
  readonly does: Effect.Effect<PaymentAttempt.Attempt | undefined, Failure, Services>
}

/**
 * Drives until it is interrupted. `point`: on whose behalf credits are written. Each order is asked about by one question at
 * a time; a channel that hangs keeps no other waiting.
 */
export const run = (point: PointId, options: Options = {}) =>
  Effect.scoped(Effect.gen(function*() {
    const { concurrency = 8, told = warn } = options
    const every = Math.max(Duration.toMillis(options.every ?? "5 seconds"), 1)
    const limit = options.limit ?? "1 minute"
    const channels = yield* RechargeChannels
    const scope = yield* Effect.scope
    const wake = yield* Latch.make()
    const began = yield* Submit.arrival
    const attempts = new Map<OrderNumber, PaymentAttempt.Attempt>()
    const orders = new Map<OrderId, Recharge.Order>()
    const last = new Map<string, Instant>()
    const busy = new Set<OrderId>()
    const load = new Map<string, number>()
    let scanAt = began
    let before = began

    const tell = (of: Trouble["of"], cause: Cause.Cause<Failure>) =>
      Cause.hasInterruptsOnly(cause) ? Effect.void : Effect.ignoreCause(told({ of, cause }))

    const scan = Effect.gen(function*() {
      const found = yield* Effect.exit(Recharging.open)
      if (Exit.isFailure(found)) return yield* tell("scan", found.cause)
      attempts.clear()
      orders.clear()
      for (const attempt of found.value.attempts) {
        attempts.set(attempt.number, attempt)
        // Opened under our eyes: nobody has asked about it yet, and the first question has its time.
        if (!last.has(attempt.number) && attempt.openedAt >= began) last.set(attempt.number, attempt.openedAt)
      }
      for (const order of found.value.orders) orders.set(order.id, order)
      for (const { order } of found.value.attempts) orders.delete(order)
      for (const key of last.keys()) {
        if (!attempts.has(key as OrderNumber) && !orders.has(key as OrderId)) last.delete(key)
      }
    })

    const tasks = (now: Instant): ReadonlyArray<Task> => {
      const all: Array<Task> = []
      for (const attempt of attempts.values()) {
        // One whose channel is missing is told as often as one that is there would be asked.
        const channel = serving(channels, attempt)
        const { number, order } = attempt
        const patience = channel === undefined ? advised : patienceOf(channel, attempt)
        const due = nextAsk(attempt, patience, last.get(number), now)
        if (due !== undefined) {
          all.push({
            key: number,
            order,
            channel: channel?.name ?? attempt.channel,
            due,
            does: Recharging.inquire(number, point)
          })
        }
      }
      for (const order of orders.values()) {
        const { id } = order
        const due = nextRound(order, last.get(id), now)
        all.push({ key: id, order: id, channel: "", due, does: Effect.as(Recharging.pursue(id, point), undefined) })
      }
      return all.sort((a, b) => a.due - b.due)
    }

    const perform = ({ channel, does, order }: Task) =>
      Effect.gen(function*() {
        const timed = Effect.timeoutOrElse(does, {
          duration: limit,
          orElse: () => Effect.fail(hung())
        })
        const done = yield* Effect.exit(timed)
        if (Exit.isFailure(done)) yield* tell(order, done.cause)
        else if (done.value !== undefined) attempts.set(done.value.number, done.value)
      }).pipe(
        Effect.ensuring(Effect.sync(() => {
          busy.delete(order)
          load.set(channel, (load.get(channel) ?? 1) - 1)
          wake.openUnsafe()
        })),
        Effect.forkIn(scope)
      )

    for (;;) {
      wake.closeUnsafe()
      const present = yield* Submit.arrival
      if (present < before - minute) {
        // The clock was set back: what was asked in its future is asked now, or nothing would be until it is there again.
        // By less than that is waited out.
        scanAt = present
        last.clear()
      }
      before = present
      if (present >= scanAt) {
        yield* scan
        scanAt = later(yield* Submit.arrival, every)
      }
      const now = yield* Submit.arrival
      let until: Instant = scanAt
      for (const task of tasks(now)) {
        const { channel, due, key, order } = task
        // What has no room is looked at again when an answer has come.
        if (busy.has(order) || (load.get(channel) ?? 0) >= concurrency) continue
        if (due > now) {
          until = Math.min(until, due) as Instant
          continue
        }
        busy.add(order)
        load.set(channel, (load.get(channel) ?? 0) + 1)
        last.set(key, now)
        yield* perform(task)
      }
      yield* Effect.timeoutOrElse(wake.await, { duration: Math.max(until - now, 0), orElse: () => Effect.void })
    }
  }))

const hung = () =>
  new ChannelFailed({ operation: "ask about an attempt", cause: new Error("No answer within the driver's limit") })

const warn = ({ cause, of }: Trouble) => Effect.logWarning(`A recharge could not be led on (${of})`, cause)
