/**
 * What the office reads, against what the core folds: the same random lives, told once by the journal and once by the
 * database. And that it is found by the indexes that are there for it.
 */
import {
  AccountStore,
  CivilTime,
  type Command,
  type Fault,
  Id,
  Ledger,
  LimitPolicy,
  Money,
  Profiles,
  Purchase,
  type Statement as Line,
  Statements,
  SubjectStore,
  Takings
} from "@yikatong/core"
import { AccountStoreLaws } from "@yikatong/core/testing"
import { Context, Effect, Layer, type Scope, Stream } from "effect"
import { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import type { Statement } from "effect/sql/Statement"
import { describe, expect, it } from "vitest"
import { live, seed } from "../../core/test/model/Lives.ts"
import { profiles } from "../../core/test/model/School.ts"
import * as AccountStatement from "../src/AccountStatement.ts"
import * as CampusSchema from "../src/CampusSchema.ts"
import * as DayTotals from "../src/DayTotals.ts"
import { PgDayBook } from "../src/index.ts"
import * as Windows from "../src/Windows.ts"
import { client, freshSchema, store, type StoreOptions, subjects } from "./clients.ts"
import { account } from "./commands.ts"
import { batch, batches } from "./vouchers.ts"

const dayBook = (
  { client: config, profiles: known = profiles, ...options }: StoreOptions
): Effect.Effect<PgDayBook.PgDayBook["Service"], Fault.StoreFault | SqlError, Scope.Scope> =>
  Layer.build(
    PgDayBook.layer(options).pipe(Layer.provide(client(config)), Layer.provide(Profiles.Profiles.layer(known)))
  ).pipe(Effect.map(Context.get(PgDayBook.PgDayBook)))

const run = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>) => Effect.runPromise(Effect.scoped(effect))
const asked = <A, E>(effect: Effect.Effect<A, E, SqlClient.SqlClient>) => Effect.provide(effect, client())
const ever = { from: CivilTime.firstDay, until: CivilTime.lastDay }

/** The totals of a day as `Takings` folds them from the journal. */
const folded = (entries: ReadonlyArray<AccountStore.Entry>, day: CivilTime.Day) => {
  const fold = Takings.begin(day)
  for (const entry of entries) Takings.take(fold, entry)
  const totals = new Map<string, PgDayBook.DayTotal>()
  for (const merchant of [...fold.merchants.keys()].sort()) {
    // The office is not told on which day something was bought, so these rows are added up.
    for (const { point, purchases, returns } of Takings.of(fold, merchant).rows) {
      const key = `${merchant}/${point}`
      const before = totals.get(key)
      const plus = (one: PgDayBook.Sum | undefined, other: PgDayBook.Sum) => ({
        count: (one?.count ?? 0) + other.count,
        amount: Money.plus(one?.amount ?? Money.zero, other.amount)
      })
      const [came, went] = [plus(before?.purchases, purchases), plus(before?.returns, returns)]
      totals.set(key, { day, merchant, point, purchases: came, returns: went, net: came.amount - went.amount })
    }
  }
  return [...totals].sort(([one], [other]) => one < other ? -1 : 1).map(([, total]) => total)
}

