/**
 * How often a channel is called again, and when it is left alone 重试与熔断.
 *
 * Only calls that do one thing however often they are sent may be repeated: a query, or whatever bears a number of
 * ours. A call that was given up is unknown, never failed. Waiting grows by doubling up to a limit, and is spread, so
 * that the tills of a canteen do not all come back in the same second; a peer that names its own wait (429,
 * Retry-After) gets it. After several failures in a row the circuit opens: nothing is sent for a while, then one call
 * tries whether it is well.
 */
import { Clock, Effect, Random, Ref, Result, Schema } from "effect"

/** How patient a caller is, all in milliseconds but for the numbers. */
export interface Policy {
  /** The first wait; each further one is twice as long. */
  readonly firstWait: number
  readonly longestWait: number
  /** The part of a wait that is random, 0 to 1. */
  readonly spread: number
  /** How often it is sent at most. */
  readonly attempts: number
  /** After how long all is given up, waiting and calling together. */
  readonly deadline: number
  /** How many failures in a row open the circuit. */
  readonly failures: number
  /** How long it stays open. */
  readonly rest: number
}

/** For calls that a person waits for. */
export const policy: Policy = {
  firstWait: 500,
  longestWait: 8_000,
  spread: 0.5,
  attempts: 4,
  deadline: 30_000,
  failures: 5,
  rest: 30_000
}

/**
 * What a failed call says of itself. `isTemporary`: the peer or the way to it failed, and a repetition may help; every
 * other answer, a refusal too, shows that the peer is well. `wait`: what the peer asks for, in milliseconds.
 */
export interface Failure {
  readonly isTemporary: boolean
  readonly wait?: number
}

/** Nothing was sent: the peer has failed too often. `until`: milliseconds since 1970. */
export class CircuitOpen extends Schema.TaggedError<CircuitOpen>()("CircuitOpen", { until: Schema.Finite }) {}

/** Nobody knows what became of the call: it was given up while it was under way. */
export class DeadlinePassed extends Schema.TaggedError<DeadlinePassed>()("DeadlinePassed", {}) {}

/** `Closed`: calls pass. `Open`: none does. `HalfOpen`: one is trying. */
export type State =
  | { readonly _tag: "Closed"; readonly failures: number }
  | { readonly _tag: "Open"; readonly until: number }
  | { readonly _tag: "HalfOpen"; readonly since: number }

/** The circuit to one peer. */
export interface Circuit {
  readonly policy: Policy
  readonly state: Ref.Ref<State>
}

const closed: State = { _tag: "Closed", failures: 0 }

/** A closed circuit. */
export const make = (options: Policy = policy): Effect.Effect<Circuit> =>
  Effect.map(Ref.make<State>(closed), (state) => ({ policy: options, state }))

/** The state in which a call that comes now may be sent, or when to come again. */
export const admit = (state: State, { deadline }: Policy, now: number): Result.Result<State, CircuitOpen> => {
  switch (state._tag) {
    case "Closed":
      return Result.succeed(state)
    case "Open":
      return now >= state.until
        ? Result.succeed({ _tag: "HalfOpen", since: now })
        : Result.fail(new CircuitOpen({ until: state.until }))
    case "HalfOpen":
      // Whoever tried was cut off before it could tell.
      return now >= state.since + deadline
        ? Result.succeed({ _tag: "HalfOpen", since: now })
        : Result.fail(new CircuitOpen({ until: state.since + deadline }))
  }
}

/** The state after a call. A late failure of a call from before does not keep an open circuit open for longer. */
export const settle = (state: State, isWell: boolean, { failures, rest }: Policy, now: number): State => {
  if (state._tag === "Open") return state
  if (isWell) return closed
  const count = state._tag === "Closed" ? state.failures + 1 : failures
  return count >= failures ? { _tag: "Open", until: now + rest } : { _tag: "Closed", failures: count }
}

/** The wait before a repetition. `repetition`: from 1; `random`: 0 to 1. */
export const waitBefore = (repetition: number, random: number, { firstWait, longestWait, spread }: Policy): number =>
  Math.round(Math.min(firstWait * 2 ** (repetition - 1), longestWait) * (1 - spread * random))

/** The wait that a `Retry-After` names, in milliseconds; as seconds or as a date. `now`: milliseconds since 1970. */
export const retryAfter = (header: string | undefined, now: number): number | undefined => {
  if (header === undefined) return undefined
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000
  const at = /^[A-Z][a-z]{2}, /.test(header) ? Date.parse(header) : Number.NaN
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}

/**
 * Calls a peer through its circuit. `isRepeatable`: whether the call does one thing however often it is sent. `told`:
 * what a failure says of itself.
 */
export const call = Effect.fnUntraced(function*<A, E, R>(
  circuit: Circuit,
  attempt: Effect.Effect<A, E, R>,
  { isRepeatable, told }: { readonly isRepeatable: boolean; readonly told: (error: E) => Failure }
): Effect.fn.Return<A, E | CircuitOpen | DeadlinePassed, R> {
  const { attempts, deadline } = circuit.policy
  const start = yield* Clock.currentTimeMillis
  let before: E | undefined
  for (let sent = 1;; sent++) {
    const sending = yield* Effect.result(sendOnce(circuit, attempt, told, start))
    if (Result.isFailure(sending)) {
      // That nothing was sent is true of the first try alone.
      const isSent = sent > 1 && sending.failure._tag === "CircuitOpen"
      return yield* Effect.fail(isSent ? before as E : sending.failure)
    }
    const result = sending.success
    if (Result.isSuccess(result)) return result.success
    before = result.failure
    const { isTemporary, wait: asked } = told(result.failure)
    if (!isRepeatable || !isTemporary || sent >= attempts) return yield* Effect.fail(result.failure)
    // What the peer asks for is a least, and nobody knocks earlier than the others because of it.
    const wait = Math.max(asked ?? 0, waitBefore(sent, yield* Random.next, circuit.policy))
    const now = yield* Clock.currentTimeMillis
    if (now + wait >= start + deadline) return yield* Effect.fail(result.failure)
    yield* Effect.sleep(wait)
  }
})

const sendOnce = Effect.fnUntraced(function*<A, E, R>(
  { policy, state }: Circuit,
  attempt: Effect.Effect<A, E, R>,
  told: (error: E) => Failure,
  start: number
): Effect.fn.Return<Result.Result<A, E>, CircuitOpen | DeadlinePassed, R> {
  const now = yield* Clock.currentTimeMillis
  const admitted = yield* Ref.modify(state, (before) => {
    const after = admit(before, policy, now)
    return [Result.map(after, () => undefined), Result.isSuccess(after) ? after.success : before] as const
  })
  yield* Effect.fromResult(admitted)
  const finish = (isWell: boolean) =>
    Effect.flatMap(Clock.currentTimeMillis, (at) => Ref.update(state, (before) => settle(before, isWell, policy, at)))
  const left = Math.max(0, start + policy.deadline - now)
  return yield* Effect.result(attempt).pipe(
    Effect.timeoutOrElse({ duration: left, orElse: () => Effect.fail(new DeadlinePassed()) }),
    Effect.tap((result) => finish(Result.isSuccess(result) || !told(result.failure).isTemporary)),
    Effect.tapError(() => finish(false))
  )
})
