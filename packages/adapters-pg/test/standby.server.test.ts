// What a standby is good for, and what it is not: a real one that streams from the server that pays. The check on it holds I1, I5 and
// I13; the day book R50, R56 and R76.
import { AccountStore, Books, CivilTime, type Fault, Profiles, SubjectStore } from "@yikatong/core"
import { AccountStoreLaws } from "@yikatong/core/testing"
import { Context, Effect, Layer, Schedule, type Scope, Stream } from "effect"
import type { SqlClient, SqlError } from "effect/sql"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import * as Horizon from "../src/Horizon.ts"
import { Integrity, PgAccountStore, PgDayBook, PgOutbox, PgSubjectStore, Seals } from "../src/index.ts"
import { freshSchema } from "./clients.ts"
import { account } from "./commands.ts"
import { clientOf, sqlOf, start } from "./standby.ts"
import { batch, batches } from "./vouchers.ts"

const pair = await start()
if (pair === undefined) {
  process.stderr.write("standby.server.test.ts can not be run: there is no pg_basebackup on this machine\n")
}
afterAll(() => pair?.stop())

const profiles = Profiles.Profiles.layer(AccountStoreLaws.profiles)
const run = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>) => Effect.runPromise(Effect.scoped(effect))

/** All that a host has of a server. */
const openOn = (host: string, schema: string) =>
  Layer.build(
    Layer.mergeAll(PgAccountStore.layer({ schema }), PgSubjectStore.layer({ schema }), PgDayBook.layer({ schema }))
      .pipe(
        Layer.provide(clientOf(host)),
        Layer.provide(profiles)
      )
  ).pipe(Effect.map((context) => ({
    store: Context.get(context, AccountStore.AccountStore),
    subjects: Context.get(context, SubjectStore.SubjectStore),
    book: Context.get(context, PgDayBook.PgDayBook)
  })))