describe("the day book agrees with the core, on a server", () => {
  it(
    "R56 R76 I1 I16 thirty lives: takings, statements, quotas, postings and lines",
    { timeout: 120_000 },
    () =>
      run(Effect.gen(function*() {
        const schema = freshSchema()
        const server = yield* store({ schema, profiles })
        const others = yield* subjects({ schema, profiles })
        const { YIKATONG_PATH, YIKATONG_SEED } = process.env
        yield* Effect.promise(() =>
          live({
            lives: 30,
            maxCommands: 80,
            seed: Number(YIKATONG_SEED ?? seed),
            path: YIKATONG_PATH,
            token: "book",
            world: () => ({ store: server }),
            command: "npm exec -- vitest run --project server packages/adapters-pg/test/PgDayBook.server.test.ts",
            patience: 60_000
          })
        )
        const { issue, redeem } = batch("book")
        yield* others.transact(batches, issue(10))
        yield* others.transact(batches, redeem(3))
        const book = yield* dayBook({ schema })
        const entries = yield* Stream.runCollect(server.journal())
        const days = [...new Set(entries.map(({ command }) => CivilTime.dayOf(command.receivedAt)))].sort((a, b) =>
          a - b
        )

        // R76 I16: takings of each day and merchant, and of all days at once.
        const takings = yield* book.takings(ever)
        const expected = days.flatMap((day) => folded(entries, day))
        expect(takings).toEqual(expected)
        expect(takings.some(({ returns }) => returns.count > 0)).toBe(true)
        expect(takings.some(({ purchases }) => purchases.count > 1)).toBe(true)
        for (const day of days.slice(0, 40)) {
          expect(yield* book.takings({ from: day, until: day })).toEqual(takings.filter((one) => one.day === day))
        }
        const merchants = [...new Set(takings.map(({ merchant }) => merchant))]
        expect(merchants.length).toBeGreaterThan(1)
        for (const merchant of merchants) {
          expect(yield* book.takings(ever, merchant)).toEqual(takings.filter((one) => one.merchant === merchant))
          const summed = PgDayBook.byMerchant(takings).filter((one) => one.merchant === merchant)
          expect(summed.reduce((sum, { net }) => sum + net, 0)).toBe(
            [...(yield* server.balances)].reduce(
              (sum, [name, fen]) => name === `merchant:${merchant}` ? sum + fen : sum,
              0
            )
          )
        }
        expect(yield* book.takings(ever, Id.MerchantId.make("nobody"))).toEqual([])

        // I1 I16: the postings are those of both stores, and move what the books hold.
        const postings = yield* Stream.runCollect(book.postings(ever))
        const balances = new Map(yield* server.balances)
        for (const [name, fen] of yield* others.balances) balances.set(name, (balances.get(name) ?? 0) + fen)
        const moved = Ledger.fold(postings.map(({ amount, from, to }) => ({ from, to, amount: Money.of(amount) })))
        expect(new Map([...moved].sort())).toEqual(new Map([...balances].sort()))
        expect(postings.some(({ ordinal }) => ordinal > 0)).toBe(true)
        expect(postings.filter(({ journal }) => journal === "subject")).toHaveLength(1)
        const someDay = days[days.length >> 1] ?? CivilTime.firstDay
        const ofDay = yield* Stream.runCollect(book.postings({ from: someDay, until: someDay }))
        expect(ofDay).toEqual(postings.filter(({ day }) => day === someDay))

        // D23: the lines are those of the journal.
        expect(yield* Stream.runCollect(book.lines(ever))).toMatchObject(
          entries.map(({ account, answer, command, sequence }) => ({
            sequence,
            account: account ?? null,
            day: CivilTime.dayOf(command.receivedAt),
            receivedAt: command.receivedAt,
            act: command.body._tag,
            decline: answer._tag === "Declined" ? answer.decline._tag : null,
            point: command.point,
            caller: command.caller,
            command: command.id
          }))
        )
        const ndjson = yield* Stream.mkString(book.text("lines", ever, "ndjson"))
        expect(ndjson.split("\n")).toHaveLength(entries.length + 1)

        // R50 R56: what each holder is told.
        const accounts = yield* Stream.runCollect(server.accounts)
        const told = <A, E>(
          effect: Effect.Effect<A, E, AccountStore.AccountStore | Profiles.Profiles | SubjectStore.SubjectStore>
        ) =>
          effect.pipe(
            Effect.provideService(AccountStore.AccountStore, server),
            Effect.provideService(SubjectStore.SubjectStore, others),
            Effect.provide(Profiles.Profiles.layer(profiles))
          )
        for (const { id, tallies } of accounts) {
          const subject: Command.Subject = { _tag: "Account", account: id }
          const whole: Array<Line.Line> = []
          for (let cursor: string | undefined;;) {
            const page = yield* told(
              Statements.page(subject, { limit: 100, ...(cursor === undefined ? {} : { cursor }) })
            )
            whole.push(...page.lines)
            if (page.next === undefined) break
            cursor = page.next
          }
          expect(yield* Stream.runCollect(book.statement(id, ever))).toEqual(whole)
          const oldest = yield* Stream.runCollect(book.statement(id, { ...ever, order: "oldestFirst" }))
          expect(oldest).toEqual([...whole].reverse())
          const arrived = new Map(
            entries.map(({ command, sequence }) => [sequence, CivilTime.dayOf(command.receivedAt)])
          )
          const [from, until] = [days[2] ?? ever.from, days[days.length - 2] ?? ever.until]
          expect(yield* Stream.runCollect(book.statement(id, { from, until }))).toEqual(
            whole.filter(({ sequence }) => {
              const day = arrived.get(sequence) ?? CivilTime.firstDay
              return day >= from && day <= until
            })
          )
          for (const version of profiles) {
            const at = CivilTime.later(version.effectiveFrom ?? CivilTime.instant("2026-09-01 12:00"), CivilTime.hour)
            const cell = Purchase.cellOf(version, { medium: "physicalCard", now: at, point: { category: "canteen" } })
            expect(yield* book.remaining(id, { category: "canteen", medium: "physicalCard" }, at)).toEqual(
              LimitPolicy.remaining(version.limits, tallies, cell)
            )
          }
        }
      }))
  )
})

