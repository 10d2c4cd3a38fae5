/**
 * What a failure of the database means to the campus: it can not be reached, it is full or may only be read, or it is
 * broken.
 *
 * PostgreSQL quotes the offending value in its messages ("Key (number)=(...) already exists"). A fault repeats its
 * message only for the classes of errors that speak of the server and not of data, and names everything else by
 * SQLSTATE and constraint.
 */
import { Fault, Flaw } from "@yikatong/core"
import { Cause, Effect, type Schema } from "effect"
import { isSqlError, type SqlError } from "effect/sql/SqlError"
import * as Problems from "./Problems.ts"

/** What PostgreSQL's error fields, or Node's errors of a socket, add to an error. */
interface Fields {
  readonly code?: unknown
  readonly constraint?: unknown
  readonly message?: unknown
  readonly routine?: unknown
}

const fieldsOf = ({ reason }: SqlError): Fields =>
  typeof reason.cause === "object" && reason.cause !== null ? reason.cause : {}

/** The SQLSTATE that the server gave, or Node's code of a failed socket. */
export const codeOf = (error: SqlError): string => {
  const { code, message } = fieldsOf(error)
  if (code === internal && message === noRoomToBegin) return diskFull
  return typeof code === "string" ? code : ""
}
const diskFull = "53100"
/** A new session keeps a cache in a file; where the disk has no room for it, PostgreSQL calls that an internal error. */
const internal = "XX000"
const noRoomToBegin = "could not write init file"

/**
 * 08 connection, 53 resources, 57 operator, 55 state of an object, 40 rollback, 25 transaction, 28 login: nothing of
 * ours is quoted there.
 */
const isAboutServer = /^(08|25|28|40|53|55|57|E[A-Z]+$)/

/** An error without data of ours: safe to log. `code`: its SQLSTATE, or Node's code of a failed socket. */
class Stripped extends Error {
  readonly code: string
  constructor(message: string, code: string) {
    super(message)
    this.code = code
  }
}

const withoutData = (error: SqlError): Stripped => {
  const { constraint, message } = fieldsOf(error)
  const code = codeOf(error)
  const told = (isAboutServer.test(code) || error.reason._tag === "ConnectionError") && typeof message === "string"
  const parts = [error.reason._tag, code, ...(typeof constraint === "string" ? [constraint] : [])]
  return new Stripped(`${parts.filter((part) => part !== "").join(" ")}${told ? `: ${message}` : ""}`, code)
}

/** What is wrong, and what helps, if the error tells. */
const problemOf = (error: SqlError): string | undefined => {
  const { message, routine } = fieldsOf(error)
  const said = [error.reason.message, message].filter((part) => typeof part === "string").join(" ")
  return Problems.of({ code: codeOf(error), said, routine: typeof routine === "string" ? routine : "" })
}

/** The session ended under us, or never began: the network, a restart, an operator, a time limit, too many clients. */
const isUnreachable = (error: SqlError): boolean =>
  error.reason._tag === "ConnectionError" || /^(08|57P|53300|25P0[34])/.test(codeOf(error))

/** Another transaction was in the way: it is over now, or will be soon. */
const isContention = ({ reason }: SqlError): boolean =>
  reason._tag === "DeadlockError" || reason._tag === "SerializationError" || reason._tag === "LockTimeoutError"

/** A statement before it had failed, and was sent again by the client on its own account. */
const isOfAborted = (error: SqlError): boolean => codeOf(error) === aborted
const aborted = "25P02"

/**
 * Whether the same transaction may well succeed at once: after contention, after another one had inserted the same row
 * first, and where a session was lost that had been opened before. A server that refuses new sessions is not asked
 * again and again.
 * @internal
 */
export const isTransient = (error: SqlError): boolean =>
  isContention(error) || error.reason._tag === "UniqueViolation" || isOfAborted(error) ||
  (isUnreachable(error) && error.reason.operation !== "connect")

/**
 * Somebody else held a lock for too long.
 * @internal
 */
export const isLockTimeout = (error: SqlError): boolean => codeOf(error) === lockTimeout
const lockTimeout = "55P03"

/**
 * Whether a batch may have failed because of one of its commands: for what it would write, or for an account that somebody
 * else holds. What is missing in the database is missing for all of them, and so is a session.
 * @internal
 */
export const mayBeOfOne = (fault: Fault.StoreFault): boolean => {
  const code = codeIn(fault)
  if (fault._tag === "StoreUnavailable") return code === lockTimeout || code === aborted
  return fault._tag === "StoreBroken" && !Problems.isLasting(fault.problem) && !ofAll.test(code)
}
const ofAll = /^(42P01|42P05|42501|42703|42883|26000|3D000|3F000|08...|0A000|28...|58...|XX...)$/

/**
 * Whether it failed because somebody else holds an account.
 * @internal
 */
export const isHeld = (fault: Fault.StoreFault): boolean => codeIn(fault) === lockTimeout

const codeIn = (fault: Fault.StoreFault): string =>
  "cause" in fault && fault.cause instanceof Stripped ? fault.cause.code : ""

/** The fault that an error of the database is. */
export const fromSqlError = (operation: string) => (error: SqlError): Fault.StoreFault => {
  const problem = problemOf(error)
  const because = { operation, cause: withoutData(error), ...(problem === undefined ? {} : { problem }) }
  if (Problems.isLasting(problem)) return new Fault.StoreBroken(because)
  if (
    isUnreachable(error) || isContention(error) || isOfAborted(error) || error.reason._tag === "StatementTimeoutError"
  ) {
    return new Fault.StoreUnavailable(because)
  }
  return /^(53|25006$)/.test(codeOf(error)) ? new Fault.StoreFull(because) : new Fault.StoreBroken(because)
}

/**
 * What was asked for is refused before anything is done. `problem` says what is wrong and what would be right.
 * @internal
 */
export const refused = (operation: string, problem: string): Fault.StoreBroken =>
  new Fault.StoreBroken({ operation, problem, cause: new Error("refused before anything was done") })

/**
 * The time that was allowed is over; what was begun may yet be done.
 * @internal
 */
export const late = (operation: string): Fault.StoreUnavailable =>
  new Fault.StoreUnavailable({ operation, problem: Problems.late, cause: new Error("no answer") })

/**
 * It was closed by its own program.
 * @internal
 */
export const closed = (operation: string, what: string): Fault.StoreUnavailable =>
  new Fault.StoreUnavailable({
    operation,
    problem: `${what} was closed by this program: open it anew, and send the same command again`,
    cause: new Error("closed")
  })

/**
 * A stored value that its schema refuses. It names the places, never the values.
 * @internal
 */
export const undecodable = (what: string, error: Schema.SchemaError): Fault.StoreBroken =>
  new Fault.StoreBroken({
    operation: `read ${what}`,
    cause: new Error(Flaw.told(Flaw.of(error)))
  })

/**
 * Where a session dies within a transaction, its rollback fails too, and the client reports that as a defect: gives
 * back the error behind it.
 * @internal
 */
export const lostSession = <A, E, R>(self: Effect.Effect<A, E | SqlError, R>): Effect.Effect<A, E | SqlError, R> =>
  Effect.catchCause(self, (cause) => {
    const defect = cause.reasons.filter(Cause.isDieReason).map((reason) => reason.defect).find(isSqlError)
    if (defect === undefined) return Effect.failCause(cause)
    const failure = cause.reasons.filter(Cause.isFailReason).map((reason) => reason.error).find(isSqlError)
    return Effect.fail(failure ?? defect)
  })
