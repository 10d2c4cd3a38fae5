// What the database holds by itself, whoever writes to it: hand-written statements against tables of a lived campus.
import { AccountStore, Books, CivilTime, Profiles, SubjectStore } from "@yikatong/core"
import { AccountStoreLaws } from "@yikatong/core/testing"
import { Effect, Layer, ManagedRuntime, Option, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { inspect } from "node:util"
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

/** The table in which the lines of this month lie. */
const today = CivilTime.formatDay(CivilTime.dayOf(Date.now() as CivilTime.Instant))
const partition = `journal_${today.slice(0, 7).replace("-", "_")}`
const transfer = (rest: string) => `INSERT INTO campus.transfer VALUES (1, 9, 1, ${rest})`

/** Runs a statement that must fail, and tells by which constraint or why. */
const refused = (statement: string) =>
  runtime.runPromise(Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const error = yield* Effect.flip(sql.withTransaction(sql.unsafe(statement)))
    const cause = error.reason.cause as { readonly constraint?: string; readonly message?: string }
    return cause.constraint ?? cause.message
  }))

/** A hand-written line, its number given or drawn, with these columns beside those that each line has. */
const line = (columns: Readonly<Record<string, string>>) => {
  const all = {
    received_at: "0",
    day: "'2026-03-02'",
    shape: "1",
    caller: "'c'",
    command_id: "'d'",
    fingerprint: "decode(repeat('00', 16), 'hex')",
    act: "'a'",
    point: "'p'",
    profile: "'v'",
    line: "'{}'",
    ...columns
  }
  return `INSERT INTO campus.journal (${Object.keys(all).join(", ")}) VALUES (${Object.values(all).join(", ")})`
}
const move = (amount: string, from: string, to: string) => ({ amount, from_book: from, to_book: to })

