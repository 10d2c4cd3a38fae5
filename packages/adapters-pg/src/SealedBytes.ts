/**
 * The bytes of lines under a seal 封签原文, and their digest: every column of a row in a fixed order, each with its length before
 * it, so that no two rows have the same bytes. The database writes each value as text in a way that no setting of a session
 * changes.
 */
import { createHash, type Hash } from "node:crypto"
import type { Journal } from "./Horizon.ts"

const text = (...columns: ReadonlyArray<string>): ReadonlyArray<string> => columns.map((column) => `${column}::text`)
const hex = (column: string): string => `encode(${column}, 'hex')`

/** The columns of a line. A column that a later migration adds needs seals of another version. */
const columns: Readonly<Record<Journal, ReadonlyArray<string>>> = {
  journal: [
    ...text("sequence", "account", "received_at", "amount"),
    "(day - date '1970-01-01')::text",
    ...text("shape", "caller", "command_id"),
    hex("fingerprint"),
    ...text("act", "decline", "point", "merchant", "from_book", "to_book", "profile", "line")
  ],
  subject_journal: [
    ...text("sequence", "kind", "subject", "caller", "command_id"),
    hex("fingerprint"),
    ...text("received_at", "profile", "command", "answer"),
    "(extract(epoch FROM recorded_at) * 1000000)::bigint::text"
  ]
}

/** What is selected of a line: its values as one array of texts. */
export const selected = (journal: Journal): string => `sequence, ARRAY[${columns[journal].join(", ")}] AS fields`

/** A row as `selected` gives it. */
export interface Row {
  readonly sequence: bigint
  readonly fields: ReadonlyArray<string | null>
}

/** The stretch that a seal is of. */
export interface Stretch {
  readonly number: bigint
  readonly journal: Journal
  readonly from: bigint
  readonly previous: Uint8Array | null
}

/** A digest that grows line by line. */
export interface Digest {
  readonly add: (row: Row) => void
  /** How many lines were added. */
  readonly lines: () => number
  /** The digest of the stretch up to `to`. */
  readonly end: (to: bigint) => Uint8Array
}

const nothing = 0xff_ff_ff_ff

const put = (hash: Hash, value: string | Uint8Array | null): void => {
  const bytes = typeof value === "string" ? Buffer.from(value, "utf8") : value
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes === null ? nothing : bytes.length)
  hash.update(length)
  if (bytes !== null) hash.update(bytes)
}

/** The digest of a stretch, before its first line. */
export const digest = ({ from, journal, number, previous }: Stretch): Digest => {
  const hash = createHash("sha256")
  for (const value of ["yikatong seal 1", `${number}`, journal, `${from}`]) put(hash, value)
  put(hash, previous)
  let lines = 0
  return {
    add: ({ fields }) => {
      lines++
      put(hash, "line")
      for (const field of fields) put(hash, field)
    },
    lines: () => lines,
    end: (to) => {
      for (const value of ["end", `${to}`, `${lines}`]) put(hash, value)
      return hash.digest()
    }
  }
}
