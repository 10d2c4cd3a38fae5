// Who waits for whom, one step at a time: another session holds a lock, and the store's next step is looked at.
import { type AccountStore, Id, type SubjectStore } from "@yikatong/core"
import { Context, Deferred, Effect, Exit, Fiber, Layer, Scope, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { PgPasswordVault } from "../src/index.ts"
import { client, freshSchema, store, subjects } from "./clients.ts"
import { account } from "./commands.ts"
import { batch, batches, kind } from "./vouchers.ts"

const scope = Scope.makeUnsafe()
const schema = freshSchema()
const table = (name: string) => `"${schema}"."${name}"`
let one: AccountStore.AccountStore["Service"]
let others: SubjectStore.SubjectStore["Service"]
let sql: SqlClient.SqlClient

beforeAll(() =>
  Effect.runPromise(Scope.provide(
    Effect.gen(function*() {
      // One lane: what its batches wait for is looked at one by one.
      one = yield* store({ schema, lanes: 1, client: { applicationName: schema } })
      others = yield* subjects({ schema, client: { applicationName: schema } })
      sql = Context.get(yield* Layer.build(client()), SqlClient.SqlClient)
    }),
    scope
  ))
)
afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

const run = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>) => Effect.runPromise(Effect.scoped(effect))

/** Another session does this, and holds what it has locked until it is let go. */
const holding = (statement: string) =>
  Effect.gen(function*() {
    const held = yield* Deferred.make<void>()
    const release = yield* Deferred.make<void>()
    const session = yield* Effect.forkChild(sql.withTransaction(
      sql.unsafe(statement).pipe(
        Effect.andThen(Deferred.succeed(held, undefined)),
        Effect.andThen(Deferred.await(release))
      )
    ))
    yield* Effect.raceFirst(Deferred.await(held), Fiber.join(session))
    return { letGo: Effect.andThen(Deferred.succeed(release, undefined), Fiber.join(session)) }
  })

/** The statement with which the store waits for a lock, as soon as it does. */
const waiting = Effect.gen(function*() {
  for (;;) {
    const [row] = yield* sql<{ readonly query: string }>`
      SELECT query FROM pg_stat_activity WHERE application_name = ${schema} AND wait_event_type = 'Lock'`
    if (row !== undefined) return row.query
    yield* Effect.sleep("5 millis")
  }
}).pipe(Effect.timeout("10 seconds"))

/** Until a reader has looked who is writing, at least twice: it waits for somebody. */
const looking = (reader: string) =>
  Effect.gen(function*() {
    const seen = new Set<number>()
    while (seen.size < 2) {
      const [row] = yield* sql<{ readonly at: number }>`
        SELECT extract(epoch FROM query_start)::float8 AS at FROM pg_stat_activity
        WHERE application_name = ${reader} AND query LIKE '%pg_locks%'`
      if (row !== undefined) seen.add(row.at)
      yield* Effect.sleep("2 millis")
    }
  }).pipe(Effect.timeout("10 seconds"))

/** Whether an account's row is locked. */
const isLocked = (id: string) =>
  Effect.map(
    sql.unsafe(`SELECT 1 FROM ${table("account")} WHERE id = '${id}' FOR UPDATE SKIP LOCKED`),
    (rows) => rows.length === 0
  )
const lockOf = (id: string) => `SELECT 1 FROM ${table("account")} WHERE id = '${id}' FOR UPDATE`

const fund = (name: string) => {
  const person = account(name)
  return Effect.as(Effect.forEach(person.funded(1_000), one.transact), person)
}

