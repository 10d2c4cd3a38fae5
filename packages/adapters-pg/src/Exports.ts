/**
 * What accounting takes away 导出: every posting of a range of days under the full names of its books, and every line of the
 * journal. No personal data stands in either: accounts are opaque ids (D24).
 *
 * The day of a posting is the civil day in Shanghai on which its command arrived, as in every settlement. Money is fen.
 *
 * @example
 * ```ts
 * import { PgDayBook } from "@yikatong/adapters-pg"
 * import * as Embedded from "@yikatong/adapters-pg/embedded"
 * import { CivilTime, Csmzxy, Profiles } from "@yikatong/core"
 * import { Effect, Layer, Stream } from "effect"
 *
 * const days = { from: CivilTime.day("2026-03-01"), until: CivilTime.day("2026-03-31") }
 * const sum = Effect.gen(function*() {
 *   const { postings } = yield* PgDayBook.PgDayBook
 *   return yield* Stream.runFold(postings(days), () => 0, (fen, { amount }) => fen + amount)
 * })
 * const book = PgDayBook.layer().pipe(
 *   Layer.provide([Embedded.layerClient(), Profiles.Profiles.layer([Csmzxy.csmzxy])])
 * )
 * await Effect.runPromise(Effect.provide(sum, book)) // => 0
 * ```
 */
import { CivilTime, type Fault, type Id } from "@yikatong/core"
import { Stream } from "effect"
import type { SqlClient } from "effect/sql"
import * as CampusSchema from "./CampusSchema.ts"
import { type Days, within } from "./DayTotals.ts"
import type * as Sheet from "./Sheet.ts"
import * as Windows from "./Windows.ts"

/**
 * One posting: `amount` fen out of one book into another. `sequence`: of its line in the journal of the accounts, or in that
 * of the other subjects (orders, merchants' days and the like); `ordinal`: which one of that line.
 */
export interface Posting {
  readonly journal: "account" | "subject"
  readonly sequence: number
  readonly ordinal: number
  readonly day: CivilTime.Day
  readonly receivedAt: CivilTime.Instant
  readonly from: string
  readonly to: string
  readonly amount: number
}

/**
 * One line: what was asked where, when and by whom, and what moved. `decline`: why not; none where it was approved. `amount`,
 * `from` and `to`: of its only transfer; a line with several has them among the postings. Pockets are those of the account.
 */
export interface Line {
  readonly sequence: number
  readonly account: Id.AccountId | null
  readonly day: CivilTime.Day
  readonly receivedAt: CivilTime.Instant
  readonly act: string
  readonly decline: string | null
  readonly point: Id.PointId
  readonly merchant: Id.MerchantId | null
  readonly amount: number | null
  readonly from: string | null
  readonly to: string | null
  readonly caller: string
  readonly command: string
  readonly profile: string
}

type Raw<Row> = { readonly [Key in keyof Row]: Row[Key] extends string | null ? Row[Key] : bigint | number }

/** What there is to take away. */
export interface Exports {
  /** Those of the accounts, then those of the other subjects, each in the order of its journal. */
  readonly postings: (days: Days) => Stream.Stream<Posting, Fault.StoreFault>
  /** Those of the accounts, declined commands too. */
  readonly lines: (days: Days) => Stream.Stream<Line, Fault.StoreFault>
}

