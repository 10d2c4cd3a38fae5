/**
 * Hashes of passwords in PostgreSQL 密码库, under the opaque names by which accounts know them (D15, D24).
 */
import { Fault, PasswordVault } from "@yikatong/core"
import { type Duration, Effect, Layer, Option } from "effect"
import { SqlClient } from "effect/sql"
import * as Attempts from "./Attempts.ts"
import * as CampusSchema from "./CampusSchema.ts"
import * as Migrations from "./Migrations.ts"
import * as Patience from "./Patience.ts"
import * as PepperCheck from "./PepperCheck.ts"
import type * as Peppers from "./Peppers.ts"

/**
 * `peppers`: those of the hasher, which are then held against those with which the vault was begun. `timeout`: after how long
 * the vault counts as lost, 10 seconds unless told.
 */
export interface Options {
  readonly schema?: string
  readonly peppers?: Peppers.Peppers
  readonly timeout?: Duration.Input
}

/** The vault of the campus in this schema. */
export const make = Effect.fnUntraced(function*(options: Options = {}) {
  const schema = options.schema ?? CampusSchema.defaultName
  const timeout = yield* Patience.of("timeout", options.timeout ?? Attempts.patience)
  yield* Migrations.migrate(schema)
  const sql = (yield* SqlClient.SqlClient).withoutTransforms()
  if (options.peppers !== undefined) yield* PepperCheck.compare(sql, schema, options.peppers)
  const { credential: table } = CampusSchema.tables(sql, schema)
  return PasswordVault.PasswordVault.of({
    // The first hash stays, also for whoever comes in the same moment: the key decides. It is not tried again by
    // itself: where a session was lost, it could not tell its own first try from somebody else's.
    keep: (credential, hash) =>
      sql`INSERT INTO ${table} (id, hash) VALUES (${credential}, ${hash}) ON CONFLICT (id) DO NOTHING RETURNING id`
        .pipe(
          Attempts.repeat("keep a hash", timeout, () => false),
          Effect.mapError((cause) => new Fault.VaultFailed({ operation: "keep a hash", cause })),
          Effect.map((rows) => rows.length === 1)
        ),
    find: (credential) =>
      sql<{ readonly hash: string }>`SELECT hash FROM ${table} WHERE id = ${credential}`.pipe(
        Attempts.repeat("find a hash", timeout),
        Effect.mapError((cause) => new Fault.VaultFailed({ operation: "find a hash", cause })),
        Effect.map(([row]) => Option.fromUndefinedOr(row?.hash))
      )
  })
})

/** The vault over the client of the running system. */
export const layer = (options?: Options): Layer.Layer<
  PasswordVault.PasswordVault,
  Fault.PepperRefused | Fault.StoreFault,
  SqlClient.SqlClient
> => Layer.effect(PasswordVault.PasswordVault, make(options))
