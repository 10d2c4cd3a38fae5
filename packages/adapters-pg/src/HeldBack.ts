/**
 * What could not be delivered 待重发: one row for each account of a webhook that has a message outstanding. Its later messages
 * wait behind it, so that none overtakes another, and the other accounts go on.
 *
 * A row says which line is next and which one is last to wait; the lines themselves stand in the journal. Whoever reads on
 * moves the last one (`extend`), whoever delivers moves the next one (`done`), and a row goes only where nothing waits at that
 * moment: so the two need no lock between them, and a line that is held back is delivered by one of them.
 */
import type { Fault, Id } from "@yikatong/core"
import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import * as Attempts from "./Attempts.ts"
import * as CampusSchema from "./CampusSchema.ts"
import { bigints, texts } from "./Columns.ts"

/** One message that waits for its next attempt, or for a person. */
export interface Letter {
  readonly account: Id.AccountId
  /** The line of the journal that is to be delivered. */
  readonly sequence: number
  /** How often it was tried. */
  readonly attempts: number
  /** Why it did not arrive the last time, see `WebhookRequest`. */
  readonly reason: string
  /** The HTTP status of the last attempt, if there was one. */
  readonly status: number | undefined
  /** When it first failed, in milliseconds since 1970 UTC. */
  readonly since: number
  /** When it is tried next, in milliseconds since 1970 UTC; none in a dead letter 死信, which waits to be retried or dropped. */
  readonly due: number | undefined
}

interface Row {
  readonly account: Id.AccountId
  readonly next: bigint
  readonly until: bigint
  readonly attempts: number
  readonly reason: string
  readonly status: number | null
  readonly since: bigint
  readonly due: bigint | null
}

const letter = ({ account, attempts, due, next, reason, since, status }: Row): Letter => ({
  account,
  sequence: Number(next),
  attempts,
  reason,
  status: status ?? undefined,
  since: Number(since),
  due: due === null ? undefined : Number(due)
})

/** An account whose turn has come. */
export interface Due {
  readonly account: Id.AccountId
  readonly next: bigint
  readonly until: bigint
  readonly attempts: number
}

export interface Failed {
  readonly account: Id.AccountId
  readonly sequence: bigint
  /** How often it was tried, with this attempt. */
  readonly attempts: number
  readonly reason: string
  readonly status: number | undefined
  /** In milliseconds from now; none where it waits for a person. */
  readonly delay: number | undefined
}

