/**
 * Who is told what the journal says, and how far each has come (`PgOutbox`, `Webhook`). The journal itself is the outbox:
 * nothing is written twice, and a payment writes nothing here.
 *
 * `subscriber` has one row for each name: a place in the journal and the lease of whoever reads on from there. `held_back` has
 * one row for each account whose message a webhook could not deliver, and none for the messages that wait behind it: those
 * are the lines of that account in the journal, up to `until`.
 */

/** The statements, one by one. */
export const outbox = (schema: string): ReadonlyArray<string> => {
  const table = (name: string): string => `"${schema}"."${name}"`
  const comment = (name: string, text: string, columns: Readonly<Record<string, string>>): ReadonlyArray<string> => [
    `COMMENT ON TABLE ${table(name)} IS '${text}'`,
    ...Object.entries(columns).map(([column, told]) => `COMMENT ON COLUMN ${table(name)}."${column}" IS '${told}'`)
  ]
  return [
    // Changed often and in place: room on the page, and no index over what changes.
    `CREATE TABLE ${table("subscriber")} (
      name text COLLATE "C" PRIMARY KEY,
      position bigint NOT NULL,
      holder text COLLATE "C",
      held_until timestamptz,
      begun_at timestamptz NOT NULL DEFAULT now(),
      moved_at timestamptz NOT NULL DEFAULT now(),
      CONSTRAINT subscriber_is_held_for_a_time CHECK ((holder IS NULL) = (held_until IS NULL))
    ) WITH (fillfactor = 20)`,
    `CREATE TABLE ${table("held_back")} (
      subscriber text COLLATE "C" NOT NULL REFERENCES ${table("subscriber")} ON DELETE CASCADE,
      account text COLLATE "C" NOT NULL,
      next bigint NOT NULL,
      until bigint NOT NULL,
      attempts integer NOT NULL CONSTRAINT held_back_was_tried CHECK (attempts >= 0),
      reason text NOT NULL,
      status smallint,
      since timestamptz NOT NULL DEFAULT now(),
      due timestamptz,
      PRIMARY KEY (subscriber, account),
      CONSTRAINT held_back_ends_later CHECK (until >= next)
    )`,
    `CREATE INDEX held_back_due ON ${table("held_back")} (subscriber, due)`,
    ...comment("subscriber", "订阅者: how far each subscriber has come in the journal, and who reads for it now.", {
      name: "the name of the subscriber",
      position: "the last line of the journal that it is done with",
      holder: "the reader that has the lease; drawn at random",
      held_until: "when the lease ends, by the clock of the database, unless its holder prolongs it",
      begun_at: "when the name was first seen",
      moved_at: "when position was last moved"
    }),
    ...comment("held_back", "待重发: accounts of which a webhook could not deliver a message; their later ones wait.", {
      subscriber: "the webhook",
      account: "the account",
      next: "the line of the journal that is to be delivered next",
      until: "the last line of the account that waits",
      attempts: "how often the line in next was tried in vain",
      reason: "class of the last failure, never what the endpoint said",
      status: "HTTP status of the last failure, if there was one",
      since: "when the line in next first failed",
      due: "when it is tried next; none in a dead letter 死信, which waits for a person"
    })
  ]
}
