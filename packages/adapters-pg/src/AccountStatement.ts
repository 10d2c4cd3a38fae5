/**
 * The transactions of one account between two days 对账单 (R56), told as `Statement` tells them: page by page or as a stream,
 * the newest or the oldest first. Lines of the journal are found by account and number, and only those of these days are
 * read; never more than {@link window} of them are in memory.
 */
import {
  type Fault,
  type Id,
  Misuse,
  type Recharge,
  RechargeOrder,
  type SchoolProfile,
  Statement,
  Statements,
  type SubjectStore
} from "@yikatong/core"
import { Effect, Option, Result, Schema, Stream } from "effect"
import type { SqlClient } from "effect/sql"
import * as AccountRow from "./AccountRow.ts"
import * as Attempts from "./Attempts.ts"
import type * as CampusSchema from "./CampusSchema.ts"
import { type Days, within } from "./DayTotals.ts"
import * as JournalRow from "./JournalRow.ts"

/** Of which days, and in which order; from the newest on, unless told. */
export interface Period extends Days {
  readonly order?: "newestFirst" | "oldestFirst"
}

/** `cursor`: the `next` of the page before. `limit`: 1 to 100 lines; 20 unless told. */
export interface PageOf {
  readonly cursor?: string
  readonly limit?: number
}

/** How many lines of the journal are looked at in one go: most commands make a line, some make none. */
export const window = 200

/** A line of the journal and what it makes of the statement. */
interface Told {
  readonly sequence: bigint
  readonly told: ReadonlyArray<Statement.Line>
}

/** The statement of {@link make} that reads lines: those of the account with this number beyond a line, in this order. */
export const statement = (
  sql: SqlClient.SqlClient,
  { account, journal }: CampusSchema.Tables,
  number: bigint,
  { order = "newestFirst", ...days }: Period,
  beyond: bigint
) => {
  const [side, direction] = order === "newestFirst"
    ? [sql`line.sequence < ${beyond}`, sql.literal("DESC")]
    : [sql`line.sequence > ${beyond}`, sql.literal("ASC")]
  return sql<JournalRow.JournalRow>`
    SELECT ${sql.literal(JournalRow.columns)} FROM ${journal} AS line
    LEFT JOIN ${account} AS account ON account.number = line.account
    WHERE line.account = ${number} AND ${side} AND ${within(sql, days)}
    ORDER BY line.sequence ${direction} LIMIT ${window}`
}

/** The statements of a campus. */
export const make = (
  sql: SqlClient.SqlClient,
  tables: CampusSchema.Tables,
  profiles: SchoolProfile.History,
  subjects: Pick<SubjectStore.SubjectStore["Service"], "find">
) => {
  /** What stands beyond a line; nothing where there is no such account. */
  const read = Effect.fnUntraced(function*(
    id: Id.AccountId,
    period: Period,
    beyond: bigint
  ): Effect.fn.Return<ReadonlyArray<Told>, Fault.StoreFault> {
    const [account] = yield* sql<AccountRow.AccountRow>`
      SELECT ${sql.literal(AccountRow.columns)} FROM ${tables.account} WHERE id = ${id}`.pipe(
      Attempts.repeat("statement")
    )
    if (account === undefined) return []
    const state = yield* Effect.fromResult(AccountRow.read(account))
    const rows = yield* Attempts.repeat("statement")(statement(sql, tables, account.number, period, beyond))
    const entries = yield* Effect.fromResult(Result.all(rows.map(JournalRow.entry)))
    const orders = new Map<Id.OrderId, Recharge.Order["_tag"]>()
    for (const order of entries.flatMap(Statement.ordersIn)) {
      const found = yield* subjects.find(RechargeOrder.decider, order)
      if (Option.isSome(found)) orders.set(order, found.value._tag)
    }
    return entries.map((entry) => {
      const told = Statement.ofCommand(profiles, state, entry, (order) => orders.get(order))
      return { sequence: BigInt(entry.sequence), told: period.order === "oldestFirst" ? [...told].reverse() : told }
    })
  })

  const startOf = ({ order }: Period): bigint => order === "oldestFirst" ? 0n : BigInt(Number.MAX_SAFE_INTEGER)

  /**
   * One page of at least `limit` lines, if there are as many: what one command did is never cut in two. An account that is
   * not known has an empty one. New lines do not shift a page that was begun.
   */
  const page = Effect.fnUntraced(function*(
    account: Id.AccountId,
    period: Period,
    { cursor, limit = 20 }: PageOf = {}
  ): Effect.fn.Return<Statements.Page, Fault.StoreFault | Misuse.MalformedCommand> {
    if (cursor !== undefined && !Schema.is(Statements.Cursor)(cursor)) {
      return yield* new Misuse.MalformedCommand({
        flaws: [{ path: "cursor", problem: "Expected a cursor of a page before" }]
      })
    }
    // What is no number at all counts as the least.
    const wanted = limit >= 1 ? Math.min(100, Math.floor(limit)) : 1
    const lines: Array<Statement.Line> = []
    for (let beyond = cursor === undefined ? startOf(period) : BigInt(cursor.slice(1));;) {
      const found = yield* read(account, period, beyond)
      for (const { sequence, told } of found) {
        lines.push(...told)
        beyond = sequence
        if (lines.length >= wanted) return { lines, next: `s${beyond}` }
      }
      if (found.length < window) return { lines }
    }
  })

  /** All of them. */
  const all = (account: Id.AccountId, period: Period): Stream.Stream<Statement.Line, Fault.StoreFault> =>
    Stream.paginate(startOf(period), (beyond) =>
      Effect.map(read(account, period, beyond), (found) => {
        const last = found.length < window ? undefined : found.at(-1)
        return [
          found.flatMap(({ told }) => told),
          last === undefined ? Option.none<bigint>() : Option.some(last.sequence)
        ] as const
      }))

  return { page, all }
}