describe("the tables", () => {
  const pockets = ["chip", "transit", "wallet", "subsidy", "frozen", "held", "receivable"]
  const cases: ReadonlyArray<readonly [what: string, statement: string, by: string]> = [
    ...pockets.map((pocket) =>
      [
        `I2 ${pocket === "receivable" ? "a debt" : `a pocket ${pocket}`} below zero`,
        `UPDATE campus.account SET ${pocket} = -1`,
        `account_${pocket}_not_negative`
      ] as const
    ),
    ["a pocket with nothing in it, not even 0", `UPDATE campus.account SET transit = NULL`, "null value in column"],
    ["an account that never lived", `UPDATE campus.account SET version = 0`, "account_has_lived"],
    ["an account without counters", `UPDATE campus.account SET counters = NULL`, "null value in column"],
    ["a standing that is no JSON", `UPDATE campus.account SET standing = '{'`, "invalid input syntax for type json"],
    [
      "two accounts with one number",
      `INSERT INTO campus.account (id, number, version, shape, chip, transit, wallet, subsidy, frozen, held, receivable,
         counters, standing)
       SELECT 'another', number, 1, 1, 0, 0, 0, 0, 0, 0, 0, '', '{}' FROM campus.account`,
      "account_number_is_of_one"
    ],
    ["a line that moves nothing", line(move("0", "'x'", "'y'")), "journal_moves_something"],
    ["a line that moves backwards", line(move("-1", "'x'", "'y'")), "journal_moves_something"],
    ["a line that moves to itself", line(move("1", "'x'", "'x'")), "journal_goes_elsewhere"],
    ["a line that moves out of nowhere", line(move("1", "NULL", "'y'")), "journal_moves_as_a_whole"],
    ["a line that moves to nowhere", line(move("1", "'x'", "NULL")), "journal_moves_as_a_whole"],
    ["a line that moves it does not say how much", line(move("NULL", "'x'", "'y'")), "journal_moves_as_a_whole"],
    [
      "a fingerprint that has no 16 bytes",
      line({ fingerprint: "decode(repeat('00', 15), 'hex')" }),
      "journal_fingerprint_has_16_bytes"
    ],
    ["a line of a month that nobody has made", line({ sequence: "1" }), "no partition of relation"],
    [
      "a number that two lines bear",
      line({ sequence: "(SELECT min(sequence) FROM campus.journal)" }),
      `${partition}_pkey`
    ],
    ["a transfer of nothing", transfer("'a', 'b', 0"), "transfer_moves_something"],
    ["a transfer backwards", transfer("'a', 'b', -1"), "transfer_moves_something"],
    ["a transfer to itself", transfer("'a', 'a', 1"), "transfer_goes_elsewhere"],
    [
      "a transfer that stands there already",
      "INSERT INTO campus.transfer VALUES (1, 0, 1, 'a', 'b', 1), (1, 0, 1, 'a', 'b', 1)",
      "transfer_pkey"
    ],
    ["D18 D19 a key that is answered twice", "INSERT INTO campus.answered TABLE campus.answered", "answered_once"],
    ...["answered", "journal", partition, "transfer"].flatMap((name) =>
      [
        ["changed", `UPDATE campus.${name} SET sequence = 1`],
        ["deleted", `DELETE FROM campus.${name}`],
        ["emptied", `TRUNCATE campus.${name}`]
      ].map(([how = "", statement = ""]) =>
        [`a table ${name} that is ${how}`, statement, `the table ${name} only grows`] as const
      )
    ),
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

  it("I3 refuse changes in every partition of the journal, also those of months to come", () =>
    runtime.runPromise(Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const rows = yield* sql<{ readonly name: string; readonly guards: bigint }>`
        SELECT relname AS name, count(tgname) AS guards FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
        LEFT JOIN pg_trigger ON tgrelid = inhrelid AND tgname = 'only_grows' AND tgenabled = 'O'
        WHERE inhparent = 'campus.journal'::regclass GROUP BY relname ORDER BY relname`
      expect(rows.map(({ name }) => name)).toContain(partition)
      expect(rows).toHaveLength(7)
      expect(rows.filter(({ guards }) => guards !== 1n)).toEqual([])
      const last = rows.at(-1)?.name
      expect(yield* Effect.promise(() => refused(`TRUNCATE campus.${last}`))).toBe(`the table ${last} only grows`)
    })))

  it("explain themselves: every table, partition, view and numbering sequence, and every column of them, has a comment", () =>
    runtime.runPromise(Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const silent = yield* sql`
        WITH tables AS (
          SELECT oid, relname FROM pg_class
          WHERE relnamespace = 'campus'::regnamespace AND relkind IN ('r', 'p', 'v')
          -- The sequence of an identity belongs to its column, which has a comment.
          UNION ALL SELECT oid, relname FROM pg_class WHERE relnamespace = 'campus'::regnamespace AND relkind = 'S'
            AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'i')
        )
        SELECT relname FROM tables WHERE obj_description(oid, 'pg_class') IS NULL
        UNION ALL
        SELECT relname || '.' || attname FROM tables JOIN pg_attribute ON attrelid = oid AND attnum > 0
        WHERE NOT attisdropped AND relname <> 'line_number' AND col_description(oid, attnum) IS NULL`
      expect(silent).toEqual([])
      const [told] = yield* sql`
        SELECT count(*) FROM pg_class WHERE relnamespace = 'campus'::regnamespace AND relkind IN ('p', 'v')`
      expect(told).toEqual({ count: 3n })
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
          `EXPLAIN SELECT * FROM campus.journal
           WHERE account = (SELECT number FROM campus.account WHERE id = 'tables') AND sequence < 9223372036854775807
           ORDER BY sequence DESC LIMIT 9`
        )
      ))
      const steps = plan.map((row) => row["QUERY PLAN"]).join("\n")
      expect(steps).toContain(`Index Scan Backward using ${partition}_account_sequence_idx`)
      expect(steps).not.toContain("Sort")
    })))
})

/** Damages the only account or its lines by hand, and looks at what is told; the damage is undone. */
const damaged = <A, E>(statement: string, look: Effect.Effect<A, E, AccountStore.AccountStore>) =>
  runtime.runPromise(Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const run = (statements: ReadonlyArray<string>) => Effect.forEach(statements, (one) => sql.unsafe(one))
    yield* run([
      ...["account", "journal"].map((name) => `CREATE TABLE campus.saved_${name} AS TABLE campus.${name}`),
      "ALTER TABLE campus.journal DISABLE TRIGGER only_grows"
    ])
    const rows = yield* sql.unsafe(`${statement} RETURNING 1`)
    const seen = yield* Effect.result(look)
    yield* run([
      `UPDATE campus.account AS one SET shape = saved.shape, counters = saved.counters, standing = saved.standing,
         transit = saved.transit FROM campus.saved_account saved WHERE saved.id = one.id`,
      `UPDATE campus.journal AS one SET shape = saved.shape, line = saved.line, received_at = saved.received_at
       FROM campus.saved_journal saved WHERE saved.sequence = one.sequence`,
      "ALTER TABLE campus.journal ENABLE TRIGGER only_grows",
      "DROP TABLE campus.saved_account, campus.saved_journal"
    ])
    // A statement that damages nothing would let every look pass.
    expect(rows.length).toBeGreaterThan(0)
    return seen
  }))

const broken = (operation: string) => ({ _tag: "Failure", failure: { _tag: "StoreBroken", operation } })

