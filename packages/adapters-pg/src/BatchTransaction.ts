/**
 * One batch in one transaction: find, lock, decide, write, in two round trips, however many commands.
 *
 * READ COMMITTED is enough, because everything that decides is read where nothing can change it any more:
 *
 * - The accounts are locked first, in the order of their ids (so two batches never wait for each other's accounts), and
 *   PostgreSQL hands out the newest committed version of a row whose lock it waited for.
 * - Answers that were given before are looked up after that, by a statement of its own: whoever answered one of these
 *   commands on one of these accounts has committed by then, and is seen.
 * - Lines are numbered after that too, so numbers grow along each account.
 * - What has no row to lock (an account that does not exist, a card that nobody has, a command that found no account)
 *   is held by a unique key: of two transactions that insert it the second fails as a whole, is run again, and finds
 *   what the first one wrote.
 * - A card never changes its account. A handle may: it is read in this transaction (D20), and a command that comes
 *   while its handle is moved is decided as if it had come before.
 */
import type { PgConnection } from "@effect/sql-pg"
import type { AccountState, Fault, Id, SchoolProfile } from "@yikatong/core"
import { Effect, Result } from "effect"
import { SerializationError, SqlError } from "effect/sql/SqlError"
import * as AccountRow from "./AccountRow.ts"
import * as Batch from "./Batch.ts"
import * as BatchColumns from "./BatchColumns.ts"
import * as BatchStatements from "./BatchStatements.ts"
import { bigints, texts } from "./Columns.ts"
import * as JournalRow from "./JournalRow.ts"
import * as ReadCommitted from "./ReadCommitted.ts"
import type { Send, Transact } from "./Sessions.ts"

type Item = Batch.Item

/**
 * Decides and writes a batch; it is there as a whole when this has succeeded, and not at all when it has failed. `isPart`: it
 * waits only briefly for accounts that others hold.
 */
export const make = (
  transact: Transact,
  schema: string,
  profiles: SchoolProfile.History,
  /** Is told how long it took from all decided to all durable. */
  committed: (milliseconds: number) => void = () => {}
) => {
  const statements = BatchStatements.of(schema)

  /** The first round trip: everything that the database knows about the commands. */
  const find = Effect.fnUntraced(function*(
    send: Send,
    settings: Sent | undefined,
    items: ReadonlyArray<Item>,
    isPart: boolean
  ) {
    const { accounts, cards, handles, issued, opening } = subjectsOf(items)
    const kinds = texts(handles.map(({ kind }) => kind))
    const values = texts(handles.map(({ value }) => value))
    const first = new Map(items.map((item) => [item.key, item]))
    const [, , , ofHandles, ofIssued, locked, answered, numbers] = yield* together([
      send(ReadCommitted.begin),
      settings ?? none,
      isPart ? send(briefly) : none,
      handles.length === 0 ? none : send(statements.handles, [kinds, values]),
      issued.length === 0 ? none : send(statements.cards, [texts(issued)]),
      handles.length === 0
        ? send(statements.lock, [texts(accounts), texts(cards)])
        : send(statements.lockByHandle, [texts(accounts), texts(cards), kinds, values]),
      send(statements.answered, [
        texts([...first.values()].map(({ envelope }) => envelope.caller)),
        texts([...first.values()].map(({ envelope }) => envelope.id))
      ]),
      opening === 0 ? none : send(statements.numbers, [opening])
    ])
    const found = foundIn(rowsOf<AccountRow.AccountRow>(locked), cards)
    for (const row of rowsOf<Id.Handle & { readonly account: Id.AccountId }>(ofHandles)) {
      // Bound to another account between the two statements.
      if (!found.accounts.has(row.account)) return yield* moved
      found.handles.set(Batch.handleOf(row), row.account)
    }
    for (const { account, id } of rowsOf<{ readonly id: Id.CardId; readonly account: Id.AccountId }>(ofIssued)) {
      found.cards.set(id, account)
    }
    const answers = yield* answersOf(send, rowsOf<Answered>(answered))
    return { ...found, answers, free: rowsOf<{ readonly number: bigint }>(numbers).map(({ number }) => number) }
  })

  /** What stands under the keys that were answered before: seldom any. */
  const answersOf = Effect.fnUntraced(function*(send: Send, answered: ReadonlyArray<Answered>) {
    const answers = new Map<string, Batch.Given>()
    const sequences: Array<bigint> = []
    for (const { caller, command_id, sequence } of answered) {
      if (sequence === null) answers.set(Batch.keyOf(caller, command_id), Batch.elsewhere)
      else sequences.push(sequence)
    }
    if (sequences.length === 0) return answers
    const rows = rowsOf<JournalRow.JournalRow>(yield* send(statements.lines, [bigints(sequences)]))
    for (const row of rows) {
      const { caller, command_id, fingerprint } = row
      answers.set(Batch.keyOf(caller, command_id), { fingerprint, answer: JournalRow.answer(row) })
    }
    return answers
  })

  /** The second round trip: everything that the commands changed, and the commit. */
  const write = Effect.fnUntraced(function*(
    send: Send,
    { cards, changed, lines }: Batch.Outcome,
    { free, numbers, stored }: Pick<Effect.Success<ReturnType<typeof find>>, "free" | "numbers" | "stored">
  ) {
    if (lines.length === 0) return yield* send("COMMIT")
    const rows = yield* Effect.fromResult(
      Result.all(changed.map(({ account }) => AccountRow.write(account, stored.get(account.id))))
    )
    const opened = rows.filter((_, at) => changed[at]?.before === undefined)
    for (const [at, { account }] of opened.entries()) {
      const number = free[at]
      if (number !== undefined) numbers.set(account.id, number)
    }
    const kept = rows.filter((_, at) => changed[at]?.before !== undefined)
    const before = changed.flatMap(({ before }) => before === undefined ? [] : before.version)
    const parameters = BatchColumns.parameters({ lines, kept, before }, numbers)
    const [, committed] = yield* together([
      opened.length === 0 && cards.size === 0
        ? send(statements.write, parameters)
        : send(statements.writeOpening, [...parameters, ...BatchColumns.opening(opened, cards, numbers)]),
      send("COMMIT")
    ])
    return committed
  })

  return (items: ReadonlyArray<Item>, isPart = false): Effect.Effect<
    ReadonlyArray<Batch.Reply>,
    SqlError | Fault.StoreBroken
  > =>
    transact((send, settings) =>
      Effect.gen(function*() {
        const found = yield* find(send, settings, items, isPart)
        const outcome = Batch.decide(profiles, items, found)
        const decided = performance.now()
        const { command } = yield* write(send, outcome, found)
        if (command !== "COMMIT") return yield* notCommitted
        committed(performance.now() - decided)
        return outcome.replies
      })
    )
}

