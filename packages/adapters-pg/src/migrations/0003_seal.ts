/**
 * Seals over the journals 封签: each is a digest over the lines of a stretch and over the seal before it, so that whoever
 * changes, adds or removes a line that was sealed has to write all seals anew from there, and the newest one, kept elsewhere,
 * shows it.
 *
 * No payment writes here: `Seals` does, when it is asked to.
 */
import { onlyGrows } from "./0001_ledger.ts"

/** The statements, one by one. */
export const seal = (schema: string): ReadonlyArray<string> => {
  const table = `"${schema}".seal`
  const columns = {
    number: "grows by one: all seals are one chain",
    journal: "of which journal",
    from_line: "the first number of the stretch: one above the last of the seal before it on this journal",
    to_line: "the last number of the stretch; every line up to it was there",
    lines: "how many lines the stretch has",
    previous: "the digest of the seal before; none for the first",
    digest: "SHA-256 over the digest before, the stretch, and every column of every line in it",
    sealed_at: "clock of the database; decides nothing"
  }
  return [
    `CREATE TABLE ${table} (
      number bigint PRIMARY KEY CONSTRAINT seal_number_begins_at_1 CHECK (number > 0),
      journal text COLLATE "C" NOT NULL CONSTRAINT seal_is_of_a_journal CHECK (journal IN ('journal', 'subject_journal')),
      from_line bigint NOT NULL,
      to_line bigint NOT NULL,
      lines bigint NOT NULL CONSTRAINT seal_has_lines CHECK (lines > 0),
      previous bytea CONSTRAINT seal_previous_is_sha256 CHECK (octet_length(previous) = 32),
      digest bytea NOT NULL CONSTRAINT seal_digest_is_sha256 CHECK (octet_length(digest) = 32),
      sealed_at timestamptz NOT NULL DEFAULT now(),
      CONSTRAINT seal_goes_forward CHECK (from_line <= to_line),
      CONSTRAINT seal_follows_another CHECK ((number = 1) = (previous IS NULL))
    )`,
    onlyGrows(schema, "seal"),
    `COMMENT ON TABLE ${table} IS '封签: a chain of digests over the lines of the journals, written outside of payments.'`,
    ...Object.entries(columns).map(([column, told]) => `COMMENT ON COLUMN ${table}."${column}" IS '${told}'`)
  ]
}
