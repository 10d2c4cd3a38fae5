/**
 * Reading what the accounts of a campus have lived through: one account, all of them, the journal, the balances.
 */
import { AccountStore, type Command, type Fault, type Id } from "@yikatong/core"
import { Effect, Option, Result, Stream } from "effect"
import type { SqlClient } from "effect/sql"
import type { Fragment, Statement } from "effect/sql/Statement"
import * as AccountRow from "./AccountRow.ts"
import * as Attempts from "./Attempts.ts"
import * as Balances from "./Balances.ts"
import * as CampusSchema from "./CampusSchema.ts"
import * as Horizon from "./Horizon.ts"
import * as JournalRow from "./JournalRow.ts"
import * as Pages from "./Pages.ts"

/** The reading half of a store. */
export const make = (
  sql: SqlClient.SqlClient,
  schema: string
): Omit<AccountStore.AccountStore["Service"], "transact" | "retire" | "bind" | "unbind"> => {
  const tables = CampusSchema.tables(sql, schema)
  const account = sql`SELECT ${sql.literal(AccountRow.columns)} FROM ${tables.account}`
  const rowsOf = (subject: Command.Subject): Statement<AccountRow.AccountRow> => {
    switch (subject._tag) {
      case "Account":
        return sql`${account} WHERE id = ${subject.account}`
      case "Card":
        return sql`${account} WHERE id = (SELECT account FROM ${tables.card} WHERE id = ${subject.card})`
      case "Handle": {
        const { kind, value } = subject.handle
        return sql`${account} WHERE id =
          (SELECT account FROM ${tables.handle} WHERE kind = ${kind} AND value = ${value})`
      }
    }
  }

  const find = Effect.fnUntraced(function*(subject: Command.Subject) {
    const [row] = yield* Attempts.repeat("find")(rowsOf(subject))
    return row === undefined ? Option.none() : Option.some(yield* Effect.fromResult(AccountRow.read(row)))
  })

  const accounts = Pages.pages(
    "accounts",
    "",
    (after) => sql<AccountRow.AccountRow>`${account} WHERE id > ${after} ORDER BY id LIMIT ${Pages.size}`,
    ({ id }) => id,
    AccountRow.read
  )

  const line = sql`SELECT ${sql.literal(JournalRow.columns)} FROM ${tables.journal} AS line
    LEFT JOIN ${tables.account} AS account ON account.number = line.account`
  /** The number of an account is what the index of the journal knows. */
  const ofAccount = (id: Id.AccountId) => sql`line.account = (SELECT number FROM ${tables.account} WHERE id = ${id})`

  const lines = (which: Fragment, start: number) =>
    Pages.pages(
      "journal",
      BigInt(start),
      (after) =>
        sql<JournalRow.JournalRow>`
        ${line} WHERE ${which} AND line.sequence > ${after} ORDER BY line.sequence LIMIT ${Pages.size}`,
      ({ sequence }) => BigInt(sequence),
      JournalRow.entry
    )

  const journal = (which: AccountStore.Which = {}): Stream.Stream<AccountStore.Entry, Fault.StoreFault> => {
    const { account } = which
    const start = AccountStore.startOf(which)
    return account === undefined
      ? Stream.unwrap(
        Effect.map(Horizon.settled(sql, schema, "journal"), (last) => lines(sql`line.sequence <= ${last}`, start))
      )
      // Whoever writes lines of one account holds it, so they come in their order.
      : lines(ofAccount(account), start)
  }

  const history = Effect.fnUntraced(function*(account: Id.AccountId, page: AccountStore.Page) {
    const { before, limit } = AccountStore.bounded(page)
    const rows = yield* sql<JournalRow.JournalRow>`
      ${line} WHERE ${ofAccount(account)} AND line.sequence < ${BigInt(before)}
      ORDER BY line.sequence DESC LIMIT ${limit}`.pipe(
      Attempts.repeat("history")
    )
    return yield* Effect.fromResult(Result.all(rows.map(JournalRow.entry)))
  })

  const answered = Effect.fnUntraced(function*({ caller, id }: AccountStore.Key) {
    const [row] = yield* sql<JournalRow.JournalRow>`
      ${line} WHERE line.sequence =
        (SELECT sequence FROM ${tables.answered} WHERE caller = ${caller} AND command_id = ${id})`.pipe(
      Attempts.repeat("answered")
    )
    return row === undefined ? Option.none() : Option.some(yield* Effect.fromResult(JournalRow.entry(row)))
  })

  return { answered, find, journal, history, accounts, balances: Balances.of(sql, tables.posting) }
}
