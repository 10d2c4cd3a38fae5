/**
 * The day book for teams without Effect 日报: the same answers as promises of plain values, and exports as async iterables
 * of text. No Effect type stands in its signatures. It has connections of its own beside those of a campus, and needs no
 * peppers: it never looks at a password.
 */
import { PgClient } from "@effect/sql-pg"
import {
  CivilTime,
  Explanation,
  type Fault,
  Flaw,
  Id,
  Medium,
  Misuse,
  Profiles,
  SchoolProfile,
  type Statement
} from "@yikatong/core"
import { type Line, type Page, type PageInput, profileOf, ProfileRejected, type Quota } from "@yikatong/core/promise"
import { Context, Effect, Layer, ManagedRuntime, Redacted, Result, Schema, Stream } from "effect"
import type * as AccountStatement from "./AccountStatement.ts"
import * as Faults from "./Faults.ts"
import * as OpenedWith from "./OpenedWith.ts"
import { layer, PgDayBook } from "./PgDayBook.ts"
import type * as Sheet from "./Sheet.ts"

/**
 * Where the campus is. `url`: `postgres://user:password@host:5432/database`. `schema`: `campus` unless told. `profile`: the
 * school's, or all its versions, as for `Campus.open`.
 */
export interface Options {
  readonly url: string
  readonly schema?: string
  readonly profile: unknown
}

/** The first and the last of some days, counted from 1970-01-01: `day("2026-03-02")` of `@yikatong/core/promise`. */
export interface Days {
  readonly from: number
  readonly until: number
}

/** One merchant at one terminal on one day, in fen. `returns`: reversals and refunds, where they were made. */
export interface DayTotal {
  readonly day: number
  readonly merchant: string
  readonly point: string
  readonly purchases: { readonly count: number; readonly amount: number }
  readonly returns: { readonly count: number; readonly amount: number }
  readonly net: number
}

/**
 * What the office reads. Every promise rejects with a `Fault`, or with `MalformedCommand` where it was asked wrongly; so does
 * reading on in a text.
 */
export interface DayBook {
  /** What each merchant, or one of them, took at each of its terminals on each of these posting days (R76). */
  readonly takings: (days: Days, merchant?: string) => Promise<ReadonlyArray<DayTotal>>
  /** One page of the transactions of an account on these days (R56), newest first unless told. */
  readonly statement: (
    account: string,
    period: Days & Pick<AccountStatement.Period, "order">,
    page?: PageInput
  ) => Promise<Page>
  /** What is left of every limit that counts there (R50), by the profile in force now, or at another instant. */
  readonly remaining: (
    account: string,
    spending: { readonly category: "canteen" | "shop"; readonly medium: Medium.Medium },
    at?: number
  ) => Promise<ReadonlyArray<Quota>>
  /** Every posting or every line of these days as text, in chunks; whoever takes them sets the pace. */
  readonly text: (what: "postings" | "lines", days: Days, format: Sheet.Format) => AsyncIterable<string>
  /** Ends its connections; everything after it is refused as `StoreUnavailable`. */
  readonly close: () => Promise<void>
}

const DaysInput = Schema.Struct({ from: CivilTime.Day, until: CivilTime.Day })
const Period = Schema.Struct({
  ...DaysInput.fields,
  order: Schema.optionalKey(Schema.Literals(["newestFirst", "oldestFirst"]))
})
const Paged = Schema.Struct({
  cursor: Schema.optionalKey(Schema.String),
  limit: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100 })))
})
const Spending = Schema.Struct({ category: Schema.Literals(["canteen", "shop"]), medium: Medium.Medium })
const Text = Schema.Struct({
  what: Schema.Literals(["postings", "lines"]),
  days: DaysInput,
  format: Schema.Literals(["csv", "ndjson"])
})

const decode = <S extends Schema.ConstraintDecoder<unknown>>(schema: S, input: unknown, at: string) =>
  Effect.mapError(
    Effect.fromResult(Schema.decodeUnknownResult(schema)(input, { errors: "all", onExcessProperty: "error" })),
    (error) =>
      new Misuse.MalformedCommand({
        flaws: Flaw.of(error).map(({ path, problem }) => ({
          path: [at, path].filter((part) => part !== "").join("."),
          problem
        }))
      })
  )

const historyOf = (profile: unknown): SchoolProfile.History => {
  const versions = SchoolProfile.history((Array.isArray(profile) ? profile : [profile]).map(profileOf))
  if (Result.isFailure(versions)) throw new ProfileRejected(versions.failure)
  return versions.success
}

const closed = () => Faults.closed("read the day book", "the day book")

/**
 * Opens the day book of a campus on a server. It rejects with `OptionsRejected`, `ProfileRejected`, or the fault that keeps
 * it from opening.
 */
export const open = async (options: Options): Promise<DayBook> => {
  OpenedWith.dayBook(options)
  const { profile, url, ...rest } = options
  const profiles = historyOf(profile)
  const client = Effect.mapError(PgClient.make({ url: Redacted.make(url) }), Faults.fromSqlError("connect"))
  const runtime: ManagedRuntime.ManagedRuntime<PgDayBook, Fault.StoreFault> = ManagedRuntime.make(
    layer(rest).pipe(Layer.provide([PgClient.layerFrom(client), Profiles.Profiles.layer(profiles)]))
  )
  const context = await runtime.context()
  let isOpen = true
  const asking = Effect.suspend(() => isOpen ? Effect.succeed(Context.get(context, PgDayBook)) : Effect.fail(closed()))
  const run = <A, E>(ask: (book: PgDayBook["Service"]) => Effect.Effect<A, E>): Promise<A> =>
    Effect.runPromiseWith(context)(Effect.flatMap(asking, ask))
  const inWords = (line: Statement.Line): Line => ({
    ...line,
    words: Explanation.ofLine(line, SchoolProfile.inForce(profiles, line.at))
  })
  return {
    takings: (days, merchant) =>
      run(Effect.fnUntraced(function*({ takings }) {
        const of = merchant === undefined ? undefined : yield* decode(Id.MerchantId, merchant, "merchant")
        return yield* takings(yield* decode(DaysInput, days, ""), of)
      })),
    statement: (account, period, page = {}) =>
      run(Effect.fnUntraced(function*({ statementPage }) {
        const { lines, ...rest } = yield* statementPage(
          yield* decode(Id.AccountId, account, "account"),
          yield* decode(Period, period, ""),
          yield* decode(Paged, page, "")
        )
        return { ...rest, lines: lines.map(inWords) }
      })),
    remaining: (account, spending, at = Date.now()) =>
      run(Effect.fnUntraced(function*({ remaining }) {
        const quotas = yield* remaining(
          yield* decode(Id.AccountId, account, "account"),
          yield* decode(Spending, spending, ""),
          yield* decode(CivilTime.Instant, at, "at")
        )
        return quotas.map((quota) => ({ ...quota, name: Explanation.ofQuota(quota) }))
      })),
    text: (what, days, format) =>
      Stream.toAsyncIterableWith(
        Stream.unwrap(Effect.gen(function*() {
          const asked = yield* decode(Text, { what, days, format }, "")
          return (yield* asking).text(asked.what, asked.days, asked.format)
        })),
        context
      ),
    close: () => {
      isOpen = false
      return runtime.dispose()
    }
  }
}
