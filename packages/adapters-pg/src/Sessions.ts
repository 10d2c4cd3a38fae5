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
  /** No statement waits longer than this for a lock. */
  readonly patience: Duration.Duration
  /** Whether a pooler gives each transaction another session. */
  readonly pooled: boolean
}

/**
 * What is asked of the planner: the statements are few and always the same, so each is planned once, for the indexes that
 * it is written for, and not anew for every batch.
 */
const planning = { plan_cache_mode: "force_generic_plan", enable_seqscan: "off", jit: "off" }

/** The sessions for a client, for as long as the scope: each runs one transaction at a time. */
export const make = Effect.fnUntraced(function*(
  { lanes, patience, pooled }: Options
): Effect.fn.Return<ReadonlyArray<Transact>, never, SqlClient.SqlClient | Scope.Scope> {
  const sql = yield* SqlClient.SqlClient
  const client = Option.getOrUndefined(yield* Effect.serviceOption(PgClient.PgClient))
  const config: PgClient.PgPoolConfig | undefined = client?.config
  if (config === undefined || config.maxConnections === 1) return [shared(sql)]
  const asked = {
    ...(config.prepare === false && !pooled ? {} : planning),
    ...(Duration.isFinite(patience) ? { lock_timeout: `${Math.ceil(Duration.toMillis(patience))}` } : {})
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
  `SELECT ${Object.entries(asked).map(([name, value]) => `set_config('${name}', '${value}', true)`).join(", ")}`

interface Open {
  readonly connection: PgConnection.PgConnection
  readonly scope: Scope.Closeable
}

const ownSession = Effect.fnUntraced(function*(
  config: PgConnection.Config,
  settings: string | undefined
): Effect.fn.Return<Transact, never, Scope.Scope> {
  let session: Open | undefined
  const leave = (exit: Exit.Exit<unknown, unknown>) =>
    Effect.suspend(() => {
      const left = session
      session = undefined
      return left === undefined ? Effect.void : Scope.close(left.scope, exit)
    })
  yield* Effect.addFinalizer(leave)
  const open = Effect.gen(function*() {
    const scope = yield* Scope.make()
    const connection = yield* Scope.provide(PgConnection.make(config), scope).pipe(
      Effect.onError((cause) => Scope.close(scope, Exit.failCause(cause)))
    )
    session = { connection, scope }
    return connection
  })
  return (body) =>
    Effect.suspend(() =>
      Effect.flatMap(
        session === undefined ? open : Effect.succeed(session.connection),
        ({ query }) =>
          Effect.onExit(body(query, settings === undefined ? undefined : query(settings)), (exit) => {
            if (Exit.isSuccess(exit)) return Effect.void
            // What is on the wire can not be called back: the session goes, and what it began with it.
            if (Exit.hasInterrupts(exit)) return leave(exit)
            return Effect.asVoid(Effect.catch(query("ROLLBACK"), () => leave(exit)))
          })
      )
    )
})

const shared = (sql: SqlClient.SqlClient): Transact => (body) =>
  Effect.scoped(Effect.flatMap(sql.reserve, (session) => {
    const send: Send = (statement, parameters = []) =>
      session.executeRaw(statement, parameters) as Effect.Effect<PgConnection.Result, SqlError>
    return Effect.onExit(
      body(send, undefined),
      (exit) => Exit.isSuccess(exit) ? Effect.void : Effect.ignore(send("ROLLBACK"))
    )
  }))