/** So many accounts that pay at four terminals of three merchants on ten days: 4,080 lines. */
const busy = Effect.fnUntraced(function*(schema: string) {
  const server = yield* store({ schema })
  const monday = CivilTime.instant("2026-03-02 10:00")
  const payers = Array.from({ length: 20 }, (_, at) => account(`${schema}.${at}`))
  yield* Effect.forEach(payers, ({ funded }) => Effect.forEach(funded(5_000), server.transact), {
    concurrency: "unbounded",
    discard: true
  })
  const pay = (payer: (typeof payers)[number], at: number): Command.Envelope => {
    const envelope = payer.say(["canteen-1", "canteen-2", "canteen-3", "shop-1"][at % 4] ?? "", {
      _tag: "PayByCode",
      medium: "todayCampusCode",
      amount: Money.amount(1),
      link: "up"
    })
    const when = CivilTime.later(monday, Math.floor(at / 20) * CivilTime.dayLength)
    return { ...envelope, at: when, receivedAt: when }
  }
  const answers = yield* Effect.forEach(
    payers.flatMap((payer) => Array.from({ length: 200 }, (_, at) => pay(payer, at))),
    server.transact,
    { concurrency: 500 }
  )
  expect(answers.filter(({ _tag }) => _tag === "Approved")).toHaveLength(4_000)
  yield* asked(Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(`ANALYZE "${schema}".journal`)))
  return { first: payers[0] ?? account("nobody"), server }
})

const planOf = <Row extends object>(statement: (sql: SqlClient.SqlClient) => Statement<Row>) =>
  asked(Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const [text, parameters] = statement(sql).compile()
    const rows = yield* sql.unsafe<Record<"QUERY PLAN", string>>(`EXPLAIN ${text}`, parameters)
    return rows.map((row) => row["QUERY PLAN"]).join("\n")
  }))

