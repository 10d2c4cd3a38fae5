/**
 * A row of `journal` held against itself 流水行核对: its columns against what its line says, its transfers against its events,
 * its fingerprint against its command, its key against the list of answered keys.
 *
 * A packed purchase leaves out what stands in columns, so its columns can not differ from it. There the fingerprint, the
 * pockets that its answer told, and the replay of its account speak; and the profile, of the merchant (`AuditedMerchants`).
 */
import { type AccountStore, Command } from "@yikatong/core"
import { Result } from "effect"
import { hash } from "node:crypto"
import type { Break, Moved, Place } from "./Break.ts"
import * as JournalRow from "./JournalRow.ts"
import * as Partitions from "./Partitions.ts"

/** A row with all of its columns; numbers as the client gives them. */
export interface Row extends JournalRow.JournalRow {
  /** The number of its account. */
  readonly number: bigint | null
  /** Days since 1970-01-01; none where it lies at no end of time. */
  readonly day: number | null
  readonly decline: string | null
  /** The table in which it lies. */
  readonly partition: bigint
}

/** What stands elsewhere about a line. */
export interface Around {
  readonly transfers: ReadonlyArray<TransferRow>
  /** The numbers of the lines to which its key leads. */
  readonly keys: ReadonlyArray<bigint | null>
  /** The names of the tables of the months. */
  readonly partitions: ReadonlyMap<bigint, string>
}

/** A row of `transfer`. */
export interface TransferRow extends PostingRow {
  readonly account: bigint | null
}

/** A row of `transfer` or `subject_transfer`. */
export interface PostingRow {
  readonly sequence: bigint
  readonly ordinal: number
  readonly from_book: string
  readonly to_book: string
  readonly amount: bigint
}

/** What was made of a row. `entry`: none where it can not be read. */
export interface Audited {
  readonly entry: AccountStore.Entry | undefined
  readonly breaks: ReadonlyArray<Break>
  /** Whether its fingerprint was made again. */
  readonly isCompared: boolean
}

/** The columns of `journal AS line LEFT JOIN account`. */
export const columns = `${JournalRow.columns}, line.account AS number, line.decline,
  CASE WHEN isfinite(line.day) THEN line.day - date '1970-01-01' END AS day,
  line.tableoid::bigint AS partition`

/** Looks at one row. */
export const audit = (row: Row, around: Around): Audited => {
  const place = placeOf(row)
  const { sequence } = place
  const table = around.partitions.get(row.partition)
  const breaks: Array<Break> = []
  if (row.number !== null && row.account === null) breaks.push({ _tag: "LineOfNobody", ...place })
  if (table !== Partitions.nameOf(Partitions.monthOf(sequence))) {
    breaks.push({ _tag: "LineElsewhere", ...place, table: table ?? "?" })
  }
  breaks.push(...keyBreaks(place, around.keys))
  const entry = JournalRow.entry(row)
  if (Result.isFailure(entry)) {
    const problem = entry.failure.cause instanceof Error ? entry.failure.cause.message : ""
    return { entry: undefined, breaks: [...breaks, { _tag: "LineUnreadable", ...place, problem }], isCompared: false }
  }
  const fingerprint = compare(row.fingerprint, entry.success.command)
  if (fingerprint === false) breaks.push({ _tag: "FingerprintDiffers", ...place })
  breaks.push(...columnBreaks(place, row, entry.success, around.transfers))
  return { entry: entry.success, breaks, isCompared: fingerprint !== undefined }
}

/** Where it stands. */
export const placeOf = ({ account, sequence }: Row): Place => ({
  journal: "journal",
  sequence: Number(sequence),
  ...(account === null ? {} : { of: account })
})

const keyBreaks = (place: Place, keys: ReadonlyArray<bigint | null>): ReadonlyArray<Break> => {
  if (keys.length === 0) return [{ _tag: "KeyMissing", ...place }]
  return keys.filter((key) => key === null || Number(key) !== place.sequence)
    .map((key) => ({ _tag: "KeyDiffers", ...place, stored: key === null ? null : Number(key) }))
}

/**
 * Whether the fingerprint is that of the command. A handle is not kept, since it may name a person (D24): what was sent by
 * one is recorded under its account, or under nobody, and can not be compared.
 */