/** The accounts that are held back for one subscriber. */
export const make = (sql: SqlClient.SqlClient, schema: string, subscriber: string) => {
  const { held_back: table } = CampusSchema.tables(sql, schema)
  const mine = sql`subscriber = ${subscriber}`
  const from = (delay: number | undefined) =>
    delay === undefined ? sql`NULL::timestamptz` : sql`now() + ${delay}::float8 * interval '1 millisecond'`

  return {
    /** Which of these accounts are held back. */
    among: (accounts: ReadonlyArray<Id.AccountId>): Effect.Effect<ReadonlySet<string>, Fault.StoreFault> =>
      sql<{ readonly account: string }>`SELECT account FROM ${table}
        WHERE ${mine} AND account = ANY(${texts(accounts)})`.pipe(
        Attempts.repeat("see who is held back"),
        Effect.map((rows) => new Set(rows.map(({ account }) => account)))
      ),
    /** How many accounts wait for an attempt; those that wait for a person do not count. */
    waiting: sql<{ readonly many: bigint }>`SELECT count(*) AS many FROM ${table}
      WHERE ${mine} AND due IS NOT NULL`.pipe(
      Attempts.repeat("count who is held back"),
      Effect.map(([row]) => Number(row?.many ?? 0))
    ),
    /** Holds an account back from this line on, whose first attempt failed, to the last one that is known. */
    hold: ({ account, delay, reason, sequence, status }: Failed, until: bigint) =>
      sql`INSERT INTO ${table} AS held (subscriber, account, next, until, attempts, reason, status, due)
        VALUES (${subscriber}, ${account}, ${sequence}, ${until}, 1, ${reason}, ${status ?? null}, ${from(delay)})
        ON CONFLICT (subscriber, account) DO UPDATE SET until = greatest(held.until, excluded.until)`.pipe(
        Attempts.repeat("hold an account back"),
        Effect.asVoid
      ),
    /** Lets these lines wait as well. Gives the accounts for which that holds; the others are free by now. */
    extend: (lines: ReadonlyMap<Id.AccountId, bigint>): Effect.Effect<ReadonlySet<string>, Fault.StoreFault> =>
      lines.size === 0 ? Effect.succeed(new Set()) : sql<{ readonly account: string }>`
        UPDATE ${table} AS held SET until = greatest(held.until, line.sequence)
        FROM unnest(${texts([...lines.keys()])}::text[], ${bigints([...lines.values()])}::bigint[])
          AS line (account, sequence)
        WHERE ${mine} AND held.account = line.account RETURNING held.account`.pipe(
        Attempts.repeat("hold lines back"),
        Effect.map((rows) => new Set(rows.map(({ account }) => account)))
      ),
    /** Those whose turn has come, the longest waiting first. */
    due: (limit: number): Effect.Effect<ReadonlyArray<Due>, Fault.StoreFault> =>
      sql<Due>`SELECT account, next, until, attempts FROM ${table}
        WHERE ${mine} AND due <= now() ORDER BY due LIMIT ${limit}`.pipe(Attempts.repeat("see whose turn has come")),
    /** The lines of an account up to this one are delivered: whether any waits still. */
    done: (account: Id.AccountId, sequence: bigint): Effect.Effect<boolean, Fault.StoreFault> =>
      Effect.gen(function*() {
        // Where a line was added since, this deletes nothing, and the row stays.
        yield* sql`DELETE FROM ${table} WHERE ${mine} AND account = ${account} AND until <= ${sequence}`
        const rows = yield* sql`UPDATE ${table} SET next = ${sequence + 1n}, attempts = 0, since = now(), due = now()
          WHERE ${mine} AND account = ${account} AND until > ${sequence} AND next <= ${sequence} RETURNING account`
        return rows.length > 0
      }).pipe(Attempts.repeat("release a line")),
    /**
     * Another attempt failed. It is noted once: where the statement is sent again because its answer was lost, the row has
     * this attempt already, and nothing changes.
     */
    failed: ({ account, attempts, delay, reason, sequence, status }: Failed) =>
      sql`UPDATE ${table} SET next = ${sequence}, attempts = ${attempts}, reason = ${reason}, status = ${
        status ?? null
      },
          due = ${from(delay)}
        WHERE ${mine} AND account = ${account} AND next <= ${sequence} AND attempts = ${attempts - 1}`.pipe(
        Attempts.repeat("note a failed delivery"),
        Effect.asVoid
      ),
    /** All that waits: what is tried again, and the dead letters. */
    letters: sql<Row>`SELECT account, next, until, attempts, reason, status,
        (extract(epoch FROM since) * 1000)::bigint AS since, (extract(epoch FROM due) * 1000)::bigint AS due
      FROM ${table} WHERE ${mine} ORDER BY due NULLS FIRST, account`.pipe(
      Attempts.repeat("list what is held back"),
      Effect.map((rows) => rows.map(letter))
    ),
    /** Tries dead letters again, that of one account or all: how many. */
    retry: (account?: Id.AccountId): Effect.Effect<number, Fault.StoreFault> =>
      sql`UPDATE ${table} SET due = now(), attempts = 0
        WHERE ${mine} AND due IS NULL AND ${account === undefined ? sql`true` : sql`account = ${account}`}
        RETURNING account`.pipe(
        Attempts.repeat("retry dead letters"),
        Effect.map((rows) => rows.length)
      ),
    /** Drops a dead letter: this line is never delivered, those behind it are. Whether there was such a letter. */
    drop: (account: Id.AccountId, sequence: number): Effect.Effect<boolean, Fault.StoreFault> =>
      Effect.gen(function*() {
        const dead = sql`${mine} AND account = ${account} AND next = ${BigInt(sequence)} AND due IS NULL`
        const gone = yield* sql`DELETE FROM ${table} WHERE ${dead} AND until = next RETURNING account`
        if (gone.length > 0) return true
        const moved = yield* sql`UPDATE ${table} SET next = next + 1, attempts = 0, since = now(), due = now()
          WHERE ${dead} AND until > next RETURNING account`
        return moved.length > 0
      }).pipe(Attempts.repeat("drop a dead letter"))
  }
}
export type HeldBack = ReturnType<typeof make>
