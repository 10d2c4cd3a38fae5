/**
 * The tables of a campus. What the database itself can hold cheaply, it holds: no pocket below zero, no transfer of
 * nothing or to itself, a key answered once (D18), a card in one account (D20), and a journal that only grows.
 *
 * `journal` and `transfer` have no foreign keys: they are written with the account's row locked, in one transaction,
 * and a check of every line would cost more than the line. Ids are compared by their bytes (COLLATE "C"), the same on
 * every server.
 *
 * The other subjects (orders, terminals, merchants' days, batches) have a journal and transfers of their own: `journal`
 * is written in batches and stays as narrow as it is. The view `book` sums both: what all books hold together is 0.
 */

const pockets = ["chip", "transit", "wallet", "subsidy", "frozen", "held", "receivable"]

/** The statements, one by one: the wire protocol takes no two at once. */
export const campus = (schema: string): ReadonlyArray<string> => {
  const table = (name: string): string => `"${schema}"."${name}"`
  const comment = (
    name: string,
    text: string,
    columns: Readonly<Record<string, string>>,
    what = "TABLE"
  ): ReadonlyArray<string> => [
    `COMMENT ON ${what} ${table(name)} IS '${text}'`,
    ...Object.entries(columns).map(([column, told]) => `COMMENT ON COLUMN ${table(name)}."${column}" IS '${told}'`)
  ]
  // What an operator reads, sums and searches without opening the state.
  const pocketColumns = pockets.map((pocket) =>
    `${pocket} bigint GENERATED ALWAYS AS ((state #>> '{pockets,${pocket}}')::bigint) STORED NOT NULL
      CONSTRAINT account_${pocket}_not_negative CHECK (${pocket} >= 0)`
  )
  return [
    // Room on each page for the next version of a row, so that a payment touches no index.
    `CREATE TABLE ${table("account")} (
      id text COLLATE "C" PRIMARY KEY,
      version bigint NOT NULL,
      shape integer NOT NULL,
      state jsonb NOT NULL,
      ${pocketColumns.join(",\n")},
      CONSTRAINT account_state_is_its_own
        CHECK ((state ->> 'id' = id AND (state ->> 'version')::bigint = version) IS TRUE)
    ) WITH (fillfactor = 70)`,
    `CREATE TABLE ${table("card")} (
      id text COLLATE "C" PRIMARY KEY,
      account text COLLATE "C" NOT NULL REFERENCES ${table("account")}
    )`,
    `CREATE TABLE ${table("handle")} (
      kind text COLLATE "C" NOT NULL,
      value text COLLATE "C" NOT NULL,
      account text COLLATE "C" NOT NULL,
      PRIMARY KEY (kind, value)
    )`,
    `CREATE TABLE ${table("journal")} (
      sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      account text COLLATE "C",
      caller text COLLATE "C" NOT NULL,
      command_id text COLLATE "C" NOT NULL,
      fingerprint bytea NOT NULL CONSTRAINT journal_fingerprint_is_sha256 CHECK (octet_length(fingerprint) = 32),
      command jsonb NOT NULL,
      profile text NOT NULL,
      shape integer NOT NULL,
      events jsonb NOT NULL,
      answer jsonb NOT NULL,
      recorded_at timestamptz NOT NULL DEFAULT now(),
      CONSTRAINT journal_command_is_answered_once UNIQUE (caller, command_id)
    )`,
    `CREATE INDEX journal_of_account ON ${table("journal")} (account, sequence) WHERE account IS NOT NULL`,
    `CREATE TABLE ${table("transfer")} (
      sequence bigint NOT NULL,
      ordinal integer NOT NULL,
      from_book text COLLATE "C" NOT NULL,
      to_book text COLLATE "C" NOT NULL,
      amount bigint NOT NULL CONSTRAINT transfer_moves_something CHECK (amount > 0),
      CONSTRAINT transfer_goes_elsewhere CHECK (from_book <> to_book),
      PRIMARY KEY (sequence, ordinal)
    )`,
    `CREATE TABLE ${table("subject")} (
      kind text COLLATE "C" NOT NULL,
      id text COLLATE "C" NOT NULL,
      version bigint NOT NULL CONSTRAINT subject_has_lived CHECK (version > 0),
      state jsonb NOT NULL,
      PRIMARY KEY (kind, id)
    )`,
    `CREATE TABLE ${table("subject_journal")} (
      sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      kind text COLLATE "C" NOT NULL,
      subject text COLLATE "C" NOT NULL,
      caller text COLLATE "C" NOT NULL,
      command_id text COLLATE "C" NOT NULL,
      fingerprint bytea NOT NULL
        CONSTRAINT subject_journal_fingerprint_is_sha256 CHECK (octet_length(fingerprint) = 32),
      received_at bigint NOT NULL,
      profile text NOT NULL,
      command jsonb NOT NULL,
      answer jsonb NOT NULL,
      recorded_at timestamptz NOT NULL DEFAULT now(),
      CONSTRAINT subject_journal_command_is_answered_once UNIQUE (kind, caller, command_id)
    )`,
    `CREATE INDEX journal_of_subject ON ${table("subject_journal")} (kind, subject, sequence)`,
    `CREATE TABLE ${table("subject_transfer")} (
      sequence bigint NOT NULL,
      ordinal integer NOT NULL,
      from_book text COLLATE "C" NOT NULL,
      to_book text COLLATE "C" NOT NULL,
      amount bigint NOT NULL CONSTRAINT subject_transfer_moves_something CHECK (amount > 0),
      CONSTRAINT subject_transfer_goes_elsewhere CHECK (from_book <> to_book),
      CONSTRAINT subject_transfer_leaves_accounts_alone
        CHECK (strpos(from_book, '/') = 0 AND strpos(to_book, '/') = 0),
      PRIMARY KEY (sequence, ordinal)
    )`,
    `CREATE VIEW ${table("book")} AS
      SELECT book, sum(fen) AS fen FROM (
        SELECT to_book AS book, amount AS fen FROM ${table("transfer")}
        UNION ALL SELECT from_book, -amount FROM ${table("transfer")}
        UNION ALL SELECT to_book, amount FROM ${table("subject_transfer")}
        UNION ALL SELECT from_book, -amount FROM ${table("subject_transfer")}
      ) AS moved GROUP BY book`,
    `CREATE TABLE ${table("credential")} (
      id text COLLATE "C" PRIMARY KEY,
      hash text NOT NULL,
      kept_at timestamptz NOT NULL DEFAULT now()
    )`,
    `CREATE TABLE ${table("pepper")} (
      id text COLLATE "C" PRIMARY KEY,
      value text NOT NULL,
      kept_at timestamptz NOT NULL DEFAULT now()
    )`,
    `CREATE TABLE ${table("person")} (
      id text COLLATE "C" PRIMARY KEY,
      kind text NOT NULL,
      number text COLLATE "C" NOT NULL CONSTRAINT person_number_is_of_one UNIQUE,
      name text NOT NULL,
      document_kind text NOT NULL,
      document_number text NOT NULL
    )`,

    `CREATE FUNCTION ${table("refuse_change")}() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        RAISE EXCEPTION 'the table % only grows', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
      END
    $$`,
    ...["journal", "transfer", "subject_journal", "subject_transfer"].map((name) =>
      `CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON ${table(name)}
        FOR EACH STATEMENT EXECUTE FUNCTION ${table("refuse_change")}()`
    ),

    ...comment(
      "account",
      "校园账户: each account as its events made it. It may be thrown away and replayed from the journal.",
      {
        id: "opaque id of the account",
        version: "how many events made this state",
        shape: "version of the shape of the state",
        state: "the state from which the next command is decided; no personal data",
        ...Object.fromEntries(
          pockets.map((
            pocket
          ) => [pocket, `fen in this pocket${pocket === "receivable" ? ": the debt" : ""}, read from the state`])
        )
      }
    ),
    ...comment("card", "卡片: which account a card leads to. A card never changes its account.", {
      id: "the card as its chip names itself to a reader",
      account: "the account"
    }),
    ...comment("handle", "学工号、码的假名: what else leads to an account. It may be forgotten.", {
      kind: "number, code or alipay",
      value: "the student or staff number, or the pseudonym in a code",
      account: "the account"
    }),
    ...comment(
      "journal",
      "流水: every command with what it made happen and what its caller was told, once and for ever.",
      {
        sequence: "grows along each account; may leave gaps",
        account: "the account; none where none was found",
        caller: "who sent the command, as the host authenticated it",
        command_id: "the name that the caller gave it; known for ever",
        fingerprint: "SHA-256 of the body, by which a retry is told from another command",
        command: "the command without PIN or proof",
        profile: "version of the profile that decided",
        shape: "version of the shape of the events; 0: no command, but a key whose answer stands elsewhere",
        events: "what happened, with all transfers",
        answer: "what the caller was told; the events of an approval stand in their own column",
        recorded_at: "clock of the database at the start of the transaction; decides nothing"
      }
    ),
    ...comment("transfer", "分录: money moves only by these. What a book holds is what came in minus what went out.", {
      sequence: "the line of the journal",
      ordinal: "which transfer of that line",
      from_book: "the book that gives; own pockets carry the account before a slash",
      to_book: "the book that receives",
      amount: "fen, above zero"
    }),
    ...comment(
      "subject",
      "业务主体: each order, terminal, merchant day and batch as its events made it. It may be replayed from its journal.",
      {
        kind: "what kind of subject",
        id: "which one of its kind",
        version: "how many events made this state",
        state: "the state from which the next command is decided; no personal data"
      }
    ),
    ...comment(
      "subject_journal",
      "业务流水: every command to such a subject with what its caller was told, once and for ever.",
      {
        sequence: "grows along each subject; may leave gaps",
        kind: "what kind of subject",
        subject: "which one of its kind",
        caller: "who sent the command, as the host authenticated it",
        command_id: "the name that the caller gave it; known for ever",
        fingerprint: "SHA-256 of subject and body, by which a retry is told from another command",
        received_at: "when it arrived and was decided: milliseconds since 1970-01-01 UTC",
        profile: "version of the profile that decided",
        command: "what was asked",
        answer: "what happened, or why not",
        recorded_at: "clock of the database at the start of the transaction; decides nothing"
      }
    ),
    ...comment(
      "subject_transfer",
      "业务分录: what the events of such subjects move between books outside the accounts.",
      {
        sequence: "the line of subject_journal",
        ordinal: "which transfer of that line",
        from_book: "the book that gives",
        to_book: "the book that receives",
        amount: "fen, above zero"
      }
    ),
    ...comment(
      "book",
      "账簿: what every book holds by all transfers. The sum over all books is 0, or money was made or lost.",
      { book: "the book; pockets carry their account before a slash", fen: "fen that came in minus fen that went out" },
      "VIEW"
    ),
    ...comment("credential", "密码散列: salted and peppered, under an opaque name.", {
      id: "the name by which an account knows its password",
      hash: "algorithm, parameters, pepper id, salt and hash",
      kept_at: "clock of the database; decides nothing"
    }),
    ...comment("pepper", "胡椒核对值: tells whether the campus is opened with the keys with which it was begun.", {
      id: "the id of the key, as it stands in the hashes",
      value: "a keyed digest of a constant; the key itself is never here",
      kept_at: "clock of the database; decides nothing"
    }),
    ...comment(
      "person",
      "人员信息: all personal data of the campus. A row can be erased, and journal and books stay as they are.",
      {
        id: "opaque id of the person",
        kind: "student, staff, trainee or visitor",
        number: "student or staff number 学工号",
        name: "name 姓名",
        document_kind: "kind of identity document 证件类型",
        document_number: "its number 证件号码"
      }
    )
  ]
}
