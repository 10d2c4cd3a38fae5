/**
 * What is wrong with a database and what helps 故障说明, in words for the person who meets it, by the code of the error. No word
 * of the server's own stands here, so no data.
 */

const noSchema =
  "a table or function of the campus is missing: open the store as the owner of the schema, which completes it, " +
  "or restore the schema from a backup"
const nobody = "nobody listens at this address: start the server, or mend host and port"
const noAnswer = "the network does not answer: see whether the server can be reached from this machine"
const ended = "the server ended the session, by a restart, an operator or a time limit of idle sessions"
const noEntry = "the server does not let this user in: give the right user and password, and see its pg_hba.conf"
const damaged = "the database is damaged: stop, keep its files as they are, and restore a backup or promote a standby"
const noText = "a text has a character that PostgreSQL can not hold, such as NUL: send the command without it"

/** By SQLSTATE, or by Node's code of a failed socket. */
const problems: Readonly<Record<string, string>> = {
  ECONNREFUSED: nobody,
  ENOENT: nobody,
  ENOTFOUND: "there is no host of this name: mend the address",
  ETIMEDOUT: noAnswer,
  EHOSTUNREACH: noAnswer,
  ENETUNREACH: noAnswer,
  ECONNRESET: ended,
  EPIPE: ended,
  "08006": ended,
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
  "40001": "other transactions were in the way again and again",
  "40P01": "other transactions were in the way again and again",
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
  "22P05": noText,
  "58030": "the server can not read or write its files: see its log and its disks",
  XX001: damaged,
  XX002: damaged
}

/** What is wrong, if the code tells. */
export const of = (code: string): string | undefined => problems[code]
