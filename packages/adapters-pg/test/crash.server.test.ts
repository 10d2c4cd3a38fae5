// I3, D18: whatever dies and wherever, the same command sent again has one effect and one answer.
import { AccountStore, type Answer, Books, type Command, Profiles, SubjectStore } from "@yikatong/core"
import { AccountStoreLaws } from "@yikatong/core/testing"
import { Context, Effect, Fiber, Layer, Option, type Scope, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { describe, expect, it } from "vitest"
import { PgAccountStore, PgSubjectStore } from "../src/index.ts"
import { client, freshSchema, store, subjects } from "./clients.ts"
import { account } from "./commands.ts"
import { faultyWire } from "./faultyWire.ts"
import { batch, batches, merchant } from "./vouchers.ts"

type Store = AccountStore.AccountStore["Service"]
const run = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>) => Effect.runPromise(Effect.scoped(effect))

const booksAgree = (store: Store) =>
  Effect.gen(function*() {
    const report = yield* Effect.provideService(Books.check(), AccountStore.AccountStore, store)
    expect(report.breaks).toEqual([])
  })

/** Sends a command until it is answered; `between` two tries the world may mend. */
const insist = (store: Store, command: Command.Envelope, between: Effect.Effect<void>) =>
  insistOn(store.transact(command), between)

const insistOn = <A, E extends { readonly _tag: string }>(sending: Effect.Effect<A, E>, between: Effect.Effect<void>) =>
  Effect.gen(function*() {
    for (let tries = 0; tries < 200; tries++) {
      const answer = yield* Effect.catch(
        Effect.asSome(sending),
        (error) => error._tag === "StoreUnavailable" ? Effect.as(between, Option.none<A>()) : Effect.fail(error)
      )
      if (Option.isSome(answer)) {
        return answer.value
      }
    }
    return yield* Effect.die(new Error("no answer after 200 tries"))
  })

