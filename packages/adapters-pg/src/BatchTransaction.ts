/**
 * One batch in one transaction: find, lock, decide, write; one statement per table, however many commands.
 *
 * READ COMMITTED is enough, because everything that decides is read where nothing can change it any more:
 *
 * - The accounts are locked first, in the order of their ids (so two batches never wait for each other's accounts), and
 *   PostgreSQL hands out the newest committed version of a row whose lock it waited for.
 * - Answers that were given before are looked up after that, by a statement of its own: whoever answered one of these
 *   commands on one of these accounts has committed by then, and is seen.
 * - What has no row to lock (an account that does not exist, a card that nobody has, a command that found no account)
 *   is held by a unique key: of two transactions that insert it the second fails as a whole, is run again, and finds
 *   what the first one wrote.
 * - A card never changes its account. A handle may: it is read in this transaction (D20), and a command that comes
 *   while its handle is moved is decided as if it had come before.
 */
import { AccountEvent, type AccountState, Fault, type Id, type SchoolProfile } from "@yikatong/core"
import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import * as Batch from "./Batch.ts"
import type * as CampusSchema from "./CampusSchema.ts"
import { bigints, bytes, integers, jsons, texts } from "./Columns.ts"
import * as Stored from "./Stored.ts"

/** Decides and writes a batch; it is there as a whole when this has succeeded, and not at all when it has failed. */
export const make = (sql: SqlClient.SqlClient, tables: CampusSchema.Tables, profiles: SchoolProfile.History) => {
  /** Where cards and handles lead: those that stand for an account, and those that are about to be issued. */
  const resolve = Effect.fnUntraced(function*(items: ReadonlyArray<Batch.Item>) {
    const cards: Array<Id.CardId> = []
    const handles: Array<Id.Handle> = []
    for (const { envelope: { body, subject } } of items) {
      if (subject._tag === "Card") cards.push(subject.card)
      if (subject._tag === "Handle") handles.push(subject.handle)
      if (body._tag === "IssueCard") cards.push(body.card)
    }
    const found = { cards: new Map<Id.CardId, Id.AccountId>(), handles: new Map<string, Id.AccountId>() }
    if (cards.length > 0) {
      const rows = yield* sql<{ readonly id: Id.CardId; readonly account: Id.AccountId }>`
        SELECT id, account FROM ${tables.card} WHERE id = ANY(${texts(cards)})`
      for (const { account, id } of rows) found.cards.set(id, account)
    }
    if (handles.length > 0) {
      const rows = yield* sql<Id.Handle & { readonly account: Id.AccountId }>`
        SELECT kind, value, account FROM ${tables.handle} JOIN unnest(
          ${texts(handles.map(({ kind }) => kind))},
          ${texts(handles.map(({ value }) => value))}
        ) AS wanted (kind, value) USING (kind, value)`
      for (const row of rows) found.handles.set(Batch.handleOf(row), row.account)
    }
    return found
  })

  const lock = Effect.fnUntraced(function*(ids: ReadonlySet<Id.AccountId>) {
    const accounts = new Map<Id.AccountId, Stored.Read<AccountState.AccountState>>()
    if (ids.size === 0) return accounts
    const rows = yield* sql<Stored.AccountRow & { readonly id: Id.AccountId }>`
      SELECT id, shape, state FROM ${tables.account} WHERE id = ANY(${texts([...ids])}) ORDER BY id FOR UPDATE`
    for (const row of rows) accounts.set(row.id, Stored.state(row))
    return accounts
  })

  const answered = Effect.fnUntraced(function*(items: ReadonlyArray<Batch.Item>) {
    const rows = yield* sql<
      Stored.JournalRow & { readonly caller: string; readonly command_id: string; readonly fingerprint: Uint8Array }
    >`
      SELECT caller, command_id, fingerprint, sequence, shape, events, answer FROM unnest(
        ${texts(items.map(({ envelope }) => envelope.caller))},
        ${texts(items.map(({ envelope }) => envelope.id))}
      ) AS asked (caller, command_id) JOIN ${tables.journal} USING (caller, command_id)`
    return new Map(rows.map((row) => [
      Batch.keyOf(row.caller, row.command_id),
      { fingerprint: row.fingerprint, answer: Stored.answer(row) }
    ]))
  })

  const writeLines = Effect.fnUntraced(function*(lines: ReadonlyArray<Batch.Line>) {
    const envelopes = lines.map(({ item }) => item.envelope)
    const rows = yield* sql<{ readonly sequence: bigint; readonly caller: string; readonly command_id: string }>`
      INSERT INTO ${tables.journal}
        (account, caller, command_id, fingerprint, command, profile, shape, events, answer)
      SELECT account, caller, command_id, fingerprint, command, profile, ${AccountEvent.shape}, events, answer
      FROM unnest(
        ${texts(lines.map(({ account }) => account))},
        ${texts(envelopes.map(({ caller }) => caller))},
        ${texts(envelopes.map(({ id }) => id))},
        ${bytes(lines.map(({ item }) => item.fingerprint))},
        ${jsons(lines.map(({ command }) => command))},
        ${texts(lines.map(({ profile }) => profile))},
        ${jsons(lines.map(({ events }) => events))},
        ${jsons(lines.map(({ answer }) => Stored.withoutEvents(answer)))}
      ) WITH ORDINALITY AS line
        (account, caller, command_id, fingerprint, command, profile, events, answer, arrival)
      ORDER BY arrival
      RETURNING sequence, caller, command_id`
    const sequences = new Map(rows.map((row) => [Batch.keyOf(row.caller, row.command_id), Number(row.sequence)]))
    const transfers = lines.flatMap(({ item, transfers }) => {
      const sequence = sequences.get(item.key)
      if (sequence === undefined) throw new Error("A line of the journal was written without a number")
      return transfers.map((transfer, ordinal) => ({ ...transfer, ordinal, sequence }))
    })
    if (transfers.length === 0) return
    yield* sql`
      INSERT INTO ${tables.transfer} (sequence, ordinal, from_book, to_book, amount) SELECT * FROM unnest(
        ${bigints(transfers.map(({ sequence }) => sequence))},
        ${integers(transfers.map(({ ordinal }) => ordinal))},
        ${texts(transfers.map(({ from }) => from))},
        ${texts(transfers.map(({ to }) => to))},
        ${bigints(transfers.map(({ amount }) => amount))}
      )`
  })

  const columnsOf = (accounts: ReadonlyArray<AccountState.AccountState>) => ({
    ids: texts(accounts.map(({ id }) => id)),
    versions: bigints(accounts.map(({ version }) => version)),
    states: jsons(accounts)
  })

  const writeAccounts = Effect.fnUntraced(function*({ cards, changed, opened }: Batch.Outcome) {
    if (opened.length > 0) {
      const { ids, states, versions } = columnsOf(opened)
      yield* sql`
        INSERT INTO ${tables.account} (id, version, shape, state)
        SELECT id, version, ${AccountEvent.shape}, state
        FROM unnest(${ids}, ${versions}, ${states}) AS opened (id, version, state) ORDER BY id`
    }
    if (changed.length > 0) {
      const { ids, states, versions } = columnsOf(changed.map(({ account }) => account))
      // The locks make it sure already that nobody came between; should they ever not, this writes nothing.
      const rows = yield* sql`
        UPDATE ${tables.account} AS account
        SET version = changed.version, shape = ${AccountEvent.shape}, state = changed.state
        FROM unnest(${ids}, ${bigints(changed.map(({ before }) => before))}, ${versions}, ${states})
          AS changed (id, before, version, state)
        WHERE account.id = changed.id AND account.version = changed.before
        RETURNING account.id`
      if (rows.length !== changed.length) {
        return yield* new Fault.StoreBroken({
          operation: "write accounts",
          cause: new Error(`${changed.length} locked accounts should change and ${rows.length} did`)
        })
      }
    }
    if (cards.size > 0) {
      const issued = [...cards].sort(([one], [other]) => one < other ? -1 : 1)
      yield* sql`
        INSERT INTO ${tables.card} (id, account) SELECT * FROM unnest(
          ${texts(issued.map(([card]) => card))},
          ${texts(issued.map(([, account]) => account))}
        )`
    }
  })

  return (items: ReadonlyArray<Batch.Item>): Effect.Effect<
    ReadonlyArray<Batch.Reply>,
    SqlError | Fault.StoreBroken
  > =>
    sql.withTransaction(Effect.gen(function*() {
      const { cards, handles } = yield* resolve(items)
      const subjects = items.map(({ envelope: { subject } }) => Batch.accountOf(subject, cards, handles))
      const accounts = yield* lock(new Set(subjects.filter((id) => id !== undefined)))
      const answers = yield* answered(items)
      const outcome = Batch.decide(profiles, items, { accounts, answers, cards, handles })
      if (outcome.lines.length > 0) yield* writeLines(outcome.lines)
      yield* writeAccounts(outcome)
      return outcome.replies
    }))
}
