/** The server's databases as the benchmark itself asks them: few plain statements, one at a time. */
import { PgConnection } from "@effect/sql-pg"
import { Effect, Exit, Scope } from "effect"

/** Where a database is: `host` is the folder of the server's socket. */
export interface Place {
  readonly host: string
  readonly username: string
  readonly database: string
}

type Row = Readonly<Record<string, unknown>>

export interface Database {
  readonly rows: <R extends Row>(statement: string, parameters?: ReadonlyArray<unknown>) => Promise<ReadonlyArray<R>>
  readonly close: () => Promise<void>
}

export const open = async (place: Place): Promise<Database> => {
  const scope = Scope.makeUnsafe()
  const session = await Effect.runPromise(
    Scope.provide(PgConnection.make({ ...place, applicationName: "bench" }), scope)
  )
  return {
    rows: async <R extends Row>(statement: string, parameters: ReadonlyArray<unknown> = []) =>
      (await Effect.runPromise(session.query(statement, parameters))).rows as unknown as ReadonlyArray<R>,
    close: () => Effect.runPromise(Scope.close(scope, Exit.void))
  }
}

/** Opens a database for as long as it is used. */
export const using = async <A>(place: Place, use: (database: Database) => Promise<A>): Promise<A> => {
  const database = await open(place)
  try {
    return await use(database)
  } finally {
    await database.close()
  }
}
