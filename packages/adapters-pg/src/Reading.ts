/**
 * Reading what the accounts of a campus have lived through: one account, all of them, the journal, the balances.
 */
import { AccountStore, type Command, type Fault, type Id } from "@yikatong/core"
import { Effect, Option, Result, Stream } from "effect"
import type { SqlClient } from "effect/sql"
import type { Statement } from "effect/sql/Statement"
import * as Attempts from "./Attempts.ts"
import * as Balances from "./Balances.ts"
import type * as CampusSchema from "./CampusSchema.ts"
import * as Pages from "./Pages.ts"
import * as Retirement from "./Retirement.ts"
import * as Stored from "./Stored.ts"

/** The reading half of a store. */
export const make = (
  sql: SqlClient.SqlClient,
  tables: CampusSchema.Tables
): Omit<AccountStore.AccountStore["Service"], "transact" | "retire" | "bind" | "unbind"> => {
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

  const accounts = Pages.pages(
    "accounts",
    "",
    (after) =>
      sql<Stored.AccountRow>`
      SELECT id, shape, state FROM ${tables.account} WHERE id > ${after} ORDER BY id LIMIT ${Pages.size}`,
    ({ id }) => id,
    Stored.state
  )

  const line = sql`SELECT sequence, account, command, profile, shape, events, answer FROM ${tables.journal}`

  const journal = (account?: Id.AccountId): Stream.Stream<AccountStore.Entry, Fault.StoreFault> =>
    account === undefined
      ? Stream.unwrap(Effect.map(Pages.settled(sql, tables.journal), (last) =>
        Pages.pages(
          "journal",
          0n,
          (after) =>
            sql<Stored.JournalRow>`
            ${line} WHERE sequence > ${after} AND sequence <= ${last} AND shape <> ${Retirement.shape} ORDER BY sequence LIMIT ${Pages.size}`,
          ({ sequence }) => BigInt(sequence),
          Stored.entry
        )))
      : Pages.pages(
        "journal",
        0n,
        (after) =>
          sql<Stored.JournalRow>`
          ${line} WHERE account = ${account} AND sequence > ${after} ORDER BY sequence LIMIT ${Pages.size}`,
        ({ sequence }) => BigInt(sequence),
        Stored.entry
      )

  const history = Effect.fnUntraced(function*(account: Id.AccountId, page: AccountStore.Page) {
    const { before, limit } = AccountStore.bounded(page)
    const rows = yield* sql<Stored.JournalRow>`
      ${line} WHERE account = ${account} AND sequence < ${BigInt(before)} ORDER BY sequence DESC LIMIT ${limit}`.pipe(
      Attempts.repeat("history")
    )
    return yield* Effect.fromResult(Result.all(rows.map(Stored.entry)))
  })

  const answered = Effect.fnUntraced(function*({ caller, id }: AccountStore.Key) {
    const [row] = yield* sql<Stored.JournalRow>`
      ${line} WHERE caller = ${caller} AND command_id = ${id} AND shape <> ${Retirement.shape}`.pipe(
      Attempts.repeat("answered")
    )
    return row === undefined ? Option.none() : Option.some(yield* Effect.fromResult(Stored.entry(row)))
  })

  return { answered, find, journal, history, accounts, balances: Balances.of(sql, tables.transfer) }
}
