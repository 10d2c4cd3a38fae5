/**
 * How a subscriber hears that there is something new 唤醒: by looking, or by being called.
 *
 * No payment carries a NOTIFY: PostgreSQL commits all transactions that notify one after the other, under one lock for the whole
 * cluster, and a batch would hold it while its commit is written to disk. A store rings after the commit, in a
 * transaction of its own that writes nothing, and once for all the batches of some milliseconds. A call that is lost loses
 * nothing: a listener looks by itself from time to time. On an idle server one that listens was told 3 to 11 milliseconds
 * after the answer of a payment, one that looks 10 to 90.
 *
 * Looking is cheap as well: it reads one number, and less and less often while nothing comes. It is the default, since it works
 * everywhere: PgBouncer in transaction mode cannot LISTEN, and an embedded database has no session to spare for it.
 */
import { PgClient } from "@effect/sql-pg"
import { Duration, Effect, Option, Queue, type Scope } from "effect"
import type { SqlClient } from "effect/sql"
import { hash } from "node:crypto"

/** `poll`: it looks by itself. `listen`: it is called, over a connection of its own. */
export type Waking = "poll" | "listen"

/** A store rings at most once in this time, in milliseconds. */
const gap = 20
/** How often a listener looks by itself, in case that a call was lost. */
const anyway = "2 seconds"
/** Looks after 5 ms at first, and half as often each time, down to four times a second. */
const shortest = 5
const longest = 250

const channelOf = (schema: string): string => `yikatong_${hash("sha256", schema).slice(0, 16)}`

/** The client, if it may have a second session. */
const spacious = Effect.map(
  Effect.serviceOption(PgClient.PgClient),
  Option.filter(({ config }: { readonly config: PgClient.PgPoolConfig }) => config.maxConnections !== 1)
)

/** Rings for the listeners of a schema, for as long as the scope; the ringing itself takes no time and never fails. */
export const bell = Effect.fnUntraced(function*(
  schema: string
): Effect.fn.Return<() => void, never, Scope.Scope> {
  const client = Option.getOrUndefined(yield* spacious)
  if (client === undefined) return () => {}
  const rung = yield* Queue.sliding<void>(1)
  yield* Queue.take(rung).pipe(
    // Outside of whatever transaction the store is used in; what fails here is found by looking.
    Effect.andThen(Effect.ignore(client.notify(channelOf(schema), ""))),
    Effect.andThen(Effect.sleep(gap)),
    Effect.forever,
    Effect.forkScoped
  )
  return () => void Queue.offerUnsafe(rung, undefined)
})

export interface Wakeup {
  /** Waits until there may be something new. `idle`: how often in a row there was nothing. */
  readonly wait: (idle: number) => Effect.Effect<void>
}

const looking: Wakeup = { wait: (idle) => Effect.sleep(Math.min(longest, shortest * 2 ** Math.min(idle, 10))) }

/** What wakes a subscriber, for as long as the scope. A listener that has lost its connection looks until it has another. */
export const make = Effect.fnUntraced(function*(
  schema: string,
  waking: Waking
): Effect.fn.Return<Wakeup, never, SqlClient.SqlClient | Scope.Scope> {
  const client = Option.getOrUndefined(yield* spacious)
  if (waking === "poll" || client === undefined) return looking
  const called = yield* Queue.sliding<void>(1)
  let listening = false
  const listen = Effect.scoped(Effect.gen(function*() {
    const calls = yield* client.listen(channelOf(schema))
    listening = true
    // What was written before we listened.
    Queue.offerUnsafe(called, undefined)
    return yield* Effect.forever(Effect.andThen(Queue.take(calls), () => Queue.offer(called, undefined)))
  }))
  yield* Effect.ignore(listen).pipe(
    Effect.andThen(Effect.sync(() => {
      listening = false
    })),
    Effect.andThen(Effect.sleep("1 second")),
    Effect.forever,
    Effect.forkScoped
  )
  return {
    wait: (idle) =>
      Effect.suspend(() =>
        listening
          ? Effect.asVoid(Effect.timeoutOption(Queue.take(called), Duration.fromInputUnsafe(anyway)))
          : looking.wait(idle)
      )
  }
})