/** The exports of a campus. */
export const make = (sql: SqlClient.SqlClient, schema: string): Exports => {
  const { account, journal, subject_journal, subject_transfer, transfer } = CampusSchema.tables(sql, schema)
  const bookOf = sql.literal(`"${schema}".book_of`)

  const ofAccounts = (days: Days) =>
    Windows.rows<Raw<Posting>>("export postings", sql, schema, "journal", ({ after, upTo }) =>
      sql`
      SELECT 'account' AS journal, moved.sequence, moved.ordinal, moved.day - date '1970-01-01' AS day,
        moved.received_at AS "receivedAt", ${bookOf}(account.id, moved.from_book) AS "from",
        ${bookOf}(account.id, moved.to_book) AS "to", moved.amount
      FROM (
        SELECT line.sequence, 0 AS ordinal, line.account, line.day, line.received_at, line.from_book, line.to_book,
          line.amount
        FROM ${journal} AS line
        WHERE line.sequence > ${after} AND line.sequence <= ${upTo} AND line.amount IS NOT NULL AND ${within(sql, days)}
        UNION ALL
        SELECT line.sequence, several.ordinal, line.account, line.day, line.received_at, several.from_book,
          several.to_book, several.amount
        FROM ${journal} AS line JOIN ${transfer} AS several ON several.sequence = line.sequence
        WHERE line.sequence > ${after} AND line.sequence <= ${upTo} AND line.amount IS NULL AND ${within(sql, days)}
          AND several.sequence > ${after} AND several.sequence <= ${upTo}
      ) AS moved JOIN ${account} AS account ON account.number = moved.account
      ORDER BY moved.sequence, moved.ordinal`)

  const ofSubjects = ({ from, until }: Days) =>
    Windows.rows<Raw<Omit<Posting, "day">>>("export postings", sql, schema, "subject_journal", ({ after, upTo }) =>
      sql`
      SELECT 'subject' AS journal, line.sequence, moved.ordinal,
        line.received_at AS "receivedAt", moved.from_book AS "from", moved.to_book AS "to", moved.amount
      FROM ${subject_journal} AS line JOIN ${subject_transfer} AS moved ON moved.sequence = line.sequence
      WHERE line.sequence > ${after} AND line.sequence <= ${upTo}
        AND moved.sequence > ${after} AND moved.sequence <= ${upTo}
        AND line.received_at >= ${BigInt(CivilTime.startOf(from))}
        AND line.received_at < ${BigInt(CivilTime.startOf(until) + CivilTime.dayLength)}
      ORDER BY line.sequence, moved.ordinal`).pipe(
        Stream.map(numbered<Omit<Posting, "day">>),
        Stream.map((row): Posting => ({ ...row, day: CivilTime.dayOf(row.receivedAt) }))
      )

  return {
    postings: (days) => Stream.concat(Stream.map(ofAccounts(days), numbered<Posting>), ofSubjects(days)),
    lines: (days) =>
      Windows.rows<Raw<Line>>("export lines", sql, schema, "journal", ({ after, upTo }) =>
        sql`
        SELECT line.sequence, account.id AS account, line.day - date '1970-01-01' AS day,
          line.received_at AS "receivedAt", line.act, line.decline, line.point, line.merchant, line.amount,
          line.from_book AS "from", line.to_book AS "to", line.caller, line.command_id AS command, line.profile
        FROM ${journal} AS line LEFT JOIN ${account} AS account ON account.number = line.account
        WHERE line.sequence > ${after} AND line.sequence <= ${upTo} AND ${within(sql, days)}
        ORDER BY line.sequence`).pipe(Stream.map(numbered<Line>))
  }
}

/** A row with its numbers as numbers: sequences, instants and fen of the journal are safe integers, or were never written. */
const numbered = <Row>(row: Raw<Row>): Row =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, typeof value === "bigint" ? Number(value) : value])
  ) as Row

const day = ({ day }: { readonly day: CivilTime.Day }): string => CivilTime.formatDay(day)
const receivedAt = ({ receivedAt }: { readonly receivedAt: CivilTime.Instant }): string =>
  new Date(receivedAt).toISOString()

/** Postings as a sheet: days as "2026-03-02", instants in UTC with milliseconds. */
export const postingSheet: Sheet.Columns<Posting> = {
  journal: (row) => row.journal,
  sequence: (row) => row.sequence,
  ordinal: (row) => row.ordinal,
  day,
  receivedAt,
  from: (row) => row.from,
  to: (row) => row.to,
  amount: (row) => row.amount
}

/** Lines as a sheet. */
export const lineSheet: Sheet.Columns<Line> = {
  sequence: (row) => row.sequence,
  account: (row) => row.account,
  day,
  receivedAt,
  act: (row) => row.act,
  decline: (row) => row.decline,
  point: (row) => row.point,
  merchant: (row) => row.merchant,
  amount: (row) => row.amount,
  from: (row) => row.from,
  to: (row) => row.to,
  caller: (row) => row.caller,
  command: (row) => row.command,
  profile: (row) => row.profile
}
