// Clients of the real server: each call is another process, as far as the database can tell.
import { PgClient } from "@effect/sql-pg"
import { AccountStore, type Fault, Profiles, type SchoolProfile, SubjectStore } from "@yikatong/core"
import { AccountStoreLaws } from "@yikatong/core/testing"
import { Context, Effect, Layer, Redacted, type Scope } from "effect"
import type { SqlClient, SqlError } from "effect/sql"
import { randomBytes } from "node:crypto"
import { inject } from "vitest"
import { PgAccountStore, PgSubjectStore } from "../src/index.ts"

/** A schema that no earlier run has used. */
export const freshSchema = (): string => `test_${randomBytes(6).toString("hex")}`

/** A client with a pool of its own. */
export const client = (
  more: PgClient.PgPoolConfig = {}
): Layer.Layer<PgClient.PgClient | SqlClient.SqlClient, SqlError.SqlError> => {
  const server = inject("postgres")
  return PgClient.layer(
    server.kind === "url"
      ? { url: Redacted.make(server.url), ...more }
      : { host: server.host, database: server.database, username: server.username, ...more }
  )
}

export interface StoreOptions extends PgAccountStore.Options {
  readonly client?: PgClient.PgPoolConfig
  readonly profiles?: SchoolProfile.History
}

/** A store over a pool of its own, for as long as the scope. */
export const store = (
  { client: config, profiles, ...options }: StoreOptions
): Effect.Effect<AccountStore.AccountStore["Service"], Fault.StoreFault | SqlError.SqlError, Scope.Scope> =>
  Layer.build(
    PgAccountStore.layer(options).pipe(
      Layer.provide(client(config)),
      Layer.provide(Profiles.Profiles.layer(profiles ?? AccountStoreLaws.profiles))
    )
  ).pipe(Effect.map(Context.get(AccountStore.AccountStore)))

/** A store of other subjects over a pool of its own, for as long as the scope. */
export const subjects = (
  { client: config, profiles, ...options }: Omit<StoreOptions, "batch">
): Effect.Effect<SubjectStore.SubjectStore["Service"], Fault.StoreFault | SqlError.SqlError, Scope.Scope> =>
  Layer.build(
    PgSubjectStore.layer(options).pipe(
      Layer.provide(client(config)),
      Layer.provide(Profiles.Profiles.layer(profiles ?? AccountStoreLaws.profiles))
    )
  ).pipe(Effect.map(Context.get(SubjectStore.SubjectStore)))
