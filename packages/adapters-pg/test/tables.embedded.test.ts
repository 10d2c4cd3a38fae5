// What the database holds by itself, whoever writes to it: hand-written statements against tables of a lived campus.
import { AccountStore, Profiles } from "@yikatong/core"
import { AccountStoreLaws } from "@yikatong/core/testing"
import { Effect, Layer, ManagedRuntime, Option, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import * as Embedded from "../src/embedded.ts"
import { PgAccountStore } from "../src/index.ts"
import { account } from "./commands.ts"

const runtime = ManagedRuntime.make(
  PgAccountStore.layer().pipe(
    Layer.provideMerge(Embedded.layerClient()),
    Layer.provide(Profiles.Profiles.layer(AccountStoreLaws.profiles))
  )
)
const { funded, id, pay, subject } = account("tables")

beforeAll(() =>
  runtime.runPromise(Effect.gen(function*() {
    const store = yield* AccountStore.AccountStore
    yield* Effect.forEach([...funded(1_000), pay(100)], store.transact)
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
    ["D20 a card of nobody", `INSERT INTO campus.card VALUES ('card', 'nobody')`, "card_account_fkey"],
    ["D20 a card of two", `INSERT INTO campus.card SELECT * FROM campus.card`, "card_pkey"]
  ]
  for (const [what, statement, by] of cases) {
    it(`refuse ${what}`, async () => expect(await refused(statement)).toContain(by))
  }

  it("explain themselves: every table and every column has a comment", () =>
    runtime.runPromise(Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const silent = yield* sql`
        WITH tables AS (
          SELECT oid, relname FROM pg_class
          WHERE relnamespace = 'campus'::regnamespace AND relkind = 'r' AND relname <> 'migration'
        )
        SELECT relname FROM tables WHERE obj_description(oid, 'pg_class') IS NULL
        UNION ALL
        SELECT relname || '.' || attname FROM tables JOIN pg_attribute ON attrelid = oid AND attnum > 0
        WHERE NOT attisdropped AND col_description(oid, attnum) IS NULL`
      expect(silent).toEqual([])
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
