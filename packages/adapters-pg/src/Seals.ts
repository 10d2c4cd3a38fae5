/**
 * Seals over the journals 封签: a chain of digests, made outside of the payments by whoever owns the store, when they ask for
 * it or on a schedule. Each seal covers a stretch of lines and the seal before it; `Integrity.check` looks at all of them.
 *
 * Who may write to the tables may also write all seals anew. So keep the newest digest elsewhere, on paper, in a mail, with
 * an auditor: given to the check as `anchor`, it shows whether what was sealed then is still what is there.
 *
 * A seal goes no further than the journal is complete (`Horizon`), so no line can turn up later below it.
 */
import { PgTypes } from "@effect/sql-pg"
import type { Fault } from "@yikatong/core"
import { Context, type Duration, Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import * as Attempts from "./Attempts.ts"
import * as CampusSchema from "./CampusSchema.ts"
import * as Durability from "./Durability.ts"
import * as Faults from "./Faults.ts"
import * as Horizon from "./Horizon.ts"
import * as Patience from "./Patience.ts"
import * as ReadCommitted from "./ReadCommitted.ts"
import * as SealedBytes from "./SealedBytes.ts"
import * as SealRow from "./SealRow.ts"

export type { Newest } from "./SealRow.ts"

/** Which campus is sealed, and how finely. */
export interface Options {
  /** The schema of the campus; `campus` unless told. */
  readonly schema?: string
  /** How many lines go under one seal at most, 1 or more; 10,000 unless told. A break is known as exactly as this. */
  readonly lines?: number
  /** How long one seal may take, 1 millisecond to 24 days; a minute unless told. */
  readonly timeout?: Duration.Input
}

/** What was done. `newest`: none where there is no line to seal. */
export interface Sealed {
  /** How many seals were made, and over how many lines. */
  readonly seals: number
  readonly lines: number
  readonly newest: SealRow.Newest | undefined
}

/** Whether a text can be a digest. */
export const isDigest = (text: string): boolean => /^[0-9a-f]{64}$/i.test(text)

/**
 * Seals the lines that have come since the last seal, while payments go on. Two at once wait for each other. It asks the server
 * that writes, as a role that may write to the table of seals and see the sequences.
 *
 * It fails as `StoreUnavailable` where the database can not be reached, the session is lost or a seal takes longer than it may
 * (another session holds a lock, or a synchronous standby is away: then the seal may yet be made), as `StoreFull` where it may only
 * be read or its disk is full, and as `StoreBroken` where tables are missing, the role lacks a right or an option means nothing.
 * Seals that were made before that stay, and the next call goes on behind them.
 *
 * @example
 * ```ts
 * import { Seals } from "@yikatong/adapters-pg"
 * import * as Embedded from "@yikatong/adapters-pg/embedded"
 * import { Effect } from "effect"
 *
 * const refused = Effect.flip(Seals.seal({ lines: 0 })).pipe(Effect.provide(Embedded.layerClient()))
 * const fault = await Effect.runPromise(refused)
 * fault._tag // => "StoreBroken"
 * ```
 */
export const seal = Effect.fn("Seals.seal")(function*(
  options: Options = {}
): Effect.fn.Return<Sealed, Fault.StoreFault, SqlClient.SqlClient> {
  const { timeout: patience = "1 minute" } = options
  const schema = yield* CampusSchema.checkName(options.schema ?? CampusSchema.defaultName)
  const limit = options.lines ?? 10_000
  if (!Number.isSafeInteger(limit) || limit < 1) {
    return yield* Faults.refused("read the options of the seal", "`lines` is a whole number, 1 or more")
  }
  const timeout = yield* Patience.of("timeout", patience)
  const sql = (yield* SqlClient.SqlClient).withoutTransforms()
  const done = { seals: 0, lines: 0 }
  let newest: SealRow.Newest | undefined
  for (const journal of ["journal", "subject_journal"] as const) {
    const upTo = yield* Horizon.settled(sql, schema, journal)
    while (true) {
      const made = yield* sealOne(sql, { schema, journal, upTo, limit, timeout })
      newest = made.newest ?? newest
      if (made.lines === 0) break
      done.seals++
      done.lines += made.lines
    }
  }
  return { ...done, newest }
})

/** What is sealed at most: so many lines up to this one. */
interface Stretch {
  readonly schema: string
  readonly journal: Horizon.Journal
  readonly upTo: bigint
  readonly limit: number
  readonly timeout: Duration.Duration
}

/** One seal in one transaction. Lines that are complete do not change, so each statement may see a moment of its own. */
const sealOne = (
  sql: SqlClient.SqlClient,
  { journal, limit, schema, timeout, upTo }: Stretch
): Effect.Effect<{ readonly lines: number; readonly newest: SealRow.Newest | undefined }, Fault.StoreFault> =>
  sql.withTransaction(Effect.gen(function*(): Effect.fn.Return<
    { readonly lines: number; readonly newest: SealRow.Newest | undefined },
    SqlError
  > {
    const seals = CampusSchema.tables(sql, schema).seal
    // Whoever keeps the digest must find it again: a seal is durable before it is told.
    yield* sql`SELECT pg_advisory_xact_lock(hashtextextended(${`yikatong seal ${schema}`}, 0)), ${
      sql.literal(Durability.ofTransaction)
    }`
    const [before] = yield* sql<SealRow.SealRow>`SELECT ${
      sql.literal(SealRow.columns)
    } FROM ${seals} ORDER BY number DESC LIMIT 1`
    const [last] = yield* sql<{ readonly to_line: bigint }>`
      SELECT to_line FROM ${seals} WHERE journal = ${journal} ORDER BY number DESC LIMIT 1`
    const number = (before?.number ?? 0n) + 1n
    const from = (last?.to_line ?? 0n) + 1n
    const previous = before?.digest ?? null
    const digest = SealedBytes.digest({ number, journal, from, previous })
    const end = yield* SealRow.digested(sql, schema, journal, { from, to: upTo, limit }, digest)
    const lines = digest.lines()
    if (lines === 0) return { lines, newest: SealRow.newestOf(before) }
    const to = lines < limit ? upTo : end
    const sealed = digest.end(to)
    yield* sql`
      INSERT INTO ${seals} (number, journal, from_line, to_line, lines, previous, digest)
      VALUES (${number}, ${journal}, ${from}, ${to}, ${BigInt(lines)},
        ${previous === null ? null : PgTypes.bytea(previous)}, ${PgTypes.bytea(sealed)})`
    return { lines, newest: { number: Number(number), digest: SealRow.hexOf(sealed) } }
  })).pipe(
    ReadCommitted.within,
    // What is sealed stays so, also where the caller has a transaction of its own and rolls it back.
    Effect.updateContext((context: Context.Context<never>) => Context.omit(sql.transactionService)(context)),
    // Tried once. A commit that waits for a standby can not be taken back, and is not waited for either.
    Attempts.repeat("seal the journal", timeout, () => false)
  )