/**
 * How long a part of a batch waits for an account that another session holds: the batch has waited for it already, and behind
 * this part wait those of other accounts.
 */
const briefly = "SET LOCAL lock_timeout = '50ms'"

type Sent = Effect.Effect<PgConnection.Result, SqlError>

/** Statements that travel together, all of them to their end: the first that failed is why. */
const together = <const All extends ReadonlyArray<Sent>>(
  all: All
): Effect.Effect<{ readonly [At in keyof All]: PgConnection.Result }, SqlError> =>
  Effect.map(
    Effect.forEach(all as ReadonlyArray<Sent>, Effect.result, { concurrency: "unbounded" }),
    (results) => Result.all(results)
  ).pipe(Effect.flatMap(Effect.fromResult)) as never

/** A key that was answered; its line, if it has one here. */
interface Answered {
  readonly caller: string
  readonly command_id: string
  readonly sequence: bigint | null
}

const noRows: PgConnection.Result = { command: "", rowCount: 0, oid: null, rows: [], fields: [] }
const none = Effect.succeed(noRows)
/** Columns and their types are those of our own statements. */
const rowsOf = <Row>({ rows }: PgConnection.Result): ReadonlyArray<Row> => rows as unknown as ReadonlyArray<Row>

/** Both are gone when the batch is run again. */
const again = (message: string): SqlError =>
  new SqlError({ reason: new SerializationError({ cause: new Error(message), message, operation: "batch" }) })
const moved = again("a handle was bound to another account meanwhile")
const notCommitted = again("the transaction was rolled back")

/** Whom the commands are about. `opening`: how many of them may open an account. */
const subjectsOf = (items: ReadonlyArray<Item>) => {
  const accounts = new Set<Id.AccountId>()
  const cards = new Set<Id.CardId>()
  const issued = new Set<Id.CardId>()
  const handles: Array<Id.Handle> = []
  let opening = 0
  for (const { envelope: { body, subject } } of items) {
    if (subject._tag === "Account") accounts.add(subject.account)
    else if (subject._tag === "Card") cards.add(subject.card)
    else handles.push(subject.handle)
    if (body._tag === "IssueCard") issued.add(body.card)
    if (body._tag === "OpenAccount") opening++
  }
  return { accounts: [...accounts], cards: [...cards], issued: [...issued], handles, opening }
}

const foundIn = (rows: ReadonlyArray<AccountRow.AccountRow>, asked: ReadonlyArray<Id.CardId>) => {
  const accounts = new Map<Id.AccountId, AccountRow.Read<AccountState.AccountState>>()
  const stored = new Map<Id.AccountId, AccountRow.Stored>()
  const numbers = new Map<Id.AccountId, bigint>()
  const cards = new Map<Id.CardId, Id.AccountId>()
  const wanted = new Set(asked)
  for (const row of rows) {
    const id = row.id as Id.AccountId
    numbers.set(id, row.number)
    const read = AccountRow.stored(row)
    accounts.set(id, Result.map(read, ({ account }) => account))
    if (Result.isFailure(read)) continue
    stored.set(id, read.success)
    for (const card of read.success.account.cards) if (wanted.has(card.id)) cards.set(card.id, id)
  }
  return { accounts, stored, numbers, cards, handles: new Map<string, Id.AccountId>() }
}
