/**
 * Every seal held against the lines that it is over, and against the seal before it 封签核对: what no replay can see, since the
 * books would balance all the same.
 */
import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import type { Break } from "./Break.ts"
import * as CampusSchema from "./CampusSchema.ts"
import type { Findings } from "./Findings.ts"
import * as SealedBytes from "./SealedBytes.ts"
import * as SealRow from "./SealRow.ts"

/** What was looked at. */
export interface Verified {
  readonly seals: number
  readonly newest: SealRow.Newest | undefined
}

/** Looks at every seal, in the snapshot in which this is run. */
export const verify = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  findings: Findings,
  { anchor, schema }: { readonly schema: string; readonly anchor: string | undefined }
): Effect.fn.Return<Verified, SqlError> {
  const last = { journal: 0n, subject_journal: 0n }
  let before: SealRow.SealRow | undefined
  let isAnchored = anchor === undefined
  let seals = 0
  while (true) {
    const rows: ReadonlyArray<SealRow.SealRow> = yield* sql<SealRow.SealRow>`
      SELECT ${sql.literal(SealRow.columns)} FROM ${CampusSchema.tables(sql, schema).seal} WHERE number > ${
      before?.number ?? 0n
    }
      ORDER BY number LIMIT ${sql.literal(`${SealRow.page}`)}`
    for (const row of rows) {
      const { journal } = row
      seals++
      findings.add(...unchained(row, before, last[journal]))
      const digest = SealedBytes.digest({ ...row, from: row.from_line })
      // One line more than was sealed would do to see that it differs, and all of them tell how many there are.
      yield* SealRow.digested(
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
      if (SealRow.hexOf(row.digest) === anchor?.toLowerCase()) isAnchored = true
      last[journal] = row.to_line
      before = row
    }
    if (rows.length < SealRow.page) break
  }
  if (!isAnchored) findings.add({ _tag: "AnchorMissing" })
  return { seals, newest: SealRow.newestOf(before) }
})

const unchained = (row: SealRow.SealRow, before: SealRow.SealRow | undefined, last: bigint): ReadonlyArray<Break> => {
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