describe("rows that this release cannot read are StoreBroken, never misread", () => {
  const find = Effect.flatMap(AccountStore.AccountStore, (store) => store.find(subject))
  const journal = Effect.flatMap(
    AccountStore.AccountStore,
    (store) => Stream.runCollect(store.journal({ account: id }))
  )
  const history = Effect.flatMap(AccountStore.AccountStore, (store) => store.history(id, { limit: 9 }))
  const again = pay(100)
  const send = Effect.flatMap(AccountStore.AccountStore, (store) => store.transact(again))
  const whole = Effect.flatMap(AccountStore.AccountStore, (store) => Stream.runCollect(store.accounts))
  const account = "UPDATE campus.account SET"
  const purchase = (column: string) => `UPDATE campus.journal SET ${column} WHERE act = 'PayByCode'`
  const other = (column: string) => `UPDATE campus.journal SET ${column} WHERE act = 'OpenAccount'`

  const states: ReadonlyArray<readonly [what: string, statement: string]> = [
    ["D22 a state of a newer shape", `${account} shape = 2`],
    ["counters whose last line is no JSON", `${account} counters = E'0,0,0,0,0,0\\n["secret"\\n'`],
    ["counters of another form", `${account} counters = E'20514,0\\n["secret"]\\n'`],
    [
      "counters with a word that is not there",
      `${account} counters = E'20514,0,0,1,0,0\\n0,1,0,2,3,1,1\\n["secret"]\\n'`
    ],
    [
      "counters with a kind of place that is not known",
      `${account} counters = replace(counters, '"canteen"', '"secret"')`
    ],
    [
      "counters with a sum below zero",
      `${account} counters = E'20514,0,0,1,0,0\\n0,0,0,1,2,-1,1\\n["secret","canteen","todayCampusCode"]\\n'`
    ],
    ["a standing that lacks everything", `${account} standing = '{"left":"secret"}'`],
    [
      "a standing with a card that nobody knows",
      `${account} standing = jsonb_set(standing::jsonb, '{cards}', '[{"_tag":"Folded","id":"secret"}]')::json`
    ],
    ["more fen than a number can hold", `${account} transit = 9007199254740992`]
  ]
  for (const [what, statement] of states) {
    it(what, async () => {
      for (const look of [find, send, whole]) {
        const seen = await damaged<unknown, unknown>(statement, look)
        expect(seen).toMatchObject(broken("read account tables"))
        expect(toText(seen)).not.toContain("secret")
      }
    })
  }

  const lines: ReadonlyArray<readonly [what: string, statement: string]> = [
    ["D22 lines of a newer shape", "UPDATE campus.journal SET shape = 2"],
    [
      "a purchase that is packed in a version that nobody knows",
      purchase("line = jsonb_set(line::jsonb, '{0}', '2')::text")
    ],
    ["a purchase that was cut off", purchase("line = left(line, -1)")],
    ["a purchase that lacks its end", purchase("line = '[1]'")],
    ["a purchase with a medium that nobody knows", purchase(`line = replace(line, '"todayCampusCode"', '"secret"')`)],
    ["a purchase at no time at all", purchase("received_at = -9007199254740992")],
    ["a line that is no JSON", other(`line = 'secret'`)],
    ["a line that is JSON and says nothing", other(`line = '"secret"'`)],
    ["a line without an answer", other(`line = (line::jsonb - 'answer')::text`)],
    [
      "events that nobody knows",
      other(`line = jsonb_set(line::jsonb, '{events}', '[{"_tag":"Vanished","at":1772416800000}]')::text`)
    ]
  ]
  for (const [what, statement] of lines) {
    it(what, async () => {
      for (const look of [journal, history]) {
        const seen = await damaged<unknown, unknown>(statement, look)
        expect(seen).toMatchObject({ _tag: "Failure", failure: { _tag: "StoreBroken" } })
        expect(toText(seen)).toMatch(/read line \d+ of the journal/)
        expect(toText(seen)).not.toContain("secret")
      }
    })
  }

  it("D18 D22 the answer of a command that is sent again", async () => {
    const first = await runtime.runPromise(send)
    expect(first._tag).toBe("Approved")
    for (const statement of ["UPDATE campus.journal SET shape = 2", purchase("line = '[2]'")]) {
      expect(await damaged(statement, send)).toMatchObject({ _tag: "Failure", failure: { _tag: "StoreBroken" } })
    }
    expect(await runtime.runPromise(send)).toEqual(first)
  })

  it("and afterwards all is well again", async () => {
    expect(Option.getOrThrow(await runtime.runPromise(find)).pockets.transit).toBe(800)
    expect((await runtime.runPromise(journal)).length).toBe(6)
    expect((await runtime.runPromise(Books.check())).breaks).toEqual([])
  })
})

/** All that is said, causes included. */
const toText = (seen: unknown): string => inspect(seen, { depth: 9 })

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
