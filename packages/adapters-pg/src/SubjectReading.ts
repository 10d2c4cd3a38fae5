/**
 * Reading what the other subjects of a campus have lived through (D21): one of them, all of a kind, their journal, their
 * balances. Nothing that comes from the database is believed before the schemas of its decider have read it.
 */
import { type Decider, SubjectStore } from "@yikatong/core"
import { Effect, Option, Result, Stream } from "effect"
import type { SqlClient } from "effect/sql"
import type { Fragment } from "effect/sql/Statement"
import type { Read } from "./AccountRow.ts"
import * as Attempts from "./Attempts.ts"
import * as Balances from "./Balances.ts"
import * as CampusSchema from "./CampusSchema.ts"
import * as Horizon from "./Horizon.ts"
import { openId } from "./migrations/0004_open.ts"
import * as Pages from "./Pages.ts"

/** A row of `subject_journal`. */
export interface JournalRow {
  /** `bigint`, which the client gives as such. */
  readonly sequence: bigint
  readonly subject: string
  readonly caller: string
  readonly command_id: string
  readonly received_at: bigint
  readonly profile: string
  readonly command: unknown
  readonly answer: unknown
}

/** The columns of a line. */
export const columns = (sql: SqlClient.SqlClient): Fragment =>
  sql.literal("sequence, subject, caller, command_id, received_at, profile, command, answer")

/** The line of the journal in a row. */
export const entry = <State, Command, Event>(
  decider: Decider.Decider<State, Command, Event>,
  { answer, caller, command, command_id, profile, received_at, sequence, subject }: JournalRow
): Read<SubjectStore.Entry<Command, Event>> =>
  SubjectStore.readEntry(decider, {
    sequence: Number(sequence),
    subject,
    caller,
    id: command_id,
    receivedAt: Number(received_at),
    profile,
    body: command,
    answer
  })

/** The reading half of a store. */
export const make = (
  sql: SqlClient.SqlClient,
  schema: string
): Omit<SubjectStore.SubjectStore["Service"], "transact"> => {
  const tables = CampusSchema.tables(sql, schema)
  const line = sql`SELECT ${columns(sql)} FROM ${tables.subject_journal}`
  const named = (kind: string, subject?: string) => Effect.fromResult(SubjectStore.checkNames(kind, subject))

  /** Subjects of a kind page by page. `id`: what names a row and orders the pages, none for a row that is left out. */
  const subjects = <State, Command, Event>(
    operation: string,
    decider: Decider.Decider<State, Command, Event>,
    id: Fragment
  ) =>
    Stream.unwrap(Effect.as(
      named(decider.kind),
      Pages.pages(
        operation,
        "",
        (after) =>
          sql<{ readonly id: string; readonly state: unknown }>`
          SELECT id, state FROM ${tables.subject} WHERE kind = ${decider.kind} AND ${id} > ${after}
          ORDER BY ${id} LIMIT ${Pages.size}`,
        ({ id }) => id,
        ({ id, state }) => Result.map(SubjectStore.readState(decider, id, state), (state) => ({ subject: id, state }))
      )
    ))

  return {
    find: Effect.fnUntraced(function*(decider, subject) {
      yield* named(decider.kind, subject)
      const [row] = yield* sql<{ readonly state: unknown }>`
        SELECT state FROM ${tables.subject} WHERE kind = ${decider.kind} AND id = ${subject}`.pipe(
        Attempts.repeat("find a subject")
      )
      return row === undefined
        ? Option.none()
        : Option.some(yield* Effect.fromResult(SubjectStore.readState(decider, subject, row.state)))
    }),

    all: (decider) => subjects("all subjects", decider, sql.literal("id")),

    open: (decider) =>
      decider.isOpen === undefined
        ? subjects("open subjects", decider, sql.literal("id"))
        // What was written by a release that did not say is asked here.
        : Stream.filter(
          subjects("open subjects", decider, sql.literal(openId)),
          ({ state }) => SubjectStore.isOpen(decider, state)
        ),

    journal: (decider, subject) =>
      Stream.unwrap(Effect.gen(function*() {
        yield* named(decider.kind, subject)
        // The writers of one subject's lines hold that subject, so they come in their order.
        const last = subject === undefined ? yield* Horizon.settled(sql, schema, "subject_journal") : undefined
        const these = last === undefined
          ? sql`kind = ${decider.kind} AND subject = ${subject}`
          : sql`kind = ${decider.kind} AND sequence <= ${last}`
        return Pages.pages(
          "journal of subjects",
          0n,
          (after) =>
            sql<JournalRow>`${line} WHERE ${these} AND sequence > ${after} ORDER BY sequence LIMIT ${Pages.size}`,
          ({ sequence }) => sequence,
          (row) => entry(decider, row)
        )
      })),

    balances: Balances.of(sql, tables.subject_transfer)
  }
}