const compare = (fingerprint: Uint8Array, command: Command.Recorded): boolean | undefined => {
  const { subject } = command
  if (subject._tag === "Nobody") return undefined
  const text = Command.fingerprint({ ...command, subject } as Command.Envelope)
  const isSame = Buffer.compare(fingerprint, hash("sha256", text, "buffer").subarray(0, 16)) === 0
  return isSame || subject._tag === "Card" ? isSame : undefined
}

const columnBreaks = (
  place: Place,
  row: Row,
  { answer, command, events }: AccountStore.Entry,
  transfers: ReadonlyArray<TransferRow>
): ReadonlyArray<Break> => {
  const { fingerprint, profile } = row
  const account = row.account === null ? undefined : row.account as AccountStore.Entry["account"]
  const written = JournalRow.write({ account, answer, command, events, fingerprint, profile })
  if (Result.isFailure(written)) {
    const { cause } = written.failure
    return [{ _tag: "LineUnreadable", ...place, problem: cause instanceof Error ? cause.message : "" }]
  }
  const said = written.success
  const [only] = said.transfers.length === 1 ? said.transfers : []
  const columns: ReadonlyArray<readonly [column: string, stored: unknown, said: unknown]> = [
    ["account", row.account, ownerOf(row, { answer, command })],
    ["received_at", row.received_at, said.receivedAt],
    ["day", row.day, said.day],
    ["caller", row.caller, said.caller],
    ["command_id", row.command_id, said.id],
    ["act", row.act, said.act],
    ["decline", row.decline, said.decline],
    ["point", row.point, said.point],
    ["merchant", row.merchant, said.merchant],
    ["amount", row.amount, only?.amount ?? null],
    ["from_book", row.from_book, only?.from ?? null],
    ["to_book", row.to_book, only?.to ?? null]
  ]
  const breaks: Array<Break> = []
  for (const [column, stored, other] of columns) {
    if (textOf(stored) === textOf(other)) continue
    breaks.push({ _tag: "ColumnDiffers", ...place, column, stored: textOf(stored), said: textOf(other) })
  }
  for (const { account } of transfers) {
    const [stored, other] = [textOf(account), textOf(row.number)]
    if (stored !== other) {
      breaks.push({ _tag: "ColumnDiffers", ...place, column: "transfer.account", stored, said: other })
    }
  }
  return [...breaks, ...transferBreaks(place, transfers, said.transfers.length > 1 ? said.transfers : [])]
}

/** Whose line it is by what it says; a line of nobody says nothing of it. */
const ownerOf = (
  { account }: Row,
  { answer, command: { subject } }: Pick<AccountStore.Entry, "answer" | "command">
): string | null => {
  if (answer._tag === "Approved") return answer.account
  return account !== null && subject._tag === "Account" ? subject.account : account
}

const textOf = (value: unknown): string | null => value === null ? null : String(value)

/** The transfers of a line that stand in rows of their own, against those that its events say. */
export const transferBreaks = (
  place: Place,
  stored: ReadonlyArray<PostingRow>,
  said: ReadonlyArray<Moved>
): ReadonlyArray<Break> => {
  const breaks: Array<Break> = []
  const seen = new Set<number>()
  for (const { amount, from_book: from, ordinal, to_book: to } of stored) {
    const moved: Moved = { from, to, amount: Number(amount) }
    const other = seen.has(ordinal) ? undefined : said[ordinal]
    seen.add(ordinal)
    if (other !== undefined && isSame(moved, other)) continue
    const what = other === undefined ? null : plain(other)
    breaks.push({ _tag: "TransferDiffers", ...place, ordinal, stored: moved, said: what })
  }
  for (const [ordinal, other] of said.entries()) {
    if (seen.has(ordinal)) continue
    breaks.push({ _tag: "TransferDiffers", ...place, ordinal, stored: null, said: plain(other) })
  }
  return breaks
}

const isSame = (one: Moved, other: Moved): boolean =>
  one.from === other.from && one.to === other.to && one.amount === other.amount

const plain = ({ amount, from, to }: Moved): Moved => ({ from, to, amount })
