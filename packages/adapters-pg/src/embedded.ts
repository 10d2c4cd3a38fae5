/**
 * A campus without a server 内嵌数据库: PGlite, which is PostgreSQL compiled to WebAssembly, inside this process. For
 * development, tests and demonstrations.
 *
 * It speaks PostgreSQL's own protocol to the same client, so tables, statements and errors are those of the server. It
 * has one session: what only shows between two of them (waiting for locks, deadlocks) shows on a server only. Starting
 * takes a few seconds.
 *
 * The package `@electric-sql/pglite` is an optional peer: whoever embeds installs it.
 */
import { PgClient } from "@effect/sql-pg"
import { Backend, Csmzxy, Fault, Profiles, type SchoolProfile } from "@yikatong/core"
import { Effect, Layer } from "effect"
import type { SqlClient } from "effect/sql"
import { randomBytes } from "node:crypto"
import { Duplex } from "node:stream"
import * as DataFolder from "./DataFolder.ts"
import * as Faults from "./Faults.ts"
import * as FolderLock from "./FolderLock.ts"
import * as OpenedWith from "./OpenedWith.ts"
import type * as Peppers from "./Peppers.ts"
import * as PgCampus from "./PgCampus.ts"

export interface ClientOptions {
  /**
   * The folder in which the data lie, for one opener at a time: one that is not there yet, is empty, or holds a database.
   * Without it they lie in memory and are gone at the end.
   */
  readonly dataDir?: string
}

/**
 * The part of PGlite that is used here: its own declarations need those of Emscripten, which would be a burden on every
 * importer.
 */
interface Database {
  readonly exec: (statements: string) => Promise<unknown>
  readonly execProtocolRaw: (message: Uint8Array) => Promise<Uint8Array>
  readonly runExclusive: <A>(run: () => Promise<A>) => Promise<A>
  readonly close: () => Promise<void>
}

const unavailable = (operation: string) => (cause: unknown) => new Fault.StoreUnavailable({ operation, cause })

const open = Effect.fnUntraced(function*({ dataDir }: ClientOptions) {
  // Before the lock, which leaves a file.
  if (dataDir !== undefined) yield* DataFolder.check(dataDir)
  const folder = dataDir === undefined ? undefined : yield* FolderLock.acquire(dataDir)
  const { PGlite } = yield* Effect.tryPromise({
    try: () => import("@electric-sql/pglite"),
    catch: unavailable("the embedded database is a package of its own: npm install @electric-sql/pglite")
  })
  return yield* Effect.acquireRelease(
    Effect.tryPromise({
      try: (): Promise<Database> => PGlite.create(folder === undefined ? {} : { dataDir: folder }),
      catch: unavailable(`start the embedded database${dataDir === undefined ? "" : ` in ${dataDir}`}`)
    }),
    (database) => Effect.promise(() => database.close())
  )
})

const cancelRequest = 80_877_102
const terminate = 0x58

/**
 * A connection to the one session there is. Two messages must not reach it: the request to cancel, which a server takes
 * on a connection of its own, and the farewell, which would end the session for good.
 */
const connect = (database: Database): Duplex => {
  let fresh = true
  const send = async (message: Buffer): Promise<Uint8Array | null> => {
    if (message.length === 16 && message.readInt32BE(4) === cancelRequest) return null
    if (message[0] === terminate && message.length === 5) return null
    if (fresh) {
      fresh = false
      // What a connection before this one left behind: its transaction, and statements whose names will be used again.
      await database.exec("ROLLBACK; DEALLOCATE ALL")
    }
    return database.runExclusive(() => database.execProtocolRaw(message))
  }
  return new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      send(chunk).then((reply) => {
        // Nothing, as the end of the connection, when nothing was sent.
        this.push(reply)
        done()
      }, done)
    }
  })
}

/**
 * The client of an embedded database.
 * @throws OptionsRejected when an option is unknown or not set.
 */
export const layerClient = (
  options: ClientOptions = {}
): Layer.Layer<PgClient.PgClient | SqlClient.SqlClient, Fault.FolderInUse | Fault.StoreFault> => {
  OpenedWith.database(options)
  return PgClient.layerFrom(Effect.gen(function*() {
    const database = yield* open(options)
    return yield* Effect.mapError(
      PgClient.make({
        stream: () => connect(database),
        database: "postgres",
        username: "postgres",
        maxConnections: 1
      }),
      Faults.fromSqlError("start the embedded database")
    )
  }))
}

/** `peppers` must stay where the data stay (`dataDir`); for data in memory they are made up. */
export type BackendOptions =
  & Omit<PgCampus.Options, "peppers">
  & (
    | { readonly dataDir?: never; readonly peppers?: Peppers.Peppers }
    | { readonly dataDir: string; readonly peppers: Peppers.Peppers }
  )

/** `profiles`: what the school has set; the manual's school unless told. */
export type Options = BackendOptions & { readonly profiles?: SchoolProfile.History }

const madeUp = (): Peppers.Peppers => ({
  current: "embedded",
  keys: { embedded: randomBytes(32).toString("base64") }
})

const ports = (
  { dataDir, peppers = madeUp(), ...options }: BackendOptions
): Layer.Layer<Backend.Ports, Fault.Fault, Profiles.Profiles> =>
  PgCampus.layer({ ...options, peppers }).pipe(Layer.provide(layerClient(dataDir === undefined ? {} : { dataDir })))

/**
 * A whole campus, ready for the flows of the core.
 * @throws OptionsRejected when an option is missing, unknown or not set.
 */
export const layer = (options: Options = {}): Layer.Layer<Backend.Ports | Profiles.Profiles, Fault.Fault> => {
  OpenedWith.embedded("layer", options)
  const { profiles = [Csmzxy.csmzxy], ...rest } = options
  return ports(rest).pipe(Layer.provideMerge(Profiles.Profiles.layer(profiles)))
}

/**
 * The same for `Campus.open` of `@yikatong/core/promise`, which brings the profiles.
 * @throws OptionsRejected when an option is missing, unknown or not set.
 */
export const backend = (options: BackendOptions = {}): Backend.Backend => {
  OpenedWith.embedded("backend", options)
  return Backend.fromLayer(ports(options))
}
