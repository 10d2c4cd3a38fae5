// What the database holds by itself, whoever writes to it: hand-written statements against tables of a lived campus.
import { AccountStore, Books, Profiles, SubjectStore } from "@yikatong/core"
import { AccountStoreLaws } from "@yikatong/core/testing"
import { Effect, Layer, ManagedRuntime, Option, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import * as Embedded from "../src/embedded.ts"
import { PgAccountStore, PgSubjectStore } from "../src/index.ts"
import { account } from "./commands.ts"
import { batch, batches, merchant } from "./vouchers.ts"

const runtime = ManagedRuntime.make(
  Layer.merge(PgAccountStore.layer(), PgSubjectStore.layer()).pipe(
    Layer.provideMerge(Embedded.layerClient()),
    Layer.provide(Profiles.Profiles.layer(AccountStoreLaws.profiles))
  )
)
const { funded, id, pay, subject } = account("tables")
const { issue, redeem } = batch("tables")
const first = issue(10)

beforeAll(() =>
  runtime.runPromise(Effect.gen(function*() {
    const store = yield* AccountStore.AccountStore
    yield* Effect.forEach([...funded(1_000), pay(100)], store.transact)
    const others = yield* SubjectStore.SubjectStore
    yield* Effect.forEach([first, redeem(3)], (command) => others.transact(batches, command))
  }))
)
afterAll(() => runtime.dispose())

/** Runs a statement that must fail, and tells by which constraint or why. */
const refused = (statement: string) =>
  runtime.runPromise(Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const error = yield* Effect.flip(sql.withTransaction(sql.unsafe(statement)))
    const cause = error.reason.cause as { readonly constraint?: string; readonly message?: string }
    return cause.constraint ?? cause.message
  }))

describe("the tables", () => {
  const cases: ReadonlyArray<readonly [what: string, statement: string, by: string]> = [
    [
      "I2 a pocket below zero",
      `UPDATE campus.account SET state = jsonb_set(state, '{pockets,transit}', '-1')`,
      "account_transit_not_negative"
    ],
    [
      "a debt below zero",
      `UPDATE campus.account SET state = jsonb_set(state, '{pockets,receivable}', '-5')`,
      "account_receivable_not_negative"
    ],
    ["a state without pockets", `UPDATE campus.account SET state = state - 'pockets'`, "null value in column"],
    [
      "a pocket column beside its state",
      `UPDATE campus.account SET transit = 5`,
      "column \"transit\" can only be updated to DEFAULT"
    ],
    ["a state under another id", `UPDATE campus.account SET id = 'else'`, "account_state_is_its_own"],
    ["a state of another version", `UPDATE campus.account SET version = version + 1`, "account_state_is_its_own"],
    ["a transfer of nothing", `INSERT INTO campus.transfer VALUES (1, 9, 'a', 'b', 0)`, "transfer_moves_something"],
    ["a transfer backwards", `INSERT INTO campus.transfer VALUES (1, 9, 'a', 'b', -1)`, "transfer_moves_something"],
    ["a transfer to itself", `INSERT INTO campus.transfer VALUES (1, 9, 'a', 'a', 1)`, "transfer_goes_elsewhere"],
    ["a transfer that is changed", `UPDATE campus.transfer SET amount = 1`, "the table transfer only grows"],
    ["a transfer that is deleted", `DELETE FROM campus.transfer`, "the table transfer only grows"],
    ["a journal that is changed", `UPDATE campus.journal SET profile = 'x'`, "the table journal only grows"],
    ["a journal that is emptied", `TRUNCATE campus.journal`, "the table journal only grows"],
    [
      "D18 a command that is answered twice",
      `INSERT INTO campus.journal (account, caller, command_id, fingerprint, command, profile, shape, events, answer)
       SELECT account, caller, command_id, fingerprint, command, profile, shape, events, answer
       FROM campus.journal LIMIT 1`,
      "journal_command_is_answered_once"
    ],
    [
      "a fingerprint that is no SHA-256",
      `INSERT INTO campus.journal (caller, command_id, fingerprint, command, profile, shape, events, answer)
       VALUES ('c', 'd', 'abc', '{}', 'p', 1, '[]', '{}')`,
      "journal_fingerprint_is_sha256"
    ],
    ["a subject that never lived", `UPDATE campus.subject SET version = 0`, "subject_has_lived"],
    ["a subject that is there twice", `INSERT INTO campus.subject SELECT * FROM campus.subject`, "subject_pkey"],
    [
      "a posting of nothing",
      `INSERT INTO campus.subject_transfer VALUES (1, 9, 'a', 'b', 0)`,
      "subject_transfer_moves_something"
    ],
    [
      "a posting to itself",
      `INSERT INTO campus.subject_transfer VALUES (1, 9, 'a', 'a', 1)`,
      "subject_transfer_goes_elsewhere"
    ],
    [
      "a posting out of a pocket of an account",
      `INSERT INTO campus.subject_transfer VALUES (1, 9, 'tables/transit', 'b', 1)`,
      "subject_transfer_leaves_accounts_alone"
    ],
    [
      "a posting that is changed",
      `UPDATE campus.subject_transfer SET amount = 1`,
      "the table subject_transfer only grows"
    ],
    [
      "a journal of subjects that is changed",
      `UPDATE campus.subject_journal SET profile = 'x'`,
      "the table subject_journal only grows"
    ],
    [
      "a journal of subjects that is emptied",
      `DELETE FROM campus.subject_journal`,
      "the table subject_journal only grows"
    ],
    [
      "D18 a command to a subject that is answered twice",
      `INSERT INTO campus.subject_journal
         (kind, subject, caller, command_id, fingerprint, received_at, profile, command, answer)
       SELECT kind, 'another', caller, command_id, fingerprint, received_at, profile, command, answer
       FROM campus.subject_journal LIMIT 1`,
      "subject_journal_command_is_answered_once"
    ],
    [
      "a fingerprint of a subject's command that is no SHA-256",
      `INSERT INTO campus.subject_journal
         (kind, subject, caller, command_id, fingerprint, received_at, profile, command, answer)
       VALUES ('k', 's', 'c', 'd', 'abc', 0, 'p', '{}', '{}')`,
      "subject_journal_fingerprint_is_sha256"
    ],
    ["D20 a card of nobody", `INSERT INTO campus.card VALUES ('card', 'nobody')`, "card_account_fkey"],
    ["D20 a card of two", `INSERT INTO campus.card SELECT * FROM campus.card`, "card_pkey"]
  ]
  for (const [what, statement, by] of cases) {
    it(`refuse ${what}`, async () => expect(await refused(statement)).toContain(by))
  }

  it("explain themselves: every table and view and every column has a comment", () =>
    runtime.runPromise(Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const silent = yield* sql`
        WITH tables AS (
          SELECT oid, relname FROM pg_class
          WHERE relnamespace = 'campus'::regnamespace AND relkind IN ('r', 'v') AND relname <> 'migration'
        )
        SELECT relname FROM tables WHERE obj_description(oid, 'pg_class') IS NULL
        UNION ALL
        SELECT relname || '.' || attname FROM tables JOIN pg_attribute ON attrelid = oid AND attnum > 0
        WHERE NOT attisdropped AND col_description(oid, attnum) IS NULL`
      expect(silent).toEqual([])
    })))
})

