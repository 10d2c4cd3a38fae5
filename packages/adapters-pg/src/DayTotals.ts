/**
 * What each merchant took at each of its terminals on each day 日营业额 (R76), summed by the database over the lines of those
 * days, found by merchant and day. The day is the posting day, as in every settlement; the sums are those of `Takings`.
 *
 * Money is fen. A sum that is no safe integer is told, never rounded.
 */
import { type CivilTime, Fault, type Id, type Money } from "@yikatong/core"
import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import type { Fragment } from "effect/sql/Statement"
import * as Attempts from "./Attempts.ts"
import type * as CampusSchema from "./CampusSchema.ts"

/** Civil days in Shanghai, the first and the last of them. */
export interface Days {
  readonly from: CivilTime.Day
  readonly until: CivilTime.Day
}

/** How many, and how much money. */
export interface Sum {
  readonly count: number
  readonly amount: Money.Money
}

/** One merchant at one terminal on one day. `returns`: reversals and refunds, where they were made. `net`: may be negative. */
export interface DayTotal {
  readonly day: CivilTime.Day
  readonly merchant: Id.MerchantId
  readonly point: Id.PointId
  readonly purchases: Sum
  readonly returns: Sum
  readonly net: number
}

interface Row {
  readonly day: number
  readonly merchant: string
  readonly point: string
  readonly purchases: bigint
  readonly purchased: string
  readonly returns: bigint
  readonly returned: string
}

/** The lines of these days. */
export const within = (sql: SqlClient.SqlClient, { from, until }: Days): Fragment =>
  sql`line.day BETWEEN date '1970-01-01' + ${from}::integer AND date '1970-01-01' + ${until}::integer`

/** The statement of {@link of}. */
export const statement = (
  sql: SqlClient.SqlClient,
  { journal, transfer }: CampusSchema.Tables,
  days: Days,
  merchant: Id.MerchantId | undefined
) => {
  // The index begins with the merchant: of all, it is asked for one after the other.
  const these = merchant === undefined
    ? sql`line.merchant = ANY(ARRAY(SELECT merchant FROM sellers WHERE merchant IS NOT NULL)) AND ${within(sql, days)}`
    : sql`line.merchant = ${merchant} AND ${within(sql, days)}`
  const theirs = merchant === undefined
    ? sql`starts_with(side.book, 'merchant:')`
    : sql`side.book = ${`merchant:${merchant}`}`
  const sides = (moved: string) =>
    sql.literal(
      `(VALUES (${moved}.to_book, ${moved}.amount, 0), (${moved}.from_book, 0, ${moved}.amount)) AS side (book, came, went)`
    )
  return sql<Row>`
    WITH RECURSIVE sellers (merchant) AS (
      (SELECT merchant FROM ${journal} WHERE merchant IS NOT NULL ORDER BY merchant LIMIT 1)
      UNION ALL
      SELECT (
        SELECT next.merchant FROM ${journal} AS next WHERE next.merchant > known.merchant ORDER BY next.merchant LIMIT 1
      ) FROM sellers AS known WHERE known.merchant IS NOT NULL
    )
    SELECT day - date '1970-01-01' AS day, substr(book, 10) AS merchant, point,
      count(*) FILTER (WHERE came > 0) AS purchases, sum(came)::text AS purchased,
      count(*) FILTER (WHERE went > 0) AS returns, sum(went)::text AS returned
    FROM (
      SELECT line.day, line.point, side.book, side.came, side.went
      FROM ${journal} AS line CROSS JOIN LATERAL ${sides("line")}
      WHERE ${these} AND line.amount IS NOT NULL AND ${theirs}
      UNION ALL
      SELECT line.day, line.point, side.book, sum(side.came), sum(side.went)
      FROM ${journal} AS line JOIN ${transfer} AS several ON several.sequence = line.sequence
        CROSS JOIN LATERAL ${sides("several")}
      WHERE ${these} AND line.amount IS NULL AND ${theirs}
      GROUP BY line.sequence, line.day, line.point, side.book
    ) AS moved
    GROUP BY day, book, point ORDER BY day, book, point`
}

/** The totals of these days, by day, merchant and terminal; of one merchant, if one is named. */
export const of = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  tables: CampusSchema.Tables,
  days: Days,
  merchant?: Id.MerchantId
): Effect.fn.Return<ReadonlyArray<DayTotal>, Fault.StoreFault> {
  const rows = yield* Attempts.repeat("day totals", "5 minutes")(statement(sql, tables, days, merchant))
  return yield* Effect.forEach(
    rows,
    Effect.fnUntraced(function*({ day, merchant, point, purchased, purchases, returned, returns }: Row) {
      const [came, went] = [Number(purchased), Number(returned)]
      if (!Number.isSafeInteger(came) || !Number.isSafeInteger(went)) {
        return yield* new Fault.StoreBroken({
          operation: "day totals",
          problem:
            `merchant:${merchant} has taken more fen than a number can hold: look for the lines that made it so ` +
            "(`books check`)",
          cause: new Error("not a safe integer")
        })
      }
      return {
        day: day as CivilTime.Day,
        merchant: merchant as Id.MerchantId,
        point: point as Id.PointId,
        purchases: { count: Number(purchases), amount: came as Money.Money },
        returns: { count: Number(returns), amount: went as Money.Money },
        net: came - went
      }
    })
  )
})

/** The totals of each merchant on each day, over its terminals. */
export const byMerchant = (totals: Iterable<DayTotal>): ReadonlyArray<Omit<DayTotal, "point">> => {
  const sums = new Map<string, Omit<DayTotal, "point">>()
  for (const { point: _, ...one } of totals) {
    const key = `${one.day}/${one.merchant}`
    const known = sums.get(key)
    sums.set(
      key,
      known === undefined ? one : {
        ...one,
        purchases: plus(known.purchases, one.purchases),
        returns: plus(known.returns, one.returns),
        net: known.net + one.net
      }
    )
  }
  return [...sums.values()]
}

const plus = (one: Sum, other: Sum): Sum => ({
  count: one.count + other.count,
  amount: one.amount + other.amount as Money.Money
})
