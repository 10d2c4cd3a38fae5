/**
 * What a batch says to PostgreSQL 批语句: few statements, the same for one command and for a thousand, so each is prepared once.
 * Every column travels as one array.
 *
 * All that a batch writes is one statement: the number which a line gets need not travel back and forth, and no part of it
 * could ever be there without the rest, whatever becomes of the transaction around it.
 */
import * as AccountRow from "./AccountRow.ts"
import * as CampusSchema from "./CampusSchema.ts"
import * as JournalRow from "./JournalRow.ts"

const rowColumns = `id, version, ${AccountRow.pockets.join(", ")}, counters, standing`
const rowTypes = (first: number): string =>
  ["text", "bigint", ...AccountRow.pockets.map(() => "bigint"), "text", "text"]
    .map((type, at) => `$${first + at}::${type}[]`).join(", ")

/** The statements for the tables of a schema. */
export const of = (schema: string) => {
  const { account, answered, card, handle, journal, transfer } = CampusSchema.names(schema)
  const pockets = AccountRow.pockets
  const byCard = `SELECT account FROM ${card} WHERE id = ANY($2::text[])`
  const lock = (ids: string) =>
    `SELECT ${AccountRow.columns} FROM ${account} WHERE id = ANY($1::text[] || ARRAY(${ids})) ORDER BY id FOR UPDATE`
  const asked = (first: number, ...columns: ReadonlyArray<string>) =>
    `unnest(${columns.map((_, at) => `$${first + at}::text[]`).join(", ")}) AS asked (${columns.join(", ")})`
  // The locks make it sure already that nobody came between; should they ever not, a version of null writes nothing. Keys are
  // inserted in their order, so that two batches never wait for each other's.
  const write = (opening = "") => `
    WITH ${opening}line AS (
      INSERT INTO ${journal} (account, received_at, amount, day, caller, command_id, fingerprint, act, decline, point,
        merchant, from_book, to_book, profile, line, shape)
      SELECT account, received_at, amount, date '1970-01-01' + day, caller, command_id, fingerprint, act, decline,
        point, merchant, from_book, to_book, profile, line, $1::smallint
      FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::int[], $6::text[], $7::text[], $8::bytea[], $9::text[],
        $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[])
        AS said (account, received_at, amount, day, caller, command_id, fingerprint, act, decline, point, merchant,
          from_book, to_book, profile, line)
      RETURNING sequence, caller, command_id
    ), key AS (
      INSERT INTO ${answered} (caller, command_id, sequence)
      SELECT caller, command_id, sequence FROM line ORDER BY caller, command_id
    ), moved AS (
      INSERT INTO ${transfer} (sequence, ordinal, account, from_book, to_book, amount)
      SELECT sequence, ordinal, account, from_book, to_book, amount
      FROM unnest($17::text[], $18::text[], $19::int[], $20::bigint[], $21::text[], $22::text[], $23::bigint[])
        AS several (caller, command_id, ordinal, account, from_book, to_book, amount)
      JOIN line USING (caller, command_id)
    )
    UPDATE ${account} AS account SET
      version = CASE WHEN account.version = changed.before THEN changed.version END, shape = $1::smallint,
      ${pockets.map((pocket) => `${pocket} = changed.${pocket}`).join(", ")},
      counters = changed.counters, standing = coalesce(changed.standing::json, account.standing)
    FROM unnest($24::bigint[], ${rowTypes(25)}) AS changed (before, ${rowColumns})
    WHERE account.id = changed.id`
  return {
    lock: lock(byCard),
    lockByHandle: lock(
      `${byCard} UNION ALL SELECT account FROM ${asked(3, "kind", "value")} JOIN ${handle} USING (kind, value)`
    ),
    // One that is bound to no account that there is leads to nobody.
    handles: `SELECT kind, value, account.id AS account FROM ${asked(1, "kind", "value")}
      JOIN ${handle} AS handle USING (kind, value) JOIN ${account} AS account ON account.id = handle.account`,
    cards: `SELECT id, account FROM ${card} WHERE id = ANY($1::text[])`,
    answered: `SELECT caller, command_id, sequence FROM ${asked(1, "caller", "command_id")} JOIN ${answered}
      USING (caller, command_id)`,
    lines: `SELECT ${JournalRow.columns} FROM ${journal} AS line LEFT JOIN ${account} AS account
      ON account.number = line.account WHERE line.sequence = ANY($1::bigint[])`,
    numbers:
      `SELECT nextval(pg_get_serial_sequence('${account}', 'number')) AS number FROM generate_series(1, $1::int)`,
    write: write(),
    writeOpening: write(`
      opened AS (
        INSERT INTO ${account} (number, ${rowColumns}, shape)
        SELECT number, id, version, ${pockets.join(", ")}, counters, standing::json, $1::smallint
        FROM unnest($36::bigint[], ${rowTypes(37)}) AS opened (number, ${rowColumns}) ORDER BY id
      ), issued AS (
        INSERT INTO ${card} (id, account)
        SELECT * FROM unnest($48::text[], $49::text[]) AS issued (id, account) ORDER BY id
      ), `)
  }
}