describe("locks", () => {
  it("a batch holds the account before it decides: it decides on what was there after the wait", () =>
    run(Effect.gen(function*() {
      const { id, pay } = yield* fund("waits")
      const { letGo } = yield* holding(
        `UPDATE ${table("account")} SET version = version + 1, transit = 5 WHERE id = '${id}'`
      )
      const paying = yield* Effect.forkChild(one.transact(pay(900)))
      expect(yield* waiting).toContain("FOR UPDATE")
      yield* letGo
      expect(yield* Fiber.join(paying)).toMatchObject({ decline: { _tag: "InsufficientWallet" } })
    })))

  it("a batch locks its accounts in the order of their ids, whatever the order of its commands", () =>
    run(Effect.gen(function*() {
      const [plug, a, b, c] = [yield* fund("plug"), yield* fund("lock-a"), yield* fund("lock-b"), yield* fund("lock-c")]
      const { letGo: unplug } = yield* holding(lockOf(plug.id))
      const first = yield* Effect.forkChild(one.transact(plug.pay(1)))
      yield* waiting
      // These queue while the first batch waits, and become the second.
      const rest = yield* Effect.forEach(
        [c, b, a],
        ({ pay }) => Effect.forkChild(one.transact(pay(1)), { startImmediately: true })
      )
      const { letGo } = yield* holding(lockOf(b.id))
      yield* unplug
      yield* Fiber.join(first)
      yield* waiting
      expect(yield* Effect.all([isLocked(a.id), isLocked(b.id), isLocked(c.id)])).toEqual([true, true, false])
      yield* letGo
      for (const answer of yield* Effect.forEach(rest, Fiber.join)) expect(answer._tag).toBe("Approved")
    })))

  it("two lanes write at once: an account that is held keeps only the commands of its own lane waiting", () =>
    run(Effect.gen(function*() {
      const two = yield* store({ schema, lanes: 2 })
      // The last characters of an id choose the lane.
      const [held, free] = [yield* fund("lane-0"), yield* fund("lane-1")]
      const { letGo } = yield* holding(lockOf(held.id))
      const waits = yield* Effect.forkChild(two.transact(held.pay(1)), { startImmediately: true })
      const answers = yield* Effect.forEach(Array.from({ length: 5 }), () => two.transact(free.pay(1)))
      expect(answers.map(({ _tag }) => _tag)).toEqual(Array.from({ length: 5 }, () => "Approved"))
      expect(waits.pollUnsafe()).toBeUndefined()
      yield* letGo
      expect((yield* Fiber.join(waits))._tag).toBe("Approved")
    })))

  it("the journal of all waits for lines that have a number and are not there yet, and lets others pay meanwhile", () =>
    run(Effect.gen(function*() {
      const { id, pay } = yield* fund("late")
      const reader = yield* store({ schema, client: { applicationName: `${schema}_reader` } })
      // Another process has numbered its line, and is not done.
      const { letGo } = yield* holding(
        `WITH line AS (
           INSERT INTO ${table("journal")} (sequence, account, received_at, day, shape, caller, command_id, fingerprint,
             act, decline, point, profile, line)
           SELECT nextval('${
          table("line_number")
        }'), account, received_at, day, shape, caller, 'late-line', fingerprint,
             act, 'UnknownAccount', point, profile, json_build_object(
               'command', (line::jsonb -> 'command') || '{"id":"late-line"}', 'events', json_build_array(),
               'answer', json '{"_tag":"Declined","decline":{"_tag":"UnknownAccount"}}')::text
           FROM ${table("journal")} AS journal
           WHERE act = 'IssueCard' AND account = (SELECT number FROM ${table("account")} WHERE id = '${id}')
           RETURNING caller, command_id, sequence
         ) INSERT INTO ${
          table("answered")
        } (caller, command_id, sequence) SELECT caller, command_id, sequence FROM line`
      )
      const punctual = yield* fund("punctual")
      const reading = yield* Effect.forkChild(Stream.runCollect(reader.journal()), { startImmediately: true })
      yield* looking(`${schema}_reader`)
      // Whoever writes does not notice that somebody reads.
      const meanwhile = yield* Effect.forEach(Array.from({ length: 20 }), () => one.transact(punctual.pay(1)))
      expect(meanwhile.every(({ _tag }) => _tag === "Approved")).toBe(true)
      expect(reading.pollUnsafe()).toBeUndefined()
      yield* letGo
      const lines = yield* Fiber.join(reading)
      const ids: ReadonlyArray<string> = lines.map(({ command }) => command.id)
      expect(ids).toContain("late-line")
      // The lines that came while it waited have higher numbers, and are left to the next reading.
      const at = ids.indexOf("late-line")
      expect(lines.slice(at + 1).filter(({ account }) => account === punctual.id)).toHaveLength(4)
      const next = yield* Stream.runCollect(reader.journal({ after: lines.at(-1)?.sequence ?? 0 }))
      expect(next.map(({ account }) => account)).toEqual(Array.from({ length: 20 }, () => punctual.id))
      expect(yield* Stream.runCount(reader.journal())).toBe(lines.length + 20)
      expect((yield* one.transact(pay(1)))._tag).toBe("Approved")
    })))

  it("an account that somebody holds fails alone: its neighbours in the batch are answered", () =>
    run(Effect.gen(function*() {
      const held = yield* fund("held-alone")
      const neighbours = yield* Effect.forEach(["n-1", "n-2", "n-3", "n-4"], fund)
      const few = yield* store({ schema, lanes: 1, timeout: "800 millis" })
      const { letGo } = yield* holding(lockOf(held.id))
      const paying = yield* Effect.forEach(
        [neighbours[0], neighbours[1], held, neighbours[2], neighbours[3]],
        (one) => Effect.forkChild(Effect.result(few.transact(one?.pay(1) as never)), { startImmediately: true })
      )
      const told = yield* Effect.forEach(paying, Fiber.join)
      expect(told.map((one) => one._tag === "Success" ? one.success._tag : one.failure._tag)).toEqual(
        ["Approved", "Approved", "StoreUnavailable", "Approved", "Approved"]
      )
      yield* letGo
      expect((yield* few.transact(held.pay(1)))._tag).toBe("Approved")
    })))

  it("an account that an operator holds keeps its 127 neighbours waiting once, and hardly after that", () =>
    run(Effect.gen(function*() {
      const one = yield* store({ schema, lanes: 1 })
      const held = yield* fund("held-long")
      const neighbours = yield* Effect.forEach(Array.from({ length: 127 }, (_, n) => `crowd-${n}`), fund, {
        concurrency: 64
      })
      const { letGo } = yield* holding(lockOf(held.id))
      /** All of them pay at once; what they are told, and how long the last of the neighbours waited, in seconds. */
      const pay = Effect.gen(function*() {
        const begun = performance.now()
        const paying = yield* Effect.forkChild(Effect.result(one.transact(held.pay(1))), { startImmediately: true })
        const answers = yield* Effect.forEach(neighbours, ({ pay }) => one.transact(pay(1)), {
          concurrency: "unbounded"
        })
        const seconds = (performance.now() - begun) / 1_000
        return { answers: new Set(answers.map(({ _tag }) => _tag)), seconds, held: yield* Fiber.join(paying) }
      })
      const first = yield* pay
      expect(first.answers).toEqual(new Set(["Approved"]))
      expect(first.held).toMatchObject({ _tag: "Failure", failure: { _tag: "StoreUnavailable" } })
      // A second for the batch and little for its parts; it was thirteen when each part waited as long again.
      expect(first.seconds).toBeLessThan(6)
      const again = yield* pay
      expect(again.held._tag).toBe("Failure")
      // Nobody waits a second for it any more.
      expect(again.seconds).toBeLessThan(first.seconds)
      yield* letGo
      expect((yield* pay).held).toMatchObject({ _tag: "Success", success: { _tag: "Approved" } })
    })))

  it("a crowd of commands for one held account keeps its neighbours no longer than one does", () =>
    run(Effect.gen(function*() {
      const one = yield* store({ schema, lanes: 1 })
      const [held, neighbour] = [yield* fund("held-crowd"), yield* fund("beside-crowd")]
      const { letGo } = yield* holding(lockOf(held.id))
      for (const _ of [1, 2]) {
        const begun = performance.now()
        const crowd = yield* Effect.forEach(
          Array.from({ length: 128 }),
          () => Effect.forkChild(Effect.result(one.transact(held.pay(1))), { startImmediately: true })
        )
        expect((yield* one.transact(neighbour.pay(1)))._tag).toBe("Approved")
        // It was fourteen when each of the crowd was tried.
        expect((performance.now() - begun) / 1_000).toBeLessThan(6)
        const told = yield* Effect.forEach(crowd, Fiber.join)
        expect(new Set(told.map(({ _tag }) => _tag))).toEqual(new Set(["Failure"]))
      }
      yield* letGo
      expect((yield* one.transact(held.pay(1)))._tag).toBe("Approved")
    })))

  it("D20 a handle that leads to no account is nobody's, and fails no neighbour", () =>
    run(Effect.gen(function*() {
      const neighbour = yield* fund("handled")
      const handle = { kind: "number" as const, value: "ghost-1" }
      yield* one.bind(handle, Id.AccountId.make("ghost"))
      const lost = { ...neighbour.pay(1), subject: { _tag: "Handle" as const, handle } }
      const answers = yield* Effect.forEach([lost, neighbour.pay(1)], one.transact, { concurrency: "unbounded" })
      expect(answers.map(({ _tag }) => _tag)).toEqual(["Declined", "Approved"])
      expect(answers[0]).toMatchObject({ decline: { _tag: "UnknownHandle" } })
    })))

  it("a lock that never comes is given up, and the callers are told StoreUnavailable", () =>
    run(Effect.gen(function*() {
      const { id, pay } = yield* fund("stuck")
      const hasty = yield* store({ schema, timeout: "200 millis" })
      const { letGo } = yield* holding(lockOf(id))
      const command = pay(1)
      expect((yield* Effect.flip(hasty.transact(command)))._tag).toBe("StoreUnavailable")
      yield* letGo
      expect((yield* hasty.transact(command))._tag).toBe("Approved")
    })))
})