describe("what an operator asks the database itself", () => {
  it("I1 the sum over all books is 0, and each holds what both stores say", () =>
    runtime.runPromise(Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      expect(yield* sql`SELECT sum(fen) AS fen, count(*) AS books FROM campus.book`).toEqual([{ fen: "0", books: 5n }])
      const rows = yield* sql<{ readonly book: string; readonly fen: string }>`SELECT book, fen FROM campus.book`
      const accounts = yield* (yield* AccountStore.AccountStore).balances
      const subjects = yield* (yield* SubjectStore.SubjectStore).balances
      expect(subjects.get(merchant)).toBe(3)
      // The two stores share no book here, so one map holds both.
      expect(new Map(rows.map(({ book, fen }) => [book, Number(fen)]))).toEqual(new Map([...accounts, ...subjects]))
    })))

  it("I1 I13 the books of both stores, looked at as one, break nowhere", () =>
    runtime.runPromise(Effect.gen(function*() {
      const { balances, breaks, subjects } = yield* Books.check(Books.kind(batches))
      expect(breaks).toEqual([])
      expect(subjects).toBe(1)
      expect(balances.get(merchant)).toBe(3)
    })))

  it("R56 a page of an account's history is read backwards from the index", () =>
    runtime.runPromise(Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      // Of a handful of lines all would be read, whatever the index.
      const plan = yield* sql.withTransaction(Effect.andThen(
        sql`SET LOCAL enable_seqscan = off`,
        sql.unsafe<Record<"QUERY PLAN", string>>(
          `EXPLAIN SELECT * FROM campus.journal WHERE account = 'tables' AND sequence < 99 ORDER BY sequence DESC LIMIT 9`
        )
      ))
      const steps = plan.map((row) => row["QUERY PLAN"]).join("\n")
      expect(steps).toContain("Index Scan Backward using journal_of_account")
      expect(steps).not.toContain("Sort")
    })))
})

/** Damages the only account or its lines by hand, and looks at what is told; the damage is undone. */
const damaged = <A, E>(statements: ReadonlyArray<string>, look: Effect.Effect<A, E, AccountStore.AccountStore>) =>
  runtime.runPromise(Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const saved = ["account", "journal"].map((name) => `CREATE TABLE campus.saved_${name} AS TABLE campus.${name}`)
    const all = [...saved, "ALTER TABLE campus.journal DISABLE TRIGGER only_grows", ...statements]
    yield* Effect.forEach(all, (statement) => sql.unsafe(statement))
    const seen = yield* Effect.result(look)
    yield* Effect.forEach(
      [
        "UPDATE campus.account AS a SET shape = s.shape, state = s.state FROM campus.saved_account s WHERE s.id = a.id",
        `UPDATE campus.journal AS a SET shape = s.shape, events = s.events, answer = s.answer
         FROM campus.saved_journal s WHERE s.sequence = a.sequence`,
        "ALTER TABLE campus.journal ENABLE TRIGGER only_grows",
        "DROP TABLE campus.saved_account, campus.saved_journal"
      ],
      (statement) => sql.unsafe(statement)
    )
    return seen
  }))

