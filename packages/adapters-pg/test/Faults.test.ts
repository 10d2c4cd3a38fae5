// What an operator is told, by the code that PostgreSQL or the network gave.
import { Effect, Exit } from "effect"
import {
  ConnectionError,
  ConstraintError,
  DeadlockError,
  SerializationError,
  SqlError,
  UnknownError
} from "effect/sql/SqlError"
import { describe, expect, it } from "vitest"
import { Faults } from "../src/index.ts"

const reasons = { ConnectionError, ConstraintError, DeadlockError, SerializationError, UnknownError }
type Reason = keyof typeof reasons

const error = (code: string, reason: Reason = "UnknownError", message = "Key (number)=(2024010203) exists") => {
  const cause = Object.assign(new Error(message), { code, detail: message, constraint: "some_key" })
  return new SqlError({ reason: new reasons[reason]({ cause, message, operation: "query" }) })
}

describe("faults", () => {
  const cases: ReadonlyArray<readonly [code: string, tag: string, what: string, reason?: Reason]> = [
    ["ECONNREFUSED", "StoreUnavailable", "nobody listens", "ConnectionError"],
    ["08006", "StoreUnavailable", "the connection broke", "ConnectionError"],
    ["57P01", "StoreUnavailable", "an operator ended the session"],
    ["57P03", "StoreUnavailable", "the server is starting"],
    ["25P03", "StoreUnavailable", "a time limit of idle transactions ended the session"],
    ["53300", "StoreUnavailable", "too many clients: nothing is full but the waiting room"],
    ["40P01", "StoreUnavailable", "a deadlock that came again and again", "DeadlockError"],
    ["40001", "StoreUnavailable", "a conflict that came again and again", "SerializationError"],
    ["53100", "StoreFull", "the disk is full"],
    ["53200", "StoreFull", "memory is full"],
    ["25006", "StoreFull", "the database may only be read"],
    ["23514", "StoreBroken", "a CHECK refused what we wrote", "ConstraintError"],
    ["25P02", "StoreUnavailable", "a transaction of which an earlier statement had failed"],
    ["22P05", "StoreBroken", "a text that PostgreSQL cannot hold"],
    ["XX001", "StoreBroken", "the data are damaged"],
    ["28P01", "StoreBroken", "the password is wrong"],
    ["3D000", "StoreBroken", "there is no such database"],
    ["ENOTFOUND", "StoreUnavailable", "a name server may be away", "ConnectionError"],
    ["08P01", "StoreUnavailable", "a pooler whose server is away", "ConnectionError"],
    ["CERT_HAS_EXPIRED", "StoreBroken", "waiting renews no certificate", "ConnectionError"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "StoreBroken", "nor its name", "ConnectionError"],
    ["26000", "StoreBroken", "a pooler took the session with our statement"]
  ]
  for (const [code, tag, what, reason] of cases) {
    it(`${code} is ${tag}: ${what}`, () => {
      const fault = Faults.fromSqlError("transact")(error(code, reason))
      expect(fault._tag).toBe(tag)
      expect(fault.operation).toBe("transact")
      expect(String(fault.cause)).toContain(code)
    })
  }

  const problems: ReadonlyArray<readonly [code: string, cause: RegExp, remedy: RegExp]> = [
    ["ECONNREFUSED", /nobody listens/, /start the server/],
    ["57P03", /starting or stopping/, /by itself/],
    ["53300", /no more clients/, /max_connections/],
    ["57014", /statement_timeout/, /raise it/],
    ["53100", /disk of the database is full/, /make room/],
    ["25006", /may only be read/, /name the one that writes/],
    ["28P01", /does not let this user in/, /right user and password/],
    ["3D000", /no database of this name/, /create it/],
    ["42501", /lacks the right/, /grant/],
    ["42P01", /missing/, /restore the schema/],
    ["22021", /can not hold/, /send the command without it/],
    ["XX001", /damaged/, /restore a backup/],
    ["EAI_AGAIN", /can not be looked up now/, /name server/],
    ["SELF_SIGNED_CERT_IN_CHAIN", /is not trusted here/, /NODE_EXTRA_CA_CERTS/],
    ["CERT_HAS_EXPIRED", /does not count today/, /renew it/],
    ["ERR_TLS_CERT_ALTNAME_INVALID", /for another host/, /connect by the name/],
    ["08P01", /no PostgreSQL, or something on the way/, /log of the pooler/],
    ["26000", /a pooler gives each transaction another session/, /prepare: false/],
    ["42P05", /a pooler gives each transaction another session/, /max_prepared_statements/]
  ]
  for (const [code, cause, remedy] of problems) {
    it(`D24 ${code}: its message names the cause and the remedy, in our words`, () => {
      const { message } = Faults.fromSqlError("transact")(error(code))
      expect(message).toMatch(cause)
      expect(message).toMatch(remedy)
      expect(message).not.toContain("2024010203")
    })
  }

  const words: ReadonlyArray<readonly [what: string, code: string, message: string, problem: RegExp]> = [
    ["a parameter that a pooler does not know", "08P01", "unsupported startup parameter: jit", /with `pooled: true`/],
    [
      "a statement of another session, prepared with other parameters",
      "08P01",
      "bind message supplies 1 parameters, but prepared statement \"s1\" requires 2",
      /prepare: false/
    ],
    ["a standby that goes on", "40001", "terminating connection due to conflict with recovery", /hot_standby_feedback/],
    ["two that wrote the same", "40001", "could not serialize access due to concurrent update", /in the way again/]
  ]
  for (const [what, code, message, problem] of words) {
    it(`${code} has several causes: ${what}`, () =>
      expect(Faults.fromSqlError("read")(error(code, "UnknownError", message)).message).toMatch(problem))
  }

  it("a standby that goes on is known by its place in the server too, for its words may be of any language", () => {
    for (const routine of ["ProcessInterrupts", "ProcessRecoveryConflictInterrupt"]) {
      const cause = Object.assign(new Error("由于与恢复冲突而终止连接"), { code: "40001", routine })
      const conflict = new SqlError({
        reason: new SerializationError({ cause, message: "failed", operation: "query" })
      })
      expect(Faults.fromSqlError("check the store")(conflict).message).toContain("hot_standby_feedback = on")
    }
  })

  it("what is refused before it begins, and what came too late, tell the remedy in `problem`, and once", () => {
    const refused = Faults.refused("read the options", "`page` is a whole number, 1 or more")
    expect(refused.message).toContain("(read the options): `page` is a whole number, 1 or more")
    expect(String(refused.cause)).not.toContain("page")
    expect(Faults.late("find").message).toMatch(/did not answer in time: see whether it hangs/)
  })

  it("a session that can not be had is nobody's in particular: a batch is not cut in halves for it", () => {
    const cases = [["28P01", "UnknownError"], ["3D000", "UnknownError"], ["26000", "UnknownError"]] as const
    for (const [code, reason] of cases) {
      expect(Faults.mayBeOfOne(Faults.fromSqlError("transact")(error(code, reason)))).toBe(false)
    }
    const pooler = error("08P01", "ConnectionError", "unsupported startup parameter: plan_cache_mode")
    expect(Faults.mayBeOfOne(Faults.fromSqlError("transact")(pooler))).toBe(false)
    expect(Faults.mayBeOfOne(Faults.fromSqlError("transact")(error("23514", "ConstraintError")))).toBe(true)
  })

  it("a code that tells nothing adds nothing", () => {
    const fault = Faults.fromSqlError("transact")(error("P0001"))
    expect(fault.message).toBe(
      "The store refused this or gave something that can not be (transact); nothing was written"
    )
  })

  it("D24 an error that quotes data is told by code and constraint only", () => {
    const fault = Faults.fromSqlError("enrol a person")(error("23505", "ConstraintError"))
    expect(String(fault.cause)).toBe("Error: ConstraintError 23505 some_key")
    expect(JSON.stringify(fault) + String(fault.cause) + fault.message).not.toContain("2024010203")
  })

  it("an error about the server keeps its message", () => {
    const full = error("53100", "UnknownError", "could not extend file: No space left on device")
    expect(String(Faults.fromSqlError("transact")(full).cause)).toContain("No space left on device")
  })

  it("a new session that has no room for its cache met a full disk, and no internal error", () => {
    const full = Faults.fromSqlError("connect")(error("XX000", "UnknownError", "could not write init file"))
    expect(full).toMatchObject({ _tag: "StoreFull", problem: expect.stringContaining("make room") })
    const other = Faults.fromSqlError("connect")(error("XX000", "UnknownError", "cache lookup failed for type 0"))
    expect(other._tag).toBe("StoreBroken")
  })

  it("a rollback that dies with its session is the failure behind it", async () => {
    const lost = error("08006", "ConnectionError")
    const dying = Faults.lostSession(Effect.ensuring(Effect.fail(error("57P01")), Effect.die(lost)))
    expect(await Effect.runPromise(Effect.flip(dying))).toBeInstanceOf(SqlError)
    const other = await Effect.runPromiseExit(Faults.lostSession(Effect.die("a defect of ours")))
    expect(Exit.hasDies(other)).toBe(true)
  })
})