describe("what the office reads of 4,000 lines is found by an index, without any help for the planner", () => {
  it(
    "R56 R76 statements by account, takings by merchant and day; and a page at a time is read",
    { timeout: 120_000 },
    () =>
      run(Effect.gen(function*() {
        const schema = freshSchema()
        const { first, server } = yield* busy(schema)
        const monday = CivilTime.day("2026-03-02")
        const number = yield* asked(Effect.gen(function*() {
          const sql = yield* SqlClient.SqlClient
          const [row] = yield* sql.unsafe<{ readonly number: bigint }>(
            `SELECT number FROM "${schema}".account WHERE id = '${first.id}'`
          )
          return row?.number ?? 0n
        }))
        // The partitions of the months to come are empty, and read whole at no cost.
        const filled = yield* asked(Effect.flatMap(SqlClient.SqlClient, (sql) =>
          sql.unsafe<{ readonly name: string }>(
            `SELECT DISTINCT relname AS name FROM "${schema}".journal AS line JOIN pg_class ON pg_class.oid = line.tableoid`
          )))
        expect(filled.length).toBeGreaterThan(0)
        const readWhole = (plan: string) => filled.filter(({ name }) => plan.includes(`Seq Scan on ${name} `))
        for (const order of ["newestFirst", "oldestFirst"] as const) {
          const plan = yield* planOf((sql) =>
            AccountStatement.statement(
              sql,
              CampusSchema.tables(sql, schema),
              number,
              { from: monday, until: monday, order },
              order === "newestFirst" ? BigInt(Number.MAX_SAFE_INTEGER) : 0n
            )
          )
          expect(plan).toMatch(/Index Scan (Backward )?(using|on) journal_\d+_\d+_account_sequence_idx/)
          expect(readWhole(plan)).toEqual([])
        }
        for (const merchant of [Id.MerchantId.make("canteen-2"), undefined]) {
          const plan = yield* planOf((sql) =>
            DayTotals.statement(sql, CampusSchema.tables(sql, schema), { from: monday, until: monday }, merchant)
          )
          expect(plan).toMatch(/Index Cond: \(\(merchant = .*\) AND \(day >= .*\) AND \(day <= .*\)\)/)
          expect(readWhole(plan)).toEqual([])
        }

        // Twenty payers, five taps a day at each terminal; two terminals belong to one merchant.
        const book = yield* dayBook({ schema, profiles: AccountStoreLaws.profiles })
        const sales = (yield* book.takings({ from: monday, until: CivilTime.addDays(monday, 1) })).map(
          ({ day, merchant, net, point, purchases }) => [day - monday, merchant, point, purchases.count, net]
        )
        expect(sales).toEqual([0, 1].flatMap((day) => [
          [day, "canteen-1", "canteen-1", 100, 100],
          [day, "canteen-2", "canteen-2", 100, 100],
          [day, "canteen-2", "canteen-3", 100, 100],
          [day, "shop-1", "shop-1", 100, 100]
        ]))

        // Whoever takes one chunk has one window read, however long the journal is.
        let windows = 0
        const some = yield* asked(Effect.flatMap(SqlClient.SqlClient, (sql) =>
          Stream.runCollect(Stream.take(
            Windows.rows("test", sql, schema, "journal", ({ after, upTo }) => {
              windows++
              return sql<{ readonly sequence: bigint }>`
              SELECT sequence FROM ${sql.literal(`"${schema}".journal`)}
              WHERE sequence > ${after} AND sequence <= ${upTo} ORDER BY sequence`
            }),
            Windows.size + 1
          ))))
        expect(some).toHaveLength(Windows.size + 1)
        expect(windows).toBe(2)
        const chunks = yield* Stream.runCollect(book.text("lines", ever, "csv"))
        const lines = chunks.map((chunk) => chunk.split("\r\n").length - 1)
        expect(lines[0]).toBe(1)
        expect(Math.max(...lines)).toBeLessThanOrEqual(Windows.size)
        expect(lines.reduce((sum, count) => sum + count, 0)).toBe(4_081)
        expect(yield* Stream.runCount(server.journal())).toBe(4_080)

        // The pages of a statement together are the statement; a page of a day that has none is empty.
        const period = { from: monday, until: CivilTime.addDays(monday, 30) }
        const whole = yield* Stream.runCollect(book.statement(first.id, period))
        expect(whole).toHaveLength(201)
        const paged: Array<Line.Line> = []
        for (let cursor: string | undefined;;) {
          const page = yield* book.statementPage(first.id, period, {
            limit: 60,
            ...(cursor === undefined ? {} : { cursor })
          })
          paged.push(...page.lines)
          if (page.next === undefined) break
          expect(page.lines).toHaveLength(60)
          cursor = page.next
        }
        expect(paged).toEqual(whole)
        const quiet = CivilTime.day("2026-05-01")
        expect(yield* book.statementPage(first.id, { from: quiet, until: quiet })).toEqual({ lines: [] })
        const nobody = Id.AccountId.make("nobody")
        expect(yield* book.statementPage(nobody, period)).toEqual({ lines: [] })
        expect(
          yield* book.remaining(nobody, { category: "canteen", medium: "physicalCard" }, CivilTime.startOf(monday))
        )
          .toEqual([])
        const lost = yield* Effect.flip(book.statementPage(first.id, period, { cursor: "7" }))
        expect(lost._tag).toBe("MalformedCommand")
      }))
  )

  it("a role that may only select reads all of it", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      const server = yield* store({ schema })
      const { funded, id, pay } = account(`${schema}.reader`)
      yield* Effect.forEach([...funded(1_000), pay(100)], server.transact)
      yield* asked(Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const name = sql.literal(schema)
        yield* sql`CREATE ROLE ${name}`
        yield* sql`GRANT USAGE ON SCHEMA ${name} TO ${name}`
        yield* sql`GRANT SELECT ON ALL TABLES IN SCHEMA ${name} TO ${name}`
        yield* sql`GRANT SELECT ON ALL SEQUENCES IN SCHEMA ${name} TO ${name}`
      }))
      const reader = { schema, client: { startupOptions: `-c role=${schema}` }, profiles: AccountStoreLaws.profiles }
      const book = yield* dayBook(reader)
      expect(yield* book.takings(ever)).toMatchObject([{ merchant: "canteen-1", net: 100 }])
      expect(yield* Stream.runCollect(book.statement(id, ever))).toMatchObject([{ kind: "purchase" }, {
        kind: "recharge"
      }])
      expect(yield* Stream.runCount(book.postings(ever))).toBe(2)
      expect(yield* Stream.runCount(book.lines(ever))).toBe(5)
    })))
})