describe("crashes", () => {
  for (const mode of ["lost", "unanswered"] as const) {
    it(`the wire breaks at the n-th message, for every n, and that message is ${mode}`, () =>
      run(Effect.gen(function*() {
        const schema = freshSchema()
        const healthy = yield* store({ schema })
        const wire = faultyWire()
        const victim = yield* store({ schema, client: { stream: wire.stream } })
        let faults = 0
        for (let at = 1;; at++) {
          const { card, funded, pay, say, subject } = account(`${mode}-${at}`)
          const tap = {
            ...say("canteen-1", pay(300).body as never),
            subject: { _tag: "Card", card }
          } as Command.Envelope
          const life = [...funded(1_000), pay(300), tap, pay(5_000)]
          wire.fail(at, mode)
          const answers: Array<Answer.Answer> = []
          for (const command of life) {
            answers.push(
              yield* insist(
                victim,
                command,
                Effect.sync(() => {
                  faults++
                  wire.mend()
                })
              )
            )
          }
          expect(answers.map(({ _tag }) => _tag)).toEqual([...Array.from({ length: 6 }, () => "Approved"), "Declined"])
          expect(Option.getOrThrow(yield* healthy.find(subject)).pockets.transit).toBe(400)
          for (const [at, command] of life.entries()) expect(yield* healthy.transact(command)).toEqual(answers[at])
          // Beyond the last message of a life nothing is left to break.
          if (wire.sent() < at) break
        }
        // Two round trips a command.
        expect(faults).toBeGreaterThanOrEqual(14)
        yield* booksAgree(healthy)
      })))
  }

  for (const mode of ["lost", "unanswered"] as const) {
    it(`D21 the same for another subject, whose n-th message is ${mode}`, () =>
      run(Effect.gen(function*() {
        const schema = freshSchema()
        const healthy = yield* subjects({ schema })
        const wire = faultyWire()
        const victim = yield* subjects({ schema, client: { stream: wire.stream } })
        let faults = 0
        let redeemed = 0
        const mended = Effect.sync(() => {
          faults++
          wire.mend()
        })
        for (let at = 1;; at++) {
          const { issue, redeem } = batch(`${mode}-${at}`)
          const life = [redeem(1), issue(10), redeem(3), redeem(8), redeem(0), redeem(4)]
          wire.fail(at, mode)
          const answers: Array<SubjectStore.Answer<unknown>> = []
          for (const command of life) answers.push(yield* insistOn(victim.transact(batches, command), mended))
          expect(answers.map(({ _tag }) => _tag)).toEqual(
            ["Declined", "Approved", "Approved", "Declined", "Approved", "Approved"]
          )
          redeemed += 7
          expect(Option.getOrThrow(yield* healthy.find(batches, `${mode}-${at}`)).left).toBe(3)
          for (const [at, command] of life.entries()) {
            expect(yield* healthy.transact(batches, command)).toEqual(answers[at])
          }
          expect(yield* Stream.runCount(healthy.journal(batches, `${mode}-${at}`))).toBe(life.length)
          if (wire.sent() < at) break
        }
        expect(faults).toBeGreaterThan(30)
        expect((yield* healthy.balances).get(merchant)).toBe(redeemed)
      })))
  }

  it("D21 what was told of a subject stays, also where the caller rolls a transaction of its own back", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      const context = yield* Layer.build(
        PgSubjectStore.layer({ schema }).pipe(
          Layer.provideMerge(client()),
          Layer.provide(Profiles.Profiles.layer(AccountStoreLaws.profiles))
        )
      )
      const [sql, store] = [Context.get(context, SqlClient.SqlClient), Context.get(context, SubjectStore.SubjectStore)]
      const { issue } = batch("own-transaction")
      const own = Effect.andThen(store.transact(batches, issue(10)), Effect.fail("rolled back" as const))
      expect(yield* Effect.flip(sql.withTransaction(own))).toBe("rolled back")
      expect(Option.getOrThrow(yield* store.find(batches, "own-transaction")).left).toBe(10)
    })))

  it("I3 a retired key stays so, also where the caller rolls a transaction of its own back", () =>
    run(Effect.gen(function*() {
      const context = yield* Layer.build(
        PgAccountStore.layer({ schema: freshSchema() }).pipe(
          Layer.provideMerge(client()),
          Layer.provide(Profiles.Profiles.layer(AccountStoreLaws.profiles))
        )
      )
      const [sql, store] = [Context.get(context, SqlClient.SqlClient), Context.get(context, AccountStore.AccountStore)]
      const command = account("own-transaction").pay(100)
      const own = Effect.andThen(store.retire(command), Effect.fail("rolled back" as const))
      expect(yield* Effect.flip(sql.withTransaction(own))).toBe("rolled back")
      expect(yield* Effect.flip(store.transact(command))).toMatchObject({ _tag: "CommandIdReused" })
    })))

  it("backends are terminated at random under load, and every payment happens once", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      const applicationName = schema
      const one = yield* store({ schema, client: { applicationName } })
      const other = yield* store({ schema, client: { applicationName } })
      const people = Array.from({ length: 10 }, (_, at) => account(`terminated-${at}`))
      yield* Effect.forEach(people, ({ funded }) => Effect.forEach(funded(10_000), one.transact), { concurrency: 10 })

      let terminated = 0
      const killer = Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        for (;;) {
          const rows = yield* sql`
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE application_name = ${applicationName} ORDER BY random() LIMIT 1`
          terminated += rows.length
          yield* Effect.sleep("30 millis")
        }
      }).pipe(Effect.provide(client()))
      const killing = yield* Effect.forkChild(killer)

      const commands = Array.from({ length: 40 }).flatMap(() => people.map(({ pay }) => pay(100)))
      const answers = yield* Effect.forEach(
        commands,
        (command, at) => insist(at % 2 === 0 ? one : other, command, Effect.sleep("5 millis")),
        { concurrency: 40 }
      )
      yield* Fiber.interrupt(killing)
      expect(terminated).toBeGreaterThan(0)
      expect(answers.every(({ _tag }) => _tag === "Approved")).toBe(true)
      for (const { subject } of people) {
        expect(Option.getOrThrow(yield* one.find(subject)).pockets.transit).toBe(6_000)
      }
      for (const [at, command] of commands.entries()) {
        if (at % 20 === 0) expect(yield* other.transact(command)).toEqual(answers[at])
      }
      yield* booksAgree(one)
    })))
})
