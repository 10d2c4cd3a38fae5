/**
 * What is wrong with a database and what helps 故障说明, in words for the person who meets it: by the code of the error, and where
 * there is none, or it says too little, by the words of the client, of a pooler or of the server. No word of theirs is
 * repeated here, so no data.
 */

const noSchema =
  "a table or function of the campus is missing: open the store as the owner of the schema, which completes it, " +
  "or restore the schema from a backup"
const nobody = "nobody listens at this address: start the server, or mend host and port"
const noAnswer = "the network does not answer: see whether the server can be reached from this machine"
const ended = "the server ended the session, by a restart, an operator or a time limit of idle sessions"
const noServer =
  "what answers there is no PostgreSQL, or something on the way breaks off: mend host and port, and see the " +
  "log of the pooler or proxy if there is one"
const mute =
  "something takes connections there and says nothing: mend host and port, or see whether the server hangs or " +
  "has too much to do"
const noTls =
  "TLS was asked for, and the server has none: set ssl = on there, or connect without it where nobody else " +
  "can listen (a socket, the same machine)"
const noTrust = "the certificate of the server is not trusted here: give the client the certificate of who issued it " +
  "(ssl: { ca }, or NODE_EXTRA_CA_CERTS)"
const expired =
  "the certificate of the server does not count today: see its dates and the clock of this machine, and renew it"
const notPooled =
  "a pooler is between, and does not take what is asked of a session: open the campus with `pooled: true`, and " +
  "give a client of your own no startup parameters"
const notOurs =
  "a prepared statement was lost or met again, as where a pooler gives each transaction another session: give " +
  "the client `prepare: false`, or let the pooler prepare (PgBouncer 1.21 with max_prepared_statements)"
const inTheWay = "other transactions were in the way again and again"
const behind = "the standby had to go on with what its primary has done, and this reading was in the way: set " +
  "hot_standby_feedback = on at the standby, or max_standby_streaming_delay to as long as it takes, and read again"
const noEntry = "the server does not let this user in: give the right user and password, and see its pg_hba.conf"
const damaged = "the database is damaged: stop, keep its files as they are, and restore a backup or promote a standby"
const noText = "a text has a character that PostgreSQL can not hold, such as NUL: send the command without it"

/** By SQLSTATE, or by Node's code of a failed socket or certificate. */
const ofCode: Readonly<Record<string, string>> = {
  ECONNREFUSED: nobody,
  ENOENT: nobody,
  ENOTFOUND: "there is no host of this name: mend the address",
  EAI_AGAIN: "the name of the host can not be looked up now: see the network and the name server of this machine",
  ETIMEDOUT: noAnswer,
  EHOSTUNREACH: noAnswer,
  ENETUNREACH: noAnswer,
  ECONNRESET: ended,
  EPIPE: ended,
  DEPTH_ZERO_SELF_SIGNED_CERT: noTrust,
  SELF_SIGNED_CERT_IN_CHAIN: noTrust,
  UNABLE_TO_GET_ISSUER_CERT: noTrust,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: noTrust,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: noTrust,
  CERT_UNTRUSTED: noTrust,
  CERT_HAS_EXPIRED: expired,
  CERT_NOT_YET_VALID: expired,
  ERR_TLS_CERT_ALTNAME_INVALID:
    "the certificate of the server is for another host: connect by the name that stands in it, or give it one for this name",
  "08006": ended,
  "08P01": noServer,
  "26000": notOurs,
  "42P05": notOurs,
  "57P01": ended,
  "57P02": ended,
  "57P05": ended,
  "25P03": ended,
  "25P04": ended,
  "57P03": "the server is starting or stopping: it will take payments again by itself, or see its log",
  "53300":
    "the server takes no more clients: raise its max_connections, or use a pooler, fewer processes or fewer lanes",
  "57014": "a statement took longer than statement_timeout allows, or was cancelled: raise it for this role " +
    "(ALTER ROLE name SET statement_timeout), or see what keeps the server busy",
  "55P03": "another session holds a lock for too long: pg_stat_activity and pg_blocking_pids() tell which",
  "40001": inTheWay,
  "40P01": inTheWay,
  "53100": "the disk of the database is full: make room there, and payments go on by themselves",
  "53200": "the server has no memory left: see its settings and what else runs there",
  "25006": "the server may only be read, as a standby or by default_transaction_read_only: name the one that writes",
  "28000": noEntry,
  "28P01": noEntry,
  "3D000": "there is no database of this name: create it, or name another one",
  "42501":
    "this role lacks the right to it: let the owner of the schema open the store once after each new release, and grant " +
    "the role its rights on tables and sequences",
  "3F000": noSchema,
  "42P01": noSchema,
  "42703": noSchema,
  "42883": noSchema,
  "22021": noText,
  "22P05":
    "a text has a character that the database can not hold: create the database with ENCODING 'UTF8', or send the " +
    "command without it",
  "25P02": "an earlier statement of this transaction had failed or ran out of time: the server's log has it",
  "58030": "the server can not read or write its files: see its log and its disks",
  XX001: damaged,
  XX002: damaged
}

/** What is known of an error. `said`: the words of the server, and of the client about it; `routine`: where in the server. */
export interface Signs {
  readonly code: string
  readonly said: string
  readonly routine: string
}

/**
 * What the code alone does not tell, in the words of PgBouncer, which has one code for all, and of `@effect/sql-pg`. What a
 * standby says may be in any language, so the place in the server tells as well: elsewhere a session is not interrupted with
 * this code.
 */
const ofWords: ReadonlyArray<readonly [problem: string, isIt: (signs: Signs) => boolean]> = [
  [notPooled, ({ said }) => said.includes("unsupported startup parameter")],
  [notOurs, ({ code, said }) => code === "08P01" && said.includes("prepared statement")],
  [
    behind,
    ({ code, routine, said }) =>
      code === "40001" &&
      (/ProcessInterrupts|RecoveryConflict/.test(routine) || said.includes("conflict with recovery"))
  ],
  [noTls, ({ said }) => said.includes("PgConnection: Server refused TLS")],
  [mute, ({ said }) => said.includes("PgConnection: Connection timed out")],
  [
    noServer,
    ({ said }) =>
      /PgConnection: (Invalid SSLRequest response|Failed to parse server response|Protocol desync)/.test(said)
  ],
  [
    noEntry,
    ({ said }) => /PgConnection: (No password configured|Only SCRAM|Unsupported authentication|SCRAM )/.test(said)
  ],
  [ended, ({ code, said }) => code === "" && /PgConnection: Connection closed/.test(said)]
]

/** What is wrong, if the signs tell. */
export const of = (signs: Signs): string | undefined =>
  ofWords.find(([, isIt]) => isIt(signs))?.[0] ?? (Object.hasOwn(ofCode, signs.code) ? ofCode[signs.code] : undefined)

const lasting = new Set([notPooled, noTls, noTrust, expired, ofCode["ERR_TLS_CERT_ALTNAME_INVALID"]])

/** Whether this does not go away by itself: somebody has to change how the server is reached. */
export const isLasting = (problem: string | undefined): boolean => lasting.has(problem)

/** The database has not answered in the time that was allowed. */
export const late = "the database did not answer in time: see whether it hangs, waits for a lock or a standby (" +
  "pg_stat_activity), or has more to read than this time allows"
