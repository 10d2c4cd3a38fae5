// A poisonous command: one that PostgreSQL can not write. It fails alone, whatever of it is poisonous, and its neighbours are answered.
import { AccountStore, Books, type Command, type Id } from "@yikatong/core"
import { Effect, Exit, Option, Result, Scope } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { freshSchema, store } from "./clients.ts"
import { account } from "./commands.ts"

const scope = Scope.makeUnsafe()
type Store = AccountStore.AccountStore["Service"]
let one: Store
beforeAll(async () => {
  one = await Effect.runPromise(Scope.provide(store({ schema: freshSchema(), lanes: 1 }), scope))
})
afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))
const run = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>) => Effect.runPromise(Effect.scoped(effect))

/** A text with a NUL is no text to PostgreSQL; no border of ours lets one in, so it is cast. */
const nul = "a\u0000b"
const { pay: payOf } = account("poisoned")

describe("a poisonous command fails alone", () => {
  const cases: ReadonlyArray<readonly [what: string, poison: Command.Envelope]> = [
    ["its id", { ...payOf(100), id: nul as Id.CommandId }],
    ["its caller", { ...payOf(100), caller: nul as Id.CallerId }],
    ["its account", { ...payOf(100), subject: { _tag: "Account", account: nul as Id.AccountId } }],
    ["its card", { ...payOf(100), subject: { _tag: "Card", card: nul as Id.CardId } }],
    ["its point", { ...payOf(100), point: nul as Id.PointId }],
    ["a number that is none", { ...payOf(100), receivedAt: Number.NaN as Command.Envelope["receivedAt"] }],
    ["a number that is too big", { ...payOf(100), receivedAt: 1e300 as Command.Envelope["receivedAt"] }]
  ]
  for (const [at, [what, poison]] of cases.entries()) {
    it(`${what}`, () =>
      run(Effect.gen(function*() {
        const { funded, pay, subject } = account(`beside-poison-${at}`)
        yield* Effect.forEach(funded(10_000), one.transact)
        const commands = [
          ...Array.from({ length: 25 }, () => pay(100)),
          poison,
          ...Array.from({ length: 25 }, () => pay(100))
        ]
        const results = yield* Effect.forEach(commands, (command) => Effect.result(one.transact(command)), {
          concurrency: "unbounded"
        })
        for (const [at, result] of results.entries()) {
          if (commands[at] === poison) continue
          expect(result).toMatchObject({ _tag: "Success", success: { _tag: "Approved" } })
        }
        const fate = results[commands.indexOf(poison)]!
        expect(Result.isFailure(fate) ? fate.failure._tag : fate).toBe("StoreBroken")
        // D24 and no quoting: what was poisonous is not repeated.
        if (Result.isFailure(fate)) {
          expect(fate.failure.message + String("cause" in fate.failure ? fate.failure.cause : "")).not.toContain(nul)
        }
        expect(Option.getOrThrow(yield* one.find(subject)).pockets.transit).toBe(5_000)
        const { breaks } = yield* Effect.provideService(Books.check(), AccountStore.AccountStore, one)
        expect(breaks).toEqual([])
      })))
  }
})