describe.skipIf(pair === undefined)("a standby", () => {
  const { primary, standby } = pair ?? { primary: "", standby: "" }
  const schema = freshSchema()
  const people = Array.from({ length: 5 }, (_, at) => account(`standby-${at}`))
  const { issue, redeem } = batch("standby")
  const kinds = [...Books.house, Books.kind(batches)]

  /** Everybody pays so many times, on the server that pays. */
  const paid = (times: number) =>
    Effect.flatMap(
      openOn(primary, schema),
      ({ store }) =>
        Effect.forEach(people, ({ pay }) => Effect.forEach(Array.from({ length: times }), () => store.transact(pay(1))))
    )

  /** All that the primary has done is done on the standby. */
  const caughtUp = Effect.gen(function*() {
    const [here, there] = [yield* sqlOf(primary), yield* sqlOf(standby)]
    const [{ lsn } = { lsn: "" }] = yield* here<{ readonly lsn: string }>`SELECT pg_current_wal_lsn()::text AS lsn`
    yield* until(there, `SELECT 1 WHERE pg_last_wal_replay_lsn() >= '${lsn}'`)
  })
  /** A question of ours that the standby ended, since it had to go on, is asked again: only the check is looked at for that. */
  const again = <A>(asked: Effect.Effect<A, SqlError.SqlError>) =>
    Effect.retry(asked, {
      times: 50,
      schedule: Schedule.spaced("50 millis"),
      while: ({ reason }) => reason._tag === "SerializationError"
    })
  const until = (sql: SqlClient.SqlClient, statement: string) =>
    Effect.repeat(Effect.andThen(Effect.sleep("20 millis"), again(sql.unsafe(statement))), {
      until: (rows) => rows.length > 0
    }).pipe(Effect.timeoutOrElse({
      duration: "20 seconds",
      orElse: () => Effect.die(new Error(`never came true: ${statement}`))
    }))

  const set = (settings: Readonly<Record<string, string>>) =>
    Effect.gen(function*() {
      const sql = yield* sqlOf(standby)
      for (const [name, value] of Object.entries(settings)) {
        yield* again(sql.unsafe(`ALTER SYSTEM SET ${name} = '${value}'`))
      }
      yield* again(sql`SELECT pg_reload_conf()`)
    })

  /**
   * The check on the standby. When it has seen its first line, people pay, the old versions of their accounts are cleared away, and it
   * goes on when the standby has done the same.
   */
  const checkWhilePaying = (meanwhile: Effect.Effect<unknown, unknown, Scope.Scope> = Effect.orDie(caughtUp)) => {
    let isFirst = true
    const progress = () =>
      Effect.suspend(() => {
        if (!isFirst) return Effect.void
        isFirst = false
        return Effect.scoped(Effect.gen(function*() {
          yield* paid(3)
          yield* (yield* sqlOf(primary)).unsafe(`VACUUM "${schema}".account`)
          yield* meanwhile
        }))
      }).pipe(Effect.orDie)
    return Integrity.check({ schema, kinds, page: 1, progress }).pipe(Effect.provide(clientOf(standby)))
  }

  beforeAll(() =>
    run(Effect.gen(function*() {
      yield* set({ wal_receiver_status_interval: "1s", max_standby_streaming_delay: "30s" })
      const { store, subjects } = yield* openOn(primary, schema)
      yield* Effect.forEach(people, ({ funded }) => Effect.forEach(funded(1_000), store.transact))
      yield* Effect.forEach([issue(10), redeem(3)], (command) => subjects.transact(batches, command))
      yield* paid(2)
      yield* caughtUp
    }))
  )

  describe("the check", () => {
    const lines = Effect.gen(function*() {
      const [row] = yield* (yield* sqlOf(primary)).unsafe<{ readonly lines: bigint }>(
        `SELECT count(*) AS lines FROM "${schema}".journal`
      )
      return Number(row?.lines)
    })

    it("is ended where the standby goes on with what its primary has cleared away; told with the remedy", () =>
      run(Effect.gen(function*() {
        yield* set({ hot_standby_feedback: "off", max_standby_streaming_delay: "100ms" })
        const fault = yield* Effect.flip(checkWhilePaying())
        yield* set({ max_standby_streaming_delay: "30s" })
        expect(fault).toMatchObject({ _tag: "StoreUnavailable" })
        expect(fault.message).toContain("the standby had to go on with what its primary has done")
        expect(fault.message).toContain("hot_standby_feedback = on")
        expect(fault.message).not.toContain("again and again")
      })))

    it("goes through while payments go on where the standby tells its primary what it reads (hot_standby_feedback)", () =>
      run(Effect.gen(function*() {
        yield* set({ hot_standby_feedback: "on" })
        yield* until(yield* sqlOf(primary), "SELECT 1 FROM pg_stat_replication WHERE backend_xmin IS NOT NULL")
        const before = yield* lines
        const report = yield* checkWhilePaying()
        expect(report).toMatchObject({ broken: 0, breaks: [], lines: before })
        expect(yield* lines).toBe(before + 15)
      })))

    it("goes through while the replay is paused, and payments go on; nothing of them is missing afterwards", () =>
      run(Effect.gen(function*() {
        yield* set({ hot_standby_feedback: "off" })
        const sql = yield* sqlOf(standby)
        const before = yield* lines
        const paused = Effect.andThen(
          again(sql`SELECT pg_wal_replay_pause()`),
          until(sql, "SELECT 1 WHERE pg_get_wal_replay_pause_state() = 'paused'")
        )
        const report = yield* Effect.acquireUseRelease(
          paused,
          () => checkWhilePaying(Effect.void),
          () => Effect.orDie(again(sql`SELECT pg_wal_replay_resume()`))
        )
        expect(report).toMatchObject({ broken: 0, lines: before })
        yield* caughtUp
        const after = yield* Integrity.check({ schema, kinds }).pipe(Effect.provide(clientOf(standby)))
        expect(after).toMatchObject({ broken: 0, lines: before + 15 })
      })))
  })

  it("R50, R56, R76 gives the day book's totals, statements and quotas, as the primary does", () =>
    run(Effect.gen(function*() {
      yield* caughtUp
      const day = CivilTime.day("2026-03-02")
      const [first] = people
      if (first === undefined) return yield* Effect.die("nobody")
      const read = ({ book, store }: Effect.Success<ReturnType<typeof openOn>>) =>
        Effect.all({
          takings: book.takings({ from: day, until: day }),
          statement: Stream.runCollect(book.statement(first.id, { from: day, until: day })),
          remaining: book.remaining(
            first.id,
            { category: "canteen", medium: "physicalCard" },
            CivilTime.instant("2026-03-02 12:00")
          ),
          account: store.find(first.subject),
          history: store.history(first.id, { limit: 20 })
        })
      const here = yield* read(yield* openOn(primary, schema))
      expect(yield* read(yield* openOn(standby, schema))).toEqual(here)
      expect(here.takings.length).toBeGreaterThan(0)
      expect(here.statement.length).toBeGreaterThan(0)
    })))

  describe("refuses what only the server that writes can tell: up to where a journal is complete", () => {
    type Opened = Effect.Success<ReturnType<typeof openOn>>
    const whole = { from: CivilTime.firstDay, until: CivilTime.lastDay }
    const cases: ReadonlyArray<
      readonly [what: string, ask: (there: Opened) => Effect.Effect<unknown, Fault.StoreFault, SqlClient.SqlClient>]
    > = [
      ["the journal as a whole", ({ store }) => Stream.runDrain(store.journal())],
      ["that of all batches", ({ subjects }) => Stream.runDrain(subjects.journal(batches))],
      ["exports of postings", ({ book }) => Stream.runDrain(book.postings(whole))],
      ["exports of lines", ({ book }) => Stream.runDrain(book.lines(whole))],
      ["a seal", () => Effect.asVoid(Seals.seal({ schema }))]
    ]
    for (const [what, ask] of cases) {
      it(`${what}: StoreUnavailable, which says once that this is a standby, and whom to ask`, () =>
        run(Effect.gen(function*() {
          const there = yield* openOn(standby, schema)
          const fault = yield* Effect.flip(ask(there).pipe(Effect.provide(clientOf(standby))))
          expect(fault).toMatchObject({ _tag: "StoreUnavailable" })
          expect(fault.message).toContain("this server is a standby, which does not know who is writing: ask the one")
          expect(`${fault.message} ${String("cause" in fault ? fault.cause : "")}`.match(/standby/g)).toHaveLength(1)
        })))
    }

    it("both horizons, each by its name", () =>
      run(Effect.gen(function*() {
        const sql = yield* sqlOf(standby)
        for (const journal of ["journal", "subject_journal"] as const) {
          const fault = yield* Effect.flip(Horizon.settled(sql, schema, journal))
          expect(fault).toMatchObject({ operation: `see up to where ${journal} is complete` })
        }
      })))
  })

  it("takes no command and keeps no subscriber: StoreFull, which says that the server may only be read", () =>
    run(Effect.gen(function*() {
      const { store, subjects } = yield* openOn(standby, schema)
      const outbox = yield* PgOutbox.make({ schema }).pipe(Effect.provide(yield* Layer.build(clientOf(standby))))
      const refused = [
        store.transact(account("standby-0").pay(1)),
        subjects.transact(batches, redeem(1)),
        outbox.forget("nobody")
      ]
      for (const asked of refused) {
        const fault = yield* Effect.flip(
          Effect.asVoid<unknown, { readonly _tag: string; readonly message: string }, never>(asked)
        )
        expect(fault._tag).toBe("StoreFull")
        expect(fault.message).toContain("as a standby")
      }
    })))
})
