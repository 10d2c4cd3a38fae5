/** A store on a server of the faults: as any host opens it. */
import { PgClient } from "@effect/sql-pg"
import { PgAccountStore } from "@yikatong/adapters-pg"
import { AccountStore, Profiles } from "@yikatong/core"
import { AccountStoreLaws } from "@yikatong/core/testing"
import { Context, Effect, Layer, type Scope } from "effect"
import { SqlClient } from "effect/sql"

export type Store = AccountStore.AccountStore["Service"]

/** Where a campus is. `host`: the folder of the server's socket. */
export interface Where {
  readonly host: string
  readonly schema: string
}

export interface Opened {
  readonly store: Store
  readonly sql: SqlClient.SqlClient
}

export const client = (host: string, applicationName?: string) =>
  PgClient.layer({
    host,
    database: "postgres",
    username: "postgres",
    ...(applicationName === undefined ? {} : { applicationName })
  })

/** Opens a store for as long as the scope. Its sessions bear the name of the schema. */
export const open = ({ host, schema }: Where) =>
  Layer.build(
    PgAccountStore.layer({ schema }).pipe(
      Layer.provideMerge(client(host, schema)),
      Layer.provide(Profiles.Profiles.layer(AccountStoreLaws.profiles))
    )
  ).pipe(
    Effect.map((context): Opened => ({
      store: Context.get(context, AccountStore.AccountStore),
      sql: Context.get(context, SqlClient.SqlClient)
    }))
  )

/** Runs something in a scope of its own. */
export const run = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>): Promise<A> =>
  Effect.runPromise(Effect.scoped(effect))

/** Asks a server one thing, in a session of its own. */
export const ask = <Row extends object>(host: string, statement: string): Promise<ReadonlyArray<Row>> =>
  run(
    Effect.flatMap(
      Layer.build(client(host)),
      (context) => Context.get(context, SqlClient.SqlClient).unsafe<Row>(statement)
    )
  )
