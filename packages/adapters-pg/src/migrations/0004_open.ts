/**
 * Which subjects are open is found by an index 未了结的业务主体: whoever leads them on looks every few seconds, and pays for
 * those, not for every order that there ever was.
 *
 * `ended` is the version at which a subject had ended. One whose version has gone on since is open, and so is one of which
 * nothing was said: a process of the release before, which does not know the column, can hide nothing. Who reads asks the
 * decider once more. The index begins with an expression of its own, since the planner would take the primary key for the
 * order and the filter, and read all.
 *
 * What it locks: `subject` alone, against everybody, from here to the end of the migration. The column is added without a
 * rewrite; then the orders and attempts that ended are written once and the table is read once for the index: about a second
 * for each 100,000 of them on a small server. Payments by card go on meanwhile; recharges and the rest of the subjects wait,
 * and are told `StoreUnavailable` where they wait for longer than their time, to be sent again.
 * Until autovacuum has been there, the index has the versions of before too, and a look takes some 20 milliseconds.
 */

/** The states in which they end, as this migration finds them; later ones are said by those who write them. */
export const ends = {
  paymentAttempt: ["Closed", "Kept", "Returned", "SeenTo"],
  rechargeOrder: ["Credited", "Expired", "Refunded", "Reversed", "Written"]
} as const

/** The id of a subject that is open, and nothing for one that has ended, as the index has it. */
export const openId = "(CASE WHEN ended IS DISTINCT FROM version THEN id END)"

/** The statements, one by one. */
export const open = (schema: string): ReadonlyArray<string> => {
  const table = `"${schema}".subject`
  return [
    `ALTER TABLE ${table} ADD COLUMN ended bigint`,
    ...Object.entries(ends).map(([kind, states]) =>
      `UPDATE ${table} SET ended = version
        WHERE kind = '${kind}' AND state ->> '_tag' IN (${states.map((state) => `'${state}'`).join(", ")})`
    ),
    `CREATE INDEX subject_open ON ${table} (kind, ${openId}) WHERE ${openId} IS NOT NULL`,
    // Without statistics the planner may still read the whole kind and sort.
    `ANALYZE ${table}`,
    `COMMENT ON COLUMN ${table}.ended IS 'the version at which it had ended; it is open where version is another one'`
  ]
}
