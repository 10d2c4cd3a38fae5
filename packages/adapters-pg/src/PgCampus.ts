/**
 * All of a campus that PostgreSQL keeps 校园: accounts, other subjects, passwords and people in one schema, and the hasher
 * that goes with the passwords.
 *
 * @example
 * ```ts
 * import { PgClient } from "@effect/sql-pg"
 * import { PgCampus } from "@yikatong/adapters-pg"
 * import { Csmzxy, Profiles } from "@yikatong/core"
 * import { Layer, Redacted } from "effect"
 *
 * // A secret of your own, kept outside of the database: 32 random bytes or more.
 * const peppers = { current: "2026", keys: { "2026": "m5yFGqXQ1sJt1h3ZkE6G1mYxQn0u7v2c8d4e6f8g0h1=" } }
 * const campus = PgCampus.layer({ peppers }).pipe(
 *   Layer.provide(PgClient.layer({ url: Redacted.make("postgres://campus:secret@localhost:5432/campus") })),
 *   Layer.provideMerge(Profiles.Profiles.layer([Csmzxy.csmzxy]))
 * )
 * Layer.isLayer(campus) // => true
 * ```
 */
import { PgClient } from "@effect/sql-pg"
import { Backend, type Fault, type Profiles } from "@yikatong/core"
import { Effect, Layer, Redacted } from "effect"
import type { SqlClient } from "effect/sql"
import * as Faults from "./Faults.ts"
import * as OpenedWith from "./OpenedWith.ts"
import * as PgAccountStore from "./PgAccountStore.ts"
import * as PgPasswordVault from "./PgPasswordVault.ts"
import * as PgPersonRegister from "./PgPersonRegister.ts"
import * as PgSubjectStore from "./PgSubjectStore.ts"
import * as ScryptPasswordHasher from "./ScryptPasswordHasher.ts"

/** Those of the accounts, and the peppers of the passwords. */
export interface Options extends PgAccountStore.Options, ScryptPasswordHasher.Options {}

/**
 * The campus over the client and the profiles of the running system.
 * @throws OptionsRejected when an option is missing, unknown or not set.
 */
export const layer = (
  options: Options
): Layer.Layer<Backend.Ports, Fault.Fault, SqlClient.SqlClient | Profiles.Profiles> => {
  OpenedWith.server(options)
  return Layer.mergeAll(
    PgAccountStore.layer(options),
    PgPasswordVault.layer(options),
    PgPersonRegister.layer(options),
    PgSubjectStore.layer(options),
    ScryptPasswordHasher.layer(options)
  )
}

/** `url`: where the server is and who we are there, `postgres://user:password@host:5432/database`. */
export interface BackendOptions extends Options {
  readonly url: string
}

/**
 * The same for `Campus.open` of `@yikatong/core/promise`.
 * @throws OptionsRejected when an option is missing, unknown or not set.
 */
export const backend = (given: BackendOptions): Backend.Backend => {
  OpenedWith.serverByUrl(given)
  const { url, ...options } = given
  const client = PgClient.make({
    url: Redacted.make(url),
    ...(options.pooled === true
      // A pooler refuses what it does not know, and knows our sessions only for a transaction each.
      ? { prepare: false }
      // A process that is cut off in the midst of a transaction must not keep its accounts locked.
      : { startupParameters: { idle_in_transaction_session_timeout: "10s" } })
  })
  return Backend.fromLayer(
    Layer.provide(layer(options), PgClient.layerFrom(Effect.mapError(client, Faults.fromSqlError("connect"))))
  )
}
