// Up to where a journal is complete, while others write, commit in another order, or give up.
import { Context, Deferred, Effect, Exit, Fiber, Layer, Random, Scope } from "effect"
import { SqlClient } from "effect/sql"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import * as Horizon from "../src/Horizon.ts"
import { Migrations } from "../src/index.ts"
import { client, freshSchema } from "./clients.ts"

const scope = Scope.makeUnsafe()
const schema = freshSchema()
let sql: SqlClient.SqlClient

beforeAll(() =>
  Effect.runPromise(Scope.provide(
    Effect.gen(function*() {
      const context = yield* Layer.build(client({ maxConnections: 30 }))
      sql = Context.get(context, SqlClient.SqlClient)
      yield* Effect.provideContext(Migrations.migrate(schema), context)
    }),
    scope
  ))
)
afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

const run = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>) => Effect.runPromise(Effect.scoped(effect))
let made = 0

/** The statement that writes one line by hand, and how its number is drawn. */
const lines: Readonly<Record<Horizon.Journal, () => string>> = {
  journal: () =>
    `INSERT INTO "${schema}".journal (received_at, day, shape, caller, command_id, fingerprint, act, point, profile, line)
     VALUES (0, '2026-03-02', 1, 'tests', 'line-${++made}', decode(repeat('00', 16), 'hex'), 'a', 'p', 'v', '{}')
     RETURNING sequence`,
  subject_journal: () =>
    `INSERT INTO "${schema}".subject_journal
       (kind, subject, caller, command_id, fingerprint, received_at, profile, command, answer)
     VALUES ('k', 's', 'tests', 'line-${++made}', decode(repeat('00', 32), 'hex'), 0, 'v', '{}', '{}')
     RETURNING sequence`
}

for (const journal of ["journal", "subject_journal"] as const) {
  const settled = Effect.suspend(() => Horizon.settled(sql, schema, journal))
  const write = Effect.suspend(() =>
    Effect.map(sql.unsafe<{ readonly sequence: bigint }>(lines[journal]()), ([row]) => row?.sequence ?? 0n)
  )
  const below = (last: bigint) =>
    Effect.map(
      sql<{ readonly sequence: bigint }>`
        SELECT sequence FROM ${sql.literal(`"${schema}".${journal}`)} WHERE sequence <= ${last} ORDER BY sequence`,
      (rows) => rows.map(({ sequence }) => sequence)
    )

  /** Another session has written a line, and is not done until it is told to be. */
  const writing = Effect.gen(function*() {
    const numbered = yield* Deferred.make<bigint>()
    const end = yield* Deferred.make<void, "rolled back">()
    const session = yield* Effect.forkChild(sql.withTransaction(
      write.pipe(
        Effect.tap((sequence) => Deferred.succeed(numbered, sequence)),
        Effect.andThen(Deferred.await(end))
      )
    ))
    const sequence = yield* Deferred.await(numbered)
    return {
      sequence,
      commit: Effect.andThen(Deferred.succeed(end, undefined), Fiber.join(session)),
      rollBack: Effect.andThen(Deferred.fail(end, "rolled back"), Effect.flip(Fiber.join(session)))
    }
  })

  /** It is not there yet, though there was time for it to look many times. */
  const stillWaits = (fiber: Fiber.Fiber<unknown, unknown>) =>
    Effect.map(Effect.sleep("120 millis"), () => expect(fiber.pollUnsafe()).toBeUndefined())

  describe(`the horizon of ${journal}`, () => {
    it("is the last number when nobody writes", () =>
      run(Effect.gen(function*() {
        const before = yield* settled
        expect(yield* below(before)).toEqual(yield* below(BigInt(Number.MAX_SAFE_INTEGER)))
        const sequence = yield* write
        expect(sequence).toBeGreaterThan(before)
        expect(yield* settled).toBe(sequence)
      })))

    it("waits for a line that has its number and is not there yet", () =>
      run(Effect.gen(function*() {
        const { commit, sequence } = yield* writing
        const later = yield* write
        const fiber = yield* Effect.forkChild(settled)
        yield* stillWaits(fiber)
        yield* commit
        expect(yield* Fiber.join(fiber)).toBeGreaterThanOrEqual(later)
        expect(yield* below(later)).toContain(sequence)
      })))

    it("waits no longer for one that gives up: its number stays a gap", () =>
      run(Effect.gen(function*() {
        const { rollBack, sequence } = yield* writing
        const later = yield* write
        const fiber = yield* Effect.forkChild(settled)
        yield* stillWaits(fiber)
        yield* rollBack
        const last = yield* Fiber.join(fiber)
        expect(last).toBeGreaterThanOrEqual(later)
        expect(yield* below(last)).not.toContain(sequence)
      })))

    it("does not wait for those who come after it has looked, nor they for it", () =>
      run(Effect.gen(function*() {
        const first = yield* writing
        const fiber = yield* Effect.forkChild(settled)
        yield* stillWaits(fiber)
        // Begun and done while it waits.
        yield* write
        // Begun while it waits, and never done.
        const endless = yield* writing
        yield* first.commit
        const last = yield* Effect.timeout(Fiber.join(fiber), "5 seconds")
        expect(last).toBeGreaterThanOrEqual(first.sequence)
        expect(last).toBeLessThan(endless.sequence)
        yield* endless.commit
      })))

    it("passes no line: whatever commits when, nothing ever comes below a horizon that was told", () =>
      run(Effect.gen(function*() {
        const writer = Effect.gen(function*() {
          for (let at = 0; at < 15; at++) {
            const chance = yield* Random.next
            const one = Effect.andThen(write, Effect.sleep(`${Math.ceil(chance * 20)} millis`))
            yield* Effect.ignore(
              sql.withTransaction(
                chance < 0.2 ? Effect.andThen(one, Effect.fail("given up")) : Effect.andThen(one, write)
              )
            )
          }
        })
        const writers = yield* Effect.forkChild(
          Effect.all(Array.from({ length: 12 }, () => writer), { concurrency: "unbounded" })
        )
        const seen: Array<readonly [last: bigint, lines: ReadonlyArray<bigint>]> = []
        while (writers.pollUnsafe() === undefined) {
          const last = yield* settled
          seen.push([last, yield* below(last)])
        }
        yield* Fiber.join(writers)
        expect(seen.length).toBeGreaterThan(3)
        for (const [last, lines] of seen) expect(yield* below(last)).toEqual(lines)
        // It went on while they wrote, and never back.
        const horizons = seen.map(([last]) => last)
        expect(new Set(horizons).size).toBeGreaterThan(2)
        expect(horizons).toEqual([...horizons].sort((one, other) => one < other ? -1 : one > other ? 1 : 0))
      })))
  })
}
