/**
 * What the office reads of a campus in PostgreSQL 日报: the takings of a day, the statement of an account, what is left of its
 * limits, and exports for accounting. It only reads, so it may run in a process of its own, with a role that may only
 * select, while payments go on.
 *
 * A day is the posting day, the civil day in Shanghai on which a command arrived, as in every settlement: a day that is over
 * does not change any more. Money is fen.
 *
 * @example
 * ```ts
 * import { PgDayBook } from "@yikatong/adapters-pg"
 * import * as Embedded from "@yikatong/adapters-pg/embedded"
 * import { CivilTime, Csmzxy, Profiles } from "@yikatong/core"
 * import { Effect, Layer, Stream } from "effect"
 *
 * const monday = CivilTime.day("2026-03-02")
 * const report = Effect.gen(function*() {
 *   const book = yield* PgDayBook.PgDayBook
 *   const takings = yield* book.takings({ from: monday, until: monday })
 *   const sheet = yield* Stream.mkString(book.text("postings", { from: monday, until: monday }, "csv"))
 *   return [takings.length, sheet]
 * })
 * const book = PgDayBook.layer().pipe(
 *   Layer.provide([Embedded.layerClient(), Profiles.Profiles.layer([Csmzxy.csmzxy])])
 * )
 * const empty = "journal,sequence,ordinal,day,receivedAt,from,to,amount\r\n"
 * await Effect.runPromise(Effect.provide(report, book)) // => [0, empty]
 * ```
 */
import {
  type CivilTime,
  type Fault,
  type Id,
  LimitPolicy,
  type Medium,
  type Misuse,
  Profiles,
  Purchase,
  SchoolProfile,
  type Statement,
  type Statements
} from "@yikatong/core"
import { Context, Effect, Layer, Option, type Stream } from "effect"
import { SqlClient } from "effect/sql"
import * as AccountStatement from "./AccountStatement.ts"
import * as CampusSchema from "./CampusSchema.ts"
import * as DayTotals from "./DayTotals.ts"
import * as Exports from "./Exports.ts"
import * as Migrations from "./Migrations.ts"
import * as Reading from "./Reading.ts"
import * as Sheet from "./Sheet.ts"
import * as SubjectReading from "./SubjectReading.ts"

export type { PageOf, Period } from "./AccountStatement.ts"
export type { Days, DayTotal, Sum } from "./DayTotals.ts"
export { byMerchant } from "./DayTotals.ts"
export type { Line, Posting } from "./Exports.ts"

/** Which campus the office reads. */
export interface Options {
  /** The schema of the campus; `campus` unless told. */
  readonly schema?: string
}

/** Where money is spent, and with what. */
export interface Spending {
  readonly category: "canteen" | "shop"
  readonly medium: Medium.Medium
}

/** The day book of one campus. */
export class PgDayBook extends Context.Service<PgDayBook, {
  /**
   * What each merchant, or one of them, took at each of its terminals on each of these days, and what went back (R76). Days
   * and terminals without any are left out. `byMerchant` adds the terminals up.
   */
  readonly takings: (
    days: DayTotals.Days,
    merchant?: Id.MerchantId
  ) => Effect.Effect<ReadonlyArray<DayTotals.DayTotal>, Fault.StoreFault>
  /**
   * One page of the transactions of an account on these days (R56), at least `limit` lines of them if there are as many.
   * An account that is not known has none.
   */
  readonly statementPage: (
    account: Id.AccountId,
    period: AccountStatement.Period,
    page?: AccountStatement.PageOf
  ) => Effect.Effect<Statements.Page, Fault.StoreFault | Misuse.MalformedCommand>
  /** All transactions of an account on these days (R56). */
  readonly statement: (
    account: Id.AccountId,
    period: AccountStatement.Period
  ) => Stream.Stream<Statement.Line, Fault.StoreFault>
  /**
   * What is left of every limit that counts for this medium at such a place (R50), by the profile in force at an instant.
   * What was bought is what the account knows now: seven days of it.
   */
  readonly remaining: (
    account: Id.AccountId,
    spending: Spending,
    at: CivilTime.Instant
  ) => Effect.Effect<ReadonlyArray<LimitPolicy.Quota>, Fault.StoreFault>
  /** Every posting of these days, of the accounts and then of all other subjects, under the full names of the books. */
  readonly postings: (days: DayTotals.Days) => Stream.Stream<Exports.Posting, Fault.StoreFault>
  /** Every line of the journal of the accounts on these days, declined commands too (D23). */
  readonly lines: (days: DayTotals.Days) => Stream.Stream<Exports.Line, Fault.StoreFault>
  /**
   * The same as text, in chunks: instants in UTC, days as "2026-03-02". Whoever takes the chunks sets the pace; a page of
   * 1,000 lines is in memory at most.
   */
  readonly text: (
    what: "postings" | "lines",
    days: DayTotals.Days,
    format: Sheet.Format
  ) => Stream.Stream<string, Fault.StoreFault>
}>()("@yikatong/adapters-pg/PgDayBook") {}

/** The day book of a campus. Its tables are created or completed first, where the role may do so. */
export const make = Effect.fnUntraced(function*({ schema = CampusSchema.defaultName }: Options = {}): Effect.fn.Return<
  PgDayBook["Service"],
  Fault.StoreFault,
  Profiles.Profiles | SqlClient.SqlClient
> {
  yield* Migrations.migrate(schema)
  const sql = (yield* SqlClient.SqlClient).withoutTransforms()
  const profiles = yield* Profiles.Profiles
  const tables = CampusSchema.tables(sql, schema)
  const { find } = Reading.make(sql, schema)
  const statements = AccountStatement.make(sql, tables, profiles, SubjectReading.make(sql, schema))
  const { lines, postings } = Exports.make(sql, schema)
  return {
    takings: (days, merchant) => DayTotals.of(sql, tables, days, merchant),
    statementPage: statements.page,
    statement: statements.all,
    remaining: Effect.fnUntraced(function*(account, { category, medium }, at) {
      const found = yield* find({ _tag: "Account", account })
      if (Option.isNone(found)) return []
      const profile = SchoolProfile.inForce(profiles, at)
      const cell = Purchase.cellOf(profile, { medium, now: at, point: { category } })
      return LimitPolicy.remaining(profile.limits, found.value.tallies, cell)
    }),
    postings,
    lines,
    text: (what, days, format) =>
      what === "postings"
        ? Sheet.text(Exports.postingSheet, format)(postings(days))
        : Sheet.text(Exports.lineSheet, format)(lines(days))
  }
})

/** The day book over the client and the profiles of the running system. */
export const layer = (
  options?: Options
): Layer.Layer<PgDayBook, Fault.StoreFault, Profiles.Profiles | SqlClient.SqlClient> =>
  Layer.effect(PgDayBook, make(options))