describe("the vault of passwords (D15)", () => {
  it("a hash that can not be kept in time is told as VaultFailed, and is kept by the next try", () =>
    run(Effect.gen(function*() {
      const vault = yield* Effect.provide(
        PgPasswordVault.make({ schema, timeout: "200 millis" }),
        yield* Layer.build(client())
      )
      const { letGo } = yield* holding(`INSERT INTO ${table("credential")} (id, hash) VALUES ('c/held', 'x')`)
      const fault = yield* Effect.flip(vault.keep(Id.CredentialId.make("c/held"), "hash"))
      expect(fault).toMatchObject({ _tag: "VaultFailed", cause: { _tag: "StoreUnavailable" } })
      yield* letGo
      expect(yield* vault.keep(Id.CredentialId.make("c/held"), "hash")).toBe(false)
      expect(yield* vault.keep(Id.CredentialId.make("c/free"), "hash")).toBe(true)
    })))
})

describe("locks of other subjects (D21)", () => {
  const lockOf = (subject: string) => `SELECT 1 FROM ${table("subject")} WHERE id = '${subject}' FOR UPDATE`

  it("a command holds its subject before it decides: it decides on what was there after the wait", () =>
    run(Effect.gen(function*() {
      const { issue, redeem } = batch("waits")
      yield* others.transact(batches, issue(10))
      const { letGo } = yield* holding(
        `UPDATE ${
          table("subject")
        } SET version = version + 1, state = jsonb_set(state, '{left}', '5') WHERE id = 'waits'`
      )
      const redeeming = yield* Effect.forkChild(others.transact(batches, redeem(6)))
      expect(yield* waiting).toContain("FOR UPDATE")
      yield* letGo
      expect(yield* Fiber.join(redeeming)).toMatchObject({ decline: { _tag: "InsufficientWallet" } })
    })))

  it("a command to a subject that is about to come to be waits for it", () =>
    run(Effect.gen(function*() {
      const { redeem } = batch("about")
      // Another process has let it come, and is not done.
      const { letGo } = yield* holding(
        `WITH held AS (SELECT pg_advisory_xact_lock(hashtextextended('yikatong ${schema} ${kind} about', 0)) AS done)
         INSERT INTO ${table("subject")} (kind, id, version, state)
         SELECT '${kind}', 'about', 1, state FROM held, ${table("subject")} WHERE id = 'waits'`
      )
      const redeeming = yield* Effect.forkChild(others.transact(batches, redeem(5)))
      expect(yield* waiting).toContain("pg_advisory_xact_lock")
      yield* letGo
      expect((yield* Fiber.join(redeeming))._tag).toBe("Approved")
    })))

  it("a subject that is locked keeps no other one waiting", () =>
    run(Effect.gen(function*() {
      yield* others.transact(batches, batch("held").issue(10))
      const { letGo } = yield* holding(lockOf("held"))
      expect((yield* others.transact(batches, batch("free").issue(10)))._tag).toBe("Approved")
      yield* letGo
    })))

  it("the journal of a kind waits for lines that have a number and are not there yet", () =>
    run(Effect.gen(function*() {
      yield* others.transact(batches, batch("late").issue(10))
      const { letGo } = yield* holding(
        `INSERT INTO ${table("subject_journal")}
           (kind, subject, caller, command_id, fingerprint, received_at, profile, command, answer)
         SELECT kind, subject, caller, 'late-line', fingerprint, received_at, profile, command,
           '{"_tag":"Declined","decline":{"_tag":"UnknownAccount"}}'
         FROM ${table("subject_journal")} WHERE subject = 'late' LIMIT 1`
      )
      yield* others.transact(batches, batch("punctual").issue(10))
      const reader = yield* subjects({ schema, client: { applicationName: `${schema}_kind` } })
      const reading = yield* Effect.forkChild(Stream.runCollect(reader.journal(batches)), { startImmediately: true })
      yield* looking(`${schema}_kind`)
      expect((yield* others.transact(batches, batch("meanwhile").issue(10)))._tag).toBe("Approved")
      expect(reading.pollUnsafe()).toBeUndefined()
      yield* letGo
      expect((yield* Fiber.join(reading)).map(({ id }) => id)).toContain("late-line")
    })))

  it("a lock that never comes is given up, and the caller is told StoreUnavailable", () =>
    run(Effect.gen(function*() {
      const { issue, redeem } = batch("stuck")
      yield* others.transact(batches, issue(10))
      const hasty = yield* subjects({ schema, timeout: "200 millis" })
      const { letGo } = yield* holding(lockOf("stuck"))
      const command = redeem(1)
      expect((yield* Effect.flip(hasty.transact(batches, command)))._tag).toBe("StoreUnavailable")
      yield* letGo
      expect((yield* hasty.transact(batches, command))._tag).toBe("Approved")
    })))
})
