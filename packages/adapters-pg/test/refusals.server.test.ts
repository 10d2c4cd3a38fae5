// Bad input: a server that does not let us do our work. Each is a typed fault that names the cause and the remedy, and nothing is half-done.
import { PgClient } from "@effect/sql-pg"
import { AccountStore, Profiles } from "@yikatong/core"
import { AccountStoreLaws } from "@yikatong/core/testing"
import { Context, Effect, Fiber, Layer, Option, Redacted, type Scope } from "effect"
import { SqlClient } from "effect/sql"
import { randomBytes } from "node:crypto"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { embeddedBinaries, machineBinaries, type Server, startPostgres } from "../../../scripts/postgres-server.ts"
import { Migrations, PgAccountStore } from "../src/index.ts"
import { freshSchema } from "./clients.ts"
import { account } from "./commands.ts"

const run = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>) => Effect.runPromise(Effect.scoped(effect))
const password = randomBytes(9).toString("hex")

// A server of our own: what is spoilt here is spoilt for nobody else.
let server: Server
let host: string
beforeAll(async () => {
  server = await startPostgres({
    binaries: machineBinaries() ?? await embeddedBinaries(),
    settings: { fsync: "off" },
    access: ["local all guarded scram-sha-256", "local all stranger reject"]
  })
  if (server.connection.kind === "url") throw new Error("a private server has a socket")
  host = server.connection.host
  await run(asOwner(Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    yield* sql.unsafe(`CREATE ROLE guarded LOGIN SUPERUSER PASSWORD '${password}'`)
    yield* sql.unsafe("CREATE ROLE stranger LOGIN")
    yield* sql.unsafe("CREATE ROLE nobody LOGIN")
  })))
})
afterAll(() => server.stop())

const clientOf = (config: PgClient.PgPoolConfig = {}) =>
  PgClient.layer({ host, database: "postgres", username: "postgres", ...config })
const asOwner = <A, E>(effect: Effect.Effect<A, E, SqlClient.SqlClient>) => Effect.provide(effect, clientOf())
const store = (schema: string, config?: PgClient.PgPoolConfig) =>
  Effect.map(
    Layer.build(
      PgAccountStore.layer({ schema }).pipe(
        Layer.provide(clientOf(config)),
        Layer.provide(Profiles.Profiles.layer(AccountStoreLaws.profiles))
      )
    ),
    Context.get(AccountStore.AccountStore)
  )
const said = (...statements: ReadonlyArray<string>) =>
  asOwner(Effect.flatMap(SqlClient.SqlClient, (sql) => Effect.forEach(statements, (one) => sql.unsafe(one))))

interface Case {
  readonly what: string
  /** What is done to a campus that works, before the store is opened. */
  readonly spoil?: (schema: string) => ReadonlyArray<string>
  /** Another session holds all accounts meanwhile. */
  readonly held?: true
  readonly config?: PgClient.PgPoolConfig
  readonly tag: "StoreUnavailable" | "StoreFull" | "StoreBroken"
  readonly cause: RegExp
  readonly remedy: RegExp
}

describe("a store that can not be opened says why and what helps", () => {
  const cases: ReadonlyArray<Case> = [
    {
      what: "a wrong password",
      config: { username: "guarded", password: Redacted.make("wrong") },
      tag: "StoreBroken",
      cause: /does not let this user in/,
      remedy: /give the right user and password/
    },
    {
      what: "a user whom the rules of the server refuse",
      config: { username: "stranger" },
      tag: "StoreBroken",
      cause: /does not let this user in/,
      remedy: /pg_hba\.conf/
    },
    {
      what: "a database that is not there",
      config: { database: "nowhere" },
      tag: "StoreBroken",
      cause: /no database of this name/,
      remedy: /create it, or name another/
    },
    {
      what: "a server that is not there",
      config: { host: "/nowhere" },
      tag: "StoreUnavailable",
      cause: /nobody listens/,
      remedy: /start the server, or mend host and port/
    },
    {
      what: "a role that may not look into the schema",
      config: { username: "nobody" },
      tag: "StoreBroken",
      cause: /lacks the right/,
      remedy: /grant the role its rights/
    },
    {
      what: "a database that a newer release has migrated",
      spoil: (schema) => [`INSERT INTO ${schema}.migration (migration_id, name) VALUES (99, 'later')`],
      tag: "StoreBroken",
      cause: new RegExp(`is at migration 99 and this release knows ${Migrations.latest}`),
      remedy: /install the release that migrated it/
    }
  ]
  for (const { cause, config, remedy, spoil, tag, what } of cases) {
    it(`${what}: ${tag}`, () =>
      run(Effect.gen(function*() {
        const schema = freshSchema()
        yield* Effect.scoped(store(schema))
        yield* said(...spoil?.(schema) ?? [])
        const fault = yield* Effect.flip(store(schema, config))
        expect(fault._tag).toBe(tag)
        expect(fault.message).toMatch(cause)
        expect(fault.message).toMatch(remedy)
        expect(fault.message + String("cause" in fault ? fault.cause : "")).not.toContain(password)
      })))
  }

  it("a role that may not create schemas and finds none: StoreBroken", () =>
    run(Effect.gen(function*() {
      const fault = yield* Effect.flip(store(freshSchema(), { username: "nobody" }))
      expect(fault._tag).toBe("StoreBroken")
      expect(fault.message).toMatch(/lacks the right to it: let the owner of the schema open the store once/)
    })))
})

