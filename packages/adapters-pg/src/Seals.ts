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
import { Context, Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import type { Break } from "./Break.ts"
import * as CampusSchema from "./CampusSchema.ts"
import type { Findings } from "./Findings.ts"
import * as Horizon from "./Horizon.ts"
import * as SealedBytes from "./SealedBytes.ts"
import * as Snapshot from "./Snapshot.ts"

export interface Options {
  /** The schema of the campus; `campus` unless told. */
  readonly schema?: string
  /** How many lines go under one seal at most; 10,000 unless told. A break is known as exactly as this. */
  readonly lines?: number
}

/** The newest seal. `digest`: 64 hexadecimal digits, to be kept elsewhere. */
export interface Newest {
  readonly number: number
  readonly digest: string
}

/** What was done. `newest`: none where there is no line to seal. */
export interface Sealed {
  /** How many seals were made, and over how many lines. */
  readonly seals: number
  readonly lines: number
  readonly newest: Newest | undefined
}

interface Row {
  readonly number: bigint
  readonly journal: Horizon.Journal
  readonly from_line: bigint
  readonly to_line: bigint
  readonly lines: bigint
  readonly previous: Uint8Array | null
  readonly digest: Uint8Array
}

const columns = "number, journal, from_line, to_line, lines, previous, digest"
/** How many rows are in memory at once. */
const page = 1_000
const hexOf = (digest: Uint8Array): string => Buffer.from(digest).toString("hex")

/** Whether a text can be a digest. */
export const isDigest = (text: string): boolean => /^[0-9a-f]{64}$/i.test(text)

/**
 * Seals the lines that have come since the last seal, while payments go on. Two at once wait for each other. It asks the server
 * that writes, as a role that may write to the table of seals and see the sequences.
 */
export const seal = Effect.fn("Seals.seal")(function*(options: Options = {}) {
  const schema = yield* CampusSchema.checkName(options.schema ?? CampusSchema.defaultName)
  const sql = (yield* SqlClient.SqlClient).withoutTransforms()
  const limit = Math.max(1, Math.floor(options.lines ?? 10_000))
  const done = { seals: 0, lines: 0 }
  let newest: Newest | undefined
  for (const journal of ["journal", "subject_journal"] as const) {
    const upTo = yield* Horizon.settled(sql, schema, journal)
    while (true) {
      const made = yield* sealOne(sql, schema, journal, upTo, limit)
      newest = made.newest ?? newest
      if (made.lines === 0) break
      done.seals++
      done.lines += made.lines
    }
  }
  return { ...done, newest } satisfies Sealed
})

/** One seal in one transaction. Lines that are complete do not change, so each statement may see a moment of its own. */
const sealOne = (
  sql: SqlClient.SqlClient,
  schema: string,
  journal: Horizon.Journal,
  upTo: bigint,
  limit: number
): Effect.Effect<{ readonly lines: number; readonly newest: Newest | undefined }, Fault.StoreFault> =>
  sql.withTransaction(Effect.gen(function*(): Effect.fn.Return<
    { readonly lines: number; readonly newest: Newest | undefined },
    SqlError
  > {
    const seals = CampusSchema.tables(sql, schema).seal
    yield* sql`SELECT pg_advisory_xact_lock(hashtextextended(${`yikatong seal ${schema}`}, 0))`
    const [before] = yield* sql<Row>`SELECT ${sql.literal(columns)} FROM ${seals} ORDER BY number DESC LIMIT 1`
    const [last] = yield* sql<{ readonly to_line: bigint }>`
      SELECT to_line FROM ${seals} WHERE journal = ${journal} ORDER BY number DESC LIMIT 1`
    const number = (before?.number ?? 0n) + 1n
    const from = (last?.to_line ?? 0n) + 1n
    const previous = before?.digest ?? null
    const digest = SealedBytes.digest({ number, journal, from, previous })
    const end = yield* digested(sql, schema, journal, { from, to: upTo, limit }, digest)
    const lines = digest.lines()
    if (lines === 0) return { lines, newest: newestOf(before) }
    const to = lines < limit ? upTo : end
    const sealed = digest.end(to)
    yield* sql`
      INSERT INTO ${seals} (number, journal, from_line, to_line, lines, previous, digest)
      VALUES (${number}, ${journal}, ${from}, ${to}, ${BigInt(lines)},
        ${previous === null ? null : PgTypes.bytea(previous)}, ${PgTypes.bytea(sealed)})`
    return { lines, newest: { number: Number(number), digest: hexOf(sealed) } }
  })).pipe(
    // What is sealed stays so, also where the caller has a transaction of its own and rolls it back.
    Effect.updateContext((context: Context.Context<never>) => Context.omit(sql.transactionService)(context)),
    Snapshot.told("seal the journal")
  )

const newestOf = (row: Row | undefined): Newest | undefined =>
  row === undefined ? undefined : { number: Number(row.number), digest: hexOf(row.digest) }

/** Adds the lines of a stretch to a digest, a page at a time, and gives the last number. */
const digested = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  schema: string,
  journal: Horizon.Journal,
  { from, limit, to }: { readonly from: bigint; readonly to: bigint; readonly limit: number },
  digest: SealedBytes.Digest
): Effect.fn.Return<bigint, SqlError> {
  const selected = sql.literal(SealedBytes.selected(journal))
  const table = CampusSchema.tables(sql, schema)[journal]
  let after = from - 1n
  while (true) {
    const size = Math.min(page, limit - digest.lines())
    if (size === 0) return after
    const rows = yield* sql<SealedBytes.Row>`
      SELECT ${selected} FROM ${table} WHERE sequence > ${after} AND sequence <= ${to}
      ORDER BY sequence LIMIT ${sql.literal(`${size}`)}`
    for (const row of rows) digest.add(row)
    after = rows.at(-1)?.sequence ?? after
    if (rows.length < size) return after
  }
})

