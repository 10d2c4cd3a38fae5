/**
 * The other subjects of a moment, looked at while they are read 业务主体核对 (D21): as `AuditedAccounts`, for orders, terminals,
 * merchants' days and batches.
 */
import { type Books, type Decider, type Fault, SubjectStore } from "@yikatong/core"
import { Effect, Result } from "effect"
import type { SqlClient } from "effect/sql"
import { hash } from "node:crypto"
import { grouped, type Options } from "./AuditedAccounts.ts"
import * as AuditedLine from "./AuditedLine.ts"
import * as Balances from "./Balances.ts"
import type { Place } from "./Break.ts"
import * as CampusSchema from "./CampusSchema.ts"
import type { Findings } from "./Findings.ts"
import * as Snapshot from "./Snapshot.ts"
import * as SubjectReading from "./SubjectReading.ts"

/** The subjects for `Books`, and what is left to look at when it has read them all. */
export interface Audited extends Books.Subjects {
  /** Subjects that could not be read, which `Books` takes for missing. */
  readonly unreadable: ReadonlySet<string>
  /** Gives the kinds that were not looked at, since nobody named them. */
  readonly afterwards: Effect.Effect<ReadonlyArray<string>, Fault.StoreFault>
}

interface Row extends SubjectReading.JournalRow {
  readonly fingerprint: Uint8Array
}

/** A subject as one text. */
export const nameOf = (kind: string, subject: string): string => `${kind} ${subject}`

/** The subjects of the snapshot in which this is run. */
export const make = (
  sql: SqlClient.SqlClient,
  findings: Findings,
  { page, progress, schema }: Omit<Options, "profiles">
): Audited => {
  const tables = CampusSchema.tables(sql, schema)
  const size = sql.literal(`${page}`)
  const unreadable = new Set<string>()
  const looked = new Set<string>()
  /** How many events each subject has. */
  const events = new Map<string, number>()
  let lines = 0

  const postings = (rows: ReadonlyArray<Row>) =>
    sql<AuditedLine.PostingRow>`
      SELECT sequence, ordinal, from_book, to_book, amount FROM ${tables.subject_transfer}
      WHERE sequence >= ${rows[0]?.sequence ?? 0n} AND sequence <= ${rows.at(-1)?.sequence ?? -1n}
      ORDER BY sequence, ordinal`

  const journal = <State, Command, Event>(decider: Decider.Decider<State, Command, Event>) => {
    looked.add(decider.kind)
    return Snapshot.pages(
      `check the journal of ${decider.kind}`,
      -(2n ** 63n),
      page,
      (after) =>
        sql<Row>`
        SELECT fingerprint, ${SubjectReading.columns(sql)} FROM ${tables.subject_journal}
        WHERE kind = ${decider.kind} AND sequence > ${after} ORDER BY sequence FETCH FIRST ${size} ROWS WITH TIES`,
      ({ sequence }) => sequence,
      Effect.fnUntraced(function*(rows) {
        const moved = grouped(yield* postings(rows), ({ sequence }) => sequence)
        const entries = rows.flatMap((row) => lineOf(decider, row, moved.get(row.sequence) ?? []))
        lines += rows.length
        yield* progress(lines)
        return entries
      })
    )
  }

  const lineOf = <State, Command, Event>(
    decider: Decider.Decider<State, Command, Event>,
    row: Row,
    moved: ReadonlyArray<AuditedLine.PostingRow>
  ): ReadonlyArray<SubjectStore.Entry<Command, Event>> => {
    const of = nameOf(decider.kind, row.subject)
    const place: Place = { journal: "subject_journal", sequence: Number(row.sequence), of }
    const read = SubjectReading.entry(decider, row)
    if (Result.isFailure(read)) {
      findings.add({ _tag: "LineUnreadable", ...place, problem: problemOf(read.failure) })
      return []
    }
    const entry = read.success
    const text = SubjectStore.fingerprint(decider, entry)
    const isSame = Result.isSuccess(text) &&
      Buffer.compare(row.fingerprint, hash("sha256", text.success, "buffer")) === 0
    if (!isSame) findings.add({ _tag: "FingerprintDiffers", ...place })
    const made = entry.answer._tag === "Approved" ? entry.answer.events : []
    findings.add(
      ...AuditedLine.transferBreaks(place, moved, made.flatMap((event) => decider.postings(event)))
    )
    if (made.length > 0) events.set(of, (events.get(of) ?? 0) + made.length)
    return [entry]
  }

  const all = <State, Command, Event>(decider: Decider.Decider<State, Command, Event>) =>
    Snapshot.pages(
      `check all ${decider.kind}`,
      "",
      page,
      (after) =>
        sql<{ readonly id: string; readonly state: unknown; readonly version: bigint }>`
        SELECT id, state, version FROM ${tables.subject} WHERE kind = ${decider.kind} AND id > ${after}
        ORDER BY id FETCH FIRST ${size} ROWS WITH TIES`,
      ({ id }) => id,
      (rows) => Effect.sync(() => rows.flatMap((row) => stateOf(decider, row)))
    )

  const stateOf = <State, Command, Event>(
    decider: Decider.Decider<State, Command, Event>,
    { id: subject, state, version }: { readonly id: string; readonly state: unknown; readonly version: bigint }
  ): ReadonlyArray<{ readonly subject: string; readonly state: State }> => {
    const { kind } = decider
    const byEvents = events.get(nameOf(kind, subject)) ?? 0
    const stored = Number(version)
    if (stored !== byEvents) findings.add({ _tag: "SubjectVersionDiffers", kind, subject, stored, byEvents })
    const read = SubjectStore.readState(decider, subject, state)
    if (Result.isSuccess(read)) return [{ subject, state: read.success }]
    unreadable.add(nameOf(kind, subject))
    findings.add({ _tag: "SubjectUnreadable", kind, subject, problem: problemOf(read.failure) })
    return []
  }

  return {
    journal,
    all,
    balances: Balances.within(sql, tables.subject_transfer),
    unreadable,
    afterwards: Effect.gen(function*() {
      const strays = yield* sql<{ readonly sequence: bigint }>`
        SELECT DISTINCT sequence FROM ${tables.subject_transfer} AS moved
        WHERE NOT EXISTS (SELECT FROM ${tables.subject_journal} AS line WHERE line.sequence = moved.sequence)
        ORDER BY sequence LIMIT ${size}`
      for (const { sequence } of strays) {
        findings.add({ _tag: "TransferWithoutLine", journal: "subject_journal", sequence: Number(sequence) })
      }
      const kinds = yield* sql<{ readonly kind: string }>`
        SELECT DISTINCT kind FROM ${tables.subject_journal} UNION SELECT DISTINCT kind FROM ${tables.subject}
        ORDER BY kind`
      return kinds.map(({ kind }) => kind).filter((kind) => !looked.has(kind))
    }).pipe(Snapshot.told("check the other subjects"))
  }
}

const problemOf = ({ cause }: Fault.StoreBroken): string => cause instanceof Error ? cause.message : ""