describe("a command that the server refuses changes nothing, and is done when the cause is gone", () => {
  const cases: ReadonlyArray<Case & { readonly mend: (schema: string) => ReadonlyArray<string> }> = [
    {
      what: "a server that may only be read",
      spoil: () => ["ALTER ROLE guarded SET default_transaction_read_only = on"],
      mend: () => ["ALTER ROLE guarded RESET default_transaction_read_only"],
      tag: "StoreFull",
      cause: /may only be read/,
      remedy: /name the one that writes/
    },
    {
      what: "a table that somebody has renamed",
      spoil: (schema) => [`ALTER TABLE ${schema}.journal RENAME TO old`],
      mend: (schema) => [`ALTER TABLE ${schema}.old RENAME TO journal`],
      tag: "StoreBroken",
      cause: /a table or function of the campus is missing/,
      remedy: /restore the schema from a backup/
    },
    {
      what: "a right that was taken from the role",
      spoil: (schema) => ["ALTER ROLE guarded NOSUPERUSER", `GRANT USAGE ON SCHEMA ${schema} TO guarded`],
      mend: () => ["ALTER ROLE guarded SUPERUSER"],
      tag: "StoreBroken",
      cause: /lacks the right/,
      remedy: /grant the role its rights/
    }
  ]
  for (const { cause, mend, remedy, spoil, tag, what } of cases) {
    it(`${what}: ${tag}`, () =>
      run(Effect.gen(function*() {
        const schema = freshSchema()
        const owner = yield* store(schema)
        const { funded, pay, subject } = account(`refused-${what.replaceAll(/\W/g, "")}`)
        yield* Effect.forEach(funded(1_000), owner.transact)
        const guarded = { username: "guarded", password: Redacted.make(password) }
        // Opened before it is spoilt: a store that runs meets it too, in its next session.
        const till = yield* store(schema, guarded)
        yield* said(...spoil?.(schema) ?? [])
        const command = pay(400)
        const fault = yield* Effect.flip(till.transact(command))
        expect(fault._tag).toBe(tag)
        expect(fault.message).toMatch(cause)
        expect(fault.message).toMatch(remedy)
        yield* said(...mend(schema))
        expect(Option.getOrThrow(yield* owner.find(subject)).pockets.transit).toBe(1_000)
        const again = yield* store(schema, guarded)
        expect((yield* again.transact(command))._tag).toBe("Approved")
        expect(yield* owner.transact(command)).toEqual(yield* again.transact(command))
        expect(Option.getOrThrow(yield* owner.find(subject)).pockets.transit).toBe(600)
      })))
  }

  it("statement_timeout, set for the role: a reading is told StoreUnavailable, and no payment is cut off", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      const owner = yield* store(schema)
      const { funded, pay, subject } = account("refused-slow")
      yield* Effect.forEach(funded(1_000), owner.transact)
      yield* said("ALTER ROLE guarded SET statement_timeout = '100ms'")
      const till = yield* store(schema, { username: "guarded", password: Redacted.make(password) })
      const fault = yield* Effect.scoped(Effect.andThen(
        holding(`LOCK TABLE ${schema}.account IN ACCESS EXCLUSIVE MODE`),
        Effect.flip(till.find(subject))
      ))
      expect(fault._tag).toBe("StoreUnavailable")
      expect(fault.message).toMatch(/longer than statement_timeout allows/)
      expect(fault.message).toMatch(/raise it for this role/)
      const paying = yield* Effect.scoped(Effect.gen(function*() {
        yield* holding(`SELECT 1 FROM ${schema}.account FOR UPDATE`)
        const paying = yield* Effect.forkDetach(till.transact(pay(400)))
        yield* Effect.sleep("300 millis")
        return paying
      }))
      expect((yield* Fiber.join(paying))._tag).toBe("Approved")
      yield* said("ALTER ROLE guarded RESET statement_timeout")
    })))
})

/** Another session holds what this statement locks until the scope closes. */
const holding = (statement: string) =>
  Effect.gen(function*() {
    const sql = Context.get(yield* Layer.build(clientOf()), SqlClient.SqlClient)
    const connection = yield* sql.reserve
    yield* connection.executeUnprepared("BEGIN", [], undefined)
    yield* connection.executeUnprepared(statement, [], undefined)
    yield* Effect.addFinalizer(() => Effect.ignore(connection.executeUnprepared("ROLLBACK", [], undefined)))
  })
