/**
 * A seal as its table has it 封签行, and how the lines of its stretch are read: what makes a seal and what looks at it afterwards
 * must do so in the same way.
 */
import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import * as CampusSchema from "./CampusSchema.ts"
import type * as Horizon from "./Horizon.ts"
import * as SealedBytes from "./SealedBytes.ts"

/** The newest seal. `digest`: 64 hexadecimal digits, to be kept elsewhere. */
export interface Newest {
  readonly number: number
  readonly digest: string
}

/** A row of `seal`. Digests as bytes. */
export interface SealRow {
  readonly number: bigint
  readonly journal: Horizon.Journal
  readonly from_line: bigint
  readonly to_line: bigint
  readonly lines: bigint
  readonly previous: Uint8Array | null
  readonly digest: Uint8Array
}

/** What is selected of it. */
export const columns = "number, journal, from_line, to_line, lines, previous, digest"
/** How many rows are in memory at once. */
export const page = 1_000
/** A digest as a person keeps it. */
export const hexOf = (digest: Uint8Array): string => Buffer.from(digest).toString("hex")

/** What is told of a seal, if there is one. */
export const newestOf = (row: SealRow | undefined): Newest | undefined =>
  row === undefined ? undefined : { number: Number(row.number), digest: hexOf(row.digest) }

/** Adds the lines of a stretch to a digest, a page at a time, and gives the last number. */
export const digested = Effect.fnUntraced(function*(
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
