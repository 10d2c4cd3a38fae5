/**
 * Reading what a campus has written: one account, all of them, the journal, the balances.
 *
 * Long lists come in pages that begin after the last key of the page before: no page is skipped or read twice while
 * others write, and no transaction stays open between two pages.
 */
import { type AccountStore, type Command, Fault, type Id, type Ledger } from "@yikatong/core"
import { Effect, Option, Result, Stream } from "effect"
import type { SqlClient } from "effect/sql"
import type { Statement } from "effect/sql/Statement"
import * as Attempts from "./Attempts.ts"
import type * as CampusSchema from "./CampusSchema.ts"
import * as Stored from "./Stored.ts"

/** How many rows come at a time. */
const page = 500

/** The reading half of a store. */
export const make = (
  sql: SqlClient.SqlClient,
  tables: CampusSchema.Tables
): Pick<AccountStore.AccountStore["Service"], "find" | "journal" | "accounts" | "balances"> => {
  const rowsOf = (subject: Command.Subject): Statement<Stored.AccountRow> => {
    const accounts = sql`SELECT account.id, account.shape, account.state FROM ${tables.account} AS account`
    switch (subject._tag) {
      case "Account":
        return sql`${accounts} WHERE id = ${subject.account}`
      case "Card":
        return sql`${accounts} JOIN ${tables.card} AS card ON card.account = account.id WHERE card.id = ${subject.card}`
      case "Handle": {
        const { kind, value } = subject.handle
        return sql`${accounts} JOIN ${tables.handle} AS handle ON handle.account = account.id
          WHERE handle.kind = ${kind} AND handle.value = ${value}`
      }
    }
  }

  const find = Effect.fnUntraced(function*(subject: Command.Subject) {
    const [row] = yield* Attempts.repeat("find")(rowsOf(subject))
    return row === undefined ? Option.none() : Option.some(yield* Effect.fromResult(Stored.state(row)))
  })

  const accounts = pages(
    "accounts",
    "",
    (after) =>
      sql<Stored.AccountRow>`
      SELECT id, shape, state FROM ${tables.account} WHERE id > ${after} ORDER BY id LIMIT ${page}`,
    ({ id }) => id,
    Stored.state
  )

  const line = sql`SELECT sequence, account, command, profile, shape, events, answer FROM ${tables.journal}`

  /**
   * The last line below which none is still to come. Transactions commit in another order than they number their lines
   * in; this waits for those under way (the lock meets every one that has written a line) and lets go at once. Without
   * it a page could show an account's later line before its earlier one is there. The lines of one account need it not:
   * their writers hold the account's row.
   */
  const settled = sql.withTransaction(Effect.gen(function*() {
    // Writers queue behind a lock that waits; so it does not wait long.
    yield* sql`SET LOCAL lock_timeout = '1s'`
    yield* sql`LOCK TABLE ${tables.journal} IN SHARE MODE`
    const [row] = yield* sql<
      { readonly last: bigint }
    >`SELECT coalesce(max(sequence), 0) AS last FROM ${tables.journal}`
    return row?.last ?? 0n
  })).pipe(Attempts.repeat("journal"))

  const journal = (account?: Id.AccountId): Stream.Stream<AccountStore.Entry, Fault.StoreFault> =>
    account === undefined
      ? Stream.unwrap(Effect.map(settled, (last) =>
        pages(
          "journal",
          0n,
          (after) =>
            sql<Stored.JournalRow>`
            ${line} WHERE sequence > ${after} AND sequence <= ${last} ORDER BY sequence LIMIT ${page}`,
          ({ sequence }) => BigInt(sequence),
          Stored.entry
        )))
      : pages(
        "journal",
        0n,
        (after) =>
          sql<Stored.JournalRow>`
          ${line} WHERE account = ${account} AND sequence > ${after} ORDER BY sequence LIMIT ${page}`,
        ({ sequence }) => BigInt(sequence),
        Stored.entry
      )

  const balances = Effect.gen(function*() {
    const rows = yield* sql<{ readonly book: string; readonly fen: string }>`
      SELECT book, sum(fen) AS fen FROM (
        SELECT to_book AS book, amount AS fen FROM ${tables.transfer}
        UNION ALL SELECT from_book, -amount FROM ${tables.transfer}
      ) AS moved GROUP BY book`.pipe(Attempts.repeat("balances", "5 minutes"))
    const balances = new Map<string, number>()
    for (const { book, fen } of rows) {
      const holds = Number(fen)
      if (!Number.isSafeInteger(holds)) {
        return yield* new Fault.StoreBroken({
          operation: `balances: ${book} holds more fen than a number can`,
          cause: new Error("not a safe integer")
        })
      }
      balances.set(book, holds)
    }
    return balances satisfies Ledger.Balances
  })

  return { find, journal, accounts, balances }
}

/** Rows page by page, each page after the last key of the one before. */
const pages = <Row extends object, Key, A>(
  operation: string,
  first: Key,
  query: (after: Key) => Statement<Row>,
  keyOf: (row: Row) => Key,
  read: (row: Row) => Stored.Read<A>
): Stream.Stream<A, Fault.StoreFault> =>
  Stream.paginate(first, (after) =>
    Effect.gen(function*() {
      const rows = yield* Attempts.repeat(operation)(query(after))
      const last = rows.length < page ? undefined : rows.at(-1)
      const all = yield* Effect.fromResult(Result.all(rows.map(read)))
      return [all, last === undefined ? Option.none<Key>() : Option.some(keyOf(last))] as const
    }))