const broken = (operation: string) => ({ _tag: "Failure", failure: { _tag: "StoreBroken", operation } })

describe("rows that this release cannot read are StoreBroken, never misread", () => {
  const find = Effect.flatMap(AccountStore.AccountStore, (store) => store.find(subject))
  const journal = Effect.flatMap(AccountStore.AccountStore, (store) => Stream.runCollect(store.journal(id)))
  const again = pay(100)
  const send = Effect.flatMap(AccountStore.AccountStore, (store) => store.transact(again))

  it("D22 a state of a newer shape", async () => {
    const newer = ["UPDATE campus.account SET shape = 2"]
    expect(await damaged(newer, find)).toMatchObject(broken("read account tables"))
    expect(await damaged(newer, send)).toMatchObject(broken("read account tables"))
  })

  it("a state with a pocket that is no money", async () => {
    const odd = [`UPDATE campus.account SET state = jsonb_set(state, '{cards}', '[{"_tag":"Folded","id":"secret"}]')`]
    const seen = await damaged(odd, find)
    expect(seen).toMatchObject(broken("read account tables"))
    expect(String(JSON.stringify(seen))).not.toContain("secret")
    expect(await damaged(odd, send)).toMatchObject(broken("read account tables"))
  })

  it("D22 lines and answers of a newer shape", async () => {
    const first = await runtime.runPromise(send)
    const newer = ["UPDATE campus.journal SET shape = 2"]
    expect(await damaged(newer, journal)).toMatchObject({ _tag: "Failure", failure: { _tag: "StoreBroken" } })
    expect(await damaged(newer, send)).toMatchObject({ _tag: "Failure", failure: { _tag: "StoreBroken" } })
    expect(await runtime.runPromise(send)).toEqual(first)
  })

  it("events that nobody knows", async () => {
    const odd = [`UPDATE campus.journal SET events = '[{"_tag":"Vanished","at":1772416800000}]'`]
    expect(await damaged(odd, journal)).toMatchObject({ _tag: "Failure", failure: { _tag: "StoreBroken" } })
  })

  it("and afterwards all is well again", async () => {
    expect(Option.isSome(await runtime.runPromise(find))).toBe(true)
    expect((await runtime.runPromise(journal)).length).toBe(6)
  })
})

describe("rows of other subjects that nobody can read are StoreBroken, never misread (D21)", () => {
  /** Damages the only subject or its lines by hand, and looks at what is told; the damage is undone. */
  const spoilt = <A, E>(
    statement: string,
    look: (store: SubjectStore.SubjectStore["Service"]) => Effect.Effect<A, E>
  ) =>
    runtime.runPromise(Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const store = yield* SubjectStore.SubjectStore
      const run = (statements: ReadonlyArray<string>) => Effect.forEach(statements, (one) => sql.unsafe(one))
      yield* run([
        "CREATE TABLE campus.saved_subject AS TABLE campus.subject",
        "CREATE TABLE campus.saved_lines AS TABLE campus.subject_journal",
        "ALTER TABLE campus.subject_journal DISABLE TRIGGER only_grows",
        statement
      ])
      const seen = yield* Effect.result(look(store))
      yield* run([
        "UPDATE campus.subject AS one SET state = saved.state FROM campus.saved_subject saved WHERE saved.id = one.id",
        `UPDATE campus.subject_journal AS line SET answer = saved.answer
         FROM campus.saved_lines saved WHERE saved.sequence = line.sequence`,
        "ALTER TABLE campus.subject_journal ENABLE TRIGGER only_grows",
        "DROP TABLE campus.saved_subject, campus.saved_lines"
      ])
      expect(yield* Stream.runCount(store.journal(batches, "tables"))).toBe(2)
      return seen
    }))

  it("a state that is none", async () => {
    const odd = `UPDATE campus.subject SET state = '{"left": "secret"}'`
    for (
      const seen of [
        await spoilt(odd, (store) => store.find(batches, "tables")),
        await spoilt(odd, (store) => store.transact(batches, redeem(1))),
        await spoilt(odd, (store) => Stream.runCollect(store.all(batches)))
      ]
    ) {
      expect(seen).toMatchObject(broken("read vouchers tables"))
      expect(JSON.stringify(seen)).not.toContain("secret")
    }
  })

  it("events and answers that nobody knows", async () => {
    const odd = `UPDATE campus.subject_journal SET answer = '{"_tag":"Approved","events":[{"_tag":"Vanished"}]}'`
    const seen = await spoilt(odd, (store) => Stream.runCollect(store.journal(batches, "tables")))
    expect(seen).toMatchObject({ _tag: "Failure", failure: { _tag: "StoreBroken" } })
    expect(await spoilt(odd, (store) => store.transact(batches, first))).toMatchObject({
      _tag: "Failure",
      failure: { _tag: "StoreBroken" }
    })
  })
})
