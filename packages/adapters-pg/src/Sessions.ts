/**
 * Sessions in which batches are written 会话: each carries one transaction at a time, and its statements travel together, so
 * that a batch costs two round trips and not one for each statement.
 *
 * They are sessions of their own beside those of the client, with the client's settings; one that was lost is opened anew
 * by the next transaction. A client that may have only one session (an embedded database has one) shares that one instead,
 * and its statements go one after the other.
 */
import { PgClient, PgConnection } from "@effect/sql-pg"
import { Duration, Effect, Exit, Option, Scope } from "effect"
import { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import * as Durability from "./Durability.ts"

/** Sends a statement. Those that are begun at once travel together and are done in this order. */
export type Send = (
  statement: string,
  parameters?: ReadonlyArray<unknown>
) => Effect.Effect<PgConnection.Result, SqlError>

/**
 * Runs a transaction: what is sent between its begin and its end is there as a whole or not at all. `settings` is sent right
 * after the begin, where there is something to be said to a session that is ours for this transaction only.
 */
export type Transact = <A, E>(
  body: (send: Send, settings: Effect.Effect<PgConnection.Result, SqlError> | undefined) => Effect.Effect<A, E>
) => Effect.Effect<A, E | SqlError>

export interface Options {
  /** How many sessions. */
  readonly lanes: number
  /** After how long a batch is given up. */
  readonly patience: Duration.Duration
  /** Whether a pooler gives each transaction another session. */
  readonly pooled: boolean
}

/**
 * What is asked of the planner: the statements are few and always the same, so each is planned once, for the indexes that
 * it is written for, and not anew for every batch.
 */
const planning = { plan_cache_mode: "force_generic_plan", enable_seqscan: "off", jit: "off" }

/**
 * How long a batch waits for an account that another session holds, in milliseconds: a batch of ours holds it for some
 * milliseconds, and while one waits for an operator its neighbours wait too.
 */
const longestLock = 1_000

/**
 * A statement is not cut off from within: it may have to wait for an account, and the store gives up by itself.
 */
const limits = { statement_timeout: "0" }

/** The sessions for a client, for as long as the scope: each runs one transaction at a time. */
export const make = Effect.fnUntraced(function*(
  { lanes, patience, pooled }: Options
): Effect.fn.Return<ReadonlyArray<Transact>, never, SqlClient.SqlClient | Scope.Scope> {
  const sql = yield* SqlClient.SqlClient
  const client = Option.getOrUndefined(yield* Effect.serviceOption(PgClient.PgClient))
  const config: PgClient.PgPoolConfig | undefined = client?.config
  const lockTimeout = `${Math.ceil(Math.min(longestLock, Duration.toMillis(patience) / 4))}`
  if (config === undefined) return [shared(sql)]
  if (config.maxConnections === 1) return [shared(sql, settingsOf({ ...limits, lock_timeout: lockTimeout }))]
  const asked = {
    ...(config.prepare === false && !pooled ? {} : planning),
    ...limits,
    lock_timeout: lockTimeout
  }
  const startupParameters = { ...(pooled ? {} : asked), ...config.startupParameters }
  const own: PgConnection.Config = { ...config, multiplex: true, startupParameters }
  return yield* Effect.forEach(
    Array.from({ length: lanes }),
    () => ownSession(own, pooled ? settingsOf(asked) : undefined)
  )
})

/** Settings until the end of a transaction, as a statement. */
const settingsOf = (asked: Readonly<Record<string, string>>): string =>
  `SELECT ${
    Object.entries(asked).map(([name, value]) => `set_config('${name}', '${value}', true)`).join(", ")
  }, ${Durability.ofTransaction}`

interface Open {
  readonly connection: PgConnection.PgConnection
  readonly scope: Scope.Closeable
}

const ownSession = Effect.fnUntraced(function*(
  config: PgConnection.Config,
  settings: string | undefined
): Effect.fn.Return<Transact, never, Scope.Scope> {
  // The one that waits for its next transaction: one that is in use, or being given up, is nobody else's.
  let idle: Open | undefined
  let closed = false
  const close = (mine: Open | undefined): Effect.Effect<void> =>
    mine === undefined ? Effect.void : Scope.close(mine.scope, Exit.void)
  yield* Effect.addFinalizer(() => {
    closed = true
    return close(idle)
  })
  const take = Effect.suspend(() => {
    const mine = idle
    idle = undefined
    return mine === undefined ? open(config, settings !== undefined) : Effect.succeed(mine)
  })
  const giveBack = (mine: Open): Effect.Effect<void> =>
    Effect.suspend(() => {
      if (closed || idle !== undefined) return close(mine)
      idle = mine
      return Effect.void
    })
  const rollBack = (mine: Open): Effect.Effect<void> =>
    mine.connection.query("ROLLBACK").pipe(
      Effect.timeout("1 second"),
      Effect.matchEffect({ onFailure: () => close(mine), onSuccess: () => giveBack(mine) })
    )
  return (body) =>
    Effect.acquireUseRelease(
      take,
      ({ connection: { query } }) => body(query, settings === undefined ? undefined : query(settings)),
      (mine, exit) => {
        if (Exit.isSuccess(exit)) return giveBack(mine)
        // What is on the wire can not be called back: the session goes, and what it began with it.
        return Exit.hasInterrupts(exit) ? close(mine) : rollBack(mine)
      }
    )
})

const open = Effect.fnUntraced(
  function*(config: PgConnection.Config, pooled: boolean): Effect.fn.Return<Open, SqlError> {
    const scope = yield* Scope.make()
    const connection = yield* Scope.provide(PgConnection.make(config), scope).pipe(
      // Through a pooler the session is not ours, and each transaction asks for it.
      Effect.tap(({ query }) => pooled ? Effect.void : query(Durability.ofSession)),
      Effect.onError((cause) => Scope.close(scope, Exit.failCause(cause)))
    )
    return { connection, scope }
  }
)

const shared = (sql: SqlClient.SqlClient, settings?: string): Transact => (body) =>
  Effect.scoped(Effect.flatMap(sql.reserve, (session) => {
    const send: Send = (statement, parameters = []) =>
      session.executeRaw(statement, parameters) as Effect.Effect<PgConnection.Result, SqlError>
    return Effect.onExit(
      body(send, settings === undefined ? undefined : send(settings)),
      (exit) => Exit.isSuccess(exit) ? Effect.void : Effect.ignore(send("ROLLBACK"))
    )
  }))