/** What was looked at. */
export interface Verified {
  readonly seals: number
  readonly newest: Newest | undefined
}

/** Looks at every seal, in the snapshot in which this is run. */
export const verify = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  findings: Findings,
  { anchor, schema }: { readonly schema: string; readonly anchor: string | undefined }
): Effect.fn.Return<Verified, SqlError> {
  const last = { journal: 0n, subject_journal: 0n }
  let before: Row | undefined
  let isAnchored = anchor === undefined
  let seals = 0
  while (true) {
    const rows: ReadonlyArray<Row> = yield* sql<Row>`
      SELECT ${sql.literal(columns)} FROM ${CampusSchema.tables(sql, schema).seal} WHERE number > ${
      before?.number ?? 0n
    }
      ORDER BY number LIMIT ${sql.literal(`${page}`)}`
    for (const row of rows) {
      const { journal } = row
      seals++
      findings.add(...unchained(row, before, last[journal]))
      const digest = SealedBytes.digest({ ...row, from: row.from_line })
      // One line more than was sealed would do to see that it differs, and all of them tell how many there are.
      yield* digested(
        sql,
        schema,
        journal,
        { from: row.from_line, to: row.to_line, limit: Number.MAX_SAFE_INTEGER },
        digest
      )
      const lines = digest.lines()
      const sealed = Number(row.lines)
      if (lines !== sealed || Buffer.compare(digest.end(row.to_line), row.digest) !== 0) {
        const [from, to] = [Number(row.from_line), Number(row.to_line)]
        findings.add({ _tag: "SealDiffers", seal: Number(row.number), journal, from, to, sealed, lines })
      }
      if (hexOf(row.digest) === anchor?.toLowerCase()) isAnchored = true
      last[journal] = row.to_line
      before = row
    }
    if (rows.length < page) break
  }
  if (!isAnchored) findings.add({ _tag: "AnchorMissing" })
  return { seals, newest: newestOf(before) }
})

const unchained = (row: Row, before: Row | undefined, last: bigint): ReadonlyArray<Break> => {
  const seal = Number(row.number)
  const breaks: Array<Break> = []
  if (row.number !== (before?.number ?? 0n) + 1n) breaks.push({ _tag: "SealUnchained", seal, column: "number" })
  if (row.from_line !== last + 1n) breaks.push({ _tag: "SealUnchained", seal, column: "from_line" })
  const isNext = before === undefined
    ? row.previous === null
    : row.previous !== null && Buffer.compare(row.previous, before.digest) === 0
  if (!isNext) breaks.push({ _tag: "SealUnchained", seal, column: "previous" })
  return breaks
}
