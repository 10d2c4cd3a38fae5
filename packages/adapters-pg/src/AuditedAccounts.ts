/**
 * The accounts of a moment, looked at while they are read 账户核对: the core's `Books` replays the lines and compares the
 * states, and what it does not know of (columns, keys, transfers of each line, cards) is held against each other on the way.
 * So the journal is read once.
 *
 * What can not be read is a break and no fault: the others are looked at all the same.
 */
import type { AccountStore, Books, Fault, Id, SchoolProfile } from "@yikatong/core"
import { Effect, Result, Stream } from "effect"
import type { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import * as AccountRow from "./AccountRow.ts"
import * as AuditedLine from "./AuditedLine.ts"
import * as AuditedMerchants from "./AuditedMerchants.ts"
import * as Balances from "./Balances.ts"
import * as CampusSchema from "./CampusSchema.ts"
import { texts } from "./Columns.ts"
import type { Findings } from "./Findings.ts"
import * as Partitions from "./Partitions.ts"
import * as Snapshot from "./Snapshot.ts"

export interface Options {
  readonly schema: string
  /** How many rows are in memory at once. */
  readonly page: number
  /** The versions of the profile, as far as they are known. */
  readonly profiles: ReadonlyArray<SchoolProfile.SchoolProfile>
  /** Told after each page how many lines were looked at. */
  readonly progress: (lines: number) => Effect.Effect<void>
}

/** What was looked at beside what the report of the books counts. */
export interface Counts {
  readonly lines: number
  readonly keys: number
  readonly cards: number
  readonly compared: number
  readonly merchants: number
}

/** The accounts for `Books`, and what is left to look at when it has read them all. */
export interface Audited extends Books.Accounts {
  /** Accounts that could not be read, which `Books` takes for missing. */
  readonly unreadable: ReadonlySet<string>
  readonly afterwards: Effect.Effect<Counts, Fault.StoreFault>
}

interface Key {
  readonly caller: string
  readonly command_id: string
  readonly sequence: bigint | null
}

/** The accounts of the snapshot in which this is run. */
export const make = (
  sql: SqlClient.SqlClient,
  findings: Findings,
  { page, profiles, progress, schema }: Options
): Audited => {
  const tables = CampusSchema.tables(sql, schema)
  const columns = sql.literal(AuditedLine.columns)
  const counts = { lines: 0, keys: 0, cards: 0, compared: 0, merchants: 0 }
  const compareMerchants = AuditedMerchants.make(profiles)
  const unreadable = new Set<string>()
  const holders = new Map<string, string>()
  const size = sql.literal(`${page}`)
  let last = 0n
  /** Lines whose key leads to them, and to nothing else. */
  let keyed = 0

  const transfersBetween = (above: bigint, to: bigint) =>
    sql<AuditedLine.TransferRow>`
      SELECT sequence, ordinal, account, from_book, to_book, amount FROM ${tables.transfer}
      WHERE sequence > ${above} AND sequence <= ${to} ORDER BY sequence, ordinal`
  const keysOf = (rows: ReadonlyArray<AuditedLine.Row>) =>
    sql<Key>`
      SELECT caller, command_id, answered.sequence
      FROM (SELECT DISTINCT * FROM unnest(
        ${texts(rows.map(({ caller }) => caller))}, ${texts(rows.map(({ command_id }) => command_id))}
      ) AS said (caller, command_id)) AS asked JOIN ${tables.answered} AS answered USING (caller, command_id)`

  const lines = (partitions: ReadonlyMap<bigint, string>) =>
    Snapshot.pages(
      "check the journal",
      // Below every number, also those that should not be.
      -(2n ** 63n),
      page,
      (after) =>
        sql<AuditedLine.Row>`
        SELECT ${columns} FROM ${tables.journal} AS line LEFT JOIN ${tables.account} AS account
          ON account.number = line.account
        WHERE line.sequence > ${after} ORDER BY line.sequence FETCH FIRST ${size} ROWS WITH TIES`,
      ({ sequence }) => sequence,
      Effect.fnUntraced(function*(rows, after): Effect.fn.Return<ReadonlyArray<AccountStore.Entry>, SqlError> {
        const to = rows.at(-1)?.sequence ?? after
        last = to
        const transfers = grouped(yield* transfersBetween(after, to), ({ sequence }) => sequence)
        const keys = grouped(yield* keysOf(rows), ({ caller, command_id }) => `${caller}/${command_id}`)
        const entries: Array<AccountStore.Entry> = []
        let before = after
        for (const row of rows) {
          const { caller, command_id, sequence } = row
          const own = (keys.get(`${caller}/${command_id}`) ?? []).map(({ sequence }) => sequence)
          const { breaks, entry, isCompared } = AuditedLine.audit(row, {
            transfers: transfers.get(sequence) ?? [],
            keys: own,
            partitions
          })
          if (own.length === 1 && own[0] === sequence) keyed++
          if (sequence === before) findings.add({ _tag: "LineTwice", journal: "journal", sequence: Number(sequence) })
          findings.add(...breaks)
          transfers.delete(sequence)
          before = sequence
          counts.lines++
          if (isCompared) counts.compared++
          if (entry === undefined) continue
          entries.push(entry)
          const paid = compareMerchants(AuditedLine.placeOf(row), entry)
          if (paid !== undefined) counts.merchants++
          findings.add(...paid ?? [])
        }
        strayed(transfers.keys())
        yield* progress(counts.lines)
        return entries
      })
    )

  const strayed = (sequences: Iterable<bigint>) => {
    for (const sequence of sequences) {
      findings.add({ _tag: "TransferWithoutLine", journal: "journal", sequence: Number(sequence) })
    }
  }

  const partitions = Partitions.tables(sql, schema)

  const accounts = Snapshot.pages(
    "check the accounts",
    "",
    page,
    (after) =>
      sql<AccountRow.AccountRow>`
      SELECT ${sql.literal(AccountRow.columns)} FROM ${tables.account} WHERE id > ${after}
      ORDER BY id FETCH FIRST ${size} ROWS WITH TIES`,
    ({ id }) => id,
    (rows) =>
      Effect.sync(() =>
        rows.flatMap((row) => {
          const read = AccountRow.read(row)
          if (Result.isSuccess(read)) {
            for (const { id } of read.success.cards) holders.set(id, row.id)
            return [read.success]
          }
          const { cause } = read.failure
          const problem = cause instanceof Error ? cause.message : ""
          unreadable.add(row.id)
          findings.add({ _tag: "AccountUnreadable", account: row.id as Id.AccountId, problem })
          return []
        })
      )
  )

  /** Where there are as many keys as lines that have theirs, each key has its line. */
  const keys = Effect.gen(function*() {
    const [row] = yield* sql<{ readonly keys: bigint; readonly elsewhere: bigint }>`
      SELECT count(sequence) AS keys, count(*) - count(sequence) AS elsewhere FROM ${tables.answered}`
    counts.keys = Number(row?.keys ?? 0) + Number(row?.elsewhere ?? 0)
    if (row?.keys === BigInt(keyed)) return
    const strays = yield* sql<{ readonly caller: string; readonly command_id: string; readonly sequence: bigint }>`
      SELECT key.caller, key.command_id, key.sequence FROM ${tables.answered} AS key
      LEFT JOIN ${tables.journal} AS line ON line.sequence = key.sequence AND line.caller = key.caller
        AND line.command_id = key.command_id
      WHERE key.sequence IS NOT NULL AND line.sequence IS NULL ORDER BY key.sequence LIMIT ${size}`
    for (const { caller, command_id: id, sequence } of strays) {
      findings.add({ _tag: "KeyWithoutLine", journal: "journal", sequence: Number(sequence), caller, id })
    }
  })

  const cards = Snapshot.pages(
    "check the cards",
    "",
    page,
    (after) =>
      sql<{ readonly id: string; readonly account: string }>`
      SELECT id, account FROM ${tables.card} WHERE id > ${after} ORDER BY id FETCH FIRST ${size} ROWS WITH TIES`,
    ({ id }) => id,
    (rows) =>
      Effect.sync(() => {
        for (const { account, id } of rows) {
          counts.cards++
          const said = holders.get(id) ?? null
          holders.delete(id)
          if (said !== account && !unreadable.has(account)) {
            findings.add({ _tag: "CardDiffers", card: id, stored: account, said })
          }
        }
        return []
      })
  )

  return {
    journal: () =>
      Stream.unwrap(Effect.map(
        Snapshot.told("check the journal")(partitions),
        (rows) => lines(new Map(rows.map(({ name, oid }) => [oid, name])))
      )),
    accounts,
    balances: Balances.within(sql, tables.posting),
    unreadable,
    afterwards: Effect.gen(function*() {
      strayed(grouped(yield* transfersBetween(last, 2n ** 63n - 1n), ({ sequence }) => sequence).keys())
      yield* keys
      yield* Stream.runDrain(cards)
      for (const [card, said] of holders) findings.add({ _tag: "CardDiffers", card, stored: null, said })
      return counts
    }).pipe(Snapshot.told("check the keys"))
  }
}

/** Rows by what they have in common. */
export const grouped = <Row, Key>(rows: Iterable<Row>, keyOf: (row: Row) => Key): Map<Key, Array<Row>> => {
  const all = new Map<Key, Array<Row>>()
  for (const row of rows) {
    const key = keyOf(row)
    const known = all.get(key)
    if (known === undefined) all.set(key, [row])
    else known.push(row)
  }
  return all
}
