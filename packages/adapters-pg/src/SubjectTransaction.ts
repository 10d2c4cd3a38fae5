/**
 * One command to one subject in one transaction: hold the subject, look whether the command was answered before, decide,
 * write.
 *
 * READ COMMITTED is enough, because everything that decides is read where nothing can change it any more:
 *
 * - A subject that is there is held by its row, of which PostgreSQL hands out the newest committed version after a wait.
 * - One that is not there yet is held by an advisory lock on its name, and looked for once more: whoever let it come to
 *   be held the same lock and has committed. Without it a refusal of "no such order" could be numbered after the line
 *   that made the order.
 * - An answer that was given before is looked up after that, by a statement of its own: whoever gave it held the subject.
 * - The same id sent to two subjects at once is held by a unique key: the second transaction fails as a whole, is run
 *   again, and finds what the first one wrote.
 */
import { PgTypes } from "@effect/sql-pg"
import { type Decider, Fault, Misuse, type SchoolProfile, SubjectStore } from "@yikatong/core"
import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import { hash } from "node:crypto"
import * as CampusSchema from "./CampusSchema.ts"
import { bigints, integers, texts } from "./Columns.ts"
import * as ReadCommitted from "./ReadCommitted.ts"
import * as SubjectReading from "./SubjectReading.ts"

/** A row of `subject`, held. */
interface Held {
  readonly version: bigint
  readonly state: unknown
}

/** Decides and writes one command; all of it is there when this has succeeded, and nothing when it has failed. */
export const make = (sql: SqlClient.SqlClient, schema: string, profiles: SchoolProfile.History) => {
  const tables = CampusSchema.tables(sql, schema)

  const lock = (kind: string, subject: string) =>
    sql<Held>`SELECT version, state FROM ${tables.subject} WHERE kind = ${kind} AND id = ${subject} FOR UPDATE`

  const hold = Effect.fnUntraced(function*(kind: string, subject: string) {
    const [known] = yield* lock(kind, subject)
    if (known !== undefined) return known
    // Two names with one hash only wait for each other.
    yield* sql`SELECT pg_advisory_xact_lock(hashtextextended(${`yikatong ${schema} ${kind} ${subject}`}, 0))`
    const [late] = yield* lock(kind, subject)
    return late
  })

  const answered = Effect.fnUntraced(function*(kind: string, { caller, id }: SubjectStore.Submitted<unknown>) {
    const [row] = yield* sql<SubjectReading.JournalRow & { readonly fingerprint: Uint8Array }>`
      SELECT fingerprint, ${SubjectReading.columns(sql)} FROM ${tables.subject_journal}
      WHERE kind = ${kind} AND caller = ${caller} AND command_id = ${id}`
    return row
  })

  const writeLine = Effect.fnUntraced(function*(
    kind: string,
    fingerprint: Uint8Array,
    { line, postings }: SubjectStore.Written<unknown>
  ) {
    const [row] = yield* sql<{ readonly sequence: bigint }>`
      INSERT INTO ${tables.subject_journal}
        (kind, subject, caller, command_id, fingerprint, received_at, profile, command, answer)
      VALUES (
        ${kind}, ${line.subject}, ${line.caller}, ${line.id}, ${PgTypes.bytea(fingerprint)}, ${BigInt(line.receivedAt)},
        ${line.profile}, ${PgTypes.jsonb(line.body)}, ${PgTypes.jsonb(line.answer)}
      )
      RETURNING sequence`
    if (row === undefined || postings.length === 0) return
    yield* sql`
      INSERT INTO ${tables.subject_transfer} (sequence, ordinal, from_book, to_book, amount)
      SELECT ${row.sequence}, ordinal, from_book, to_book, amount FROM unnest(
        ${integers(postings.map((_, ordinal) => ordinal))},
        ${texts(postings.map(({ from }) => from))},
        ${texts(postings.map(({ to }) => to))},
        ${bigints(postings.map(({ amount }) => amount))}
      ) AS posting (ordinal, from_book, to_book, amount)`
  })

  const writeState = Effect.fnUntraced(function*(
    kind: string,
    subject: string,
    before: bigint | undefined,
    events: number,
    { ended, json }: { readonly json: unknown; readonly ended: boolean }
  ) {
    const state = PgTypes.jsonb(json)
    const after = (before ?? 0n) + BigInt(events)
    const endedAt = ended ? after : null
    if (before === undefined) {
      yield* sql`
        INSERT INTO ${tables.subject} (kind, id, version, state, ended)
        VALUES (${kind}, ${subject}, ${after}, ${state}, ${endedAt})`
      return
    }
    // The lock makes it sure already that nobody came between; should it ever not, this writes nothing.
    const rows = yield* sql`
      UPDATE ${tables.subject} SET version = ${after}, state = ${state}, ended = ${endedAt}
      WHERE kind = ${kind} AND id = ${subject} AND version = ${before} RETURNING id`
    if (rows.length === 1) return
    const cause = new Error(`a locked ${kind} should change and did not`)
    return yield* new Fault.StoreBroken({ operation: "write a subject", cause })
  })

  return <State, Command, Event>(
    decider: Decider.Decider<State, Command, Event>,
    submitted: SubjectStore.Submitted<Command>,
    fingerprint: string
  ): Effect.Effect<
    SubjectStore.Answer<Event>,
    SqlError | Misuse.CommandIdReused | Fault.StoreBroken
  > =>
    sql.withTransaction(Effect.gen(function*() {
      const { kind } = decider
      const { caller, id, subject } = submitted
      const digest = hash("sha256", fingerprint, "buffer")
      const before = yield* hold(kind, subject)
      const given = yield* answered(kind, submitted)
      if (given !== undefined) {
        if (Buffer.compare(given.fingerprint, digest) !== 0) return yield* new Misuse.CommandIdReused({ caller, id })
        return (yield* Effect.fromResult(SubjectReading.entry(decider, given))).answer
      }
      const known = before === undefined ? undefined : { json: before.state }
      const written = yield* Effect.fromResult(SubjectStore.decide(profiles, decider, known, submitted))
      yield* writeLine(kind, digest, written)
      if (written.state !== undefined) {
        yield* writeState(kind, subject, before?.version, written.events, written.state)
      }
      return written.answer
    })).pipe(ReadCommitted.within)
}
