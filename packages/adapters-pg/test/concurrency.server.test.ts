// Many callers, two processes, one database.
import { AccountState, AccountStore, Books, Id } from "@yikatong/core"
import { Effect, Exit, Fiber, Option, Result, Scope, Stream } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { freshSchema, store } from "./clients.ts"
import { account } from "./commands.ts"

const scope = Scope.makeUnsafe()
const schema = freshSchema()
type Store = AccountStore.AccountStore["Service"]
let one: Store
let other: Store

beforeAll(async () => {
  ;[one, other] = await Effect.runPromise(
    Scope.provide(Effect.all([store({ schema }), store({ schema })], { concurrency: 2 }), scope)
  )
})
afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

const run = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>) => Effect.runPromise(Effect.scoped(effect))
const fund = (name: string, fen: number) => {
  const one_ = account(name)
  return Effect.as(Effect.forEach(one_.funded(fen), (command) => one.transact(command)), one_)
}
const booksAgree = Effect.gen(function*() {
  const report = yield* Effect.provideService(Books.check(), AccountStore.AccountStore, one)
  expect(report.breaks).toEqual([])
})

describe("many at once", () => {
  it("200 fibers on one account with money for 50 purchases: exactly 50 are approved", () =>
    run(Effect.gen(function*() {
      const { pay, subject } = yield* fund("fifty", 5_000)
      const answers = yield* Effect.forEach(
        Array.from({ length: 200 }, (_, at) => ({ command: pay(100), store: at % 2 === 0 ? one : other })),
        ({ command, store }) => store.transact(command),
        { concurrency: "unbounded" }
      )
      expect(answers.filter(({ _tag }) => _tag === "Approved")).toHaveLength(50)
      const state = Option.getOrThrow(yield* other.find(subject))
      expect(state.pockets.transit).toBe(0)
      yield* booksAgree
    })))

  it("D20 two processes issue one card to two accounts at once: one of them has it, however often they ask", () =>
    run(Effect.gen(function*() {
      const names = Array.from({ length: 10 }, (_, at) => `card-race-${at}`)
      const people = names.map((name) => account(name))
      yield* Effect.forEach(people, ({ open }) => one.transact(open), { concurrency: "unbounded" })
      const card = Id.CardId.make("card-race.card")
      const asks = people.map(({ issue }, at) => ({ command: issue(card), store: at % 2 === 0 ? one : other }))
      const ask = Effect.forEach(asks, ({ command, store }) => store.transact(command), { concurrency: "unbounded" })
      const first = yield* ask
      expect(first.filter(({ _tag }) => _tag === "Approved")).toHaveLength(1)
      for (const answer of first) {
        if (answer._tag === "Declined") expect(answer.decline).toEqual({ _tag: "CardTaken" })
      }
      expect(yield* ask).toEqual(first)
      yield* booksAgree
    })))

  it("two processes meet the same accounts in different orders, and nobody waits for ever", () =>
    run(Effect.gen(function*() {
      const people = yield* Effect.forEach(
        Array.from({ length: 12 }, (_, at) => `order-${at}`),
        (name) => fund(name, 10_000),
        { concurrency: "unbounded" }
      )
      const rounds = Array.from({ length: 10 }).flatMap(() => people.map(({ pay }) => [pay(10), pay(10)] as const))
      const forward = Effect.forEach(rounds, ([command]) => one.transact(command), { concurrency: "unbounded" })
      const backward = Effect.forEach(rounds.toReversed(), ([, command]) => other.transact(command), {
        concurrency: "unbounded"
      })
      const answers = (yield* Effect.all([forward, backward], { concurrency: 2 })).flat()
      expect(answers.every(({ _tag }) => _tag === "Approved")).toBe(true)
      yield* booksAgree
    })))

  it("D18 the same commands sent to both processes at once are done once each, unknown accounts included", () =>
    run(Effect.gen(function*() {
      const commands = Array.from({ length: 60 }, (_, at) => account(`nobody-${at}`).pay(100, `unknown-${at}`))
      const [here, there] = yield* Effect.all([
        Effect.forEach(commands, (command) => one.transact(command), { concurrency: "unbounded" }),
        Effect.forEach(commands.toReversed(), (command) => other.transact(command), { concurrency: "unbounded" })
      ], { concurrency: 2 })
      expect(there.toReversed()).toEqual(here)
      for (const answer of here) expect(answer).toEqual({ _tag: "Declined", decline: { _tag: "UnknownAccount" } })
    })))

  it("a command that cannot be written fails alone, and its neighbours in the batch are answered", () =>
    run(Effect.gen(function*() {
      const { pay, subject, say } = yield* fund("poison", 10_000)
      // A text with a NUL is no text to PostgreSQL.
      const poison = say("bank-app", {
        _tag: "RecordAlipayPurchase",
        reference: "x",
        amount: 1 as never,
        window: "\u0000"
      })
      const commands = [
        ...Array.from({ length: 20 }, () => pay(100)),
        poison,
        ...Array.from({ length: 20 }, () => pay(100))
      ]
      const results = yield* Effect.forEach(commands, (command) => Effect.result(one.transact(command)), {
        concurrency: "unbounded"
      })
      const failures = results.filter(Result.isFailure).map(({ failure }) => failure._tag)
      expect(failures).toEqual(["StoreBroken"])
      expect(Option.getOrThrow(yield* other.find(subject)).pockets.transit).toBe(6_000)
      yield* booksAgree
    })))

  it("a store that closes under load answers or tells every caller, and a retry elsewhere gives one effect", () =>
    run(Effect.gen(function*() {
      const { pay, subject } = yield* fund("closing", 10_000)
      const closing = yield* Scope.make()
      const short = yield* Scope.provide(store({ schema, batch: 5 }), closing)
      const commands = Array.from({ length: 100 }, () => pay(100))
      const fibers = yield* Effect.forEach(
        commands,
        (command) => Effect.forkChild(Effect.result(short.transact(command)), { startImmediately: true })
      )
      yield* Effect.sleep("15 millis")
      yield* Scope.close(closing, Exit.void)
      const results = yield* Effect.forEach(fibers, Fiber.join)
      const late = yield* Effect.result(short.transact(pay(100)))
      for (const result of [...results, late]) {
        if (Result.isFailure(result)) expect(result.failure._tag).toBe("StoreUnavailable")
      }
      expect(Result.isFailure(late)).toBe(true)
      const again = yield* Effect.forEach(commands, (command) => other.transact(command), { concurrency: "unbounded" })
      for (const [at, result] of results.entries()) {
        if (Result.isSuccess(result)) expect(again[at]).toEqual(result.success)
      }
      expect(Option.getOrThrow(yield* other.find(subject)).pockets.transit).toBe(0)
      yield* booksAgree
    })))

  it("a journal that is read while others write shows each account's lines without a gap", () =>
    run(Effect.gen(function*() {
      const people = yield* Effect.forEach(
        Array.from({ length: 6 }, (_, at) => `follow-${at}`),
        (name) => fund(name, 100_000),
        { concurrency: "unbounded" }
      )
      const writing = yield* Effect.forkChild(Effect.forEach(
        Array.from({ length: 40 }).flatMap(() => people),
        ({ pay }, at) => (at % 2 === 0 ? one : other).transact(pay(1)),
        { concurrency: 24 }
      ))
      // Every answer tells the pockets after its line: a line that was missed shows in the next one of its account.
      for (let at = 0; at < 8; at++) {
        const states = new Map<Id.AccountId, AccountState.AccountState>()
        const entries = yield* Stream.runCollect(other.journal())
        for (const { account, answer, events } of entries) {
          if (account === undefined) continue
          for (const event of events) states.set(account, AccountState.evolve(states.get(account), event))
          if (answer._tag === "Approved") expect(states.get(account)?.pockets).toEqual(answer.pockets)
        }
      }
      yield* Fiber.join(writing)
      yield* booksAgree
    })))
})
