/**
 * A row of `journal` 流水行: command, event, transfer and answer in one. What an operator searches, sums or checks stands in
 * columns; the rest in `line`, packed where the line is a purchase, as it is where it is anything else.
 *
 * Nothing that comes from the database is believed before its schema has read it (D22).
 */
import { AccountEvent, AccountStore, type Answer, CivilTime, Fault, type Id, type Ledger } from "@yikatong/core"
import { Result, Schema } from "effect"
import { known, type Read } from "./AccountRow.ts"
import * as Faults from "./Faults.ts"
import * as PackedPurchase from "./PackedPurchase.ts"

/** A row as the client gives it, with the id of its account: `bigint` for numbers. */
export interface JournalRow {
  readonly sequence: bigint
  readonly account: string | null
  readonly received_at: bigint
  readonly amount: bigint | null
  readonly shape: number
  readonly caller: string
  readonly command_id: string
  readonly fingerprint: Uint8Array
  readonly act: string
  readonly point: string
  readonly merchant: string | null
  readonly from_book: string | null
  readonly to_book: string | null
  readonly profile: string
  readonly line: string
}

/** The columns of a row, of `journal AS line LEFT JOIN account ON account.number = line.account`. */
export const columns =
  `line.sequence, account.id AS account, line.received_at, line.amount, line.shape, line.caller, line.command_id,
  line.fingerprint, line.act, line.point, line.merchant, line.from_book, line.to_book, line.profile, line.line`

/** What is written of a line, but for the number of its account. */
export interface Written {
  readonly account: Id.AccountId | null
  readonly receivedAt: number
  readonly day: CivilTime.Day
  readonly caller: string
  readonly id: string
  readonly fingerprint: Uint8Array
  readonly act: string
  readonly decline: string | null
  readonly point: string
  readonly merchant: string | null
  /** One of them stands in the line itself, several in rows of their own. */
  readonly transfers: ReadonlyArray<Ledger.Transfer>
  readonly profile: string
  readonly line: string
}

/** What is to be written. */
export interface Line extends PackedPurchase.Said {
  readonly account: Id.AccountId | undefined
  readonly fingerprint: Uint8Array
  readonly profile: string
}

const readEntry = Schema.decodeUnknownResult(AccountStore.Entry)

/**
 * Packs a line for its row. One that nobody could read would stay in the journal for ever, so it is better not written: what
 * is wrong shows at its command and not years later.
 */
export const write = ({ account, answer, command, events, fingerprint, profile }: Line): Read<Written> => {
  const { body, caller, id, point, receivedAt } = command
  const transfers = account === undefined ? [] : events.flatMap(AccountEvent.transfers)
  const merchant = transfers.flatMap(({ from, to }) => [from, to]).find((book) => book.startsWith(merchantPrefix))
    ?.slice(merchantPrefix.length)
  const [transfer] = transfers.length === 1 ? transfers : []
  const act = body._tag
  const packed = account === undefined || merchant === undefined
    ? undefined
    : PackedPurchase.pack({ command, events, answer }, {
      account,
      caller,
      id,
      receivedAt,
      point,
      merchant,
      act,
      transfer
    })
  if (packed === undefined) {
    const what = `back what ${act} would write`
    const shape = AccountEvent.shape
    const checked = readEntry({ sequence: 0, shape, command, events, answer, profile })
    if (Result.isFailure(checked)) return Result.fail(Faults.undecodable(what, checked.failure))
  }
  return Result.succeed({
    account: account ?? null,
    receivedAt,
    day: CivilTime.dayOf(receivedAt),
    caller,
    id,
    fingerprint,
    act,
    decline: answer._tag === "Declined" ? answer.decline._tag : null,
    point,
    merchant: merchant ?? null,
    transfers,
    profile,
    line: packed ?? JSON.stringify({ command, events, answer: withoutEvents(answer) })
  })
}

const merchantPrefix = "merchant:"

/** The line of the journal in a row. */
export const entry = (row: JournalRow): Read<AccountStore.Entry> => {
  const what = `line ${row.sequence} of the journal`
  const shape = known(what, row.shape)
  if (Result.isFailure(shape)) return Result.fail(shape.failure)
  const said = Result.try({
    try: () => {
      const json: unknown = JSON.parse(row.line)
      return Array.isArray(json) ? PackedPurchase.unpack(json, columnsOf(row)) : plain(json)
    },
    // The parser's own words would repeat what it has read.
    catch: (error) =>
      new Fault.StoreBroken({
        operation: `read ${what}`,
        cause: error instanceof SyntaxError ? new Error("it is no JSON") : error
      })
  })
  if (Result.isFailure(said)) return Result.fail(said.failure)
  const entry = readEntry({
    sequence: Number(row.sequence),
    ...(row.account === null ? {} : { account: row.account }),
    profile: row.profile,
    shape: row.shape,
    ...said.success
  })
  return Result.mapError(entry, (error) => Faults.undecodable(what, error))
}

/** The answer that a row holds. */
export const answer = (row: JournalRow): Read<Answer.Answer> => Result.map(entry(row), ({ answer }) => answer)

const columnsOf = (row: JournalRow): PackedPurchase.Columns => ({
  account: (row.account ?? "") as Id.AccountId,
  caller: row.caller,
  id: row.command_id,
  receivedAt: Number(row.received_at),
  point: row.point,
  merchant: row.merchant ?? "",
  act: row.act,
  transfer: row.amount === null || row.from_book === null || row.to_book === null
    ? undefined
    : { from: row.from_book, to: row.to_book, amount: Number(row.amount) }
})

/** An approval's events are the line's own: kept once. */
const withoutEvents = (answer: Answer.Answer): unknown => {
  if (answer._tag === "Declined") return answer
  const { events: _, ...rest } = answer
  return rest
}

const plain = (said: unknown): object => {
  if (typeof said !== "object" || said === null || !("answer" in said) || !("events" in said)) {
    throw new Error("neither a purchase nor a command with its answer")
  }
  const { answer, events } = said
  return typeof answer === "object" && answer !== null && "_tag" in answer && answer._tag === "Approved"
    ? { ...said, answer: { ...answer, events } }
    : said
}
